//! Licences.

use model::Severity;
use model::ns::dcterms;
use oxrdf::vocab::rdfs;
use oxrdf::{Literal, NamedNode, Term, Triple};
use vocab::{Concept, Scheme, Vocab};

use crate::desk::{Desk, is_void, note, subject_of, text_of};

/// udata's licences that say a class and no licence: a label, and the ADMS licence type.
const GENERIC: [(&str, &str, Option<&str>); 4] = [
    (
        "other-at",
        "Autre licence avec mention de la source",
        Some("Attribution"),
    ),
    ("other-open", "Autre licence ouverte", None),
    ("other-pd", "Autre, domaine public", Some("PublicDomain")),
    ("other-closed", "Autre licence non ouverte", None),
];

/// A licence that a value was found to be.
enum Found<'a> {
    Known(&'a Concept),
    /// An IRI that is in no list: it may well be a licence.
    Foreign(NamedNode),
    Text(Literal),
}

pub fn resolve(desk: &mut Desk<'_>) {
    if !desk.has(&[dcterms::LICENSE]) {
        return;
    }
    for triples in desk.take_by_subject(dcterms::LICENSE) {
        of_subject(desk, triples);
    }
}

fn of_subject(desk: &mut Desk<'_>, triples: Vec<Triple>) {
    let vocab = desk.context.vocab;
    let mut known: Vec<(Triple, &Concept)> = Vec::new();
    let mut foreign: Vec<(Triple, NamedNode)> = Vec::new();
    let mut texts: Vec<(Triple, Literal)> = Vec::new();
    for triple in triples {
        match find(desk, vocab, &triple) {
            Some(Found::Known(concept)) => known.push((triple, concept)),
            Some(Found::Foreign(iri)) => foreign.push((triple, iri)),
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

fn find<'a>(desk: &mut Desk<'_>, vocab: &'a Vocab, triple: &Triple) -> Option<Found<'a>> {
    let value = text_of(&triple.object).to_owned();
    let subject = subject_of(triple).to_owned();
    if let Term::NamedNode(iri) = &triple.object {
        if desk.entity.owns(iri.as_str()) {
            return Some(Found::Foreign(iri.clone()));
        }
        let found = vocab.scheme(Scheme::Licence).resolve(iri.as_str());
        return Some(found.map_or_else(
            || Found::Foreign(iri.clone()),
            |found| Found::Known(found.concept),
        ));
    }
    let Term::Literal(literal) = &triple.object else {
        return None;
    };
    if is_void(&value) {
        return None;
    }
    let hint = "choose the licence from the portal's list, or give the address of its text";
    if let Some(found) = vocab.licence(&value) {
        if !found.is_exact() && (!found.is_certain() || found.how != vocab::How::Alias) {
            desk.find(
                note(
                    "licence/doubtful",
                    Severity::Info,
                    format!("read as « {} »", found.concept.label()),
                    hint,
                ),
                &subject,
                dcterms::LICENSE,
                &value,
            );
        }
        return Some(Found::Known(found.concept));
    }
    if let Some(iri) = model::check_iri(value.trim())
        && iri.as_str().starts_with("http")
    {
        return Some(Found::Foreign(iri));
    }
    let generic = GENERIC.iter().any(|(code, _, _)| *code == value.trim());
    if !generic {
        desk.find(
            note(
                "licence/unknown",
                Severity::Warning,
                "no known licence can be read from the text: it was kept as it stands",
                hint,
            ),
            &subject,
            dcterms::LICENSE,
            &value,
        );
    }
    Some(Found::Text(literal.clone()))
}

fn own(desk: &mut Desk<'_>, triple: &Triple, texts: &[Literal]) {
    let Some(first) = texts
        .iter()
        .min_by_key(|text| (text.language(), text.value()))
    else {
        return;
    };
    let generic = GENERIC
        .iter()
        .find(|(code, _, _)| *code == first.value().trim());
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
