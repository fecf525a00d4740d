//! Who works on a source: one run at a time, and none whose program is gone.

use std::time::Duration;

use chrono::{DateTime, Utc};
use model::{Outcome, RunId, RunReport, SourceId, reason};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::db::{Archive, ArchiveError, Transaction, seconds, unknown};

/// The right of a run to write what its source has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub source: SourceId,
    pub run: RunId,
    /// For people: the process that carries the run out.
    pub holder: String,
    /// Counted up by the holder.
    pub beat: i64,
    /// How often the holder counts.
    pub period: Duration,
}

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Harvest,
    Rebuild,
    Undo,
}

/// What a beat of the heart finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulse {
    Held,
    /// A person asks the run to end.
    Stop,
    /// The lease is another's: this run was thought dead.
    Lost,
}

/// What became of a person's wish that a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopRequest {
    Asked,
    /// It has ended already.
    Ended(Outcome),
    Unknown,
}

/// How often a holder counts, unless told otherwise.
pub const BEAT: Duration = Duration::from_secs(5);

/// A holder's own word on its period is believed up to this, so that no row can make others wait for ever.
const LONGEST_PERIOD: Duration = Duration::from_secs(60);

/// What becomes of a run that was cut off.
const GOES_ON: &str = "what it had written is kept, and the next run goes on from there";

impl Purpose {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Harvest => "harvest",
            Self::Rebuild => "rebuild",
            Self::Undo => "undo",
        }
    }
}

impl Archive {
    /// Begins a harvest of a source, and takes the source's lease.
    ///
    /// # Errors
    /// [`ArchiveError::Leased`] when another run has it.
    pub async fn begin_run(
        &self,
        source: &SourceId,
        started: DateTime<Utc>,
        full: bool,
    ) -> Result<RunReport, ArchiveError> {
        self.begin(source, started, full, Purpose::Harvest, BEAT)
            .await
    }

    /// Begins a run, whose lease counts every `period`.
    ///
    /// # Errors
    /// [`ArchiveError::Leased`] when another run has the source.
    pub async fn begin(
        &self,
        source: &SourceId,
        started: DateTime<Utc>,
        full: bool,
        purpose: Purpose,
        period: Duration,
    ) -> Result<RunReport, ArchiveError> {
        let mut transaction = self.writing().await?;
        sqlx::query("INSERT INTO source (id) VALUES ($1) ON CONFLICT (id) DO NOTHING")
            .bind(source.as_str())
            .execute(&mut *transaction)
            .await?;
        refuse_leased(&mut transaction, source).await?;
        // Without a lease nobody works on them: an earlier version kept none.
        end_abandoned(&mut transaction, source, started).await?;
        let (id,): (i64,) = sqlx::query_as(
            "INSERT INTO run (id, source, outcome, started, whole, purpose, software)
             SELECT COALESCE(MAX(id), 0) + 1, $1, 'running', $2, $3, $4, $5 FROM run WHERE TRUE RETURNING id",
        )
        .bind(source.as_str())
        .bind(seconds(started))
        .bind(i64::from(full))
        .bind(purpose.as_str())
        .bind(env!("CARGO_PKG_VERSION"))
        .fetch_one(&mut *transaction)
        .await?;
        take_lease(&mut transaction, source, RunId(id), period).await?;
        if purpose == Purpose::Harvest {
            crate::history::remember_source(&mut transaction, source, RunId(id)).await?;
        }
        transaction.commit().await?;
        let mut report = RunReport::new(source.clone(), RunId(id), started);
        report.full = full;
        Ok(report)
    }

    /// Who works on a source.
    pub async fn lease(&self, source: &SourceId) -> Result<Option<Lease>, ArchiveError> {
        let row = sqlx::query("SELECT * FROM lease WHERE source = $1")
            .bind(source.as_str())
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(lease).transpose()
    }

    /// Shows that the holder of a run's lease is alive, and learns what others want of it. `resumed` is how often the run was
    /// resumed when the holder took it: one that was resumed since is another's.
    pub async fn beat(&self, run: RunId, resumed: u64) -> Result<Pulse, ArchiveError> {
        let row: Option<(i64,)> = sqlx::query_as(
            "UPDATE lease SET beat = beat + 1 WHERE run = $1 AND EXISTS (SELECT 1 FROM run WHERE id = $1 AND resumed = $2) RETURNING stop",
        )
        .bind(run.0)
        .bind(i64::try_from(resumed).unwrap_or(i64::MAX))
        .fetch_optional(&self.writer)
        .await?;
        Ok(match row {
            None => Pulse::Lost,
            Some((0,)) => Pulse::Held,
            Some(_) => Pulse::Stop,
        })
    }

    /// Ends a run whose lease was watched for its time and did not beat. `false` if it has beaten since, or is another's by now.
    pub async fn end_dead_run(
        &self,
        watched: &Lease,
        now: DateTime<Utc>,
    ) -> Result<bool, ArchiveError> {
        let mut transaction = self.writing().await?;
        let taken = sqlx::query("DELETE FROM lease WHERE source = $1 AND run = $2 AND beat = $3")
            .bind(watched.source.as_str())
            .bind(watched.run.0)
            .bind(watched.beat)
            .execute(&mut *transaction)
            .await?;
        if taken.rows_affected() == 0 {
            return Ok(false);
        }
        end_abandoned(&mut transaction, &watched.source, now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Asks a run to end at its next page.
    pub async fn ask_to_stop(&self, run: RunId) -> Result<StopRequest, ArchiveError> {
        let asked = sqlx::query("UPDATE lease SET stop = 1 WHERE run = $1")
            .bind(run.0)
            .execute(&self.writer)
            .await?;
        if asked.rows_affected() > 0 {
            return Ok(StopRequest::Asked);
        }
        Ok(self.run(run).await?.map_or(StopRequest::Unknown, |report| {
            StopRequest::Ended(report.outcome)
        }))
    }

    /// Ends the runs that a crash left open: only the holder of the data directory may call it, before it begins any. It need not
    /// watch for beats, since it knows that nobody else is there.
    pub async fn close_interrupted_runs(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Vec<(SourceId, RunId)>, ArchiveError> {
        let mut transaction = self.writing().await?;
        sqlx::query("DELETE FROM lease")
            .execute(&mut *transaction)
            .await?;
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "UPDATE run SET outcome = 'failed', finished = $1, reason = $2 WHERE outcome = 'running' RETURNING id, source",
        )
        .bind(seconds(now))
        .bind(format!("{}; {GOES_ON}", reason::INTERRUPTED))
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(rows
            .into_iter()
            .filter_map(|(id, source)| Some((SourceId::new(&source).ok()?, RunId(id))))
            .collect())
    }
}

/// # Errors
/// [`ArchiveError::Leased`] when a run has the source.
pub(crate) async fn refuse_leased(
    transaction: &mut Transaction,
    source: &SourceId,
) -> Result<(), ArchiveError> {
    let held = sqlx::query("SELECT * FROM lease WHERE source = $1")
        .bind(source.as_str())
        .fetch_optional(&mut **transaction)
        .await?;
    match held {
        Some(row) => Err(ArchiveError::Leased(Box::new(lease(&row)?))),
        None => Ok(()),
    }
}

pub(crate) async fn take_lease(
    transaction: &mut Transaction,
    source: &SourceId,
    run: RunId,
    period: Duration,
) -> Result<(), ArchiveError> {
    sqlx::query("INSERT INTO lease (source, run, holder, beat, period) VALUES ($1, $2, $3, 0, $4)")
        .bind(source.as_str())
        .bind(run.0)
        .bind(format!("process {}", std::process::id()))
        .bind(i64::try_from(period.as_millis()).unwrap_or(i64::MAX))
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn end_abandoned(
    transaction: &mut Transaction,
    source: &SourceId,
    now: DateTime<Utc>,
) -> Result<(), ArchiveError> {
    sqlx::query("UPDATE run SET outcome = 'failed', finished = $1, reason = $2 WHERE source = $3 AND outcome = 'running'")
        .bind(seconds(now))
        .bind(format!("{}; {GOES_ON}", reason::ABANDONED))
        .bind(source.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Gives the lease of a run back.
pub(crate) async fn let_go(transaction: &mut Transaction, run: RunId) -> Result<(), ArchiveError> {
    sqlx::query("DELETE FROM lease WHERE run = $1")
        .bind(run.0)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

fn lease(row: &SqliteRow) -> Result<Lease, ArchiveError> {
    let source: String = row.try_get("source")?;
    let Ok(source_id) = SourceId::new(&source) else {
        return unknown("lease.source", &source);
    };
    let period = u64::try_from(row.try_get::<i64, _>("period")?).unwrap_or(0);
    Ok(Lease {
        source: source_id,
        run: RunId(row.try_get("run")?),
        holder: row.try_get("holder")?,
        beat: row.try_get("beat")?,
        period: Duration::from_millis(period).clamp(Duration::from_millis(1), LONGEST_PERIOD),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn archive(directory: &tempfile::TempDir) -> Archive {
        let path = directory.path().join("archive.sqlite");
        Archive::open(&path, "https://donnees.example.org/")
            .await
            .unwrap()
    }

    fn now() -> DateTime<Utc> {
        "2026-03-01T03:00:00Z".parse().unwrap()
    }

    #[tokio::test]
    async fn a_source_has_one_run_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let archive = archive(&directory).await;
        let (a, b) = (SourceId::new("a").unwrap(), SourceId::new("b").unwrap());
        let mut first = archive.begin_run(&a, now(), true).await.unwrap();
        let refused = archive.begin_run(&a, now(), true).await.unwrap_err();
        assert!(matches!(&refused, ArchiveError::Leased(lease) if lease.run == first.run));
        assert!(refused.to_string().contains("moisson stop 1"), "{refused}");
        archive.begin_run(&b, now(), true).await.unwrap();
        first.outcome = Outcome::Complete;
        first.finished = Some(now());
        archive.save_run(&first).await.unwrap();
        assert_eq!(archive.lease(&a).await.unwrap(), None);
        archive.begin_run(&a, now(), true).await.unwrap();
    }

    #[tokio::test]
    async fn a_run_that_was_taken_over_writes_nothing_more() {
        let directory = tempfile::tempdir().unwrap();
        let archive = archive(&directory).await;
        let source = SourceId::new("a").unwrap();
        let first = archive.begin_run(&source, now(), true).await.unwrap();
        let watched = archive.lease(&source).await.unwrap().unwrap();
        assert_eq!(archive.beat(first.run, 0).await.unwrap(), Pulse::Held);
        assert!(
            !archive.end_dead_run(&watched, now()).await.unwrap(),
            "it has beaten since"
        );
        let watched = archive.lease(&source).await.unwrap().unwrap();
        assert!(archive.end_dead_run(&watched, now()).await.unwrap());
        let second = archive.begin_run(&source, now(), true).await.unwrap();
        assert_eq!(archive.beat(first.run, 0).await.unwrap(), Pulse::Lost);
        assert!(matches!(
            archive.save_run(&first).await,
            Err(ArchiveError::Ended(run)) if run == first.run
        ));
        assert!(!archive.end_dead_run(&watched, now()).await.unwrap());
        let ended = archive.run(first.run).await.unwrap().unwrap();
        assert_eq!(ended.outcome, Outcome::Failed);
        assert!(ended.reason.unwrap().contains("no longer answers"));
        let going_on = archive.run(second.run).await.unwrap().unwrap();
        assert_eq!(going_on.outcome, Outcome::Running);
    }

    #[tokio::test]
    async fn the_wish_to_stop_reaches_the_holder() {
        let directory = tempfile::tempdir().unwrap();
        let archive = archive(&directory).await;
        let source = SourceId::new("a").unwrap();
        let run = archive.begin_run(&source, now(), true).await.unwrap().run;
        let other = self::archive(&directory).await;
        assert_eq!(
            other.ask_to_stop(RunId(7)).await.unwrap(),
            StopRequest::Unknown
        );
        assert_eq!(other.ask_to_stop(run).await.unwrap(), StopRequest::Asked);
        assert_eq!(archive.beat(run, 0).await.unwrap(), Pulse::Stop);
        archive.close_interrupted_runs(now()).await.unwrap();
        assert_eq!(
            other.ask_to_stop(run).await.unwrap(),
            StopRequest::Ended(Outcome::Failed)
        );
    }
}
