//! What a page says of the catalogue, of the part of it, and of itself.

use archive::EntityKey;
use chrono::{DateTime, SecondsFormat, Utc};
use model::ns::{dcat, dcterms, foaf, hydra};
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode};

use super::asked::Asked;
use crate::lines::line;
use crate::rdf::Format;
use crate::router::App;

/// The catalogue that the feed is of: the whole one, or a part.
fn own(app: &App, asked: &Asked<'_>) -> NamedNode {
    if asked.is_whole() {
        return app.site.minter.catalogue();
    }
    let base = app.site.minter.base();
    NamedNode::new_unchecked(format!("{base}catalog{}", asked.scope.path))
}

/// Entities are listed in the part: the whole catalogue, of which the page tells only a little, has more.
pub(super) fn in_part(lines: &mut [String], app: &App, asked: &Asked<'_>) {
    if asked.is_whole() {
        return;
    }
    let whole = format!("{} ", app.site.minter.catalogue());
    let part = own(app, asked);
    for line in lines {
        if let Some(rest) = line.strip_prefix(&whole) {
            *line = format!("{part} {rest}");
        }
    }
}

/// What is said of the catalogue itself, as it is in the graph.
pub(crate) fn catalogue(app: &App) -> Vec<String> {
    let site = &app.site;
    let catalogue = site.minter.catalogue();
    let publisher = NamedNode::new_unchecked(format!("{}#publisher", catalogue.as_str()));
    let text = |value: &str| literal(value, &site.language);
    let whole = catalogue.as_ref();
    vec![
        line(whole, rdf::TYPE, dcat::CATALOG_CLASS),
        line(whole, dcterms::TITLE, &text(&site.title)),
        line(whole, dcterms::DESCRIPTION, &text(&site.description)),
        line(whole, dcterms::PUBLISHER, &publisher),
        line(publisher.as_ref(), rdf::TYPE, foaf::AGENT),
        line(publisher.as_ref(), foaf::NAME, &text(&site.publisher)),
    ]
}

/// The same, and what is said of the part, where it is one.
pub(super) fn catalogues(app: &App, asked: &Asked<'_>) -> Vec<String> {
    let mut lines = catalogue(app);
    if let Some(title) = asked.scope.title.as_deref() {
        let (whole, part) = (app.site.minter.catalogue(), own(app, asked));
        let (whole, own) = (whole.as_ref(), part.as_ref());
        let description = format!("{title} : une partie du catalogue « {} ».", app.site.title);
        let publisher = NamedNode::new_unchecked(format!("{}#publisher", whole.as_str()));
        lines.extend([
            line(own, rdf::TYPE, dcat::CATALOG_CLASS),
            line(own, dcterms::TITLE, &literal(title, "fr")),
            line(own, dcterms::DESCRIPTION, &literal(&description, "fr")),
            line(own, dcterms::PUBLISHER, &publisher),
            line(own, dcterms::IS_PART_OF, whole),
            line(whole, dcat::CATALOG, own),
        ]);
    }
    lines
}

/// Up to when the page has followed the catalogue: what to ask `modified_since` of next time.
pub(super) fn modified(app: &App, asked: &Asked<'_>, at: DateTime<Utc>) -> String {
    let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let at = Literal::new_typed_literal(at, xsd::DATE_TIME);
    line(own(app, asked).as_ref(), dcterms::MODIFIED, &at)
}

/// This page, the first and the next.
pub(super) fn view(
    app: &App,
    asked: &Asked<'_>,
    next: Option<EntityKey>,
    format: Format,
    total: u64,
) -> Vec<String> {
    let own = own(app, asked);
    let total = Literal::new_typed_literal(total.to_string(), xsd::INTEGER);
    let page = |after: Option<EntityKey>| {
        NamedNode::new_unchecked(asked.page(after).address(app.site.minter.base(), format))
    };
    let this = page(asked.after);
    let mut lines = vec![
        line(own.as_ref(), rdf::TYPE, hydra::COLLECTION),
        line(own.as_ref(), hydra::TOTAL_ITEMS, &total),
        line(own.as_ref(), hydra::VIEW, &this),
        line(this.as_ref(), rdf::TYPE, hydra::PARTIAL_COLLECTION_VIEW),
        line(this.as_ref(), hydra::FIRST, &page(None)),
    ];
    lines.extend(next.map(|next| line(this.as_ref(), hydra::NEXT, &page(Some(next)))));
    lines
}

fn literal(value: &str, language: &str) -> Literal {
    Literal::new_language_tagged_literal(value, language)
        .unwrap_or_else(|_| Literal::new_simple_literal(value))
}
