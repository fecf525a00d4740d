//! The keys of `[connector.sparql]`.

use model::{ConfigError, check_iri, web_address};
use serde::{Deserialize, Serialize};
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address of the SPARQL endpoint.
    pub url: String,
    /// Only what this named graph holds. If unset: what the endpoint's default graph holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<String>,
    /// Datasets that are asked for at once, 1 to 1000.
    #[serde(default = "default_page_size")]
    pub page_size: u64,
    /// How queries are sent: by POST as a form, or by GET in the address, for endpoints that know nothing else.
    #[serde(default, skip_serializing_if = "is_post")]
    pub method: Sending,
    /// How far from a dataset its description is read, in steps, 1 to 6: its distributions are one step away.
    #[serde(default = "default_depth")]
    pub depth: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sending {
    #[default]
    Post,
    Get,
}

fn is_post(sending: &Sending) -> bool {
    *sending == Sending::Post
}

fn default_page_size() -> u64 {
    50
}

fn default_depth() -> u64 {
    4
}

impl Config {
    pub(crate) fn endpoint(&self) -> Result<Url, ConfigError> {
        web_address(
            &self.url,
            "the address of the endpoint, such as https://portail.example/sparql",
        )
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if !(1..=1000).contains(&self.page_size) {
            return Err(ConfigError::new(
                "page_size",
                "write a number from 1 to 1000",
            ));
        }
        if !(1..=6).contains(&self.depth) {
            return Err(ConfigError::new("depth", "write a number from 1 to 6"));
        }
        if let Some(graph) = &self.graph
            && check_iri(graph).is_none()
        {
            return Err(ConfigError::new(
                "graph",
                "write the IRI of a named graph, such as https://portail.example/graphe, or leave the key out",
            ));
        }
        Ok(())
    }
}
