//! From the bytes of a record to its graph and the node that it is about.

use std::collections::HashSet;

use model::{EntityKind, Finding, RawRecord, Severity, Stage, repair_iri};
use oxrdf::vocab::rdf;
use oxrdf::{GraphName, NamedNode, Term};
use oxrdfio::{RdfFormat, RdfParser};

use super::graph::{Graph, Node};
use super::mend::{declare_prefixes, decode, guard_entities, mend};
use super::terms::{self, kind_of};
use crate::MapError;

/// What relative references are resolved against, so that they can be told from others.
pub(super) const NOWHERE: &str = "http://relative.invalid/";

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
    // It names the charset of the bytes, and they are decoded.
    let text = match text
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"))
    {
        Some((_, document)) => document,
        None => text,
    };
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

/// Terms of old or misspelt namespaces as the standards have them; a predicate that is no IRI, as it can be repaired.
fn canonical(
    (subject, predicate, object): (Node, NamedNode, Term),
) -> Option<(Node, NamedNode, Term)> {
    let predicate = match terms::canonical(predicate.as_str()) {
        Some(iri) => NamedNode::new_unchecked(iri),
        None => repair_iri(predicate.as_str()).ok()?.0,
    };
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

pub(super) fn unreadable(message: String, place: Option<String>) -> MapError {
    MapError {
        rule: "record/unreadable",
        message: format!("the record is no RDF that can be read: {message}"),
        place,
        hint: Some("check the record with a validator of RDF".to_owned()),
    }
}
