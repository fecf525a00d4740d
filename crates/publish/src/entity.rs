//! Entities under their own IRIs.

use std::sync::Arc;

use archive::{EntityKey, PublishedEntity, RecordKey};
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use model::{Checksum, EntityKind, RecordId, SourceId};
use serde::Deserialize;
use uuid::Uuid;

use crate::cache::Validators;
use crate::failure::Failure;
use crate::layers::alternates;
use crate::negotiate::{self, Form};
use crate::profile::Profile;
use crate::router::App;
use crate::{document, gone, stream, view};

macro_rules! shown {
    ($($name:ident = $kind:ident),*) => {$(
        pub(crate) async fn $name(
            State(app): State<Arc<App>>,
            Path(id): Path<String>,
            Query(shape): Query<Shape>,
            headers: HeaderMap,
        ) -> Result<Response<Body>, Failure> {
            show(&app, EntityKind::$kind, &id, &shape, &headers).await
        }
    )*};
}

shown! { dataset = Dataset, series = DatasetSeries, service = DataService, organisation = Organisation }

#[derive(Debug, Deserialize)]
pub(crate) struct Shape {
    profile: Option<String>,
}

macro_rules! originals {
    ($($name:ident = $kind:ident),*) => {$(
        pub(crate) async fn $name(
            State(app): State<Arc<App>>,
            Path(id): Path<String>,
            Query(wanted): Query<Wanted>,
            headers: HeaderMap,
        ) -> Result<Response<Body>, Failure> {
            original(&app, EntityKind::$kind, &id, &wanted, &headers).await
        }
    )*};
}

originals! { original_dataset = Dataset, original_series = DatasetSeries, original_service = DataService }

async fn show(
    app: &App,
    minted: EntityKind,
    segment: &str,
    shape: &Shape,
    headers: &HeaderMap,
) -> Result<Response<Body>, Failure> {
    let (id, form) = asked(segment)?;
    let profiles = Profile::ranked(shape.profile.as_deref(), headers)?;
    let mut profile = profiles.first().copied().unwrap_or_default();
    let key = EntityKey { minted, id };
    let form = match form {
        Some(form) => form,
        None => negotiate::choose(headers).ok_or_else(Failure::not_acceptable)?,
    };
    let row = app.site.archive.entity(key).await?;
    let row = match row {
        Some(row) if row.public => row,
        row => {
            let extension = segment.split_once('.').map(|(_, extension)| extension);
            let mut rest = extension.map_or_else(String::new, |extension| format!(".{extension}"));
            // Whoever asked by the address goes on in the profile; a header is sent again.
            if let (Some(_), Some(name)) = (&shape.profile, profile.name()) {
                rest.push_str(&format!("?profile={name}"));
            }
            if let Some(moved) = gone::moved(app, key, &rest).await? {
                return Ok(moved);
            }
            row.ok_or_else(Failure::not_found)?
        }
    };
    let (mut response, held) = if row.public {
        let (response, held, chosen) = present(app, row.entity, form, &profiles, headers).await?;
        profile = chosen;
        (response, Some(held))
    } else {
        (gone::tombstone(app, &row.entity, form).await?, None)
    };
    let path = |form: Form, profile: Profile| {
        let query = match (form, profile.name()) {
            (Form::Rdf(_), Some(name)) => format!("?profile={name}"),
            _ => String::new(),
        };
        format!(
            "{}/{}/{id}.{}{query}",
            app.root,
            minted.segment(),
            form.extension()
        )
    };
    if minted != EntityKind::Organisation && response.status() == StatusCode::OK {
        gone::has_provenance(app, key, response.headers_mut());
    }
    let headers = response.headers_mut();
    headers.extend(
        HeaderValue::from_str(&path(form, profile))
            .ok()
            .map(|path| (header::CONTENT_LOCATION, path)),
    );
    alternates(headers, |form| Some(path(form, profile)));
    if let Form::Rdf(format) = form
        && let Some(held) = held
    {
        profile.links(headers, format, |other| {
            let is_held = held.contains(&other);
            is_held.then(|| path(form, other))
        });
    } else {
        Profile::varies(headers);
    }
    Ok(response)
}

/// The identifier, and the form if its extension is there.
pub(crate) fn asked(segment: &str) -> Result<(Uuid, Option<Form>), Failure> {
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

/// The answer, the profiles that have the entity, and that of the answer: the first of those wanted that has it.
async fn present(
    app: &App,
    entity: PublishedEntity,
    form: Form,
    profiles: &[Profile],
    headers: &HeaderMap,
) -> Result<(Response<Body>, Vec<Profile>, Profile), Failure> {
    let archive = &app.site.archive;
    let base = app.site.minter.base();
    let gathered = document::gather(archive, base, vec![entity.clone()]).await?;
    let changed = gathered.changed;
    let text = gathered.into_text();
    let held = Profile::holding(entity.kind, &entity.key.iri(base), &text);
    let best = profiles.first().copied().unwrap_or_default();
    let Form::Rdf(format) = form else {
        let page = view::entity::page(app, &entity, &text, headers).await?;
        return Ok((page, held, best));
    };
    let Some(profile) = profiles.iter().copied().find(|one| held.contains(one)) else {
        return Err(best.lacks());
    };
    let text = profile.of(text);
    let checksum = format!("{}\n{}", Checksum::of(text.as_bytes()), format.extension());
    let validators = Validators::new(Checksum::of(checksum.as_bytes()), changed);
    if validators.hold(headers) {
        return Ok((validators.not_modified(), held, profile));
    }
    let mut response = Response::new(stream::body(text, format, None));
    validators.set(response.headers_mut());
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(format.content_type()),
    );
    Ok((response, held, profile))
}

/// Which record of an entity: all have one, and some have several.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    source: Option<String>,
    record: Option<String>,
}

impl Wanted {
    fn read(&self) -> Result<Option<(SourceId, RecordId)>, Failure> {
        match (&self.source, &self.record) {
            (None, None) => Ok(None),
            (Some(source), Some(record)) => {
                let source = SourceId::new(source).map_err(|_| Failure::not_found())?;
                Ok(Some((source, RecordId::new(record.as_str()))))
            }
            _ => Err(Failure::bad_request(
                "a record is named by `source` and `record` together",
            )),
        }
    }
}

/// The record as it was fetched. A browser must not take it for a page of this site.
async fn original(
    app: &App,
    minted: EntityKind,
    id: &str,
    wanted: &Wanted,
    headers: &HeaderMap,
) -> Result<Response<Body>, Failure> {
    let (id, None) = asked(id)? else {
        return Err(Failure::not_found());
    };
    let key = EntityKey { minted, id };
    let wanted = wanted.read()?;
    let archive = &app.site.archive;
    let entity = archive.entity(key).await?;
    if !entity.as_ref().is_some_and(|entity| entity.public) {
        let rest = match &wanted {
            Some((source, record)) => ::provenance::original(source, record),
            None => "/original".to_owned(),
        };
        if let Some(moved) = gone::moved(app, key, &rest).await? {
            return Ok(moved);
        }
        return Err(entity.map_or_else(Failure::not_found, |_| gone::failure()));
    }
    let wanted = wanted.map(|(source, record)| RecordKey::new(&source, &record));
    let record = archive.original(key, wanted).await?;
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
