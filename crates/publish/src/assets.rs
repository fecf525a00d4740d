//! The few files that pages need.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use model::Checksum;

use crate::failure::Failure;

const STYLE: &str = include_str!("../assets/moisson.css");
const ICON: &str = include_str!("../assets/moisson.svg");

/// The name of the style sheet, which changes with its content.
pub(crate) fn style_name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| format!("moisson-{}.css", Checksum::of(STYLE.as_bytes())))
}

pub(crate) async fn asset(Path(name): Path<String>) -> Result<Response, Failure> {
    if name != style_name() {
        return Err(Failure::not_found());
    }
    let forever = "public, max-age=31536000, immutable";
    Ok(file("text/css; charset=utf-8", forever, STYLE))
}

pub(crate) async fn favicon() -> Response {
    file("image/svg+xml", "public, max-age=86400", ICON)
}

/// Robots may read everything but what costs a query or concerns the operator.
pub(crate) fn robots(root: &str, base: &str) -> Response {
    let mut rules = "User-agent: *\n".to_owned();
    for path in [
        "sparql",
        "queries/",
        "admin/",
        "runs/",
        "identity/",
        "metrics",
    ] {
        rules.push_str(&format!("Disallow: {root}/{path}\n"));
    }
    rules.push_str(&format!("\nSitemap: {base}sitemap.xml\n"));
    file("text/plain; charset=utf-8", "public, max-age=86400", rules)
}

fn file(
    content_type: &'static str,
    cache: &'static str,
    body: impl Into<axum::body::Body>,
) -> Response {
    let body = body.into();
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, cache),
    ];
    (headers, body).into_response()
}
