//! The one writer of the index.

use std::collections::{HashMap, HashSet};

use model::EntityKey;
use tantivy::schema::document::TantivyDocument;
use tantivy::{IndexWriter, Term};

use crate::index::payload;
use crate::schema::{Columns, Stored};
use crate::{Document, Field, Index, SearchError, analysis};

/// Puts documents in and takes them out; others see it once it is committed.
pub struct Writer {
    index: Index,
    writer: IndexWriter,
    /// Of what waits to be committed: which entities name an agent.
    naming: HashMap<EntityKey, HashSet<EntityKey>>,
    waiting: usize,
}

impl Writer {
    pub(crate) fn new(index: &Index) -> Result<Self, SearchError> {
        Ok(Self {
            writer: index.index.writer(index.memory)?,
            index: index.clone(),
            naming: HashMap::new(),
            waiting: 0,
        })
    }

    /// Puts a document in place of the one with its key.
    pub fn put(&mut self, document: &Document) -> Result<(), SearchError> {
        self.remove(document.key);
        self.add(document)
    }

    /// Puts a document whose key is not in the index.
    pub fn add(&mut self, document: &Document) -> Result<(), SearchError> {
        self.waiting += 1;
        for agent in &document.agents {
            self.naming.entry(*agent).or_default().insert(document.key);
        }
        self.writer
            .add_document(tantivy_document(&self.index.columns, document))?;
        Ok(())
    }

    pub fn remove(&mut self, key: EntityKey) {
        self.waiting += 1;
        let bytes = key_bytes(key);
        self.writer
            .delete_term(Term::from_field_bytes(self.index.columns.key, &bytes));
    }

    /// How much was put or removed since the last commit.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Those that name an agent, and so have to be made again when it changes.
    pub fn naming(&self, agent: EntityKey) -> Result<HashSet<EntityKey>, SearchError> {
        let mut keys: HashSet<EntityKey> =
            self.index.snapshot().naming(agent)?.into_iter().collect();
        keys.extend(self.naming.get(&agent).into_iter().flatten());
        Ok(keys)
    }

    /// Makes everything durable and visible, together with the change of the archive up to which the index has followed:
    /// after a crash there are both or neither.
    pub fn commit(&mut self, position: Option<i64>) -> Result<(), SearchError> {
        let mut commit = self.writer.prepare_commit()?;
        commit.set_payload(&payload(position));
        commit.commit()?;
        self.naming.clear();
        self.waiting = 0;
        self.index.reload()
    }

    /// Takes everything out, at the next commit.
    pub fn clear(&mut self) -> Result<(), SearchError> {
        self.writer.delete_all_documents()?;
        self.naming.clear();
        self.waiting = 0;
        Ok(())
    }

    /// Ends the writer once what it merges is merged.
    pub fn close(self) -> Result<(), SearchError> {
        Ok(self.writer.wait_merging_threads()?)
    }
}

/// The kind, then the identifier: in the order of IRIs.
pub(crate) fn key_bytes(key: EntityKey) -> [u8; 17] {
    let mut bytes = [0; 17];
    let (kind, id) = bytes.split_at_mut(1);
    kind.fill(kind_number(key));
    id.copy_from_slice(key.id.as_bytes());
    bytes
}

/// As [`key_of`] reads it.
pub(crate) fn key_parts(key: EntityKey) -> [u64; 3] {
    let (high, low) = key.id.as_u64_pair();
    [u64::from(kind_number(key)), high, low]
}

/// In the order of the segments of IRIs.
fn kind_number(key: EntityKey) -> u8 {
    use model::EntityKind::*;
    match key.minted {
        DataService => 0,
        Dataset => 1,
        Organisation => 2,
        DatasetSeries => 3,
    }
}

pub(crate) fn key_of(kind: u64, high: u64, low: u64) -> Option<EntityKey> {
    use model::EntityKind::*;
    let minted = match kind {
        0 => DataService,
        1 => Dataset,
        2 => Organisation,
        3 => DatasetSeries,
        _ => return None,
    };
    Some(EntityKey {
        minted,
        id: uuid::Uuid::from_u64_pair(high, low),
    })
}

/// Longer values are compared up to here, in bytes.
pub(crate) const MAX_VALUE: usize = 8 * 1024;

fn tantivy_document(columns: &Columns, document: &Document) -> TantivyDocument {
    let mut made = TantivyDocument::default();
    made.add_bytes(columns.key, &key_bytes(document.key));
    for (column, part) in columns.key_columns.iter().zip(key_parts(document.key)) {
        made.add_u64(*column, part);
    }
    for agent in &document.agents {
        made.add_bytes(columns.agents, &key_bytes(*agent));
    }
    for (field, column) in &columns.fields {
        add_values(&mut made, columns, document, *field, *column);
    }
    for (field, values) in &document.facets {
        if let Some(column) = columns.facets.get(field) {
            for value in values {
                made.add_text(*column, analysis::cut(value, MAX_VALUE));
            }
        }
    }
    for rect in &document.boxes {
        let sides = [rect.x.0, rect.y.0, rect.x.1, rect.y.1];
        for (column, side) in columns.sides.iter().zip(sides) {
            made.add_f64(*column, side);
        }
    }
    for (weighed, texts) in columns.texts.iter().zip(&document.weighed) {
        for text in texts {
            made.add_text(weighed.column, text);
        }
    }
    for text in document.weighed.iter().take(columns.texts.len()).flatten() {
        made.add_text(columns.words, text);
    }
    for text in document.prose() {
        made.add_text(columns.tokens, text);
    }
    if let Some(title) = document
        .texts
        .get(&Field::Title)
        .and_then(|titles| titles.first())
    {
        made.add_text(columns.title, analysis::sort_key(title));
    }
    made
}

fn add_values(
    made: &mut TantivyDocument,
    columns: &Columns,
    document: &Document,
    field: Field,
    column: Stored,
) {
    let texts = document.texts.get(&field).map_or(&[][..], Vec::as_slice);
    let present = match column {
        Stored::Text { raw, lower, sort } => {
            for value in texts {
                let value = analysis::cut(value, MAX_VALUE);
                made.add_text(raw, value);
                made.add_text(lower, analysis::lower(value));
            }
            if let Some(first) = texts.first() {
                made.add_text(sort, analysis::sort_key(first));
            }
            !texts.is_empty()
        }
        Stored::Instant(column) => {
            let instants = document.instants.get(&field).map_or(&[][..], Vec::as_slice);
            for instant in instants {
                made.add_i64(column, *instant);
            }
            !instants.is_empty()
        }
        Stored::Number(column) => {
            made.add_f64(column, document.quality);
            true
        }
        Stored::Prose(column) if field == Field::AnyText => {
            // Descriptions are kept once, in their own column.
            for text in document
                .prose()
                .filter(|text| !is_description(document, text))
            {
                made.add_text(column, text);
            }
            document.prose().next().is_some()
        }
        Stored::Prose(column) => {
            for text in texts {
                made.add_text(column, text);
            }
            !texts.is_empty()
        }
        Stored::Nothing => false,
    };
    if present {
        made.add_text(columns.present, field.name());
    }
}

fn is_description(document: &Document, text: &str) -> bool {
    document
        .texts
        .get(&Field::Description)
        .is_some_and(|known| known.iter().any(|known| known == text))
}
