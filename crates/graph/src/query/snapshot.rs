//! Checkpoints of the graph for the workers: made when they are needed, removed when nobody reads them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Generation;
use crate::{Graph, GraphError};

/// A checkpoint; its directory goes when the last reader drops it.
pub(super) struct Snapshot {
    pub dir: PathBuf,
    pub generation: Generation,
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.dir) {
            tracing::warn!(dir = %self.dir.display(), %error, "an old checkpoint of the graph could not be removed");
        }
    }
}

pub(super) struct Snapshots {
    graph: Graph,
    dir: PathBuf,
    pause: Duration,
    latest: Mutex<Latest>,
}

#[derive(Default)]
struct Latest {
    snapshot: Option<Arc<Snapshot>>,
    count: u64,
    /// No other checkpoint before this time.
    not_before: Option<Instant>,
}

impl Snapshots {
    /// Takes possession of the directory: whatever a program that was killed left there is removed.
    pub fn new(graph: Graph, dir: &Path, pause: Duration) -> Result<Self, GraphError> {
        fs::create_dir_all(dir).map_err(|error| GraphError::io(dir, error))?;
        for entry in fs::read_dir(dir).map_err(|error| GraphError::io(dir, error))? {
            let path = entry.map_err(|error| GraphError::io(dir, error))?.path();
            let is_ours = path
                .file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name.starts_with(PREFIX));
            if is_ours {
                fs::remove_dir_all(&path).map_err(|error| GraphError::io(&path, error))?;
            }
        }
        Ok(Self {
            graph,
            dir: dir.to_owned(),
            pause,
            latest: Mutex::default(),
        })
    }

    /// A checkpoint of the graph as it is, or as it was a moment ago.
    pub fn current(&self) -> Result<Arc<Snapshot>, GraphError> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = self.graph.generation();
        if let Some(snapshot) = &latest.snapshot {
            let fresh = snapshot.generation == generation;
            let early = latest.not_before.is_some_and(|time| Instant::now() < time);
            if fresh || early {
                return Ok(Arc::clone(snapshot));
            }
        }
        let begun = Instant::now();
        latest.count += 1;
        let dir = self.dir.join(format!("{PREFIX}{}", latest.count));
        self.graph.checkpoint(&dir)?;
        // While a harvest writes, each checkpoint makes the store write its memory out: it gets a twentieth of the time.
        let pause = self.pause.max(begun.elapsed() * 20);
        latest.not_before = Some(Instant::now() + pause);
        let snapshot = Arc::new(Snapshot { dir, generation });
        latest.snapshot = Some(Arc::clone(&snapshot));
        Ok(snapshot)
    }

    /// Lets the latest checkpoint go, so that it does not keep old files on the disk while nobody asks.
    pub fn release(&self) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.snapshot = None;
    }
}

const PREFIX: &str = "checkpoint-";
