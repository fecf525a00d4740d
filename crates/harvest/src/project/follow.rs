//! The archive's changes, applied to the graph store.

use archive::{Archive, Change, EntityKey};
use graph::Graph;
use oxrdf::{NamedNode, Triple};
use oxttl::NTriplesParser;
use tokio::sync::mpsc;

use super::{CHUNK, PROJECTION, blocking, stopped};
use crate::HarvestError;

/// Changes of one transaction of the store, which is held in memory.
pub(crate) const EDITS: usize = 500;

/// Fewer triples than this go in by a transaction: a bulk load has a cost of its own.
pub(crate) const FEW: usize = 5_000;

/// New triples that wait to be loaded, as they came: none is moved until then.
#[derive(Default)]
pub(crate) struct Fresh {
    graphs: Vec<Vec<Triple>>,
    len: usize,
}

impl Fresh {
    pub(crate) fn add(&mut self, graph: Vec<Triple>) {
        if !graph.is_empty() {
            self.len += graph.len();
            self.graphs.push(graph);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    fn into_triples(self) -> impl Iterator<Item = Triple> {
        self.graphs.into_iter().flatten()
    }
}

pub(super) fn load(graph: &Graph, fresh: Fresh) -> Result<(), HarvestError> {
    match fresh.len() {
        0 => {}
        1..FEW => graph.apply(&[inserting(fresh)])?,
        _ => graph.bulk_insert(fresh.into_triples())?,
    }
    Ok(())
}

/// [`load`], and into a named graph in the same load, where there is much for both.
pub(super) fn load_beside(
    graph: &Graph,
    fresh: Fresh,
    name: &NamedNode,
    named: Fresh,
) -> Result<(), HarvestError> {
    if fresh.len() >= FEW && named.len() >= FEW {
        graph.bulk_insert_beside(fresh.into_triples(), name, named.into_triples())?;
        return Ok(());
    }
    load(graph, fresh)?;
    load_named(graph, name, named)
}

pub(crate) fn load_named(
    graph: &Graph,
    name: &NamedNode,
    fresh: Fresh,
) -> Result<(), HarvestError> {
    match fresh.len() {
        0 => {}
        1..FEW => graph.apply_named(name, &[inserting(fresh)])?,
        _ => graph.bulk_insert_named(name, fresh.into_triples())?,
    }
    Ok(())
}

fn inserting(fresh: Fresh) -> graph::Change {
    graph::Change {
        remove: Vec::new(),
        insert: fresh.into_triples().collect(),
    }
}

pub(super) fn parse(change: &Change) -> Result<graph::Change, HarvestError> {
    let mut edit = graph::Change {
        remove: Vec::new(),
        insert: Vec::new(),
    };
    for line in &change.lines {
        let (side, rest) = match line.split_at_checked(1) {
            Some(("-", rest)) => (&mut edit.remove, rest),
            Some(("+", rest)) => (&mut edit.insert, rest),
            _ => return Err(HarvestError::Line(line.clone())),
        };
        parse_lines(rest, side)?;
    }
    Ok(edit)
}

pub(crate) fn parse_lines(text: &str, into: &mut Vec<Triple>) -> Result<(), HarvestError> {
    for triple in NTriplesParser::new().lenient().for_slice(text.as_bytes()) {
        into.push(triple.map_err(|error| HarvestError::Line(error.to_string()))?);
    }
    Ok(())
}

/// Applies to the store what the archive has changed since the last checkpoint, or fills a store that is new. Gives whether it did.
pub(super) async fn catch_up(archive: &Archive, graph: &Graph) -> Result<bool, HarvestError> {
    let empty = {
        let graph = graph.clone();
        blocking(move || Ok(graph.is_empty()?)).await?
    };
    let Some(mut seq) = archive.projected(PROJECTION).await?.filter(|_| !empty) else {
        if !empty {
            // It is left from a rebuild that was cut off: nobody knows what is in it.
            let graph = graph.clone();
            blocking(move || Ok(graph.clear()?)).await?;
        }
        fill(archive, graph).await?;
        return Ok(true);
    };
    while let Some(last) = follow(archive, graph, seq).await? {
        tracing::info!(
            from = seq,
            to = last,
            "the graph store goes on from where it was stopped"
        );
        let graph = graph.clone();
        blocking(move || Ok(graph.flush()?)).await?;
        archive.set_projected(PROJECTION, last).await?;
        seq = last;
    }
    Ok(false)
}

/// Applies to the store the next of the archive's changes, and gives the number of the last of them; `None` if there are no more.
pub(super) async fn follow(
    archive: &Archive,
    graph: &Graph,
    seq: i64,
) -> Result<Option<i64>, HarvestError> {
    let changes = archive.changes_after(seq, 500).await?;
    let Some(last) = changes.last().map(|change| change.seq) else {
        return Ok(None);
    };
    let mut edits = Vec::new();
    for change in changes {
        if change.what.is_whole() {
            edits.push(graph::Change {
                remove: Vec::new(),
                insert: entity_now(archive, change.key).await?,
            });
        } else {
            edits.push(parse(&change)?);
        }
    }
    let graph = graph.clone();
    blocking(move || {
        for some in edits.chunks(EDITS) {
            graph.apply(some)?;
        }
        Ok(())
    })
    .await?;
    Ok(Some(last))
}

/// All that the catalogue says about an entity now: what came after its creation follows as differences, which are
/// harmless when they are made already. Nothing if it is withdrawn by now.
pub(super) async fn entity_now(
    archive: &Archive,
    key: EntityKey,
) -> Result<Vec<Triple>, HarvestError> {
    let mut triples = Vec::new();
    if let Some(row) = archive.entity(key).await?.filter(|row| row.public) {
        for document in archive.documents(vec![row.entity]).await? {
            parse_lines(&document.text, &mut triples)?;
        }
    }
    Ok(triples)
}

/// Fills an empty store from the archive, in chunks.
async fn fill(archive: &Archive, graph: &Graph) -> Result<(), HarvestError> {
    let seq = archive.last_change().await?.map_or(0, |(seq, _)| seq);
    let (lines, mut chunks) = mpsc::channel::<String>(2);
    let loader = {
        let graph = graph.clone();
        tokio::task::spawn_blocking(move || -> Result<(), HarvestError> {
            let mut fresh = Fresh::default();
            while let Some(chunk) = chunks.blocking_recv() {
                let mut triples = Vec::new();
                parse_lines(&chunk, &mut triples)?;
                fresh.add(triples);
                if fresh.len() >= CHUNK {
                    load(&graph, std::mem::take(&mut fresh))?;
                }
            }
            load(&graph, fresh)?;
            Ok(graph.flush()?)
        })
    };
    let dumped = archive
        .dump(|chunk| async { lines.send(chunk).await.map_err(|_| stopped()) })
        .await;
    drop(lines);
    loader
        .await
        .map_err(|error| HarvestError::Broken(error.to_string()))??;
    dumped?;
    archive.set_projected(PROJECTION, seq).await?;
    Ok(())
}
