//! What sources write, and what is published: dates, addresses, contacts, texts, themes. `codes.rs` has the coded values.

mod support;

use model::ns::{dcat, dcterms, foaf, geodcatap, vcard};
use model::{Entity, EntityKind};
use oxrdf::vocab::xsd;
use oxrdf::{Literal, NamedNode};

use support::{Case, DATASET, dataset, of_dataset, rules, run, texts};

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
