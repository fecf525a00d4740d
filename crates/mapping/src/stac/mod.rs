//! Collections of STAC 1.0 and 1.1, to DCAT-AP 3.
//!
//! <https://github.com/radiantearth/stac-spec/blob/master/collection-spec/collection-spec.md>. Items are what a collection holds: data, and not records.

#[cfg(test)]
mod tests;

use model::ns::{adms, dcat, dcterms, foaf, skos};
use model::{EntityKind, Mapped, RawRecord};
use oxrdf::NamedNode;

use crate::draft::{Draft, lent, rank, short_hash};
use crate::json::{Json, Report, View};
use crate::ogc_records::named_or_card;
use crate::{MapContext, MapError, extent, json};

const MOST_VALUES: usize = 1_000;

pub(crate) fn map(record: &RawRecord, context: &MapContext<'_>) -> Result<Mapped, MapError> {
    let body = json::text(&record.body)?;
    let document = json::document(&body, |_| false)?;
    let report = Report::default();
    let root = View::root(&document, &report);
    let mut draft = Draft::new(record, context, EntityKind::Dataset);
    let iri = draft.entity.iri.clone();
    let changed = root.first_of(&["updated", "created"]);
    draft.entity.rank = rank(&changed.unwrap_or_default());
    draft.entity.add_type(&iri, dcat::DATASET_CLASS);
    draft.plain(&iri, dcterms::IDENTIFIER, root, &["id"]);
    // A title may be left out (collection fields, `title`): the identifier is what is shown then.
    let title = if root.text_of("title").is_some() {
        "title"
    } else {
        "id"
    };
    draft.text(&iri, dcterms::TITLE, root, title);
    draft.text(&iri, dcterms::DESCRIPTION, root, "description");
    if let Some(id) = root.text_of("id") {
        draft.alias(id);
    }
    let language = draft.language();
    for keyword in root.get("keywords").items().take(MOST_VALUES) {
        if let Some(text) = keyword.text() {
            draft.entity.add_text(&iri, dcat::KEYWORD, &text, language);
        }
    }
    draft.catalogue_record(root, "created", "updated");
    draft.plain(&iri, dcat::VERSION, root, &["version"]);
    for (at, provider) in root.get("providers").items().take(MOST_VALUES).enumerate() {
        named_or_card(&mut draft, provider, at);
    }
    for (at, contact) in root.get("contacts").items().take(MOST_VALUES).enumerate() {
        named_or_card(&mut draft, contact, at);
    }
    doi(&mut draft, &iri, root);
    extents(&mut draft, root.get("extent"));
    let licences = licences(root);
    let lent = lent(
        &licences,
        root.get("assets").len() + root.get("links").len(),
    );
    if assets(&mut draft, root, lent) == 0 || lent.is_empty() {
        for licence in &licences {
            draft.entity.add_text(&iri, dcterms::LICENSE, licence, None);
        }
    }
    Ok(draft.finish(record, report))
}

/// The scientific citation extension.
fn doi(draft: &mut Draft<'_>, iri: &NamedNode, root: View<'_, '_>) {
    let Some(doi) = root.text_of("sci:doi") else {
        return;
    };
    let node = draft
        .entity
        .node(&format!("identifier-{}", short_hash(&doi)));
    draft.entity.add(iri, adms::IDENTIFIER, node.clone());
    draft.entity.add_type(&node, adms::IDENTIFIER_CLASS);
    draft
        .entity
        .set_origin(&node, root.get("sci:doi").pointer());
    draft.entity.add_text(&node, skos::NOTATION, &doi, None);
    draft
        .entity
        .add_text(&node, adms::SCHEMA_AGENCY, "DOI", None);
    draft.alias(doi);
}

/// The first box and the first interval are those of the whole; the others are of its parts.
fn extents(draft: &mut Draft<'_>, extent: View<'_, '_>) {
    let spatial = extent.get("spatial");
    let boxes = spatial.get("bbox");
    if let Some(first) = boxes.items().next() {
        let numbers: Vec<f64> = first
            .items()
            .filter_map(|number| match number.value() {
                Json::Number(number) => number.as_f64(),
                _ => None,
            })
            .collect();
        let flat = match numbers.as_slice() {
            [west, south, east, north] => Some([*west, *south, *east, *north]),
            // With heights.
            [west, south, _, east, north, _] => Some([*west, *south, *east, *north]),
            _ => None,
        };
        match flat.and_then(extent::wkt) {
            Some(wkt) => extent::outline(draft, &first, &wkt),
            None => first.find(
                "place/bad-geometry",
                model::Severity::Warning,
                "the bounding box is none in degrees of longitude and latitude: left out",
                "write west, south, east, north in WGS 84",
            ),
        }
    }
    let temporal = extent.get("temporal");
    let intervals = temporal.get("interval");
    if let Some(first) = intervals.items().next() {
        let mut sides = first.items().map(|side| match side.value() {
            Json::Null => None,
            _ => side.text().map(String::from),
        });
        let (start, end) = (sides.next().flatten(), sides.next().flatten());
        extent::interval(draft, &first, 0, start.as_deref(), end.as_deref());
    }
}

/// A code of SPDX; `other`, `various` and `proprietary` mean the links of that relation.
fn licences(root: View<'_, '_>) -> Vec<String> {
    let code = root
        .text_of("license")
        .filter(|code| !matches!(&**code, "other" | "various" | "proprietary"));
    match code {
        Some(code) => vec![code.into_owned()],
        None => root
            .get("links")
            .items()
            .filter(|link| link.text_of("rel").as_deref() == Some("license"))
            .filter_map(|link| link.text_of("href").map(String::from))
            .collect(),
    }
}

/// `assets` of the collection itself are files; `items` is the interface to what it holds; says how many distributions these are.
fn assets(draft: &mut Draft<'_>, root: View<'_, '_>, licences: &[String]) -> usize {
    let iri = draft.entity.iri.clone();
    let mut count = 0;
    let assets = root.get("assets");
    if let Json::Object(members) = assets.value() {
        for (key, _) in members.iter().take(MOST_VALUES) {
            let asset = assets.get(key);
            let is_preview = asset
                .get("roles")
                .items_quietly()
                .any(|role| matches!(role.text().as_deref(), Some("thumbnail" | "overview")));
            if let Some(href) = asset.text_of("href").filter(|_| !is_preview) {
                count += usize::from(distribution(draft, asset, &href, true, licences));
            }
        }
    }
    for link in root.get("links").items() {
        let Some(href) = link.text_of("href").filter(|href| href.contains("://")) else {
            continue;
        };
        let rel = link.text_of("rel").unwrap_or_default();
        match rel.rsplit('/').next().unwrap_or_default() {
            "items" => count += usize::from(distribution(draft, link, &href, false, licences)),
            "about" | "describedby" | "cite-as" | "via" => {
                draft.entity.add_iri(&iri, foaf::PAGE, &href);
            }
            "alternate" if link.text_of("type").as_deref() == Some("text/html") => {
                draft.entity.add_iri(&iri, dcat::LANDING_PAGE, &href);
            }
            _ => {}
        }
    }
    count
}

fn distribution(
    draft: &mut Draft<'_>,
    view: View<'_, '_>,
    href: &str,
    is_file: bool,
    licences: &[String],
) -> bool {
    let node = draft
        .entity
        .node(&format!("distribution-{}", short_hash(href)));
    if !draft.claim(&node) {
        return false;
    }
    draft.open(&node, dcat::DISTRIBUTION_CLASS, dcat::DISTRIBUTION, &view);
    draft.text(&node, dcterms::TITLE, view, "title");
    draft.text(&node, dcterms::DESCRIPTION, view, "description");
    draft.entity.add_iri(&node, dcat::ACCESS_URL, href);
    for predicate in [dcat::ACCESS_URL, dcat::DOWNLOAD_URL] {
        draft.wrote(&node, predicate, &view.get("href"));
    }
    if is_file {
        draft.entity.add_iri(&node, dcat::DOWNLOAD_URL, href);
    }
    draft.plain(&node, dcat::MEDIA_TYPE, view, &["type"]);
    for licence in licences {
        draft
            .entity
            .add_text(&node, dcterms::LICENSE, licence, None);
    }
    true
}
