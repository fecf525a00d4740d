//! Formats: format, media type and address together, and the services that distributions are had from.

mod support;

use model::ns::{dcat, dcterms};

use support::{DATASET, dataset, rules, run, texts};

#[test]
fn formats() {
    // Format, media type and address; then what is published of each, with the packaging; and the rules that spoke.
    type Format<'a> = (
        &'a str,
        &'a str,
        &'a str,
        &'a str,
        &'a str,
        &'a str,
        &'a [&'a str],
    );
    let cases: &[Format<'_>] = &[
        ("csv", "text/csv", "", "CSV", "text/csv", "", &[]),
        ("csv", "", "", "CSV", "text/csv", "", &[]),
        ("", "application/pdf", "", "PDF", "application/pdf", "", &[]),
        (
            "shp",
            "application/zip",
            "",
            "SHP",
            "application/vnd.shp",
            "application/zip",
            &[],
        ),
        (
            "SHP zippé",
            "",
            "",
            "SHP",
            "application/vnd.shp",
            "application/zip",
            &[],
        ),
        (
            "zip",
            "application/zip",
            "",
            "ZIP",
            "application/zip",
            "",
            &[],
        ),
        (
            "csv",
            "application/octet-stream",
            "",
            "CSV",
            "text/csv",
            "",
            &[],
        ),
        (
            "",
            "",
            "https://a.example/x.geojson",
            "GEOJSON",
            "application/geo+json",
            "",
            &["format/guessed"],
        ),
        (
            "fr/",
            "",
            "https://a.example/fr/",
            "",
            "",
            "",
            &["format/not-a-format"],
        ),
        (
            "fr/",
            "text/html",
            "",
            "HTML",
            "text/html",
            "",
            &["format/not-a-format"],
        ),
        (
            "fr/",
            "",
            "https://a.example/x.csv",
            "CSV",
            "text/csv",
            "",
            &["format/not-a-format", "format/guessed"],
        ),
        (
            "netex",
            "",
            "",
            "#format-netex",
            "",
            "",
            &["format/unknown"],
        ),
        // A label that may be several formats gives way to what is surer.
        (
            "Excel",
            "",
            "https://a.example/x.xlsx",
            "XLSX",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "",
            &["format/doubtful"],
        ),
        (
            "Excel",
            "application/vnd.oasis.opendocument.spreadsheet",
            "",
            "ODS",
            "application/vnd.oasis.opendocument.spreadsheet",
            "",
            &["format/doubtful"],
        ),
        (
            "CSV, JSON",
            "",
            "https://a.example/x.json",
            "JSON",
            "application/json",
            "",
            &["format/doubtful"],
        ),
        (
            "",
            "application/octet-stream",
            "https://a.example/x.gpkg",
            "GPKG",
            "application/geopackage+sqlite3",
            "",
            &["format/guessed"],
        ),
        ("n/a", "", "https://a.example/x", "", "", "", &[]),
        (
            "csv",
            "application/pdf",
            "",
            "CSV",
            "application/pdf",
            "",
            &["format/contradiction"],
        ),
        ("gml", "text/xml", "", "GML", "application/xml", "", &[]),
        (
            "parquet",
            "",
            "",
            "https://www.iana.org/assignments/media-types/application/vnd.apache.parquet",
            "application/vnd.apache.parquet",
            "",
            &[],
        ),
        (
            "CSV (tabulations)",
            "",
            "",
            "CSV",
            "text/csv",
            "",
            &["format/doubtful"],
        ),
    ];
    let short = |values: Vec<String>| {
        values
            .iter()
            .map(|value| value.replace("eu:file-type/", "").replace(DATASET, ""))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let media = |values: Vec<String>| {
        short(values).replace("https://www.iana.org/assignments/media-types/", "")
    };
    for (format, mime, url, wanted, wanted_media, wanted_packing, spoken) in cases {
        let (mut entity, _, node) = dataset();
        entity.add_text(&node, dcterms::FORMAT, format, None);
        entity.add_text(&node, dcat::MEDIA_TYPE, mime, None);
        entity.add_iri(&node, dcat::DOWNLOAD_URL, url);
        let (entity, findings) = run(entity);
        let case = format!("{format} {mime} {url}");
        assert_eq!(
            short(texts(&entity, &node, dcterms::FORMAT)),
            *wanted,
            "{case}"
        );
        assert_eq!(
            media(texts(&entity, &node, dcat::MEDIA_TYPE)),
            *wanted_media,
            "{case}"
        );
        assert_eq!(
            media(texts(&entity, &node, dcat::PACKAGE_FORMAT)),
            *wanted_packing,
            "{case}"
        );
        assert_eq!(rules(&findings), *spoken, "{case}");
    }
}

#[test]
fn a_distribution_of_a_service_has_that_service() {
    let cases = [
        (
            "OGC:WMS-1.3.0-http-get-map",
            "https://a.example/ows?SERVICE=WMS&REQUEST=GetCapabilities&map=/x.map",
            Some((
                "https://a.example/ows?map=/x.map",
                "http://www.opengeospatial.org/standards/wms",
            )),
        ),
        (
            "WFS",
            "https://a.example/wfs",
            Some((
                "https://a.example/wfs",
                "http://www.opengeospatial.org/standards/wfs",
            )),
        ),
        (
            "OData",
            "https://a.example/odata/",
            Some((
                "https://a.example/odata/",
                "https://www.odata.org/documentation/",
            )),
        ),
        // The answer to a request is a file.
        (
            "WFS",
            "https://a.example/wfs?request=GetFeature&typename=x",
            None,
        ),
        ("CSV", "https://a.example/x.csv", None),
    ];
    for (format, url, wanted) in cases {
        let (mut entity, iri, node) = dataset();
        entity.add_text(&node, dcterms::FORMAT, format, None);
        entity.add_iri(&node, dcat::DOWNLOAD_URL, url);
        let (entity, _) = run(entity);
        let services: Vec<_> = entity.instances(dcat::DATA_SERVICE).cloned().collect();
        let Some((endpoint, standard)) = wanted else {
            assert!(services.is_empty(), "{format} {url}");
            continue;
        };
        let [service] = services.as_slice() else {
            panic!("{format} {url}: {services:?}");
        };
        assert_eq!(
            texts(&entity, &node, dcat::ACCESS_SERVICE),
            [service.as_str()]
        );
        assert_eq!(texts(&entity, service, dcat::ENDPOINT_URL), [endpoint]);
        assert_eq!(texts(&entity, service, dcterms::CONFORMS_TO), [standard]);
        assert_eq!(
            texts(&entity, service, dcat::SERVES_DATASET),
            [iri.as_str()]
        );
        assert_eq!(texts(&entity, service, dcterms::TITLE).len(), 1);
        assert_eq!(
            texts(&entity, service, dcat::ENDPOINT_DESCRIPTION).len(),
            usize::from(url.contains("GetCapabilities"))
        );
    }
}

#[test]
fn a_service_that_is_described_is_not_described_again() {
    let (mut entity, _, node) = dataset();
    entity.add_text(&node, dcterms::FORMAT, "WMS", None);
    let known = entity.node("service-known");
    entity.add_type(&known, dcat::DATA_SERVICE);
    entity.add(&node, dcat::ACCESS_SERVICE, known.clone());
    let (entity, _) = run(entity);
    assert_eq!(
        texts(&entity, &node, dcat::ACCESS_SERVICE),
        [known.as_str()]
    );
    assert_eq!(entity.instances(dcat::DATA_SERVICE).count(), 1);
}
