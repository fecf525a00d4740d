//! Opening the database, and what all statements share.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use model::RunId;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use model::SourceId;

use crate::{Lease, NotUndoable, TooLarge};

pub(crate) type Db = sqlx::Sqlite;
pub(crate) type Transaction = sqlx::Transaction<'static, Db>;

/// Parameters of one statement; SQLite takes 32,766, PostgreSQL 65,535.
pub(crate) const MAX_ROWS: usize = 500;

#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("the archive cannot be opened at {path}: {source}")]
    Open { path: String, source: sqlx::Error },
    #[error(
        "the archive cannot be brought to this version's form: {0}; it was perhaps written by a newer version"
    )]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("the archive failed: {0}")]
    Sql(#[from] sqlx::Error),
    #[error(transparent)]
    Body(#[from] TooLarge),
    #[error("the archive holds `{value}` in {column}, which this version does not know")]
    Unknown { column: &'static str, value: String },
    #[error(
        "run {} of source `{}` is going on ({}): wait for its end, or end it with `moisson stop {}`",
        .0.run, .0.source, .0.holder, .0.run
    )]
    Leased(Box<Lease>),
    #[error(
        "run {0} was ended from outside, since it seemed dead: it writes nothing more, and the next run goes on from there"
    )]
    Ended(RunId),
    #[error(transparent)]
    NotUndoable(#[from] NotUndoable),
    #[error(
        "this archive was made with base {archived}, the configuration says {configured}: IRIs once given never change; set `base` back, or begin a new data directory"
    )]
    Base {
        archived: String,
        configured: String,
    },
}

/// The archive of an instance. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Archive {
    pub(crate) base: Arc<str>,
    /// Sources whose word counts more than that of the others, the most trusted first.
    pub(crate) trust: Arc<[SourceId]>,
    /// When what is committed was fetched, where that is not now.
    pub(crate) as_of: Option<DateTime<Utc>>,
    /// One connection: writers wait for one another here and not in SQLite's busy loop.
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

impl Archive {
    /// Opens or creates the archive file and brings its schema up to date. `base` must be the one that it was made with.
    pub async fn open(path: &Path, base: &str) -> Result<Self, ArchiveError> {
        // With WAL, a power cut may lose the last commits but never damages: the next run mends it.
        Self::connect(path, base, SqliteSynchronous::Normal).await
    }

    pub(crate) async fn connect(
        path: &Path,
        base: &str,
        synchronous: SqliteSynchronous,
    ) -> Result<Self, ArchiveError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .busy_timeout(Duration::from_secs(30))
            .pragma("cache_size", "-64000")
            .pragma("mmap_size", "268435456")
            .pragma("temp_store", "memory")
            // Each checkpoint waits for the disk: every 128 MB of log, and not at each batch.
            .pragma("wal_autocheckpoint", "32000")
            .pragma("journal_size_limit", "134217728");
        let open = |source| ArchiveError::Open {
            path: path.display().to_string(),
            source,
        };
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            // A large transaction of another run takes its time; SQLite itself does not wait that long.
            .acquire_timeout(Duration::from_secs(900))
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone())
            .await
            .map_err(open)?;
        sqlx::migrate!("./migrations").run(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options.read_only(true).pragma("cache_size", "-8000"))
            .await
            .map_err(open)?;
        let archive = Self {
            base: base.into(),
            trust: Arc::new([]),
            as_of: None,
            writer,
            readers,
        };
        archive.check_base(base).await?;
        archive.give_mark().await?;
        Ok(archive)
    }

    /// The same archive, where several sources have a dataset, with these trusted first, in their order. A change of the order
    /// shows when the records are mapped again (`rebuild`).
    #[must_use]
    pub fn trusting(self, order: &[SourceId]) -> Self {
        Self {
            trust: order.into(),
            ..self
        }
    }

    /// The same archive, for what was fetched at an earlier time, as what a plan holds was: records are as old as that, and periods
    /// of grace are counted to it.
    #[must_use]
    pub fn as_of(self, fetched: DateTime<Utc>) -> Self {
        Self {
            as_of: Some(fetched),
            ..self
        }
    }

    async fn check_base(&self, base: &str) -> Result<(), ArchiveError> {
        let archived: Option<(String,)> = sqlx::query_as("SELECT base FROM instance")
            .fetch_optional(&self.writer)
            .await?;
        match archived {
            None => {
                sqlx::query("INSERT INTO instance (base, rules) VALUES ($1, '')")
                    .bind(base)
                    .execute(&self.writer)
                    .await?;
                Ok(())
            }
            Some((archived,)) if archived == base => Ok(()),
            Some((archived,)) => Err(ArchiveError::Base {
                archived,
                configured: base.to_owned(),
            }),
        }
    }

    async fn give_mark(&self) -> Result<(), ArchiveError> {
        let (mark,): (String,) = sqlx::query_as("SELECT mark FROM instance")
            .fetch_one(&self.writer)
            .await?;
        if mark.is_empty() {
            sqlx::query("UPDATE instance SET mark = $1 WHERE mark = ''")
                .bind(uuid::Uuid::new_v4().to_string())
                .execute(&self.writer)
                .await?;
        }
        Ok(())
    }

    /// The version of the rules that made the entities; empty before the first run.
    pub async fn rules(&self) -> Result<String, ArchiveError> {
        let (rules,): (String,) = sqlx::query_as("SELECT rules FROM instance")
            .fetch_one(&self.readers)
            .await?;
        Ok(rules)
    }

    pub async fn set_rules(&self, rules: &str) -> Result<(), ArchiveError> {
        sqlx::query("UPDATE instance SET rules = $1")
            .bind(rules)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Writes what is in the write-ahead log into the file and waits until it is on disk.
    pub async fn checkpoint(&self) -> Result<(), ArchiveError> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

pub(crate) fn seconds(at: DateTime<Utc>) -> i64 {
    at.timestamp()
}

pub(crate) fn time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

pub(crate) fn unknown<T>(column: &'static str, value: &str) -> Result<T, ArchiveError> {
    Err(ArchiveError::Unknown {
        column,
        value: value.to_owned(),
    })
}
