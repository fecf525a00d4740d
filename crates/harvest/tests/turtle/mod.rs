//! The catalogue as one reads it: a block a subject, its classes first, everything in order.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, NamedOrBlankNode, Term, Triple};
use oxttl::{NTriplesParser, TurtleParser};

const BASE: &str = "https://donnees.example.org/";

/// Predicates sort by their IRI, and the classes come before all.
type Block = BTreeMap<(bool, NamedNode), BTreeSet<String>>;

/// Turtle that says the same as these N-Triples; it is parsed again to be sure.
pub fn turtle(lines: &str) -> String {
    let triples: Vec<Triple> = NTriplesParser::new()
        .for_slice(lines.as_bytes())
        .map(|triple| triple.expect("the dump is N-Triples"))
        .collect();
    let mut blocks: BTreeMap<String, Block> = BTreeMap::new();
    for Triple {
        subject,
        predicate,
        object,
    } in &triples
    {
        let NamedOrBlankNode::NamedNode(subject) = subject else {
            panic!("the catalogue must not have blank nodes: {subject}");
        };
        let place = (*predicate != rdf::TYPE, predicate.clone());
        let block = blocks.entry(subject.as_str().to_owned()).or_default();
        block.entry(place).or_default().insert(term(object));
    }
    let mut text = format!("@base <{BASE}> .\n");
    for (prefix, namespace) in PREFIXES {
        if lines.contains(&format!("<{namespace}")) {
            writeln!(text, "@prefix {prefix}: <{namespace}> .").expect("a string");
        }
    }
    for (subject, block) in &blocks {
        write!(text, "\n{}", iri(subject)).expect("a string");
        write_block(&mut text, block);
    }
    assert_same(&text, &triples);
    text
}

fn write_block(text: &mut String, block: &Block) {
    for (number, ((_, predicate), objects)) in block.iter().enumerate() {
        text.push_str(if number == 0 { "\n    " } else { " ;\n    " });
        match *predicate == rdf::TYPE {
            true => text.push('a'),
            false => text.push_str(&iri(predicate.as_str())),
        }
        let separator = if objects.len() == 1 {
            " "
        } else {
            "\n        "
        };
        for (number, object) in objects.iter().enumerate() {
            if number > 0 {
                text.push_str(" ,");
            }
            text.push_str(separator);
            text.push_str(object);
        }
    }
    text.push_str(" .\n");
}

fn term(term: &Term) -> String {
    match term {
        Term::NamedNode(node) => iri(node.as_str()),
        Term::Literal(literal) => match literal.datatype() {
            xsd::STRING | rdf::LANG_STRING => literal.to_string(),
            datatype => {
                let lexical = Literal::new_simple_literal(literal.value());
                format!("{lexical}^^{}", iri(datatype.as_str()))
            }
        },
        other => panic!("the catalogue must not have {other}"),
    }
}

fn iri(iri: &str) -> String {
    let plain = |local: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        local.starts_with(|c: char| c.is_ascii_alphanumeric()) && local.chars().all(inner)
    };
    let short = PREFIXES.iter().find_map(|(prefix, namespace)| {
        let local = iri.strip_prefix(namespace)?;
        plain(local).then(|| format!("{prefix}:{local}"))
    });
    short.unwrap_or_else(|| format!("<{}>", iri.strip_prefix(BASE).unwrap_or(iri)))
}

fn assert_same(text: &str, triples: &[Triple]) {
    let parsed: BTreeSet<String> = TurtleParser::new()
        .for_slice(text.as_bytes())
        .map(|triple| triple.expect("Turtle").to_string())
        .collect();
    let meant: BTreeSet<String> = triples.iter().map(Triple::to_string).collect();
    assert_eq!(parsed, meant, "the Turtle says something else");
}

const PREFIXES: [(&str, &str); 33] = [
    (
        "access",
        "http://publications.europa.eu/resource/authority/access-right/",
    ),
    ("adms", "http://www.w3.org/ns/adms#"),
    ("cnt", "http://www.w3.org/2011/content#"),
    (
        "corporate",
        "http://publications.europa.eu/resource/authority/corporate-body/",
    ),
    (
        "country",
        "http://publications.europa.eu/resource/authority/country/",
    ),
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("dcatap", "http://data.europa.eu/r5r/"),
    ("dct", "http://purl.org/dc/terms/"),
    ("dqv", "http://www.w3.org/ns/dqv#"),
    ("eli", "http://data.europa.eu/eli/ontology#"),
    (
        "file",
        "http://publications.europa.eu/resource/authority/file-type/",
    ),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    (
        "frequency",
        "http://publications.europa.eu/resource/authority/frequency/",
    ),
    ("geodcat", "http://data.europa.eu/930/"),
    ("gsp", "http://www.opengis.net/ont/geosparql#"),
    (
        "language",
        "http://publications.europa.eu/resource/authority/language/",
    ),
    (
        "licence",
        "http://publications.europa.eu/resource/authority/licence/",
    ),
    ("locn", "http://www.w3.org/ns/locn#"),
    ("org", "http://www.w3.org/ns/org#"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    (
        "planned",
        "http://publications.europa.eu/resource/authority/planned-availability/",
    ),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("schema", "http://schema.org/"),
    ("sdmx", "http://purl.org/linked-data/sdmx/2009/attribute#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("spdx", "http://spdx.org/rdf/terms#"),
    (
        "status",
        "http://publications.europa.eu/resource/authority/dataset-status/",
    ),
    (
        "theme",
        "http://publications.europa.eu/resource/authority/data-theme/",
    ),
    (
        "topic",
        "http://inspire.ec.europa.eu/metadata-codelist/TopicCategory/",
    ),
    ("vcard", "http://www.w3.org/2006/vcard/ns#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];
