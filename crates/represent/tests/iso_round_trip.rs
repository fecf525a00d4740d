//! From ISO to the graph and back: what our own records say comes back, but for what the README says.

mod support;

use model::RecordFormat;
use represent::{Context, Graph, Linked, dublin_core, iso19139};
use support::{context, lines, publish, statements};

const DATASET: &str = include_str!("../../mapping/tests/fixtures/iso/dataset.iso19139.xml");
const DATASET_3: &str = include_str!("../../mapping/tests/fixtures/iso/dataset.iso19115-3.xml");
const SERVICE: &str = include_str!("../../mapping/tests/fixtures/iso/service.iso19139.xml");
const CKAN: &str = include_str!("../../mapping/tests/fixtures/ckan/package.json");

/// What is lost and what is added on the way there and back.
fn there_and_back(body: &str, format: RecordFormat) -> (Vec<String>, Vec<String>) {
    let first = publish("a", body.as_bytes(), format, None).unwrap();
    let text = lines(&first);
    let graph = Graph::read(&text);
    let iri = &first.entities[0].iri;
    let xml = iso19139::record(&graph, iri.as_str(), &context("a")).unwrap();
    let second = publish("a", xml.as_bytes(), RecordFormat::Iso19139, Some(iri)).unwrap();
    let (before, after) = (statements(&first), statements(&second));
    assert!(before.len() > 10);
    let only = |a: &std::collections::BTreeSet<String>, b| a.difference(b).cloned().collect();
    (only(&before, &after), only(&after, &before))
}

fn assert_within(statements: &[String], allowed: &[&str]) {
    let other: Vec<_> = statements
        .iter()
        .filter(|statement| !allowed.iter().any(|allowed| statement.starts_with(allowed)))
        .collect();
    assert!(other.is_empty(), "{other:#?}");
}

/// Our own IRI as an identifier, the standard of our records, and that a contact is an agent.
const ADDED: &[&str] = &[
    "identifier/notation = \"https://m.example/",
    "identifier/type = ",
    "record conformsTo/",
    "qualifiedAttribution/hadRole = <http://inspire.ec.europa.eu/metadata-codelist/ResponsiblePartyRole/pointOfContact>",
];

#[test]
fn a_dataset_comes_back() {
    for (body, format) in [
        (DATASET, RecordFormat::Iso19139),
        (DATASET_3, RecordFormat::Iso19115_3),
    ] {
        let (lost, added) = there_and_back(body, format);
        assert_within(&lost, &["record conformsTo/"]);
        assert_within(&added, ADDED);
    }
}

#[test]
fn a_service_comes_back() {
    let (lost, added) = there_and_back(SERVICE, RecordFormat::Iso19139);
    assert_within(&lost, &["record conformsTo/"]);
    // INSPIRE wants a contact of the record and conditions of use, and the record says neither.
    let demanded = [
        "record contactPoint/",
        "record qualifiedAttribution/",
        "rights = <http://inspire.ec.europa.eu/metadata-codelist/ConditionsApplyingToAccessAndUse/conditionsUnknown>",
    ];
    assert_within(&added, &[ADDED, &demanded].concat());
}

#[test]
fn a_package_of_ckan_loses_what_iso_has_no_place_for() {
    let (lost, _) = there_and_back(CKAN, RecordFormat::CkanPackage);
    assert_within(
        &lost,
        &[
            // The record is known by the catalogue's identifier.
            "identifier = ",
            // Texts without a language come back in that of the record.
            "contactPoint/fn = ",
            "distribution/checksum/",
            "distribution/identifier = ",
            "distribution/issued = ",
            "distribution/modified = ",
            "distribution/packageFormat = ",
            "distribution/license = ",
            // A description of the provenance instead of a label.
            "provenance/label = ",
            "record issued = ",
            // A box that is a point is a point.
            "spatial/bbox = ",
            "spatial/geometry = ",
        ],
    );
    assert!(lost.len() < 20, "{lost:#?}");
}

const LINES: &str = r#"<https://m.example/dataservice/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#DataService> .
<https://m.example/dataservice/1> <http://purl.org/dc/terms/title> "Service <des> \"haies\" & bocages"@fr .
<https://m.example/dataservice/1> <http://purl.org/dc/terms/title> "Hedges"@en .
<https://m.example/dataservice/1> <http://www.w3.org/ns/dcat#servesDataset> <https://m.example/dataset/2> .
<https://m.example/dataservice/1> <http://www.w3.org/ns/dcat#endpointURL> <https://carto.example/wfs> .
<https://m.example/dataservice/1> <http://data.europa.eu/930/serviceProtocol> <http://www.opengeospatial.org/standards/wfs> .
<https://m.example/dataservice/1#record> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#CatalogRecord> .
<https://m.example/dataservice/1#record> <http://xmlns.com/foaf/0.1/primaryTopic> <https://m.example/dataservice/1> .
<https://m.example/dataservice/1#record> <http://purl.org/dc/terms/modified> "2024-01-02"^^<http://www.w3.org/2001/XMLSchema#date> .
"#;

fn service_context(changed: &str) -> Context<'_> {
    Context {
        changed: Some(changed),
        linked: &|iri| {
            iri.ends_with("/2").then(|| Linked {
                identifier: "haies".into(),
                address: Some("https://m.example/csw?id=haies".into()),
            })
        },
        ..context("wfs")
    }
}

#[test]
fn a_service_names_its_data_as_the_catalogue_does() {
    let graph = Graph::read(LINES);
    let xml = iso19139::record(
        &graph,
        "https://m.example/dataservice/1",
        &service_context("2025-01-01T00:00:00Z"),
    )
    .unwrap();
    for part in [
        "<gmd:fileIdentifier><gco:CharacterString>wfs</gco:CharacterString>",
        "<srv:operatesOn uuidref=\"haies\" xlink:href=\"https://m.example/csw?id=haies\"/>",
        "Service &lt;des&gt; &quot;haies&quot; &amp; bocages",
        "<gmd:LocalisedCharacterString locale=\"#L-EN\">Hedges<",
        "<gmd:dataSetURI><gco:CharacterString>https://m.example/dataservice/1<",
    ] {
        assert!(xml.contains(part), "{part}\n{xml}");
    }
}

#[test]
fn the_date_of_a_record_moves_when_the_record_does() {
    let graph = Graph::read(LINES);
    let iri = "https://m.example/dataservice/1";
    for (changed, stamp) in [
        (
            "2025-01-01T00:00:00Z",
            "<gco:DateTime>2025-01-01T00:00:00Z</",
        ),
        ("2023-01-01T00:00:00Z", "<gco:Date>2024-01-02</"),
    ] {
        let xml = iso19139::record(&graph, iri, &service_context(changed)).unwrap();
        assert!(xml.contains(&format!("<gmd:dateStamp>{stamp}")), "{xml}");
    }
    let xml = dublin_core::csw_record(
        &graph,
        iri,
        &service_context("2025-01-01T00:00:00Z"),
        dublin_core::ElementSet::Summary,
    );
    assert!(
        xml.unwrap()
            .contains("<dct:modified>2025-01-01T00:00:00Z</")
    );
}

#[test]
fn what_is_no_resource_has_no_record() {
    let graph = Graph::read(
        "<a:s> <http://purl.org/dc/terms/title> \"x\" .\n<a:t> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .\n",
    );
    for iri in ["a:s", "a:t", "a:u"] {
        assert_eq!(iso19139::record(&graph, iri, &context("a")), None);
        assert_eq!(dublin_core::oai_dc(&graph, iri, &context("a")), None);
    }
}
