//! Sources that are not harvested until a person resumes them.

use chrono::{DateTime, Utc};
use model::SourceId;

use crate::db::{Archive, ArchiveError, seconds, time};

/// Since when, and why, a source is not harvested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    pub since: DateTime<Utc>,
    pub reason: String,
}

impl Archive {
    pub async fn paused(&self, source: &SourceId) -> Result<Option<Pause>, ArchiveError> {
        let row: Option<(i64, String)> =
            sqlx::query_as("SELECT since, reason FROM pause WHERE source = $1")
                .bind(source.as_str())
                .fetch_optional(&self.readers)
                .await?;
        Ok(row.map(|(since, reason)| Pause {
            since: time(since),
            reason,
        }))
    }

    /// Keeps a source from being harvested until a person resumes it.
    pub async fn pause(
        &self,
        source: &SourceId,
        since: DateTime<Utc>,
        reason: &str,
    ) -> Result<(), ArchiveError> {
        sqlx::query(
            "INSERT INTO pause (source, since, reason) VALUES ($1, $2, $3)
             ON CONFLICT (source) DO UPDATE SET since = excluded.since, reason = excluded.reason",
        )
        .bind(source.as_str())
        .bind(seconds(since))
        .bind(reason)
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Lets a source be harvested again. `false` if it was not paused.
    pub async fn resume(&self, source: &SourceId) -> Result<bool, ArchiveError> {
        let done = sqlx::query("DELETE FROM pause WHERE source = $1")
            .bind(source.as_str())
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}
