//! JSON-LD. Contexts are never fetched: the well-known ones are part of the program.

use std::sync::{Arc, Mutex, PoisonError};

use model::{ReadError, Severity};
use oxjsonld::{JsonLdParser, JsonLdRemoteDocument};
use serde::de::IgnoredAny;

use crate::contexts;
use crate::document::position;
use crate::graph::{Builder, Fault};

/// Values nested deeper than in any document of the field.
const MAX_DEPTH: usize = 100;
/// Values that may be wrong before the rest of a document is left.
const MAX_ERRORS: usize = 100_000;
/// A bound on contexts times objects: each object may have to copy the context that it stands in.
const MAX_COPIES: usize = 1 << 33;

pub fn read(text: &str, base: &str, into: &mut Builder) -> Result<(), ReadError> {
    check(text)?;
    let unknown: Arc<Mutex<Vec<String>>> = Arc::default();
    let missing = Arc::clone(&unknown);
    let mut parser = JsonLdParser::new().lenient();
    if let Ok(based) = parser.clone().with_base_iri(base) {
        parser = based;
    }
    let parser = parser
        .for_slice(text)
        .with_load_document_callback(move |url, _| {
            let (document, known) = contexts::of(url);
            if !known {
                let mut missing = missing.lock().unwrap_or_else(PoisonError::into_inner);
                if missing.len() < 100 && !missing.iter().any(|other| other == url) {
                    missing.push(url.to_owned());
                }
            }
            Ok(JsonLdRemoteDocument {
                document: document.into_bytes(),
                document_url: url.to_owned(),
            })
        });
    let mut errors = 0_usize;
    for item in parser {
        match item {
            Ok(quad) => {
                if !into.add(quad.subject, quad.predicate, quad.object) {
                    give_up(
                        "the document has too many triples; the rest was not read",
                        text,
                        into,
                    );
                    break;
                }
            }
            // An error of JSON itself has no code, and the parser ends with it.
            Err(error) if error.code().is_none() => {
                give_up(&error.to_string(), text, into);
                break;
            }
            Err(error) => {
                errors += 1;
                let message = error.to_string();
                into.notes
                    .add("record/bad-field", Severity::Warning, |mut finding| {
                        finding.message = format!(
                            "a value is not what JSON-LD allows there, and was left out: {message}"
                        );
                        finding
                    });
                if errors > MAX_ERRORS {
                    give_up(
                        "the document has too many errors; the rest was not read",
                        text,
                        into,
                    );
                    break;
                }
            }
        }
    }
    for url in unknown
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .iter()
    {
        into.notes.add("page/unknown-context", Severity::Warning, |mut finding| {
            finding.message = "the document needs a context that is not known here, and contexts are not fetched: only terms with a well-known prefix were read".to_owned();
            finding
                .value(url)
                .hint("Write the context into the document, or serve Turtle or RDF/XML.")
        });
    }
    Ok(())
}

/// What the document says of any of its nodes may stand in the part that is not read: none of them is known to be whole.
fn give_up(message: &str, text: &str, into: &mut Builder) {
    into.faults.push(Fault {
        message: message.to_owned(),
        at: position(text, text.len()),
        suspects: Vec::new(),
        anonymous: true,
        rest_unread: true,
    });
}

/// The parser does not bound the depth of what it reads; and what it cannot read of a string would end it, so that this is refused here.
fn check(text: &str) -> Result<(), ReadError> {
    let refuse = |message: String, offset: usize| ReadError::Malformed {
        message,
        at: Some(position(text, offset)),
    };
    let (mut depth, mut objects, mut escaped) = (0_usize, 0_usize, false);
    // Where the string begins that is being read, and whether it has escapes.
    let mut string: Option<(usize, bool)> = None;
    for (offset, byte) in text.bytes().enumerate() {
        if let Some((start, has_escapes)) = &mut string {
            if !escaped && byte == b'"' {
                let written = text.get(*start..=offset).unwrap_or_default();
                if *has_escapes && let Err(error) = serde_json::from_str::<String>(written) {
                    return Err(refuse(
                        format!("a text of the answer is not well-formed JSON: {error}"),
                        *start,
                    ));
                }
                string = None;
                continue;
            }
            escaped = !escaped && byte == b'\\';
            *has_escapes |= escaped;
            continue;
        }
        match byte {
            b'"' => string = Some((offset, false)),
            b'{' | b'[' => {
                depth += 1;
                objects += usize::from(byte == b'{');
                if depth > MAX_DEPTH {
                    return Err(refuse(
                        format!("values are nested more than {MAX_DEPTH} deep"),
                        offset,
                    ));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| ReadError::Malformed {
        message: format!("the answer is not well-formed JSON: {error}"),
        at: Some(format!("line {} column {}", error.line(), error.column())),
    })?;
    let contexts = text.matches("\"@context\"").count();
    // The length of a context is not known without reading it; the longest is at most the document.
    let longest = text.len() / contexts.max(1) / 4;
    if contexts > 1 && longest.min(100_000).saturating_mul(objects) > MAX_COPIES {
        return Err(refuse(
            "too many objects stand in too large contexts".to_owned(),
            0,
        ));
    }
    Ok(())
}
