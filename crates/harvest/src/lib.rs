#![doc = include_str!("../README.md")]

mod crawl;
mod decide;
mod document;
mod indexer;
mod lease;
mod mask;
pub mod plan;
mod prepare;
mod probe;
mod progress;
mod project;
mod rebuild;
mod registry;
mod resume;
mod run;
mod schedule;
mod seal;
mod tell;
mod undo;
mod values;
mod watchdog;

pub use crawl::Limits;
pub use decide::{DecideError, merge, split};
pub use indexer::Indexer;
pub use project::{Projector, ProjectorStatus};
pub use rebuild::{Rebuilt, rebuild};
pub use registry::{CONNECTORS, ConnectorConfig};
pub use run::{RunOptions, RunResult, Source, Timings, run};
pub use schedule::{Schedule, ScheduleError};
pub use seal::describe_catalogue;
pub use tell::Provenance;
pub use undo::undo;
pub use values::{Topic, Values, values};

use std::sync::Arc;

use archive::Archive;
use chrono::{DateTime, Utc};
use model::Minter;
use vocab::Vocab;

/// What every run works with.
#[derive(Clone)]
pub struct Workshop {
    pub archive: Archive,
    /// `None` for work that leaves the graph store to a later start.
    pub projector: Option<Projector>,
    pub minter: Minter,
    pub vocab: &'static Vocab,
    /// Time is passed in, so that tests can move it.
    pub clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
}

impl Workshop {
    /// The right to commit and to deliver what was committed: the graph store gets changes in the order in which the archive has
    /// them, whoever makes them.
    pub(crate) async fn turn(&self) -> Option<tokio::sync::OwnedMutexGuard<()>> {
        match &self.projector {
            Some(projector) => Some(projector.turn().await),
            None => None,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum HarvestError {
    #[error(transparent)]
    Archive(#[from] archive::ArchiveError),
    #[error(transparent)]
    Graph(#[from] graph::GraphError),
    #[error(transparent)]
    Search(#[from] search::SearchError),
    #[error("the run was given up: {0}")]
    Hung(String),
    #[error("stopped by a person")]
    Stopped,
    #[error("the plan is no longer true: {0}")]
    Stale(String),
    #[error("the file of the plan cannot be written: {0}")]
    Write(#[source] std::io::Error),
    #[error("a line of the archive is not N-Triples ({0}): run `moisson rebuild`")]
    Line(String),
    #[error(
        "a part of the run stopped unexpectedly: {0}; this is a fault of Moisson, please report it with the log"
    )]
    Broken(String),
}
