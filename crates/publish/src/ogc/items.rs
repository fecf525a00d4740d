//! `/items`: the records that are asked for, a page at a time, from one state of the catalogue.

use std::collections::HashSet;
use std::sync::Arc;

use archive::EntityKey;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use chrono::{DateTime, SecondsFormat, Utc};
use model::Checksum;
use search::{Filter, Found, Search, SearchError, Snapshot};
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;

use super::answer::{self, Form, GEOJSON, Shape};
use super::collections::Collection;
use super::params::{self, Asked, Place};
use super::{Shown, index, pages, record};
use crate::document::Texts;
use crate::failure::Failure;
use crate::router::App;

/// Records that an external identifier is looked for in.
const CANDIDATES: usize = 20;

/// A page of records.
pub(super) struct Page {
    pub asked: Asked,
    pub total: usize,
    /// How many went before.
    pub offset: usize,
    pub records: Vec<Value>,
    pub next: Option<Place>,
    pub previous: Option<Place>,
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Shown {
    let asked = params::read(query.as_deref().unwrap_or_default())?;
    let form = Form::of(asked.format.as_deref(), Shape::Records, &headers)?;
    let collection = Collection::find(&app, &id).await?;
    let page = page(&app, &collection, asked).await?;
    match form {
        Form::Html => pages::items(&app, &collection, &page, &headers),
        form => Ok(written(&app, &collection, &page, form, &headers)),
    }
}

async fn page(app: &App, collection: &Collection, asked: Asked) -> Result<Page, Failure> {
    let index = index(app)?;
    let permit = app.feeds.clone().acquire_owned().await;
    let permit = Arc::new(permit.map_err(|error| Failure::internal(&error))?);
    let kept = asked
        .from
        .as_ref()
        .and_then(|from| index.kept(from.snapshot));
    let snapshot = kept.unwrap_or_else(|| index.snapshot());
    let mut filter = collection.scope.filter.clone().and(asked.filter.clone());
    if let Some(ids) = &asked.external_ids {
        filter = filter.and(external(app, &snapshot, ids, &permit).await?);
    }
    let now = match &asked.from {
        Some(from) => from.now,
        // To the second, as places say it.
        None => DateTime::from_timestamp(Utc::now().timestamp(), 0).unwrap_or_default(),
    };
    let mut search = Search::new(filter, now);
    search.limit = asked.limit;
    search.sort = asked.sort.clone();
    let offset = asked.from.as_ref().map_or(0, |from| from.offset);
    match asked.from.as_ref().and_then(|from| from.after.clone()) {
        Some(after) => search.after = Some(after),
        None => search.offset = offset,
    }
    let drawn = draw(app, collection, &snapshot, search, permit).await?;
    let place = |offset, after| Place {
        snapshot: index.keep(&snapshot),
        now,
        offset,
        after,
    };
    let next = drawn
        .next
        .map(|after| place(offset.saturating_add(drawn.taken), Some(after)));
    let before = offset.saturating_sub(asked.limit);
    let previous = (offset > 0 && before <= search::MAX_OFFSET).then(|| place(before, None));
    Ok(Page {
        total: drawn.total,
        offset,
        records: drawn.records,
        next,
        previous,
        asked,
    })
}

struct Drawn {
    records: Vec<Value>,
    /// Entities that it took, those that are withdrawn meanwhile among them.
    taken: usize,
    total: usize,
    next: Option<search::Cursor>,
}

/// Searches on until there is a record, or no more: clients take a page without any for the end.
async fn draw(
    app: &App,
    collection: &Collection,
    snapshot: &Snapshot,
    mut search: Search,
    permit: Arc<OwnedSemaphorePermit>,
) -> Result<Drawn, Failure> {
    let (mut taken, mut total) = (0, None);
    loop {
        let found = find(snapshot, search.clone(), permit.clone()).await?;
        let keys: Vec<EntityKey> = found.hits.iter().map(|hit| hit.key).collect();
        let texts = Texts::read(&app.site.archive, app.site.minter.base(), &keys).await?;
        let records: Vec<Value> = keys
            .iter()
            .filter_map(|key| record::feature(app, collection, &texts, *key))
            .collect();
        taken += keys.len();
        let total = *total.get_or_insert(found.total);
        match found.next {
            Some(next) if records.is_empty() => {
                search.offset = 0;
                search.after = Some(next);
                taken += pass(app, snapshot, &mut search, &permit).await?;
            }
            next => {
                return Ok(Drawn {
                    records,
                    taken,
                    total,
                    next,
                });
            }
        }
    }
}

/// Passes over what is withdrawn meanwhile, many at a time; says how many that were.
async fn pass(
    app: &App,
    snapshot: &Snapshot,
    search: &mut Search,
    permit: &Arc<OwnedSemaphorePermit>,
) -> Result<usize, Failure> {
    let mut passed = 0;
    loop {
        let mut many = search.clone();
        many.limit = search::MAX_LIMIT;
        let found = find(snapshot, many.clone(), permit.clone()).await?;
        let keys: Vec<EntityKey> = found.hits.iter().map(|hit| hit.key).collect();
        let public = app.site.archive.entities(&keys).await?;
        let public: HashSet<EntityKey> = public.iter().map(|entity| entity.key).collect();
        let first = keys.iter().position(|key| public.contains(key));
        let (gone, next) = match (first, found.next) {
            (Some(0), _) | (None, None) => return Ok(passed),
            (None, Some(next)) => (keys.len(), next),
            (Some(gone), _) => {
                many.limit = gone;
                let found = find(snapshot, many, permit.clone()).await?;
                let Some(next) = found.next else {
                    return Ok(passed);
                };
                (gone, next)
            }
        };
        passed += gone;
        search.after = Some(next);
        if first.is_some() {
            return Ok(passed);
        }
    }
}

/// A search may read much of the index: not where others wait.
async fn find(
    snapshot: &Snapshot,
    search: Search,
    permit: Arc<OwnedSemaphorePermit>,
) -> Result<Found, Failure> {
    let snapshot = snapshot.clone();
    let found = tokio::task::spawn_blocking(move || {
        // Whoever does not wait for the answer keeps the place until the work ends.
        let _permit = permit;
        snapshot.search(&search)
    });
    let found = found.await.map_err(|error| Failure::internal(&error))?;
    found.map_err(|error| match &error {
        SearchError::Cursor => params::bad("cursor", "it is not one of this search"),
        error if error.is_refusal() => Failure::bad_request(error.to_string()),
        error => Failure::internal(error),
    })
}

/// Records with one of these identifiers. `scheme:value` may be an identifier as a whole, too.
async fn external(
    app: &App,
    snapshot: &Snapshot,
    ids: &[String],
    permit: &Arc<OwnedSemaphorePermit>,
) -> Result<Filter, Failure> {
    let mut any = Vec::new();
    for id in ids {
        any.push(Filter::eq(search::Field::Identifier, id.as_str()));
        let Some((scheme, value)) = id.rsplit_once(':').filter(|(_, value)| !value.is_empty())
        else {
            continue;
        };
        let having = Filter::eq(search::Field::Identifier, value);
        let mut search = Search::new(crate::csw::scope::resources().and(having), Utc::now());
        search.limit = CANDIDATES;
        let found = find(snapshot, search, permit.clone()).await?;
        let keys: Vec<EntityKey> = found.hits.iter().map(|hit| hit.key).collect();
        let base = app.site.minter.base();
        let mut of_scheme = Vec::new();
        for entity in app.site.archive.entities(&keys).await? {
            let text = entity.text()?;
            let (graph, iri) = (represent::Graph::read(&text), entity.key.iri(base));
            let stated = represent::ogc_record::external_ids(graph.node(&iri));
            if stated.contains(&(Some(scheme), value)) {
                of_scheme.push(entity.key);
            }
        }
        any.push(Filter::Ids(of_scheme));
    }
    Ok(Filter::Or(any))
}

/// The address of a page that asks the same from another place, or in another form.
pub(super) fn here(
    app: &App,
    collection: &Collection,
    asked: &Asked,
    place: Option<&Place>,
    f: Option<&str>,
) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in &asked.repeated {
        if name != "f" || f.is_none() {
            query.append_pair(name, value);
        }
    }
    if let Some(f) = f {
        query.append_pair("f", f);
    }
    if let Some(place) = place {
        query.append_pair("cursor", &place.to_string());
    }
    let query = query.finish();
    let address = collection.address(app, "/items");
    match query.is_empty() {
        true => address,
        false => format!("{address}?{query}"),
    }
}

fn written(
    app: &App,
    collection: &Collection,
    page: &Page,
    form: Form,
    headers: &HeaderMap,
) -> axum::http::Response<axum::body::Body> {
    let asked = &page.asked;
    let link =
        |rel: &str, media: &str, href: String| json!({ "rel": rel, "type": media, "href": href });
    let from = asked.from.as_ref();
    let mut links = vec![
        link(
            "self",
            form.content_type(),
            here(app, collection, asked, from, None),
        ),
        link(
            "alternate",
            "text/html",
            here(app, collection, asked, from, Some("html")),
        ),
        link("collection", answer::CATALOG, collection.address(app, "")),
    ];
    for (rel, place) in [("next", &page.next), ("prev", &page.previous)] {
        if let Some(place) = place {
            links.push(link(
                rel,
                GEOJSON,
                here(app, collection, asked, Some(place), None),
            ));
        }
    }
    let counts = json!({ "numberMatched": page.total, "numberReturned": page.records.len() });
    let lasting = json!({
        "features": page.records,
        "links": links,
    })
    .to_string();
    let checksum = Checksum::of(format!("{counts}{lasting}").as_bytes());
    let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    // The time of the answer is no part of what it is known by.
    let body = format!(
        "{{\"type\":\"FeatureCollection\",\"timeStamp\":\"{now}\",{},{}",
        counts.to_string().trim_matches(['{', '}']),
        lasting.trim_start_matches('{'),
    );
    answer::text(body, checksum, form.content_type(), headers)
}
