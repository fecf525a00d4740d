//! What a server is made of.

use std::sync::Arc;

use archive::Archive;
use futures::future::BoxFuture;
use model::{Minter, RunId, SourceId};
use serde::{Deserialize, Serialize};

use crate::queries::SavedQuery;
use crate::sparql::SparqlService;

/// Everything that a server needs to know.
pub struct Site {
    pub archive: Archive,
    /// Its base is the public address of the site.
    pub minter: Minter,
    /// Of the catalogue.
    pub title: String,
    pub description: String,
    pub publisher: String,
    /// The language of these three, a BCP 47 tag.
    pub language: String,
    /// The sources that are configured, in the order in which they are shown.
    pub sources: Vec<SourceCard>,
    pub sparql: SparqlService,
    /// The queries that are kept, in the order in which they are shown.
    pub queries: Vec<SavedQuery>,
    /// Whether there is a CSW: without it, its addresses are not found.
    pub csw: bool,
    /// Whether there is an OGC API - Records: without it, its addresses are not found.
    pub ogc_records: bool,
    /// What CSW and OGC API - Records search; without it, they answer that the catalogue is being prepared.
    pub search: Option<search::Index>,
    /// Without it, the addresses of OAI-PMH are not found.
    pub oai_pmh: Option<OaiPmh>,
    /// Whether there is an event stream (LDES): without it, its addresses are not found.
    pub ldes: bool,
    /// What else has to be ready besides the archive.
    pub readiness: Option<Arc<dyn Readiness>>,
    /// Without it, or without a token, there is no administration.
    pub administration: Option<Arc<dyn Administration>>,
    pub token: Option<String>,
}

/// What a repository of OAI-PMH has to say of itself besides.
#[derive(Debug, Clone)]
pub struct OaiPmh {
    /// Whom harvesters write to.
    pub admin_email: String,
}

/// What people may know of a source.
#[derive(Debug, Clone)]
pub struct SourceCard {
    pub id: SourceId,
    pub title: String,
    /// The portal's address, for people.
    pub address: Option<String>,
    /// The connector's name.
    pub connector: String,
    /// When it is harvested, as configured.
    pub schedule: Option<String>,
    pub enabled: bool,
}

/// Whether the server can answer.
pub trait Readiness: Send + Sync {
    /// What is not ready yet, in one sentence.
    fn ready(&self) -> BoxFuture<'_, Result<(), String>>;
}

/// What the operator may ask of a running instance.
pub trait Administration: Send + Sync {
    /// Begins a run and does not wait for it.
    fn run_now(&self, source: &SourceId) -> Result<(), AdminRefusal>;

    /// Lets the next complete run through the deletion guard, for the reason that the person gives.
    fn release<'a>(
        &'a self,
        source: &'a SourceId,
        reason: Option<&'a str>,
    ) -> BoxFuture<'a, Result<(), AdminRefusal>>;

    /// Asks a run to end at its next page, and does not wait for it.
    fn stop(&self, run: RunId) -> BoxFuture<'_, Result<(), AdminRefusal>>;

    /// Begins to undo a run, which pauses its source, and does not wait for it.
    fn undo(&self, run: RunId) -> BoxFuture<'_, Result<(), AdminRefusal>>;

    /// Lets a paused source be harvested again.
    fn resume<'a>(&'a self, source: &'a SourceId) -> BoxFuture<'a, Result<(), AdminRefusal>>;

    /// Says that entities are one, and gives the IRI of the one that they are.
    fn merge(&self, said: Merge) -> BoxFuture<'_, Result<String, AdminRefusal>>;

    /// Says that a record is another than those of an entity, and gives the IRI of the entity that it is.
    fn split(&self, said: Split) -> BoxFuture<'_, Result<String, AdminRefusal>>;

    fn status(&self) -> BoxFuture<'_, serde_json::Value>;
}

/// What a person says who makes entities one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// Their IRIs.
    pub entities: Vec<String>,
    pub reason: String,
}

/// What a person says who parts a record from an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Its IRI.
    pub entity: String,
    /// SOURCE/IDENTIFIER
    pub record: String,
    pub reason: String,
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdminRefusal {
    #[error("no source has this identifier: `moisson sources` lists them")]
    Unknown,
    #[error("a run of this source is going on: wait for its end")]
    Running,
    #[error("the deletion guard holds nothing of this source")]
    NothingHeld,
    #[error("the source is paused: `moisson sources` says why, `moisson resume` ends it")]
    Paused,
    #[error("the source is not paused")]
    NotPaused,
    #[error("there is no such run: `moisson runs` lists them")]
    NoRun,
    #[error("the run has ended")]
    Ended,
    #[error("{0}")]
    Impossible(String),
    #[error("{0}")]
    Failed(String),
}
