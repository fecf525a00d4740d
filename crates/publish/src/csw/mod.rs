//! CSW 2.0.2 (OGC 07-006r1), for the whole catalogue and for parts of it.

mod answer;
mod cql;
mod describe;
mod domain;
mod exception;
mod fes;
#[cfg(test)]
mod hostile;
mod iso;
mod kvp;
mod names;
mod paging;
mod post;
pub(crate) mod predicate;
pub(crate) mod raw;
mod records;
mod request;
pub(crate) mod scope;
mod tree;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, Response, header};
use bytes::Bytes;

use crate::failure::Failure;
use crate::router::App;
use exception::Exception;
pub(crate) use iso::iso_records;
use paging::Client;
pub(crate) use paging::Pages;
use request::{Elements, Request, ResultType};
use scope::Scope;

const XML: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
/// Bytes of a request that is posted.
pub(crate) const MAX_BODY: usize = 512 * 1024;

pub(crate) async fn get(
    State(app): State<Arc<App>>,
    client: Client,
    RawQuery(query): RawQuery,
) -> Response<Body> {
    respond(
        app,
        Scope::whole(),
        kvp::read(&query.unwrap_or_default()),
        None,
        &client,
    )
    .await
}

pub(crate) async fn post(
    State(app): State<Arc<App>>,
    client: Client,
    body: Bytes,
) -> Response<Body> {
    posted(app, Scope::whole(), body, &client).await
}

pub(crate) async fn get_part(
    State(app): State<Arc<App>>,
    client: Client,
    Path((kind, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response<Body>, Failure> {
    let scope = Scope::part(&app, &kind, &id).await?;
    let request = kvp::read(&query.unwrap_or_default());
    Ok(respond(app, scope, request, None, &client).await)
}

pub(crate) async fn post_part(
    State(app): State<Arc<App>>,
    client: Client,
    Path((kind, id)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response<Body>, Failure> {
    let scope = Scope::part(&app, &kind, &id).await?;
    Ok(posted(app, scope, body, &client).await)
}

async fn posted(app: Arc<App>, scope: Scope, body: Bytes, client: &Client) -> Response<Body> {
    match decoded(&body) {
        Some(text) => {
            let request = post::read(&text);
            respond(app, scope, request, Some(&text), client).await
        }
        None => Exception::unreadable(
            "the request is not in UTF-8, nor in ISO 8859-1 as it would have to declare",
        )
        .response(),
    }
}

/// UTF-8, or what requests of the old days are in.
fn decoded(body: &[u8]) -> Option<String> {
    if let Ok(text) = std::str::from_utf8(body) {
        return Some(text.trim_start_matches('\u{feff}').trim_start().to_owned());
    }
    let head = String::from_utf8_lossy(body.get(..100.min(body.len()))?).to_ascii_lowercase();
    let latin = ["iso-8859-1", "iso-8859-15", "windows-1252"]
        .iter()
        .any(|name| head.contains(name));
    latin.then(|| body.iter().map(|byte| char::from(*byte)).collect())
}

async fn respond(
    app: Arc<App>,
    scope: Scope,
    request: Result<Request, Exception>,
    posted: Option<&str>,
    client: &Client,
) -> Response<Body> {
    let answer = match request {
        Ok(request) => perform(&app, &scope, request, posted, client).await,
        Err(exception) => Err(exception),
    };
    match answer {
        Ok(xml) => {
            let mut response = Response::new(Body::from(xml));
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, XML);
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            response
        }
        Err(exception) => exception.response(),
    }
}

async fn perform(
    app: &App,
    scope: &Scope,
    request: Request,
    posted: Option<&str>,
    client: &Client,
) -> Result<String, Exception> {
    let index = app.site.search.as_ref().ok_or_else(Exception::busy)?;
    let snapshot = index.snapshot();
    match request {
        Request::GetCapabilities { sections } => {
            let position = snapshot.position().unwrap_or_default();
            Ok(describe::capabilities(
                &app.site,
                scope,
                &scope.address(app),
                position,
                &sections,
            ))
        }
        Request::DescribeRecord { types } => Ok(describe::records(types.as_deref())),
        Request::GetDomain {
            properties,
            parameters,
        } => domain::answer(app, scope, snapshot, properties, parameters).await,
        Request::GetRecords(records) if records.result == ResultType::Validate => {
            answer::acknowledge(posted)
        }
        Request::GetRecords(records) => {
            answer::get_records(app, scope, index, &records, client).await
        }
        Request::GetRecordById {
            ids,
            whole,
            schema,
            set,
        } => {
            let ids = (ids.as_slice(), whole.as_deref());
            answer::by_id(app, scope, &snapshot, ids, schema, &Elements::Set(set)).await
        }
    }
}
