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
pub(crate) async fn robots() -> Response {
    let rules = "User-agent: *\nDisallow: /sparql\nDisallow: /queries/\nDisallow: /admin/\nDisallow: /runs/\nDisallow: /identity/\nDisallow: /metrics\n";
    file("text/plain; charset=utf-8", "public, max-age=86400", rules)
}

fn file(content_type: &'static str, cache: &'static str, body: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, cache),
    ];
    (headers, body).into_response()
}
