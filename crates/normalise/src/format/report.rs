//! What is told of formats.

use model::Severity;
use model::ns::{dcat, dcterms};
use oxrdf::Term;
use vocab::{Concept, Format};

use super::{Result, Stated};
use crate::desk::{Desk, note, text_of};

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
