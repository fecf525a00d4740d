//! Turtle, TriG, N-Triples and N-Quads. A syntax error costs the statement that it is in: reading goes on behind it.

mod subject;

use std::borrow::Cow;
use std::collections::HashMap;

use model::Severity;
use oxiri::Iri;
use oxrdf::{Quad, Term};
use oxttl::{NQuadsParser, TriGParser, TurtleSyntaxError};

use crate::document::position;
use crate::graph::{Builder, Fault};
use crate::prefixes;
use subject::subject_of;

/// Errors after which the rest of a document is left.
const MAX_ERRORS: usize = 100;

/// Prefixes that are carried over an error.
const MAX_PREFIXES: usize = 10_000;

/// Lines: the parser itself goes on with the next one.
pub fn read_lines(text: &str, into: &mut Builder) {
    let text: &str = &tags(text);
    for item in NQuadsParser::new().lenient().for_slice(text) {
        match item {
            Ok(quad) => {
                if !take(quad, into) {
                    return too_many(text, text.len(), true, into);
                }
            }
            Err(error) => {
                let offset = offset(&error, 0, text);
                // What is lacking at the end is lacking on the last line that says something.
                let start = text
                    .get(..offset.min(text.trim_end().len()))
                    .and_then(|before| before.rfind('\n'))
                    .map_or(0, |at| at + 1);
                let line = text.get(start..).unwrap_or_default();
                into.faults.push(Fault {
                    message: error.message().to_owned(),
                    at: position(text, offset),
                    suspects: subject_of(line, None, &HashMap::new())
                        .into_iter()
                        .collect(),
                    anonymous: false,
                    // A line that is cut off was not the last one.
                    rest_unread: !line.contains('\n'),
                });
                if into.faults.len() >= MAX_ERRORS {
                    return too_many(text, offset, true, into);
                }
            }
        }
    }
}

/// Statements: after an error, a new parser goes on at the next line that begins one.
pub fn read(text: &str, base: &str, into: &mut Builder) {
    let text: &str = &tags(text);
    let mut known = Known {
        prefixes: HashMap::new(),
        base: base.to_owned(),
    };
    let mut start = 0;
    let mut lent: Vec<String> = Vec::new();
    while let Some(chunk) = text.get(start..).filter(|chunk| !chunk.trim().is_empty()) {
        let mut part = Part {
            text,
            start,
            first: into.len(),
            soft: Vec::new(),
        };
        let Some(stop) = part.read(chunk, &mut known, into) else {
            break;
        };
        if known.prefixes.len() > MAX_PREFIXES {
            return too_many(text, start, false, into);
        }
        match stop {
            Stop::TooMany => return too_many(text, text.len(), false, into),
            Stop::Prefix(prefix) => {
                let iri = prefixes::well_known(&prefix).unwrap_or_default();
                known.prefixes.insert(prefix.clone(), iri.to_owned());
                lent.push(prefix);
                into.truncate(part.first);
            }
            Stop::Error(error) => {
                let offset = offset(&error, start, text);
                into.faults.push(Fault {
                    message: error.message().to_owned(),
                    at: position(text, offset),
                    suspects: suspects(text, &part, offset, &known, into),
                    anonymous: false,
                    rest_unread: false,
                });
                if into.faults.len() >= MAX_ERRORS {
                    return too_many(text, offset, false, into);
                }
                match next_statement(text, offset) {
                    Some(next) if next > start => start = next,
                    _ => break,
                }
            }
        }
    }
    note_lent(&lent, into);
}

/// The text with hyphens in tags such as `@fr_FR`, which break the statement otherwise. It keeps its length.
fn tags(text: &str) -> Cow<'_, str> {
    const MARK: &str = "\"@";
    let ends = |c: &u8| !c.is_ascii_alphabetic();
    let mut wrong = Vec::new();
    for (at, _) in text.match_indices(MARK) {
        let tag = text.as_bytes().get(at + MARK.len()..).unwrap_or_default();
        let length = tag.iter().position(ends).unwrap_or(tag.len());
        let country = tag.get(length + 1..length + 3).unwrap_or_default();
        if (2..=3).contains(&length)
            && tag.get(length) == Some(&b'_')
            && country.iter().all(u8::is_ascii_alphabetic)
        {
            wrong.push(at + MARK.len() + length);
        }
    }
    if wrong.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut mended = String::with_capacity(text.len());
    let mut copied = 0;
    for at in wrong {
        mended.push_str(text.get(copied..at).unwrap_or_default());
        mended.push('-');
        copied = at + 1;
    }
    mended.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(mended)
}

fn note_lent(lent: &[String], into: &mut Builder) {
    if !lent.is_empty() {
        let names = lent.join(", ");
        into.notes.add("record/undeclared-prefix", Severity::Info, |mut finding| {
            finding.message = "prefixes are used that are declared nowhere; they were given their well-known namespaces".to_owned();
            finding.value(&names).hint("Declare every prefix by `@prefix name: <...> .`")
        });
    }
}

/// Why a parser stopped before the end.
enum Stop {
    TooMany,
    /// A prefix that can be lent to the document.
    Prefix(String),
    Error(TurtleSyntaxError),
}

/// What was declared so far.
struct Known {
    prefixes: HashMap<String, String>,
    base: String,
}

struct Part<'t> {
    text: &'t str,
    start: usize,
    /// How many triples there were before.
    first: usize,
    soft: Vec<String>,
}

impl Part<'_> {
    fn read(&mut self, chunk: &str, known: &mut Known, into: &mut Builder) -> Option<Stop> {
        let mut parser = TriGParser::new().lenient();
        if let Ok(based) = parser.clone().with_base_iri(known.base.as_str()) {
            parser = based;
        }
        for (prefix, iri) in &known.prefixes {
            // The parser is lost with a prefix that it refuses, and to copy it for each costs their number squared.
            if Iri::parse(iri.as_str()).is_err() {
                continue;
            }
            parser = parser
                .with_prefix(prefix, iri)
                .unwrap_or_else(|_| TriGParser::new().lenient());
        }
        let mut parser = parser.for_slice(chunk);
        let stop = loop {
            match parser.next() {
                None => break None,
                Some(Ok(quad)) => {
                    if !take(quad, into) {
                        break Some(Stop::TooMany);
                    }
                }
                Some(Err(error)) if is_missing_dot(&error) && self.soft.len() < MAX_ERRORS => {
                    let offset = offset(&error, self.start, self.text);
                    self.soft.push(position(self.text, offset));
                }
                Some(Err(error)) => {
                    let lendable = undeclared(&error).filter(|prefix| {
                        prefixes::well_known(prefix).is_some()
                            && !known.prefixes.contains_key(prefix)
                    });
                    break Some(lendable.map_or(Stop::Error(error), Stop::Prefix));
                }
            }
        };
        if !matches!(stop, Some(Stop::Prefix(_))) {
            known.prefixes.extend(
                parser
                    .prefixes()
                    .map(|(prefix, iri)| (prefix.to_owned(), iri.to_owned())),
            );
            if let Some(own) = parser.base_iri() {
                own.clone_into(&mut known.base);
            }
            self.note_dots(into);
        }
        stop
    }

    /// The parser took the dot for written: the statement before it is whole.
    fn note_dots(&self, into: &mut Builder) {
        for at in &self.soft {
            into.notes
                .add("page/repaired", Severity::Warning, |mut finding| {
                    finding.message =
                        "a statement does not end with a dot; it was read as if it did".to_owned();
                    finding.place(at.clone())
                });
        }
    }
}

fn take(quad: Quad, into: &mut Builder) -> bool {
    into.add_quad(quad)
}

/// The rest of the lines may be about any node; statements of Turtle stand together.
fn too_many(text: &str, offset: usize, rest_unread: bool, into: &mut Builder) {
    into.faults.push(Fault {
        message: "the document has too many triples, errors or prefixes; the rest was not read"
            .to_owned(),
        at: position(text, offset),
        suspects: into.last_subjects(0),
        anonymous: true,
        rest_unread,
    });
}

fn is_missing_dot(error: &TurtleSyntaxError) -> bool {
    error.message() == "A dot is expected at the end of statements"
}

fn undeclared(error: &TurtleSyntaxError) -> Option<String> {
    let rest = error.message().strip_prefix("The prefix ")?;
    let (prefix, _) = rest.split_once(": has not been declared")?;
    Some(prefix.to_owned())
}

/// Where in the text an error is that a parser found behind `start`.
fn offset(error: &TurtleSyntaxError, start: usize, text: &str) -> usize {
    let within = usize::try_from(error.location().start.offset).unwrap_or(usize::MAX);
    let mut offset = start.saturating_add(within).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// Whether a line looks like the beginning of a statement.
fn begins(line: &str) -> bool {
    line.starts_with(['<', '@', '['])
        || line.starts_with("_:")
        || line.split_whitespace().next().is_some_and(|word| {
            word.eq_ignore_ascii_case("prefix")
                || word.split_once(':').is_some_and(|(prefix, _)| {
                    prefix
                        .chars()
                        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
                })
        })
}

/// The lines that begin where a statement may: behind a blank line, or behind one that ends with a dot.
fn beginnings(text: &str, from: usize) -> impl Iterator<Item = usize> {
    let mut offset = from;
    let mut ended = from == 0;
    text.get(from..)
        .unwrap_or_default()
        .split_inclusive('\n')
        .filter_map(move |line| {
            let start = offset;
            offset += line.len();
            let trimmed = line.trim();
            let found = ended && begins(line);
            if !trimmed.starts_with('#') {
                ended = trimmed.is_empty() || trimmed.ends_with('.');
            }
            found.then_some(start)
        })
}

fn next_statement(text: &str, offset: usize) -> Option<usize> {
    beginnings(text, offset).find(|start| *start > offset)
}

/// What the statement is about that the end of a range of the text is in.
fn suspects(text: &str, part: &Part<'_>, end: usize, known: &Known, into: &Builder) -> Vec<Term> {
    let begun = into.last_subjects(part.first);
    let begin = part.start + subject::begin(text.get(part.start..end).unwrap_or_default());
    let statement = text.get(begin..).unwrap_or_default();
    let seen = text.get(begin..end).unwrap_or_default();
    let subject = subject_of(statement, Some(&known.base), &known.prefixes);
    // Where statements begin is sure up to the first error; behind it, what was read last may belong to the statement.
    let sure = part.start == 0 && part.soft.is_empty() && subject.is_some();
    // Nodes that were begun are not linked to their subject yet.
    let nested = seen.contains(['[', '(']);
    let begun = begun
        .into_iter()
        .filter(|term| !sure || (nested && matches!(term, Term::BlankNode(_))));
    subject.into_iter().chain(begun).collect()
}
