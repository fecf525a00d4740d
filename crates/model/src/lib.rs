#![doc = include_str!("../README.md")]

mod config;
mod crawl;
mod entity;
mod finding;
mod iri;
mod key;
mod mint;
pub mod ns;
mod record;
mod report;

pub use config::{ConfigError, Terms, web_address};
pub use crawl::{
    Body, Checkpoint, Connector, Coverage, Failure, Incremental, Method, Page, ReadError, Request,
    Response, Validators,
};
pub use entity::{Entity, EntityKind, Link, LinkTarget, Mapped};
pub use finding::{Finding, Severity, Stage};
pub use iri::{IriFault, check_iri, repair_iri};
pub use key::EntityKey;
pub use mint::{Base, BaseError, Minter};
pub use record::{Checksum, InvalidSourceId, RawRecord, RecordFormat, RecordId, SourceId};
pub use report::{Outcome, RunId, RunReport, reason};
