//! What belongs to an entity.

use std::collections::HashSet;

use crate::graph::Graph;

/// Triples of one entity: the greatest datasets known, with hundreds of distributions, have a fifth of that.
pub const MAX_TRIPLES: usize = 50_000;
/// Steps from the entity. What is further away describes something else.
const MAX_DEPTH: usize = 12;

/// Predicates that lead from what an entity names into the vocabulary or the register that this stands in.
pub const NOT_FOLLOWED: &[&str] = &[
    "http://www.w3.org/2004/02/skos/core#hasTopConcept",
    "http://www.w3.org/2004/02/skos/core#narrower",
    "http://www.w3.org/2004/02/skos/core#member",
    "http://www.w3.org/2004/02/skos/core#related",
    "http://www.w3.org/ns/org#hasMember",
    "http://www.w3.org/ns/org#hasSubOrganization",
    "http://www.w3.org/ns/org#hasUnit",
    "http://xmlns.com/foaf/0.1/member",
    "http://xmlns.com/foaf/0.1/made",
    "http://www.w3.org/ns/dcat#dataset",
    "http://www.w3.org/ns/dcat#service",
    "http://www.w3.org/ns/dcat#catalog",
    "http://www.w3.org/ns/dcat#record",
    "http://www.w3.org/ns/dcat#servesDataset",
    "http://www.w3.org/ns/dcat#seriesMember",
    "http://www.w3.org/ns/hydra/core#member",
    "http://www.w3.org/2000/01/rdf-schema#subClassOf",
    "http://www.w3.org/2000/01/rdf-schema#isDefinedBy",
];

/// Where a closure ends.
#[derive(Debug, Default)]
pub struct Limits {
    /// Nodes that are entities of their own.
    pub stops: HashSet<u32>,
    pub not_followed: HashSet<u32>,
    /// Entities: they can be named even where they are blank nodes.
    pub named: HashSet<u32>,
}

impl Limits {
    /// Whether a triple says something where its object is not described: not if that is a blank node without a name.
    pub fn keeps(&self, graph: &Graph, predicate: u32, object: u32) -> bool {
        !graph.is_blank(object)
            || self.named.contains(&object)
            || !(self.stops.contains(&object) || self.not_followed.contains(&predicate))
    }
}

/// The nodes that are described with the roots, these first; `None` when that is too much, or more than may still be looked at.
pub fn closure(
    graph: &Graph,
    roots: &[u32],
    limits: &Limits,
    work: &mut usize,
) -> Option<Vec<u32>> {
    let mut seen: HashSet<u32> = roots.iter().copied().collect();
    let mut found: Vec<u32> = roots.to_vec();
    let mut edge = 0..found.len();
    let mut triples = 0;
    for _ in 0..MAX_DEPTH {
        let last = edge.end;
        for at in edge {
            let Some(node) = found.get(at).copied() else {
                continue;
            };
            let about = graph.about(node);
            triples += about.len();
            if triples > MAX_TRIPLES {
                return None;
            }
            *work = work.checked_sub(about.len() + 1)?;
            for [_, predicate, object] in about {
                let described = !graph.about(*object).is_empty();
                if described
                    && !limits.stops.contains(object)
                    && !limits.not_followed.contains(predicate)
                    && seen.insert(*object)
                {
                    found.push(*object);
                }
            }
        }
        edge = last..found.len();
        if edge.is_empty() {
            break;
        }
    }
    // What the last step reached is not described.
    found.truncate(edge.start.max(roots.len()));
    Some(found)
}
