//! Contact points: cards of the entity, whatever vocabulary they are written in.

use model::check_iri;
use model::ns::{foaf, vcard};
use oxrdf::vocab::rdf;
use oxrdf::{Literal, NamedNode, NamedNodeRef, Term};

use super::Mapping;
use super::graph::{Node, node};
use super::terms::{self, Role};
use super::value::VALUES;
use crate::draft::{mailto, short_hash};

impl Mapping<'_> {
    pub(super) fn contact(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) {
        let card = match object {
            Term::Literal(literal) => self.plain_card(literal.value()),
            Term::NamedNode(iri) if iri.as_str().starts_with("mailto:") => {
                self.plain_card(iri.as_str())
            }
            _ => {
                let Some(described) = node(object) else {
                    return;
                };
                if !self.graph.describes(&described) {
                    if let Term::NamedNode(iri) = object {
                        self.iri(subject, predicate, iri);
                    }
                    return;
                }
                self.card(&described)
            }
        };
        if let Some(card) = card {
            self.add(subject, predicate, card);
        }
    }

    /// A card for a text: an address or a name.
    fn plain_card(&mut self, text: &str) -> Option<NamedNode> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let own = self
            .current
            .entity
            .node(&format!("contact-{}", short_hash(text)));
        self.add(&own, rdf::TYPE, vcard::KIND.into_owned());
        if text.contains('@') {
            self.reach_by(&own, vcard::HAS_EMAIL, text);
        } else {
            self.add(&own, vcard::FN, Literal::new_simple_literal(text));
        }
        Some(own)
    }

    fn card(&mut self, described: &Node) -> Option<NamedNode> {
        let known = self.current.own.contains_key(described);
        let own = self.own_node(described, "contact", &[vcard::KIND], Role::Card)?;
        if known {
            return Some(own);
        }
        let graph = self.graph;
        for class in graph.classes(described) {
            let class = match terms::short(class).as_str() {
                "vcard:Organization" | "vcard:Group" | "foaf:Organization" | "org:Organization" => {
                    vcard::ORGANIZATION
                }
                "vcard:Individual" | "foaf:Person" | "schema:Person" => vcard::INDIVIDUAL,
                _ => continue,
            };
            self.add(&own, rdf::TYPE, class.into_owned());
        }
        // A card has a name; that of an organisation is its own.
        if self.current.entity.object(&own, vcard::FN).is_none() {
            let names: Vec<Term> = self
                .current
                .entity
                .objects(&own, vcard::ORGANIZATION_NAME)
                .cloned()
                .collect();
            for name in names {
                self.add(&own, vcard::FN, name);
            }
        }
        Some(own)
    }

    /// An e-mail address or a telephone number: an IRI, a text, or a node with one of these.
    pub(super) fn reach(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) {
        let described = match object {
            Term::Literal(literal) => return self.reach_by(subject, predicate, literal.value()),
            Term::NamedNode(iri) => Node::from(iri.clone()),
            Term::BlankNode(blank) => Node::from(blank.clone()),
            #[allow(unreachable_patterns)]
            _ => return,
        };
        let graph = self.graph;
        let mut found = false;
        for value in VALUES
            .iter()
            .flat_map(|value| graph.objects(&described, value))
        {
            if let Some(text) = self.text_of(value) {
                found = true;
                self.reach_by(subject, predicate, &text);
            }
        }
        self.read.insert(described.clone());
        match object {
            _ if found => {}
            Term::NamedNode(_) => {
                if let Some(text) = self.text_of(object) {
                    self.reach_by(subject, predicate, &text);
                }
            }
            _ => self.any(subject, predicate, object),
        }
    }

    /// `mailto:` once, however often it is written; nothing where nothing follows it.
    fn reach_by(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, value: &str) {
        let mail = predicate == vcard::HAS_EMAIL || predicate == foaf::MBOX;
        let scheme = if mail { "mailto:" } else { "tel:" };
        let mut bare = value.trim();
        while let Some(rest) = bare
            .get(..scheme.len())
            .filter(|start| start.eq_ignore_ascii_case(scheme))
            .and_then(|start| bare.get(start.len()..))
        {
            bare = rest.trim_start_matches('/').trim();
        }
        if bare.is_empty() {
            return;
        }
        if mail {
            let address = mailto(bare);
            self.add_iri(subject, predicate, &address);
            return;
        }
        match check_iri(value.trim()).filter(|_| bare != value.trim() || value.contains("://")) {
            Some(iri) => self.add(subject, predicate, iri),
            None => self.add(subject, predicate, Literal::new_simple_literal(bare)),
        }
    }
}
