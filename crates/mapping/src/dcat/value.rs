//! Literals, names and addresses.

use model::ns::{dcat, dcterms, skos};
use model::{Severity, check_iri};
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, NamedNodeRef, Term};

use super::Mapping;
use super::graph::{Node, node};
use super::source::NOWHERE;

/// What a node may be called, the plainest first.
pub(super) const LABELS: [&str; 14] = [
    "http://www.w3.org/2000/01/rdf-schema#label",
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://purl.org/dc/terms/title",
    "http://xmlns.com/foaf/0.1/name",
    "http://schema.org/name",
    "http://www.w3.org/2006/vcard/ns#fn",
    "http://www.w3.org/2006/vcard/ns#organization-name",
    "http://www.w3.org/ns/locn#geographicName",
    "http://www.w3.org/2004/02/skos/core#notation",
    "http://www.w3.org/2004/02/skos/core#altLabel",
    "http://purl.org/dc/terms/identifier",
    "http://purl.org/dc/terms/description",
    "http://www.w3.org/2000/01/rdf-schema#comment",
    "http://www.w3.org/2006/vcard/ns#value",
];

pub(super) const VALUES: [&str; 3] = [
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#value",
    "http://www.w3.org/2006/vcard/ns#value",
    "http://www.w3.org/2006/vcard/ns#hasValue",
];

/// What says where a concept or a document stands, and nothing of the entity.
const PLACING: [&str; 8] = [
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#value",
    "http://www.w3.org/2004/02/skos/core#inScheme",
    "http://www.w3.org/2004/02/skos/core#topConceptOf",
    "http://www.w3.org/2004/02/skos/core#hasTopConcept",
    "http://www.w3.org/2000/01/rdf-schema#isDefinedBy",
    "http://publications.europa.eu/ontology/authority/authority-code",
    "http://purl.org/dc/elements/1.1/identifier",
];

impl Mapping<'_> {
    /// A literal as it stands. A language tag that is none is left out.
    pub(super) fn literal(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        literal: &Literal,
    ) {
        let value = literal.value();
        if value.trim().is_empty() {
            return;
        }
        let literal = match literal.language() {
            Some(tag) => Literal::new_language_tagged_literal(value, tag)
                .unwrap_or_else(|_| Literal::new_simple_literal(value)),
            None if check_iri(literal.datatype().as_str()).is_none() => {
                Literal::new_simple_literal(value)
            }
            None => literal.clone(),
        };
        self.add(subject, predicate, literal);
    }

    /// Text for people. What says no language is in that of the source.
    pub(super) fn text(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, object: &Term) {
        match object {
            Term::Literal(literal) => {
                let text = literal.value().trim();
                if text.is_empty() {
                    return;
                }
                let plain = [xsd::STRING, rdf::LANG_STRING].contains(&literal.datatype())
                    || literal.datatype().as_str().starts_with(RDF);
                let tag = literal
                    .language()
                    .or(plain.then_some(self.context.language));
                let tagged =
                    tag.and_then(|tag| Literal::new_language_tagged_literal(text, tag).ok());
                let literal = tagged.unwrap_or_else(|| Literal::new_simple_literal(text));
                self.add(subject, predicate, literal);
            }
            Term::NamedNode(iri) => self.iri_as_text(subject, predicate, iri),
            _ => self.texts_of(subject, predicate, object, Self::text),
        }
    }

    /// A name: without a language unless it says one.
    pub(super) fn name(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, object: &Term) {
        match object {
            Term::Literal(literal) => {
                let name = Literal::new_simple_literal(literal.value().trim());
                let name = literal
                    .language()
                    .and_then(|tag| Literal::new_language_tagged_literal(name.value(), tag).ok())
                    .unwrap_or(name);
                if !name.value().is_empty() {
                    self.add(subject, predicate, name);
                }
            }
            Term::NamedNode(iri) => self.iri_as_text(subject, predicate, iri),
            _ => self.texts_of(subject, predicate, object, Self::name),
        }
    }

    fn iri_as_text(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, iri: &NamedNode) {
        let text = iri.as_str().strip_prefix(NOWHERE).unwrap_or(iri.as_str());
        if !text.is_empty() {
            self.add(subject, predicate, Literal::new_simple_literal(text));
        }
    }

    /// The texts of a node that stands where a text is wanted; the node, where it has none.
    fn texts_of(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
        write: fn(&mut Self, &NamedNode, NamedNodeRef<'_>, &Term),
    ) {
        let Some(described) = node(object) else {
            return;
        };
        let texts = self.labels(&described, true);
        self.read.insert(described.clone());
        if texts.is_empty() {
            self.any(subject, predicate, object);
        }
        for text in texts {
            write(self, subject, predicate, &Term::Literal(text));
        }
    }

    /// Keywords are texts; an IRI among them is a theme.
    pub(super) fn keyword(&mut self, subject: &NamedNode, object: &Term) {
        match object {
            Term::NamedNode(_) => self.code(subject, dcat::THEME, object, true),
            _ => self.text(subject, dcat::KEYWORD, object),
        }
    }

    /// An identifier or a number: as it is written.
    pub(super) fn plain(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) {
        match object {
            Term::Literal(literal) => self.literal(subject, predicate, literal),
            Term::NamedNode(iri) => {
                let value = iri.as_str().strip_prefix(NOWHERE).unwrap_or(iri.as_str());
                // Rules make IRIs of addresses where they are no identifiers.
                let literal = if predicate == dcterms::IDENTIFIER || predicate == skos::NOTATION {
                    Literal::new_typed_literal(value, xsd::ANY_URI)
                } else {
                    Literal::new_simple_literal(value)
                };
                self.add(subject, predicate, literal);
            }
            _ => {
                self.texts_of(subject, predicate, object, Self::plain);
                // An identifier with its agency, where DCAT has a text.
                if predicate == dcterms::IDENTIFIER {
                    self.identifier(subject, object);
                }
            }
        }
    }

    /// A date as it is written: the rules give it the type that it has.
    pub(super) fn date(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, object: &Term) {
        let written = node(object)
            .filter(|instant| self.graph.describes(instant))
            .and_then(|instant| self.instant(&instant))
            .or_else(|| self.text_of(object));
        match written {
            Some(date) => self.add_text(subject, predicate, &date),
            None if matches!(object, Term::BlankNode(_)) => self.any(subject, predicate, object),
            None => {}
        }
    }

    /// An address: an IRI, a text that should be one, or a document with one.
    pub(super) fn address(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) {
        match object {
            Term::Literal(literal) => {
                let value = literal.value().trim();
                if value.starts_with("{{") {
                    return self.template(subject, value);
                }
                // What an endpoint does, told where the address of its description should be.
                if predicate == dcat::ENDPOINT_DESCRIPTION && value.contains(char::is_whitespace) {
                    return self.text(subject, dcterms::DESCRIPTION, object);
                }
                self.add_iri(subject, predicate, value);
            }
            // A page or file that has the same IRI as what it is about stays where it is, and is not what we call that.
            Term::NamedNode(iri) if self.is_named(iri) => {
                let value = iri.as_str();
                let value = value.strip_prefix(NOWHERE).unwrap_or(value);
                self.add_iri(subject, predicate, value);
            }
            Term::NamedNode(iri) => self.foreign(subject, predicate, iri),
            _ => {
                let Some(described) = node(object) else {
                    return;
                };
                match self.address_of(&described) {
                    Some(iri) => {
                        let value = Term::Literal(Literal::new_simple_literal(iri.as_str()));
                        self.address(subject, predicate, &value);
                        if let Some(iri) = check_iri(&iri) {
                            self.name_concept(&described, &iri);
                        }
                        self.read.insert(described);
                    }
                    None => self.any(subject, predicate, object),
                }
            }
        }
    }

    /// `{{…}}`: a portal that did not fill in its template.
    pub(super) fn template(&mut self, subject: &NamedNode, value: &str) {
        let place = self
            .current
            .entity
            .origin(subject.as_str())
            .unwrap_or_default()
            .to_owned();
        self.find(
            "record/bad-field",
            Severity::Warning,
            "the value is a placeholder that the portal did not fill in: it was left out",
            "correct the portal's template of the DCAT feed",
            value,
            place,
        );
    }

    /// The texts by which a node is called, in each language: of the first of the properties that it has.
    pub(super) fn labels(&self, described: &Node, values: bool) -> Vec<Literal> {
        let values: &[&'static str] = if values { &VALUES } else { &[] };
        values
            .iter()
            .chain(&LABELS)
            .map(|predicate| {
                self.graph
                    .objects(described, predicate)
                    .filter_map(|object| match object {
                        Term::Literal(literal) if !literal.value().trim().is_empty() => {
                            Some(literal.clone())
                        }
                        _ => None,
                    })
                    .collect::<Vec<_>>()
            })
            .find(|texts| !texts.is_empty())
            .unwrap_or_default()
    }

    /// Of the same text in several languages, that in the language of the source, or without one, or the first.
    pub(super) fn preferred<'t>(&self, texts: &'t [Literal]) -> Option<&'t Literal> {
        let wanted = self.context.language;
        texts
            .iter()
            .find(|text| text.language() == Some(wanted))
            .or_else(|| texts.iter().find(|text| text.language().is_none()))
            .or_else(|| texts.first())
    }

    /// Whether the node has a name and a place among concepts, and nothing else is said of it.
    pub(super) fn only_named(&self, described: &Node) -> bool {
        self.graph.of(described).iter().all(|(predicate, object)| {
            let name = predicate.as_str();
            PLACING.contains(&name)
                || (LABELS.contains(&name) && !matches!(object, Term::BlankNode(_)))
        })
    }

    /// The text of a literal or of a node's value; an IRI as it is written.
    pub(super) fn text_of(&self, object: &Term) -> Option<String> {
        let text = match object {
            Term::Literal(literal) => literal.value().trim().to_owned(),
            Term::NamedNode(iri) => {
                let iri = iri.as_str();
                iri.strip_prefix(NOWHERE).unwrap_or(iri).to_owned()
            }
            _ => {
                let texts = self.labels(&node(object)?, true);
                self.preferred(&texts)?.value().trim().to_owned()
            }
        };
        (!text.is_empty()).then_some(text)
    }
}

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// Whether a text is an address on the web.
pub(super) fn is_address(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with("http://") || text.starts_with("https://")) && check_iri(text).is_some()
}
