//! Where a request stands in a catalogue.

use model::{Checksum, ReadError, Request};
use serde::{Deserialize, Serialize};

/// Pages and agents that are remembered. Pages behind so many are bounded by their limit alone; agents may come as records more than once.
const REMEMBERED: usize = 2000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub listing: String,
    /// The number of the page, from 1.
    pub page: u64,
    /// Which way of asking for RDF the server understands.
    #[serde(default, skip_serializing_if = "is_default")]
    pub accept: usize,
    /// Marks of the addresses that were read, this one among them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub visited: Vec<String>,
    /// Marks of the agents that became records.
    #[serde(default, skip_serializing_if = "is_default")]
    pub agents: Vec<String>,
    /// A mark of what the page before held.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mark: Option<String>,
    /// Datasets, series and services that were counted, those that were refused too.
    #[serde(default, skip_serializing_if = "is_default")]
    pub counted: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub counted_agents: u64,
    /// Pages without a dataset, in a row.
    #[serde(default, skip_serializing_if = "is_default")]
    pub empty: u64,
    /// The one dataset that this request is for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub follow: Option<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Cursor {
    pub fn first(url: &str) -> Self {
        Self {
            listing: "catalogue".to_owned(),
            page: 1,
            accept: 0,
            visited: vec![mark(url)],
            agents: Vec::new(),
            mark: None,
            counted: 0,
            counted_agents: 0,
            empty: 0,
            follow: None,
        }
    }

    pub fn follow(iri: &str, accept: usize) -> Self {
        Self {
            listing: "followed".to_owned(),
            accept,
            follow: Some(iri.to_owned()),
            ..Self::first(iri)
        }
    }

    pub fn of(request: &Request) -> Result<Self, ReadError> {
        serde_json::from_value(request.cursor.clone()).map_err(|error| {
            ReadError::Unexpected(format!("the request is not one of this connector: {error}"))
        })
    }

    pub fn has_visited(&self, url: &str) -> bool {
        let mark = mark(url);
        self.visited.contains(&mark)
    }

    /// The cursor of the page behind this one.
    #[must_use]
    pub fn next(mut self, url: &str) -> Self {
        self.page = self.page.saturating_add(1);
        if self.visited.len() < REMEMBERED {
            self.visited.push(mark(url));
        }
        self
    }

    /// True the first time that an agent comes, as far as they are remembered.
    pub fn is_new_agent(&mut self, id: &str) -> bool {
        let mark = mark(id);
        let new = !self.agents.contains(&mark);
        if new && self.agents.len() < REMEMBERED {
            self.agents.push(mark);
        }
        new
    }
}

pub fn mark(text: &str) -> String {
    let mut mark = Checksum::of(text.as_bytes()).to_string();
    mark.truncate(12);
    mark
}
