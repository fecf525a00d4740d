//! Follows the archive's change log in the graph store.

mod follow;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use archive::{Archive, Change, EntityKey};
use graph::Graph;
use oxrdf::Triple;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot, watch};

pub(crate) use self::follow::parse_lines;
pub(crate) use self::follow::{EDITS, Fresh, load_named};
use self::follow::{catch_up, entity_now, follow, load, load_beside, parse};
use crate::HarvestError;
use crate::tell::{Provenance, Teller, Told};

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
    status: watch::Receiver<ProjectorStatus>,
    turn: Arc<Mutex<()>>,
}

/// How far the graph store has followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectorStatus {
    /// The last change that is in the store, for good.
    pub applied: i64,
    /// Why it does not follow now. It tries again by itself.
    pub failure: Option<String>,
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
            if let Some(Err(error)) = teller.as_ref().map(|teller| teller.start(empty)) {
                tracing::error!(%error, "provenance cannot be told; it is tried again");
            }
            Ok(teller)
        })
        .await?;
        let (queue, messages) = mpsc::channel(2);
        let handled = archive.projected(PROJECTION).await?.unwrap_or(0);
        let (tell, status) = watch::channel(ProjectorStatus {
            applied: handled,
            failure: None,
        });
        let worker = Worker {
            archive,
            graph: graph.clone(),
            runtime: tokio::runtime::Handle::current(),
            tell,
            teller,
            fresh: Fresh::default(),
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
        self.status.borrow().clone()
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
    tell: watch::Sender<ProjectorStatus>,
    teller: Option<Teller>,
    /// New triples that wait to be loaded.
    fresh: Fresh,
    waiting_since: Option<Instant>,
    /// The last change that is in the store or waits to be loaded, with all those before it.
    handled: i64,
    /// The same, if it is not noted yet.
    applied: Option<i64>,
    failed: Option<Failed>,
}

/// The store could not follow. What it holds is at least what was noted last, so it catches up from there, as at a start.
struct Failed {
    why: String,
    /// The pause before the next attempt, and when that is due.
    pause: Duration,
    due: Instant,
}

/// The pauses between attempts to catch up: from the first, doubling, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

impl Worker {
    fn work(mut self, mut messages: mpsc::Receiver<Message>) {
        loop {
            let wait = self.patience();
            let message = self
                .runtime
                .block_on(async { tokio::time::timeout(wait, messages.recv()).await });
            match message {
                Ok(Some(Message::Deliver(delivery))) => {
                    self.attempt(|worker| worker.take(delivery));
                }
                Ok(Some(Message::Flush(done))) => {
                    // Whoever waits is not put off: the cause may be gone by now.
                    if let Some(failed) = &mut self.failed {
                        failed.due = Instant::now();
                    }
                    self.attempt(Self::checkpoint);
                    let flushed = self.failed.as_ref().map_or(Ok(()), |f| Err(f.why.clone()));
                    // The asker may have gone away.
                    let _ = done.send(flushed);
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

    /// How long to wait for a message.
    fn patience(&self) -> Duration {
        match (&self.failed, self.waiting_since) {
            (Some(failed), _) => failed.due.saturating_duration_since(Instant::now()),
            (None, Some(since)) => PATIENCE.saturating_sub(since.elapsed()),
            (None, None) => IDLE,
        }
    }

    /// Does a step. After a failure the store first catches up, when that is due; what is delivered until then is in the archive.
    fn attempt(&mut self, step: impl FnOnce(&mut Self) -> Result<(), HarvestError>) {
        let done = match &self.failed {
            Some(failed) if Instant::now() < failed.due => return,
            Some(_) => self.recover().and_then(|()| step(self)),
            None => step(self),
        };
        if let Err(error) = done {
            self.fail(&error);
        }
    }

    fn fail(&mut self, error: &HarvestError) {
        let pause = match &self.failed {
            Some(failed) => (failed.pause * 2).min(LONGEST_PAUSE),
            None => FIRST_PAUSE,
        };
        tracing::error!(%error, "the graph store cannot follow the archive; it tries again in {} s", pause.as_secs());
        let why = error.to_string();
        self.tell
            .send_modify(|status| status.failure = Some(why.clone()));
        self.failed = Some(Failed {
            why,
            pause,
            due: Instant::now() + pause,
        });
        // What waits to be loaded is in the archive too.
        (self.fresh, self.waiting_since, self.applied) = (Fresh::default(), None, None);
    }

    fn recover(&mut self) -> Result<(), HarvestError> {
        let caught_up = async {
            let empty = catch_up(&self.archive, &self.graph).await?;
            let handled = self.archive.projected(PROJECTION).await?.unwrap_or(0);
            Ok::<_, HarvestError>((empty, handled))
        };
        let (empty, handled) = self.runtime.block_on(caught_up)?;
        if let (Some(teller), true) = (&self.teller, empty) {
            teller.start(true)?;
        }
        self.handled = handled;
        self.failed = None;
        self.note(self.handled);
        tracing::info!("the graph store follows the archive again");
        Ok(())
    }

    fn note(&self, applied: i64) {
        self.tell.send_modify(|status| {
            *status = ProjectorStatus {
                applied,
                failure: None,
            };
        });
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
                self.fresh.add(graph);
            }
            if edit.remove.is_empty() {
                self.fresh.add(edit.insert);
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

    /// What cannot be told of provenance does not keep the catalogue from following: it is tried again at the next checkpoint.
    fn tell_due(&self) -> Option<(&Teller, Told)> {
        let teller = self.teller.as_ref()?;
        let told = teller.follow().unwrap_or_else(|error| {
            tracing::error!(%error, "provenance cannot be told; it is tried again");
            None
        });
        Some((teller, told?))
    }

    /// Makes what was applied durable, then notes it.
    fn checkpoint(&mut self) -> Result<(), HarvestError> {
        let fresh = std::mem::take(&mut self.fresh);
        let told = match self.tell_due() {
            Some((teller, told)) => {
                load_beside(&self.graph, fresh, teller.name(), told.fresh)?;
                Some((teller, told.last))
            }
            None => {
                load(&self.graph, fresh)?;
                None
            }
        };
        if self.applied.is_none() && told.is_none() {
            self.waiting_since = None;
            return Ok(());
        }
        self.graph.flush()?;
        if let Some((teller, last)) = told {
            teller.done(last)?;
        }
        self.waiting_since = None;
        let applied = self.applied.take();
        if let Some(applied) = applied {
            self.runtime
                .block_on(self.archive.set_projected(PROJECTION, applied))?;
            self.note(applied);
        }
        Ok(())
    }
}

pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HarvestError> + Send + 'static,
) -> Result<T, HarvestError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| HarvestError::Broken(error.to_string()))?
}
