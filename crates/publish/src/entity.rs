//! Entities under their own IRIs.

use std::sync::Arc;

use archive::{EntityKey, PublishedEntity};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use model::ns::{adms, prov, rdfs};
use model::{Checksum, EntityKind};
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, NamedNodeRef};
use uuid::Uuid;

use crate::cache::Validators;
use crate::failure::Failure;
use crate::layers::alternates;
use crate::lines::{joined, line};
use crate::negotiate::{self, Form};
use crate::router::App;
use crate::{clock, document, stream, view};

macro_rules! shown {
    ($($name:ident = $kind:ident),*) => {$(
        pub(crate) async fn $name(
            State(app): State<Arc<App>>,
            Path(id): Path<String>,
            headers: HeaderMap,
        ) -> Result<Response<Body>, Failure> {
            show(&app, EntityKind::$kind, &id, &headers).await
        }
    )*};
}

shown! { dataset = Dataset, series = DatasetSeries, service = DataService, organisation = Organisation }

macro_rules! originals {
    ($($name:ident = $kind:ident),*) => {$(
        pub(crate) async fn $name(
            State(app): State<Arc<App>>,
            Path(id): Path<String>,
            headers: HeaderMap,
        ) -> Result<Response<Body>, Failure> {
            original(&app, EntityKind::$kind, &id, &headers).await
        }
    )*};
}

originals! { original_dataset = Dataset, original_series = DatasetSeries, original_service = DataService }

async fn show(
    app: &App,
    minted: EntityKind,
    segment: &str,
    headers: &HeaderMap,
) -> Result<Response<Body>, Failure> {
    let (id, form) = asked(segment)?;
    let key = EntityKey { minted, id };
    let form = match form {
        Some(form) => form,
        None => negotiate::choose(headers).ok_or_else(Failure::not_acceptable)?,
    };
    let row = app.site.archive.entity(key).await?;
    let row = row.ok_or_else(Failure::not_found)?;
    let mut response = if row.public {
        present(app, row.entity, form, headers).await?
    } else {
        gone(app, key, form).await?
    };
    let path = |form: Form| {
        format!(
            "{}/{}/{id}.{}",
            app.root,
            minted.segment(),
            form.extension()
        )
    };
    let headers = response.headers_mut();
    headers.extend(
        HeaderValue::from_str(&path(form))
            .ok()
            .map(|path| (header::CONTENT_LOCATION, path)),
    );
    alternates(headers, |form| Some(path(form)));
    Ok(response)
}

/// The identifier, and the form if its extension is there.
fn asked(segment: &str) -> Result<(Uuid, Option<Form>), Failure> {
    let (id, form) = match segment.split_once('.') {
        None => (segment, None),
        Some((id, extension)) => {
            let form = Form::parse(extension).ok_or_else(Failure::not_found)?;
            (id, Some(form))
        }
    };
    let uuid = Uuid::try_parse(id)
        .ok()
        // An entity has one IRI: other spellings of its identifier are none.
        .filter(|uuid| uuid.to_string() == id)
        .ok_or_else(Failure::not_found)?;
    Ok((uuid, form))
}

async fn present(
    app: &App,
    entity: PublishedEntity,
    form: Form,
    headers: &HeaderMap,
) -> Result<Response<Body>, Failure> {
    let archive = &app.site.archive;
    let gathered = document::gather(archive, app.site.minter.base(), vec![entity.clone()]).await?;
    let changed = gathered.changed;
    let text = gathered.into_text();
    match form {
        Form::Rdf(format) => {
            let checksum = format!("{}\n{}", Checksum::of(text.as_bytes()), format.extension());
            let validators = Validators::new(Checksum::of(checksum.as_bytes()), changed);
            if validators.hold(headers) {
                return Ok(validators.not_modified());
            }
            let mut response = Response::new(stream::body(text, format, None));
            validators.set(response.headers_mut());
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(format.content_type()),
            );
            Ok(response)
        }
        Form::Html => view::entity::page(app, &entity, &text, headers).await,
    }
}

/// What is left of an entity that was withdrawn: that it was here, and until when.
async fn gone(app: &App, key: EntityKey, form: Form) -> Result<Response<Body>, Failure> {
    let at = app.site.archive.withdrawn_at(key).await?;
    let mut response = match form {
        Form::Rdf(format) => {
            let text = tombstone(&key.iri(app.site.minter.base()), at);
            let mut response = Response::new(stream::body(text, format, None));
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(format.content_type()),
            );
            response
        }
        Form::Html => {
            let html = app.templates.gone(app, at.map(clock::moment))?;
            axum::response::Html(html).into_response()
        }
    };
    *response.status_mut() = StatusCode::GONE;
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

fn tombstone(iri: &str, at: Option<DateTime<Utc>>) -> String {
    let entity = NamedNode::new_unchecked(iri);
    let comment = Literal::new_language_tagged_literal_unchecked("Retiré du catalogue", "fr");
    let mut lines = vec![
        line(entity.as_ref(), rdf::TYPE, prov::ENTITY),
        line(entity.as_ref(), rdfs::COMMENT, &comment),
        line(entity.as_ref(), adms::STATUS, WITHDRAWN),
    ];
    lines.extend(at.map(|at| {
        let at = at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let at = Literal::new_typed_literal(at, xsd::DATE_TIME);
        line(entity.as_ref(), INVALIDATED_AT_TIME, &at)
    }));
    joined(lines)
}

const WITHDRAWN: NamedNodeRef<'static> = NamedNodeRef::new_unchecked(
    "http://publications.europa.eu/resource/authority/dataset-status/WITHDRAWN",
);
/// <https://www.w3.org/TR/prov-o/#invalidatedAtTime>
const INVALIDATED_AT_TIME: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/ns/prov#invalidatedAtTime");

/// The record as it was fetched. A browser must not take it for a page of this site.
async fn original(
    app: &App,
    minted: EntityKind,
    id: &str,
    headers: &HeaderMap,
) -> Result<Response<Body>, Failure> {
    let (id, None) = asked(id)? else {
        return Err(Failure::not_found());
    };
    let key = EntityKey { minted, id };
    let archive = &app.site.archive;
    let entity = archive.entity(key).await?.ok_or_else(Failure::not_found)?;
    if !entity.public {
        return Err(Failure::new(
            StatusCode::GONE,
            "this entity was withdrawn from the catalogue",
            "Cette fiche a été retirée du catalogue.",
        ));
    }
    let record = archive.raw_record_of(key).await?;
    let record = record.ok_or_else(Failure::not_found)?;
    let body = record
        .body
        .unpack()
        .map_err(|error| Failure::internal(&error))?;
    let validators = Validators::new(Checksum::of(&body), Some(record.fetched));
    if validators.hold(headers) {
        return Ok(validators.not_modified());
    }
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    validators.set(headers);
    for (name, value) in [
        (header::CONTENT_TYPE, record.format.media_type()),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}
