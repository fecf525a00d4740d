//! From node to node: each property as the table has it.

use model::{Link, LinkTarget, Severity, check_iri};
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, NamedNodeRef, Term};

use super::graph::{Node, node};
use super::node::is_skolem;
use super::terms::{self, Carry, Role, Target};
use super::value::is_address;
use super::{Mapping, source};

/// More links than this are a catalogue's.
const MOST_LINKS: usize = 5_000;

impl Mapping<'_> {
    /// Says of `subject` what the record says of the node.
    pub(super) fn carry(&mut self, of: &Node, subject: &NamedNode, role: Role) {
        self.read.insert(of.clone());
        let graph = self.graph;
        for (stated, object) in graph.of(of) {
            // What may not be written need not be read: one node may be read for many agents.
            if self.left == 0 {
                return;
            }
            if *stated == rdf::TYPE {
                continue;
            }
            let Some(rule) = terms::rule(role, stated.as_str()) else {
                self.any(subject, stated.as_ref(), object);
                continue;
            };
            if rule.misspelt {
                self.find(
                    "property/misspelt",
                    Severity::Info,
                    &format!("read as {}", terms::short(rule.predicate.as_str())),
                    "write the property as the standard does",
                    &terms::short(stated.as_str()),
                    self.place(of),
                );
            }
            self.value(subject, rule.predicate.as_ref(), rule.carry, object);
        }
    }

    fn value(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        carry: Carry,
        object: &Term,
    ) {
        match carry {
            Carry::Any => self.any(subject, predicate, object),
            Carry::Text => self.text(subject, predicate, object),
            Carry::Name => self.name(subject, predicate, object),
            Carry::Keyword => self.keyword(subject, object),
            Carry::Plain => self.plain(subject, predicate, object),
            Carry::Date => self.date(subject, predicate, object),
            Carry::Address => self.address(subject, predicate, object),
            Carry::Code | Carry::Codes => {
                self.code(subject, predicate, object, carry == Carry::Codes);
            }
            Carry::Rights => self.rights(subject, predicate, object),
            Carry::Provenance => self.provenance(subject, predicate, object),
            Carry::Concept => self.concept(subject, predicate, object),
            Carry::Standard => match object {
                Term::NamedNode(iri) if !is_skolem(iri.as_str()) => {
                    self.foreign(subject, predicate, iri);
                }
                _ => self.any(subject, predicate, object),
            },
            Carry::Identifier => self.identifier(subject, object),
            Carry::Checksum => self.checksum(subject, object),
            Carry::Algorithm => self.algorithm(subject, object),
            Carry::Digest => self.digest(subject, object),
            Carry::Agent => self.agent(subject, predicate, object),
            Carry::Contact => self.contact(subject, predicate, object),
            Carry::Reach => self.reach(subject, predicate, object),
            Carry::Place => self.spatial(subject, predicate, object),
            Carry::Geometry => self.geometry(subject, predicate, object),
            Carry::Period => self.temporal(subject, predicate, object),
            Carry::Distribution => self.distribution(subject, predicate, object),
            Carry::Service => self.service(subject, predicate, object),
            Carry::Link(target) => self.link(subject, predicate, object, target),
            Carry::Record => match node(object).filter(|record| self.graph.describes(record)) {
                Some(record) => self.catalogue_record(&record),
                None => self.any(subject, predicate, object),
            },
        }
    }

    /// What the table does not have: literals and IRIs as they are, what is described as a node of the entity.
    pub(super) fn any(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, object: &Term) {
        match object {
            Term::Literal(literal) => self.literal(subject, predicate, literal),
            Term::NamedNode(iri) => {
                let described: Node = iri.clone().into();
                if self.is_own_entity(&described) || !self.graph.describes(&described) {
                    self.iri(subject, predicate, iri);
                } else {
                    self.described(subject, predicate, &described);
                }
            }
            Term::BlankNode(blank) => self.described(subject, predicate, &blank.clone().into()),
            #[allow(unreachable_patterns)]
            _ => {}
        }
    }

    /// A node by its class, where that says how it is carried over.
    fn described(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, described: &Node) {
        let object: Term = described.clone().into();
        if let Some(own) = self.current.own.get(described).cloned() {
            self.add(subject, predicate, own);
            return;
        }
        let is = |names: &[&str]| {
            self.graph
                .classes(described)
                .any(|class| names.contains(&terms::short(class).as_str()))
        };
        if is(&[
            "foaf:Agent",
            "foaf:Organization",
            "foaf:Person",
            "org:Organization",
            "prov:Agent",
            "schema:Organization",
        ]) {
            self.agent(subject, predicate, &object);
        } else if is(&[
            "vcard:Kind",
            "vcard:Organization",
            "vcard:Individual",
            "vcard:VCard",
            "vcard:Group",
        ]) {
            self.contact(subject, predicate, &object);
        } else if is(&["dct:Location"]) {
            self.spatial(subject, predicate, &object);
        } else if is(&["dct:PeriodOfTime"]) {
            self.temporal(subject, predicate, &object);
        } else if is(&["dcat:Dataset", "dcat:DatasetSeries", "dcat:DataService"]) {
            self.link(subject, predicate, &object, Target::Any);
        } else if is(&["dcat:Distribution"]) {
            self.distribution(subject, predicate, &object);
        } else {
            match described {
                Node::NamedNode(iri) if self.only_named(described) && !is_skolem(iri.as_str()) => {
                    self.foreign(subject, predicate, iri);
                }
                _ => self.fragment(subject, predicate, described, &[], Role::Resource),
            }
        }
    }

    /// An IRI as it stands: the entity's own where it means the entity or one of its nodes.
    pub(super) fn iri(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        iri: &NamedNode,
    ) {
        let stated: Node = iri.clone().into();
        if let Some(own) = self.current.own.get(&stated).cloned() {
            self.add(subject, predicate, own);
        } else if stated == *self.main && self.iri.as_str() != source::NOWHERE {
            let own = self.iri.clone();
            self.add(subject, predicate, own);
        } else if let Some(relative) = iri.as_str().strip_prefix(source::NOWHERE) {
            if !relative.is_empty() {
                let literal = Literal::new_typed_literal(relative, xsd::ANY_URI);
                self.add(subject, predicate, literal);
            }
        } else if check_iri(iri.as_str()).is_some() {
            self.add(subject, predicate, iri.clone());
        } else {
            let literal = Literal::new_typed_literal(iri.as_str(), xsd::ANY_URI);
            self.add(subject, predicate, literal);
        }
    }

    /// Whether the entity or one of its nodes is called so by the source.
    pub(super) fn is_named(&self, iri: &NamedNode) -> bool {
        let stated: Node = iri.clone().into();
        stated == *self.main || self.current.own.contains_key(&stated)
    }

    fn is_own_entity(&self, described: &Node) -> bool {
        described == self.main
    }

    /// What another record may describe: the statement with the source's own IRI, and a link that holds once the
    /// source has such an entity. Where the record says that it is an entity, only the link: the source has it.
    pub(super) fn link(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
        target: Target,
    ) {
        let iri = match object {
            Term::NamedNode(iri) => iri.clone(),
            Term::Literal(literal) if is_address(literal.value()) => {
                NamedNode::new_unchecked(literal.value().trim())
            }
            Term::Literal(literal) => return self.literal(subject, predicate, literal),
            Term::BlankNode(blank) => {
                let described: Node = blank.clone().into();
                return self.fragment(subject, predicate, &described, &[], Role::Resource);
            }
            #[allow(unreachable_patterns)]
            _ => return,
        };
        let described: Node = iri.clone().into();
        if self.is_own_entity(&described) || self.current.own.contains_key(&described) {
            return self.iri(subject, predicate, &iri);
        }
        if self
            .graph
            .is(&described, &["http://www.w3.org/ns/dcat#Distribution"])
        {
            return self.distribution(subject, predicate, object);
        }
        let stated = terms::kind_of(self.graph.classes(&described));
        let known = stated.filter(|kind| target.kinds().contains(kind));
        if known.is_none() {
            self.foreign(subject, predicate, &iri);
        }
        self.read.insert(described);
        let name = iri.as_str().strip_prefix(source::NOWHERE);
        let name = name.unwrap_or(iri.as_str()).to_owned();
        for kind in target.kinds() {
            let link = Link {
                subject: subject.clone(),
                predicate: predicate.into_owned(),
                target: LinkTarget::Alias(name.clone()),
                kind: *kind,
            };
            let links = &mut self.current.entity.links;
            if known.is_none_or(|known| known == *kind)
                && links.len() < MOST_LINKS
                && !links.contains(&link)
            {
                links.push(link);
            }
        }
    }
}
