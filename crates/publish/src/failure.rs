//! What went wrong, once: shown as problem+json (RFC 9457) to programs and as a page to browsers by [`crate::layers`].

use archive::ArchiveError;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use serde_json::json;

/// A failure in both languages of the site: English for programs, French for people.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub status: StatusCode,
    pub detail: String,
    /// For people.
    pub explanation: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Failure {
    pub fn new(
        status: StatusCode,
        detail: impl Into<String>,
        explanation: impl Into<String>,
    ) -> Self {
        Self {
            status,
            detail: detail.into(),
            explanation: explanation.into(),
            headers: Vec::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        self.headers
            .extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }

    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "nothing is published at this address",
            "Rien n’est publié à cette adresse. Elle est peut-être mal recopiée, ou la fiche n’a jamais existé ici.",
        )
    }

    pub fn bad_request(detail: impl Into<String>) -> Self {
        let explanation = "L’adresse contient un paramètre que ce serveur ne comprend pas.";
        Self::new(StatusCode::BAD_REQUEST, detail, explanation)
    }

    pub fn not_acceptable() -> Self {
        Self::new(
            StatusCode::NOT_ACCEPTABLE,
            "this is offered as text/turtle, application/rdf+xml, application/ld+json, application/n-triples and text/html",
            "Cette ressource existe en HTML, Turtle, RDF/XML, JSON-LD et N-Triples.",
        )
        .with(header::VARY, "accept")
    }

    pub fn busy() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many requests are being answered: try again in a few seconds",
            "Le serveur est très sollicité. Réessayez dans quelques secondes.",
        )
        .with(header::RETRY_AFTER, "5")
    }

    pub fn timeout() -> Self {
        Self::new(
            StatusCode::GATEWAY_TIMEOUT,
            "the answer took too long",
            "La réponse a pris trop de temps. Réessayez dans quelques instants.",
        )
    }

    /// Logged here, once; the client learns nothing of the inside.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request could not be answered");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the request could not be answered; the reason is in the server's log",
            "Une erreur interne empêche de répondre. Elle est consignée dans le journal du serveur.",
        )
    }

    /// The failure that stands for an answer of axum's own that has a status and no body.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                status,
                "this address does not answer this method",
                "Cette adresse ne répond pas à cette méthode HTTP.",
            ),
            _ => Self::new(
                status,
                "the request could not be answered",
                "La requête ne peut pas être traitée.",
            ),
        }
    }

    /// The title of the page.
    pub fn heading(&self) -> &'static str {
        match self.status {
            StatusCode::NOT_FOUND => "Page introuvable",
            StatusCode::BAD_REQUEST => "Requête mal formée",
            StatusCode::METHOD_NOT_ALLOWED => "Méthode refusée",
            StatusCode::NOT_ACCEPTABLE => "Format indisponible",
            StatusCode::GATEWAY_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => {
                "Service momentanément indisponible"
            }
            status if status.is_server_error() => "Erreur interne",
            _ => "Requête refusée",
        }
    }

    pub fn problem(&self) -> Response<Body> {
        let problem = json!({
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        self.response("application/problem+json", problem.to_string())
    }

    pub fn page(&self, html: String) -> Response<Body> {
        self.response("text/html; charset=utf-8", html)
    }

    fn response(&self, content_type: &'static str, body: String) -> Response<Body> {
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.headers.iter().cloned());
        response
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> axum::response::Response {
        let mut response = self.problem();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        Self::internal(&error)
    }
}

impl From<report::ReportError> for Failure {
    fn from(error: report::ReportError) -> Self {
        Self::internal(&error)
    }
}

impl From<minijinja::Error> for Failure {
    fn from(error: minijinja::Error) -> Self {
        Self::internal(&format!("{error:#}"))
    }
}
