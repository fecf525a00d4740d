//! Each form, compared with what it was last judged right. `MOISSON_BLESS=1` writes it anew: read it then.

use std::path::PathBuf;

use oxrdfio::{RdfFormat, RdfParser};
use report::Lang;

use crate::fixture::{BASE, Fixture, ROOT, at};
use crate::whole;

fn compare(name: &str, text: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("MOISSON_BLESS").is_some() {
        std::fs::write(&file, text).expect("written");
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        text, expected,
        "{name} is not as it was; MOISSON_BLESS=1 writes it"
    );
}

#[tokio::test]
async fn pages() {
    let report = Fixture::new().await.report().await;
    compare(
        "report.fr.html",
        &report::page(&report, Lang::Fr, ROOT).expect("HTML"),
    );
    compare(
        "report.en.html",
        &report::page(&report, Lang::En, ROOT).expect("HTML"),
    );
}

#[tokio::test]
async fn text() {
    let report = Fixture::new().await.report().await;
    compare(
        "report.fr.txt",
        &report::plain(&report, None, Lang::Fr, ROOT).expect("text"),
    );
    compare(
        "report.en.txt",
        &report::plain(&report, None, Lang::En, ROOT).expect("text"),
    );
}

#[tokio::test]
async fn json() {
    let report = Fixture::new().await.report().await;
    compare("report.json", &report::json(&report, BASE).expect("JSON"));
}

#[tokio::test]
async fn csv() {
    let fixture = Fixture::new().await;
    let csv = report::csv(&fixture.archive, &fixture.card, Lang::Fr, BASE)
        .await
        .expect("CSV");
    // Git may change line breaks; RFC 4180 does not.
    let text = whole(csv).await;
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    compare("report.csv", &text.replace("\r\n", "\n"));
}

#[tokio::test]
async fn rdf() {
    let fixture = Fixture::new().await;
    let turtle = report::turtle(&fixture.archive, &fixture.card, BASE)
        .await
        .expect("Turtle");
    let text = whole(turtle).await;
    for quad in RdfParser::from_format(RdfFormat::Turtle).for_slice(&text) {
        quad.expect("Turtle");
    }
    compare("report.ttl", &text);
}

#[tokio::test]
async fn feed() {
    let fixture = Fixture::empty().await;
    let empty = report::atom(
        &fixture.archive,
        &fixture.card,
        "Plateforme",
        Lang::Fr,
        BASE,
        at(0),
    )
    .await
    .expect("Atom");
    assert!(
        !empty.contains("<entry>") && empty.contains("<updated>"),
        "{empty}"
    );
    let fixture = Fixture::new().await;
    report::note(&fixture.archive, &fixture.report().await)
        .await
        .expect("noted");
    fixture
        .run(3, model::Outcome::Complete, &["c"], &[], vec![])
        .await;
    report::note(&fixture.archive, &fixture.report().await)
        .await
        .expect("noted");
    let feed = report::atom(
        &fixture.archive,
        &fixture.card,
        "Plateforme",
        Lang::Fr,
        BASE,
        at(0),
    )
    .await
    .expect("Atom");
    compare("report.atom", &feed);
}
