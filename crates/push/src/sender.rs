//! One request to a target and its answer.

use std::time::Duration;

use fetch::{Credentials, FetchError, Fetcher, Settings};
use model::{Request, Response};

use crate::failure::Failure;

/// The longest pause that a target is granted before what was sent once is sent again.
const MAX_PAUSE: Duration = Duration::from_secs(120);

/// The longest message of a failure, in characters.
const MAX_MESSAGE: usize = 3_000;

/// Sends requests as the settings say.
#[derive(Clone)]
pub struct Sender {
    /// For requests that do the same when they come twice.
    patient: Fetcher,
    /// For those that do not.
    once: Fetcher,
    credentials: Option<Credentials>,
    retries: u32,
    backoff: Duration,
}

impl Sender {
    pub fn new(settings: &Settings, credentials: Option<Credentials>) -> Result<Self, FetchError> {
        // A redirect may make a GET of what was to write, or have it written elsewhere: none is followed.
        let settings = &Settings {
            max_redirects: 0,
            ..settings.clone()
        };
        let fetcher = |settings| {
            Fetcher::new(settings).map(|fetcher| fetcher.with_credentials(credentials.clone()))
        };
        Ok(Self {
            patient: fetcher(settings.clone())?,
            once: fetcher(Settings {
                retries: 0,
                ..settings.clone()
            })?,
            credentials,
            retries: settings.retries,
            backoff: settings.backoff,
        })
    }

    /// Sends what may come twice.
    pub async fn send(&self, request: &Request) -> Result<Response, FetchError> {
        self.patient.fetch(request).await.map_err(moved)
    }

    /// Sends what must not come twice: again only where the server says that it did nothing.
    pub async fn send_once(&self, request: &Request) -> Result<Response, FetchError> {
        let mut left = self.retries;
        loop {
            let error = match self.once.fetch(request).await {
                Ok(answer) => return Ok(answer),
                Err(error) => moved(error),
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

    /// A failure in the words of the target, without the secret that it was sent, and not longer than a person reads.
    pub(crate) fn without_secret(&self, failure: Failure) -> Failure {
        let mut message = failure.message;
        if let Some(credentials) = &self.credentials {
            message = credentials.hide(message);
        }
        if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE) {
            message.truncate(end);
            message.push('…');
        }
        Failure { message, ..failure }
    }
}

fn moved(error: FetchError) -> FetchError {
    match error {
        FetchError::RedirectLoop { url, next, .. } => FetchError::BadUrl {
            url,
            reason: format!(
                "it redirects to {next}; write the address that answers itself in the file of the target"
            ),
        },
        error => error,
    }
}

/// The answer as text.
pub(crate) fn text(answer: &Response) -> Result<&str, Failure> {
    std::str::from_utf8(&answer.body)
        .map_err(|_| Failure::unexpected(format!("the answer of {} is not UTF-8", answer.url)))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A server whose first answer is a redirect; all others say that it was done. Gives its address and what it was asked.
    async fn redirecting(
        status: &'static str,
        to: &'static str,
    ) -> (String, tokio::sync::mpsc::UnboundedReceiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (asked, requests) = tokio::sync::mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut first = true;
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 16];
                if stream.read_exact(&mut head).await.is_err() {
                    continue;
                }
                asked
                    .send(String::from_utf8_lossy(&head).into_owned())
                    .expect("the test listens");
                let answer = match std::mem::take(&mut first) {
                    true => format!(
                        "HTTP/1.1 {status}\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    ),
                    false => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                        .to_owned(),
                };
                // Whether it is read is the other side's.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        (format!("http://{address}/csw"), requests)
    }

    fn sender(credentials: Option<Credentials>) -> Sender {
        let settings = Settings {
            allow_private: vec!["127.0.0.1".to_owned()],
            delay: Duration::ZERO,
            backoff: Duration::ZERO,
            ..Settings::default()
        };
        Sender::new(&settings, credentials).expect("good settings")
    }

    #[tokio::test]
    async fn no_redirect_confirms_what_was_to_write_nor_carries_it_elsewhere() {
        for (status, to) in [
            ("301 Moved Permanently", "/csw"),
            ("302 Found", "/csw"),
            ("303 See Other", "/csw"),
            ("303 See Other", "/other"),
            ("307 Temporary Redirect", "/other"),
            ("308 Permanent Redirect", "http://127.0.0.1:1/"),
        ] {
            for once in [true, false] {
                let (url, mut requests) = redirecting(status, to).await;
                let request = Request::post(&url, "text/plain", "lavoirs".to_owned(), "text/plain");
                let answer = match once {
                    true => sender(None).send_once(&request).await,
                    false => sender(None).send(&request).await,
                };
                let error = answer.expect_err("nothing is confirmed");
                assert!(
                    error
                        .to_string()
                        .contains("write the address that answers itself"),
                    "{error}"
                );
                assert!(Failure::from(error).fatal);
                assert_eq!(requests.try_recv().as_deref(), Ok("POST /csw HTTP/1"));
                assert!(
                    requests.try_recv().is_err(),
                    "{status} to {to} is not followed"
                );
            }
        }
    }

    #[test]
    fn a_target_that_tells_our_secret_back_is_quoted_without_it() {
        let credentials =
            Credentials::bearer("https://geo.example/", "tres-secret").expect("a header");
        let failure = Failure::refused(format!(
            "{} tres-secret {}",
            "x".repeat(20),
            "y".repeat(9_000)
        ));
        let message = sender(Some(credentials)).without_secret(failure).message;
        assert!(
            message.starts_with("xxxxxxxxxxxxxxxxxxxx *** yyy"),
            "{message}"
        );
        assert_eq!(message.chars().count(), MAX_MESSAGE + 1);
    }
}
