//! Sealing: an entity's graph becomes sorted canonical N-Triples with a checksum, and what it says of others is set apart.

use std::collections::HashMap;
use std::sync::LazyLock;

use archive::{Content, EntityKey, NamedLink, Sealed};
use model::ns::{adms, dcat, dcatap, dcterms, eli, foaf, geodcatap, prov, skos};
use model::{Entity, EntityKind, LinkTarget, Minter, RecordId};
use oxrdf::vocab::rdf;
use oxrdf::{NamedNode, NamedNodeRef, NamedOrBlankNode, Term, Triple};
use vocab::Vocab;

/// The class of what a property points at (the ranges of DCAT-AP 3.0.1 and GeoDCAT-AP 3.0.0), stated of IRIs that
/// nothing in the catalogue describes.
const RANGES: &[(NamedNodeRef<'static>, NamedNodeRef<'static>)] = &[
    (dcat::LANDING_PAGE, foaf::DOCUMENT),
    (foaf::PAGE, foaf::DOCUMENT),
    (foaf::HOMEPAGE, foaf::DOCUMENT),
    (dcterms::CONFORMS_TO, dcterms::STANDARD),
    (dcterms::LICENSE, dcterms::LICENSE_DOCUMENT),
    (dcterms::RIGHTS, dcterms::RIGHTS_STATEMENT),
    (dcterms::ACCESS_RIGHTS, dcterms::RIGHTS_STATEMENT),
    (dcterms::FORMAT, dcterms::MEDIA_TYPE_OR_EXTENT),
    (dcat::MEDIA_TYPE, dcterms::MEDIA_TYPE),
    (dcat::COMPRESS_FORMAT, dcterms::MEDIA_TYPE),
    (dcat::PACKAGE_FORMAT, dcterms::MEDIA_TYPE),
    (dcterms::LANGUAGE, dcterms::LINGUISTIC_SYSTEM),
    (dcterms::ACCRUAL_PERIODICITY, dcterms::FREQUENCY),
    (dcterms::SPATIAL, dcterms::LOCATION),
    (dcterms::PROVENANCE, dcterms::PROVENANCE_STATEMENT),
    (dcterms::PUBLISHER, foaf::AGENT),
    (dcterms::CREATOR, foaf::AGENT),
    (prov::AGENT, foaf::AGENT),
    (dcat::THEME, skos::CONCEPT),
    (dcterms::TYPE, skos::CONCEPT),
    (adms::STATUS, skos::CONCEPT),
    (dcatap::AVAILABILITY, skos::CONCEPT),
    (dcatap::HVD_CATEGORY, skos::CONCEPT),
    (geodcatap::TOPIC_CATEGORY, skos::CONCEPT),
    (geodcatap::RESOURCE_TYPE, skos::CONCEPT),
    (geodcatap::SERVICE_TYPE, skos::CONCEPT),
    (dcatap::APPLICABLE_LEGISLATION, eli::LEGAL_RESOURCE),
];

fn range(predicate: &NamedNode) -> Option<NamedNodeRef<'static>> {
    static BY_PREDICATE: LazyLock<HashMap<&str, NamedNodeRef<'static>>> = LazyLock::new(|| {
        let ranges = RANGES.iter();
        ranges
            .map(|(predicate, class)| (predicate.as_str(), *class))
            .collect()
    });
    BY_PREDICATE.get(predicate.as_str()).copied()
}

/// The name by which a record points at another. What points at a record often does not say whether it means the
/// record or the resource, so the identifiers of both are names of one kind.
fn target_name(target: LinkTarget) -> String {
    match target {
        LinkTarget::Record(id) => id.to_string(),
        LinkTarget::Alias(name) => name,
    }
}

/// Seals an entity. `record` is the record that it stands for; agents stand for none. The triples come back, in order.
pub(crate) fn seal(
    entity: Entity,
    record: Option<&RecordId>,
    minter: &Minter,
    vocab: &Vocab,
) -> Option<(Sealed, Vec<Triple>)> {
    let key = EntityKey::of_iri(minter.base(), entity.iri.as_str())?;
    let shared = shared(&entity, minter, vocab);
    let mut lines: Vec<(String, Triple)> = entity
        .triples
        .into_iter()
        .map(|triple| (format!("{triple} ."), triple))
        .collect();
    lines.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    lines.dedup_by(|(a, _), (b, _)| a == b);
    let text: String = lines
        .iter()
        .flat_map(|(line, _)| [line.as_str(), "\n"])
        .collect();

    let mut aliases = entity.aliases;
    aliases.extend(record.map(RecordId::to_string));
    aliases.sort_unstable();
    aliases.dedup();
    let mut links: Vec<NamedLink> = entity
        .links
        .into_iter()
        .map(|link| NamedLink {
            subject: link.subject.into_string(),
            predicate: link.predicate.into_string(),
            target: target_name(link.target),
            kind: link.kind,
        })
        .collect();
    links.sort_unstable();
    links.dedup();

    let content = Content::new(entity.kind, text, shared, &aliases, &links);
    let sealed = Sealed {
        key,
        kind: entity.kind,
        rank: entity.rank,
        content,
        aliases,
        links,
        facts: None,
    };
    Some((
        sealed,
        lines.into_iter().map(|(_, triple)| triple).collect(),
    ))
}

/// Its membership of the catalogue, and the classes of the IRIs that it points at, as sorted lines.
fn shared(entity: &Entity, minter: &Minter, vocab: &Vocab) -> Vec<String> {
    let mut lines = membership(entity, minter);
    for triple in &entity.triples {
        let Term::NamedNode(object) = &triple.object else {
            continue;
        };
        let Some(class) = range(&triple.predicate) else {
            continue;
        };
        // Agents and other entities of ours are described, and so are the concepts of our vocabularies.
        if object.as_str().starts_with(minter.base()) || vocab.concept(object.as_str()).is_some() {
            continue;
        }
        lines.push(format!("{object} {} {class} .", rdf::TYPE));
    }
    for (concept, label) in &entity.labels {
        if vocab.concept(concept.as_str()).is_none() {
            lines.push(format!("{concept} {} {label} .", skos::PREF_LABEL));
        }
    }
    lines.sort_unstable();
    lines.dedup();
    lines
}

fn membership(entity: &Entity, minter: &Minter) -> Vec<String> {
    let listed = match entity.kind {
        EntityKind::Dataset => dcat::DATASET,
        EntityKind::DataService => dcat::SERVICE,
        // DCAT 3 lists a series as a resource of the catalogue: DCAT-AP's dcat:dataset wants a dcat:Dataset.
        EntityKind::DatasetSeries => RESOURCE,
        EntityKind::Organisation => return Vec::new(),
    };
    let catalogue = minter.catalogue();
    let mut lines = vec![format!("{catalogue} {listed} {} .", entity.iri)];
    lines.extend(
        entity
            .instances(dcat::CATALOG_RECORD)
            .map(|record| format!("{catalogue} {} {record} .", dcat::RECORD)),
    );
    lines
}

/// <https://www.w3.org/TR/vocab-dcat-3/#Property:catalog_resource>
const RESOURCE: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/ns/dcat#resource");

/// What is said of the catalogue itself, with the description of every concept of the vocabularies: sorted lines.
pub fn describe_catalogue(
    minter: &Minter,
    vocab: &Vocab,
    title: &str,
    description: &str,
    publisher: &str,
    language: &str,
) -> Vec<String> {
    let catalogue = minter.catalogue();
    let publisher_node = NamedNode::new_unchecked(format!(
        "{catalogue}#publisher",
        catalogue = catalogue.as_str()
    ));
    let text = |value: &str| {
        oxrdf::Literal::new_language_tagged_literal(value, language)
            .unwrap_or_else(|_| oxrdf::Literal::new_simple_literal(value))
    };
    let own = NamedOrBlankNode::from(catalogue.clone());
    let mut triples = vec![
        Triple::new(own.clone(), rdf::TYPE, dcat::CATALOG_CLASS),
        Triple::new(own.clone(), dcterms::TITLE, text(title)),
        Triple::new(own.clone(), dcterms::DESCRIPTION, text(description)),
        Triple::new(own, dcterms::PUBLISHER, publisher_node.clone()),
        Triple::new(publisher_node.clone(), rdf::TYPE, foaf::AGENT),
        Triple::new(publisher_node, foaf::NAME, text(publisher)),
    ];
    triples.extend(vocab.triples());
    let mut lines: Vec<String> = triples.iter().map(|triple| format!("{triple} .")).collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Base, SourceId};

    fn entity(minter: &Minter) -> Entity {
        let iri = minter.record(
            EntityKind::Dataset,
            &SourceId::new("s").unwrap(),
            &RecordId::new("1"),
        );
        let mut entity = Entity::new(EntityKind::Dataset, iri.clone());
        entity.add_type(&iri, dcat::DATASET_CLASS);
        entity.add_text(&iri, dcterms::TITLE, "Forêts \"de\" l'Oise", Some("fr"));
        entity.add_iri(&iri, dcat::LANDING_PAGE, "https://a.example/page");
        entity.add_iri(&iri, dcat::LANDING_PAGE, "https://a.example/page");
        entity
    }

    #[test]
    fn the_order_of_statements_does_not_matter() {
        let minter = Minter::new(Base::new("https://m.example/").unwrap());
        let vocab = Vocab::bundled();
        let mut other = entity(&minter);
        other.triples.reverse();
        let record = RecordId::new("1");
        let (a, triples) = seal(entity(&minter), Some(&record), &minter, vocab).unwrap();
        let (b, _) = seal(other, Some(&record), &minter, vocab).unwrap();
        assert_eq!(a.content.checksum, b.content.checksum);
        assert_eq!(triples.len(), 3);
        assert_eq!(
            a.content.shared,
            [
                "<https://a.example/page> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://xmlns.com/foaf/0.1/Document> .",
                &format!(
                    "<https://m.example/catalogue> <http://www.w3.org/ns/dcat#dataset> <{}> .",
                    a.key.iri(minter.base())
                ),
            ]
        );
    }

    #[test]
    fn a_link_is_part_of_what_is_compared() {
        let minter = Minter::new(Base::new("https://m.example/").unwrap());
        let mut linked = entity(&minter);
        linked.links.push(model::Link {
            subject: linked.iri.clone(),
            predicate: dcat::IN_SERIES.into_owned(),
            target: LinkTarget::Record(RecordId::new("2")),
            kind: EntityKind::DatasetSeries,
        });
        let vocab = Vocab::bundled();
        let (a, _) = seal(entity(&minter), None, &minter, vocab).unwrap();
        let (b, _) = seal(linked, None, &minter, vocab).unwrap();
        assert_ne!(a.content.checksum, b.content.checksum);
    }
}
