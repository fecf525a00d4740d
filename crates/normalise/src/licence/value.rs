//! One stated value: the licence that it is, a class of licences, a limit of access, or its own words.

use model::Severity;
use model::ns::dcterms;
use oxrdf::{Literal, NamedNode, Term, Triple};
use vocab::{Concept, Scheme, Vocab};

use crate::desk::{Desk, Outcome, is_void, note, subject_of, text_of};

const HINT: &str = "choose the licence from the portal's list, or give the address of its text";

/// Licences of udata and CKAN that say a class and no licence: their codes and titles, a label, and the ADMS licence type.
pub(super) type Generic = (&'static [&'static str], &'static str, Option<&'static str>);
const GENERIC: [Generic; 5] = [
    (
        &["other at", "other attribution", "autre attribution"],
        "Autre licence avec mention de la source",
        Some("Attribution"),
    ),
    (
        &["other open", "autre ouverte", "autre licence ouverte"],
        "Autre licence ouverte",
        None,
    ),
    (
        &[
            "other pd",
            "other public domain",
            "autre domaine public",
            "domaine public",
            "public domain",
        ],
        "Autre, domaine public",
        Some("PublicDomain"),
    ),
    (
        &["other nc", "other non commercial", "autre non commerciale"],
        "Autre licence non commerciale",
        Some("NonCommercialUseOnly"),
    ),
    (
        &[
            "other closed",
            "other not open",
            "autre non ouverte",
            "autre licence non ouverte",
            "licence proprietaire",
        ],
        "Autre licence non ouverte",
        None,
    ),
];

/// What a value was found to be.
pub(super) enum Found<'a> {
    /// With whether there is no doubt about it.
    Known(&'a Concept, bool),
    /// A national port of a Creative Commons licence that is in no list.
    Port(NamedNode),
    /// An IRI that is in no list: it may well be a licence.
    Foreign(NamedNode),
    /// A limit of access, or that there is none.
    Access,
    Text(Literal),
}

pub(super) fn find<'a>(
    desk: &mut Desk<'_>,
    vocab: &'a Vocab,
    triple: &Triple,
) -> Option<Found<'a>> {
    let value = text_of(&triple.object).to_owned();
    let subject = subject_of(triple).to_owned();
    match &triple.object {
        Term::NamedNode(iri) if desk.entity.owns(iri.as_str()) => Some(Found::Foreign(iri.clone())),
        Term::NamedNode(iri) => {
            let found = of_iri(vocab, iri.clone());
            if let Found::Known(concept, false) = found {
                doubtful(desk, concept, &subject, &value);
            }
            Some(found)
        }
        Term::Literal(_) if is_void(&value) => None,
        Term::Literal(literal) => {
            let found = of_text(vocab, literal);
            tell_doubts(desk, vocab, &found, &subject, &value);
            Some(found)
        }
        _ => None,
    }
}

fn of_iri<'a>(vocab: &'a Vocab, iri: NamedNode) -> Found<'a> {
    if let Some(found) = vocab.licence(iri.as_str()) {
        return Found::Known(found.concept, found.is_certain());
    }
    match vocab::creative_commons(iri.as_str()) {
        Some(port) => Found::Port(port),
        None if vocab
            .scheme(Scheme::PublicAccess)
            .resolve(iri.as_str())
            .is_some() =>
        {
            Found::Access
        }
        None => Found::Foreign(iri),
    }
}

fn of_text<'a>(vocab: &'a Vocab, literal: &Literal) -> Found<'a> {
    let value = literal.value();
    if let Some(found) = vocab.licence(value) {
        return Found::Known(found.concept, found.is_certain());
    }
    if let Some(iri) = model::check_iri(value.trim()).filter(|iri| iri.as_str().starts_with("http"))
    {
        return of_iri(vocab, iri);
    }
    let access = vocab
        .public_access(value)
        .or_else(|| vocab.access_right(value));
    // `Open`, `public` and `no limitations` may be meant as either.
    let folded = vocab::fold(value);
    let of_access = ["acces", "access", "toegang", "article 13"]
        .iter()
        .any(|word| folded.contains(word));
    if access.is_some() && of_access {
        return Found::Access;
    }
    Found::Text(literal.clone())
}

/// What is told of a licence that a text states. An address within it, or a name that its table lists, is no doubt.
fn tell_doubts(desk: &mut Desk<'_>, vocab: &Vocab, found: &Found<'_>, subject: &str, value: &str) {
    let told = match found {
        Found::Known(concept, certain) => {
            if !*certain {
                doubtful(desk, concept, subject, value);
            }
            None
        }
        Found::Text(_) if generic(value).is_none() => {
            let several: Vec<&str> = vocab
                .licences(value)
                .into_iter()
                .map(|found| found.concept.label())
                .collect();
            Some(if several.len() > 1 {
                note(
                    "licence/contradictory",
                    Severity::Warning,
                    format!(
                        "the text names several licences: « {} »; it was kept as it stands",
                        several.join(" », « ")
                    ),
                    HINT,
                )
            } else {
                note(
                    "licence/unknown",
                    Severity::Warning,
                    "no known licence can be read from the text: it was kept as it stands",
                    HINT,
                )
            })
        }
        _ => None,
    };
    if let Some(told) = told {
        desk.find(told, subject, dcterms::LICENSE, value);
    }
}

pub(super) fn doubtful(desk: &mut Desk<'_>, concept: &Concept, subject: &str, value: &str) {
    desk.find(
        note(
            "licence/doubtful",
            Severity::Info,
            format!("read as « {} »", concept.label()),
            HINT,
        ),
        subject,
        dcterms::LICENSE,
        value,
    );
}

pub(super) fn tell(desk: &mut Desk<'_>, triple: &Triple, found: Option<&Found<'_>>) {
    let value = text_of(&triple.object);
    if matches!(found, Some(Found::Foreign(iri)) if desk.entity.owns(iri.as_str())) {
        return;
    }
    desk.decide("licence", value, || match found {
        Some(Found::Known(concept, certain)) => Outcome::Resolved {
            to: concept.iri.as_str().to_owned(),
            certain: *certain,
        },
        Some(Found::Text(text)) if generic(text.value()).is_some() => Outcome::Resolved {
            to: generic(text.value())
                .map_or("", |(_, label, _)| label)
                .to_owned(),
            certain: true,
        },
        Some(Found::Port(iri)) => Outcome::Resolved {
            to: iri.as_str().to_owned(),
            certain: true,
        },
        Some(Found::Foreign(_) | Found::Text(_)) => Outcome::Unresolved,
        Some(Found::Access) | None => Outcome::Void,
    });
}

pub(super) fn generic(value: &str) -> Option<&'static Generic> {
    let folded = vocab::fold(value);
    GENERIC
        .iter()
        .find(|(names, _, _)| names.contains(&folded.as_str()))
}
