//! Patterns, and what is too long to be a term of the index.

use std::sync::Arc;

use tantivy::query::doc_predicate_query::DocPredicateQuery;
use tantivy::query::{AllQuery, AutomatonWeight, BooleanQuery, EnableScoring, Query, Weight};

use crate::field::ValueKind;
use crate::pattern::Matcher;
use crate::predicate::{Prose, Test};
use crate::query::{Boxed, Column, Notes, column, present, term};
use crate::schema::Stored;
use crate::{Field, MAX_PATTERN, Pattern, Piece, SearchError, Snapshot, analysis};

pub(crate) fn like(
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
pub(crate) fn words_of(snapshot: &Snapshot, value: &str) -> Boxed {
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

pub(crate) fn prose(
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
struct Matching {
    column: Column,
    matcher: Arc<Matcher>,
}

impl Matching {
    fn new(column: Column, pattern: &Pattern) -> Self {
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
