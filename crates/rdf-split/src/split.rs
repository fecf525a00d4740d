//! The entities of a document, each as N-Quads.

mod identity;
mod roles;

use std::collections::{BTreeSet, HashMap, HashSet};

use bytes::Bytes;
use model::{Finding, RecordId, Severity};
use oxrdf::Term;

use crate::closure::closure;
use crate::document::Document;
use crate::graph::Graph;
use crate::label::labels;
use crate::notes::Notes;
use identity::{Addresses, Identity, identity};
use roles::Roles;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Dataset,
    Series,
    Service,
    /// An agent that no entity of the document refers to.
    Agent,
}

/// One entity.
#[derive(Debug, Clone)]
pub struct Piece {
    pub id: RecordId,
    pub kind: Kind,
    /// N-Quads, sorted, each line once; the name of the graph is the node of the entity.
    pub body: Bytes,
    /// Whether a distribution or a blank node is named and not described.
    pub dangling: bool,
}

#[derive(Debug, Default)]
pub struct Split {
    /// In the order of their identifiers.
    pub pieces: Vec<Piece>,
    /// Entities that could not be told apart, named, or read wholly.
    pub refused: u64,
    /// IRIs that a catalogue lists and the document does not describe, sorted.
    pub missing: Vec<String>,
    pub findings: Vec<Finding>,
}

impl Document {
    /// Takes the document apart; `place` is its address, for findings.
    pub fn split(&self, place: &str) -> Split {
        Splitter::new(self).split(place)
    }
}

/// The longest record.
const MAX_RECORD: usize = 8 << 20;

/// All the records of one document.
const MAX_WRITTEN: usize = 512 << 20;

struct Splitter<'d> {
    document: &'d Document,
    graph: &'d Graph,
    roles: Roles,
    identities: HashMap<u32, Identity>,
    labels: HashMap<u32, String>,
    /// Nodes of which something could not be read.
    suspects: HashSet<u32>,
    /// Bytes that may still be written: what is shared by many entities is written with each of them.
    budget: usize,
    /// Triples that may still be looked at, for the same reason.
    work: usize,
    notes: Notes,
    split: Split,
}

impl<'d> Splitter<'d> {
    fn new(document: &'d Document) -> Self {
        let graph = document.graph();
        let roles = Roles::of(graph);
        let mut addresses = Addresses::new();
        let identities: HashMap<u32, Identity> = roles
            .entities
            .keys()
            .filter_map(|node| Some((*node, identity(graph, *node, &roles, &mut addresses)?)))
            .collect();
        let fixed = identities
            .iter()
            .filter(|(node, _)| graph.is_blank(**node))
            .map(|(node, identity)| (*node, identity.label()))
            .collect();
        Self {
            document,
            graph,
            labels: labels(graph, &fixed, &roles.limits),
            roles,
            identities,
            suspects: suspects(document),
            budget: document
                .length()
                .saturating_mul(30)
                .saturating_add(64 << 20)
                .min(MAX_WRITTEN),
            work: graph.len().saturating_mul(20).saturating_add(4_000_000),
            notes: Notes::default(),
            split: Split::default(),
        }
    }

    fn split(mut self, place: &str) -> Split {
        let mut entities: Vec<(u32, Kind)> = self
            .roles
            .entities
            .iter()
            .map(|(node, kind)| (*node, *kind))
            .collect();
        entities.sort_unstable_by_key(|(node, _)| *node);
        let mut described: HashSet<u32> = HashSet::new();
        for (node, kind) in entities {
            self.entity(node, kind, &mut described);
        }
        let mut agents: Vec<u32> = self
            .roles
            .agents
            .iter()
            .copied()
            .filter(|agent| !described.contains(agent))
            .collect();
        agents.sort_unstable();
        for agent in agents {
            self.agent(agent);
        }
        let mut split = self.split;
        split.missing = self
            .roles
            .missing
            .iter()
            .filter_map(|node| self.graph.iri(*node))
            .map(str::to_owned)
            .collect();
        split.missing.sort_unstable();
        split
            .pieces
            .sort_by(|a, b| (&a.id, &a.body).cmp(&(&b.id, &b.body)));
        split.findings = self.notes.finish(place);
        split
    }

    fn entity(&mut self, node: u32, kind: Kind, described: &mut HashSet<u32>) {
        let mut roots = vec![node];
        roots.extend(self.roles.about.get(&node).into_iter().flatten());
        let found = closure(self.graph, &roots, &self.roles.limits, &mut self.work);
        let Some(identity) = self.identities.get(&node) else {
            described.extend(found.into_iter().flatten());
            self.refuse("record/no-identifier", None, "an entity has no IRI, no identifier, no address and no title to know it by again; it was left out");
            return;
        };
        let (id, guessed) = (identity.id.clone(), identity.guessed);
        let Some(found) = found else {
            self.refuse(
                "record/too-large",
                Some(&id),
                "too much belongs to the entity, or to all entities of the document together: it was left out",
            );
            return;
        };
        described.extend(found.iter().copied());
        if self.is_suspect(node, &found) {
            self.refuse("record/unreadable", Some(&id), "a part of the document that describes this entity could not be read; it is left as it was");
            return;
        }
        let Some(body) = self.body(node, &found) else {
            self.refuse(
                "record/too-large",
                Some(&id),
                "the entity, with what belongs to it, is too long: it was left out",
            );
            return;
        };
        if let Some(by) = guessed {
            self.notes.add("record/no-identifier", Severity::Warning, |mut finding| {
                finding.message = format!("the entity is a blank node; it is known by its {by}, and would be another one if that changed");
                finding.record(&id).hint("Give each dataset an IRI that lasts, or a dct:identifier.")
            });
        }
        if self.roles.implied.contains(&node) {
            self.notes.add("record/no-class", Severity::Info, |mut finding| {
                finding.message = "the entity has no class; its place in the catalogue says which one it is of".to_owned();
                finding.record(&id)
            });
        }
        let dangling = self.is_dangling(&found);
        self.split.pieces.push(Piece {
            id,
            kind,
            body,
            dangling,
        });
    }

    fn agent(&mut self, node: u32) {
        let Some(iri) = self.graph.iri(node) else {
            return;
        };
        let id = RecordId::new(iri);
        let found = closure(self.graph, &[node], &self.roles.limits, &mut self.work)
            .filter(|found| !self.is_suspect(node, found));
        if let Some(body) = found.and_then(|found| self.body(node, &found)) {
            self.split.pieces.push(Piece {
                id,
                kind: Kind::Agent,
                body,
                dangling: false,
            });
        }
    }

    fn refuse(&mut self, rule: &'static str, id: Option<&RecordId>, message: &str) {
        self.split.refused += 1;
        self.notes.add(rule, Severity::Error, |mut finding| {
            finding.message = message.to_owned();
            match id {
                Some(id) => finding.record(id),
                None => finding,
            }
        });
    }

    /// Whether something about the entity stands in a part that could not be read, or is lacking where such a part may have held it.
    fn is_suspect(&self, node: u32, found: &[u32]) -> bool {
        if self.document.is_whole() {
            return false;
        }
        if self.document.faults().iter().any(|fault| fault.rest_unread) {
            return true;
        }
        let anonymous = self.document.faults().iter().any(|fault| fault.anonymous);
        if anonymous && self.graph.is_blank(node) && !self.roles.referenced.contains(&node) {
            return true;
        }
        found.iter().any(|node| self.suspects.contains(node)) || self.is_dangling(found)
    }

    /// Whether a distribution is named and not described, or a blank node, which nothing else can describe.
    fn is_dangling(&self, found: &[u32]) -> bool {
        let about = found.iter().flat_map(|node| self.graph.about(*node));
        about.into_iter().any(|[_, predicate, object]| {
            let needed =
                self.graph.is_blank(*object) || Some(*predicate) == self.roles.distribution;
            needed && self.graph.about(*object).is_empty()
        })
    }

    fn body(&mut self, node: u32, found: &[u32]) -> Option<Bytes> {
        // What is too long is not written to find that out.
        let longest = MAX_RECORD.min(self.budget);
        let objects = found.iter().flat_map(|subject| self.graph.about(*subject));
        let least: usize = objects
            .filter_map(|[_, _, object]| self.graph.text(*object))
            .map(str::len)
            .sum();
        if least > longest {
            return None;
        }
        let name = self.written(node);
        let mut lines: BTreeSet<String> = BTreeSet::new();
        let mut length = 0;
        if let Some(class) = self.roles.implied_class(node) {
            lines.insert(format!(
                "{name} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{class}> {name} .\n"
            ));
        }
        for subject in found {
            let subject_name = self.written(*subject);
            for [_, predicate, object] in self.graph.about(*subject) {
                if !self.roles.limits.keeps(self.graph, *predicate, *object) {
                    continue;
                }
                let object = if Some(*predicate) == self.roles.primary_topic {
                    self.roles.same.get(object).unwrap_or(object)
                } else {
                    object
                };
                let line = format!(
                    "{subject_name} {} {} {name} .\n",
                    self.written(*predicate),
                    self.written(*object)
                );
                length += line.len();
                if length > longest {
                    return None;
                }
                lines.insert(line);
            }
        }
        self.budget = self.budget.saturating_sub(length);
        Some(lines.into_iter().collect::<String>().into())
    }

    fn written(&self, id: u32) -> String {
        match (self.labels.get(&id), self.graph.term(id)) {
            (Some(label), _) => format!("_:{label}"),
            (None, Some(term)) => term.to_string(),
            (None, None) => String::new(),
        }
    }
}

fn suspects(document: &Document) -> HashSet<u32> {
    let wanted: HashSet<&Term> = document
        .faults()
        .iter()
        .flat_map(|fault| &fault.suspects)
        .collect();
    if wanted.is_empty() {
        return HashSet::new();
    }
    let graph = document.graph();
    (0..graph.size())
        .filter_map(|id| u32::try_from(id).ok())
        .filter(|id| graph.term(*id).is_some_and(|term| wanted.contains(term)))
        .collect()
}
