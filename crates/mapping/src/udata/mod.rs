//! udata's JSON API, version 1 (data.gouv.fr and its kin), to DCAT-AP 3.
//!
//! The field names are those of udata's own API. Each mapping is written beside the fields it reads: [`dataset`],
//! [`service`], and what both have ([`common`], [`agent`], [`contact`], [`harvest`]).

mod agent;
mod common;
mod contact;
mod dataset;
mod harvest;
mod resource;
mod service;
mod spatial;

#[cfg(test)]
mod tests;

use model::{EntityKind, Mapped, RawRecord};

use crate::draft::{Draft, host, rank};
use crate::json::{Report, View};
use crate::{MapContext, MapError, json};

/// What a portal computes about a record, and Moisson does not read.
const SKIPPED: [&str; 5] = [
    "metrics",
    "quality",
    "permissions",
    "preview_url",
    "recommendations",
];
const SKIPPED_PREFIXES: [&str; 3] = ["analysis:", "check:", "recommendations-"];

fn skipped(key: &str) -> bool {
    SKIPPED.contains(&key)
        || SKIPPED_PREFIXES
            .iter()
            .any(|prefix| key.starts_with(prefix))
}

pub(crate) fn map_dataset(
    record: &RawRecord,
    context: &MapContext<'_>,
) -> Result<Mapped, MapError> {
    map(record, context, EntityKind::Dataset, dataset::map)
}

pub(crate) fn map_dataservice(
    record: &RawRecord,
    context: &MapContext<'_>,
) -> Result<Mapped, MapError> {
    map(record, context, EntityKind::DataService, service::map)
}

fn map(
    record: &RawRecord,
    context: &MapContext<'_>,
    kind: EntityKind,
    describe: impl FnOnce(&mut Draft<'_>, View<'_, '_>),
) -> Result<Mapped, MapError> {
    let body = json::text(&record.body)?;
    let document = json::document(&body, skipped)?;
    let report = Report::default();
    let root = View::root(&document, &report);
    refuse(root)?;
    let mut draft = Draft::new(record, context, kind);
    let changed = root.first_of(&["last_modified", "metadata_modified_at", "created_at"]);
    draft.entity.rank = rank(&changed.unwrap_or_default());
    let hosts = ["page", "uri", "self_web_url", "self_api_url"];
    if let Some(host) = hosts.iter().find_map(|key| host(&root.text_of(key)?)) {
        draft.host = host;
    }
    describe(&mut draft, root);
    Ok(draft.finish(record, report))
}

/// Refuses what cannot be published, or must not be.
fn refuse(root: View<'_, '_>) -> Result<(), MapError> {
    let hidden = [
        ("private", root.get("private").is_true()),
        ("deleted", !root.get("deleted").is_null()),
        ("deleted_at", !root.get("deleted_at").is_null()),
    ];
    if let Some((field, _)) = hidden.into_iter().find(|(_, hidden)| *hidden) {
        return Err(MapError {
            rule: "record/not-public",
            message: format!("the portal says that the record is not public (`{field}`)"),
            place: Some(format!("/{field}")),
            hint: Some("publish it on the portal, or leave it out of the API's answers".to_owned()),
        });
    }
    if root.text_of("title").is_none() {
        return Err(MapError {
            rule: "record/no-title",
            message: "the record has no title".to_owned(),
            place: Some("/title".to_owned()),
            hint: Some("give the record a title: DCAT-AP requires one".to_owned()),
        });
    }
    Ok(())
}
