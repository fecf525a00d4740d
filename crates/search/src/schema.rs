//! What the index has of a document.

use std::collections::BTreeMap;

use tantivy::IndexSettings;
use tantivy::schema::{
    BytesOptions, FAST, IndexRecordOption, NumericOptions, STORED, Schema, SchemaBuilder,
    TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::RAW_TOKENIZER_NAME;

use crate::field::ValueKind;
use crate::{Field, analysis};

type Column = tantivy::schema::Field;

/// The columns of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stored {
    /// Whole values, as they are written and in lower case; a key to sort by.
    Text {
        raw: Column,
        lower: Column,
        sort: Column,
    },
    Instant(Column),
    Number(Column),
    /// Beside the index.
    Prose(Column),
    Nothing,
}

/// A text that is analysed, and how much a word in it counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weighed {
    pub(crate) column: Column,
    pub(crate) weight: f32,
}

#[derive(Debug)]
pub(crate) struct Columns {
    /// The key, to find and to delete by; and in three numbers, to read and to sort by.
    pub(crate) key: Column,
    pub(crate) key_columns: [Column; 3],
    /// The keys of the agents that are named.
    pub(crate) agents: Column,
    /// The names of the fields that have a value.
    pub(crate) present: Column,
    pub(crate) fields: BTreeMap<Field, Stored>,
    pub(crate) facets: BTreeMap<Field, Column>,
    /// West, south, east, north: the boxes of a document stand at the same places of all four.
    pub(crate) sides: [Column; 4],
    pub(crate) texts: [Weighed; 5],
    /// The folded title, as one word.
    pub(crate) title: Column,
    /// Words without accents, to find what was meant by one that is in no text.
    pub(crate) words: Column,
    /// Words in lower case, to find what a pattern may match in prose.
    pub(crate) tokens: Column,
}

pub(crate) const SIDES: [&str; 4] = ["west", "south", "east", "north"];
pub(crate) const KEY_PARTS: [&str; 3] = ["key_kind", "key_high", "key_low"];

/// The name of the column that a field is sorted by.
pub(crate) fn sort_name(field: Field) -> String {
    format!("{}.sort", field.name())
}

pub(crate) fn facet_name(field: Field) -> String {
    format!("{}.facet", field.name())
}

impl Columns {
    pub(crate) fn make() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let fields = Field::ALL
            .iter()
            .map(|field| (*field, stored(&mut schema, *field)))
            .collect();
        let facets = crate::FACETS
            .iter()
            .map(|field| (*field, schema.add_text_field(&facet_name(*field), fast())))
            .collect();
        let mut text = |name: &str, weight| Weighed {
            column: schema.add_text_field(name, analysed()),
            weight,
        };
        let texts = [
            text("text.title", 4.0),
            text("text.subject", 2.0),
            text("text.organisation", 1.5),
            text("text.description", 1.0),
            text("text.other", 0.6),
        ];
        let bytes = BytesOptions::default().set_indexed();
        let columns = Self {
            key: schema.add_bytes_field("key", bytes.clone()),
            key_columns: KEY_PARTS.map(|name| schema.add_u64_field(name, FAST)),
            agents: schema.add_bytes_field("agents", bytes),
            present: schema.add_text_field("present", words(RAW_TOKENIZER_NAME)),
            fields,
            facets,
            sides: SIDES.map(|name| schema.add_f64_field(name, FAST)),
            texts,
            title: schema.add_text_field("title.folded", words(RAW_TOKENIZER_NAME)),
            words: schema.add_text_field("words", words(analysis::FOLDED)),
            tokens: schema.add_text_field("tokens", words(analysis::LOWER)),
        };
        (schema.build(), columns)
    }

    pub(crate) fn settings() -> IndexSettings {
        IndexSettings {
            docstore_blocksize: 32 * 1024,
            ..IndexSettings::default()
        }
    }
}

fn stored(schema: &mut SchemaBuilder, field: Field) -> Stored {
    let name = field.name();
    match field.kind() {
        _ if field == Field::Score => Stored::Nothing,
        ValueKind::Text => Stored::Text {
            raw: schema.add_text_field(name, words(RAW_TOKENIZER_NAME)),
            lower: schema.add_text_field(&format!("{name}.lower"), words(RAW_TOKENIZER_NAME)),
            sort: schema.add_text_field(&sort_name(field), fast()),
        },
        ValueKind::Instant => {
            Stored::Instant(schema.add_i64_field(name, NumericOptions::from(FAST)))
        }
        ValueKind::Number => Stored::Number(schema.add_f64_field(name, NumericOptions::from(FAST))),
        ValueKind::Prose => Stored::Prose(schema.add_text_field(name, STORED)),
    }
}

/// Indexed for whether a word is there, not how often or where.
fn words(tokenizer: &str) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_fieldnorms(false)
            .set_index_option(IndexRecordOption::Basic),
    )
}

fn analysed() -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(analysis::FRENCH)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions),
    )
}

fn fast() -> TextOptions {
    TextOptions::default().set_fast(RAW_TOKENIZER_NAME)
}
