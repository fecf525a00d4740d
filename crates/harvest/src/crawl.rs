//! Drives a connector through a fetcher until nothing is left to ask.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use fetch::{Fetch, FetchError};
use model::{
    Checkpoint, Checksum, Connector, Failure, Finding, Method, Page, Request, Severity, Stage,
};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::Sender;

use crate::lease::Wishes;
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

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CrawlEnd {
    pub(crate) pages: u64,
    /// Requests that gave nothing, whatever was tried.
    pub(crate) lost_pages: u64,
    /// Single records that could not be read, whatever was tried.
    pub(crate) lost_records: u64,
    /// Set when the pages contradict one another so that records may lack.
    pub(crate) incomplete: Option<String>,
    /// Whether a listing came without an order, so that what came twice may stand where another record was missed.
    pub(crate) unsorted: bool,
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
    since: Option<&Checkpoint>,
    wishes: Wishes,
    watchdog: &Watchdog,
    out: Sender<Crawled>,
) {
    let mut crawl = Crawl {
        wishes,
        watchdog,
        waited: Duration::ZERO,
        connector,
        fetcher,
        limits,
        out,
        asked: HashSet::new(),
        announced: HashMap::new(),
        giving: HashSet::new(),
        in_a_row: 0,
        end: CrawlEnd::default(),
    };
    let mut queue: VecDeque<Request> = connector.start(since).into();
    while let Some(request) = queue.pop_front() {
        if crawl.wishes.stop() {
            crawl.end.stopped = true;
            break;
        }
        // A closed channel means that the run has ended without us.
        if crawl.step(request, &mut queue).await.is_err() {
            return;
        }
        if crawl.end.broken_off.is_some() || crawl.end.stopped {
            break;
        }
    }
    if !crawl.announced.is_empty() {
        crawl.end.announced = Some(
            crawl
                .announced
                .values()
                .copied()
                .fold(0, u64::saturating_add),
        );
        let announced = &crawl.announced;
        crawl.end.all_announced =
            (crawl.giving.iter()).all(|listing| announced.contains_key(listing));
    }
    // Nobody listens when the run has ended without us.
    let _ = crawl.out.send(Crawled::End(crawl.end)).await;
}

struct Crawl<'a, F> {
    connector: &'a dyn Connector,
    fetcher: &'a F,
    limits: Limits,
    out: Sender<Crawled>,
    /// Checksums of the requests made, so that none is made twice.
    asked: HashSet<Checksum>,
    announced: HashMap<String, u64>,
    /// Listings that gave records.
    giving: HashSet<String>,
    in_a_row: u32,
    /// For the source, since the last page.
    waited: Duration,
    wishes: Wishes,
    watchdog: &'a Watchdog,
    end: CrawlEnd,
}

struct Closed;

impl<F: Fetch> Crawl<'_, F> {
    async fn step(
        &mut self,
        request: Request,
        queue: &mut VecDeque<Request>,
    ) -> Result<(), Closed> {
        if !self.asked.insert(fingerprint(&request)) {
            return self
                .send(Crawled::Finding(
                    Finding::new("paging/loop", Severity::Warning, Stage::Fetch, "the source led back to a page that was read already; it was not read again")
                        .place(place(&request)),
                ))
                .await;
        }
        if self.asked.len() as u64 > self.limits.requests {
            self.end.broken_off = Some(format!(
                "the source has more after {} requests, the most that a run may make",
                self.limits.requests
            ));
            return Ok(());
        }
        let failed = match self.ask(&request).await {
            Ok(page) => return self.take(&request, page, queue).await,
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
            Some(instead) => instead
                .into_iter()
                .rev()
                .for_each(|request| queue.push_front(request)),
            None if request.records == Some(1) && failed.is_about_the_record() => {
                self.in_a_row = 0;
                self.end.lost_records += 1;
                return self
                    .send(Crawled::LostRecord(failed.finding(&request)))
                    .await;
            }
            None => self.lose(&request, &failed).await?,
        }
        Ok(())
    }

    async fn take(
        &mut self,
        request: &Request,
        page: Page,
        queue: &mut VecDeque<Request>,
    ) -> Result<(), Closed> {
        self.in_a_row = 0;
        self.waited = Duration::ZERO;
        self.end.pages += 1;
        let listing = request
            .cursor
            .get("listing")
            .and_then(|listing| listing.as_str())
            .unwrap_or_default();
        if let Some(announced) = page.announced {
            self.announced.insert(listing.to_owned(), announced);
        }
        if !page.records.is_empty() && !self.giving.contains(listing) {
            self.giving.insert(listing.to_owned());
        }
        self.end.unsorted |=
            (page.findings.iter()).any(|finding| finding.rule == "paging/unsorted");
        if let Some(finding) = page.findings.iter().find(|finding| {
            finding.severity == Severity::Error
                && (finding.rule.starts_with("paging/") || finding.rule == "page/unreadable")
        }) {
            self.end
                .incomplete
                .get_or_insert_with(|| finding.message.clone());
        }
        queue.extend(page.next.iter().cloned());
        self.send(Crawled::Page(page)).await
    }

    async fn lose(&mut self, request: &Request, failed: &Failed) -> Result<(), Closed> {
        self.end.lost_pages += 1;
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
        self.end.lost_pages += 1;
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
        let answer = tokio::select! {
            biased;
            () = self.wishes.stopped() => return Err(Failed::Stopped),
            answer = tokio::time::timeout(limit, self.fetcher.fetch(request)) => answer,
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
        let began = Instant::now();
        let page = self.connector.read(&response).map_err(Failed::Read);
        self.end.reading += began.elapsed();
        page
    }

    async fn send(&self, crawled: Crawled) -> Result<(), Closed> {
        self.out.send(crawled).await.map_err(|_| Closed)
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

fn fingerprint(request: &Request) -> Checksum {
    let body = match &request.method {
        Method::Get => "",
        Method::Post(body) => &body.content,
    };
    Checksum::of(format!("{}\0{body}\0{}", request.url, request.cursor).as_bytes())
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
