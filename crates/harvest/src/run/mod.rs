//! One run of one source.

mod outcome;
mod reader;
mod writer;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use archive::{Archive, Guard, Purpose};
use chrono::{DateTime, TimeDelta, Utc};
use fetch::Fetch;
use model::{Checkpoint, Connector, Coverage, Finding, RunReport, SourceId, reason};
use tokio::sync::mpsc;

use self::reader::{Figures, Reader};
use self::writer::Writer;
use crate::crawl::{Limits, crawl};
use crate::lease::{self, Heart, Wishes};
use crate::prepare::Bench;
use crate::watchdog::Watchdog;
use crate::{HarvestError, Workshop};

/// A source, ready to be harvested.
pub struct Source<F> {
    pub id: SourceId,
    pub connector: Arc<dyn Connector>,
    pub fetcher: F,
    pub guard: Guard,
    pub limits: Limits,
    /// The language of texts that do not say theirs.
    pub language: String,
    /// How long after the last run to see every record the next one has to be, where runs in between see only changes.
    pub full_every: TimeDelta,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct RunOptions {
    /// Decide, and write nothing.
    pub dry_run: bool,
    /// See every record, also where changes alone could be asked for.
    pub full: bool,
}

/// What a run gave.
#[derive(Debug, Clone)]
pub struct RunResult {
    pub report: RunReport,
    /// Of a dry run, the first of its findings; those of any other are in the archive.
    pub findings: Vec<Finding>,
    pub timings: Timings,
}

/// Where the time of a run went. The steps overlap, so they sum to more than the run took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Waiting for answers of the source.
    pub fetch: Duration,
    /// Reading answers: taking pages apart.
    pub read: Duration,
    /// Asking the archive what is known.
    pub compare: Duration,
    /// Mapping, normalising, sealing.
    pub map: Duration,
    /// Writing to the archive.
    pub commit: Duration,
    /// Waiting for the graph store to take more, and at the end to be on disk.
    pub project: Duration,
}

/// Harvests a source. `progress` is called after each batch.
///
/// # Errors
/// When the archive or the graph store fails. What the source does wrong ends up in the report.
pub async fn run<F: Fetch>(
    workshop: &Workshop,
    source: &Source<F>,
    options: RunOptions,
    progress: impl Fn(&RunReport) + Send + Sync,
) -> Result<RunResult, HarvestError> {
    let started = (workshop.clock)();
    let since = since(&workshop.archive, source, options, started).await?;
    let coverage = source.connector.coverage(since.as_ref());
    let full = coverage == Coverage::Full;
    let (report, heart) = if options.dry_run {
        let mut report = RunReport::new(
            source.id.clone(),
            workshop.archive.next_run().await?,
            started,
        );
        (report.full, report.dry_run) = (full, true);
        (report, None)
    } else {
        let beat = source.limits.beat;
        let begun = lease::begin(workshop, &source.id, full, Purpose::Harvest, beat).await?;
        (begun.0, Some(begun.1))
    };
    tracing::info!(source = %source.id, run = %report.run, full, dry_run = options.dry_run, "run begins");
    let run = report.run;
    let watchdog = Watchdog::new(source.limits.stalled + source.limits.progress);
    let wishes = heart.as_ref().map_or_else(Wishes::none, Heart::wishes);
    let work = async {
        let begun = (report, wishes, &watchdog);
        tokio::select! {
            biased;
            done = attempt(workshop, source, since.as_ref(), begun, &progress) => done,
            hung = watchdog.barks() => Err(hung),
        }
    };
    let attempted = match &heart {
        Some(heart) => heart.keep(run, work).await,
        None => work.await,
    };
    if let (Err(error), false) = (&attempted, options.dry_run) {
        lease::give_up(
            workshop,
            run,
            format!("{}: {error}", reason::NOT_CARRIED_OUT),
        )
        .await;
    }
    let result = attempted?;
    let report = &result.report;
    tracing::info!(source = %source.id, run = %report.run, outcome = report.outcome.as_str(), seen = report.seen, created = report.created,
        updated = report.updated, unchanged = report.unchanged, refused = report.refused, missing = report.missing, withdrawn = report.withdrawn,
        held = report.held, reason = report.reason.as_deref(), "run ends");
    Ok(result)
}

async fn attempt<F: Fetch, P: Fn(&RunReport) + Send + Sync>(
    workshop: &Workshop,
    source: &Source<F>,
    since: Option<&Checkpoint>,
    (report, wishes, watchdog): (RunReport, Wishes, &Watchdog),
    progress: &P,
) -> Result<RunResult, HarvestError> {
    let full = report.full;
    let (crawled, pages) = mpsc::channel(2);
    let (prepared, batches) = mpsc::channel(4);
    let mut writer = Writer {
        workshop,
        source_id: &source.id,
        dry_run: report.dry_run,
        report,
        watchdog,
        findings: Vec::new(),
        timings: Timings::default(),
        progress,
    };
    let mut reader = Reader {
        workshop,
        bench: bench(workshop, source),
        out: prepared,
        seen: HashMap::new(),
        gone: Vec::new(),
        withheld: Vec::new(),
        figures: Figures::default(),
        timings: Timings::default(),
    };
    let ((), read, written) = tokio::join!(
        crawl(
            &*source.connector,
            &source.fetcher,
            source.limits,
            since,
            wishes,
            watchdog,
            crawled
        ),
        async {
            let end = reader.read(pages).await;
            // Dropping the sender ends the writer.
            let Reader {
                seen,
                gone,
                withheld,
                figures,
                timings,
                ..
            } = reader;
            end.map(|end| (end, seen, (gone, withheld), figures, timings))
        },
        writer.write(batches),
    );
    written?;
    let (end, seen, (gone, withheld), figures, timings) = read?;
    (writer.timings.fetch, writer.timings.read) = (end.fetching, end.reading);
    (writer.timings.compare, writer.timings.map) = (timings.compare, timings.map);
    writer.withhold(&seen, &withheld).await?;
    writer
        .finish(source, &end, &seen, &gone, &figures, full)
        .await
}

/// The checkpoint to begin from, unless the run has to see every record.
async fn since<F>(
    archive: &Archive,
    source: &Source<F>,
    options: RunOptions,
    now: DateTime<Utc>,
) -> Result<Option<Checkpoint>, HarvestError> {
    let state = archive.source_state(&source.id).await?;
    if options.full || is_due(state.last_full, source.full_every, now) {
        return Ok(None);
    }
    // Nothing changed after a time that is still to come: a clock was ahead, and nobody knows since when.
    let known = state.last_complete.filter(|started| *started <= now);
    Ok(known.map(|started| Checkpoint { started }))
}

fn is_due(last_full: Option<DateTime<Utc>>, every: TimeDelta, now: DateTime<Utc>) -> bool {
    last_full.is_none_or(|last| last > now || now - last >= every)
}

fn bench<F>(workshop: &Workshop, source: &Source<F>) -> Bench {
    Bench {
        source: source.id.clone(),
        language: source.language.clone(),
        minter: workshop.minter.clone(),
        vocab: workshop.vocab,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_is_seen_when_it_is_time_and_when_the_clock_was_ahead() {
        let now: DateTime<Utc> = "2026-03-01T03:00:00Z".parse().unwrap();
        let week = TimeDelta::days(7);
        assert!(is_due(None, week, now));
        assert!(is_due(Some(now - week), week, now));
        assert!(!is_due(Some(now - TimeDelta::days(6)), week, now));
        assert!(is_due(Some(now + TimeDelta::days(3650)), week, now));
    }
}
