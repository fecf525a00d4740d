//! By what an entity is known again at the next crawl.

use std::collections::HashMap;

use model::{Checksum, RecordId};

use super::roles::Roles;
use crate::graph::Graph;

/// Bytes of an identifier; anything longer is a text in the wrong place.
const MAX_IDENTIFIER: usize = 1024;

#[derive(Debug, Clone)]
pub struct Identity {
    pub id: RecordId,
    /// What a blank node is known by, where it has no identifier.
    pub guessed: Option<&'static str>,
}

impl Identity {
    /// The label of a blank node that is known by this.
    pub fn label(&self) -> String {
        format!("e{}", Checksum::of(self.id.as_str().as_bytes()))
    }
}

/// The first address of each distribution that was asked for: many entities may share one with many addresses.
pub type Addresses<'g> = HashMap<u32, Option<&'g str>>;

/// The IRI of an entity; for a blank node, its identifier, or a hash of what changes least.
pub fn identity<'g>(
    graph: &'g Graph,
    node: u32,
    roles: &Roles,
    addresses: &mut Addresses<'g>,
) -> Option<Identity> {
    if let Some(iri) = graph.iri(node) {
        return Some(Identity {
            id: RecordId::new(iri),
            guessed: None,
        });
    }
    let first = |node: u32, predicate: &str| {
        graph
            .objects(node, roles.terms.get(predicate))
            .filter(|object| !graph.is_blank(*object))
            .filter_map(|object| graph.text(object))
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .min()
    };
    if let Some(identifier) = first(node, "http://purl.org/dc/terms/identifier")
        .filter(|text| text.len() <= MAX_IDENTIFIER)
    {
        return Some(Identity {
            id: RecordId::new(identifier),
            guessed: None,
        });
    }
    let mut address = || {
        graph
            .objects(node, roles.distribution)
            .filter_map(|distribution| {
                *addresses.entry(distribution).or_insert_with(|| {
                    [
                        "http://www.w3.org/ns/dcat#accessURL",
                        "http://www.w3.org/ns/dcat#downloadURL",
                    ]
                    .iter()
                    .filter_map(|predicate| first(distribution, predicate))
                    .min()
                })
            })
            .min()
    };
    let (text, by) = first(node, "http://www.w3.org/ns/dcat#landingPage")
        .map(|text| (text, "landing page"))
        .or_else(|| address().map(|text| (text, "first address")))
        .or_else(|| first(node, "http://purl.org/dc/terms/title").map(|text| (text, "title")))?;
    Some(Identity {
        id: RecordId::new(format!("_:{}", Checksum::of(text.as_bytes()))),
        guessed: Some(by),
    })
}
