//! What a source says, written into a plan on its way; and what a plan holds, in place of the source.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use archive::{Archive, RecordKey};
use model::{Checksum, Page, SourceId};
use tokio::sync::mpsc;

use super::file::{Piece, PlanReader, PlanWriter};
use crate::HarvestError;
use crate::crawl::{CrawlEnd, Crawled};
use crate::lease::Wishes;
use crate::prepare::is_in_catalogue;
use crate::progress::{Step, Tally};
use crate::run::Feed;
use crate::watchdog::Watchdog;

/// Where a recording writes to, and what became of that.
#[derive(Clone)]
pub(super) struct Tape(Arc<Mutex<Result<PlanWriter, HarvestError>>>);

impl Tape {
    pub(super) fn new(writer: PlanWriter) -> Self {
        Self(Arc::new(Mutex::new(Ok(writer))))
    }

    /// The writer, once the recording is over.
    pub(super) fn into_writer(self) -> Result<PlanWriter, HarvestError> {
        match Arc::try_unwrap(self.0) {
            Ok(inner) => inner.into_inner().unwrap_or_else(PoisonError::into_inner),
            Err(_) => Err(HarvestError::Broken("a plan is still written".to_owned())),
        }
    }

    /// After a failure nothing more is written.
    fn attempt(&self, step: impl FnOnce(&mut PlanWriter) -> Result<(), HarvestError>) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(writer) = &mut *state
            && let Err(error) = step(writer)
        {
            *state = Err(error);
        }
    }

    fn fail(&self, error: HarvestError) {
        self.attempt(|_| Err(error));
    }
}

/// A feed that is written into a plan as it passes.
pub(super) struct Recording<F> {
    pub(super) feed: F,
    pub(super) archive: Archive,
    pub(super) source: SourceId,
    pub(super) tape: Tape,
}

impl<F: Feed> Feed for Recording<F> {
    async fn feed(self, wishes: Wishes, watchdog: &Watchdog, out: mpsc::Sender<(Crawled, Step)>) {
        let (inner, mut passing) = mpsc::channel(1);
        let Self {
            feed,
            archive,
            source,
            tape,
        } = self;
        let pass = async {
            let mut seen = HashSet::new();
            while let Some((crawled, step)) = passing.recv().await {
                let same = match &crawled {
                    Crawled::Page(page) => as_they_were(&archive, &source, page, &mut seen).await,
                    _ => Ok(HashMap::new()),
                };
                match same {
                    Ok(same) => tape.attempt(|writer| {
                        writer.crawled(&crawled, &same).map_err(HarvestError::Write)
                    }),
                    Err(error) => tape.fail(error),
                }
                // Nobody listens when the run has ended without us.
                if out.send((crawled, step)).await.is_err() {
                    return;
                }
            }
        };
        tokio::join!(feed.feed(wishes, watchdog, inner), pass);
    }
}

/// The places on a page of the records of which nobody will need the bytes: they are as they were, or have come before.
async fn as_they_were(
    archive: &Archive,
    source: &SourceId,
    page: &Page,
    seen: &mut HashSet<RecordKey>,
) -> Result<HashMap<usize, Checksum>, HarvestError> {
    let keys: Vec<RecordKey> = page
        .records
        .iter()
        .map(|record| RecordKey::new(source, &record.id))
        .collect();
    let known = archive.known(&keys).await?;
    let mut same = HashMap::new();
    for (at, (key, record)) in keys.iter().zip(&page.records).enumerate() {
        let checksum = record.checksum();
        let is_kept = known
            .get(key)
            .is_some_and(|known| known.checksum == checksum && is_in_catalogue(known));
        if !seen.insert(*key) || is_kept {
            same.insert(at, checksum);
        }
    }
    Ok(same)
}

/// What a plan holds of what its source said.
pub(super) struct Replaying {
    pub(super) reader: PlanReader,
}

impl Feed for Replaying {
    async fn feed(
        mut self,
        wishes: Wishes,
        watchdog: &Watchdog,
        out: mpsc::Sender<(Crawled, Step)>,
    ) {
        loop {
            watchdog.crawls("was reading the plan".to_owned());
            let crawled = match self.reader.next() {
                _ if wishes.stop() => stopped(),
                Ok(Some(Piece::Crawled(crawled))) => *crawled,
                Ok(_) => broken("the file of the plan ended before its end"),
                Err(error) => broken(&error.to_string()),
            };
            let is_end = matches!(crawled, Crawled::End(_));
            // Nobody listens when the run has ended without us.
            if out.send((crawled, Step::default())).await.is_err() || is_end {
                return;
            }
        }
    }
}

fn stopped() -> Crawled {
    Crawled::End(CrawlEnd {
        stopped: true,
        ..CrawlEnd::default()
    })
}

/// The file was whole when it was checked; now it cannot be read.
fn broken(why: &str) -> Crawled {
    Crawled::End(CrawlEnd {
        tally: Tally {
            pages: 1,
            ..Tally::default()
        },
        broken_off: Some(why.to_owned()),
        ..CrawlEnd::default()
    })
}
