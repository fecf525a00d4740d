//! `resources`: distributions, the services behind them, and documentation.

use std::borrow::Cow;

use model::Severity;
use model::ns::{dcat, dcterms, foaf, spdx};
use oxrdf::NamedNode;
use oxrdf::vocab::xsd;

use crate::draft::{Draft, local_name, short_hash};
use crate::json::{Json, View};
use crate::online::{FILES, ogc_service, service};

/// Maps the resources, and says how many distributions they became.
pub(super) fn map(draft: &mut Draft<'_>, root: View<'_, '_>, licences: &[String]) -> usize {
    let mut distributions = 0;
    let resources = root.get("resources");
    for resource in resources.items() {
        let Some(resource) = resource.object() else {
            continue;
        };
        if resource.text_of("type").as_deref() == Some("documentation") {
            let iri = draft.entity.iri.clone();
            draft.iri(&iri, foaf::PAGE, resource, "url");
        } else if distribution(draft, resource, licences).is_some() {
            distributions += 1;
        }
    }
    distributions
}

fn distribution(
    draft: &mut Draft<'_>,
    resource: View<'_, '_>,
    licences: &[String],
) -> Option<NamedNode> {
    let Some(url) = resource.first_of(&["url", "latest"]) else {
        resource.find(
            "distribution/no-access-url",
            Severity::Warning,
            "the resource has no address: left out",
            "give the resource an address, or delete it",
        );
        return None;
    };
    let node = claim(draft, resource, &url)?;
    draft.open(
        &node,
        dcat::DISTRIBUTION_CLASS,
        dcat::DISTRIBUTION,
        &resource,
    );
    let format = resource.text_of("format");
    draft.plain(&node, dcterms::IDENTIFIER, resource, &["id"]);
    draft.text(&node, dcterms::TITLE, resource, "title");
    draft.text(&node, dcterms::DESCRIPTION, resource, "description");
    addresses(draft, &node, resource, &url, format.as_deref());
    if let Some(format) = &format {
        draft.entity.add_text(&node, dcterms::FORMAT, format, None);
    }
    draft.plain(&node, dcat::MEDIA_TYPE, resource, &["mime"]);
    if let Some(size) = resource.get("filesize").count().filter(|size| *size > 0) {
        draft.entity.add_typed(
            &node,
            dcat::BYTE_SIZE,
            &size.to_string(),
            xsd::NON_NEGATIVE_INTEGER,
        );
    }
    checksum(draft, &node, resource.get("checksum"));
    dates(draft, &node, resource);
    conforms_to(draft, &node, resource.get("schema"));
    for licence in licences {
        draft
            .entity
            .add_text(&node, dcterms::LICENSE, licence, None);
    }
    Some(node)
}

/// A node for the resource; none if the very same resource was there before.
fn claim(draft: &mut Draft<'_>, resource: View<'_, '_>, url: &str) -> Option<NamedNode> {
    let title = resource.text_of("title").unwrap_or_default();
    let content = || short_hash(&format!("{url}\n{title}"));
    let Some(id) = resource.text_of("id") else {
        let node = draft.entity.node(&format!("distribution-{}", content()));
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
        .any(|known| matches!(known, oxrdf::Term::NamedNode(known) if known.as_str() == url));
    let message = if same {
        "the resource stands twice: published once"
    } else {
        "two resources have the same identifier: each is published"
    };
    resource.find(
        "distribution/duplicate-identifier",
        Severity::Info,
        message,
        "delete the second resource on the portal, or add it anew",
    );
    if same {
        return None;
    }
    let node = draft
        .entity
        .node(&format!("distribution-{name}-{}", content()));
    draft.claim(&node).then_some(node)
}

/// A file that the portal stores changes its address with each version, and has a permalink (`latest`): that is where
/// it is to be had. Of what lies elsewhere the permalink only redirects to the address.
fn addresses(
    draft: &mut Draft<'_>,
    node: &NamedNode,
    resource: View<'_, '_>,
    url: &str,
    format: Option<&str>,
) {
    let format = format.unwrap_or_default().to_ascii_lowercase();
    let stored = resource.text_of("filetype").as_deref() == Some("file");
    let ogc = ogc_service(&format, url);
    let api = resource.text_of("type").as_deref() == Some("api");
    let permalink = resource.text_of("latest").filter(|_| stored);
    let access = permalink.unwrap_or(Cow::Borrowed(url));
    draft.entity.add_iri(node, dcat::ACCESS_URL, &access);
    if stored || (ogc.is_none() && !api && FILES.contains(&format.trim())) {
        draft.entity.add_iri(node, dcat::DOWNLOAD_URL, url);
    }
    if ogc.is_some() || api {
        service(draft, node, resource, url, ogc);
    }
}

fn checksum(draft: &mut Draft<'_>, node: &NamedNode, checksum: View<'_, '_>) {
    let Some(checksum) = checksum.object() else {
        return;
    };
    let (Some(kind), Some(value)) = (checksum.text_of("type"), checksum.text_of("value")) else {
        return;
    };
    let algorithm = match kind.to_ascii_lowercase().replace('-', "").as_str() {
        "md5" => "md5",
        "sha1" => "sha1",
        "sha224" => "sha224",
        "sha256" => "sha256",
        "sha384" => "sha384",
        "sha512" => "sha512",
        _ => return checksum.get("type").bad("the name of a hash function"),
    };
    if value.len() % 2 != 0 || !value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return checksum.get("value").bad("hexadecimal digits");
    }
    let local = node.as_str().rsplit('#').next().unwrap_or_default();
    let own = draft
        .entity
        .node(&local.replacen("distribution", "checksum", 1));
    draft.entity.add_type(&own, spdx::CHECKSUM_CLASS);
    draft.entity.add(node, spdx::CHECKSUM, own.clone());
    draft.entity.set_origin(&own, checksum.pointer());
    draft.entity.add_iri(
        &own,
        spdx::ALGORITHM,
        &format!("http://spdx.org/rdf/terms#checksumAlgorithm_{algorithm}"),
    );
    draft.entity.add_typed(
        &own,
        spdx::CHECKSUM_VALUE,
        &value.to_ascii_lowercase(),
        xsd::HEX_BINARY,
    );
}

fn dates(draft: &mut Draft<'_>, node: &NamedNode, resource: View<'_, '_>) {
    let harvest = resource.get("harvest");
    let issued = [
        (harvest, "issued_at"),
        (harvest, "created_at"),
        (resource, "published"),
        (resource, "created_at"),
    ];
    draft.first(node, dcterms::ISSUED, &issued);
    let modified = [(harvest, "modified_at"), (resource, "last_modified")];
    draft.first(node, dcterms::MODIFIED, &modified);
}

/// `{"name": "etalab/schema-irve", "version": …, "url": …}`: the address if there is one, else the name.
pub(super) fn conforms_to(draft: &mut Draft<'_>, subject: &NamedNode, schema: View<'_, '_>) {
    match schema.value() {
        Json::Null => {}
        Json::Text(_) => {
            if let Some(name) = schema.text() {
                draft
                    .entity
                    .add_text(subject, dcterms::CONFORMS_TO, &name, None);
            }
        }
        Json::Object(_) => match (schema.text_of("url"), schema.text_of("name")) {
            (Some(url), _) => draft.entity.add_iri(subject, dcterms::CONFORMS_TO, &url),
            (None, Some(name)) => {
                let name = match schema.text_of("version") {
                    Some(version) => format!("{name} {version}"),
                    None => name.into_owned(),
                };
                draft
                    .entity
                    .add_text(subject, dcterms::CONFORMS_TO, &name, None);
            }
            (None, None) => {}
        },
        _ => schema.bad("an object"),
    }
}
