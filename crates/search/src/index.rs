//! The index: opening, its one writer, snapshots of it.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use model::EntityKey;
use tantivy::directory::MmapDirectory;
use tantivy::{IndexReader, ReloadPolicy, Searcher};

use crate::find::Terms;
use crate::schema::Columns;
use crate::{Field, Found, Search, SearchError, Writer, analysis};

/// The full-text index of a catalogue. Cheap to clone.
#[derive(Clone)]
pub struct Index {
    pub(crate) index: tantivy::Index,
    pub(crate) reader: IndexReader,
    pub(crate) columns: Arc<Columns>,
    /// In bytes, for the one writer.
    pub(crate) memory: usize,
    current: Arc<Mutex<Snapshot>>,
    kept: Arc<Mutex<VecDeque<Snapshot>>>,
}

/// The index as it was at one moment. Cheap to clone; the files that it needs stay on disk as long as it is held.
#[derive(Clone)]
pub struct Snapshot {
    pub(crate) searcher: Searcher,
    pub(crate) columns: Arc<Columns>,
    id: SnapshotId,
    position: Option<i64>,
}

/// Names a snapshot in the addresses of pages: two with one name are of the same state of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SnapshotId(pub u64);

/// Tantivy's list of what is in the index.
const META: &str = "meta.json";

/// As many snapshots are kept by name; of more, the one that was longest not asked for is let go.
pub const MAX_KEPT: usize = 16;

/// Less memory is too little for the writer, in bytes.
pub const MIN_MEMORY: usize = 32 * 1024 * 1024;
/// More is of no use to it.
pub const MAX_MEMORY: usize = 2 * 1024 * 1024 * 1024;

impl Index {
    /// Opens the index in a directory, or makes an empty one: also where what is there is damaged or was made by another
    /// version, since all of it can be made again. `memory` is how much new documents may take before they are written.
    pub fn open(path: &Path, memory: usize) -> Result<Self, SearchError> {
        match Self::open_existing(path, memory) {
            Ok(Some(index)) => return Ok(index),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "the search index is made again");
            }
        }
        Self::open_fresh(path, memory)
    }

    /// Makes an empty index in place of what is in the directory.
    pub fn open_fresh(path: &Path, memory: usize) -> Result<Self, SearchError> {
        let failed = |error: std::io::Error| SearchError::Directory {
            path: path.display().to_string(),
            reason: error.to_string(),
        };
        if path.exists() {
            // The path may be written by hand, and wrong: nothing but an index is removed.
            let is_empty = std::fs::read_dir(path).map_err(failed)?.next().is_none();
            if !is_empty && !path.join(META).exists() {
                return Err(SearchError::Directory {
                    path: path.display().to_string(),
                    reason: "it holds something that is no search index: name another directory, or an empty one".to_owned(),
                });
            }
            std::fs::remove_dir_all(path).map_err(failed)?;
        }
        std::fs::create_dir_all(path).map_err(failed)?;
        let directory = MmapDirectory::open(path).map_err(tantivy::TantivyError::from)?;
        let (schema, columns) = Columns::make();
        let index = tantivy::Index::create(directory, schema, Columns::settings())?;
        Self::new(index, columns, memory)
    }

    /// An index in memory.
    pub fn memory(memory: usize) -> Result<Self, SearchError> {
        let (schema, columns) = Columns::make();
        let index = tantivy::Index::builder()
            .schema(schema)
            .settings(Columns::settings())
            .create_in_ram()?;
        Self::new(index, columns, memory)
    }

    fn open_existing(path: &Path, memory: usize) -> Result<Option<Self>, SearchError> {
        if !path.join(META).exists() {
            return Ok(None);
        }
        let index = tantivy::Index::open_in_dir(path)?;
        let (schema, columns) = Columns::make();
        if index.schema() != schema
            || position_of(&index)?.is_none_or(|(version, _)| version != VERSION)
        {
            return Ok(None);
        }
        let broken = index.validate_checksum()?;
        if !broken.is_empty() {
            return Err(SearchError::Directory {
                path: path.display().to_string(),
                reason: format!("{} of its files are damaged", broken.len()),
            });
        }
        Self::new(index, columns, memory).map(Some)
    }

    fn new(
        mut index: tantivy::Index,
        columns: Columns,
        memory: usize,
    ) -> Result<Self, SearchError> {
        analysis::register(index.tokenizers());
        index.set_default_multithread_executor()?;
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        let columns = Arc::new(columns);
        let current = Snapshot::take(&index, &reader, &columns)?;
        Ok(Self {
            index,
            reader,
            columns,
            memory: memory.clamp(MIN_MEMORY, MAX_MEMORY),
            current: Arc::new(Mutex::new(current)),
            kept: Arc::default(),
        })
    }

    /// The index as it is now.
    pub fn snapshot(&self) -> Snapshot {
        self.current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Shows what was committed.
    pub(crate) fn reload(&self) -> Result<(), SearchError> {
        self.reader.reload()?;
        let snapshot = Snapshot::take(&self.index, &self.reader, &self.columns)?;
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = snapshot;
        Ok(())
    }

    /// Holds a snapshot, so that later requests can go on with it. As long as no more than [`MAX_KEPT`] are.
    pub fn keep(&self, snapshot: &Snapshot) -> SnapshotId {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|known| known.id != snapshot.id);
        kept.push_back(snapshot.clone());
        while kept.len() > MAX_KEPT {
            kept.pop_front();
        }
        snapshot.id
    }

    /// A snapshot that was kept, or the current one, if it is of that name. None after too many others, or after a restart
    /// and changes: whoever asks can go on with the current one and a cursor.
    pub fn kept(&self, id: SnapshotId) -> Option<Snapshot> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = kept.iter().position(|known| known.id == id) {
            let snapshot = kept.remove(at)?;
            kept.push_back(snapshot.clone());
            return Some(snapshot);
        }
        drop(kept);
        Some(self.snapshot()).filter(|current| current.id == id)
    }

    /// The change of the archive up to which the index has followed; none if it was never filled.
    pub fn position(&self) -> Option<i64> {
        self.snapshot().position
    }

    /// The one writer; an error while there is another.
    pub fn writer(&self) -> Result<Writer, SearchError> {
        Writer::new(self)
    }
}

impl Snapshot {
    fn take(
        index: &tantivy::Index,
        reader: &IndexReader,
        columns: &Arc<Columns>,
    ) -> Result<Self, SearchError> {
        let opstamp = index.load_metas()?.opstamp;
        Ok(Self {
            searcher: reader.searcher(),
            columns: Arc::clone(columns),
            id: SnapshotId(opstamp),
            position: position_of(index)?.and_then(|(_, position)| position),
        })
    }

    pub fn id(&self) -> SnapshotId {
        self.id
    }

    /// The change of the archive that it has followed up to: for validators (ETag).
    pub fn position(&self) -> Option<i64> {
        self.position
    }

    /// How many resources it has.
    pub fn len(&self) -> usize {
        usize::try_from(self.searcher.num_docs()).unwrap_or(usize::MAX)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Finds. It computes for some milliseconds: not for the threads of an asynchronous runtime.
    pub fn search(&self, search: &Search) -> Result<Found, SearchError> {
        crate::find::search(self, search)
    }

    /// The values of a field of text, in their order, after one: CSW's GetDomain, lists to choose from.
    pub fn values(
        &self,
        field: Field,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>, SearchError> {
        crate::find::values(self, field, after, limit)
    }

    /// Every term of every column, with those that have it: to compare two indexes, however they were made.
    pub fn terms(&self) -> Result<Terms, SearchError> {
        crate::find::terms(self)
    }

    /// The keys of those that name an agent.
    pub(crate) fn naming(&self, agent: EntityKey) -> Result<Vec<EntityKey>, SearchError> {
        crate::find::naming(self, agent)
    }
}

/// What is found by the rules of another version is not comparable: raised when documents or analysis change.
pub(crate) const VERSION: u32 = 2;

/// What a commit carries: the version of the rules, and the change of the archive up to which it has followed.
pub(crate) fn payload(position: Option<i64>) -> String {
    match position {
        Some(position) => format!("{VERSION} {position}"),
        None => VERSION.to_string(),
    }
}

fn position_of(index: &tantivy::Index) -> Result<Option<(u32, Option<i64>)>, SearchError> {
    let payload = index.load_metas()?.payload;
    Ok(payload.and_then(|payload| {
        let (version, position) = match payload.split_once(' ') {
            Some((version, position)) => (version, position.parse().ok()),
            None => (payload.as_str(), None),
        };
        Some((version.parse().ok()?, position))
    }))
}
