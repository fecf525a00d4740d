//! The keys of `[connector.ogc-records]`.

use model::{ConfigError, web_address};
use serde::{Deserialize, Serialize};
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The landing page, the list of collections, one collection, or its items.
    pub url: String,
    /// Only these collections, by their identifiers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collections: Vec<String>,
    /// Records a page, 1 to 1000. Servers may give fewer.
    #[serde(default = "default_page_size")]
    pub page_size: u64,
}

fn default_page_size() -> u64 {
    100
}

impl Config {
    pub(crate) fn check(&self) -> Result<Url, ConfigError> {
        if !(1..=1000).contains(&self.page_size) {
            return Err(ConfigError::new(
                "page_size",
                "write a number from 1 to 1000",
            ));
        }
        if self.collections.iter().any(|id| id.trim().is_empty()) {
            return Err(ConfigError::new(
                "collections",
                "write identifiers of collections, or leave the key out",
            ));
        }
        web_address(
            &self.url,
            "the address of the landing page, such as https://records.example.org/",
        )
    }
}
