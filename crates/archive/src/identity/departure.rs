//! Why an entity left the catalogue.

use chrono::{DateTime, Utc};
use model::{RunId, SourceId};
use sqlx::Row;

use crate::EntityKey;
use crate::db::{Archive, ArchiveError, seconds, time, unknown};

/// How a source came to have an entity no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    pub source: SourceId,
    pub cause: Cause,
    /// The run that was going on then.
    pub run: Option<RunId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It was not found since then, and the period of grace is over.
    Missing(DateTime<Utc>),
    /// The source says that it is not for the public.
    Withheld,
    /// The source itself says that it has it no more.
    Deleted,
    /// It is there, and the rules refuse it now.
    Refused,
}

/// More records than this are not asked.
const MOST: i64 = 50;

impl Archive {
    /// How each source that had a withdrawn entity came to have it no more: nothing of what it said of it. None for agents, which
    /// leave with the last record that names them.
    pub async fn departures(
        &self,
        key: EntityKey,
        at: DateTime<Utc>,
    ) -> Result<Vec<Departure>, ArchiveError> {
        // Also the records that were one with others when these left.
        let rows = sqlx::query(
            "SELECT source, id, state, accepted, missing_since FROM record
             WHERE entity = $1 OR key IN (SELECT record FROM fact WHERE own = $1) ORDER BY first_run, first_seen, key LIMIT $2",
        )
        .bind(key.id.as_bytes().to_vec())
        .bind(MOST)
        .fetch_all(&self.readers)
        .await?;
        let mut departures: Vec<Departure> = Vec::new();
        for row in rows {
            let (source, id): (String, String) = (row.try_get("source")?, row.try_get("id")?);
            let Ok(source) = SourceId::new(&source) else {
                return unknown("record.source", &source);
            };
            let run = self.going_on(&source, at).await?;
            let withdrawn = row.try_get::<String, _>("state")? == "withdrawn";
            let missing: Option<i64> = row.try_get("missing_since")?;
            let cause = match run {
                _ if !withdrawn && row.try_get::<i64, _>("accepted")? == 0 => Cause::Refused,
                _ if !withdrawn => continue,
                Some(run) if self.withheld_by(run, &source, &id).await? => Cause::Withheld,
                _ => missing.map_or(Cause::Deleted, |since| Cause::Missing(time(since))),
            };
            let departure = Departure { source, cause, run };
            if !departures.contains(&departure) {
                departures.push(departure);
            }
        }
        Ok(departures)
    }

    /// The run of a source that was going on at a time.
    async fn going_on(
        &self,
        source: &SourceId,
        at: DateTime<Utc>,
    ) -> Result<Option<RunId>, ArchiveError> {
        let row: Option<(i64,)> = sqlx::query_as(
            "SELECT id FROM run WHERE source = $1 AND started <= $2 AND (finished IS NULL OR finished >= $2) ORDER BY id DESC LIMIT 1",
        )
        .bind(source.as_str())
        .bind(seconds(at))
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.map(|(run,)| RunId(run)))
    }

    /// What a source does not show comes with a finding.
    async fn withheld_by(
        &self,
        run: RunId,
        source: &SourceId,
        record: &str,
    ) -> Result<bool, ArchiveError> {
        let row = sqlx::query(
            "SELECT 1 FROM finding WHERE run = $1 AND source = $2 AND record = $3 AND rule IN ('record/private', 'record/not-public') LIMIT 1",
        )
        .bind(run.0)
        .bind(source.as_str())
        .bind(record)
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.is_some())
    }
}
