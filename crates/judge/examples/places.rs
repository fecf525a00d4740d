//! How many of the places that the records of the shared corpus name are understood, and which are not:
//! `cargo run -p judge --example places -- [CORPUS]`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use mapping::MapContext;
use model::ns::{dcat, dcterms, locn, skos};
use model::{
    Base, Entity, EntityKind, Mapped, Minter, RawRecord, RecordFormat, RecordId, SourceId,
};
use normalise::{Decision, Outcome};
use oxrdf::vocab::rdfs;
use oxrdf::{Literal, NamedOrBlankNode, Term, Triple};
use oxrdfio::{RdfFormat, RdfParser};
use vocab::Vocab;

/// Values of one family of records: how often each was resolved, void, or neither.
#[derive(Default)]
struct Tally {
    resolved: usize,
    void: usize,
    unresolved: BTreeMap<String, usize>,
}

fn main() {
    let corpus = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "../shared/corpus".to_owned());
    let corpus = PathBuf::from(corpus);
    if !corpus.is_dir() {
        eprintln!("skipped: {} is absent", corpus.display());
        return;
    }
    let mut tallies: BTreeMap<(String, &'static str), Tally> = BTreeMap::new();
    let mut files = Vec::new();
    walk(&corpus, &mut files);
    files.sort();
    for file in files {
        let family = file
            .strip_prefix(&corpus)
            .ok()
            .and_then(|path| path.components().next())
            .map(|first| first.as_os_str().to_string_lossy().into_owned())
            .unwrap_or_default();
        if family.starts_with("extra") || family == "semic-output" {
            continue;
        }
        let Ok(body) = std::fs::read(&file) else {
            continue;
        };
        for mut mapped in records(&family, &file, &body) {
            for decision in decide(&mut mapped) {
                count(&mut tallies, &family, decision);
            }
        }
    }
    print(&tallies);
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, into);
        } else {
            into.push(path);
        }
    }
}

/// ISO records as they are mapped; of the others only what they say of places.
fn records(family: &str, file: &Path, body: &[u8]) -> Vec<Mapped> {
    let extension = file.extension().unwrap_or_default().to_string_lossy();
    let format = match extension.as_ref() {
        "ttl" => Some(RdfFormat::Turtle),
        "rdf" | "xml" if family == "dcat-rdfxml" => Some(RdfFormat::RdfXml),
        _ => None,
    };
    if let Some(format) = format {
        return of_graph(format, body);
    }
    match extension.as_ref() {
        "xml" if family.starts_with("csw-iso") || family.starts_with("iso19115") => iso(body),
        "json" | "jsonld" => of_json(body),
        _ => Vec::new(),
    }
}

fn iso(body: &[u8]) -> Vec<Mapped> {
    let (Ok(base), Ok(source)) = (Base::new("https://judge.example/"), SourceId::new("judge"))
    else {
        return Vec::new();
    };
    let record = RawRecord {
        id: RecordId::new("record"),
        format: RecordFormat::Iso19139,
        body: Bytes::copy_from_slice(body),
    };
    let context = MapContext {
        source: &source,
        minter: &Minter::new(base),
        minted: None,
        language: "fr",
    };
    mapping::map(&record, &context).into_iter().collect()
}

fn dataset() -> Entity {
    let iri = oxrdf::NamedNode::new_unchecked("https://judge.example/dataset/1");
    Entity::new(EntityKind::Dataset, iri)
}

fn mapped(entity: Entity) -> Mapped {
    Mapped {
        entities: vec![entity],
        findings: Vec::new(),
    }
}

/// A dataset for each resource that has a place.
fn of_graph(format: RdfFormat, body: &[u8]) -> Vec<Mapped> {
    let parser = RdfParser::from_format(format)
        .with_base_iri("https://judge.example/file")
        .unwrap_or_else(|_| RdfParser::from_format(format));
    let triples: Vec<Triple> = parser
        .for_slice(body)
        .map_while(Result::ok)
        .map(|quad| Triple::new(quad.subject, quad.predicate, quad.object))
        .collect();
    let mut datasets: BTreeMap<String, Entity> = BTreeMap::new();
    for triple in triples
        .iter()
        .filter(|triple| triple.predicate == dcterms::SPATIAL)
    {
        let entity = datasets
            .entry(triple.subject.to_string())
            .or_insert_with(dataset);
        let iri = entity.iri.clone();
        let described = |other: &&Triple| match (&triple.object, &other.subject) {
            (Term::NamedNode(node), NamedOrBlankNode::NamedNode(subject)) => node == subject,
            (Term::BlankNode(node), NamedOrBlankNode::BlankNode(subject)) => node == subject,
            _ => false,
        };
        let about: Vec<&Triple> = triples.iter().filter(described).collect();
        let blank = matches!(triple.object, Term::BlankNode(_));
        if !blank || about.is_empty() {
            if !blank {
                entity.add(&iri, dcterms::SPATIAL, triple.object.clone());
            }
            continue;
        }
        let node = entity.node(&format!("location-{}", entity.triples.len()));
        entity.add(&iri, dcterms::SPATIAL, node.clone());
        for other in about {
            if !matches!(other.object, Term::BlankNode(_)) {
                entity.add(&node, other.predicate.as_ref(), other.object.clone());
            }
        }
    }
    datasets.into_values().map(mapped).collect()
}

/// What the JSON formats say of places: zones of udata, territories of Opendatasoft, `spatial` of CKAN and DCAT-US.
fn of_json(body: &[u8]) -> Vec<Mapped> {
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(body) else {
        return Vec::new();
    };
    let mut values = Vec::new();
    gather(&json, &mut values);
    values
        .into_iter()
        .map(|value| {
            let mut entity = dataset();
            let iri = entity.iri.clone();
            entity.add(&iri, dcterms::SPATIAL, Literal::new_simple_literal(value));
            mapped(entity)
        })
        .collect()
}

fn gather(json: &serde_json::Value, into: &mut Vec<String>) {
    const KEYS: [&str; 9] = [
        "zones",
        "territory",
        "territories",
        "spatial",
        "spatial_text",
        "spatial-text",
        "spatial_uri",
        "coverage",
        "dcterms:spatial",
    ];
    match json {
        serde_json::Value::Object(members) => {
            // CKAN's extras: key and value.
            if let (Some(key), Some(value)) = (
                members.get("key").and_then(|key| key.as_str()),
                members.get("value").and_then(|value| value.as_str()),
            ) && KEYS.contains(&key)
            {
                into.push(value.to_owned());
            }
            for (key, value) in members {
                if KEYS.contains(&key.as_str()) {
                    let items = value
                        .as_array()
                        .map_or(std::slice::from_ref(value), Vec::as_slice);
                    for item in items {
                        let id = item
                            .get("@id")
                            .or_else(|| item.get("id"))
                            .or_else(|| item.get("code"));
                        let text = id
                            .unwrap_or(item)
                            .as_str()
                            .filter(|text| !text.starts_with("_:"));
                        into.extend(text.map(str::to_owned));
                    }
                }
                gather(value, into);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| gather(item, into)),
        _ => {}
    }
}

fn decide(mapped: &mut Mapped) -> Vec<Decision> {
    // Only places matter here.
    for entity in &mut mapped.entities {
        entity.triples.retain(|triple| {
            [
                dcterms::SPATIAL,
                dcterms::IDENTIFIER,
                dcterms::TITLE,
                dcat::BBOX,
                dcat::CENTROID,
                dcat::KEYWORD,
                locn::GEOMETRY,
                locn::GEOGRAPHIC_NAME,
                skos::PREF_LABEL,
                skos::NOTATION,
                rdfs::LABEL,
            ]
            .contains(&triple.predicate.as_ref())
        });
    }
    let record = RecordId::new("record");
    let context = normalise::Context {
        vocab: Vocab::bundled(),
        record: &record,
        fetched: DateTime::<Utc>::from_timestamp(1_900_000_000, 0).unwrap_or_default(),
    };
    normalise::normalise_and_tell(mapped, &context)
}

fn count(tallies: &mut BTreeMap<(String, &'static str), Tally>, family: &str, decision: Decision) {
    if !matches!(decision.topic, "place" | "place-keyword" | "geometry") {
        return;
    }
    let tally = tallies
        .entry((family.to_owned(), decision.topic))
        .or_default();
    match decision.outcome {
        Outcome::Resolved { .. } => tally.resolved += 1,
        Outcome::Void => tally.void += 1,
        Outcome::Unresolved => {
            let value: String = decision.value.chars().take(100).collect();
            *tally.unresolved.entry(value).or_default() += 1;
        }
    }
}

fn print(tallies: &BTreeMap<(String, &'static str), Tally>) {
    let share = |resolved: usize, unresolved: usize| match resolved + unresolved {
        0 => "-".to_owned(),
        all => format!("{:.1} %", 100.0 * resolved as f64 / all as f64),
    };
    let mut sums: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for ((family, topic), tally) in tallies {
        let unresolved: usize = tally.unresolved.values().sum();
        let sum = sums.entry(topic).or_default();
        sum.0 += tally.resolved;
        sum.1 += unresolved;
        println!(
            "{family}\t{topic}\t{} resolved, {unresolved} not, {} void: {}",
            tally.resolved,
            tally.void,
            share(tally.resolved, unresolved)
        );
    }
    for (topic, (resolved, unresolved)) in &sums {
        println!(
            "all\t{topic}\t{resolved} resolved, {unresolved} not: {}",
            share(*resolved, *unresolved)
        );
    }
    for ((family, topic), tally) in tallies {
        let mut left: Vec<(&String, &usize)> = tally.unresolved.iter().collect();
        left.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        for (value, times) in left.iter().take(60) {
            println!("{family}\t{topic}\t{times}\t{value}");
        }
    }
}
