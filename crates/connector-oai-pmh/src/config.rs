//! The keys of `[connector.oai-pmh]`.

use model::{ConfigError, Incremental, web_address};
use serde::{Deserialize, Serialize};
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The base URL of the repository, with or without `?verb=Identify`. Other parameters are kept, such as pycsw's `mode=oaipmh`.
    pub url: String,
    /// Only this set: its `setSpec`, as ListSets has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
    /// The format to ask for. If unset, the one of those that ListMetadataFormats lists that says most: DCAT, ISO 19139,
    /// ISO 19115-3, then `oai_dc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_prefix: Option<String>,
    /// Whether a crawl with a checkpoint asks only for the records changed since: `true`, `false`, or `"auto"`, once a crawl of
    /// everything has shown that the repository misses no change. Sound only where the repository dates its
    /// records well and keeps track of deletions (Identify says `deletedRecord` `persistent` or `transient`); what such a
    /// crawl misses, the next full one finds.
    #[serde(default)]
    pub incremental: Incremental,
}

impl Config {
    /// The base URL without what each request sets itself.
    pub(crate) fn base(&self) -> Result<Url, ConfigError> {
        let mut url = web_address(
            &self.url,
            "the base URL, such as https://entrepot.example/oai/request",
        )?;
        let mut kept: Vec<(String, String)> = Vec::new();
        for (key, value) in url.query_pairs() {
            match key.as_ref() {
                "" | "verb" | "resumptionToken" | "identifier" => {}
                "set" => return Err(ConfigError::new("url", "write the set as `set = \"...\"`")),
                "metadataPrefix" => {
                    return Err(ConfigError::new(
                        "url",
                        "write the format as `metadata_prefix = \"...\"`",
                    ));
                }
                "from" | "until" => {
                    return Err(ConfigError::new(
                        "url",
                        "leave `from` and `until` out: `incremental = true` asks for what changed",
                    ));
                }
                _ => kept.push((key.into_owned(), value.into_owned())),
            }
        }
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
        Ok(url)
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let empty = |text: &Option<String>| text.as_deref().is_some_and(|t| t.trim().is_empty());
        if empty(&self.set) {
            return Err(ConfigError::new(
                "set",
                "write a setSpec, or leave the key out",
            ));
        }
        if empty(&self.metadata_prefix) {
            return Err(ConfigError::new(
                "metadata_prefix",
                "write a format such as oai_dc, or leave the key out",
            ));
        }
        Ok(())
    }
}
