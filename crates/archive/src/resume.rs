//! Where the crawl of a source stands, so that an interrupted run goes on there.

use std::time::Duration;

use chrono::{DateTime, Utc};
use model::{Checksum, RunId, RunReport, SourceId};
use sqlx::Row;

use crate::RecordKey;
use crate::db::{Archive, ArchiveError, Transaction, seconds, time};
use crate::lease::{refuse_leased, take_lease};
use crate::pack::Packed;
use crate::rows::{checksum, record_key};

/// A part of a crawl, to be written with the records that it gave.
#[derive(Debug, Clone)]
pub struct CrawlStep {
    /// From 1, without gaps.
    pub n: i64,
    pub step: Packed,
}

/// A run that did not come to its end by itself.
#[derive(Debug, Clone)]
pub struct Interrupted {
    pub run: RunReport,
    /// Of what it was begun with.
    pub configuration: Checksum,
    pub since: Option<DateTime<Utc>>,
    /// When it wrote last.
    pub at: DateTime<Utc>,
    pub steps: Vec<Packed>,
}

impl Archive {
    /// Notes that a crawl begins, in place of what was kept of an earlier one.
    pub async fn begin_crawl(
        &self,
        run: &RunReport,
        configuration: Checksum,
        since: Option<DateTime<Utc>>,
    ) -> Result<(), ArchiveError> {
        let mut transaction = self.writing().await?;
        forget(&mut transaction, &run.source).await?;
        sqlx::query(
            "INSERT INTO crawl (source, run, configuration, since) VALUES ($1, $2, $3, $4)",
        )
        .bind(run.source.as_str())
        .bind(run.run.0)
        .bind(configuration.as_bytes())
        .bind(since.map(seconds))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The crawl of the source's last run, if that was interrupted and wrote something since it was taken up last: one that ends
    /// at the same place again would end there for ever.
    pub async fn interrupted(
        &self,
        source: &SourceId,
    ) -> Result<Option<Interrupted>, ArchiveError> {
        let row = sqlx::query(
            "SELECT crawl.run, crawl.configuration, crawl.since, MAX(crawl_step.at) AS at FROM crawl
             JOIN crawl_step ON crawl_step.source = crawl.source JOIN run ON run.id = crawl.run
             WHERE crawl.source = $1 AND run.outcome <> 'running' AND run.id = (SELECT MAX(id) FROM run WHERE source = $1)
             GROUP BY crawl.run, crawl.configuration, crawl.since, crawl.resumed_at HAVING MAX(crawl_step.n) > crawl.resumed_at",
        )
        .bind(source.as_str())
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let Some(run) = self.run(RunId(row.try_get("run")?)).await? else {
            return Ok(None);
        };
        let steps: Vec<(Vec<u8>,)> =
            sqlx::query_as("SELECT step FROM crawl_step WHERE source = $1 ORDER BY n")
                .bind(source.as_str())
                .fetch_all(&self.readers)
                .await?;
        Ok(Some(Interrupted {
            run,
            configuration: checksum(&row, "configuration")?,
            since: row.try_get::<Option<i64>, _>("since")?.map(time),
            at: time(row.try_get("at")?),
            steps: (steps.into_iter())
                .map(|(step,)| Packed::from_stored(step))
                .collect(),
        }))
    }

    /// Opens an interrupted run again, with the lease of its source.
    ///
    /// # Errors
    /// [`ArchiveError::Leased`] when another run has the source, [`ArchiveError::Ended`] when another took this one up.
    pub async fn take_up(
        &self,
        interrupted: &Interrupted,
        period: Duration,
    ) -> Result<RunReport, ArchiveError> {
        let run = &interrupted.run;
        let mut transaction = self.writing().await?;
        refuse_leased(&mut transaction, &run.source).await?;
        let opened = sqlx::query(
            "UPDATE run SET outcome = 'running', finished = NULL, reason = NULL, resumed = resumed + 1 WHERE id = $1 AND outcome <> 'running'
             AND EXISTS (SELECT 1 FROM crawl WHERE crawl.run = $1) AND id = (SELECT MAX(id) FROM run WHERE source = $2)",
        )
        .bind(run.run.0)
        .bind(run.source.as_str())
        .execute(&mut *transaction)
        .await?;
        if opened.rows_affected() == 0 {
            return Err(ArchiveError::Ended(run.run));
        }
        sqlx::query("UPDATE crawl SET resumed_at = $1 WHERE source = $2")
            .bind(i64::try_from(interrupted.steps.len()).unwrap_or(i64::MAX))
            .bind(run.source.as_str())
            .execute(&mut *transaction)
            .await?;
        take_lease(&mut transaction, &run.source, run.run, period).await?;
        transaction.commit().await?;
        let mut report = RunReport::new(run.source.clone(), run.run, run.started);
        report.full = run.full;
        report.resumed = run.resumed + 1;
        report.announced = run.announced;
        (report.created, report.updated, report.unchanged) =
            (run.created, run.updated, run.unchanged);
        report.refused = run.refused;
        // The sum is written by the batch after.
        report.seen = run.created + run.updated + run.unchanged + run.refused;
        report.withdrawn = run.withdrawn;
        Ok(report)
    }

    /// Forgets where the crawl of a source stands: it is not taken up again.
    pub async fn forget_crawl(&self, source: &SourceId) -> Result<(), ArchiveError> {
        let mut transaction = self.writing().await?;
        forget(&mut transaction, source).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The records that a run was the last to see, with their checksums.
    pub async fn seen_by(
        &self,
        source: &SourceId,
        run: RunId,
    ) -> Result<Vec<(RecordKey, Checksum)>, ArchiveError> {
        let rows =
            sqlx::query("SELECT key, checksum FROM record WHERE source = $1 AND seen_run = $2")
                .bind(source.as_str())
                .bind(run.0)
                .fetch_all(&self.readers)
                .await?;
        rows.iter()
            .map(|row| Ok((record_key(row, "key")?, checksum(row, "checksum")?)))
            .collect()
    }
}

/// Writes a step, in the transaction of the records that it gave.
pub(crate) async fn write_step(
    transaction: &mut Transaction,
    source: &SourceId,
    at: DateTime<Utc>,
    step: &CrawlStep,
) -> Result<(), ArchiveError> {
    sqlx::query("INSERT INTO crawl_step (source, n, at, step) VALUES ($1, $2, $3, $4)")
        .bind(source.as_str())
        .bind(step.n)
        .bind(seconds(at))
        .bind(step.step.0.as_slice())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn forget(transaction: &mut Transaction, source: &SourceId) -> Result<(), ArchiveError> {
    for statement in [
        "DELETE FROM crawl WHERE source = $1",
        "DELETE FROM crawl_step WHERE source = $1",
    ] {
        sqlx::query(statement)
            .bind(source.as_str())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use model::Outcome;

    use super::*;
    use crate::{BEAT, Batch, Pulse};

    #[tokio::test]
    async fn who_was_thought_dead_writes_nothing_into_the_run_that_another_resumed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("archive.sqlite");
        let archive = Archive::open(&path, "https://donnees.example.org/")
            .await
            .unwrap();
        let source = SourceId::new("a").unwrap();
        let now: DateTime<Utc> = "2026-03-01T03:00:00Z".parse().unwrap();
        let mut old = archive.begin_run(&source, now, true).await.unwrap();
        let configuration = Checksum::of(b"a");
        archive
            .begin_crawl(&old, configuration, None)
            .await
            .unwrap();
        assert!(archive.interrupted(&source).await.unwrap().is_none());
        let batch = || Batch {
            source: source.clone(),
            run: RunId(1),
            at: now,
            unchanged: Vec::new(),
            back: Vec::new(),
            writes: Vec::new(),
            findings: Vec::new(),
        };
        let step = |n| {
            let step = Packed::new(b"{}");
            Some(CrawlStep { n, step })
        };
        archive
            .commit_step(batch(), step(1), &mut old)
            .await
            .unwrap();
        archive.close_interrupted_runs(now).await.unwrap();

        let interrupted = archive.interrupted(&source).await.unwrap().unwrap();
        let mut new = archive.take_up(&interrupted, BEAT).await.unwrap();
        assert_eq!((new.run, new.resumed), (old.run, 1));
        assert!(archive.take_up(&interrupted, BEAT).await.is_err());
        // The first holder was only slow.
        assert_eq!(archive.beat(old.run, 0).await.unwrap(), Pulse::Lost);
        assert!(
            archive
                .commit_step(batch(), step(2), &mut old)
                .await
                .is_err()
        );
        archive
            .fail_resumed(old.run, Some(0), now, "too slow")
            .await
            .unwrap();
        assert_eq!(archive.beat(new.run, 1).await.unwrap(), Pulse::Held);
        archive
            .commit_step(batch(), step(2), &mut new)
            .await
            .unwrap();
        new.outcome = Outcome::Complete;
        new.finished = Some(now + TimeDelta::minutes(1));
        archive.save_run(&new).await.unwrap();
        assert_eq!(archive.run(new.run).await.unwrap(), Some(new));
    }
}
