//! The OpenAPI 3.0 document of what answers in JSON, and a page that lists it.
//!
//! Made of one table of operations (`operations`). A test compares it with the routes as they are written: a route is either in the table,
//! or in the list of those that answer in other formats.

mod operations;
mod schemas;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, header};
use minijinja::context;
use model::Checksum;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cache::Validators;
use crate::failure::Failure;
use crate::router::App;
use crate::view::{answer, value};
use operations::{Operation, operations};

pub(crate) const MEDIA_TYPE: &str = "application/vnd.oai.openapi+json;version=3.0";

pub(crate) async fn document(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response<Body>, Failure> {
    let body = described(&app).to_string();
    let validators = Validators::new(Checksum::of(body.as_bytes()), None);
    if validators.hold(&headers) {
        return Ok(validators.not_modified());
    }
    let mut response = Response::new(Body::from(body));
    let set = response.headers_mut();
    set.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    validators.set(set);
    Ok(response)
}

#[derive(Serialize)]
struct Line {
    method: String,
    path: &'static str,
    summary: &'static str,
}

pub(crate) async fn page(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response<Body>, Failure> {
    let lines: Vec<Line> = served(&app)
        .map(|operation| Line {
            method: operation.method.to_uppercase(),
            path: operation.path,
            summary: operation.summary,
        })
        .collect();
    let html = app
        .templates
        .render(&app, "openapi.html", context! { lines => value(lines) })?;
    Ok(answer(html, &headers))
}

/// What this instance answers: not everything is turned on everywhere.
fn served(app: &App) -> impl Iterator<Item = Operation> {
    let ogc = app.site.ogc_records;
    operations()
        .into_iter()
        .filter(move |operation| ogc || !operation.path.starts_with("/ogc"))
}

fn described(app: &App) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in served(app) {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(operation.method.to_owned(), operation.described());
        }
    }
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": app.site.title,
            "description": app.site.description,
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [{ "url": app.site.minter.base().trim_end_matches('/') }],
        "paths": paths,
        "components": {
            "schemas": schemas::schemas(),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Pages, RDF, CSW, SPARQL, files: no JSON of our own.
    const OTHERS: &[&str] = &[
        "/",
        "/datasets",
        "/sources",
        "/sources/{id}/report",
        "/sources/{id}/report.html",
        "/sources/{id}/report.csv",
        "/sources/{id}/report.atom",
        "/sources/{id}/report.ttl",
        "/runs/{id}",
        "/explain",
        "/explain/{*rule}",
        "/catalog",
        "/catalogue",
        "/catalog.ttl",
        "/catalog.rdf",
        "/catalog.jsonld",
        "/catalog.nt",
        "/catalog/{name}",
        "/catalog/{kind}/{id}",
        "/catalog/territory/{class}/{code}",
        "/dataset/{id}",
        "/dataset/{id}/original",
        "/series/{id}",
        "/series/{id}/original",
        "/dataservice/{id}",
        "/dataservice/{id}/original",
        "/organisation/{id}",
        "/identity/proposals",
        "/identity/proposals.html",
        "/metrics",
        "/robots.txt",
        "/sitemap.xml",
        "/sitemap/{name}",
        "/favicon.ico",
        "/favicon.svg",
        "/assets/{name}",
        "/api.html",
        "/csw",
        "/csw/{kind}/{id}",
        "/feed",
        "/feed/index/{number}",
        "/feed/page/{number}",
        "/oai",
        "/queries",
        "/queries/{name}",
        "/rdf-graph-store",
        "/.well-known/void",
        // The same as without the slash.
        "/ogc/",
    ];

    /// The addresses of the routes, as the sources write them.
    fn routes() -> BTreeSet<String> {
        let sources = [include_str!("../router.rs"), include_str!("../ogc/mod.rs")];
        let path = |after: &str| {
            let (_, after) = after
                .trim_start()
                .split_at_checked(1)
                .filter(|(quote, _)| *quote == "\"")?;
            Some(after.split_once('"')?.0.to_owned())
        };
        sources
            .iter()
            .flat_map(|source| source.split(".route(").skip(1))
            .filter_map(path)
            .collect()
    }

    #[test]
    fn every_route_is_described_or_named_as_one_of_another_format() {
        // What stands under a part of an entity is known by its extension.
        let described: BTreeSet<String> = operations()
            .iter()
            .map(|operation| operation.path.replace("/sources.json", "/{sources}"))
            .collect();
        let others: BTreeSet<String> = OTHERS.iter().map(|path| (*path).to_owned()).collect();
        let known: BTreeSet<String> = described.union(&others).cloned().collect();
        assert!(routes().len() > 50, "routes are read from the sources");
        assert_eq!(routes(), known);
        assert!(described.is_disjoint(&others));
    }

    #[test]
    fn every_reference_leads_to_a_schema_and_every_operation_has_a_name_of_its_own() {
        let schemas = schemas::schemas();
        let mut names = BTreeSet::new();
        for operation in operations() {
            let text = operation.described().to_string();
            for reference in text.split("#/components/schemas/").skip(1) {
                let name = reference.split('"').next().unwrap_or_default();
                assert!(schemas.get(name).is_some(), "{name}");
            }
            assert!(names.insert(operation.id()), "{}", operation.path);
            for name in operation.path.split('{').skip(1) {
                let name = name.split('}').next().unwrap_or_default();
                assert!(
                    text.contains(&format!("\"name\":\"{name}\"")),
                    "{name} of {}",
                    operation.path
                );
            }
        }
    }
}
