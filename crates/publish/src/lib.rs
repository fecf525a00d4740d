#![doc = include_str!("../README.md")]

mod admin;
mod assets;
mod cache;
mod clock;
mod csw;
mod document;
mod entity;
mod export;
mod failure;
mod feed;
mod gone;
mod health;
mod lang;
mod layers;
mod ldes;
mod lines;
mod metrics;
mod negotiate;
mod oai;
mod pages;
mod proposals;
mod provenance;
mod rdf;
mod reports;
mod router;
mod serve;
mod site;
pub mod sparql;
mod stream;
mod view;

pub use export::{ExportError, export};
pub use rdf::Format;
pub use router::app;
pub use serve::serve;
pub use site::{AdminRefusal, Administration, Merge, OaiPmh, Readiness, Site, SourceCard, Split};
