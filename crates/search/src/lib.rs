#![doc = include_str!("../README.md")]

mod analysis;
mod ask;
mod compare;
mod completeness;
mod document;
mod error;
mod extent;
mod field;
mod filter;
mod find;
mod gather;
mod index;
mod instant;
mod like;
mod lines;
mod pattern;
mod predicate;
mod properties;
mod query;
mod rank;
mod schema;
mod spatial;
mod words;
mod writer;

pub use ask::{
    Cursor, Direction, Found, Hit, MAX_FACET_SIZE, MAX_LIMIT, MAX_OFFSET, MAX_SORTS, Search,
};
pub use document::{Agent, Context, Document, MAX_PROSE, agents_in};
pub use error::SearchError;
pub use field::{FACETS, Field, ValueKind};
pub use filter::{
    Filter, MAX_CONSTANT, MAX_DEPTH, MAX_IDS, MAX_PARTS, MAX_PATTERNS, MAX_RANGES, MAX_WORDS, Op,
    Relation,
};
pub use find::Terms;
pub use index::{Index, MAX_KEPT, MAX_MEMORY, MIN_MEMORY, Snapshot, SnapshotId};
pub use pattern::{MAX_PATTERN, Pattern, Piece};
pub use spatial::Bbox;
pub use writer::Writer;
