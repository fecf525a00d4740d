//! Whether the server of a source tells what changed: what was found when it was asked, and when everything was read.

use chrono::{DateTime, Utc};
use model::{Checksum, Incremental, RunId, SourceId};
use sqlx::Row;

use crate::RecordKey;
use crate::db::{Archive, ArchiveError, seconds, time};
use crate::rows::{checksum, record_key};

/// What is known of how a server tells what changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Of what the source was asked with.
    pub configuration: Checksum,
    /// When it was asked.
    pub at: DateTime<Utc>,
    /// Records in all, changed since long ago, and changed since a time to come; where the server tells.
    pub total: Option<u64>,
    pub past: Option<u64>,
    pub future: Option<u64>,
    /// Why it does not tell what changed.
    pub fault: Option<String>,
    pub compared: Option<Compared>,
}

/// What a run that read everything found changed, held against what the server would have told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub at: DateTime<Utc>,
    pub changes: u64,
    /// Those of them that the server would not have told.
    pub missed: u64,
}

impl Probe {
    /// Why the server is not asked for changes only; `None` if it is.
    pub fn distrust(&self, incremental: Incremental) -> Option<String> {
        if let Some(fault) = &self.fault {
            return Some(fault.clone());
        }
        match (&self.compared, incremental) {
            (_, Incremental::Off) => Some("it is configured not to be asked".to_owned()),
            (Some(compared), _) if compared.missed > 0 => Some(format!(
                "it would not have told {} of {} changes that reading everything found on {}",
                compared.missed,
                compared.changes,
                compared.at.format("%Y-%m-%d")
            )),
            (None, Incremental::Auto) => {
                Some("no run that read everything has found a change yet to compare".to_owned())
            }
            _ => None,
        }
    }
}

impl Archive {
    pub async fn probe(&self, source: &SourceId) -> Result<Option<Probe>, ArchiveError> {
        let row = sqlx::query("SELECT * FROM probe WHERE source = $1")
            .bind(source.as_str())
            .fetch_optional(&self.readers)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let number = |column: &str| -> Result<Option<u64>, sqlx::Error> {
            let number = row.try_get::<Option<i64>, _>(column)?;
            Ok(number.and_then(|number| u64::try_from(number).ok()))
        };
        let compared = match row.try_get::<Option<i64>, _>("compared")? {
            Some(at) => Some(Compared {
                at: time(at),
                changes: number("changes")?.unwrap_or(0),
                missed: number("missed")?.unwrap_or(0),
            }),
            None => None,
        };
        Ok(Some(Probe {
            configuration: checksum(&row, "configuration")?,
            at: time(row.try_get("at")?),
            total: number("total")?,
            past: number("past")?,
            future: number("future")?,
            fault: row.try_get("fault")?,
            compared,
        }))
    }

    pub async fn keep_probe(&self, source: &SourceId, probe: &Probe) -> Result<(), ArchiveError> {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let compared = probe.compared.as_ref();
        sqlx::query(
            "INSERT INTO probe (source, configuration, at, total, past, future, fault, compared, changes, missed)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (source) DO UPDATE SET configuration = excluded.configuration, at = excluded.at, total = excluded.total,
             past = excluded.past, future = excluded.future, fault = excluded.fault, compared = excluded.compared,
             changes = excluded.changes, missed = excluded.missed",
        )
        .bind(source.as_str())
        .bind(probe.configuration.as_bytes())
        .bind(seconds(probe.at))
        .bind(probe.total.map(number))
        .bind(probe.past.map(number))
        .bind(probe.future.map(number))
        .bind(probe.fault.as_deref())
        .bind(compared.map(|compared| seconds(compared.at)))
        .bind(compared.map_or(0, |compared| number(compared.changes)))
        .bind(compared.map_or(0, |compared| number(compared.missed)))
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// The records that a run mapped and whose published entities it changed.
    pub async fn changed_in(
        &self,
        source: &SourceId,
        run: RunId,
    ) -> Result<Vec<RecordKey>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT record.key FROM record JOIN entity ON entity.id = record.entity JOIN run ON run.id = record.mapped_run
             WHERE record.source = $1 AND record.mapped_run = $2 AND entity.changed >= run.started ORDER BY record.key",
        )
        .bind(source.as_str())
        .bind(run.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| record_key(row, "key")).collect()
    }
}
