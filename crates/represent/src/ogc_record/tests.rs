use serde_json::{Value, json};

use super::*;

const LINES: &str = r#"<https://c.example/dataset/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .
<https://c.example/dataset/1> <http://purl.org/dc/terms/title> "Haies de la Somme"@fr .
<https://c.example/dataset/1> <http://purl.org/dc/terms/title> "Hedges of the Somme"@en .
<https://c.example/dataset/1> <http://purl.org/dc/terms/description> "Linéaire de haies."@fr .
<https://c.example/dataset/1> <http://purl.org/dc/terms/identifier> "haies-80" .
<https://c.example/dataset/1> <http://purl.org/dc/terms/issued> "2021" .
<https://c.example/dataset/1> <http://purl.org/dc/terms/language> <http://publications.europa.eu/resource/authority/language/FRA> .
<https://c.example/dataset/1> <http://www.w3.org/ns/adms#identifier> <https://c.example/dataset/1#identifier-a> .
<https://c.example/dataset/1#identifier-a> <http://www.w3.org/2004/02/skos/core#notation> "10.5072/haies" .
<https://c.example/dataset/1#identifier-a> <http://www.w3.org/ns/adms#schemaAgency> "DOI" .
<https://c.example/dataset/1> <http://www.w3.org/ns/dcat#keyword> "haie"@fr .
<https://c.example/dataset/1> <http://www.w3.org/ns/dcat#theme> <http://publications.europa.eu/resource/authority/data-theme/ENVI> .
<https://c.example/dataset/1> <http://purl.org/dc/terms/publisher> <https://c.example/organisation/2> .
<https://c.example/organisation/2> <http://xmlns.com/foaf/0.1/name> "Conservatoire des haies"@fr .
<https://c.example/organisation/2> <http://xmlns.com/foaf/0.1/phone> <tel:+33322000000> .
<https://c.example/dataset/1> <http://www.w3.org/ns/dcat#contactPoint> <https://c.example/dataset/1#contact-1> .
<https://c.example/dataset/1#contact-1> <http://www.w3.org/2006/vcard/ns#fn> "Service des données"@fr .
<https://c.example/dataset/1#contact-1> <http://www.w3.org/2006/vcard/ns#hasEmail> <mailto:haies@conservatoire.example> .
<https://c.example/dataset/1#contact-1> <http://www.w3.org/2006/vcard/ns#hasTelephone> "03 22 00 00 00" .
<https://c.example/dataset/1> <http://purl.org/dc/terms/spatial> <https://c.example/dataset/1#spatial-1> .
<https://c.example/dataset/1#spatial-1> <http://www.w3.org/ns/dcat#bbox> "POLYGON((1 49,3 49,3 51,1 51,1 49))"^^<http://www.opengis.net/ont/geosparql#wktLiteral> .
<https://c.example/dataset/1> <http://purl.org/dc/terms/temporal> <https://c.example/dataset/1#temporal> .
<https://c.example/dataset/1#temporal> <http://www.w3.org/ns/dcat#startDate> "2015"^^<http://www.w3.org/2001/XMLSchema#gYear> .
<https://c.example/dataset/1> <http://www.w3.org/ns/dcat#distribution> <https://c.example/dataset/1#distribution-1> .
<https://c.example/dataset/1#distribution-1> <http://www.w3.org/ns/dcat#downloadURL> <https://haies.example/haies.csv> .
<https://c.example/dataset/1#distribution-1> <http://www.w3.org/ns/dcat#accessURL> <https://haies.example/haies.csv> .
<https://c.example/dataset/1#distribution-1> <http://purl.org/dc/terms/format> <http://publications.europa.eu/resource/authority/file-type/CSV> .
<https://c.example/dataset/1#distribution-1> <http://purl.org/dc/terms/license> <http://publications.europa.eu/resource/authority/licence/ETALAB_2_0> .
<https://c.example/dataset/1#distribution-1> <http://www.w3.org/ns/dcat#byteSize> "1200"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger> .
"#;

fn of(lines: &str) -> Option<Value> {
    let context = Context {
        identifier: "1",
        changed: Some("2024-05-01T00:00:00Z"),
        language: "fr",
        publisher: "Catalogue",
        home: "https://c.example/",
        linked: &|_| None,
    };
    let graph = Graph::read(lines);
    record(&graph, "https://c.example/dataset/1", &context).map(Value::Object)
}

#[test]
fn a_dataset_is_a_feature_with_what_the_standard_has_room_for() {
    let record = of(LINES).unwrap();
    let etalab = "http://publications.europa.eu/resource/authority/licence/ETALAB_2_0";
    for (place, wanted) in [
        ("/id", json!("1")),
        ("/type", json!("Feature")),
        ("/time/interval", json!(["2015-01-01", ".."])),
        (
            "/geometry",
            json!({ "type": "Polygon", "coordinates": [[[1.0, 49.0], [3.0, 49.0], [3.0, 51.0], [1.0, 51.0], [1.0, 49.0]]] }),
        ),
        ("/properties/type", json!("dataset")),
        ("/properties/title", json!("Haies de la Somme")),
        ("/properties/updated", json!("2024-05-01T00:00:00Z")),
        ("/properties/issued", json!("2021")),
        ("/properties/language", json!({ "code": "fr" })),
        ("/properties/resourceLanguages", json!([{ "code": "fr" }])),
        ("/properties/keywords", json!(["haie"])),
        (
            "/properties/themes/0",
            json!({ "concepts": [{ "id": "ENVI", "title": "Environnement", "url": "http://publications.europa.eu/resource/authority/data-theme/ENVI" }],
                "scheme": "http://publications.europa.eu/resource/authority/data-theme" }),
        ),
        (
            "/properties/externalIds",
            json!([{ "scheme": "DOI", "value": "10.5072/haies" }, { "value": "haies-80" }, { "value": "https://c.example/dataset/1" }]),
        ),
        (
            "/properties/contacts",
            json!([{ "organization": "Service des données", "emails": [{ "value": "haies@conservatoire.example" }], "roles": ["pointOfContact"] },
                { "organization": "Conservatoire des haies", "phones": [{ "value": "+33322000000" }], "roles": ["publisher"] }]),
        ),
        ("/properties/license", json!("etalab-2.0")),
        (
            "/properties/formats",
            json!([{ "name": "CSV", "mediaType": "text/csv" }]),
        ),
        (
            "/links/0",
            json!({ "rel": "enclosure", "href": "https://haies.example/haies.csv", "type": "text/csv", "length": 1200 }),
        ),
        ("/links/1/href", json!(etalab)),
    ] {
        assert_eq!(record.pointer(place), Some(&wanted), "{place}");
    }
}

#[test]
fn what_is_no_resource_is_no_record_and_what_is_bare_is_one() {
    assert_eq!(of(""), None);
    assert_eq!(of(&LINES.replace("dcat#Dataset>", "dcat#Other>")), None);
    let bare: String = LINES
        .lines()
        .take(2)
        .flat_map(|line| [line, "\n"])
        .collect();
    let record = of(&bare).unwrap();
    assert_eq!(
        (&record["time"], &record["geometry"]),
        (&Value::Null, &Value::Null)
    );
    let none = ["contacts", "license", "keywords"].map(|name| record["properties"].get(name));
    assert_eq!((none, &record["links"]), ([None; 3], &json!([])));
}

#[test]
fn several_licences_are_other_and_are_linked() {
    let more = format!(
        "{LINES}<https://c.example/dataset/1> <http://purl.org/dc/terms/license> <https://haies.example/licence> .\n"
    );
    let record = of(&more).unwrap();
    assert_eq!(record["properties"]["license"], "other");
    let links = record["links"].as_array().unwrap();
    assert_eq!(
        links.iter().filter(|link| link["rel"] == "license").count(),
        2
    );
}

#[test]
fn places_over_the_antimeridian_and_points() {
    let at = |wkt: &str| {
        of(&LINES.replace("POLYGON((1 49,3 49,3 51,1 51,1 49))", wkt)).unwrap()["geometry"].clone()
    };
    assert_eq!(
        at("POINT(2 50)"),
        json!({ "type": "Point", "coordinates": [2.0, 50.0] })
    );
    let fiji = at(
        "MULTIPOLYGON(((177 -20,180 -20,180 -10,177 -10,177 -20)),((-180 -20,-178 -20,-178 -10,-180 -10,-180 -20)))",
    );
    assert_eq!(fiji["coordinates"].as_array().unwrap().len(), 2);
    assert_eq!(at("LINESTRING(1 2,3 4)"), Value::Null);
    // A ring that is open is closed; one of two points encloses nothing.
    assert_eq!(
        at("POLYGON((1 49,3 49,3 51))")["coordinates"][0][3],
        json!([1.0, 49.0])
    );
    assert_eq!(at("POLYGON((1 49,3 49))"), Value::Null);
}
