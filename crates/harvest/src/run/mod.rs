//! One run of one source.

mod begin;
mod outcome;
mod reader;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use archive::Guard;
use chrono::TimeDelta;
use fetch::Fetch;
use model::{Connector, Finding, RunId, RunReport, SourceId};
use tokio::sync::mpsc;

use self::begin::{Begun, Work, begin, since};
use self::reader::Reader;
use self::writer::Writer;
use crate::crawl::{Limits, crawl};
use crate::lease::{Heart, Wishes};
use crate::prepare::Bench;
use crate::resume;
use crate::watchdog::Watchdog;
use crate::{HarvestError, Schedule, Workshop, document, probe};

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
    /// When the next run has to see every record, in place of `full_every`.
    pub full_at: Option<Schedule>,
    /// How long after an interrupted run wrote last it is gone on with; never, if that is nothing.
    pub resume_within: TimeDelta,
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
    let configuration = resume::configuration(source);
    let state = workshop.archive.source_state(&source.id).await?;
    let since = since(&state, source, options, started);
    let (since, told) =
        probe::checked(workshop, source, since, configuration, options.dry_run).await?;
    let resumed = match options.dry_run || options.full {
        true => None,
        false => resume::take_up(workshop, source, configuration, since.is_none()).await?,
    };
    let begun = match resumed {
        Some(resumed) => Begun::again(resumed),
        None => begin(workshop, source, since, configuration, started, options).await?,
    };
    let Begun {
        report,
        heart,
        work,
    } = begun;
    let (run, full, times) = (report.run, report.full, report.resumed);
    tracing::info!(source = %source.id, %run, full, dry_run = options.dry_run, "run begins");
    let watchdog = Watchdog::new(source.limits.stalled + source.limits.progress);
    let wishes = heart.as_ref().map_or_else(Wishes::none, Heart::wishes);
    let work = Work { told, ..work };
    let work = async {
        let begun = (report, wishes, &watchdog);
        tokio::select! {
            biased;
            done = attempt(workshop, source, work, begun, &progress) => done,
            hung = watchdog.barks() => Err(hung),
        }
    };
    let attempted = match &heart {
        Some(heart) => heart.keep(run, work).await,
        None => work.await,
    };
    if let (Err(error), false) = (&attempted, options.dry_run) {
        fail(workshop, &source.id, (run, times), error).await;
    }
    let result = attempted?;
    let report = &result.report;
    tracing::info!(source = %source.id, run = %report.run, outcome = report.outcome.as_str(), seen = report.seen, created = report.created,
        updated = report.updated, unchanged = report.unchanged, refused = report.refused, missing = report.missing, withdrawn = report.withdrawn,
        held = report.held, reason = report.reason.as_deref(), "run ends");
    // Its lease is back: what is asked from here on changes no record.
    drop(heart);
    let compared =
        probe::compare(workshop, source, state.last_complete, configuration, report).await;
    if let Err(error) = compared {
        tracing::warn!(source = %source.id, %run, %error, "what the source tells of changes cannot be held against what it has");
    }
    Ok(result)
}

async fn attempt<F: Fetch, P: Fn(&RunReport) + Send + Sync>(
    workshop: &Workshop,
    source: &Source<F>,
    work: Work,
    (report, wishes, watchdog): (RunReport, Wishes, &Watchdog),
    progress: &P,
) -> Result<RunResult, HarvestError> {
    let full = report.full;
    let (crawled, pages) = mpsc::channel(2);
    let (prepared, batches) = mpsc::channel(2);
    let mut writer = Writer {
        workshop,
        source_id: &source.id,
        dry_run: report.dry_run,
        report,
        watchdog,
        keeper: work.keeper,
        findings: Vec::new(),
        timings: Timings::default(),
        progress,
    };
    let mut reader = Reader::new(workshop, bench(workshop, source), work.earlier, prepared);
    let ((), read, written) = tokio::join!(
        crawl(
            &*source.connector,
            &source.fetcher,
            source.limits,
            work.beginning,
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
    if let Some(known) = work.document.as_ref().filter(|_| end.unmodified) {
        writer.see_again(known.run).await?;
    }
    let remembered = figures.nameless == 0;
    let told = work.told;
    let result = writer
        .finish(source, &end, &seen, &gone, &figures, (full, told))
        .await?;
    if remembered && !result.report.dry_run {
        let (configuration, report) = (work.configuration, &result.report);
        document::remember(workshop, source, configuration, work.document, &end, report).await?;
    }
    Ok(result)
}

fn bench<F>(workshop: &Workshop, source: &Source<F>) -> Bench {
    Bench {
        source: source.id.clone(),
        language: source.language.clone(),
        minter: workshop.minter.clone(),
        vocab: workshop.vocab,
    }
}

/// Ends a run that could not be carried out, and that was resumed so often.
async fn fail(
    workshop: &Workshop,
    source: &SourceId,
    (run, times): (RunId, u64),
    error: &HarvestError,
) {
    let reason = format!("the run could not be carried out: {error}");
    let now = (workshop.clock)();
    if let Err(again) = workshop
        .archive
        .fail_resumed(run, Some(times), now, &reason)
        .await
    {
        tracing::error!(%source, %run, error = %again, "the failure of the run cannot be noted");
    }
}
