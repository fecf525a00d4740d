//! Answers searches.

use std::collections::{BTreeMap, BTreeSet};

use model::EntityKey;
use tantivy::collector::DocSetCollector;
use tantivy::columnar::Column;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, Term};

use crate::field::ValueKind;
use crate::query::{self, Notes};
use crate::rank::{Page, Ranked, Row};
use crate::schema::{KEY_PARTS, Stored};
use crate::writer::{key_bytes, key_of};
use crate::{
    Cursor, Direction, Field, Filter, Found, Hit, MAX_FACET_SIZE, MAX_LIMIT, MAX_OFFSET, MAX_SORTS,
    Search, SearchError, Snapshot,
};

pub(crate) fn search(snapshot: &Snapshot, search: &Search) -> Result<Found, SearchError> {
    let sort = check(search)?;
    let mut notes = Notes::default();
    let query = query::of(snapshot, &search.filter, &mut notes)?;
    let limit = search.limit.min(MAX_LIMIT);
    let scored = sort.iter().any(|(field, _)| *field == Field::Score);
    let ranked = Ranked {
        sort,
        after: search.after.clone(),
        // One more tells whether there is another page.
        keep: match limit {
            0 => 0,
            limit => search.offset + limit + 1,
        },
        facets: search.facets.clone(),
        scored,
        now: search.now,
    };
    let page = snapshot.searcher.search(&query, &ranked)?;
    notes.faults.check()?;
    Ok(found(page, search, limit, notes))
}

/// Refuses what cannot be answered, and gives the order.
fn check(search: &Search) -> Result<Vec<(Field, Direction)>, SearchError> {
    search.filter.check()?;
    if search.offset > MAX_OFFSET {
        return Err(SearchError::TooFar(MAX_OFFSET));
    }
    if let Some(field) = search.facets.iter().find(|field| !field.is_facet()) {
        return Err(SearchError::NotFacet(*field));
    }
    let sort = match search.sort.is_empty() && has_words(&search.filter) {
        true => vec![(Field::Score, Direction::Descending)],
        false => search.sort.clone(),
    };
    if sort.len() > MAX_SORTS {
        return Err(SearchError::TooManySorts(MAX_SORTS));
    }
    if let Some((field, _)) = sort
        .iter()
        .find(|(field, _)| field.kind() == ValueKind::Prose)
    {
        return Err(SearchError::NotSorted(*field));
    }
    if let Some(cursor) = &search.after
        && !cursor.fits(&sort)
    {
        return Err(SearchError::Cursor);
    }
    Ok(sort)
}

fn has_words(filter: &Filter) -> bool {
    match filter {
        Filter::Text(_) => true,
        Filter::And(all) | Filter::Or(all) => all.iter().any(has_words),
        _ => false,
    }
}

fn found(page: Page, search: &Search, limit: usize, notes: Notes) -> Found {
    let more = limit > 0 && page.rows.len() > search.offset + limit;
    let rows: Vec<Row> = page
        .rows
        .into_iter()
        .skip(search.offset)
        .take(limit)
        .collect();
    let next = rows.last().filter(|_| more).map(Cursor::at);
    let hits = rows
        .iter()
        .filter_map(|row| {
            let [kind, high, low] = row.id;
            Some(Hit {
                key: key_of(kind, high, low)?,
                score: row.score,
            })
        })
        .collect();
    let facets = search
        .facets
        .iter()
        .map(|field| (*field, most(page.facets.get(field), search.facet_size)))
        .collect();
    Found {
        total: page.total,
        hits,
        facets,
        next,
        corrected: notes.corrections,
    }
}

fn most(counts: Option<&BTreeMap<String, u64>>, size: usize) -> Vec<(String, u64)> {
    let mut counts: Vec<(String, u64)> = counts
        .into_iter()
        .flatten()
        .map(|(value, count)| (value.clone(), *count))
        .collect();
    counts.sort_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
    counts.truncate(size.min(MAX_FACET_SIZE));
    counts
}

/// The entities that name an agent.
pub(crate) fn naming(snapshot: &Snapshot, agent: EntityKey) -> Result<Vec<EntityKey>, SearchError> {
    let term = Term::from_field_bytes(snapshot.columns.agents, &key_bytes(agent));
    let query = TermQuery::new(term, IndexRecordOption::Basic);
    let found = snapshot.searcher.search(&query, &DocSetCollector)?;
    let mut keys = Vec::with_capacity(found.len());
    let segments = snapshot
        .searcher
        .segment_readers()
        .iter()
        .map(Keys::open)
        .collect::<tantivy::Result<Vec<_>>>()?;
    for address in found {
        let segment = segments.get(address.segment_ord as usize);
        keys.extend(segment.and_then(|segment| segment.of(address.doc_id)));
    }
    Ok(keys)
}

/// The keys of the documents of a segment.
struct Keys([Column<u64>; 3]);

impl Keys {
    fn open(segment: &SegmentReader) -> tantivy::Result<Self> {
        let [kind, high, low] = KEY_PARTS;
        let fast = segment.fast_fields();
        Ok(Self([fast.u64(kind)?, fast.u64(high)?, fast.u64(low)?]))
    }

    fn of(&self, doc: DocId) -> Option<EntityKey> {
        let [kind, high, low] = &self.0;
        key_of(kind.first(doc)?, high.first(doc)?, low.first(doc)?)
    }
}

/// Every term of every column with those that have it: what two indexes of one catalogue have in common, however they were made.
pub(crate) fn terms(snapshot: &Snapshot) -> Result<Terms, SearchError> {
    let mut all = Terms::new();
    for segment in snapshot.searcher.segment_readers() {
        let keys = Keys::open(segment)?;
        for (column, entry) in snapshot.searcher.schema().fields() {
            if !entry.is_indexed() {
                continue;
            }
            let index = segment.inverted_index(column)?;
            let mut stream = index
                .terms()
                .stream()
                .map_err(tantivy::TantivyError::from)?;
            while stream.advance() {
                let mut postings = index
                    .read_postings_from_terminfo(stream.value(), IndexRecordOption::Basic)
                    .map_err(tantivy::TantivyError::from)?;
                let mut doc = postings.doc();
                while doc != TERMINATED {
                    if !segment.is_deleted(doc) {
                        let name = (entry.name().to_owned(), stream.key().to_vec());
                        all.entry(name).or_default().extend(keys.of(doc));
                    }
                    doc = postings.advance();
                }
            }
        }
    }
    Ok(all)
}

/// Who has a term, by column and term.
pub type Terms = BTreeMap<(String, Vec<u8>), BTreeSet<EntityKey>>;

/// The values of a field, in their order, from one on.
pub(crate) fn values(
    snapshot: &Snapshot,
    field: Field,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<String>, SearchError> {
    let Some(Stored::Text { raw, .. }) = snapshot.columns.fields.get(&field).copied() else {
        return Err(SearchError::NotFacet(field));
    };
    let mut values = BTreeSet::new();
    for segment in snapshot.searcher.segment_readers() {
        let index = segment.inverted_index(raw)?;
        let terms = index.terms();
        let mut stream = match after {
            Some(after) => terms.range().gt(after.as_bytes()).into_stream(),
            None => terms.range().into_stream(),
        }
        .map_err(tantivy::TantivyError::from)?;
        let mut taken = 0;
        while taken < limit && stream.advance() {
            let Ok(value) = std::str::from_utf8(stream.key()) else {
                continue;
            };
            // Of what was removed, terms stay until segments are merged.
            let live = match segment.alive_bitset() {
                None => true,
                Some(alive) => {
                    let mut postings = index
                        .read_postings_from_terminfo(stream.value(), IndexRecordOption::Basic)
                        .map_err(tantivy::TantivyError::from)?;
                    postings.count(alive) > 0
                }
            };
            if live {
                taken += 1;
                values.insert(value.to_owned());
            }
        }
    }
    Ok(values.into_iter().take(limit).collect())
}
