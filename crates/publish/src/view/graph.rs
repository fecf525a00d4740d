//! The graph of a page, to be looked up.

use std::collections::HashMap;

use model::ns::{dcterms, foaf, locn, rdfs, skos, vcard};
use oxrdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term};
use oxrdfio::{RdfFormat, RdfParser};

/// Statements by subject.
#[derive(Debug, Default)]
pub(crate) struct Described(HashMap<String, Vec<(NamedNode, Term)>>);

impl Described {
    /// Reads N-Triples lines of the archive.
    pub fn read(lines: &str) -> Self {
        let mut statements: HashMap<String, Vec<(NamedNode, Term)>> = HashMap::new();
        for quad in RdfParser::from_format(RdfFormat::NTriples)
            .for_slice(lines)
            .flatten()
        {
            if let NamedOrBlankNode::NamedNode(subject) = quad.subject {
                statements
                    .entry(subject.into_string())
                    .or_default()
                    .push((quad.predicate, quad.object));
            }
        }
        Self(statements)
    }

    /// What is said of a node.
    pub fn statements(&self, subject: &str) -> &[(NamedNode, Term)] {
        self.0.get(subject).map_or(&[], Vec::as_slice)
    }

    pub fn objects(
        &self,
        subject: &str,
        predicate: NamedNodeRef<'_>,
    ) -> impl Iterator<Item = &Term> {
        self.0
            .get(subject)
            .into_iter()
            .flatten()
            .filter(move |(known, _)| known.as_ref() == predicate)
            .map(|(_, object)| object)
    }

    /// A text in the language of the site, else without one, else any.
    pub fn text(&self, subject: &str, predicate: NamedNodeRef<'_>) -> Option<String> {
        let mut best: Option<(u8, &str)> = None;
        for object in self.objects(subject, predicate) {
            let Term::Literal(literal) = object else {
                continue;
            };
            let rank = match literal.language() {
                Some("fr") => 0,
                None => 1,
                Some(_) => 2,
            };
            if best.is_none_or(|(known, _)| rank < known) {
                best = Some((rank, literal.value()));
            }
        }
        best.map(|(_, text)| text.to_owned())
    }

    /// The address or IRI that a property points at.
    pub fn iri(&self, subject: &str, predicate: NamedNodeRef<'_>) -> Option<&str> {
        self.objects(subject, predicate)
            .find_map(|object| match object {
                Term::NamedNode(iri) => Some(iri.as_str()),
                _ => None,
            })
    }

    /// What a node is called.
    pub fn label(&self, node: &str) -> Option<String> {
        LABELS
            .iter()
            .find_map(|property| self.text(node, *property))
    }
}

const LABELS: [NamedNodeRef<'static>; 9] = [
    skos::PREF_LABEL,
    dcterms::TITLE,
    foaf::NAME,
    rdfs::LABEL,
    locn::GEOGRAPHIC_NAME,
    vcard::FN,
    vcard::ORGANIZATION_NAME,
    dcterms::DESCRIPTION,
    skos::NOTATION,
];
