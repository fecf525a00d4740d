//! What a resource is as a file: its formats, and the hash of its content.

use model::ns::{dcat, dcterms, spdx};
use oxrdf::NamedNode;
use oxrdf::vocab::xsd;

use super::fields::Fields;
use super::statements::value;
use crate::draft::Draft;

/// CKAN guesses `mimetype` from the address, `mimetype_inner` from what is in an archive.
pub(super) fn formats(draft: &mut Draft<'_>, node: &NamedNode, resource: &Fields<'_, '_>) {
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
pub(super) fn checksum(draft: &mut Draft<'_>, node: &NamedNode, resource: &Fields<'_, '_>) {
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
