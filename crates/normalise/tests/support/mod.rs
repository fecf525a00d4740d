//! What the tests of the rules share.
#![allow(dead_code)]

use chrono::{TimeZone, Utc};
use model::ns::{dcat, dcterms};
use model::{Entity, EntityKind, Finding, Mapped, RecordId};
use normalise::{Context, Decision, normalise_and_tell};
use oxrdf::{Literal, NamedNode, NamedNodeRef, Term};
use vocab::Vocab;

pub const DATASET: &str = "https://donnees.example.org/dataset/1";
/// A property, the source's values, what is published of them, and the rules that spoke.
pub type Case<'a> = (
    NamedNodeRef<'a>,
    &'a [&'a str],
    &'a [&'a str],
    &'a [&'a str],
);

pub const EU: &str = "http://publications.europa.eu/resource/authority/";

/// A dataset with a title and a description, and one distribution with an address.
pub fn dataset() -> (Entity, NamedNode, NamedNode) {
    let iri = NamedNode::new_unchecked(DATASET);
    let mut entity = Entity::new(EntityKind::Dataset, iri.clone());
    entity.add_type(&iri, dcat::DATASET_CLASS);
    entity.add_text(&iri, dcterms::TITLE, "Cours d'eau", Some("fr"));
    entity.add_text(
        &iri,
        dcterms::DESCRIPTION,
        "Le réseau hydrographique",
        Some("fr"),
    );
    entity.set_origin(&iri, "");
    let node = entity.node("distribution-1");
    entity.add_type(&node, dcat::DISTRIBUTION_CLASS);
    entity.add(&iri, dcat::DISTRIBUTION, node.clone());
    entity.add_iri(&node, dcat::ACCESS_URL, "https://a.example/page");
    entity.set_origin(&node, "/resources/3");
    (entity, iri, node)
}

pub fn run(entity: Entity) -> (Entity, Vec<Finding>) {
    let (entity, findings, _) = tell(entity);
    (entity, findings)
}

/// The entity after the rules, what they found, and what became of each value.
pub fn tell(entity: Entity) -> (Entity, Vec<Finding>, Vec<Decision>) {
    let mut mapped = Mapped {
        entities: vec![entity],
        findings: Vec::new(),
    };
    let decisions = normalise_and_tell(
        &mut mapped,
        &Context {
            vocab: Vocab::bundled(),
            record: &RecordId::new("r1"),
            fetched: Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap(),
        },
    );
    (mapped.entities.remove(0), mapped.findings, decisions)
}

pub fn rules(findings: &[Finding]) -> Vec<&str> {
    findings
        .iter()
        .map(|finding| finding.rule.as_ref())
        .collect()
}

pub fn texts(entity: &Entity, subject: &NamedNode, predicate: NamedNodeRef<'_>) -> Vec<String> {
    let mut texts: Vec<String> = entity
        .triples
        .iter()
        .filter(|triple| {
            triple.subject == subject.clone().into() && triple.predicate.as_ref() == predicate
        })
        .map(|triple| match &triple.object {
            Term::NamedNode(node) => node.as_str().replace(EU, "eu:"),
            Term::Literal(literal) => literal.value().to_owned(),
            other => other.to_string(),
        })
        .collect();
    texts.sort();
    texts
}

/// The values of a property of the dataset after the rules, and the rules that spoke.
pub fn of_dataset(predicate: NamedNodeRef<'_>, values: &[&str]) -> (Vec<String>, Vec<String>) {
    let (mut entity, iri, _) = dataset();
    for value in values {
        entity.add(&iri, predicate, Literal::new_simple_literal(*value));
    }
    let (entity, findings) = run(entity);
    let spoken = rules(&findings)
        .iter()
        .map(|rule| (*rule).to_owned())
        .collect();
    (texts(&entity, &iri, predicate), spoken)
}
