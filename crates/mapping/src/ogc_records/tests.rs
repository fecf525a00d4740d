use model::{EntityKind, Mapped, RecordFormat};

use crate::testing::{lines, map};

fn record(body: &str) -> Mapped {
    map(RecordFormat::OgcRecord, body).unwrap()
}

const DATASET: &str = r#"{"type": "Feature", "id": "urn:x:air-2024", "time": {"interval": ["2019-01-01", ".."], "resolution": "PT1H"},
  "geometry": {"type": "Polygon", "coordinates": [[[3, 50], [4, 50], [4, 51], [3, 51], [3, 50]]]},
  "properties": {"type": "dataset", "title": "Qualité de l'air", "description": "Mesures horaires", "created": "2024-01-02T00:00:00Z", "updated": "2024-05-01",
    "language": {"code": "fr"}, "resourceLanguages": [{"code": "fr"}, {"code": "en"}], "keywords": ["air", "ozone"], "license": "other", "formats": [{"name": "CSV", "mediaType": "text/csv"}],
    "themes": [{"concepts": [{"id": "environment", "title": "Environnement"}, {"id": "2.10", "url": "https://codes.example/air"}], "scheme": "https://codes.example/"}],
    "externalIds": [{"scheme": "DOI", "value": "10.5072/air"}],
    "contacts": [{"name": "Camille Dubois", "organization": "Observatoire de l'air", "roles": ["publisher", "pointOfContact"], "emails": [{"value": "air@obs.example"}], "links": [{"href": "https://obs.example/"}]},
      {"organization": "Mesures du Nord", "roles": ["producer"]}]},
  "links": [{"rel": "license", "href": "https://www.etalab.gouv.fr/licence-ouverte-open-licence"}, {"rel": "enclosure", "type": "text/csv", "href": "https://obs.example/air.csv", "title": "Mesures", "length": 12},
    {"rel": "alternate", "type": "text/html", "href": "https://obs.example/fiche"}, {"rel": "self", "href": "https://obs.example/items/1"}, {"rel": "preview", "href": "https://obs.example/p.png"}, {"href": 3}]}"#;

#[test]
fn a_dataset_says_what_its_record_says() {
    let mapped = record(DATASET);
    let text = lines(&mapped);
    for wanted in [
        r#"<:> <http://purl.org/dc/terms/title> "Qualité de l'air"@fr"#,
        r#"<:> <http://purl.org/dc/terms/language> "en""#,
        r#"<:> <http://www.w3.org/ns/dcat#theme> <https://codes.example/air>"#,
        r#"<:> <http://www.w3.org/ns/dcat#theme> "Environnement"@fr"#,
        r#"<:#temporal> <http://www.w3.org/ns/dcat#startDate> "2019-01-01""#,
        r#"temporalResolution> "PT1H"^^<http://www.w3.org/2001/XMLSchema#duration>"#,
        r#"notation> "10.5072/air""#,
        r#"<:> <http://www.w3.org/ns/dcat#landingPage> <https://obs.example/fiche>"#,
        r#"downloadURL> <https://obs.example/air.csv>"#,
        r#"<http://purl.org/dc/terms/format> "CSV""#,
        r#"terms/license> "https://www.etalab.gouv.fr/licence-ouverte-open-licence""#,
        r#"hasEmail> <mailto:air@obs.example>"#,
        "POLYGON((3 50,4 50,4 51,3 51,3 50))",
    ] {
        assert!(text.contains(wanted), "{wanted}\nis not in\n{text}");
    }
    assert!(!text.contains("endDate"), "the period is open");
    assert!(!text.contains("p.png"), "a preview is no distribution");
    assert_eq!(mapped.entities.len(), 3);
}

#[test]
fn a_service_has_its_endpoint() {
    let mapped = record(
        r#"{"id": 3, "type": "Feature", "time": null, "geometry": null, "properties": {"type": "service", "title": "WMS", "license": "etalab-2.0", "contacts": [{"name": "A", "roles": ["host"]}]},
        "links": [{"rel": "service", "href": "https://a.example/wms"}, {"rel": "service-desc", "href": "https://a.example/wms?request=GetCapabilities"}],
        "linkTemplates": [{"rel": "describes", "uriTemplate": "https://a.example/carte?x={x}"}]}"#,
    );
    assert_eq!(mapped.entities[0].kind, EntityKind::DataService);
    let text = lines(&mapped);
    for wanted in [
        "endpointURL> <https://a.example/wms>",
        "endpointDescription> <https://a.example/wms?request=GetCapabilities>",
        "endpointURL> <https://a.example/carte>",
        r#"<:> <http://purl.org/dc/terms/license> "etalab-2.0""#,
    ] {
        assert!(text.contains(wanted), "{wanted}\nis not in\n{text}");
    }
}

#[test]
fn fields_of_another_kind_do_no_harm() {
    assert!(map(RecordFormat::OgcRecord, r#"{"id": 1}"#).is_err());
    let mapped = record(
        r#"{"id": {}, "geometry": [], "time": {"interval": "x"}, "links": {"href": 1}, "linkTemplates": [{"uriTemplate": "{"}],
        "properties": {"title": 1, "keywords": [[1]], "themes": [3], "contacts": [3, {}, {"name": "x", "emails": 3}], "language": [], "formats": 2, "externalIds": [null]}}"#,
    );
    assert!(!mapped.findings.is_empty());
}

#[test]
fn the_corpus_maps() {
    crate::testing::corpus("ogcapi-records", "json", |path, body| {
        if body.contains("\"Feature\"")
            && body.contains("\"properties\"")
            && !body.contains("FeatureCollection")
        {
            let mapped = map(RecordFormat::OgcRecord, body);
            assert!(mapped.is_ok(), "{path}: {mapped:?}");
        }
    });
}
