//! The crawl: what is asked first, what after an answer, what after a failure.

use model::{
    Checkpoint, ConfigError, Connector, Coverage, Failure, Finding, Incremental, Page, ReadError,
    Request, Response,
};
use url::Url;

use crate::config::Config;
use crate::listing::{self, Answer};
use crate::next::newer;
use crate::paging::{Cursor, Listing, Sort};

/// A portal that runs udata.
#[derive(Debug, Clone)]
pub struct Udata {
    config: Config,
    pub(crate) api: Url,
}

impl Udata {
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let api = config.api()?;
        Ok(Self { config, api })
    }
}

/// Records asked for alone in a row before a portal that answers badly is given up.
const MAX_STREAK: u64 = 8;
/// The same where the answer is JSON, and broken: the portal is there.
const MAX_STREAK_MALFORMED: u64 = 1000;
/// And where not one page could be read: it is not a few records that are at fault.
const MAX_STREAK_UNREAD: u64 = 50;

/// Records by which the order of a listing is seen.
const PROBED: u64 = 20;

impl Connector for Udata {
    fn start(&self, since: Option<&Checkpoint>) -> Vec<Request> {
        let since = since
            .filter(|_| self.config.incremental.asks())
            .map(|checkpoint| checkpoint.started);
        let mut first = vec![Cursor::first(
            Listing::Datasets,
            self.config.page_size,
            since,
        )];
        if self.config.reads_dataservices() {
            first.push(Cursor::first(
                Listing::Dataservices,
                self.config.page_size,
                None,
            ));
        }
        first.iter().map(|cursor| self.request(cursor)).collect()
    }

    fn read(&self, answer: &Response) -> Result<Page, ReadError> {
        let cursor = Cursor::of(&answer.request)?;
        let parsed = Answer::parse(&answer.body)?;
        let mut page = Page {
            // An incremental listing is not read to its end: its total says nothing of this crawl.
            announced: (parsed.total.max(cursor.most)).filter(|_| cursor.since.is_none()),
            ..Page::default()
        };
        // A portal that ignores the size of a page must not answer for the neighbours of a single record.
        let shown = if cursor.alone {
            parsed.items.len().min(1)
        } else {
            parsed.items.len()
        };
        let items = parsed.items.get(..shown).unwrap_or_default();
        let dates = listing::collect(items, &answer.body, cursor.listing, &mut page);
        Finding::on_page(&mut page.findings, &answer.url, "");
        if !cursor.alone {
            self.go_on(cursor, &parsed, &dates, answer, &mut page);
        }
        Ok(page)
    }

    fn coverage(&self, since: Option<&Checkpoint>) -> Coverage {
        if self.config.incremental.asks() && since.is_some() {
            Coverage::Delta
        } else {
            Coverage::Full
        }
    }

    fn incremental(&self) -> Incremental {
        self.config.incremental
    }

    /// The portal has no filter by date: what changed is read from the top of its listing, down to the checkpoint.
    fn probe(&self, since: Option<&Checkpoint>) -> Option<Request> {
        let size = since.map_or(1, |_| self.config.page_size.min(PROBED));
        let since = since.map(|since| since.started);
        Some(self.request(&Cursor::first(Listing::Datasets, size, since)))
    }

    fn counted(&self, answer: &Response) -> Result<Option<u64>, ReadError> {
        let cursor = Cursor::of(&answer.request)?;
        let parsed = Answer::parse(&answer.body)?;
        let dates = listing::collect(
            &parsed.items,
            &answer.body,
            cursor.listing,
            &mut Page::default(),
        );
        Ok(match cursor.since {
            Some(since) => newer(&dates, since, parsed.total),
            None => parsed.total,
        })
    }

    fn recover(&self, request: &Request, failure: &Failure<'_>) -> Option<Vec<Request>> {
        let cursor = Cursor::of(request).ok()?;
        let max_streak = match failure {
            Failure::Fetch {
                status: Some(404), ..
            } => {
                let absent = cursor.listing == Listing::Dataservices && !cursor.proven;
                return (absent || cursor.page > 1).then(Vec::new);
            }
            Failure::Fetch {
                status: Some(400 | 422),
                ..
            } => {
                let untried = !cursor.proven && !cursor.alone && cursor.sort != Sort::Refused;
                let unsorted = Cursor {
                    sort: Sort::Refused,
                    ..cursor
                };
                return untried.then(|| vec![self.request(&unsorted)]);
            }
            Failure::Fetch {
                status: Some(413 | 500..),
                ..
            } => MAX_STREAK,
            Failure::Fetch {
                status: Some(_), ..
            } => return None,
            // Where nothing ever answered, two smaller pages tell whether the first one was only too great.
            Failure::Fetch { status: None, .. }
                if !cursor.proven && cursor.size < self.config.page_size.div_ceil(2) =>
            {
                return None;
            }
            Failure::Fetch { status: None, .. } => MAX_STREAK,
            Failure::Read(ReadError::Malformed { .. }) if !cursor.proven => MAX_STREAK_UNREAD,
            Failure::Read(ReadError::Malformed { .. }) => MAX_STREAK_MALFORMED,
            Failure::Read(_) if !cursor.proven => return None,
            Failure::Read(_) => MAX_STREAK,
        };
        if cursor.alone || cursor.streak >= max_streak {
            return None;
        }
        Some(self.split(&cursor))
    }
}

impl Udata {
    pub(crate) fn request(&self, cursor: &Cursor) -> Request {
        let mut url = self.api.clone();
        url.set_path(&format!("{}{}", self.api.path(), cursor.listing.path()));
        url.query_pairs_mut()
            .append_pair("page", &cursor.page.to_string())
            .append_pair("page_size", &cursor.size.to_string())
            .extend_pairs(cursor.sort.parameter().map(|sort| ("sort", sort)))
            .extend_pairs(self.config.filters(cursor.listing));
        self.request_at(url.into(), cursor)
    }

    pub(crate) fn request_at(&self, url: String, cursor: &Cursor) -> Request {
        // A cursor is made of numbers, words and dates: it always has a JSON form.
        let state = serde_json::to_value(cursor).unwrap_or_default();
        Request::get(url, "application/json")
            .cursor(state)
            .records(cursor.size)
    }

    /// The smaller requests that stand for a page. A smaller page goes on by itself, so the first one is enough. Single records do not:
    /// each may fail for good, and the crawl goes on behind them by a request that stands for none of them, and so states no number of records.
    fn split(&self, cursor: &Cursor) -> Vec<Request> {
        let (parts, single) = cursor.smaller();
        if !single {
            return parts
                .first()
                .map(|part| self.request(part))
                .into_iter()
                .collect();
        }
        let mut requests: Vec<Request> = parts.iter().map(|part| self.request(part)).collect();
        if cursor.total.is_none_or(|total| cursor.end() < total) {
            let behind = Cursor {
                streak: cursor.streak.saturating_add(cursor.size),
                ..cursor.at(cursor.end())
            };
            let mut request = self.request(&behind);
            request.records = None;
            requests.push(request);
        }
        requests
    }
}
