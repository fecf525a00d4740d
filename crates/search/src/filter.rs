//! What is asked for: the filters of OGC Filter 1.1, CSW 2.0.2, CQL2 and OGC API Records, without their syntax.

use model::EntityKey;
use serde::{Deserialize, Serialize};

use crate::field::ValueKind;
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
/// Texts of more words are refused; those of all texts of a filter count together.
pub const MAX_WORDS: usize = 64;
/// Filters with more patterns are refused: each walks through all values of a field, and those of prose through texts. Comparisons of
/// prose are counted with them.
pub const MAX_PATTERNS: usize = 8;
/// Comparisons of a request that walk through all values of a text, or all boxes.
pub const MAX_RANGES: usize = 16;

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

    /// Whether it is small enough, and cheap enough, to be evaluated. Does not recurse deeper than it allows.
    pub fn check(&self) -> Result<(), SearchError> {
        Budget::default().spend(self, 1)
    }
}

/// What the parts of a filter come to.
#[derive(Default)]
struct Budget {
    parts: usize,
    patterns: usize,
    ranges: usize,
    words: usize,
}

impl Budget {
    fn spend(&mut self, filter: &Filter, depth: usize) -> Result<(), SearchError> {
        within(&mut self.parts, 1, MAX_PARTS, SearchError::TooManyParts)?;
        if depth > MAX_DEPTH {
            return Err(SearchError::TooDeep(MAX_DEPTH));
        }
        match filter {
            Filter::And(all) | Filter::Or(all) => {
                for each in all {
                    self.spend(each, depth + 1)?;
                }
                Ok(())
            }
            Filter::Not(inner) => self.spend(inner, depth + 1),
            Filter::Text(text) => {
                constant(text)?;
                let words = text.split_whitespace().count();
                within(&mut self.words, words, MAX_WORDS, SearchError::TooManyWords)
            }
            Filter::Compare {
                field, op, value, ..
            } => {
                self.prose(*field)?;
                if *op != Op::Eq {
                    self.range(*field)?;
                }
                constant(value)
            }
            Filter::Between { field, low, high } => {
                self.prose(*field)?;
                self.range(*field)?;
                constant(low).and_then(|()| constant(high))
            }
            Filter::Like { pattern, .. } if pattern.is_wild() => self.pattern(),
            Filter::Like { field, .. } => self.prose(*field),
            Filter::Ids(keys) if keys.len() > MAX_IDS => Err(SearchError::TooManyIds(MAX_IDS)),
            Filter::Spatial { .. } => self.walk(),
            Filter::All | Filter::IsNull(_) | Filter::Ids(_) => Ok(()),
        }
    }

    fn prose(&mut self, field: Field) -> Result<(), SearchError> {
        match field.kind() {
            ValueKind::Prose => self.pattern(),
            _ => Ok(()),
        }
    }

    /// Texts are kept by their terms: a range is all of them between two. Instants and numbers are kept in columns.
    fn range(&mut self, field: Field) -> Result<(), SearchError> {
        match field.kind() {
            ValueKind::Text => self.walk(),
            _ => Ok(()),
        }
    }

    fn walk(&mut self) -> Result<(), SearchError> {
        let refused = SearchError::TooManyRanges;
        within(&mut self.ranges, 1, MAX_RANGES, refused)
    }

    fn pattern(&mut self) -> Result<(), SearchError> {
        let refused = SearchError::TooManyPatterns;
        within(&mut self.patterns, 1, MAX_PATTERNS, refused)
    }
}

fn within(
    spent: &mut usize,
    more: usize,
    most: usize,
    refused: fn(usize) -> SearchError,
) -> Result<(), SearchError> {
    *spent = spent.saturating_add(more);
    match *spent <= most {
        true => Ok(()),
        false => Err(refused(most)),
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

    #[test]
    fn what_costs_too_much_together_is_refused_with_its_limit() {
        let like = |field, text| Filter::Like {
            field,
            pattern: Pattern::parse(text, '%', Some('_'), None).unwrap(),
            match_case: false,
        };
        let several = |part: Filter, count| Filter::Or(vec![part; count]).check();
        for part in [
            like(Field::Title, "%eau%"),
            like(Field::AnyText, "eau_"),
            like(Field::Description, "eau"),
            Filter::eq(Field::AnyText, "eau"),
        ] {
            assert!(several(part.clone(), MAX_PATTERNS).is_ok());
            assert_eq!(
                several(part, MAX_PATTERNS + 1).unwrap_err().to_string(),
                "the filter has more than 8 patterns, or comparisons of prose: ask in several requests"
            );
        }
        let range = Filter::Compare {
            field: Field::Title,
            op: Op::Ne,
            value: "a".to_owned(),
            match_case: true,
        };
        assert!(several(range.clone(), MAX_RANGES).is_ok());
        assert_eq!(
            several(range, MAX_RANGES + 1).unwrap_err().to_string(),
            "the filter has more than 16 comparisons of texts by their order, or boxes: ask in several requests"
        );
        // Terms of the index cost next to nothing.
        assert!(several(like(Field::Title, "eau"), 500).is_ok());
        assert!(several(Filter::eq(Field::Title, "eau"), 500).is_ok());
        assert!(several(Filter::Text("l'eau potable".to_owned()), 32).is_ok());
        assert!(matches!(
            several(Filter::Text("l'eau potable".to_owned()), 33),
            Err(SearchError::TooManyWords(_))
        ));
    }
}
