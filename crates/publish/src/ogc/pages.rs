//! The same for people: French, without a script, of one template.

use axum::http::HeaderMap;
use minijinja::context;
use serde::Serialize;
use serde_json::Value;

use super::collections::{self, Collection};
use super::items::{self, Page};
use super::{CONFORMANCE, Shown, queryables};
use crate::clock;
use crate::router::App;
use crate::view::{answer, value};

/// A line of a list.
#[derive(Default, Serialize)]
struct Line {
    text: String,
    href: Option<String>,
    note: Option<String>,
}

/// What a page shows, all of it plain text.
#[derive(Default, Serialize)]
struct Listing {
    heading: String,
    intro: String,
    lines: Vec<Line>,
    /// Label and address.
    pages: Vec<(&'static str, String)>,
    forms: Vec<(&'static str, String)>,
    /// Where words can be searched, and those that were.
    search: Option<(String, String)>,
}

fn show(app: &App, page: Listing, headers: &HeaderMap) -> Shown {
    let html = app
        .templates
        .render(app, "ogc.html", context! { shown => value(page) })?;
    Ok(answer(html, headers))
}

fn local(app: &App, path: &str) -> String {
    format!("{}/ogc{path}", app.root)
}

fn line(text: &str, href: String) -> Line {
    Line {
        text: text.to_owned(),
        href: Some(href),
        note: None,
    }
}

pub(super) fn landing(app: &App, headers: &HeaderMap) -> Shown {
    let page = Listing {
        heading: "OGC API – Records".into(),
        intro:
            "Ce catalogue se consulte et se moissonne par le protocole OGC API – Records, partie 1."
                .into(),
        lines: vec![
            line(
                "Le catalogue entier",
                local(app, "/collections/catalogue?f=html"),
            ),
            line(
                "Tous les catalogues : par source, thème et organisation",
                local(app, "/collections?f=html"),
            ),
            line("Classes de conformité", local(app, "/conformance?f=html")),
        ],
        forms: vec![("JSON", local(app, "?f=json"))],
        ..Listing::default()
    };
    show(app, page, headers)
}

pub(super) fn conformance(app: &App, headers: &HeaderMap) -> Shown {
    let page = Listing {
        heading: "Classes de conformité".into(),
        intro: "Ce que ce service respecte des normes de l’OGC.".into(),
        lines: CONFORMANCE
            .iter()
            .map(|class| line(class, (*class).to_owned()))
            .collect(),
        forms: vec![("JSON", local(app, "/conformance?f=json"))],
        ..Listing::default()
    };
    show(app, page, headers)
}

pub(super) fn collections(app: &App, page: &collections::Page, headers: &HeaderMap) -> Shown {
    let mut pages = Vec::new();
    if !page.is_first {
        pages.push(("Première page", local(app, "/collections?f=html")));
    }
    if let Some(next) = &page.next {
        pages.push((
            "Page suivante",
            local(app, &format!("/collections?f=html&cursor={next}")),
        ));
    }
    let lines = page.listed.iter().map(|listed| {
        line(
            &listed.title,
            local(app, &format!("/collections/{}?f=html", listed.id)),
        )
    });
    let page = Listing {
        heading: "Catalogues".into(),
        intro: "Le catalogue entier, puis une partie par source, par thème et par organisation."
            .into(),
        lines: lines.collect(),
        pages,
        forms: vec![("JSON", local(app, "/collections?f=json"))],
        ..Listing::default()
    };
    show(app, page, headers)
}

pub(super) fn collection(app: &App, collection: &Collection, headers: &HeaderMap) -> Shown {
    let here = |path: &str| local(app, &format!("/collections/{}{path}", collection.id));
    let page = Listing {
        heading: collection.title(app).to_owned(),
        intro: app.site.description.clone(),
        lines: vec![
            line("Les fiches", here("/items?f=html")),
            line("Propriétés des filtres", here("/queryables?f=html")),
            line("Propriétés de tri", here("/sortables?f=html")),
        ],
        forms: vec![("JSON", here("?f=json"))],
        search: Some((here("/items"), String::new())),
        ..Listing::default()
    };
    show(app, page, headers)
}

pub(super) fn properties(
    app: &App,
    collection: &Collection,
    sortable: bool,
    headers: &HeaderMap,
) -> Shown {
    let (name, heading) = match sortable {
        true => ("sortables", "Propriétés de tri"),
        false => ("queryables", "Propriétés des filtres"),
    };
    let lines = queryables::listed(sortable).map(|(name, title)| Line {
        text: name.to_owned(),
        href: None,
        note: Some(title.to_owned()),
    });
    let page = Listing {
        heading: heading.into(),
        intro: collection.title(app).to_owned(),
        lines: lines.collect(),
        forms: vec![(
            "JSON",
            local(
                app,
                &format!("/collections/{}/{name}?f=json", collection.id),
            ),
        )],
        ..Listing::default()
    };
    show(app, page, headers)
}

pub(super) fn items(app: &App, collection: &Collection, page: &Page, headers: &HeaderMap) -> Shown {
    // On the machine of the reader, as links of pages are.
    let at = |place, f| {
        let address = items::here(app, collection, &page.asked, place, Some(f));
        let base = app.site.minter.base();
        let path = address.strip_prefix(base).unwrap_or(&address).to_owned();
        format!("{}/{path}", app.root)
    };
    let mut pages = Vec::new();
    if let Some(previous) = &page.previous {
        pages.push(("Page précédente", at(Some(previous), "html")));
    }
    if let Some(next) = &page.next {
        pages.push(("Page suivante", at(Some(next), "html")));
    }
    let count = u64::try_from(page.total).unwrap_or(u64::MAX);
    let found = clock::number(count);
    let shown = Listing {
        heading: collection.title(app).to_owned(),
        intro: match page.total {
            0 => "Aucune fiche ne correspond.".to_owned(),
            1 => "Une fiche.".to_owned(),
            _ => format!(
                "{found} fiches, à partir de la {}ᵉ.",
                clock::number((page.offset as u64).saturating_add(1))
            ),
        },
        lines: page
            .records
            .iter()
            .map(|record| record_line(app, collection, record))
            .collect(),
        pages,
        forms: vec![("GeoJSON", at(page.asked.from.as_ref(), "geojson"))],
        search: Some((
            local(app, &format!("/collections/{}/items", collection.id)),
            page.asked.q.clone().unwrap_or_default(),
        )),
    };
    show(app, shown, headers)
}

fn record_line(app: &App, collection: &Collection, record: &Value) -> Line {
    let text = |place: &str| {
        record
            .pointer(place)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let path = format!(
        "/collections/{}/items/{}?f=html",
        collection.id,
        text("/id")
    );
    Line {
        text: text("/properties/title").to_owned(),
        href: Some(local(app, &path)),
        note: Some(text("/properties/updated").chars().take(10).collect()),
    }
}
