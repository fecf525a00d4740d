//! The keys of `[connector.csw]`.

use model::{ConfigError, web_address};
use serde::{Deserialize, Serialize};
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address of the service, with or without `?service=CSW&request=GetCapabilities`.
    pub url: String,
    /// Records a page, 1 to 1000.
    #[serde(default = "default_page_size")]
    pub page_size: u64,
    /// The schema to prefer where the capabilities offer several: `iso19139`, `iso19115-3`, `dcat` or `dublin-core`.
    #[serde(default)]
    pub prefer: Prefer,
    /// The `outputSchema` to ask for. If unset, what the capabilities offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<String>,
    /// The `typeNames` to ask for. If unset, what the capabilities offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_names: Option<String>,
    /// The property to sort by, ascending; empty for none. If unset, the identifier under the name that the capabilities give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_by: Option<String>,
    /// How to send GetRecords.
    #[serde(default)]
    pub binding: Binding,
    /// A condition in CQL text, such as `apiso:Type = 'dataset'`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Only records of this organisation, under the name that they give it exactly: `OrganisationName` of the ISO profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Only records of this group of GeoNetwork: the number of the group that owns them, or the name of one that they are
    /// published in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The property that `group` is compared with. If unset, that of GeoNetwork 4: `groupOwner` for a number,
    /// `groupPublished` for a name; GeoNetwork 3 calls them `_groupOwner` and `_groupPublished`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_property: Option<String>,
}

fn default_page_size() -> u64 {
    50
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Prefer {
    #[default]
    #[serde(rename = "iso19139")]
    Iso19139,
    #[serde(rename = "iso19115-3")]
    Iso19115_3,
    /// RDF/XML: DCAT, DCAT-AP or GeoDCAT-AP.
    #[serde(rename = "dcat")]
    Dcat,
    /// `csw:Record`, which every server has.
    #[serde(rename = "dublin-core")]
    DublinCore,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Binding {
    /// POST, then KVP where POST is refused.
    #[default]
    Auto,
    /// An XML document by POST.
    Post,
    /// Key-value pairs by GET.
    Kvp,
}

impl Config {
    /// The address of the service without the parameters that a request sets itself.
    pub(crate) fn endpoint(&self) -> Result<Url, ConfigError> {
        let url = web_address(
            &self.url,
            "the service's address, such as https://www.geo2france.fr/geonetwork/srv/fre/csw",
        )?;
        Ok(without_protocol_keys(url))
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if !(1..=1000).contains(&self.page_size) {
            return Err(ConfigError::new(
                "page_size",
                "write a number from 1 to 1000",
            ));
        }
        let texts = [
            ("output_schema", &self.output_schema),
            ("type_names", &self.type_names),
            ("filter", &self.filter),
            ("organisation", &self.organisation),
            ("group", &self.group),
            ("group_property", &self.group_property),
        ];
        match texts
            .into_iter()
            .find(|(_, text)| text.as_deref().is_some_and(|text| text.trim().is_empty()))
        {
            Some((key, _)) => Err(ConfigError::new(key, "write a value, or leave the key out")),
            None if self.group_property.is_some() && self.group.is_none() => Err(ConfigError::new(
                "group_property",
                "write `group` too, or leave the key out",
            )),
            None => Ok(()),
        }
    }
}

/// Drops what every request of CSW sets itself, and keeps the rest, such as pycsw's `config`.
pub(crate) fn without_protocol_keys(mut url: Url) -> Url {
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| {
            let ours = ["service", "request", "version"];
            !key.is_empty() && !ours.iter().any(|name| key.eq_ignore_ascii_case(name))
        })
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    url.set_fragment(None);
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    url
}
