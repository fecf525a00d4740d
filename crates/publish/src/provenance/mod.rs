//! Where what is published of an entity comes from: `/dataset/ID/sources`, in every form.

pub(crate) mod nodes;
mod rdf;
mod told;

use std::sync::Arc;

use archive::EntityKey;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Response, header};
use model::{Checksum, EntityKind};

use crate::cache::Validators;
use crate::entity::asked;
use crate::failure::Failure;
use crate::lang::{self, Wanted};
use crate::lines::joined;
use crate::negotiate::{self, Form};
use crate::rdf::Format;
use crate::router::App;
use crate::{gone, stream, view};

type Shown = Result<Response<Body>, Failure>;

macro_rules! shown {
    ($($name:ident = $kind:ident),*) => {$(
        pub(crate) async fn $name(
            State(app): State<Arc<App>>,
            Path((id, part)): Path<(String, String)>,
            Query(wanted): Query<Wanted>,
            headers: HeaderMap,
        ) -> Shown {
            show(&app, EntityKind::$kind, &id, &part, &wanted, &headers).await
        }
    )*};
}

shown! { dataset = Dataset, series = DatasetSeries, service = DataService }

/// In what form it is shown. JSON is not JSON-LD here: it is made for programs that know no RDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Json,
    Form(Form),
}

/// What is offered, best first.
const OFFERS: &[(&str, Shape)] = &[
    ("text/turtle", Shape::Form(Form::Rdf(Format::Turtle))),
    (
        "application/rdf+xml",
        Shape::Form(Form::Rdf(Format::RdfXml)),
    ),
    (
        "application/ld+json",
        Shape::Form(Form::Rdf(Format::JsonLd)),
    ),
    (
        "application/n-triples",
        Shape::Form(Form::Rdf(Format::NTriples)),
    ),
    ("text/html", Shape::Form(Form::Html)),
    ("application/xhtml+xml", Shape::Form(Form::Html)),
    ("application/json", Shape::Json),
];

impl Shape {
    fn parse(extension: &str) -> Option<Self> {
        match extension {
            "json" => Some(Self::Json),
            _ => Form::parse(extension).map(Self::Form),
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Form(form) => form.extension(),
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form(form) => form.content_type(),
        }
    }
}

async fn show(
    app: &App,
    minted: EntityKind,
    id: &str,
    part: &str,
    wanted: &Wanted,
    headers: &HeaderMap,
) -> Shown {
    let (id, None) = asked(id)? else {
        return Err(Failure::not_found());
    };
    let shape = match part
        .strip_prefix("sources")
        .map(|rest| rest.strip_prefix('.'))
    {
        Some(Some(extension)) => Shape::parse(extension).ok_or_else(Failure::not_found)?,
        Some(None) if part == "sources" => {
            negotiate::best(headers, OFFERS).ok_or_else(Failure::not_acceptable)?
        }
        _ => return Err(Failure::not_found()),
    };
    let lang = lang::asked(wanted, headers)?;
    let key = EntityKey { minted, id };
    let entity = match app.site.archive.entity(key).await? {
        Some(row) if row.public => row.entity,
        row => {
            return match gone::moved(app, key, &format!("/{part}")).await? {
                Some(moved) => Ok(moved),
                None => Err(row.map_or_else(Failure::not_found, |_| gone::failure())),
            };
        }
    };
    // Of many records with long descriptions, it is as large as a page of the feed.
    let permit = app.feeds.clone().acquire_owned().await;
    let _permit = permit.map_err(|error| Failure::internal(&error))?;
    let told = told::Told::read(app, &entity).await?;
    let mut response = match shape {
        Shape::Form(Form::Html) => {
            let page = told.page(app, lang).await?;
            let mut response =
                view::answer(app.templates.render(app, "provenance.html", page)?, headers);
            lang::mark(lang, &mut response);
            response
        }
        Shape::Form(Form::Rdf(format)) => {
            let text = joined(rdf::lines(app, &told).await?);
            fixed(text, shape, headers, |text| {
                stream::body(text, format, None)
            })
        }
        Shape::Json => {
            let text = told.json(app).await?.to_string();
            fixed(text, shape, headers, Body::from)
        }
    };
    let path = format!(
        "{}/{}/{id}/sources.{}",
        app.root,
        minted.segment(),
        shape.extension()
    );
    response.headers_mut().extend(
        HeaderValue::from_str(&path)
            .ok()
            .map(|path| (header::CONTENT_LOCATION, path)),
    );
    Ok(response)
}

/// An answer that is known by its text and its form.
fn fixed(
    text: String,
    shape: Shape,
    headers: &HeaderMap,
    body: impl FnOnce(String) -> Body,
) -> Response<Body> {
    let tag = format!("{}\n{}", Checksum::of(text.as_bytes()), shape.extension());
    let validators = Validators::new(Checksum::of(tag.as_bytes()), None);
    if validators.hold(headers) {
        return validators.not_modified();
    }
    let mut response = Response::new(body(text));
    validators.set(response.headers_mut());
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(shape.content_type()),
    );
    response
}
