//! The N-Triples of an entity, to be looked up.

use std::collections::HashMap;

use model::ns::{dcterms, foaf, locn, rdfs, skos, vcard};
use oxrdf::{Literal, NamedNodeRef, NamedOrBlankNode, Term, Triple};
use oxttl::NTriplesParser;

use crate::SearchError;

/// Statements by subject, in the order of lines.
pub(crate) struct Lines(HashMap<String, Vec<Triple>>);

const LABELS: [NamedNodeRef<'static>; 8] = [
    skos::PREF_LABEL,
    foaf::NAME,
    rdfs::LABEL,
    locn::GEOGRAPHIC_NAME,
    dcterms::TITLE,
    vcard::FN,
    vcard::ORGANIZATION_NAME,
    skos::NOTATION,
];

impl Lines {
    pub(crate) fn read(lines: &str) -> Result<Self, SearchError> {
        let mut statements: HashMap<String, Vec<Triple>> = HashMap::new();
        for triple in NTriplesParser::new().lenient().for_slice(lines.as_bytes()) {
            let triple = triple.map_err(|error| SearchError::Line(error.to_string()))?;
            if let NamedOrBlankNode::NamedNode(subject) = &triple.subject {
                statements
                    .entry(subject.as_str().to_owned())
                    .or_default()
                    .push(triple);
            }
        }
        Ok(Self(statements))
    }

    pub(crate) fn objects(
        &self,
        subject: &str,
        predicate: NamedNodeRef<'_>,
    ) -> impl Iterator<Item = &Term> {
        self.0
            .get(subject)
            .into_iter()
            .flatten()
            .filter(move |triple| triple.predicate.as_ref() == predicate)
            .map(|triple| &triple.object)
    }

    /// The nodes that a property points at.
    pub(crate) fn nodes<'a>(
        &'a self,
        subject: &str,
        predicate: NamedNodeRef<'_>,
    ) -> impl Iterator<Item = &'a str> {
        self.objects(subject, predicate)
            .filter_map(|object| match object {
                Term::NamedNode(node) => Some(node.as_str()),
                _ => None,
            })
    }

    /// Texts, those in French first, then those without a language.
    pub(crate) fn texts(&self, subject: &str, predicate: NamedNodeRef<'_>) -> Vec<&str> {
        let mut texts: Vec<&Literal> = self
            .objects(subject, predicate)
            .filter_map(|object| match object {
                Term::Literal(literal) => Some(literal),
                _ => None,
            })
            .collect();
        texts.sort_by_key(|literal| match literal.language() {
            Some("fr") => 0,
            None => 1,
            Some(_) => 2,
        });
        texts.into_iter().map(Literal::value).collect()
    }

    /// What a node is called.
    pub(crate) fn labels(&self, node: &str) -> Vec<&str> {
        LABELS
            .iter()
            .flat_map(|label| self.texts(node, *label))
            .collect()
    }

    /// The subjects of a class, in the order of IRIs.
    pub(crate) fn instances(&self, class: NamedNodeRef<'_>) -> Vec<&str> {
        let mut subjects: Vec<&str> = self
            .0
            .keys()
            .map(String::as_str)
            .filter(|subject| {
                self.nodes(subject, oxrdf::vocab::rdf::TYPE)
                    .any(|of| of == class.as_str())
            })
            .collect();
        subjects.sort_unstable();
        subjects
    }
}
