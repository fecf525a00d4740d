//! One request to a target and its answer.

use std::time::Duration;

use fetch::{Credentials, FetchError, Fetcher, Settings};
use model::{Request, Response};
use url::Url;

use crate::failure::Failure;

/// The longest pause that a target is granted before what was sent once is sent again.
const MAX_PAUSE: Duration = Duration::from_secs(120);

/// Sends requests as the settings say.
#[derive(Clone)]
pub struct Sender {
    /// For requests that do the same when they come twice.
    patient: Fetcher,
    /// For those that do not.
    once: Fetcher,
    retries: u32,
    backoff: Duration,
}

impl Sender {
    pub fn new(settings: &Settings, credentials: Option<Credentials>) -> Result<Self, FetchError> {
        let fetcher = |settings| {
            Fetcher::new(settings).map(|fetcher| fetcher.with_credentials(credentials.clone()))
        };
        Ok(Self {
            patient: fetcher(settings.clone())?,
            once: fetcher(Settings {
                retries: 0,
                ..settings.clone()
            })?,
            retries: settings.retries,
            backoff: settings.backoff,
        })
    }

    /// Sends what may come twice.
    pub async fn send(&self, request: &Request) -> Result<Response, FetchError> {
        let answer = self.patient.fetch(request).await?;
        stayed(request, answer)
    }

    /// Sends what must not come twice: again only where the server says that it did nothing.
    pub async fn send_once(&self, request: &Request) -> Result<Response, FetchError> {
        let mut left = self.retries;
        loop {
            let error = match self.once.fetch(request).await {
                Ok(answer) => return stayed(request, answer),
                Err(error) => error,
            };
            let pause = match &error {
                FetchError::HttpStatus {
                    status: 429 | 503,
                    retry_after,
                    ..
                } => retry_after.unwrap_or(self.backoff),
                _ => return Err(error),
            };
            if left == 0 || pause > MAX_PAUSE {
                return Err(error);
            }
            left -= 1;
            tokio::time::sleep(pause).await;
        }
    }
}

/// A redirect may have made a GET of what was to write: its answer confirms nothing.
fn stayed(request: &Request, answer: Response) -> Result<Response, FetchError> {
    let address = |url: &str| Url::parse(url).map(|url| url.to_string());
    match address(&request.url) == address(&answer.url) {
        true => Ok(answer),
        false => Err(FetchError::BadUrl {
            url: request.url.clone(),
            reason: format!(
                "it redirects to {}; write the address that answers itself in the file of the target",
                answer.url
            ),
        }),
    }
}

/// The answer as text.
pub(crate) fn text(answer: &Response) -> Result<&str, Failure> {
    std::str::from_utf8(&answer.body)
        .map_err(|_| Failure::unexpected(format!("the answer of {} is not UTF-8", answer.url)))
}
