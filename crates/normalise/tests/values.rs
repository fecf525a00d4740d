//! What sources write, and what is published.

use chrono::{TimeZone, Utc};
use model::ns::{dcat, dcterms, foaf, geodcatap, vcard};
use model::{Entity, EntityKind, Finding, Mapped, RecordId};
use normalise::{Context, normalise};
use oxrdf::vocab::{rdfs, xsd};
use oxrdf::{Literal, NamedNode, NamedNodeRef, Term};
use vocab::Vocab;

const DATASET: &str = "https://donnees.example.org/dataset/1";
/// A property, the source's values, what is published of them, and the rules that spoke.
type Case<'a> = (
    NamedNodeRef<'a>,
    &'a [&'a str],
    &'a [&'a str],
    &'a [&'a str],
);

const EU: &str = "http://publications.europa.eu/resource/authority/";

/// A dataset with a title and a description, and one distribution with an address.
fn dataset() -> (Entity, NamedNode, NamedNode) {
    let iri = NamedNode::new_unchecked(DATASET);
    let mut entity = Entity::new(EntityKind::Dataset, iri.clone());
    entity.add_type(&iri, dcat::DATASET_CLASS);
    entity.add_text(&iri, dcterms::TITLE, "Cours d'eau", Some("fr"));
    entity.add_text(
        &iri,
        dcterms::DESCRIPTION,
        "Le réseau hydrographique",
        Some("fr"),
    );
    entity.set_origin(&iri, "");
    let node = entity.node("distribution-1");
    entity.add_type(&node, dcat::DISTRIBUTION_CLASS);
    entity.add(&iri, dcat::DISTRIBUTION, node.clone());
    entity.add_iri(&node, dcat::ACCESS_URL, "https://a.example/page");
    entity.set_origin(&node, "/resources/3");
    (entity, iri, node)
}

fn run(entity: Entity) -> (Entity, Vec<Finding>) {
    let mut mapped = Mapped {
        entities: vec![entity],
        findings: Vec::new(),
    };
    normalise(
        &mut mapped,
        &Context {
            vocab: Vocab::bundled(),
            record: &RecordId::new("r1"),
            fetched: Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap(),
        },
    );
    (mapped.entities.remove(0), mapped.findings)
}

fn rules(findings: &[Finding]) -> Vec<&str> {
    findings
        .iter()
        .map(|finding| finding.rule.as_ref())
        .collect()
}

fn texts(entity: &Entity, subject: &NamedNode, predicate: NamedNodeRef<'_>) -> Vec<String> {
    let mut texts: Vec<String> = entity
        .triples
        .iter()
        .filter(|triple| {
            triple.subject == subject.clone().into() && triple.predicate.as_ref() == predicate
        })
        .map(|triple| match &triple.object {
            Term::NamedNode(node) => node.as_str().replace(EU, "eu:"),
            Term::Literal(literal) => literal.value().to_owned(),
            other => other.to_string(),
        })
        .collect();
    texts.sort();
    texts
}

/// The values of a property of the dataset after the rules, and the rules that spoke.
fn of_dataset(predicate: NamedNodeRef<'_>, values: &[&str]) -> (Vec<String>, Vec<String>) {
    let (mut entity, iri, _) = dataset();
    for value in values {
        entity.add(&iri, predicate, Literal::new_simple_literal(*value));
    }
    let (entity, findings) = run(entity);
    let spoken = rules(&findings)
        .iter()
        .map(|rule| (*rule).to_owned())
        .collect();
    (texts(&entity, &iri, predicate), spoken)
}

#[test]
fn a_clean_dataset_is_left_as_it_is() {
    let (entity, _, _) = dataset();
    let mut before: Vec<String> = entity.triples.iter().map(ToString::to_string).collect();
    before.sort();
    let (after, findings) = run(entity);
    let mut after: Vec<String> = after.triples.iter().map(ToString::to_string).collect();
    after.sort();
    assert_eq!(after, before);
    assert_eq!(findings, []);
}

#[test]
fn coded_values() {
    let cases: &[Case<'_>] = &[
        (
            dcterms::ACCRUAL_PERIODICITY,
            &["monthly"],
            &["eu:frequency/MONTHLY"],
            &[],
        ),
        (
            dcterms::ACCRUAL_PERIODICITY,
            &["asNeeded"],
            &["eu:frequency/AS_NEEDED"],
            &[],
        ),
        (
            dcterms::ACCRUAL_PERIODICITY,
            &["hebdomadiare"],
            &["eu:frequency/WEEKLY"],
            &["frequency/doubtful"],
        ),
        (
            dcterms::ACCRUAL_PERIODICITY,
            &["quand on peut"],
            &["https://donnees.example.org/dataset/1#frequency-quand-on-peut"],
            &["frequency/unknown"],
        ),
        (dcterms::ACCRUAL_PERIODICITY, &["non renseigné"], &[], &[]),
        (
            dcterms::ACCRUAL_PERIODICITY,
            &["annual", "monthly"],
            &["eu:frequency/ANNUAL"],
            &["value/several"],
        ),
        (dcterms::LANGUAGE, &["fre"], &["eu:language/FRA"], &[]),
        (dcterms::LANGUAGE, &["eng; USA"], &["eu:language/ENG"], &[]),
        (
            dcterms::LANGUAGE,
            &["fr", "eng"],
            &["eu:language/ENG", "eu:language/FRA"],
            &[],
        ),
        (
            dcterms::LANGUAGE,
            &["français, anglais"],
            &["eu:language/ENG", "eu:language/FRA"],
            &["language/doubtful"],
        ),
        (
            dcterms::CONFORMS_TO,
            &["EPSG:2154"],
            &["http://www.opengis.net/def/crs/EPSG/0/2154"],
            &[],
        ),
        (
            dcterms::CONFORMS_TO,
            &["OGC:WMS"],
            &["http://www.opengeospatial.org/standards/wms"],
            &[],
        ),
        (
            dcterms::CONFORMS_TO,
            &["scdl/budget"],
            &["https://schema.data.gouv.fr/scdl/budget/"],
            &[],
        ),
        (
            dcat::THEME,
            &["planningCadastre_Planning"],
            &["eu:data-theme/REGI"],
            &[],
        ),
        (dcat::THEME, &["Transports"], &["eu:data-theme/TRAN"], &[]),
        (
            dcat::THEME,
            &["Hydrographie"],
            &["eu:data-theme/ENVI", "http://inspire.ec.europa.eu/theme/hy"],
            &[],
        ),
        (dcat::THEME, &["Loisirs créatifs"], &[], &["theme/unknown"]),
        (
            dcterms::ACCESS_RIGHTS,
            &["open"],
            &["eu:access-right/PUBLIC"],
            &[],
        ),
        (
            dcterms::ACCESS_RIGHTS,
            &["Pas de restriction d’accès public selon INSPIRE"],
            &["eu:access-right/PUBLIC"],
            &[],
        ),
        (
            dcterms::ACCESS_RIGHTS,
            &[
                "Pas de restriction d'accès public",
                "Usage réservé, article 13(1)(c)",
            ],
            &["eu:access-right/RESTRICTED"],
            &["access/doubtful"],
        ),
        (
            dcterms::ACCESS_RIGHTS,
            &["Nous consulter"],
            &["https://donnees.example.org/dataset/1#rights-nous-consulter"],
            &["access/unknown"],
        ),
    ];
    for (predicate, values, wanted, spoken) in cases {
        let (got, said) = of_dataset(*predicate, values);
        assert_eq!(got, *wanted, "{predicate} {values:?}");
        assert_eq!(said, *spoken, "{predicate} {values:?}");
    }
}

#[test]
fn an_inspire_limitation_is_kept_among_the_rights() {
    let (mut entity, iri, _) = dataset();
    entity.add_text(
        &iri,
        dcterms::ACCESS_RIGHTS,
        "INSPIRE_Directive_Article13_1d",
        None,
    );
    let (entity, _) = run(entity);
    assert_eq!(
        texts(&entity, &iri, dcterms::ACCESS_RIGHTS),
        ["eu:access-right/RESTRICTED"]
    );
    assert_eq!(
        texts(&entity, &iri, dcterms::RIGHTS),
        [
            "http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/INSPIRE_Directive_Article13_1d"
        ]
    );
}

#[test]
fn topic_categories_add_data_themes() {
    let (mut entity, iri, _) = dataset();
    entity.add_iri(
        &iri,
        geodcatap::TOPIC_CATEGORY,
        "http://inspire.ec.europa.eu/metadata-codelist/TopicCategory/inlandWaters",
    );
    let (entity, findings) = run(entity);
    assert_eq!(texts(&entity, &iri, dcat::THEME), ["eu:data-theme/ENVI"]);
    assert_eq!(texts(&entity, &iri, geodcatap::TOPIC_CATEGORY).len(), 1);
    assert_eq!(rules(&findings), [""; 0]);
}

#[test]
fn licences() {
    let cases: &[(&[&str], &str, &[&str])] = &[
        (&["lov2"], "eu:licence/ETALAB_2_0", &[]),
        (&["odc-odbl"], "eu:licence/ODC_BL", &[]),
        (
            &["Licence Ouverte / Open Licence version 2.0"],
            "eu:licence/ETALAB_2_0",
            &[],
        ),
        (
            &["Licence ouverte"],
            "eu:licence/ETALAB_2_0",
            &["licence/doubtful"],
        ),
        (
            &["Diffusé sous licence ODbL"],
            "eu:licence/ODC_BL",
            &["licence/doubtful"],
        ),
        (
            &["https://creativecommons.org/licenses/by/4.0/"],
            "eu:licence/CC_BY_4_0",
            &[],
        ),
        (
            &["https://a.example/conditions"],
            "https://a.example/conditions",
            &[],
        ),
        (
            &["Nous consulter"],
            "https://donnees.example.org/dataset/1#license-nous-consulter",
            &["licence/unknown"],
        ),
        (
            &["other-at"],
            "https://donnees.example.org/dataset/1#license-3db1fb2ff4b4",
            &[],
        ),
        (
            &["lov2", "Nous consulter"],
            "eu:licence/ETALAB_2_0",
            &["licence/unknown", "licence/several"],
        ),
        (&["lov2", "etalab-2.0"], "eu:licence/ETALAB_2_0", &[]),
    ];
    for (values, wanted, spoken) in cases {
        let (mut entity, _, node) = dataset();
        for value in *values {
            entity.add_text(&node, dcterms::LICENSE, value, None);
        }
        let (entity, findings) = run(entity);
        let got = texts(&entity, &node, dcterms::LICENSE);
        if *values == ["other-at"] {
            assert!(got[0].contains("#license-"), "{got:?}");
            let own = NamedNode::new_unchecked(got[0].clone());
            assert_eq!(
                texts(&entity, &own, dcterms::TYPE),
                ["http://purl.org/adms/licencetype/Attribution"]
            );
        } else {
            assert_eq!(got, [(*wanted).to_owned()], "{values:?}");
        }
        assert_eq!(rules(&findings), *spoken, "{values:?}");
    }
    let (mut entity, _, node) = dataset();
    entity.add_text(&node, dcterms::LICENSE, "notspecified", None);
    let (entity, _) = run(entity);
    assert!(texts(&entity, &node, dcterms::LICENSE).is_empty());
}

#[test]
fn what_cannot_be_resolved_keeps_its_words() {
    let (mut entity, iri, node) = dataset();
    entity.add_text(
        &node,
        dcterms::LICENSE,
        "Usage réservé aux <b>agents</b>",
        Some("fr"),
    );
    let (entity, findings) = run(entity);
    let own = entity
        .instances(dcterms::LICENSE_DOCUMENT)
        .next()
        .cloned()
        .unwrap();
    assert!(entity.owns(own.as_str()) && own != iri);
    assert_eq!(
        texts(&entity, &own, rdfs::LABEL),
        ["Usage réservé aux agents"]
    );
    assert_eq!(
        findings[0].value.as_deref(),
        Some("Usage réservé aux <b>agents</b>")
    );
    assert_eq!(findings[0].place.as_deref(), Some("/license"));
    assert_eq!(
        findings[0].record.as_ref().map(RecordId::as_str),
        Some("r1")
    );
}

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
            "#format-fr",
            "",
            "",
            &["format/unknown"],
        ),
        (
            "fr/",
            "text/html",
            "",
            "HTML",
            "text/html",
            "",
            &["format/unknown"],
        ),
        (
            "fr/",
            "",
            "https://a.example/x.csv",
            "CSV",
            "text/csv",
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
            "CSV (point-virgule)",
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
fn dates() {
    let cases: &[Case<'_>] = &[
        (dcterms::MODIFIED, &["2014-09-08Z"], &["2014-09-08"], &[]),
        (dcterms::MODIFIED, &["2008"], &["2008"], &[]),
        (
            dcterms::MODIFIED,
            &["2024-05-01T10:00:00.120000+00:00"],
            &["2024-05-01T10:00:00.12Z"],
            &[],
        ),
        (
            dcterms::MODIFIED,
            &["8 septembre 2014"],
            &["2014-09-08"],
            &["date/repaired"],
        ),
        (
            dcterms::MODIFIED,
            &["non renseigné"],
            &[],
            &["date/unreadable"],
        ),
        (
            dcterms::MODIFIED,
            &["2014-02-30"],
            &[],
            &["date/unreadable"],
        ),
        (
            dcterms::MODIFIED,
            &["2999-01-01"],
            &["2999-01-01"],
            &["date/future"],
        ),
        (
            dcterms::MODIFIED,
            &["2014-01-01", "2015-01-01"],
            &["2015-01-01"],
            &["date/several"],
        ),
        (
            dcterms::ISSUED,
            &["2014-01-01", "2015-01-01"],
            &["2014-01-01"],
            &["date/several"],
        ),
    ];
    for (predicate, values, wanted, spoken) in cases {
        let (got, said) = of_dataset(*predicate, values);
        assert_eq!(got, *wanted, "{values:?}");
        assert_eq!(said, *spoken, "{values:?}");
    }
}

#[test]
fn periods() {
    let case = |start: &str, end: &str| {
        let (mut entity, iri, _) = dataset();
        let node = entity.node("temporal");
        entity.add_type(&node, dcterms::PERIOD_OF_TIME);
        entity.add(&iri, dcterms::TEMPORAL, node.clone());
        entity.add_text(&node, dcat::START_DATE, start, None);
        entity.add_text(&node, dcat::END_DATE, end, None);
        let (entity, findings) = run(entity);
        let spoken: Vec<String> = rules(&findings)
            .iter()
            .map(|rule| (*rule).to_owned())
            .collect();
        (
            texts(&entity, &node, dcat::START_DATE),
            texts(&entity, &node, dcat::END_DATE),
            texts(&entity, &iri, dcterms::TEMPORAL).len(),
            spoken,
        )
    };
    let owned = |values: &[&str]| {
        values
            .iter()
            .map(|value| (*value).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        case("2014", "2015"),
        (owned(&["2014"]), owned(&["2015"]), 1, owned(&[]))
    );
    assert_eq!(
        case("2015", "2014"),
        (
            owned(&["2014"]),
            owned(&["2015"]),
            1,
            owned(&["period/inverted"])
        )
    );
    assert_eq!(
        case("Unknown", ""),
        (owned(&[]), owned(&[]), 0, owned(&["date/unreadable"]))
    );
}

#[test]
fn iris_and_contacts() {
    let (mut entity, iri, node) = dataset();
    entity.add_iri(
        &node,
        dcat::DOWNLOAD_URL,
        "https://a.example/un fichier.csv",
    );
    entity.add_iri(&iri, dcat::LANDING_PAGE, "voir le site");
    let contact = entity.node("contact-1");
    entity.add_type(&contact, vcard::KIND);
    entity.add(&iri, dcat::CONTACT_POINT, contact.clone());
    entity.add_iri(&contact, vcard::HAS_EMAIL, "sig@a.example; geo@a.example");
    entity.add_iri(&contact, vcard::HAS_EMAIL, "le service SIG");
    entity.add_iri(&contact, vcard::HAS_TELEPHONE, "03 20 00 00 00");
    let (entity, findings) = run(entity);
    assert_eq!(
        texts(&entity, &node, dcat::DOWNLOAD_URL),
        ["https://a.example/un%20fichier.csv"]
    );
    assert!(texts(&entity, &iri, dcat::LANDING_PAGE).is_empty());
    assert_eq!(
        texts(&entity, &contact, vcard::HAS_EMAIL),
        ["mailto:geo@a.example", "mailto:sig@a.example"]
    );
    assert_eq!(
        texts(&entity, &contact, vcard::HAS_TELEPHONE),
        ["tel:+33320000000"]
    );
    assert_eq!(
        rules(&findings),
        [
            "iri/repaired",
            "iri/malformed",
            "contact/bad-email",
            "format/guessed"
        ]
    );
}

#[test]
fn a_private_address_goes_where_a_public_one_is_left() {
    let (mut entity, iri, _) = dataset();
    entity.add_iri(&iri, foaf::PAGE, "https://a.example/page");
    entity.add_iri(&iri, foaf::PAGE, "http://carto.application.i2/page");
    entity.add_iri(&iri, dcat::LANDING_PAGE, "http://localhost:8080/x");
    let (entity, findings) = run(entity);
    assert_eq!(texts(&entity, &iri, foaf::PAGE), ["https://a.example/page"]);
    assert_eq!(
        texts(&entity, &iri, dcat::LANDING_PAGE),
        ["http://localhost:8080/x"]
    );
    assert_eq!(rules(&findings), ["iri/private-host", "iri/private-host"]);
}

#[test]
fn distributions_need_an_address() {
    let (mut entity, iri, _) = dataset();
    let (file, none) = (entity.node("distribution-2"), entity.node("distribution-3"));
    let checksum = entity.node("distribution-3-checksum");
    for node in [&file, &none] {
        entity.add_type(node, dcat::DISTRIBUTION_CLASS);
        entity.add(&iri, dcat::DISTRIBUTION, node.clone());
    }
    entity.add_iri(&file, dcat::DOWNLOAD_URL, "https://a.example/x.csv");
    entity.add_iri(&none, dcat::ACCESS_URL, "à demander");
    entity.add(&none, model::ns::spdx::CHECKSUM, checksum.clone());
    entity.add_text(&checksum, model::ns::spdx::CHECKSUM_VALUE, "00", None);
    let (entity, findings) = run(entity);
    assert_eq!(
        texts(&entity, &file, dcat::ACCESS_URL),
        ["https://a.example/x.csv"]
    );
    assert_eq!(texts(&entity, &iri, dcat::DISTRIBUTION).len(), 2);
    let gone = |node: &NamedNode| {
        !entity
            .triples
            .iter()
            .any(|triple| triple.to_string().contains(node.as_str()))
    };
    assert!(gone(&none) && gone(&checksum));
    assert_eq!(
        rules(&findings),
        [
            "distribution/bad-access-url",
            "format/guessed",
            "distribution/no-access-url"
        ]
    );
}

#[test]
fn titles_and_descriptions_are_never_missing() {
    let iri = NamedNode::new_unchecked(DATASET);
    let mut entity = Entity::new(EntityKind::Dataset, iri.clone());
    entity.add_type(&iri, dcat::DATASET_CLASS);
    entity.add_text(&iri, dcterms::IDENTIFIER, "fr-1234", None);
    let (entity, findings) = run(entity);
    assert_eq!(texts(&entity, &iri, dcterms::TITLE), ["fr-1234"]);
    assert_eq!(texts(&entity, &iri, dcterms::DESCRIPTION), ["fr-1234"]);
    assert_eq!(
        rules(&findings),
        ["dataset/no-title", "dataset/no-description"]
    );
}

#[test]
fn texts_and_keywords() {
    let (mut entity, iri, _) = dataset();
    entity.add_text(
        &iri,
        dcat::KEYWORD,
        "eau, rivière;  ZNIEFF, 1,5 m",
        Some("fre"),
    );
    entity.add_text(
        &iri,
        dcat::KEYWORD,
        "Agriculture, pêche, sylviculture et alimentation",
        None,
    );
    entity.add_text(
        &iri,
        dcterms::ALTERNATIVE,
        "<p>Une <b>carte</b><br/>des sols</p> où x < y > z",
        None,
    );
    entity.add_text(&iri, dcterms::ALTERNATIVE, "a\u{0}b\r\nc", None);
    let (entity, findings) = run(entity);
    assert_eq!(
        texts(&entity, &iri, dcat::KEYWORD),
        [
            "1,5 m",
            "Agriculture, pêche, sylviculture et alimentation",
            "ZNIEFF",
            "eau",
            "rivière"
        ]
    );
    assert!(entity.triples.iter().any(|triple| triple.object
        == Literal::new_language_tagged_literal_unchecked("eau", "fr").into()));
    assert_eq!(
        texts(&entity, &iri, dcterms::ALTERNATIVE),
        ["Une carte\ndes sols\n où x < y > z", "ab\nc"]
    );
    assert_eq!(
        rules(&findings),
        [
            "text/markup",
            "keyword/joined",
            "theme/derived",
            "theme/derived"
        ]
    );
}

#[test]
fn literals_are_canonical_and_stand_once() {
    let (mut entity, iri, node) = dataset();
    for size in ["007", "+7", "7"] {
        entity.add_typed(&node, dcat::BYTE_SIZE, size, xsd::NON_NEGATIVE_INTEGER);
    }
    entity.add_typed(
        &iri,
        dcat::SPATIAL_RESOLUTION_IN_METERS,
        "10.50",
        xsd::DECIMAL,
    );
    entity.add_typed(&iri, dcat::TEMPORAL_RESOLUTION, "P12M", xsd::DURATION);
    let (entity, _) = run(entity);
    assert_eq!(texts(&entity, &node, dcat::BYTE_SIZE), ["7"]);
    assert_eq!(
        texts(&entity, &iri, dcat::SPATIAL_RESOLUTION_IN_METERS),
        ["10.5"]
    );
    assert_eq!(texts(&entity, &iri, dcat::TEMPORAL_RESOLUTION), ["P1Y"]);
    assert!(
        entity.triples.iter().any(|triple| triple.object
            == Literal::new_typed_literal("7", xsd::NON_NEGATIVE_INTEGER).into())
    );
}
