//! The keys of `[connector.datajson]`.

use serde::{Deserialize, Serialize};
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address of the document, such as `https://data.example.org/data.json`; or of a portal, ending with `/`.
    pub url: String,
}

/// A key whose value cannot be used, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}`: {message}")]
pub struct ConfigError {
    pub key: &'static str,
    pub message: String,
}

impl Config {
    pub(crate) fn address(&self) -> Result<Url, ConfigError> {
        let fault = |message: String| ConfigError {
            key: "url",
            message,
        };
        let mut url = Url::parse(self.url.trim()).map_err(|error| {
            fault(format!(
                "{error}; write the address of the document, such as https://data.example.org/data.json"
            ))
        })?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(fault(
                "write an address that begins with https:// or http://".to_owned(),
            ));
        }
        url.set_fragment(None);
        Ok(url)
    }
}
