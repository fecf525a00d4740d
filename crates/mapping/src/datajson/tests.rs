use model::{EntityKind, Mapped, RecordFormat};

use crate::MapError;
use crate::testing::lines;

fn map(body: &str) -> Result<Mapped, MapError> {
    crate::testing::map(RecordFormat::DcatUs, body)
}

const HUB: &str = r#"{"@type": "dcat:Dataset", "identifier": "https://carto.ville.example/items/9", "title": "Stationnement vélo",
  "description": "<p>Arceaux &amp; abris</p>", "keyword": ["vélo", " mobilité "], "modified": "2024-07-29T11:29:07.556Z", "issued": null,
  "publisher": {"name": "Service SIG", "subOrganizationOf": {"name": "Ville de Valmer"}},
  "contactPoint": {"fn": "sig", "hasEmail": "mailto:"}, "accessLevel": "public", "spatial": "6.57,46.39,6.60,46.40",
  "license": "<p>Licence ouverte : https://www.etalab.gouv.fr/licence-ouverte-open-licence/</p>", "temporal": "2020-01-01/..",
  "distribution": [
    {"title": "Page", "format": "Web Page", "mediaType": "text/html", "accessURL": "https://carto.ville.example/velo"},
    {"title": "CSV", "format": "CSV", "mediaType": "text/csv", "accessURL": "https://carto.ville.example/velo.csv"},
    {"title": "WFS", "format": "WFS", "accessURL": "https://carto.ville.example/wfs?service=WFS&request=GetCapabilities"},
    {"title": "Rien"}]}"#;

#[test]
fn a_dataset_of_a_hub_says_what_its_record_says() {
    let mapped = map(HUB).unwrap();
    let lines = lines(&mapped);
    for wanted in [
        r#"<:> <http://purl.org/dc/terms/title> "Stationnement vélo"@fr"#,
        r#"<:> <http://www.w3.org/ns/dcat#keyword> "mobilité"@fr"#,
        r#"<:> <http://purl.org/dc/terms/accessRights> "public""#,
        r#"<http://www.w3.org/ns/dcat#bbox> "POLYGON((6.57 46.39,6.6 46.39,6.6 46.4,6.57 46.4,6.57 46.39))""#,
        r#"<:#temporal> <http://www.w3.org/ns/dcat#startDate> "2020-01-01""#,
        r#"<http://www.w3.org/ns/dcat#downloadURL> <https://carto.ville.example/velo.csv>"#,
        r#"<http://www.w3.org/ns/dcat#endpointURL> <https://carto.ville.example/wfs>"#,
        r#"<http://purl.org/dc/terms/conformsTo> <http://www.opengeospatial.org/standards/wfs>"#,
        r#"<http://purl.org/dc/terms/license> "<p>Licence ouverte : "#,
    ] {
        assert!(lines.contains(wanted), "{wanted}\nis not in\n{lines}");
    }
    assert!(!lines.contains("mailto"), "{lines}");
    assert!(
        !lines.contains("downloadURL> <https://carto.ville.example/velo>"),
        "{lines}"
    );
    assert!(
        !lines.contains("<:> <http://purl.org/dc/terms/license>"),
        "the licence is the distributions'"
    );
    let rules: Vec<_> = mapped
        .findings
        .iter()
        .map(|finding| (&*finding.rule, finding.place.as_deref()))
        .collect();
    assert_eq!(
        rules,
        [("distribution/no-access-url", Some("/distribution/3"))]
    );
    let names: Vec<_> = mapped.entities[1..]
        .iter()
        .map(|agent| agent.aliases[0].as_str())
        .collect();
    assert_eq!(names, ["name:ville de valmer", "name:service sig"]);
}

#[test]
fn versions_one_and_three_are_read() {
    let old = map(r#"{"title": "Registre", "identifier": 7, "accessURL": "https://a.example/registre.csv", "format": "CSV", "webService": "https://a.example/api",
        "contactPoint": "Camille Dubois", "mbox": "sig@a.example", "publisher": "DREAL", "modified": "R/P1W", "keyword": ["registre"], "license": "odbl"}"#).unwrap();
    let text = lines(&old);
    for wanted in [
        r#"<http://purl.org/dc/terms/accrualPeriodicity> "R/P1W""#,
        "hasEmail> <mailto:sig@a.example>",
        "endpointURL> <https://a.example/api>",
        "downloadURL> <https://a.example/registre.csv>",
    ] {
        assert!(text.contains(wanted), "{wanted}\nis not in\n{text}");
    }
    assert_eq!(text.matches("terms/license> \"odbl\"").count(), 2);
    let service = map(r#"{"@type": "DataService", "@id": "https://a.example/s", "title": "API", "endpointURL": ["https://a.example/api"], "servesDataset": [{"@id": "https://a.example/1"}],
        "theme": [{"prefLabel": "Environnement"}], "contactPoint": [{"fn": "A"}, {"hasEmail": "mailto:b@a.example"}], "license": "https://a.example/l"}"#).unwrap();
    assert_eq!(service.entities[0].kind, EntityKind::DataService);
    assert_eq!(service.entities[0].links.len(), 1);
    assert!(lines(&service).contains(r#"theme> "Environnement""#));
}

#[test]
fn fields_of_another_kind_are_found_and_do_no_harm() {
    assert_eq!(
        map(r#"{"identifier": "a"}"#).unwrap_err().rule,
        "record/no-title"
    );
    let mapped = map(r#"{"title": 3, "keyword": {"a": []}, "publisher": {"name": [1]}, "contactPoint": [[]], "distribution": ["x", {"downloadURL": ""}],
        "spatial": "{{extent:computeSpatialProperty}}", "temporal": [{"startDate": {}}], "theme": [[[]]], "modified": []}"#).unwrap();
    assert!(
        mapped
            .findings
            .iter()
            .any(|finding| finding.rule == "place/bad-geometry")
    );
    assert!(
        mapped
            .findings
            .iter()
            .filter(|finding| finding.rule == "record/bad-field")
            .count()
            >= 4
    );
    let nested = format!(
        r#"{{"title": "x", "publisher": {}{}}}"#,
        r#"{"name": "a", "subOrganizationOf": "#.repeat(100),
        "null".to_owned() + &"}".repeat(100)
    );
    assert!(map(&nested).is_ok());
}

#[test]
fn the_corpus_maps() {
    let (mut mapped, mut refused) = (0, 0);
    crate::testing::corpus("dcat-us", "json", |_, body| {
        let Ok(document) = serde_json::from_str::<serde_json::Value>(body) else {
            return;
        };
        let list = document.get("dataset").unwrap_or(&document);
        for dataset in list.as_array().into_iter().flatten() {
            match map(&dataset.to_string()) {
                Ok(_) => mapped += 1,
                Err(error) => {
                    assert_eq!(error.rule, "record/no-title");
                    refused += 1;
                }
            }
        }
    });
    assert!(
        mapped == 0 || refused < 10,
        "{mapped} mapped, {refused} refused"
    );
}
