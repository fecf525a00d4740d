//! Failures, as [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) states them.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use graph::{Format, QueryError, Results};
use serde_json::json;

use super::METHODS;
use super::request::POSTED;

#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    position: Option<(usize, usize)>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            position: None,
            header: None,
        }
    }

    fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.header = Some((name, HeaderValue::from_static(value)));
        self
    }

    pub fn bad_request(detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub fn read_only() -> Self {
        let detail = "this endpoint answers queries only: the catalogue is updated by harvesting";
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    pub fn method_not_allowed() -> Self {
        let detail = format!("the methods are {METHODS}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, detail).with(header::ALLOW, METHODS)
    }

    pub fn unsupported(detail: &str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
            .with(HeaderName::from_static("accept-post"), POSTED)
    }

    pub fn not_acceptable(offered: &[Format]) -> Self {
        let offered: Vec<_> = offered.iter().map(|format| format.media_type()).collect();
        let detail = format!("the result is offered as {}", offered.join(", "));
        Self::new(StatusCode::NOT_ACCEPTABLE, detail).with(header::VARY, "accept")
    }

    pub fn too_long(limit: usize) -> Self {
        let detail = format!("the query is too long: {limit} bytes are allowed");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    pub fn busy() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            QueryError::Busy.to_string(),
        )
        .with(header::RETRY_AFTER, "5")
    }

    pub fn internal(cause: &str) -> Self {
        tracing::error!(cause, "a SPARQL query could not be run");
        let detail = "the query could not be run; the reason is in the server's log";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    pub fn into_response(self) -> Response<Body> {
        let mut problem = json!({
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": shortened(self.detail),
        });
        if let Some((line, column)) = self.position {
            problem["line"] = line.into();
            problem["column"] = column.into();
        }
        let mut response = Response::new(Body::from(problem.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some((name, value)) = self.header {
            headers.insert(name, value);
        }
        response
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        let position = match &error {
            QueryError::Syntax { line, column, .. } | QueryError::Refused { line, column, .. } => {
                Some((*line, *column))
            }
            _ => None,
        };
        let status = match &error {
            QueryError::Busy => return Self::busy(),
            QueryError::Internal(cause) => return Self::internal(cause),
            QueryError::NotAcceptable {
                results: Results::Graph,
            } => return Self::not_acceptable(&Format::GRAPHS),
            QueryError::NotAcceptable { .. } => return Self::not_acceptable(&Format::TABLES),
            QueryError::TooLong { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            QueryError::Timeout { .. } => StatusCode::GATEWAY_TIMEOUT,
            QueryError::Memory | QueryError::TooLarge { .. } => StatusCode::INSUFFICIENT_STORAGE,
            _ => StatusCode::BAD_REQUEST,
        };
        Self {
            position,
            ..Self::new(status, error.to_string())
        }
    }
}

/// The parser lists all that it would have understood.
fn shortened(mut detail: String) -> String {
    if let Some((end, _)) = detail.char_indices().nth(MAX_DETAIL) {
        detail.truncate(end);
        detail.push('…');
    }
    detail
}

const MAX_DETAIL: usize = 1_000;
