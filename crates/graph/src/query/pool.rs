//! Worker processes: started when they are needed, killed when they take too long, ended when nobody asks.

use std::ffi::OsString;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use super::snapshot::{Snapshot, Snapshots};
use super::wire::{read_event, write_ask};
use super::{Access, Ask, Event, Generation, Limits, Query, QueryError, Source};
use crate::{Graph, GraphError};

#[derive(Debug, Clone)]
pub struct PoolSettings {
    /// The program that calls [`crate::worker::run`], and its arguments.
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    /// All that it finds in its environment, such as settings of its allocator.
    pub environment: Vec<(&'static str, &'static str)>,
    /// Where checkpoints are made: a directory of their own, on the file system of the store.
    pub checkpoints: PathBuf,
    /// The greatest number of workers.
    pub workers: usize,
    /// The memory of one worker, in bytes.
    pub memory: u64,
    pub access: Access,
    /// The shortest time between two checkpoints: how old the answers may be while the graph changes.
    pub freshness: Duration,
    /// Workers that nobody needed for so long are ended.
    pub idle: Duration,
}

impl PoolSettings {
    pub fn new(program: PathBuf, arguments: Vec<OsString>, checkpoints: PathBuf) -> Self {
        Self {
            program,
            arguments,
            environment: Vec::new(),
            checkpoints,
            workers: 2,
            memory: 512 * 1024 * 1024,
            access: Access::default(),
            freshness: Duration::from_secs(1),
            idle: Duration::from_secs(120),
        }
    }
}

/// The workers. Clones share them; they end with the last clone.
#[derive(Clone)]
pub struct Pool(Arc<Shared>);

struct Shared {
    settings: PoolSettings,
    snapshots: Snapshots,
    workers: Mutex<Workers>,
}

#[derive(Default)]
struct Workers {
    idle: Vec<Worker>,
    busy: usize,
}

impl Pool {
    pub fn new(graph: Graph, settings: PoolSettings) -> Result<Self, GraphError> {
        let snapshots = Snapshots::new(graph, &settings.checkpoints, settings.freshness)?;
        let shared = Arc::new(Shared {
            settings,
            snapshots,
            workers: Mutex::default(),
        });
        tidy_up(&shared);
        Ok(Self(shared))
    }

    pub(super) fn generation(&self) -> Result<Generation, QueryError> {
        Ok(self.0.snapshots.current()?.generation)
    }

    pub(super) fn begin(
        &self,
        query: Query,
        limits: &Limits,
    ) -> Result<(Source, Generation), QueryError> {
        let snapshot = self.0.snapshots.current()?;
        let generation = snapshot.generation;
        let mut lease = self.lease()?;
        let ask = Ask::Query(query, limits.clone());
        if lease.ask(&snapshot, &ask).is_err() {
            // A worker may have died while it was idle; a new one is told the reason of its own failure.
            lease.replace()?;
            lease.ask(&snapshot, &ask).map_err(|error| {
                QueryError::Internal(format!("a worker does not listen: {error}"))
            })?;
        }
        Ok((Source::Worker(lease), generation))
    }

    fn lease(&self) -> Result<Lease, QueryError> {
        let mut workers = self.0.workers();
        if workers.busy >= self.0.settings.workers {
            return Err(QueryError::Busy);
        }
        workers.busy += 1;
        let worker = workers.idle.pop();
        drop(workers);
        let mut lease = Lease {
            shared: Arc::clone(&self.0),
            worker,
        };
        if lease.worker.is_none() {
            lease.replace()?;
        }
        Ok(lease)
    }

    /// The processes that run, for tests and metrics.
    pub fn processes(&self) -> Vec<u32> {
        self.0.workers().idle.iter().map(|w| w.child.id()).collect()
    }
}

impl Shared {
    fn workers(&self) -> MutexGuard<'_, Workers> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end_idle_workers(&self) {
        let idle = self.settings.idle;
        let mut workers = self.workers();
        let (old, young) = workers
            .idle
            .drain(..)
            .partition::<Vec<_>, _>(|worker| worker.since.elapsed() >= idle);
        workers.idle = young;
        let nobody = workers.idle.is_empty() && workers.busy == 0;
        drop(workers);
        if nobody && !old.is_empty() {
            self.snapshots.release();
        }
        drop(old);
    }
}

/// Looks after idle workers until the pool is gone.
fn tidy_up(shared: &Arc<Shared>) {
    let weak: Weak<Shared> = Arc::downgrade(shared);
    let pause = (shared.settings.idle / 4).clamp(Duration::from_millis(50), Duration::from_secs(5));
    let spawned = thread::Builder::new()
        .name("sparql-tidy".to_owned())
        .spawn(move || {
            loop {
                thread::sleep(pause);
                match weak.upgrade() {
                    Some(shared) => shared.end_idle_workers(),
                    None => break,
                }
            }
        });
    if let Err(error) = spawned {
        tracing::warn!(%error, "idle SPARQL workers will not be ended");
    }
}

/// A worker for the time of one query. Unless it is given back, it is killed.
pub(super) struct Lease {
    shared: Arc<Shared>,
    worker: Option<Worker>,
}

impl Lease {
    fn replace(&mut self) -> Result<(), QueryError> {
        self.worker = None;
        let worker = Worker::start(&self.shared.settings)
            .map_err(|error| QueryError::Internal(format!("no worker can be started: {error}")))?;
        self.worker = Some(worker);
        Ok(())
    }

    fn ask(&mut self, snapshot: &Arc<Snapshot>, ask: &Ask) -> io::Result<()> {
        match &mut self.worker {
            Some(worker) => worker.ask(snapshot, ask),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Waits for what the worker says next.
    pub fn receive(&self, timeout: Duration) -> Result<Event, RecvTimeoutError> {
        match &self.worker {
            Some(worker) => worker.events.recv_timeout(timeout),
            None => Err(RecvTimeoutError::Disconnected),
        }
    }

    pub fn give_back(&mut self) {
        if let Some(mut worker) = self.worker.take() {
            worker.since = Instant::now();
            let mut workers = self.shared.workers();
            workers.idle.push(worker);
        }
    }

    pub fn cause_of_death(&mut self) -> QueryError {
        self.worker.take().map_or_else(
            || QueryError::Internal("the answer is over".to_owned()),
            Worker::cause_of_death,
        )
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // First the process goes, then its place is free.
        self.worker = None;
        self.shared.workers().busy -= 1;
    }
}

struct Worker {
    child: Child,
    input: ChildStdin,
    events: Receiver<Event>,
    errors: Arc<Mutex<String>>,
    watcher: Option<thread::JoinHandle<()>>,
    snapshot: Option<Arc<Snapshot>>,
    since: Instant,
}

impl Worker {
    fn start(settings: &PoolSettings) -> io::Result<Self> {
        let mut child = Command::new(&settings.program)
            .args(&settings.arguments)
            // Secrets of the configuration come by the environment, and are none of its business.
            .env_clear()
            .envs(settings.environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(stderr)) = pipes else {
            let _ = child.kill();
            return Err(io::Error::other("a worker without pipes"));
        };
        let (sender, events) = sync_channel(PARTS);
        let errors = Arc::new(Mutex::new(String::new()));
        let said = Arc::clone(&errors);
        let mut worker = Self {
            child,
            input,
            events,
            errors,
            watcher: None,
            snapshot: None,
            since: Instant::now(),
        };
        thread::Builder::new()
            .name("sparql-answer".to_owned())
            .spawn(move || {
                let mut output = BufReader::with_capacity(128 * 1024, output);
                while let Ok(Some(event)) = read_event(&mut output) {
                    if sender.send(event).is_err() {
                        break;
                    }
                }
            })?;
        let watcher = thread::Builder::new()
            .name("sparql-errors".to_owned())
            .spawn(move || keep_errors(stderr, &said))?;
        worker.watcher = Some(watcher);
        write_ask(
            &mut worker.input,
            &Ask::Start {
                memory: settings.memory,
                access: settings.access.clone(),
            },
        )?;
        Ok(worker)
    }

    fn ask(&mut self, snapshot: &Arc<Snapshot>, ask: &Ask) -> io::Result<()> {
        if !matches!(&self.snapshot, Some(open) if Arc::ptr_eq(open, snapshot)) {
            write_ask(&mut self.input, &Ask::Open(snapshot.dir.clone()))?;
            // The old checkpoint's files stay readable to a worker that has them open.
            self.snapshot = Some(Arc::clone(snapshot));
        }
        write_ask(&mut self.input, ask)
    }

    fn cause_of_death(mut self) -> QueryError {
        let status = self.child.wait();
        if let Some(watcher) = self.watcher.take() {
            let _ = watcher.join();
        }
        let said = self
            .errors
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if said.contains("overflowed its stack") {
            QueryError::TooIntricate
        } else if OUT_OF_MEMORY.iter().any(|words| said.contains(words)) {
            QueryError::Memory
        } else {
            let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
            tracing::error!(%status, said = said.trim(), "a SPARQL worker died");
            QueryError::Internal(format!("the worker died ({status})"))
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It fails when the worker is dead already.
        let _ = self.child.kill();
        if let Err(error) = self.child.wait() {
            tracing::warn!(%error, "a SPARQL worker could not be waited for");
        }
    }
}

/// Keeps the first words of a worker's lament, and reads on so that it never blocks.
fn keep_errors(mut stderr: ChildStderr, said: &Mutex<String>) {
    let mut buffer = [0; 1024];
    while let Ok(length @ 1..) = stderr.read(&mut buffer) {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() < 8 * 1024 {
            said.push_str(&String::from_utf8_lossy(
                buffer.get(..length).unwrap_or_default(),
            ));
        }
    }
}

/// What Rust, C++ and the C library say.
const OUT_OF_MEMORY: [&str; 5] = [
    "Anonymous mmap",
    "memory allocation of",
    "bad_alloc",
    "Cannot allocate memory",
    "out of memory",
];
/// Parts that wait for a reader: the worker blocks when the client does not read.
const PARTS: usize = 4;
