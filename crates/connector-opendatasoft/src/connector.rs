//! The crawl: what is asked first, what after an answer, what after a failure.

use chrono::TimeDelta;
use model::{
    Checkpoint, ConfigError, Connector, Coverage, Failure, Finding, Incremental, Page, ReadError,
    Request, Response,
};
use url::Url;

use crate::config::{Config, Facets};
use crate::listing::{self, Answer, Reader};
use crate::paging::{Api, Cursor, REACH, Window, literal};

/// A portal of Opendatasoft.
#[derive(Debug, Clone)]
pub struct Opendatasoft {
    config: Config,
    portal: Url,
}

impl Opendatasoft {
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let portal = config.portal()?;
        Ok(Self { config, portal })
    }
}

/// Records asked for alone in a row before a portal that answers badly is given up.
const MAX_STREAK: u64 = 8;
/// The same where the answer is JSON, and broken: the portal is there.
const MAX_STREAK_MALFORMED: u64 = 1000;
/// And where not one page could be read: it is not a few records that are at fault.
const MAX_STREAK_UNREAD: u64 = 50;
/// A clock behind by that much does not lose a change.
const MARGIN: TimeDelta = TimeDelta::days(1);

impl Connector for Opendatasoft {
    fn start(&self, since: Option<&Checkpoint>) -> Vec<Request> {
        let since = since
            .filter(|_| self.config.incremental.asks())
            .and_then(|checkpoint| checkpoint.started.checked_sub_signed(MARGIN));
        vec![self.request(&Cursor::first(Api::V2, self.config.page_size, since))]
    }

    fn read(&self, answer: &Response) -> Result<Page, ReadError> {
        let cursor = Cursor::of(&answer.request)?;
        let parsed = Answer::parse(&answer.body)?;
        if let Some(parts) = parts(&cursor, &parsed) {
            return Ok(Page {
                next: parts.iter().map(|part| self.request(part)).collect(),
                ..Page::default()
            });
        }
        let mut page = Page {
            announced: parsed.total.max(cursor.most),
            ..Page::default()
        };
        // A portal that ignores the size of a page must not answer for the neighbours of a single record.
        let shown = if cursor.alone { 1 } else { parsed.items.len() };
        let reader = Reader {
            portal: self.portal.as_str().trim_end_matches('/'),
            federated: self.config.federated,
        };
        listing::collect(&parsed, shown, &reader, &mut page);
        Finding::on_page(&mut page.findings, &answer.url, "");
        if !cursor.alone {
            self.go_on(&cursor, &parsed, answer, &mut page);
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

    fn probe(&self, since: Option<&Checkpoint>) -> Option<Request> {
        let since = since.and_then(|since| since.started.checked_sub_signed(MARGIN));
        Some(self.request(&Cursor::first(Api::V2, 1, since)))
    }

    fn counted(&self, answer: &Response) -> Result<Option<u64>, ReadError> {
        Ok(Answer::parse(&answer.body)?.total)
    }

    fn recover(&self, request: &Request, failure: &Failure<'_>) -> Option<Vec<Request>> {
        let cursor = Cursor::of(request).ok()?;
        if cursor.probe {
            let parts = cursor.cut(None);
            return Some(parts.iter().map(|part| self.request(part)).collect());
        }
        let max_streak = match failure {
            Failure::Fetch {
                status: Some(404 | 410),
                ..
            } => return self.older(&cursor),
            Failure::Fetch {
                status: Some(400 | 422),
                ..
            } => return self.plainer(&cursor),
            Failure::Fetch {
                status: Some(413 | 500..),
                ..
            } => MAX_STREAK,
            Failure::Fetch {
                status: Some(_), ..
            } => return None,
            // Where nothing ever answered, two smaller pages tell whether the first one was only too great.
            Failure::Fetch { status: None, .. }
                if !cursor.proven && cursor.size < self.config.page_size.div_ceil(4) =>
            {
                return None;
            }
            Failure::Fetch { status: None, .. } => MAX_STREAK,
            Failure::Read(ReadError::Malformed { .. }) if !cursor.proven => MAX_STREAK_UNREAD,
            Failure::Read(ReadError::Malformed { .. }) => MAX_STREAK_MALFORMED,
            Failure::Read(_) if !cursor.proven => return self.older(&cursor),
            Failure::Read(_) => MAX_STREAK,
        };
        if cursor.alone || cursor.streak >= max_streak {
            return None;
        }
        Some(self.split(&cursor))
    }
}

/// What is asked instead of a listing that is longer than the API lets anyone read: where to cut it, then its windows.
fn parts(cursor: &Cursor, parsed: &Answer<'_>) -> Option<Vec<Cursor>> {
    if cursor.probe {
        return Some(cursor.cut(parsed.dates().first().copied()));
    }
    let total = parsed.total.filter(|total| *total > REACH)?;
    if cursor.api != Api::V2 || cursor.offset > 0 || cursor.alone {
        return None;
    }
    Some(vec![cursor.probe(total, &parsed.dates())?])
}

impl Opendatasoft {
    pub(crate) fn request(&self, cursor: &Cursor) -> Request {
        let mut url = self.portal.clone();
        match cursor.api {
            Api::V2 => self.explore(cursor, &mut url),
            Api::V1 => self.search(cursor, &mut url),
        }
        // A cursor is made of numbers, words and dates: it always has a JSON form.
        let state = serde_json::to_value(cursor).unwrap_or_default();
        let mut request = Request::get(url, "application/json").cursor(state);
        // A probe stands for no record.
        request.records = (!cursor.probe).then(|| cursor.limit());
        request
    }

    /// Version 2.1. Without an order the portal gives some records twice and others never.
    fn explore(&self, cursor: &Cursor, url: &mut Url) {
        url.set_path(&format!(
            "{}api/explore/v2.1/catalog/datasets",
            self.portal.path()
        ));
        let mut query = url.query_pairs_mut();
        query
            .append_pair("limit", &cursor.limit().to_string())
            .append_pair("offset", &cursor.offset.to_string());
        if cursor.probe {
            query.append_pair("order_by", "modified");
        } else if !cursor.unsorted {
            query.append_pair("order_by", "dataset_id");
        }
        if let Some(filter) = self.filter(cursor) {
            query.append_pair("where", &filter);
        }
        for (parameter, facets) in self.facets() {
            for (name, value) in pairs(facets) {
                let value = value.replace('\\', "\\\\").replace('"', "\\\"");
                query.append_pair(parameter, &format!("{name}:\"{value}\""));
            }
        }
    }

    /// Version 1.0, where a minus sign asks for the ascending order: what changes meanwhile goes to the end.
    fn search(&self, cursor: &Cursor, url: &mut Url) {
        url.set_path(&format!("{}api/datasets/1.0/search/", self.portal.path()));
        let mut query = url.query_pairs_mut();
        query
            .append_pair("rows", &cursor.limit().to_string())
            .append_pair("start", &cursor.offset.to_string())
            .append_pair("interopmetas", "true");
        if !cursor.unsorted {
            query.append_pair("sort", "-modified");
        }
        for (parameter, facets) in self.facets() {
            for (name, value) in pairs(facets) {
                query.append_pair(&format!("{parameter}.{name}"), value);
            }
        }
    }

    fn facets(&self) -> [(&'static str, &Facets); 2] {
        [
            ("refine", &self.config.refine),
            ("exclude", &self.config.exclude),
        ]
    }

    /// The expression of ODSQL: what the configuration chooses, what changed since, the window.
    fn filter(&self, cursor: &Cursor) -> Option<String> {
        let since = cursor.since.as_ref().map(|since| {
            // A new description leaves `modified` as it was, unless the portal is told otherwise.
            let date = literal(since);
            ["modified", "metadata_processed", "data_processed"]
                .map(|field| format!("{field} >= date'{date}'"))
                .join(" or ")
        });
        let window = cursor.window.as_ref().map(Window::expression);
        let parts: Vec<String> = [self.config.filter.clone(), since, window]
            .into_iter()
            .flatten()
            .collect();
        match parts.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            several => Some(format!("({})", several.join(") and ("))),
        }
    }

    /// The first request of version 1.0, for a portal that does not know version 2.1.
    fn older(&self, cursor: &Cursor) -> Option<Vec<Request>> {
        // Version 1.0 knows no such filter, and would give the whole portal.
        let possible = cursor.api == Api::V2 && !cursor.proven && self.config.filter.is_none();
        let first = Cursor::first(Api::V1, cursor.full_size, None);
        possible.then(|| vec![self.request(&first)])
    }

    /// The first request without what the portal may not understand: the dates, then the order, then the version.
    fn plainer(&self, cursor: &Cursor) -> Option<Vec<Request>> {
        if cursor.proven || cursor.alone {
            return None;
        }
        let plainer = if cursor.since.is_some() {
            Cursor {
                since: None,
                ..cursor.clone()
            }
        } else if !cursor.unsorted {
            Cursor {
                unsorted: true,
                ..cursor.clone()
            }
        } else {
            return self.older(cursor);
        };
        Some(vec![self.request(&plainer)])
    }

    /// The smaller requests that stand for a page. A smaller page goes on by itself. Single records do not: each may fail
    /// for good, and the crawl goes on behind them by a request that stands for none of them, and so states no number of records.
    fn split(&self, cursor: &Cursor) -> Vec<Request> {
        let (parts, single) = cursor.smaller();
        let mut requests: Vec<Request> = parts.iter().map(|part| self.request(part)).collect();
        let end = cursor.offset.saturating_add(cursor.limit());
        if single && end < REACH && cursor.total.is_none_or(|total| end < total) {
            let behind = Cursor {
                streak: cursor.streak.saturating_add(cursor.limit()),
                ..cursor.at(end)
            };
            let mut request = self.request(&behind);
            request.records = None;
            requests.push(request);
        }
        requests
    }
}

fn pairs(facets: &Facets) -> impl Iterator<Item = (&str, &str)> {
    facets.iter().flat_map(|(name, values)| {
        values
            .as_slice()
            .iter()
            .map(move |value| (name.as_str(), value.trim()))
    })
}
