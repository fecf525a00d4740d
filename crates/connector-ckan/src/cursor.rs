//! Where a request stands in the crawl.

use chrono::{DateTime, Utc};
use model::{ReadError, Request};
use serde::{Deserialize, Serialize};

/// What is asked: CKAN's search first, and where a portal has none, what DKAN has instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// `package_search`
    Search,
    /// `current_package_list_with_resources`
    Resources,
    /// `package_list`, the names of all datasets
    Names,
    /// `package_show`, one of them
    Show,
}

/// The state of a crawl: one listing, asked in one way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    /// Always `packages`: the announced total is of these.
    pub listing: String,
    pub action: Action,
    /// How many records lie before this page.
    pub start: u64,
    pub size: u64,
    /// The size that pages grow back to behind a fault.
    pub full_size: u64,
    /// A record of its own: nothing follows it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub alone: bool,
    /// The portal refused the order.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unsorted: bool,
    /// The name of the dataset to show.
    #[serde(default, skip_serializing_if = "is_default")]
    pub name: Option<String>,
    /// Only what changed since.
    #[serde(default, skip_serializing_if = "is_default")]
    pub since: Option<DateTime<Utc>>,
    /// What the first page announced.
    #[serde(default, skip_serializing_if = "is_default")]
    pub first_total: Option<u64>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub total: Option<u64>,
    /// The greatest count so far: a lower one that comes later does not say that less is lacking.
    #[serde(default, skip_serializing_if = "is_default")]
    pub most: Option<u64>,
    /// Whether a page was read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub proven: bool,
    /// Records that had to be asked for alone since the last good page.
    #[serde(default, skip_serializing_if = "is_default")]
    pub streak: u64,
    /// Empty pages in a row.
    #[serde(default, skip_serializing_if = "is_default")]
    pub empties: u64,
    /// How many records a listing without pages gave, that the names are held against.
    #[serde(default, skip_serializing_if = "is_default")]
    pub listed: u64,
    /// A checksum of the page before, and how often it came in a row.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mark: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub repeats: u8,
    /// The rules already reported, each once a crawl.
    #[serde(default, skip_serializing_if = "is_default")]
    pub noted: Vec<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Cursor {
    pub fn first(size: u64, since: Option<DateTime<Utc>>) -> Self {
        Self {
            listing: "packages".to_owned(),
            action: Action::Search,
            start: 0,
            size,
            full_size: size,
            alone: false,
            unsorted: false,
            name: None,
            since,
            first_total: None,
            total: None,
            most: None,
            proven: false,
            streak: 0,
            empties: 0,
            listed: 0,
            mark: None,
            repeats: 0,
            noted: Vec::new(),
        }
    }

    pub fn of(request: &Request) -> Result<Self, ReadError> {
        let cursor: Self = serde_json::from_value(request.cursor.clone()).map_err(|error| {
            ReadError::Unexpected(format!("the request is not one of this connector: {error}"))
        })?;
        if cursor.size == 0 || cursor.full_size == 0 {
            return Err(ReadError::Unexpected(
                "the request is not one of this connector: empty page".to_owned(),
            ));
        }
        Ok(cursor)
    }

    /// How many records lie before the end of this page, if it is full.
    pub fn end(&self) -> u64 {
        self.start.saturating_add(self.size)
    }

    /// True the first time that this crawl asks.
    pub fn note(&mut self, rule: &str) -> bool {
        let new = !self.noted.iter().any(|noted| noted == rule);
        if new {
            self.noted.push(rule.to_owned());
        }
        new
    }

    /// The same crawl, from its beginning, by another action.
    #[must_use]
    pub fn by(&self, action: Action) -> Self {
        Self {
            action,
            since: None,
            ..Self::first(self.full_size, None)
        }
    }

    /// The first half of this page, if that is more than a few records.
    pub fn half(&self) -> Option<Self> {
        (self.size > 3).then(|| Self {
            size: self.size / 2,
            ..self.clone()
        })
    }

    /// The records of this page, each of its own.
    pub fn singles(&self) -> impl Iterator<Item = Self> {
        (0..self.size).map(|at| Self {
            start: self.start.saturating_add(at),
            size: 1,
            alone: true,
            ..self.clone()
        })
    }

    /// The page behind records that had to be asked for alone: smaller than a whole one, since faults stand together.
    #[must_use]
    pub fn behind(&self) -> Self {
        Self {
            start: self.end(),
            size: self.full_size.div_ceil(4),
            streak: self.streak.saturating_add(self.size),
            ..self.clone()
        }
    }
}
