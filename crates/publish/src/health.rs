//! What machines ask of the server: does it live, can it answer, how is it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::failure::Failure;
use crate::metrics;
use crate::router::App;

/// The process lives.
pub(crate) async fn health() -> Response {
    plain(StatusCode::OK, "ok\n".to_owned())
}

/// The archive can be read, and whatever else the site needs is there.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    let archive = app.site.archive.last_change().await;
    let reason = match (archive, &app.site.readiness) {
        (Err(error), _) => Some(error.to_string()),
        (Ok(_), Some(readiness)) => readiness.ready().await.err(),
        (Ok(_), None) => None,
    };
    let (status, body) = match reason {
        None => (StatusCode::OK, json!({ "ready": true })),
        Some(reason) => (
            StatusCode::SERVICE_UNAVAILABLE,
            json!({ "ready": false, "reason": reason }),
        ),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}

pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Result<Response, Failure> {
    Ok((
        [
            (header::CONTENT_TYPE, "text/plain; version=0.0.4"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        metrics::text(&app).await?,
    )
        .into_response())
}

fn plain(status: StatusCode, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, text).into_response()
}
