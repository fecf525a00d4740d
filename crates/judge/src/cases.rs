//! The cases: records with a reference graph.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use oxrdf::{Graph, NamedOrBlankNode};
use oxrdfio::{RdfFormat, RdfParser};

pub struct Case {
    pub name: String,
    pub input: PathBuf,
    pub expected: PathBuf,
}

/// Pairs whose input and expected output are both of kinds that can be compared: an ISO record, and a graph or another
/// ISO record; then SEMIC's output for each ISO record.
pub fn all(corpus: &Path) -> Result<Vec<Case>> {
    let pairs = corpus.join("PAIRS.tsv");
    let text = std::fs::read_to_string(&pairs)
        .with_context(|| format!("{}: the shared corpus is needed", pairs.display()))?;
    let mut cases = Vec::new();
    for line in text.lines().skip(1) {
        let mut columns = line.split('\t');
        let (Some(input), Some(expected), Some(tool)) =
            (columns.next(), columns.next(), columns.next())
        else {
            continue;
        };
        if compares(input, expected, tool) {
            cases.push(Case {
                name: format!("{input} = {expected}"),
                input: corpus.join(input),
                expected: corpus.join(expected),
            });
        }
    }
    let output = corpus.join("semic-output");
    let mut found = Vec::new();
    walk(&output, &mut found)?;
    found.sort();
    for expected in found {
        let relative = expected.strip_prefix(&output)?.with_extension("xml");
        cases.push(Case {
            name: format!("semic-output/{}", relative.display()),
            input: corpus.join("csw-iso19139").join(&relative),
            expected,
        });
    }
    Ok(cases)
}

fn compares(input: &str, expected: &str, tool: &str) -> bool {
    let iso = [
        "csw-iso19139/",
        "iso19115-3/",
        "csw-responses/ecospheres-metadata",
        "csw-responses/semic",
        "csw-responses/ckanext-geocat",
    ]
    .iter()
    .any(|folder| input.starts_with(folder));
    let graph = ["dcat-rdfxml/", "dcat-turtle/"]
        .iter()
        .any(|folder| expected.starts_with(folder))
        || expected.ends_with("_dcat.xml");
    // Other pairs of two ISO records are edits: they are not to say the same.
    let both_encodings = expected.starts_with("iso19115-3/")
        && expected.contains("inspire-test")
        && !tool.contains("ODS");
    iso && (graph || both_encodings)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rdf") {
            found.push(path);
        }
    }
    Ok(())
}

/// Reads a reference graph. References have addresses that are none; the parser lets them pass.
pub fn reference(path: &Path) -> Result<Graph> {
    let text = std::fs::read_to_string(path)?;
    let turtle = path.extension().is_some_and(|extension| extension == "ttl");
    let format = if turtle {
        RdfFormat::Turtle
    } else {
        RdfFormat::RdfXml
    };
    let text = if turtle { text } else { unwrap_answer(&text) };
    let mut graph = Graph::new();
    let parser = RdfParser::from_format(format)
        .with_base_iri("http://reference.example/")?
        .lenient();
    for quad in parser.for_slice(text.as_bytes()) {
        let quad = quad.with_context(|| path.display().to_string())?;
        let subject: NamedOrBlankNode = quad.subject;
        graph.insert(&oxrdf::Triple::new(subject, quad.predicate, quad.object));
    }
    Ok(graph)
}

/// The RDF inside the answer of a CSW.
fn unwrap_answer(text: &str) -> String {
    let Some(begin) = text
        .find("Response")
        .and_then(|at| text[at..].find('>').map(|end| at + end + 1))
    else {
        return text.to_owned();
    };
    let is_answer = text
        .get(..begin)
        .is_some_and(|head| head.contains("csw:GetRecord"));
    let end = text.rfind("</csw:GetRecord").unwrap_or(text.len());
    if is_answer {
        text.get(begin..end).unwrap_or(text).trim().to_owned()
    } else {
        text.to_owned()
    }
}
