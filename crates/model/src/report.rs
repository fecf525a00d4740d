//! What a run did, in figures.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::SourceId;

/// The number of a run in the archive; later runs have greater numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub i64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Running,
    /// Every page was read, and as many records were seen as the source announced.
    Complete,
    /// Some pages or records could not be had. What was read is in the catalogue; nothing was deleted.
    Partial,
    /// Nothing could be read. The catalogue is as it was.
    Failed,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Failed => "failed",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [Self::Running, Self::Complete, Self::Partial, Self::Failed]
            .into_iter()
            .find(|outcome| outcome.as_str() == name)
    }
}

/// How the reasons begin that runs give where it is not their source that is at fault.
pub mod reason {
    pub const STOPPED: &str = "stopped by a person";
    /// Archive or graph store failed.
    pub const NOT_CARRIED_OUT: &str = "the run could not be carried out";
    pub const INTERRUPTED: &str = "the program was stopped during this run";
    pub const ABANDONED: &str = "the program that carried out this run no longer answers";
    pub const NOT_RESUMED: &str = "the run was interrupted and could not go on";
    /// It went on, and nobody knows whether what it saw before fits what it saw after.
    pub const IN_DOUBT: &str = "the run was interrupted, and";
}

/// The figures of a run. Its findings are read beside it, since they may be many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunReport {
    pub source: SourceId,
    pub run: RunId,
    pub outcome: Outcome,
    pub started: DateTime<Utc>,
    pub finished: Option<DateTime<Utc>>,
    /// Whether the run was to see every record (else only what changed since the last one).
    pub full: bool,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// The number of records that the source says it has, if it says so.
    pub announced: Option<u64>,
    /// Records received, refused ones included: `created + updated + unchanged + refused`.
    pub seen: u64,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Records that could not be read or mapped; each has a finding.
    pub refused: u64,
    /// Known records that this complete run did not see, in their period of grace.
    pub missing: u64,
    /// Records taken out of the catalogue: their grace was over, or the source said that they are gone.
    pub withdrawn: u64,
    /// Records that would be missing, kept as they are by the deletion guard.
    pub held: u64,
    /// How often it was interrupted and went on where it was.
    #[serde(default)]
    pub resumed: u64,
    /// Why the outcome is not `complete`, in one sentence; and what a person decided about the run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

impl RunReport {
    pub fn new(source: SourceId, run: RunId, started: DateTime<Utc>) -> Self {
        Self {
            source,
            run,
            outcome: Outcome::Running,
            started,
            finished: None,
            full: true,
            dry_run: false,
            announced: None,
            seen: 0,
            created: 0,
            updated: 0,
            unchanged: 0,
            refused: 0,
            missing: 0,
            withdrawn: 0,
            held: 0,
            resumed: 0,
            reason: None,
        }
    }
}
