//! Fixtures of our own, in the manner of real portals; and a pass over a corpus of real records where there is one.

use model::ns::{adms, dcat, dcatap, dcterms, foaf, skos, spdx, vcard};
use model::{
    Base, Entity, EntityKind, LinkTarget, Mapped, Minter, RawRecord, RecordFormat, RecordId,
    SourceId,
};
use oxrdf::{NamedNode, NamedNodeRef, Term};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{MapContext, MapError, map};

fn map_as(format: RecordFormat, body: &[u8]) -> Result<Mapped, MapError> {
    let minter = Minter::new(Base::new("https://donnees.example.org/").unwrap());
    let source = SourceId::new("portail").unwrap();
    let record = RawRecord {
        id: RecordId::new("r1"),
        format,
        body: body.to_vec().into(),
    };
    map(
        &record,
        &MapContext {
            source: &source,
            minter: &minter,
            minted: None,
            language: "fr",
        },
    )
}

fn dataset(value: &Value) -> Mapped {
    map_as(RecordFormat::UdataDataset, value.to_string().as_bytes()).unwrap()
}

/// The values of a property, sorted, as N-Triples terms.
fn values(entity: &Entity, subject: &NamedNode, predicate: NamedNodeRef<'_>) -> Vec<String> {
    let mut values: Vec<String> = entity
        .objects(subject, predicate)
        .map(Term::to_string)
        .collect();
    values.sort();
    values
}

fn own(entity: &Entity, local: &str) -> NamedNode {
    NamedNode::new(format!("{}#{local}", entity.iri.as_str())).unwrap()
}

fn full() -> Value {
    serde_json::from_str(include_str!("../../tests/fixtures/udata/dataset.json")).unwrap()
}

#[test]
fn a_dataset_with_everything() {
    let mapped = dataset(&full());
    let entity = &mapped.entities[0];
    let iri = &entity.iri;
    assert_eq!(entity.kind, EntityKind::Dataset);
    let cases = [
        (dcterms::TITLE, vec!["\"Aires de covoiturage\"@fr"]),
        (dcterms::IDENTIFIER, vec!["\"5f0c1a2b3c4d5e6f70819203\""]),
        (skos::ALT_LABEL, vec!["\"AC\"@fr"]),
        (
            dcat::KEYWORD,
            vec!["\"covoiturage\"@fr", "\"hvd\"@fr", "\"mobilite\"@fr"],
        ),
        (
            dcatap::APPLICABLE_LEGISLATION,
            vec!["<http://data.europa.eu/eli/reg_impl/2023/138/oj>"],
        ),
        (
            dcatap::HVD_CATEGORY,
            vec!["<http://data.europa.eu/bna/c_b79e35eb>"],
        ),
        (dcterms::ACCRUAL_PERIODICITY, vec!["\"quarterly\""]),
        (dcterms::ISSUED, vec!["\"2020-01-02T03:04:05\""]),
        (dcterms::CREATED, vec!["\"2018-01-01\""]),
        (dcterms::MODIFIED, vec!["\"2024-01-01\""]),
        (dcterms::ACCESS_RIGHTS, vec!["\"open\""]),
        (dcterms::LICENSE, vec![]),
        (foaf::PAGE, vec!["<https://www.portail.example/notice.pdf>"]),
        (
            dcat::LANDING_PAGE,
            vec![
                "<https://geo.example/record/1>",
                "<https://www.portail.example/datasets/aires-de-covoiturage/>",
            ],
        ),
    ];
    for (predicate, wanted) in cases {
        assert_eq!(values(entity, iri, predicate), wanted, "{predicate}");
    }
    let period = own(entity, "temporal");
    assert_eq!(
        values(entity, &period, dcat::START_DATE),
        ["\"2019-01-01\""]
    );
    assert!(values(entity, &period, dcat::END_DATE).is_empty());
    let record = own(entity, "record");
    assert_eq!(
        values(entity, &record, dcterms::MODIFIED),
        ["\"2024-05-07T00:00:00\""]
    );
    assert_eq!(entity.rank, "2024-05-06T07:08:09+00:00");
    assert!(entity.aliases.iter().any(|alias| alias == "fr-123-jdd-1"));
    let notation = own(entity, "identifier-2");
    assert_eq!(
        values(entity, &notation, skos::NOTATION),
        ["\"https://geo.example/id/1\"^^<http://www.w3.org/2001/XMLSchema#anyURI>"]
    );
    assert_eq!(
        values(entity, &notation, adms::SCHEMA_AGENCY),
        ["\"geo.example\""]
    );
}

#[test]
fn places() {
    let mapped = dataset(&full());
    let entity = &mapped.entities[0];
    assert_eq!(
        values(entity, &entity.iri, dcterms::SPATIAL).len(),
        3,
        "a zone that is named twice is one"
    );
    let zone = own(entity, "spatial-fr-departement-62");
    assert_eq!(
        values(entity, &zone, dcterms::IDENTIFIER),
        ["\"fr:departement:62\""]
    );
    assert_eq!(
        values(entity, &zone, skos::PREF_LABEL),
        ["\"Pas-de-Calais\"@fr"]
    );
    let place = own(entity, "spatial-geometry");
    assert_eq!(
        values(entity, &place, dcat::BBOX),
        [
            "\"POLYGON((1.5 50,4.25 50,4.25 51.1,1.5 51.1,1.5 50))\"^^<http://www.opengis.net/ont/geosparql#wktLiteral>"
        ]
    );
    assert_eq!(
        values(entity, &place, model::ns::locn::GEOMETRY),
        [
            "\"MULTIPOLYGON(((1.5 50,4.25 50,4.25 51.1,1.5 50)))\"^^<http://www.opengis.net/ont/geosparql#wktLiteral>"
        ]
    );
}

#[test]
fn geometries_that_are_none_are_left_out() {
    for geom in [
        json!({"type": "Polygon", "coordinates": [[[652000, 6862000], [652001, 6862000], [652001, 6862001]]]}),
        json!({"type": "Polygon", "coordinates": []}),
        json!({"type": "Point", "coordinates": ["1", "2"]}),
        json!({"type": "Circle", "coordinates": [1, 2]}),
        json!("POINT(1 2)"),
    ] {
        let mapped = dataset(&json!({"title": "x", "spatial": {"geom": geom}}));
        assert!(
            values(
                &mapped.entities[0],
                &mapped.entities[0].iri,
                dcterms::SPATIAL
            )
            .is_empty(),
            "{geom}"
        );
        assert_eq!(mapped.findings.len(), 1, "{geom}");
        assert_eq!(mapped.findings[0].rule, "place/bad-geometry");
        assert_eq!(mapped.findings[0].place.as_deref(), Some("/spatial/geom"));
    }
}

#[test]
fn resources_become_distributions() {
    let mapped = dataset(&full());
    let entity = &mapped.entities[0];
    let distributions = values(entity, &entity.iri, dcat::DISTRIBUTION);
    assert_eq!(distributions.len(), 4, "{distributions:?}");
    let file = own(entity, "distribution-a1");
    let cases = [
        (dcat::ACCESS_URL, vec!["<https://www.portail.example/r/a1>"]),
        (
            dcat::DOWNLOAD_URL,
            vec!["<https://static.portail.example/20240601/aires.csv>"],
        ),
        (dcterms::LICENSE, vec!["\"lov2\""]),
        (dcterms::FORMAT, vec!["\"csv\""]),
        (dcat::MEDIA_TYPE, vec!["\"text/csv\""]),
        (
            dcat::BYTE_SIZE,
            vec!["\"1234\"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>"],
        ),
        (
            dcterms::CONFORMS_TO,
            vec!["\"etalab/schema-lieux-covoiturage 0.2.7\""],
        ),
    ];
    for (predicate, wanted) in cases {
        assert_eq!(values(entity, &file, predicate), wanted, "{predicate}");
    }
    let checksum = own(entity, "checksum-a1");
    assert_eq!(
        values(entity, &checksum, spdx::CHECKSUM_VALUE),
        [
            "\"da39a3ee5e6b4b0d3255bfef95601890afd80709\"^^<http://www.w3.org/2001/XMLSchema#hexBinary>"
        ]
    );
    let page = own(entity, "distribution-a4");
    assert!(values(entity, &page, dcat::DOWNLOAD_URL).is_empty());
    let rules: Vec<&str> = mapped.findings.iter().map(|f| f.rule.as_ref()).collect();
    assert_eq!(
        rules,
        [
            "distribution/duplicate-identifier",
            "distribution/duplicate-identifier",
            "distribution/no-access-url"
        ]
    );
    assert_eq!(mapped.findings[2].place.as_deref(), Some("/resources/6"));
}

#[test]
fn a_service_behind_a_distribution() {
    let mapped = dataset(&full());
    let entity = &mapped.entities[0];
    let service = own(entity, "service-a2");
    let cases = [
        (
            dcat::ENDPOINT_URL,
            vec!["<https://carto.example/ws?map=/x.map>"],
        ),
        (
            dcat::ENDPOINT_DESCRIPTION,
            vec!["<https://carto.example/ws?map=/x.map&SERVICE=WFS&REQUEST=GetCapabilities>"],
        ),
        (
            dcterms::CONFORMS_TO,
            vec!["<http://www.opengeospatial.org/standards/wfs>"],
        ),
        (dcterms::TITLE, vec!["\"Flux WFS\"@fr"]),
    ];
    for (predicate, wanted) in cases {
        assert_eq!(values(entity, &service, predicate), wanted, "{predicate}");
    }
    let distribution = own(entity, "distribution-a2");
    assert_eq!(
        values(entity, &distribution, dcat::ACCESS_SERVICE),
        [format!("{service}")]
    );
    assert!(values(entity, &distribution, dcat::DOWNLOAD_URL).is_empty());
}

#[test]
fn agents_are_entities() {
    let mapped = dataset(&full());
    let entity = &mapped.entities[0];
    assert_eq!(mapped.entities.len(), 3);
    let minter = Minter::new(Base::new("https://donnees.example.org/").unwrap());
    let organisation = minter.agent("www.portail.example/organizations/o1");
    let publisher = minter.agent("name:region fictive");
    assert_eq!(
        values(entity, &entity.iri, dcterms::PUBLISHER),
        [publisher.to_string()]
    );
    assert_eq!(
        values(entity, &entity.iri, model::ns::geodcatap::DISTRIBUTOR),
        [organisation.to_string()]
    );
    let agent = mapped
        .entities
        .iter()
        .find(|agent| agent.iri == organisation)
        .unwrap();
    assert_eq!(
        values(agent, &organisation, foaf::NAME),
        ["\"Département fictif\""]
    );
    assert_eq!(
        values(agent, &organisation, dcterms::TYPE),
        ["<http://purl.org/adms/publishertype/LocalAuthority>"]
    );
    assert_eq!(
        values(agent, &own(agent, "siret"), skos::NOTATION),
        ["\"22590001800013\""]
    );
    let card = own(entity, "contact-c1");
    assert_eq!(
        values(entity, &card, vcard::HAS_EMAIL),
        ["<mailto:mobilite@df.example>"]
    );
}

#[test]
fn an_owner_publishes_what_no_organisation_does() {
    let mapped = dataset(&json!({
        "title": "x", "organization": null, "page": "https://www.portail.example/datasets/x/",
        "owner": {"id": "u1", "first_name": "-", "last_name": "Collectif"}, "license": "notspecified",
    }));
    let entity = &mapped.entities[0];
    let agent = &mapped.entities[1];
    assert_eq!(
        values(entity, &entity.iri, dcterms::PUBLISHER),
        [agent.iri.to_string()]
    );
    assert_eq!(values(agent, &agent.iri, foaf::NAME), ["\"Collectif\""]);
    assert!(
        agent
            .instances(foaf::PERSON)
            .any(|person| *person == agent.iri)
    );
    assert!(values(entity, &entity.iri, dcterms::LICENSE).is_empty());
}

#[test]
fn one_organisation_in_two_sources_of_a_portal_is_one() {
    let of = |page: &str| {
        let value = json!({"title": "x", "page": page, "organization": {"id": "o1", "name": "N"}});
        dataset(&value).entities[1].iri.clone()
    };
    assert_eq!(
        of("https://www.portail.example/datasets/x/"),
        of("https://WWW.portail.example/fr/datasets/y/")
    );
    assert_ne!(
        of("https://www.portail.example/x"),
        of("https://demo.portail.example/x")
    );
}

#[test]
fn old_records_keep_their_origin_in_extras() {
    let mapped = dataset(&json!({
        "title": "x", "created_at": "2017-01-01T00:00:00", "license": "notspecified",
        "extras": {"harvest:remote_id": "42", "harvest:domain": "vieux.example", "remote_url": "http://vieux.example/42",
                   "dcat": {"license": ["Licence Ouverte v1.0"], "accessRights": ["Pas de restriction"], "provenance": "Levé au GPS"}},
        "resources": [{"title": "r", "url": "https://vieux.example/r.zip", "format": "zip"}],
    }));
    let entity = &mapped.entities[0];
    assert_eq!(
        values(entity, &own(entity, "identifier-1"), skos::NOTATION),
        ["\"42\""]
    );
    assert_eq!(
        values(entity, &entity.iri, dcat::LANDING_PAGE),
        ["<http://vieux.example/42>"]
    );
    let distribution = entity
        .instances(dcat::DISTRIBUTION_CLASS)
        .next()
        .unwrap()
        .clone();
    assert_eq!(
        values(entity, &distribution, dcterms::LICENSE),
        ["\"Licence Ouverte v1.0\""]
    );
    assert_eq!(
        values(entity, &distribution, dcat::DOWNLOAD_URL),
        ["<https://vieux.example/r.zip>"]
    );
    assert_eq!(
        values(entity, &entity.iri, dcterms::ACCESS_RIGHTS),
        ["\"Pas de restriction\""]
    );
    assert_eq!(
        values(entity, &own(entity, "provenance-1"), model::ns::rdfs::LABEL),
        ["\"Levé au GPS\"@fr"]
    );
}

#[test]
fn a_field_of_a_wrong_type_costs_only_itself() {
    let mut value = full();
    let wrong = json!([{"unexpected": true}]);
    let fields: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
    for field in fields.iter().filter(|field| *field != "title") {
        let kept = std::mem::replace(&mut value[field], wrong.clone());
        let mapped = dataset(&value);
        assert_eq!(
            values(&mapped.entities[0], &mapped.entities[0].iri, dcterms::TITLE).len(),
            1,
            "{field}"
        );
        value[field] = kept;
    }
    value["acronym"] = json!({"fr": "x"});
    value["resources"][0]["filesize"] = json!("12 ko");
    let places: Vec<_> = dataset(&value)
        .findings
        .into_iter()
        .filter(|finding| finding.rule == "record/bad-field")
        .filter_map(|finding| finding.place)
        .collect();
    assert_eq!(places, ["/acronym", "/resources/0/filesize"]);
}

#[test]
fn what_is_refused() {
    let cases: [(&[u8], &str); 8] = [
        (b"", "record/unreadable"),
        (b"<html>", "record/unreadable"),
        (b"[]", "record/unreadable"),
        (b"{\"title\": \"\xe9\"}", "record/unreadable"),
        (b"{\"title\": \"x\"", "record/unreadable"),
        (b"{}", "record/no-title"),
        (b"{\"title\": \" \"}", "record/no-title"),
        (
            b"{\"title\": \"x\", \"private\": true}",
            "record/not-public",
        ),
    ];
    for (body, rule) in cases {
        let error = map_as(RecordFormat::UdataDataset, body).unwrap_err();
        assert_eq!(error.rule, rule, "{}", String::from_utf8_lossy(body));
    }
    // Deep nesting is refused by the parser, not by the stack.
    let deep = format!("{{\"title\": {}", "[".repeat(1_000_000));
    assert_eq!(
        map_as(RecordFormat::UdataDataset, deep.as_bytes())
            .unwrap_err()
            .rule,
        "record/unreadable"
    );
}

#[test]
fn half_a_character_does_not_refuse_a_record() {
    let body = br#"{"title": "Coup\u00e9 \ud83d"}"#;
    let mapped = map_as(RecordFormat::UdataDataset, body).unwrap();
    let entity = &mapped.entities[0];
    assert_eq!(
        values(entity, &entity.iri, dcterms::TITLE),
        ["\"Coupé \u{fffd}\"@fr"]
    );
}

#[test]
fn findings_are_bounded() {
    let tags = vec![json!({}); 10_000];
    let mapped = dataset(&json!({"title": "x", "tags": tags}));
    assert_eq!(mapped.findings.len(), 100);
}

#[test]
fn a_data_service() {
    let value = json!({
        "id": "s1", "title": "API Adresses fictives", "description": "Géocodage", "tags": ["api"], "license": "lov2",
        "base_api_url": "https://api.portail.example/adresses", "machine_documentation_url": "https://api.portail.example/openapi.json",
        "technical_documentation_url": "https://api.portail.example/doc", "business_documentation_url": null,
        "rate_limiting": "50 appels/seconde/IP", "is_restricted": true, "created_at": "2023-01-01T00:00:00", "metadata_modified_at": "2024-01-01T00:00:00",
        "self_web_url": "https://www.portail.example/dataservices/api-adresses/",
        "organization": {"id": "o1", "name": "N"},
        "datasets": [{"id": "d1", "title": "BAN"}, "d2"],
    });
    let mapped = map_as(RecordFormat::UdataDataservice, value.to_string().as_bytes()).unwrap();
    let entity = &mapped.entities[0];
    assert_eq!(entity.kind, EntityKind::DataService);
    let cases = [
        (
            dcat::ENDPOINT_URL,
            vec!["<https://api.portail.example/adresses>"],
        ),
        (
            dcat::ENDPOINT_DESCRIPTION,
            vec!["<https://api.portail.example/openapi.json>"],
        ),
        (foaf::PAGE, vec!["<https://api.portail.example/doc>"]),
        (dcterms::LICENSE, vec!["\"lov2\""]),
        (dcterms::ACCESS_RIGHTS, vec!["\"restricted\""]),
        (dcterms::RIGHTS, vec!["\"50 appels/seconde/IP\"@fr"]),
    ];
    for (predicate, wanted) in cases {
        assert_eq!(
            values(entity, &entity.iri, predicate),
            wanted,
            "{predicate}"
        );
    }
    let targets: Vec<_> = entity
        .links
        .iter()
        .map(|link| link.target.clone())
        .collect();
    assert_eq!(
        targets,
        ["d1", "d2"].map(|id| LinkTarget::Record(RecordId::new(id)))
    );
    assert!(mapped.findings.is_empty(), "{:?}", mapped.findings);
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        "[a-z:/.?&=#<> ]{0,30}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Every place of a value, as JSON pointers.
fn pointers(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| pointers(value, &format!("{at}/{key}"), into)),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(index, value)| pointers(value, &format!("{at}/{index}"), into)),
        _ => {}
    }
}

proptest! {
    /// Whatever stands anywhere in a record, its mapping ends with a graph of absolute IRIs, or a refusal.
    #[test]
    fn no_value_makes_it_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any_value()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut value = full();
        for (place, change) in changes {
            let mut places = Vec::new();
            pointers(&value, "", &mut places);
            if let Some(field) = value.pointer_mut(&places[place.index(places.len())]) {
                *field = change;
            }
        }
        let mut body = value.to_string().into_bytes();
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len().max(1)));
        }
        for format in [RecordFormat::UdataDataset, RecordFormat::UdataDataservice] {
            if let Ok(mapped) = map_as(format, &body) {
                for triple in mapped.entities.iter().flat_map(|entity| &entity.triples) {
                    prop_assert!(NamedNode::new(triple.subject.to_string().trim_matches(['<', '>'])).is_ok());
                    if let Term::NamedNode(object) = &triple.object {
                        prop_assert!(NamedNode::new(object.as_str()).is_ok(), "{}", triple);
                    }
                }
            }
        }
    }
}

/// Every real dataset maps: none is refused, and each says its title.
#[test]
fn the_corpus_maps() {
    let root = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpus/udata/datagouv-search-indicator/data"
    );
    let mut files = Vec::new();
    collect(std::path::Path::new(root), &mut files);
    if files.is_empty() {
        eprintln!("skipped: ../shared is absent");
        return;
    }
    let (mut triples, mut distributions, mut rules) = (0, 0, std::collections::BTreeMap::new());
    for file in &files {
        let body = std::fs::read(file).unwrap();
        let mapped = map_as(RecordFormat::UdataDataset, &body)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let entity = &mapped.entities[0];
        assert_eq!(
            values(entity, &entity.iri, dcterms::TITLE).len(),
            1,
            "{}",
            file.display()
        );
        triples += mapped
            .entities
            .iter()
            .map(|entity| entity.triples.len())
            .sum::<usize>();
        distributions += entity.instances(dcat::DISTRIBUTION_CLASS).count();
        for finding in &mapped.findings {
            *rules.entry(finding.rule.to_string()).or_insert(0) += 1;
        }
    }
    eprintln!(
        "{} datasets, {distributions} distributions, {triples} triples, findings: {rules:?}",
        files.len()
    );
}

fn collect(folder: &std::path::Path, into: &mut Vec<std::path::PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, into);
        } else if folder.ends_with("datasets") {
            into.push(path);
        }
    }
}
