//! The vocabularies as RDF: each concept is described once in the store.

use model::ns::{dcterms, skos};
use oxrdf::vocab::rdf;
use oxrdf::{Literal, NamedNode, NamedNodeRef, Term, Triple};

use crate::{Concept, Table, Vocab};

/// The number of other authorities' IRIs that are published as `skos:exactMatch`; further ones only serve to recognise.
const PUBLISHED_MATCHES: usize = 2;

impl Vocab {
    /// The description of every scheme and of every concept, sorted.
    pub fn triples(&self) -> Vec<Triple> {
        let mut triples = Vec::with_capacity(12_000);
        for table in &self.tables {
            describe_scheme(table, &mut triples);
            for concept in table.concepts() {
                describe(table, concept, &mut triples);
            }
        }
        sorted(triples)
    }

    /// The description of one concept, for a page that stands alone; empty when it is in no vocabulary.
    pub fn describe(&self, iri: &str) -> Vec<Triple> {
        let mut triples = Vec::new();
        for table in &self.tables {
            if let Some(found) = table.by_iri(iri)
                && found.concept.iri.as_str() == iri
            {
                describe(table, found.concept, &mut triples);
            }
        }
        sorted(triples)
    }
}

fn sorted(triples: Vec<Triple>) -> Vec<Triple> {
    let mut keyed: Vec<(String, Triple)> = triples
        .into_iter()
        .map(|triple| (triple.to_string(), triple))
        .collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    keyed.dedup_by(|a, b| a.0 == b.0);
    keyed.into_iter().map(|(_, triple)| triple).collect()
}

fn describe_scheme(table: &Table, into: &mut Vec<Triple>) {
    let Some(iri) = &table.iri else { return };
    add(into, iri, rdf::TYPE, skos::CONCEPT_SCHEME.into_owned());
    for (title, language) in [(&table.title_fr, "fr"), (&table.title_en, "en")] {
        add(into, iri, dcterms::TITLE, tagged(title, language));
        add(into, iri, skos::PREF_LABEL, tagged(title, language));
    }
}

fn describe(table: &Table, concept: &Concept, into: &mut Vec<Triple>) {
    let iri = &concept.iri;
    add(into, iri, rdf::TYPE, skos::CONCEPT.into_owned());
    for class in &table.classes {
        add(into, iri, rdf::TYPE, class.clone());
    }
    if let Some(dct_type) = &table.dct_type {
        add(into, iri, dcterms::TYPE, dct_type.clone());
    }
    for (label, language) in [(&concept.fr, "fr"), (&concept.en, "en")] {
        if let Some(label) = label {
            add(into, iri, skos::PREF_LABEL, tagged(label, language));
        }
    }
    if concept.fr.is_none() && concept.en.is_none() {
        add(
            into,
            iri,
            skos::PREF_LABEL,
            Literal::new_simple_literal(&concept.code),
        );
    }
    // A concept of another authority is in no scheme of ours.
    if iri.as_str().starts_with(&table.base) {
        add(
            into,
            iri,
            skos::NOTATION,
            Literal::new_simple_literal(&concept.code),
        );
        if let Some(scheme) = &table.iri {
            add(into, iri, skos::IN_SCHEME, scheme.clone());
        }
    }
    for exact in concept.exact.iter().take(PUBLISHED_MATCHES) {
        add(into, iri, skos::EXACT_MATCH, exact.clone());
    }
}

fn tagged(text: &str, language: &str) -> Literal {
    Literal::new_language_tagged_literal_unchecked(text, language)
}

fn add(
    into: &mut Vec<Triple>,
    subject: &NamedNode,
    predicate: NamedNodeRef<'_>,
    object: impl Into<Term>,
) {
    into.push(Triple::new(subject.clone(), predicate, object));
}
