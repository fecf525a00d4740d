//! One record: as a feature, with the links that its place in the catalogue gives it.

use std::sync::Arc;

use archive::EntityKey;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use chrono::{SecondsFormat, Utc};
use represent::{Context, Graph};
use search::{Field, Filter, Search};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::answer::{self, CATALOG, Form, GEOJSON, Shape};
use super::collections::{Collection, WHOLE};
use super::{Shown, index, keys_of};
use crate::document::Texts;
use crate::failure::Failure;
use crate::gone;
use crate::router::App;

pub(super) async fn one(
    State(app): State<Arc<App>>,
    Path((collection, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Shown {
    let form = Form::asked(&query, &[], Shape::Records, &headers)?;
    let collection = Collection::find(&app, &collection).await?;
    let Ok(uuid) = Uuid::try_parse(&id) else {
        let key = named(&app, &collection, &id).await?;
        return leads_to(
            &collection.address(&app, &format!("/items/{}", key.id)),
            StatusCode::SEE_OTHER,
        );
    };
    let key = match published(&app, uuid).await? {
        Known::Here(key) => key,
        Known::Moved(into) => {
            let address = collection.address(&app, &format!("/items/{}", into.id));
            return leads_to(&address, StatusCode::MOVED_PERMANENTLY);
        }
        Known::Gone => return Err(gone::failure()),
    };
    // Whatever is a record is one of the whole catalogue, be it not in the index yet.
    if collection.id != WHOLE
        && !holds(&app, &collection, Filter::Ids(vec![key]))
            .await?
            .contains(&key)
    {
        return Err(Failure::not_found());
    }
    if form == Form::Html {
        let page = format!("{}/{}/{}.html", app.root, key.minted.segment(), key.id);
        return leads_to(&page, StatusCode::SEE_OTHER);
    }
    let texts = Texts::read(&app.site.archive, app.site.minter.base(), &[key]).await?;
    let record = feature(&app, &collection, &texts, key).ok_or_else(Failure::not_found)?;
    answer::json(&record, form.content_type(), &headers)
}

enum Known {
    Here(EntityKey),
    Moved(EntityKey),
    Gone,
}

async fn published(app: &App, id: Uuid) -> Result<Known, Failure> {
    let archive = &app.site.archive;
    let mut known = None;
    for key in keys_of(id) {
        match archive.entity(key).await? {
            Some(row) if row.public => return Ok(Known::Here(key)),
            Some(_) => known = Some(key),
            None => {}
        }
        if let Some(into) = archive.merged_into(key).await? {
            return Ok(Known::Moved(into));
        }
    }
    known.map(|_| Known::Gone).ok_or_else(Failure::not_found)
}

/// The record that has an identifier of its owner, if it is the only one.
async fn named(app: &App, collection: &Collection, id: &str) -> Result<EntityKey, Failure> {
    if id.len() > search::MAX_CONSTANT {
        return Err(Failure::not_found());
    }
    let holds = holds(app, collection, Filter::eq(Field::Identifier, id)).await?;
    match holds.as_slice() {
        [one] => Ok(*one),
        _ => Err(Failure::not_found()),
    }
}

/// Of terms of the index: quick, but where many search, it waits for them.
async fn holds(
    app: &App,
    collection: &Collection,
    filter: Filter,
) -> Result<Vec<EntityKey>, Failure> {
    let mut search = Search::new(collection.scope.filter.clone().and(filter), Utc::now());
    search.limit = 2;
    let snapshot = index(app)?.snapshot();
    let found = tokio::task::spawn_blocking(move || snapshot.search(&search));
    let found = found.await.map_err(|error| Failure::internal(&error))?;
    let found = found.map_err(|error| Failure::internal(&error))?;
    Ok(found.hits.iter().map(|hit| hit.key).collect())
}

fn leads_to(address: &str, status: StatusCode) -> Shown {
    let mut response = Response::new(axum::body::Body::empty());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let address = HeaderValue::from_str(address).map_err(|error| Failure::internal(&error))?;
    headers.insert(header::LOCATION, address);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

/// `None` for what is withdrawn.
pub(super) fn feature(
    app: &App,
    collection: &Collection,
    texts: &Texts,
    key: EntityKey,
) -> Option<Value> {
    let document = texts.documents.get(&key)?;
    let base = app.site.minter.base();
    let (iri, id) = (key.iri(base), key.id.to_string());
    let text = texts.of(base, document);
    let changed = document
        .entity
        .changed
        .to_rfc3339_opts(SecondsFormat::Secs, true);
    let context = Context {
        identifier: &id,
        changed: Some(&changed),
        language: &app.site.language,
        publisher: &app.site.publisher,
        home: base,
        linked: &|_| None,
    };
    let graph = Graph::read(&text);
    let mut record = represent::ogc_record::record(&graph, &iri, &context)?;
    link(app, collection, &mut record, &iri, &id);
    Some(Value::Object(record))
}

/// Itself, its catalogue, its other forms, what its source wrote.
fn link(app: &App, collection: &Collection, record: &mut Map<String, Value>, iri: &str, id: &str) {
    let Some(Value::Array(links)) = record.get_mut("links") else {
        return;
    };
    let mut add = |rel: &str, media: &str, href: String, title: &str| {
        links.push(json!({ "rel": rel, "type": media, "href": href, "title": title }));
    };
    add(
        "self",
        GEOJSON,
        collection.address(app, &format!("/items/{id}")),
        "Cette fiche",
    );
    add(
        "collection",
        CATALOG,
        collection.address(app, ""),
        collection.title(app),
    );
    add(
        "alternate",
        "text/html",
        format!("{iri}.html"),
        "La fiche, pour les personnes",
    );
    add(
        "alternate",
        "text/turtle",
        format!("{iri}.ttl"),
        "DCAT-AP, en Turtle",
    );
    add(
        "alternate",
        "application/ld+json",
        format!("{iri}.jsonld"),
        "DCAT-AP, en JSON-LD",
    );
    if app.site.csw {
        let address = format!(
            "{}csw?service=CSW&version=2.0.2&request=GetRecordById&outputSchema=http%3A%2F%2Fwww.isotc211.org%2F2005%2Fgmd&elementSetName=full&id={id}",
            app.site.minter.base()
        );
        add(
            "alternate",
            "application/xml",
            address,
            "ISO 19139, par CSW",
        );
    }
    add(
        "http://www.w3.org/ns/prov#wasDerivedFrom",
        "application/octet-stream",
        format!("{iri}/original"),
        "La fiche d’origine",
    );
    for (rel, href) in [
        ("canonical", iri),
        (
            "profile",
            "http://www.opengis.net/def/profile/OGC/0/ogc-record",
        ),
    ] {
        links.push(json!({ "rel": rel, "href": href }));
    }
}
