//! Validators of answers: <https://www.rfc-editor.org/rfc/rfc9110#section-8.8>

use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use chrono::{DateTime, Utc};
use model::Checksum;

/// What tells this answer from an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Validators {
    /// With its quotation marks.
    tag: String,
    modified: Option<SystemTime>,
}

impl Validators {
    /// Of an answer that is known by a checksum, and has not changed since a time.
    pub fn new(checksum: Checksum, modified: Option<DateTime<Utc>>) -> Self {
        Self {
            tag: format!("\"{checksum}\""),
            modified: modified.map(SystemTime::from).filter(is_settled),
        }
    }

    /// Whether the answer that the client has still holds.
    pub fn hold(&self, request: &HeaderMap) -> bool {
        if request.contains_key(header::IF_NONE_MATCH) {
            return request
                .get_all(header::IF_NONE_MATCH)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
                .map(|tag| tag.trim().trim_start_matches("W/"))
                .any(|tag| tag == "*" || tag == self.tag);
        }
        let since = request
            .get(header::IF_MODIFIED_SINCE)
            .and_then(|value| httpdate::parse_http_date(value.to_str().ok()?).ok());
        matches!((self.modified, since), (Some(modified), Some(since)) if modified <= since)
    }

    pub fn set(&self, headers: &mut HeaderMap) {
        if let Ok(tag) = HeaderValue::from_str(&self.tag) {
            headers.insert(header::ETAG, tag);
        }
        if let Some(modified) = self.modified
            && let Ok(modified) = HeaderValue::from_str(&httpdate::fmt_http_date(modified))
        {
            headers.insert(header::LAST_MODIFIED, modified);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }

    pub fn not_modified(&self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        self.set(response.headers_mut());
        response
    }
}

/// A date in whole seconds tells states apart only when nothing has changed for some of them.
fn is_settled(modified: &SystemTime) -> bool {
    SystemTime::now()
        .duration_since(*modified)
        .is_ok_and(|age| age > Duration::from_secs(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).expect("a header"))])
    }

    #[test]
    fn the_tag_goes_before_the_date() {
        let modified = DateTime::from_timestamp(1_700_000_000, 0);
        let validators = Validators::new(Checksum::of(b"1"), modified);
        let tag = validators.tag.clone();
        for (name, value, holds) in [
            (header::IF_NONE_MATCH, tag.as_str(), true),
            (header::IF_NONE_MATCH, &format!("\"x\", W/{tag}"), true),
            (header::IF_NONE_MATCH, "\"x\"", false),
            (header::IF_NONE_MATCH, "*", true),
            (
                header::IF_MODIFIED_SINCE,
                "Tue, 14 Nov 2023 22:13:20 GMT",
                true,
            ),
            (
                header::IF_MODIFIED_SINCE,
                "Tue, 14 Nov 2023 22:13:19 GMT",
                false,
            ),
            (header::IF_MODIFIED_SINCE, "yesterday", false),
        ] {
            assert_eq!(validators.hold(&asked(name, value)), holds, "{value}");
        }
        let mut both = asked(header::IF_NONE_MATCH, "\"x\"");
        both.extend(asked(
            header::IF_MODIFIED_SINCE,
            "Tue, 14 Nov 2033 22:13:20 GMT",
        ));
        assert!(!validators.hold(&both));
    }
}
