//! What is told of formats.

use model::Severity;
use model::ns::{dcat, dcterms};
use oxrdf::Term;
use vocab::{Concept, Format};

use super::{Result, Stated};
use crate::desk::{Desk, is_void, note, text_of};

/// What the address shows stands for nothing, and for a label that nobody understands.
pub(super) fn guessed<'a>(
    desk: &mut Desk<'_>,
    node: &str,
    stated: &Stated,
    result: &mut Result<'a>,
    guess: Format<'a>,
) {
    result.take(guess);
    let Some(known) = guess.file_type.or(guess.media_type) else {
        return;
    };
    let said: Vec<&str> = stated.formats.iter().map(text_of).collect();
    desk.find(
        note(
            "format/guessed",
            Severity::Info,
            format!(
                "the format « {} » was taken from the address",
                known.label()
            ),
            "choose the format of the file from the list",
        ),
        node,
        dcterms::FORMAT,
        &said.join(", "),
    );
}

pub(super) fn doubts(
    desk: &mut Desk<'_>,
    node: &str,
    stated: &Stated,
    format: Option<Format<'_>>,
    result: &Result<'_>,
) {
    let hint = "choose the format of the file from the list: one format a resource";
    let values: Vec<&str> = stated
        .formats
        .iter()
        .filter(|term| matches!(term, Term::Literal(_)))
        .map(text_of)
        .collect();
    if let Some(found) = format
        && !found.is_certain()
        && let Some(known) = result.file_type.or(result.media_type).or(result.service)
    {
        desk.find(
            note(
                "format/doubtful",
                Severity::Info,
                format!("read as « {} »", known.label()),
                hint,
            ),
            node,
            dcterms::FORMAT,
            &values.join(", "),
        );
    }
    one_only(desk, node, stated, result, hint);
    unlisted(desk, node, result, hint);
    if let Some(Term::Literal(unknown)) = &result.other_format {
        let message = match result.file_type.or(result.media_type) {
            Some(known) => format!(
                "the format is in no known list: « {} » was taken from what else is said",
                known.label()
            ),
            None => "the format is in no known list: it was kept as it stands".to_owned(),
        };
        desk.find(
            note("format/unknown", Severity::Info, message, hint),
            node,
            dcterms::FORMAT,
            unknown.value(),
        );
    }
    contradiction(desk, node, stated, format, result);
}

/// Of several formats of one distribution, says which are left out.
fn one_only(
    desk: &mut Desk<'_>,
    node: &str,
    stated: &Stated,
    result: &Result<'_>,
    hint: &'static str,
) {
    let published = [
        result.file_type,
        result.media_type,
        result.package,
        result.compress,
        result.service,
    ];
    let is_published = |concept: &Concept| {
        published
            .iter()
            .flatten()
            .any(|known| known.iri == concept.iri)
    };
    let lists = [
        (dcterms::FORMAT, &stated.formats, &result.other_format),
        (dcat::MEDIA_TYPE, &stated.media_types, &result.other_media),
    ];
    for (predicate, list, unlisted) in lists {
        for other in list.iter().filter(|_| list.len() > 1) {
            let text = text_of(other);
            let read = desk.context.vocab.format(text);
            let kept =
                match read.and_then(|read| read.file_type.or(read.media_type).or(read.service)) {
                    Some(concept) => is_published(concept),
                    // What is in no list has a finding of its own, or is void.
                    None => is_void(text) || unlisted.as_ref() == Some(other),
                };
            if !kept {
                desk.find(
                    note(
                        "value/several",
                        Severity::Info,
                        "a distribution has one format: this one was left out",
                        hint,
                    ),
                    node,
                    predicate,
                    text,
                );
            }
        }
    }
}

/// Says which values are left out because they are in no list, and others are.
fn unlisted(desk: &mut Desk<'_>, node: &str, result: &Result<'_>, hint: &'static str) {
    let others = [
        (
            dcterms::FORMAT,
            &result.other_format,
            result.file_type.or(result.media_type),
        ),
        (dcat::MEDIA_TYPE, &result.other_media, result.media_type),
    ];
    for (predicate, other, known) in others {
        let text = match (other, predicate) {
            (Some(Term::NamedNode(iri)), _) => iri.as_str(),
            (Some(Term::Literal(text)), dcat::MEDIA_TYPE) => text.value(),
            _ => continue,
        };
        if let Some(known) = known {
            let message = format!(
                "the value is in no known list: « {} » was kept",
                known.label()
            );
            desk.find(
                note("format/unknown", Severity::Info, message, hint),
                node,
                predicate,
                text,
            );
        }
    }
}

fn contradiction(
    desk: &mut Desk<'_>,
    node: &str,
    stated: &Stated,
    format: Option<Format<'_>>,
    result: &Result<'_>,
) {
    let media = stated.media_types.first().map(text_of);
    if let (Some(format), Some(media), Some(published)) = (format, media, result.media_type)
        && format.is_certain()
        && let Some(implied) = format.media_type
        && implied.iri != published.iri
        && published.code != "application/octet-stream"
        && !related(&implied.code, &published.code)
    {
        desk.find(
            note(
                "format/contradiction",
                Severity::Info,
                format!(
                    "the format « {} » and the media type {} do not agree: both were kept",
                    format.file_type.map_or("", Concept::label),
                    published.code
                ),
                "correct the one that is wrong",
            ),
            node,
            dcat::MEDIA_TYPE,
            media,
        );
    }
}

/// GML is XML, GeoJSON is JSON: the more general of the two is not wrong.
fn related(a: &str, b: &str) -> bool {
    let general = |one: &str, other: &str| match other {
        "application/xml" | "text/xml" => one.ends_with("+xml") || one.ends_with("/xml"),
        "application/json" => one.ends_with("+json"),
        "text/plain" => one.starts_with("text/") || one == "application/json",
        _ => false,
    };
    general(a, b) || general(b, a)
}
