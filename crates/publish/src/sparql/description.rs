//! What the endpoint says of itself: <https://www.w3.org/TR/sparql11-service-description/>

use std::io;

use graph::Format;
use oxrdf::vocab::{rdf, rdfs};
use oxrdf::{NamedNode, NamedNodeRef, Term, TripleRef};
use oxrdfio::{RdfFormat, RdfSerializer};

/// `graphs`: the named graphs that queries can reach.
pub(crate) fn write(address: &str, graphs: &[String], format: Format) -> io::Result<Vec<u8>> {
    let format = format.graph().unwrap_or(RdfFormat::Turtle);
    let mut serializer = RdfSerializer::from_format(format)
        .with_prefix("sd", SD)
        .and_then(|serializer| serializer.with_prefix("formats", FORMATS))
        .map_err(io::Error::other)?
        .for_writer(Vec::new());
    let node = |fragment: &str| NamedNode::new(format!("{address}{fragment}"));
    let (endpoint, service, dataset, graph) = (
        node("").map_err(io::Error::other)?,
        node("#service").map_err(io::Error::other)?,
        node("#dataset").map_err(io::Error::other)?,
        node("#default-graph").map_err(io::Error::other)?,
    );
    let sd = |local: &str| NamedNode::new_unchecked(format!("{SD}{local}"));
    let mut say = |subject: &NamedNode, predicate: NamedNodeRef<'_>, object: NamedNode| {
        let object = Term::from(object);
        serializer.serialize_triple(TripleRef::new(subject, predicate, &object))
    };
    say(&service, rdf::TYPE, sd("Service"))?;
    say(&service, sd("endpoint").as_ref(), endpoint)?;
    let language = sd("SPARQL11Query");
    say(&service, sd("supportedLanguage").as_ref(), language)?;
    for format in Format::TABLES.into_iter().chain(Format::GRAPHS) {
        let format = NamedNode::new_unchecked(format.iri());
        say(&service, sd("resultFormat").as_ref(), format)?;
    }
    let simple = NamedNode::new_unchecked("http://www.w3.org/ns/entailment/Simple");
    say(&service, sd("defaultEntailmentRegime").as_ref(), simple)?;
    say(&service, sd("defaultDataset").as_ref(), dataset.clone())?;
    if let Some(base) = address.strip_suffix("sparql") {
        let void = NamedNode::new(format!("{base}.well-known/void")).map_err(io::Error::other)?;
        say(&dataset, rdfs::SEE_ALSO, void)?;
    }
    say(&dataset, rdf::TYPE, sd("Dataset"))?;
    say(&dataset, sd("defaultGraph").as_ref(), graph.clone())?;
    say(&graph, rdf::TYPE, sd("Graph"))?;
    for (n, name) in graphs.iter().enumerate() {
        let named = node(&format!("#named-graph-{}", n + 1)).map_err(io::Error::other)?;
        let graph = node(&format!("#graph-{}", n + 1)).map_err(io::Error::other)?;
        let name = NamedNode::new(name.as_str()).map_err(io::Error::other)?;
        say(&dataset, sd("namedGraph").as_ref(), named.clone())?;
        say(&named, rdf::TYPE, sd("NamedGraph"))?;
        say(&named, sd("name").as_ref(), name)?;
        say(&named, sd("graph").as_ref(), graph.clone())?;
        say(&graph, rdf::TYPE, sd("Graph"))?;
    }
    serializer.finish()
}

const SD: &str = "http://www.w3.org/ns/sparql-service-description#";
const FORMATS: &str = "http://www.w3.org/ns/formats/";
