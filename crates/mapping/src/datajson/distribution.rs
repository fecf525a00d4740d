//! `distribution`; in version 1.0 a dataset is its own only distribution.

use model::Severity;
use model::ns::{dcat, dcterms, foaf};
use oxrdf::NamedNode;
use oxrdf::vocab::xsd;

use super::values;
use crate::draft::{Draft, short_hash};
use crate::json::{Json, View};
use crate::online::{FILES, ogc_service, service};

/// Maps the distributions, and says how many there are.
pub(super) fn map(draft: &mut Draft<'_>, root: View<'_, '_>, licences: &[String]) -> usize {
    let list = root.get("distribution");
    let mut count = 0;
    match list.value() {
        Json::List(_) => {
            for item in list.items() {
                count += usize::from(distribution(draft, root, item, licences).is_some());
            }
        }
        Json::Null => {}
        _ => count += usize::from(distribution(draft, root, list, licences).is_some()),
    }
    // Version 1.0, and a web service beside the files (1.0 and 1.1).
    if ["accessURL", "downloadURL"]
        .iter()
        .any(|key| !root.get(key).is_null())
    {
        count += usize::from(distribution(draft, root, root, licences).is_some());
    }
    for address in values(root.get("webService")) {
        count += usize::from(web_service(draft, root, &address, licences).is_some());
    }
    count
}

fn distribution(
    draft: &mut Draft<'_>,
    root: View<'_, '_>,
    view: View<'_, '_>,
    licences: &[String],
) -> Option<NamedNode> {
    let view = view.object()?;
    let first = |key: &str| values(view.get(key)).into_iter().next();
    let (access, download) = (first("accessURL"), first("downloadURL"));
    let Some(url) = download.clone().or_else(|| access.clone()) else {
        view.find(
            "distribution/no-access-url",
            Severity::Warning,
            "the distribution has no address: left out",
            "give the distribution a `downloadURL` or an `accessURL`",
        );
        return None;
    };
    let title = view.text_of("title").unwrap_or_default();
    let format = first("format").or_else(|| first("mediaType"));
    let mut node = draft.entity.node(&format!(
        "distribution-{}",
        short_hash(&format!("{url}\n{title}"))
    ));
    if !draft.claim(&node) {
        // The same file in another format, under one address.
        let format = format.as_deref().unwrap_or_default();
        node = draft.entity.node(&format!(
            "distribution-{}",
            short_hash(&format!("{url}\n{title}\n{format}"))
        ));
        if !draft.claim(&node) {
            return None;
        }
    }
    draft.open(&node, dcat::DISTRIBUTION_CLASS, dcat::DISTRIBUTION, &view);
    // Of a dataset that is its own distribution, title and dates are the dataset's.
    if view.get("keyword").is_null() {
        draft.text(&node, dcterms::TITLE, view, "title");
        draft.text(&node, dcterms::DESCRIPTION, view, "description");
        draft.plain(&node, dcterms::IDENTIFIER, view, &["identifier"]);
        draft.plain(&node, dcterms::ISSUED, view, &["issued"]);
        draft.plain(&node, dcterms::MODIFIED, view, &["modified"]);
    }
    draft
        .entity
        .add_iri(&node, dcat::ACCESS_URL, access.as_deref().unwrap_or(&url));
    let said_at = if access.is_some() {
        "accessURL"
    } else {
        "downloadURL"
    };
    draft.wrote(&node, dcat::ACCESS_URL, &view.get(said_at));
    let is_file = format
        .as_deref()
        .is_some_and(|format| FILES.contains(&format.trim().to_ascii_lowercase().as_str()));
    if download.is_some() || is_file {
        draft.entity.add_iri(&node, dcat::DOWNLOAD_URL, &url);
    }
    technical(draft, &node, view);
    let own = values(view.get("license"));
    let said_at = if own.is_empty() { root } else { view };
    draft.wrote(&node, dcterms::LICENSE, &said_at.get("license"));
    for licence in if own.is_empty() { licences } else { &own } {
        draft
            .entity
            .add_text(&node, dcterms::LICENSE, licence, None);
    }
    let named = format.unwrap_or_default().to_ascii_lowercase();
    if let Some(standard) = ogc_service(&named, &url) {
        service(draft, &node, view, &url, Some(standard));
    }
    Some(node)
}

fn technical(draft: &mut Draft<'_>, node: &NamedNode, view: View<'_, '_>) {
    for (key, predicate) in [
        ("format", dcterms::FORMAT),
        ("mediaType", dcat::MEDIA_TYPE),
        ("compressFormat", dcat::COMPRESS_FORMAT),
        ("packageFormat", dcat::PACKAGE_FORMAT),
        ("rights", dcterms::RIGHTS),
        ("language", dcterms::LANGUAGE),
    ] {
        let stated = values(view.get(key));
        if !stated.is_empty() {
            draft.wrote(node, predicate, &view.get(key));
        }
        for value in stated {
            draft.entity.add_text(node, predicate, &value, None);
        }
    }
    for (key, predicate) in [
        ("conformsTo", dcterms::CONFORMS_TO),
        ("describedBy", foaf::PAGE),
        ("page", foaf::PAGE),
    ] {
        // What a dataset that is its own distribution says there is said of the dataset.
        if view.get("keyword").is_null() {
            for value in values(view.get(key)) {
                draft.entity.add_iri(node, predicate, &value);
            }
        }
    }
    if let Some(size) = view.get("byteSize").count() {
        draft.entity.add_typed(
            node,
            dcat::BYTE_SIZE,
            &size.to_string(),
            xsd::NON_NEGATIVE_INTEGER,
        );
    }
}

fn web_service(
    draft: &mut Draft<'_>,
    root: View<'_, '_>,
    address: &str,
    licences: &[String],
) -> Option<NamedNode> {
    let node = draft
        .entity
        .node(&format!("distribution-{}", short_hash(address)));
    if !draft.claim(&node) {
        return None;
    }
    draft.open(
        &node,
        dcat::DISTRIBUTION_CLASS,
        dcat::DISTRIBUTION,
        &root.get("webService"),
    );
    draft.entity.add_iri(&node, dcat::ACCESS_URL, address);
    for licence in licences {
        draft
            .entity
            .add_text(&node, dcterms::LICENSE, licence, None);
    }
    service(draft, &node, root, address, ogc_service("", address));
    Some(node)
}
