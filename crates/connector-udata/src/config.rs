//! The keys of `[connector.udata]`.

use model::{ConfigError, Incremental, Terms, web_address};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::paging::Listing;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The root of the portal, such as `https://www.data.gouv.fr/`, or of its API (`.../api/1/`).
    pub url: String,
    /// Records a page, 1 to 1000.
    #[serde(default = "default_page_size")]
    pub page_size: u64,
    /// Only what this organisation publishes: its identifier of 24 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Only the datasets of this zone, such as `fr:region:32`. Data services have no zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub geozone: Option<String>,
    /// Only what carries this tag, or all of these tags.
    #[serde(default, skip_serializing_if = "Terms::is_empty")]
    pub tag: Terms,
    /// Whether to read the data services too. If unset: yes, unless `geozone` is set, since the portal cannot limit them to a zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataservices: Option<bool>,
    /// Whether a crawl with a checkpoint asks only for the datasets changed since: `true`, `false`, or `"auto"`, once a crawl of
    /// everything has shown that the portal misses no change.
    #[serde(default)]
    pub incremental: Incremental,
}

fn default_page_size() -> u64 {
    100
}

impl Config {
    /// The root of the API, with a slash at its end.
    pub(crate) fn api(&self) -> Result<Url, ConfigError> {
        let mut url = web_address(
            &self.url,
            "the portal's address, such as https://www.data.gouv.fr/",
        )?;
        url.set_query(None);
        let path = url.path().trim_end_matches('/').to_owned();
        if path.ends_with("/api/1") {
            url.set_path(&format!("{path}/"));
        } else {
            url.set_path(&format!("{path}/api/1/"));
        }
        Ok(url)
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if !(1..=1000).contains(&self.page_size) {
            return Err(ConfigError::new(
                "page_size",
                "write a number from 1 to 1000",
            ));
        }
        let is_object_id =
            |id: &str| id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if let Some(organization) = &self.organization
            && !is_object_id(organization)
        {
            return Err(ConfigError::new(
                "organization",
                "write the organisation's identifier, 24 hexadecimal digits: the portal refuses its name. `/api/1/organizations/<name>/` tells it",
            ));
        }
        if self
            .geozone
            .as_deref()
            .is_some_and(|zone| zone.trim().is_empty())
        {
            return Err(ConfigError::new(
                "geozone",
                "write a zone such as `fr:region:32`, or leave the key out",
            ));
        }
        if self.tag.as_slice().iter().any(|tag| tag.trim().is_empty()) {
            return Err(ConfigError::new("tag", "write a tag, or leave the key out"));
        }
        Ok(())
    }

    pub(crate) fn reads_dataservices(&self) -> bool {
        self.dataservices.unwrap_or(self.geozone.is_none())
    }

    /// The filters of a listing, as pairs of the query.
    pub(crate) fn filters(&self, listing: Listing) -> impl Iterator<Item = (&'static str, &str)> {
        let organization = self.organization.as_deref().map(|id| ("organization", id));
        let geozone = self
            .geozone
            .as_deref()
            .filter(|_| listing == Listing::Datasets)
            .map(|zone| ("geozone", zone));
        let tags = self.tag.as_slice().iter().map(|tag| ("tag", tag.as_str()));
        organization.into_iter().chain(geozone).chain(tags)
    }
}
