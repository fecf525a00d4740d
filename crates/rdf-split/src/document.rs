//! One document, from its bytes to a graph.

use std::panic::{AssertUnwindSafe, catch_unwind};

use model::{Finding, ReadError, Severity, Stage, repair_iri};

use crate::decode::decode;
use crate::graph::{Builder, Fault, Graph};
use crate::syntax::Syntax;
use crate::{jsonld, turtle, xml};

/// What is known of a document before it is read.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    pub body: &'a [u8],
    pub content_type: Option<&'a str>,
    /// The address that answered: relative IRIs are resolved against it.
    pub url: &'a str,
    /// The syntax, where it is known better than the document tells.
    pub syntax: Option<Syntax>,
}

/// A document that was read, perhaps not wholly.
#[derive(Debug)]
pub struct Document {
    pub syntax: Syntax,
    graph: Graph,
    faults: Vec<Fault>,
    findings: Vec<Finding>,
    /// Bytes of the document, which bound what may come of it.
    length: usize,
}

impl Document {
    /// Reads a document as far as it can be read. What could not be is a finding `page/unreadable` of severity `Error`.
    ///
    /// # Errors
    /// When it is no RDF, or when nothing of it could be read.
    pub fn read(source: Source<'_>) -> Result<Self, ReadError> {
        Self::build(source, Builder::default())
    }

    /// As [`Document::read`], and keeps in which graph each statement stands: [`Graph::statements`] has them.
    ///
    /// # Errors
    /// When it is no RDF, or when nothing of it could be read.
    pub fn read_named(source: Source<'_>) -> Result<Self, ReadError> {
        Self::build(source, Builder::with_names())
    }

    fn build(source: Source<'_>, mut builder: Builder) -> Result<Self, ReadError> {
        let (text, repaired) = decode(source.body, source.content_type);
        let text = text.trim_start_matches('\u{feff}');
        let syntax = syntax(text, &source)?;
        let base = repair_iri(source.url).map_or_else(
            |_| "http://localhost/".to_owned(),
            |(base, _)| base.into_string(),
        );
        if repaired {
            builder.notes.add("page/wrong-charset", Severity::Warning, |mut finding| {
                finding.message = "the page has bytes that are not in its charset; they were read as Windows-1252".to_owned();
                finding
            });
        }
        // What comes of parsers that are not ours must not end the run, whatever they think cannot be.
        let read = catch_unwind(AssertUnwindSafe(|| {
            parse(text, syntax, &base, &mut builder)
        }));
        read.unwrap_or_else(|_| {
            Err(ReadError::Malformed {
                message: format!("the document breaks the parser of {}", syntax.name()),
                at: None,
            })
        })?;
        let (graph, notes, faults) = builder.build();
        if graph.is_empty()
            && let Some(fault) = faults.first()
        {
            return Err(ReadError::Malformed {
                message: fault.message.clone(),
                at: Some(fault.at.clone()),
            });
        }
        let mut findings = notes.finish(source.url);
        findings.extend(unreadable(&faults, syntax, source.url));
        Ok(Self {
            syntax,
            graph,
            faults,
            findings,
            length: source.body.len(),
        })
    }

    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// What was found while reading.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether all of it was read.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }

    pub(crate) fn faults(&self) -> &[Fault] {
        &self.faults
    }

    pub(crate) fn length(&self) -> usize {
        self.length
    }
}

fn parse(text: &str, syntax: Syntax, base: &str, builder: &mut Builder) -> Result<(), ReadError> {
    match syntax {
        Syntax::Turtle | Syntax::TriG => turtle::read(text, base, builder),
        Syntax::NTriples | Syntax::NQuads => turtle::read_lines(text, builder),
        Syntax::RdfXml => xml::read(text, base, builder)?,
        Syntax::JsonLd => jsonld::read(text, base, builder)?,
    }
    Ok(())
}

fn syntax(text: &str, source: &Source<'_>) -> Result<Syntax, ReadError> {
    let start = text.trim_start();
    let beginning: String = start.chars().take(80).collect();
    let lower = beginning.to_ascii_lowercase();
    if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        return Err(ReadError::Unexpected(format!(
            "a page of HTML came instead of RDF; it begins with `{beginning}`"
        )));
    }
    if start.is_empty() {
        return Err(ReadError::Malformed {
            message: "the answer is empty".to_owned(),
            at: None,
        });
    }
    source
        .syntax
        .or_else(|| Syntax::detect(text, source.content_type, source.url))
        .ok_or_else(|| {
            ReadError::Unexpected(format!(
                "the answer is in no syntax of RDF that is read (Turtle, TriG, N-Triples, N-Quads, RDF/XML, JSON-LD); it begins with `{beginning}`"
            ))
        })
}

/// A finding for each place that could not be read, up to some.
fn unreadable(faults: &[Fault], syntax: Syntax, url: &str) -> Vec<Finding> {
    const SHOWN: usize = 10;
    let mut findings: Vec<Finding> = faults
        .iter()
        .take(SHOWN)
        .map(|fault| {
            let message = format!(
                "a part of the document ({}) could not be read: {}; what it is about is left as it was",
                syntax.name(),
                fault.message
            );
            Finding::new("page/unreadable", Severity::Error, Stage::Read, message)
                .place(format!("{url} {}", fault.at))
        })
        .collect();
    if faults.len() > SHOWN {
        let message = format!("{} more parts could not be read", faults.len() - SHOWN);
        findings.push(
            Finding::new("page/unreadable", Severity::Error, Stage::Read, message).place(url),
        );
    }
    findings
}

/// Line and column, from 1, of an offset in bytes.
pub fn position(text: &str, offset: usize) -> String {
    let before = text.get(..offset.min(text.len())).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    format!("line {line} column {column}")
}
