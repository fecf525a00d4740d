//! One run of one source.

mod begin;
mod outcome;
mod reader;
mod writer;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use archive::{Guard, RecordKey};
use chrono::{DateTime, TimeDelta, Utc};
use fetch::Fetch;
use model::{Connector, RunReport, SourceId, reason};
use tokio::sync::mpsc;

pub(crate) use self::begin::Crawling;
use self::begin::{Begun, Work, since};
use self::reader::Reader;
use self::writer::Writer;
use crate::crawl::{Crawled, Limits};
use crate::lease::{self, Wishes};
use crate::prepare::Bench;
use crate::progress::Step;
use crate::watchdog::Watchdog;
use crate::{HarvestError, Schedule, Workshop, probe, resume};

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
        out: mpsc::Sender<(Crawled, Step)>,
    ) -> impl Future<Output = ()> + Send;
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
    let configuration = resume::configuration(source);
    let state = workshop.archive.source_state(&source.id).await?;
    let since = since(&state, source, options, now);
    let (since, told) = probe::checked(workshop, source, since, configuration, true).await?;
    let resumed = match options.full {
        true => None,
        false => resume::take_up(workshop, source, configuration, since.is_none()).await?,
    };
    let (begun, feed) = match resumed {
        Some(resumed) => Begun::again(source, configuration, resumed),
        None => Begun::anew(workshop, source, configuration, (since, told)).await?,
    };
    let terms = Terms::of(source, begun.report.full);
    let result = go_on(workshop, &terms, begun, feed, &progress).await?;
    // Its lease is back: what is asked from here on changes no record.
    let (last, report) = (state.last_complete, &result.report);
    if let Err(error) = probe::compare(workshop, source, last, configuration, report).await {
        tracing::warn!(source = %source.id, run = %report.run, %error, "what the source tells of changes cannot be held against what it has");
    }
    Ok(result)
}

/// Carries a run out with what a feed gives. It is never gone on with when it is cut off.
pub(crate) async fn carry_out<P: Fn(&RunReport) + Send + Sync>(
    workshop: &Workshop,
    terms: &Terms,
    feed: impl Feed,
    progress: &P,
) -> Result<RunResult, HarvestError> {
    let begun = Begun::plain(workshop, terms).await?;
    go_on(workshop, terms, begun, feed, progress).await
}

async fn go_on<P: Fn(&RunReport) + Send + Sync>(
    workshop: &Workshop,
    terms: &Terms,
    begun: Begun,
    feed: impl Feed,
    progress: &P,
) -> Result<RunResult, HarvestError> {
    let Begun {
        report,
        heart,
        work,
    } = begun;
    let (source, run, resumed) = (&terms.id, report.run, report.resumed);
    tracing::info!(%source, %run, full = terms.full, resumed, "run begins");
    let watchdog = Watchdog::new(terms.limits.stalled + terms.limits.progress);
    let work = async {
        let begun = (report, heart.wishes(), &watchdog);
        tokio::select! {
            biased;
            done = attempt(workshop, terms, (work, feed), begun, progress) => done,
            hung = watchdog.barks() => Err(hung),
        }
    };
    let attempted = heart.keep(run, work).await;
    if let Err(error) = &attempted {
        let reason = format!("{}: {error}", reason::NOT_CARRIED_OUT);
        lease::give_up(workshop, (run, resumed), reason).await;
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
    (work, feed): (Work, impl Feed),
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
        keeper: work.keeper,
        held: Vec::new(),
        timings: Timings::default(),
        progress,
    };
    let bench = (bench(workshop, terms), terms.asked);
    let mut reader = Reader::new(workshop, bench, work.earlier, prepared);
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
    if let Some(earlier) = work.condition.earlier(&end) {
        writer.see_again(earlier).await?;
    }
    let (result, proven) = writer.finish(&end, &seen, &gone, &figures).await?;
    let in_doubt = !proven || figures.nameless > 0;
    let report = &result.report;
    work.condition
        .remember(workshop, &end, report, in_doubt)
        .await?;
    Ok(result)
}

fn bench(workshop: &Workshop, terms: &Terms) -> Bench {
    Bench {
        source: terms.id.clone(),
        language: terms.language.clone(),
        minter: workshop.minter.clone(),
        vocab: workshop.vocab,
    }
}
