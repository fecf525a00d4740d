//! Has the catalogue as it was before a run.

use std::collections::HashMap;

use archive::{Again, BEAT, Change, Purpose, RecordKey, Restored, UndoPlan, Undoing};
use model::{Outcome, RunId, RunReport};

use crate::lease::{self, Heart};
use crate::prepare::Bench;
use crate::project::{Delivery, parse_lines};
use crate::rebuild::remake;
use crate::{HarvestError, Workshop};

const BATCH: usize = 500;

/// Undoes a run: records that it changed, withdrew or found missing are as they were, those that came with it leave the catalogue.
/// Entities are made again from the earlier records, and the graph store follows. Records that their source keeps from the public
/// by now stay out. The source is paused, since its next run would do the same again.
///
/// It goes on where it was cut off when it is called again. `language` is that of texts that do not say theirs.
///
/// # Errors
/// [`archive::NotUndoable`] when the run cannot be undone; and when the archive or the graph store fails.
pub async fn undo(
    workshop: &Workshop,
    run: RunId,
    language: &str,
    progress: impl Fn(&RunReport) + Send + Sync,
) -> Result<RunReport, HarvestError> {
    let source = workshop.archive.undo_plan(run).await?.source;
    let (report, heart) = lease::begin(workshop, &source, false, Purpose::Undo, BEAT).await?;
    let number = report.run;
    let undone = heart
        .keep(
            number,
            attempt(workshop, run, language, report, &heart, &progress),
        )
        .await;
    if let Err(error) = &undone {
        let reason =
            format!("run {run} is undone in part only, and `moisson undo {run}` goes on: {error}");
        lease::give_up(workshop, (number, 0), reason).await;
    }
    undone
}

async fn attempt(
    workshop: &Workshop,
    run: RunId,
    language: &str,
    report: RunReport,
    heart: &Heart,
    progress: &(impl Fn(&RunReport) + Send + Sync),
) -> Result<RunReport, HarvestError> {
    let archive = &workshop.archive;
    // Nobody else changes records of the source from now on.
    let plan = archive.undo_plan(run).await?;
    let now = (workshop.clock)();
    let why = format!("run {run} was undone, and the next one would do the same again");
    archive.pause(&plan.source, now, &why).await?;
    let mut work = Work {
        workshop,
        bench: Bench {
            source: plan.source.clone(),
            language: language.to_owned(),
            minter: workshop.minter.clone(),
            vocab: workshop.vocab,
        },
        undoing: Undoing {
            source: plan.source.clone(),
            undone: run,
            at: now,
        },
        report,
    };
    for keys in plan.batches(&[Again::Return, Again::Remake]) {
        work.remake(keys, heart).await?;
        progress(&work.report);
    }
    for keys in plan.batches(&[Again::Note]) {
        work.restore(Restored {
            keys,
            made: Vec::new(),
        })
        .await?;
        progress(&work.report);
    }
    for keys in plan
        .batches(&[Again::Withdraw])
        .chain(plan.created.chunks(BATCH).map(<[RecordKey]>::to_vec))
    {
        work.withdraw(&keys, heart).await?;
        progress(&work.report);
    }
    work.finish(&plan).await
}

/// What only this room asks of a plan.
trait Batches {
    fn batches(&self, wanted: &[Again]) -> std::vec::IntoIter<Vec<RecordKey>>;
}

impl Batches for UndoPlan {
    fn batches(&self, wanted: &[Again]) -> std::vec::IntoIter<Vec<RecordKey>> {
        let keys: Vec<RecordKey> = wanted.iter().flat_map(|again| self.keys(*again)).collect();
        let batches: Vec<Vec<RecordKey>> = keys.chunks(BATCH).map(<[RecordKey]>::to_vec).collect();
        batches.into_iter()
    }
}

struct Work<'a> {
    workshop: &'a Workshop,
    bench: Bench,
    undoing: Undoing,
    report: RunReport,
}

impl Work<'_> {
    /// Makes the entities of records again from what they were.
    async fn remake(&mut self, keys: Vec<RecordKey>, heart: &Heart) -> Result<(), HarvestError> {
        go_on(heart)?;
        let archive = &self.workshop.archive;
        let rows = archive.records_before(self.undoing.undone, &keys).await?;
        let made = remake(self.bench.clone(), &self.report, rows).await?;
        // What today's rules refuse has no entity to come back; a rebuild would take it away too.
        let refused: Vec<RecordKey> = made.refused.iter().map(|(key, _)| *key).collect();
        let keys = keys
            .into_iter()
            .filter(|key| !refused.contains(key))
            .collect();
        let made = made.accepted;
        self.restore(Restored { keys, made }).await?;
        if refused.is_empty() {
            return Ok(());
        }
        self.report.refused += refused.len() as u64;
        self.take_away(&refused, true).await
    }

    async fn restore(&mut self, restored: Restored) -> Result<(), HarvestError> {
        let archive = &self.workshop.archive;
        let changes = archive
            .undo_restore(&self.undoing, restored, &mut self.report)
            .await?;
        self.deliver(changes).await
    }

    async fn withdraw(&mut self, keys: &[RecordKey], heart: &Heart) -> Result<(), HarvestError> {
        go_on(heart)?;
        self.take_away(keys, false).await
    }

    async fn take_away(&mut self, keys: &[RecordKey], refused: bool) -> Result<(), HarvestError> {
        let archive = &self.workshop.archive;
        let changes = archive
            .undo_withdraw(&self.undoing, keys, refused, &mut self.report)
            .await?;
        self.deliver(changes).await
    }

    async fn deliver(&self, changes: Vec<Change>) -> Result<(), HarvestError> {
        let Some(projector) = &self.workshop.projector else {
            return Ok(());
        };
        let mut graphs = HashMap::new();
        for change in changes.iter().filter(|change| change.what.is_whole()) {
            if let Some(row) = self.workshop.archive.entity(change.key).await? {
                let mut triples = Vec::new();
                parse_lines(&row.entity.text()?, &mut triples)?;
                graphs.insert(change.key, triples);
            }
        }
        projector.deliver(Delivery { changes, graphs }).await
    }

    async fn finish(mut self, plan: &UndoPlan) -> Result<RunReport, HarvestError> {
        if let Some(projector) = &self.workshop.projector {
            projector.flush().await?;
        }
        let report = &mut self.report;
        report.outcome = Outcome::Complete;
        report.finished = Some((self.workshop.clock)());
        let withheld = match plan.count(Again::Withheld) {
            0 => String::new(),
            n => format!(
                "; {n} that their source keeps from the public by now stay out of the catalogue"
            ),
        };
        report.reason = Some(format!(
            "undo of run {}: its records are as they were before it{withheld}",
            plan.run
        ));
        self.workshop
            .archive
            .finish_undo(&self.undoing, &self.report)
            .await?;
        Ok(self.report)
    }
}

fn go_on(heart: &Heart) -> Result<(), HarvestError> {
    match heart.wishes().stop() {
        true => Err(HarvestError::Stopped),
        false => Ok(()),
    }
}
