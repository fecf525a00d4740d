//! `resources`: distributions, the services behind them, and documentation.

use model::Severity;
use model::ns::{adms, cnt, dcat, dcatap, dcterms, foaf};
use oxrdf::{NamedNode, Term};

use super::fields::{Fields, leaves};
use super::licence;
use super::services;
use super::statements::{Kind, Row, address, objects, statement, table, value};
use super::{extensions, file};
use crate::draft::{Draft, local_name, short_hash};
use crate::online::{FILES, ogc_service, service};

/// More resources than this are none of one dataset.
const MOST: usize = 20_000;

const PROPERTIES: &[Row] = &[
    (&["id"], dcterms::IDENTIFIER, Kind::Plain),
    (
        &["name_translated", "title_translated", "name", "title"],
        dcterms::TITLE,
        Kind::Text,
    ),
    (
        &["description_translated", "description"],
        dcterms::DESCRIPTION,
        Kind::Text,
    ),
    (&["size", "filesize"], dcat::BYTE_SIZE, Kind::Plain),
    (&["language"], dcterms::LANGUAGE, Kind::Value),
    (
        &["conforms_to", "schema"],
        dcterms::CONFORMS_TO,
        Kind::Value,
    ),
    (&["documentation"], foaf::PAGE, Kind::Iri),
    (
        &["applicable_legislation"],
        dcatap::APPLICABLE_LEGISLATION,
        Kind::Iri,
    ),
    (&["availability"], dcatap::AVAILABILITY, Kind::Value),
    (&["status"], adms::STATUS, Kind::Value),
    (&["compress_format"], dcat::COMPRESS_FORMAT, Kind::Value),
    (&["package_format"], dcat::PACKAGE_FORMAT, Kind::Value),
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
        &["character_encoding", "encoding"],
        cnt::CHARACTER_ENCODING,
        Kind::Plain,
    ),
    (&["issued", "created"], dcterms::ISSUED, Kind::Plain),
    (
        &["modified", "last_modified"],
        dcterms::MODIFIED,
        Kind::Plain,
    ),
];

/// Maps the resources, and says how many distributions they became.
pub(super) fn map(draft: &mut Draft<'_>, package: &Fields<'_, '_>, licences: &[String]) -> usize {
    let root = package.view();
    let resources = root.get("resources");
    let mut distributions = 0;
    for resource in resources.items().take(MOST) {
        let Some(resource) = resource.object() else {
            continue;
        };
        let fields = Fields::new(resource, &[]);
        let is = |key: &str, wanted: &[&str]| {
            fields
                .text(key)
                .is_some_and(|text| wanted.iter().any(|name| text.eq_ignore_ascii_case(name)))
        };
        if is("state", &["deleted"]) {
            continue;
        }
        let documents = is("resource_type", &["documentation", "doc"])
            || is("resource_locator_function", &["information"]);
        if let (true, Some(url)) = (documents, fields.text("url")) {
            let iri = draft.entity.iri.clone();
            draft.entity.add_iri(&iri, foaf::PAGE, &url);
        } else if distribution(draft, &fields, licences).is_some() {
            distributions += 1;
        }
    }
    distributions
}

fn distribution(
    draft: &mut Draft<'_>,
    resource: &Fields<'_, '_>,
    licences: &[String],
) -> Option<NamedNode> {
    let view = resource.view();
    let Some(url) = resource.first_text(&["url", "access_url", "download_url"]) else {
        view.find(
            "distribution/no-access-url",
            Severity::Warning,
            "the resource has no address: left out",
            "give the resource an address, or delete it",
        );
        return None;
    };
    let node = claim(draft, resource, &url)?;
    draft.open(&node, dcat::DISTRIBUTION_CLASS, dcat::DISTRIBUTION, &view);
    table(draft, &node, resource, PROPERTIES);
    file::formats(draft, &node, resource);
    file::checksum(draft, &node, resource);
    rights(draft, &node, resource);
    let own = licence::of_resource(draft, resource);
    match own {
        Some(own) => value(draft, &node, dcterms::LICENSE, &own),
        None => {
            for licence in licences {
                value(draft, &node, dcterms::LICENSE, licence);
            }
        }
    }
    extensions::retention(draft, &node, resource);
    addresses(draft, &node, resource, &url);
    Some(node)
}

/// A node for the resource; none if the very same resource was there before.
fn claim(draft: &mut Draft<'_>, resource: &Fields<'_, '_>, url: &str) -> Option<NamedNode> {
    let title = resource.first_text(&["name", "title"]).unwrap_or_default();
    let content = short_hash(&format!("{url}\n{title}"));
    let Some(id) = resource.text("id") else {
        let node = draft.entity.node(&format!("distribution-{content}"));
        return draft.claim(&node).then_some(node);
    };
    let name = local_name(&id);
    let node = draft.entity.node(&format!("distribution-{name}"));
    if draft.claim(&node) {
        return Some(node);
    }
    let same = draft
        .entity
        .objects(&node, dcat::ACCESS_URL)
        .chain(draft.entity.objects(&node, dcat::DOWNLOAD_URL))
        .any(|known| matches!(known, Term::NamedNode(known) if known.as_str() == url));
    let message = if same {
        "the resource stands twice: published once"
    } else {
        "two resources have the same identifier: each is published"
    };
    resource.view().find(
        "distribution/duplicate-identifier",
        Severity::Info,
        message,
        "delete the second resource on the portal, or add it anew",
    );
    if same {
        return None;
    }
    let node = draft.entity.node(&format!("distribution-{name}-{content}"));
    draft.claim(&node).then_some(node)
}

fn addresses(draft: &mut Draft<'_>, node: &NamedNode, resource: &Fields<'_, '_>, url: &str) {
    let format = resource
        .text("format")
        .unwrap_or_default()
        .to_ascii_lowercase();
    // `OGC:WMS-1.3.0-http-get-map`
    let protocol = resource
        .first_text(&["resource_locator_protocol", "protocol"])
        .unwrap_or_default()
        .to_ascii_lowercase();
    let protocol = protocol.split('-').next().unwrap_or_default();
    let ogc = ogc_service(&format, url).or_else(|| ogc_service(protocol, url));
    if format.is_empty() && ogc_service(protocol, "").is_some() {
        let name = protocol.trim_start_matches("ogc:").to_ascii_uppercase();
        draft.entity.add_text(node, dcterms::FORMAT, &name, None);
    }
    let is = |key: &str, wanted: &str| {
        resource
            .text(key)
            .is_some_and(|text| text.eq_ignore_ascii_case(wanted))
    };
    let api = is("resource_type", "api") || is("format", "api");
    let access = resource.text("access_url");
    draft
        .entity
        .add_iri(node, dcat::ACCESS_URL, access.as_deref().unwrap_or(url));
    let stored = is("url_type", "upload") || is("resource_locator_function", "download");
    let is_file = ogc.is_none() && !api && (stored || FILES.contains(&format.trim()));
    match resource.text("download_url") {
        Some(download) => draft.entity.add_iri(node, dcat::DOWNLOAD_URL, &download),
        None if is_file => draft.entity.add_iri(node, dcat::DOWNLOAD_URL, url),
        None => {}
    }
    let listed = resource.get("access_services");
    if objects(&listed, 1).next().is_some() {
        services::map(draft, node, &listed);
    } else if ogc.is_some() || api {
        service(draft, node, resource.view(), url, ogc);
    }
}

fn rights(draft: &mut Draft<'_>, node: &NamedNode, resource: &Fields<'_, '_>) {
    let Some(field) = resource.first(&["rights_translated", "rights"]) else {
        return;
    };
    let leaves = leaves(&field);
    // DCAT-AP has one statement a distribution: translations are the same.
    if leaves.iter().any(|leaf| leaf.language.is_some()) {
        let local = node.as_str().rsplit('#').next().unwrap_or_default();
        let name = local.replacen("distribution", "rights", 1);
        let class = dcterms::RIGHTS_STATEMENT;
        return statement(draft, node, dcterms::RIGHTS, &field, &leaves, class, &name);
    }
    for leaf in leaves {
        match address(&leaf.text) {
            Some(iri) => draft.entity.add(node, dcterms::RIGHTS, iri),
            None => {
                let language = draft.language();
                draft
                    .entity
                    .add_text(node, dcterms::RIGHTS, &leaf.text, language);
            }
        }
    }
}
