//! The keys of `[connector.opendatasoft]`.

use std::collections::BTreeMap;

use model::{ConfigError, Incremental, Terms, web_address};
use serde::{Deserialize, Serialize};
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address of the portal, such as `https://data.ville.example/`: the public one, since links to the datasets begin with it.
    pub url: String,
    /// Records a page, 1 to 100.
    #[serde(default = "default_page_size")]
    pub page_size: u64,
    /// Only what this expression of ODSQL chooses, such as `publisher = "Ville de Valmer"`. Version 1 of the API has no such filter:
    /// with this key it is never fallen back on.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Only what carries these values of facets: `refine = { theme = "Environnement", keyword = ["eau", "hydrologie"] }`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refine: Facets,
    /// Nothing that carries these values of facets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub exclude: Facets,
    /// Whether to keep the datasets that the portal only shows, and another portal holds.
    #[serde(default = "yes")]
    pub federated: bool,
    /// Whether a crawl with a checkpoint asks only for the datasets changed since: `true`, `false`, or `"auto"`, once a crawl of
    /// everything has shown that the portal misses no change.
    #[serde(default)]
    pub incremental: Incremental,
}

/// Values of facets, by the name of the facet.
pub type Facets = BTreeMap<String, Terms>;

fn default_page_size() -> u64 {
    100
}

fn yes() -> bool {
    true
}

impl Config {
    /// The address of the portal, with a slash at its end. An address of its API or of one of its pages is cut back to it.
    pub(crate) fn portal(&self) -> Result<Url, ConfigError> {
        let mut url = web_address(
            &self.url,
            "the portal's address, such as https://data.ville.example/",
        )?;
        url.set_query(None);
        let path = format!("{}/", url.path().trim_end_matches('/'));
        let root = ["/api/", "/explore/"]
            .iter()
            .find_map(|inner| path.split_once(inner))
            .map_or(path.trim_end_matches('/'), |(root, _)| root);
        url.set_path(&format!("{root}/"));
        Ok(url)
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if !(1..=100).contains(&self.page_size) {
            return Err(ConfigError::new(
                "page_size",
                "write a number from 1 to 100: the API gives no more at once",
            ));
        }
        if self
            .filter
            .as_deref()
            .is_some_and(|filter| filter.trim().is_empty())
        {
            return Err(ConfigError::new(
                "where",
                "write an expression such as `publisher = \"Ville de Valmer\"`, or leave the key out",
            ));
        }
        check_facets("refine", &self.refine)?;
        check_facets("exclude", &self.exclude)
    }
}

fn check_facets(key: &'static str, facets: &Facets) -> Result<(), ConfigError> {
    let good = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    };
    if let Some(name) = facets.keys().find(|name| !good(name)) {
        return Err(ConfigError::new(
            key,
            format!("`{name}` cannot name a facet: write one such as `theme` or `publisher`"),
        ));
    }
    let empty = |values: &Terms| {
        values.as_slice().is_empty()
            || values
                .as_slice()
                .iter()
                .any(|value| value.trim().is_empty())
    };
    if facets.values().any(empty) {
        return Err(ConfigError::new(
            key,
            "write a value for each facet, or leave the facet out",
        ));
    }
    Ok(())
}
