//! What the fuzz targets share: a source's answer is read, each record of it mapped and normalised, and what comes out is checked.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use model::{
    Base, Connector, Entity, EntityKind, Failure, Mapped, Minter, RawRecord, RecordId, Request, Response,
    SourceId, ns,
};
use oxrdf::vocab::xsd;
use oxrdf::{Literal, NamedNodeRef, NamedOrBlankNode, Term};
use serde::de::DeserializeOwned;
use vocab::Vocab;

/// Answers that one crawl is given: the same bytes each time, so that a crawl that goes on for ever is seen.
const MOST_ANSWERS: usize = 8;
/// Records of one answer that are mapped.
const MOST_RECORDS: usize = 20;

pub fn connector<C: DeserializeOwned, T, E: std::fmt::Debug>(
    config: &str,
    new: impl Fn(C) -> Result<T, E>,
) -> T {
    let config = toml::from_str(config).expect("the configuration of the target");
    new(config).expect("the configuration of the target")
}

/// Gives the bytes as the answer to each request of a crawl.
pub fn answers(connector: impl Connector, data: &[u8]) {
    const TYPES: [Option<&str>; 8] = [
        None,
        Some("application/json"),
        Some("application/xml; charset=utf-8"),
        Some("text/turtle"),
        Some("application/rdf+xml"),
        Some("application/ld+json"),
        Some("text/csv; charset=windows-1252"),
        Some("application/octet-stream"),
    ];
    let Some((first, body)) = data.split_first() else {
        return;
    };
    let content_type = TYPES[usize::from(*first) % TYPES.len()].map(str::to_owned);
    let body = Bytes::copy_from_slice(body);
    let mut waiting: Vec<Request> = connector.start(None);
    for _ in 0..MOST_ANSWERS {
        let Some(request) = waiting.pop() else { break };
        let answer = Response {
            url: request.url.clone(),
            request,
            status: 200,
            content_type: content_type.clone(),
            etag: None,
            last_modified: None,
            body: body.clone(),
        };
        match connector.read(&answer) {
            Ok(page) => {
                for record in page.records.iter().take(MOST_RECORDS) {
                    self::record(record);
                }
                waiting.extend(page.next.into_iter().take(4));
            }
            Err(error) => {
                let smaller = connector.recover(&answer.request, &Failure::Read(&error));
                waiting.extend(smaller.into_iter().flatten().take(4));
            }
        }
    }
}

pub fn record(record: &RawRecord) {
    let source = SourceId::new("source").expect("a name");
    let minter = minter();
    let context = mapping::MapContext {
        source: &source,
        minter: &minter,
        minted: None,
        language: "fr",
    };
    if let Ok(mut mapped) = mapping::map(record, &context) {
        normalise(&mut mapped, &record.id);
    }
}

fn minter() -> Minter {
    Minter::new(Base::new("https://donnees.example.org/").expect("a base"))
}

fn normalise(mapped: &mut Mapped, record: &RecordId) {
    let context = normalise::Context {
        vocab: Vocab::bundled(),
        record,
        fetched: DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::days(20_000),
    };
    normalise::normalise(mapped, &context);
    mapped.entities.iter().for_each(check);
    // What is clean stays as it is.
    let once: Vec<_> = mapped.entities.iter().map(|entity| entity.triples.clone()).collect();
    normalise::normalise(mapped, &context);
    let twice: Vec<_> = mapped.entities.iter().map(|entity| entity.triples.clone()).collect();
    assert_eq!(once, twice, "the rules applied twice give another graph");
}

/// Every subject is a node of the entity, and there are no blank nodes.
fn check(entity: &Entity) {
    for triple in &entity.triples {
        match &triple.subject {
            NamedOrBlankNode::NamedNode(node) => assert!(entity.owns(node.as_str()), "{triple}"),
            NamedOrBlankNode::BlankNode(_) => panic!("a blank node: {triple}"),
        }
        if let Term::NamedNode(node) = &triple.object {
            assert!(model::check_iri(node.as_str()).is_some(), "no IRI: {triple}");
        }
        assert!(!matches!(triple.object, Term::BlankNode(_)), "a blank node: {triple}");
    }
}

/// A dataset with a distribution, a place and a period that has the text as the value of every property.
pub fn values(text: &str) {
    use ns::{dcat, dcterms, vcard};
    const OF_DATASET: [NamedNodeRef<'static>; 12] = [
        dcterms::TITLE,
        dcterms::DESCRIPTION,
        dcterms::ACCRUAL_PERIODICITY,
        dcterms::LANGUAGE,
        dcterms::ISSUED,
        dcterms::MODIFIED,
        dcterms::ACCESS_RIGHTS,
        dcterms::CONFORMS_TO,
        dcterms::SPATIAL,
        dcat::THEME,
        dcat::KEYWORD,
        dcat::LANDING_PAGE,
    ];
    const OF_DISTRIBUTION: [NamedNodeRef<'static>; 8] = [
        dcterms::LICENSE,
        dcterms::FORMAT,
        dcat::MEDIA_TYPE,
        dcat::ACCESS_URL,
        dcat::DOWNLOAD_URL,
        dcat::BYTE_SIZE,
        dcterms::ISSUED,
        dcterms::CONFORMS_TO,
    ];
    let (source, id) = (SourceId::new("source").expect("a name"), RecordId::new("1"));
    let iri = minter().record(EntityKind::Dataset, &source, &id);
    let mut entity = Entity::new(EntityKind::Dataset, iri.clone());
    entity.add_type(&iri, dcat::DATASET_CLASS);
    let stated = |entity: &mut Entity, node: &oxrdf::NamedNode, predicates: &[NamedNodeRef<'_>]| {
        for predicate in predicates {
            entity.add(node, *predicate, Literal::new_simple_literal(text));
            entity.add_typed(node, *predicate, text, xsd::ANY_URI);
        }
    };
    stated(&mut entity, &iri, &OF_DATASET);
    for (name, class, predicate, properties) in [
        ("distribution-1", dcat::DISTRIBUTION_CLASS, dcat::DISTRIBUTION, &OF_DISTRIBUTION[..]),
        ("spatial-1", dcterms::LOCATION, dcterms::SPATIAL, &[dcterms::IDENTIFIER, ns::skos::PREF_LABEL, dcat::BBOX]),
        ("temporal-1", dcterms::PERIOD_OF_TIME, dcterms::TEMPORAL, &[dcat::START_DATE, dcat::END_DATE]),
        ("contact-1", vcard::KIND, dcat::CONTACT_POINT, &[vcard::FN, vcard::HAS_EMAIL]),
    ] {
        let node = entity.node(name);
        entity.add_type(&node, class);
        entity.add(&iri, predicate, node.clone());
        stated(&mut entity, &node, properties);
    }
    let mut mapped = Mapped { entities: vec![entity], findings: Vec::new() };
    normalise(&mut mapped, &id);
}
