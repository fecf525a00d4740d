//! Entities that are one with others, and those that left.

use std::collections::BTreeSet;

use model::EntityKind;
use model::ns::dcterms;
use oxrdfio::RdfFormat;

use crate::fixture::record;
use crate::people::{assert_harmless, assert_well_made};
use crate::portals::{PROV, merged, objects, quads, say_same, told};
use crate::{BASE, Place};

#[tokio::test]
async fn what_became_a_part_of_another_leads_there_in_every_form() {
    let place = Place::new().await;
    let (elder, younger) = merged(&place).await;
    let (from, to) = (younger.path(&place.fixture), elder.path(&place.fixture));
    let original = "/original?source=national&record=b+1%2F%C3%A9";
    for rest in [
        "",
        ".ttl",
        ".rdf",
        ".jsonld",
        ".nt",
        ".html",
        ".ttl?profile=schema.org",
        "/sources",
        "/sources.json",
        "/sources.ttl",
        "/original",
        original,
    ] {
        let answer = place.get(&format!("{from}{rest}")).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (301, format!("{to}{rest}").as_str()),
            "{rest}"
        );
        assert_eq!(answer.header("cache-control"), "no-cache", "{rest}");
        let there = place.get(answer.header("location")).await;
        assert_eq!(there.status, 200, "{rest}: {}", there.text());
    }
    let browsed = place.browse(&from).await;
    assert_eq!(
        (browsed.status, browsed.header("location")),
        (301, to.as_str())
    );

    // A person parts them again: each IRI has its own entity.
    say_same(
        &place.fixture,
        elder.key(),
        younger.key(),
        false,
        "deux inventaires",
    )
    .await;
    assert_eq!(place.get(&from).await.status, 200);
    assert_eq!(place.get(&to).await.status, 200);
}

#[tokio::test]
async fn the_original_is_that_of_the_record_that_is_named() {
    let place = Place::new().await;
    let (elder, _) = merged(&place).await;
    let path = elder.path(&place.fixture);
    for (rest, body) in [
        ("", "{\"source\":\"valmer\"}"),
        ("?source=valmer&record=a-1", "{\"source\":\"valmer\"}"),
        (
            "?source=national&record=b+1%2F%C3%A9",
            "{\"source\":\"national\"}",
        ),
    ] {
        let answer = place.get(&format!("{path}/original{rest}")).await;
        assert_eq!((answer.status, answer.text()), (200, body), "{rest}");
    }
    // Of another entity, of nobody, and by half.
    let dataset = record(EntityKind::Dataset, 0);
    for (rest, status) in [
        (format!("?source=geoportail&record={dataset}"), 404),
        ("?source=valmer&record=x".to_owned(), 404),
        ("?source=..%2F&record=x".to_owned(), 404),
        ("?source=valmer".to_owned(), 400),
    ] {
        let answer = place.get(&format!("{path}/original{rest}")).await;
        assert_eq!(answer.status, status, "{rest}");
    }
    // What a source withdrew is shown to nobody, though the entity lives on.
    elder.close(&place.fixture).await;
    let answer = place.get(&format!("{path}/original")).await;
    assert_eq!(
        (answer.status, answer.text()),
        (200, "{\"source\":\"national\"}")
    );
    let answer = place
        .get(&format!("{path}/original?source=valmer&record=a-1"))
        .await;
    assert_eq!(answer.status, 404);
    let told = place.get(&format!("{path}/sources.json")).await;
    assert!(!told.text().contains("a-1"), "{}", told.text());
    assert!(
        !told.text().contains("Ce que dit la source"),
        "{}",
        told.text()
    );
}

#[tokio::test]
async fn a_tombstone_says_when_and_why_and_nothing_else() {
    let place = Place::new().await;
    let closed = told("valmer", "a-1", "mares-1");
    let vanished = told("national", "b-1", "n-77");
    closed.arrive(&place.fixture).await;
    vanished.arrive(&place.fixture).await;
    closed.close(&place.fixture).await;
    vanished.vanish(&place.fixture).await;
    for (gone, french, english, when) in [
        (
            &closed,
            "Source « valmer » : la source indique que la fiche n’est pas publique.",
            "says that the record is not public",
            "2025-06-15T15:11:50Z",
        ),
        (
            &vanished,
            "la fiche n’y est plus trouvée depuis le 15 juin 2025 à 17:11",
            "has not been found there since 2025-06-15 15:11 UTC",
            "2025-06-16T15:13:30Z",
        ),
    ] {
        let path = gone.path(&place.fixture);
        let page = place.browse(&path).await;
        assert_eq!(page.status, 410, "{french}");
        assert!(
            page.text().contains(french),
            "no {french} in {}",
            page.text()
        );
        assert!(
            page.text().contains(&format!("datetime=\"{when}\"")),
            "{}",
            page.text()
        );
        assert_harmless(&page, &path);
        assert_well_made(&page, &path);
        let mut said = BTreeSet::new();
        for (extension, format) in [
            ("ttl", RdfFormat::Turtle),
            ("rdf", RdfFormat::RdfXml),
            ("nt", RdfFormat::NTriples),
        ] {
            let answer = place.get(&format!("{path}.{extension}")).await;
            assert_eq!(answer.status, 410);
            let quads = quads(format, &answer);
            let iri = gone.iri(&place.fixture);
            assert_eq!(
                objects(&quads, iri.as_str(), &format!("{PROV}invalidatedAtTime")),
                BTreeSet::from([when.to_owned()])
            );
            let source = format!("{BASE}sources#{}", gone.source);
            assert_eq!(
                objects(&quads, iri.as_str(), dcterms::SOURCE.as_str()),
                BTreeSet::from([source])
            );
            assert_eq!(
                objects(&quads, iri.as_str(), &format!("{PROV}wasInvalidatedBy")).len(),
                1
            );
            said.extend(objects(
                &quads,
                iri.as_str(),
                "http://www.w3.org/2000/01/rdf-schema#comment",
            ));
            for old in ["Mares", "Ce que dit", gone.identifier] {
                assert!(
                    !answer.text().contains(old) && !page.text().contains(old),
                    "{old}"
                );
            }
        }
        assert!(said.iter().any(|text| text.contains(english)), "{said:?}");
        let json = place
            .ask("GET", &path, &[("accept", "application/json")])
            .await;
        assert_eq!(
            (json.status, json.header("content-type")),
            (410, "application/ld+json")
        );
        assert!(json.text().contains(when));
        assert_eq!(place.get(&format!("{path}/sources")).await.status, 410);
        assert_eq!(place.get(&format!("{path}/original")).await.status, 410);
    }
    // They come back under their IRIs.
    closed.arrive(&place.fixture).await;
    assert_eq!(place.get(&closed.path(&place.fixture)).await.status, 200);
}

#[tokio::test]
async fn a_source_that_says_itself_that_it_has_something_no_more_is_told_so() {
    let mut place = Place::new().await;
    place.fixture.withdraw(EntityKind::Dataset, 5).await;
    let page = place
        .browse(&place.fixture.path(EntityKind::Dataset, 5))
        .await;
    let reason = "Source « Géoportail de l’eau » : la source indique elle-même qu’elle ne publie plus la fiche.";
    assert!(page.text().contains(reason), "{}", page.text());
}
