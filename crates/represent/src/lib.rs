#![doc = include_str!("../README.md")]

pub mod dublin_core;
mod geometry;
mod graph;
pub mod iso19139;
pub mod ogc_record;
mod parties;
mod place;
mod speech;
mod xml;

use model::ns::dcterms;

pub use geometry::Bounds;
pub use graph::{Graph, Node, Object};
pub use place::wkt_of;
pub use xml::{Xml, escape};

/// What a representation may know beside the graph.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// By which the catalogue's services know the record: `gmd:fileIdentifier`, `dc:identifier`.
    pub identifier: &'a str,
    /// When the published description last changed, as `xsd:dateTime`; the date of the record is never before it.
    pub changed: Option<&'a str>,
    /// The language of texts where the record does not say its own, as a BCP 47 tag.
    pub language: &'a str,
    /// Who answers for the record where it names nobody: the catalogue's publisher, and its address.
    pub publisher: &'a str,
    pub home: &'a str,
    /// The identifier of another entity of the catalogue, by its IRI, and the address of its record.
    pub linked: &'a dyn Fn(&str) -> Option<Linked>,
}

/// Another record of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    pub identifier: String,
    /// Where its record is to be had in the same format.
    pub address: Option<String>,
}

/// The date of a record: the later of the one that its source's record has, and that of the last change of what is published.
fn stamp(node: Node<'_>, context: &Context<'_>) -> String {
    let dated = |node: Node<'_>| {
        let modified = node
            .value(dcterms::MODIFIED)
            .or(node.value(dcterms::ISSUED));
        modified.map(str::to_owned)
    };
    let stated = speech::record(node).and_then(dated);
    let latest = stated
        .into_iter()
        .chain(context.changed.map(str::to_owned))
        .max();
    latest.or_else(|| dated(node)).unwrap_or_default()
}
