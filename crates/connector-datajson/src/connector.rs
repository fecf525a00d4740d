//! The crawl: one document.

use model::{
    Checkpoint, ConfigError, Connector, Coverage, Failure, Page, ReadError, Request, Response,
};
use serde_json::json;
use url::Url;

use crate::{Config, document};

/// A catalogue in one JSON document.
#[derive(Debug, Clone)]
pub struct DataJson {
    /// Where the document may be, the likeliest place first.
    addresses: Vec<Url>,
}

impl DataJson {
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let given = config.address()?;
        let addresses = if given.path().ends_with('/') && given.query().is_none() {
            ["data.json", "api/feed/dcat-us/1.1.json"]
                .iter()
                .filter_map(|path| given.join(path).ok())
                .collect()
        } else {
            vec![given]
        };
        Ok(Self { addresses })
    }

    fn request(&self, at: usize) -> Option<Request> {
        let url = self.addresses.get(at)?;
        let request = Request::get(url.as_str(), "application/json");
        Some(request.cursor(json!({ "listing": "catalogue", "address": at })))
    }
}

impl Connector for DataJson {
    fn start(&self, _: Option<&Checkpoint>) -> Vec<Request> {
        self.request(0).into_iter().collect()
    }

    fn read(&self, answer: &Response) -> Result<Page, ReadError> {
        document::read(&answer.body)
    }

    fn coverage(&self, _: Option<&Checkpoint>) -> Coverage {
        Coverage::Full
    }

    fn is_document(&self) -> bool {
        true
    }

    /// The document may be elsewhere; one that is there and broken is not sought elsewhere.
    fn recover(&self, request: &Request, failure: &Failure<'_>) -> Option<Vec<Request>> {
        let absent = matches!(
            failure,
            Failure::Fetch {
                status: Some(404 | 410),
                ..
            } | Failure::Read(ReadError::Unexpected(_))
        );
        let at = request.cursor.get("address")?.as_u64()?;
        let next = usize::try_from(at).ok()?.checked_add(1)?;
        let next = self.request(next).filter(|_| absent)?;
        Some(vec![next])
    }
}
