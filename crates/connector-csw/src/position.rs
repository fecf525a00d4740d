//! The state of a crawl, as it travels in the cursor of a request.

use model::{ReadError, Request};
use serde::{Deserialize, Serialize};

use crate::plan::{Manner, Plan};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "listing", rename_all = "lowercase")]
pub enum Cursor {
    Capabilities,
    Records(Box<Position>),
}

impl Cursor {
    pub fn of(request: &Request) -> Result<Self, ReadError> {
        let foreign = |why: String| {
            ReadError::Unexpected(format!("the request is not one of this connector: {why}"))
        };
        let cursor: Self = serde_json::from_value(request.cursor.clone())
            .map_err(|error| foreign(error.to_string()))?;
        match &cursor {
            Self::Records(position)
                if position.start == 0 || position.size == 0 || position.full_size == 0 =>
            {
                Err(foreign("empty page".to_owned()))
            }
            _ => Ok(cursor),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// `startPosition`, from 1.
    pub start: u64,
    /// `maxRecords`.
    pub size: u64,
    /// What `size` grows back to behind a fault.
    pub full_size: u64,
    /// A record of its own: nothing follows it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub alone: bool,
    /// Behind the server's own count, where it leads on all the same: nothing is lost if nothing is there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub beyond: bool,
    pub plan: Plan,
    pub manner: Manner,
    pub trust: Trust,
    /// The count that the first page announced.
    #[serde(default, skip_serializing_if = "is_default")]
    pub first_total: Option<u64>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub total: Option<u64>,
    /// The greatest count so far: a lower one that comes later does not say that less is lacking.
    #[serde(default, skip_serializing_if = "is_default")]
    pub most: Option<u64>,
    /// Empty pages in a row.
    #[serde(default, skip_serializing_if = "is_default")]
    pub empty: u8,
    /// Records that had to be asked for alone since the last good page.
    #[serde(default, skip_serializing_if = "is_default")]
    pub streak: u64,
    /// A checksum of the page before, and how often it came in a row.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mark: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub repeats: u8,
    /// Why the capabilities could not be had, until a page can report it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub capabilities: Option<String>,
    /// The rules already reported, each once a crawl.
    #[serde(default, skip_serializing_if = "is_default")]
    pub noted: Vec<String>,
}

/// How far the manner of asking is known to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// Other manners remain to be tried.
    Untried,
    /// No manner worked: only a smaller page may.
    Exhausted,
    /// A page was read in this manner.
    Proven,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Position {
    pub fn first(plan: Plan, size: u64) -> Self {
        Self {
            start: 1,
            size,
            full_size: size,
            alone: false,
            beyond: false,
            manner: plan.first_manner(),
            plan,
            trust: Trust::Untried,
            first_total: None,
            total: None,
            most: None,
            empty: 0,
            streak: 0,
            mark: None,
            repeats: 0,
            capabilities: None,
            noted: Vec::new(),
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

    /// The pages that stand for this one: its first half, which goes on by itself; or its single records, which do not, and what lies behind.
    pub fn smaller(&self) -> (Vec<Self>, Option<Self>) {
        if self.size >= 4 {
            let half = Self {
                size: self.size / 2,
                ..self.clone()
            };
            return (vec![half], None);
        }
        let end = self.start.saturating_add(self.size);
        let singles = (self.start..end).map(|start| Self {
            start,
            size: 1,
            alone: true,
            ..self.clone()
        });
        let behind = Self {
            start: end,
            size: self.size.max(2).min(self.full_size),
            streak: self.streak.saturating_add(self.size),
            ..self.clone()
        };
        let more = self.total.is_none_or(|total| end <= total);
        (singles.collect(), more.then_some(behind))
    }
}
