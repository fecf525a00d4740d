//! The crawl: what is asked first, what after an answer, what after a failure.

use model::{
    Checkpoint, ConfigError, Connector, Coverage, Failure, Finding, Incremental, Page, ReadError,
    Request, Response,
};
use url::Url;

use crate::answer::Answer;
use crate::config::{Api, Config};
use crate::cursor::{Action, Cursor};

/// A portal that runs CKAN, DKAN or Data4Citizen.
#[derive(Debug, Clone)]
pub struct Ckan {
    config: Config,
    api: Api,
}

impl Ckan {
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let api = config.api()?;
        Ok(Self { config, api })
    }
}

/// The order that leaves pages where they are: what is new comes last, and no change moves a dataset.
const ORDER: &str = "metadata_created asc, id asc";

/// Records asked for alone in a row before a portal that answers badly is given up.
const MAX_STREAK: u64 = 8;
/// The same where the answer is JSON, and broken: the portal is there.
const MAX_STREAK_MALFORMED: u64 = 1000;
/// And where not one page could be read: it is not a few records that are at fault.
const MAX_STREAK_UNREAD: u64 = 50;

impl Connector for Ckan {
    fn start(&self, since: Option<&Checkpoint>) -> Vec<Request> {
        let since = since
            .filter(|_| self.config.incremental.asks())
            .map(|checkpoint| checkpoint.started);
        vec![self.request(&Cursor::first(self.config.page_size, since))]
    }

    fn read(&self, answer: &Response) -> Result<Page, ReadError> {
        let cursor = Cursor::of(&answer.request)?;
        let parsed = Answer::parse(&answer.body, cursor.action)?;
        let mut page = Page::default();
        if cursor.action == Action::Names {
            self.show_each(&cursor, &parsed, &mut page);
        } else {
            page.announced = parsed.total.max(cursor.most);
            // A portal that ignores the size of a page must not answer for the neighbours of a single record.
            let shown = if cursor.alone { 1 } else { usize::MAX };
            let shown = parsed.items.len().min(shown);
            parsed.collect(shown, &answer.body, self.config.include_private, &mut page);
            if !cursor.alone {
                self.go_on(cursor, &parsed, answer, &mut page);
            }
        }
        Finding::on_page(&mut page.findings, &answer.url, "");
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
        Some(self.request(&Cursor::first(1, since.map(|since| since.started))))
    }

    fn counted(&self, answer: &Response) -> Result<Option<u64>, ReadError> {
        Ok(Answer::parse(&answer.body, Action::Search)?.total)
    }

    fn recover(&self, request: &Request, failure: &Failure<'_>) -> Option<Vec<Request>> {
        let cursor = Cursor::of(request).ok()?;
        if cursor.action == Action::Show {
            return None;
        }
        let max_streak = match failure {
            Failure::Fetch {
                status: Some(400..=412 | 414..=499 | 501),
                ..
            }
            | Failure::Read(ReadError::Refused { .. } | ReadError::Unexpected(_))
                if !cursor.proven =>
            {
                return self.ask_otherwise(&cursor, failure);
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
            Failure::Read(_) => MAX_STREAK,
        };
        if cursor.alone || cursor.action == Action::Names || cursor.streak >= max_streak {
            return None;
        }
        Some(self.split(&cursor))
    }
}

impl Ckan {
    pub(crate) fn request(&self, cursor: &Cursor) -> Request {
        // A cursor is made of numbers, words and dates: it always has a JSON form.
        let state = serde_json::to_value(cursor).unwrap_or_default();
        let request = Request::get(self.address(cursor), "application/json").cursor(state);
        match cursor.action {
            // How many names a list has, it does not say before.
            Action::Names => request,
            _ => request.records(cursor.size),
        }
    }

    fn address(&self, cursor: &Cursor) -> String {
        let parameters = self.parameters(cursor);
        match &self.api {
            Api::Action(api) => action(api, cursor.action, &parameters).into(),
            Api::DataForCitizen(search) => {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                query.extend_pairs(&parameters);
                // In a path a plus is a plus.
                format!("{search}{}", query.finish().replace('+', "%20"))
            }
        }
    }

    fn parameters(&self, cursor: &Cursor) -> Vec<(&'static str, String)> {
        let (size, start) = (cursor.size.to_string(), cursor.start.to_string());
        match cursor.action {
            Action::Names => Vec::new(),
            Action::Show => vec![("id", cursor.name.clone().unwrap_or_default())],
            Action::Resources => vec![("limit", size), ("offset", start)],
            Action::Search => {
                let mut parameters = vec![("rows", size), ("start", start)];
                if !cursor.unsorted {
                    parameters.push(("sort", ORDER.to_owned()));
                }
                if let Some(q) = &self.config.q {
                    parameters.push(("q", q.trim().to_owned()));
                }
                let changed = cursor.since.map(|since| {
                    let since = since.checked_sub_signed(MARGIN).unwrap_or(since);
                    let since = since.format("%Y-%m-%dT%H:%M:%SZ");
                    format!("+metadata_modified:[{since} TO *]")
                });
                let filters: Vec<String> =
                    self.config.filter().into_iter().chain(changed).collect();
                if !filters.is_empty() {
                    parameters.push(("fq", filters.join(" ")));
                }
                if self.config.include_private {
                    parameters.push(("include_private", "true".to_owned()));
                }
                parameters
            }
        }
    }

    /// What is left to try where a portal refuses the first request: no order, then what DKAN has instead of a search.
    fn ask_otherwise(&self, cursor: &Cursor, failure: &Failure<'_>) -> Option<Vec<Request>> {
        let refused = matches!(
            failure,
            Failure::Fetch {
                status: Some(400 | 409 | 422),
                ..
            } | Failure::Read(ReadError::Refused { .. })
        );
        let unauthorised = matches!(
            failure,
            Failure::Fetch {
                status: Some(401 | 403 | 407 | 429),
                ..
            }
        );
        let next = match cursor.action {
            _ if unauthorised => return None,
            Action::Search if refused && !cursor.unsorted => Cursor {
                unsorted: true,
                ..cursor.clone()
            },
            // Without a search nothing can be filtered: the whole catalogue is not what was asked for.
            Action::Search if self.config.is_filtered() => return None,
            Action::Search if matches!(self.api, Api::DataForCitizen(_)) => return None,
            Action::Search => cursor.by(Action::Resources),
            Action::Resources => cursor.by(Action::Names),
            Action::Names | Action::Show => return None,
        };
        Some(vec![self.request(&next)])
    }

    /// The smaller requests that stand for a page. A smaller page goes on by itself, so the first one is enough. Single records do not:
    /// each may fail for good, and the crawl goes on behind them by a request that stands for none of them, and so states no number of records.
    fn split(&self, cursor: &Cursor) -> Vec<Request> {
        if let Some(half) = cursor.half() {
            return vec![self.request(&half)];
        }
        let within = |start: u64| cursor.total.is_none_or(|total| start < total);
        let mut requests: Vec<Request> = cursor
            .singles()
            .filter(|single| within(single.start))
            .map(|single| self.request(&single))
            .collect();
        if within(cursor.end()) {
            let mut request = self.request(&cursor.behind());
            request.records = None;
            requests.push(request);
        }
        requests
    }
}

/// A clock behind by that much does not lose a change.
const MARGIN: chrono::TimeDelta = chrono::TimeDelta::days(1);

fn action(api: &Url, action: Action, parameters: &[(&str, String)]) -> Url {
    let name = match action {
        Action::Search => "package_search",
        Action::Resources => "current_package_list_with_resources",
        Action::Names => "package_list",
        Action::Show => "package_show",
    };
    let mut url = api.clone();
    url.set_path(&format!("{}{name}", api.path()));
    if !parameters.is_empty() {
        url.query_pairs_mut().extend_pairs(parameters);
    }
    url
}
