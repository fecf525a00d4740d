//! Records of OGC API - Records, Part 1 (GeoJSON features), to DCAT-AP 3.
//!
//! <https://docs.ogc.org/is/20-004r1/20-004r1.html>, clause 7.2 (record). The properties that the standard took from others (ISO 19115, STAC,
//! WMO's core profile) are read where they say the same.

mod contacts;
mod links;
#[cfg(test)]
mod tests;

use model::ns::{adms, dcat, dcterms, skos};
use model::{EntityKind, Mapped, RawRecord};
use oxrdf::NamedNode;

use crate::draft::{Draft, lent, rank, short_hash};
use crate::json::{Json, Report, View};
use crate::{MapContext, MapError, extent, geojson, json};

pub(crate) use contacts::named_or_card;

/// More values of one property than this describe nothing.
const MOST_VALUES: usize = 2_000;

pub(crate) fn map(record: &RawRecord, context: &MapContext<'_>) -> Result<Mapped, MapError> {
    let body = json::text(&record.body)?;
    let document = json::document(&body, |_| false)?;
    let report = Report::default();
    let root = View::root(&document, &report);
    let properties = root.get("properties");
    if properties.text_of("title").is_none() {
        return Err(MapError {
            rule: "record/no-title",
            message: "the record has no title".to_owned(),
            place: Some("/properties/title".to_owned()),
            hint: Some("give the record a title: DCAT-AP requires one".to_owned()),
        });
    }
    let is_service = properties
        .get("type")
        .texts()
        .any(|kind| kind.eq_ignore_ascii_case("service"));
    let kind = if is_service {
        EntityKind::DataService
    } else {
        EntityKind::Dataset
    };
    let mut draft = Draft::new(record, context, kind);
    let changed = properties.first_of(&["updated", "created"]);
    draft.entity.rank = rank(&changed.unwrap_or_default());
    describe(&mut draft, root, properties);
    let licences = licences(root, properties);
    let links = root.get("links").len() + root.get("linkTemplates").len();
    let lent = lent(&licences, links);
    if links::map(&mut draft, root, properties, lent) == 0 || lent.is_empty() {
        let iri = draft.entity.iri.clone();
        for licence in &licences {
            draft.entity.add_text(&iri, dcterms::LICENSE, licence, None);
        }
    }
    Ok(draft.finish(record, report))
}

fn describe(draft: &mut Draft<'_>, root: View<'_, '_>, properties: View<'_, '_>) {
    let iri = draft.entity.iri.clone();
    let class = match draft.entity.kind {
        EntityKind::DataService => dcat::DATA_SERVICE,
        _ => dcat::DATASET_CLASS,
    };
    draft.entity.add_type(&iri, class);
    draft.plain(&iri, dcterms::IDENTIFIER, root, &["id"]);
    if let Some(id) = root.text_of("id") {
        draft.alias(id);
    }
    let language = language(properties).unwrap_or(draft.context.language.to_owned());
    for (key, predicate) in [
        ("title", dcterms::TITLE),
        ("description", dcterms::DESCRIPTION),
    ] {
        if let Some(text) = properties.text_of(key) {
            draft
                .entity
                .add_text(&iri, predicate, &text, Some(&language));
            draft.wrote(&iri, predicate, &properties.get(key));
        }
    }
    for keyword in properties.get("keywords").items().take(MOST_VALUES) {
        // A word, or an object with its language in drafts of the standard.
        let text = match keyword.value() {
            Json::Object(_) => keyword.first_of(&["value", "keyword", "title"]),
            _ => keyword.text(),
        };
        if let Some(text) = text {
            draft
                .entity
                .add_text(&iri, dcat::KEYWORD, &text, Some(&language));
        }
    }
    draft.wrote(&iri, dcat::KEYWORD, &properties.get("keywords"));
    themes(draft, &iri, properties.get("themes"), &language);
    languages(draft, &iri, properties);
    // `created` and `updated` are of the record (7.2.5): the standard has no dates of the resource.
    draft.catalogue_record(properties, "created", "updated");
    draft.plain(&iri, dcterms::ISSUED, properties, &["issued", "published"]);
    draft.plain(&iri, dcterms::MODIFIED, properties, &["modified"]);
    draft.text(&iri, dcterms::RIGHTS, properties, "rights");
    draft.plain(
        &iri,
        dcterms::ACCESS_RIGHTS,
        properties,
        &["accessRights", "wmo:dataPolicy"],
    );
    for standard in properties.get("conformsTo").texts() {
        draft.entity.add_iri(&iri, dcterms::CONFORMS_TO, &standard);
    }
    identifiers(draft, &iri, properties);
    for contact in ["contacts", "providers"] {
        for (at, contact) in properties
            .get(contact)
            .items()
            .take(MOST_VALUES)
            .enumerate()
        {
            named_or_card(draft, contact, at);
        }
    }
    if draft.entity.kind == EntityKind::Dataset {
        geojson::geometry(draft, root.get("geometry"));
        time(draft, root.get("time"));
    }
}

/// The language of the record's texts: `{"code": "fr"}`, or a tag.
fn language(properties: View<'_, '_>) -> Option<String> {
    let language = properties.get("language");
    match language.value() {
        Json::Object(_) => language.text_of("code"),
        _ => language.text(),
    }
    .map(String::from)
}

/// The languages of the resource; the record's own where it does not say.
fn languages(draft: &mut Draft<'_>, iri: &NamedNode, properties: View<'_, '_>) {
    let resource = properties.get("resourceLanguages");
    let mut found = false;
    for language in resource.items().take(MOST_VALUES) {
        let code = match language.value() {
            Json::Object(_) => language.text_of("code"),
            _ => language.text(),
        };
        if let Some(code) = code {
            draft.entity.add_text(iri, dcterms::LANGUAGE, &code, None);
            found = true;
        }
    }
    if let Some(code) = language(properties).filter(|_| !found) {
        draft.entity.add_text(iri, dcterms::LANGUAGE, &code, None);
    }
}

/// Concepts of any scheme: an address is a theme, a word is a keyword unless a rule knows it as a theme.
fn themes(draft: &mut Draft<'_>, iri: &NamedNode, themes: View<'_, '_>, language: &str) {
    for theme in themes.items().take(MOST_VALUES) {
        for concept in theme.get("concepts").items().take(MOST_VALUES) {
            let (address, label) = match concept.value() {
                Json::Object(_) => (concept.text_of("url"), concept.first_of(&["title", "id"])),
                _ => (None, concept.text()),
            };
            match address.as_deref().and_then(model::check_iri) {
                Some(address) => {
                    draft.entity.add(iri, dcat::THEME, address.clone());
                    if let Some(label) = label {
                        draft.entity.label(&address, &label, Some(language));
                    }
                }
                None => {
                    if let Some(label) = label {
                        draft
                            .entity
                            .add_text(iri, dcat::THEME, &label, Some(language));
                    }
                }
            }
        }
    }
    draft.wrote(iri, dcat::THEME, &themes);
}

fn identifiers(draft: &mut Draft<'_>, iri: &NamedNode, properties: View<'_, '_>) {
    for external in properties.get("externalIds").items().take(MOST_VALUES) {
        let (value, scheme) = match external.value() {
            Json::Object(_) => (external.text_of("value"), external.text_of("scheme")),
            _ => (external.text(), None),
        };
        let Some(value) = value else { continue };
        let node = draft
            .entity
            .node(&format!("identifier-{}", short_hash(&value)));
        if !draft.claim(&node) {
            continue;
        }
        draft.entity.add(iri, adms::IDENTIFIER, node.clone());
        draft.entity.add_type(&node, adms::IDENTIFIER_CLASS);
        draft.entity.set_origin(&node, external.pointer());
        draft.entity.add_text(&node, skos::NOTATION, &value, None);
        if let Some(scheme) = scheme {
            draft
                .entity
                .add_text(&node, adms::SCHEMA_AGENCY, &scheme, None);
        }
        draft.alias(value);
    }
}

/// `{"date": …}`, `{"timestamp": …}`, `{"interval": [start, end]}` with `..` for what is open, and `resolution`.
fn time(draft: &mut Draft<'_>, time: View<'_, '_>) {
    // `null` is said of what has no time.
    let Some(time) = time.object() else { return };
    let interval = time.get("interval");
    let (start, end) = match interval.value() {
        Json::List(_) => {
            let mut sides = interval.items().map(|side| match side.value() {
                Json::Null => None,
                _ => side.text().filter(|text| text != "..").map(String::from),
            });
            (sides.next().flatten(), sides.next().flatten())
        }
        _ => {
            let at = time.first_of(&["date", "timestamp"]).map(String::from);
            (at.clone(), at)
        }
    };
    extent::interval(draft, &time, 0, start.as_deref(), end.as_deref());
    if let Some(resolution) = time.text_of("resolution") {
        let iri = draft.entity.iri.clone();
        draft.entity.add_typed(
            &iri,
            dcat::TEMPORAL_RESOLUTION,
            &resolution,
            oxrdf::vocab::xsd::DURATION,
        );
    }
}

/// `license` (a code of SPDX, or `other` with a link) and the links of that relation.
fn licences(root: View<'_, '_>, properties: View<'_, '_>) -> Vec<String> {
    let links: Vec<String> = root
        .get("links")
        .items()
        .filter(|link| link.text_of("rel").as_deref() == Some("license"))
        .filter_map(|link| link.text_of("href").map(String::from))
        .collect();
    let code = properties
        .text_of("license")
        .filter(|code| !matches!(&**code, "other" | "various" | "proprietary"));
    match code {
        Some(code) => vec![code.into_owned()],
        None => links,
    }
}
