//! `links`: files, services, pages and licences.

use model::EntityKind;
use model::ns::{dcat, dcterms, foaf};
use serde_json::{Map, Value, json};
use vocab::{Scheme, Vocab};

use super::{MOST, Record};
use crate::graph::Node;
use crate::iso19139::kind;
use crate::speech;

/// Data behind a page or an interface.
const DATA: &str = "http://www.opengis.net/def/rel/ogc/1.0/data";

pub(super) fn of(record: &Record<'_>) -> Vec<Value> {
    let node = record.node;
    let mut links = Vec::new();
    for file in node.nodes(dcat::DISTRIBUTION).take(MOST) {
        links.extend(distribution(record, file));
    }
    if kind(node) == Some(EntityKind::DataService) {
        let ends = [
            ("service", dcat::ENDPOINT_URL),
            ("service-desc", dcat::ENDPOINT_DESCRIPTION),
        ];
        for (rel, property) in ends {
            for address in node.objects(property).take(MOST) {
                links.push(json!({ "rel": rel, "href": address.as_str() }));
            }
        }
    }
    for (rel, property) in [("about", dcat::LANDING_PAGE), ("describedby", foaf::PAGE)] {
        for page in node.objects(property).take(MOST) {
            links.push(json!({ "rel": rel, "type": "text/html", "href": page.as_str() }));
        }
    }
    for (address, _) in record.licences() {
        let title = address.map(|address| node.graph.node(address).label(record.speech.main));
        links.push(json!({ "rel": "license", "href": address, "title": title }));
    }
    links
}

fn distribution(record: &Record<'_>, file: Node<'_>) -> Option<Value> {
    let (download, access) = (file.value(dcat::DOWNLOAD_URL), file.value(dcat::ACCESS_URL));
    let rel = match (download, file.first(dcat::ACCESS_SERVICE)) {
        (Some(_), _) => "enclosure",
        (None, Some(_)) => "service",
        (None, None) => DATA,
    };
    let mut link = Map::new();
    link.insert("rel".into(), json!(rel));
    link.insert("href".into(), json!(download.or(access)?));
    let text = |property| record.speech.best(&file.texts(property));
    let language = file.value(dcterms::LANGUAGE).and_then(speech::tag);
    for (name, value) in [
        ("type", media_type(file)),
        ("hreflang", language),
        ("title", text(dcterms::TITLE)),
        ("description", text(dcterms::DESCRIPTION)),
    ] {
        link.extend(value.map(|value| (name.to_owned(), json!(value))));
    }
    for (name, property) in [("created", dcterms::ISSUED), ("updated", dcterms::MODIFIED)] {
        let date = file.value(property).and_then(super::time::moment);
        link.extend(date.map(|date| (name.to_owned(), json!(date))));
    }
    let length = file
        .value(dcat::BYTE_SIZE)
        .and_then(|size| size.parse::<u64>().ok());
    link.extend(length.map(|length| ("length".to_owned(), json!(length))));
    Some(Value::Object(link))
}

/// The media type of a file: the one that is stated, else the first that its format has.
pub(super) fn media_type(file: Node<'_>) -> Option<&str> {
    let name = |address: &'_ str| {
        address
            .find("/media-types/")
            .map(|at| at + "/media-types/".len())
    };
    if let Some(stated) = file.value(dcat::MEDIA_TYPE) {
        let plain = stated.get(name(stated).unwrap_or(0)..)?;
        return (plain.contains('/') && !plain.contains("://")).then_some(plain);
    }
    let vocab = Vocab::bundled();
    let format = file.value(dcterms::FORMAT)?;
    let listed = vocab.scheme(Scheme::FileType).by_iri(format)?;
    let implied = vocab.mapped(listed.concept).next()?.iri.as_str();
    implied.get(name(implied)?..)
}
