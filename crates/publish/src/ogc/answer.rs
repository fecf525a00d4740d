//! Forms of answers, and which one is asked for: by `f`, else by `Accept`.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use model::Checksum;
use serde_json::Value;

use super::params::{bad, pairs};
use crate::cache::Validators;
use crate::failure::Failure;
use crate::negotiate;

pub(super) const CATALOG: &str = "application/ogc-catalog+json";
pub(super) const GEOJSON: &str = "application/geo+json";
const SCHEMA: &str = "application/schema+json";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    GeoJson,
    Catalog,
    Schema,
    Html,
}

/// What an address shows, which says in which forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Json,
    Catalog,
    Records,
    Schema,
}

impl Shape {
    /// Best first.
    fn offers(self) -> &'static [(&'static str, Form)] {
        match self {
            Self::Json => &[("application/json", Form::Json), ("text/html", Form::Html)],
            Self::Catalog => &[
                (CATALOG, Form::Catalog),
                ("application/json", Form::Json),
                ("text/html", Form::Html),
            ],
            Self::Records => &[
                (GEOJSON, Form::GeoJson),
                ("application/json", Form::Json),
                ("text/html", Form::Html),
            ],
            Self::Schema => &[
                (SCHEMA, Form::Schema),
                ("application/json", Form::Json),
                ("text/html", Form::Html),
            ],
        }
    }
}

impl Form {
    /// Of an address that knows these parameters beside `f`.
    pub fn asked(
        query: &Option<String>,
        known: &[&str],
        shape: Shape,
        headers: &HeaderMap,
    ) -> Result<Self, Failure> {
        let known: Vec<&str> = known.iter().copied().chain(["f"]).collect();
        let pairs = pairs(query.as_deref().unwrap_or_default(), &known)?;
        let f = pairs.iter().find(|(name, _)| name == "f");
        Self::of(f.map(|(_, value)| value.as_str()), shape, headers)
    }

    pub fn of(f: Option<&str>, shape: Shape, headers: &HeaderMap) -> Result<Self, Failure> {
        match (f, shape) {
            (Some("html"), _) => Ok(Self::Html),
            (Some("json"), _) => Ok(Self::Json),
            (Some("geojson"), Shape::Records) => Ok(Self::GeoJson),
            (None | Some(""), _) => {
                negotiate::best(headers, shape.offers()).ok_or_else(|| not_acceptable(shape))
            }
            (Some(_), Shape::Records) => Err(bad("f", "there are json, geojson and html")),
            (Some(_), _) => Err(bad("f", "there are json and html")),
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::GeoJson => GEOJSON,
            Self::Catalog => CATALOG,
            Self::Schema => SCHEMA,
            Self::Html => "text/html",
        }
    }
}

fn not_acceptable(shape: Shape) -> Failure {
    let names: Vec<&str> = shape.offers().iter().map(|(name, _)| *name).collect();
    Failure::new(
        StatusCode::NOT_ACCEPTABLE,
        format!("this is offered as {}", names.join(", ")),
        "Cette ressource existe en JSON et en HTML.",
    )
    .with(header::VARY, "accept")
}

pub(super) fn json(value: &Value, content_type: &'static str, request: &HeaderMap) -> super::Shown {
    let body = value.to_string();
    let checksum = Checksum::of(body.as_bytes());
    Ok(text(body, checksum, content_type, request))
}

/// A body that is known by a checksum of what counts in it.
pub(super) fn text(
    body: String,
    checksum: Checksum,
    content_type: &'static str,
    request: &HeaderMap,
) -> Response<Body> {
    // One representation, one tag.
    let tagged = Checksum::of(format!("{checksum}\n{content_type}").as_bytes());
    let validators = Validators::new(tagged, None);
    if validators.hold(request) {
        return validators.not_modified();
    }
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    validators.set(headers);
    response
}
