#![doc = include_str!("../README.md")]

mod agents;
mod commit;
mod db;
mod document;
mod dump;
mod entities;
mod following;
mod grace;
mod history;
mod identity;
mod lease;
mod lifecycle;
mod links;
mod log;
mod pack;
mod pause;
mod plan;
mod probe;
mod push;
mod read;
mod remake;
mod reports;
mod restore;
mod resume;
mod rows;
mod runs;
mod stamps;
mod standing;
mod trace;
mod undo;

pub use commit::{Batch, Committed, Content, NamedLink, RecordWrite, Sealed, Verdict};
pub use db::{Archive, ArchiveError};
pub use document::KnownDocument;
pub use identity::{
    Cause, Decided, Decision, Departure, EntityRecord, Party, Proposed, Provenance, Relation,
    SourceRecord,
};
pub use lease::{BEAT, Lease, Pulse, Purpose, StopRequest};
pub use lifecycle::{Absence, Guard, Retirement};
pub use pack::{Packed, TooLarge};
pub use pause::Pause;
pub use plan::{MovedRecord, NamedRecord};
pub use probe::{Compared, Probe};
pub use push::{Candidate, PushRow, Pushed};
pub use read::{
    Change, Counts, Document, EntityRow, Known, PublishedEntity, RawRow, RecordState, What,
};
pub use remake::{CATALOGUE, Remake};
pub use reports::{Mailed, ReportRow, RuleCount};
pub use resume::{CrawlStep, Interrupted};
pub use runs::{FindingRow, SourceState};
pub use stamps::{LastChange, Part, Place, Span, Stamp, Window};
pub use standing::{Standing, StandingFinding};
pub use trace::{Due, Trace, TracedRecord, TracedRun};
pub use undo::{Again, NotUndoable, Restored, UndoPlan, UndoRow, Undoing};

pub use model::EntityKey;

use model::{Checksum, RecordId, SourceId};

/// The key of a record: a checksum of its source and identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordKey(Checksum);

impl RecordKey {
    pub fn new(source: &SourceId, id: &RecordId) -> Self {
        Self(Checksum::of(format!("{source}\0{id}").as_bytes()))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        Checksum::from_slice(bytes).map(Self)
    }
}
