//! Drives a connector through a fetcher until nothing is left to ask.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use fetch::{Fetch, FetchError};
use model::{
    Checksum, Connector, Failure, Finding, Page, Request, Response, Severity, Stage, Validators,
};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::Sender;

use crate::lease::Wishes;
use crate::progress::{Done, Progress, Step, Tally, fingerprint};
use crate::watchdog::Watchdog;

/// What keeps a crawl from going on for ever.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The longest time for one request with its retries: a crawl makes progress, however long it is as a whole.
    pub progress: Duration,
    pub requests: u64,
    /// Pages lost one after the other before the crawl gives up.
    pub failures: u32,
    /// How long a crawl waits for its source, in all, without getting a page that it can read; and, beyond one request, how long
    /// no part of a run may go on.
    pub stalled: Duration,
    /// How often a run shows that it is alive; one that does not for twelve times this is taken for dead.
    pub beat: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            progress: Duration::from_secs(600),
            requests: 200_000,
            failures: 5,
            stalled: Duration::from_secs(1800),
            beat: archive::BEAT,
        }
    }
}

/// What a crawl passes on.
#[derive(Debug)]
pub(crate) enum Crawled {
    Page(Page),
    /// A page that was read before. Of the records at these places only the checksum is known, since they had not changed or had come
    /// before.
    Told(Page, HashMap<usize, Checksum>),
    /// Something to report that is no page.
    Finding(Finding),
    /// One record could not be read, whatever was tried; nobody knows which one.
    LostRecord(Finding),
    End(CrawlEnd),
}

/// Where a crawl begins: at its first requests, or where an interrupted one stood.
#[derive(Debug, Default)]
pub(crate) struct Beginning {
    pub(crate) progress: Progress,
    pub(crate) tally: Tally,
    /// Whether it goes on with an interrupted one.
    pub(crate) resumed: bool,
    /// What the answer to a request is known by.
    pub(crate) known: Option<(Checksum, Validators)>,
    /// What is to be told of the source beside what it gives.
    pub(crate) told: Option<Finding>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CrawlEnd {
    pub(crate) tally: Tally,
    /// What the last page is known by. A plan does not hold it: who applies one has asked for nothing.
    #[serde(skip)]
    pub(crate) document: Option<(Checksum, Validators)>,
    /// The server says that the answer is the one that it was known by. A plan asks on no condition.
    #[serde(skip)]
    pub(crate) unmodified: bool,
    /// A person ended the run.
    pub(crate) stopped: bool,
    /// Set when the crawl stopped before its end.
    pub(crate) broken_off: Option<String>,
    /// The sum of what the listings of the source announce, if they do.
    pub(crate) announced: Option<u64>,
    /// Whether each listing that gave records announced how many.
    pub(crate) all_announced: bool,
    #[serde(skip)]
    pub(crate) fetching: Duration,
    #[serde(skip)]
    pub(crate) reading: Duration,
}

pub(crate) async fn crawl<F: Fetch>(
    connector: &dyn Connector,
    fetcher: &F,
    limits: Limits,
    beginning: Beginning,
    wishes: Wishes,
    watchdog: &Watchdog,
    out: Sender<(Crawled, Step)>,
) {
    let Beginning {
        progress,
        tally,
        resumed,
        known,
        told,
    } = beginning;
    let step = match resumed {
        true => Step::default(),
        false => Step::first(&progress),
    };
    let mut crawl = Crawl {
        wishes,
        watchdog,
        waited: Duration::ZERO,
        connector,
        fetcher,
        limits,
        out,
        progress,
        known,
        step,
        in_a_row: 0,
        end: CrawlEnd {
            tally,
            ..CrawlEnd::default()
        },
    };
    if let Some(finding) = told
        && crawl.send(Crawled::Finding(finding)).await.is_err()
    {
        return;
    }
    while let Some(request) = crawl.progress.queue.front().cloned() {
        if crawl.wishes.stop() {
            crawl.end.stopped = true;
            break;
        }
        // A closed channel means that the run has ended without us.
        if crawl.step(request).await.is_err() {
            return;
        }
        if crawl.end.broken_off.is_some() || crawl.end.stopped {
            break;
        }
    }
    crawl.end.announced = crawl.progress.announced();
    crawl.end.all_announced = crawl.progress.all_announced();
    // Nobody listens when the run has ended without us.
    let _ = crawl
        .out
        .send((Crawled::End(crawl.end), Step::default()))
        .await;
}

struct Crawl<'a, F> {
    connector: &'a dyn Connector,
    fetcher: &'a F,
    limits: Limits,
    out: Sender<(Crawled, Step)>,
    progress: Progress,
    known: Option<(Checksum, Validators)>,
    /// What was done since something was passed on last.
    step: Step,
    in_a_row: u32,
    /// For the source, since the last page.
    waited: Duration,
    wishes: Wishes,
    watchdog: &'a Watchdog,
    end: CrawlEnd,
}

struct Closed;

impl<F: Fetch> Crawl<'_, F> {
    async fn step(&mut self, request: Request) -> Result<(), Closed> {
        if self.progress.was_asked(&request) {
            self.done(Done::default());
            return self
                .send(Crawled::Finding(
                    Finding::new("paging/loop", Severity::Warning, Stage::Fetch, "the source led back to a page that was read already; it was not read again")
                        .place(place(&request)),
                ))
                .await;
        }
        if self.progress.requests() >= self.limits.requests {
            self.end.broken_off = Some(format!(
                "the source has more after {} requests, the most that a run may make",
                self.limits.requests
            ));
            return Ok(());
        }
        let failed = match self.ask(&request).await {
            Ok(page) => return self.take(page).await,
            Err(Failed::Stopped) => {
                self.end.stopped = true;
                return Ok(());
            }
            Err(failed) => failed,
        };
        if self.waited >= self.limits.stalled {
            return self.stall(&request, &failed).await;
        }
        tracing::debug!(url = %request.url, error = %failed.message(), "request failed");
        match self.connector.recover(&request, &failed.as_failure()) {
            Some(instead) => self.done(Done::replaced(instead)),
            None if request.records == Some(1) && failed.is_about_the_record() => {
                self.in_a_row = 0;
                self.end.tally.lost_records += 1;
                self.done(Done::default());
                return self
                    .send(Crawled::LostRecord(failed.finding(&request)))
                    .await;
            }
            None => self.lose(&request, &failed).await?,
        }
        Ok(())
    }

    async fn take(&mut self, page: Page) -> Result<(), Closed> {
        self.in_a_row = 0;
        self.waited = Duration::ZERO;
        let tally = &mut self.end.tally;
        tally.pages += 1;
        tally.unsorted |= (page.findings.iter()).any(|finding| finding.rule == "paging/unsorted");
        if let Some(finding) = page.findings.iter().find(|finding| {
            finding.severity == Severity::Error
                && (finding.rule.starts_with("paging/") || finding.rule == "page/unreadable")
        }) {
            tally
                .incomplete
                .get_or_insert_with(|| finding.message.clone());
        }
        self.done(Done::read(&page));
        self.send(Crawled::Page(page)).await
    }

    /// The first request of the queue is done with.
    fn done(&mut self, done: Done) {
        self.progress.apply(&done);
        self.step.done.push(done);
    }

    async fn lose(&mut self, request: &Request, failed: &Failed) -> Result<(), Closed> {
        self.end.tally.lost_pages += 1;
        self.done(Done::default());
        self.in_a_row += 1;
        if self.in_a_row >= self.limits.failures {
            self.end.broken_off = Some(format!(
                "{} requests failed one after the other, the last because {}",
                self.in_a_row,
                failed.message()
            ));
        }
        self.send(Crawled::Finding(failed.finding(request))).await
    }

    /// Smaller requests, tried in place of one that failed, can each take their time: a source that gives nothing is left.
    async fn stall(&mut self, request: &Request, failed: &Failed) -> Result<(), Closed> {
        self.end.tally.lost_pages += 1;
        self.end.broken_off = Some(format!(
            "no page could be read in {} s of waiting; the last request was {}: {}",
            self.limits.stalled.as_secs(),
            place(request),
            failed.message()
        ));
        self.send(Crawled::Finding(failed.finding(request))).await
    }

    async fn ask(&mut self, request: &Request) -> Result<Page, Failed> {
        self.watchdog
            .crawls(format!("was asking for {}", place(request)));
        let began = Instant::now();
        let left = self.limits.stalled.saturating_sub(self.waited);
        let limit = self.limits.progress.min(left);
        let conditional = self.conditional(request);
        let answer = tokio::select! {
            biased;
            () = self.wishes.stopped() => return Err(Failed::Stopped),
            answer = tokio::time::timeout(limit, self.fetcher.fetch(conditional.as_ref().unwrap_or(request))) => answer,
        };
        self.end.fetching += began.elapsed();
        self.waited += match &answer {
            // Timers end a little early or late; what counts is that all the time was used.
            Err(_) => limit.max(began.elapsed()),
            Ok(_) => began.elapsed(),
        };
        self.watchdog
            .crawls(format!("was reading what came from {}", place(request)));
        let response = match answer {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(Failed::Fetch(error)),
            Err(_) => return Err(Failed::NoProgress(limit)),
        };
        if response.status == NOT_MODIFIED && conditional.is_some() {
            self.end.unmodified = true;
            return Ok(Page::default());
        }
        let began = Instant::now();
        let page = self.connector.read(&response).map_err(Failed::Read);
        self.end.reading += began.elapsed();
        self.end.document = Some((fingerprint(request), validators(&response)));
        page
    }

    /// The request, under the condition that its answer is not the one that is known.
    fn conditional(&self, request: &Request) -> Option<Request> {
        let (known, validators) = self.known.as_ref()?;
        (*known == fingerprint(request)).then(|| Request {
            validators: Some(validators.clone()),
            ..request.clone()
        })
    }

    async fn send(&mut self, crawled: Crawled) -> Result<(), Closed> {
        let mut step = std::mem::take(&mut self.step);
        step.tally = self.end.tally.clone();
        self.out.send((crawled, step)).await.map_err(|_| Closed)
    }
}

enum Failed {
    Fetch(FetchError),
    Read(model::ReadError),
    NoProgress(Duration),
    Stopped,
}

impl Failed {
    fn message(&self) -> String {
        match self {
            Self::Fetch(error) => error.to_string(),
            Self::Read(error) => error.to_string(),
            Self::NoProgress(limit) => format!("no answer came within {} s", limit.as_secs()),
            Self::Stopped => model::reason::STOPPED.to_owned(),
        }
    }

    fn as_failure(&self) -> Failure<'_> {
        match self {
            Self::Fetch(error) => Failure::Fetch {
                status: error.status(),
                message: "",
            },
            Self::Read(error) => Failure::Read(error),
            Self::NoProgress(_) | Self::Stopped => Failure::Fetch {
                status: None,
                message: "no answer in time",
            },
        }
    }

    /// Whether the server answered, so that the fault is with what was asked for and not with the line.
    fn is_about_the_record(&self) -> bool {
        match self {
            Self::Fetch(error) => error.status().is_some(),
            Self::Read(_) => true,
            Self::NoProgress(_) | Self::Stopped => false,
        }
    }

    fn finding(&self, request: &Request) -> Finding {
        let one = request.records == Some(1) && self.is_about_the_record();
        let (rule, stage) = match self {
            Self::Fetch(error) if !one => return error.finding(),
            Self::NoProgress(_) => ("fetch/timeout", Stage::Fetch),
            _ if one => ("record/unreadable", Stage::Read),
            _ => ("page/unreadable", Stage::Read),
        };
        let what = if one {
            "one record could not be read, and was left out"
        } else {
            "a page could not be read; its records are left as they were"
        };
        let finding = Finding::new(
            rule,
            Severity::Error,
            stage,
            format!("{what}: {}", self.message()),
        )
        .place(place(request));
        match self {
            Self::Fetch(error) => match error.status() {
                Some(status) => finding.value(&status.to_string()),
                None => finding,
            },
            _ => finding,
        }
    }
}

const NOT_MODIFIED: u16 = 304;

fn validators(response: &Response) -> Validators {
    Validators {
        etag: response.etag.clone(),
        last_modified: response.last_modified.clone(),
    }
}

/// A page's address without credentials, with where it stands in its listing.
fn place(request: &Request) -> String {
    let url = request
        .url
        .split_once("://")
        .map_or(request.url.as_str(), |(_, rest)| rest);
    let host_end = url.find(['/', '?', '#']).unwrap_or(url.len());
    let mut place = match url[..host_end].rfind('@') {
        Some(at) => request.url.replacen(&url[..=at], "", 1),
        None => request.url.clone(),
    };
    // Of the connector's notes, what a reader can use: where pages are asked for by POST, the address alone tells nothing.
    let notes: Vec<String> = ["listing", "page", "start", "size"]
        .iter()
        .filter_map(|name| {
            request.cursor.get(name).map(|value| {
                format!(
                    "{name} {}",
                    value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned)
                )
            })
        })
        .collect();
    if !notes.is_empty() {
        place.push_str(&format!(" ({})", notes.join(", ")));
    }
    place
}
