//! OGC API - Records, Part 1 (20-004r1): a searchable catalogue, as a whole and in parts.

mod answer;
mod collections;
mod cql2;
mod items;
mod pages;
mod params;
mod queryables;
mod record;

use std::sync::Arc;

use archive::EntityKey;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::routing::get;
use model::EntityKind;
use serde_json::json;
use uuid::Uuid;

use crate::failure::Failure;
use crate::openapi;
use crate::router::App;
use answer::{Form, Shape};
use collections::Collection;

type Shown = Result<Response<Body>, Failure>;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/ogc", get(landing))
        // Clients that join addresses ask with a slash.
        .route("/ogc/", get(landing))
        .route("/ogc/conformance", get(conformance))
        .route("/ogc/collections", get(collections::list))
        .route("/ogc/collections/{collection}", get(collections::one))
        .route("/ogc/collections/{collection}/items", get(items::list))
        .route(
            "/ogc/collections/{collection}/items/{record}",
            get(record::one),
        )
        .route("/ogc/collections/{collection}/queryables", get(queryables))
        .route("/ogc/collections/{collection}/sortables", get(sortables))
}

#[rustfmt::skip]
const CONFORMANCE: &[&str] = &[
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/searchable-catalog",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/searchable-catalog-sorting",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/searchable-catalog-filtering",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/records-api",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core-query-parameters",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-collection",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/sorting",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/oas30",
];

/// The keys that an identifier may be of: its kind is not a part of it.
fn keys_of(id: Uuid) -> Vec<EntityKey> {
    let kinds = [
        EntityKind::Dataset,
        EntityKind::DataService,
        EntityKind::DatasetSeries,
    ];
    kinds.map(|minted| EntityKey { minted, id }).to_vec()
}

/// The public address of something below `/ogc`.
fn address(app: &App, path: &str) -> String {
    format!("{}ogc{path}", app.site.minter.base())
}

pub(crate) fn index(app: &App) -> Result<&search::Index, Failure> {
    app.site.search.as_ref().ok_or_else(|| {
        Failure::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "this wants the search index, which is not there: the operator has it kept by `[search] enabled = true`",
            "L’index de recherche manque : l’exploitant le fait tenir à jour par `[search] enabled = true`.",
        )
        .with(header::RETRY_AFTER, "60")
    })
}

async fn landing(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Shown {
    let form = Form::asked(&query, &[], Shape::Json, &headers)?;
    if form == Form::Html {
        return pages::landing(&app, &headers);
    }
    let base = app.site.minter.base();
    let link = |rel: &str, media: &str, href: String, title: &str| json!({ "rel": rel, "type": media, "href": href, "title": title });
    let links = [
        link("self", "application/json", address(&app, ""), "Ce document"),
        link(
            "alternate",
            "text/html",
            address(&app, "?f=html"),
            "Cette page",
        ),
        link(
            "service-desc",
            openapi::MEDIA_TYPE,
            format!("{base}api"),
            "Description de l’API",
        ),
        link(
            "service-doc",
            "text/html",
            format!("{base}api.html"),
            "Description de l’API",
        ),
        link(
            "conformance",
            "application/json",
            address(&app, "/conformance"),
            "Classes de conformité",
        ),
        link(
            "data",
            "application/json",
            address(&app, "/collections"),
            "Catalogues",
        ),
        link(
            "http://www.opengis.net/def/rel/ogc/1.0/ogc-catalog",
            answer::CATALOG,
            address(&app, "/collections/catalogue"),
            "Le catalogue entier",
        ),
        link(
            "alternate",
            "text/turtle",
            format!("{base}catalog.ttl"),
            "Flux DCAT-AP",
        ),
    ];
    answer::json(
        &json!({ "title": app.site.title, "description": app.site.description, "links": links }),
        "application/json",
        &headers,
    )
}

async fn conformance(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Shown {
    match Form::asked(&query, &[], Shape::Json, &headers)? {
        Form::Html => pages::conformance(&app, &headers),
        _ => answer::json(
            &json!({ "conformsTo": CONFORMANCE }),
            "application/json",
            &headers,
        ),
    }
}

async fn queryables(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Shown {
    properties(&app, &id, false, &query, &headers).await
}

async fn sortables(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Shown {
    properties(&app, &id, true, &query, &headers).await
}

async fn properties(
    app: &App,
    id: &str,
    sortable: bool,
    query: &Option<String>,
    headers: &HeaderMap,
) -> Shown {
    let collection = Collection::find(app, id).await?;
    match Form::asked(query, &[], Shape::Schema, headers)? {
        Form::Html => pages::properties(app, &collection, sortable, headers),
        form => {
            let name = if sortable { "sortables" } else { "queryables" };
            let address = address(app, &format!("/collections/{}/{name}", collection.id));
            let schema = queryables::schema(&address, collection.title(app), sortable);
            answer::json(&schema, form.content_type(), headers)
        }
    }
}
