//! The keys of `[connector.ckan]`.

use model::{ConfigError, Incremental, Terms, web_address};
use serde::{Deserialize, Serialize};
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The root of the portal, such as `https://trouver.datasud.fr/`, or of its API (`.../api/3/action/`); of a Data4Citizen
    /// portal the address of its search (`.../d4c/api/datasets/2.0/search/`).
    pub url: String,
    /// Records a page, 1 to 1000.
    #[serde(default = "default_page_size")]
    pub page_size: u64,
    /// Only what this search finds, in the words of Solr: `transport AND tags:bus`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Only what passes this filter of Solr, or all of these filters: `tags:inspire`, `-organization:essais`.
    #[serde(default, skip_serializing_if = "Terms::is_empty")]
    pub fq: Terms,
    /// Only what this organisation publishes, or one of these: names as they stand in the addresses of the portal.
    #[serde(default, skip_serializing_if = "Terms::is_empty")]
    pub organization: Terms,
    /// Only what this group holds, or one of these groups: names as they stand in the addresses of the portal.
    #[serde(default, skip_serializing_if = "Terms::is_empty")]
    pub group: Terms,
    /// Whether private datasets are asked for and read too. That wants a token: `[credentials]`.
    #[serde(default)]
    pub include_private: bool,
    /// Whether a crawl with a checkpoint asks only for the datasets changed since: `true`, `false`, or `"auto"`, once a crawl of
    /// everything has shown that the portal misses no change.
    #[serde(default)]
    pub incremental: Incremental,
}

fn default_page_size() -> u64 {
    100
}

/// Where the portal answers, and how it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Api {
    /// CKAN's and DKAN's action API: its root, with a slash at its end.
    Action(Url),
    /// Data4Citizen's search, which answers as CKAN's does: parameters are the last segment of its path.
    DataForCitizen(Url),
}

impl Config {
    pub(crate) fn api(&self) -> Result<Api, ConfigError> {
        let mut url = web_address(
            &self.url,
            "the portal's address, such as https://trouver.datasud.fr/",
        )?;
        url.set_query(None);
        let path = url.path().trim_end_matches('/').to_owned();
        if path.ends_with("/api/datasets/2.0/search") {
            url.set_path(&format!("{path}/"));
            return Ok(Api::DataForCitizen(url));
        }
        // The address of one action is that of the API with a name behind it.
        let root = match path.split_once("/api/") {
            Some((root, rest)) if rest.split('/').any(|step| step == "action") => root,
            _ => path.strip_suffix("/api/3").unwrap_or(&path),
        };
        url.set_path(&format!("{root}/api/3/action/"));
        Ok(Api::Action(url))
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if !(1..=1000).contains(&self.page_size) {
            return Err(ConfigError::new(
                "page_size",
                "write a number from 1 to 1000: CKAN gives no more a page",
            ));
        }
        if self.q.as_deref().is_some_and(|q| q.trim().is_empty()) {
            return Err(ConfigError::new(
                "q",
                "write a search, or leave the key out",
            ));
        }
        if self.fq.as_slice().iter().any(|fq| fq.trim().is_empty()) {
            return Err(ConfigError::new(
                "fq",
                "write a filter such as `tags:inspire`, or leave the key out",
            ));
        }
        for (key, names) in [("organization", &self.organization), ("group", &self.group)] {
            let is_name = |name: &String| {
                !name.is_empty()
                    && name
                        .chars()
                        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
            };
            if !names.as_slice().iter().all(is_name) {
                return Err(ConfigError::new(
                    key,
                    format!("write the name that stands in the address of its page, /{key}/<name>"),
                ));
            }
        }
        Ok(())
    }

    /// Whether less than the whole catalogue is wanted: only `package_search` can tell it apart.
    pub(crate) fn is_filtered(&self) -> bool {
        self.q.is_some()
            || !self.fq.is_empty()
            || !self.organization.is_empty()
            || !self.group.is_empty()
    }

    /// The filters as one query of Solr.
    pub(crate) fn filter(&self) -> Option<String> {
        let mut filters: Vec<String> = Vec::new();
        // `+` and `-` stand before a clause, which brackets would make a clause of their own.
        filters.extend(self.fq.as_slice().iter().map(|fq| fq.trim().to_owned()));
        for (field, names) in [
            ("organization", &self.organization),
            ("groups", &self.group),
        ] {
            match names.as_slice() {
                [] => {}
                [name] => filters.push(format!("+{field}:\"{name}\"")),
                names => filters.push(format!("+{field}:(\"{}\")", names.join("\" OR \""))),
            }
        }
        (!filters.is_empty()).then(|| filters.join(" "))
    }
}
