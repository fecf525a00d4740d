//! What is asked for: the filters of OGC Filter 1.1, CSW 2.0.2, CQL2 and OGC API Records, without their syntax.

use model::EntityKey;
use serde::{Deserialize, Serialize};

use crate::{Bbox, Field, Pattern, SearchError};

/// What has to hold. Fields may have several values: a comparison holds if it does for any of them. What has no value
/// fails every comparison, and so holds under `Not`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Filter {
    All,
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    /// Words, analysed as French: each has to be in some text. `"words in quotes"` have to follow each other.
    Text(String),
    /// The whole value; for instants and numbers, the constant is read as such.
    Compare {
        field: Field,
        op: Op,
        value: String,
        /// For text.
        match_case: bool,
    },
    /// Bounds included; one value has to be within both.
    Between {
        field: Field,
        low: String,
        high: String,
    },
    /// The whole value; not for instants and numbers.
    Like {
        field: Field,
        pattern: Pattern,
        match_case: bool,
    },
    IsNull(Field),
    /// Of the boxes of a resource. What has none fails every relation.
    Spatial {
        relation: Relation,
        bbox: Bbox,
    },
    Ids(Vec<EntityKey>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    Eq,
    /// A value that is another.
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// What the boxes of a resource, taken together, are to the one that is asked for. The names are those of OGC Simple
/// Features (DE-9IM), evaluated on envelopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relation {
    /// Not disjoint: OGC's BBOX.
    Bbox,
    Intersects,
    /// The resource lies within the box.
    Within,
    /// The resource contains the box.
    Contains,
    Disjoint,
    Equals,
    Overlaps,
    Touches,
    Crosses,
}

/// Filters nested deeper are refused.
pub const MAX_DEPTH: usize = 32;
/// Filters with more parts are refused.
pub const MAX_PARTS: usize = 1_000;
/// Longer constants are refused, in bytes.
pub const MAX_CONSTANT: usize = 8 * 1024;
/// Longer lists of identifiers are refused.
pub const MAX_IDS: usize = 10_000;
/// Texts of more words are refused.
pub const MAX_WORDS: usize = 64;

impl Filter {
    /// Both; without needless nesting.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, filter) | (filter, Self::All) => filter,
            (Self::And(mut all), filter) => {
                all.push(filter);
                Self::And(all)
            }
            (filter, other) => Self::And(vec![filter, other]),
        }
    }

    /// The usual comparison: equal, with case.
    pub fn eq(field: Field, value: impl Into<String>) -> Self {
        Self::Compare {
            field,
            op: Op::Eq,
            value: value.into(),
            match_case: true,
        }
    }

    /// Whether it is small enough to be evaluated. Does not recurse deeper than it allows.
    pub fn check(&self) -> Result<(), SearchError> {
        let mut parts = 0;
        self.check_at(1, &mut parts)
    }

    fn check_at(&self, depth: usize, parts: &mut usize) -> Result<(), SearchError> {
        *parts += 1;
        if depth > MAX_DEPTH {
            return Err(SearchError::TooDeep(MAX_DEPTH));
        }
        if *parts > MAX_PARTS {
            return Err(SearchError::TooManyParts(MAX_PARTS));
        }
        match self {
            Self::And(all) | Self::Or(all) => {
                for each in all {
                    each.check_at(depth + 1, parts)?;
                }
                Ok(())
            }
            Self::Not(inner) => inner.check_at(depth + 1, parts),
            Self::Text(text) => constant(text),
            Self::Compare { value, .. } => constant(value),
            Self::Between { low, high, .. } => constant(low).and_then(|()| constant(high)),
            Self::Ids(keys) if keys.len() > MAX_IDS => Err(SearchError::TooManyIds(MAX_IDS)),
            Self::All
            | Self::Like { .. }
            | Self::IsNull(_)
            | Self::Spatial { .. }
            | Self::Ids(_) => Ok(()),
        }
    }
}

fn constant(value: &str) -> Result<(), SearchError> {
    if value.len() > MAX_CONSTANT {
        Err(SearchError::TooLong(MAX_CONSTANT))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_deep_or_too_wide_is_refused_with_its_limit() {
        let mut deep = Filter::All;
        for _ in 0..MAX_DEPTH {
            deep = Filter::Not(Box::new(deep));
        }
        assert_eq!(
            deep.check().unwrap_err().to_string(),
            "the filter is nested deeper than 32 levels: simplify it"
        );
        let wide = Filter::Or(vec![Filter::All; MAX_PARTS]);
        assert!(matches!(wide.check(), Err(SearchError::TooManyParts(_))));
        let long = Filter::Text("a".repeat(MAX_CONSTANT + 1));
        assert!(matches!(long.check(), Err(SearchError::TooLong(_))));
        assert!(Filter::Or(vec![Filter::All; 10]).check().is_ok());
    }
}
