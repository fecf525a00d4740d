//! What was pushed to other catalogues: what each has, and the last pushes.

use chrono::{DateTime, Utc};
use model::{Checksum, EntityKind, SourceId};
use sqlx::{QueryBuilder, Row};
use uuid::Uuid;

use crate::EntityKey;
use crate::db::{Archive, ArchiveError, Db, MAX_ROWS, seconds, time, unknown};
use crate::remake::CATALOGUE;
use crate::rows::{entity_id, entity_key};

/// How many pushes of each target are kept.
const KEPT: i64 = 100;

/// An entity of the catalogue that may be pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub key: EntityKey,
    pub kind: EntityKind,
    pub source: SourceId,
    /// Its last change in the order of changes, or that of an agent that its records describe.
    pub told: i64,
}

/// What a target has of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    pub key: EntityKey,
    /// Of what it was sent last and confirmed.
    pub checksum: Option<Checksum>,
    pub told: i64,
    /// By which the target knows it; empty where it has not said.
    pub remote: String,
    /// It was being sent, and nobody knows whether it came.
    pub pending: bool,
}

/// A push, as it was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushRow {
    pub id: i64,
    pub target: String,
    pub started: DateTime<Utc>,
    /// JSON.
    pub report: String,
}

impl Archive {
    /// Every entity in the catalogue, in the order of identifiers.
    pub async fn candidates(&self) -> Result<Vec<Candidate>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT entity.id, entity.minted, entity.kind, entity.source, COALESCE(stamp.told, 0) AS told FROM entity
             LEFT JOIN stamp ON stamp.entity = entity.id WHERE entity.state = 'public' ORDER BY entity.id",
        )
        .fetch_all(&self.readers)
        .await?;
        let candidate = |row: &sqlx::sqlite::SqliteRow| {
            let kind: &str = row.try_get("kind")?;
            let source: &str = row.try_get("source")?;
            Ok(Candidate {
                key: entity_key(row, "minted", "id")?,
                kind: EntityKind::from_segment(kind)
                    .map_or_else(|| unknown("entity.kind", kind), Ok)?,
                source: SourceId::new(source).or_else(|_| unknown("entity.source", source))?,
                told: row.try_get("told")?,
            })
        };
        rows.iter().map(candidate).collect()
    }

    /// What is said of the catalogue itself: sorted canonical N-Triples.
    pub async fn catalogue_text(&self) -> Result<String, ArchiveError> {
        let lines: Vec<(String,)> =
            sqlx::query_as("SELECT line FROM shared WHERE entity = $1 ORDER BY line")
                .bind(CATALOGUE.id.as_bytes().to_vec())
                .fetch_all(&self.readers)
                .await?;
        Ok(lines.iter().flat_map(|(line,)| [line, "\n"]).collect())
    }

    /// What a target has, in the order of identifiers.
    pub async fn pushed(&self, target: &str) -> Result<Vec<Pushed>, ArchiveError> {
        let rows = sqlx::query("SELECT entity, minted, checksum, told, remote, pending FROM pushed WHERE target = $1 ORDER BY entity")
            .bind(target)
            .fetch_all(&self.readers)
            .await?;
        let pushed = |row: &sqlx::sqlite::SqliteRow| {
            let checksum: Vec<u8> = row.try_get("checksum")?;
            Ok(Pushed {
                key: entity_key(row, "minted", "entity")?,
                checksum: Checksum::from_slice(&checksum),
                told: row.try_get("told")?,
                remote: row.try_get("remote")?,
                pending: row.try_get::<i64, _>("pending")? != 0,
            })
        };
        rows.iter().map(pushed).collect()
    }

    /// Where a target was when it was last pushed to.
    pub async fn push_address(&self, target: &str) -> Result<Option<String>, ArchiveError> {
        let row: Option<(String,)> =
            sqlx::query_as("SELECT address FROM push_address WHERE target = $1")
                .bind(target)
                .fetch_optional(&self.readers)
                .await?;
        Ok(row.map(|(address,)| address))
    }

    /// Notes that a target is somewhere else now, and forgets what it had where it was.
    pub async fn move_push(&self, target: &str, address: &str) -> Result<(), ArchiveError> {
        let mut transaction = self.writing().await?;
        sqlx::query("DELETE FROM pushed WHERE target = $1")
            .bind(target)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("INSERT INTO push_address (target, address) VALUES ($1, $2) ON CONFLICT (target) DO UPDATE SET address = excluded.address")
            .bind(target)
            .bind(address)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Notes what a target has of entities, or what is being sent to it.
    pub async fn note_pushed(&self, target: &str, rows: &[Pushed]) -> Result<(), ArchiveError> {
        let mut transaction = self.writing().await?;
        for some in rows.chunks(MAX_ROWS) {
            let mut query = QueryBuilder::<Db>::new(
                "INSERT INTO pushed (target, entity, minted, checksum, told, remote, pending) ",
            );
            query.push_values(some, |mut row, pushed| {
                let checksum = pushed
                    .checksum
                    .map(|checksum| checksum.as_bytes().to_vec())
                    .unwrap_or_default();
                row.push_bind(target)
                    .push_bind(pushed.key.id.as_bytes().to_vec())
                    .push_bind(pushed.key.minted.segment())
                    .push_bind(checksum)
                    .push_bind(pushed.told)
                    .push_bind(pushed.remote.as_str())
                    .push_bind(i64::from(pushed.pending));
            });
            query.push(
                " ON CONFLICT (target, entity) DO UPDATE SET minted = excluded.minted, checksum = excluded.checksum, told = excluded.told,
                 remote = excluded.remote, pending = excluded.pending",
            );
            query
                .build()
                .persistent(some.len() == MAX_ROWS)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Notes that a target has these no more.
    pub async fn forget_pushed(
        &self,
        target: &str,
        keys: &[EntityKey],
    ) -> Result<(), ArchiveError> {
        let mut transaction = self.writing().await?;
        for key in keys {
            sqlx::query("DELETE FROM pushed WHERE target = $1 AND entity = $2")
                .bind(target)
                .bind(key.id.as_bytes().to_vec())
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Keeps the report of a push.
    pub async fn save_push(
        &self,
        target: &str,
        started: DateTime<Utc>,
        report: &str,
    ) -> Result<(), ArchiveError> {
        let mut transaction = self.writing().await?;
        sqlx::query("INSERT INTO push (target, started, report) VALUES ($1, $2, $3)")
            .bind(target)
            .bind(seconds(started))
            .bind(report)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM push WHERE target = $1 AND id <= (SELECT MAX(id) FROM push WHERE target = $1) - $2")
            .bind(target)
            .bind(KEPT)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// The last push of each target.
    pub async fn last_pushes(&self) -> Result<Vec<PushRow>, ArchiveError> {
        let rows: Vec<(i64, String, i64, String)> = sqlx::query_as(
            "SELECT id, target, started, report FROM push WHERE id IN (SELECT MAX(id) FROM push GROUP BY target) ORDER BY target",
        )
        .fetch_all(&self.readers)
        .await?;
        let row = |(id, target, started, report)| PushRow {
            id,
            target,
            started: time(started),
            report,
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Lets the next push of a target delete what the guard holds.
    pub async fn release_push(&self, target: &str, reason: &str) -> Result<(), ArchiveError> {
        sqlx::query("INSERT INTO push_release (target, reason) VALUES ($1, $2) ON CONFLICT (target) DO UPDATE SET reason = excluded.reason")
            .bind(target)
            .bind(reason)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Why a person let the next push of a target delete what it has to.
    pub async fn push_release(&self, target: &str) -> Result<Option<String>, ArchiveError> {
        let row: Option<(String,)> =
            sqlx::query_as("SELECT reason FROM push_release WHERE target = $1")
                .bind(target)
                .fetch_optional(&self.readers)
                .await?;
        Ok(row.map(|(reason,)| reason))
    }

    /// A release holds for one push.
    pub async fn end_push_release(&self, target: &str) -> Result<(), ArchiveError> {
        sqlx::query("DELETE FROM push_release WHERE target = $1")
            .bind(target)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// The entities that are on record as having a record of one of these sources, withdrawn ones left out.
    pub async fn having_records_of(&self, sources: &[SourceId]) -> Result<Vec<Uuid>, ArchiveError> {
        let mut found = Vec::new();
        for source in sources {
            let rows = sqlx::query("SELECT DISTINCT entity FROM record WHERE source = $1 AND entity IS NOT NULL AND state <> 'withdrawn' AND accepted = 1")
                .bind(source.as_str())
                .fetch_all(&self.readers)
                .await?;
            for row in &rows {
                found.push(entity_id(row, "entity")?);
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }
}
