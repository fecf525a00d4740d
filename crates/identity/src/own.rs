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
        .find_map(|value| entity_of(value, base))
}

/// The IRI of an entity, from one of its addresses: `http` or `https`, with a suffix (`.ttl`) or a fragment.
fn entity_of(address: &str, base: &str) -> Option<String> {
    let bare = |address: &str| address.split_once("://").map(|(_, rest)| rest.to_owned());
    let (host, address) = (bare(base)?, bare(address.trim())?);
    let path = address.strip_prefix(&host)?;
    let (segment, rest) = path.split_once('/')?;
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
}
