//! `resources`: distributions, the services behind them, and documentation.

use model::Severity;
use model::ns::{adms, cnt, dcat, dcatap, dcterms, foaf, spdx};
use oxrdf::vocab::xsd;
use oxrdf::{NamedNode, Term};

use super::extensions;
use super::fields::{Fields, leaves};
use super::licence;
use super::services;
use super::statements::{Kind, Row, address, objects, table, value};
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
    formats(draft, &node, resource);
    checksum(draft, &node, resource);
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
        .first_text(&["format", "resource_locator_protocol", "protocol"])
        .unwrap_or_default()
        .to_ascii_lowercase();
    // `OGC:WMS-1.3.0-http-get-map`
    let protocol = resource
        .first_text(&["resource_locator_protocol", "protocol", "format"])
        .unwrap_or_default()
        .to_ascii_lowercase();
    let protocol = protocol.split('-').next().unwrap_or_default();
    let ogc = ogc_service(&format, url).or_else(|| ogc_service(protocol, url));
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
    match resource.text("download_url") {
        Some(download) => draft.entity.add_iri(node, dcat::DOWNLOAD_URL, &download),
        None if stored || (ogc.is_none() && !api && FILES.contains(&format.trim())) => {
            draft.entity.add_iri(node, dcat::DOWNLOAD_URL, url);
        }
        None => {}
    }
    let listed = resource.get("access_services");
    if objects(&listed, 1).next().is_some() {
        services::map(draft, node, &listed);
    } else if ogc.is_some() || api {
        service(draft, node, resource.view(), url, ogc);
    }
}

/// CKAN guesses `mimetype` from the address, `mimetype_inner` from what is in an archive.
fn formats(draft: &mut Draft<'_>, node: &NamedNode, resource: &Fields<'_, '_>) {
    const ARCHIVES: [&str; 4] = ["zip", "x-tar", "x-7z-compressed", "x-rar-compressed"];
    const COMPRESSIONS: [&str; 4] = ["gzip", "x-gzip", "x-bzip2", "zstd"];
    let format = resource.text("format");
    let outer = resource.text("mimetype");
    let inner = resource.text("mimetype_inner");
    let is_media = |text: &str| {
        text.contains("iana.org/assignments/media-types/")
            || (!text.starts_with("http")
                && text.split_once('/').is_some_and(|(a, b)| {
                    [
                        "application",
                        "text",
                        "image",
                        "audio",
                        "video",
                        "model",
                        "multipart",
                    ]
                    .contains(&a)
                        && !b.is_empty()
                }))
    };
    if let Some(format) = &format {
        let predicate = match outer.is_none() && is_media(format) {
            true => dcat::MEDIA_TYPE,
            false => dcterms::FORMAT,
        };
        value(draft, node, predicate, format);
    }
    let mut media = outer.clone();
    if let (Some(outer), Some(inner)) = (&outer, inner) {
        let name = outer.rsplit('/').next().unwrap_or_default();
        let wrapping = [
            (dcat::PACKAGE_FORMAT, ARCHIVES.contains(&name)),
            (dcat::COMPRESS_FORMAT, COMPRESSIONS.contains(&name)),
        ];
        if let Some((predicate, _)) = wrapping.into_iter().find(|(_, is_it)| *is_it) {
            if draft.entity.object(node, predicate).is_none() {
                value(draft, node, predicate, outer);
            }
            media = Some(inner);
        }
    }
    if let Some(media) = media {
        value(draft, node, dcat::MEDIA_TYPE, &media);
    }
}

/// `hash` is bare, or has its algorithm before it; DCAT has a field for that.
fn checksum(draft: &mut Draft<'_>, node: &NamedNode, resource: &Fields<'_, '_>) {
    let Some(hash) = resource.text("hash") else {
        return;
    };
    let (prefix, digits) = hash.split_once(':').unwrap_or(("", &hash));
    let said = resource.text("hash_algorithm");
    let said = said.as_deref().unwrap_or(prefix);
    let name = said.rsplit(['_', '/', '#']).next().unwrap_or_default();
    let algorithm = match name.to_ascii_lowercase().replace('-', "").as_str() {
        "md5" => "md5",
        "sha1" => "sha1",
        "sha224" => "sha224",
        "sha256" => "sha256",
        "sha384" => "sha384",
        "sha512" => "sha512",
        // Its length tells.
        "" => match digits.len() {
            32 => "md5",
            40 => "sha1",
            64 => "sha256",
            128 => "sha512",
            _ => return resource.get("hash").bad("a hash of a known length"),
        },
        _ => {
            return resource
                .get("hash_algorithm")
                .bad("the name of a hash function");
        }
    };
    if digits.len() % 2 != 0 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return resource.get("hash").bad("hexadecimal digits");
    }
    let local = node.as_str().rsplit('#').next().unwrap_or_default();
    let own = draft
        .entity
        .node(&local.replacen("distribution", "checksum", 1));
    draft.entity.add_type(&own, spdx::CHECKSUM_CLASS);
    draft.entity.add(node, spdx::CHECKSUM, own.clone());
    draft
        .entity
        .set_origin(&own, resource.get("hash").pointer());
    draft.entity.add_iri(
        &own,
        spdx::ALGORITHM,
        &format!("http://spdx.org/rdf/terms#checksumAlgorithm_{algorithm}"),
    );
    draft.entity.add_typed(
        &own,
        spdx::CHECKSUM_VALUE,
        &digits.to_ascii_lowercase(),
        xsd::HEX_BINARY,
    );
}

fn rights(draft: &mut Draft<'_>, node: &NamedNode, resource: &Fields<'_, '_>) {
    let Some(field) = resource.first(&["rights_translated", "rights"]) else {
        return;
    };
    for leaf in leaves(&field) {
        match address(&leaf.text) {
            Some(iri) => draft.entity.add(node, dcterms::RIGHTS, iri),
            None => {
                let language = leaf.language.as_deref().or(draft.language());
                draft
                    .entity
                    .add_text(node, dcterms::RIGHTS, &leaf.text, language);
            }
        }
    }
}
