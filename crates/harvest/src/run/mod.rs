//! One run of one source.

mod outcome;
mod reader;
mod writer;

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use archive::{Archive, Guard, Purpose, RecordKey};
use chrono::{DateTime, TimeDelta, Utc};
use fetch::Fetch;
use model::{Checkpoint, Connector, Coverage, RunReport, SourceId, reason};
use tokio::sync::mpsc;

use self::reader::{Figures, Reader};
use self::writer::Writer;
use crate::crawl::{Crawled, Limits, crawl};
use crate::lease::{self, Wishes};
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
    /// See every record, also where changes alone could be asked for.
    pub full: bool,
}

/// What a run gave.
#[derive(Debug, Clone)]
pub struct RunResult {
    pub report: RunReport,
    /// The records that the deletion guard held back.
    pub held: Vec<RecordKey>,
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

/// What a run goes by, wherever its records come from.
pub(crate) struct Terms {
    pub(crate) id: SourceId,
    pub(crate) guard: Guard,
    pub(crate) limits: Limits,
    pub(crate) language: String,
    pub(crate) full: bool,
    /// When the source was asked, where that was before the run.
    pub(crate) asked: Option<DateTime<Utc>>,
}

impl Terms {
    pub(crate) fn of<F>(source: &Source<F>, full: bool) -> Self {
        Self {
            id: source.id.clone(),
            guard: source.guard,
            limits: source.limits,
            language: source.language.clone(),
            full,
            asked: None,
        }
    }
}

/// Where what a run reads comes from.
pub(crate) trait Feed: Send {
    /// Gives all that there is, and says how it ended.
    fn feed(
        self,
        wishes: Wishes,
        watchdog: &Watchdog,
        out: mpsc::Sender<Crawled>,
    ) -> impl Future<Output = ()> + Send;
}

/// The source itself.
pub(crate) struct Crawling<'a, F> {
    pub(crate) source: &'a Source<F>,
    since: Option<Checkpoint>,
}

impl<'a, F: Fetch> Crawling<'a, F> {
    /// What there is to ask the source for now, and whether that is every record.
    pub(crate) async fn begin(
        archive: &Archive,
        source: &'a Source<F>,
        options: RunOptions,
        now: DateTime<Utc>,
    ) -> Result<(Self, bool), HarvestError> {
        let since = since(archive, source, options, now).await?;
        let full = source.connector.coverage(since.as_ref()) == Coverage::Full;
        Ok((Self { source, since }, full))
    }
}

impl<F: Fetch> Feed for Crawling<'_, F> {
    async fn feed(self, wishes: Wishes, watchdog: &Watchdog, out: mpsc::Sender<Crawled>) {
        let (source, since) = (self.source, self.since.as_ref());
        let connector = &*source.connector;
        let limits = source.limits;
        crawl(
            connector,
            &source.fetcher,
            limits,
            since,
            wishes,
            watchdog,
            out,
        )
        .await;
    }
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
    let now = (workshop.clock)();
    let (feed, full) = Crawling::begin(&workshop.archive, source, options, now).await?;
    carry_out(workshop, &Terms::of(source, full), feed, &progress).await
}

/// Carries a run out with what a feed gives.
pub(crate) async fn carry_out<P: Fn(&RunReport) + Send + Sync>(
    workshop: &Workshop,
    terms: &Terms,
    feed: impl Feed,
    progress: &P,
) -> Result<RunResult, HarvestError> {
    let source = &terms.id;
    let beat = terms.limits.beat;
    let (report, heart) =
        lease::begin(workshop, source, terms.full, Purpose::Harvest, beat).await?;
    let run = report.run;
    tracing::info!(%source, %run, full = terms.full, "run begins");
    let watchdog = Watchdog::new(terms.limits.stalled + terms.limits.progress);
    let work = async {
        let begun = (report, heart.wishes(), &watchdog);
        tokio::select! {
            biased;
            done = attempt(workshop, terms, feed, begun, progress) => done,
            hung = watchdog.barks() => Err(hung),
        }
    };
    let attempted = heart.keep(run, work).await;
    if let Err(error) = &attempted {
        lease::give_up(
            workshop,
            run,
            format!("{}: {error}", reason::NOT_CARRIED_OUT),
        )
        .await;
    }
    let result = attempted?;
    let report = &result.report;
    tracing::info!(%source, %run, outcome = report.outcome.as_str(), seen = report.seen, created = report.created,
        updated = report.updated, unchanged = report.unchanged, refused = report.refused, missing = report.missing, withdrawn = report.withdrawn,
        held = report.held, reason = report.reason.as_deref(), "run ends");
    Ok(result)
}

async fn attempt<P: Fn(&RunReport) + Send + Sync>(
    workshop: &Workshop,
    terms: &Terms,
    feed: impl Feed,
    (report, wishes, watchdog): (RunReport, Wishes, &Watchdog),
    progress: &P,
) -> Result<RunResult, HarvestError> {
    let (crawled, pages) = mpsc::channel(2);
    let (prepared, batches) = mpsc::channel(4);
    let mut writer = Writer {
        workshop,
        terms,
        report,
        watchdog,
        held: Vec::new(),
        timings: Timings::default(),
        progress,
    };
    let mut reader = Reader {
        workshop,
        bench: bench(workshop, terms),
        asked: terms.asked,
        out: prepared,
        seen: HashMap::new(),
        gone: Vec::new(),
        withheld: Vec::new(),
        figures: Figures::default(),
        timings: Timings::default(),
    };
    let ((), read, written) = tokio::join!(
        feed.feed(wishes, watchdog, crawled),
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
    writer.finish(&end, &seen, &gone, &figures).await
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

fn bench(workshop: &Workshop, terms: &Terms) -> Bench {
    Bench {
        source: terms.id.clone(),
        language: terms.language.clone(),
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
