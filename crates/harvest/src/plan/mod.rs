//! What a run would do, in full; and doing exactly that later.
//!
//! What identity makes one, what the deletion guard holds, what is composed anew: all of that is decided where records are committed.
//! So a plan is not worked out beside the run but is a run, on a copy of the archive that is thrown away; what it would do is what
//! differs between the archive and its copy. That costs the copy (4 to 5 s for 450 MB on two busy cores), and no second account of
//! what a run does can be wrong.
//!
//! A plan that is saved holds what the source said. Applying it is a run that reads the file in place of the source. Before that the
//! plan is made again from the file, on another copy: where that is not the plan that was shown, nothing is done.

mod entry;
mod feed;
mod file;
mod property;
mod walk;

use std::sync::Arc;

use archive::{Archive, RecordKey};
use chrono::{DateTime, Utc};
use fetch::Fetch;
use model::RunReport;

pub use entry::{
    Because, EntityChange, EntityEntry, Entry, Joined, Left, Property, RecordChange, RecordEntry,
    Summary,
};
pub use file::{Bytestream, FileError, Head, PlanReader, PlanWriter, Sink};
pub use property::shortened;
pub use walk::Walk;

use self::feed::{Recording, Replaying, Tape};
use self::file::Piece;
use crate::run::{Crawling, RunOptions, RunResult, Source, Terms, carry_out};
use crate::{HarvestError, Workshop};

/// What a run would do: what differs between the archive and a copy of it in which the run was carried out.
pub struct Plan {
    /// Of the run in the copy.
    pub report: RunReport,
    /// The copy; it has the findings of the run.
    pub copy: Archive,
    archive: Archive,
    base: String,
    /// The last change before the run.
    since: i64,
    /// The records that the deletion guard would hold.
    held: Vec<RecordKey>,
}

/// What a plan is saved with.
pub struct Saving {
    pub sink: Sink,
    /// The version of the program.
    pub moisson: String,
    /// A checksum of what is configured of the source.
    pub config: String,
}

/// Why a plan cannot be applied.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error(transparent)]
    File(#[from] FileError),
    /// What was shown is not what would come of it now.
    #[error(
        "the plan is no longer true: {0}. Nothing was done; make it again with `moisson harvest {1} --save-plan FILE`"
    )]
    Stale(String, model::SourceId),
    #[error(transparent)]
    Harvest(#[from] HarvestError),
}

impl From<archive::ArchiveError> for PlanError {
    fn from(error: archive::ArchiveError) -> Self {
        Self::Harvest(error.into())
    }
}

/// Makes the plan of a run: asks the source, and carries the run out in a copy of the archive that was just made. Where it is saved,
/// what comes back is still to be given its entries.
pub async fn plan<F: Fetch>(
    workshop: &Workshop,
    copy: Archive,
    source: &Source<F>,
    options: RunOptions,
    saving: Option<Saving>,
    progress: impl Fn(&RunReport) + Send + Sync,
) -> Result<(Plan, Option<PlanWriter>), HarvestError> {
    let now = (workshop.clock)();
    let draft = Draft::begin(workshop, copy, now).await?;
    let (feed, full) = Crawling::planned(&draft.there, source, options, now).await?;
    let terms = Terms::of(source, full);
    let Some(saving) = saving else {
        let done = carry_out(&draft.there, &terms, feed, &progress).await?;
        return Ok((draft.end(done), None));
    };
    let head = head(&draft.there, &terms, now, &saving).await?;
    let tape = Tape::new(PlanWriter::begin(saving.sink, &head).map_err(HarvestError::Write)?);
    let feed = Recording {
        feed,
        archive: draft.there.archive.clone(),
        source: terms.id.clone(),
        tape: tape.clone(),
    };
    let done = carry_out(&draft.there, &terms, feed, &progress).await;
    let writer = tape.into_writer()?;
    Ok((draft.end(done?), Some(writer)))
}

async fn head(
    there: &Workshop,
    terms: &Terms,
    asked: DateTime<Utc>,
    saving: &Saving,
) -> Result<Head, HarvestError> {
    let archive = &there.archive;
    let runs = archive.runs(Some(&terms.id), 1).await?;
    Ok(Head {
        source: terms.id.clone(),
        asked,
        full: terms.full,
        moisson: saving.moisson.clone(),
        rules: normalise::VERSION.to_owned(),
        base: there.minter.base().to_owned(),
        archive: archive.mark().await?,
        config: saving.config.clone(),
        last_run: runs.first().map(|run| run.run),
        resumed: runs.first().map_or(0, |run| run.resumed),
        released: archive.source_state(&terms.id).await?.released,
        decisions: archive.persons_decisions().await?.to_string(),
    })
}

/// Refuses a plan that was made for something else than what is here: by another version, for another archive, for another
/// configuration, before another run.
///
/// # Errors
/// [`PlanError::Stale`] says what is otherwise.
pub async fn check(
    archive: &Archive,
    head: &Head,
    moisson: &str,
    config: &str,
) -> Result<(), PlanError> {
    let refuse = |why: String| Err(PlanError::Stale(why, head.source.clone()));
    if head.moisson != moisson || head.rules != normalise::VERSION {
        return refuse(format!(
            "it was made by version {} of Moisson with the rules {}, and this is version {moisson} with the rules {}",
            head.moisson,
            head.rules,
            normalise::VERSION
        ));
    }
    if head.archive != archive.mark().await? {
        return refuse(
            "it was made for another archive than that of this data directory".to_owned(),
        );
    }
    if head.config != config {
        return refuse(format!(
            "the configuration of source `{}` was changed since it was made",
            head.source
        ));
    }
    let last = archive.runs(Some(&head.source), 1).await?;
    let resumed = last.first().map_or(0, |run| run.resumed);
    let last = last.first().map(|run| run.run);
    if let Some(run) = last.filter(|_| last == head.last_run && resumed != head.resumed) {
        return refuse(format!(
            "run {run} of source `{}`, which was interrupted, went on after it; `moisson runs --run {run}` shows it",
            head.source
        ));
    }
    if last != head.last_run {
        return refuse(match last {
            Some(run) => format!(
                "run {run} of source `{}` came after it; `moisson runs --run {run}` shows it",
                head.source
            ),
            None => "the runs that it was made after are not known here".to_owned(),
        });
    }
    Ok(())
}

/// Makes the plan again from its file, in a copy of the archive that was just made, and compares it with what was shown.
///
/// # Errors
/// [`PlanError::Stale`] when another plan comes of it.
pub async fn again<F>(
    workshop: &Workshop,
    copy: Archive,
    source: &Source<F>,
    (reader, head): (PlanReader, &Head),
    shown: PlanReader,
) -> Result<Plan, PlanError> {
    let draft = Draft::begin(workshop, copy, head.asked).await?;
    let feed = Replaying { reader };
    let done = match carry_out(&draft.there, &terms(source, head), feed, &|_| {}).await {
        Err(HarvestError::Stale(why)) => return Err(stale(workshop, head, why).await?),
        done => done?,
    };
    let plan = draft.end(done);
    match plan.first_difference(shown).await? {
        Some(why) => Err(stale(workshop, head, why).await?),
        None => Ok(plan),
    }
}

/// Applies a plan: a run that reads its file in place of the source.
///
/// # Errors
/// As those of [`crate::run`].
pub async fn apply<F>(
    workshop: &Workshop,
    source: &Source<F>,
    (reader, head): (PlanReader, &Head),
    progress: impl Fn(&RunReport) + Send + Sync,
) -> Result<RunResult, HarvestError> {
    let here = Workshop {
        archive: workshop.archive.clone().as_of(head.asked),
        ..workshop.clone()
    };
    carry_out(&here, &terms(source, head), Replaying { reader }, &progress).await
}

fn terms<F>(source: &Source<F>, head: &Head) -> Terms {
    Terms {
        asked: Some(head.asked),
        ..Terms::of(source, head.full)
    }
}

/// What is wrong, with what happened since that may be why.
async fn stale(workshop: &Workshop, head: &Head, why: String) -> Result<PlanError, HarvestError> {
    let archive = &workshop.archive;
    let mut since = Vec::new();
    if archive.persons_decisions().await?.to_string() != head.decisions {
        since.push("a person merged or split records".to_owned());
    }
    if archive.source_state(&head.source).await?.released != head.released {
        since.push("a person released what the deletion guard holds".to_owned());
    }
    let runs = archive.runs(None, 20).await?;
    let later = runs.iter().filter(|run| run.started >= head.asked);
    since.extend(later.map(|run| format!("run {} of source `{}`", run.run, run.source)));
    let since = match since.is_empty() {
        true => String::new(),
        false => format!(" (since it was made: {})", since.join(", ")),
    };
    Ok(PlanError::Stale(
        format!("{why}{since}"),
        head.source.clone(),
    ))
}

/// A copy of the archive, before a run in it.
struct Draft<'a> {
    workshop: &'a Workshop,
    there: Workshop,
    since: i64,
}

impl<'a> Draft<'a> {
    /// In the copy it is the time at which the source is asked, so that the same comes of it whenever it is done.
    async fn begin(
        workshop: &'a Workshop,
        copy: Archive,
        now: DateTime<Utc>,
    ) -> Result<Self, HarvestError> {
        let since = copy.last_change().await?.map_or(0, |(seq, _)| seq);
        let there = Workshop {
            archive: copy,
            projector: None,
            clock: Arc::new(move || now),
            ..workshop.clone()
        };
        Ok(Self {
            workshop,
            there,
            since,
        })
    }

    fn end(self, done: RunResult) -> Plan {
        let mut report = done.report;
        report.dry_run = true;
        report.finished = Some((self.workshop.clock)());
        Plan {
            report,
            copy: self.there.archive,
            archive: self.workshop.archive.clone(),
            base: self.workshop.minter.base().to_owned(),
            since: self.since,
            held: done.held,
        }
    }
}

impl Plan {
    /// What would change, from the beginning. `whole` gives also the properties of what comes or goes as a whole.
    pub async fn walk(&self, whole: bool) -> Result<Walk<'_>, HarvestError> {
        Walk::begin(self, whole).await
    }

    /// What differs first between this plan and one that was shown.
    async fn first_difference(&self, mut shown: PlanReader) -> Result<Option<String>, PlanError> {
        let mut walk = self.walk(false).await?;
        loop {
            let entries = walk.next().await?;
            if entries.is_empty() {
                break;
            }
            for entry in entries {
                match next_entry(&mut shown)? {
                    Some(known) if *known == entry => {}
                    _ => {
                        return Ok(Some(format!(
                            "something else would become of {}",
                            entry.name()
                        )));
                    }
                }
            }
        }
        Ok(next_entry(&mut shown)?
            .map(|left| format!("something else would become of {}", left.name())))
    }
}

fn next_entry(shown: &mut PlanReader) -> Result<Option<Box<Entry>>, FileError> {
    loop {
        match shown.next()? {
            Some(Piece::Entry(entry)) => return Ok(Some(entry)),
            Some(Piece::Crawled(_)) => {}
            None => return Ok(None),
        }
    }
}
