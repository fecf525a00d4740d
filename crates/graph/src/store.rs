//! The store: one default graph, named graphs beside it, one writer.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use oxigraph::io::RdfFormat;
use oxigraph::model::{GraphName, GraphNameRef, NamedNode, Quad, QuadRef, Triple, TripleRef};
use oxigraph::store::Store;

use crate::{Change, Generation, GraphError};

/// The public catalogue as a graph. Clones share the same store.
///
/// All methods block: call them away from an asynchronous runtime's own threads.
#[derive(Clone)]
pub struct Graph {
    store: Store,
    state: Arc<State>,
}

struct State {
    /// Tells this opening of the store from every other one.
    epoch: u64,
    changes: AtomicU64,
    changed: Mutex<SystemTime>,
    /// Oxigraph detects no conflict between writers, so there is one at a time.
    writer: Mutex<Writer>,
    #[cfg_attr(
        not(feature = "rocksdb"),
        expect(dead_code, reason = "nothing is on disk")
    )]
    on_disk: bool,
}

#[derive(Default)]
struct Writer {
    /// Triples written by transactions since the last flush.
    unflushed: usize,
}

impl Graph {
    /// An empty graph in memory.
    pub fn memory() -> Result<Self, GraphError> {
        Ok(Self::new(Store::new()?, false))
    }

    /// Opens the graph at this path, or creates it. Only one program at a time can have it open.
    #[cfg(feature = "rocksdb")]
    pub fn open(path: &Path) -> Result<Self, GraphError> {
        let store = Store::open(path).map_err(|error| GraphError::Open {
            path: path.display().to_string(),
            message: error.to_string(),
        })?;
        Ok(Self::new(store, true))
    }

    /// Opens an empty graph at this path, in place of the one that was there.
    #[cfg(feature = "rocksdb")]
    pub fn open_fresh(path: &Path) -> Result<Self, GraphError> {
        // Only what is a store is removed, whatever path was configured.
        if path.join("CURRENT").is_file() {
            std::fs::remove_dir_all(path).map_err(|error| GraphError::io(path, error))?;
        }
        Self::open(path)
    }

    fn new(store: Store, on_disk: bool) -> Self {
        let now = SystemTime::now();
        let epoch = now
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.as_nanos() as u64);
        Self {
            store,
            state: Arc::new(State {
                epoch: epoch ^ (u64::from(std::process::id()) << 40),
                changes: AtomicU64::new(0),
                changed: Mutex::new(now),
                writer: Mutex::default(),
                on_disk,
            }),
        }
    }

    /// Adds triples that are mostly new, quickly. They appear all at once for each chunk of about 200,000, and adding
    /// a triple that is there already changes nothing, so that a load that was broken off can be repeated.
    pub fn bulk_insert(&self, triples: impl Iterator<Item = Triple>) -> Result<(), GraphError> {
        self.bulk_load(triples.map(|triple| triple.in_graph(GraphName::DefaultGraph)))
    }

    /// [`Graph::bulk_insert`], and in the same load triples into a named graph: two loads cost more than one.
    pub fn bulk_insert_beside(
        &self,
        triples: impl Iterator<Item = Triple>,
        name: &NamedNode,
        named: impl Iterator<Item = Triple>,
    ) -> Result<(), GraphError> {
        let triples = triples.map(|triple| triple.in_graph(GraphName::DefaultGraph));
        self.bulk_load(triples.chain(named.map(|triple| triple.in_graph(name.clone()))))
    }

    /// [`Graph::bulk_insert`] into a named graph, which queries reach only where [`crate::Access`] names it.
    pub fn bulk_insert_named(
        &self,
        name: &NamedNode,
        triples: impl Iterator<Item = Triple>,
    ) -> Result<(), GraphError> {
        self.bulk_load(triples.map(|triple| triple.in_graph(name.clone())))
    }

    fn bulk_load(&self, quads: impl Iterator<Item = Quad>) -> Result<(), GraphError> {
        let _writer = self.writer();
        let mut loader = self
            .store
            .bulk_loader()
            .with_num_threads(LOADER_THREADS)
            .with_max_memory_size_in_megabytes(LOADER_MEGABYTES);
        let result = loader.load_quads(quads).and_then(|()| loader.commit());
        self.touch();
        Ok(result?)
    }

    /// Adds triples to a named graph, which queries reach only where [`crate::Access`] names it.
    pub fn insert_named(&self, name: &NamedNode, triples: &[Triple]) -> Result<(), GraphError> {
        let mut writer = self.writer();
        let mut transaction = self.store.start_transaction()?;
        transaction.extend(
            triples
                .iter()
                .map(|triple| TripleRef::from(triple).in_graph(name.as_ref())),
        );
        transaction.commit()?;
        self.touch();
        self.written(&mut writer, triples.len())
    }

    /// Applies changes in one transaction, which is held in memory: give some thousands of triples at a time.
    /// The changes are applied in their order, each one's removals before its insertions.
    pub fn apply(&self, changes: &[Change]) -> Result<(), GraphError> {
        self.transact(GraphNameRef::DefaultGraph, changes)
    }

    /// [`Graph::apply`] to a named graph.
    pub fn apply_named(&self, name: &NamedNode, changes: &[Change]) -> Result<(), GraphError> {
        self.transact(name.as_ref().into(), changes)
    }

    fn transact(&self, graph: GraphNameRef<'_>, changes: &[Change]) -> Result<(), GraphError> {
        let size: usize = changes
            .iter()
            .map(|change| change.remove.len() + change.insert.len())
            .sum();
        if size == 0 {
            return Ok(());
        }
        let mut writer = self.writer();
        let mut transaction = self.store.start_transaction()?;
        for change in changes {
            for triple in &change.remove {
                transaction.remove(TripleRef::from(triple).in_graph(graph));
            }
            transaction.extend(
                change
                    .insert
                    .iter()
                    .map(|triple| TripleRef::from(triple).in_graph(graph)),
            );
        }
        transaction.commit()?;
        self.touch();
        self.written(&mut writer, size)
    }

    /// The triples of a named graph with a subject or an object, of one or of all; in no order.
    pub fn named(
        &self,
        name: &NamedNode,
        subject: Option<&NamedNode>,
        object: Option<&NamedNode>,
    ) -> impl Iterator<Item = Result<Triple, GraphError>> {
        self.store
            .quads_for_pattern(
                subject.map(|node| node.as_ref().into()),
                None,
                object.map(|node| node.as_ref().into()),
                Some(name.as_ref().into()),
            )
            .map(|quad| Ok(Triple::from(quad?)))
    }

    /// Empties a named graph, some triples at a time.
    pub fn clear_named(&self, name: &NamedNode) -> Result<(), GraphError> {
        loop {
            let remove: Vec<Triple> = self
                .named(name, None, None)
                .take(CLEARED)
                .collect::<Result<_, _>>()?;
            if remove.is_empty() {
                return Ok(());
            }
            self.apply_named(
                name,
                &[Change {
                    remove,
                    insert: Vec::new(),
                }],
            )?;
        }
    }

    /// Every triple, in no order.
    pub fn triples(&self) -> impl Iterator<Item = Result<Triple, GraphError>> {
        self.store
            .quads_for_pattern(None, None, None, Some(GraphNameRef::DefaultGraph))
            .map(|quad| Ok(Triple::from(quad?)))
    }

    pub fn contains(&self, triple: &Triple) -> Result<bool, GraphError> {
        Ok(self.store.contains(in_default_graph(triple))?)
    }

    /// The number of triples. All of them are counted, which takes seconds for millions.
    pub fn count(&self) -> Result<usize, GraphError> {
        Ok(self.store.len()?)
    }

    pub fn is_empty(&self) -> Result<bool, GraphError> {
        Ok(self.store.is_empty()?)
    }

    pub fn clear(&self) -> Result<(), GraphError> {
        let _writer = self.writer();
        self.store.clear()?;
        self.touch();
        Ok(())
    }

    /// Makes sure that what was written is on the disk: commits alone do not.
    pub fn flush(&self) -> Result<(), GraphError> {
        let mut writer = self.writer();
        self.flush_with(&mut writer)
    }

    fn flush_with(&self, writer: &mut Writer) -> Result<(), GraphError> {
        #[cfg(feature = "rocksdb")]
        if self.state.on_disk {
            self.store.flush()?;
        }
        writer.unflushed = 0;
        Ok(())
    }

    fn written(&self, writer: &mut Writer, triples: usize) -> Result<(), GraphError> {
        writer.unflushed += triples;
        if writer.unflushed >= UNFLUSHED_TRIPLES {
            self.flush_with(writer)?;
        }
        Ok(())
    }

    /// Writes a copy of the graph, as it is now, into a new directory. A store on disk makes hard links where the
    /// directory is on its own file system; one in memory writes N-Quads.
    pub fn checkpoint(&self, dir: &Path) -> Result<(), GraphError> {
        #[cfg(feature = "rocksdb")]
        if self.state.on_disk {
            return Ok(self.store.backup(dir)?);
        }
        let path = dir.join(DUMP);
        let write = || -> std::io::Result<()> {
            std::fs::create_dir(dir)?;
            let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
            self.store
                .dump_to_writer(RdfFormat::NQuads, &mut file)
                .map_err(std::io::Error::other)?;
            std::io::Write::flush(&mut file)
        };
        write().map_err(|error| GraphError::io(&path, error))
    }

    /// Which state of the graph this is. Each write makes another one.
    pub fn generation(&self) -> Generation {
        // The number is read first: a later state may bear an earlier number, never the other way round.
        let number = self.state.changes.load(Ordering::Acquire);
        let changed = *self
            .state
            .changed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Generation {
            epoch: self.state.epoch,
            number,
            changed,
        }
    }

    fn touch(&self) {
        *self
            .state
            .changed
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = SystemTime::now();
        self.state.changes.fetch_add(1, Ordering::Release);
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.state
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }
}

/// Opens a checkpoint to read it.
pub(crate) fn open_checkpoint(dir: &Path) -> Result<Store, GraphError> {
    let dump = dir.join(DUMP);
    if dump.is_file() {
        let store = Store::new()?;
        let file = std::fs::File::open(&dump).map_err(|error| GraphError::io(&dump, error))?;
        let mut loader = store
            .bulk_loader()
            .with_num_threads(1)
            .with_max_memory_size_in_megabytes(10);
        loader
            .load_from_reader(RdfFormat::NQuads, std::io::BufReader::new(file))
            .map_err(|error| GraphError::Open {
                path: dump.display().to_string(),
                message: error.to_string(),
            })?;
        loader.commit()?;
        return Ok(store);
    }
    #[cfg(feature = "rocksdb")]
    {
        Store::open_read_only(dir).map_err(|error| GraphError::Open {
            path: dir.display().to_string(),
            message: error.to_string(),
        })
    }
    #[cfg(not(feature = "rocksdb"))]
    Err(GraphError::Open {
        path: dir.display().to_string(),
        message: "this program is built without stores on disk".to_owned(),
    })
}

fn in_default_graph(triple: &Triple) -> QuadRef<'_> {
    TripleRef::from(triple).in_graph(GraphNameRef::DefaultGraph)
}

/// Triples of one transaction where a graph is emptied.
const CLEARED: usize = 50_000;
/// The copy of a graph in memory.
const DUMP: &str = "graph.nq";

/// Two cores, of which harvesting wants one: see `benches/store.rs` for what other figures give.
const LOADER_THREADS: usize = 2;
/// Oxigraph takes 1,000 triples a megabyte as one batch, divided by the number of threads.
const LOADER_MEGABYTES: usize = 200;
/// RocksDB keeps up to 128 MB a column family in memory before it writes; this is well below.
const UNFLUSHED_TRIPLES: usize = 500_000;

#[cfg(test)]
mod tests;
