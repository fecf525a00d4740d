//! A graph as records: what a connector does, in little.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use bytes::Bytes;
use model::{RawRecord, RecordFormat, RecordId};
use oxrdf::vocab::rdf;
use oxrdf::{GraphName, NamedNode, NamedOrBlankNode as Node, Quad, Term};
use oxrdfio::{JsonLdProfileSet, RdfFormat, RdfParser, RdfSerializer};

const DCAT: &str = "http://www.w3.org/ns/dcat#";
const TOPIC: &str = "http://xmlns.com/foaf/0.1/primaryTopic";
const IDENTIFIER: &str = "http://purl.org/dc/terms/identifier";

/// One record, and the statements that it is made of.
pub struct Part {
    pub record: RawRecord,
    pub quads: Vec<Quad>,
}

pub fn read(path: &Path) -> Result<Vec<Quad>> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let format = match extension.unwrap_or_default() {
        "ttl" => RdfFormat::Turtle,
        "n3" => RdfFormat::N3,
        "nt" => RdfFormat::NTriples,
        "rdf" | "xml" => RdfFormat::RdfXml,
        "json" | "jsonld" => RdfFormat::JsonLd {
            profile: JsonLdProfileSet::empty(),
        },
        other => return Err(anyhow!("no format of RDF has the extension {other}")),
    };
    let body = std::fs::read(path)?;
    RdfParser::from_format(format)
        .with_base_iri("http://file.example/")?
        .lenient()
        .for_slice(&body)
        .collect::<Result<Vec<Quad>, _>>()
        .with_context(|| path.display().to_string())
}

/// A document of RDF/XML as one record, as CSW carries it.
pub fn whole(path: &Path) -> Result<Option<Part>> {
    if !path
        .extension()
        .is_some_and(|extension| extension == "xml" || extension == "rdf")
    {
        return Ok(None);
    }
    Ok(Some(Part {
        record: RawRecord {
            id: RecordId::new("record"),
            format: RecordFormat::DcatRdfXml,
            body: Bytes::from(std::fs::read(path)?),
        },
        quads: Vec::new(),
    }))
}

/// The datasets, series and services of a graph, each with what belongs to it.
pub fn split(quads: &[Quad]) -> Result<Vec<Part>> {
    let mut of: HashMap<&Node, Vec<&Quad>> = HashMap::new();
    let mut behind: HashSet<Node> = HashSet::new();
    for quad in quads {
        of.entry(&quad.subject).or_default().push(quad);
        let name = quad.predicate.as_str();
        if let Some(service) = object(&quad.object)
            && ["accessService", "sample"]
                .iter()
                .any(|part| name.ends_with(part))
        {
            behind.insert(service);
        }
    }
    let is = |node: &Node, classes: &[&str]| {
        of.get(node).into_iter().flatten().any(|quad| {
            quad.predicate == rdf::TYPE
                && matches!(&quad.object, Term::NamedNode(class)
                    if class.as_str().strip_prefix(DCAT).is_some_and(|class| classes.contains(&class)))
        })
    };
    let mut parts = Vec::new();
    let subjects: BTreeSet<String> = of.keys().map(|node| node.to_string()).collect();
    let by_name: HashMap<String, &Node> = of.keys().map(|node| (node.to_string(), *node)).collect();
    for name in &subjects {
        let Some(node) = by_name.get(name) else {
            continue;
        };
        let entity = is(node, &["Dataset", "DatasetSeries"])
            || (is(node, &["DataService"]) && !behind.contains(*node));
        if !entity {
            continue;
        }
        let stops = |other: &Node, through: &str| {
            is(other, &["Catalog"])
                || (is(other, &["Dataset", "DatasetSeries", "DataService"])
                    && matches!(other, Node::NamedNode(_))
                    && !through.ends_with("accessService")
                    && !through.ends_with("sample"))
        };
        let mut found: Vec<Quad> = Vec::new();
        let mut seen: HashSet<&Node> = HashSet::from([*node]);
        let mut open: Vec<&Node> = vec![node];
        open.extend(
            quads
                .iter()
                .filter(|quad| {
                    quad.predicate.as_str() == TOPIC && object(&quad.object).as_ref() == Some(*node)
                })
                .map(|quad| &quad.subject),
        );
        while let Some(next) = open.pop() {
            for quad in of.get(next).into_iter().flatten() {
                let mut quad = (*quad).clone();
                let scheme = ["inScheme", "topConceptOf", "hasTopConcept"]
                    .iter()
                    .any(|name| quad.predicate.as_str().ends_with(name));
                quad.graph_name = GraphName::from((*node).clone());
                if let Some(target) = object(&quad.object)
                    && let Some((target, _)) = of.get_key_value(&target)
                    && !scheme
                    && !stops(target, quad.predicate.as_str())
                    && seen.insert(*target)
                {
                    open.push(*target);
                }
                found.push(quad);
            }
        }
        parts.push(part(node, found)?);
    }
    Ok(parts)
}

fn part(node: &Node, mut quads: Vec<Quad>) -> Result<Part> {
    quads.sort_by_key(ToString::to_string);
    quads.dedup();
    let identifier = quads.iter().find_map(|quad| match &quad.object {
        Term::Literal(literal)
            if quad.subject == *node && quad.predicate.as_str() == IDENTIFIER =>
        {
            Some(literal.value().to_owned())
        }
        _ => None,
    });
    let id = match node {
        Node::NamedNode(iri) => iri.as_str().to_owned(),
        Node::BlankNode(blank) => identifier.unwrap_or_else(|| blank.to_string()),
    };
    let mut serializer = RdfSerializer::from_format(RdfFormat::NQuads).for_writer(Vec::new());
    for quad in &quads {
        serializer.serialize_quad(quad)?;
    }
    Ok(Part {
        record: RawRecord {
            id: RecordId::new(id),
            format: RecordFormat::Dcat,
            body: Bytes::from(serializer.finish()?),
        },
        quads,
    })
}

fn object(term: &Term) -> Option<Node> {
    match term {
        Term::NamedNode(iri) => Some(NamedNode::clone(iri).into()),
        Term::BlankNode(blank) => Some(blank.clone().into()),
        _ => None,
    }
}
