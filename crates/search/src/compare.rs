//! Comparisons of whole values.

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{EmptyQuery, InvertedIndexRangeQuery, RangeQuery, TermQuery};
use tantivy::schema::IndexRecordOption;

use crate::like::{prose, words_of};
use crate::predicate::Test;
use crate::query::{Boxed, Column, Notes, column, either, present};
use crate::schema::Stored;
use crate::{Field, Op, SearchError, Snapshot, analysis, instant};

pub(crate) fn compare(
    snapshot: &Snapshot,
    field: Field,
    op: Op,
    value: &str,
    match_case: bool,
    notes: &Notes,
) -> Result<Boxed, SearchError> {
    Ok(match column(snapshot, field)? {
        Stored::Text { raw, lower, .. } => {
            let (column, value) = cased(raw, lower, value, match_case);
            compare_text(column, op, &value)
        }
        Stored::Instant(column) => {
            let interval =
                instant::interval(value).ok_or_else(|| SearchError::NoDate(value.to_owned()))?;
            let at = |instant| Term::from_field_i64(column, instant);
            compare_fast(op, at(interval.first), at(interval.last))
        }
        Stored::Number(column) => {
            let number = Term::from_field_f64(column, number(value)?);
            compare_fast(op, number.clone(), number)
        }
        Stored::Prose(_) => {
            let value = match match_case {
                true => value.to_owned(),
                false => analysis::lower(value),
            };
            let candidates = match op {
                Op::Eq => words_of(snapshot, &value),
                _ => present(snapshot, field),
            };
            prose(
                snapshot,
                field,
                Test::Compare(op, value),
                match_case,
                &candidates,
                notes,
            )?
        }
        Stored::Nothing => return Err(SearchError::NotCompared(field)),
    })
}

fn cased(raw: Column, lower: Column, value: &str, match_case: bool) -> (Column, String) {
    match match_case {
        true => (raw, value.to_owned()),
        false => (lower, analysis::lower(value)),
    }
}

fn number(value: &str) -> Result<f64, SearchError> {
    value
        .trim()
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
        .ok_or_else(|| SearchError::NoNumber(value.to_owned()))
}

fn compare_text(column: Column, op: Op, value: &str) -> Boxed {
    use Bound::{Excluded, Included, Unbounded};
    let value = || Term::from_field_text(column, value);
    let range = |low, high| -> Boxed { Box::new(InvertedIndexRangeQuery::new(low, high)) };
    match op {
        Op::Eq => Box::new(TermQuery::new(value(), IndexRecordOption::Basic)),
        Op::Ne => either(vec![
            range(Unbounded, Excluded(value())),
            range(Excluded(value()), Unbounded),
        ]),
        Op::Lt => range(Unbounded, Excluded(value())),
        Op::Le => range(Unbounded, Included(value())),
        Op::Gt => range(Excluded(value()), Unbounded),
        Op::Ge => range(Included(value()), Unbounded),
    }
}

/// A constant that is an interval: equal is what lies in it.
fn compare_fast(op: Op, first: Term, last: Term) -> Boxed {
    use Bound::{Excluded, Included, Unbounded};
    let range = |low, high| -> Boxed { Box::new(RangeQuery::new(low, high)) };
    match op {
        Op::Eq => range(Included(first), Included(last)),
        Op::Ne => either(vec![
            range(Unbounded, Excluded(first)),
            range(Excluded(last), Unbounded),
        ]),
        Op::Lt => range(Unbounded, Excluded(first)),
        Op::Le => range(Unbounded, Included(last)),
        Op::Gt => range(Excluded(last), Unbounded),
        Op::Ge => range(Included(first), Unbounded),
    }
}

pub(crate) fn between(
    snapshot: &Snapshot,
    field: Field,
    low: &str,
    high: &str,
    notes: &Notes,
) -> Result<Boxed, SearchError> {
    let range = |low: Term, high: Term| -> Boxed {
        Box::new(RangeQuery::new(Bound::Included(low), Bound::Included(high)))
    };
    Ok(match column(snapshot, field)? {
        Stored::Text { raw, .. } => Box::new(InvertedIndexRangeQuery::new(
            Bound::Included(Term::from_field_text(raw, low)),
            Bound::Included(Term::from_field_text(raw, high)),
        )),
        Stored::Instant(column) => {
            let read = |text: &str| {
                instant::interval(text).ok_or_else(|| SearchError::NoDate(text.to_owned()))
            };
            let (low, high) = (read(low)?.first, read(high)?.last);
            if low > high {
                return Ok(Box::new(EmptyQuery));
            }
            range(
                Term::from_field_i64(column, low),
                Term::from_field_i64(column, high),
            )
        }
        Stored::Number(column) => {
            let (low, high) = (number(low)?, number(high)?);
            if low > high {
                return Ok(Box::new(EmptyQuery));
            }
            range(
                Term::from_field_f64(column, low),
                Term::from_field_f64(column, high),
            )
        }
        Stored::Prose(_) => {
            let test = Test::Between(low.to_owned(), high.to_owned());
            prose(
                snapshot,
                field,
                test,
                true,
                &present(snapshot, field),
                notes,
            )?
        }
        Stored::Nothing => return Err(SearchError::NotCompared(field)),
    })
}
