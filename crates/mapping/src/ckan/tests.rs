//! Fixtures of our own, in the manner of real portals; and a pass over a corpus of real records where there is one.

use model::ns::{adms, dcat, dcterms, foaf, geodcatap, gsp, locn, rdfs, skos, spdx, vcard};
use model::{
    Base, Entity, EntityKind, LinkTarget, Mapped, Minter, RawRecord, RecordFormat, RecordId,
    SourceId,
};
use oxrdf::{NamedNode, NamedNodeRef, Term};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{MapContext, MapError, map};

fn map_bytes(body: &[u8]) -> Result<Mapped, MapError> {
    let minter = Minter::new(Base::new("https://donnees.example.org/").unwrap());
    let source = SourceId::new("portail").unwrap();
    let record = RawRecord {
        id: RecordId::new("r1"),
        format: RecordFormat::CkanPackage,
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

fn package(value: &Value) -> Mapped {
    map_bytes(value.to_string().as_bytes()).unwrap()
}

/// A package with these fields beside its title, and these extras.
fn with(fields: Value, extras: &[(&str, &str)]) -> Mapped {
    let mut value = json!({ "id": "p", "title": "Titre", "extras": [] });
    for (key, field) in fields.as_object().unwrap() {
        value[key] = field.clone();
    }
    for (key, text) in extras {
        value["extras"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "key": key, "value": text }));
    }
    package(&value)
}

fn full() -> Value {
    serde_json::from_str(include_str!("../../tests/fixtures/ckan/package.json")).unwrap()
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

fn of(mapped: &Mapped, predicate: NamedNodeRef<'_>) -> Vec<String> {
    let entity = &mapped.entities[0];
    values(entity, &entity.iri, predicate)
}

fn own(entity: &Entity, local: &str) -> NamedNode {
    NamedNode::new(format!("{}#{local}", entity.iri.as_str())).unwrap()
}

fn rules(mapped: &Mapped) -> Vec<(String, String)> {
    mapped
        .findings
        .iter()
        .map(|finding| {
            let place = finding.place.clone().unwrap_or_default();
            (finding.rule.to_string(), place)
        })
        .collect()
}

#[test]
fn a_package_with_everything() {
    let mapped = package(&full());
    let entity = &mapped.entities[0];
    assert_eq!(entity.kind, EntityKind::Dataset);
    let cases = [
        (dcterms::TITLE, vec!["\"Arrêts de bus de Valmer\"@fr"]),
        (
            dcterms::IDENTIFIER,
            vec!["\"3d1c7a52-8f0e-4b6a-9c2d-5e4f3a2b1c0d\""],
        ),
        (dcat::VERSION, vec!["\"2.1\""]),
        (dcat::KEYWORD, vec!["\"bus\"@fr", "\"mobilité\"@fr"]),
        (
            dcat::THEME,
            vec![
                "\"Mobilité\"",
                "\"Transports\"@fr",
                "<http://publications.europa.eu/resource/authority/data-theme/TRAN>",
            ],
        ),
        (dcterms::ACCRUAL_PERIODICITY, vec!["\"quarterly\""]),
        (dcterms::LANGUAGE, vec!["\"fr\""]),
        (dcterms::CONFORMS_TO, vec!["\"etalab/schema-arrets\""]),
        (dcterms::ISSUED, vec!["\"2021-03-04T05:06:07.123456\""]),
        (dcterms::MODIFIED, vec!["\"2025-01-02T03:04:05.654321\""]),
        (dcterms::LICENSE, vec![]),
        (
            dcat::LANDING_PAGE,
            vec![
                "<https://geo.valmer.example/record/arrets>",
                "<https://mobilite.valmer.example/arrets>",
            ],
        ),
        (
            foaf::PAGE,
            vec!["<https://donnees.valmer.example/notice.pdf>"],
        ),
    ];
    for (predicate, wanted) in cases {
        assert_eq!(of(&mapped, predicate), wanted, "{predicate}");
    }
    assert_eq!(entity.rank, "2025-01-02T03:04:05.654321");
    let upstream = own(entity, "identifier-1");
    assert_eq!(
        values(entity, &upstream, skos::NOTATION),
        ["\"fr-valmer-arrets-2021\""]
    );
    assert_eq!(
        values(entity, &upstream, adms::SCHEMA_AGENCY),
        ["\"Géocatalogue de Valmer\""]
    );
    for alias in ["fr-valmer-arrets-2021", "arrets-de-bus-de-valmer"] {
        assert!(entity.aliases.iter().any(|known| known == alias), "{alias}");
    }
    let source = own(entity, "source-1");
    assert_eq!(
        values(entity, &source, rdfs::LABEL),
        ["\"Relevés de terrain\"@fr"]
    );
    let targets: Vec<_> = entity
        .links
        .iter()
        .map(|link| (link.predicate.as_ref(), link.target.clone()))
        .collect();
    assert_eq!(
        targets,
        [
            (
                dcat::IN_SERIES,
                LinkTarget::Alias("reseau-valbus".to_owned())
            ),
            (
                dcterms::SOURCE,
                LinkTarget::Record(RecordId::new("9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d"))
            ),
        ]
    );
    assert_eq!(
        rules(&mapped),
        [(
            "distribution/no-access-url".to_owned(),
            "/resources/4".to_owned()
        )]
    );
}

#[test]
fn resources_are_distributions() {
    let mapped = package(&full());
    let entity = &mapped.entities[0];
    assert_eq!(entity.instances(dcat::DISTRIBUTION_CLASS).count(), 2);
    let file = own(entity, "distribution-r-1");
    let cases = [
        (dcterms::TITLE, vec!["\"Arrêts\"@fr"]),
        (
            dcat::DOWNLOAD_URL,
            vec!["<https://donnees.valmer.example/dataset/arrets/arrets.zip>"],
        ),
        (dcterms::FORMAT, vec!["\"SHP\""]),
        (dcat::MEDIA_TYPE, vec!["\"application/x-shapefile\""]),
        (dcat::PACKAGE_FORMAT, vec!["\"application/zip\""]),
        (dcat::BYTE_SIZE, vec!["\"20480\""]),
        (dcterms::LICENSE, vec!["\"odc-odbl\""]),
        (dcterms::MODIFIED, vec!["\"2025-01-01T00:00:00\""]),
    ];
    for (predicate, wanted) in cases {
        assert_eq!(values(entity, &file, predicate), wanted, "{predicate}");
    }
    let checksum = own(entity, "checksum-r-1");
    assert_eq!(
        values(entity, &checksum, spdx::ALGORITHM),
        ["<http://spdx.org/rdf/terms#checksumAlgorithm_sha1>"]
    );
    assert_eq!(
        values(entity, &checksum, spdx::CHECKSUM_VALUE),
        [
            "\"0123456789abcdef0123456789abcdef01234567\"^^<http://www.w3.org/2001/XMLSchema#hexBinary>"
        ]
    );
    let map = own(entity, "distribution-r-2");
    let service = own(entity, "service-r-2");
    assert_eq!(
        values(entity, &map, dcat::ACCESS_SERVICE),
        [service.to_string()]
    );
    assert_eq!(values(entity, &map, dcterms::LICENSE), ["\"cc-by\""]);
    assert!(values(entity, &map, dcat::DOWNLOAD_URL).is_empty());
    assert_eq!(values(entity, &service, dcterms::TITLE), ["\"Carte\"@fr"]);
    assert_eq!(
        values(entity, &service, dcat::ENDPOINT_URL),
        ["<https://geo.valmer.example/wms>"]
    );
}

#[test]
fn agents_and_contacts() {
    let mapped = package(&full());
    let minter = Minter::new(Base::new("https://donnees.example.org/").unwrap());
    let organisation = minter.agent("ckan/organizations/0b1f2e3d-4c5b-4a69-8778-96a5b4c3d2e1");
    assert_eq!(of(&mapped, dcterms::PUBLISHER), [organisation.to_string()]);
    assert_eq!(
        of(&mapped, dcterms::CREATOR),
        [minter.agent("name:camille perrault").to_string()]
    );
    let entity = &mapped.entities[0];
    assert_eq!(of(&mapped, dcat::CONTACT_POINT).len(), 1);
    let card = own(entity, "contact-field-3");
    assert_eq!(
        values(entity, &card, vcard::HAS_EMAIL),
        ["<mailto:mobilite@valmer.example>"]
    );
    // Who publishes is said: the organisation has passed it on, unless it is the same.
    let other = with(
        json!({ "organization": { "name": "region", "title": "Région" } }),
        &[
            ("publisher_name", "Ville de Valmer"),
            ("publisher_uri", "https://valmer.example/id"),
        ],
    );
    assert_eq!(
        of(&other, dcterms::PUBLISHER),
        [minter.agent("https://valmer.example/id").to_string()]
    );
    assert_eq!(of(&other, geodcatap::DISTRIBUTOR).len(), 1);
    let same = with(
        json!({ "organization": { "name": "valmer", "title": "VILLE DE VALMER" } }),
        &[
            ("publisher_name", "Ville de Valmer"),
            ("publisher_url", "https://valmer.example/"),
        ],
    );
    assert_eq!(of(&same, geodcatap::DISTRIBUTOR).len(), 0);
    assert_eq!(
        of(&same, dcterms::PUBLISHER),
        [minter.agent("portail/organizations/valmer").to_string()]
    );
    assert_eq!(same.entities.len(), 2);
    let agent = &same.entities[1];
    assert_eq!(
        values(agent, &agent.iri, foaf::HOMEPAGE),
        ["<https://valmer.example/>"]
    );
}

#[test]
fn one_agent_of_two_roles_keeps_what_both_say() {
    let mapped = with(
        json!({
            "publisher": [{ "name": "Ville", "email": "a@valmer.example" }],
            "creator": [{ "name": "Ville", "url": "https://valmer.example/" }],
        }),
        &[],
    );
    let agent = &mapped.entities[1];
    assert_eq!(mapped.entities.len(), 2);
    assert_eq!(values(agent, &agent.iri, foaf::MBOX).len(), 1);
    assert_eq!(values(agent, &agent.iri, foaf::HOMEPAGE).len(), 1);
}

#[test]
fn places() {
    let mapped = package(&full());
    let entity = &mapped.entities[0];
    let place = own(entity, "spatial");
    assert_eq!(
        of(&mapped, dcterms::SPATIAL),
        [
            "<http://id.insee.example/geo/commune/80999>".to_owned(),
            place.to_string()
        ]
    );
    assert_eq!(values(entity, &place, skos::PREF_LABEL), ["\"Valmer\"@fr"]);
    assert_eq!(
        values(entity, &place, locn::GEOMETRY),
        [format!("\"POINT(2.5 49.5)\"^^{}", gsp::WKT_LITERAL)]
    );
    // The box of an ISO record, only where nothing better is there; and the wrong way round.
    let sides = [
        ("bbox-west-long", "3.5"),
        ("bbox-east-long", "2.5"),
        ("bbox-south-lat", "49"),
        ("bbox-north-lat", "50"),
    ];
    let boxed = with(json!({}), &sides);
    let entity = &boxed.entities[0];
    assert_eq!(
        values(entity, &own(entity, "spatial-bbox"), dcat::BBOX),
        [format!(
            "\"POLYGON((2.5 49,3.5 49,3.5 50,2.5 50,2.5 49))\"^^{}",
            gsp::WKT_LITERAL
        )]
    );
    assert_eq!(
        rules(&boxed),
        [(
            "place/swapped-bounds".to_owned(),
            "/extras/0/value".to_owned()
        )]
    );
    let mut better = sides.to_vec();
    better.push(("spatial", "{\"type\": \"Point\", \"coordinates\": [2, 49]}"));
    assert_eq!(of(&with(json!({}), &better), dcterms::SPATIAL).len(), 1);
    // Metres are no degrees, and a name is no geometry.
    let metres = with(
        json!({}),
        &[
            ("bbox-west-long", "650000"),
            ("bbox-east-long", "660000"),
            ("bbox-south-lat", "6900000"),
            ("bbox-north-lat", "6910000"),
        ],
    );
    assert!(of(&metres, dcterms::SPATIAL).is_empty());
    assert_eq!(rules(&metres)[0].0, "place/absurd-coordinates");
    let named = with(json!({ "spatial": "Hauts-de-France" }), &[]);
    let entity = &named.entities[0];
    assert_eq!(
        values(entity, &own(entity, "spatial"), skos::PREF_LABEL),
        ["\"Hauts-de-France\"@fr"]
    );
}

#[test]
fn places_as_texts() {
    let place = |text: &str| {
        let mapped = with(json!({ "spatial": text }), &[]);
        let entity = &mapped.entities[0];
        let node = own(entity, "spatial");
        let told = [locn::GEOMETRY, dcat::BBOX, skos::PREF_LABEL]
            .map(|predicate| values(entity, &node, predicate).len());
        (told, mapped.findings.len())
    };
    assert_eq!(place("POLYGON ((2 49, 3 49, 3 50, 2 49))"), ([1, 0, 0], 0));
    assert_eq!(place("2.5, 49.2, 4.5, 50.1"), ([0, 1, 0], 0));
    assert_eq!(place("Bourgogne (sud)"), ([0, 0, 1], 0));
    for wrong in ["POINT (650000 6900000)", "650000,6900000,660000,6910000"] {
        assert_eq!(place(wrong), ([0, 0, 0], 1), "{wrong}");
    }
    let boxed = with(json!({ "spatial_bbox": "2.5, 49.2, 4.5, 50.1" }), &[]);
    let entity = &boxed.entities[0];
    assert_eq!(values(entity, &own(entity, "spatial"), dcat::BBOX).len(), 1);
    // What only begins as a geometry is a broken one.
    assert_eq!(place("POINT(2 49)) d'eau)"), ([0, 0, 0], 1));
}

#[test]
fn fields_are_read_wherever_they_stand() {
    let list = json!(["https://a.example/1", "https://a.example/2"]);
    let wanted = ["<https://a.example/1>", "<https://a.example/2>"];
    let ways = [
        with(json!({ "documentation": list }), &[]),
        with(json!({ "documentation": list.to_string() }), &[]),
        with(
            json!({ "documentation": "https://a.example/1, https://a.example/2" }),
            &[],
        ),
        with(json!({}), &[("documentation", &list.to_string())]),
        with(
            json!({}),
            &[("documentation", &list.to_string().replace('"', "&quot;"))],
        ),
        with(json!({ "extras": { "documentation": list } }), &[]),
        // An empty field does not hide an extra.
        with(
            json!({ "documentation": "" }),
            &[("documentation", &list.to_string())],
        ),
    ];
    for (at, way) in ways.iter().enumerate() {
        assert_eq!(of(way, foaf::PAGE), wanted, "way {at}");
        assert!(way.findings.is_empty(), "{:?}", way.findings);
    }
    // CKAN 1 wrote JSON in extras.
    let quoted = with(json!({}), &[("frequency", "\"annuelle\"")]);
    assert_eq!(of(&quoted, dcterms::ACCRUAL_PERIODICITY), ["\"annuelle\""]);
    // A title in brackets is no list.
    let bracketed = with(json!({ "title": "[2020]" }), &[]);
    assert_eq!(of(&bracketed, dcterms::TITLE), ["\"[2020]\"@fr"]);
}

#[test]
fn translations_keep_their_language() {
    let mapped = with(
        json!({
            "title_translated": { "fr": "Eau", "en": "Water", "de": "" },
            "notes": "{\"fr\": \"Relevés\", \"pt_BR\": \"Dados\"}",
            "tags_translated": { "fr": ["eau", "rivière"], "en": ["water"] },
            "provenance": { "fr": "Mesuré", "en": "Measured" },
        }),
        &[],
    );
    assert_eq!(of(&mapped, dcterms::TITLE), ["\"Eau\"@fr", "\"Water\"@en"]);
    assert_eq!(
        of(&mapped, dcterms::DESCRIPTION),
        ["\"Dados\"@pt-br", "\"Relevés\"@fr"]
    );
    assert_eq!(
        of(&mapped, dcat::KEYWORD),
        ["\"eau\"@fr", "\"rivière\"@fr", "\"water\"@en"]
    );
    assert_eq!(of(&mapped, dcterms::PROVENANCE).len(), 1);
    let entity = &mapped.entities[0];
    assert_eq!(
        values(entity, &own(entity, "provenance-1"), rdfs::LABEL),
        ["\"Measured\"@en", "\"Mesuré\"@fr"]
    );
}

#[test]
fn licences_are_the_ones_that_are_certain() {
    let licence =
        |fields: Value, extras: &[(&str, &str)]| of(&with(fields, extras), dcterms::LICENSE);
    let cases = [
        (
            json!({ "license_id": "CC-BY", "license_title": "Attribution" }),
            "\"cc-by\"",
        ),
        (
            json!({ "license_id": "lic-7", "license_title": "Licence de Valmer", "license_url": "https://valmer.example/licence" }),
            "<https://valmer.example/licence>",
        ),
        (
            json!({ "license_id": "lic-7", "license_title": "Licence Ouverte 2.0" }),
            "\"Licence Ouverte 2.0\"",
        ),
        (
            json!({ "license_title": "http://a.example/lo" }),
            "<http://a.example/lo>",
        ),
    ];
    for (fields, wanted) in cases {
        assert_eq!(licence(fields, &[]), [wanted]);
    }
    let none = json!({ "license_id": "notspecified", "license_title": "License not specified" });
    assert!(licence(none.clone(), &[]).is_empty());
    // The limitations of use of an ISO record: a licence, and what is none.
    let listed = [(
        "licence",
        "[\"Licence ouverte Etalab\", \"Ne pas utiliser en deçà du 1/5000\"]",
    )];
    assert_eq!(
        licence(none.clone(), &listed),
        ["\"Licence ouverte Etalab\""]
    );
    assert_eq!(
        of(&with(none, &listed), dcterms::RIGHTS),
        ["\"Ne pas utiliser en deçà du 1/5000\"@fr"]
    );
}

#[test]
fn records_of_dkan() {
    let mapped = with(
        json!({
            "state": "Active", "private": true, "type": "Dataset", "metadata_created": "mar, 10/12/2019 - 09:23",
            "groups": [{ "id": "x", "name": "group/region-fictive", "title": "Région fictive" }],
            "resources": [{ "id": "a", "name": "a.xlsx", "url": "https://a.example/a.xlsx", "format": "xlsx", "mimetype": "xlsx", "size": "42 octets",
                "last_modified": "Date changed  jeu, 19/12/2019 - 03:00" }],
        }),
        &[
            (
                "responsible-party",
                "[{&quot;name&quot;: &quot;SIG de Valmer&quot;, &quot;roles&quot;: [&quot;custodian&quot;, &quot;pointOfContact&quot;]}]",
            ),
            (
                "dataset-reference-date",
                "[{\"type\": \"creation\", \"value\": \"2018\"}, {\"type\": \"publication\", \"value\": \"2019-10-01\"}]",
            ),
        ],
    );
    let entity = &mapped.entities[0];
    // A group is the publisher there, and no theme.
    assert!(of(&mapped, dcat::THEME).is_empty());
    let publisher = mapped
        .entities
        .iter()
        .find(|agent| of(&mapped, dcterms::PUBLISHER) == [agent.iri.to_string()])
        .unwrap();
    assert_eq!(
        values(publisher, &publisher.iri, foaf::NAME),
        ["\"Région fictive\""]
    );
    assert_eq!(of(&mapped, geodcatap::CUSTODIAN).len(), 1);
    assert_eq!(of(&mapped, dcterms::ISSUED), ["\"2019-10-01\""]);
    assert_eq!(of(&mapped, dcterms::CREATED), ["\"2018\""]);
    let file = own(entity, "distribution-a");
    // Dates and sizes stay as the source wrote them: the rules read them.
    assert_eq!(values(entity, &file, dcat::BYTE_SIZE), ["\"42 octets\""]);
    assert_eq!(
        values(entity, &file, dcterms::MODIFIED),
        ["\"Date changed  jeu, 19/12/2019 - 03:00\""]
    );
    assert_eq!(entity.rank, "");
    assert!(mapped.findings.is_empty(), "{:?}", mapped.findings);
}

#[test]
fn a_series_is_one() {
    let mapped = with(json!({ "type": "dataset_series" }), &[]);
    let entity = &mapped.entities[0];
    assert_eq!(entity.kind, EntityKind::DatasetSeries);
    assert_eq!(entity.instances(dcat::DATASET_SERIES).count(), 1);
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
        (b"{\"title\": {\"fr\": \" \"}}", "record/no-title"),
        (
            b"{\"title\": \"x\", \"state\": \"deleted\"}",
            "record/not-public",
        ),
    ];
    for (body, rule) in cases {
        let error = map_bytes(body).unwrap_err();
        assert_eq!(error.rule, rule, "{}", String::from_utf8_lossy(body));
    }
    // Deep nesting is refused by the parser, not by the stack; in a text of an extra too, which then is a text.
    let deep = format!("{{\"title\": {}", "[".repeat(1_000_000));
    assert_eq!(
        map_bytes(deep.as_bytes()).unwrap_err().rule,
        "record/unreadable"
    );
    let deep = "[".repeat(100_000);
    assert!(!of(&with(json!({}), &[("theme", &deep)]), dcat::THEME).is_empty());
}

#[test]
fn a_field_of_a_wrong_type_costs_only_itself() {
    let mut value = full();
    let fields: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
    for wrong in [json!([{ "unexpected": true }]), json!(7), json!("[{\"")] {
        for field in fields.iter().filter(|field| *field != "title") {
            let kept = std::mem::replace(&mut value[field], wrong.clone());
            let mapped = package(&value);
            assert_eq!(of(&mapped, dcterms::TITLE).len(), 1, "{field}");
            value[field] = kept;
        }
    }
    value["frequency"] = json!({ "unexpected": [1] });
    value["resources"][0]["hash"] = json!("zz");
    let found = rules(&package(&value));
    for place in ["/frequency", "/resources/0/hash"] {
        assert!(
            found.contains(&("record/bad-field".to_owned(), place.to_owned())),
            "{found:?}"
        );
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        "[a-z:/.?&=#<>\\[\\]{}\", ]{0,30}".prop_map(Value::from),
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
        more in prop::collection::btree_map(
            prop_oneof![Just("spatial_coverage"), Just("publisher"), Just("temporal_coverage"), Just("qualified_relation"), Just("contact"), Just("bbox"), Just("title_translated")],
            any_value(), 0..4,
        ),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut value = full();
        for (key, field) in more {
            value[key] = field;
        }
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
        if let Ok(mapped) = map_bytes(&body) {
            for triple in mapped.entities.iter().flat_map(|entity| &entity.triples) {
                prop_assert!(NamedNode::new(triple.subject.to_string().trim_matches(['<', '>'])).is_ok());
                if let Term::NamedNode(object) = &triple.object {
                    prop_assert!(NamedNode::new(object.as_str()).is_ok(), "{}", triple);
                }
            }
        }
    }
}

/// Files of ckanext-dcat that are no packages: catalogues in DCAT's own JSON.
const NO_PACKAGES: [&str; 3] = ["catalog.json", "catalog_datasets_list.json", "dataset.json"];

/// Every real package maps, alone, in an answer, or in lines: none is refused, and each says its title.
#[test]
fn the_corpus_maps() {
    let root = std::path::Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpus/ckan"
    ));
    let mut files = Vec::new();
    collect(root, &mut files);
    if files.is_empty() {
        eprintln!("skipped: ../shared is absent");
        return;
    }
    let (mut packages, mut triples, mut distributions) = (0, 0, 0);
    let mut found = std::collections::BTreeMap::new();
    for file in files {
        if NO_PACKAGES
            .iter()
            .any(|name| file.ends_with(name) && file.to_string_lossy().contains("ckanext-dcat"))
        {
            eprintln!("skipped: {} is no package", file.display());
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let documents = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        for document in documents {
            for value in unwrapped(document.unwrap()) {
                let mapped = map_bytes(value.to_string().as_bytes())
                    .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                assert!(
                    !of(&mapped, dcterms::TITLE).is_empty(),
                    "{}",
                    file.display()
                );
                packages += 1;
                triples += mapped
                    .entities
                    .iter()
                    .map(|entity| entity.triples.len())
                    .sum::<usize>();
                distributions += mapped.entities[0]
                    .instances(dcat::DISTRIBUTION_CLASS)
                    .count();
                for (rule, _) in rules(&mapped) {
                    *found.entry(rule).or_insert(0) += 1;
                }
            }
        }
    }
    assert!(packages > 10, "{packages}");
    eprintln!(
        "{packages} packages, {distributions} distributions, {triples} triples, findings: {found:?}"
    );
}

/// The packages of an answer, or the package itself.
fn unwrapped(document: Value) -> Vec<Value> {
    match document {
        Value::Object(mut members) if members.contains_key("result") => {
            unwrapped(members.remove("result").unwrap())
        }
        Value::Object(mut members) if members.contains_key("results") => {
            unwrapped(members.remove("results").unwrap())
        }
        Value::Array(items) => items.into_iter().flat_map(unwrapped).collect(),
        package => vec![package],
    }
}

fn collect(folder: &std::path::Path, into: &mut Vec<std::path::PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, into);
        } else {
            into.push(path);
        }
    }
}

#[test]
fn a_long_licence_is_not_copied_for_each_resource() {
    let resources: Vec<Value> = (0..1_000)
        .map(|at| json!({ "id": format!("r{at}"), "url": "https://a.example/f.csv" }))
        .collect();
    let long = "x".repeat(100_000);
    let fields = json!({ "license_title": long, "resources": resources, "metadata_modified": "2".repeat(5_000),
        "organization": { "name": "o", "title": "O" } });
    let mapped = with(fields, &[]);
    let length = |entity: &Entity| -> usize {
        let objects = entity.triples.iter().map(|triple| &triple.object);
        objects.map(|object| object.to_string().len()).sum()
    };
    let [dataset, agent] = mapped.entities.as_slice() else {
        panic!("a dataset and its publisher");
    };
    assert!(length(dataset) < 1_000_000, "{}", length(dataset));
    assert_eq!(values(dataset, &dataset.iri, dcterms::LICENSE).len(), 1);
    assert_eq!(agent.rank, "2".repeat(40));
}

#[test]
fn nothing_leads_to_an_agent_that_is_one_too_many() {
    let resources: Vec<Value> = (0..20)
        .map(|at| {
            let agents: Vec<Value> = (0..50)
                .map(|n| json!({ "name": format!("Agence {at}-{n}") }))
                .collect();
            json!({ "url": format!("https://a.example/{at}"), "access_services": [{ "title": "S", "creator": agents }] })
        })
        .collect();
    let mapped = with(
        json!({ "resources": resources, "publisher": [{ "name": "Région" }] }),
        &[],
    );
    let (dataset, agents) = mapped.entities.split_first().unwrap();
    assert_eq!(agents.len(), 500);
    let named = dataset.triples.iter().filter(|triple| {
        [dcterms::CREATOR, dcterms::PUBLISHER].contains(&triple.predicate.as_ref())
    });
    let known: std::collections::HashSet<String> =
        agents.iter().map(|agent| agent.iri.to_string()).collect();
    let named: Vec<String> = named.map(|triple| triple.object.to_string()).collect();
    assert_eq!(named.len(), 500);
    assert!(named.iter().all(|agent| known.contains(agent)));
    let told = mapped.findings.iter();
    assert_eq!(
        told.filter(|finding| finding.rule == "agent/too-many")
            .count(),
        1
    );
}

#[test]
fn lists_in_lists_have_no_more_values_than_one() {
    let inner: Vec<String> = (0..100).map(|at| format!("a{at}")).collect();
    let nested = vec![inner; 100];
    let mapped = with(json!({ "language": nested }), &[]);
    let dataset = &mapped.entities[0];
    let values = dataset.objects(&dataset.iri, dcterms::LANGUAGE).count();
    assert_eq!(values, 1_000);
}

#[test]
fn a_geometry_that_cannot_be_read_is_no_name() {
    let label = |text: &str| {
        let mapped = with(json!({ "spatial": text }), &[]);
        let entity = &mapped.entities[0];
        let bad = mapped.findings.iter();
        let bad = bad.filter(|finding| finding.rule == "place/bad-geometry");
        let labels = entity.triples.iter();
        let labels = labels.filter(|triple| triple.predicate == skos::PREF_LABEL);
        (labels.count(), bad.count())
    };
    for bad in [
        "POLYGON Z ((0 0 1,1 0 1,1 1 1,0 0 1))",
        "SRID=4326;POINT(2 50)",
        &format!("MULTIPOINT({}2 50)", "2 50,".repeat(30_000)),
        &"n".repeat(501),
    ] {
        assert_eq!(label(bad), (0, 1), "{}", &bad[..20]);
    }
    assert_eq!(label("POLYGON\n((0 0,\r\n\t1 0,1 1,0 0))"), (0, 0));
    for name in ["Valmer (80)", "Pointe (La)", "Valmer"] {
        assert_eq!(label(name), (1, 0), "{name}");
    }
}
