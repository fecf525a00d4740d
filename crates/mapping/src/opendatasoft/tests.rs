//! A fixture of our own, in the manner of real portals; the same in older versions; and a pass over real records where there are some.

use model::ns::{adms, dcat, dcatap, dcterms, foaf, geodcatap, prov, rdfs, skos, vcard};
use model::{Base, Entity, Mapped, Minter, RawRecord, RecordFormat, RecordId, SourceId};
use oxrdf::{NamedNode, NamedNodeRef, Term};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{MapContext, MapError, map};

fn map_bytes(body: &[u8]) -> Result<Mapped, MapError> {
    let minter = Minter::new(Base::new("https://donnees.example.org/").unwrap());
    let source = SourceId::new("portail").unwrap();
    let record = RawRecord {
        id: RecordId::new("r1"),
        format: RecordFormat::Opendatasoft,
        body: body.to_vec().into(),
    };
    let context = MapContext {
        source: &source,
        minter: &minter,
        minted: None,
        language: "fr",
    };
    map(&record, &context)
}

fn mapped(value: &Value) -> Mapped {
    map_bytes(value.to_string().as_bytes()).unwrap()
}

fn entity(value: &Value) -> Entity {
    mapped(value).entities.remove(0)
}

/// The values of a property, sorted, as N-Triples terms.
fn values(entity: &Entity, subject: &NamedNode, predicate: NamedNodeRef<'_>) -> Vec<String> {
    let objects = entity.objects(subject, predicate);
    let mut values: Vec<String> = objects.map(Term::to_string).collect();
    values.sort();
    values
}

fn own(entity: &Entity, local: &str) -> NamedNode {
    NamedNode::new(format!("{}#{local}", entity.iri.as_str())).unwrap()
}

fn node(entity: &Entity, local: &str) -> String {
    own(entity, local).to_string()
}

fn full() -> Value {
    serde_json::from_str(include_str!(
        "../../tests/fixtures/opendatasoft/dataset.json"
    ))
    .unwrap()
}

/// What each distribution is called, and its address.
fn distributions(entity: &Entity) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = entity
        .instances(dcat::DISTRIBUTION_CLASS)
        .map(|node| {
            let local = node.as_str().rsplit('#').next().unwrap_or_default();
            (
                local.trim_start_matches("distribution-").to_owned(),
                values(entity, node, dcat::ACCESS_URL).join(" "),
            )
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_dataset_with_everything() {
    let mapped = mapped(&full());
    let entity = &mapped.entities[0];
    let iri = &entity.iri;
    let cases = [
        (dcterms::TITLE, vec!["\"Arbres remarquables\"@fr"]),
        (dcterms::IDENTIFIER, vec!["\"arbres-remarquables\""]),
        (
            dcterms::DESCRIPTION,
            vec!["\"<p>Les arbres <b>remarquables</b> de la ville.</p>\"@fr"],
        ),
        (
            dcat::KEYWORD,
            vec![
                "\"Image\"@fr",
                "\"arbre\"@fr",
                "\"biodiversité\"@fr",
                "\"patrimoine\"@fr",
            ],
        ),
        (
            dcat::THEME,
            vec![
                "\"Environnement\"@fr",
                "\"Patrimoine local\"@fr",
                "\"Répartition des espèces\"@fr",
                "<http://publications.europa.eu/resource/authority/data-theme/ENVI>",
            ],
        ),
        (dcterms::CREATED, vec!["\"2019-03-01\""]),
        (dcterms::ISSUED, vec!["\"2020-01-15\""]),
        (dcterms::MODIFIED, vec!["\"2024-08-29T08:09:20+00:00\""]),
        (dcterms::LANGUAGE, vec!["\"fr\""]),
        (dcterms::ACCRUAL_PERIODICITY, vec!["\"annuelle\""]),
        (dcterms::ACCESS_RIGHTS, vec!["\"PUBLIC\""]),
        (dcterms::RIGHTS, vec!["\"Relevés des bénévoles\"@fr"]),
        (dcterms::CONFORMS_TO, vec!["\"EPSG:2154\"", "\"EPSG:4326\""]),
        (
            dcterms::RELATION,
            vec!["<https://donnees.valmer.example/explore/dataset/parcs/>"],
        ),
        (foaf::PAGE, vec!["<https://www.valmer.example/arbres>"]),
        (
            dcat::LANDING_PAGE,
            vec!["<https://donnees.valmer.example/explore/dataset/arbres-remarquables/>"],
        ),
        (
            geodcatap::SPATIAL_RESOLUTION_AS_TEXT,
            vec!["\"1:5000\"", "\"Commune\""],
        ),
        (geodcatap::PURPOSE, vec!["\"Protéger les arbres\"@fr"]),
        (
            geodcatap::RESOURCE_TYPE,
            vec!["<http://inspire.ec.europa.eu/metadata-codelist/ResourceType/dataset>"],
        ),
        (
            dcatap::HVD_CATEGORY,
            vec!["\"http://data.europa.eu/bna/c_dd313021\""],
        ),
        (dcterms::LICENSE, vec![]),
    ];
    for (predicate, wanted) in cases {
        assert_eq!(values(entity, iri, predicate), wanted, "{predicate}");
    }
    assert!(
        values(entity, iri, dcatap::APPLICABLE_LEGISLATION)
            .iter()
            .all(|law| law == "<http://data.europa.eu/eli/reg_impl/2023/138/oj>")
    );
    assert!(mapped.findings.is_empty(), "{:?}", mapped.findings);
    assert_eq!(entity.rank, "2024-08-29T08:09:20+00:00");
    for alias in ["arbres-remarquables", "da_ab12cd", "fr-000000001-arbres"] {
        assert!(entity.aliases.iter().any(|known| known == alias), "{alias}");
    }
}

#[test]
fn where_it_comes_from_and_who_answers_for_it() {
    let mapped = mapped(&full());
    let entity = &mapped.entities[0];
    let iri = &entity.iri;
    let statements: Vec<String> = values(entity, iri, dcterms::PROVENANCE);
    let labels: Vec<String> = (1..=statements.len())
        .flat_map(|at| {
            values(
                entity,
                &own(entity, &format!("provenance-{at}")),
                rdfs::LABEL,
            )
        })
        .collect();
    assert_eq!(
        labels,
        [
            "\"Relevé de terrain\"@fr",
            "\"Aucun doublon\"@fr",
            "\"https://www.valmer.example/arbres, Service des espaces verts\"@fr"
        ]
    );
    let names: Vec<Vec<String>> = mapped.entities[1..]
        .iter()
        .map(|agent| values(agent, &agent.iri, foaf::NAME))
        .collect();
    assert_eq!(
        names.concat(),
        [
            "\"Ville de Valmer\"",
            "\"Service des espaces verts\"",
            "\"Club des naturalistes\"",
            "\"Bureau d'études Exemple\""
        ]
    );
    assert_eq!(
        values(&mapped.entities[1], &mapped.entities[1].iri, dcterms::TYPE),
        ["<http://purl.org/adms/publishertype/LocalAuthority>"]
    );
    assert_eq!(values(entity, iri, dcterms::CREATOR).len(), 2);
    let (contact, inspire) = (own(entity, "contact"), own(entity, "contact-inspire"));
    let cases = [
        (&contact, vcard::FN, "\"Cellule données\""),
        (
            &contact,
            vcard::HAS_EMAIL,
            "<mailto:donnees@valmer.example>",
        ),
        (&inspire, vcard::FN, "\"Camille Fictive\""),
        (&inspire, vcard::HAS_EMAIL, "<mailto:sig@valmer.example>"),
        (&inspire, vcard::TITLE, "\"Géomaticienne\"@fr"),
    ];
    for (subject, predicate, wanted) in cases {
        assert_eq!(values(entity, subject, predicate), [wanted]);
    }
    assert_eq!(
        values(
            entity,
            &own(entity, "contact-inspire-address"),
            vcard::STREET_ADDRESS
        ),
        ["\"1 place du Port, 59000 Valmer\""]
    );
    let record = own(entity, "record");
    assert_eq!(
        values(entity, &record, dcterms::MODIFIED),
        ["\"2024-08-31T01:00:00+00:00\""]
    );
}

#[test]
fn where_and_when() {
    let entity = entity(&full());
    let wkt = "^^<http://www.opengis.net/ont/geosparql#wktLiteral>";
    let square = |west, south, east, north| {
        format!(
            "\"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))\"{wkt}"
        )
    };
    let cases = [
        ("spatial-geometry", dcat::BBOX, square("2", "50", "3", "51")),
        (
            "spatial-fr_40_32",
            dcterms::IDENTIFIER,
            "\"fr_40_32\"".to_owned(),
        ),
        (
            "spatial-fr_40_32",
            skos::PREF_LABEL,
            "\"Hauts-de-France\"@fr".to_owned(),
        ),
        (
            "spatial-fr_60_59",
            skos::PREF_LABEL,
            "\"Nord\"@fr".to_owned(),
        ),
        (
            "location-1",
            dcat::BBOX,
            square("2.1", "50.1", "2.9", "50.9"),
        ),
        (
            "location-1",
            skos::PREF_LABEL,
            "\"Agglomération\"@fr".to_owned(),
        ),
        ("location-2", skos::PREF_LABEL, "\"Valmer\"@fr".to_owned()),
        ("period-1", dcat::START_DATE, "\"2010\"".to_owned()),
        ("period-1", dcat::END_DATE, "\"2023-12-31\"".to_owned()),
        ("period-2", dcat::START_DATE, "\"2010\"".to_owned()),
        ("period-2", dcat::END_DATE, "\"2023\"".to_owned()),
    ];
    for (local, predicate, wanted) in cases {
        assert_eq!(
            values(&entity, &own(&entity, local), predicate),
            [wanted],
            "{local}"
        );
    }
    assert_eq!(values(&entity, &entity.iri, dcterms::SPATIAL).len(), 5);
    assert_eq!(values(&entity, &entity.iri, dcterms::TEMPORAL).len(), 2);
}

#[test]
fn periods_in_words_are_read_or_kept() {
    let period = |text: &str| {
        let value = json!({"dataset_id": "x", "metas": {"default": {"title": "x"}, "dcat": {"temporal": text}}});
        let entity = entity(&value);
        let node = own(&entity, "period-1");
        [dcat::START_DATE, dcat::END_DATE, rdfs::LABEL]
            .map(|predicate| values(&entity, &node, predicate).join(" "))
    };
    assert_eq!(period("2019"), ["\"2019\"", "\"2019\"", ""]);
    assert_eq!(period("2010 - 2020"), ["\"2010\"", "\"2020\"", ""]);
    assert_eq!(period("2010/2020"), ["\"2010\"", "\"2020\"", ""]);
    assert_eq!(
        period("2010-01-01/2020-12-31"),
        ["\"2010-01-01\"", "\"2020-12-31\"", ""]
    );
    assert_eq!(
        period("2020-05-01"),
        ["\"2020-05-01\"", "\"2020-05-01\"", ""]
    );
    assert_eq!(
        period("depuis 2010, chaque hiver"),
        ["", "", "\"depuis 2010, chaque hiver\"@fr"]
    );
}

#[test]
fn the_data_are_to_be_had_from_the_api() {
    let entity = entity(&full());
    let root =
        "https://donnees.valmer.example/api/explore/v2.1/catalog/datasets/arbres-remarquables";
    let export = |code: &str| (code.to_owned(), format!("<{root}/exports/{code}>"));
    assert_eq!(
        distributions(&entity),
        [
            (
                "alternative-export-lidar_zip".to_owned(),
                format!("<{root}/alternative_exports/lidar_zip>")
            ),
            (
                "api".to_owned(),
                "<https://donnees.valmer.example/explore/dataset/arbres-remarquables/api/>"
                    .to_owned()
            ),
            (
                "attachment-notice_pdf".to_owned(),
                format!("<{root}/attachments/notice_pdf>")
            ),
            export("csv"),
            export("geojson"),
            export("json"),
            export("parquet"),
            export("shp"),
            export("xlsx"),
        ]
    );
    for node in entity.instances(dcat::DISTRIBUTION_CLASS) {
        assert_eq!(values(&entity, node, dcterms::LICENSE).len(), 2, "{node}");
        assert_eq!(values(&entity, node, dcterms::TITLE).len(), 1, "{node}");
    }
    let csv = own(&entity, "distribution-csv");
    let notice = own(&entity, "distribution-attachment-notice_pdf");
    let service = own(&entity, "service-api");
    let cases = [
        (&csv, dcterms::TITLE, "\"CSV\"@fr".to_owned()),
        (&csv, dcat::DOWNLOAD_URL, format!("<{root}/exports/csv>")),
        (&csv, dcat::MEDIA_TYPE, "\"text/csv\"".to_owned()),
        (&csv, dcterms::MODIFIED, "\"2024-08-30T01:00:00+00:00\"".to_owned()),
        (
            &csv,
            dcterms::DESCRIPTION,
            "\"2355 enregistrements.\\n\\nColonnes :\\n- Essence : essence [text], Nom vernaculaire\\n- geo_point_2d [geo_point_2d]\"@fr".to_owned(),
        ),
        (
            &own(&entity, "distribution-geojson"),
            adms::REPRESENTATION_TECHNIQUE,
            "<http://inspire.ec.europa.eu/metadata-codelist/SpatialRepresentationType/vector>".to_owned(),
        ),
        (&notice, dcterms::TITLE, "\"Notice\"@fr".to_owned()),
        (&notice, dcat::MEDIA_TYPE, "\"application/pdf\"".to_owned()),
        (&notice, dcterms::FORMAT, "\"pdf\"".to_owned()),
        (
            &own(&entity, "distribution-api"),
            dcat::ACCESS_SERVICE,
            node(&entity, "service-api"),
        ),
        (&service, dcat::ENDPOINT_URL, format!("<{root}/records>")),
        (
            &service,
            dcat::ENDPOINT_DESCRIPTION,
            "<https://donnees.valmer.example/api/explore/v2.1/console>".to_owned(),
        ),
        (&service, dcat::SERVES_DATASET, entity.iri.to_string()),
    ];
    for (subject, predicate, wanted) in cases {
        assert_eq!(
            values(&entity, subject, predicate),
            [wanted],
            "{subject} {predicate}"
        );
    }
}

#[test]
fn only_what_there_is_is_offered() {
    let change = |change: fn(&mut Value)| {
        let mut value = full();
        change(&mut value["dataset"]);
        let entity = entity(&value);
        let names = distributions(&entity).into_iter().map(|(name, _)| name);
        (names.collect::<Vec<_>>(), entity)
    };
    let files = ["alternative-export-lidar_zip", "attachment-notice_pdf"];
    let (plain, _) = change(|dataset| dataset["features"] = json!(["analyze"]));
    assert!(!plain.contains(&"geojson".to_owned()) && !plain.contains(&"shp".to_owned()));
    assert_eq!(plain.len(), 7);
    let (empty, _) = change(|dataset| dataset["has_records"] = json!(false));
    assert_eq!(empty, files);
    // The data are for some only: their addresses would answer 403.
    let (hidden, entity) = change(|dataset| dataset["data_visible"] = json!(false));
    assert_eq!(hidden, files);
    assert_eq!(
        values(&entity, &entity.iri, dcterms::ACCESS_RIGHTS),
        ["\"PUBLIC\"", "\"restricted\""]
    );
    let (nothing, entity) = change(|dataset| {
        dataset["has_records"] = json!(false);
        dataset["attachments"] = json!(null);
        dataset["alternative_exports"] = json!([]);
    });
    assert!(nothing.is_empty());
    assert_eq!(values(&entity, &entity.iri, dcterms::LICENSE).len(), 2);
}

#[test]
fn a_federated_dataset_leads_to_its_source() {
    let mut value = full();
    let default = &mut value["dataset"]["metas"]["default"];
    default["federated"] = json!(true);
    default["source_domain_address"] = json!("opendata.region.example");
    default["source_dataset"] = json!("arbres@region");
    let entity = entity(&value);
    let source = "https://opendata.region.example/explore/dataset/arbres@region/";
    assert_eq!(
        values(&entity, &entity.iri, dcat::LANDING_PAGE),
        [format!("<{source}>")]
    );
    assert_eq!(
        values(&entity, &entity.iri, prov::WAS_DERIVED_FROM),
        [format!("<{source}>")]
    );
    assert!(values(&entity, &entity.iri, foaf::PAGE).contains(
        &"<https://donnees.valmer.example/explore/dataset/arbres-remarquables/>".to_owned()
    ));
    let identifier = own(&entity, "identifier-source");
    assert_eq!(
        values(&entity, &identifier, skos::NOTATION),
        ["\"arbres@region\""]
    );
    assert_eq!(
        values(&entity, &identifier, adms::SCHEMA_AGENCY),
        ["\"opendata.region.example\""]
    );
    assert!(entity.aliases.iter().any(|alias| alias == source));
    // A portal that names itself as the source is the source.
    let default = &mut value["dataset"]["metas"]["default"];
    default["source_domain_address"] = json!("donnees.valmer.example");
    default["source_dataset"] = json!("arbres-remarquables");
    let entity = self::entity(&value);
    assert_eq!(
        values(&entity, &entity.iri, dcat::LANDING_PAGE),
        ["<https://donnees.valmer.example/explore/dataset/arbres-remarquables/>"]
    );
    assert!(values(&entity, &entity.iri, prov::WAS_DERIVED_FROM).is_empty());
}

/// The fixture as version 2.0 and version 1.0 give it.
fn older(value: &Value) -> [Value; 3] {
    let dataset = &value["dataset"];
    let metas = &dataset["metas"];
    let links = json!([{"rel": "self", "href": "https://donnees.valmer.example/api/explore/v2.0/catalog/datasets/x"}]);
    let nested = json!({"links": links, "dataset": dataset});
    let mut flat = dataset.clone();
    flat["datasetid"] = flat["dataset_id"].take();
    flat["metas"] = metas["default"].clone();
    flat["metas"]["description"] = json!("<a href=\",x\",>abîmé</a>");
    flat["basic_metas"] = json!({"default": metas["default"], "custom": metas["custom"]});
    flat["interop_metas"] =
        json!({"dcat": metas["dcat"], "inspire": metas["inspire"], "dcat_ap": metas["dcat_ap"]});
    let flat = json!({"portal": value["portal"], "dataset": flat});
    [
        nested.clone(),
        json!({"portal": value["portal"], "dataset": nested}),
        flat,
    ]
}

#[test]
fn the_versions_say_the_same() {
    let value = full();
    let statements = |value: &Value| {
        let entity = entity(value);
        let mut lines: Vec<String> = entity
            .triples
            .iter()
            .map(ToString::to_string)
            .filter(|line| !line.contains("#distribution-") && !line.contains("#service-"))
            .collect();
        lines.sort();
        (lines, distributions(&entity))
    };
    let (wanted, exports) = statements(&value);
    let [bare, nested, flat] = older(&value).each_ref().map(statements);
    assert_eq!(bare, (wanted.clone(), exports.clone()));
    assert_eq!(nested, (wanted.clone(), exports));
    assert_eq!(flat.0, wanted);
    // Version 1.0 has other addresses, and fewer formats.
    let csv =
        "<https://donnees.valmer.example/explore/dataset/arbres-remarquables/download/?format=csv>";
    let file = "<https://donnees.valmer.example/api/datasets/1.0/arbres-remarquables/attachments/notice_pdf>";
    assert!(flat.1.contains(&("csv".to_owned(), csv.to_owned())));
    assert!(
        flat.1
            .contains(&("attachment-notice_pdf".to_owned(), file.to_owned()))
    );
    assert!(!flat.1.iter().any(|(name, _)| name == "parquet"));
}

#[test]
fn an_old_shapefile_that_is_cut_off_is_not_offered() {
    let mut flat = older(&full())[2].clone();
    let names = |value: &Value| -> Vec<String> {
        let all = distributions(&entity(value)).into_iter();
        all.map(|(name, _)| name).collect()
    };
    assert!(names(&flat).contains(&"shp".to_owned()));
    flat["dataset"]["basic_metas"]["default"]["records_count"] = json!(50_001);
    assert!(!names(&flat).contains(&"shp".to_owned()));
    assert!(names(&flat).contains(&"geojson".to_owned()));
}

#[test]
fn fields_of_an_old_portal_stand_among_the_others() {
    let value = json!({"portal": "https://p.example", "dataset": {"datasetid": "x", "metas": {
        "title": "T", "keyword": "eau", "theme": "Environnement, Air, Eau", "language": "en", "frequence": "annuelle", "courriel": "a@p.example", "records_count": 0}}});
    let entity = entity(&value);
    let iri = &entity.iri;
    assert_eq!(values(&entity, iri, dcterms::TITLE), ["\"T\"@en"]);
    assert_eq!(values(&entity, iri, dcat::KEYWORD), ["\"eau\"@en"]);
    assert_eq!(
        values(&entity, iri, dcterms::ACCRUAL_PERIODICITY),
        ["\"annuelle\""]
    );
    assert_eq!(
        values(&entity, &own(&entity, "contact"), vcard::HAS_EMAIL),
        ["<mailto:a@p.example>"]
    );
}

#[test]
fn bounds_are_put_right_or_left_out() {
    let boxed = |sides: [&str; 4]| {
        let [west, south, east, north] = sides;
        let value = json!({"dataset_id": "x", "metas": {"default": {"title": "x"}, "inspire": {
            "extend_bounding_box_westbound_longitude": west, "extend_bounding_box_southbound_latitude": south,
            "extend_bounding_box_eastbound_longitude": east, "extend_bounding_box_northbound_latitude": north}}});
        let mapped = mapped(&value);
        let entity = &mapped.entities[0];
        let found = values(entity, &own(entity, "location-1"), dcat::BBOX).join("");
        let rules: Vec<String> = mapped
            .findings
            .iter()
            .map(|finding| finding.rule.to_string())
            .collect();
        let corner = found.split(',').next().unwrap_or_default().to_owned();
        (corner, rules.join(" "))
    };
    let corner = |corner: &str, rule: &str| (corner.to_owned(), rule.to_owned());
    assert_eq!(boxed(["1", "2", "3", "4"]), corner("\"POLYGON((1 2", ""));
    assert_eq!(
        boxed(["3", "2", "1", "4"]),
        corner("\"POLYGON((1 2", "place/swapped-bounds")
    );
    assert_eq!(
        boxed(["177", "2", "-178", "4"]),
        corner("\"POLYGON((177 2", "")
    );
    assert_eq!(
        boxed(["652000", "6862000", "653000", "6863000"]),
        corner("", "place/absurd-coordinates")
    );
    assert_eq!(
        boxed(["1", "2", "3", ""]),
        corner("", "place/absurd-coordinates")
    );
    assert_eq!(
        boxed(["1", "2", "NaN", "4"]),
        corner("", "place/absurd-coordinates")
    );
}

#[test]
fn what_is_refused() {
    let cases: [(&str, &str); 7] = [
        ("", "record/unreadable"),
        ("<html>", "record/unreadable"),
        ("[]", "record/unreadable"),
        ("{}", "record/no-title"),
        (
            r#"{"dataset": {"dataset_id": "x", "metas": {"default": {"title": " "}}}}"#,
            "record/no-title",
        ),
        (
            r#"{"dataset": {"visibility": "restricted", "metas": {"default": {"title": "x"}}}}"#,
            "record/not-public",
        ),
        (
            r#"{"datasetid": "x", "metas": {"visibility": "restricted", "title": "x"}}"#,
            "record/not-public",
        ),
    ];
    for (body, rule) in cases {
        assert_eq!(map_bytes(body.as_bytes()).unwrap_err().rule, rule, "{body}");
    }
    let deep = format!("{{\"dataset\": {}", "[".repeat(1_000_000));
    assert_eq!(
        map_bytes(deep.as_bytes()).unwrap_err().rule,
        "record/unreadable"
    );
}

#[test]
fn a_field_of_a_wrong_type_costs_only_itself() {
    let mut value = full();
    let mut places = Vec::new();
    pointers(&value, "", &mut places);
    let vital = [
        "",
        "/dataset",
        "/dataset/metas",
        "/dataset/metas/default",
        "/dataset/metas/default/title",
    ];
    for place in places
        .iter()
        .filter(|place| !vital.contains(&place.as_str()))
    {
        for wrong in [
            json!([{"unexpected": true}]),
            json!(7),
            json!({"value": "x"}),
            json!("texte"),
        ] {
            let kept = std::mem::replace(value.pointer_mut(place).unwrap(), wrong);
            let entity = entity(&value);
            assert_eq!(
                values(&entity, &entity.iri, dcterms::TITLE).len(),
                1,
                "{place}"
            );
            *value.pointer_mut(place).unwrap() = kept;
        }
    }
}

#[test]
fn names_of_fields_are_folded_and_unique() {
    let value = json!({"dataset_id": "x", "metas": {"default": {"title": "x"}, "custom": {
        "Fréquence de mise à jour": "mensuelle", "FREQUENCE_MAJ": "annuelle", "hvd": "non", "contact": "a@p.example"}}});
    let entity = entity(&value);
    assert_eq!(
        values(&entity, &entity.iri, dcterms::ACCRUAL_PERIODICITY),
        ["\"annuelle\""]
    );
    assert!(values(&entity, &entity.iri, dcatap::APPLICABLE_LEGISLATION).is_empty());
    assert_eq!(
        values(&entity, &own(&entity, "contact"), vcard::HAS_EMAIL),
        ["<mailto:a@p.example>"]
    );
    assert!(super::custom::names_are_folded());
}

#[test]
fn high_value_is_yes_or_no_or_a_category() {
    let hvd = |value: Value| {
        let value = json!({"dataset_id": "x", "metas": {"default": {"title": "x"}, "custom": {"hvd": value}}});
        let entity = entity(&value);
        let law = values(&entity, &entity.iri, dcatap::APPLICABLE_LEGISLATION).len();
        (
            law,
            values(&entity, &entity.iri, dcatap::HVD_CATEGORY).join(" "),
        )
    };
    for yes in [json!(true), json!("Oui"), json!(["oui"])] {
        assert_eq!(hvd(yes), (1, String::new()));
    }
    for no in [json!(false), json!("non"), json!(null), json!([])] {
        assert_eq!(hvd(no), (0, String::new()));
    }
    assert_eq!(hvd(json!(["Mobilité"])), (1, "\"Mobilité\"".to_owned()));
}

/// Every place of a value, as JSON pointers.
fn pointers(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| pointers(value, &format!("{at}/{key}"), into)),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(index, value)| pointers(value, &format!("{at}/{index}"), into)),
        _ => {}
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        "[a-z0-9:/.?&=#<> -]{0,30}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever stands anywhere in a record, its mapping ends with a graph of absolute IRIs, or a refusal.
    #[test]
    fn no_value_makes_it_panic(
        version in 0_usize..4,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any_value()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let full = full();
        let mut value = older(&full).into_iter().chain([full]).nth(version).unwrap_or_default();
        for (place, change) in changes {
            let mut places = Vec::new();
            pointers(&value, "", &mut places);
            if let Some(field) = value.pointer_mut(&places[place.index(places.len())]) {
                *field = change;
            }
        }
        let mut body = value.to_string().into_bytes();
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len().max(1)));
        }
        if let Ok(mapped) = map_bytes(&body) {
            for triple in mapped.entities.iter().flat_map(|entity| &entity.triples) {
                prop_assert!(NamedNode::new(triple.subject.to_string().trim_matches(['<', '>'])).is_ok());
                if let Term::NamedNode(object) = &triple.object {
                    prop_assert!(NamedNode::new(object.as_str()).is_ok(), "{}", triple);
                }
            }
        }
    }
}

/// Every real dataset maps, with what udata and GeoNetwork read of it: title, description, keywords, themes, licence, dates, files.
#[test]
fn the_corpus_maps() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus/ods");
    let mut datasets = Vec::new();
    collect(std::path::Path::new(root), &mut datasets);
    if datasets.is_empty() {
        eprintln!("skipped: ../shared is absent");
        return;
    }
    let (mut triples, mut files, mut rules) = (0, 0, std::collections::BTreeMap::new());
    for dataset in &datasets {
        let value = json!({"portal": "https://portail.example", "dataset": dataset});
        let mapped = mapped(&value);
        let entity = &mapped.entities[0];
        let text = dataset.to_string();
        let metas = dataset
            .pointer("/dataset/metas/default")
            .unwrap_or(&dataset["metas"]);
        let inner = dataset.get("dataset").unwrap_or(dataset);
        let wanted = [
            (dcterms::TITLE, metas["title"].is_string()),
            (dcterms::DESCRIPTION, metas["description"].is_string()),
            (dcterms::MODIFIED, metas["modified"].is_string()),
            (dcterms::PUBLISHER, metas["publisher"].is_string()),
            (dcat::KEYWORD, !metas["keyword"].is_null()),
            (dcat::THEME, !metas["theme"].is_null()),
            (dcterms::LANGUAGE, metas["language"].is_string()),
            (foaf::PAGE, metas["references"].is_string()),
            (dcat::LANDING_PAGE, true),
            (
                dcterms::SPATIAL,
                text.contains("extend_bounding_box_westbound_longitude\":\"")
                    || metas["bbox"].is_object(),
            ),
            (
                dcat::CONTACT_POINT,
                text.contains("contact_email\":\"")
                    || text.contains("contact_individual_name\":\""),
            ),
            (
                dcterms::ACCRUAL_PERIODICITY,
                text.contains("accrualperiodicity\":\""),
            ),
            (
                dcterms::TEMPORAL,
                text.contains("temporal_coverage_start\":\""),
            ),
            (dcterms::PROVENANCE, text.contains("dataquality\":\"")),
            (dcterms::RIGHTS, metas["attributions"].is_array()),
        ];
        for (predicate, there) in wanted {
            let found = entity.object(&entity.iri, predicate).is_some();
            assert_eq!(found, there, "{predicate} of {}", metas["title"]);
        }
        let made = entity.instances(dcat::DISTRIBUTION_CLASS).count();
        let list = |key: &str| inner[key].as_array().map_or(0, Vec::len);
        let least = list("attachments")
            + list("alternative_exports")
            + if inner["has_records"] == true { 4 } else { 0 };
        assert!(made >= least, "{made} files of {least}: {}", metas["title"]);
        triples += mapped
            .entities
            .iter()
            .map(|entity| entity.triples.len())
            .sum::<usize>();
        files += made;
        for finding in &mapped.findings {
            *rules.entry(finding.rule.to_string()).or_insert(0) += 1;
        }
    }
    eprintln!(
        "{} datasets, {files} distributions, {triples} triples, findings: {rules:?}",
        datasets.len()
    );
    assert!(datasets.len() >= 15, "{}", datasets.len());
}

/// The datasets of every file: alone, or in a page. (A file of records is no metadata.)
fn collect(folder: &std::path::Path, into: &mut Vec<Value>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, into);
            continue;
        }
        let body = std::fs::read(&path).unwrap();
        let value: Value = serde_json::from_slice(&body).unwrap();
        match value["datasets"].as_array() {
            Some(page) => into.extend(page.iter().cloned()),
            None if value.is_object() => into.push(value),
            None => {}
        }
    }
}

#[test]
fn what_is_no_date_is_not_copied_to_each_file() {
    let of = |modified: String| {
        let dataset = entity(&json!({ "portal": "https://portail.example", "dataset": {
            "dataset_id": "a", "has_records": true, "metas": { "default": { "title": "A", "modified": modified } },
            "attachments": [{ "id": "x", "url": "https://a.example/x.csv" }] } }));
        let modified = dataset.triples.iter();
        modified
            .filter(|triple| triple.predicate == dcterms::MODIFIED)
            .count()
    };
    assert!(of("2024-01-01".to_owned()) > 1);
    assert_eq!(of("9".repeat(101)), 1);
}

#[test]
fn fields_of_the_portals_own_have_so_many_texts_together() {
    // The names differ and mean the same.
    let custom: serde_json::Map<String, Value> = (0..20)
        .map(|at| {
            let names: Vec<String> = (0..100).map(|n| format!("Agence {at}-{n}")).collect();
            (format!("producteur{}", "-".repeat(at)), json!(names))
        })
        .collect();
    let mapped = mapped(&json!({ "portal": "https://portail.example", "dataset": {
        "dataset_id": "a", "metas": { "default": { "title": "A" }, "custom": custom } } }));
    assert_eq!(mapped.entities.len(), 1 + 500);
    let left_out = mapped.findings.iter();
    assert_eq!(
        left_out
            .filter(|finding| finding.rule == "record/bad-field")
            .count(),
        15
    );
}
