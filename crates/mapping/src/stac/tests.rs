use model::RecordFormat;

use crate::testing::{lines, map};

#[test]
fn a_collection_says_what_it_says() {
    let mapped = map(RecordFormat::StacCollection, r#"{"type": "Collection", "stac_version": "1.0.0", "id": "ortho-2023", "title": "Orthophotographie 2023", "description": "Vingt centimètres",
        "keywords": ["ortho"], "license": "other", "providers": [{"name": "Région des Vals", "roles": ["producer", "licensor"], "url": "https://vals.example"}, {"name": "Hébergeur", "roles": ["host"]}],
        "extent": {"spatial": {"bbox": [[3, 50, 0, 4, 51, 200], [3, 50, 4, 51]]}, "temporal": {"interval": [["2023-04-01T00:00:00Z", null]]}}, "sci:doi": "10.5072/ortho",
        "assets": {"dalles": {"href": "https://vals.example/dalles.gpkg", "type": "application/geopackage+sqlite3", "title": "Dalles"}, "vignette": {"href": "https://vals.example/v.png", "roles": ["thumbnail"]}},
        "links": [{"rel": "license", "href": "https://www.etalab.gouv.fr/licence-ouverte-open-licence"}, {"rel": "items", "href": "https://vals.example/stac/collections/ortho-2023/items", "type": "application/geo+json"}, {"rel": "root", "href": ".."}]}"#).unwrap();
    let text = lines(&mapped);
    for wanted in [
        r#"<:> <http://purl.org/dc/terms/title> "Orthophotographie 2023"@fr"#,
        "POLYGON((3 50,4 50,4 51,3 51,3 50))",
        r#"startDate> "2023-04-01T00:00:00Z""#,
        "downloadURL> <https://vals.example/dalles.gpkg>",
        "accessURL> <https://vals.example/stac/collections/ortho-2023/items>",
        r#"notation> "10.5072/ortho""#,
    ] {
        assert!(text.contains(wanted), "{wanted}\nis not in\n{text}");
    }
    assert!(!text.contains("v.png") && !text.contains("endDate"));
    assert_eq!(text.matches("terms/license>").count(), 2);
    assert_eq!(mapped.entities.len(), 3);
}

#[test]
fn a_collection_without_title_is_known_by_its_identifier() {
    let mapped = map(RecordFormat::StacCollection, r#"{"id": "s2", "extent": {"spatial": {"bbox": [[652000, 1, 2, 3]]}, "temporal": 3}, "links": [3], "assets": {"a": 3}, "providers": [3]}"#).unwrap();
    assert!(lines(&mapped).contains(r#"title> "s2"@fr"#));
    assert!(
        mapped
            .findings
            .iter()
            .any(|finding| finding.rule == "place/bad-geometry")
    );
}
