//! From a filter to a query of the index.

use tantivy::Term;
use tantivy::query::doc_predicate_query::DocPredicateQuery;
use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, EmptyQuery, Occur, Query, TermQuery, TermSetQuery,
};
use tantivy::schema::IndexRecordOption;

use crate::compare::{between, compare};
use crate::like::like;
use crate::predicate::{Faults, Overlay};
use crate::schema::Stored;
use crate::words::{self, Corrections};
use crate::writer::key_bytes;
use crate::{Field, Filter, SearchError, Snapshot};

pub(crate) type Boxed = Box<dyn Query>;
pub(crate) type Column = tantivy::schema::Field;

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

pub(crate) fn present(snapshot: &Snapshot, field: Field) -> Boxed {
    term(snapshot.columns.present, field.name())
}

fn compared(field: Field) -> Result<(), SearchError> {
    match field {
        Field::Score => Err(SearchError::NotCompared(field)),
        _ => Ok(()),
    }
}

pub(crate) fn column(snapshot: &Snapshot, field: Field) -> Result<Stored, SearchError> {
    compared(field)?;
    snapshot
        .columns
        .fields
        .get(&field)
        .copied()
        .ok_or(SearchError::NotCompared(field))
}
