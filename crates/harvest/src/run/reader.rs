//! Pages in, batches of prepared records out.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use archive::RecordKey;
use chrono::{DateTime, Utc};
use model::{Checksum, Finding, Page, RawRecord, RecordId, Severity, Stage};
use tokio::sync::mpsc;

use super::Timings;
use crate::crawl::{CrawlEnd, Crawled};
use crate::prepare::{Bench, Prepared, is_in_catalogue, prepare};
use crate::progress::Step;
use crate::resume::Earlier;
use crate::{HarvestError, Workshop};

/// Records mapped and committed together: a crash costs at most these.
pub(super) const BATCH: usize = 500;

/// What is counted while reading.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Records refused before they could be mapped.
    pub(super) refused: u64,
    /// Of these, the ones of which nobody knows which record they are.
    pub(super) nameless: u64,
    /// Records that came again on one page, the same: the first of them. No way of asking for pages makes these: they are copies.
    pub(super) repeated: Vec<RecordId>,
    /// Records that came again, the same, on another page: each may stand where one that never came was to be.
    pub(super) strayed: u64,
}

/// Requests that gave nothing, after which it is written all the same where the crawl stands.
const STEPS: usize = 100;

/// How many copies are remembered by name.
const REPEATED: usize = 10_000;

/// A batch: what is to be written, how many records were refused before they could be mapped, and where the crawl stands after it,
/// if all that its pages gave is written by then.
pub(super) type Part = (Prepared, u64, Option<Step>);

/// Takes pages in, gives batches out.
pub(super) struct Reader<'a> {
    pub(super) workshop: &'a Workshop,
    pub(super) bench: Bench,
    /// When the source was asked, where that was before the run.
    pub(super) asked: Option<DateTime<Utc>>,
    pub(super) out: mpsc::Sender<Part>,
    /// Every record of this run with its checksum: some 50 bytes each.
    pub(super) seen: HashMap<RecordKey, Checksum>,
    /// Those of them that the run saw before it was interrupted.
    earlier: HashSet<RecordKey>,
    /// No page of records was read since it goes on: a large one may have been written in part.
    goes_on: bool,
    /// What was done since a batch told where the crawl stands.
    step: Step,
    pub(super) gone: Vec<RecordId>,
    /// Those of them that are not for the public.
    pub(super) withheld: Vec<RecordId>,
    pub(super) figures: Figures,
    pub(super) timings: Timings,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        workshop: &'a Workshop,
        (bench, asked): (Bench, Option<DateTime<Utc>>),
        earlier: Earlier,
        out: mpsc::Sender<Part>,
    ) -> Self {
        Self {
            workshop,
            bench,
            asked,
            out,
            goes_on: !earlier.seen.is_empty(),
            earlier: earlier.seen.iter().map(|(key, _)| *key).collect(),
            seen: earlier.seen.into_iter().collect(),
            step: Step::default(),
            gone: earlier.gone,
            withheld: earlier.withheld,
            figures: Figures {
                nameless: earlier.nameless,
                strayed: earlier.strayed,
                ..Figures::default()
            },
            timings: Timings::default(),
        }
    }

    pub(super) async fn read(
        &mut self,
        mut pages: mpsc::Receiver<(Crawled, Step)>,
    ) -> Result<CrawlEnd, HarvestError> {
        while let Some((crawled, step)) = pages.recv().await {
            self.step.add(step);
            match crawled {
                Crawled::Page(page) => self.page(page, &HashMap::new()).await?,
                Crawled::Told(page, same) => self.page(page, &same).await?,
                Crawled::Finding(finding) => self.pass(Prepared::told(vec![finding]), 0).await?,
                Crawled::LostRecord(finding) => {
                    self.figures.nameless += 1;
                    self.pass(Prepared::told(vec![finding]), 1).await?;
                }
                Crawled::End(end) => return Ok(end),
            }
        }
        Err(HarvestError::Broken(
            "the crawl ended without saying so".to_owned(),
        ))
    }

    /// Takes a page in. Of the records at the places in `same`, only the checksum is known.
    async fn page(
        &mut self,
        page: Page,
        same: &HashMap<usize, Checksum>,
    ) -> Result<(), HarvestError> {
        self.step.gone.extend(page.gone.iter().cloned());
        self.step.withheld.extend(page.withheld.iter().cloned());
        self.gone.extend(page.gone);
        self.withheld.extend(page.withheld);
        self.figures.nameless += page.refused;
        let mut findings = page.findings;
        let mut refused = page.refused;
        let mut records = Vec::with_capacity(page.records.len());
        let mut without_body = Vec::new();
        let mut here = HashSet::with_capacity(page.records.len());
        let cut = !page.records.is_empty()
            && std::mem::take(&mut self.goes_on)
            && page.records.len() > BATCH;
        for (at, record) in page.records.into_iter().enumerate() {
            let key = RecordKey::new(&self.bench.source, &record.id);
            let told = same.get(&at).copied();
            let checksum = told.unwrap_or_else(|| record.checksum());
            let first_here = here.insert(key);
            match self.seen.insert(key, checksum) {
                None => {
                    without_body.extend(told.map(|_| key));
                    records.push((key, checksum, record));
                }
                Some(first) if self.earlier.contains(&key) => {
                    self.seen.insert(key, first);
                    self.figures.strayed += u64::from(!cut);
                }
                Some(first) => {
                    self.seen.insert(key, first);
                    if first == checksum && first_here {
                        self.figures.strayed += 1;
                    } else if first == checksum {
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
        self.unchanged(&without_body).await?;
        let mut told = Prepared::told(findings);
        let mut records = records.into_iter().peekable();
        while records.peek().is_some() {
            let prepared = self.batch(records.by_ref().take(BATCH).collect()).await?;
            if records.peek().is_some() {
                self.part(prepared).await?;
            } else {
                told.add(prepared);
            }
        }
        // Where a page gives nothing, what comes next says that it was read.
        if !told.is_empty() || refused > 0 || self.step.done.len() >= STEPS {
            self.pass(told, refused).await?;
        }
        Ok(())
    }

    /// Makes sure that records whose bodies nobody has are as they were.
    async fn unchanged(&self, keys: &[RecordKey]) -> Result<(), HarvestError> {
        let known = self.workshop.archive.known(keys).await?;
        let is_kept = |key| known.get(key).is_some_and(is_in_catalogue);
        if let Some(key) = keys.iter().find(|key| {
            let seen = self.seen.get(key);
            !is_kept(key) || known.get(key).map(|known| &known.checksum) != seen
        }) {
            let record = self.workshop.archive.named(&[*key]).await?;
            return Err(HarvestError::Stale(format!(
                "record {} of source `{}` is not as it was",
                (record.first()).map_or("(unknown)", |named| named.record.as_str()),
                self.bench.source
            )));
        }
        Ok(())
    }

    async fn batch(
        &mut self,
        records: Vec<(RecordKey, Checksum, RawRecord)>,
    ) -> Result<Prepared, HarvestError> {
        let keys: Vec<RecordKey> = records.iter().map(|(key, ..)| *key).collect();
        let began = Instant::now();
        let known = self.workshop.archive.known(&keys).await?;
        self.timings.compare += began.elapsed();
        let began = Instant::now();
        let now = self.asked.unwrap_or_else(|| (self.workshop.clock)());
        let bench = self.bench.clone();
        let prepared = tokio::task::spawn_blocking(move || prepare(&bench, records, &known, now))
            .await
            .map_err(|error| HarvestError::Broken(error.to_string()))?;
        self.timings.map += began.elapsed();
        Ok(prepared)
    }

    /// Passes the last of what a page gave, with where the crawl stands after it.
    async fn pass(&mut self, prepared: Prepared, refused: u64) -> Result<(), HarvestError> {
        self.figures.refused += refused;
        let mut step = std::mem::take(&mut self.step);
        (step.nameless, step.strayed) = (self.figures.nameless, self.figures.strayed);
        self.send((prepared, refused, Some(step))).await
    }

    /// Passes a part of a page, which is read again if the run is interrupted before the rest of it is written.
    async fn part(&mut self, prepared: Prepared) -> Result<(), HarvestError> {
        self.send((prepared, 0, None)).await
    }

    async fn send(&mut self, part: Part) -> Result<(), HarvestError> {
        self.out
            .send(part)
            .await
            .map_err(|_| HarvestError::Broken("nothing takes the batches any more".to_owned()))
    }
}

pub(super) fn duplicate(id: &RecordId) -> Finding {
    Finding::new(
        "record/duplicate-identifier",
        Severity::Error,
        Stage::Reconcile,
        "another record of this source has the same identifier; the first one was kept",
    )
    .record(id)
    .hint("give each record an identifier of its own")
}
