//! Counts what is found, puts it in order, and keeps a page of it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::Bound;

use chrono::{DateTime, Utc};
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader, TantivyError, f64_to_u64, i64_to_u64};

use crate::ask::SortKey;
use crate::field::ValueKind;
use crate::schema::{KEY_PARTS, facet_name, sort_name};
use crate::{Cursor, Direction, Field, MAX_SORTS};

/// What quality and freshness add to how well words are answered, as a share of it.
const QUALITY: f32 = 0.5;
const FRESHNESS: f32 = 0.25;
/// What was modified so long ago is half as fresh, in milliseconds.
const HALF_LIFE: f32 = 2.0 * 365.25 * 24.0 * 3600.0 * 1000.0;

/// Collects the first of what is found.
pub(crate) struct Ranked {
    pub(crate) sort: Vec<(Field, Direction)>,
    pub(crate) after: Option<Cursor>,
    /// So many are kept.
    pub(crate) keep: usize,
    pub(crate) facets: Vec<Field>,
    pub(crate) scored: bool,
    pub(crate) now: DateTime<Utc>,
}

/// Something found, with what it is sorted by.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) keys: Vec<SortKey>,
    pub(crate) id: [u64; 3],
    pub(crate) score: f32,
}

#[derive(Default)]
pub(crate) struct Page {
    pub(crate) total: usize,
    pub(crate) rows: Vec<Row>,
    pub(crate) facets: BTreeMap<Field, BTreeMap<String, u64>>,
}

/// By what comes first.
pub(crate) fn order(sort: &[(Field, Direction)], a: &Row, b: &Row) -> Ordering {
    for ((a, b), (_, direction)) in a.keys.iter().zip(&b.keys).zip(sort) {
        let order = match (a, b, direction) {
            (SortKey::Missing, _, _) | (_, SortKey::Missing, _) | (_, _, Direction::Ascending) => {
                a.cmp(b)
            }
            (_, _, Direction::Descending) => b.cmp(a),
        };
        if order.is_ne() {
            return order;
        }
    }
    a.id.cmp(&b.id)
}

impl Collector for Ranked {
    type Fruit = Page;
    type Child = SegmentRanked;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<SegmentRanked> {
        let fast = segment.fast_fields();
        let [kind, high, low] = KEY_PARTS;
        let sort = self
            .sort
            .iter()
            .map(|(field, direction)| Ok((Sorted::open(segment, *field)?, *direction)))
            .collect::<tantivy::Result<Vec<_>>>()?;
        let facets = self
            .facets
            .iter()
            .filter_map(|field| match fast.str(&facet_name(*field)) {
                Ok(column) => column.map(|column| {
                    let counts = vec![0; column.num_terms()];
                    Ok((*field, column, counts))
                }),
                Err(error) => Some(Err(error)),
            })
            .collect::<tantivy::Result<Vec<_>>>()?;
        let after = match &self.after {
            Some(cursor) => Some(place(&sort, cursor)?),
            None => None,
        };
        Ok(SegmentRanked {
            id: [fast.u64(kind)?, fast.u64(high)?, fast.u64(low)?],
            quality: fast.f64(Field::Quality.name())?,
            modified: fast.i64(Field::Modified.name())?,
            sort,
            facets,
            after,
            keep: self.keep,
            scored: self.scored,
            now: self.now.timestamp_millis(),
            total: 0,
            heap: BinaryHeap::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.scored
    }

    fn merge_fruits(&self, fruits: Vec<tantivy::Result<Page>>) -> tantivy::Result<Page> {
        let mut page = Page::default();
        for fruit in fruits {
            let fruit = fruit?;
            page.total += fruit.total;
            page.rows.extend(fruit.rows);
            for (field, counts) in fruit.facets {
                let all = page.facets.entry(field).or_default();
                for (value, count) in counts {
                    *all.entry(value).or_default() += count;
                }
            }
        }
        page.rows.sort_by(|a, b| order(&self.sort, a, b));
        page.rows.truncate(self.keep);
        Ok(page)
    }
}

/// A column to sort by.
enum Sorted {
    Score,
    Text(Option<StrColumn>),
    Instant(Column<i64>),
    Number(Column<f64>),
}

impl Sorted {
    fn open(segment: &SegmentReader, field: Field) -> tantivy::Result<Self> {
        let fast = segment.fast_fields();
        Ok(match field.kind() {
            _ if field == Field::Score => Self::Score,
            ValueKind::Text | ValueKind::Prose => Self::Text(fast.str(&sort_name(field))?),
            ValueKind::Instant => Self::Instant(fast.i64(field.name())?),
            ValueKind::Number => Self::Number(fast.f64(field.name())?),
        })
    }

    /// The value of a document, comparable within the segment. That of text is twice the place of the term, from 2: between
    /// two is room for a term that the segment does not have.
    fn value(&self, doc: DocId, score: f32) -> Option<u64> {
        match self {
            Self::Score => Some(f64_to_u64(f64::from(score))),
            Self::Text(column) => Some((column.as_ref()?.term_ords(doc).next()? + 1) * 2),
            Self::Instant(column) => column.first(doc).map(i64_to_u64),
            Self::Number(column) => column.first(doc).map(f64_to_u64),
        }
    }

    /// The place that a value has, or would have.
    fn place(&self, key: &SortKey) -> tantivy::Result<Option<u64>> {
        Ok(match (self, key) {
            (_, SortKey::Missing) => None,
            (Self::Text(None), SortKey::Text(_)) => Some(1),
            (Self::Text(Some(column)), SortKey::Text(text)) => {
                let dictionary = column.dictionary();
                match dictionary.term_ord(text.as_bytes())? {
                    Some(ord) => Some((ord + 1) * 2),
                    None => {
                        let from = Bound::Included(text.as_bytes());
                        let (next, _) = dictionary.term_bounds_to_ord(from, Bound::Unbounded)?;
                        let next = match next {
                            Bound::Included(ord) => ord,
                            Bound::Excluded(ord) => ord.saturating_add(1),
                            Bound::Unbounded => 0,
                        };
                        // After the last term stands none, which the dictionary tells by the greatest number.
                        let next = next.min(dictionary.num_terms() as u64);
                        Some((next + 1) * 2 - 1)
                    }
                }
            }
            (Self::Score | Self::Instant(_) | Self::Number(_), SortKey::Number(number)) => {
                Some(*number)
            }
            _ => return Err(TantivyError::InvalidArgument("cursor".to_owned())),
        })
    }

    /// The same, comparable everywhere.
    fn key(&self, value: u64) -> tantivy::Result<SortKey> {
        Ok(match self {
            Self::Text(Some(column)) => {
                let mut text = String::new();
                column.ord_to_str((value / 2).saturating_sub(1), &mut text)?;
                SortKey::Text(text)
            }
            _ => SortKey::Number(value),
        })
    }
}

/// What is left out comes last in both directions.
fn directed(value: Option<u64>, direction: Direction) -> u64 {
    match (value, direction) {
        (None, _) => u64::MAX,
        (Some(value), Direction::Ascending) => value.min(u64::MAX - 1),
        (Some(value), Direction::Descending) => (!value).min(u64::MAX - 1),
    }
}

fn undirected(key: u64, direction: Direction) -> Option<u64> {
    match (key, direction) {
        (u64::MAX, _) => None,
        (key, Direction::Ascending) => Some(key),
        (key, Direction::Descending) => Some(!key),
    }
}

fn place(
    sort: &[(Sorted, Direction)],
    cursor: &Cursor,
) -> tantivy::Result<([u64; MAX_SORTS], [u64; 3])> {
    let mut keys = [0; MAX_SORTS];
    for ((slot, (column, direction)), key) in keys.iter_mut().zip(sort).zip(&cursor.keys) {
        *slot = directed(column.place(key)?, *direction);
    }
    Ok((keys, cursor.id))
}

/// Compared by its keys, then by its identifier.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Kept {
    keys: [u64; MAX_SORTS],
    id: [u64; 3],
    score: u32,
}

pub(crate) struct SegmentRanked {
    id: [Column<u64>; 3],
    quality: Column<f64>,
    modified: Column<i64>,
    sort: Vec<(Sorted, Direction)>,
    facets: Vec<(Field, StrColumn, Vec<u64>)>,
    after: Option<([u64; MAX_SORTS], [u64; 3])>,
    keep: usize,
    scored: bool,
    now: i64,
    total: usize,
    /// The last of those that are kept is on top.
    heap: BinaryHeap<Kept>,
}

impl SegmentRanked {
    fn final_score(&self, doc: DocId, score: Score) -> f32 {
        if !self.scored {
            return 0.0;
        }
        let quality = self.quality.first(doc).unwrap_or(0.0) as f32;
        let fresh = self.modified.first(doc).map_or(0.0, |modified| {
            let age = self.now.saturating_sub(modified).max(0) as f32;
            (-age / HALF_LIFE).exp2()
        });
        // Where no words were asked for, all answer equally well.
        let words = if score > 0.0 { score } else { 1.0 };
        words * (1.0 + QUALITY * quality + FRESHNESS * fresh)
    }

    fn rows(&mut self) -> tantivy::Result<Vec<Row>> {
        std::mem::take(&mut self.heap)
            .into_iter()
            .map(|kept| {
                let keys = self
                    .sort
                    .iter()
                    .zip(kept.keys)
                    .map(
                        |((column, direction), key)| match undirected(key, *direction) {
                            Some(value) => column.key(value),
                            None => Ok(SortKey::Missing),
                        },
                    )
                    .collect::<tantivy::Result<_>>()?;
                Ok(Row {
                    keys,
                    id: kept.id,
                    score: f32::from_bits(kept.score),
                })
            })
            .collect()
    }

    fn counts(&self) -> tantivy::Result<BTreeMap<Field, BTreeMap<String, u64>>> {
        let mut all = BTreeMap::new();
        for (field, column, counts) in &self.facets {
            let mut named = BTreeMap::new();
            let mut used = counts.iter().zip(0..).filter(|(count, _)| **count > 0);
            let mut name = String::new();
            for (count, ord) in &mut used {
                column.ord_to_str(ord, &mut name)?;
                named.insert(name.clone(), *count);
            }
            all.insert(*field, named);
        }
        Ok(all)
    }
}

impl SegmentCollector for SegmentRanked {
    type Fruit = tantivy::Result<Page>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.total += 1;
        for (_, column, counts) in &mut self.facets {
            for ord in column.term_ords(doc) {
                if let Some(count) = usize::try_from(ord)
                    .ok()
                    .and_then(|ord| counts.get_mut(ord))
                {
                    *count += 1;
                }
            }
        }
        if self.keep == 0 {
            return;
        }
        let score = self.final_score(doc, score);
        let mut keys = [0; MAX_SORTS];
        for (slot, (column, direction)) in keys.iter_mut().zip(&self.sort) {
            *slot = directed(column.value(doc, score), *direction);
        }
        let full = self.heap.len() >= self.keep;
        if full && self.heap.peek().is_some_and(|last| keys > last.keys) {
            return;
        }
        let [kind, high, low] = &self.id;
        let part = |column: &Column<u64>| column.first(doc).unwrap_or(0);
        let kept = Kept {
            keys,
            id: [part(kind), part(high), part(low)],
            score: score.to_bits(),
        };
        if self
            .after
            .is_some_and(|after| (kept.keys, kept.id) <= after)
        {
            return;
        }
        self.heap.push(kept);
        if full {
            self.heap.pop();
        }
    }

    fn harvest(mut self) -> tantivy::Result<Page> {
        Ok(Page {
            total: self.total,
            rows: self.rows()?,
            facets: self.counts()?,
        })
    }
}
