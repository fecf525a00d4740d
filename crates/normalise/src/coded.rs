//! Codes of one list on one property: a table.

use model::Severity;
use model::ns::{adms, dcatap, dcterms, skos};
use oxrdf::vocab::{rdfs, xsd};
use oxrdf::{NamedNode, NamedNodeRef, Term, Triple};
use vocab::{How, Match, Scheme, Vocab};

use crate::canonical::canonical;
use crate::desk::{Desk, Outcome, is_void, note, subject_of, text_of};

struct Coded {
    topic: &'static str,
    predicate: NamedNodeRef<'static>,
    resolve: for<'a> fn(&'a Vocab, &str) -> Vec<(NamedNode, bool)>,
    /// The node that stands for an unknown value: its name, class and label.
    own: (&'static str, NamedNodeRef<'static>, NamedNodeRef<'static>),
    rule: (&'static str, &'static str),
    hint: &'static str,
    /// DCAT-AP allows one value at most.
    single: bool,
}

const CODED: &[Coded] = &[
    Coded {
        topic: "frequency",
        predicate: dcterms::ACCRUAL_PERIODICITY,
        resolve: frequency,
        own: ("frequency", dcterms::FREQUENCY, rdfs::LABEL),
        rule: ("frequency/doubtful", "frequency/unknown"),
        hint: "choose the frequency from the list",
        single: true,
    },
    Coded {
        topic: "language",
        predicate: dcterms::LANGUAGE,
        resolve: languages,
        own: ("language", dcterms::LINGUISTIC_SYSTEM, rdfs::LABEL),
        rule: ("language/doubtful", "language/unknown"),
        hint: "give the ISO 639-2 code of the language: fre, eng",
        single: false,
    },
    Coded {
        topic: "standard",
        predicate: dcterms::CONFORMS_TO,
        resolve: standards,
        own: ("standard", dcterms::STANDARD, dcterms::TITLE),
        rule: ("standard/doubtful", "standard/unknown"),
        hint: "give the address of the standard, the EPSG code or the protocol of the list",
        single: false,
    },
    Coded {
        topic: "status",
        predicate: adms::STATUS,
        resolve: status,
        own: ("status", skos::CONCEPT, skos::PREF_LABEL),
        rule: ("code/doubtful", "code/unknown"),
        hint: "choose the status from the list",
        single: true,
    },
    Coded {
        topic: "availability",
        predicate: dcatap::AVAILABILITY,
        resolve: |vocab, value| nearly(vocab, Scheme::Availability, value),
        own: ("availability", skos::CONCEPT, skos::PREF_LABEL),
        rule: ("code/doubtful", "code/unknown"),
        hint: "choose the availability from the list",
        single: true,
    },
    Coded {
        topic: "hvd",
        predicate: dcatap::HVD_CATEGORY,
        resolve: |vocab, value| nearly(vocab, Scheme::HvdCategory, value),
        own: ("hvd-category", skos::CONCEPT, skos::PREF_LABEL),
        rule: ("code/doubtful", "code/unknown"),
        hint: "choose one of the six categories of high-value datasets",
        single: false,
    },
];

pub fn resolve(desk: &mut Desk<'_>) {
    for coded in CODED {
        if desk.has(&[coded.predicate]) {
            apply(desk, coded);
        }
    }
}

fn apply(desk: &mut Desk<'_>, coded: &Coded) {
    let vocab = desk.context.vocab;
    let mut kept: Vec<(Triple, String)> = Vec::new();
    for triple in desk.take_all(&[coded.predicate]) {
        let value = text_of(&triple.object).to_owned();
        let literal = match &triple.object {
            Term::Literal(literal) => literal.clone(),
            // An IRI of the list as another authority writes it becomes the list's; any other stays.
            _ => {
                let found = if desk.entity.owns(&value) {
                    Vec::new()
                } else {
                    let found = (coded.resolve)(vocab, &value);
                    tell(desk, coded, &value, &found);
                    found
                };
                match found.into_iter().next() {
                    Some((iri, _)) => kept.push((with(triple, iri), value)),
                    None => kept.push((triple, value)),
                }
                continue;
            }
        };
        let found = (coded.resolve)(vocab, &value);
        // A list may have a code for « unknown »: only what it does not have is void.
        if found.is_empty() && is_void(&value) {
            desk.decide(coded.topic, &value, || Outcome::Void);
            continue;
        }
        tell(desk, coded, &value, &found);
        let subject = subject_of(&triple).to_owned();
        let mut report = |rule, severity, message: String| {
            desk.find(
                note(rule, severity, message, coded.hint),
                &subject,
                coded.predicate,
                &value,
            );
        };
        if found.is_empty() {
            report(
                coded.rule.1,
                Severity::Warning,
                "the value is in no known list: it was kept as it stands".to_owned(),
            );
            let (prefix, class, label) = coded.own;
            let node = desk.own_node(prefix, &[class], label, &literal);
            kept.push((with(triple, node), value));
            continue;
        }
        if found.iter().any(|(_, certain)| !certain) {
            let read: Vec<&str> = found.iter().map(|(iri, _)| iri.as_str()).collect();
            let message = format!("read as {}", read.join(", "));
            report(coded.rule.0, Severity::Info, message);
        }
        for (iri, _) in found {
            kept.push((with(triple.clone(), iri), value.clone()));
        }
    }
    if coded.single {
        kept = first_of_each(desk, coded, kept);
    }
    desk.entity
        .triples
        .extend(kept.into_iter().map(|(triple, _)| triple));
}

fn tell(desk: &mut Desk<'_>, coded: &Coded, value: &str, found: &[(NamedNode, bool)]) {
    desk.decide(coded.topic, value, || {
        let to: Vec<&str> = found.iter().map(|(iri, _)| iri.as_str()).collect();
        if to.is_empty() {
            return Outcome::Unresolved;
        }
        Outcome::Resolved {
            to: to.join(" "),
            certain: found.iter().all(|(_, certain)| *certain),
        }
    });
}

fn with(triple: Triple, object: NamedNode) -> Triple {
    Triple {
        object: object.into(),
        ..triple
    }
}

fn first_of_each(
    desk: &mut Desk<'_>,
    coded: &Coded,
    mut values: Vec<(Triple, String)>,
) -> Vec<(Triple, String)> {
    // A node of our own stands for a value that was not understood: it comes last.
    values.sort_by_cached_key(|(triple, _)| {
        let object = text_of(&triple.object);
        (
            subject_of(triple).to_owned(),
            desk.entity.owns(object),
            object.to_owned(),
        )
    });
    values.dedup_by(|a, b| a.0 == b.0);
    let mut kept: Vec<(Triple, String)> = Vec::new();
    for (triple, value) in values {
        match kept.last() {
            Some((known, _)) if known.subject == triple.subject => {
                let message = format!("one value is allowed: {} was kept", text_of(&known.object));
                desk.find(
                    note("value/several", Severity::Info, message, "give one value"),
                    subject_of(&triple),
                    coded.predicate,
                    &value,
                );
            }
            _ => kept.push((triple, value)),
        }
    }
    kept
}

/// Of distributions the EU has a list of its own; that of datasets has the codes of ISO 19115 (MD_ProgressCode), at whichever address.
fn status(vocab: &Vocab, value: &str) -> Vec<(NamedNode, bool)> {
    let code = match value.rsplit_once(['#', '/']) {
        Some((before, code)) if before.contains("rogressCode") || before.contains("odelist") => {
            code
        }
        _ => value,
    };
    [Scheme::DistributionStatus, Scheme::DatasetStatus]
        .into_iter()
        .map(|scheme| nearly(vocab, scheme, code))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn one(found: Match<'_>) -> (NamedNode, bool) {
    (found.concept.iri.clone(), found.is_certain())
}

fn nearly(vocab: &Vocab, scheme: Scheme, value: &str) -> Vec<(NamedNode, bool)> {
    vocab
        .scheme(scheme)
        .resolve_nearly(value)
        .map(one)
        .into_iter()
        .collect()
}

/// Durations are written in many ways: `P0Y0M1DT0H0M0S` is `P1D`, and so is the repetition `R/P1D`.
fn frequency(vocab: &Vocab, value: &str) -> Vec<(NamedNode, bool)> {
    let value = value.trim();
    let duration = match value
        .strip_prefix('R')
        .and_then(|rest| rest.split_once('/'))
    {
        Some((count, duration)) if count.bytes().all(|b| b.is_ascii_digit()) => duration,
        _ => value,
    };
    let canonical = duration
        .starts_with('P')
        .then(|| canonical(duration, xsd::DURATION))
        .flatten();
    let stated = canonical.as_deref().unwrap_or(duration);
    vocab.frequency(stated).map(one).into_iter().collect()
}

/// `fre`, `fr-FR`, `eng; USA`, `français, anglais`.
fn languages(vocab: &Vocab, value: &str) -> Vec<(NamedNode, bool)> {
    let value = value
        .trim()
        .trim_matches(|c| matches!(c, '[' | ']' | '"' | '\''));
    if let Some(found) = vocab.language(value) {
        return vec![one(found)];
    }
    let parts: Vec<_> = value
        .split([',', ';', '/', '|'])
        .flat_map(|part| part.split(" et "))
        .map(|part| part.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')))
        .filter(|part| !part.is_empty())
        .take(50)
        .collect();
    let found: Vec<_> = parts
        .iter()
        .filter_map(|part| Some((part, vocab.language(part)?)))
        .map(|(part, found)| {
            let code = found.how == How::Code || part.contains(['-', '_']);
            (found.concept.iri.clone(), code)
        })
        .collect();
    if parts.len() > 1 && found.len() == parts.len() {
        found
    } else {
        Vec::new()
    }
}

/// Protocols of services and coordinate reference systems.
fn standards(vocab: &Vocab, value: &str) -> Vec<(NamedNode, bool)> {
    if let Some(found) = vocab.scheme(Scheme::Protocol).resolve(value) {
        return vec![one(found)];
    }
    if let Some(found) = vocab.scheme(Scheme::Standard).resolve(value) {
        return vec![one(found)];
    }
    if let Some(schema) = data_schema(value) {
        return vec![(schema, true)];
    }
    vocab
        .crs(value)
        .map(|iri| (iri, true))
        .into_iter()
        .collect()
}

/// A schema of schema.data.gouv.fr by its name: `scdl/budget`, `etalab/schema-irve-statique`.
fn data_schema(value: &str) -> Option<NamedNode> {
    let (owner, name) = value.trim().split_once('/')?;
    let good = |part: &str| {
        (2..=80).contains(&part.len())
            && part.starts_with(|c: char| c.is_ascii_lowercase())
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
    };
    (good(owner) && good(name))
        .then(|| NamedNode::new_unchecked(format!("https://schema.data.gouv.fr/{owner}/{name}/")))
}
