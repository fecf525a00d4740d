//! Entities: what is published, as graphs.

use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term, Triple};
use serde::{Deserialize, Serialize};

use crate::{Finding, RecordId, check_iri};

/// What one record says, as the source stated it and then as the rules left it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mapped {
    /// The entity that the record is about comes first; the agents that it names follow.
    pub entities: Vec<Entity>,
    pub findings: Vec<Finding>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntityKind {
    Dataset,
    DatasetSeries,
    DataService,
    /// A `foaf:Agent`, whether an organisation or a person.
    Organisation,
}

impl EntityKind {
    pub const ALL: [Self; 4] = [
        Self::Dataset,
        Self::DatasetSeries,
        Self::DataService,
        Self::Organisation,
    ];

    /// The segment of the path under which entities of this kind are minted.
    pub fn segment(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::DatasetSeries => "series",
            Self::DataService => "dataservice",
            Self::Organisation => "organisation",
        }
    }

    pub fn from_segment(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.segment() == segment)
    }
}

/// One entity: its IRI, and the triples about it and about its own nodes.
///
/// Every subject is the entity's IRI or a fragment under it ([`Entity::node`]); there are no blank nodes.
/// Values that a rule has still to resolve (licences, formats, frequencies, languages, themes, dates...) are plain
/// literals as the source wrote them; strings that are no IRIs, where one is wanted, are `xsd:anyURI` literals.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity {
    pub kind: EntityKind,
    pub iri: NamedNode,
    pub triples: Vec<Triple>,
    /// Where in the record each node comes from (a JSON pointer or an XPath), for findings.
    pub origins: Vec<(NamedNode, String)>,
    /// Where in the record the value of a property is written, where that is not below the node's origin.
    pub places: Vec<(NamedNode, NamedNode, String)>,
    /// Identifiers by which other records of the same source may point at this entity, besides the record's own.
    pub aliases: Vec<String>,
    /// What the record calls concepts that are not its own, for those that no vocabulary here describes.
    pub labels: Vec<(NamedNode, Literal)>,
    /// Statements about other records, made once those are in the catalogue.
    pub links: Vec<Link>,
    /// When several records describe the same entity (an agent), the description with the greatest rank is published:
    /// the date of the record, in ISO 8601.
    pub rank: String,
}

/// A triple whose object is the entity of another record, which may not be known yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Link {
    pub subject: NamedNode,
    pub predicate: NamedNode,
    pub target: LinkTarget,
    /// The link holds only when the target is of this kind.
    pub kind: EntityKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LinkTarget {
    /// A record of the same source.
    Record(RecordId),
    /// An entity of the same source that has this alias.
    Alias(String),
}

impl Entity {
    pub fn new(kind: EntityKind, iri: NamedNode) -> Self {
        Self {
            kind,
            iri,
            triples: Vec::with_capacity(128),
            origins: Vec::new(),
            places: Vec::new(),
            aliases: Vec::new(),
            labels: Vec::new(),
            links: Vec::new(),
            rank: String::new(),
        }
    }

    /// A node of this entity: its IRI with a fragment. Characters other than ASCII letters, digits, `-`, `_` and `.`
    /// become `-`.
    pub fn node(&self, local: &str) -> NamedNode {
        let mut iri = String::with_capacity(self.iri.as_str().len() + 1 + local.len());
        iri.push_str(self.iri.as_str());
        iri.push('#');
        iri.extend(local.chars().map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') {
                c
            } else {
                '-'
            }
        }));
        NamedNode::new_unchecked(iri)
    }

    /// Whether the node is this entity or one of its nodes.
    pub fn owns(&self, node: &str) -> bool {
        node.strip_prefix(self.iri.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
    }

    pub fn add(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: impl Into<Term>,
    ) {
        debug_assert!(
            self.owns(subject.as_str()),
            "{subject} is not a node of {}",
            self.iri
        );
        self.triples
            .push(Triple::new(subject.clone(), predicate, object));
    }

    pub fn add_type(&mut self, subject: &NamedNode, class: NamedNodeRef<'_>) {
        self.add(subject, rdf::TYPE, class.into_owned());
    }

    /// Adds trimmed text; nothing when it is empty. `language` is a BCP 47 tag.
    pub fn add_text(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        text: &str,
        language: Option<&str>,
    ) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        self.add(subject, predicate, literal(text, language));
    }

    pub fn add_typed(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        value: &str,
        datatype: NamedNodeRef<'_>,
    ) {
        self.add(
            subject,
            predicate,
            Literal::new_typed_literal(value, datatype),
        );
    }

    /// Says what the record calls a concept that is not its own.
    pub fn label(&mut self, concept: &NamedNode, text: &str, language: Option<&str>) {
        let text = text.trim();
        if !text.is_empty() {
            self.labels.push((concept.clone(), literal(text, language)));
        }
    }

    /// Adds an IRI; what is no IRI becomes an `xsd:anyURI` literal, for the rules to repair. Nothing when it is empty.
    pub fn add_iri(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, value: &str) {
        if value.trim().is_empty() {
            return;
        }
        match check_iri(value) {
            Some(iri) => self.add(subject, predicate, iri),
            None => self.add_typed(subject, predicate, value, xsd::ANY_URI),
        }
    }

    pub fn objects<'a>(
        &'a self,
        subject: &'a NamedNode,
        predicate: NamedNodeRef<'a>,
    ) -> impl Iterator<Item = &'a Term> {
        self.triples
            .iter()
            .filter(move |triple| {
                triple.predicate.as_ref() == predicate && is_subject(triple, subject)
            })
            .map(|triple| &triple.object)
    }

    pub fn object<'a>(
        &'a self,
        subject: &'a NamedNode,
        predicate: NamedNodeRef<'a>,
    ) -> Option<&'a Term> {
        self.objects(subject, predicate).next()
    }

    pub fn instances<'a>(&'a self, class: NamedNodeRef<'a>) -> impl Iterator<Item = &'a NamedNode> {
        self.triples
            .iter()
            .filter_map(move |triple| match (&triple.subject, &triple.object) {
                (NamedOrBlankNode::NamedNode(subject), Term::NamedNode(object))
                    if triple.predicate == rdf::TYPE && object.as_ref() == class =>
                {
                    Some(subject)
                }
                _ => None,
            })
    }

    /// Says where in the record a node comes from.
    pub fn set_origin(&mut self, node: &NamedNode, place: impl Into<String>) {
        self.origins.push((node.clone(), place.into()));
    }

    /// Says where in the record the value of a property is written; the first place stands.
    pub fn set_place(
        &mut self,
        node: &NamedNode,
        predicate: NamedNodeRef<'_>,
        place: impl Into<String>,
    ) {
        // Not looked for first: a record has thousands of places, and few findings ask for one.
        self.places
            .push((node.clone(), predicate.into_owned(), place.into()));
    }

    /// Where in the record the value of a property is written, if that was said.
    pub fn place(&self, node: &str, predicate: NamedNodeRef<'_>) -> Option<&str> {
        self.places
            .iter()
            .find(|(known, property, _)| *property == predicate && known.as_str() == node)
            .map(|(_, _, place)| place.as_str())
    }

    /// Where in the record a node comes from; the nearest known one.
    pub fn origin(&self, node: &str) -> Option<&str> {
        self.origins
            .iter()
            .find(|(known, _)| known.as_str() == node)
            .or_else(|| self.origins.iter().find(|(known, _)| *known == self.iri))
            .map(|(_, place)| place.as_str())
    }
}

/// Text in a language; a tag that is none is left out.
fn literal(text: &str, language: Option<&str>) -> Literal {
    language
        .and_then(|tag| Literal::new_language_tagged_literal(text, tag).ok())
        .unwrap_or_else(|| Literal::new_simple_literal(text))
}

fn is_subject(triple: &Triple, subject: &NamedNode) -> bool {
    matches!(&triple.subject, NamedOrBlankNode::NamedNode(node) if node == subject)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ns::{dcat, dcterms};

    fn entity() -> Entity {
        Entity::new(
            EntityKind::Dataset,
            NamedNode::new_unchecked("https://a.example/dataset/1"),
        )
    }

    #[test]
    fn nodes_are_fragments_that_are_iris() {
        let node = entity().node("dist-é/ x");
        assert_eq!(node.as_str(), "https://a.example/dataset/1#dist----x");
        assert!(entity().owns(node.as_str()));
        assert!(!entity().owns("https://a.example/dataset/11"));
    }

    #[test]
    fn text_is_trimmed_and_bad_tags_do_no_harm() {
        let mut entity = entity();
        let iri = entity.iri.clone();
        entity.add_text(&iri, dcterms::TITLE, "  ", None);
        entity.add_text(&iri, dcterms::TITLE, " Eau ", Some("not a tag"));
        assert_eq!(
            entity.objects(&iri, dcterms::TITLE).collect::<Vec<_>>(),
            [&Term::from(Literal::new_simple_literal("Eau"))]
        );
    }

    #[test]
    fn what_is_no_iri_waits_for_the_rules() {
        let mut entity = entity();
        let iri = entity.iri.clone();
        entity.add_iri(&iri, dcat::LANDING_PAGE, "www.a.example/é è");
        assert!(
            matches!(entity.object(&iri, dcat::LANDING_PAGE), Some(Term::Literal(literal)) if literal.datatype() == xsd::ANY_URI)
        );
    }
}
