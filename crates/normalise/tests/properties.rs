//! Whatever a source writes: the rules end, and doing them twice changes nothing more.

use chrono::{TimeZone, Utc};
use model::ns::{adms, dcat, dcterms, foaf, geodcatap, locn, skos, vcard};
use model::{Entity, EntityKind, Mapped, RecordId};
use normalise::{Context, normalise};
use oxrdf::vocab::xsd;
use oxrdf::{Literal, NamedNode, NamedNodeRef};
use proptest::prelude::*;
use vocab::Vocab;

const PREDICATES: [NamedNodeRef<'static>; 36] = [
    dcterms::SPATIAL,
    dcterms::SPATIAL,
    dcat::BBOX,
    locn::GEOMETRY,
    skos::PREF_LABEL,
    dcterms::TITLE,
    dcterms::DESCRIPTION,
    dcterms::LICENSE,
    dcterms::RIGHTS,
    dcterms::ACCESS_RIGHTS,
    dcterms::FORMAT,
    dcat::MEDIA_TYPE,
    dcat::PACKAGE_FORMAT,
    dcat::COMPRESS_FORMAT,
    dcterms::ACCRUAL_PERIODICITY,
    dcterms::LANGUAGE,
    dcat::THEME,
    geodcatap::TOPIC_CATEGORY,
    dcterms::CONFORMS_TO,
    dcterms::ISSUED,
    dcterms::MODIFIED,
    dcat::START_DATE,
    dcat::END_DATE,
    dcat::ACCESS_URL,
    dcat::DOWNLOAD_URL,
    dcat::LANDING_PAGE,
    foaf::PAGE,
    vcard::HAS_EMAIL,
    foaf::MBOX,
    vcard::HAS_TELEPHONE,
    dcat::BYTE_SIZE,
    dcat::SPATIAL_RESOLUTION_IN_METERS,
    dcat::KEYWORD,
    adms::STATUS,
    dcterms::IDENTIFIER,
    dcterms::ALTERNATIVE,
];

/// Values near those that the rules look for.
const WORDS: [&str; 82] = [
    "59",
    "fr:commune:59350@1942-01-01",
    "Saint-Denis",
    "Nord, Pas-de-Calais",
    "Picardie",
    "Lille (59)",
    "Nord ; ailleurs",
    "http://id.insee.fr/geo/departement/59/",
    "country:fr",
    "2.1,48.6,2.6,49.0",
    "POLYGON((2 50,3 50,3 51,2 50))",
    "POLYGON((50 2,50 3,51 3,50 2))",
    "POLYGON((-180 -90,180 -90,180 90,-180 90))",
    "North 45.9, South 45.5, East 4.6, West 5.0. GRAND LYON",
    "lov2",
    "Licence ouverte",
    "licence Ouverte 1.0 http://www.data.gouv.fr/Licence-Ouverte-Open-Licence",
    "other-pd",
    "notspecified",
    "ODbL",
    "csv",
    "SHP zippé",
    "zip",
    "application/zip",
    "text/csv; charset=x",
    "CSV (x)",
    "fr/",
    "csv.gz",
    "monthly",
    "hebdomadiare",
    "annual",
    "fre",
    "eng; USA",
    "français, anglais",
    "Hydrographie",
    "a, b; c",
    "(a, b",
    "1,5",
    "<p>x</p>",
    "<<b>p>",
    "<\u{1}p>",
    "<script>x",
    "open",
    "article 13(1)(c)",
    "EPSG:2154",
    "OGC:WMS",
    "2014-09-08Z",
    "2014",
    "8 septembre 2014",
    "2999",
    "19/12/2019 - 03:00",
    "2014-09-08T10:00:00.50+02:00",
    "www.a.example/x y",
    "http://localhost/x",
    "https://a.example/x.csv",
    "https://a.example/x?format=json",
    "a@b.example; c@d.example",
    "mailto:a@b.example?x=y",
    "0033320000000",
    "03 20 00 00 00",
    "tel:3939",
    "1,5 Mo",
    "007",
    "-0",
    "10.50 m",
    "non renseigné",
    " ",
    "\u{feff}x\r\n",
    "inlandWaters",
    "http://[::1]/a[1]",
    "OGC:WMS-1.3.0-http-get-map",
    "WFS",
    "OData",
    "https://a.example/ows?request=GetCapabilities&service=WMS",
    "Licence Ouverte 2.0 ou ODbL",
    "Licence CC BY-NC-SA",
    "http://creativecommons.org/licenses/by/3.0/it/",
    "Pas de restriction d'accès public, sauf demande",
    "à diffuser",
    "Excel",
    "LAS/LAZ",
    "R/P1Y",
];

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned),
        1 => (prop::sample::select(WORDS.to_vec()), prop::sample::select(WORDS.to_vec())).prop_map(|(a, b)| format!("{a} {b}")),
        1 => "\\PC{0,40}",
        1 => "[<>/pba,;() \\-\u{0}\n]{0,20}",
        1 => "[0-9TZ:./+\\- ]{0,25}",
    ]
}

fn entity() -> impl Strategy<Value = Entity> {
    let triple = (
        0..4_usize,
        prop::sample::select(PREDICATES.to_vec()),
        value(),
        0..5_u8,
    );
    prop::collection::vec(triple, 0..25).prop_map(|triples| {
        let iri = NamedNode::new_unchecked("https://a.example/dataset/1");
        let mut entity = Entity::new(EntityKind::Dataset, iri.clone());
        let nodes = [
            iri.clone(),
            entity.node("distribution-1"),
            entity.node("temporal"),
            entity.node("spatial-1"),
        ];
        entity.add_type(&nodes[0], dcat::DATASET_CLASS);
        entity.add_type(&nodes[1], dcat::DISTRIBUTION_CLASS);
        entity.add_type(&nodes[2], dcterms::PERIOD_OF_TIME);
        entity.add_type(&nodes[3], dcterms::LOCATION);
        entity.add(&iri, dcterms::SPATIAL, nodes[3].clone());
        entity.add(&iri, dcat::DISTRIBUTION, nodes[1].clone());
        entity.add(&iri, dcterms::TEMPORAL, nodes[2].clone());
        entity.set_origin(&iri, "");
        for (node, predicate, value, kind) in triples {
            let node = &nodes[node];
            match kind {
                0 => entity.add_iri(node, predicate, &value),
                1 => entity.add_text(node, predicate, &value, Some("fre")),
                2 => entity.add(
                    node,
                    predicate,
                    Literal::new_typed_literal(value, xsd::DATE),
                ),
                3 => entity.add(
                    node,
                    predicate,
                    Literal::new_typed_literal(value, xsd::DECIMAL),
                ),
                _ => entity.add(node, predicate, Literal::new_simple_literal(value)),
            }
        }
        entity
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn twice_is_once(entity in entity()) {
        let record = RecordId::new("r1");
        let context = Context {
            vocab: Vocab::bundled(),
            record: &record,
            fetched: Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap(),
        };
        let mut once = Mapped { entities: vec![entity], findings: Vec::new() };
        normalise(&mut once, &context);
        let mut twice = once.clone();
        normalise(&mut twice, &context);
        let lines = |mapped: &Mapped| mapped.entities[0].triples.iter().map(ToString::to_string).collect::<Vec<_>>();
        prop_assert_eq!(lines(&twice), lines(&once));
        for triple in &once.entities[0].triples {
            prop_assert!(once.entities[0].owns(triple.subject.to_string().trim_matches(['<', '>'])));
            if let oxrdf::Term::NamedNode(node) = &triple.object {
                prop_assert!(NamedNode::new(node.as_str()).is_ok(), "{}", triple);
            }
        }
    }
}
