//! Places: what is published of them, and what is said to the source.

use chrono::{TimeZone, Utc};
use model::ns::{dcat, dcterms, gsp, locn, skos};
use model::{Entity, EntityKind, Finding, Mapped, RecordId};
use normalise::{Context, Outcome, normalise, normalise_and_tell};
use oxrdf::{Literal, NamedNode, NamedNodeRef};
use vocab::Vocab;

const NORD: &str = "http://id.insee.fr/geo/departement/59";
const NORD_BOX: &str =
    "POLYGON((2.089 49.969,4.231 49.969,4.231 51.089,2.089 51.089,2.089 49.969))";
const SAINT_DENIS: &str = "POLYGON((2.33 48.9,2.4 48.9,2.4 48.96,2.33 48.96,2.33 48.9))";

fn dataset() -> (Entity, NamedNode) {
    let iri = NamedNode::new_unchecked("https://m.example/dataset/1");
    let mut entity = Entity::new(EntityKind::Dataset, iri.clone());
    entity.add_text(&iri, dcterms::TITLE, "Forêts", Some("fr"));
    entity.add_text(&iri, dcterms::DESCRIPTION, "Les forêts", Some("fr"));
    entity.set_origin(&iri, "");
    (entity, iri)
}

/// A dataset with literals of `dct:spatial`.
fn saying(values: &[&str]) -> Entity {
    let (mut entity, iri) = dataset();
    for value in values {
        entity.add(&iri, dcterms::SPATIAL, Literal::new_simple_literal(*value));
    }
    entity
}

/// Adds a place with a name and a box.
fn place(entity: &mut Entity, local: &str, name: &str, wkt: &str) {
    let (iri, node) = (entity.iri.clone(), entity.node(local));
    entity.add_type(&node, dcterms::LOCATION);
    entity.add(&iri, dcterms::SPATIAL, node.clone());
    entity.add_text(&node, skos::PREF_LABEL, name, Some("fr"));
    if !wkt.is_empty() {
        entity.add_typed(&node, dcat::BBOX, wkt, gsp::WKT_LITERAL);
    }
    entity.set_origin(&node, format!("/{local}"));
}

fn context(record: &RecordId) -> Context<'_> {
    Context {
        vocab: Vocab::bundled(),
        record,
        fetched: Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap(),
    }
}

/// The clean graph, which the rules leave alone when they are applied again, and what they said.
fn run(entity: Entity) -> (Entity, Vec<Finding>) {
    let record = RecordId::new("r1");
    let mut mapped = Mapped {
        entities: vec![entity],
        findings: Vec::new(),
    };
    normalise(&mut mapped, &context(&record));
    let once = mapped.clone();
    normalise(&mut mapped, &context(&record));
    let lines = |mapped: &Mapped| -> Vec<String> {
        let all = mapped.entities.iter().flat_map(|entity| &entity.triples);
        all.map(ToString::to_string).collect()
    };
    assert_eq!(lines(&mapped), lines(&once));
    assert_eq!(mapped.entities[0].labels, once.entities[0].labels);
    let mut once = once;
    (once.entities.remove(0), once.findings)
}

fn rules(findings: &[Finding]) -> Vec<&str> {
    findings
        .iter()
        .map(|finding| finding.rule.as_ref())
        .collect()
}

fn values(entity: &Entity, subject: &NamedNode, predicate: NamedNodeRef<'_>) -> Vec<String> {
    let mut values: Vec<String> = entity
        .objects(subject, predicate)
        .map(|term| match term {
            oxrdf::Term::Literal(literal) => literal.value().to_owned(),
            oxrdf::Term::NamedNode(node) => node.as_str().to_owned(),
            other => other.to_string(),
        })
        .collect();
    values.sort();
    values
}

#[test]
fn a_name_becomes_an_address_and_a_box() {
    let (entity, findings) = run(saying(&["Département du Nord"]));
    assert_eq!(findings, []);
    let iri = entity.iri.clone();
    let node = entity.node("place-department-59");
    assert_eq!(
        values(&entity, &iri, dcterms::SPATIAL),
        [NORD, node.as_str()]
    );
    assert_eq!(values(&entity, &node, dcterms::IDENTIFIER), [NORD]);
    assert_eq!(values(&entity, &node, skos::PREF_LABEL), ["Nord"]);
    assert_eq!(values(&entity, &node, dcat::BBOX), [NORD_BOX]);
    assert!(
        entity
            .labels
            .iter()
            .any(|(concept, label)| concept.as_str() == NORD && label.value() == "Nord")
    );
}

#[test]
fn an_address_keeps_its_place_and_gets_a_box() {
    let (mut entity, iri) = dataset();
    entity.add_iri(
        &iri,
        dcterms::SPATIAL,
        "https://id.insee.fr/geo/departement/59/",
    );
    entity.add_iri(
        &iri,
        dcterms::SPATIAL,
        "http://data.europa.eu/nuts/code/FRE12",
    );
    entity.add_iri(&iri, dcterms::SPATIAL, "https://lieux.example/1");
    let (entity, findings) = run(entity);
    assert_eq!(findings, []);
    assert_eq!(
        values(&entity, &iri, dcterms::SPATIAL),
        [
            "http://data.europa.eu/nuts/code/FRE12",
            NORD,
            "http://id.insee.fr/geo/departement/62",
            "https://lieux.example/1",
            "https://m.example/dataset/1#place-department-59",
            "https://m.example/dataset/1#place-department-62",
        ]
    );
}

#[test]
fn a_place_of_the_source_keeps_its_name_and_its_box() {
    let (mut entity, iri) = dataset();
    let stated = "POLYGON((2.5 50,3.5 50,3.5 50.5,2.5 50.5,2.5 50))";
    place(&mut entity, "spatial-1", "NORD (59)", stated);
    let (entity, findings) = run(entity);
    assert_eq!(findings, []);
    let node = entity.node("spatial-1");
    assert_eq!(values(&entity, &node, skos::PREF_LABEL), ["NORD (59)"]);
    assert_eq!(values(&entity, &node, dcat::BBOX), [stated]);
    assert_eq!(values(&entity, &node, dcterms::IDENTIFIER), [NORD]);
    assert_eq!(
        values(&entity, &iri, dcterms::SPATIAL),
        [NORD, node.as_str()]
    );
}

#[test]
fn france_is_drawn_part_by_part() {
    let (entity, _) = run(saying(&["country:fr"]));
    let node = entity.node("place-country-fra");
    assert_eq!(
        values(&entity, &node, dcterms::IDENTIFIER),
        ["http://publications.europa.eu/resource/authority/country/FRA"]
    );
    let drawn = values(&entity, &node, locn::GEOMETRY);
    assert_eq!(drawn.len(), 1);
    assert_eq!(drawn[0].matches("((").count(), 6);
    assert_eq!(values(&entity, &node, dcat::BBOX).len(), 1);
}

#[test]
fn what_is_no_more_says_what_came_after() {
    let (entity, findings) = run(saying(&["Nord-Pas-de-Calais"]));
    assert_eq!(rules(&findings), ["place/former"]);
    let node = entity.node("place-region-31");
    assert_eq!(
        values(&entity, &node, dcterms::IS_REPLACED_BY),
        ["http://id.insee.fr/geo/region/32"]
    );
    assert_eq!(
        values(&entity, &entity.iri.clone(), dcterms::SPATIAL),
        ["http://id.insee.fr/geo/region/31", node.as_str()]
    );
    assert_eq!(values(&entity, &node, dcat::BBOX).len(), 1);
}

#[test]
fn no_town_is_guessed() {
    let (entity, findings) = run(saying(&["Saint-Denis"]));
    assert_eq!(rules(&findings), ["place/ambiguous"]);
    assert_eq!(findings[0].value.as_deref(), Some("Saint-Denis"));
    let node = entity.node("spatial-saint-denis");
    assert_eq!(
        values(&entity, &entity.iri.clone(), dcterms::SPATIAL),
        [node.as_str()]
    );
    assert_eq!(values(&entity, &node, skos::PREF_LABEL), ["Saint-Denis"]);
    assert_eq!(values(&entity, &node, dcat::BBOX), Vec::<String>::new());
    // A namesake that the record also names, with a box of ours, decides nothing.
    let (_, findings) = run(saying(&["Saint-Denis", "fr:commune:93066"]));
    assert_eq!(rules(&findings), ["place/ambiguous"]);
}

#[test]
fn the_box_of_the_record_tells_namesakes_apart() {
    let (mut entity, iri) = dataset();
    place(&mut entity, "spatial-1", "Saint-Denis", SAINT_DENIS);
    let (entity, findings) = run(entity);
    assert_eq!(rules(&findings), ["place/doubtful"]);
    assert!(
        values(&entity, &iri, dcterms::SPATIAL)
            .contains(&"http://id.insee.fr/geo/commune/93066".to_owned())
    );
}

#[test]
fn a_namesake_elsewhere_is_another_place() {
    let (mut entity, iri) = dataset();
    // The communauté of this name in the Oise is no more; the one that is lies in the Haute-Marne.
    let oise = "POLYGON((2.4 49.1,2.7 49.1,2.7 49.3,2.4 49.3,2.4 49.1))";
    place(&mut entity, "spatial-1", "CC des Trois Forêts", oise);
    let (entity, findings) = run(entity);
    assert_eq!(rules(&findings), ["place/contradiction"]);
    assert_eq!(
        values(&entity, &iri, dcterms::SPATIAL),
        [entity.node("spatial-1").as_str()]
    );
}

#[test]
fn coordinates_that_cannot_be() {
    let cases: &[(&str, &str, &str, bool)] = &[
        (
            "Nord",
            "POLYGON((648000 6860000,655000 6860000,655000 6866000,648000 6860000))",
            "place/absurd-coordinates",
            false,
        ),
        ("Nord", "POINT(0 0)", "place/absurd-coordinates", false),
        (
            "Nord",
            "POLYGON((2 50,200 50,200 51,2 50))",
            "place/absurd-coordinates",
            false,
        ),
        ("Nord", "POLYGON(nord)", "place/bad-geometry", false),
        (
            "Lille (59)",
            "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))",
            "place/too-wide",
            false,
        ),
        (
            "Nord",
            "POLYGON((5 43,6 43,6 44,5 44,5 43))",
            "place/contradiction",
            true,
        ),
    ];
    for (name, wkt, rule, kept) in cases {
        let (mut entity, _) = dataset();
        place(&mut entity, "spatial-1", name, wkt);
        let (entity, findings) = run(entity);
        assert_eq!(rules(&findings), [*rule], "{wkt}");
        assert_eq!(findings[0].value.as_deref(), Some(*wkt));
        assert_eq!(findings[0].place.as_deref(), Some("/spatial-1"));
        let boxes = values(&entity, &entity.node("spatial-1"), dcat::BBOX);
        assert_eq!(
            boxes.len(),
            1,
            "{wkt}: the territory's where the source's is left out"
        );
        assert_eq!(boxes[0] == *wkt, *kept, "{wkt}");
    }
}

#[test]
fn axes_are_exchanged_only_where_the_name_says_so() {
    let swapped = "POLYGON((50 2.5,50.5 2.5,50.5 3.5,50 3.5,50 2.5))";
    let (mut entity, _) = dataset();
    place(&mut entity, "spatial-1", "Nord", swapped);
    let (entity, findings) = run(entity);
    assert_eq!(rules(&findings), ["place/swapped-axes"]);
    assert_eq!(
        values(&entity, &entity.node("spatial-1"), dcat::BBOX),
        ["POLYGON((2.5 50,2.5 50.5,3.5 50.5,3.5 50,2.5 50))"]
    );
    let (mut entity, _) = dataset();
    place(&mut entity, "spatial-1", "Golfe d'Aden", swapped);
    let (entity, findings) = run(entity);
    assert_eq!(rules(&findings), ["place/unknown"]);
    assert_eq!(
        values(&entity, &entity.node("spatial-1"), dcat::BBOX),
        [swapped]
    );
}

#[test]
fn boxes_as_text_are_boxes() {
    let (entity, findings) = run(saying(&[
        "2.1429,48.6449,2.6166,49.0125",
        "{{extent:computeSpatialProperty}}",
        "non renseigné",
    ]));
    assert_eq!(findings, []);
    assert_eq!(entity.instances(dcterms::LOCATION).count(), 1);
    let (entity, findings) = run(saying(&[
        "North 45.917, South 45.55, East 4.681, West 5.067. GRAND LYON",
    ]));
    assert_eq!(rules(&findings), ["place/swapped-bounds"]);
    assert!(
        values(&entity, &entity.iri.clone(), dcterms::SPATIAL)
            .contains(&"http://id.insee.fr/geo/intercommunalite/200046977".to_owned())
    );
}

#[test]
fn a_box_over_the_antimeridian_is_no_world() {
    let (mut entity, _) = dataset();
    let wkt = "MULTIPOLYGON(((177 -20,180 -20,180 -12,177 -12,177 -20)),((-180 -20,-178 -20,-178 -12,-180 -12,-180 -20)))";
    place(&mut entity, "spatial-1", "Wallis et Futuna", wkt);
    let (entity, findings) = run(entity);
    assert_eq!(findings, []);
    assert_eq!(
        values(&entity, &entity.node("spatial-1"), dcat::BBOX),
        [wkt]
    );
}

#[test]
fn lists_and_what_is_left_of_them() {
    let (entity, findings) = run(saying(&[
        "Nord, Pas-de-Calais",
        "Oise ; étang du Rossignol",
    ]));
    assert_eq!(rules(&findings), ["place/unknown"]);
    let spatial = values(&entity, &entity.iri.clone(), dcterms::SPATIAL);
    for code in ["59", "60", "62"] {
        assert!(spatial.contains(&format!("http://id.insee.fr/geo/departement/{code}")));
    }
    assert_eq!(spatial.len(), 7);
    assert!(
        entity
            .instances(dcterms::LOCATION)
            .any(|node| { values(&entity, node, skos::PREF_LABEL) == ["étang du Rossignol"] })
    );
}

#[test]
fn a_keyword_that_is_a_place_is_one_and_another_stays_a_keyword() {
    let mut entity = saying(&["Hauts-de-France", "Eaux souterraines"]);
    let iri = entity.iri.clone();
    for keyword in ["Hauts-de-France", "Eaux souterraines"] {
        entity.add_text(&iri, dcat::KEYWORD, keyword, Some("fr"));
    }
    let (entity, findings) = run(entity);
    assert_eq!(findings, []);
    assert_eq!(values(&entity, &iri, dcat::KEYWORD).len(), 2);
    assert_eq!(
        values(&entity, &iri, dcterms::SPATIAL),
        [
            "http://id.insee.fr/geo/region/32",
            "https://m.example/dataset/1#place-region-32"
        ]
    );
}

#[test]
fn the_rules_tell_what_became_of_each_place() {
    let mut mapped = Mapped {
        entities: vec![saying(&["59", "Saint-Denis", "n/a"])],
        findings: Vec::new(),
    };
    let record = RecordId::new("r1");
    let told: Vec<(String, Outcome)> = normalise_and_tell(&mut mapped, &context(&record))
        .into_iter()
        .filter(|decision| decision.topic == "place")
        .map(|decision| (decision.value, decision.outcome))
        .collect();
    assert_eq!(
        told,
        [
            ("n/a".to_owned(), Outcome::Void),
            (
                "59".to_owned(),
                Outcome::Resolved {
                    to: NORD.to_owned(),
                    certain: true
                }
            ),
            ("Saint-Denis".to_owned(), Outcome::Unresolved),
        ]
    );
}
