//! How records were before a run changed them, so that the run can be undone.

use chrono::{DateTime, Utc};
use model::{Checksum, RunId, SourceId};
use sqlx::QueryBuilder;

use crate::RecordKey;
use crate::db::{Archive, ArchiveError, Db, MAX_ROWS, Transaction, seconds};
use crate::rows::{checksum, push_keys, record_key};

/// What of a record is remembered, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Its row: the run leaves the body as it is.
    Row,
    /// Its row, if it is not present: of the many that are seen again and are as they were, nothing changes.
    Absent,
    /// Its row and its body.
    Body,
}

impl Archive {
    /// Forgets how records were before the runs that began before a time: these can no longer be undone. Gives how many runs.
    pub async fn prune_history(&self, before: DateTime<Utc>) -> Result<u64, ArchiveError> {
        let old: Vec<(i64,)> = sqlx::query_as(
            "SELECT undo_point.run FROM undo_point JOIN run ON run.id = undo_point.run
             WHERE run.started < $1 AND run.outcome <> 'running' ORDER BY undo_point.run",
        )
        .bind(seconds(before))
        .fetch_all(&self.readers)
        .await?;
        for (run,) in &old {
            let mut transaction = self.writing().await?;
            forget_run(&mut transaction, RunId(*run)).await?;
            transaction.commit().await?;
        }
        Ok(old.len() as u64)
    }
}

/// Makes a run one that can be undone.
pub(crate) async fn remember_source(
    transaction: &mut Transaction,
    source: &SourceId,
    run: RunId,
) -> Result<(), ArchiveError> {
    sqlx::query(
        "INSERT INTO undo_point (run, source, last_full, last_complete, held_set, held_runs)
         SELECT $1, id, last_full, last_complete, held_set, held_runs FROM source WHERE id = $2",
    )
    .bind(run.0)
    .bind(source.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(crate) async fn forget_run(
    transaction: &mut Transaction,
    run: RunId,
) -> Result<(), ArchiveError> {
    for table in ["history", "undo_point"] {
        let mut query = QueryBuilder::<Db>::new("DELETE FROM ");
        query.push(table).push(" WHERE run = ").push_bind(run.0);
        query.build().execute(&mut **transaction).await?;
    }
    Ok(())
}

/// Remembers how records are now, before a run changes them. What was remembered for the run first stays; records that came with
/// the run have nothing to remember.
pub(crate) async fn remember(
    transaction: &mut Transaction,
    run: RunId,
    keys: &[RecordKey],
    kept: Kept,
) -> Result<(), ArchiveError> {
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(
            "INSERT INTO history (run, key, format, checksum, state, accepted, fetched, seen_run, mapped_run, missing_since, body) SELECT ",
        );
        query.push_bind(run.0).push(
            ", record.key, format, checksum, state, accepted, fetched, seen_run, mapped_run, missing_since, ",
        );
        query.push(match kept {
            Kept::Body => "body.zstd FROM record JOIN body ON body.key = record.key",
            _ => "NULL FROM record",
        });
        query.push(" WHERE record.key IN ");
        push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
        query.push(" AND created_run <> ").push_bind(run.0);
        if kept == Kept::Absent {
            query.push(" AND state <> 'present'");
        }
        query.push(match kept {
            // Where the row was remembered without it, the body is still as it was.
            Kept::Body => {
                " ON CONFLICT (run, key) DO UPDATE SET body = COALESCE(history.body, excluded.body)"
            }
            _ => " ON CONFLICT (run, key) DO NOTHING",
        });
        query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Remembers those of the records that are known, with their bodies where these are going to be others.
pub(crate) async fn remember_overwritten(
    transaction: &mut Transaction,
    run: RunId,
    given: &[(RecordKey, Checksum)],
) -> Result<(), ArchiveError> {
    let (mut rows, mut bodies) = (Vec::new(), Vec::new());
    for some in given.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("SELECT key, checksum FROM record WHERE key IN ");
        push_keys(&mut query, some.iter().map(|(key, _)| key.as_bytes()));
        for row in query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .fetch_all(&mut **transaction)
            .await?
        {
            let known = (record_key(&row, "key")?, checksum(&row, "checksum")?);
            if some.contains(&known) {
                rows.push(known.0);
            } else {
                bodies.push(known.0);
            }
        }
    }
    remember(transaction, run, &rows, Kept::Row).await?;
    remember(transaction, run, &bodies, Kept::Body).await
}
