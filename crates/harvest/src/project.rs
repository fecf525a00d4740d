//! Follows the archive's change log in the graph store.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use archive::{Archive, Change, EntityKey};
use graph::Graph;
use oxrdf::Triple;
use oxttl::NTriplesParser;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};

use crate::HarvestError;
use crate::tell::{Provenance, Teller};

/// The name of this projection in the archive.
const PROJECTION: &str = "graph";

/// New triples are loaded when there are this many, or when the first has waited this long: a chunk of some 2,000
/// datasets, so that records appear while a run goes on.
pub(crate) const CHUNK: usize = 200_000;
const PATIENCE: Duration = Duration::from_secs(5);

/// Changes with the triples of the entities that enter the catalogue, but for those that are made of several records.
pub(crate) struct Delivery {
    pub(crate) changes: Vec<Change>,
    pub(crate) graphs: HashMap<EntityKey, Vec<Triple>>,
}

/// With no change of the catalogue, its provenance may change all the same: it is looked for as often.
const IDLE: Duration = Duration::from_secs(60);

enum Message {
    Deliver(Delivery),
    Stop(oneshot::Sender<()>),
    Flush(oneshot::Sender<Result<(), String>>),
}

/// The one writer of the graph store: a thread that applies changes in their order. Cheap to clone.
#[derive(Clone)]
pub struct Projector {
    queue: mpsc::Sender<Message>,
    graph: Graph,
    status: Arc<AtomicI64>,
    turn: Arc<Mutex<()>>,
}

/// How far the graph store has followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectorStatus {
    /// The last change that is in the store, for good.
    pub applied: i64,
}

impl Projector {
    /// Brings the graph store to where the archive stands, then follows it. Must be called within a tokio runtime.
    pub async fn start(archive: Archive, graph: Graph) -> Result<Self, HarvestError> {
        Self::start_telling(archive, graph, None).await
    }

    /// [`Projector::start`], and tells provenance; none leaves what is told as it is.
    pub async fn start_telling(
        archive: Archive,
        graph: Graph,
        provenance: Option<Provenance>,
    ) -> Result<Self, HarvestError> {
        let empty = catch_up(&archive, &graph).await?;
        let teller =
            provenance.map(|provenance| Teller::new(archive.clone(), graph.clone(), provenance));
        let teller = blocking(move || {
            if let Some(teller) = &teller {
                teller.start(empty)?;
            }
            Ok(teller)
        })
        .await?;
        let (queue, messages) = mpsc::channel(2);
        let handled = archive.projected(PROJECTION).await?.unwrap_or(0);
        let status = Arc::new(AtomicI64::new(handled));
        let worker = Worker {
            archive,
            graph: graph.clone(),
            runtime: tokio::runtime::Handle::current(),
            teller,
            status: Arc::clone(&status),
            fresh: Vec::new(),
            waiting_since: None,
            handled,
            applied: None,
            failed: None,
        };
        std::thread::Builder::new()
            .name("projector".to_owned())
            .spawn(move || worker.work(messages))
            .map_err(|error| HarvestError::Broken(error.to_string()))?;
        Ok(Self {
            queue,
            graph,
            status,
            turn: Arc::default(),
        })
    }

    /// Waits until nobody else commits to the archive or delivers what it committed.
    pub(crate) async fn turn(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }

    /// Ends the writer once everything delivered is in the store, and lets go of the store, whatever the writer says.
    pub async fn stop(self) -> Result<(), HarvestError> {
        let flushed = self.flush().await;
        let (done, wait) = oneshot::channel();
        // A writer that is gone has let go of it.
        if self.queue.send(Message::Stop(done)).await.is_ok() {
            let _ = wait.await;
        }
        flushed
    }

    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    pub fn status(&self) -> ProjectorStatus {
        ProjectorStatus {
            applied: self.status.load(Ordering::Relaxed),
        }
    }

    pub(crate) async fn deliver(&self, delivery: Delivery) -> Result<(), HarvestError> {
        if delivery.changes.is_empty() {
            return Ok(());
        }
        self.queue
            .send(Message::Deliver(delivery))
            .await
            .map_err(|_| stopped())
    }

    /// Waits until everything delivered is in the store and on disk.
    pub async fn flush(&self) -> Result<(), HarvestError> {
        let (done, wait) = oneshot::channel();
        self.queue
            .send(Message::Flush(done))
            .await
            .map_err(|_| stopped())?;
        wait.await
            .map_err(|_| stopped())?
            .map_err(HarvestError::Broken)
    }
}

fn stopped() -> HarvestError {
    HarvestError::Broken("the graph store's writer is gone".to_owned())
}

struct Worker {
    archive: Archive,
    graph: Graph,
    runtime: tokio::runtime::Handle,
    teller: Option<Teller>,
    status: Arc<AtomicI64>,
    /// New triples that wait to be loaded.
    fresh: Vec<Triple>,
    waiting_since: Option<Instant>,
    /// The last change that is in the store or waits to be loaded, with all those before it.
    handled: i64,
    /// The same, if it is not noted yet.
    applied: Option<i64>,
    /// After a failure nothing more is written: the next start goes on from the last checkpoint.
    failed: Option<String>,
}

impl Worker {
    fn work(mut self, mut messages: mpsc::Receiver<Message>) {
        loop {
            let wait = match self.waiting_since {
                Some(since) => PATIENCE.saturating_sub(since.elapsed()),
                None => IDLE,
            };
            let message = self
                .runtime
                .block_on(async { tokio::time::timeout(wait, messages.recv()).await });
            match message {
                Ok(Some(Message::Deliver(delivery))) => {
                    self.attempt(|worker| worker.take(delivery))
                }
                Ok(Some(Message::Flush(done))) => {
                    self.attempt(Self::checkpoint);
                    // The asker may have gone away.
                    let _ = done.send(self.failed.clone().map_or(Ok(()), Err));
                }
                Ok(Some(Message::Stop(done))) => {
                    drop(self);
                    // The asker may have gone away.
                    let _ = done.send(());
                    return;
                }
                Err(_) => self.attempt(Self::checkpoint),
                Ok(None) => return self.attempt(Self::checkpoint),
            }
        }
    }

    fn attempt(&mut self, step: impl FnOnce(&mut Self) -> Result<(), HarvestError>) {
        if self.failed.is_some() {
            return;
        }
        if let Err(error) = step(self) {
            tracing::error!(%error, "the graph store cannot follow the archive; it will at the next start");
            self.failed = Some(error.to_string());
        }
    }

    fn take(&mut self, mut delivery: Delivery) -> Result<(), HarvestError> {
        let Some(last) = delivery.changes.last().map(|change| change.seq) else {
            return Ok(());
        };
        delivery.changes.retain(|change| change.seq > self.handled);
        let Some(first) = delivery.changes.first() else {
            return Ok(());
        };
        if first.seq > self.handled + 1 {
            return self.make_up(last);
        }
        let mut edits = Vec::new();
        for change in delivery.changes {
            let edit = parse(&change)?;
            if change.what.is_whole() {
                let graph = match delivery.graphs.remove(&change.key) {
                    Some(graph) => graph,
                    // Made of several records: as the archive has it.
                    None => self
                        .runtime
                        .block_on(entity_now(&self.archive, change.key))?,
                };
                self.fresh.extend(graph);
            }
            if edit.remove.is_empty() {
                self.fresh.extend(edit.insert);
            } else {
                edits.push(edit);
            }
        }
        (self.handled, self.applied) = (last, Some(last));
        self.waiting_since.get_or_insert_with(Instant::now);
        if !edits.is_empty() {
            // What is removed may be among what waits.
            self.load()?;
            for some in edits.chunks(EDITS) {
                self.graph.apply(some)?;
            }
        }
        let impatient = self
            .waiting_since
            .is_some_and(|since| since.elapsed() > PATIENCE);
        if self.fresh.len() >= CHUNK || impatient {
            self.checkpoint()
        } else {
            Ok(())
        }
    }

    /// Takes changes from the archive: a run that was ended between committing and delivering them never brings them.
    fn make_up(&mut self, until: i64) -> Result<(), HarvestError> {
        self.load()?;
        self.waiting_since.get_or_insert_with(Instant::now);
        while self.handled < until {
            let next = follow(&self.archive, &self.graph, self.handled);
            let Some(last) = self.runtime.block_on(next)? else {
                return Ok(());
            };
            (self.handled, self.applied) = (last, Some(last));
        }
        Ok(())
    }

    fn load(&mut self) -> Result<(), HarvestError> {
        load(&self.graph, std::mem::take(&mut self.fresh))
    }

    /// Makes what was applied durable, then notes it.
    fn checkpoint(&mut self) -> Result<(), HarvestError> {
        self.load()?;
        self.waiting_since = None;
        let told = match &self.teller {
            Some(teller) => teller.follow()?,
            None => None,
        };
        let applied = self.applied.take();
        if applied.is_none() && told.is_none() {
            return Ok(());
        }
        self.graph.flush()?;
        if let (Some(teller), Some(told)) = (&self.teller, told) {
            teller.done(told)?;
        }
        if let Some(applied) = applied {
            self.runtime
                .block_on(self.archive.set_projected(PROJECTION, applied))?;
            self.status.store(applied, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Changes of one transaction of the store, which is held in memory.
pub(crate) const EDITS: usize = 500;

/// Fewer triples than this go in by a transaction: a bulk load has a cost of its own.
pub(crate) const FEW: usize = 5_000;

fn load(graph: &Graph, triples: Vec<Triple>) -> Result<(), HarvestError> {
    if triples.is_empty() {
        return Ok(());
    }
    if triples.len() < FEW {
        graph.apply(&[graph::Change {
            remove: Vec::new(),
            insert: triples,
        }])?;
    } else {
        graph.bulk_insert(triples.into_iter())?;
    }
    Ok(())
}

fn parse(change: &Change) -> Result<graph::Change, HarvestError> {
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
async fn catch_up(archive: &Archive, graph: &Graph) -> Result<bool, HarvestError> {
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
async fn follow(archive: &Archive, graph: &Graph, seq: i64) -> Result<Option<i64>, HarvestError> {
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
async fn entity_now(archive: &Archive, key: EntityKey) -> Result<Vec<Triple>, HarvestError> {
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
            let mut triples = Vec::new();
            while let Some(chunk) = chunks.blocking_recv() {
                parse_lines(&chunk, &mut triples)?;
                if triples.len() >= CHUNK {
                    load(&graph, std::mem::take(&mut triples))?;
                }
            }
            load(&graph, triples)?;
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

pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HarvestError> + Send + 'static,
) -> Result<T, HarvestError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| HarvestError::Broken(error.to_string()))?
}
