//! One run of one source.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use archive::{Absence, Archive, Batch, Guard, Purpose, RecordKey, Verdict};
use chrono::{DateTime, TimeDelta, Utc};
use fetch::Fetch;
use futures::TryStreamExt;
use model::{
    Checkpoint, Checksum, Connector, Coverage, Finding, Outcome, Page, RawRecord, RecordId,
    RunReport, Severity, SourceId, Stage,
};
use tokio::sync::mpsc;

use crate::crawl::{CrawlEnd, Crawled, Limits, STOPPED, crawl};
use crate::lease::{self, Heart, Wishes};
use crate::prepare::{Bench, Prepared, prepare};
use crate::project::Delivery;
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

/// How many findings a dry run gives.
const DRY_FINDINGS: usize = 10_000;

/// Records mapped and committed together: a crash costs at most these.
const BATCH: usize = 500;

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
        let reason = format!("the run could not be carried out: {error}");
        let now = (workshop.clock)();
        if let Err(again) = workshop.archive.fail_run(run, now, &reason).await {
            tracing::error!(source = %source.id, %run, error = %again, "the failure of the run cannot be noted");
        }
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
    let (prepared, batches) = mpsc::channel(2);
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

/// What is counted while reading.
#[derive(Debug, Default)]
struct Figures {
    /// Records refused before they could be mapped.
    refused: u64,
    /// Of these, the ones of which nobody knows which record they are.
    nameless: u64,
    /// Records that came again, the same: the first of them.
    repeated: Vec<RecordId>,
}

/// How many records that came again are remembered by name.
const REPEATED: usize = 10_000;

/// Takes pages in, gives batches out.
struct Reader<'a> {
    workshop: &'a Workshop,
    bench: Bench,
    out: mpsc::Sender<(Prepared, u64)>,
    /// Every record of this run with its checksum: some 50 bytes each.
    seen: HashMap<RecordKey, Checksum>,
    gone: Vec<RecordId>,
    /// Those of them that are not for the public.
    withheld: Vec<RecordId>,
    figures: Figures,
    timings: Timings,
}

impl Reader<'_> {
    async fn read(&mut self, mut pages: mpsc::Receiver<Crawled>) -> Result<CrawlEnd, HarvestError> {
        while let Some(crawled) = pages.recv().await {
            match crawled {
                Crawled::Page(page) => self.page(page).await?,
                Crawled::Finding(finding) => {
                    self.pass(
                        Prepared {
                            findings: vec![finding],
                            ..Prepared::default()
                        },
                        0,
                    )
                    .await?
                }
                Crawled::LostRecord(finding) => {
                    self.figures.nameless += 1;
                    self.pass(
                        Prepared {
                            findings: vec![finding],
                            ..Prepared::default()
                        },
                        1,
                    )
                    .await?;
                }
                Crawled::End(end) => return Ok(end),
            }
        }
        Err(HarvestError::Broken(
            "the crawl ended without saying so".to_owned(),
        ))
    }

    async fn page(&mut self, page: Page) -> Result<(), HarvestError> {
        self.gone.extend(page.gone);
        self.withheld.extend(page.withheld);
        self.figures.nameless += page.refused;
        let mut findings = page.findings;
        let mut refused = page.refused;
        let mut records = Vec::with_capacity(page.records.len());
        for record in page.records {
            let key = RecordKey::new(&self.bench.source, &record.id);
            let checksum = record.checksum();
            match self.seen.insert(key, checksum) {
                None => records.push((key, checksum, record)),
                Some(first) => {
                    self.seen.insert(key, first);
                    if first == checksum {
                        if self.figures.repeated.len() < REPEATED {
                            self.figures.repeated.push(record.id);
                        }
                    } else {
                        refused += 1;
                        findings.push(duplicate(&record.id));
                    }
                }
            }
        }
        if !findings.is_empty() || refused > 0 {
            self.pass(
                Prepared {
                    findings,
                    ..Prepared::default()
                },
                refused,
            )
            .await?;
        }
        let mut records = records.into_iter().peekable();
        while records.peek().is_some() {
            self.batch(records.by_ref().take(BATCH).collect()).await?;
        }
        Ok(())
    }

    async fn batch(
        &mut self,
        records: Vec<(RecordKey, Checksum, RawRecord)>,
    ) -> Result<(), HarvestError> {
        let keys: Vec<RecordKey> = records.iter().map(|(key, ..)| *key).collect();
        let began = Instant::now();
        let known = self.workshop.archive.known(&keys).await?;
        self.timings.compare += began.elapsed();
        let began = Instant::now();
        let (bench, now) = (self.bench.clone(), (self.workshop.clock)());
        let prepared = tokio::task::spawn_blocking(move || prepare(&bench, records, &known, now))
            .await
            .map_err(|error| HarvestError::Broken(error.to_string()))?;
        self.timings.map += began.elapsed();
        self.pass(prepared, 0).await
    }

    async fn pass(&mut self, prepared: Prepared, refused: u64) -> Result<(), HarvestError> {
        self.figures.refused += refused;
        self.out
            .send((prepared, refused))
            .await
            .map_err(|_| HarvestError::Broken("nothing takes the batches any more".to_owned()))
    }
}

fn duplicate(id: &RecordId) -> Finding {
    Finding::new(
        "record/duplicate-identifier",
        Severity::Error,
        Stage::Reconcile,
        "another record of this source has the same identifier; the first one was kept",
    )
    .record(id)
    .hint("give each record an identifier of its own")
}

/// Commits batches, and decides at the end.
struct Writer<'a, P> {
    workshop: &'a Workshop,
    source_id: &'a SourceId,
    report: RunReport,
    dry_run: bool,
    watchdog: &'a Watchdog,
    findings: Vec<Finding>,
    timings: Timings,
    progress: &'a P,
}

impl<P: Fn(&RunReport)> Writer<'_, P> {
    async fn write(
        &mut self,
        mut batches: mpsc::Receiver<(Prepared, u64)>,
    ) -> Result<(), HarvestError> {
        while let Some((prepared, refused)) = batches.recv().await {
            self.watchdog.writes("was writing a batch");
            self.report.refused += refused;
            if self.dry_run {
                self.count(prepared).await?;
            } else {
                self.commit(prepared).await?;
            }
            self.report.seen = self.report.created
                + self.report.updated
                + self.report.unchanged
                + self.report.refused;
            (self.progress)(&self.report);
        }
        Ok(())
    }

    async fn commit(&mut self, prepared: Prepared) -> Result<(), HarvestError> {
        let batch = Batch {
            source: self.source_id.clone(),
            run: self.report.run,
            at: (self.workshop.clock)(),
            unchanged: prepared.unchanged,
            back: prepared.back,
            writes: prepared.writes,
            findings: prepared.findings,
        };
        let _turn = self.workshop.turn().await;
        let began = Instant::now();
        let committed = self
            .workshop
            .archive
            .commit(batch, &mut self.report)
            .await?;
        self.timings.commit += began.elapsed();
        let mut graphs = prepared.graphs;
        graphs.retain(|key, _| !committed.recomposed.contains(key));
        self.deliver(Delivery {
            changes: committed.changes,
            graphs,
        })
        .await
    }

    async fn deliver(&mut self, delivery: Delivery) -> Result<(), HarvestError> {
        let Some(projector) = &self.workshop.projector else {
            return Ok(());
        };
        self.watchdog.writes("was waiting for the graph store");
        let began = Instant::now();
        projector.deliver(delivery).await?;
        self.watchdog.writes("had written a batch");
        self.timings.project += began.elapsed();
        Ok(())
    }

    /// What a commit would have counted.
    async fn count(&mut self, prepared: Prepared) -> Result<(), HarvestError> {
        self.report.unchanged += prepared.unchanged.len() as u64;
        let room = DRY_FINDINGS.saturating_sub(self.findings.len());
        self.findings
            .extend(prepared.findings.into_iter().take(room));
        let mut planned = Vec::new();
        for write in prepared.writes {
            match write.verdict {
                Verdict::Refused { .. } => self.report.refused += 1,
                Verdict::Own => self.report.unchanged += 1,
                Verdict::Accepted { primary, .. } => {
                    planned.push((primary.key, primary.content.checksum))
                }
            }
        }
        let keys: Vec<_> = planned.iter().map(|(key, _)| *key).collect();
        let published = self.workshop.archive.published_checksums(&keys).await?;
        for (key, checksum) in planned {
            match published.get(&key) {
                None => self.report.created += 1,
                Some(old) if *old == checksum => self.report.unchanged += 1,
                Some(_) => self.report.updated += 1,
            }
        }
        Ok(())
    }

    /// Takes what is not for the public out of the catalogue, before anything else is decided: also where the run is not complete.
    async fn withhold(
        &mut self,
        seen: &HashMap<RecordKey, Checksum>,
        withheld: &[RecordId],
    ) -> Result<(), HarvestError> {
        if self.dry_run || withheld.is_empty() {
            return Ok(());
        }
        // One that came as a public record too is that.
        let keys: Vec<RecordKey> = withheld
            .iter()
            .map(|id| RecordKey::new(self.source_id, id))
            .filter(|key| !seen.contains_key(key))
            .collect();
        let now = (self.workshop.clock)();
        let _turn = self.workshop.turn().await;
        let changes = self
            .workshop
            .archive
            .withhold(self.source_id, &keys, now, &mut self.report)
            .await?;
        self.deliver(Delivery {
            changes,
            graphs: HashMap::new(),
        })
        .await
    }

    async fn finish<F>(
        mut self,
        source: &Source<F>,
        end: &CrawlEnd,
        seen: &HashMap<RecordKey, Checksum>,
        gone: &[RecordId],
        figures: &Figures,
        full: bool,
    ) -> Result<RunResult, HarvestError> {
        self.report.announced = end.announced;
        let mut findings = Vec::new();
        if !end.unsorted {
            self.count_copies(figures, gone.len() as u64, &mut findings);
        }
        (self.report.outcome, self.report.reason) = judge(
            end,
            &self.report,
            figures.nameless,
            gone.len() as u64,
            full,
            &mut findings,
        );
        if self.report.outcome == Outcome::Complete {
            // A deleted record that came all the same is not deleted.
            let gone: Vec<RecordKey> = gone
                .iter()
                .map(|id| RecordKey::new(self.source_id, id))
                .filter(|key| !seen.contains_key(key))
                .collect();
            if self.dry_run {
                self.count_absent(seen, full).await?;
            } else {
                let absence = Absence {
                    whole: full,
                    doubt: figures.nameless > 0,
                    gone: &gone,
                };
                self.retire(source, absence, &mut findings).await?;
            }
        }
        self.report.finished = Some((self.workshop.clock)());
        if !self.dry_run {
            self.workshop
                .archive
                .add_findings(self.source_id, self.report.run, &findings)
                .await?;
            if let Some(projector) = &self.workshop.projector {
                self.watchdog.writes("was waiting for the graph store");
                let began = Instant::now();
                projector.flush().await?;
                self.timings.project += began.elapsed();
            }
            if self.report.outcome == Outcome::Complete {
                self.workshop
                    .archive
                    .set_complete(self.source_id, self.report.started, full)
                    .await?;
            }
            self.workshop.archive.save_run(&self.report).await?;
        }
        (self.progress)(&self.report);
        self.findings
            .extend(findings.into_iter().filter(|_| self.dry_run));
        Ok(RunResult {
            report: self.report,
            findings: self.findings,
            timings: self.timings,
        })
    }

    /// Records that came twice are copies in the source where its count includes them, and else overlaps of its pages.
    fn count_copies(&mut self, figures: &Figures, gone: u64, findings: &mut Vec<Finding>) {
        let Some(announced) = self.report.announced else {
            return;
        };
        let lacking = announced.saturating_sub(self.report.seen + gone);
        if lacking == 0 || lacking > figures.repeated.len() as u64 {
            return;
        }
        for id in figures
            .repeated
            .iter()
            .take(usize::try_from(lacking).unwrap_or(usize::MAX))
        {
            findings.push(duplicate(id));
        }
        self.report.seen += lacking;
        self.report.refused += lacking;
    }

    async fn retire<F>(
        &mut self,
        source: &Source<F>,
        absence: Absence<'_>,
        findings: &mut Vec<Finding>,
    ) -> Result<(), HarvestError> {
        let now = (self.workshop.clock)();
        let _turn = self.workshop.turn().await;
        let retirement = self
            .workshop
            .archive
            .retire(self.source_id, source.guard, now, absence, &mut self.report)
            .await?;
        if let Some(why) = retirement.released {
            let word = if why.is_empty() {
                "no reason was given"
            } else {
                &why
            };
            self.report.reason = Some(format!(
                "a person released what the deletion guard held: {word}"
            ));
        }
        if let Some((leaving, known, runs)) = retirement.held {
            let why = if absence.doubt {
                "and some records of the source cannot be told apart"
            } else {
                "more than the share that may go at once"
            };
            findings.push(
                Finding::new("run/deletion-held", Severity::Warning, Stage::Reconcile, format!(
                    "{leaving} of {known} known records are absent, {why}; they stay in the catalogue (run {runs} of {} that agree on it)", source.guard.agree.max(1)
                ))
                .hint(format!("if the source really removed them, run `moisson release {} --reason TEXT`", self.source_id)),
            );
        }
        self.deliver(Delivery {
            changes: retirement.changes,
            graphs: HashMap::new(),
        })
        .await
    }

    async fn count_absent(
        &mut self,
        seen: &HashMap<RecordKey, Checksum>,
        full: bool,
    ) -> Result<(), HarvestError> {
        if full {
            let mut keys = self.workshop.archive.present_keys(self.source_id);
            while let Some(key) = keys.try_next().await? {
                self.report.missing += u64::from(!seen.contains_key(&key));
            }
        }
        Ok(())
    }
}

/// Whether everything was had that there was to have.
fn judge(
    end: &CrawlEnd,
    report: &RunReport,
    nameless: u64,
    gone: u64,
    full: bool,
    findings: &mut Vec<Finding>,
) -> (Outcome, Option<String>) {
    if end.stopped {
        return (Outcome::Partial, Some(STOPPED.to_owned()));
    }
    let lacking = end.lost_pages > 0 || end.broken_off.is_some();
    // Records of which nobody knows which they are may be none at all.
    if end.pages == 0 || (lacking && report.seen == nameless) {
        let why = end.broken_off.clone().unwrap_or_else(|| {
            "no record of the source could be read; the findings say why".to_owned()
        });
        return (Outcome::Failed, Some(why));
    }
    if let Some(why) = &end.broken_off {
        findings.push(Finding::new(
            "run/broken-off",
            Severity::Error,
            Stage::Fetch,
            why.clone(),
        ));
        return (Outcome::Partial, Some(why.clone()));
    }
    if end.lost_pages > 0 {
        return (
            Outcome::Partial,
            Some(format!("{} pages could not be read", end.lost_pages)),
        );
    }
    if let Some(why) = &end.incomplete {
        return (Outcome::Partial, Some(why.clone()));
    }
    if let Some(announced) = end
        .announced
        .filter(|announced| full && report.seen + gone < *announced)
    {
        let why = format!(
            "the source announces {announced} records and gave {}",
            report.seen
        );
        findings.push(
            Finding::new("run/fewer-than-announced", Severity::Error, Stage::Reconcile, format!("{why}; nothing is taken for deleted"))
                .hint("the source perhaps changed while it was read, or its pages leave records out: compare its count with its listing"),
        );
        return (Outcome::Partial, Some(why));
    }
    (Outcome::Complete, None)
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
