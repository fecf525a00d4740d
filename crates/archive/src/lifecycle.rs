//! Records that a complete run did not see: the deletion guard, the period of grace, withdrawal.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use model::{Checksum, EntityKind, RunReport, SourceId};
use sqlx::{QueryBuilder, Row};

use crate::agents::settle_agents;
use crate::commit::Content;
use crate::db::{Archive, ArchiveError, Db, MAX_ROWS, Transaction, seconds};
use crate::grace;
use crate::history::{Kept, remember};
use crate::identity::{settle_heads, settle_moved};
use crate::log::Log;
use crate::read::Change;
use crate::rows::{entity_id, entity_key, push_keys, record_key, rows_in};
use crate::runs::save_run;
use crate::{EntityKey, RecordKey};

/// What keeps a catalogue from being deleted because one answer was short.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guard {
    /// The share of the known records that may be absent at once, from 0 to 1.
    pub share: f64,
    /// How many complete runs in a row have to agree on what is absent before it is let through all the same.
    pub agree: u32,
    /// How long a record is missing before it is withdrawn.
    pub grace: TimeDelta,
}

/// What a complete run means for the records that it did not see.
#[derive(Debug, Clone, Default)]
pub struct Retirement {
    pub changes: Vec<Change>,
    /// Set when the guard held records back: how many of how many, and how many runs have agreed.
    pub held: Option<(u64, u64, u32)>,
    /// Set when the guard let records go because a person released them: what the person said why.
    pub released: Option<String>,
    /// The records that the guard held back.
    pub kept: Vec<RecordKey>,
}

/// What a complete run says of records that it did not see.
#[derive(Debug, Clone, Copy)]
pub struct Absence<'a> {
    /// It was to see every record, so that one that it did not see is absent.
    pub whole: bool,
    /// Some records could not be told apart: one that seems absent may be among them, and the guard holds any number.
    pub doubt: bool,
    /// The source's own count says that this was everything: where it does not, no number of runs that agree lets go what the guard
    /// holds, and only a person does.
    pub proven: bool,
    /// Records that the source itself says are deleted: they pass the guard too, and need no grace.
    pub gone: &'a [RecordKey],
}

impl Archive {
    /// Withdraws records that the source says are not for the public: at once, since the guard protects against errors of
    /// harvesting, and this is none.
    pub async fn withhold(
        &self,
        source: &SourceId,
        keys: &[RecordKey],
        at: DateTime<Utc>,
        report: &mut RunReport,
    ) -> Result<Vec<Change>, ArchiveError> {
        let mut transaction = self.writing().await?;
        let there = still_there(&mut transaction, source, keys).await?;
        let mut figures = report.clone();
        let mut log = Log::begin(&mut transaction, &self.base, report.run, at).await?;
        remember(&mut transaction, report.run, &there, Kept::Row).await?;
        withdraw(&mut transaction, &self.trust, &there, &mut log).await?;
        mark_withheld(&mut transaction, source, keys).await?;
        figures.withdrawn += there.len() as u64;
        let changes = log.write(&mut transaction).await?;
        save_run(&mut transaction, &figures).await?;
        transaction.commit().await?;
        *report = figures;
        Ok(changes)
    }

    /// Decides on the records that a complete run did not see, and does it.
    pub async fn retire(
        &self,
        source: &SourceId,
        guard: Guard,
        at: DateTime<Utc>,
        absence: Absence<'_>,
        report: &mut RunReport,
    ) -> Result<Retirement, ArchiveError> {
        let Absence {
            whole,
            doubt,
            proven,
            gone,
        } = absence;
        let seen_at = self.as_of.unwrap_or(at);
        let mut transaction = self.writing().await?;
        let mut retirement = Retirement::default();
        let mut absent = if whole {
            grace::begin_anew(&mut transaction, source, report.run, at).await?;
            absent(&mut transaction, source, report).await?
        } else {
            Vec::new()
        };
        let deleted = still_there(&mut transaction, source, gone).await?;
        absent.retain(|key| !deleted.contains(key));
        let (known, in_grace) = counted(&mut transaction, source).await?;
        // One that was missing and is deleted now leaves once.
        let missing = missing_among(&mut transaction, &deleted).await?;
        let leaving = (absent.len() + deleted.len()) as u64 + in_grace.saturating_sub(missing);
        let newly = !absent.is_empty() || !deleted.is_empty();

        let passed = if newly && (doubt || exceeds(leaving, known, guard.share)) {
            pass(
                &mut transaction,
                source,
                guard,
                proven,
                absent.iter().chain(&deleted),
            )
            .await?
        } else {
            forget_held(&mut transaction, source, whole).await?;
            Pass::Through(None)
        };
        let mut figures = report.clone();
        let mut log = Log::begin(&mut transaction, &self.base, report.run, at).await?;
        match passed {
            Pass::Held(runs) => {
                figures.held = (absent.len() + deleted.len()) as u64;
                retirement.held = Some((leaving, known, runs));
                retirement.kept = absent;
                retirement.kept.extend(deleted);
            }
            Pass::Through(released) => {
                retirement.released = released;
                remember(&mut transaction, report.run, &absent, Kept::Row).await?;
                remember(&mut transaction, report.run, &deleted, Kept::Row).await?;
                set_missing(&mut transaction, &absent, seen_at).await?;
                settle_moved(&mut transaction, &self.trust, &absent, &mut log).await?;
                withdraw(&mut transaction, &self.trust, &deleted, &mut log).await?;
                figures.withdrawn += deleted.len() as u64;
                if whole {
                    let due = due(&mut transaction, source, before(seen_at, guard.grace)).await?;
                    remember(&mut transaction, report.run, &due, Kept::Row).await?;
                    withdraw(&mut transaction, &self.trust, &due, &mut log).await?;
                    figures.withdrawn += due.len() as u64;
                }
            }
        }
        figures.missing = counted(&mut transaction, source).await?.1;
        retirement.changes = log.write(&mut transaction).await?;
        save_run(&mut transaction, &figures).await?;
        transaction.commit().await?;
        *report = figures;
        Ok(retirement)
    }
}

fn exceeds(leaving: u64, known: u64, share: f64) -> bool {
    leaving as f64 > known as f64 * share
}

enum Pass {
    /// Because a person released them, where there is a word on why.
    Through(Option<String>),
    Held(u32),
}

/// Whether a person released the records, or enough runs agreed on them; counts this run as one that does.
async fn pass<'a>(
    transaction: &mut Transaction,
    source: &SourceId,
    guard: Guard,
    proven: bool,
    leaving: impl Iterator<Item = &'a RecordKey>,
) -> Result<Pass, ArchiveError> {
    let mut keys: Vec<&RecordKey> = leaving.collect();
    keys.sort_unstable();
    let set = Checksum::of(
        &keys
            .iter()
            .flat_map(|key| key.as_bytes())
            .copied()
            .collect::<Vec<u8>>(),
    );
    let (held, runs, released, why): (Option<Vec<u8>>, i64, i64, Option<String>) = sqlx::query_as(
        "SELECT held_set, held_runs, released, released_because FROM source WHERE id = $1",
    )
    .bind(source.as_str())
    .fetch_one(&mut **transaction)
    .await?;
    let before = match held.as_deref() == Some(set.as_bytes()) {
        true => u32::try_from(runs).unwrap_or(u32::MAX),
        false => 0,
    };
    // A run that does not prove what it says agrees with none.
    let agreeing = before.saturating_add(u32::from(proven));
    // A person released what was held then, and no more than that.
    let same = held.as_deref() == Some(set.as_bytes());
    let released = released != 0
        && (same || (proven && keys.len() as u64 <= held_before(transaction, source).await?));
    if released || (proven && agreeing >= guard.agree.max(1)) {
        forget_held(transaction, source, true).await?;
        return Ok(Pass::Through(released.then(|| why.unwrap_or_default())));
    }
    sqlx::query("UPDATE source SET held_set = $1, held_runs = $2, released = 0, released_because = NULL WHERE id = $3")
        .bind(set.as_bytes())
        .bind(i64::from(agreeing))
        .bind(source.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(Pass::Held(agreeing))
}

/// How many records the guard held in the last run in which it held any.
async fn held_before(
    transaction: &mut Transaction,
    source: &SourceId,
) -> Result<u64, ArchiveError> {
    let held: Option<(i64,)> = sqlx::query_as(
        "SELECT held FROM run WHERE source = $1 AND held > 0 ORDER BY id DESC LIMIT 1",
    )
    .bind(source.as_str())
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(held.map_or(0, |(held,)| u64::try_from(held).unwrap_or(0)))
}

/// A whole run that the guard has nothing against ends what it held.
async fn forget_held(
    transaction: &mut Transaction,
    source: &SourceId,
    whole: bool,
) -> Result<(), ArchiveError> {
    if whole {
        sqlx::query(
            "UPDATE source SET held_set = NULL, held_runs = 0, released = 0, released_because = NULL WHERE id = $1",
        )
        .bind(source.as_str())
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

/// The records that are thought present and that the run did not see.
async fn absent(
    transaction: &mut Transaction,
    source: &SourceId,
    report: &RunReport,
) -> Result<Vec<RecordKey>, ArchiveError> {
    let rows = sqlx::query("SELECT key FROM record WHERE source = $1 AND state = 'present' AND seen_run < $2 ORDER BY key")
        .bind(source.as_str())
        .bind(report.run.0)
        .fetch_all(&mut **transaction)
        .await?;
    rows.iter().map(|row| record_key(row, "key")).collect()
}

/// Those of the records that are not withdrawn yet.
async fn still_there(
    transaction: &mut Transaction,
    source: &SourceId,
    keys: &[RecordKey],
) -> Result<Vec<RecordKey>, ArchiveError> {
    let mut there = Vec::new();
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(
            "SELECT key FROM record WHERE state <> 'withdrawn' AND source = ",
        );
        query.push_bind(source.as_str()).push(" AND key IN ");
        push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
        for row in query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .fetch_all(&mut **transaction)
            .await?
        {
            there.push(record_key(&row, "key")?);
        }
    }
    Ok(there)
}

/// How many of the records are missing.
async fn missing_among(
    transaction: &mut Transaction,
    keys: &[RecordKey],
) -> Result<u64, ArchiveError> {
    let keys: Vec<&[u8]> = keys.iter().map(RecordKey::as_bytes).collect();
    let statement = "SELECT 1 FROM record WHERE state = 'missing' AND key IN ";
    Ok(rows_in(transaction, statement, &keys).await?.len() as u64)
}

/// How many records of the source are known and not withdrawn, and how many of them are missing.
async fn counted(
    transaction: &mut Transaction,
    source: &SourceId,
) -> Result<(u64, u64), ArchiveError> {
    let (known, missing): (i64, i64) = sqlx::query_as(
        "SELECT COUNT(*), COUNT(CASE WHEN state = 'missing' THEN 1 END) FROM record WHERE source = $1 AND state IN ('present', 'missing')",
    )
    .bind(source.as_str())
    .fetch_one(&mut **transaction)
    .await?;
    Ok((
        u64::try_from(known).unwrap_or(0),
        u64::try_from(missing).unwrap_or(0),
    ))
}

/// Notes that the source keeps records from the public, so that undoing a run does not publish them.
async fn mark_withheld(
    transaction: &mut Transaction,
    source: &SourceId,
    keys: &[RecordKey],
) -> Result<(), ArchiveError> {
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("UPDATE record SET withheld = 1 WHERE source = ");
        query.push_bind(source.as_str()).push(" AND key IN ");
        push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
        query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

pub(crate) async fn set_missing(
    transaction: &mut Transaction,
    keys: &[RecordKey],
    at: DateTime<Utc>,
) -> Result<(), ArchiveError> {
    for some in keys.chunks(MAX_ROWS) {
        let mut query =
            QueryBuilder::<Db>::new("UPDATE record SET state = 'missing', missing_since = ");
        query.push_bind(seconds(at)).push(" WHERE key IN ");
        push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
        query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// The missing records whose period of grace is over.
async fn due(
    transaction: &mut Transaction,
    source: &SourceId,
    before: DateTime<Utc>,
) -> Result<Vec<RecordKey>, ArchiveError> {
    let rows = sqlx::query("SELECT key FROM record WHERE source = $1 AND state = 'missing' AND missing_since <= $2 ORDER BY key")
        .bind(source.as_str())
        .bind(seconds(before))
        .fetch_all(&mut **transaction)
        .await?;
    rows.iter().map(|row| record_key(row, "key")).collect()
}

/// A time before another; the first of all where the period is longer than time.
fn before(at: DateTime<Utc>, period: TimeDelta) -> DateTime<Utc> {
    at.checked_sub_signed(period)
        .unwrap_or(DateTime::UNIX_EPOCH)
}

/// Takes records out of the catalogue, with their entities and with the agents that only they named.
pub(crate) async fn withdraw(
    transaction: &mut Transaction,
    trust: &[SourceId],
    keys: &[RecordKey],
    log: &mut Log,
) -> Result<(), ArchiveError> {
    for some in keys.chunks(MAX_ROWS) {
        let mut query =
            QueryBuilder::<Db>::new("UPDATE record SET state = 'withdrawn' WHERE key IN ");
        push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
        query.push(" RETURNING minted, entity");
        let mut entities: Vec<EntityKey> = Vec::new();
        for row in query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .fetch_all(&mut **transaction)
            .await?
        {
            if row.try_get::<Option<String>, _>("minted")?.is_some() {
                entities.push(entity_key(&row, "minted", "entity")?);
            }
        }
        settle_heads(transaction, trust, &entities, log).await?;
        // Those that shared a key with them, and were not one with them, may be alone with it now.
        settle_moved(transaction, trust, some, log).await?;

        let mut query = QueryBuilder::<Db>::new("DELETE FROM description WHERE record IN ");
        push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
        query.push(" RETURNING entity");
        let mut agents: Vec<EntityKey> = Vec::new();
        for row in query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .fetch_all(&mut **transaction)
            .await?
        {
            agents.push(EntityKey {
                minted: EntityKind::Organisation,
                id: entity_id(&row, "entity")?,
            });
        }
        agents.sort_unstable();
        agents.dedup();
        settle_agents(
            transaction,
            &agents,
            &HashMap::<Checksum, (EntityKind, Content)>::new(),
            log,
        )
        .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_may_go_and_not_more() {
        assert!(!exceeds(20, 100, 0.2));
        assert!(exceeds(21, 100, 0.2));
        assert!(exceeds(1, 1, 0.2));
        assert!(!exceeds(0, 0, 0.2));
    }
}
