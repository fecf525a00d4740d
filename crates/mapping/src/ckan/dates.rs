//! Dates of the dataset and of its record, and the periods it covers.

use model::ns::{dcat, dcterms, foaf};
use oxrdf::{NamedNode, NamedNodeRef};

use super::fields::{Fields, scalar};
use super::statements::{member, objects};
use crate::draft::Draft;
use crate::json::{Json, View};

/// More periods than this are not a coverage.
const MOST_PERIODS: usize = 50;

/// What a portal says of the data comes before what CKAN says of the record. `dcat_` stands before them in ckanext-dcat's
/// compatibility mode.
const ISSUED: [&str; 6] = [
    "issued",
    "dcat_issued",
    "date_published",
    "date_released",
    "release_date",
    "publication_date",
];
const MODIFIED: [&str; 5] = [
    "modified",
    "dcat_modified",
    "date_modified",
    "date_updated",
    "data_last_updated",
];

pub(super) fn map(draft: &mut Draft<'_>, iri: &NamedNode, package: &Fields<'_, '_>) {
    let reference = |wanted: &str| {
        let dates = package.get("dataset-reference-date");
        let date = objects(&dates, MOST_PERIODS)
            .find(|date| member(date, &["type"]).as_deref() == Some(wanted));
        date.and_then(|date| member(&date, &["value"]).map(String::from))
    };
    let said = |keys: &[&str]| package.first_text(keys).map(String::from);
    let dates = [
        (
            dcterms::ISSUED,
            said(&ISSUED)
                .or_else(|| reference("publication"))
                .or_else(|| said(&["metadata_created"])),
        ),
        (
            dcterms::MODIFIED,
            said(&MODIFIED)
                .or_else(|| reference("revision"))
                .or_else(|| said(&["metadata_modified"])),
        ),
        (
            dcterms::CREATED,
            said(&["created", "date_created"]).or_else(|| reference("creation")),
        ),
    ];
    for (predicate, date) in dates {
        if let Some(date) = date {
            draft.entity.add_text(iri, predicate, &date, None);
        }
    }
    periods(draft, iri, dcterms::TEMPORAL, "temporal", package);
}

/// Pairs of fields that are the two ends of one period.
const ENDS: [(&str, &str); 6] = [
    ("temporal_start", "temporal_end"),
    ("temporal-extent-begin", "temporal-extent-end"),
    ("temporal_coverage_from", "temporal_coverage_to"),
    ("temporal_coverage-from", "temporal_coverage-to"),
    ("time_period_coverage_start", "time_period_coverage_end"),
    ("temporal_coverage_start", "temporal_coverage_end"),
];

fn periods(
    draft: &mut Draft<'_>,
    iri: &NamedNode,
    predicate: NamedNodeRef<'_>,
    name: &str,
    package: &Fields<'_, '_>,
) {
    let coverage = package.first(&["temporal_coverage", "temporal"]);
    if let Some(coverage) = coverage {
        list(draft, iri, predicate, name, &coverage);
    }
    for (at, (start, end)) in ENDS.into_iter().enumerate() {
        let (start, end) = (package.get(start), package.get(end));
        let Some(place) = [&start, &end].into_iter().find(|date| !date.is_null()) else {
            continue;
        };
        let ends = (
            scalar(&start).map(String::from),
            scalar(&end).map(String::from),
        );
        period(
            draft,
            iri,
            predicate,
            &format!("{name}-{}", at + 1),
            ends,
            place,
        );
        break;
    }
}

/// `[{"start": …, "end": …}]`, `"start/end"`, or a list of these.
pub(super) fn list(
    draft: &mut Draft<'_>,
    subject: &NamedNode,
    predicate: NamedNodeRef<'_>,
    name: &str,
    coverage: &View<'_, '_>,
) {
    if let Some(text) = scalar(coverage) {
        return period(draft, subject, predicate, name, both(&text), coverage);
    }
    for (at, item) in objects(coverage, MOST_PERIODS).enumerate() {
        let ends = (
            member(&item, &["start", "from", "begin"]).map(String::from),
            member(&item, &["end", "to"]).map(String::from),
        );
        period(
            draft,
            subject,
            predicate,
            &format!("{name}-list-{}", at + 1),
            ends,
            &item,
        );
    }
    for (at, item) in coverage.items_quietly().take(MOST_PERIODS).enumerate() {
        if let Json::Text(text) = item.value() {
            period(
                draft,
                subject,
                predicate,
                &format!("{name}-text-{}", at + 1),
                both(text),
                &item,
            );
        }
    }
}

fn both(text: &str) -> (Option<String>, Option<String>) {
    let (start, end) = text.split_once('/').unwrap_or((text, text));
    let side = |side: &str| {
        let side = side.trim();
        (!side.is_empty() && side != "..").then(|| side.to_owned())
    };
    (side(start), side(end))
}

fn period(
    draft: &mut Draft<'_>,
    subject: &NamedNode,
    predicate: NamedNodeRef<'_>,
    name: &str,
    (start, end): (Option<String>, Option<String>),
    place: &View<'_, '_>,
) {
    if start.is_none() && end.is_none() {
        return;
    }
    let node = draft.entity.node(name);
    draft.entity.add_type(&node, dcterms::PERIOD_OF_TIME);
    draft.entity.add(subject, predicate, node.clone());
    draft.entity.set_origin(&node, place.pointer());
    for (predicate, date) in [(dcat::START_DATE, start), (dcat::END_DATE, end)] {
        if let Some(date) = date {
            draft.entity.add_text(&node, predicate, &date, None);
        }
    }
}

/// The record about the dataset: when its description was made and changed on the portal.
pub(super) fn catalogue_record(draft: &mut Draft<'_>, package: &Fields<'_, '_>) {
    let Some(modified) = package.text("metadata_modified") else {
        return;
    };
    let node = draft.entity.node("record");
    let iri = draft.entity.iri.clone();
    draft.entity.add_type(&node, dcat::CATALOG_RECORD);
    draft.entity.add(&node, foaf::PRIMARY_TOPIC, iri);
    draft
        .entity
        .add_text(&node, dcterms::MODIFIED, &modified, None);
    if let Some(created) = package.text("metadata_created") {
        draft
            .entity
            .add_text(&node, dcterms::ISSUED, &created, None);
    }
    draft.entity.set_origin(&node, "");
}
