//! The keys of `[connector.rdf]`.

use model::{ConfigError, web_address};
use rdf_split::Syntax;
use serde::{Deserialize, Serialize};
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address of the catalogue, or of its first page.
    pub url: String,
    /// The syntax, where the answers do not tell it rightly: `turtle`, `trig`, `n-triples`, `n-quads`, `rdf-xml` or `json-ld`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Whether to ask for the datasets that the catalogue lists and does not describe, at their own IRIs. Only on the catalogue's own
    /// server, and only where the catalogue is one document.
    #[serde(default)]
    pub follow: bool,
    /// How many datasets are asked for in that way at most.
    #[serde(default = "default_follow_limit")]
    pub follow_limit: u64,
    /// Pages after which a catalogue is taken to be endless.
    #[serde(default = "default_page_limit")]
    pub page_limit: u64,
}

fn default_follow_limit() -> u64 {
    1000
}

fn default_page_limit() -> u64 {
    10_000
}

impl Config {
    pub(crate) fn address(&self) -> Result<Url, ConfigError> {
        web_address(
            &self.url,
            "the address of the catalogue, such as https://portail.example/catalog.ttl",
        )
    }

    pub(crate) fn syntax(&self) -> Result<Option<Syntax>, ConfigError> {
        let Some(name) = &self.format else {
            return Ok(None);
        };
        Syntax::parse(name).map(Some).ok_or_else(|| {
            let names = Syntax::ALL.map(Syntax::name).join(", ");
            ConfigError::new(
                "format",
                format!("write one of {names}, or leave the key out"),
            )
        })
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if !(1..=100_000).contains(&self.page_limit) {
            return Err(ConfigError::new(
                "page_limit",
                "write a number from 1 to 100000",
            ));
        }
        if !(1..=100_000).contains(&self.follow_limit) {
            return Err(ConfigError::new(
                "follow_limit",
                "write a number from 1 to 100000; to follow nothing, write `follow = false`",
            ));
        }
        Ok(())
    }
}
