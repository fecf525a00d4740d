//! RDF/XML. What real documents have wrong and what can be set right without a doubt is, before the parser sees them.

mod scan;
mod text;

use model::{ReadError, Severity};
use oxrdf::{BlankNode, Term};
use oxrdfxml::RdfXmlParser;

use crate::document::position;
use crate::graph::{Builder, Fault, meant};
use scan::{Scan, open_nodes};
use text::Edited;

pub fn read(original: &str, base: &str, into: &mut Builder) -> Result<(), ReadError> {
    let plain =
        text::plain(original).map_err(|message| ReadError::Malformed { message, at: None })?;
    let scan = Scan::of(&plain.text, base);
    check_root(&scan, original, &plain)?;
    if let Some((offset, message)) = &scan.refused {
        return Err(ReadError::Malformed {
            message: message.clone(),
            at: Some(position(original, plain.origin(*offset))),
        });
    }
    note(&plain, &scan, into);
    let bound = scan.bind(&plain.text);
    let mut parser = RdfXmlParser::new().lenient();
    if let Ok(based) = parser.clone().with_base_iri(base) {
        parser = based;
    }
    let mut parser = parser.for_slice(&bound.text);
    let mut failed = None;
    for item in parser.by_ref() {
        match item {
            Ok(triple) => {
                if !into.add(triple.subject, triple.predicate, triple.object) {
                    failed =
                        Some("the document has too many triples; the rest was not read".to_owned());
                    break;
                }
            }
            Err(error) => {
                failed = Some(error.to_string());
                break;
            }
        }
    }
    let end = usize::try_from(parser.buffer_position()).unwrap_or(usize::MAX);
    let fault = match failed {
        Some(message) => Some((end, message)),
        // The parser takes the end of the text for that of the document.
        None => scan.cut.then(|| {
            let message = "the document ends before its root element does".to_owned();
            (bound.text.len(), message)
        }),
    };
    if let Some((offset, message)) = fault {
        let offset = offset.min(bound.text.len());
        let nodes = open_nodes(&bound.text, offset, base);
        let names = nodes.names.iter().filter_map(|iri| meant(iri));
        let mut suspects: Vec<Term> = names.map(|(node, _)| node.into()).collect();
        let labels = nodes.labels.into_iter().map(BlankNode::new_unchecked);
        suspects.extend(labels.map(Term::from));
        // The names that nodes have here are not always those that the parser gave them.
        if nodes.anonymous || !suspects.is_empty() {
            suspects.extend(into.last_subjects(0));
        }
        into.faults.push(Fault {
            message,
            at: position(original, plain.origin(bound.origin(offset))),
            suspects,
            anonymous: nodes.anonymous,
            rest_unread: false,
        });
    }
    Ok(())
}

/// A root that says what the document is, if that is not RDF.
fn check_root(scan: &Scan, original: &str, plain: &Edited) -> Result<(), ReadError> {
    let name = scan.root.as_str();
    let local = name.rsplit_once(':').map_or(name, |(_, local)| local);
    let other = match local {
        "html" | "HTML" => Some("a page of HTML"),
        "GetRecordsResponse" | "Capabilities" | "ExceptionReport" | "ServiceExceptionReport" => {
            Some("an answer of an OGC service: is this a catalogue for the connector csw?")
        }
        "OAI-PMH" => Some("an answer of OAI-PMH: write [connector.oai-pmh] instead"),
        "MD_Metadata" | "MI_Metadata" => Some("a record of ISO 19139"),
        "rss" | "feed" => Some("a news feed"),
        "" => {
            return Err(ReadError::Malformed {
                message: "the document has no element".to_owned(),
                at: Some(position(original, plain.origin(plain.text.len()))),
            });
        }
        _ if !name.contains(':') && !scan.root_has_namespace => Some("XML without namespaces"),
        _ => None,
    };
    match other {
        Some(other) => Err(ReadError::Unexpected(format!(
            "the answer is no RDF but {other}; its root is <{name}>"
        ))),
        None => Ok(()),
    }
}

fn note(plain: &Edited, scan: &Scan, into: &mut Builder) {
    if plain.repairs > 0 {
        let message = format!(
            "{} characters are not escaped as XML wants it (the first: {}); they were read as what they stand for",
            plain.repairs, plain.first_repair
        );
        into.notes
            .add("page/repaired", Severity::Warning, |mut finding| {
                finding.message = message;
                finding.hint("Write `&amp;` for `&` in XML.")
            });
    }
    if scan.undeclared.is_empty() {
        return;
    }
    let all_known = scan
        .undeclared
        .iter()
        .all(|prefix| crate::prefixes::well_known(prefix).is_some());
    let names: Vec<&str> = scan.undeclared.iter().map(String::as_str).collect();
    let (severity, message) = if all_known {
        (
            Severity::Info,
            "prefixes are used that no element declares; they were given their well-known namespaces",
        )
    } else {
        (
            Severity::Warning,
            "prefixes are used that no element declares, and not all are known; their elements mean nothing",
        )
    };
    into.notes
        .add("record/undeclared-prefix", severity, |mut finding| {
            finding.message = message.to_owned();
            finding
                .value(&names.join(", "))
                .hint("Declare every prefix by xmlns:prefix=\"...\".")
        });
}
