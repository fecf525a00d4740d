//! The crawl: what is asked first, what after an answer, what after a failure.

use model::{
    Checkpoint, ConfigError, Connector, Coverage, Failure, Finding, Page, ReadError, Request,
    Response, Severity, Stage,
};
use url::Url;
use xml_records::{Page as Text, decode, wrong_charset};

use crate::capabilities::Capabilities;
use crate::config::Config;
use crate::page::Results;
use crate::paging;
use crate::plan::{Plan, get_capabilities};
use crate::position::{Cursor, Position, Trust};

/// A catalogue that speaks CSW 2.0.2.
#[derive(Debug, Clone)]
pub struct Csw {
    config: Config,
    endpoint: Url,
}

impl Csw {
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let endpoint = config.endpoint()?;
        Ok(Self { config, endpoint })
    }
}

/// Records asked for alone in a row before a server that fails is given up.
const MAX_STREAK: u64 = 8;
/// The same where the answers are XML, and broken: the server is there.
const MAX_STREAK_MALFORMED: u64 = 1000;
/// And where not one page could be read: it is not a few records that are at fault.
const MAX_STREAK_UNREAD: u64 = 50;

impl Connector for Csw {
    fn start(&self, _since: Option<&Checkpoint>) -> Vec<Request> {
        let request = get_capabilities(&self.endpoint);
        vec![request.cursor(state(&Cursor::Capabilities))]
    }

    fn read(&self, answer: &Response) -> Result<Page, ReadError> {
        match Cursor::of(&answer.request)? {
            Cursor::Capabilities => self.read_capabilities(answer),
            Cursor::Records(position) => self.read_records(&position, answer),
        }
    }

    /// Every crawl asks for every record.
    fn coverage(&self, _since: Option<&Checkpoint>) -> Coverage {
        Coverage::Full
    }

    fn recover(&self, request: &Request, failure: &Failure<'_>) -> Option<Vec<Request>> {
        match Cursor::of(request).ok()? {
            Cursor::Capabilities => self.without_capabilities(failure),
            Cursor::Records(position) => self.recover_records(*position, failure),
        }
    }
}

impl Csw {
    fn request(&self, position: Position) -> Request {
        let size = position.size;
        let request = position.plan.request(position.manner, position.start, size);
        request
            .cursor(state(&Cursor::Records(Box::new(position))))
            .records(size)
    }

    fn read_capabilities(&self, answer: &Response) -> Result<Page, ReadError> {
        let decoded = decode(&answer.body, answer.content_type.as_deref());
        let capabilities = Capabilities::parse(&decoded.text)?;
        let mut page = Page::default();
        if let Some(why) = &capabilities.broken {
            page.findings.push(unreadable(&answer.url, why));
        }
        let plan = Plan::new(
            &self.config,
            &self.endpoint,
            &capabilities,
            &mut page.findings,
        );
        page.next
            .push(self.request(Position::first(plan, self.config.page_size)));
        Ok(page)
    }

    /// GetRecords may work where GetCapabilities does not; but not on a server that is not there, or lets nobody in.
    fn without_capabilities(&self, failure: &Failure<'_>) -> Option<Vec<Request>> {
        let why = match failure {
            Failure::Fetch {
                status: None | Some(401 | 403 | 404 | 410),
                ..
            } => return None,
            Failure::Fetch { message, .. } => (*message).to_owned(),
            Failure::Read(error) => error.to_string(),
        };
        let plan = Plan::new(
            &self.config,
            &self.endpoint,
            &Capabilities::default(),
            &mut Vec::new(),
        );
        let position = Position {
            capabilities: Some(why.chars().take(500).collect()),
            ..Position::first(plan, self.config.page_size)
        };
        Some(vec![self.request(position)])
    }

    fn read_records(&self, position: &Position, answer: &Response) -> Result<Page, ReadError> {
        let decoded = decode(&answer.body, answer.content_type.as_deref());
        // A server that ignores maxRecords must not answer for the neighbours of a single record.
        let limit = if position.alone { 1 } else { u64::MAX };
        let mut results = Results::parse(Text::new(&decoded, &answer.body), limit)?;
        if results.carried == 0
            && position.start == 1
            && results.matched.is_some_and(|matched| matched > 0)
            && position.trust != Trust::Proven
        {
            return Err(ReadError::Unexpected("the server counts records and sends none: it answers as if only the count had been asked for".to_owned()));
        }
        let note = format!(" (start {})", position.start);
        Finding::on_page(&mut results.findings, &answer.url, &note);
        // A count below what was received counts nothing.
        let counted = results.matched.filter(|matched| {
            position.start.saturating_add(results.carried) <= matched.saturating_add(1)
                || results.carried == 0
        });
        let mut page = Page {
            announced: counted.max(position.most),
            records: std::mem::take(&mut results.records),
            refused: results.refused,
            findings: std::mem::take(&mut results.findings),
            ..Page::default()
        };
        if let Some(why) = &position.capabilities {
            page.findings.push(unreadable(self.endpoint.as_str(), why));
        }
        if decoded.repaired {
            page.findings.push(wrong_charset(&answer.url));
        }
        if !position.alone {
            let next = paging::next(position, &results, &answer.url, &mut page);
            page.next.extend(next.map(|next| self.request(next)));
        }
        Ok(page)
    }

    fn recover_records(&self, position: Position, failure: &Failure<'_>) -> Option<Vec<Request>> {
        if position.alone {
            return None;
        }
        if position.beyond {
            return Some(Vec::new());
        }
        if position.trust == Trust::Untried
            && let Some(manner) = position.plan.next_manner(position.manner, failure)
        {
            return Some(vec![self.request(Position { manner, ..position })]);
        }
        let max_streak = match failure {
            Failure::Fetch {
                status: None | Some(413 | 500..),
                ..
            } => MAX_STREAK,
            Failure::Fetch { .. } => return None,
            Failure::Read(ReadError::Malformed { .. }) if position.trust != Trust::Proven => {
                MAX_STREAK_UNREAD
            }
            Failure::Read(ReadError::Malformed { .. }) => MAX_STREAK_MALFORMED,
            // Every manner was refused: a smaller page is refused too.
            Failure::Read(_) if position.trust != Trust::Proven => return None,
            Failure::Read(_) => MAX_STREAK,
        };
        let silent = matches!(
            failure,
            Failure::Fetch {
                status: None | Some(504),
                ..
            }
        );
        // Where not even the capabilities came, two smaller pages tell whether the first one was only too great.
        let never_answered = position.trust != Trust::Proven && position.capabilities.is_some();
        if silent && never_answered && position.size < self.config.page_size.div_ceil(2) {
            return None;
        }
        if position.streak >= max_streak {
            return None;
        }
        let mut position = position;
        if position.trust == Trust::Untried
            && !matches!(failure, Failure::Read(ReadError::Malformed { .. }))
        {
            position.trust = Trust::Exhausted;
            position.manner = position.plan.first_manner();
        }
        if silent {
            // A server too slow for such a page will be too slow for the next one.
            let bearable = (position.size / 2).max(self.config.page_size / 8).max(1);
            position.full_size = position.full_size.min(bearable);
        }
        Some(self.split(&position))
    }

    fn split(&self, position: &Position) -> Vec<Request> {
        let (pages, behind) = position.smaller();
        let mut requests: Vec<Request> = pages.into_iter().map(|page| self.request(page)).collect();
        if let Some(behind) = behind {
            // It stands for none of the records that failed, and so states no number of them.
            let mut request = self.request(behind);
            request.records = None;
            requests.push(request);
        }
        requests
    }
}

fn state(cursor: &Cursor) -> serde_json::Value {
    // A cursor is made of numbers and words: it always has a JSON form.
    serde_json::to_value(cursor).unwrap_or_default()
}

fn unreadable(place: &str, why: &str) -> Finding {
    let message = format!(
        "the capabilities could not be read whole ({why}); usual values stand in for what they lack"
    );
    Finding::new(
        "csw/capabilities-unreadable",
        Severity::Warning,
        Stage::Read,
        message,
    )
    .place(place)
}
