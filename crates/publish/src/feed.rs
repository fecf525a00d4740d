//! The DCAT-AP feed, in pages: <https://www.hydra-cg.com/spec/latest/core/#collections>

use std::sync::Arc;

use archive::{ArchiveError, Counts, EntityKey, PublishedEntity};
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use model::ns::{dcat, dcterms, foaf, hydra};
use model::{Checksum, EntityKind};
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode};
use serde::Deserialize;
use uuid::Uuid;

use crate::cache::Validators;
use crate::document;
use crate::failure::Failure;
use crate::layers::alternates;
use crate::lines::line;
use crate::negotiate::{self, Form};
use crate::rdf::Format;
use crate::router::App;
use crate::stream;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    page_size: Option<String>,
    after: Option<String>,
}

/// A part of the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    size: u32,
    after: Option<EntityKey>,
}

const DEFAULT_SIZE: u32 = 100;
const MAX_SIZE: u32 = 1000;

/// The kinds that are listed, in the order of their IRIs.
const LISTED: [EntityKind; 3] = [
    EntityKind::DataService,
    EntityKind::Dataset,
    EntityKind::DatasetSeries,
];

/// `/catalog` and the catalogue's own IRI: in the form that the client prefers.
pub(crate) async fn negotiated(
    State(app): State<Arc<App>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response<Body>, Failure> {
    match negotiate::choose(&headers).ok_or_else(Failure::not_acceptable)? {
        Form::Html => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::SEE_OTHER;
            let home = format!("{}/", app.root);
            response.headers_mut().extend(
                HeaderValue::from_str(&home)
                    .ok()
                    .map(|home| (header::LOCATION, home)),
            );
            Ok(response)
        }
        Form::Rdf(format) => feed(&app, format, &wanted, &headers).await,
    }
}

macro_rules! in_format {
    ($($name:ident = $format:ident),*) => {$(
        pub(crate) async fn $name(
            State(app): State<Arc<App>>,
            Query(wanted): Query<Wanted>,
            headers: HeaderMap,
        ) -> Result<Response<Body>, Failure> {
            feed(&app, Format::$format, &wanted, &headers).await
        }
    )*};
}

in_format! { turtle = Turtle, rdf_xml = RdfXml, json_ld = JsonLd, n_triples = NTriples }

async fn feed(
    app: &App,
    format: Format,
    wanted: &Wanted,
    headers: &HeaderMap,
) -> Result<Response<Body>, Failure> {
    let part = Part::of(wanted)?;
    // Read before the data: an answer may be newer than its tag says, never older.
    let (seq, changed) = match app.site.archive.last_change().await? {
        Some((seq, at)) => (seq, Some(at)),
        None => (0, None),
    };
    let address = part.address(app.site.minter.base(), format);
    let validators = Validators::new(
        Checksum::of(format!("{seq}\n{address}\n{}", app.edition).as_bytes()),
        changed,
    );
    if validators.hold(headers) {
        return Ok(validators.not_modified());
    }
    let permit = app.feeds.clone().acquire_owned().await;
    let permit = permit.map_err(|error| Failure::internal(&error))?;
    let (entities, next) = entities(app, part).await?;
    let counts = app.counts().await?;
    let mut page = document::gather(&app.site.archive, app.site.minter.base(), entities).await?;
    page.lines.extend(catalogue(app));
    page.lines.extend(view(app, part, next, format, &counts));
    let mut response = Response::new(stream::body(page.into_text(), format, Some(permit)));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(format.content_type()),
    );
    let location = part.address(&format!("{}/", app.root), format);
    headers.extend(
        HeaderValue::from_str(&location)
            .ok()
            .map(|location| (header::CONTENT_LOCATION, location)),
    );
    alternates(headers, |form| match form {
        Form::Html => None,
        Form::Rdf(format) => Some(part.address(&format!("{}/", app.root), format)),
    });
    validators.set(headers);
    Ok(response)
}

/// The entities of a part, and where the next one begins.
async fn entities(
    app: &App,
    part: Part,
) -> Result<(Vec<PublishedEntity>, Option<EntityKey>), ArchiveError> {
    let wanted = part.size as usize + 1;
    let mut entities: Vec<PublishedEntity> = Vec::with_capacity(wanted);
    for kind in LISTED {
        let after = match part.after {
            Some(after) if kind.segment() < after.minted.segment() => continue,
            Some(after) if kind == after.minted => Some(after.id),
            _ => None,
        };
        let room = u32::try_from(wanted - entities.len()).unwrap_or(0);
        if room > 0 {
            entities.extend(app.site.archive.page(kind, after, room).await?);
        }
    }
    let more = entities.len() == wanted;
    entities.truncate(part.size as usize);
    let next = entities.last().map(|last| last.key).filter(|_| more);
    Ok((entities, next))
}

/// What is said of the catalogue itself, as it is in the graph.
pub(crate) fn catalogue(app: &App) -> Vec<String> {
    let site = &app.site;
    let catalogue = site.minter.catalogue();
    let publisher = NamedNode::new_unchecked(format!("{}#publisher", catalogue.as_str()));
    let text = |value: &str| {
        Literal::new_language_tagged_literal(value, &site.language)
            .unwrap_or_else(|_| Literal::new_simple_literal(value))
    };
    let own = catalogue.as_ref();
    vec![
        line(own, rdf::TYPE, dcat::CATALOG_CLASS),
        line(own, dcterms::TITLE, &text(&site.title)),
        line(own, dcterms::DESCRIPTION, &text(&site.description)),
        line(own, dcterms::PUBLISHER, &publisher),
        line(publisher.as_ref(), rdf::TYPE, foaf::AGENT),
        line(publisher.as_ref(), foaf::NAME, &text(&site.publisher)),
    ]
}

/// This page, the first and the next.
fn view(
    app: &App,
    part: Part,
    next: Option<EntityKey>,
    format: Format,
    counts: &Counts,
) -> Vec<String> {
    let catalogue = app.site.minter.catalogue();
    let total = counts.datasets + counts.series + counts.services;
    let total = Literal::new_typed_literal(total.to_string(), xsd::INTEGER);
    let page = |after: Option<EntityKey>| {
        let part = Part { after, ..part };
        NamedNode::new_unchecked(part.address(app.site.minter.base(), format))
    };
    let this = page(part.after);
    let mut lines = vec![
        line(catalogue.as_ref(), rdf::TYPE, hydra::COLLECTION),
        line(catalogue.as_ref(), hydra::TOTAL_ITEMS, &total),
        line(catalogue.as_ref(), hydra::VIEW, &this),
        line(this.as_ref(), rdf::TYPE, hydra::PARTIAL_COLLECTION_VIEW),
        line(this.as_ref(), hydra::FIRST, &page(None)),
    ];
    lines.extend(next.map(|next| line(this.as_ref(), hydra::NEXT, &page(Some(next)))));
    lines
}

impl Part {
    fn of(wanted: &Wanted) -> Result<Self, Failure> {
        let size = match wanted.page_size.as_deref() {
            None => DEFAULT_SIZE,
            Some(size) => match size.parse::<u32>() {
                Ok(size) if size > 0 => size.min(MAX_SIZE),
                _ => {
                    let detail = format!("`page_size` has to be a number from 1 to {MAX_SIZE}");
                    return Err(Failure::bad_request(detail));
                }
            },
        };
        let after = match wanted.after.as_deref() {
            None => None,
            Some(after) => Some(cursor(after).ok_or_else(|| {
                Failure::bad_request("`after` has to be the cursor of a page's hydra:next")
            })?),
        };
        Ok(Self { size, after })
    }

    /// The address of this part, under a base that ends with a slash.
    fn address(self, base: &str, format: Format) -> String {
        let mut address = format!("{base}catalog.{}", format.extension());
        let mut mark = '?';
        if self.size != DEFAULT_SIZE {
            address.push_str(&format!("{mark}page_size={}", self.size));
            mark = '&';
        }
        if let Some(after) = self.after {
            address.push_str(&format!(
                "{mark}after={}/{}",
                after.minted.segment(),
                after.id
            ));
        }
        address
    }
}

fn cursor(after: &str) -> Option<EntityKey> {
    let (segment, id) = after.split_once('/')?;
    let minted = EntityKind::from_segment(segment).filter(|kind| LISTED.contains(kind))?;
    let id = Uuid::try_parse(id).ok()?;
    Some(EntityKey { minted, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_are_in_the_order_of_their_iris() {
        assert!(LISTED.is_sorted_by_key(|kind| kind.segment()));
    }

    #[test]
    fn an_address_says_what_it_was_made_of() {
        let after = "dataset/00000000-0000-4000-8000-000000000001";
        let wanted = Wanted {
            page_size: Some("5000".to_owned()),
            after: Some(after.to_owned()),
        };
        let part = Part::of(&wanted).expect("a part");
        assert_eq!(part.size, MAX_SIZE);
        assert_eq!(
            part.address("https://a.example/", Format::Turtle),
            format!("https://a.example/catalog.ttl?page_size=1000&after={after}")
        );
        for bad in [
            "",
            "dataset",
            "dataset/1",
            "organisation/00000000-0000-4000-8000-000000000001",
        ] {
            let wanted = Wanted {
                page_size: None,
                after: Some(bad.to_owned()),
            };
            assert!(Part::of(&wanted).is_err(), "{bad}");
        }
    }
}
