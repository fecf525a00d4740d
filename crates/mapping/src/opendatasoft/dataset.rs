//! What a dataset says of itself: texts, dates, codes, rights.

use std::collections::HashSet;

use model::ns::{adms, dcat, dcatap, dcterms, foaf, geodcatap, rdfs};
use oxrdf::NamedNodeRef;

use super::{
    Record, agents, coverage, custom, distributions, federation, first, numbered, texts, title, web,
};
use crate::draft::{Draft, lent};
use crate::json::View;

/// Commission Implementing Regulation (EU) 2023/138 on high-value datasets.
const HVD_REGULATION: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://data.europa.eu/eli/reg_impl/2023/138/oj");

/// Levels of ISO 19115 that the INSPIRE registry has.
const LEVELS: [&str; 3] = ["dataset", "series", "service"];

pub(super) fn map(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let iri = draft.entity.iri.clone();
    draft.entity.add_type(&iri, dcat::DATASET_CLASS);
    draft
        .entity
        .add_text(&iri, dcterms::IDENTIFIER, &record.id, None);
    if let Some(title) = title(record) {
        record.text(draft, &iri, dcterms::TITLE, &title);
    }
    let described = first(&[record.default], &["description"])
        .or_else(|| first(&record.national, &["description"]));
    if let Some(description) = described {
        record.text(draft, &iri, dcterms::DESCRIPTION, &description);
    }
    federation::map(draft, record);
    words(draft, record);
    codes(draft, record);
    rights(draft, record);
    statements(draft, record);
    references(draft, record.default.get("references"), record);
    inspire(draft, record);
    high_value(draft, record);
    agents::map(draft, record);
    coverage::map(draft, record);
    // What the portal made up says only what nothing else says.
    custom::map(draft, record);
    let licences = licences(record);
    // DCAT-AP puts licences on distributions. A dataset that has none keeps its licence itself.
    let lent = lent(&licences, distributions::at_most(record));
    if distributions::map(draft, record, lent) == 0 || lent.is_empty() {
        for licence in &licences {
            draft.entity.add_text(&iri, dcterms::LICENSE, licence, None);
        }
    }
    catalogue_record(draft, record);
}

/// Keywords, and themes: a list of the portal's own, labels of INSPIRE, or addresses.
fn words(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let iri = draft.entity.iri.clone();
    let mut seen = HashSet::new();
    let mut templates = vec![record.default];
    templates.extend(&record.national);
    for template in &templates {
        for word in texts(*template, "keyword") {
            if seen.insert(word.clone()) {
                record.text(draft, &iri, dcat::KEYWORD, &word);
            }
        }
    }
    templates.push(record.inspire);
    for template in templates {
        for theme in texts(template, "theme") {
            match web(&theme) {
                Some(address) => draft.entity.add_iri(&iri, dcat::THEME, address),
                None => record.text(draft, &iri, dcat::THEME, &theme),
            }
        }
    }
    // `Dataset` says nothing; `Model`, `Image` do.
    for kind in texts(record.inspire, "type") {
        if !LEVELS.iter().any(|level| kind.eq_ignore_ascii_case(level)) {
            record.text(draft, &iri, dcat::KEYWORD, &kind);
        }
    }
}

/// Dates and coded values.
fn codes(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let iri = draft.entity.iri.clone();
    let profiles = record.profiles();
    let mut plain = |predicate: NamedNodeRef<'_>, text: Option<std::borrow::Cow<'_, str>>| {
        if let Some(text) = text {
            draft.entity.add_text(&iri, predicate, &text, None);
        }
    };
    plain(dcterms::MODIFIED, first(&[record.default], &["modified"]));
    plain(dcterms::CREATED, first(&profiles, &["created"]));
    plain(dcterms::ISSUED, first(&profiles, &["issued"]));
    let frequency = first(&profiles, &["accrualperiodicity", "accrualPeriodicity"])
        .or_else(|| first(&[record.default], &["update_frequency"]));
    plain(dcterms::ACCRUAL_PERIODICITY, frequency);
    plain(
        geodcatap::SPATIAL_RESOLUTION_AS_TEXT,
        first(&profiles, &["granularity"]),
    );
    for language in texts(record.default, "language") {
        plain(dcterms::LANGUAGE, Some(language));
    }
    for standard in texts(record.dcat, "conforms_to") {
        match web(&standard) {
            Some(address) => draft.entity.add_iri(&iri, dcterms::CONFORMS_TO, address),
            None => draft
                .entity
                .add_text(&iri, dcterms::CONFORMS_TO, &standard, None),
        }
    }
    for related in texts(record.dcat, "relation") {
        draft.entity.add_iri(&iri, dcterms::RELATION, &related);
    }
}

/// Access rights, and whom to name.
fn rights(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let iri = draft.entity.iri.clone();
    let profiles = record.profiles();
    let stated = first(
        &profiles,
        &["accessRights", "accessrights", "access_rights"],
    );
    if distributions::hidden(record) {
        draft
            .entity
            .add_text(&iri, dcterms::ACCESS_RIGHTS, "restricted", None);
    }
    if let Some(stated) = stated {
        draft
            .entity
            .add_text(&iri, dcterms::ACCESS_RIGHTS, &stated, None);
    }
    for text in texts(record.default, "attributions") {
        record.text(draft, &iri, dcterms::RIGHTS, &text);
    }
    if let Some(text) = first(&record.national, &["rights"]) {
        record.text(draft, &iri, dcterms::RIGHTS, &text);
    }
}

/// What is said of where the data come from and how good they are.
fn statements(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let fields = [
        (record.dcat, "dataquality"),
        (record.inspire, "lineage"),
        (record.inspire, "topologic_consistency"),
    ];
    for (template, key) in fields {
        for text in texts(template, key) {
            provenance(draft, record, &text, template.get(key));
        }
    }
}

pub(super) fn provenance(
    draft: &mut Draft<'_>,
    record: &Record<'_, '_>,
    text: &str,
    place: View<'_, '_>,
) {
    let Some(node) = numbered(draft, "provenance") else {
        return;
    };
    draft.open(
        &node,
        dcterms::PROVENANCE_STATEMENT,
        dcterms::PROVENANCE,
        &place,
    );
    record.text(draft, &node, rdfs::LABEL, text);
}

/// `references`: addresses of pages about the dataset, or the name of where it comes from.
pub(super) fn references(draft: &mut Draft<'_>, field: View<'_, '_>, record: &Record<'_, '_>) {
    let iri = draft.entity.iri.clone();
    for text in field.texts().take(super::MOST) {
        let words = text.split(|c: char| c.is_whitespace() || c == ';');
        let words: Vec<&str> = words
            .map(|word| word.trim_end_matches(','))
            .filter(|word| !word.is_empty())
            .collect();
        for address in words.iter().filter_map(|word| web(word)) {
            draft.entity.add_iri(&iri, foaf::PAGE, address);
        }
        if words.iter().any(|word| web(word).is_none()) {
            provenance(draft, record, &text, field);
        }
    }
}

fn inspire(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let iri = draft.entity.iri.clone();
    for text in texts(record.inspire, "identification_purpose") {
        record.text(draft, &iri, geodcatap::PURPOSE, &text);
    }
    let level = first(&[record.inspire], &["hierarchy_level"]).unwrap_or_default();
    if let Some(level) = LEVELS
        .iter()
        .find(|known| level.eq_ignore_ascii_case(known))
    {
        let address = format!("http://inspire.ec.europa.eu/metadata-codelist/ResourceType/{level}");
        draft
            .entity
            .add_iri(&iri, geodcatap::RESOURCE_TYPE, &address);
    }
    for resolution in texts(record.inspire, "spatial_resolution") {
        // A distance has a property of its own; a scale has none.
        let distance = resolution.starts_with(|c: char| c.is_ascii_digit())
            && !resolution.contains([':', '/', '°']);
        let predicate = if distance {
            dcat::SPATIAL_RESOLUTION_IN_METERS
        } else {
            geodcatap::SPATIAL_RESOLUTION_AS_TEXT
        };
        draft.entity.add_text(&iri, predicate, &resolution, None);
    }
}

/// High-value datasets, by the templates of DCAT-AP that say so.
fn high_value(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let templates = record.profiles();
    for template in templates {
        for key in ["hvd_category", "hvdCategory", "hvd_categories"] {
            for category in texts(template, key) {
                hvd_category(draft, &category);
            }
        }
        for key in ["applicable_legislation", "applicableLegislation"] {
            for law in texts(template, key) {
                let iri = draft.entity.iri.clone();
                draft
                    .entity
                    .add_iri(&iri, dcatap::APPLICABLE_LEGISLATION, &law);
            }
        }
    }
}

pub(super) fn hvd_category(draft: &mut Draft<'_>, category: &str) {
    let iri = draft.entity.iri.clone();
    draft
        .entity
        .add_text(&iri, dcatap::HVD_CATEGORY, category, None);
    hvd(draft);
}

pub(super) fn hvd(draft: &mut Draft<'_>) {
    let iri = draft.entity.iri.clone();
    draft.entity.add(
        &iri,
        dcatap::APPLICABLE_LEGISLATION,
        HVD_REGULATION.into_owned(),
    );
}

/// The licence by its name and by its address: the rules know most of either, and say where the two disagree.
fn licences(record: &Record<'_, '_>) -> Vec<String> {
    let stated = ["license", "license_url"].map(|key| first(&[record.default], &[key]));
    let mut licences: Vec<String> = stated.into_iter().flatten().map(String::from).collect();
    if licences.is_empty() {
        let national = first(&record.national, &["license", "license_url"]);
        licences.extend(national.map(String::from));
    }
    licences
}

/// The record about the dataset: when its description was published last.
fn catalogue_record(draft: &mut Draft<'_>, record: &Record<'_, '_>) {
    let Some(modified) = first(&[record.default], &["metadata_processed"]) else {
        return;
    };
    let node = draft.entity.node("record");
    let iri = draft.entity.iri.clone();
    draft.entity.add_type(&node, dcat::CATALOG_RECORD);
    draft.entity.add(&node, foaf::PRIMARY_TOPIC, iri);
    draft
        .entity
        .add_text(&node, dcterms::MODIFIED, &modified, None);
    for language in texts(record.default, "metadata_languages") {
        draft
            .entity
            .add_text(&node, dcterms::LANGUAGE, &language, None);
    }
    draft.entity.set_origin(&node, record.default.pointer());
}

/// The representation of data that have geometries.
pub(super) const VECTOR: NamedNodeRef<'static> = NamedNodeRef::new_unchecked(
    "http://inspire.ec.europa.eu/metadata-codelist/SpatialRepresentationType/vector",
);
pub(super) const REPRESENTATION: NamedNodeRef<'static> = adms::REPRESENTATION_TECHNIQUE;
