//! The state of a crawl, as it travels in the cursor of a request.

use chrono::{DateTime, Utc};
use model::{ReadError, Request};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "listing", rename_all = "lowercase")]
pub enum Cursor {
    /// Asked in crawls of what changed: it tells how dates are written.
    Identify {
        since: DateTime<Utc>,
    },
    Formats {
        #[serde(default, skip_serializing_if = "is_default")]
        from: Option<String>,
    },
    Records(Box<Position>),
}

impl Cursor {
    pub fn of(request: &Request) -> Result<Self, ReadError> {
        serde_json::from_value(request.cursor.clone()).map_err(|error| {
            ReadError::Unexpected(format!("the request is not one of this connector: {error}"))
        })
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The formats that may be asked for; the first is.
    pub prefixes: Vec<String>,
    /// The start of a crawl of what changed.
    #[serde(default, skip_serializing_if = "is_default")]
    pub from: Option<String>,
    /// `None` on the first page.
    #[serde(default, skip_serializing_if = "is_default")]
    pub token: Option<String>,
    /// Whether the format goes with the token, which the protocol forbids and some servers want.
    #[serde(default, skip_serializing_if = "is_default")]
    pub with_prefix: bool,
    /// Records of the list before this page, deleted ones among them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub received: u64,
    /// `completeListSize`, and whether it changed on the way.
    #[serde(default, skip_serializing_if = "is_default")]
    pub total: Option<u64>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub varied: bool,
    /// Pages before this one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub page: u64,
    /// The page before, and one further back that moves up at each power of two: a list that goes in circles comes by it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub before: Mark,
    #[serde(default, skip_serializing_if = "is_default")]
    pub milestone: Mark,
    #[serde(default, skip_serializing_if = "is_default")]
    pub repeats: u8,
    /// Empty pages in a row.
    #[serde(default, skip_serializing_if = "is_default")]
    pub empty: u8,
    /// Whether the list had to be begun anew.
    #[serde(default, skip_serializing_if = "is_default")]
    pub restarted: bool,
    /// Whether this very page was asked for before.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retried: bool,
    /// What the next page that can be read has to tell.
    #[serde(default, skip_serializing_if = "is_default")]
    pub told: Vec<Told>,
    /// The rules already reported, each once a crawl.
    #[serde(default, skip_serializing_if = "is_default")]
    pub noted: Vec<String>,
}

/// What a page was: checksums of its token and of its identifiers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    #[serde(default, skip_serializing_if = "is_default")]
    pub token: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub ids: Option<String>,
}

/// What happened before a page, when nobody could be told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// The formats could not be had, for this reason.
    Formats(String),
    /// This format is listed and was refused, for this reason.
    Refused(String, String),
    /// The list was begun anew, for this reason.
    Restarted(String),
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Position {
    pub fn first(prefixes: Vec<String>, from: Option<String>) -> Self {
        Self {
            prefixes,
            from,
            ..Self::default()
        }
    }

    /// The list from its beginning.
    pub fn restart(self, why: String) -> Self {
        Self {
            with_prefix: self.with_prefix,
            restarted: true,
            told: self
                .told
                .into_iter()
                .chain([Told::Restarted(why)])
                .collect(),
            noted: self.noted,
            ..Self::first(self.prefixes.into_iter().take(1).collect(), self.from)
        }
    }

    /// True the first time that this crawl asks.
    pub fn note(&mut self, rule: &str) -> bool {
        let new = !self.noted.iter().any(|noted| noted == rule);
        if new {
            self.noted.push(rule.to_owned());
        }
        new
    }
}
