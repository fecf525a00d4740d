//! Pairs that a person may look at.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::Place;
use crate::people::{assert_harmless, assert_well_made};
use crate::portals::{Told, say_same, told};

#[tokio::test]
async fn proposals_come_in_pages_with_commands_and_are_public() {
    let place = Place::new().await;
    let titles: Vec<String> = (0..30)
        .map(|n| format!("<script>alert({n})</script> Inventaire des mares numéro {n}"))
        .collect();
    let ids: Vec<[String; 3]> = (0..30)
        .map(|n| [format!("a-{n}"), format!("b-{n}"), format!("x-{n}")])
        .collect();
    for (title, [a, b, x]) in titles.iter().zip(&ids) {
        for (source, id) in [("valmer", a), ("national", b)] {
            let identifier = format!("{x}-{source}");
            let told = Told {
                title,
                ..told(source, id, &identifier)
            };
            told.arrive(&place.fixture).await;
        }
    }
    let (mut path, mut pairs, mut pages) = ("/identity/proposals".to_owned(), BTreeSet::new(), 0);
    loop {
        let page = place.browse(&path).await;
        assert_eq!(page.status, 200, "{}", page.text());
        assert_harmless(&page, &path);
        assert_well_made(&page, &path);
        let commands = page.text().split("<code>moisson merge ").skip(1);
        pairs.extend(commands.map(|rest| {
            rest.split(" --reason")
                .next()
                .unwrap_or_default()
                .to_owned()
        }));
        pages += 1;
        let Some((_, next)) = page.text().split_once("rel=\"next\" href=\"") else {
            break;
        };
        path = next.split('"').next().unwrap_or_default().to_owned();
        assert!(pages < 10, "the pages do not end");
    }
    assert_eq!((pairs.len(), pages), (30, 2));

    let list = place.get("/identity/proposals.json").await.json();
    let first = &list["proposals"][0];
    assert_eq!(
        (&first["relation"], &first["rule"], &first["likeness"]),
        (&"perhaps".into(), &"identity/title".into(), &100.into())
    );
    assert!(
        first["commands"]["split"].as_str().is_some_and(
            |split| split.starts_with("moisson split https://donnees.example/dataset/")
        )
    );
    assert_eq!(list["proposals"].as_array().map(Vec::len), Some(25));
    let rest = place
        .get(list["next"].as_str().expect("a next page"))
        .await
        .json();
    assert_eq!(
        (rest["proposals"].as_array().map(Vec::len), &rest["next"]),
        (Some(5), &Value::Null)
    );
    let negotiated = place
        .ask(
            "GET",
            "/identity/proposals",
            &[("accept", "application/json")],
        )
        .await;
    assert_eq!(negotiated.json(), list);
    assert_eq!(place.get("/identity/proposals?after=x").await.status, 400);

    // Of a record that is not for the public nothing is shown, and what a person decided is no proposal.
    told("valmer", "a-3", "x").close(&place.fixture).await;
    say_same(
        &place.fixture,
        told("valmer", "a-4", "").key(),
        told("national", "b-4", "").key(),
        false,
        "non",
    )
    .await;
    let mut left = String::new();
    for path in ["/identity/proposals.json", "/identity/proposals"] {
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let answer = place.get(&path).await;
            left.push_str(answer.text());
            next = serde_json::from_slice::<Value>(&answer.bytes)
                .ok()
                .and_then(|list| Some(list["next"].as_str()?.to_owned()));
        }
    }
    assert!(
        left.contains("numéro 5") && !left.contains("numéro 3\"") && !left.contains("numéro 4\""),
        "{left}"
    );
    // Each of the two tells of the other where it is shown itself.
    let near = place
        .get(&format!(
            "{}/sources.json",
            told("valmer", "a-5", "").path(&place.fixture)
        ))
        .await
        .json();
    assert_eq!(near["decisions"][0]["relation"], "perhaps");
    let near = place
        .get(&format!(
            "{}/sources.json",
            told("national", "b-3", "").path(&place.fixture)
        ))
        .await
        .json();
    assert_eq!(near["decisions"], serde_json::json!([]));
}
