//! From the bytes of a record to its graph and the node that it is about.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use model::{EntityKind, Finding, RawRecord, Severity, Stage, check_iri};
use oxrdf::vocab::rdf;
use oxrdf::{GraphName, NamedNode, Term};
use oxrdfio::{RdfFormat, RdfParser};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::graph::{Graph, Node};
use super::terms::{self, kind_of};
use crate::MapError;

/// What relative references are resolved against, so that they can be told from others.
pub(super) const NOWHERE: &str = "http://relative.invalid/";

/// A document whose entities would make it longer than this is a trap.
const MOST_EXPANDED: usize = 64 * 1024 * 1024;

pub(super) struct Source {
    pub graph: Graph,
    pub main: Node,
    pub findings: Vec<Finding>,
}

/// The entity is the name of the graph.
pub(super) fn quads(record: &RawRecord) -> Result<Source, MapError> {
    let mut triples = Vec::new();
    let mut main: Option<Node> = None;
    let mut broken = 0_usize;
    let mut first_fault = String::new();
    for quad in RdfParser::from_format(RdfFormat::NQuads)
        .lenient()
        .for_slice(&record.body)
    {
        match quad {
            Ok(quad) => {
                let name = match quad.graph_name {
                    GraphName::NamedNode(iri) => Some(Node::NamedNode(iri)),
                    GraphName::BlankNode(blank) => Some(Node::BlankNode(blank)),
                    GraphName::DefaultGraph => None,
                };
                if main.is_none() {
                    main = name;
                }
                triples.push((quad.subject, quad.predicate, quad.object));
            }
            Err(error) => {
                broken += 1;
                if first_fault.is_empty() {
                    first_fault = error.to_string();
                }
            }
        }
    }
    let graph = Graph::new(triples.into_iter().filter_map(canonical));
    let Some(main) = main.or_else(|| choose(&graph, record.id.as_str())) else {
        return Err(unreadable(
            if first_fault.is_empty() {
                "the record describes nothing".to_owned()
            } else {
                first_fault
            },
            None,
        ));
    };
    let mut findings = Vec::new();
    if broken > 0 {
        findings.push(
            Finding::new(
                "record/bad-field",
                Severity::Warning,
                Stage::Map,
                format!("{broken} statements cannot be read ({first_fault}): they were left out"),
            )
            .hint("write absolute IRIs and literals of RDF 1.1"),
        );
    }
    Ok(Source {
        graph,
        main,
        findings,
    })
}

/// The entity is the one that the record is named after, else the first of the document.
pub(super) fn document(record: &RawRecord) -> Result<Source, MapError> {
    let text = decode(&record.body);
    let text = text
        .trim_start_matches('\u{feff}')
        .trim_start_matches(char::is_whitespace);
    guard_entities(text)?;
    let mut findings = Vec::new();
    let text = declare_prefixes(text, &mut findings);
    let (triples, order) = match parse(&text) {
        Ok(parsed) => parsed,
        Err(error) => match mend(&text) {
            Some((mended, number)) => {
                let parsed = parse(&mended)?;
                findings.push(
                    Finding::new(
                        "record/bad-field",
                        Severity::Info,
                        Stage::Map,
                        format!("{number} properties have an address (rdf:resource) and a text, which RDF/XML does not allow: the text was read as the name of what is at the address"),
                    )
                    .hint("give rdf:resource, or a node with an rdfs:label"),
                );
                parsed
            }
            None => return Err(error),
        },
    };
    let graph = Graph::new(triples);
    let parts = parts(&graph);
    let main = named(&graph, record.id.as_str())
        .or_else(|| {
            order
                .iter()
                .find(|node| !parts.contains(*node))
                .or_else(|| order.first())
                .cloned()
        })
        .or_else(|| choose(&graph, record.id.as_str()))
        .ok_or_else(|| MapError {
            rule: "record/unsupported-format",
            message: "the document describes no dataset, series, service or agent".to_owned(),
            place: None,
            hint: Some(
                "describe a dcat:Dataset, dcat:DatasetSeries or dcat:DataService".to_owned(),
            ),
        })?;
    let others = order
        .iter()
        .filter(|node| **node != main && !parts.contains(*node))
        .count();
    if others > 0 {
        findings.push(
            Finding::new(
                "record/several-entities",
                Severity::Warning,
                Stage::Map,
                format!(
                    "the record describes {others} entities besides its own: they were left out"
                ),
            )
            .hint("give each dataset, series or service a record of its own"),
        );
    }
    Ok(Source {
        graph,
        main,
        findings,
    })
}

type Statement = (Node, NamedNode, Term);

/// The statements of a document, and its entities in their order.
fn parse(text: &str) -> Result<(Vec<Statement>, Vec<Node>), MapError> {
    let mut triples = Vec::new();
    let mut order: Vec<Node> = Vec::new();
    let parser = RdfParser::from_format(RdfFormat::RdfXml)
        .with_base_iri(NOWHERE)
        .map_err(|error| unreadable(error.to_string(), None))?
        .lenient();
    for quad in parser.for_slice(text.as_bytes()) {
        let quad = quad.map_err(|error| {
            let place = error
                .location()
                .map(|range| format!("line {}", range.start.line + 1));
            unreadable(error.to_string(), place)
        })?;
        let Some((subject, predicate, object)) =
            canonical((quad.subject, quad.predicate, quad.object))
        else {
            continue;
        };
        let entity = matches!(&object, Term::NamedNode(class)
            if predicate == rdf::TYPE && kind_of([class.as_str()]).is_some_and(|kind| kind != EntityKind::Organisation));
        if entity && order.len() < 1_000 && !order.contains(&subject) {
            order.push(subject.clone());
        }
        triples.push((subject, predicate, object));
    }
    Ok((triples, order))
}

/// `<dcat:theme rdf:resource="…">text</dcat:theme>`, as GeoNetwork writes it: the text becomes the label of the
/// resource. `None` where there is no such property, or the document is not well-formed.
fn mend(text: &str) -> Option<(String, usize)> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut mended = String::with_capacity(text.len() + text.len() / 4);
    let (mut written, mut number) = (0_usize, 0_usize);
    // Where the tag begins that is open and has an address, where it ends, and the address.
    let mut open: Option<(usize, usize, String)> = None;
    let mut has_text = false;
    loop {
        let start = usize::try_from(reader.buffer_position()).ok()?;
        let event = reader.read_event().ok()?;
        let end = usize::try_from(reader.buffer_position()).ok()?;
        match event {
            Event::Eof => break,
            Event::Start(tag) => {
                has_text = false;
                open = tag
                    .attributes()
                    .flatten()
                    .find(|attribute| attribute.key.as_ref() == "rdf:resource")
                    .map(|attribute| attribute.value.into_owned())
                    .map(|address| (start, end, address));
            }
            Event::Text(content) => has_text |= !content.trim_ascii().is_empty(),
            Event::GeneralRef(_) | Event::CData(_) => has_text = true,
            Event::End(_) => {
                if let Some((begin, content, address)) = open.take().filter(|_| has_text) {
                    let tag = text.get(begin..content)?;
                    let name = tag
                        .trim_start_matches('<')
                        .split(|c: char| c.is_whitespace())
                        .next()?;
                    mended.push_str(text.get(written..begin)?);
                    mended.push_str(&format!(
                        "<{name}><rdf:Description rdf:about=\"{address}\"><rdfs:label xmlns:rdfs=\"{}\">{}</rdfs:label></rdf:Description></{name}>",
                        "http://www.w3.org/2000/01/rdf-schema#",
                        text.get(content..start)?
                    ));
                    written = end;
                    number += 1;
                }
            }
            _ => {}
        }
    }
    mended.push_str(text.get(written..)?);
    (number > 0).then_some((mended, number))
}

/// Services and samples that are described beside the distribution or dataset that points at them, not for themselves.
fn parts(graph: &Graph) -> HashSet<Node> {
    graph
        .subjects()
        .into_iter()
        .flat_map(|subject| graph.of(subject))
        .filter(|(predicate, _)| terms::PARTS.contains(&predicate.as_str()))
        .filter_map(|(_, object)| super::graph::node(object))
        .collect()
}

/// The node whose IRI, or else whose identifier, is that of the record.
fn named(graph: &Graph, id: &str) -> Option<Node> {
    let subjects = graph.subjects();
    let entities = || {
        subjects
            .iter()
            .filter(|node| kind_of(graph.classes(node)).is_some())
    };
    let by_iri = entities().find(|node| {
        matches!(node, Node::NamedNode(iri) if iri.as_str() == id || iri.as_str().strip_prefix(NOWHERE) == Some(id))
    });
    by_iri
        .or_else(|| {
            entities().find(|node| {
                graph
                    .objects(node, terms::IDENTIFIER)
                    .any(|object| match object {
                        Term::Literal(literal) => literal.value().trim() == id,
                        Term::NamedNode(iri) => iri.as_str() == id,
                        _ => false,
                    })
            })
        })
        .map(|node| (*node).clone())
}

/// The node that the record is named after, else the first entity in the order of the IRIs.
fn choose(graph: &Graph, id: &str) -> Option<Node> {
    named(graph, id).or_else(|| {
        graph
            .subjects()
            .into_iter()
            .find(|node| kind_of(graph.classes(node)).is_some())
            .cloned()
    })
}

/// Terms of old or misspelt namespaces as the standards have them. A predicate that is no IRI says nothing.
fn canonical(
    (subject, predicate, object): (Node, NamedNode, Term),
) -> Option<(Node, NamedNode, Term)> {
    let predicate = match terms::canonical(predicate.as_str()) {
        Some(iri) => NamedNode::new_unchecked(iri),
        None => predicate,
    };
    check_iri(predicate.as_str())?;
    let object = match object {
        Term::NamedNode(class) if predicate == rdf::TYPE => {
            match terms::canonical(class.as_str()) {
                Some(iri) => NamedNode::new_unchecked(iri).into(),
                None => class.into(),
            }
        }
        object => object,
    };
    Some((subject, predicate, object))
}

fn unreadable(message: String, place: Option<String>) -> MapError {
    MapError {
        rule: "record/unreadable",
        message: format!("the record is no RDF that can be read: {message}"),
        place,
        hint: Some("check the record with a validator of RDF".to_owned()),
    }
}

/// By BOM, then as UTF-8 if the bytes are that, then by the XML declaration, then as Windows-1252.
fn decode(body: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(body) {
        return encoding
            .decode_without_bom_handling(body.get(mark..).unwrap_or_default())
            .0;
    }
    if let Ok(text) = std::str::from_utf8(body) {
        return Cow::Borrowed(text);
    }
    let head = String::from_utf8_lossy(body.get(..200).unwrap_or(body));
    let declared = head
        .split_once("encoding")
        .and_then(|(_, rest)| rest.split(['"', '\'']).nth(1))
        .and_then(|label| encoding_rs::Encoding::for_label(label.trim().as_bytes()))
        .filter(|encoding| *encoding != encoding_rs::UTF_8)
        .unwrap_or(encoding_rs::WINDOWS_1252);
    declared.decode_without_bom_handling(body).0
}

/// Refuses documents whose entities swell: the parser writes every entity out wherever it is named.
fn guard_entities(text: &str) -> Result<(), MapError> {
    let longest = text
        .split("<!ENTITY")
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap_or(rest))
        .try_fold(0_usize, |longest, declaration| {
            (!declaration.contains('&')).then(|| longest.max(declaration.len()))
        });
    let references = text.matches('&').count();
    match longest {
        Some(longest) if longest.saturating_mul(references) <= MOST_EXPANDED => Ok(()),
        _ => Err(unreadable(
            "its entities refer to each other, or stand for too much".to_owned(),
            None,
        )),
    }
}

/// Declares on the root the well-known prefixes that the document uses and never declares.
fn declare_prefixes<'t>(text: &'t str, findings: &mut Vec<Finding>) -> Cow<'t, str> {
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for (at, _) in text.match_indices('<') {
        let rest = text.get(at + 1..).unwrap_or_default();
        let tag = rest.split('>').next().unwrap_or(rest);
        for name in tag.trim_start_matches('/').split_whitespace() {
            if let Some((prefix, _)) = name.split_once(':')
                && terms::namespace(prefix).is_some()
            {
                used.insert(prefix);
            }
        }
    }
    let missing: Vec<&str> = used
        .into_iter()
        .filter(|prefix| {
            !text.contains(&format!("xmlns:{prefix}="))
                && !text.contains(&format!("xmlns:{prefix} "))
        })
        .collect();
    let Some(root) = root_name_end(text).filter(|_| !missing.is_empty()) else {
        return Cow::Borrowed(text);
    };
    let (head, tail) = text.split_at(root);
    let mut declared = head.to_owned();
    for prefix in &missing {
        let namespace = terms::namespace(prefix).unwrap_or_default();
        declared.push_str(&format!(" xmlns:{prefix}=\"{namespace}\""));
    }
    declared.push_str(tail);
    findings.push(
        Finding::new(
            "record/undeclared-prefix",
            Severity::Info,
            Stage::Map,
            "prefixes are used that no element declares; they were given their well-known namespaces",
        )
        .value(&missing.join(", "))
        .hint("Declare every prefix by xmlns:prefix=\"...\"."),
    );
    Cow::Owned(declared)
}

/// Where the name of the root element ends.
fn root_name_end(text: &str) -> Option<usize> {
    let at = text.match_indices('<').find_map(|(at, _)| {
        text.get(at + 1..)?
            .starts_with(|c: char| c.is_alphabetic() || c == '_')
            .then_some(at + 1)
    })?;
    let rest = text.get(at..)?;
    let end = rest.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
    Some(at + end)
}
