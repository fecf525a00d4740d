//! One request to one server, and its answer within the limits.

use std::error::Error;
use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use model::{Method, Request, Response};
use reqwest::header::{
    ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
};
use reqwest::{Client, RequestBuilder};

use crate::credentials::Credentials;
use crate::error::{FetchError, Phase};
use crate::guard::Refused;
use crate::redact::{hide_echo, hide_short};
use crate::redirect::{Hop, redirects};
use crate::retry::retry_after;
use crate::settings::Settings;

/// How much of an error's body is read, and how much of it is shown.
const EXCERPT_BYTES: usize = 16 * 1024;
const EXCERPT_CHARS: usize = 300;
const EXCERPT_TIME: Duration = Duration::from_secs(2);

/// The most that is set aside for a body before its bytes come, whatever the server announces.
const FIRST_RESERVE: u64 = 1024 * 1024;

pub(crate) struct Exchange<'a> {
    pub(crate) client: &'a Client,
    pub(crate) settings: &'a Settings,
    pub(crate) credentials: &'a [Credentials],
    pub(crate) request: &'a Request,
    pub(crate) hop: &'a Hop,
}

pub(crate) enum Answer {
    Whole(Box<Response>),
    Redirect { status: u16, location: String },
}

impl Exchange<'_> {
    pub(crate) async fn run(&self) -> Result<Answer, FetchError> {
        let mut answer = self
            .build()
            .send()
            .await
            .map_err(|error| self.explain(&error, None))?;
        let status = answer.status();
        let location = header(&answer, LOCATION);
        if redirects(status.as_u16())
            && let Some(location) = location
        {
            return Ok(Answer::Redirect {
                status: status.as_u16(),
                location,
            });
        }
        // Without a condition that we set, it answers nothing that was asked.
        let unmodified =
            status == reqwest::StatusCode::NOT_MODIFIED && self.request.validators.is_some();
        if !status.is_success() && !unmodified {
            return Err(FetchError::HttpStatus {
                url: self.shown(),
                status: status.as_u16(),
                retry_after: retry_after(status.as_u16(), answer.headers()),
                excerpt: self.excerpt(&mut answer).await,
            });
        }
        self.check_decoded(&answer)?;
        let body = self.body(&mut answer).await?;
        Ok(Answer::Whole(Box::new(Response {
            request: self.request.clone(),
            url: self.hop.url.to_string(),
            status: status.as_u16(),
            content_type: header(&answer, CONTENT_TYPE),
            etag: header(&answer, ETAG),
            last_modified: header(&answer, LAST_MODIFIED),
            body,
        })))
    }

    fn build(&self) -> RequestBuilder {
        let url = self.hop.url.clone();
        let method = match &self.request.method {
            Method::Post(_) if self.hop.posts => reqwest::Method::POST,
            Method::Put(_) if self.hop.posts => reqwest::Method::PUT,
            Method::Delete if self.hop.posts => reqwest::Method::DELETE,
            _ => reqwest::Method::GET,
        };
        let body = self.request.method.body().filter(|_| self.hop.posts);
        let request = self.client.request(method, url);
        let request = match body {
            Some(body) => request
                .header(CONTENT_TYPE, &*body.content_type)
                .body(body.content.clone()),
            None => request,
        };
        let request = match &*self.request.accept {
            "" => request,
            accept => request.header(ACCEPT, accept),
        };
        let request = self.conditional(request);
        self.credentials
            .iter()
            .fold(request, |request, own| own.apply(&self.hop.url, request))
    }

    /// What an earlier answer was known by; what is no value of a header is left out, since a server said it.
    fn conditional(&self, request: RequestBuilder) -> RequestBuilder {
        let Some(validators) = &self.request.validators else {
            return request;
        };
        let headers = [
            (IF_NONE_MATCH, &validators.etag),
            (IF_MODIFIED_SINCE, &validators.last_modified),
        ];
        headers.into_iter().fold(request, |request, (name, value)| {
            let value = value.as_deref();
            match value.and_then(|value| HeaderValue::from_str(value).ok()) {
                Some(value) => request.header(name, value),
                None => request,
            }
        })
    }

    /// The client takes `Content-Encoding` away where it decodes; what is left, nobody has decoded.
    fn check_decoded(&self, answer: &reqwest::Response) -> Result<(), FetchError> {
        match header(answer, CONTENT_ENCODING) {
            Some(encoding) if !encoding.trim().eq_ignore_ascii_case("identity") => {
                Err(FetchError::BadEncoding {
                    url: self.shown(),
                    reason: format!("Content-Encoding `{encoding}` was not asked for"),
                })
            }
            _ => Ok(()),
        }
    }

    async fn body(&self, answer: &mut reqwest::Response) -> Result<Bytes, FetchError> {
        let limit = self.settings.max_body;
        let announced = answer.content_length();
        if let Some(length) = announced.filter(|length| *length > limit) {
            return Err(self.too_large(Some(length)));
        }
        let reserve = announced.unwrap_or_default().min(FIRST_RESERVE);
        let mut body = BytesMut::with_capacity(usize::try_from(reserve).unwrap_or_default());
        loop {
            let chunk = answer
                .chunk()
                .await
                .map_err(|error| self.explain(&error, Some((body.len() as u64, announced))))?;
            let Some(chunk) = chunk else {
                return Ok(body.freeze());
            };
            if body.len() as u64 + chunk.len() as u64 > limit {
                return Err(self.too_large(None));
            }
            body.extend_from_slice(&chunk);
        }
    }

    fn too_large(&self, announced: Option<u64>) -> FetchError {
        FetchError::TooLarge {
            url: self.shown(),
            limit: self.settings.max_body,
            announced,
        }
    }

    /// The beginning of an error page on one line, without control characters and secrets. Whatever goes wrong here, the
    /// status is what matters.
    async fn excerpt(&self, answer: &mut reqwest::Response) -> String {
        if !is_text(header(answer, CONTENT_TYPE).as_deref()) {
            return String::new();
        }
        let mut bytes = Vec::new();
        let read = async {
            while let Ok(Some(chunk)) = answer.chunk().await {
                bytes.extend(chunk.iter().take(EXCERPT_BYTES - bytes.len()));
                if bytes.len() >= EXCERPT_BYTES {
                    break;
                }
            }
        };
        // What came in time is good enough.
        let _ = tokio::time::timeout(EXCERPT_TIME, read).await;
        let text = String::from_utf8_lossy(&bytes);
        let text = text
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        let text = self
            .credentials
            .iter()
            .fold(hide_echo(&self.hop.url, text), |text, own| own.hide(text));
        text.chars().take(EXCERPT_CHARS).collect()
    }

    fn shown(&self) -> String {
        hide_short(self.hop.url.as_str())
    }

    /// What a client's error means. `progress` is what had come of the body, and what was announced.
    fn explain(&self, error: &reqwest::Error, progress: Option<(u64, Option<u64>)>) -> FetchError {
        let url = self.shown();
        let reason = reason(error);
        let io = find::<io::Error>(error).map(io::Error::kind);
        if let Some(Refused { host, address }) = find::<Refused>(error) {
            let (host, address) = (host.clone(), *address);
            FetchError::ForbiddenAddress { url, host, address }
        } else if find::<rustls::Error>(error).is_some() {
            FetchError::Tls { url, reason }
        } else if error.is_timeout() {
            let (phase, after) = match error.is_connect() {
                true => (Phase::Connect, self.settings.connect_timeout),
                false => (Phase::Silence, self.settings.read_timeout),
            };
            FetchError::Timeout { url, phase, after }
        } else if error.is_builder() {
            FetchError::BadUrl { url, reason }
        } else if error.is_dns() {
            let reason = format!("the name cannot be resolved ({reason})");
            FetchError::Connection { url, reason }
        } else {
            match (progress, io) {
                (Some((received, announced)), Some(io::ErrorKind::UnexpectedEof)) => {
                    FetchError::Truncated {
                        url,
                        received,
                        announced,
                    }
                }
                (
                    Some(_),
                    Some(
                        io::ErrorKind::InvalidData
                        | io::ErrorKind::InvalidInput
                        | io::ErrorKind::Other,
                    ),
                ) => FetchError::BadEncoding { url, reason },
                _ => FetchError::Connection { url, reason },
            }
        }
    }
}

fn header(answer: &reqwest::Response, name: HeaderName) -> Option<String> {
    let value = answer.headers().get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn is_text(content_type: Option<&str>) -> bool {
    content_type.is_none_or(|kind| {
        let kind = kind.to_ascii_lowercase();
        ["text/", "xml", "json", "html"]
            .iter()
            .any(|word| kind.contains(word))
    })
}

/// The first cause: the errors above it say only that there was one, and one of them shows the whole address.
pub(crate) fn reason(error: &reqwest::Error) -> String {
    let mut first: &(dyn Error + 'static) = error;
    while let Some(cause) = cause(first) {
        first = cause;
    }
    match first.downcast_ref::<reqwest::Error>() {
        Some(_) => "the request could not be sent".to_owned(),
        None => first.to_string(),
    }
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = cause(error);
    }
    None
}

/// The cause of an error. The source of an I/O error is the source of what it wraps, which would pass over the wrapped error itself.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}
