//! Values of lists: licences, formats, frequencies, languages, themes, standards; statements of rights and provenance.

use model::ns::{dcat, dcterms, skos};
use model::{Severity, check_iri};
use oxrdf::vocab::{rdf, rdfs};
use oxrdf::{Literal, NamedNode, NamedNodeRef, Term};

use super::Mapping;
use super::graph::{Node, node};
use super::node::is_skolem;
use super::terms::{self, Role};
use super::value::{LABELS, VALUES, is_address};
use crate::draft::short_hash;

/// Properties by which a node without an IRI says what it is, or where it is to be read.
const SAME: [&str; 12] = [
    "http://www.w3.org/2002/07/owl#sameAs",
    "http://www.w3.org/2004/02/skos/core#exactMatch",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#value",
    "http://purl.org/dc/terms/identifier",
    "http://xmlns.com/foaf/0.1/homepage",
    "http://xmlns.com/foaf/0.1/page",
    "http://schema.org/url",
    "http://www.w3.org/2000/01/rdf-schema#seeAlso",
    "http://purl.org/dc/terms/source",
    "http://www.w3.org/ns/dcat#accessURL",
    "http://www.w3.org/ns/dcat#downloadURL",
    "http://xmlns.com/foaf/0.1/isPrimaryTopicOf",
];

const DESCRIPTIONS: [&str; 2] = [
    "http://purl.org/dc/terms/description",
    "http://www.w3.org/2000/01/rdf-schema#comment",
];

/// The parts of a duration, and their letters: small those of the time of day.
const DURATIONS: [(&str, char); 7] = [
    ("years", 'Y'),
    ("months", 'M'),
    ("weeks", 'W'),
    ("days", 'D'),
    ("hours", 'h'),
    ("minutes", 'm'),
    ("seconds", 's'),
];

/// What INSPIRE says of access and use is no licence, though portals that make DCAT of ISO records call it one.
fn meant<'p>(predicate: NamedNodeRef<'p>, iri: &str) -> NamedNodeRef<'p> {
    if predicate != dcterms::LICENSE {
        predicate
    } else if iri.contains("/metadata-codelist/LimitationsOnPublicAccess/") {
        dcterms::ACCESS_RIGHTS
    } else if iri.contains("/metadata-codelist/ConditionsApplyingToAccessAndUse/") {
        dcterms::RIGHTS
    } else {
        predicate
    }
}

impl Mapping<'_> {
    /// A value that a rule resolves: the text or the IRI that was written. With `all`, each that a node has.
    pub(super) fn code(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
        all: bool,
    ) {
        match object {
            Term::Literal(literal) => self.coded_text(subject, predicate, literal),
            Term::NamedNode(iri) => {
                let described: Node = iri.clone().into();
                let predicate = meant(predicate, iri.as_str());
                // An IRI made up for a value: the value is what the rules know.
                let made_up = is_skolem(iri.as_str()) && self.graph.describes(&described);
                if made_up || self.graph.objects(&described, VALUES[0]).next().is_some() {
                    self.coded_node(subject, predicate, &described, all);
                } else {
                    self.foreign(subject, predicate, iri);
                    self.also_labels(subject, predicate, &described);
                }
            }
            _ => {
                let Some(described) = node(object) else {
                    return;
                };
                self.coded_node(subject, predicate, &described, all);
            }
        }
    }

    /// What a portal calls a format of which the IRI is its own.
    fn also_labels(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, described: &Node) {
        if predicate == dcterms::FORMAT || predicate == dcat::MEDIA_TYPE {
            for label in self.labels(described, false) {
                self.coded_text(subject, predicate, &label);
            }
        }
    }

    /// A duration of OWL-Time, as ISO 8601 writes it: how often, in the profile of Spain.
    fn duration(&self, described: &Node) -> Option<String> {
        let inner = self
            .graph
            .objects(described, VALUES[0])
            .filter_map(node)
            .find(|inner| self.graph.describes(inner));
        let described = inner.as_ref().unwrap_or(described);
        let (mut days, mut time) = (String::new(), String::new());
        for (name, letter) in DURATIONS {
            let predicate = format!("http://www.w3.org/2006/time#{name}");
            let number = self
                .graph
                .of(described)
                .iter()
                .find(|(known, _)| known.as_str() == predicate)
                .and_then(|(_, object)| self.text_of(object)?.parse::<f64>().ok())
                .filter(|number| (1.0..1e6).contains(number));
            let part = if letter.is_ascii_lowercase() {
                &mut time
            } else {
                &mut days
            };
            if let Some(number) = number {
                part.push_str(&format!("{number}{}", letter.to_ascii_uppercase()));
            }
        }
        match (days.is_empty(), time.is_empty()) {
            (true, true) => None,
            (_, true) => Some(format!("P{days}")),
            _ => Some(format!("P{days}T{time}")),
        }
    }

    /// A text; a code has no type, and the standard none for it.
    fn coded_text(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, literal: &Literal) {
        if is_address(literal.value()) {
            self.add_iri(subject, predicate, literal.value().trim());
        } else {
            self.name(subject, predicate, &Term::Literal(literal.clone()));
        }
    }

    fn coded_node(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        described: &Node,
        all: bool,
    ) {
        if let Some(duration) = self.duration(described) {
            self.read.insert(described.clone());
            return self.add(subject, predicate, Literal::new_simple_literal(duration));
        }
        let mut texts = self.labels(described, true);
        if all {
            texts.extend(self.labels(described, false));
        }
        if let Some(iri) = self.address_of(described).and_then(|text| check_iri(&text)) {
            self.add(subject, predicate, iri.clone());
            self.name_concept(described, &iri);
        } else if texts.is_empty()
            || (predicate == dcterms::CONFORMS_TO && !self.only_named(described))
        {
            let class = if predicate == dcterms::CONFORMS_TO {
                &[dcterms::STANDARD][..]
            } else {
                &[]
            };
            return self.fragment(subject, predicate, described, class, Role::Resource);
        } else if all {
            for text in texts {
                self.coded_text(subject, predicate, &text);
            }
        } else if let Some(text) = self.preferred(&texts).cloned() {
            self.coded_text(subject, predicate, &text);
        }
        self.read.insert(described.clone());
        self.left_out(described, &SAME);
    }

    /// An IRI of the world outside; what the record calls it goes with it.
    pub(super) fn foreign(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        iri: &NamedNode,
    ) {
        self.iri(subject, predicate, iri);
        let described: Node = iri.clone().into();
        if self.graph.describes(&described)
            && described != *self.main
            && !self.current.own.contains_key(&described)
            && self.read.insert(described.clone())
        {
            self.name_concept(&described, iri);
            self.left_out(&described, &[]);
        }
    }

    pub(super) fn name_concept(&mut self, described: &Node, iri: &NamedNode) {
        if self.left == 0 {
            return;
        }
        for label in self.labels(described, false) {
            if !self.may_write() {
                return;
            }
            let tag = label.language().unwrap_or(self.context.language).to_owned();
            self.current
                .entity
                .label(iri, label.value(), Some(tag.as_str()));
        }
    }

    /// Says what else the record says of a node of which it keeps the name.
    fn left_out(&mut self, described: &Node, kept: &[&str]) {
        // A description stands for a name where there is none.
        let named = self.graph.of(described).iter().any(|(predicate, _)| {
            let name = predicate.as_str();
            LABELS.contains(&name) && !DESCRIPTIONS.contains(&name)
        });
        let mut lost: Vec<String> = self
            .graph
            .of(described)
            .iter()
            .map(|(predicate, _)| predicate.as_str())
            .filter(|name| {
                (!LABELS.contains(name) || (DESCRIPTIONS.contains(name) && named))
                    && !VALUES.contains(name)
                    && !kept.contains(name)
                    && (!terms::short(name).starts_with("skos:") || name.ends_with("#exactMatch"))
                    && *name != rdf::TYPE.as_str()
            })
            .map(terms::short)
            .collect();
        lost.dedup();
        let is_entity = terms::kind_of(self.graph.classes(described)).is_some();
        if lost.is_empty() || is_entity {
            return;
        }
        let place = self.place(described);
        self.find(
            "node/left-out",
            Severity::Info,
            "the value was kept by its IRI or its name; what else the record says of it was left out",
            "nothing has to be done, unless what is left out is meant of the dataset itself",
            &lost.join(", "),
            place,
        );
    }

    /// The address that a node without an IRI has.
    pub(super) fn address_of(&self, described: &Node) -> Option<String> {
        SAME.iter().find_map(|predicate| {
            self.graph
                .objects(described, predicate)
                .find_map(|object| match object {
                    Term::NamedNode(iri) => Some(iri.as_str().to_owned()),
                    Term::Literal(literal) if is_address(literal.value()) => {
                        Some(literal.value().trim().to_owned())
                    }
                    _ => None,
                })
        })
    }

    /// `dct:rights` and `dct:accessRights`: a text that a rule reads, or a statement.
    pub(super) fn rights(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) {
        let Some(described) = node(object).filter(|node| matches!(node, Node::BlankNode(_))) else {
            return self.code(subject, predicate, object, false);
        };
        let texts = self.labels(&described, true);
        let simple = self.only_named(&described) && !texts.is_empty();
        if simple && (texts.len() == 1 || predicate == dcterms::ACCESS_RIGHTS) {
            return self.code(subject, predicate, object, false);
        }
        self.fragment(
            subject,
            predicate,
            &described,
            &[dcterms::RIGHTS_STATEMENT],
            Role::Resource,
        );
    }

    /// A statement with a text, as DCAT-AP has it.
    pub(super) fn provenance(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) {
        let Term::Literal(literal) = object else {
            return self.statement(subject, predicate, object, dcterms::PROVENANCE_STATEMENT);
        };
        let text = literal.value().trim();
        if text.is_empty() {
            return;
        }
        let own = self
            .current
            .entity
            .node(&format!("provenance-{}", short_hash(text)));
        self.add(subject, predicate, own.clone());
        self.add(&own, rdf::TYPE, dcterms::PROVENANCE_STATEMENT.into_owned());
        self.text(&own, rdfs::LABEL, object);
    }

    fn statement(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
        class: NamedNodeRef<'_>,
    ) {
        match node(object) {
            Some(described)
                if self.graph.describes(&described)
                    && (matches!(described, Node::BlankNode(_))
                        || !self.only_named(&described)) =>
            {
                self.fragment(subject, predicate, &described, &[class], Role::Resource);
            }
            Some(Node::NamedNode(iri)) => self.foreign(subject, predicate, &iri),
            _ => {}
        }
    }

    /// A concept: an IRI, or one of the entity's own with what it is called.
    pub(super) fn concept(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) {
        match object {
            Term::NamedNode(iri) => self.foreign(subject, predicate, iri),
            Term::Literal(literal) if is_address(literal.value()) => {
                self.coded_text(subject, predicate, literal);
            }
            Term::Literal(literal) => {
                let text = literal.value().trim();
                if text.is_empty() {
                    return;
                }
                let own = self
                    .current
                    .entity
                    .node(&format!("concept-{}", short_hash(text)));
                self.add(subject, predicate, own.clone());
                self.add(&own, rdf::TYPE, skos::CONCEPT.into_owned());
                self.name(&own, skos::PREF_LABEL, object);
            }
            _ => {
                let Some(described) = node(object) else {
                    return;
                };
                self.fragment(
                    subject,
                    predicate,
                    &described,
                    &[skos::CONCEPT],
                    Role::Resource,
                );
            }
        }
    }
}
