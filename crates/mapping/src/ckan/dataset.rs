//! The dataset itself.

use model::EntityKind;
use model::ns::{adms, cnt, dcat, dcatap, dcterms, foaf, geodcatap};
use oxrdf::NamedNode;

use super::fields::{Fields, leaves};
use super::statements::{Kind, Row, add, member, table, value};
use super::{
    agents, coverage, dates, extensions, identity, licence, organisations, related, resource,
};
use crate::draft::{Draft, lent};
use crate::json::{Json, View};

/// More tags than this are no choice of words.
const MOST_TAGS: usize = 1_000;

const PROPERTIES: &[Row] = &[
    (&["title_translated", "title"], dcterms::TITLE, Kind::Text),
    (
        &["notes_translated", "notes", "description"],
        dcterms::DESCRIPTION,
        Kind::Text,
    ),
    (&["version", "dcat_version"], dcat::VERSION, Kind::Plain),
    (
        &["version_notes_translated", "version_notes"],
        adms::VERSION_NOTES,
        Kind::Text,
    ),
    (
        &[
            "frequency",
            "accrual_periodicity",
            "accrualPeriodicity",
            "frequency-of-update",
            "update_frequency",
            "maintenance_frequency",
            "maintenance-and-update-frequency",
        ],
        dcterms::ACCRUAL_PERIODICITY,
        Kind::Value,
    ),
    (&["dcat_type"], dcterms::TYPE, Kind::Value),
    (
        &["language", "dataset-language", "languages"],
        dcterms::LANGUAGE,
        Kind::Value,
    ),
    (&["theme", "themes"], dcat::THEME, Kind::Value),
    (
        &["topic-category", "topic_category", "subject"],
        geodcatap::TOPIC_CATEGORY,
        Kind::Value,
    ),
    (
        &["conforms_to", "schema"],
        dcterms::CONFORMS_TO,
        Kind::Value,
    ),
    (&["hvd_category"], dcatap::HVD_CATEGORY, Kind::Value),
    (
        &["applicable_legislation"],
        dcatap::APPLICABLE_LEGISLATION,
        Kind::Iri,
    ),
    (&["documentation"], foaf::PAGE, Kind::Iri),
    (
        &["provenance", "lineage"],
        dcterms::PROVENANCE,
        Kind::Statement(dcterms::PROVENANCE_STATEMENT, "provenance"),
    ),
    (
        &["temporal_resolution"],
        dcat::TEMPORAL_RESOLUTION,
        Kind::Duration,
    ),
    (
        &["spatial_resolution_in_meters"],
        dcat::SPATIAL_RESOLUTION_IN_METERS,
        Kind::Plain,
    ),
    (
        &["character_encoding"],
        cnt::CHARACTER_ENCODING,
        Kind::Plain,
    ),
    (&["liability", "rights"], dcterms::RIGHTS, Kind::Text),
    (&["graphic-preview-file"], foaf::DEPICTION, Kind::Iri),
];

pub(super) fn map(draft: &mut Draft<'_>, package: &Fields<'_, '_>) {
    let iri = draft.entity.iri.clone();
    draft.entity.add_type(
        &iri,
        match draft.entity.kind {
            EntityKind::DatasetSeries => dcat::DATASET_SERIES,
            _ => dcat::DATASET_CLASS,
        },
    );
    table(draft, &iri, package, PROPERTIES);
    identity::map(draft, package);
    keywords(draft, &iri, package);
    access(draft, &iri, package);
    agents::map(draft, package);
    groups(draft, &iri, package);
    dates::map(draft, &iri, package);
    coverage::map(draft, package);
    related::map(draft, &iri, package);
    reference_system(draft, &iri, package);
    extensions::map(draft, &iri, package);
    let licences = licence::of_package(draft, package);
    // DCAT-AP puts licences on distributions. A dataset that has none keeps its licence itself.
    let lent = lent(&licences, package.view().get("resources").len());
    if resource::map(draft, package, lent) == 0 || lent.is_empty() {
        for licence in &licences {
            value(draft, &iri, dcterms::LICENSE, licence);
        }
    }
    dates::catalogue_record(draft, package);
}

fn keywords(draft: &mut Draft<'_>, iri: &NamedNode, package: &Fields<'_, '_>) {
    if let Some(translated) = package.first(&["tags_translated", "keywords"]) {
        return add(draft, iri, dcat::KEYWORD, &translated, Kind::Text);
    }
    let tags = package.view();
    let tags = tags.get("tags");
    for tag in tags.items().take(MOST_TAGS) {
        let name = match tag.value() {
            Json::Object(_) => member(&tag, &["name", "display_name"]),
            _ => tag.text(),
        };
        if let Some(name) = name {
            let language = draft.language();
            draft.entity.add_text(iri, dcat::KEYWORD, &name, language);
        }
    }
}

/// Groups are the themes of a portal. DKAN has its publishers there.
fn groups(draft: &mut Draft<'_>, iri: &NamedNode, package: &Fields<'_, '_>) {
    let groups = package.view();
    let groups = groups.get("groups");
    for group in groups.items().take(MOST_TAGS) {
        if organisations::is_publisher(package, &group) {
            continue;
        }
        let name = match group.value() {
            Json::Object(_) => group_name(&group),
            _ => group.text().map(String::from),
        };
        if let Some(name) = name {
            let language = draft.language();
            draft.entity.add_text(iri, dcat::THEME, &name, language);
        }
    }
}

fn group_name(group: &View<'_, '_>) -> Option<String> {
    let keys = ["title_translated", "title", "display_name", "name"];
    keys.iter().find_map(|key| {
        leaves(&group.get(key))
            .into_iter()
            .next()
            .map(|leaf| leaf.text.into_owned())
    })
}

/// `access_constraints` is the list of an ISO record: DCAT-AP has one access right, and statements for the rest.
fn access(draft: &mut Draft<'_>, iri: &NamedNode, package: &Fields<'_, '_>) {
    if let Some(rights) = package.first(&["access_rights_translated", "access_rights"]) {
        let texts = leaves(&rights);
        let translated = texts.iter().any(|leaf| leaf.language.is_some());
        match texts.first() {
            Some(leaf) if !translated => value(draft, iri, dcterms::ACCESS_RIGHTS, &leaf.text),
            _ => add(draft, iri, dcterms::RIGHTS, &rights, Kind::Text),
        }
    }
    if let Some(constraints) = package.first(&["access_constraints", "access-constraints"]) {
        for leaf in leaves(&constraints) {
            value(draft, iri, dcterms::ACCESS_RIGHTS, &leaf.text);
        }
    }
}

fn reference_system(draft: &mut Draft<'_>, iri: &NamedNode, package: &Fields<'_, '_>) {
    let Some(field) = package.first(&["spatial-reference-system", "spatial_reference_system"])
    else {
        return;
    };
    for leaf in leaves(&field) {
        // A bare number is a code of EPSG's.
        let digits = (4..=5).contains(&leaf.text.len())
            && leaf.text.bytes().all(|byte| byte.is_ascii_digit());
        let code = match digits {
            true => format!("EPSG:{}", leaf.text),
            false => leaf.text.into_owned(),
        };
        value(draft, iri, dcterms::CONFORMS_TO, &code);
    }
}
