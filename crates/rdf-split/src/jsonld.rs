//! JSON-LD. Contexts are never fetched: the well-known ones are part of the program.

mod check;

use std::sync::{Arc, Mutex, PoisonError};

use model::{ReadError, Severity};
use oxjsonld::{JsonLdParser, JsonLdRemoteDocument};

use crate::contexts;
use crate::document::position;
use crate::graph::{Builder, Fault};
use check::check;

/// Values that may be wrong before the rest of a document is left.
const MAX_ERRORS: usize = 100_000;

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
                if !into.add_quad(quad) {
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
