//! What portals write, and what it means.

use vocab::{How, Scheme, Vocab};

fn code(scheme: Scheme, value: &str) -> Option<String> {
    Vocab::bundled()
        .scheme(scheme)
        .resolve_nearly(value)
        .map(|found| found.concept.code.clone())
}

fn all(scheme: Scheme, cases: &[(&str, &str)]) {
    for (value, wanted) in cases {
        let wanted = (!wanted.is_empty()).then(|| (*wanted).to_owned());
        assert_eq!(code(scheme, value), wanted, "{scheme:?}: {value}");
    }
}

#[test]
fn every_table_is_loaded_and_answers_by_its_own_words() {
    for scheme in Scheme::ALL {
        let table = Vocab::bundled().scheme(*scheme);
        assert_eq!(table.scheme, *scheme);
        assert!(!table.concepts().is_empty(), "{scheme:?}");
        for concept in table.concepts() {
            let found = table.resolve(concept.iri.as_str()).unwrap();
            assert_eq!((found.how, &found.concept.iri), (How::Iri, &concept.iri));
            assert_eq!(table.get(&concept.code).unwrap().iri, concept.iri);
        }
    }
}

#[test]
fn no_two_concepts_claim_the_same_iri_or_code() {
    for scheme in Scheme::ALL {
        let concepts = Vocab::bundled().scheme(*scheme).concepts();
        let mut seen = std::collections::HashMap::new();
        for concept in concepts {
            let iris = std::iter::once(&concept.iri).chain(&concept.exact);
            for key in iris.map(|iri| vocab::fold_iri(iri.as_str())).chain(
                concept
                    .codes
                    .iter()
                    .map(|code| format!("code {}", vocab::fold(code))),
            ) {
                if let Some(other) = seen.insert(key.clone(), concept.code.clone()) {
                    assert_eq!(other, concept.code, "{scheme:?}: {key}");
                }
            }
        }
    }
}

#[test]
fn what_concepts_map_to_exists() {
    let vocab = Vocab::bundled();
    for concept in Scheme::ALL
        .iter()
        .flat_map(|scheme| vocab.scheme(*scheme).concepts())
    {
        assert_eq!(
            vocab.mapped(concept).count(),
            concept.maps.len(),
            "{}: {:?}",
            concept.iri,
            concept.maps
        );
    }
}

#[test]
fn every_file_of_the_folder_is_a_scheme() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vocab");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        // Organisations are no concepts: `vocab::organisation` reads them.
        .filter(|name| name.ends_with(".tsv") && name != "organisations.tsv")
        .collect();
    files.sort();
    let mut known: Vec<&str> = Scheme::ALL.iter().map(|scheme| scheme.file()).collect();
    known.sort_unstable();
    assert_eq!(files, known);
}

#[test]
fn frequencies() {
    all(
        Scheme::Frequency,
        &[
            ("annual", "ANNUAL"),
            ("annually", "ANNUAL"),
            ("biannually", "ANNUAL_2"),
            ("semiannual", "ANNUAL_2"),
            ("punctual", "AS_NEEDED"),
            ("asNeeded", "AS_NEEDED"),
            ("as_needed", "AS_NEEDED"),
            ("notPlanned", "NOT_PLANNED"),
            ("continual", "UPDATE_CONT"),
            ("continuous", "UPDATE_CONT"),
            ("irregular", "IRREG"),
            ("IRREGULAR", "IRREG"),
            ("fortnightly", "BIWEEKLY"),
            ("unknown", "UNKNOWN"),
            ("WEEKLY", "WEEKLY"),
            ("Hebdomadaire", "WEEKLY"),
            ("hebdomadiare", "WEEKLY"),
            ("Mise à jour annuelle", ""),
            (
                "http://publications.europa.eu/resource/authority/frequency/UPDATE_CONT",
                "UPDATE_CONT",
            ),
            ("http://purl.org/cld/freq/monthly", "MONTHLY"),
            ("P1Y", "ANNUAL"),
            ("quand on peut", ""),
        ],
    );
}

#[test]
fn languages() {
    all(
        Scheme::Language,
        &[
            ("fre", "FRA"),
            ("fra", "FRA"),
            ("fr", "FRA"),
            ("FR", "FRA"),
            ("français", "FRA"),
            ("French", "FRA"),
            ("ger", "DEU"),
            ("dut", "NLD"),
            ("en", "ENG"),
            (
                "http://publications.europa.eu/resource/authority/language/FRE",
                "FRA",
            ),
            (
                "http://publications.europa.eu/resource/authority/language/ENG",
                "ENG",
            ),
            ("http://id.loc.gov/vocabulary/iso639-1/fr", "FRA"),
            ("klingon", ""),
        ],
    );
}

#[test]
fn themes_and_topics() {
    all(
        Scheme::InspireTheme,
        &[
            ("Usage des sols", "lu"),
            ("Hydrographie", "hy"),
            ("Hydrography", "hy"),
            ("http://inspire.ec.europa.eu/theme/ps", "ps"),
            ("https://inspire.ec.europa.eu:443/theme/ps/", "ps"),
            ("Occupation du sol", "lc"),
        ],
    );
    all(
        Scheme::TopicCategory,
        &[
            ("planningCadastre", "planningCadastre"),
            (
                "http://inspire.ec.europa.eu/metadata-codelist/TopicCategory/biota",
                "biota",
            ),
            ("010", "imageryBaseMapsEarthCover"),
        ],
    );
    all(
        Scheme::DataTheme,
        &[
            ("Environnement", "ENVI"),
            ("TRAN", "TRAN"),
            ("Transport", "TRAN"),
        ],
    );
    let vocab = Vocab::bundled();
    let theme = vocab.scheme(Scheme::InspireTheme).get("tn").unwrap();
    let mapped: Vec<_> = vocab
        .mapped(theme)
        .map(|theme| theme.code.as_str())
        .collect();
    assert_eq!(mapped, ["TRAN"]);
}

#[test]
fn licences() {
    let vocab = Vocab::bundled();
    let cases = [
        ("lov2", "ETALAB_2_0", true),
        (
            "fr-lo",
            "https://www.etalab.gouv.fr/wp-content/uploads/2014/05/Licence_Ouverte.pdf",
            true,
        ),
        ("odc-odbl", "ODC_BL", true),
        ("ODbL-1.0", "ODC_BL", true),
        (
            "cc-by",
            "http://www.opendefinition.org/licenses/cc-by",
            true,
        ),
        ("cc-zero", "CC0", true),
        ("Licence Ouverte 2.0", "ETALAB_2_0", true),
        (
            "Licence Ouverte / Open Licence version 2.0",
            "ETALAB_2_0",
            true,
        ),
        ("Licence OdBL", "ODC_BL", true),
        ("licence ouverte", "ETALAB_2_0", false),
        (
            "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
            "ETALAB_2_0",
            true,
        ),
        (
            "http://creativecommons.org/licenses/by/4.0/deed.fr",
            "CC_BY_4_0",
            true,
        ),
        (
            "https://creativecommons.org/licenses/by-sa/3.0",
            "CC_BYSA_3_0",
            true,
        ),
        ("http://spdx.org/licenses/CC-BY-4.0", "CC_BY_4_0", true),
        (
            "http://publications.europa.eu/resource/authority/licence/CC_BY_4_0",
            "CC_BY_4_0",
            true,
        ),
        (
            "http://publications.europa.eu/resource/authority/licence/CC_BY",
            "CC_BY_4_0",
            true,
        ),
        (
            "Données sous <a href=\"https://creativecommons.org/licenses/by/4.0/\">CC</a>",
            "CC_BY_4_0",
            true,
        ),
        (
            "Licence Ouverte 1.0 http://www.data.gouv.fr/Licence-Ouverte-Open-Licence.",
            "https://www.etalab.gouv.fr/wp-content/uploads/2014/05/Licence_Ouverte.pdf",
            true,
        ),
        (
            "Utilisation libre, Licence Ouverte (version 2.0 d'avril 2017) d'Etalab",
            "ETALAB_2_0",
            false,
        ),
        (
            "Base soumise à la licence ODbL, voir le site",
            "ODC_BL",
            false,
        ),
        (
            "Creative Commons Atribution 4.0 International",
            "CC_BY_4_0",
            false,
        ),
    ];
    for (value, wanted, certain) in cases {
        let found = vocab.licence(value).unwrap_or_else(|| panic!("{value}"));
        assert_eq!(
            (found.concept.code.as_str(), found.is_certain()),
            (wanted, certain),
            "{value}"
        );
    }
    for unknown in [
        "",
        "Pas de restriction d'accès public",
        "Usage interne à la collectivité",
        "other-at",
        "a fair and simple policy",
        "https://example.org/conditions",
        "CC BY 9.0",
    ] {
        assert!(vocab.licence(unknown).is_none(), "{unknown}");
    }
}

#[test]
fn formats() {
    let vocab = Vocab::bundled();
    let cases = [
        ("csv", "CSV", "text/csv", ""),
        ("CSV", "CSV", "text/csv", ""),
        ("csv/utf8", "CSV", "text/csv", ""),
        (".csv", "CSV", "text/csv", ""),
        ("text/csv;charset=utf-8", "CSV", "text/csv", ""),
        ("text/csv", "CSV", "text/csv", ""),
        (
            "http://publications.europa.eu/resource/authority/file-type/CSV",
            "CSV",
            "text/csv",
            "",
        ),
        (
            "http://www.iana.org/assignments/media-types/application/json",
            "JSON",
            "application/json",
            "",
        ),
        (
            "application/vnd.geo+json",
            "GEOJSON",
            "application/geo+json",
            "",
        ),
        ("SHP", "SHP", "application/vnd.shp", ""),
        ("ESRI Shapefile", "SHP", "application/vnd.shp", ""),
        ("SHP zippé", "SHP", "application/vnd.shp", "application/zip"),
        ("shp.zip", "SHP", "application/vnd.shp", "application/zip"),
        ("csv.gz", "CSV", "text/csv", "application/gzip"),
        ("ZIP", "ZIP", "application/zip", ""),
        ("Comma-separated values (CSV)", "CSV", "text/csv", ""),
        ("CSV (séparateur point-virgule)", "CSV", "text/csv", ""),
        ("GeoTIFF", "GEOTIFF", "image/tiff", ""),
        ("image/tiff", "TIFF", "image/tiff", ""),
        ("*.shp", "SHP", "application/vnd.shp", ""),
        (
            "XSLX",
            "XLSX",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "",
        ),
        ("OGC:WMS", "WMS_SRVC", "", ""),
        ("wfs", "WFS_SRVC", "", ""),
        ("parquet", "", "application/vnd.apache.parquet", ""),
        ("MapInfo TAB", "TAB", "", ""),
        ("page web", "HTML", "text/html", ""),
    ];
    for (value, file_type, media, packed) in cases {
        let format = vocab.format(value).unwrap_or_else(|| panic!("{value}"));
        let code =
            |concept: Option<&vocab::Concept>| concept.map_or(String::new(), |c| c.code.clone());
        assert_eq!(code(format.file_type), file_type, "{value}");
        assert_eq!(code(format.media_type), media, "{value}");
        assert_eq!(code(format.package.or(format.compress)), packed, "{value}");
    }
    for unknown in [
        "",
        "fr/",
        "CSV, JSON",
        "xml et pdf",
        "Direct download",
        "API",
        "data",
        "x".repeat(1000).as_str(),
    ] {
        assert!(vocab.format(unknown).is_none(), "{unknown}");
    }
}

#[test]
fn formats_of_addresses() {
    let vocab = Vocab::bundled();
    for (url, wanted) in [
        ("https://a.example/data/export.CSV", Some("CSV")),
        (
            "https://a.example/communes.geojson?download=1",
            Some("GEOJSON"),
        ),
        ("https://a.example/x.csv.gz", Some("CSV")),
        ("https://a.example/x.zip#y", Some("ZIP")),
        ("https://a.example/export?format=csv&q=1", Some("CSV")),
        (
            "https://a.example/ows?SERVICE=WFS&outputFormat=application%2Fjson",
            Some("JSON"),
        ),
        (
            "https://a.example/ows?service=WMS&request=GetCapabilities",
            Some("WMS_SRVC"),
        ),
        ("https://data.example.zip", None),
        ("https://a.example/v1.2", None),
        ("https://a.example/", None),
        ("https://a.example/.csv", None),
    ] {
        let found = vocab.format_of_url(url).and_then(|format| format.file_type);
        assert_eq!(found.map(|concept| concept.code.as_str()), wanted, "{url}");
    }
}

#[test]
fn coordinate_reference_systems() {
    for (value, number) in [
        ("EPSG:2154", "2154"),
        ("EPSG 3857", "3857"),
        ("RGF93 / Lambert-93 (EPSG:2154)", "2154"),
        ("urn:ogc:def:crs:EPSG::27700", "27700"),
        ("urn:ogc:def:crs:EPSG:6.9:4326", "4326"),
        ("http://www.opengis.net/def/crs/EPSG/0/4936", "4936"),
        ("Lambert 93", "2154"),
        ("WGS 84", "4326"),
        ("RGF93 / CC48", "3948"),
        ("EPSG:31468", "31468"),
    ] {
        let iri = format!("http://www.opengis.net/def/crs/EPSG/0/{number}");
        assert_eq!(
            Vocab::bundled().crs(value).map(|found| found.into_string()),
            Some(iri),
            "{value}"
        );
    }
    for unknown in [
        "",
        "Local grid",
        "EPSG:",
        "EPSG:12",
        "urn:ogc:def:crs:EPSG::Nat. Grid GB",
    ] {
        assert!(Vocab::bundled().crs(unknown).is_none(), "{unknown}");
    }
}

#[test]
fn access_rights() {
    let vocab = Vocab::bundled();
    let limitation = |value: &str| {
        vocab
            .public_access(value)
            .map(|found| found.concept.code.as_str())
    };
    assert_eq!(
        limitation("Pas de restriction d’accès public selon INSPIRE"),
        Some("noLimitations")
    );
    assert_eq!(
        limitation(
            "L124-5-II-2 du code de l'environnement (Directive 2007/2/CE (INSPIRE), Article 13.1.c)"
        ),
        Some("INSPIRE_Directive_Article13_1c")
    );
    assert_eq!(
        limitation(
            "http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/noLimitations"
        ),
        Some("noLimitations")
    );
    all(
        Scheme::AccessRight,
        &[
            ("open", "PUBLIC"),
            ("Pas de restriction d'accès public", "PUBLIC"),
            ("pas de restriction d’accès publique", "PUBLIC"),
            ("restricted", "RESTRICTED"),
            ("no limitations", "PUBLIC"),
        ],
    );
}
