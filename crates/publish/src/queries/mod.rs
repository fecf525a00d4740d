//! `/queries`: questions to the catalogue that somebody has written already, each at an address that stays.
//!
//! A query is a file of the configuration. What it finds is evaluated as `/sparql` evaluates what clients ask: behind the same gate, within
//! the same limits.

mod parameter;
mod saved;
mod shown;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use crate::failure::Failure;
use crate::negotiate;
use crate::router::App;
use crate::sparql;
use crate::view::{answer, cut};
use parameter::{Given, refused};

pub use saved::{QueryFault, SavedQuery};

type Shown = Result<Response<Body>, Failure>;

#[derive(Debug, Clone, Copy)]
enum Shape {
    Html,
    Json,
}

const OFFERS: &[(&str, Shape)] = &[
    ("application/json", Shape::Json),
    ("text/html", Shape::Html),
    ("application/xhtml+xml", Shape::Html),
];

pub(crate) async fn list(State(app): State<Arc<App>>, headers: HeaderMap) -> Shown {
    match negotiate::best(&headers, OFFERS).ok_or_else(not_acceptable)? {
        Shape::Html => Ok(answer(shown::list(&app)?, &headers)),
        Shape::Json => {
            let json = shown::json(&app).to_string();
            Ok(text("application/json", json))
        }
    }
}

/// A query by its name: the page for browsers, what it finds for programs. With an extension: what it finds, in that format; `.html` the
/// page, `.rq` the query.
pub(crate) async fn named(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    RawQuery(asked): RawQuery,
    headers: HeaderMap,
) -> Shown {
    let (name, extension) = match name.split_once('.') {
        Some((name, extension)) => (name, Some(extension)),
        None => (name.as_str(), None),
    };
    let query = app
        .site
        .queries
        .iter()
        .find(|query| query.name == name)
        .ok_or_else(Failure::not_found)?;
    let pairs = match sparql::parameters(asked.unwrap_or_default().as_bytes()) {
        Ok(pairs) => pairs,
        Err(problem) => return Ok(problem.into_response()),
    };
    let given = Given::read(query, pairs)?;
    let formats = match (extension, given.format.as_deref()) {
        (Some("rq"), _) => {
            return Ok(text(
                "application/sparql-query; charset=utf-8",
                query.text.clone(),
            ));
        }
        (Some("html"), _) => return Ok(answer(shown::page(&app, query, &given)?, &headers)),
        (Some(extension), _) => Some(sparql::named(extension).ok_or_else(Failure::not_found)?),
        (None, Some(format)) => Some(sparql::named(format).ok_or_else(|| unknown(format))?),
        (None, None) if negotiate::prefers_html(&headers) => {
            return Ok(answer(shown::page(&app, query, &given)?, &headers));
        }
        (None, None) => None,
    };
    let values = given.values()?;
    let service = &app.site.sparql;
    let found = service.saved(&query.text, &values, formats, given.bom, &headers);
    Ok(found.await.unwrap_or_else(sparql::Problem::into_response))
}

fn unknown(format: &str) -> Failure {
    let format = cut(format, 60);
    refused(format!(
        "`format={format}` is not known: write csv, tsv, json or xml for tables, ttl, rdf, jsonld or nt for graphs"
    ))
}

fn text(content_type: &'static str, text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn not_acceptable() -> Failure {
    Failure::new(
        StatusCode::NOT_ACCEPTABLE,
        "this is offered as text/html and application/json",
        "Cette page existe en HTML et en JSON.",
    )
    .with(header::VARY, "accept")
}
