//! Small catalogues, written as N-Triples.

use std::collections::HashMap;
use std::fmt::Write;

use chrono::{DateTime, TimeZone, Utc};
use model::{EntityKey, EntityKind};
use search::{Agent, Context, Document, Filter, Found, Index, MIN_MEMORY, Search, Snapshot};
use vocab::Vocab;

pub const BASE: &str = "https://donnees.example/";

/// A dataset to be indexed.
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    pub number: u128,
    pub title: String,
    pub description: String,
    pub keywords: Vec<String>,
    pub modified: Option<String>,
    /// Start and end.
    pub period: Option<(String, String)>,
    /// West, south, east, north.
    pub boxes: Vec<[f64; 4]>,
    pub publisher: Option<(u128, String)>,
    pub source: Option<String>,
    pub quality: Option<f64>,
    /// Whatever else it states: predicate and object, in N-Triples.
    pub more: Vec<(String, String)>,
}

pub fn key(number: u128) -> EntityKey {
    EntityKey {
        minted: EntityKind::Dataset,
        id: uuid::Uuid::from_u128(number),
    }
}

pub fn agent(number: u128) -> EntityKey {
    EntityKey {
        minted: EntityKind::Organisation,
        id: uuid::Uuid::from_u128(number),
    }
}

pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap()
}

fn text(value: &str) -> String {
    format!("{}", oxrdf::Literal::new_simple_literal(value))
}

const DCT: &str = "http://purl.org/dc/terms/";
const DCAT: &str = "http://www.w3.org/ns/dcat#";

impl Dataset {
    pub fn titled(number: u128, title: &str) -> Self {
        Self {
            number,
            title: title.to_owned(),
            ..Self::default()
        }
    }

    pub fn lines(&self) -> String {
        let iri = key(self.number).iri(BASE);
        let mut lines = String::new();
        let mut say = |subject: &str, predicate: &str, object: &str| {
            writeln!(lines, "<{subject}> <{predicate}> {object} .").unwrap();
        };
        say(
            &iri,
            "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
            &format!("<{DCAT}Dataset>"),
        );
        for (predicate, value) in [("title", &self.title), ("description", &self.description)] {
            if !value.is_empty() {
                say(&iri, &format!("{DCT}{predicate}"), &text(value));
            }
        }
        for keyword in &self.keywords {
            say(&iri, &format!("{DCAT}keyword"), &text(keyword));
        }
        if let Some(modified) = &self.modified {
            say(&iri, &format!("{DCT}modified"), &text(modified));
        }
        if let Some((start, end)) = &self.period {
            let node = format!("{iri}#period");
            say(&iri, &format!("{DCT}temporal"), &format!("<{node}>"));
            say(&node, &format!("{DCAT}startDate"), &text(start));
            say(&node, &format!("{DCAT}endDate"), &text(end));
        }
        for (at, [w, s, e, n]) in self.boxes.iter().enumerate() {
            let node = format!("{iri}#place-{at}");
            say(&iri, &format!("{DCT}spatial"), &format!("<{node}>"));
            let wkt = format!("POLYGON(({w} {s},{e} {s},{e} {n},{w} {n},{w} {s}))");
            say(&node, &format!("{DCAT}bbox"), &text(&wkt));
        }
        if let Some((number, _)) = &self.publisher {
            let node = format!("<{}>", agent(*number).iri(BASE));
            say(&iri, &format!("{DCT}publisher"), &node);
        }
        for (predicate, object) in &self.more {
            say(&iri, predicate, object);
        }
        lines
    }

    pub fn document(&self) -> Document {
        let agents: HashMap<EntityKey, Agent> = self
            .publisher
            .iter()
            .map(|(number, name)| {
                let names = vec![name.clone()];
                (agent(*number), Agent { names })
            })
            .collect();
        let sources: Vec<String> = self.source.iter().cloned().collect();
        let context = Context {
            key: key(self.number),
            kind: EntityKind::Dataset,
            base: BASE,
            sources: &sources,
            changed: now(),
            quality: self.quality,
            agents: &agents,
            vocab: Vocab::bundled(),
        };
        Document::from_entity(&context, &self.lines()).unwrap()
    }
}

/// An index of all of them, in several segments.
pub fn index(datasets: &[Dataset]) -> Index {
    let index = Index::memory(MIN_MEMORY).unwrap();
    let mut writer = index.writer().unwrap();
    for some in datasets.chunks(datasets.len().div_ceil(3).max(1)) {
        for dataset in some {
            writer.put(&dataset.document()).unwrap();
        }
        writer.commit(Some(1)).unwrap();
    }
    index
}

pub fn find(snapshot: &Snapshot, filter: Filter) -> Found {
    let mut search = Search::new(filter, now());
    search.limit = 1000;
    snapshot.search(&search).unwrap()
}

/// The numbers of those that are found, in their order.
pub fn numbers(found: &Found) -> Vec<u128> {
    found.hits.iter().map(|hit| hit.key.id.as_u128()).collect()
}

/// The same, in the order of numbers.
pub fn set(snapshot: &Snapshot, filter: Filter) -> Vec<u128> {
    let found = find(snapshot, filter);
    let mut numbers = numbers(&found);
    numbers.sort_unstable();
    assert_eq!(found.total, numbers.len());
    numbers
}
