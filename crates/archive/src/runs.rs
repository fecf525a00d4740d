//! Runs, their findings, and what is remembered of a source between runs.

use chrono::{DateTime, Utc};
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use model::{Finding, Outcome, RecordId, RunId, RunReport, Severity, SourceId, Stage};
use sqlx::{QueryBuilder, Row};

use crate::db::{Archive, ArchiveError, Db, MAX_ROWS, Transaction, seconds, time, unknown};
use crate::lease::let_go;

/// What is remembered of a source between runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceState {
    /// When the last complete run that saw every record began.
    pub last_full: Option<DateTime<Utc>>,
    /// When the last complete run of any kind began.
    pub last_complete: Option<DateTime<Utc>>,
    /// How many complete runs in a row agreed on the set of records that the deletion guard holds.
    pub held_runs: i64,
    /// Whether a person released what the guard holds.
    pub released: bool,
}

/// A finding with the run that made it.
#[derive(Debug, Clone)]
pub struct FindingRow {
    pub run: RunId,
    pub source: SourceId,
    pub finding: Finding,
}

impl Archive {
    /// Writes the figures of a run, while it goes on or at its end.
    pub async fn save_run(&self, report: &RunReport) -> Result<(), ArchiveError> {
        let mut transaction = self.writing().await?;
        save_run(&mut transaction, report).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Ends a run that could not be carried out; what it had written is kept.
    pub async fn fail_run(
        &self,
        run: RunId,
        now: DateTime<Utc>,
        reason: &str,
    ) -> Result<(), ArchiveError> {
        self.fail_resumed(run, None, now, reason).await
    }

    /// The same, unless the run was resumed more often than that: then it is another's by now.
    pub async fn fail_resumed(
        &self,
        run: RunId,
        resumed: Option<u64>,
        now: DateTime<Utc>,
        reason: &str,
    ) -> Result<(), ArchiveError> {
        let mut transaction = self.writing().await?;
        let failed = sqlx::query(
            "UPDATE run SET outcome = 'failed', finished = $1, reason = $2 WHERE id = $3 AND outcome = 'running' AND resumed = COALESCE($4, resumed)",
        )
        .bind(seconds(now))
        .bind(reason)
        .bind(run.0)
        .bind(resumed.map(|n| i64::try_from(n).unwrap_or(i64::MAX)))
        .execute(&mut *transaction)
        .await?;
        if failed.rows_affected() > 0 {
            let_go(&mut transaction, run).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The latest runs, newest first.
    pub async fn runs(
        &self,
        source: Option<&SourceId>,
        limit: u32,
    ) -> Result<Vec<RunReport>, ArchiveError> {
        let rows = match source {
            Some(source) => {
                sqlx::query("SELECT * FROM run WHERE source = $1 ORDER BY id DESC LIMIT $2")
                    .bind(source.as_str())
                    .bind(i64::from(limit))
            }
            None => {
                sqlx::query("SELECT * FROM run ORDER BY id DESC LIMIT $1").bind(i64::from(limit))
            }
        };
        rows.fetch_all(&self.readers)
            .await?
            .iter()
            .map(report)
            .collect()
    }

    pub async fn run(&self, id: RunId) -> Result<Option<RunReport>, ArchiveError> {
        let row = sqlx::query("SELECT * FROM run WHERE id = $1")
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(report).transpose()
    }

    pub async fn add_findings(
        &self,
        source: &SourceId,
        run: RunId,
        findings: &[Finding],
    ) -> Result<(), ArchiveError> {
        let mut transaction = self.writing().await?;
        insert_findings(&mut transaction, source, run, findings).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The findings of a run in the order in which they were made.
    pub fn findings(&self, run: RunId) -> BoxStream<'_, Result<Finding, ArchiveError>> {
        sqlx::query("SELECT * FROM finding WHERE run = $1 ORDER BY n")
            .bind(run.0)
            .fetch(&self.readers)
            .map_err(ArchiveError::from)
            .and_then(|row| async move { finding(&row) })
            .boxed()
    }

    /// Findings of a run after a number, each with its number.
    pub async fn findings_page(
        &self,
        run: RunId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Finding)>, ArchiveError> {
        let rows =
            sqlx::query("SELECT * FROM finding WHERE run = $1 AND n > $2 ORDER BY n LIMIT $3")
                .bind(run.0)
                .bind(after)
                .bind(i64::from(limit))
                .fetch_all(&self.readers)
                .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("n")?, finding(row)?)))
            .collect()
    }

    /// How often each rule found something in a run, most frequent first.
    pub async fn finding_counts(
        &self,
        run: RunId,
    ) -> Result<Vec<(String, String, i64)>, ArchiveError> {
        Ok(sqlx::query_as("SELECT rule, severity, COUNT(*) FROM finding WHERE run = $1 GROUP BY rule, severity ORDER BY COUNT(*) DESC, rule")
            .bind(run.0)
            .fetch_all(&self.readers)
            .await?)
    }

    pub async fn source_state(&self, source: &SourceId) -> Result<SourceState, ArchiveError> {
        let row: Option<(Option<i64>, Option<i64>, i64, i64)> = sqlx::query_as(
            "SELECT last_full, last_complete, held_runs, released FROM source WHERE id = $1",
        )
        .bind(source.as_str())
        .fetch_optional(&self.readers)
        .await?;
        Ok(row
            .map(
                |(last_full, last_complete, held_runs, released)| SourceState {
                    last_full: last_full.map(time),
                    last_complete: last_complete.map(time),
                    held_runs,
                    released: released != 0,
                },
            )
            .unwrap_or_default())
    }

    /// Remembers that a complete run of a source began at `started`.
    pub async fn set_complete(
        &self,
        source: &SourceId,
        started: DateTime<Utc>,
        full: bool,
    ) -> Result<(), ArchiveError> {
        sqlx::query(
            "UPDATE source SET last_complete = $1, last_full = CASE WHEN $2 = 1 THEN $1 ELSE last_full END WHERE id = $3",
        )
        .bind(seconds(started))
        .bind(i64::from(full))
        .bind(source.as_str())
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    /// Lets the next complete run of a source through the deletion guard, and keeps what the person said why. `false` if the guard
    /// holds nothing.
    pub async fn release(
        &self,
        source: &SourceId,
        reason: Option<&str>,
    ) -> Result<bool, ArchiveError> {
        let done = sqlx::query(
            "UPDATE source SET released = 1, released_because = $1 WHERE id = $2 AND held_set IS NOT NULL",
        )
        .bind(reason)
        .bind(source.as_str())
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}

/// Writes the figures of a run that holds its lease; a run that has finished gives it back.
pub(crate) async fn save_run(
    transaction: &mut Transaction,
    report: &RunReport,
) -> Result<(), ArchiveError> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    // Until everything that belongs to it is written, a run is running, whatever it is going to be.
    let outcome = match report.finished {
        Some(_) => report.outcome,
        None => Outcome::Running,
    };
    let saved = sqlx::query(
        "UPDATE run SET outcome = $1, finished = $2, whole = $3, announced = $4, seen = $5, created = $6, updated = $7, unchanged = $8,
         refused = $9, missing = $10, withdrawn = $11, held = $12, reason = $13
         WHERE id = $14 AND resumed = $15 AND EXISTS (SELECT 1 FROM lease WHERE run = $14)",
    )
    .bind(outcome.as_str())
    .bind(report.finished.map(seconds))
    .bind(i64::from(report.full))
    .bind(report.announced.map(number))
    .bind(number(report.seen))
    .bind(number(report.created))
    .bind(number(report.updated))
    .bind(number(report.unchanged))
    .bind(number(report.refused))
    .bind(number(report.missing))
    .bind(number(report.withdrawn))
    .bind(number(report.held))
    .bind(report.reason.as_deref())
    .bind(report.run.0)
    // One that was resumed since is carried out by another.
    .bind(number(report.resumed))
    .execute(&mut **transaction)
    .await?;
    if saved.rows_affected() == 0 {
        return Err(ArchiveError::Ended(report.run));
    }
    if report.finished.is_some() {
        let_go(transaction, report.run).await?;
    }
    Ok(())
}

pub(crate) async fn insert_findings(
    transaction: &mut Transaction,
    source: &SourceId,
    run: RunId,
    findings: &[Finding],
) -> Result<(), ArchiveError> {
    if findings.is_empty() {
        return Ok(());
    }
    let (mut n,): (i64,) = sqlx::query_as("SELECT COALESCE(MAX(n), 0) FROM finding WHERE run = $1")
        .bind(run.0)
        .fetch_one(&mut **transaction)
        .await?;
    for some in findings.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(
            "INSERT INTO finding (run, n, source, rule, severity, stage, record, place, node, property, value, message, hint) ",
        );
        query.push_values(some, |mut row, finding| {
            n += 1;
            row.push_bind(run.0)
                .push_bind(n)
                .push_bind(source.as_str())
                .push_bind(finding.rule.as_ref())
                .push_bind(finding.severity.as_str())
                .push_bind(finding.stage.as_str())
                .push_bind(finding.record.as_ref().map(RecordId::as_str))
                .push_bind(finding.place.as_deref())
                .push_bind(finding.node.as_deref())
                .push_bind(finding.property.as_deref())
                .push_bind(finding.value.as_deref())
                .push_bind(finding.message.as_str())
                .push_bind(finding.hint.as_deref());
        });
        query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

fn report(row: &sqlx::sqlite::SqliteRow) -> Result<RunReport, ArchiveError> {
    let number = |column: &str| -> Result<u64, sqlx::Error> {
        Ok(u64::try_from(row.try_get::<i64, _>(column)?).unwrap_or(0))
    };
    let source: String = row.try_get("source")?;
    let outcome: String = row.try_get("outcome")?;
    let Ok(source_id) = SourceId::new(&source) else {
        return unknown("run.source", &source);
    };
    let Some(outcome_value) = Outcome::parse(&outcome) else {
        return unknown("run.outcome", &outcome);
    };
    let mut report = RunReport::new(
        source_id,
        RunId(row.try_get("id")?),
        time(row.try_get("started")?),
    );
    report.outcome = outcome_value;
    report.finished = row.try_get::<Option<i64>, _>("finished")?.map(time);
    report.full = row.try_get::<i64, _>("whole")? != 0;
    report.announced = row
        .try_get::<Option<i64>, _>("announced")?
        .and_then(|n| u64::try_from(n).ok());
    report.seen = number("seen")?;
    report.created = number("created")?;
    report.updated = number("updated")?;
    report.unchanged = number("unchanged")?;
    report.refused = number("refused")?;
    report.missing = number("missing")?;
    report.withdrawn = number("withdrawn")?;
    report.held = number("held")?;
    report.resumed = number("resumed")?;
    report.reason = row.try_get("reason")?;
    Ok(report)
}

pub(crate) fn finding(row: &sqlx::sqlite::SqliteRow) -> Result<Finding, ArchiveError> {
    let severity: String = row.try_get("severity")?;
    let stage: String = row.try_get("stage")?;
    Ok(Finding {
        rule: row.try_get::<String, _>("rule")?.into(),
        severity: match severity.as_str() {
            "info" => Severity::Info,
            "warning" => Severity::Warning,
            "error" => Severity::Error,
            _ => return unknown("finding.severity", &severity),
        },
        stage: match stage.as_str() {
            "fetch" => Stage::Fetch,
            "read" => Stage::Read,
            "map" => Stage::Map,
            "normalise" => Stage::Normalise,
            "assess" => Stage::Assess,
            "reconcile" => Stage::Reconcile,
            _ => return unknown("finding.stage", &stage),
        },
        record: row
            .try_get::<Option<String>, _>("record")?
            .map(RecordId::new),
        place: row.try_get("place")?,
        node: row.try_get("node")?,
        property: row
            .try_get::<Option<String>, _>("property")?
            .map(Into::into),
        value: row.try_get("value")?,
        message: row.try_get("message")?,
        hint: row.try_get("hint")?,
    })
}
