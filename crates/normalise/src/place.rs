//! Where in the record the value of a property is written: the node's origin, and the way from there.

mod inventory;
mod opendatasoft;

use model::Entity;
use model::ns::{adms, dcat, dcatap, dcterms, foaf, geodcatap, skos, vcard};
use oxrdf::NamedNodeRef;

/// Property, member in udata's JSON, element in ISO 19139 and ISO 19115-3 (local names: prefixes differ).
const PATHS: &[(NamedNodeRef<'static>, &str, &str)] = &[
    (dcterms::TITLE, "title", "title"),
    (dcterms::DESCRIPTION, "description", "abstract"),
    (dcterms::LICENSE, "license", "resourceConstraints"),
    (dcterms::RIGHTS, "license", "resourceConstraints"),
    (dcterms::ACCESS_RIGHTS, "access_type", "resourceConstraints"),
    (
        dcterms::ACCRUAL_PERIODICITY,
        "frequency",
        "resourceMaintenance",
    ),
    (dcterms::LANGUAGE, "language", "language"),
    (dcterms::FORMAT, "format", "distributionFormat"),
    (dcat::MEDIA_TYPE, "mime", "distributionFormat"),
    (dcat::BYTE_SIZE, "filesize", "transferSize"),
    (dcat::KEYWORD, "tags", "descriptiveKeywords"),
    (dcat::THEME, "tags", "descriptiveKeywords"),
    (dcat::ACCESS_URL, "url", "linkage"),
    (dcat::DOWNLOAD_URL, "url", "linkage"),
    (dcat::ENDPOINT_URL, "base_api_url", "linkage"),
    (dcat::LANDING_PAGE, "page", "onLine"),
    (dcat::START_DATE, "start", "beginPosition"),
    (dcat::END_DATE, "end", "endPosition"),
    (dcterms::ISSUED, "created_at", "date"),
    (dcterms::CREATED, "created_at", "date"),
    (dcterms::MODIFIED, "last_modified", "date"),
    (dcterms::SPATIAL, "spatial", "extent"),
    (dcterms::CONFORMS_TO, "schema", "referenceSystemInfo"),
    (vcard::HAS_EMAIL, "email", "electronicMailAddress"),
    (foaf::MBOX, "email", "electronicMailAddress"),
    (vcard::HAS_TELEPHONE, "phone", "voice"),
    (
        dcat::SPATIAL_RESOLUTION_IN_METERS,
        "spatial",
        "spatialResolution",
    ),
];

/// A JSON pointer, an XPath, a column, or a node with its property; none where the mapping gave no origin.
pub fn of(entity: &Entity, subject: &str, predicate: NamedNodeRef<'_>) -> Option<String> {
    if let Some(place) = entity.place(subject, predicate) {
        return Some(place.to_owned());
    }
    let origin = entity.origin(subject)?;
    if origin.starts_with('<') {
        return Some(format!("{origin} {}", name(predicate)));
    }
    let of_its_format =
        opendatasoft::of(entity, origin, predicate).or_else(|| inventory::of(origin, predicate));
    if of_its_format.is_some() {
        return of_its_format;
    }
    let Some((_, member, element)) = PATHS.iter().find(|(known, _, _)| *known == predicate) else {
        return Some(origin.to_owned());
    };
    // udata has one licence for all resources.
    if origin.starts_with("/resources/") && *member == "license" {
        return Some("/license".to_owned());
    }
    // In an XPath every step has a prefix; a JSON pointer of the formats that are harvested has no colon.
    Some(if origin.contains(':') {
        format!("{origin}//*[local-name()='{element}']")
    } else {
        format!("{origin}/{member}")
    })
}

/// A property as people write it in RDF.
fn name(predicate: NamedNodeRef<'_>) -> String {
    const PREFIXES: [(&str, &str); 8] = [
        ("dcat", dcat::NAMESPACE),
        ("dct", dcterms::NAMESPACE),
        ("foaf", foaf::NAMESPACE),
        ("vcard", vcard::NAMESPACE),
        ("adms", adms::NAMESPACE),
        ("dcatap", dcatap::NAMESPACE),
        ("geodcat", geodcatap::NAMESPACE),
        ("skos", skos::NAMESPACE),
    ];
    PREFIXES
        .iter()
        .find_map(|(prefix, base)| {
            let local = predicate.as_str().strip_prefix(base)?;
            Some(format!("{prefix}:{local}"))
        })
        .unwrap_or_else(|| predicate.to_string())
}
