//! One stated value: a format, several, or none.

use model::Severity;
use model::ns::dcterms;
use oxrdf::Term;
use vocab::{Format, How};

use crate::desk::{Desk, Outcome, is_void, note, text_of};

/// Words that stand where a format is asked for, and name none: endings of addresses, ways of access, kinds of resources.
const NO_FORMATS: [&str; 66] = [
    "php",
    "aspx",
    "asp",
    "jsp",
    "jspx",
    "cgi",
    "do",
    "action",
    "data",
    "donnee",
    "donnees",
    "url",
    "uri",
    "lien",
    "liens",
    "link",
    "document",
    "documents",
    "fichier",
    "fichiers",
    "file",
    "files",
    "autre",
    "autres",
    "other",
    "others",
    "divers",
    "api",
    "rest",
    "api rest",
    "rest api",
    "restful api",
    "web service",
    "webservice",
    "web services",
    "service web",
    "service",
    "flux",
    "email",
    "e mail",
    "mail",
    "ftp",
    "sftp",
    "http",
    "https",
    "download",
    "telechargement",
    "direct download",
    "direct access",
    "acces direct",
    "application",
    "base de donnees",
    "database",
    "bdd",
    "copyfile",
    "network link",
    "file geo",
    "file raster",
    "remote",
    "main",
    "string",
    "mixed",
    "multiple",
    "multi formats",
    "e mail ftp",
    "various",
];

/// Top-level media types: what has another word before its slash is a piece of an address.
const TOP_LEVEL: [&str; 11] = [
    "application",
    "audio",
    "chemical",
    "font",
    "image",
    "message",
    "model",
    "multipart",
    "text",
    "video",
    "x-gis",
];

/// The surest value that is understood, and the first that is not. `shown` is what the address shows.
pub(super) fn first<'a>(
    desk: &mut Desk<'a>,
    node: &str,
    values: &[Term],
    shown: Option<Format<'a>>,
) -> (Option<Format<'a>>, Option<Term>) {
    let mut values: Vec<&Term> = values.iter().collect();
    values.sort_by_key(|value| text_of(value));
    let mut known: Option<Format<'a>> = None;
    let mut other = None;
    for value in values {
        if matches!(value, Term::NamedNode(node) if desk.entity.owns(node.as_str())) {
            other = other.or_else(|| Some(value.clone()));
            continue;
        }
        let text = text_of(value);
        let found = read(desk, text, shown);
        let literal = matches!(value, Term::Literal(_));
        let void = found.is_none() && literal && (is_void(text) || is_no_format(desk, text));
        tell(desk, text, found, void);
        match found {
            Some(format) if known.is_none_or(|known| format.confidence > known.confidence) => {
                known = Some(format);
            }
            Some(_) => {}
            None if void => {
                if !is_void(text) {
                    no_format(desk, node, text);
                }
            }
            None => other = other.or_else(|| Some(value.clone())),
        }
    }
    (known, other)
}

/// A label that may mean several formats, and one that names several, mean the one that the address shows.
fn read<'a>(desk: &Desk<'a>, text: &str, shown: Option<Format<'a>>) -> Option<Format<'a>> {
    let vocab = desk.context.vocab;
    let doubtful = |format: Format<'a>| Format {
        how: How::Pattern,
        confidence: format.confidence.min(0.8),
        ..format
    };
    let same = |a: &Format<'_>, b: &Format<'_>| {
        a.file_type.map(|known| &known.iri) == b.file_type.map(|known| &known.iri)
    };
    match vocab.format(text) {
        Some(found) if found.is_certain() => Some(found),
        Some(found) => {
            let instead = shown
                .filter(|shown| spreadsheet(&found) && spreadsheet(shown) && !same(&found, shown));
            Some(instead.map_or(found, doubtful))
        }
        None => {
            let named = vocab.formats(text);
            if let [one] = named.as_slice() {
                return Some(doubtful(*one));
            }
            let shown = shown?;
            named
                .iter()
                .find(|named| same(named, &shown))
                .copied()
                .map(doubtful)
        }
    }
}

fn spreadsheet(format: &Format<'_>) -> bool {
    format.file_type.is_some_and(|known| {
        matches!(
            known.code.as_str(),
            "XLS" | "XLSX" | "XLSM" | "XLSB" | "ODS"
        )
    })
}

fn is_no_format(desk: &Desk<'_>, text: &str) -> bool {
    let folded = vocab::fold(text);
    if NO_FORMATS.contains(&folded.as_str())
        || folded.starts_with("www link 1 0")
        || folded.starts_with("www download 1 0")
    {
        return true;
    }
    // A size or an extent.
    let mut words = folded.split(' ');
    let counts = words
        .next()
        .is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit()));
    if counts
        && words.next_back().is_none_or(|unit| {
            matches!(
                unit,
                "bytes" | "octets" | "o" | "ko" | "mo" | "go" | "kb" | "mb" | "gb" | "pages" | "p"
            )
        })
    {
        return true;
    }
    // The end of an address: `fr/`.
    let text = text.trim();
    let Some((before, _)) = text.split_once('/') else {
        return false;
    };
    let vocab = desk.context.vocab;
    !text.contains(char::is_whitespace)
        && !text.contains("://")
        && !TOP_LEVEL.contains(&before)
        && text.split('/').all(|part| vocab.format(part).is_none())
}

fn no_format(desk: &mut Desk<'_>, node: &str, text: &str) {
    desk.find(
        note(
            "format/not-a-format",
            Severity::Info,
            "this names no format of a file: it was left out",
            "choose the format of the file from the list; an API is a service, and not a format",
        ),
        node,
        dcterms::FORMAT,
        text,
    );
}

fn tell(desk: &mut Desk<'_>, text: &str, found: Option<Format<'_>>, void: bool) {
    desk.decide("format", text, || match found {
        Some(format) => Outcome::Resolved {
            to: [
                format.file_type,
                format.media_type,
                format.package,
                format.compress,
                format.service,
            ]
            .into_iter()
            .flatten()
            .map(|concept| concept.iri.as_str())
            .collect::<Vec<_>>()
            .join(" "),
            certain: format.is_certain(),
        },
        None if void => Outcome::Void,
        None => Outcome::Unresolved,
    });
}
