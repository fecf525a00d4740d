//! A package of CKAN's action API (also DKAN's) to DCAT-AP 3.
//!
//! CKAN itself has few fields. The others stand in `extras`, or, where ckanext-scheming is installed, beside CKAN's own; their names
//! are those of ckanext-dcat, which reads them from DCAT and writes them as DCAT, and of ckanext-spatial, which reads ISO 19139.
//! [`fields`] makes one of these ways to write them; each other module maps the fields it names.

mod agents;
mod contacts;
mod coverage;
mod dataset;
mod dates;
mod extensions;
mod fields;
mod file;
mod identity;
mod licence;
mod organisations;
mod related;
mod resource;
mod services;
mod statements;

#[cfg(test)]
mod tests;

use model::{EntityKind, Mapped, RawRecord};

use crate::draft::{Draft, rank};
use crate::json::{Report, View};
use crate::{MapContext, MapError, json};
use fields::Fields;

/// What a portal computes about a record, and Moisson does not read.
const SKIPPED: [&str; 8] = [
    "tracking_summary",
    "metas",
    "revision_id",
    "creator_user_id",
    "package_id",
    "cache_url",
    "webstore_url",
    "resource_views",
];

/// Each field is looked for among them: more are no description.
const MOST_EXTRAS: usize = 2_000;

pub(crate) fn map(record: &RawRecord, context: &MapContext<'_>) -> Result<Mapped, MapError> {
    let body = json::text(&record.body)?;
    let mut document = json::document(&body, |key| SKIPPED.contains(&key))?;
    fields::unfold(&mut document);
    let report = Report::default();
    let root = View::root(&document, &report);
    let extras = root.get("extras");
    let extras: Vec<View<'_, '_>> = extras.items_quietly().take(MOST_EXTRAS).collect();
    let package = Fields::new(root, &extras);
    refuse(&package)?;
    let kind = match package.text("type").as_deref() {
        Some("dataset_series" | "dataset-series") => EntityKind::DatasetSeries,
        _ => EntityKind::Dataset,
    };
    let mut draft = Draft::new(record, context, kind);
    let changed = package
        .first_text(&["metadata_modified", "metadata_created"])
        // DKAN writes dates for people, which have no order.
        .filter(|date| date.bytes().take(4).all(|byte| byte.is_ascii_digit()));
    draft.entity.rank = rank(&changed.unwrap_or_default());
    dataset::map(&mut draft, &package);
    Ok(draft.finish(record, report))
}

/// Refuses what cannot be published. Whether private datasets are wanted is for the connector to know.
fn refuse(package: &Fields<'_, '_>) -> Result<(), MapError> {
    if package
        .text("state")
        .is_some_and(|state| state.eq_ignore_ascii_case("deleted"))
    {
        return Err(MapError {
            rule: "record/not-public",
            message: "the portal says that the record is deleted (`state`)".to_owned(),
            place: Some("/state".to_owned()),
            hint: Some("leave it out of the API's answers".to_owned()),
        });
    }
    let titled = ["title_translated", "title"]
        .iter()
        .any(|key| !fields::leaves(&package.get(key)).is_empty());
    if !titled {
        return Err(MapError {
            rule: "record/no-title",
            message: "the record has no title".to_owned(),
            place: Some("/title".to_owned()),
            hint: Some("give the record a title: DCAT-AP requires one".to_owned()),
        });
    }
    Ok(())
}
