//! An instance: its configuration, its data directory, and what works on it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use archive::{Archive, Guard};
use chrono::{TimeDelta, Utc};
use fetch::Fetcher;
use graph::Graph;
use harvest::{Indexer, Projector, Provenance, Source, Workshop, describe_catalogue};
use model::{Minter, SourceId};
use provenance::{Names, SourceName};
use vocab::Vocab;

use crate::cli::Global;
use crate::config::{self, Loaded, SourceFile};

/// The configuration, or every fault in it.
pub fn load(global: &Global) -> anyhow::Result<Loaded> {
    config::load(&global.config).map_err(|faults| {
        let list: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(
            "the configuration has {} fault{}:\n{}",
            faults.len(),
            if faults.len() == 1 { "" } else { "s" },
            list.join("\n")
        )
    })
}

/// The files of a data directory.
#[derive(Debug, Clone)]
pub struct Layout {
    pub root: PathBuf,
}

impl Layout {
    pub fn new(root: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(root).with_context(|| {
            format!(
                "the data directory {} cannot be made; give another with --data",
                root.display()
            )
        })?;
        Ok(Self {
            root: root.to_owned(),
        })
    }

    pub fn archive(&self) -> PathBuf {
        self.root.join("archive.sqlite")
    }

    #[cfg(feature = "rocksdb")]
    pub fn graph(&self) -> PathBuf {
        self.root.join("graph")
    }

    /// The search index, unless the configuration has another place for it.
    pub fn search(&self) -> PathBuf {
        self.root.join("search")
    }

    #[cfg(feature = "rocksdb")]
    pub fn checkpoints(&self) -> PathBuf {
        self.root.join("graph-checkpoints")
    }

    pub fn admin_token(&self) -> PathBuf {
        self.root.join("admin.token")
    }

    /// Where the daemon answers its operator.
    pub fn admin_address(&self) -> PathBuf {
        self.root.join("admin.address")
    }

    pub fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }
}

/// The right to write in a data directory: one process at a time, until it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    pub fn take(layout: &Layout) -> anyhow::Result<Self> {
        let path = layout.lock();
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .with_context(|| path.display().to_string())?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                file.rewind()?;
                write!(file, "{}", std::process::id())?;
                Ok(Self { _file: file })
            }
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The number is only for the message.
                let _ = file.read_to_string(&mut holder);
                bail!(
                    "{} is in use by another moisson (process {}). If it is the daemon, ask it to harvest:\n  curl -X POST -H \"Authorization: Bearer $(cat {})\" http://LISTEN/admin/sources/SOURCE/run\nor, to undo a run, /admin/runs/RUN/undo. `moisson stop RUN` ends a run that goes on, `moisson harvest SOURCE --dry-run` says beside it what one would do",
                    layout.root.display(),
                    if holder.is_empty() {
                        "unknown"
                    } else {
                        holder.trim()
                    },
                    layout.admin_token().display(),
                )
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("{} cannot be locked", path.display()))
            }
        }
    }
}

/// Opens the archive, for reading beside whoever writes.
pub async fn open_archive(layout: &Layout, loaded: &Loaded) -> anyhow::Result<Archive> {
    let archive = Archive::open(&layout.archive(), loaded.base.as_str()).await?;
    Ok(archive.trusting(&loaded.trust()))
}

/// What works on an archive without the graph store, which follows at the next start; beside whoever writes, it only looks.
pub async fn onlooker(layout: &Layout, loaded: &Loaded) -> anyhow::Result<Workshop> {
    Ok(Workshop {
        archive: open_archive(layout, loaded).await?,
        projector: None,
        minter: Minter::new(loaded.base.clone()),
        vocab: Vocab::bundled(),
        clock: Arc::new(Utc::now),
    })
}

/// An instance that this process may write to.
pub struct Instance {
    pub loaded: Loaded,
    pub layout: Layout,
    pub workshop: Workshop,
    /// None as long as the stores are closed.
    pub indexer: Option<Indexer>,
    /// Sources whose last run was cut off by the end of the program.
    pub interrupted: Vec<SourceId>,
    _lock: Lock,
}

impl Instance {
    /// Opens archive, graph store and search index, and brings both up to date.
    pub async fn open(global: &Global, loaded: Loaded) -> anyhow::Result<Self> {
        let mut instance = Self::open_archive_alone(global, loaded).await?;
        if instance.archive().rules().await?.is_empty() {
            instance.archive().set_rules(normalise::VERSION).await?;
        } else if instance.archive().rules().await? != normalise::VERSION {
            tracing::warn!(
                "the catalogue was made with other rules than this version's: run `moisson rebuild`"
            );
        }
        let graph = open_graph(&instance.layout).await?;
        instance.follow(graph).await?;
        // Without an index nobody can search; harvesting and all else go on.
        if let Err(error) = instance.follow_in_index(search::Index::open).await {
            tracing::error!(%error, "there is no search: the index cannot be opened; `moisson rebuild` makes it again");
        }
        Ok(instance)
    }

    /// Takes the lock, opens the archive, and ends what a crash left open. Graph store and search index stay closed, be they damaged.
    pub async fn open_archive_alone(global: &Global, loaded: Loaded) -> anyhow::Result<Self> {
        let layout = Layout::new(&global.data)?;
        let lock = Lock::take(&layout)?;
        let workshop = onlooker(&layout, &loaded).await?;
        let archive = &workshop.archive;
        let mut interrupted = Vec::new();
        for (source, run) in archive.close_interrupted_runs(Utc::now()).await? {
            tracing::warn!(%source, %run, "a run was interrupted; the next one goes on from there");
            interrupted.push(source);
        }
        archive
            .prune_history(Utc::now() - delta(loaded.main.history.keep.0))
            .await?;
        let catalogue = &loaded.main.catalogue;
        let lines = describe_catalogue(
            &workshop.minter,
            workshop.vocab,
            &catalogue.title,
            &catalogue.description,
            &catalogue.publisher,
            &catalogue.language,
        );
        archive.describe_catalogue(lines, Utc::now()).await?;
        Ok(Self {
            loaded,
            layout,
            workshop,
            indexer: None,
            interrupted,
            _lock: lock,
        })
    }

    async fn follow(&mut self, graph: Graph) -> anyhow::Result<()> {
        let provenance = Provenance {
            names: Names::new(self.workshop.minter.base()),
            sources: (self.loaded.sources.iter())
                .map(|source| SourceName {
                    id: source.id.clone(),
                    title: source.config.title.clone(),
                })
                .collect(),
            told: self.loaded.main.graph.provenance,
        };
        let projector =
            Projector::start_telling(self.archive().clone(), graph, Some(provenance)).await?;
        self.workshop.projector = Some(projector);
        Ok(())
    }

    /// Starts to follow the archive in the search index, where something searches it. If nothing does, an index that is there stays
    /// as it is, and catches up once something does.
    async fn follow_in_index(
        &mut self,
        open: fn(&Path, usize) -> Result<search::Index, search::SearchError>,
    ) -> anyhow::Result<()> {
        if !self.loaded.main.is_searched() {
            return Ok(());
        }
        let index = self.index(open).await?;
        let base = self.loaded.base.as_str();
        self.indexer = Some(Indexer::start(self.archive().clone(), index, base).await?);
        Ok(())
    }

    fn index_path(&self) -> PathBuf {
        let configured = self.loaded.main.search.path.clone();
        configured.unwrap_or_else(|| self.layout.search())
    }

    async fn index(
        &self,
        open: fn(&Path, usize) -> Result<search::Index, search::SearchError>,
    ) -> anyhow::Result<search::Index> {
        let path = self.index_path();
        let memory = self.loaded.main.search.memory;
        Ok(tokio::task::spawn_blocking(move || open(&path, memory)).await??)
    }

    /// Makes a new graph store and a new search index in place of those that were there, and fills them from the archive.
    pub async fn make_projections_again(&mut self) -> anyhow::Result<()> {
        self.archive().forget_projection().await?;
        let graph = fresh_graph(&self.layout).await?;
        self.follow(graph).await?;
        let followed = self.make_index_again().await;
        if followed.is_err()
            && let Some(projector) = self.workshop.projector.take()
        {
            projector.stop().await?;
        }
        followed
    }

    async fn make_index_again(&mut self) -> anyhow::Result<()> {
        if !self.loaded.main.is_searched() && self.index_path().exists() {
            // What it has was made by other rules: it is emptied, and filled once something searches it.
            if let Err(error) = self.index(search::Index::open_fresh).await {
                tracing::warn!(%error, "the search index, which nothing uses, could not be emptied: remove its directory");
            }
        }
        self.follow_in_index(search::Index::open_fresh).await
    }

    pub fn archive(&self) -> &Archive {
        &self.workshop.archive
    }

    /// Writes everything down and lets go of the stores. A program that ends without it would end in the midst of their
    /// work, and RocksDB does not bear that.
    pub async fn close(self) -> anyhow::Result<()> {
        let Workshop {
            archive, projector, ..
        } = self.workshop;
        let stopped = match projector {
            Some(projector) => projector.stop().await,
            None => Ok(()),
        };
        let indexed = match self.indexer {
            Some(indexer) => indexer.stop().await,
            None => Ok(()),
        };
        archive.checkpoint().await?;
        archive.close().await;
        stopped?;
        Ok(indexed?)
    }

    /// Closes the instance, whatever its work came to, and gives what that was.
    pub async fn close_after<T>(self, worked: anyhow::Result<T>) -> anyhow::Result<T> {
        let closed = self.close().await;
        let worked = worked?;
        closed?;
        Ok(worked)
    }
}

#[cfg(feature = "rocksdb")]
async fn open_graph(layout: &Layout) -> anyhow::Result<Graph> {
    let path = layout.graph();
    Ok(tokio::task::spawn_blocking(move || Graph::open(&path)).await??)
}

#[cfg(not(feature = "rocksdb"))]
async fn open_graph(_layout: &Layout) -> anyhow::Result<Graph> {
    Ok(Graph::memory()?)
}

/// Fetchers of one program: they share connections and politeness, whatever each source's credentials.
pub struct Fetchers {
    shared: Fetcher,
}

impl Fetchers {
    pub fn new(loaded: &Loaded) -> anyhow::Result<Self> {
        Ok(Self {
            shared: Fetcher::new(loaded.main.fetch.settings())?,
        })
    }

    /// A source ready to be harvested.
    pub fn source(&self, loaded: &Loaded, file: &SourceFile) -> anyhow::Result<Source<Fetcher>> {
        let settings = file.fetch_settings(&loaded.main.fetch);
        let fetcher = if file.has_own_settings() {
            Fetcher::new(settings)?
        } else {
            self.shared.clone()
        };
        let fetcher = match &file.config.credentials {
            Some(credentials) => {
                let credentials = credentials.read().map_err(|error| {
                    anyhow::anyhow!("the credentials of source `{}`: {error}", file.id)
                })?;
                fetcher.with_credentials([credentials])
            }
            None => fetcher,
        };
        let local = file.local_addresses();
        let fetcher = match local.is_empty() {
            true => fetcher,
            false => fetcher.with_local(&file.directory, &local),
        };
        let guard = &file.config.guard;
        Ok(Source {
            id: file.id.clone(),
            connector: file.connector.clone(),
            fetcher,
            guard: Guard {
                share: guard.share,
                agree: guard.agree,
                grace: delta(guard.grace.0),
            },
            limits: file.limits(),
            language: loaded.language_of(&file.id),
            full_every: delta(file.config.full_every()),
            full_at: file.plans(&loaded.main.schedule).1,
            resume_within: delta(file.config.resume_within.0),
        })
    }
}

pub fn delta(duration: std::time::Duration) -> TimeDelta {
    // A time of day less a hundred years is one still; less the longest that there is, it is none.
    let longest = TimeDelta::days(36_500);
    TimeDelta::from_std(duration).map_or(longest, |delta| delta.min(longest))
}

#[cfg(feature = "rocksdb")]
async fn fresh_graph(layout: &Layout) -> anyhow::Result<Graph> {
    let path = layout.graph();
    Ok(tokio::task::spawn_blocking(move || Graph::open_fresh(&path)).await??)
}

#[cfg(not(feature = "rocksdb"))]
async fn fresh_graph(_layout: &Layout) -> anyhow::Result<Graph> {
    Ok(Graph::memory()?)
}
