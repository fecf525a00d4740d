//! The keys of `[connector.datajson]`.

use model::{ConfigError, web_address};
use serde::{Deserialize, Serialize};
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address of the document, such as `https://data.example.org/data.json`; or of a portal, ending with `/`.
    pub url: String,
}

impl Config {
    pub(crate) fn address(&self) -> Result<Url, ConfigError> {
        web_address(
            &self.url,
            "the address of the document, such as https://data.example.org/data.json",
        )
    }
}
