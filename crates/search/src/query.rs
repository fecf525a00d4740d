//! From a filter to a query of the index.

use std::ops::Bound;
use std::sync::Arc;

use tantivy::Term;
use tantivy::query::doc_predicate_query::DocPredicateQuery;
use tantivy::query::{
    AllQuery, AutomatonWeight, BooleanQuery, ConstScoreQuery, EmptyQuery, EnableScoring,
    InvertedIndexRangeQuery, Occur, Query, RangeQuery, TermQuery, TermSetQuery, Weight,
};
use tantivy::schema::IndexRecordOption;

use crate::field::ValueKind;
use crate::pattern::Matcher;
use crate::predicate::{Faults, Overlay, Prose, Test};
use crate::schema::Stored;
use crate::words::{self, Corrections};
use crate::writer::key_bytes;
use crate::{
    Field, Filter, MAX_PATTERN, Op, Pattern, Piece, SearchError, Snapshot, analysis, instant,
};

type Boxed = Box<dyn Query>;
type Column = tantivy::schema::Field;

/// What is found out while a query is made and answered.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) corrections: Corrections,
    pub(crate) faults: Faults,
}

/// The query of a filter that was checked. Only words count for the score.
pub(crate) fn of(
    snapshot: &Snapshot,
    filter: &Filter,
    notes: &mut Notes,
) -> Result<Boxed, SearchError> {
    let query = match filter {
        Filter::Text(text) => return words::query(snapshot, text, &mut notes.corrections),
        Filter::And(all) | Filter::Or(all) => {
            let any = matches!(filter, Filter::Or(_));
            return several(snapshot, all, any, notes);
        }
        Filter::All => Box::new(AllQuery),
        Filter::Not(inner) => not(of(snapshot, inner, notes)?),
        Filter::Compare {
            field,
            op,
            value,
            match_case,
        } => compare(snapshot, *field, *op, value, *match_case, notes)?,
        Filter::Between { field, low, high } => between(snapshot, *field, low, high, notes)?,
        Filter::Like {
            field,
            pattern,
            match_case,
        } => like(snapshot, *field, pattern, *match_case, notes)?,
        Filter::IsNull(field) => {
            compared(*field)?;
            not(present(snapshot, *field))
        }
        Filter::Spatial { relation, bbox } => {
            Box::new(DocPredicateQuery::from(Overlay::new(*relation, bbox)))
        }
        Filter::Ids(keys) => {
            let column = snapshot.columns.key;
            let terms = keys
                .iter()
                .map(|key| Term::from_field_bytes(column, &key_bytes(*key)));
            Box::new(TermSetQuery::new(terms))
        }
    };
    Ok(Box::new(ConstScoreQuery::new(query, 0.0)))
}

fn several(
    snapshot: &Snapshot,
    all: &[Filter],
    any: bool,
    notes: &mut Notes,
) -> Result<Boxed, SearchError> {
    let occur = if any { Occur::Should } else { Occur::Must };
    let parts = all
        .iter()
        .map(|filter| Ok((occur, of(snapshot, filter, notes)?)))
        .collect::<Result<Vec<_>, SearchError>>()?;
    Ok(match (parts.is_empty(), any) {
        (true, true) => Box::new(EmptyQuery),
        (true, false) => Box::new(ConstScoreQuery::new(Box::new(AllQuery), 0.0)),
        (false, _) => Box::new(BooleanQuery::new(parts)),
    })
}

fn not(query: Boxed) -> Boxed {
    let all: Boxed = Box::new(AllQuery);
    Box::new(BooleanQuery::new(vec![
        (Occur::Must, all),
        (Occur::MustNot, query),
    ]))
}

pub(crate) fn either(queries: Vec<Boxed>) -> Boxed {
    Box::new(BooleanQuery::union(queries))
}

pub(crate) fn term(column: Column, text: &str) -> Boxed {
    Box::new(TermQuery::new(
        Term::from_field_text(column, text),
        IndexRecordOption::Basic,
    ))
}

fn present(snapshot: &Snapshot, field: Field) -> Boxed {
    term(snapshot.columns.present, field.name())
}

fn compared(field: Field) -> Result<(), SearchError> {
    match field {
        Field::Score => Err(SearchError::NotCompared(field)),
        _ => Ok(()),
    }
}

fn column(snapshot: &Snapshot, field: Field) -> Result<Stored, SearchError> {
    compared(field)?;
    snapshot
        .columns
        .fields
        .get(&field)
        .copied()
        .ok_or(SearchError::NotCompared(field))
}

fn compare(
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

fn between(
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

fn like(
    snapshot: &Snapshot,
    field: Field,
    pattern: &Pattern,
    match_case: bool,
    notes: &Notes,
) -> Result<Boxed, SearchError> {
    let cased = match match_case {
        true => pattern.clone(),
        false => pattern.to_lowercase(),
    };
    match column(snapshot, field)? {
        Stored::Text { raw, lower, .. } => {
            let column = if match_case { raw } else { lower };
            Ok(match cased.pieces() {
                [] => term(column, ""),
                [Piece::Literal(text)] => term(column, text),
                [Piece::AnyString] => present(snapshot, field),
                _ => Box::new(Matching::new(column, &cased)),
            })
        }
        Stored::Prose(_) => {
            let candidates = words_like(snapshot, field, pattern);
            // A word that is looked for wherever it stands is found by the words alone.
            if field == Field::AnyText && !match_case && is_one_word(&cased) {
                return Ok(candidates);
            }
            prose(
                snapshot,
                field,
                Test::Like(cased.matcher()),
                match_case,
                &candidates,
                notes,
            )
        }
        _ => Err(match field.kind() {
            ValueKind::Text | ValueKind::Prose => SearchError::NotCompared(field),
            ValueKind::Instant | ValueKind::Number => SearchError::NotLike(field),
        }),
    }
}

fn is_one_word(pattern: &Pattern) -> bool {
    matches!(pattern.pieces(), [Piece::AnyString, Piece::Literal(text), Piece::AnyString]
        if text.len() + 2 <= MAX_PATTERN && text.chars().all(analysis::is_word))
}

/// So many words narrow candidates down well enough; each costs a walk through all words of the index.
const TELLING: usize = 4;

/// Those whose prose may match a pattern: the words of its literals are words there, or the beginnings, ends or middles of
/// words where a wildcard follows or goes before. The longest ones will do.
fn words_like(snapshot: &Snapshot, field: Field, pattern: &Pattern) -> Boxed {
    let column = snapshot.columns.tokens;
    let mut parts: Vec<(String, bool, bool)> = Vec::new();
    let last = pattern.pieces().len().saturating_sub(1);
    for (at, piece) in pattern.pieces().iter().enumerate() {
        let Piece::Literal(text) = piece else {
            continue;
        };
        for (from, to) in analysis::runs(text) {
            let word = analysis::lower(text.get(from..to).unwrap_or_default());
            parts.push((word, at > 0 && from == 0, at < last && to == text.len()));
        }
    }
    parts.sort_by(|(a, ..), (b, ..)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    parts.dedup();
    parts.truncate(TELLING);
    let mut all: Vec<Boxed> = vec![present(snapshot, field)];
    for (word, open_before, open_behind) in parts {
        if !open_before && !open_behind {
            all.push(term(column, &word));
            continue;
        }
        let any = |open: bool| open.then_some(Piece::AnyString);
        let pieces = any(open_before)
            .into_iter()
            .chain([Piece::Literal(word)])
            .chain(any(open_behind));
        // A literal that is too long for a pattern in lower case narrows nothing down.
        if let Ok(pattern) = Pattern::new(pieces) {
            all.push(Box::new(Matching::new(column, &pattern)));
        }
    }
    Box::new(BooleanQuery::intersection(all))
}

/// Those whose prose has every word of a value.
fn words_of(snapshot: &Snapshot, value: &str) -> Boxed {
    let mut words = analysis::words(analysis::LOWER, value);
    words.sort_unstable_by(|(_, a), (_, b)| a.cmp(b));
    words.dedup_by(|(_, a), (_, b)| a == b);
    let terms: Vec<Boxed> = words
        .iter()
        .map(|(_, word)| term(snapshot.columns.tokens, word))
        .collect();
    match terms.is_empty() {
        true => Box::new(AllQuery),
        false => Box::new(BooleanQuery::intersection(terms)),
    }
}

fn prose(
    snapshot: &Snapshot,
    field: Field,
    test: Test,
    match_case: bool,
    candidates: &Boxed,
    notes: &Notes,
) -> Result<Boxed, SearchError> {
    let weight: Arc<dyn Weight> =
        Arc::from(candidates.weight(EnableScoring::disabled_from_searcher(&snapshot.searcher))?);
    let columns: Vec<Column> = [Field::Description, Field::AnyText]
        .iter()
        // Any text may be a description as well.
        .filter(|prose| field == Field::AnyText || **prose == field)
        .filter_map(|prose| match snapshot.columns.fields.get(prose) {
            Some(Stored::Prose(column)) => Some(*column),
            _ => None,
        })
        .collect();
    Ok(Box::new(DocPredicateQuery::from(Prose {
        columns,
        test: Arc::new(test),
        match_case,
        candidates: weight,
        faults: notes.faults.clone(),
    })))
}

/// Terms that a pattern matches.
#[derive(Debug, Clone)]
pub(crate) struct Matching {
    column: Column,
    matcher: Arc<Matcher>,
}

impl Matching {
    pub(crate) fn new(column: Column, pattern: &Pattern) -> Self {
        Self {
            column,
            matcher: Arc::new(pattern.matcher()),
        }
    }
}

impl Query for Matching {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(AutomatonWeight::<Matcher>::new(
            self.column,
            Arc::clone(&self.matcher),
        )))
    }
}
