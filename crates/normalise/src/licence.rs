//! Licences.

mod value;

use std::collections::HashSet;

use model::ns::dcterms;
use model::{EntityKind, Severity};
use oxrdf::vocab::rdfs;
use oxrdf::{Literal, NamedNode, NamedOrBlankNode, Term, Triple};
use vocab::{Concept, Match, Scheme};

use crate::desk::{Desk, note, subject_of, text_of};
use value::{Found, find, generic, tell};

pub fn resolve(desk: &mut Desk<'_>) {
    if desk.has(&[dcterms::RIGHTS]) {
        in_rights(desk);
    }
    if !desk.has(&[dcterms::LICENSE]) {
        return;
    }
    for triples in desk.take_by_subject(dcterms::LICENSE) {
        of_subject(desk, triples);
    }
}

/// Texts about the use longer than this may speak of licences without giving one.
const SHORT: usize = 240;

/// A licence that stands among the rights, of what has none.
fn in_rights(desk: &mut Desk<'_>) {
    let vocab = desk.context.vocab;
    let licensed: HashSet<&NamedOrBlankNode> = desk
        .entity
        .triples
        .iter()
        .filter(|triple| triple.predicate == dcterms::LICENSE)
        .map(|triple| &triple.subject)
        .collect();
    let found: Vec<(Triple, Match<'_>)> = desk
        .entity
        .triples
        .iter()
        .filter(|triple| triple.predicate == dcterms::RIGHTS && !licensed.contains(&triple.subject))
        .filter_map(|triple| match &triple.object {
            Term::Literal(text) if text.value().len() <= SHORT => {
                let found = vocab.licence(text.value())?;
                let conditions = found.concept.iri.as_str().contains("ConditionsApplying");
                (found.confidence > 0.8 && !conditions).then(|| (triple.clone(), found))
            }
            _ => None,
        })
        .collect();
    for (triple, found) in found {
        desk.find(
            note(
                "licence/doubtful",
                Severity::Info,
                format!("read from the rights as « {} »", found.concept.label()),
                "give the licence where the licence stands",
            ),
            subject_of(&triple),
            dcterms::LICENSE,
            text_of(&triple.object),
        );
        let triple = Triple {
            predicate: dcterms::LICENSE.into_owned(),
            ..triple
        };
        desk.put(triple, found.concept.iri.clone());
    }
}

fn of_subject(desk: &mut Desk<'_>, triples: Vec<Triple>) {
    let vocab = desk.context.vocab;
    let mut known: Vec<(Triple, &Concept)> = Vec::new();
    let mut foreign: Vec<(Triple, NamedNode)> = Vec::new();
    let mut texts: Vec<(Triple, Literal)> = Vec::new();
    for triple in triples {
        let found = find(desk, vocab, &triple);
        tell(desk, &triple, found.as_ref());
        match found {
            Some(Found::Known(concept, _)) => known.push((triple, concept)),
            Some(Found::Port(iri)) => {
                homologation(desk, None, subject_of(&triple), iri.as_str());
                foreign.push((triple, iri));
            }
            Some(Found::Foreign(iri)) => foreign.push((triple, iri)),
            Some(Found::Access) => to_rights(desk, triple),
            Some(Found::Text(text)) => texts.push((triple, text)),
            None => {}
        }
    }
    // A licence of the list comes before an address, and an address before a text; else the first in the order of the IRIs.
    known.sort_by(|a, b| a.1.iri.as_str().cmp(b.1.iri.as_str()));
    known.dedup_by(|a, b| a.1.iri == b.1.iri);
    foreign.sort_by(|a, b| a.1.as_str().cmp(b.1.as_str()));
    foreign.dedup_by(|a, b| a.1 == b.1);
    let mut values: Vec<(Triple, String, Value)> = Vec::new();
    for (triple, concept) in known {
        homologation(
            desk,
            Some(concept),
            subject_of(&triple),
            text_of(&triple.object),
        );
        values.push((
            triple,
            concept.label().to_owned(),
            Value::Iri(concept.iri.clone()),
        ));
    }
    for (triple, iri) in foreign {
        values.push((triple, iri.as_str().to_owned(), Value::Iri(iri)));
    }
    if let Some((first, text)) = texts.first().cloned() {
        // Translations of one text are one licence.
        let all = texts.into_iter().map(|(_, text)| text).collect();
        values.push((first, text.value().to_owned(), Value::Texts(all)));
    }
    keep_first(desk, values);
}

/// A distribution has one licence: the others are told.
fn keep_first(desk: &mut Desk<'_>, values: Vec<(Triple, String, Value)>) {
    let mut values = values.into_iter();
    let Some((triple, kept, value)) = values.next() else {
        return;
    };
    let subject = subject_of(&triple).to_owned();
    match value {
        Value::Iri(iri) => desk.put(triple, iri),
        Value::Texts(texts) => own(desk, &triple, &texts),
    }
    for (other, label, _) in values {
        desk.find(
            note(
                "licence/several",
                Severity::Warning,
                format!(
                    "a distribution has one licence: « {kept} » was kept, « {label} » left out"
                ),
                "give one licence; describe further conditions in the rights",
            ),
            &subject,
            dcterms::LICENSE,
            text_of(&other.object),
        );
    }
}

enum Value {
    Iri(NamedNode),
    Texts(Vec<Literal>),
}

/// A warning for what French administrations may not use for their data.
fn homologation(desk: &mut Desk<'_>, concept: Option<&Concept>, subject: &str, value: &str) {
    if desk.entity.kind == EntityKind::DataService
        || concept.is_some_and(|concept| concept.homologated != Some(false))
    {
        return;
    }
    let label = concept.map_or(value, Concept::label).to_owned();
    desk.find(
        note(
            "licence/not-homologated",
            Severity::Warning,
            format!("« {label} » is not among the licences that French administrations may give to their data"),
            "choose the Licence Ouverte 2.0 (lov2) or the ODbL (odc-odbl)",
        ),
        subject,
        dcterms::LICENSE,
        value,
    );
}

/// What speaks of access is no licence: it goes to the rights, if nothing stands there.
fn to_rights(desk: &mut Desk<'_>, triple: Triple) {
    let subject = subject_of(&triple).to_owned();
    let value = text_of(&triple.object).to_owned();
    desk.find(
        note(
            "licence/not-a-licence",
            Severity::Info,
            "this says who has access, and is no licence: it was kept among the rights",
            "give the licence where the licence stands, and limits of access where those stand",
        ),
        &subject,
        dcterms::LICENSE,
        &value,
    );
    let taken = desk
        .entity
        .triples
        .iter()
        .any(|other| other.subject == triple.subject && other.predicate == dcterms::RIGHTS);
    if !taken {
        let object = triple.object.clone();
        desk.put(
            Triple {
                predicate: dcterms::RIGHTS.into_owned(),
                ..triple
            },
            object,
        );
    }
}

fn own(desk: &mut Desk<'_>, triple: &Triple, texts: &[Literal]) {
    let Some(first) = texts
        .iter()
        .min_by_key(|text| (text.language(), text.value()))
    else {
        return;
    };
    let generic = generic(first.value());
    let label = match generic {
        Some((_, label, _)) => Literal::new_language_tagged_literal_unchecked(*label, "fr"),
        None => first.clone(),
    };
    let node = desk.own_node("license", &[dcterms::LICENSE_DOCUMENT], rdfs::LABEL, &label);
    if generic.is_none() {
        for text in texts {
            desk.label(&node, rdfs::LABEL, text);
        }
    }
    if let Some((_, _, Some(kind))) = generic
        && let Some(kind) = desk
            .context
            .vocab
            .scheme(Scheme::LicenceType)
            .get(kind)
            .map(|concept| concept.iri.clone())
    {
        desk.entity.add(&node, dcterms::TYPE, kind);
    }
    desk.put(triple.clone(), node);
}
