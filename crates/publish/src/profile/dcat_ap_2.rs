//! DCAT-AP 2.1.1, for those who read no DCAT 3 yet: <https://semiceu.github.io/DCAT-AP/releases/2.1.1/>

use std::collections::HashSet;

use model::ns::{dcat, dcterms, owl, spdx};
use oxrdf::NamedNodeRef;
use oxrdf::vocab::{rdf, xsd};

use super::parts;
use crate::lines::object_iri;

/// Terms that DCAT-AP 2.1.1 says by others.
const RENAMED: [(NamedNodeRef<'static>, NamedNodeRef<'static>); 3] = [
    (dcat::VERSION, owl::VERSION_INFO),
    (dcat::HAS_VERSION, dcterms::HAS_VERSION),
    (dcat::IS_VERSION_OF, dcterms::IS_VERSION_OF),
];

/// Terms of DCAT 3 for which it has no other.
const DROPPED: [&str; 9] = [
    "inSeries",
    "seriesMember",
    "resource",
    "prev",
    "next",
    "first",
    "last",
    "previousVersion",
    "hasCurrentVersion",
];

/// What it says of lines.
pub(super) fn of(text: &str) -> Vec<String> {
    let gone = gone(text);
    let is_gone = |iri: &str| {
        let entity = iri.split_once('#').map_or(iri, |(entity, _)| entity);
        gone.contains(iri) || gone.contains(entity)
    };
    let mut lines = Vec::new();
    for line in text.lines() {
        let Some((subject, predicate, object)) = parts(line) else {
            continue;
        };
        let is_dropped = predicate
            .strip_prefix(dcat::NAMESPACE)
            .is_some_and(|name| DROPPED.contains(&name));
        if is_dropped || is_gone(subject) || object_iri(line).is_some_and(is_gone) {
            continue;
        }
        let renamed = RENAMED.iter().find(|(from, _)| from.as_str() == predicate);
        let predicate = renamed.map_or(predicate, |(_, to)| to.as_str());
        if predicate == dcat::BYTE_SIZE.as_str() {
            // Its type is xsd:decimal there.
            let value = object
                .strip_prefix('"')
                .and_then(|rest| rest.split_once("\"^^"));
            let value = value.map(|(value, _)| value);
            // What is no number is none under another name.
            let is_number =
                |value: &&str| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
            let decimal = xsd::DECIMAL;
            lines.extend(
                value
                    .filter(is_number)
                    .map(|value| format!("<{subject}> <{predicate}> \"{value}\"^^{decimal} .")),
            );
        } else {
            lines.push(format!("<{subject}> <{predicate}> {object}"));
        }
    }
    lines
}

/// Series, which it does not have, and checksums by other algorithms than the one that it has.
fn gone(text: &str) -> HashSet<&str> {
    let (mut gone, mut sha1) = (HashSet::new(), Vec::new());
    for line in text.lines() {
        let (Some((subject, predicate, _)), Some(object)) = (parts(line), object_iri(line)) else {
            continue;
        };
        let is_class =
            object == dcat::DATASET_SERIES.as_str() || object == spdx::CHECKSUM_CLASS.as_str();
        if predicate == rdf::TYPE.as_str() && is_class {
            gone.insert(subject);
        } else if predicate == spdx::ALGORITHM.as_str() && object == SHA1 {
            sha1.push(subject);
        }
    }
    for kept in sha1 {
        gone.remove(kept);
    }
    gone
}

const SHA1: &str = "http://spdx.org/rdf/terms#checksumAlgorithm_sha1";

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = concat!(
        "<a:1#f> <http://spdx.org/rdf/terms#checksum> <a:1#md5> .\n",
        "<a:1#f> <http://spdx.org/rdf/terms#checksum> <a:1#sha1> .\n",
        "<a:1#f> <http://www.w3.org/ns/dcat#byteSize> \"12\"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger> .\n",
        "<a:1#g> <http://www.w3.org/ns/dcat#byteSize> \"42 octets\" .\n",
        "<a:1#md5> <http://spdx.org/rdf/terms#algorithm> <http://spdx.org/rdf/terms#checksumAlgorithm_md5> .\n",
        "<a:1#md5> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://spdx.org/rdf/terms#Checksum> .\n",
        "<a:1#sha1> <http://spdx.org/rdf/terms#algorithm> <http://spdx.org/rdf/terms#checksumAlgorithm_sha1> .\n",
        "<a:1#sha1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://spdx.org/rdf/terms#Checksum> .\n",
        "<a:1> <http://data.europa.eu/r5r/hvdCategory> <a:c> .\n",
        "<a:1> <http://purl.org/dc/terms/title> \"<a:2> \\\"dcat:inSeries\\\"\"@fr .\n",
        "<a:1> <http://www.w3.org/ns/dcat#inSeries> <a:3> .\n",
        "<a:1> <http://www.w3.org/ns/dcat#version> \"1.0\" .\n",
        "<a:2#n> <http://purl.org/dc/terms/title> \"of the series\" .\n",
        "<a:2> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#DatasetSeries> .\n",
        "<a:c> <http://www.w3.org/ns/dcat#dataset> <a:2> .\n",
    );

    #[test]
    fn what_dcat_ap_2_does_not_have_is_said_otherwise_or_left_out() {
        let expected = [
            "<a:1#f> <http://spdx.org/rdf/terms#checksum> <a:1#sha1> .",
            "<a:1#f> <http://www.w3.org/ns/dcat#byteSize> \"12\"^^<http://www.w3.org/2001/XMLSchema#decimal> .",
            "<a:1#sha1> <http://spdx.org/rdf/terms#algorithm> <http://spdx.org/rdf/terms#checksumAlgorithm_sha1> .",
            "<a:1#sha1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://spdx.org/rdf/terms#Checksum> .",
            "<a:1> <http://data.europa.eu/r5r/hvdCategory> <a:c> .",
            "<a:1> <http://purl.org/dc/terms/title> \"<a:2> \\\"dcat:inSeries\\\"\"@fr .",
            "<a:1> <http://www.w3.org/2002/07/owl#versionInfo> \"1.0\" .",
        ];
        assert_eq!(of(TEXT), expected);
    }
}
