//! Nodes of the entity: for the blank nodes of the record, and for what belongs to it under an IRI of the source.

use model::ns::{dcat, dcterms, foaf};
use model::{Severity, check_iri};
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term};

use super::Mapping;
use super::graph::Node;
use super::source::NOWHERE;
use super::terms::{self, Role};
use crate::draft::short_hash;

/// Nodes nested deeper than this are no description.
const DEEPEST: usize = 16;

impl Mapping<'_> {
    /// A node of the entity for a node of the record, and the statement that leads to it.
    pub(super) fn fragment(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        of: &Node,
        classes: &[NamedNodeRef<'_>],
        role: Role,
    ) {
        let prefix = local_name(predicate.as_str());
        if let Some(own) = self.own_node(of, &prefix, classes, role) {
            self.add(subject, predicate, own);
        }
    }

    /// The entity's node for a node of the record, with what is said of it; none for one that says nothing.
    pub(super) fn own_node(
        &mut self,
        of: &Node,
        prefix: &str,
        classes: &[NamedNodeRef<'_>],
        role: Role,
    ) -> Option<NamedNode> {
        if let Some(own) = self.current.own.get(of) {
            return Some(own.clone());
        }
        if matches!(of, Node::BlankNode(_)) && !self.graph.describes(of) {
            return None;
        }
        if self.depth >= DEEPEST {
            self.find(
                "node/left-out",
                Severity::Warning,
                &format!("the node is nested deeper than {DEEPEST} levels: it was left out"),
                "describe the dataset with fewer levels",
                "",
                self.place(of),
            );
            return None;
        }
        let (own, new) = self.claim(of, prefix);
        self.current.own.insert(of.clone(), own.clone());
        self.read.insert(of.clone());
        if !new {
            return Some(own);
        }
        let place = self.place(of);
        self.current.entity.set_origin(&own, place);
        for class in classes {
            self.add(&own, rdf::TYPE, class.into_owned());
        }
        if classes.is_empty() || role != Role::Card {
            let main = classes.first().copied().unwrap_or(rdf::TYPE);
            self.classes(of, &own, main);
        }
        if let Node::NamedNode(iri) = of
            && !is_skolem(iri.as_str())
        {
            let value = iri.as_str().strip_prefix(NOWHERE).unwrap_or(iri.as_str());
            self.add(
                &own,
                dcterms::IDENTIFIER,
                Literal::new_typed_literal(value, xsd::ANY_URI),
            );
        }
        self.depth += 1;
        self.carry(of, &own, role);
        self.depth -= 1;
        // The record that a record was made of is about the same.
        if prefix == "source" && self.graph.is(of, &[dcat::CATALOG_RECORD.as_str()]) {
            self.topic(&own);
        }
        Some(own)
    }

    /// A name that does not change with the order of the record, and as little as can be with what it says: after the
    /// IRI, the identifier, the addresses, or everything that is said. Says `false` where the same was there before.
    fn claim(&mut self, of: &Node, prefix: &str) -> (NamedNode, bool) {
        let whole = self.graph.key(of);
        for key in [self.handle(of), whole.clone()] {
            let own = self
                .current
                .entity
                .node(&format!("{prefix}-{}", short_hash(&key)));
            match self.current.claimed.get(&own) {
                None => {
                    self.current.claimed.insert(own.clone(), whole);
                    return (own, true);
                }
                Some(known) if *known == whole => return (own, false),
                Some(_) => {}
            }
        }
        (
            self.current
                .entity
                .node(&format!("{prefix}-{}", short_hash(&whole))),
            false,
        )
    }

    fn handle(&self, of: &Node) -> String {
        if let Node::NamedNode(iri) = of
            && !is_skolem(iri.as_str())
        {
            return iri.as_str().to_owned();
        }
        let texts = |predicates: &[&str]| -> Vec<String> {
            predicates
                .iter()
                .flat_map(|predicate| self.graph.objects(of, predicate))
                .filter_map(|object| self.text_of(object))
                .collect()
        };
        let mut handle = texts(&[terms::IDENTIFIER]);
        if handle.is_empty() {
            handle = texts(&[
                dcat::DOWNLOAD_URL.as_str(),
                dcat::ACCESS_URL.as_str(),
                dcat::ENDPOINT_URL.as_str(),
            ]);
            if !handle.is_empty() {
                handle.extend(texts(&[dcterms::TITLE.as_str()]));
            }
        }
        if handle.is_empty() {
            self.graph.key(of)
        } else {
            handle.join("\n")
        }
    }

    /// The classes that the record gives to a node, besides the one that it has: those of entities would make it another.
    pub(super) fn classes(&mut self, of: &Node, own: &NamedNode, main: NamedNodeRef<'_>) {
        let graph = self.graph;
        for class in graph.classes(of) {
            let implied = matches!(
                terms::short(class).as_str(),
                "dcat:Resource"
                    | "dcat:Dataset"
                    | "dcat:DatasetSeries"
                    | "dcat:DataService"
                    | "dcat:Catalog"
                    | "dcat:Download"
                    | "dcat:WebService"
                    | "dcat:Feed"
                    | "rdfs:Resource"
                    | "owl:NamedIndividual"
                    | "owl:Thing"
            );
            if class == main.as_str() || (implied && main != rdf::TYPE) {
                continue;
            }
            if let Some(class) =
                check_iri(class).filter(|class| !class.as_str().starts_with(NOWHERE))
            {
                self.add(own, rdf::TYPE, class);
            }
        }
    }

    /// The record of the entity in the source's catalogue.
    pub(super) fn catalogue_record(&mut self, of: &Node) {
        let first = self.current.records.is_empty()
            && !self
                .current
                .entity
                .instances(dcat::CATALOG_RECORD)
                .any(|_| true);
        if first && !self.current.own.contains_key(of) {
            let own = self.current.entity.node("record");
            self.current.own.insert(of.clone(), own.clone());
            let place = self.place(of);
            self.current.entity.set_origin(&own, place);
            self.add(&own, rdf::TYPE, dcat::CATALOG_RECORD.into_owned());
            self.classes(of, &own, dcat::CATALOG_RECORD);
            if let Node::NamedNode(iri) = of
                && !is_skolem(iri.as_str())
            {
                self.plain(&own, dcterms::IDENTIFIER, &Term::NamedNode(iri.clone()));
            }
            self.carry(of, &own, Role::Resource);
            self.topic(&own);
        } else if let Some(own) =
            self.own_node(of, "record", &[dcat::CATALOG_RECORD], Role::Resource)
        {
            self.topic(&own);
        }
    }

    /// A record is about its entity, however it writes that.
    fn topic(&mut self, record: &NamedNode) {
        self.current.records.insert(record.clone());
        self.add(record, foaf::PRIMARY_TOPIC, self.iri.clone());
    }

    /// And about nothing else. All records at once: each would have to look at all that was written.
    pub(super) fn settle_topics(&mut self) {
        let records = std::mem::take(&mut self.current.records);
        if records.is_empty() {
            return;
        }
        let main = Term::NamedNode(self.iri.clone());
        self.current.entity.triples.retain(|triple| {
            let of_record = || match &triple.subject {
                NamedOrBlankNode::NamedNode(node) => records.contains(node),
                NamedOrBlankNode::BlankNode(_) => false,
            };
            triple.predicate != foaf::PRIMARY_TOPIC || triple.object == main || !of_record()
        });
    }

    /// Where in the record a node stands: its IRI, or the way to it.
    pub(super) fn place(&self, of: &Node) -> String {
        match of {
            Node::NamedNode(iri) => {
                let iri = iri.as_str();
                format!("<{}>", iri.strip_prefix(NOWHERE).unwrap_or(iri))
            }
            Node::BlankNode(_) => {
                let label = self
                    .text_of(&of.clone().into())
                    .unwrap_or_else(|| self.graph.classes(of).map(terms::short).collect());
                let label: String = label.chars().take(60).collect();
                format!("<{}> [{label}]", self.record.id)
            }
        }
    }
}

/// `dct:qualifiedAttribution` names its nodes `attribution-…`.
fn local_name(predicate: &str) -> String {
    let local = predicate.rsplit(['#', '/', ':']).next().unwrap_or("node");
    let short: String = local
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(40)
        .collect();
    let lower = short.to_ascii_lowercase();
    match lower
        .strip_prefix("qualified")
        .or_else(|| lower.strip_prefix("has"))
    {
        Some(rest) if rest.len() > 2 => rest.to_owned(),
        _ if lower.is_empty() => "node".to_owned(),
        _ => lower,
    }
}

/// IRIs that a server makes up for blank nodes: other ones each time.
pub(super) fn is_skolem(iri: &str) -> bool {
    iri.contains("/.well-known/genid/")
        || iri.contains("/.well-known/skolem/")
        || iri.starts_with("urn:x-arq:")
        || iri.starts_with("genid:")
        || iri.starts_with("nodeID://")
}
