//! A udata portal: the part of its API, version 1, that a harvester asks for.

mod catalogue;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{DemoError, Portal};
use catalogue::Catalogue;

const PAGE_SIZE: usize = 20;
const LARGEST_PAGE: usize = 100;

/// Serves the portal until it is dropped.
///
/// # Errors
/// When the listener has no address, or the bundled records are wrong.
pub async fn udata_portal(listener: TcpListener) -> Result<Portal, DemoError> {
    let catalogue = Arc::new(catalogue::read()?);
    let router = Router::new()
        .route("/api/1/datasets/", get(datasets))
        .route("/api/1/datasets/{id}/", get(dataset))
        .route("/api/1/dataservices/", get(dataservices))
        .route("/api/1/dataservices/{id}/", get(dataservice))
        .with_state(catalogue);
    Portal::serve(listener, "/", router)
}

type Shared = State<Arc<Catalogue>>;
type Parameters = Query<HashMap<String, String>>;

async fn datasets(
    State(catalogue): Shared,
    Query(query): Parameters,
    headers: HeaderMap,
) -> Response {
    list(&catalogue.datasets, "datasets", &query, &headers)
}

async fn dataservices(
    State(catalogue): Shared,
    Query(query): Parameters,
    headers: HeaderMap,
) -> Response {
    list(&catalogue.dataservices, "dataservices", &query, &headers)
}

async fn dataset(State(catalogue): Shared, Path(id): Path<String>) -> Response {
    one(&catalogue.datasets, &id)
}

async fn dataservice(State(catalogue): Shared, Path(id): Path<String>) -> Response {
    one(&catalogue.dataservices, &id)
}

fn one(records: &[Value], id: &str) -> Response {
    let found = records
        .iter()
        .find(|record| record["id"] == id || record["slug"] == id);
    match found {
        Some(record) => answer(StatusCode::OK, record),
        None => failure(StatusCode::NOT_FOUND, "no such record"),
    }
}

fn failure(status: StatusCode, message: &str) -> Response {
    answer(status, &json!({ "message": message }))
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (status, json, body.to_string()).into_response()
}

fn list(
    records: &[Value],
    listing: &str,
    query: &HashMap<String, String>,
    headers: &HeaderMap,
) -> Response {
    let number = |key: &str, default: usize| match query.get(key) {
        Some(text) => text.parse::<usize>().ok().filter(|number| *number > 0),
        None => Some(default),
    };
    let (Some(page), Some(size)) = (number("page", 1), number("page_size", PAGE_SIZE)) else {
        return failure(
            StatusCode::BAD_REQUEST,
            "page and page_size are numbers from 1",
        );
    };
    let size = size.min(LARGEST_PAGE);
    let mut found: Vec<&Value> = records
        .iter()
        .filter(|record| query.iter().all(|(key, wanted)| holds(record, key, wanted)))
        .collect();
    if let Some(sort) = query.get("sort")
        && !order(&mut found, sort)
    {
        return failure(StatusCode::BAD_REQUEST, "sort: unknown property");
    }
    let total = found.len();
    let start = (page - 1).saturating_mul(size);
    if start > 0 && start >= total {
        return failure(StatusCode::NOT_FOUND, "no such page");
    }
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    let kept: String = query
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "page" | "page_size"))
        .map(|(key, value)| format!("&{key}={value}"))
        .collect();
    let link =
        |page: usize| format!("http://{host}/api/1/{listing}/?page={page}&page_size={size}{kept}");
    let data: Vec<&Value> = found.into_iter().skip(start).take(size).collect();
    let body = json!({
        "data": data,
        "next_page": (start + size < total).then(|| link(page + 1)),
        "page": page,
        "page_size": size,
        "previous_page": (page > 1).then(|| link(page - 1)),
        "total": total,
    });
    answer(StatusCode::OK, &body)
}

/// Whether a record passes a filter of the query string; what is no filter holds for all.
fn holds(record: &Value, key: &str, wanted: &str) -> bool {
    let has = |list: &Value| {
        list.as_array()
            .is_some_and(|items| items.iter().any(|item| item == wanted))
    };
    match key {
        "organization" => {
            record["organization"]["id"] == wanted || record["organization"]["slug"] == wanted
        }
        "tag" => has(&record["tags"]),
        "geozone" => has(&record["spatial"]["zones"]),
        "license" | "frequency" => record[key] == wanted,
        "q" => record["title"]
            .as_str()
            .is_some_and(|title| title.to_lowercase().contains(&wanted.to_lowercase())),
        _ => true,
    }
}

fn order(records: &mut [&Value], sort: &str) -> bool {
    let (property, descending) = match sort.strip_prefix('-') {
        Some(property) => (property, true),
        None => (sort, false),
    };
    let field = match property {
        "created" => "created_at",
        "last_update" => "last_update",
        "last_modified" => "last_modified",
        "title" => "title",
        _ => return false,
    };
    records.sort_by(|a, b| {
        let order = a[field].as_str().cmp(&b[field].as_str());
        if descending { order.reverse() } else { order }
    });
    true
}
