//! The keys of `[connector.inventory]`.

use model::{ConfigError, web_address};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address of a spreadsheet, such as `https://www.prefecture.example/inventaire.xlsx`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Instead of `url`: a file, or a folder in which services drop their files. A path that is not absolute begins at the
    /// directory of the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The sheet to read. Unless given, *Données*, or else the first sheet that has the columns of an inventory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The service whose inventory it is, for rows that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Whether rows are published whatever their status. If not, only those that say that their data are public are.
    #[serde(default)]
    pub publish_all: bool,
}

impl Config {
    /// The address of the first request: that of the file on the web, or `file:` and the path, as the fetcher reads it.
    pub(crate) fn address(&self) -> Result<String, ConfigError> {
        for (key, value) in [("sheet", &self.sheet), ("service", &self.service)] {
            if value
                .as_deref()
                .is_some_and(|value| value.trim().is_empty())
            {
                return Err(ConfigError::new(key, "write a name, or leave the key out"));
            }
        }
        match (&self.url, &self.path) {
            (Some(url), None) => web(url.trim()),
            (None, Some(path)) => local(path),
            (Some(_), Some(_)) => Err(ConfigError::new(
                "path",
                "give `url` or `path`, not both; write another source for the other",
            )),
            (None, None) => Err(ConfigError::new(
                "url",
                "give the address of a spreadsheet as `url`, or a file or folder of this machine as `path`",
            )),
        }
    }
}

fn web(address: &str) -> Result<String, ConfigError> {
    let wanted = "the address of the file, such as https://www.prefecture.example/inventaire.xlsx";
    match web_address(address, wanted) {
        Ok(url) => Ok(url.into()),
        Err(error) => Err(ConfigError::new(
            error.key,
            format!("{}; for a file of this machine write `path`", error.message),
        )),
    }
}

fn local(path: &str) -> Result<String, ConfigError> {
    if path.trim().is_empty() {
        return Err(ConfigError::new(
            "path",
            "write the path of a file or of a folder, such as `inventaires/`",
        ));
    }
    if path.contains("://") || path.starts_with("file:") {
        return Err(ConfigError::new(
            "path",
            "write a path without `file:`, such as `inventaires/`; for an address write `url`",
        ));
    }
    Ok(format!("file:{}", encode(path)))
}

/// A path as it stands in an address (RFC 3986, 3.3).
pub(crate) fn encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
