#![doc = include_str!("../README.md")]

mod admin;
mod assets;
mod cache;
mod clock;
mod document;
mod entity;
mod export;
mod failure;
mod feed;
mod gone;
mod health;
mod lang;
mod layers;
mod lines;
mod metrics;
mod negotiate;
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
pub use site::{AdminRefusal, Administration, Merge, Readiness, Site, SourceCard, Split};
