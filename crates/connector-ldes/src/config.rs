//! The keys of `[connector.ldes]`.

use model::{ConfigError, Incremental, web_address};
use serde::{Deserialize, Serialize};
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address of the event stream: the root node of its view, or the document that names that view.
    pub url: String,
    /// Whether a crawl with a checkpoint reads only what may be later than it: `true`, which event streams are made for, `false`, or
    /// `"auto"`.
    #[serde(default = "default_incremental")]
    pub incremental: Incremental,
    /// Nodes after which a stream is taken to be endless.
    #[serde(default = "default_node_limit")]
    pub node_limit: usize,
}

fn default_incremental() -> Incremental {
    Incremental::On
}

fn default_node_limit() -> usize {
    10_000
}

impl Config {
    pub(crate) fn address(&self) -> Result<Url, ConfigError> {
        web_address(
            &self.url,
            "the address of the event stream, such as https://portail.example/feed",
        )
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if !(1..=50_000).contains(&self.node_limit) {
            return Err(ConfigError::new(
                "node_limit",
                "write a number from 1 to 50000",
            ));
        }
        Ok(())
    }
}
