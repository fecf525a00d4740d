//! What the configurations of connectors have in common.

use serde::{Deserialize, Serialize};
use url::Url;

/// A key whose value cannot be used, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}`: {message}")]
pub struct ConfigError {
    pub key: &'static str,
    pub message: String,
}

impl ConfigError {
    pub fn new(key: &'static str, message: impl Into<String>) -> Self {
        Self {
            key,
            message: message.into(),
        }
    }
}

/// The address of a source on the web, given under `url`; without its fragment, which no server sees. `wanted` says what to
/// write there: `the portal's address, such as https://www.data.gouv.fr/`.
pub fn web_address(address: &str, wanted: &str) -> Result<Url, ConfigError> {
    let mut url = Url::parse(address.trim())
        .map_err(|error| ConfigError::new("url", format!("{error}; write {wanted}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(ConfigError::new(
            "url",
            "write an address that begins with https:// or http://",
        ));
    }
    url.set_fragment(None);
    Ok(url)
}

/// One term or several: `tag = "eau"`, `tag = ["eau", "forêt"]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Terms {
    One(String),
    All(Vec<String>),
}

impl Default for Terms {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl Terms {
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(term) => std::slice::from_ref(term),
            Self::All(terms) => terms,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_cannot_be_asked_say_what_to_write() {
        let url = web_address(" https://a.example/x?y=1#z ", "an address").unwrap();
        assert_eq!(url.as_str(), "https://a.example/x?y=1");
        for (bad, told) in [
            ("a.example", "write an address, such as"),
            ("", "write an address, such as"),
            ("ftp://a.example/", "begins with https://"),
            ("file:///etc/passwd", "begins with https://"),
        ] {
            let error = web_address(bad, "an address, such as https://a.example/").unwrap_err();
            assert!(
                error.key == "url" && error.message.contains(told),
                "{bad}: {error}"
            );
        }
    }
}
