//! Opening the database, and what all statements share.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use model::RunId;
use sqlx::Connection;
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
    #[error("the archive failed: {}", told(.0))]
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

/// How long a statement waits for another program that writes to the archive.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

impl Archive {
    /// Opens or creates the archive file and brings its schema up to date. `base` must be the one that it was made with.
    pub async fn open(path: &Path, base: &str) -> Result<Self, ArchiveError> {
        Self::open_with(path, base, PATIENCE).await
    }

    /// The same, with another time to wait for programs that have the archive locked.
    pub async fn open_with(
        path: &Path,
        base: &str,
        patience: Duration,
    ) -> Result<Self, ArchiveError> {
        // With WAL, a power cut may lose the last commits but never damages: the next run mends it.
        Self::connect(path, base, SqliteSynchronous::Normal, patience).await
    }

    pub(crate) async fn connect(
        path: &Path,
        base: &str,
        synchronous: SqliteSynchronous,
        patience: Duration,
    ) -> Result<Self, ArchiveError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .busy_timeout(patience)
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
            // SQLite itself takes a transaction back that finds the disk full, and then the connection cannot: it would think for
            // ever that it is within one.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect_with(options.clone())
            .await
            .map_err(open)?;
        sqlx::migrate!("./migrations").run(&writer).await?;
        // More than lists and feeds take at a time: pages and lookups find one beside them.
        let readers = SqlitePoolOptions::new()
            .max_connections(8)
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

    /// Begins to write. Other programs write too (`moisson stop`, `moisson release`), and SQLite lets no transaction write that has
    /// read before one of them wrote: so this one has the right to write from its beginning, and waits for it there.
    pub(crate) async fn writing(&self) -> Result<Transaction, sqlx::Error> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
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

    /// Whether it was closed, so that nothing can be written any more.
    pub fn is_closed(&self) -> bool {
        self.writer.is_closed()
    }

    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// An error of the database, with what to do about those that are no fault of Moisson.
fn told(error: &sqlx::Error) -> String {
    // Extended codes have the primary one in their last eight bits: <https://www.sqlite.org/rescode.html>
    let code = error
        .as_database_error()
        .and_then(|error| error.code()?.parse::<u32>().ok())
        .map(|code| code & 0xff);
    let advice = match (code, error) {
        (Some(5 | 6), _) | (None, sqlx::Error::PoolTimedOut) => {
            "another program keeps the archive locked: end it (a copy, `sqlite3`, a second Moisson); the next run goes on from here"
        }
        (Some(8), _) => {
            "the archive cannot be written: look at the rights of its file and directory"
        }
        (Some(10), _) => {
            "the disk or file system of the data directory fails: look at the log of the system, and whether there is room"
        }
        (Some(11 | 26), _) => {
            "the archive is damaged: stop Moisson, and put a copy of `archive.sqlite` in its place"
        }
        (Some(13), _) => {
            "the disk is full: make room for the data directory; the next run goes on from here, without a restart"
        }
        _ => return error.to_string(),
    };
    format!("{error}; {advice}")
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

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Finding, Severity, Stage};

    #[tokio::test]
    async fn a_full_disk_is_told_with_what_to_do_and_is_no_end() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("archive.sqlite");
        let archive = Archive::open(&path, "https://donnees.example.org/")
            .await
            .unwrap();
        let source = SourceId::new("a").unwrap();
        let at = time(1_769_826_000);
        let run = archive.begin_run(&source, at, true).await.unwrap().run;
        let limit = |pages: &str| {
            let statement = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
            sqlx::query(statement).execute(&archive.writer)
        };
        limit("1").await.unwrap();
        let long = "x".repeat(1 << 20);
        let finding = Finding::new("a/b", Severity::Info, Stage::Read, long);
        let findings = [finding];
        let refused = archive
            .add_findings(&source, run, &findings)
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("make room"), "{refused}");
        limit("1000000").await.unwrap();
        archive.add_findings(&source, run, &findings).await.unwrap();
    }
}
