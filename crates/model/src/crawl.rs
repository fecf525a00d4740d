//! A crawl without input or output: a queue of requests; each answer gives records and further requests.

use std::borrow::Cow;
use std::fmt::Debug;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Finding, RawRecord, RecordId};

/// What Moisson knows of a protocol. It reads answers and says what to ask next; it never fetches, maps or stores.
///
/// All the state of a crawl travels in [`Request::cursor`], so that a crawl can be resumed from its pending requests. What it prints
/// for `Debug` tells its configuration from others: a crawl is resumed by the configuration that began it only.
pub trait Connector: Debug + Send + Sync {
    /// The first requests of a crawl. With a checkpoint, the connector may ask for what changed since then only;
    /// [`Connector::coverage`] says whether it does.
    fn start(&self, since: Option<&Checkpoint>) -> Vec<Request>;

    /// Reads an answer (of any status the server calls a success).
    fn read(&self, answer: &Response) -> Result<Page, ReadError>;

    /// What a crawl begun with this checkpoint will have seen at its end.
    fn coverage(&self, since: Option<&Checkpoint>) -> Coverage;

    /// Smaller or other requests that stand for one that failed (a halved page, another binding of the protocol),
    /// or `None` where nothing is left to try. The sum of [`Request::records`] must not grow, and each chain of
    /// recoveries must end.
    fn recover(&self, _request: &Request, _failure: &Failure<'_>) -> Option<Vec<Request>> {
        None
    }

    /// Whether its configuration lets crawls ask for changes only.
    fn incremental(&self) -> Incremental {
        Incremental::Off
    }

    /// A cheap request whose answer tells how many records there are: all of them, or those changed since a time. It asks in the way
    /// in which a crawl with that checkpoint would. `None` where no request tells it.
    fn probe(&self, _since: Option<&Checkpoint>) -> Option<Request> {
        None
    }

    /// The number that the answer to a probe tells. `None` if there are some, and nothing says how many.
    fn counted(&self, answer: &Response) -> Result<Option<u64>, ReadError> {
        Ok(self.read(answer)?.announced)
    }

    /// Whether the source is one document, so that an answer "not modified" means that every record is as it was.
    fn is_document(&self) -> bool {
        false
    }
}

/// Whether crawls ask a server for what changed: `true`, `false` or `"auto"` in a source's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub enum Incremental {
    #[default]
    Off,
    /// Unless the server is found not to tell what changed.
    On,
    /// Once a crawl of everything has shown that the server tells what changed.
    Auto,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Switch(bool),
    Word(Word),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Auto,
}

impl From<Written> for Incremental {
    fn from(written: Written) -> Self {
        match written {
            Written::Switch(false) => Self::Off,
            Written::Switch(true) => Self::On,
            Written::Word(Word::Auto) => Self::Auto,
        }
    }
}

impl From<Incremental> for Written {
    fn from(incremental: Incremental) -> Self {
        match incremental {
            Incremental::Off => Self::Switch(false),
            Incremental::On => Self::Switch(true),
            Incremental::Auto => Self::Word(Word::Auto),
        }
    }
}

impl Incremental {
    /// Whether a crawl with a checkpoint asks for changes only.
    pub fn asks(self) -> bool {
        self != Self::Off
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// Every record: an absence means that the record is gone.
    Full,
    /// Only what changed: a record is gone when the source says so.
    Delta,
}

/// Where the last complete crawl stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// When it began. Changes made while it ran are asked for again.
    pub started: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    Get,
    Post(Body),
    /// Only pushes to other catalogues put and delete.
    Put(Body),
    Delete,
}

impl Method {
    pub fn body(&self) -> Option<&Body> {
        match self {
            Self::Post(body) | Self::Put(body) => Some(body),
            Self::Get | Self::Delete => None,
        }
    }

    /// As HTTP writes it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post(_) => "POST",
            Self::Put(_) => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    pub content_type: Cow<'static, str>,
    pub content: String,
}

impl Body {
    fn new(content_type: &'static str, content: String) -> Self {
        Self {
            content_type: Cow::Borrowed(content_type),
            content,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    pub url: String,
    pub method: Method,
    /// The `Accept` header.
    pub accept: Cow<'static, str>,
    /// The connector's own notes on where in the crawl this request stands.
    pub cursor: Value,
    /// How many records the answer may hold at most, where the protocol says so.
    /// A request for one record that fails for good is one refused record.
    pub records: Option<u64>,
    /// What an earlier answer was known by: one that is the same need not come again, and is then a [`Response`] with status 304.
    #[serde(skip)]
    pub validators: Option<Validators>,
}

/// What an answer is known by: the headers `ETag` and `Last-Modified`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

impl Request {
    pub fn get(url: impl Into<String>, accept: &'static str) -> Self {
        Self {
            url: url.into(),
            method: Method::Get,
            accept: Cow::Borrowed(accept),
            cursor: Value::Null,
            records: None,
            validators: None,
        }
    }

    pub fn post(
        url: impl Into<String>,
        content_type: &'static str,
        content: String,
        accept: &'static str,
    ) -> Self {
        Self {
            method: Method::Post(Body::new(content_type, content)),
            ..Self::get(url, accept)
        }
    }

    pub fn put(
        url: impl Into<String>,
        content_type: &'static str,
        content: String,
        accept: &'static str,
    ) -> Self {
        Self {
            method: Method::Put(Body::new(content_type, content)),
            ..Self::get(url, accept)
        }
    }

    pub fn delete(url: impl Into<String>, accept: &'static str) -> Self {
        Self {
            method: Method::Delete,
            ..Self::get(url, accept)
        }
    }

    #[must_use]
    pub fn cursor(mut self, cursor: Value) -> Self {
        self.cursor = cursor;
        self
    }

    #[must_use]
    pub fn records(mut self, records: u64) -> Self {
        self.records = Some(records);
        self
    }
}

/// A whole, bounded answer.
#[derive(Debug, Clone)]
pub struct Response {
    pub request: Request,
    /// The address that answered, after redirects.
    pub url: String,
    pub status: u16,
    pub content_type: Option<String>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub body: Bytes,
}

/// What one answer gave.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub records: Vec<RawRecord>,
    /// Records that the source says are deleted.
    pub gone: Vec<RecordId>,
    /// Those of `gone` that are there and not for the public: private, restricted, confidential. They leave the catalogue at once, whatever
    /// becomes of the run; no guard and no period of grace holds them.
    pub withheld: Vec<RecordId>,
    /// The number of records of the whole crawl, if the answer says it.
    pub announced: Option<u64>,
    pub next: Vec<Request>,
    /// Each record of the page that could not be told apart or named has one, of severity `Error`; beyond
    /// [`Finding::MAX_ON_PAGE`] they are only counted, in `refused`.
    pub findings: Vec<Finding>,
    /// How many records of the page were refused in that way.
    pub refused: u64,
}

/// Why an answer could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The answer is of another kind: an HTML error page, another protocol.
    #[error("{0}")]
    Unexpected(String),
    /// The answer is of the right kind, and broken.
    #[error("{message}{}", at.as_ref().map(|at| format!(" (at {at})")).unwrap_or_default())]
    Malformed {
        message: String,
        /// Byte offset, line and column, or a JSON pointer.
        at: Option<String>,
    },
    /// The server reports an error in the protocol's own words.
    #[error("the server reports {code}: {message}")]
    Refused { code: String, message: String },
}

/// What went wrong with a request.
#[derive(Debug, Clone, Copy)]
pub enum Failure<'a> {
    /// It got no usable answer, after all retries. The status is that of the last answer, if there was one.
    Fetch {
        status: Option<u16>,
        message: &'a str,
    },
    Read(&'a ReadError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_can_be_kept() {
        let request = Request::post(
            "https://a.example/csw",
            "application/xml",
            "<a/>".into(),
            "*/*",
        )
        .cursor(serde_json::json!({ "listing": "records", "start": 21 }))
        .records(20);
        let kept = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<Request>(&kept).unwrap(), request);
    }

    #[test]
    fn whether_changes_are_asked_for_is_a_switch_or_a_word() {
        let read = |text| serde_json::from_str::<Incremental>(text).ok();
        assert_eq!(read("true"), Some(Incremental::On));
        assert_eq!(read("false"), Some(Incremental::Off));
        assert_eq!(read("\"auto\""), Some(Incremental::Auto));
        assert_eq!(read("\"yes\""), None);
        assert!(Incremental::Auto.asks() && !Incremental::Off.asks());
    }
}
