//! What the owners of sources were told.

use chrono::{DateTime, Utc};
use model::{Checksum, Outcome, RunId, Severity, SourceId};
use sqlx::{QueryBuilder, Row};

use crate::db::{Archive, ArchiveError, Db, MAX_ROWS, Transaction, seconds, time, unknown};
use crate::rows::checksum;

/// How much of a source a rule concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCount {
    pub rule: String,
    /// The greatest among its findings.
    pub severity: Severity,
    /// Records with it; 0 for what belongs to no record.
    pub records: u64,
    pub findings: u64,
}

/// The state of a source after a run, where it differs from that after the run before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRow {
    pub run: RunId,
    pub source: SourceId,
    pub at: DateTime<Utc>,
    pub outcome: Outcome,
    pub digest: Checksum,
    /// Sorted by rule.
    pub rules: Vec<RuleCount>,
}

/// The state of which the owner of a source was told last by mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailed {
    pub run: RunId,
    pub digest: Checksum,
    pub at: DateTime<Utc>,
}

impl Archive {
    /// Keeps the state after a run, unless it is that of the run before. Says whether it was kept.
    pub async fn add_report(&self, report: &ReportRow) -> Result<bool, ArchiveError> {
        let mut transaction = self.writing().await?;
        let before: Option<(Vec<u8>,)> = sqlx::query_as(
            "SELECT digest FROM report WHERE source = $1 AND run < $2 ORDER BY run DESC LIMIT 1",
        )
        .bind(report.source.as_str())
        .bind(report.run.0)
        .fetch_optional(&mut *transaction)
        .await?;
        for table in ["report", "report_rule"] {
            let mut query = QueryBuilder::<Db>::new("DELETE FROM ");
            query
                .push(table)
                .push(" WHERE run = ")
                .push_bind(report.run.0);
            query.build().execute(&mut *transaction).await?;
        }
        let is_new = before.is_none_or(|(digest,)| digest != report.digest.as_bytes());
        if is_new {
            insert(&mut transaction, report).await?;
        }
        transaction.commit().await?;
        Ok(is_new)
    }

    /// The latest states of a source, newest first.
    pub async fn reports(
        &self,
        source: &SourceId,
        until: Option<RunId>,
        limit: u32,
    ) -> Result<Vec<ReportRow>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT * FROM report WHERE source = $1 AND run <= $2 ORDER BY run DESC LIMIT $3",
        )
        .bind(source.as_str())
        .bind(until.map_or(i64::MAX, |run| run.0))
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        let mut reports = Vec::with_capacity(rows.len());
        for row in rows {
            let run = RunId(row.try_get("run")?);
            let outcome: String = row.try_get("outcome")?;
            let Some(outcome) = Outcome::parse(&outcome) else {
                return unknown("report.outcome", &outcome);
            };
            reports.push(ReportRow {
                run,
                source: source.clone(),
                at: time(row.try_get("at")?),
                outcome,
                digest: checksum(&row, "digest")?,
                rules: self.report_rules(run).await?,
            });
        }
        Ok(reports)
    }

    async fn report_rules(&self, run: RunId) -> Result<Vec<RuleCount>, ArchiveError> {
        let rows: Vec<(String, String, i64, i64)> = sqlx::query_as(
            "SELECT rule, severity, records, findings FROM report_rule WHERE run = $1 ORDER BY rule",
        )
        .bind(run.0)
        .fetch_all(&self.readers)
        .await?;
        let number = |n: i64| u64::try_from(n).unwrap_or(0);
        rows.into_iter()
            .map(|(rule, severity, records, findings)| {
                let severity = match severity.as_str() {
                    "info" => Severity::Info,
                    "warning" => Severity::Warning,
                    "error" => Severity::Error,
                    _ => return unknown("report_rule.severity", &severity),
                };
                Ok(RuleCount {
                    rule,
                    severity,
                    records: number(records),
                    findings: number(findings),
                })
            })
            .collect()
    }

    /// The state of which the owner of a source was told last.
    pub async fn mailed(&self, source: &SourceId) -> Result<Option<Mailed>, ArchiveError> {
        let row = sqlx::query("SELECT run, digest, at FROM report_mail WHERE source = $1")
            .bind(source.as_str())
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| {
            Ok(Mailed {
                run: RunId(row.try_get("run")?),
                digest: checksum(&row, "digest")?,
                at: time(row.try_get("at")?),
            })
        })
        .transpose()
    }

    pub async fn set_mailed(&self, source: &SourceId, mailed: &Mailed) -> Result<(), ArchiveError> {
        sqlx::query(
            "INSERT INTO report_mail (source, run, digest, at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (source) DO UPDATE SET run = excluded.run, digest = excluded.digest, at = excluded.at",
        )
        .bind(source.as_str())
        .bind(mailed.run.0)
        .bind(mailed.digest.as_bytes())
        .bind(seconds(mailed.at))
        .execute(&self.writer)
        .await?;
        Ok(())
    }
}

async fn insert(transaction: &mut Transaction, report: &ReportRow) -> Result<(), ArchiveError> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    sqlx::query(
        "INSERT INTO report (run, source, at, outcome, digest) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(report.run.0)
    .bind(report.source.as_str())
    .bind(seconds(report.at))
    .bind(report.outcome.as_str())
    .bind(report.digest.as_bytes())
    .execute(&mut **transaction)
    .await?;
    for some in report.rules.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(
            "INSERT INTO report_rule (run, rule, severity, records, findings) ",
        );
        query.push_values(some, |mut row, count| {
            row.push_bind(report.run.0)
                .push_bind(count.rule.as_str())
                .push_bind(count.severity.as_str())
                .push_bind(number(count.records))
                .push_bind(number(count.findings));
        });
        query.build().execute(&mut **transaction).await?;
    }
    Ok(())
}
