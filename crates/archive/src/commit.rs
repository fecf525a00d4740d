//! One transaction a batch: records, the entities made of them, and the changes that projections have to follow.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use identity::Facts;
use model::{Checksum, EntityKind, Finding, RecordFormat, RecordId, RunId, RunReport, SourceId};
use sqlx::QueryBuilder;

use crate::agents::describe_agents;
use crate::db::{Archive, ArchiveError, Db, MAX_ROWS, Transaction, seconds};
use crate::history::{Kept, remember, remember_overwritten};
use crate::identity::{Arrival, place, settle_heads, settle_moved, standing_before};
use crate::log::Log;
use crate::pack::Packed;
use crate::read::{Change, What};
use crate::resume::{CrawlStep, write_step};
use crate::rows::push_keys;
use crate::runs::{insert_findings, save_run};
use crate::{EntityKey, RecordKey};

/// What a page, or a part of one, changes.
#[derive(Debug)]
pub struct Batch {
    pub source: SourceId,
    pub run: RunId,
    pub at: DateTime<Utc>,
    /// Records that are as they were.
    pub unchanged: Vec<RecordKey>,
    /// Those of them that were missing.
    pub back: Vec<RecordKey>,
    pub writes: Vec<RecordWrite>,
    pub findings: Vec<Finding>,
}

#[derive(Debug)]
pub struct RecordWrite {
    pub key: RecordKey,
    pub id: RecordId,
    pub format: RecordFormat,
    pub checksum: Checksum,
    pub body: Packed,
    pub verdict: Verdict,
}

#[derive(Debug)]
pub enum Verdict {
    Accepted {
        primary: Box<Sealed>,
        agents: Vec<Sealed>,
    },
    /// It could not be mapped. Its body is kept, unless an earlier one could be mapped: then that one and its entity are.
    Refused { accepted_before: bool },
    /// It is an entity of this catalogue that comes back: it does not enter again.
    Own,
}

/// An entity as it is kept and compared.
#[derive(Debug, Clone)]
pub struct Sealed {
    pub key: EntityKey,
    pub kind: EntityKind,
    pub rank: String,
    pub content: Content,
    /// Names by which other records of the source point at it.
    pub aliases: Vec<String>,
    pub links: Vec<NamedLink>,
    /// What tells which dataset the record describes; none for agents.
    pub facts: Option<Facts>,
}

/// What a commit changed.
#[derive(Debug, Default)]
pub struct Committed {
    pub changes: Vec<Change>,
    /// Entities that are not what one record of the batch was sealed as: they are made of several records, or stand under
    /// another IRI.
    pub recomposed: HashSet<EntityKey>,
}

/// A statement about whichever entity has a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedLink {
    pub subject: String,
    pub predicate: String,
    pub target: String,
    /// The kind that the target has to have.
    pub kind: EntityKind,
}

#[derive(Debug, Clone)]
pub struct Content {
    /// Of all that is kept of the entity; equal checksums mean that nothing changed.
    pub checksum: Checksum,
    /// Sorted canonical N-Triples, a line each.
    pub text: String,
    pub graph: Packed,
    /// Triples about IRIs that the entity does not own, sorted.
    pub shared: Vec<String>,
}

impl Archive {
    /// Writes a batch. Adds to the report what became of its records; gives the changes for the projections.
    pub async fn commit(
        &self,
        batch: Batch,
        report: &mut RunReport,
    ) -> Result<Committed, ArchiveError> {
        self.commit_step(batch, None, report).await
    }

    /// The same, with where the crawl stands after it.
    pub async fn commit_step(
        &self,
        batch: Batch,
        step: Option<CrawlStep>,
        report: &mut RunReport,
    ) -> Result<Committed, ArchiveError> {
        let mut transaction = self.writing().await?;
        let mut log = Log::begin(&mut transaction, &self.base, batch.run, batch.at).await?;
        let mut figures = report.clone();
        figures.unchanged += batch.unchanged.len() as u64;
        let (kept, written): (Vec<RecordWrite>, Vec<RecordWrite>) =
            batch.writes.into_iter().partition(|write| {
                matches!(
                    write.verdict,
                    Verdict::Refused {
                        accepted_before: true
                    }
                )
            });
        figures.refused += kept.len() as u64;
        let mut seen = batch.unchanged;
        seen.extend(kept.iter().map(|write| write.key));
        mark_seen(&mut transaction, &seen, batch.run).await?;

        let records: Vec<RecordKey> = written.iter().map(|write| write.key).collect();
        let before = standing_before(&mut transaction, &records).await?;
        write_records(
            &mut transaction,
            &batch.source,
            batch.run,
            self.as_of.unwrap_or(batch.at),
            &written,
        )
        .await?;
        let mut arrivals = Vec::with_capacity(written.len());
        // Entities that entered before it was known that they are ours.
        let mut entered = Vec::new();
        let mut moved = batch.back;
        let mut descriptions = Vec::new();
        for write in written {
            match write.verdict {
                Verdict::Refused { .. } => figures.refused += 1,
                Verdict::Own => {
                    figures.unchanged += 1;
                    descriptions.push((write.key, Vec::new()));
                    let entity = before.get(&write.key).and_then(|standing| standing.entity);
                    // What shared something with it may be one now that it is no more.
                    moved.extend(entity.map(|_| write.key));
                    entered.extend(entity);
                }
                Verdict::Accepted { primary, agents } => {
                    arrivals.push(Arrival {
                        record: write.key,
                        sealed: *primary,
                    });
                    descriptions.push((write.key, agents));
                }
            }
        }
        let arrived: Vec<RecordKey> = arrivals.iter().map(|arrival| arrival.record).collect();
        let placed = place(
            &mut transaction,
            &self.trust,
            &batch.source,
            arrivals,
            &before,
            false,
            &mut log,
        )
        .await?;
        describe_agents(
            &mut transaction,
            &batch.source,
            descriptions,
            false,
            &mut log,
        )
        .await?;
        settle_heads(&mut transaction, &self.trust, &entered, &mut log).await?;
        let mut recomposed = placed.recomposed;
        recomposed.extend(settle_moved(&mut transaction, &self.trust, &moved, &mut log).await?);
        // Of several records that are one, the first makes the entity, and the others change it: in one batch as in several.
        let mut made = HashSet::new();
        for record in arrived {
            let head = placed.heads.get(&record);
            match head.and_then(|head| log.what(*head)) {
                Some(What::Created | What::Restored)
                    if head.is_some_and(|head| made.insert(*head)) =>
                {
                    figures.created += 1;
                }
                Some(_) => figures.updated += 1,
                None => figures.unchanged += 1,
            }
        }
        insert_findings(&mut transaction, &batch.source, batch.run, &batch.findings).await?;
        if let Some(step) = &step {
            write_step(&mut transaction, &batch.source, batch.at, step).await?;
        }
        let changes = log.write(&mut transaction).await?;
        save_run(&mut transaction, &figures).await?;
        transaction.commit().await?;
        *report = figures;
        Ok(Committed {
            changes,
            recomposed,
        })
    }
}

async fn mark_seen(
    transaction: &mut Transaction,
    keys: &[RecordKey],
    run: RunId,
) -> Result<(), ArchiveError> {
    remember(transaction, run, keys, Kept::Absent).await?;
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(
            "UPDATE record SET state = 'present', withheld = 0, missing_since = NULL, seen_run = ",
        );
        query.push_bind(run.0).push(" WHERE key IN ");
        push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
        query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

pub(crate) async fn mark_mapped(
    transaction: &mut Transaction,
    keys: &[RecordKey],
    run: RunId,
) -> Result<(), ArchiveError> {
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("UPDATE record SET mapped_run = ");
        query.push_bind(run.0).push(" WHERE key IN ");
        push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
        query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Notes whether a record could be mapped. The IRI that its entity has once been given stays its own.
pub(crate) async fn set_accepted(
    transaction: &mut Transaction,
    key: RecordKey,
    entity: Option<EntityKey>,
) -> Result<(), ArchiveError> {
    sqlx::query("UPDATE record SET accepted = $1, minted = COALESCE(minted, $2), entity = COALESCE(entity, $3) WHERE key = $4")
        .bind(i64::from(entity.is_some()))
        .bind(entity.map(|entity| entity.minted.segment()))
        .bind(entity.map(|entity| entity.id.as_bytes().to_vec()))
        .bind(key.as_bytes())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn write_records(
    transaction: &mut Transaction,
    source: &SourceId,
    run: RunId,
    at: DateTime<Utc>,
    writes: &[RecordWrite],
) -> Result<(), ArchiveError> {
    let given: Vec<(RecordKey, Checksum)> = (writes.iter())
        .map(|write| (write.key, write.checksum))
        .collect();
    remember_overwritten(transaction, run, &given).await?;
    for some in writes.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(
            "INSERT INTO record (key, source, id, format, checksum, state, accepted, minted, entity, first_seen, fetched, seen_run, mapped_run, created_run, first_run) ",
        );
        query.push_values(some, |mut row, write| {
            let primary = match &write.verdict {
                Verdict::Accepted { primary, .. } => Some(primary.key),
                Verdict::Refused { .. } | Verdict::Own => None,
            };
            row.push_bind(write.key.as_bytes())
                .push_bind(source.as_str())
                .push_bind(write.id.as_str())
                .push_bind(write.format.as_str())
                .push_bind(write.checksum.as_bytes())
                .push("'present'")
                .push_bind(i64::from(primary.is_some()))
                .push_bind(primary.map(|key| key.minted.segment()))
                .push_bind(primary.map(|key| key.id.as_bytes().to_vec()))
                .push_bind(seconds(at))
                .push_bind(seconds(at))
                .push_bind(run.0)
                .push_bind(run.0)
                .push_bind(run.0)
                .push_bind(run.0);
        });
        query.push(
            " ON CONFLICT (key) DO UPDATE SET state = 'present', withheld = 0, missing_since = NULL, seen_run = excluded.seen_run, mapped_run = excluded.mapped_run,
             format = excluded.format, checksum = excluded.checksum, fetched = excluded.fetched, accepted = excluded.accepted,
             minted = COALESCE(record.minted, excluded.minted), entity = COALESCE(record.entity, excluded.entity)",
        );
        query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;

        let mut query = QueryBuilder::<Db>::new("INSERT INTO body (key, zstd) ");
        query.push_values(some, |mut row, write| {
            row.push_bind(write.key.as_bytes())
                .push_bind(write.body.0.as_slice());
        });
        query
            .push(" ON CONFLICT (key) DO UPDATE SET zstd = excluded.zstd")
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}
