//! What the store does, and what memory it takes: `cargo bench -p graph --features rocksdb -- [chunks [triples]]`.
//!
//! Chunks of 2,000 datasets of 100 triples are loaded, then a few triples of many datasets are changed, datasets are
//! replaced, and queries are asked of a checkpoint by a worker while nothing else goes on.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use graph::model::vocab::rdf;
use graph::model::{Literal, NamedNode, Term, Triple};
use graph::{Change, Graph, Limits, Pool, PoolSettings, Query, QueryService};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `cargo bench` adds `--bench`.
    let mut figures = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse::<usize>().ok());
    let chunks = figures.next().unwrap_or(5);
    let per_chunk = figures.next().unwrap_or(200_000) / PER_DATASET;
    let dir = std::env::temp_dir().join(format!("graph-bench-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let graph = open(&dir)?;
    println!("before: {}", memory());

    let begun = Instant::now();
    for chunk in 0..chunks {
        let from = chunk * per_chunk;
        let lap = Instant::now();
        graph.bulk_insert((from..from + per_chunk).flat_map(|n| dataset(n, 0)))?;
        println!(
            "bulk_insert, chunk {chunk}: {:.2?}, {}",
            lap.elapsed(),
            memory()
        );
    }
    let datasets = chunks * per_chunk;
    report("bulk_insert", datasets * PER_DATASET, "triples", begun);

    let begun = Instant::now();
    graph.flush()?;
    report("flush", 1, "times", begun);

    // Every tenth dataset has a new title and a new date.
    let begun = Instant::now();
    let changed: Vec<usize> = (0..datasets).step_by(10).collect();
    for batch in changed.chunks(500) {
        let changes: Vec<Change> = batch
            .iter()
            .map(|&n| change(&dataset(n, 0), &dataset(n, 1)))
            .collect();
        graph.apply(&changes)?;
    }
    report("apply small changes", changed.len(), "datasets", begun);
    println!("  {}", memory());

    let begun = Instant::now();
    let count = graph.count()?;
    println!("count: {count} triples in {:.2?}", begun.elapsed());
    queries(&graph, &dir)?;
    println!("on disk: {} MB", size(&dir.join("graph"))? / 1_000_000);
    drop(graph);
    std::fs::remove_dir_all(&dir)?;
    Ok(())
}

/// What two versions of a dataset do not share.
fn change(old: &[Triple], new: &[Triple]) -> Change {
    let without = |all: &[Triple], others: &[Triple]| {
        all.iter()
            .filter(|triple| !others.contains(triple))
            .cloned()
            .collect()
    };
    Change {
        remove: without(old, new),
        insert: without(new, old),
    }
}

fn queries(graph: &Graph, dir: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let checkpoints = dir.join("checkpoints");
    let begun = Instant::now();
    let copy = dir.join("copy");
    graph.checkpoint(&copy)?;
    report("checkpoint", 1, "times", begun);
    let settings = PoolSettings::new(
        PathBuf::from(env!("CARGO_BIN_EXE_sparql-worker")),
        vec![checkpoints.clone().into()],
        checkpoints,
    );
    let service = QueryService::Workers(Pool::new(graph.clone(), settings)?);
    let ask = |name: &str, text: &str, limits: &Limits| {
        let begun = Instant::now();
        let query = Query {
            text: text.to_owned(),
            ..Query::default()
        };
        let parts: Result<Vec<_>, _> = service
            .query(query, limits)
            .and_then(|answer| answer.collect());
        match parts {
            Ok(parts) => {
                let bytes: usize = parts.iter().map(Vec::len).sum();
                println!("query, {name}: {bytes} bytes in {:.2?}", begun.elapsed());
            }
            Err(error) => println!("query, {name}: {error}, after {:.2?}", begun.elapsed()),
        }
    };
    let limits = Limits::default();
    let point = "SELECT * { <https://a.example/dataset/7> ?p ?o }";
    ask("the first, with a new worker", point, &limits);
    ask("the second", point, &limits);
    graph.apply(&[change(&[], &dataset(900_000_000, 0))])?;
    std::thread::sleep(Duration::from_millis(1100));
    ask("after a change, with a new checkpoint", point, &limits);
    ask(
        "count of a class",
        "SELECT (COUNT(*) AS ?n) { ?s a <http://www.w3.org/ns/dcat#Dataset> }",
        &limits,
    );
    ask("100 MB of triples", "SELECT * { ?s ?p ?o }", &limits);
    let short = Limits {
        timeout: Duration::from_secs(2),
        ..Limits::default()
    };
    ask(
        "ORDER BY over everything, 2 s",
        "SELECT * { ?s ?p ?o } ORDER BY ?o",
        &short,
    );
    ask("the next one", point, &limits);
    Ok(())
}

#[cfg(feature = "rocksdb")]
fn open(dir: &Path) -> Result<Graph, graph::GraphError> {
    Graph::open(&dir.join("graph"))
}

#[cfg(not(feature = "rocksdb"))]
fn open(_: &Path) -> Result<Graph, graph::GraphError> {
    Graph::memory()
}

/// 100 triples: 40 of the dataset itself, and five distributions of 12.
fn dataset(n: usize, version: usize) -> Vec<Triple> {
    let root = iri(&format!("dataset/{n}"));
    let text = |what: &str| -> Term {
        Literal::new_language_tagged_literal_unchecked(
            format!("{what} {n}: données de la région, mises à jour chaque mois"),
            "fr",
        )
        .into()
    };
    let mut triples = Vec::with_capacity(PER_DATASET);
    let dcat = |local: &str| NamedNode::new_unchecked(format!("http://www.w3.org/ns/dcat#{local}"));
    triples.push(Triple::new(root.clone(), rdf::TYPE, dcat("Dataset")));
    triples.push(Triple::new(
        root.clone(),
        iri("title"),
        text(&format!("Titre {version}")),
    ));
    triples.push(Triple::new(
        root.clone(),
        iri("modified"),
        Literal::from(version as i64),
    ));
    for p in 0..32 {
        let object: Term = match p % 4 {
            0 => text(&format!("valeur {p}")),
            1 => iri(&format!("concept/{}", (n + p) % 500)).into(),
            2 => Literal::from((n * p) as i64).into(),
            _ => Literal::from(format!("mot-clé {}", (n * 7 + p) % 5000)).into(),
        };
        triples.push(Triple::new(root.clone(), iri(&format!("p{p}")), object));
    }
    for d in 0..5 {
        let node = NamedNode::new_unchecked(format!("{}#distribution-{d}", root.as_str()));
        triples.push(Triple::new(
            root.clone(),
            dcat("distribution"),
            node.clone(),
        ));
        triples.push(Triple::new(node.clone(), rdf::TYPE, dcat("Distribution")));
        for p in 0..11 {
            let object: Term = match p % 3 {
                0 => iri(&format!("fichier/{n}/{d}/{p}")).into(),
                1 => text(&format!("fichier {d} {p}")),
                _ => iri(&format!("format/{p}")).into(),
            };
            triples.push(Triple::new(node.clone(), iri(&format!("q{p}")), object));
        }
    }
    triples
}

fn iri(local: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("https://a.example/{local}"))
}

fn report(what: &str, number: usize, of: &str, begun: Instant) {
    let elapsed = begun.elapsed();
    let rate = number as f64 / elapsed.as_secs_f64();
    println!("{what}: {number} {of} in {elapsed:.2?}, {rate:.0} a second");
}

/// The memory of this process, where the system tells.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
            .map_or(0, |kilobytes| kilobytes / 1000)
    };
    format!(
        "{} MB resident, at most {} MB",
        field("VmRSS:"),
        field("VmHWM:")
    )
}

fn size(dir: &Path) -> std::io::Result<u64> {
    if !dir.is_dir() {
        return Ok(0);
    }
    std::fs::read_dir(dir)?
        .map(|entry| Ok(entry?.metadata()?.len()))
        .sum()
}

const PER_DATASET: usize = 100;
