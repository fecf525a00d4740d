//! Where what is published of an entity comes from.

use std::collections::BTreeSet;

use model::EntityKind;
use model::ns::{dcat, dcterms};
use oxrdf::Quad;
use oxrdfio::{JsonLdProfileSet, RdfFormat};
use serde_json::Value;

use crate::people::{assert_harmless, assert_well_made};
use crate::portals::{PROV, merged, objects, quads, told};
use crate::{BASE, Place};

const UUID: &str = "7d0f3a52-2b1e-4c3f-9a55-0c1f5f9e8a11";

#[tokio::test]
async fn the_sources_of_an_entity_of_one_record() {
    let place = Place::new().await;
    let path = place.fixture.path(EntityKind::Dataset, 1);
    let dataset = place.get(&path).await;
    assert!(
        dataset.all("link").contains(&format!(
            "<{path}/sources>; rel=\"http://www.w3.org/ns/prov#has_provenance\""
        )),
        "{}",
        dataset.all("link")
    );
    assert!(
        place
            .browse(&path)
            .await
            .text()
            .contains(&format!("href=\"{path}/sources\""))
    );
    let told = place.get(&format!("{path}/sources.json")).await;
    assert_eq!(
        (told.status, told.header("content-type")),
        (200, "application/json")
    );
    let told = told.json();
    assert_eq!(told["records"].as_array().map(Vec::len), Some(1));
    let one = &told["records"][0];
    assert_eq!(
        (
            &one["source"],
            &one["state"],
            &one["published"],
            &one["run"]
        ),
        (
            &"geoportail".into(),
            &"present".into(),
            &true.into(),
            &1.into()
        )
    );
    assert_eq!(one["fetched"], "2025-06-15T15:07:40Z");
    let original = place
        .get(one["original"].as_str().expect("an address"))
        .await;
    assert_eq!(
        (original.status, original.header("content-type")),
        (200, "application/xml")
    );
    let properties = told["properties"].as_array().expect("properties");
    let names: Vec<&str> = properties
        .iter()
        .filter_map(|property| property["property"].as_str())
        .collect();
    for property in [
        dcterms::TITLE,
        dcterms::PUBLISHER,
        dcat::DISTRIBUTION,
        dcat::IN_SERIES,
    ] {
        assert!(
            names.contains(&property.as_str()),
            "{property} in {names:?}"
        );
    }
    for property in properties {
        assert_eq!(
            (&property["records"], &property["alternatives"]),
            (&serde_json::json!([0]), &serde_json::json!([]))
        );
    }
    let page = place.browse(&format!("{path}/sources")).await;
    assert!(page.text().contains("Une seule source"));
    assert!(!page.text().contains("moisson split"));
    for unknown in ["sources.exe", "sources.", "sourcesx", "source"] {
        assert_eq!(
            place.get(&format!("{path}/{unknown}")).await.status,
            404,
            "{unknown}"
        );
    }
}

#[tokio::test]
async fn the_sources_of_an_entity_of_two_records() {
    let place = Place::new().await;
    let (elder, younger) = merged(&place).await;
    let (path, iri) = (elder.path(&place.fixture), elder.iri(&place.fixture));
    let told = place.get(&format!("{path}/sources.json")).await.json();
    let sources: Vec<&Value> = (0..2).map(|n| &told["records"][n]["source"]).collect();
    assert_eq!(sources, ["valmer", "national"]);
    let property = |iri: &str| -> Value {
        let properties = told["properties"].as_array().expect("properties");
        let found = properties
            .iter()
            .find(|property| property["property"] == iri);
        found.unwrap_or_else(|| panic!("no {iri}")).clone()
    };
    let description = property(dcterms::DESCRIPTION.as_str());
    assert_eq!(description["records"], serde_json::json!([0]));
    assert_eq!(description["alternatives"][0]["record"], 1);
    assert_eq!(
        description["alternatives"][0]["values"][0],
        serde_json::json!({ "value": younger.description, "lang": "fr" })
    );
    // What only the second one says is from it; what both say is no alternative.
    assert_eq!(
        property(dcat::KEYWORD.as_str())["records"],
        serde_json::json!([1])
    );
    assert_eq!(
        property(dcterms::PUBLISHER.as_str())["alternatives"],
        serde_json::json!([])
    );
    assert_eq!(told["decisions"][0]["rule"], "identity/person");
    assert!(
        told["decisions"][0]["reason"]
            .as_str()
            .is_some_and(|reason| reason.starts_with("le même inventaire"))
    );

    let page = place.browse(&format!("{path}/sources")).await;
    assert_harmless(&page, &path);
    assert_well_made(&page, &path);
    for shown in [
        "&lt;script&gt;alert(1)&lt;/script&gt; Mares &amp; étangs",
        "Ce que dit &lt;i&gt;rivière&lt;/i&gt; l’autre.",
        "le même inventaire &lt;script&gt;",
        "décision d’une personne",
        "href=\"/runs/3\"",
        &format!("moisson split {} &#39;national/b 1/é&#39;", iri.as_str()),
        &format!("{path}/original?source=national&amp;record=b+1%2F%C3%A9"),
    ] {
        assert!(page.text().contains(shown), "no {shown} in {}", page.text());
    }
    let english = place
        .ask(
            "GET",
            &format!("{path}/sources.html"),
            &[("accept-language", "en")],
        )
        .await;
    assert!(
        english.text().contains("<html lang=\"en\">")
            && english.text().contains("decision of a person")
    );
    assert_eq!(english.header("content-language"), "en");
    assert_eq!(
        place
            .get(&format!("{path}/sources.html?lang=xx"))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn provenance_is_prov_o_in_every_format() {
    let place = Place::new().await;
    let (elder, _) = merged(&place).await;
    let (path, iri) = (elder.path(&place.fixture), elder.iri(&place.fixture));
    let json_ld = RdfFormat::JsonLd {
        profile: JsonLdProfileSet::empty(),
    };
    let mut all: Vec<BTreeSet<String>> = Vec::new();
    for (extension, format) in [
        ("ttl", RdfFormat::Turtle),
        ("rdf", RdfFormat::RdfXml),
        ("jsonld", json_ld),
        ("nt", RdfFormat::NTriples),
    ] {
        let answer = place.get(&format!("{path}/sources.{extension}")).await;
        assert_eq!(answer.status, 200, "{extension}");
        all.push(quads(format, &answer).iter().map(Quad::to_string).collect());
    }
    assert!(all.iter().all(|quads| *quads == all[0]));

    let negotiated = place.get(&format!("{path}/sources")).await;
    assert_eq!(
        negotiated.header("content-type"),
        "text/turtle; charset=utf-8"
    );
    let quads = quads(RdfFormat::Turtle, &negotiated);
    let (first, second) = (
        format!(
            "{iri}/original?source=valmer&record=a-1",
            iri = iri.as_str()
        ),
        format!(
            "{iri}/original?source=national&record=b+1%2F%C3%A9",
            iri = iri.as_str()
        ),
    );
    let derived = format!("{PROV}wasDerivedFrom");
    assert_eq!(
        objects(&quads, iri.as_str(), &derived),
        BTreeSet::from([first.clone(), second.clone()])
    );
    assert_eq!(
        objects(&quads, iri.as_str(), &format!("{PROV}wasGeneratedBy")),
        BTreeSet::from([format!("{BASE}runs/2"), format!("{BASE}runs/3")])
    );
    assert_eq!(
        objects(&quads, &second, dcterms::IDENTIFIER.as_str()),
        BTreeSet::from(["b 1/é".to_owned()])
    );
    assert_eq!(
        objects(&quads, &second, dcterms::SOURCE.as_str()),
        BTreeSet::from([format!("{BASE}sources#national")])
    );
    // Which record a property is from can be asked by its name.
    let part = |property: &str, alternate: bool| -> String {
        let parts = quads
            .iter()
            .filter(|quad| quad.predicate.as_str() == "http://rdfs.org/ns/void#property");
        let mut parts = parts.filter(|quad| quad.object.to_string() == format!("<{property}>"));
        let part = parts.find(|quad| quad.subject.to_string().contains("alternate") == alternate);
        part.expect("a part")
            .subject
            .to_string()
            .trim_matches(['<', '>'])
            .to_owned()
    };
    assert_eq!(
        objects(&quads, &part(dcat::KEYWORD.as_str(), false), &derived),
        BTreeSet::from([second.clone()])
    );
    assert_eq!(
        objects(
            &quads,
            &part(dcterms::DESCRIPTION.as_str(), false),
            &derived
        ),
        BTreeSet::from([first])
    );
    let other = part(dcterms::DESCRIPTION.as_str(), true);
    assert_eq!(objects(&quads, &other, &derived), BTreeSet::from([second]));
    let value = "http://www.w3.org/1999/02/22-rdf-syntax-ns#value";
    assert_eq!(
        objects(&quads, &other, value),
        BTreeSet::from(["Ce que dit <i>rivière</i> l’autre.".to_owned()])
    );
    let again = place
        .ask(
            "GET",
            &format!("{path}/sources"),
            &[("if-none-match", negotiated.header("etag"))],
        )
        .await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn what_a_rule_found_is_told_with_its_evidence() {
    let place = Place::new().await;
    let elder = told("valmer", "a-1", UUID);
    let younger = told("national", "b-1", UUID);
    elder.arrive(&place.fixture).await;
    younger.arrive(&place.fixture).await;
    // Never published under its own IRI, it leads to the entity all the same.
    let answer = place.get(&younger.path(&place.fixture)).await;
    assert_eq!(answer.status, 301);
    let path = format!("{}/sources.json", elder.path(&place.fixture));
    let told = place.get(&path).await.json();
    let decision = &told["decisions"][0];
    assert_eq!(
        (&decision["relation"], &decision["rule"]),
        (&"same".into(), &"identity/identifier".into())
    );
    assert!(decision["shared"].to_string().contains(UUID), "{decision}");
}
