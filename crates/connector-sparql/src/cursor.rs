//! Where a request stands in the crawl of an endpoint.

use model::{ReadError, Request};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub listing: String,
    /// Which page of the list, from 1; 0 is the count.
    pub page: u64,
    /// Datasets asked for.
    pub size: u64,
    pub step: Step,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// IRIs that were listed so far.
    #[serde(default)]
    pub listed: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    Count,
    /// The list behind this IRI.
    List {
        after: String,
    },
    /// The list behind so many; a mark of what the page before held.
    ListByNumber {
        offset: u64,
        mark: Option<String>,
    },
    /// Whether there is anything behind so many: a list that nobody counted may have gaps.
    Check {
        offset: u64,
    },
    Describe {
        ids: Vec<String>,
        depth: u64,
    },
}

impl Cursor {
    pub fn first(size: u64) -> Self {
        Self {
            listing: "datasets".to_owned(),
            page: 0,
            size,
            step: Step::Count,
            total: None,
            listed: 0,
        }
    }

    pub fn of(request: &Request) -> Result<Self, ReadError> {
        serde_json::from_value(request.cursor.clone()).map_err(|error| {
            ReadError::Unexpected(format!("the request is not one of this connector: {error}"))
        })
    }

    #[must_use]
    pub fn at(&self, step: Step) -> Self {
        Self {
            step,
            ..self.clone()
        }
    }

    #[must_use]
    pub fn list(&self, step: Step) -> Self {
        Self {
            page: self.page.saturating_add(1),
            ..self.at(step)
        }
    }
}
