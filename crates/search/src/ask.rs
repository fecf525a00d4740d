//! A search, and what it finds.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use model::EntityKey;
use serde::{Deserialize, Serialize};

use crate::field::ValueKind;
use crate::rank::Row;
use crate::{Field, Filter, SearchError};

/// What to look for, in which order, and how much of it to give.
#[derive(Debug, Clone)]
pub struct Search {
    pub filter: Filter,
    /// Whatever is left equal is in the order of IRIs. Without any: [`Field::Score`] descending where the filter has
    /// [`Filter::Text`], else the order of IRIs.
    pub sort: Vec<(Field, Direction)>,
    /// Up to [`MAX_OFFSET`]; deeper pages by `after`.
    pub offset: usize,
    /// Up to [`MAX_LIMIT`]; more is cut down to that. None at all where only the total or facets are wanted.
    pub limit: usize,
    /// Only what comes after this in the order: [`Found::next`] of the page before.
    pub after: Option<Cursor>,
    pub facets: Vec<Field>,
    /// Of each facet, the most frequent values.
    pub facet_size: usize,
    /// Freshness is measured from here.
    pub now: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    Ascending,
    Descending,
}

pub const MAX_LIMIT: usize = 1_000;
pub const MAX_OFFSET: usize = 100_000;
pub const MAX_SORTS: usize = 4;
pub const MAX_FACET_SIZE: usize = 1_000;

impl Search {
    /// Ten results of a filter.
    pub fn new(filter: Filter, now: DateTime<Utc>) -> Self {
        Self {
            filter,
            sort: Vec::new(),
            offset: 0,
            limit: 10,
            after: None,
            facets: Vec::new(),
            facet_size: 20,
            now,
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// How many there are in all, whatever the page.
    pub total: usize,
    pub hits: Vec<Hit>,
    /// The most frequent values of each field that was asked for, with how many resources have them; the most frequent first.
    pub facets: BTreeMap<Field, Vec<(String, u64)>>,
    /// Where the next page begins; none after the last one.
    pub next: Option<Cursor>,
    /// Words that are in no text, with the words that were looked for in their place.
    pub corrected: Vec<(String, Vec<String>)>,
}

/// Its text is in the archive; it may have been withdrawn there since the snapshot was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub key: EntityKey,
    /// 0 where nothing is ranked.
    pub score: f32,
}

/// A place in the order of a search, which stays where it is when the catalogue changes. As text it can be part of an
/// address or of a resumption token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub(crate) keys: Vec<SortKey>,
    pub(crate) id: [u64; 3],
}

impl Cursor {
    /// Right behind a resource, in the order of IRIs.
    pub fn behind(key: EntityKey) -> Self {
        Self {
            keys: Vec::new(),
            id: crate::writer::key_parts(key),
        }
    }

    /// Right behind a row.
    pub(crate) fn at(row: &Row) -> Self {
        Self {
            keys: row.keys.clone(),
            id: row.id,
        }
    }

    /// Whether it may be of a search in this order.
    pub(crate) fn fits(&self, sort: &[(Field, Direction)]) -> bool {
        self.keys.len() == sort.len()
            && self
                .keys
                .iter()
                .zip(sort)
                .all(|(key, (field, _))| match key {
                    SortKey::Missing => true,
                    SortKey::Text(_) => field.kind() == ValueKind::Text,
                    SortKey::Number(_) => {
                        matches!(field.kind(), ValueKind::Instant | ValueKind::Number)
                    }
                })
    }
}

/// A value to sort by. What has none comes last, in both directions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum SortKey {
    Number(u64),
    Text(String),
    Missing,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = serde_json::to_vec(self).map_err(|_| fmt::Error)?;
        bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Cursor {
    type Err = SearchError;

    fn from_str(text: &str) -> Result<Self, SearchError> {
        // A few sort keys, each cut to a length.
        if text.len() > 16 * 1024 || !text.is_ascii() {
            return Err(SearchError::Cursor);
        }
        let bytes: Option<Vec<u8>> = (0..text.len())
            .step_by(2)
            .map(|at| {
                text.get(at..at + 2)
                    .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            })
            .collect();
        bytes
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or(SearchError::Cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_as_text_and_nonsense_is_none() {
        let cursor = Cursor {
            keys: vec![
                SortKey::Text("été".to_owned()),
                SortKey::Number(u64::MAX),
                SortKey::Missing,
            ],
            id: [1, u64::MAX, 0],
        };
        assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        for bad in ["", "zz", "7b7", "7b7d", "é", &"00".repeat(20_000)] {
            assert!(bad.parse::<Cursor>().is_err(), "{bad}");
        }
    }
}
