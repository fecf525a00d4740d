//! The catalogue as it was before a run: from how each record was that the run changed.

use chrono::{DateTime, Utc};
use model::{Outcome, RunId, SourceId};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row};

use crate::commit::Sealed;
use crate::db::{Archive, ArchiveError, Db, MAX_ROWS, unknown};
use crate::lease::Purpose;
use crate::read::raw_row;
use crate::rows::{push_keys, record_key};
use crate::{RawRow, RecordKey};

/// What undoing a run would do.
#[derive(Debug, Clone)]
pub struct UndoPlan {
    pub run: RunId,
    pub source: SourceId,
    /// Records that came with the run and leave the catalogue again.
    pub created: Vec<RecordKey>,
    /// Records that were known before it.
    pub rows: Vec<UndoRow>,
}

/// A record that a run changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UndoRow {
    pub key: RecordKey,
    pub again: Again,
}

/// What is done to have a record as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// The run withdrew it: it comes back.
    Return,
    /// The run brought another form of it: its entity is made again from the earlier one.
    Remake,
    /// Only what is noted about it changes, such as that it is missing.
    Note,
    /// It was not in the catalogue before the run, and leaves it again.
    Withdraw,
    /// Its source keeps it from the public by now: it stays out of the catalogue.
    Withheld,
}

/// Why a run cannot be undone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotUndoable {
    #[error("there is no run {0}: `moisson runs` lists them")]
    Unknown(RunId),
    #[error("run {0} is going on: wait for its end, or end it with `moisson stop {0}`")]
    Running(RunId),
    #[error("run {run} was no harvest but {purpose}: only harvests can be undone")]
    NoHarvest { run: RunId, purpose: &'static str },
    #[error(
        "how the catalogue was before run {0} is not kept: it was undone already, or it is older than `keep` of [history] says"
    )]
    Forgotten(RunId),
    #[error("later runs changed the same records: undo them first, in this order: {}", list(.0))]
    Later(Vec<RunId>),
    #[error("run {0} changed nothing: there is nothing to undo")]
    Nothing(RunId),
}

/// The run that undoes another.
#[derive(Debug, Clone)]
pub struct Undoing {
    pub source: SourceId,
    pub undone: RunId,
    pub at: DateTime<Utc>,
}

/// Records that are to be as they were.
#[derive(Debug, Default)]
pub struct Restored {
    /// All of them.
    pub keys: Vec<RecordKey>,
    /// Those whose entities are made again, with what they state.
    pub made: Vec<(RecordKey, Sealed, Vec<Sealed>)>,
}

impl UndoPlan {
    pub fn count(&self, again: Again) -> u64 {
        self.rows.iter().filter(|row| row.again == again).count() as u64
    }

    pub fn keys(&self, again: Again) -> impl Iterator<Item = RecordKey> {
        (self.rows.iter())
            .filter(move |row| row.again == again)
            .map(|row| row.key)
    }
}

impl Archive {
    /// What undoing a run would do.
    ///
    /// # Errors
    /// [`ArchiveError::NotUndoable`] says why it cannot be undone.
    pub async fn undo_plan(&self, run: RunId) -> Result<UndoPlan, ArchiveError> {
        let row: Option<(String, String, String)> =
            sqlx::query_as("SELECT source, outcome, purpose FROM run WHERE id = $1")
                .bind(run.0)
                .fetch_optional(&self.readers)
                .await?;
        let Some((source, outcome, purpose)) = row else {
            return Err(NotUndoable::Unknown(run).into());
        };
        let Ok(source) = SourceId::new(&source) else {
            return unknown("run.source", &source);
        };
        if outcome == Outcome::Running.as_str() {
            return Err(NotUndoable::Running(run).into());
        }
        if purpose != Purpose::Harvest.as_str() {
            let purpose = match purpose.as_str() {
                "undo" => "the undoing of one (the next harvest does it again)",
                _ => "a rebuild",
            };
            return Err(NotUndoable::NoHarvest { run, purpose }.into());
        }
        let kept = sqlx::query("SELECT 1 FROM undo_point WHERE run = $1")
            .bind(run.0)
            .fetch_optional(&self.readers)
            .await?;
        if kept.is_none() {
            return Err(NotUndoable::Forgotten(run).into());
        }
        let later = self.later_runs(run, &source).await?;
        if !later.is_empty() {
            return Err(NotUndoable::Later(later).into());
        }
        let plan = UndoPlan {
            run,
            created: self.created_by(run, &source).await?,
            rows: self.changed_by(run).await?,
            source,
        };
        if plan.created.is_empty() && plan.rows.is_empty() {
            return Err(NotUndoable::Nothing(run).into());
        }
        Ok(plan)
    }

    /// The later runs that changed a record that this one changed, newest first.
    async fn later_runs(&self, run: RunId, source: &SourceId) -> Result<Vec<RunId>, ArchiveError> {
        let rows: Vec<(i64,)> = sqlx::query_as(
            "SELECT DISTINCT later.run FROM history AS later WHERE later.run > $1 AND later.key IN
             (SELECT key FROM history WHERE run = $1 UNION SELECT key FROM record WHERE source = $2 AND created_run = $1)
             ORDER BY later.run DESC",
        )
        .bind(run.0)
        .bind(source.as_str())
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.into_iter().map(|(run,)| RunId(run)).collect())
    }

    async fn created_by(
        &self,
        run: RunId,
        source: &SourceId,
    ) -> Result<Vec<RecordKey>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT key FROM record WHERE source = $1 AND created_run = $2 AND state <> 'withdrawn' ORDER BY key",
        )
        .bind(source.as_str())
        .bind(run.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| record_key(row, "key")).collect()
    }

    async fn changed_by(&self, run: RunId) -> Result<Vec<UndoRow>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT history.key, history.state AS was, history.accepted AS was_accepted, CASE WHEN history.body IS NULL THEN 0 ELSE 1 END AS another,
             record.state, record.accepted, record.withheld FROM history JOIN record ON record.key = history.key WHERE history.run = $1 ORDER BY history.key",
        )
        .bind(run.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(undo_row).collect()
    }

    /// Records with their bodies, as they were before a run.
    pub async fn records_before(
        &self,
        run: RunId,
        keys: &[RecordKey],
    ) -> Result<Vec<(RecordKey, RawRow)>, ArchiveError> {
        let mut before = Vec::with_capacity(keys.len());
        for some in keys.chunks(MAX_ROWS) {
            let mut query = QueryBuilder::<Db>::new(
                "SELECT record.key, record.source, record.id, record.minted, record.entity, history.format, history.fetched, history.state,
                 COALESCE(history.body, body.zstd) AS zstd FROM history JOIN record ON record.key = history.key JOIN body ON body.key = history.key
                 WHERE history.run = ",
            );
            query.push_bind(run.0).push(" AND history.key IN ");
            push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
            for row in query
                .build()
                .persistent(some.len() == MAX_ROWS)
                .fetch_all(&self.readers)
                .await?
            {
                before.push((record_key(&row, "key")?, raw_row(&row)?));
            }
        }
        Ok(before)
    }
}

fn undo_row(row: &SqliteRow) -> Result<UndoRow, ArchiveError> {
    let (was, is): (String, String) = (row.try_get("was")?, row.try_get("state")?);
    let flag =
        |column: &str| -> Result<bool, sqlx::Error> { Ok(row.try_get::<i64, _>(column)? != 0) };
    let again = if flag("withheld")? {
        Again::Withheld
    } else if was == "withdrawn" || !flag("was_accepted")? {
        Again::Withdraw
    } else if is == "withdrawn" {
        Again::Return
    } else if flag("another")? || !flag("accepted")? {
        Again::Remake
    } else {
        Again::Note
    };
    Ok(UndoRow {
        key: record_key(row, "key")?,
        again,
    })
}

fn list(runs: &[RunId]) -> String {
    const SHOWN: usize = 10;
    let mut text: Vec<String> = (runs.iter().take(SHOWN)).map(RunId::to_string).collect();
    if runs.len() > SHOWN {
        text.push("…".to_owned());
    }
    text.join(", ")
}
