//! Commits batches, and decides at the end what becomes of records that were not seen.

use std::collections::HashMap;
use std::time::Instant;

use archive::{Absence, Batch, RecordKey};
use model::{Checksum, Finding, Outcome, RecordId, RunId, RunReport, Severity, Stage};
use tokio::sync::mpsc;

use super::outcome::Reading;
use super::reader::{BATCH, Figures, Part, duplicate};
use super::{RunResult, Terms, Timings};
use crate::crawl::CrawlEnd;
use crate::prepare::Prepared;
use crate::progress::Step;
use crate::project::Delivery;
use crate::resume::Keeper;
use crate::watchdog::Watchdog;
use crate::{HarvestError, Workshop};

/// Commits batches, and decides at the end.
pub(super) struct Writer<'a, P> {
    pub(super) workshop: &'a Workshop,
    pub(super) terms: &'a Terms,
    pub(super) report: RunReport,
    pub(super) watchdog: &'a Watchdog,
    pub(super) keeper: Keeper,
    pub(super) held: Vec<RecordKey>,
    pub(super) timings: Timings,
    pub(super) progress: &'a P,
}

impl<P: Fn(&RunReport)> Writer<'_, P> {
    pub(super) async fn write(
        &mut self,
        mut batches: mpsc::Receiver<Part>,
    ) -> Result<(), HarvestError> {
        while let Some((mut prepared, mut refused, mut step)) = batches.recv().await {
            self.watchdog.writes("was writing a batch");
            // What is ready already goes in the same transaction.
            while prepared.size() < BATCH
                && let Ok((more, also, later)) = batches.try_recv()
            {
                prepared.add(more);
                refused += also;
                step = both(step, later);
            }
            self.report.refused += refused;
            self.commit(prepared, step).await?;
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
        let step = self.keeper.keep(archive, &self.terms.id, step).await?;
        let batch = Batch {
            source: self.terms.id.clone(),
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

    /// Takes what is not for the public out of the catalogue, before anything else is decided: also where the run is not complete.
    pub(super) async fn withhold(
        &mut self,
        seen: &HashMap<RecordKey, Checksum>,
        withheld: &[RecordId],
    ) -> Result<(), HarvestError> {
        if withheld.is_empty() {
            return Ok(());
        }
        // One that came as a public record too is that.
        let keys: Vec<RecordKey> = withheld
            .iter()
            .map(|id| RecordKey::new(&self.terms.id, id))
            .filter(|key| !seen.contains_key(key))
            .collect();
        let now = (self.workshop.clock)();
        let _turn = self.workshop.turn().await;
        let changes = self
            .workshop
            .archive
            .withhold(&self.terms.id, &keys, now, &mut self.report)
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
            .see_again(&self.terms.id, earlier, &mut self.report)
            .await?;
        (self.progress)(&self.report);
        Ok(())
    }

    /// Gives also whether the run proves what it says.
    pub(super) async fn finish(
        mut self,
        end: &CrawlEnd,
        seen: &HashMap<RecordKey, Checksum>,
        gone: &[RecordId],
        figures: &Figures,
    ) -> Result<(RunResult, bool), HarvestError> {
        let full = self.terms.full;
        if !end.unmodified {
            self.report.announced = end.announced;
        }
        if !end.stopped {
            // It comes to its end by itself: it is not taken up again, whatever becomes of the rest.
            self.workshop.archive.forget_crawl(&self.terms.id).await?;
        }
        let mut findings = Vec::new();
        // Of a run that went on, nobody knows which records came twice before.
        if !end.tally.unsorted && self.report.resumed == 0 {
            self.count_copies(figures, gone.len() as u64, &mut findings);
        }
        let reading = Reading {
            end,
            figures,
            gone: gone.len() as u64,
            full,
        };
        (self.report.outcome, self.report.reason) = reading.judge(&self.report, &mut findings);
        let mut proven = false;
        if self.report.outcome == Outcome::Complete {
            let doubts = reading.doubts(&self.report);
            proven = doubts.is_empty() && end.tally.lost_records == 0;
            // A deleted record that came all the same is not deleted.
            let gone: Vec<RecordKey> = gone
                .iter()
                .map(|id| RecordKey::new(&self.terms.id, id))
                .filter(|key| !seen.contains_key(key))
                .collect();
            let absence = Absence {
                whole: full,
                doubt: reading.doubt(),
                proven,
                gone: &gone,
            };
            self.retire(absence, &mut findings).await?;
            findings.extend(doubts);
        }
        self.close(&findings, full && !end.unmodified).await?;
        (self.progress)(&self.report);
        let result = RunResult {
            report: self.report,
            held: self.held,
            timings: self.timings,
        };
        Ok((result, proven))
    }

    /// Writes down what is left to write, and that the run has ended. `whole` if it read every record.
    async fn close(&mut self, findings: &[Finding], whole: bool) -> Result<(), HarvestError> {
        let (archive, source) = (&self.workshop.archive, &self.terms.id);
        self.report.finished = Some((self.workshop.clock)());
        archive
            .add_findings(source, self.report.run, findings)
            .await?;
        if let Some(projector) = &self.workshop.projector {
            self.watchdog.writes("was waiting for the graph store");
            let began = Instant::now();
            projector.flush().await?;
            self.timings.project += began.elapsed();
        }
        if let Some(asked) = self.terms.asked {
            let applied = format!(
                "a person applied the plan that was made at {}",
                asked.format("%Y-%m-%d %H:%M:%S UTC")
            );
            self.report.reason = Some(match self.report.reason.take() {
                Some(reason) => format!("{reason}; {applied}"),
                None => applied,
            });
        }
        if self.report.outcome == Outcome::Complete {
            // What changes at the source after it was asked is for the next run.
            let asked = self.terms.asked.unwrap_or(self.report.started);
            archive.set_complete(source, asked, whole).await?;
        }
        archive.save_run(&self.report).await?;
        Ok(())
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

    async fn retire(
        &mut self,
        absence: Absence<'_>,
        findings: &mut Vec<Finding>,
    ) -> Result<(), HarvestError> {
        let now = (self.workshop.clock)();
        let _turn = self.workshop.turn().await;
        let retirement = self
            .workshop
            .archive
            .retire(
                &self.terms.id,
                self.terms.guard,
                now,
                absence,
                &mut self.report,
            )
            .await?;
        self.held = retirement.kept;
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
            let until = match absence.proven {
                true => format!(
                    "run {runs} of {} that agree on it",
                    self.terms.guard.agree.max(1)
                ),
                false => "until a person releases them: this run does not prove that they are gone"
                    .to_owned(),
            };
            findings.push(
                Finding::new("run/deletion-held", Severity::Warning, Stage::Reconcile, format!(
                    "{leaving} of {known} known records are absent, {why}; they stay in the catalogue ({until})"
                ))
                .value(&leaving.to_string())
                .hint(format!("if the source really removed them, run `moisson release {} --reason TEXT`", self.terms.id)),
            );
        }
        self.deliver(Delivery {
            changes: retirement.changes,
            graphs: HashMap::new(),
        })
        .await
    }
}

/// Two parts that are written together: the crawl stands where the last of them says, since what came before it is written too. One
/// that does not say it is the beginning of a page, which is read again.
fn both(step: Option<Step>, later: Option<Step>) -> Option<Step> {
    match (step, later) {
        (Some(mut step), Some(later)) => {
            step.add(later);
            Some(step)
        }
        (step, later) => step.or(later),
    }
}
