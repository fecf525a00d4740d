//! An interrupted run goes on where it was, unless nothing says that what it saw still fits what is left to see.

use archive::{Archive, CrawlStep, Interrupted, Packed, RecordKey};
use chrono::{DateTime, TimeDelta, Utc};
use fetch::Fetch;
use model::{Checkpoint, Checksum, Connector, RecordId, RunReport, SourceId, reason};

use crate::crawl::{Beginning, Limits};
use crate::lease::{self, Heart};
use crate::mask::Mask;
use crate::progress::{LastPage, Progress, ReadPage, Step, Tally};
use crate::{HarvestError, Source, Workshop};

/// What is kept of one crawl, at most, before it is compressed: a source decides how many requests it leads to.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Listings whose places are looked at again. Of a crawl that stands in more, nobody knows whether it still fits.
const MAX_JOINTS: usize = 8;

/// A run that goes on.
pub(crate) struct Resumed {
    pub(crate) report: RunReport,
    pub(crate) heart: Heart,
    pub(crate) earlier: Earlier,
    pub(crate) beginning: Beginning,
    pub(crate) keeper: Keeper,
}

/// What a run saw before it was interrupted.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    pub(crate) seen: Vec<(RecordKey, Checksum)>,
    pub(crate) gone: Vec<RecordId>,
    pub(crate) withheld: Vec<RecordId>,
    pub(crate) nameless: u64,
    pub(crate) strayed: u64,
}

/// Of what a crawl is begun with: by another configuration or other rules it is not gone on with.
pub(crate) fn configuration<F>(source: &Source<F>) -> Checksum {
    let text = format!(
        "{:?}\0{}\0{}",
        source.connector,
        source.language,
        normalise::VERSION
    );
    Checksum::of(text.as_bytes())
}

/// Goes on with the source's last run, if it was interrupted. `wants_all` when the run that is due has to see every record.
pub(crate) async fn take_up<F: Fetch>(
    workshop: &Workshop,
    source: &Source<F>,
    configuration: Checksum,
    wants_all: bool,
) -> Result<Option<Resumed>, HarvestError> {
    if source.resume_within <= TimeDelta::zero() {
        return Ok(None);
    }
    lease::clear(workshop, &source.id).await?;
    let Some(interrupted) = workshop.archive.interrupted(&source.id).await? else {
        return Ok(None);
    };
    let (run, now) = (interrupted.run.run, (workshop.clock)());
    let mask = Mask::new(&*source.connector);
    let steps = may_go_on(source, &interrupted, configuration, wants_all, now)
        .and_then(|()| Steps::read(&mask, &interrupted));
    let steps = match steps {
        Ok(steps) => steps,
        Err(why) => {
            tracing::info!(source = %source.id, %run, why, "an interrupted run is not gone on with");
            return Ok(None);
        }
    };
    let (report, heart) = lease::resume(workshop, &interrupted, source.limits.beat).await?;
    let progress = Progress::replay(&steps.list);
    let doubt = match fits(
        &*source.connector,
        &source.fetcher,
        source.limits,
        &progress,
    )
    .await
    {
        Ok(doubt) => doubt,
        Err(why) => {
            tracing::info!(source = %source.id, %run, why, "an interrupted run cannot be gone on with");
            let reason = format!("{} ({why}): the next one began anew", reason::NOT_RESUMED);
            let forgotten = workshop.archive.forget_crawl(&source.id).await;
            lease::give_up(workshop, (run, report.resumed), reason).await;
            return Ok(forgotten.map(|()| None)?);
        }
    };
    tracing::info!(source = %source.id, %run, left = progress.queue.len(), doubt, "an interrupted run goes on");
    let (mut earlier, mut tally) = steps.sum();
    tally.incomplete = tally.incomplete.or(doubt);
    match workshop.archive.seen_by(&source.id, run).await {
        Ok(seen) => earlier.seen = seen,
        Err(error) => {
            let reason = format!("{}: {error}", reason::NOT_RESUMED);
            lease::give_up(workshop, (run, report.resumed), reason).await;
            return Err(error.into());
        }
    }
    Ok(Some(Resumed {
        report,
        heart,
        earlier,
        beginning: Beginning {
            progress,
            tally,
            resumed: true,
            ..Beginning::default()
        },
        keeper: Keeper {
            mask: Some(mask),
            n: i64::try_from(steps.list.len()).unwrap_or(i64::MAX),
            bytes: steps.bytes,
        },
    }))
}

/// What was kept of a crawl.
struct Steps {
    list: Vec<Step>,
    bytes: usize,
}

impl Steps {
    fn read(mask: &Mask, interrupted: &Interrupted) -> Result<Self, &'static str> {
        let mut steps = Self {
            list: Vec::with_capacity(interrupted.steps.len()),
            bytes: 0,
        };
        for kept in &interrupted.steps {
            let text = kept.unpack_text().ok();
            let step = text.and_then(|text| {
                steps.bytes += text.len();
                serde_json::from_str(&mask.show(text)).ok()
            });
            let unread = "what is kept of it cannot be read: perhaps another version kept it";
            steps.list.push(step.ok_or(unread)?);
        }
        Ok(steps)
    }

    /// What they saw, but for the records, and what they counted.
    fn sum(&self) -> (Earlier, Tally) {
        let mut earlier = Earlier::default();
        for step in &self.list {
            (earlier.nameless, earlier.strayed) = (step.nameless, step.strayed);
            earlier.gone.extend(step.gone.iter().cloned());
            earlier.withheld.extend(step.withheld.iter().cloned());
        }
        let tally = self.list.last().map(|step| step.tally.clone());
        (earlier, tally.unwrap_or_default())
    }
}

fn may_go_on<F>(
    source: &Source<F>,
    interrupted: &Interrupted,
    configuration: Checksum,
    wants_all: bool,
    now: DateTime<Utc>,
) -> Result<(), &'static str> {
    let age = now - interrupted.at;
    if age < TimeDelta::zero() || age > source.resume_within {
        return Err("too much time has passed since");
    }
    if interrupted.configuration != configuration {
        return Err("the configuration of the source or the rules are others");
    }
    if wants_all && interrupted.since.is_some() {
        return Err("every record has to be seen, and it asked for changes");
    }
    Ok(())
}

/// Looks once more at the last page of each listing that is not at its end. `Err` when it can no longer be had, as an expired
/// token; `Some` says what became of a listing so that records may have slipped past the place where the crawl stood.
async fn fits<F: Fetch>(
    connector: &dyn Connector,
    fetcher: &F,
    limits: Limits,
    progress: &Progress,
) -> Result<Option<String>, String> {
    let joints = progress.joints();
    let mut doubt = (joints.len() > MAX_JOINTS).then(|| {
        format!(
            "{} stood in too many listings to tell whether all are as they were",
            reason::IN_DOUBT
        )
    });
    for joint in joints.into_iter().take(MAX_JOINTS) {
        let now = look(connector, fetcher, limits, joint).await?;
        if now != joint.read {
            doubt.get_or_insert_with(|| {
                format!(
                    "{} the source changed until it went on: records may have been passed over",
                    reason::IN_DOUBT
                )
            });
        }
    }
    Ok(doubt)
}

async fn look<F: Fetch>(
    connector: &dyn Connector,
    fetcher: &F,
    limits: Limits,
    joint: &LastPage,
) -> Result<ReadPage, String> {
    let answer = tokio::time::timeout(limits.progress, fetcher.fetch(&joint.request)).await;
    let response = answer
        .map_err(|_| "no answer came in time".to_owned())?
        .map_err(|error| error.to_string())?;
    let page = connector
        .read(&response)
        .map_err(|error| error.to_string())?;
    Ok(ReadPage::of(&page))
}

/// Keeps the steps of a crawl, as long as they may be kept.
#[derive(Debug)]
pub(crate) struct Keeper {
    /// `None` when nothing is kept.
    mask: Option<Mask>,
    n: i64,
    bytes: usize,
}

impl Keeper {
    /// Of a crawl that is never gone on with.
    pub(crate) fn none() -> Self {
        Self {
            mask: None,
            n: 0,
            bytes: 0,
        }
    }

    /// Of a crawl that begins.
    pub(crate) async fn begin<F>(
        workshop: &Workshop,
        source: &Source<F>,
        configuration: Checksum,
        since: Option<&Checkpoint>,
        run: &RunReport,
    ) -> Result<Self, HarvestError> {
        if source.resume_within <= TimeDelta::zero() {
            workshop.archive.forget_crawl(&source.id).await?;
            return Ok(Self::none());
        }
        let since = since.map(|since| since.started);
        workshop
            .archive
            .begin_crawl(run, configuration, since)
            .await?;
        Ok(Self {
            mask: Some(Mask::new(&*source.connector)),
            ..Self::none()
        })
    }

    /// A step as it is kept; one in which nothing was done need not be. What holds secrets that nobody knows, or is too much, ends the keeping.
    pub(crate) async fn keep(
        &mut self,
        archive: &Archive,
        source: &SourceId,
        step: Option<Step>,
    ) -> Result<Option<CrawlStep>, HarvestError> {
        let (Some(mask), Some(step)) = (&self.mask, step.filter(|step| !step.is_empty())) else {
            return Ok(None);
        };
        let text = mask.hide(&step);
        let bytes = text
            .as_ref()
            .map_or(self.bytes, |text| self.bytes + text.len());
        let Some(text) = text.filter(|_| bytes <= MAX_BYTES) else {
            tracing::info!(%source, "where this run stands is not kept: should it be interrupted, the next one begins anew");
            *self = Self::none();
            archive.forget_crawl(source).await?;
            return Ok(None);
        };
        self.bytes = bytes;
        self.n += 1;
        Ok(Some(CrawlStep {
            n: self.n,
            step: Packed::new(text.as_bytes()),
        }))
    }
}
