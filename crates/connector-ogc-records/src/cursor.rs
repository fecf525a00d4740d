//! Where in the crawl a request stands.

use model::{ReadError, Request};
use serde::{Deserialize, Serialize};

/// Pages of one listing. The longest real ones have some ten thousand.
pub(crate) const MOST_PAGES: u64 = 200_000;
/// Steps from a catalogue to a catalogue within it.
pub(crate) const MOST_DEPTH: usize = 16;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// The listing whose records are counted together: the address of its first page.
    pub listing: String,
    /// The page within the listing, from 1.
    pub page: u64,
    /// The addresses of the landing pages and catalogues that led here.
    #[serde(default)]
    pub trail: Vec<String>,
    /// Whether the request stands for one record, and leads nowhere.
    #[serde(default)]
    pub alone: bool,
    /// Records asked for alone in a row.
    #[serde(default)]
    pub streak: u64,
    /// Empty pages in a row.
    #[serde(default)]
    pub empty: u64,
    /// The address of an earlier page, and its number: a power of two. Whoever comes there again goes round in a circle.
    #[serde(default)]
    pub mark: Option<(u64, String)>,
}

impl Cursor {
    pub fn first(listing: impl Into<String>, trail: Vec<String>) -> Self {
        Self {
            listing: listing.into(),
            page: 1,
            trail,
            alone: false,
            streak: 0,
            empty: 0,
            mark: None,
        }
    }

    pub fn of(request: &Request) -> Result<Self, ReadError> {
        serde_json::from_value(request.cursor.clone()).map_err(|error| {
            ReadError::Unexpected(format!("the request is not one of this connector: {error}"))
        })
    }

    /// The cursor of the page at `next`, or `None` if the listing goes round in a circle.
    pub fn after(&self, address: &str, next: &str) -> Option<Self> {
        let mark = match &self.mark {
            Some((at, _)) if self.page < at.saturating_mul(2) => self.mark.clone(),
            _ => Some((self.page, address.to_owned())),
        };
        let circle = mark.as_ref().is_some_and(|(_, mark)| mark == next);
        (!circle && next != address).then(|| Self {
            page: self.page.saturating_add(1),
            streak: 0,
            mark,
            ..self.clone()
        })
    }
}
