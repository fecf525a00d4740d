//! Catalogues: the whole one, and one for each source, theme and organisation.

use std::sync::Arc;

use archive::EntityKey;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use chrono::Utc;
use model::EntityKind;
use model::ns::foaf;
use search::{Field, Search};
use serde_json::{Value, json};
use uuid::Uuid;
use vocab::Vocab;

use super::answer::{self, Form, GEOJSON, Shape};
use super::{Shown, address, index, pages, params};
use crate::csw::scope::{Scope, resources};
use crate::failure::Failure;
use crate::router::App;

/// The whole catalogue's.
pub(super) const WHOLE: &str = "catalogue";
/// Catalogues of a page, unless another number is asked for.
const LISTED: usize = 100;

pub(super) struct Collection {
    pub id: String,
    pub scope: Scope,
}

impl Collection {
    /// `catalogue`, `source-ID`, `organisation-UUID`, `theme-CODE`.
    pub async fn find(app: &App, id: &str) -> Result<Self, Failure> {
        let scope = match id.split_once('-') {
            _ if id == WHOLE => Scope::whole(),
            Some((kind, part)) => Scope::part(app, kind, part).await?,
            None => return Err(Failure::not_found()),
        };
        Ok(Self {
            id: id.to_owned(),
            scope,
        })
    }

    pub fn title<'a>(&'a self, app: &'a App) -> &'a str {
        self.scope.title.as_deref().unwrap_or(&app.site.title)
    }

    pub fn address(&self, app: &App, path: &str) -> String {
        address(app, &format!("/collections/{}{path}", self.id))
    }
}

/// What a list says of a catalogue.
pub(super) struct Listed {
    pub id: String,
    pub title: String,
}

pub(super) struct Page {
    pub listed: Vec<Listed>,
    /// The cursor of the next page.
    pub next: Option<String>,
    pub is_first: bool,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Shown {
    let known = ["limit", "cursor", "f"];
    let pairs = params::pairs(query.as_deref().unwrap_or_default(), &known)?;
    let of = |name: &str| {
        let found = pairs.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    };
    let limit = match of("limit") {
        None => LISTED,
        given => params::limit(given)?,
    };
    let form = Form::of(of("f"), Shape::Json, &headers)?;
    let page = page(&app, of("cursor"), limit).await?;
    if form == Form::Html {
        return pages::collections(&app, &page, &headers);
    }
    let here = address(&app, "/collections");
    let mut links = vec![
        json!({ "rel": "self", "type": "application/json", "href": here }),
        json!({ "rel": "alternate", "type": "text/html", "href": format!("{here}?f=html") }),
    ];
    if let Some(next) = &page.next {
        let next = format!("{here}?limit={limit}&cursor={next}");
        links.push(json!({ "rel": "next", "type": "application/json", "href": next }));
    }
    let collections: Vec<Value> = page
        .listed
        .iter()
        .map(|listed| described(&app, &listed.id, &listed.title))
        .collect();
    let body = json!({ "links": links, "collections": collections });
    answer::json(&body, "application/json", &headers)
}

pub(super) async fn one(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Shown {
    let form = Form::asked(&query, &[], Shape::Catalog, &headers)?;
    let collection = Collection::find(&app, &id).await?;
    match form {
        Form::Html => pages::collection(&app, &collection, &headers),
        form => {
            let body = described(&app, &collection.id, collection.title(&app));
            answer::json(&body, form.content_type(), &headers)
        }
    }
}

fn described(app: &App, id: &str, title: &str) -> Value {
    let here = address(app, &format!("/collections/{id}"));
    let link = |rel: &str, media: &str, path: &str, title: &str| json!({ "rel": rel, "type": media, "href": format!("{here}{path}"), "title": title });
    let mut links = vec![
        link("self", answer::CATALOG, "", "Ce document"),
        link("alternate", "application/json", "?f=json", "Ce document"),
        link("alternate", "text/html", "?f=html", "Cette page"),
        link("items", GEOJSON, "/items", "Les fiches"),
        link("items", "text/html", "/items?f=html", "Les fiches"),
        link(
            "http://www.opengis.net/def/rel/ogc/1.0/queryables",
            "application/schema+json",
            "/queryables",
            "Propriétés des filtres",
        ),
        link(
            "http://www.opengis.net/def/rel/ogc/1.0/sortables",
            "application/schema+json",
            "/sortables",
            "Propriétés de tri",
        ),
    ];
    links.push(json!({
        "rel": "profile", "href": "http://www.opengis.net/def/profile/OGC/0/ogc-catalog",
    }));
    json!({
        "id": id,
        "type": "Collection",
        "title": title,
        "description": match id == WHOLE {
            true => app.site.description.clone(),
            false => format!("{} : une partie du catalogue « {} ».", title, app.site.title),
        },
        "itemType": "record",
        "language": { "code": app.site.language },
        "crs": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
        "extent": { "spatial": { "bbox": [[-180, -90, 180, 90]], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84" } },
        "conformsTo": ["http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-collection"],
        "links": links,
    })
}

/// First what is known without a look at organisations, then those, after the one that the cursor names.
async fn page(app: &Arc<App>, cursor: Option<&str>, limit: usize) -> Result<Page, Failure> {
    let wrong = || {
        params::bad(
            "cursor",
            "it has to be what the link to the next page gives",
        )
    };
    let (from, after) = match cursor {
        None => (0, None),
        Some(text) => match (text.parse::<usize>(), Uuid::try_parse(text)) {
            (Ok(from), _) if text.len() < 10 => (from, None),
            (_, Ok(after)) => (usize::MAX, Some(after)),
            _ => return Err(wrong()),
        },
    };
    let heads = match after {
        None => heads(app).await?,
        Some(_) => Vec::new(),
    };
    let total = heads.len();
    let mut listed: Vec<Listed> = heads.into_iter().skip(from).take(limit).collect();
    let mut next = None;
    if after.is_none() && from.saturating_add(listed.len()) < total {
        next = Some((from + listed.len()).to_string());
    } else if listed.len() < limit {
        let more = organisations(app, after, limit - listed.len()).await?;
        listed.extend(more.0);
        next = more.1.map(|last| last.to_string());
    } else if let (some, _) = organisations(app, None, 1).await?
        && !some.is_empty()
    {
        // The page is full, and organisations are still to come.
        next = Some(total.to_string());
    }
    Ok(Page {
        listed,
        next,
        is_first: cursor.is_none(),
    })
}

/// The whole catalogue, sources, and themes that records have.
async fn heads(app: &Arc<App>) -> Result<Vec<Listed>, Failure> {
    let snapshot = index(app)?.snapshot();
    let permit = app.feeds.clone().acquire_owned().await;
    let permit = permit.map_err(|error| Failure::internal(&error))?;
    let found = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let mut search = Search::new(resources(), Utc::now());
        search.limit = 0;
        search.facets = vec![Field::Theme];
        search.facet_size = search::MAX_FACET_SIZE;
        snapshot.search(&search)
    });
    let found = found.await.map_err(|error| Failure::internal(&error))?;
    let mut found = found.map_err(|error| Failure::internal(&error))?;
    let mut heads = vec![Listed {
        id: WHOLE.to_owned(),
        title: app.site.title.clone(),
    }];
    heads.extend(app.site.sources.iter().map(|card| Listed {
        id: format!("source-{}", card.id),
        title: card.title.clone(),
    }));
    let themes = found.facets.remove(&Field::Theme).unwrap_or_default();
    let mut themes: Vec<Listed> = themes
        .iter()
        .filter_map(|(theme, _)| Scope::theme_code(theme))
        .filter_map(|(code, iri)| {
            Some(Listed {
                id: format!("theme-{code}"),
                title: Vocab::bundled().concept(iri)?.label().to_owned(),
            })
        })
        .collect();
    themes.sort_by(|a, b| a.id.cmp(&b.id));
    heads.extend(themes);
    Ok(heads)
}

/// Those that publish records, in the order of their identifiers; and the last one, if there are more.
async fn organisations(
    app: &Arc<App>,
    after: Option<Uuid>,
    limit: usize,
) -> Result<(Vec<Listed>, Option<Uuid>), Failure> {
    let base = app.site.minter.base();
    let start = format!("{base}{}/", EntityKind::Organisation.segment());
    let after = match after {
        Some(after) => format!("{start}{after}"),
        None => start.clone(),
    };
    let snapshot = index(app)?.snapshot();
    let values = tokio::task::spawn_blocking(move || {
        snapshot.values(Field::OrganisationIri, Some(&after), limit + 1)
    });
    let values = values.await.map_err(|error| Failure::internal(&error))?;
    let mut values = values.map_err(|error| Failure::internal(&error))?;
    values.retain(|value| value.starts_with(&start));
    let more = values.len() > limit;
    values.truncate(limit);
    let keys: Vec<EntityKey> = values
        .iter()
        .filter_map(|value| EntityKey::of_iri(base, value))
        .collect();
    let last = keys.last().filter(|_| more).map(|key| key.id);
    let mut listed = Vec::with_capacity(keys.len());
    let mut found = app.site.archive.entities(&keys).await?;
    found.sort_by_key(|entity| entity.key);
    for entity in found {
        let (iri, text) = (entity.key.iri(base), entity.text()?);
        let graph = represent::Graph::read(&text);
        let name = graph.node(&iri).value(foaf::NAME).unwrap_or(&iri);
        listed.push(Listed {
            id: format!("organisation-{}", entity.key.id),
            title: name.to_owned(),
        });
    }
    Ok((listed, last))
}
