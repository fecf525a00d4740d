//! The keys of `[connector.ogc-records]`.

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

/// A key whose value cannot be used, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}`: {message}")]
pub struct ConfigError {
    pub key: &'static str,
    pub message: String,
}

impl ConfigError {
    fn new(key: &'static str, message: impl Into<String>) -> Self {
        Self {
            key,
            message: message.into(),
        }
    }
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
        let mut url = Url::parse(self.url.trim()).map_err(|error| {
            ConfigError::new(
                "url",
                format!("{error}; write the address of the landing page, such as https://records.example.org/"),
            )
        })?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(ConfigError::new(
                "url",
                "write an address that begins with https:// or http://",
            ));
        }
        url.set_fragment(None);
        Ok(url)
    }
}
