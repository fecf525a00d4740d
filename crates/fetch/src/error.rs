//! What can go wrong with a request. Every address shown here went through [`crate::redact`].

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use model::{Finding, Severity, Stage};

/// Why a request got no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchError {
    BadUrl {
        url: String,
        reason: String,
    },
    /// The address is in a range that sources must not make us reach.
    ForbiddenAddress {
        url: String,
        host: String,
        address: IpAddr,
    },
    /// The file is not one that the source's configuration names.
    ForbiddenPath {
        url: String,
    },
    /// A file of this machine cannot be read.
    Local {
        url: String,
        reason: String,
    },
    /// No connection, or a lost one.
    Connection {
        url: String,
        reason: String,
    },
    Tls {
        url: String,
        reason: String,
    },
    Timeout {
        url: String,
        phase: Phase,
        after: Duration,
    },
    TooLarge {
        url: String,
        limit: u64,
        /// What the server said of the length, if it was that which went too far.
        announced: Option<u64>,
    },
    /// The body ended before its announced end.
    Truncated {
        url: String,
        received: u64,
        announced: Option<u64>,
    },
    /// The body is not compressed, or framed, in the way the answer says.
    BadEncoding {
        url: String,
        reason: String,
    },
    RedirectLoop {
        url: String,
        /// The address that would have been next.
        next: String,
        hops: usize,
        /// It was there already; otherwise the chain is merely too long.
        seen: bool,
    },
    HttpStatus {
        url: String,
        status: u16,
        /// The beginning of the answer, if it is text.
        excerpt: String,
        retry_after: Option<Duration>,
    },
    /// The fetcher cannot be built.
    BadSettings {
        reason: String,
    },
    /// A recording lacks the answer, cannot be read, or cannot be written.
    Replay {
        url: String,
        reason: String,
    },
}

/// What took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Connect,
    /// No byte came.
    Silence,
    /// Bytes came, too slowly.
    Total,
}

impl FetchError {
    /// The status of the last answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::HttpStatus { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The same request may succeed later.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Connection { .. } | Self::Timeout { .. } | Self::Truncated { .. } => true,
            Self::HttpStatus { status, .. } => {
                matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
            }
            _ => false,
        }
    }

    /// The name under which `moisson explain` tells more.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::BadUrl { .. } => "fetch/bad-url",
            Self::ForbiddenAddress { .. } => "fetch/forbidden-address",
            Self::ForbiddenPath { .. } => "fetch/forbidden-path",
            Self::Local { .. } => "fetch/local-file",
            Self::Connection { .. } => "fetch/connection",
            Self::Tls { .. } => "fetch/tls",
            Self::Timeout { .. } => "fetch/timeout",
            Self::TooLarge { .. } => "fetch/too-large",
            Self::Truncated { .. } => "fetch/truncated",
            Self::BadEncoding { .. } => "fetch/bad-encoding",
            Self::RedirectLoop { .. } => "fetch/redirect-loop",
            Self::HttpStatus { .. } => "fetch/http-status",
            Self::BadSettings { .. } => "fetch/bad-settings",
            Self::Replay { .. } => "fetch/replay",
        }
    }

    /// The address that failed, without secrets.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::BadUrl { url, .. }
            | Self::ForbiddenAddress { url, .. }
            | Self::ForbiddenPath { url }
            | Self::Local { url, .. }
            | Self::Connection { url, .. }
            | Self::Tls { url, .. }
            | Self::Timeout { url, .. }
            | Self::TooLarge { url, .. }
            | Self::Truncated { url, .. }
            | Self::BadEncoding { url, .. }
            | Self::RedirectLoop { url, .. }
            | Self::HttpStatus { url, .. }
            | Self::Replay { url, .. } => Some(url),
            Self::BadSettings { .. } => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::BadUrl { .. } => {
                "give an absolute http or https address; user and password belong in the credentials of the source"
            }
            Self::ForbiddenAddress { .. } => {
                "if this host is to be trusted, list it in `allow_private` of the table [fetch]"
            }
            Self::ForbiddenPath { .. } => {
                "name the file or its folder in the source; a link in a folder must not lead out of it"
            }
            Self::Local { .. } => {
                "check the path, and that whoever runs Moisson may read it; a path that is not absolute begins at the directory of the configuration"
            }
            Self::Connection { .. } => {
                "check the address in a browser; if it answers there, look at firewalls and name servers between"
            }
            Self::Tls { .. } => {
                "the certificate or its chain has to be mended on the server; if others accept it, update the certificates of this system"
            }
            Self::Timeout { .. } => {
                "ask for smaller pages, or give this server more time in the table [fetch]"
            }
            Self::TooLarge { .. } => {
                "ask for smaller pages, or raise `max_body` in the table [fetch] if the answer is right"
            }
            Self::Truncated { .. } => {
                "the server or a proxy before it breaks answers off: ask for smaller pages, and tell its operator"
            }
            Self::BadEncoding { .. } => {
                "the server has to send the Content-Encoding that the body really has"
            }
            Self::RedirectLoop { .. } => {
                "use the final address in the source; the redirects have to be mended on the server"
            }
            Self::HttpStatus { status, .. } => status_hint(*status),
            Self::BadSettings { .. } => {
                "correct the table [fetch], or the credentials of the source"
            }
            Self::Replay { .. } => "record the case again from the live source",
        }
    }

    /// The finding of a run that this failure makes.
    pub fn finding(&self) -> Finding {
        let finding = Finding::new(
            self.rule(),
            Severity::Error,
            Stage::Fetch,
            Happened(self).to_string(),
        )
        .hint(self.hint());
        let finding = match self {
            Self::HttpStatus {
                status,
                retry_after: Some(pause),
                ..
            } => finding.value(&format!("{status} (Retry-After: {} s)", pause.as_secs())),
            Self::HttpStatus { status, .. } => finding.value(&status.to_string()),
            _ => finding,
        };
        match self.url() {
            Some(url) => finding.place(url),
            None => finding,
        }
    }
}

fn status_hint(status: u16) -> &'static str {
    match status {
        401 | 403 | 407 => {
            "the server wants credentials, or refuses ours or our User-Agent: ask its operator"
        }
        404 | 410 => "the address has moved or gone: look for the new one in the source's portal",
        429 => "slow down: raise `delay` in the table [fetch], or harvest at another hour",
        500..=599 => "the server is out of order: wait for the next run, then tell its operator",
        _ => "check the address and the parameters of the source",
    }
}

impl std::error::Error for FetchError {}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", Happened(self), self.hint())
    }
}

/// The error without what to do about it.
struct Happened<'a>(&'a FetchError);

impl fmt::Display for Happened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            FetchError::BadUrl { url, reason } => write!(f, "`{url}` cannot be fetched: {reason}"),
            FetchError::ForbiddenAddress { url, host, address } if *host == address.to_string() => {
                write!(
                    f,
                    "{url} was not fetched: {address} is not a public address"
                )
            }
            FetchError::ForbiddenAddress { url, host, address } => write!(
                f,
                "{url} was not fetched: {host} is at {address}, which is not a public address"
            ),
            FetchError::ForbiddenPath { url } => {
                write!(f, "{url} was not read: the source does not name it")
            }
            FetchError::Local { url, reason } => write!(f, "{url} cannot be read: {reason}"),
            FetchError::Connection { url, reason } => write!(f, "no answer from {url}: {reason}"),
            FetchError::Tls { url, reason } => {
                write!(f, "no secure connection to {url}: {reason}")
            }
            FetchError::Timeout { url, phase, after } => match phase {
                Phase::Connect => write!(f, "no connection to {url} within {after:?}"),
                Phase::Silence => write!(f, "{url} sent nothing for {after:?}"),
                Phase::Total => write!(f, "{url} had not finished after {after:?}"),
            },
            FetchError::TooLarge {
                url,
                limit,
                announced: Some(announced),
            } => write!(
                f,
                "{url} announces {announced} bytes, more than the {limit} allowed"
            ),
            FetchError::TooLarge { url, limit, .. } => {
                write!(f, "{url} sends more than the {limit} bytes allowed")
            }
            FetchError::Truncated {
                url,
                received,
                announced: Some(announced),
            } => write!(f, "{url} broke off after {received} of {announced} bytes"),
            FetchError::Truncated { url, received, .. } => {
                write!(f, "{url} broke off after {received} bytes, before the end")
            }
            FetchError::BadEncoding { url, reason } => {
                write!(f, "the body of {url} cannot be decoded: {reason}")
            }
            FetchError::RedirectLoop {
                url,
                next,
                hops,
                seen,
            } => match seen {
                true => write!(
                    f,
                    "{url} redirects in a circle, {hops} times, back to {next}"
                ),
                false => write!(f, "{url} redirects more than {hops} times, next to {next}"),
            },
            FetchError::HttpStatus {
                url,
                status,
                excerpt,
                retry_after,
            } => {
                write!(f, "{url} answers {status}")?;
                if let Some(pause) = retry_after {
                    write!(f, " (retry after {} s)", pause.as_secs())?;
                }
                match excerpt.is_empty() {
                    true => Ok(()),
                    false => write!(f, ": {excerpt}"),
                }
            }
            FetchError::BadSettings { reason } => write!(f, "the fetcher cannot start: {reason}"),
            FetchError::Replay { url, reason } => {
                write!(f, "no recorded answer for {url}: {reason}")
            }
        }
    }
}
