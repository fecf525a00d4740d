//! What records state of a property that is published from others.

use std::collections::BTreeSet;

use model::ns::{adms, dcat, dcterms, foaf, rdfs, skos, vcard};
use oxrdf::{Literal, NamedNodeRef, Term, Triple};
use oxttl::NTriplesParser;

use crate::cut;

/// A value that is not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Term(Term),
    /// Of a node, whose name in one record means nothing to others.
    Label(String),
}

/// What each of the records states of an entity.
pub(crate) struct Alternatives {
    root: String,
    /// How the names of the entity's nodes begin.
    own: String,
    stated: Vec<Vec<Triple>>,
}

impl Alternatives {
    pub(crate) fn read(iri: &str, statements: Vec<Option<&str>>) -> Self {
        let stated = statements
            .into_iter()
            .map(|text| {
                let text = text.unwrap_or_default().as_bytes();
                let parser = NTriplesParser::new().lenient().for_slice(text);
                // What cannot be read was refused before it was published.
                parser.filter_map(Result::ok).collect()
            })
            .collect();
        Self {
            root: format!("<{iri}>"),
            own: format!("{iri}#"),
            stated,
        }
    }

    /// The values of a property that are not those of the records that it is published from, by the places of their records. Of
    /// files, identifiers and pages, those of all records are published.
    pub(crate) fn of(&self, property: &str, from: &[usize]) -> Vec<(usize, Vec<Value>)> {
        if TOGETHER.iter().any(|known| known.as_str() == property) {
            return Vec::new();
        }
        let published: BTreeSet<String> = from
            .iter()
            .flat_map(|at| self.values(*at, property))
            .map(|value| mark(&value))
            .collect();
        (0..self.stated.len())
            .filter(|at| !from.contains(at))
            .filter_map(|at| {
                let mut values = self.values(at, property);
                values.retain(|value| !published.contains(&mark(value)));
                values.truncate(MAX_VALUES);
                (!values.is_empty()).then_some((at, values))
            })
            .collect()
    }

    fn values(&self, at: usize, property: &str) -> Vec<Value> {
        let Some(stated) = self.stated.get(at) else {
            return Vec::new();
        };
        stated
            .iter()
            .filter(|triple| {
                triple.predicate.as_str() == property && triple.subject.to_string() == self.root
            })
            .filter_map(|triple| self.value(stated, &triple.object))
            .collect()
    }

    fn value(&self, stated: &[Triple], term: &Term) -> Option<Value> {
        match term {
            Term::NamedNode(node) if node.as_str().starts_with(&self.own) => {
                let node = node.to_string();
                let text = |triple: &Triple| match &triple.object {
                    Term::Literal(literal) => Some(literal.value().to_owned()),
                    _ => None,
                };
                LABELS.iter().find_map(|label| {
                    let mut of_node = stated.iter().filter(|triple| {
                        triple.predicate == *label && triple.subject.to_string() == node
                    });
                    of_node.find_map(text).map(Value::Label)
                })
            }
            Term::Literal(literal) => Some(Value::Term(short(literal).into())),
            term => Some(Value::Term(term.clone())),
        }
    }
}

fn short(literal: &Literal) -> Literal {
    let text = cut(literal.value());
    if text == literal.value() {
        return literal.clone();
    }
    match literal.language() {
        Some(language) => Literal::new_language_tagged_literal_unchecked(text, language),
        // Cut, it is no literal of its type any more.
        None => Literal::new_simple_literal(text),
    }
}

fn mark(value: &Value) -> String {
    match value {
        Value::Term(term) => term.to_string(),
        Value::Label(label) => label.clone(),
    }
}

/// What the statements of all records come together in.
const TOGETHER: [NamedNodeRef<'static>; 5] = [
    dcat::DISTRIBUTION,
    dcat::LANDING_PAGE,
    dcterms::IDENTIFIER,
    adms::IDENTIFIER,
    foaf::PAGE,
];

/// By which people know a node, the best first.
const LABELS: [NamedNodeRef<'static>; 7] = [
    rdfs::LABEL,
    skos::PREF_LABEL,
    foaf::NAME,
    vcard::FN,
    vcard::ORGANIZATION_NAME,
    dcterms::TITLE,
    skos::NOTATION,
];

const MAX_VALUES: usize = 30;
