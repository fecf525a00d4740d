//! `ows:ExceptionReport`: OGC 05-008, clause 8.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use represent::Xml;
use search::SearchError;

/// Why a request is not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exception {
    code: &'static str,
    locator: Option<String>,
    text: String,
    status: StatusCode,
}

impl Exception {
    pub fn invalid(locator: &str, text: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", locator, text)
    }

    pub fn missing(locator: &str) -> Self {
        Self::new(
            "MissingParameterValue",
            locator,
            format!("the parameter `{locator}` is missing"),
        )
    }

    pub fn unsupported(operation: &str) -> Self {
        Self::new(
            "OperationNotSupported",
            "request",
            format!(
                "`{operation}` is no operation of this server: it has GetCapabilities, DescribeRecord, GetDomain, GetRecords and GetRecordById"
            ),
        )
    }

    pub fn version(locator: &str, asked: &str) -> Self {
        Self::new(
            "VersionNegotiationFailed",
            locator,
            format!("this server speaks version 2.0.2, and not {asked}"),
        )
    }

    /// What cannot be read as a request at all.
    pub fn unreadable(text: impl Into<String>) -> Self {
        Self::new("NoApplicableCode", "request", text)
    }

    pub fn busy() -> Self {
        let mut busy = Self::new(
            "NoApplicableCode",
            "service",
            "too many requests are being answered, or the catalogue is being prepared: try again in a few seconds",
        );
        busy.status = StatusCode::SERVICE_UNAVAILABLE;
        busy
    }

    /// Logged here, once; the client learns nothing of the inside.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request of CSW could not be answered");
        let mut internal = Self::new(
            "NoApplicableCode",
            "service",
            "the request could not be answered; the reason is in the server's log",
        );
        internal.status = StatusCode::INTERNAL_SERVER_ERROR;
        internal
    }

    fn new(code: &'static str, locator: &str, text: impl Into<String>) -> Self {
        Self {
            code,
            locator: Some(locator.to_owned()).filter(|locator| !locator.is_empty()),
            text: text.into(),
            status: StatusCode::OK,
        }
    }

    /// Reports of what is wrong with a request have the status 200, as CSW 2.0.2's clients expect it: many read no body of another.
    pub fn response(&self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.report()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, super::XML);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }

    fn report(&self) -> String {
        let mut xml = Xml::new();
        xml.raw(super::DECLARATION);
        let attributes = [
            ("xmlns:ows", "http://www.opengis.net/ows"),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
            ("version", "1.2.0"),
            ("language", "en"),
            (
                "xsi:schemaLocation",
                "http://www.opengis.net/ows http://schemas.opengis.net/ows/1.0.0/owsExceptionReport.xsd",
            ),
        ];
        xml.within("ows:ExceptionReport", &attributes, |xml| {
            let mut attributes = vec![("exceptionCode", self.code)];
            attributes.extend(self.locator.as_deref().map(|locator| ("locator", locator)));
            xml.within("ows:Exception", &attributes, |xml| {
                xml.leaf("ows:ExceptionText", &[], &self.text);
            });
        });
        xml.finish()
    }
}

impl From<archive::ArchiveError> for Exception {
    fn from(error: archive::ArchiveError) -> Self {
        Self::internal(&error)
    }
}

impl From<SearchError> for Exception {
    fn from(error: SearchError) -> Self {
        match &error {
            SearchError::TooFar(_) => Self::invalid("startposition", error.to_string()),
            SearchError::NotSorted(_) | SearchError::TooManySorts(_) => {
                Self::invalid("sortby", error.to_string())
            }
            error if error.is_refusal() => Self::invalid("constraint", error.to_string()),
            error => Self::internal(error),
        }
    }
}
