//! Secrets, each bound to the one origin it was given for.

use std::fmt;

use reqwest::RequestBuilder;
use reqwest::header::{HeaderName, HeaderValue};
use url::{Origin, Url};

use crate::error::FetchError;
use crate::guard::parse;

/// What a source asks for before it answers. Sent to its origin (scheme, host and port) only.
#[derive(Debug, Clone)]
pub struct Credentials {
    origin: Origin,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Basic { user: String, password: Secret },
    Bearer(Secret),
    Header { name: String, value: Secret },
}

/// A text that never shows itself.
#[derive(Clone)]
struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Credentials {
    /// User and password, for the origin of this address.
    pub fn basic(
        url: &str,
        user: impl Into<String>,
        password: impl Into<String>,
    ) -> Result<Self, FetchError> {
        let (user, password) = (user.into(), Secret(password.into()));
        Self::new(url, Kind::Basic { user, password })
    }

    /// An OAuth 2.0 token ([RFC 6750](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)), for the origin of this address.
    pub fn bearer(url: &str, token: impl Into<String>) -> Result<Self, FetchError> {
        Self::new(url, Kind::Bearer(Secret(token.into())))
    }

    /// A header of the source's own (`X-API-KEY`), for the origin of this address.
    pub fn header(
        url: &str,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, FetchError> {
        let (name, value) = (name.into(), Secret(value.into()));
        Self::new(url, Kind::Header { name, value })
    }

    fn new(url: &str, kind: Kind) -> Result<Self, FetchError> {
        let origin = parse(url)?.origin();
        let (name, value) = match &kind {
            Kind::Basic { .. } => ("authorization", ""),
            Kind::Bearer(token) => ("authorization", token.0.as_str()),
            Kind::Header { name, value } => (name.as_str(), value.0.as_str()),
        };
        if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
            return Err(FetchError::BadSettings {
                reason: format!(
                    "the credentials for {} cannot be sent: `{name}` or its value is no HTTP header",
                    origin.ascii_serialization()
                ),
            });
        }
        Ok(Self { origin, kind })
    }

    /// Adds them to a request, if it goes where they belong.
    pub(crate) fn apply(&self, url: &Url, request: RequestBuilder) -> RequestBuilder {
        if url.origin() != self.origin {
            return request;
        }
        match &self.kind {
            Kind::Basic { user, password } => request.basic_auth(user, Some(&password.0)),
            Kind::Bearer(token) => request.bearer_auth(&token.0),
            Kind::Header { name, value } => request.header(name, &value.0),
        }
    }

    /// Hides the secret in a text that a server sent back.
    pub fn hide(&self, text: String) -> String {
        let (Kind::Basic {
            password: Secret(secret),
            ..
        }
        | Kind::Bearer(Secret(secret))
        | Kind::Header {
            value: Secret(secret),
            ..
        }) = &self.kind;
        if secret.is_empty() {
            text
        } else {
            text.replace(secret.as_str(), "***")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_shown() {
        let url = "https://portail.example.org/api";
        for credentials in [
            Credentials::basic(url, "moisson", "sésame"),
            Credentials::bearer(url, "sésame"),
            Credentials::header(url, "X-API-KEY", "sésame"),
        ] {
            let credentials = credentials.unwrap();
            assert!(!format!("{credentials:?}").contains("sésame"));
            assert_eq!(credentials.hide("clé sésame".into()), "clé ***");
        }
    }

    #[test]
    fn what_no_header_can_hold_is_refused_at_once() {
        let url = "https://portail.example.org/api";
        for credentials in [
            Credentials::bearer(url, "sesame\n"),
            Credentials::header(url, "clé", "sesame"),
            Credentials::header(url, "X-API-KEY", "sesame\r\nHost: x"),
        ] {
            let error = credentials.unwrap_err();
            assert_eq!(error.rule(), "fetch/bad-settings");
            assert!(!error.to_string().contains("sesame"));
        }
    }
}
