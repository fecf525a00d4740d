//! Entities of this catalogue that come back through a portal that harvests it.

use model::ns::{adms, dcat, dcterms, foaf, skos};
use model::{Entity, EntityKind};
use oxrdf::{NamedNodeRef, Term};

/// The IRI of this catalogue, whose base is given, by which a record says which dataset it describes: its identifier, another
/// identifier, or its page. However many portals the record went through, one of these is kept by each that keeps identifiers.
///
/// What a dataset was derived from (`dct:source`, `prov:wasDerivedFrom`) is another dataset.
pub fn own_iri(entity: &Entity, base: &str) -> Option<String> {
    let root = &entity.iri;
    let notations = entity
        .objects(root, adms::IDENTIFIER)
        .filter_map(|node| match node {
            Term::NamedNode(node) => Some(node),
            _ => None,
        })
        .flat_map(|node| entity.objects(node, skos::NOTATION));
    let values = |predicate: NamedNodeRef<'static>| entity.objects(root, predicate);
    values(dcterms::IDENTIFIER)
        .chain(notations)
        .chain(values(dcat::LANDING_PAGE))
        .chain(values(foaf::PAGE))
        .filter_map(|value| match value {
            Term::NamedNode(node) => Some(node.as_str()),
            Term::Literal(literal) => Some(literal.value()),
            _ => None,
        })
        .filter_map(|value| entity_of(value, base))
        // What it is called here itself is no other entity that comes back.
        .find(|ours| ours != root.as_str())
}

/// What this catalogue answers at as a whole, which portals that harvest it describe as a service of theirs.
const ENDPOINTS: [&str; 8] = [
    "catalog",
    "catalogue",
    "csw",
    "feed",
    "oai",
    "ogc",
    "rdf-graph-store",
    "sparql",
];

/// The address of a service that is this catalogue itself, and nothing else. Other services may well live on its host.
pub fn own_service(entity: &Entity, base: &str) -> Option<String> {
    if entity.kind != EntityKind::DataService {
        return None;
    }
    let mut endpoints = entity
        .objects(&entity.iri, dcat::ENDPOINT_URL)
        .map(|endpoint| match endpoint {
            Term::NamedNode(endpoint) => Some(endpoint.as_str()),
            _ => None,
        });
    let first = endpoints.next()??;
    let is_own = |endpoint: &str| within(endpoint, base).is_some_and(is_endpoint);
    (is_own(first) && endpoints.all(|other| other.is_some_and(is_own))).then(|| first.to_owned())
}

/// Whether this catalogue answers at a path: as a whole, or a part of it.
fn is_endpoint(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let (endpoint, part) = path.split_once('/').unwrap_or((path, ""));
    let is_part = match endpoint {
        "ogc" | "feed" => true,
        "csw" | "catalog" => {
            let (kind, _) = part.split_once('/').unwrap_or((part, ""));
            matches!(kind, "" | "source" | "organisation" | "theme") || kind.starts_with("hvd")
        }
        _ => part.is_empty(),
    };
    let file = ["ttl", "rdf", "jsonld", "nt"];
    let is_file = |(name, form): (&str, &str)| name == "catalog" && file.contains(&form);
    is_part && ENDPOINTS.contains(&endpoint) || endpoint.split_once('.').is_some_and(is_file)
}

/// What follows the base in an address, whether it is `http` or `https`.
fn within<'a>(address: &'a str, base: &str) -> Option<&'a str> {
    let (_, host) = base.split_once("://")?;
    let (_, address) = address.trim().split_once("://")?;
    address.strip_prefix(host)
}

/// The IRI of an entity, from one of its addresses: `http` or `https`, with a suffix (`.ttl`) or a fragment.
fn entity_of(address: &str, base: &str) -> Option<String> {
    let (segment, rest) = within(address, base)?.split_once('/')?;
    let kind = EntityKind::from_segment(segment)?;
    let uuid = rest.get(..36)?;
    let has_form = uuid.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && uuid
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    let ends = !rest
        .get(36..)?
        .starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
    (has_form && ends).then(|| format!("{base}{}/{}", kind.segment(), uuid.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxrdf::NamedNode;

    const BASE: &str = "https://donnees.example.org/";
    const OURS: &str = "https://donnees.example.org/dataset/513f7218-d62e-584f-9bbc-3438ea7ac371";

    #[test]
    fn our_addresses_and_no_others() {
        for ours in [
            OURS.to_owned(),
            OURS.replace("https", "http"),
            format!("{OURS}.ttl"),
            format!(" {OURS}#distribution-1"),
            format!("{OURS}/sources"),
        ] {
            assert_eq!(entity_of(&ours, BASE).as_deref(), Some(OURS), "{ours}");
        }
        for other in [
            "https://donnees.example.org/",
            "https://donnees.example.org/dataset/",
            "https://donnees.example.org/page/513f7218-d62e-584f-9bbc-3438ea7ac371",
            "https://donnees.example.org/dataset/513f7218-d62e-584f-9bbc-3438ea7ac371a",
            "https://autre.example/dataset/513f7218-d62e-584f-9bbc-3438ea7ac371",
            "513f7218-d62e-584f-9bbc-3438ea7ac371",
        ] {
            assert_eq!(entity_of(other, BASE), None, "{other}");
        }
    }

    #[test]
    fn what_a_dataset_was_derived_from_is_another() {
        let iri = NamedNode::new_unchecked(
            "https://donnees.example.org/dataset/00000000-0000-5000-8000-000000000001",
        );
        let mut entity = Entity::new(EntityKind::Dataset, iri.clone());
        entity.add_iri(&iri, dcterms::SOURCE, OURS);
        assert_eq!(own_iri(&entity, BASE), None);
        let node = entity.node("identifier-1");
        entity.add(&iri, adms::IDENTIFIER, node.clone());
        entity.add_iri(&node, skos::NOTATION, OURS);
        assert_eq!(own_iri(&entity, BASE).as_deref(), Some(OURS));
    }

    #[test]
    fn a_service_at_our_address_is_this_catalogue() {
        let iri = NamedNode::new_unchecked(OURS.replace("dataset", "dataservice"));
        let of = |endpoint: &str| {
            let mut entity = Entity::new(EntityKind::DataService, iri.clone());
            entity.add_iri(&iri, dcat::ENDPOINT_URL, endpoint);
            own_service(&entity, BASE)
        };
        for ours in [
            "csw",
            "csw/source/geo?service=CSW",
            "sparql",
            "catalog.ttl",
            "catalog/hvd.rdf",
            "catalogue",
            "ogc/collections/catalogue",
            "oai?verb=Identify",
        ] {
            let ours = format!("{BASE}{ours}");
            assert_eq!(of(&ours), Some(ours));
        }
        // The host may have services of its own.
        for other in [
            "geoserver/csw",
            "cswt",
            "",
            "catalogue/srv/fre/csw",
            "catalog/srv/fre/csw",
            "csw/autre",
            "sparql/autre",
        ] {
            assert_eq!(of(&format!("{BASE}{other}")), None);
        }
        assert_eq!(of("https://autre.example/csw"), None);
    }

    #[test]
    fn what_is_another_service_too_or_no_service_is_not_this_catalogue() {
        let iri = NamedNode::new_unchecked(OURS.replace("dataset", "dataservice"));
        let own = format!("{BASE}csw");
        let mut entity = Entity::new(EntityKind::DataService, iri.clone());
        entity.add_iri(&iri, dcat::ENDPOINT_URL, &own);
        entity.add_iri(&iri, dcat::ENDPOINT_URL, "https://autre.example/csw");
        assert_eq!(own_service(&entity, BASE), None);
        let mut entity = Entity::new(EntityKind::Dataset, iri.clone());
        entity.add_iri(&iri, dcat::ENDPOINT_URL, &own);
        assert_eq!(own_service(&entity, BASE), None);
    }

    #[test]
    fn its_own_page_is_not_another() {
        let iri = NamedNode::new_unchecked(OURS);
        let mut entity = Entity::new(EntityKind::Dataset, iri.clone());
        entity.add_iri(&iri, dcat::LANDING_PAGE, &format!("{OURS}.html"));
        assert_eq!(own_iri(&entity, BASE), None);
    }
}
