//! Dates and periods.

use chrono::{NaiveDateTime, TimeDelta};
use model::Severity;
use model::ns::{dcat, dcterms, schema};
use oxrdf::{NamedNodeRef, Term, Triple};

use crate::desk::{Desk, Outcome, is_void, note, subject_of, text_of};
use crate::when::{When, parse};

const DATES: [NamedNodeRef<'static>; 9] = [
    dcterms::ISSUED,
    dcterms::MODIFIED,
    dcterms::CREATED,
    dcterms::DATE,
    dcterms::VALID,
    dcat::START_DATE,
    dcat::END_DATE,
    schema::START_DATE,
    schema::END_DATE,
];

/// Properties that DCAT-AP allows once.
const ONCE: [NamedNodeRef<'static>; 5] = [
    dcterms::ISSUED,
    dcterms::MODIFIED,
    dcterms::CREATED,
    dcat::START_DATE,
    dcat::END_DATE,
];

/// Gives every date its type, with the precision of the source; removes what is no date.
pub fn resolve(desk: &mut Desk<'_>) {
    let mut kept: Vec<(Triple, When)> = Vec::new();
    for triple in desk.take_literals(&DATES) {
        let value = text_of(&triple.object).to_owned();
        let subject = subject_of(&triple).to_owned();
        let predicate = triple.predicate.clone();
        let read = parse(&value);
        desk.decide("date", &value, || match read {
            Some((when, rewritten)) => Outcome::Resolved {
                to: when.literal().value().to_owned(),
                certain: !rewritten,
            },
            None if is_void(&value) => Outcome::Void,
            None => Outcome::Unresolved,
        });
        let Some((when, rewritten)) = read else {
            let message = if is_void(&value) {
                "no date is given: the property was left out"
            } else {
                "the date cannot be read: it was left out"
            };
            desk.find(
                note(
                    "date/unreadable",
                    Severity::Warning,
                    message,
                    "give the date as ISO 8601 has it: 2024-09-08, 2024-09 or 2024",
                ),
                &subject,
                predicate.as_ref(),
                &value,
            );
            continue;
        };
        let literal = when.literal();
        if rewritten {
            desk.find(
                note(
                    "date/repaired",
                    Severity::Info,
                    format!("read as {}", literal.value()),
                    "give the date as ISO 8601 has it: 2024-09-08",
                ),
                &subject,
                predicate.as_ref(),
                &value,
            );
        }
        // A day of grace for time zones.
        let limit = (desk.context.fetched + TimeDelta::days(1)).naive_utc();
        if matches!(
            predicate.as_ref(),
            dcterms::MODIFIED | dcterms::ISSUED | dcterms::CREATED
        ) && when.earliest().is_some_and(|at| at > limit)
        {
            desk.find(
                note(
                    "date/future",
                    Severity::Warning,
                    "the date lies in the future: it was kept",
                    "give the date of what has happened",
                ),
                &subject,
                predicate.as_ref(),
                &value,
            );
        }
        kept.push((
            Triple {
                object: literal.into(),
                ..triple
            },
            when,
        ));
    }
    keep(desk, kept);
}

/// Of several dates of one kind, the first publication and the last revision.
fn keep(desk: &mut Desk<'_>, mut dates: Vec<(Triple, When)>) {
    fn key(date: &(Triple, When)) -> (&str, &str, Option<NaiveDateTime>, &str) {
        let (triple, when) = date;
        let predicate = triple.predicate.as_str();
        (
            subject_of(triple),
            predicate,
            when.earliest(),
            text_of(&triple.object),
        )
    }
    dates.sort_by(|a, b| key(a).cmp(&key(b)));
    dates.dedup_by(|a, b| a.0 == b.0);
    let mut at = 0;
    while let Some((first, _)) = dates.get(at) {
        let group = dates
            .iter()
            .skip(at)
            .take_while(|(triple, _)| {
                triple.subject == first.subject && triple.predicate == first.predicate
            })
            .count();
        let predicate = first.predicate.clone();
        let last_wins = matches!(
            predicate.as_ref(),
            dcterms::MODIFIED | dcat::END_DATE | schema::END_DATE
        );
        let chosen = if last_wins { at + group - 1 } else { at };
        let kept_value = dates
            .get(chosen)
            .map(|(triple, _)| text_of(&triple.object).to_owned())
            .unwrap_or_default();
        for index in at..at + group {
            let Some((triple, _)) = dates.get(index).cloned() else {
                break;
            };
            if index == chosen || !ONCE.contains(&predicate.as_ref()) {
                desk.entity.triples.push(triple);
                continue;
            }
            desk.find(
                note(
                    "date/several",
                    Severity::Info,
                    format!("one date is allowed: {kept_value} was kept"),
                    "give one date of each kind",
                ),
                subject_of(&triple),
                predicate.as_ref(),
                text_of(&triple.object),
            );
        }
        at += group;
    }
}

/// Periods: the beginning before the end.
pub fn periods(desk: &mut Desk<'_>) {
    let nodes: Vec<_> = desk
        .entity
        .instances(dcterms::PERIOD_OF_TIME)
        .cloned()
        .collect();
    for node in nodes {
        let date = |desk: &Desk<'_>, predicate| {
            desk.entity
                .object(&node, predicate)
                .map(|term| text_of(term).to_owned())
        };
        let (start, end) = (date(desk, dcat::START_DATE), date(desk, dcat::END_DATE));
        if let (Some(start), Some(end)) = (&start, &end)
            && let (Some((begins, _)), Some((ends, _))) = (parse(start), parse(end))
            && begins.is_after(ends)
        {
            for triple in &mut desk.entity.triples {
                if subject_of(triple) != node.as_str() {
                    continue;
                }
                match triple.predicate.as_ref() {
                    dcat::START_DATE => triple.object = Term::Literal(ends.literal()),
                    dcat::END_DATE => triple.object = Term::Literal(begins.literal()),
                    _ => {}
                }
            }
            desk.find(
                note(
                    "period/inverted",
                    Severity::Warning,
                    "the period ends before it begins: its bounds were exchanged",
                    "give the beginning first",
                ),
                node.as_str(),
                dcat::START_DATE,
                &format!("{start}/{end}"),
            );
        }
    }
}
