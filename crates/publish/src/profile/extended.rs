//! Profiles that extend DCAT-AP 3: what GeoDCAT-AP 3 and DCAT-AP HVD want besides.

use std::collections::HashMap;

use model::ns::{adms, dcat, dcterms, dqv, foaf, geodcatap, gsp, locn, skos, vcard};
use oxrdf::NamedNodeRef;
use oxrdf::vocab::rdf;

use super::parts;
use crate::lines::object_iri;

const METRIC: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/ns/dqv#Metric");
const EMAIL: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/2006/vcard/ns#Email");
const GEOMETRY: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/ns/locn#Geometry");
/// By which property a geometry has what it is written as.
const SERIALIZATIONS: [(NamedNodeRef<'static>, NamedNodeRef<'static>); 3] = [
    (gsp::WKT_LITERAL, gsp::AS_WKT),
    (gsp::GEO_JSON_LITERAL, gsp::AS_GEO_JSON),
    (gsp::GML_LITERAL, gsp::AS_GML),
];

/// Of what class the values of a property are, which GeoDCAT-AP has stated.
const RANGES: [(NamedNodeRef<'static>, NamedNodeRef<'static>); 10] = [
    (vcard::HAS_EMAIL, EMAIL),
    (foaf::PRIMARY_TOPIC, dcat::RESOURCE_CLASS),
    (adms::REPRESENTATION_TECHNIQUE, skos::CONCEPT),
    (geodcatap::SERVICE_CATEGORY, skos::CONCEPT),
    (geodcatap::TOPIC_CATEGORY, skos::CONCEPT),
    (geodcatap::RESOURCE_TYPE, skos::CONCEPT),
    // Some of the shapes ask for the one, some for the other.
    (geodcatap::REFERENCE_SYSTEM, dcterms::STANDARD),
    (geodcatap::REFERENCE_SYSTEM, skos::CONCEPT),
    (dcterms::RIGHTS, dcterms::RIGHTS_STATEMENT),
    (dqv::IS_MEASUREMENT_OF, METRIC),
];

/// GeoDCAT-AP 3: <https://semiceu.github.io/GeoDCAT-AP/releases/3.0.0/>. A geometry is a thing that has WKT, not the WKT itself.
pub(super) fn geodcat_ap(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let Some((subject, predicate, object)) = parts(line) else {
            continue;
        };
        // A name is made under our own entities only.
        if predicate == locn::GEOMETRY.as_str()
            && subject.contains('#')
            && let Some(property) = serialization(object)
        {
            let geometry = format!("<{subject}-geometry>");
            lines.push(format!("<{subject}> <{predicate}> {geometry} ."));
            lines.push(format!("{geometry} {} {GEOMETRY} .", rdf::TYPE));
            lines.push(format!("{geometry} {property} {object}"));
            continue;
        }
        let ranges = RANGES
            .iter()
            .filter(|(known, _)| known.as_str() == predicate);
        for (_, class) in ranges {
            if let Some(iri) = object_iri(line) {
                lines.push(format!("<{iri}> {} {class} .", rdf::TYPE));
            }
        }
        lines.push(line.to_owned());
    }
    lines
}

fn serialization(object: &str) -> Option<NamedNodeRef<'static>> {
    let is_of = |datatype: NamedNodeRef<'_>| object.ends_with(&format!("\"^^{datatype} ."));
    let known = SERIALIZATIONS.iter();
    known
        .filter(|(datatype, _)| is_of(*datatype))
        .map(|(_, property)| *property)
        .next()
}

/// DCAT-AP HVD 3: <https://semiceu.github.io/DCAT-AP/releases/3.0.0-hvd/>. Every service has a contact: one that the record of a dataset
/// describes as a part of it is asked about where the dataset is.
pub(super) fn hvd(text: &str) -> Vec<String> {
    let service = format!("{} .", dcat::DATA_SERVICE);
    let mut contacts: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut services = Vec::new();
    for (subject, predicate, object) in text.lines().filter_map(parts) {
        if predicate == dcat::CONTACT_POINT.as_str() {
            contacts.entry(subject).or_default().push(object);
        } else if predicate == rdf::TYPE.as_str() && object == service {
            services.push(subject);
        }
    }
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let topic = foaf::PRIMARY_TOPIC.to_string();
    let topics = text.lines().filter(|line| line.contains(&topic));
    let resources = topics.filter_map(object_iri);
    lines.extend(resources.map(|iri| format!("<{iri}> {} {} .", rdf::TYPE, dcat::RESOURCE_CLASS)));
    for node in services
        .into_iter()
        .filter(|node| !contacts.contains_key(node))
    {
        let entity = node
            .split_once('#')
            .and_then(|(entity, _)| contacts.get(entity));
        let inherited = entity.and_then(|contacts| contacts.first());
        lines
            .extend(inherited.map(|contact| format!("<{node}> {} {contact}", dcat::CONTACT_POINT)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_geometry_is_a_thing_of_its_own() {
        let wkt = "\"POINT(2 49)\"^^<http://www.opengis.net/ont/geosparql#wktLiteral>";
        let json = "\"{}\"^^<http://www.opengis.net/ont/geosparql#geoJSONLiteral>";
        let text = format!(
            "<a:1#place> {0} {wkt} .\n<a:1#other> {0} {json} .\n<a:1> {1} <a:crs> .\n<a:p> {2} {wkt} .\n",
            locn::GEOMETRY,
            geodcatap::REFERENCE_SYSTEM,
            locn::GEOMETRY,
        );
        let lines = geodcat_ap(&text);
        for line in [
            format!("<a:1#place> {} <a:1#place-geometry> .", locn::GEOMETRY),
            format!("<a:1#place-geometry> {} {wkt} .", gsp::AS_WKT),
            format!("<a:crs> {} {} .", rdf::TYPE, dcterms::STANDARD),
            format!("<a:p> {} {wkt} .", locn::GEOMETRY),
            format!("<a:1#other-geometry> {} {json} .", gsp::AS_GEO_JSON),
        ] {
            assert!(lines.contains(&line), "{line} in {lines:#?}");
        }
    }

    #[test]
    fn a_service_within_a_dataset_has_its_contact() {
        let text = format!(
            "<a:1#s> {} {} .\n<a:1> {contact} <a:1#c> .\n<a:2> {} {} .\n",
            rdf::TYPE,
            dcat::DATA_SERVICE,
            rdf::TYPE,
            dcat::DATA_SERVICE,
            contact = dcat::CONTACT_POINT,
        );
        let lines = hvd(&text);
        assert_eq!(lines.len(), 4);
        assert!(lines.contains(&format!("<a:1#s> {} <a:1#c> .", dcat::CONTACT_POINT)));
    }
}
