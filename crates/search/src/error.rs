//! What can go wrong, and whose fault it is.

use crate::Field;

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("the filter is nested deeper than {0} levels: simplify it")]
    TooDeep(usize),
    #[error("the filter has more than {0} parts: ask in several requests")]
    TooManyParts(usize),
    #[error("a value of the filter is longer than {0} bytes: shorten it")]
    TooLong(usize),
    #[error("more than {0} identifiers are asked for: ask in several requests")]
    TooManyIds(usize),
    #[error("the text has more than {0} words: shorten it")]
    TooManyWords(usize),
    #[error(
        "the filter has more than {0} patterns, or comparisons of prose: ask in several requests"
    )]
    TooManyPatterns(usize),
    #[error(
        "the filter has more than {0} comparisons of texts by their order, or boxes: ask in several requests"
    )]
    TooManyRanges(usize),
    #[error("the pattern has more than {0} characters: shorten it")]
    LongPattern(usize),
    #[error("`{0}` is no date: write 2024, 2024-05, 2024-05-31 or 2024-05-31T12:00:00Z")]
    NoDate(String),
    #[error("`{0}` is no number")]
    NoNumber(String),
    #[error("`{}` has no text to be compared with a pattern", .0.name())]
    NotLike(Field),
    #[error("`{}` cannot be compared: it is only there to sort by", .0.name())]
    NotCompared(Field),
    #[error("`{}` cannot be sorted by: it is prose", .0.name())]
    NotSorted(Field),
    #[error("the values of `{}` cannot be counted", .0.name())]
    NotFacet(Field),
    #[error(
        "a page further than {0} results away is found by its cursor (`after`), not by an offset"
    )]
    TooFar(usize),
    #[error("not more than {0} fields can be sorted by")]
    TooManySorts(usize),
    #[error("the cursor is not one of this search")]
    Cursor,
    #[error(
        "a box needs west and east from -180 to 180, south and north from -90 to 90, and south under north"
    )]
    Bbox,
    #[error("a line of the archive is not N-Triples ({0}): run `moisson rebuild`")]
    Line(String),
    #[error("the search index: {0}; if it stays, run `moisson rebuild`")]
    Index(#[from] tantivy::TantivyError),
    #[error("the search index in {path}: {reason}")]
    Directory { path: String, reason: String },
}

impl SearchError {
    /// Whether the fault is in what was asked, and not in the index.
    pub fn is_refusal(&self) -> bool {
        !matches!(
            self,
            Self::Line(_) | Self::Index(_) | Self::Directory { .. }
        )
    }
}
