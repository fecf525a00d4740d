//! Commits batches, and decides at the end what becomes of records that were not seen.

use std::collections::HashMap;
use std::time::Instant;

use archive::{Absence, Batch, RecordKey, Verdict};
use futures::TryStreamExt;
use model::{Checksum, Finding, Outcome, RecordId, RunId, RunReport, Severity, SourceId, Stage};
use tokio::sync::mpsc;

use super::outcome::judge;
use super::reader::{Figures, Part, duplicate};
use super::{RunResult, Source, Timings};
use crate::crawl::CrawlEnd;
use crate::prepare::Prepared;
use crate::progress::Step;
use crate::project::Delivery;
use crate::resume::Keeper;
use crate::watchdog::Watchdog;
use crate::{HarvestError, Workshop};

/// How many findings a dry run gives.
const DRY_FINDINGS: usize = 10_000;

/// Commits batches, and decides at the end.
pub(super) struct Writer<'a, P> {
    pub(super) workshop: &'a Workshop,
    pub(super) source_id: &'a SourceId,
    pub(super) report: RunReport,
    pub(super) dry_run: bool,
    pub(super) watchdog: &'a Watchdog,
    pub(super) keeper: Keeper,
    pub(super) findings: Vec<Finding>,
    pub(super) timings: Timings,
    pub(super) progress: &'a P,
}

impl<P: Fn(&RunReport)> Writer<'_, P> {
    pub(super) async fn write(
        &mut self,
        mut batches: mpsc::Receiver<Part>,
    ) -> Result<(), HarvestError> {
        while let Some((prepared, refused, step)) = batches.recv().await {
            self.watchdog.writes("was writing a batch");
            self.report.refused += refused;
            if self.dry_run {
                self.count(prepared).await?;
            } else {
                self.commit(prepared, step).await?;
            }
            self.report.seen = self.report.created
                + self.report.updated
                + self.report.unchanged
                + self.report.refused;
            (self.progress)(&self.report);
        }
        Ok(())
    }

    async fn commit(&mut self, prepared: Prepared, step: Option<Step>) -> Result<(), HarvestError> {
        let archive = &self.workshop.archive;
        let step = self.keeper.keep(archive, self.source_id, step).await?;
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
            .commit_step(batch, step, &mut self.report)
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
    pub(super) async fn withhold(
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

    /// Sees all that an earlier run saw: the source is one document, and as it was.
    pub(super) async fn see_again(&mut self, earlier: RunId) -> Result<(), HarvestError> {
        let archive = &self.workshop.archive;
        archive
            .see_again(self.source_id, earlier, &mut self.report)
            .await?;
        (self.progress)(&self.report);
        Ok(())
    }

    pub(super) async fn finish<F>(
        mut self,
        source: &Source<F>,
        end: &CrawlEnd,
        seen: &HashMap<RecordKey, Checksum>,
        gone: &[RecordId],
        figures: &Figures,
        (full, told): (bool, Option<Finding>),
    ) -> Result<RunResult, HarvestError> {
        if !end.unmodified {
            self.report.announced = end.announced;
        }
        if !self.dry_run && !end.stopped {
            // It comes to its end by itself: it is not taken up again, whatever becomes of the rest.
            self.workshop.archive.forget_crawl(self.source_id).await?;
        }
        let mut findings: Vec<Finding> = told.into_iter().collect();
        if !end.tally.unsorted && self.report.resumed == 0 {
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
                    .set_complete(self.source_id, self.report.started, full && !end.unmodified)
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
