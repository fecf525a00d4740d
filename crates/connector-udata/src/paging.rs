//! Where a request stands in a listing, and the arithmetic of numbered pages.

use chrono::{DateTime, Utc};
use model::{ReadError, Request};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Listing {
    Datasets,
    Dataservices,
}

impl Listing {
    /// The last segment of its address.
    pub fn path(self) -> &'static str {
        match self {
            Self::Datasets => "datasets/",
            Self::Dataservices => "dataservices/",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// The oldest first.
    Created,
    /// What changed last first.
    LastUpdate,
    /// The portal knows none of its orders.
    Refused,
}

impl Sort {
    pub fn parameter(self) -> Option<&'static str> {
        match self {
            Self::Created => Some("created"),
            Self::LastUpdate => Some("-last_update"),
            Self::Refused => None,
        }
    }
}

/// The state of the crawl of one listing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    pub listing: Listing,
    /// The number of the page, from 1.
    pub page: u64,
    pub size: u64,
    /// The size that pages grow back to behind a fault.
    pub full_size: u64,
    /// A record of its own: nothing follows it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub alone: bool,
    pub sort: Sort,
    /// Read down to what changed at this time.
    #[serde(default, skip_serializing_if = "is_default")]
    pub since: Option<DateTime<Utc>>,
    /// The date of the last dataset of the page before.
    #[serde(default, skip_serializing_if = "is_default")]
    pub previous: Option<DateTime<Utc>>,
    /// What the first page announced.
    #[serde(default, skip_serializing_if = "is_default")]
    pub first_total: Option<u64>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub total: Option<u64>,
    /// The greatest count so far: a lower one that comes later does not say that less is lacking.
    #[serde(default, skip_serializing_if = "is_default")]
    pub most: Option<u64>,
    /// Whether a page of this listing was read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub proven: bool,
    /// Records that had to be asked for alone since the last good page.
    #[serde(default, skip_serializing_if = "is_default")]
    pub streak: u64,
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
    pub fn first(listing: Listing, size: u64, since: Option<DateTime<Utc>>) -> Self {
        Self {
            listing,
            page: 1,
            size,
            full_size: size,
            alone: false,
            sort: if since.is_some() {
                Sort::LastUpdate
            } else {
                Sort::Created
            },
            since,
            previous: None,
            first_total: None,
            total: None,
            most: None,
            proven: false,
            streak: 0,
            mark: None,
            repeats: 0,
            noted: Vec::new(),
        }
    }

    pub fn of(request: &Request) -> Result<Self, ReadError> {
        let cursor: Self = serde_json::from_value(request.cursor.clone()).map_err(|error| {
            ReadError::Unexpected(format!("the request is not one of this connector: {error}"))
        })?;
        if cursor.page == 0 || cursor.size == 0 || cursor.full_size == 0 {
            return Err(ReadError::Unexpected(
                "the request is not one of this connector: empty page".to_owned(),
            ));
        }
        Ok(cursor)
    }

    /// How many records of the listing lie before the end of this page.
    pub fn end(&self) -> u64 {
        self.page.saturating_mul(self.size)
    }

    /// The page that begins after `offset` records, as great as the numbering allows.
    #[must_use]
    pub fn at(&self, offset: u64) -> Self {
        let size = sizes(self.full_size)
            .find(|size| offset.is_multiple_of(*size))
            .unwrap_or(1);
        Self {
            page: offset / size + 1,
            size,
            ..self.clone()
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

    /// The pages that cover this one, each a step smaller; and whether they are single records.
    pub fn smaller(&self) -> (Vec<Self>, bool) {
        let parts = smallest_factor(self.size).unwrap_or(1);
        let size = self.size / parts;
        let first = (self.page - 1).saturating_mul(parts) + 1;
        let pages = (0..parts).map(|part| Self {
            page: first.saturating_add(part),
            size,
            alone: size == 1,
            ..self.clone()
        });
        (pages.collect(), size == 1)
    }
}

/// The sizes that pages may have, each dividing the one before it: 100, 50, 25, 5, 1.
fn sizes(full: u64) -> impl Iterator<Item = u64> {
    std::iter::successors(Some(full), |size| Some(size / smallest_factor(*size)?))
}

fn smallest_factor(number: u64) -> Option<u64> {
    if number < 2 {
        return None;
    }
    let divides = |factor: &u64| number.is_multiple_of(*factor);
    let small = (2..)
        .take_while(|factor| factor * factor <= number)
        .find(divides);
    Some(small.unwrap_or(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smaller_pages_cover_the_same_records() {
        for full in [1, 2, 7, 25, 64, 100, 997] {
            let mut cursor = Cursor::first(Listing::Datasets, full, None);
            cursor.page = 4;
            let (pages, _) = cursor.smaller();
            let first = pages.first().map(|page| (page.page - 1) * page.size);
            assert_eq!(first, Some(3 * full));
            assert_eq!(pages.last().map(Cursor::end), Some(cursor.end()));
            assert_eq!(pages.iter().map(|page| page.size).sum::<u64>(), full);
        }
    }

    #[test]
    fn pages_grow_again_where_the_numbering_allows_it() {
        let cursor = Cursor::first(Listing::Datasets, 100, None);
        let at = |offset| {
            let page = cursor.at(offset);
            assert_eq!((page.page - 1) * page.size, offset);
            page.size
        };
        assert_eq!(
            [at(0), at(50), at(75), at(80), at(100), at(3)],
            [100, 50, 25, 5, 100, 1]
        );
    }
}
