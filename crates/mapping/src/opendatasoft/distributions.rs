//! Files that the portal makes of its records, files that were attached, and the API.

use std::borrow::Cow;
use std::fmt::Write;

use model::Severity;
use model::ns::{dcat, dcterms};
use oxrdf::NamedNode;

use super::dataset::{REPRESENTATION, VECTOR};
use super::{Record, first, segment, texts};
use crate::draft::{Draft, local_name, short_hash};
use crate::json::View;

/// A format in which the portal gives the records.
struct Export {
    code: &'static str,
    /// The code of version 1.0, if it has the format.
    old: Option<&'static str>,
    title: &'static str,
    format: &'static str,
    media_type: &'static str,
    /// Only where the records have geometries.
    geographic: bool,
}

const EXPORTS: [Export; 6] = [
    Export {
        code: "csv",
        old: Some("csv"),
        title: "CSV",
        format: "CSV",
        media_type: "text/csv",
        geographic: false,
    },
    Export {
        code: "xlsx",
        old: Some("xls"),
        title: "Excel",
        format: "XLSX",
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        geographic: false,
    },
    Export {
        code: "json",
        old: Some("json"),
        title: "JSON",
        format: "JSON",
        media_type: "application/json",
        geographic: false,
    },
    Export {
        code: "parquet",
        old: None,
        title: "Parquet",
        format: "PARQUET",
        media_type: "application/vnd.apache.parquet",
        geographic: false,
    },
    Export {
        code: "geojson",
        old: Some("geojson"),
        title: "GeoJSON",
        format: "GEOJSON",
        media_type: "application/geo+json",
        geographic: true,
    },
    Export {
        code: "shp",
        old: Some("shp"),
        title: "Shapefile",
        format: "SHP",
        media_type: "",
        geographic: true,
    },
];

/// Version 1.0 cuts a Shapefile off behind so many records.
const MOST_RECORDS_OF_SHAPEFILE: u64 = 50_000;

/// Whether the description is public and the data are not.
pub(super) fn hidden(record: &Record<'_, '_>) -> bool {
    let visible = record.dataset.get("data_visible");
    !visible.is_null() && !visible.is_true()
}

/// More distributions than this do not come of the record.
pub(super) fn at_most(record: &Record<'_, '_>) -> usize {
    let attached = ["alternative_exports", "attachments"]
        .map(|kind| record.dataset.get(kind).len().min(super::MOST));
    attached.iter().sum::<usize>() + EXPORTS.len() + 1
}

/// Maps the distributions, and says how many there are.
pub(super) fn map(draft: &mut Draft<'_>, record: &Record<'_, '_>, licences: &[String]) -> usize {
    let mut made = Vec::new();
    if record.dataset.get("has_records").is_true() && !hidden(record) {
        exports(draft, record, &mut made);
        api(draft, record, &mut made);
    }
    for kind in ["alternative_exports", "attachments"] {
        let files = record.dataset.get(kind);
        for file in files.items().take(super::MOST) {
            made.extend(
                file.object()
                    .and_then(|file| attached(draft, record, file, kind)),
            );
        }
    }
    for node in &made {
        for licence in licences {
            draft.entity.add_text(node, dcterms::LICENSE, licence, None);
        }
    }
    made.len()
}

fn exports(draft: &mut Draft<'_>, record: &Record<'_, '_>, made: &mut Vec<NamedNode>) {
    let geographic = texts(record.dataset, "features")
        .iter()
        .any(|feature| feature == "geo");
    let count = record.default.get("records_count").count();
    for export in &EXPORTS {
        let cut = record.old
            && export.code == "shp"
            && count.is_some_and(|count| count > MOST_RECORDS_OF_SHAPEFILE);
        if cut || (export.geographic && !geographic) {
            continue;
        }
        let Some(url) = address(record, export) else {
            continue;
        };
        let node = draft.entity.node(&format!("distribution-{}", export.code));
        open(draft, &node, record.dataset);
        draft
            .entity
            .add_text(&node, dcterms::TITLE, export.title, Some("fr"));
        draft.entity.add_iri(&node, dcat::ACCESS_URL, &url);
        draft.entity.add_iri(&node, dcat::DOWNLOAD_URL, &url);
        let old = record.old && export.code == "xlsx";
        let (format, media_type) = match old {
            true => ("XLS", "application/vnd.ms-excel"),
            false => (export.format, export.media_type),
        };
        draft.entity.add_text(&node, dcterms::FORMAT, format, None);
        draft
            .entity
            .add_text(&node, dcat::MEDIA_TYPE, media_type, None);
        if let Some(modified) = date(record, &["data_processed", "modified"]) {
            draft
                .entity
                .add_text(&node, dcterms::MODIFIED, &modified, None);
        }
        if export.geographic && !texts(record.default, "geometry_types").is_empty() {
            draft.entity.add(&node, REPRESENTATION, VECTOR.into_owned());
        }
        made.push(node);
    }
    // The columns are those of every export; said once.
    if let (Some(node), Some(description)) = (made.first(), columns(record, count)) {
        draft
            .entity
            .add_text(node, dcterms::DESCRIPTION, &description, Some("fr"));
    }
}

/// A date of the dataset that each of its files has; what is too long for one is reported where the dataset has it.
fn date<'d>(record: &Record<'d, '_>, keys: &[&str]) -> Option<Cow<'d, str>> {
    const LONGEST: usize = 100;
    first(&[record.default], keys).filter(|date| date.len() <= LONGEST)
}

fn open(draft: &mut Draft<'_>, node: &NamedNode, place: View<'_, '_>) {
    draft.open(node, dcat::DISTRIBUTION_CLASS, dcat::DISTRIBUTION, &place);
}

fn address(record: &Record<'_, '_>, export: &Export) -> Option<String> {
    if record.old {
        let code = export.old?;
        return record.address(&format!("/explore/dataset/{{}}/download/?format={code}"));
    }
    let code = export.code;
    record.address(&format!(
        "/api/explore/v2.1/catalog/datasets/{{}}/exports/{code}"
    ))
}

/// How many records there are, and the columns that they have.
fn columns(record: &Record<'_, '_>, count: Option<u64>) -> Option<String> {
    const MOST_COLUMNS: usize = 100;
    const LONGEST: usize = 200;
    let mut text = count.map_or_else(String::new, |count| match count {
        0 | 1 => format!("{count} enregistrement."),
        _ => format!("{count} enregistrements."),
    });
    let fields = record.dataset.get("fields");
    let mut number = 0;
    for field in fields.items().take(MOST_COLUMNS) {
        let Some(field) = field.object() else {
            continue;
        };
        let Some(name) = first(&[field], &["name"]) else {
            continue;
        };
        text.push_str(if number == 0 {
            "\n\nColonnes :\n- "
        } else {
            "\n- "
        });
        number += 1;
        let label = first(&[field], &["label"]).filter(|label| *label != name);
        if let Some(label) = label {
            let _ = write!(text, "{label} : ");
        }
        text.push_str(&name);
        if let Some(kind) = first(&[field], &["type"]) {
            let _ = write!(text, " [{kind}]");
        }
        if let Some(description) = first(&[field], &["description"]) {
            text.push_str(", ");
            text.extend(description.chars().take(LONGEST));
        }
    }
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The API: a service by which the records are queried, and a page that explains it.
fn api(draft: &mut Draft<'_>, record: &Record<'_, '_>, made: &mut Vec<NamedNode>) {
    let (endpoint, description) = match record.old {
        false => (
            record.address("/api/explore/v2.1/catalog/datasets/{}/records"),
            record.address("/api/explore/v2.1/console"),
        ),
        true => (
            record.address("/api/records/1.0/search/?dataset={}"),
            record.address("/explore/dataset/{}/api/"),
        ),
    };
    let (Some(endpoint), Some(description), Some(page)) = (
        endpoint,
        description,
        record.address("/explore/dataset/{}/api/"),
    ) else {
        return;
    };
    let node = draft.entity.node("distribution-api");
    open(draft, &node, record.dataset);
    draft
        .entity
        .add_text(&node, dcterms::TITLE, "API", Some("fr"));
    draft.entity.add_iri(&node, dcat::ACCESS_URL, &page);
    draft.entity.add_text(&node, dcterms::FORMAT, "JSON", None);
    draft
        .entity
        .add_text(&node, dcat::MEDIA_TYPE, "application/json", None);
    let service = draft.entity.node("service-api");
    let dataset = draft.entity.iri.clone();
    draft.entity.add_type(&service, dcat::DATA_SERVICE);
    draft
        .entity
        .add(&node, dcat::ACCESS_SERVICE, service.clone());
    draft.entity.add(&service, dcat::SERVES_DATASET, dataset);
    draft.entity.set_origin(&service, record.dataset.pointer());
    // A title with markup is reported where it stands, not here.
    let title = super::title(record).filter(|title| !title.contains('<'));
    let title = format!("API : {}", title.as_deref().unwrap_or(&record.id));
    draft
        .entity
        .add_text(&service, dcterms::TITLE, &title, Some("fr"));
    draft
        .entity
        .add_iri(&service, dcat::ENDPOINT_URL, &endpoint);
    draft
        .entity
        .add_iri(&service, dcat::ENDPOINT_DESCRIPTION, &description);
    made.push(node);
}

/// A file that was added by hand. `odsfile://` names the file within the portal, which gives it by its identifier.
fn attached(
    draft: &mut Draft<'_>,
    record: &Record<'_, '_>,
    file: View<'_, '_>,
    kind: &str,
) -> Option<NamedNode> {
    let id = first(&[file], &["id"]);
    let stated = first(&[file], &["url"]).unwrap_or_default();
    let stored = id.as_deref().and_then(|id| {
        let versioned = match record.old {
            true => "/api/datasets/1.0/{}",
            false => "/api/explore/v2.1/catalog/datasets/{}",
        };
        record.address(&format!("{versioned}/{kind}/{}", segment(id)))
    });
    // An address with blanks is one that the rules repair.
    let elsewhere = stated.starts_with("https://") || stated.starts_with("http://");
    let Some(url) = elsewhere.then(|| stated.to_string()).or(stored) else {
        file.find(
            "distribution/no-access-url",
            Severity::Warning,
            "the file has no address: left out",
            "give the file an address, or delete it",
        );
        return None;
    };
    let name = match &id {
        Some(id) => local_name(id).into_owned(),
        None => short_hash(&url),
    };
    let kind = kind.trim_end_matches('s').replace('_', "-");
    let node = draft.entity.node(&format!("distribution-{kind}-{name}"));
    if !draft.claim(&node) {
        file.find(
            "distribution/duplicate-identifier",
            Severity::Info,
            "the file stands twice: published once",
            "delete the second file on the portal",
        );
        return None;
    }
    open(draft, &node, file);
    let title = first(&[file], &["title"]).or(id);
    if let Some(title) = title {
        record.text(draft, &node, dcterms::TITLE, &title);
    }
    if let Some(description) = first(&[file], &["description"]) {
        record.text(draft, &node, dcterms::DESCRIPTION, &description);
    }
    draft.entity.add_iri(&node, dcat::ACCESS_URL, &url);
    draft.entity.add_iri(&node, dcat::DOWNLOAD_URL, &url);
    if let Some(media_type) = first(&[file], &["mimetype"]) {
        draft
            .entity
            .add_text(&node, dcat::MEDIA_TYPE, &media_type, None);
    }
    if let Some(format) = extension(&stated) {
        draft.entity.add_text(&node, dcterms::FORMAT, format, None);
    }
    if let Some(modified) = date(record, &["modified"]) {
        draft
            .entity
            .add_text(&node, dcterms::MODIFIED, &modified, None);
    }
    Some(node)
}

/// The extension of a file's name: what the address under which the portal gives the file does not have.
fn extension(address: &str) -> Option<&str> {
    let name = address.split(['?', '#']).next()?.rsplit('/').next()?;
    let (stem, extension) = name.rsplit_once('.')?;
    let plain = (2..=8).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (plain && !stem.is_empty() && address.starts_with("odsfile:")).then_some(extension)
}
