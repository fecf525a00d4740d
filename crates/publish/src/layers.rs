//! What surrounds every handler: bounds, failures shown, headers, measures.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use axum::middleware::Next;
use axum::response::IntoResponse;
use http_body_util::BodyExt;

use crate::failure::Failure;
use crate::negotiate::{Form, prefers_html};
use crate::rdf::Format;
use crate::router::App;

/// The time until the first byte of an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// No more requests at once than the machine bears, and none for ever.
pub(crate) async fn bound(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let Ok(_permit) = app.requests.clone().try_acquire_owned() else {
        return Failure::busy().into_response();
    };
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::timeout().into_response(),
    }
}

pub(crate) async fn not_found() -> Failure {
    Failure::not_found()
}

/// Shows failures to browsers as pages.
pub(crate) async fn show_failures(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let html = prefers_html(request.headers());
    let mut response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let failure = match response.extensions_mut().remove::<Failure>() {
        Some(failure) => failure,
        // Of axum's own, such as 405 with its `Allow`.
        None if is_bare(response.headers()) => {
            let mut failure = Failure::of_status(status);
            if let Some(allow) = response
                .headers()
                .get(header::ALLOW)
                .and_then(|allow| allow.to_str().ok())
            {
                failure = failure.with(header::ALLOW, allow);
            }
            failure
        }
        None => return response,
    };
    if !html {
        return failure.problem();
    }
    match app.templates.failure(&app, &failure) {
        Ok(page) => failure.page(page),
        Err(error) => {
            tracing::error!(
                error = format!("{error:#}"),
                "a failure cannot be shown as a page"
            );
            failure.problem()
        }
    }
}

/// Whether an answer has no body of ours: none, or the plain text of an extractor.
fn is_bare(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_none_or(|content_type| content_type.as_bytes().starts_with(b"text/plain"))
}

/// Compression asks a body again after its end, which not every stream bears.
pub(crate) async fn fuse(response: Response<Body>) -> Response<Body> {
    response.map(|body| Body::new(body.fuse()))
}

/// A compressed answer is another representation: its strong tag becomes a weak one.
pub(crate) async fn weaken_tags(request: Request, next: Next) -> Response<Body> {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if headers.contains_key(header::CONTENT_ENCODING)
        && let Some(tag) = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok())
        && !tag.starts_with("W/")
        && let Ok(weak) = HeaderValue::from_str(&format!("W/{tag}"))
    {
        headers.insert(header::ETAG, weak);
    }
    response
}

/// Headers of every answer: nothing is sniffed, framed or run, and pages of other sites may read what is public.
pub(crate) async fn common_headers(request: Request, next: Next) -> Response<Body> {
    let is_public = !request.uri().path().contains("/admin/");
    let preflight = is_public
        && request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight {
        let mut response = StatusCode::NO_CONTENT.into_response();
        set(&mut response, PREFLIGHT, true);
        response
    } else {
        next.run(request).await
    };
    set(&mut response, SECURITY, false);
    if is_public {
        set(&mut response, CORS, true);
    }
    let headers = response.headers_mut();
    let varies = headers
        .get_all(header::VARY)
        .iter()
        .filter_map(|vary| vary.to_str().ok())
        .collect::<Vec<_>>()
        .join(",")
        .to_ascii_lowercase();
    for name in ["accept", "accept-encoding"] {
        if !varies.split(',').any(|known| known.trim() == name) {
            headers.append(header::VARY, HeaderValue::from_static(name));
        }
    }
    response
}

fn set(response: &mut Response<Body>, headers: &[(HeaderName, &'static str)], overwrite: bool) {
    for (name, value) in headers {
        if overwrite || !response.headers().contains_key(name) {
            response
                .headers_mut()
                .insert(name.clone(), HeaderValue::from_static(value));
        }
    }
}

/// A handler may set a stricter policy of its own.
const SECURITY: &[(HeaderName, &str)] = &[
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const CORS: &[(HeaderName, &str)] = &[
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        "Content-Location, ETag, Last-Modified, Link",
    ),
];

const PREFLIGHT: &[(HeaderName, &str)] = &[
    (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "Accept, Accept-Profile, Content-Type, If-None-Match, If-Modified-Since",
    ),
    (header::ACCESS_CONTROL_MAX_AGE, "86400"),
];

/// Says in which other formats something is offered: <https://www.rfc-editor.org/rfc/rfc8288>
pub(crate) fn alternates(headers: &mut HeaderMap, address: impl Fn(Form) -> Option<String>) {
    let forms = Format::PUBLISHED
        .into_iter()
        .map(Form::Rdf)
        .chain([Form::Html]);
    for form in forms {
        let Some(address) = address(form) else {
            continue;
        };
        let media_type = form.content_type().split(';').next().unwrap_or_default();
        let link = format!("<{address}>; rel=\"alternate\"; type=\"{media_type}\"");
        headers.extend(
            HeaderValue::from_str(&link)
                .ok()
                .map(|link| (header::LINK, link)),
        );
    }
}

/// Counts and times every request under its route.
pub(crate) async fn measure(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("other", MatchedPath::as_str);
    app.metrics
        .request(route, response.status().as_u16(), started.elapsed());
    response
}
