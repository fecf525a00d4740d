//! From a raw record to the published graph, and what a graph says, by paths.
#![allow(dead_code)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chrono::{TimeZone, Utc};
use mapping::{MapContext, map};
use model::{Base, Mapped, Minter, RawRecord, RecordFormat, RecordId, SourceId};
use oxrdf::{NamedNode, NamedOrBlankNode, Term, Triple};
use represent::Context;
use vocab::Vocab;

/// The published graph of a record; `None` when it is refused.
pub fn publish(
    id: &str,
    body: &[u8],
    format: RecordFormat,
    minted: Option<&NamedNode>,
) -> Option<Mapped> {
    let minter = Minter::new(Base::new("https://m.example/").unwrap());
    let source = SourceId::new("s").unwrap();
    let record = RawRecord {
        id: RecordId::new(id),
        format,
        body: Bytes::copy_from_slice(body),
    };
    let context = MapContext {
        source: &source,
        minter: &minter,
        minted,
        language: "fr",
    };
    let mut mapped = map(&record, &context).ok()?;
    let context = normalise::Context {
        vocab: Vocab::bundled(),
        record: &record.id,
        fetched: Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap(),
    };
    normalise::normalise(&mut mapped, &context);
    Some(mapped)
}

pub fn lines(mapped: &Mapped) -> String {
    let triples = mapped.entities.iter().flat_map(|entity| &entity.triples);
    let mut lines: Vec<String> = triples.map(|triple| format!("{triple} .\n")).collect();
    lines.sort();
    lines.concat()
}

pub fn context(identifier: &str) -> Context<'_> {
    Context {
        identifier,
        changed: None,
        language: "fr",
        publisher: "Catalogue de la Plaine",
        home: "https://m.example/",
        linked: &|_| None,
    }
}

/// What the graph says of its entity and of the agents that it names: each path to a value.
pub fn statements(mapped: &Mapped) -> BTreeSet<String> {
    let triples: Vec<&Triple> = mapped
        .entities
        .iter()
        .flat_map(|entity| &entity.triples)
        .collect();
    let mut found = BTreeSet::new();
    if let Some(entity) = mapped.entities.first() {
        walk(
            &triples,
            entity.iri.as_str(),
            entity.iri.as_str(),
            "",
            0,
            &mut found,
        );
        let record = format!("{}#record", entity.iri.as_str());
        walk(
            &triples,
            entity.iri.as_str(),
            &record,
            "record ",
            0,
            &mut found,
        );
    }
    found
}

fn walk(
    triples: &[&Triple],
    root: &str,
    at: &str,
    path: &str,
    depth: u8,
    found: &mut BTreeSet<String>,
) {
    for triple in triples {
        let NamedOrBlankNode::NamedNode(subject) = &triple.subject else {
            continue;
        };
        if subject.as_str() != at || depth > 6 {
            continue;
        }
        let name = triple.predicate.as_str();
        let path = format!("{path}{}", name.rsplit(['/', '#']).next().unwrap_or(name));
        match &triple.object {
            Term::NamedNode(node) if node.as_str() == root => {
                found.insert(format!("{path} = itself"));
            }
            Term::NamedNode(node) if node.as_str().starts_with(&format!("{root}#")) => {
                walk(
                    triples,
                    root,
                    node.as_str(),
                    &format!("{path}/"),
                    depth + 1,
                    found,
                );
            }
            Term::NamedNode(node) if node.as_str().contains("/organisation/") => {
                let names = triples.iter().filter(|triple| {
                    triple.subject == NamedOrBlankNode::from(node.clone())
                        && triple.predicate.as_str().ends_with("foaf/0.1/name")
                });
                for name in names {
                    found.insert(format!("{path}/name = {}", name.object));
                }
            }
            object => {
                found.insert(format!("{path} = {object}"));
            }
        }
    }
}

/// A path of the shared folder, where that is present.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).join(path);
    if root.exists() {
        Some(root)
    } else {
        eprintln!("skipped: ../shared is absent");
        None
    }
}

pub fn files(root: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|given| given == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
