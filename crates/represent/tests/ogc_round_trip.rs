//! From OGC API - Records to the graph and back: what our own records say comes back, but for what the README says.

mod support;

use model::RecordFormat;
use represent::{Context, Graph, ogc_record};
use support::{context, lines, publish, statements};

const ISO: &str = include_str!("../../mapping/tests/fixtures/iso/dataset.iso19139.xml");
const SERVICE: &str = include_str!("../../mapping/tests/fixtures/iso/service.iso19139.xml");
const RECORD: &str = r#"{"type": "Feature", "id": "a", "time": {"interval": ["2019-01-01", ".."], "resolution": "PT1H"},
  "geometry": {"type": "Polygon", "coordinates": [[[3, 50], [4, 50], [4, 51], [3, 51], [3, 50]]]},
  "properties": {"type": "dataset", "title": "Qualité de l'air", "description": "Mesures horaires", "updated": "2024-05-01T00:00:00Z",
    "language": {"code": "fr"}, "resourceLanguages": [{"code": "fr"}, {"code": "en"}], "keywords": ["air", "ozone"], "license": "etalab-2.0",
    "themes": [{"concepts": [{"id": "ENVI", "title": "Environnement", "url": "http://publications.europa.eu/resource/authority/data-theme/ENVI"}], "scheme": "http://publications.europa.eu/resource/authority/data-theme"}],
    "externalIds": [{"scheme": "DOI", "value": "10.5072/air"}], "issued": "2020-01-01",
    "contacts": [{"name": "Camille Dubois", "organization": "Observatoire de l'air", "roles": ["pointOfContact"], "emails": [{"value": "air@obs.example"}], "links": [{"href": "https://obs.example/"}]},
      {"organization": "Mesures du Nord", "roles": ["publisher"]}]},
  "links": [{"rel": "enclosure", "type": "text/csv", "href": "https://obs.example/air.csv", "title": "Mesures", "length": 12},
    {"rel": "about", "type": "text/html", "href": "https://obs.example/fiche"}]}"#;

/// What is lost and what is added on the way there and back.
fn there_and_back(body: &str, format: RecordFormat) -> (Vec<String>, Vec<String>) {
    let first = publish("a", body.as_bytes(), format, None).unwrap();
    let text = lines(&first);
    let graph = Graph::read(&text);
    let iri = &first.entities[0].iri;
    let context = Context {
        changed: Some("2024-05-01T00:00:00Z"),
        ..context("a")
    };
    let record = ogc_record::record(&graph, iri.as_str(), &context).unwrap();
    let json = serde_json::to_string(&record).unwrap();
    let second = publish("a", json.as_bytes(), RecordFormat::OgcRecord, Some(iri)).unwrap();
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

#[test]
fn what_the_format_can_say_comes_back() {
    let (lost, added) = there_and_back(RECORD, RecordFormat::OgcRecord);
    assert_within(&lost, &[]);
    // Our own IRI, by which the record is known when it comes back.
    assert_within(&added, &["identifier/"]);
}

#[test]
fn what_iso_says_is_kept_where_there_is_room_for_it() {
    const BOTH: &[&str] = &[
        "description",
        "keyword",
        "license",
        "publisher",
        "issued",
        "modified",
    ];
    const DATASET: &[&str] = &[
        "temporal",
        "spatial/bbox",
        "distribution/accessURL",
        "distribution/downloadURL",
        "distribution/license",
    ];
    const SERVICES: &[&str] = &["title", "endpoint"];
    for (body, kept) in [(ISO, DATASET), (SERVICE, SERVICES)] {
        let (lost, _) = there_and_back(body, RecordFormat::Iso19139);
        let gone = |name: &&&str| lost.iter().any(|statement| statement.starts_with(**name));
        let missed = kept.iter().chain(BOTH).find(gone);
        assert_eq!(missed, None, "{lost:#?}");
    }
}
