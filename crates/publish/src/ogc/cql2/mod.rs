//! CQL2 (OGC 21-065r2), as text and as JSON, to the filters of the index.
//!
//! Both encodings are read into one small tree, which `translate` makes a filter of: what is not offered is refused once.

mod json;
#[cfg(test)]
mod tests;
mod text;
mod translate;

use search::{Filter, Op};
pub(super) use translate::intersects;

use crate::tokens::MAX_DEPTH;

/// Bytes of a filter.
const LONGEST: usize = 32 * 1024;
/// Values of a list, parts of a conjunction.
const MAX_PARTS: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Text,
    Json,
}

/// A filter, or what is wrong with it. `latitude_first` is of the reference system that its geometries are in.
pub(super) fn filter(
    text: &str,
    language: Language,
    latitude_first: bool,
) -> Result<Filter, String> {
    if text.len() > LONGEST {
        return Err(format!("the filter is longer than {LONGEST} bytes"));
    }
    let expression = match language {
        Language::Text => text::read(text)?,
        Language::Json => json::read(text)?,
    };
    translate::filter(expression, latitude_first)
}

/// What is true or false of a record.
#[derive(Debug, Clone, PartialEq)]
enum Expr {
    Constant(bool),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Compare(Property, Op, Value),
    Like(Property, String),
    Between(Property, Value, Value),
    In(Property, Vec<Value>),
    IsNull(Property),
    /// `s_…`, with the corners of the geometry as it was written.
    Spatial(String, Property, [f64; 4]),
    /// `t_…`, with the first and the last instant; `..` for none.
    Temporal(String, Property, [String; 2]),
    /// `a_…`
    Array(String, Property, Vec<Value>),
}

#[derive(Debug, Clone, PartialEq)]
struct Property {
    name: String,
    /// Compared by `CASEI`.
    any_case: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Text(String),
    Number(f64),
    Boolean(bool),
    /// Of `DATE` and `TIMESTAMP`.
    Instant(String),
}

/// The operator that says the same when its sides are exchanged.
fn turned(op: Op) -> Op {
    match op {
        Op::Lt => Op::Gt,
        Op::Le => Op::Ge,
        Op::Gt => Op::Lt,
        Op::Ge => Op::Le,
        Op::Eq | Op::Ne => op,
    }
}

/// The corners around positions: x, y, and perhaps a height that does not count.
fn corners(positions: impl Iterator<Item = (f64, f64)>) -> Option<[f64; 4]> {
    positions.fold(None, |known, (x, y)| {
        let [west, south, east, north] = known.unwrap_or([x, y, x, y]);
        Some([west.min(x), south.min(y), east.max(x), north.max(y)])
    })
}

/// A box of four numbers, or of six with heights, which do not count.
pub(super) fn box_of(numbers: &[f64]) -> Option<[f64; 4]> {
    match numbers {
        [west, south, east, north] => Some([*west, *south, *east, *north]),
        [west, south, _, east, north, _] => Some([*west, *south, *east, *north]),
        _ => None,
    }
}
