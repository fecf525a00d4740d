//! A source that is one document: what the document was known by, and a run that finds it unchanged.

use model::{Checksum, RunId, RunReport, SourceId, Validators};
use sqlx::Row;

use crate::db::{Archive, ArchiveError};
use crate::rows::checksum;
use crate::runs::save_run;

/// What the document of a source is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDocument {
    /// The last run that found it so.
    pub run: RunId,
    /// Of what the run was begun with.
    pub configuration: Checksum,
    /// Of the request.
    pub request: Checksum,
    pub validators: Validators,
}

impl Archive {
    /// What the document of a source is known by, if the source's last run, of any purpose, is the one that found it so.
    pub async fn known_document(
        &self,
        source: &SourceId,
    ) -> Result<Option<KnownDocument>, ArchiveError> {
        let row = sqlx::query(
            "SELECT validator.* FROM validator JOIN run ON run.id = validator.run
             WHERE validator.source = $1 AND run.outcome = 'complete' AND run.id = (SELECT MAX(id) FROM run WHERE source = $1)",
        )
        .bind(source.as_str())
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| {
            Ok(KnownDocument {
                run: RunId(row.try_get("run")?),
                configuration: checksum(&row, "configuration")?,
                request: checksum(&row, "request")?,
                validators: Validators {
                    etag: row.try_get("etag")?,
                    last_modified: row.try_get("last_modified")?,
                },
            })
        })
        .transpose()
    }

    pub async fn know_document(
        &self,
        source: &SourceId,
        known: &KnownDocument,
    ) -> Result<(), ArchiveError> {
        sqlx::query(
            "INSERT INTO validator (source, run, configuration, request, etag, last_modified) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (source) DO UPDATE SET run = excluded.run, configuration = excluded.configuration, request = excluded.request,
             etag = excluded.etag, last_modified = excluded.last_modified",
        )
        .bind(source.as_str())
        .bind(known.run.0)
        .bind(known.configuration.as_bytes())
        .bind(known.request.as_bytes())
        .bind(known.validators.etag.as_deref())
        .bind(known.validators.last_modified.as_deref())
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Lets a run see what an earlier run saw, since the document is the same: its records, its figures, and its findings that
    /// belong to no record. Those of records hold as long as the records are not mapped anew.
    pub async fn see_again(
        &self,
        source: &SourceId,
        earlier: RunId,
        report: &mut RunReport,
    ) -> Result<(), ArchiveError> {
        let Some(before) = self.run(earlier).await? else {
            return Err(ArchiveError::Ended(earlier));
        };
        let mut transaction = self.writing().await?;
        let last: Option<(i64,)> = sqlx::query_as(
            "SELECT id FROM run WHERE source = $1 AND id < $2 ORDER BY id DESC LIMIT 1",
        )
        .bind(source.as_str())
        .bind(report.run.0)
        .fetch_optional(&mut *transaction)
        .await?;
        // Another came in between: what it saw is not what this one would see.
        if last != Some((earlier.0,)) {
            return Err(ArchiveError::Ended(report.run));
        }
        sqlx::query("UPDATE record SET seen_run = $1 WHERE source = $2 AND seen_run = $3")
            .bind(report.run.0)
            .bind(source.as_str())
            .bind(earlier.0)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO finding (run, n, source, rule, severity, stage, record, place, value, message, hint)
             SELECT $1, n, source, rule, severity, stage, record, place, value, message, hint FROM finding
             WHERE run = $2 AND record IS NULL AND rule NOT LIKE 'run/%' AND rule NOT LIKE 'incremental/%'",
        )
        .bind(report.run.0)
        .bind(earlier.0)
        .execute(&mut *transaction)
        .await?;
        let mut figures = report.clone();
        figures.announced = before.announced;
        figures.refused = before.refused;
        figures.unchanged = before.seen.saturating_sub(before.refused);
        figures.seen = before.seen;
        save_run(&mut transaction, &figures).await?;
        transaction.commit().await?;
        *report = figures;
        Ok(())
    }
}
