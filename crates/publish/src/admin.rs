//! What the operator may ask, from the machine itself and with the token.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::{RunId, SourceId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::router::App;
use crate::site::{AdminRefusal, Administration};

pub(crate) async fn status(Operator(operator): Operator) -> Response {
    json(StatusCode::OK, &operator.status().await)
}

pub(crate) async fn run_now(
    Operator(operator): Operator,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let source = source(&id)?;
    operator.run_now(&source)?;
    Ok(json(
        StatusCode::ACCEPTED,
        &json!({ "source": source, "accepted": "run" }),
    ))
}

pub(crate) async fn release(
    Operator(operator): Operator,
    Path(id): Path<String>,
    Query(words): Query<Words>,
) -> Result<Response, Failure> {
    let source = source(&id)?;
    operator.release(&source, words.reason.as_deref()).await?;
    Ok(json(
        StatusCode::OK,
        &json!({ "source": source, "accepted": "release" }),
    ))
}

pub(crate) async fn resume(
    Operator(operator): Operator,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let source = source(&id)?;
    operator.resume(&source).await?;
    Ok(json(
        StatusCode::OK,
        &json!({ "source": source, "accepted": "resume" }),
    ))
}

pub(crate) async fn stop(
    Operator(operator): Operator,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let run = run(&id)?;
    operator.stop(run).await?;
    Ok(json(
        StatusCode::ACCEPTED,
        &json!({ "run": run, "accepted": "stop" }),
    ))
}

pub(crate) async fn undo(
    Operator(operator): Operator,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let run = run(&id)?;
    operator.undo(run).await?;
    Ok(json(
        StatusCode::ACCEPTED,
        &json!({ "run": run, "accepted": "undo" }),
    ))
}

pub(crate) async fn merge(Operator(operator): Operator, body: Bytes) -> Result<Response, Failure> {
    let entity = operator.merge(said(&body)?).await?;
    Ok(json(StatusCode::OK, &json!({ "entity": entity })))
}

pub(crate) async fn split(Operator(operator): Operator, body: Bytes) -> Result<Response, Failure> {
    let entity = operator.split(said(&body)?).await?;
    Ok(json(StatusCode::OK, &json!({ "entity": entity })))
}

/// What the operator says in the body of the request.
fn said<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| {
        Failure::bad_request(format!("the body is not what was expected: {error}"))
    })
}

/// What the operator says beside the request.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Words {
    reason: Option<String>,
}

fn run(id: &str) -> Result<RunId, Failure> {
    id.parse()
        .map(RunId)
        .map_err(|_| AdminRefusal::NoRun.into())
}

fn source(id: &str) -> Result<SourceId, Failure> {
    SourceId::new(id).map_err(|_| AdminRefusal::Unknown.into())
}

fn json(status: StatusCode, value: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, value.to_string()).into_response()
}

/// Whoever has shown that it is the operator. Nothing of the request is looked at before that.
pub(crate) struct Operator(Arc<dyn Administration>);

impl FromRequestParts<Arc<App>> for Operator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Failure> {
        let (Some(operator), Some(token)) = (&app.site.administration, &app.site.token) else {
            return Err(Failure::not_found());
        };
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let is_local = peer.is_some_and(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback());
        // A proxy on the same machine is a local peer too; it says for whom it asks.
        if !is_local || PROXIED.iter().any(|name| parts.headers.contains_key(*name)) {
            return Err(Failure::new(
                StatusCode::FORBIDDEN,
                "the administration answers on the loopback interface only",
                "L’administration ne répond que depuis la machine elle-même.",
            ));
        }
        if !is_token(&parts.headers, token) {
            return Err(Failure::new(
                StatusCode::UNAUTHORIZED,
                "give the administration's token: Authorization: Bearer <token>",
                "L’administration demande un jeton.",
            )
            .with(header::WWW_AUTHENTICATE, "Bearer"));
        }
        Ok(Self(operator.clone()))
    }
}

const SCHEME: &[u8] = b"Bearer ";
const PROXIED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// Compares hashes, in constant time.
fn is_token(headers: &HeaderMap, token: &str) -> bool {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.as_bytes().split_at_checked(SCHEME.len()))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME))
        .map_or(&[][..], |(_, given)| given.trim_ascii());
    let token = token.trim();
    !token.is_empty() && blake3::hash(given) == blake3::hash(token.as_bytes())
}

impl From<AdminRefusal> for Failure {
    fn from(refusal: AdminRefusal) -> Self {
        let status = match &refusal {
            AdminRefusal::Unknown | AdminRefusal::NoRun => StatusCode::NOT_FOUND,
            AdminRefusal::Running
            | AdminRefusal::NothingHeld
            | AdminRefusal::Paused
            | AdminRefusal::NotPaused
            | AdminRefusal::Ended
            | AdminRefusal::Impossible(_) => StatusCode::CONFLICT,
            AdminRefusal::Failed(cause) => return Self::internal(cause),
        };
        Self::new(
            status,
            refusal.to_string(),
            "L’action demandée est refusée.",
        )
    }
}
