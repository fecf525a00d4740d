//! The report of a source.

use model::{EntityKind, Finding, Outcome, Severity, Stage};
use oxrdfio::{RdfFormat, RdfParser};

use crate::fixture::{at, record};
use crate::{BROWSER, Place};

const REPORT: &str = "/sources/geoportail/report";

/// A site whose source wrote what no page should show as it is.
async fn place() -> Place {
    let mut place = Place::new().await;
    let hostile = Finding::new(
        "licence/unknown",
        Severity::Warning,
        Stage::Normalise,
        "<script>alert(4)</script>",
    )
    .record(&record(EntityKind::Dataset, 7))
    .value("=1+1");
    let (source, run) = (place.fixture.source.clone(), place.fixture.report.run);
    let archive = place.fixture.archive.clone();
    archive
        .add_findings(&source, run, &[hostile])
        .await
        .expect("written");
    place.app = publish::app(place.fixture.site());
    place
}

#[tokio::test]
async fn the_form_is_negotiated() {
    let place = place().await;
    for (accept, content_type) in [
        ("*/*", "text/html"),
        (BROWSER, "text/html"),
        ("application/json", "application/json"),
        ("text/csv", "text/csv"),
        ("application/atom+xml", "application/atom+xml"),
        ("text/turtle", "text/turtle"),
    ] {
        let answer = place.ask("GET", REPORT, &[("accept", accept)]).await;
        assert_eq!(answer.status, 200, "{accept}");
        assert!(
            answer.header("content-type").starts_with(content_type),
            "{accept}"
        );
        let vary = answer.all("vary");
        assert!(
            vary.split(", ").any(|name| name == "accept") && vary.contains("accept-language"),
            "{vary}"
        );
        let alternates = answer.all("link").matches("rel=\"alternate\"").count();
        assert_eq!(alternates, 5, "{}", answer.all("link"));
    }
    assert_eq!(
        place
            .ask("GET", REPORT, &[("accept", "image/png")])
            .await
            .status,
        406
    );
    assert_eq!(place.get("/sources/inconnue/report").await.status, 404);
    assert_eq!(
        place.get("/sources/geoportail/report.pdf").await.status,
        404
    );
    assert_eq!(
        place.get(&format!("{REPORT}.html?lang=de")).await.status,
        400
    );
}

#[tokio::test]
async fn the_page_is_in_french_or_english() {
    let place = place().await;
    let page = place.browse(&format!("{REPORT}.html")).await;
    assert!(
        page.text()
            .starts_with("<!doctype html>\n<html lang=\"fr\">"),
        "{}",
        page.text()
    );
    assert!(page.text().contains("Licence inconnue") && page.text().contains("Comment y remédier"));
    assert_eq!(page.header("content-language"), "fr");
    for path in [format!("{REPORT}.html?lang=en"), format!("{REPORT}.html")] {
        let page = place
            .ask(
                "GET",
                &path,
                &[("accept", BROWSER), ("accept-language", "en-GB")],
            )
            .await;
        assert!(
            page.text()
                .starts_with("<!doctype html>\n<html lang=\"en\">")
        );
        assert!(
            page.text().contains("Licence: unknown") && page.text().contains("Skip to content")
        );
        assert!(!page.text().contains("Aller au contenu"));
    }
}

#[tokio::test]
async fn the_pages_of_sources_and_runs_lead_to_it() {
    let place = place().await;
    for path in ["/sources", "/runs/1"] {
        let page = place.browse(path).await;
        assert!(
            page.text().contains("href=\"/sources/geoportail/report\""),
            "{path}"
        );
    }
}

#[tokio::test]
async fn every_form_has_the_findings_of_the_source() {
    let place = place().await;
    let json = place.get(&format!("{REPORT}.json")).await.json();
    assert_eq!(json["findings"], 251, "{json}");
    assert_eq!(json["rules"][0]["rule"], "licence/unknown");
    assert_eq!(json["rules"][0]["records"], 1);
    assert_eq!(
        json["rules"][0]["examples"][0]["entity"],
        place.fixture.iri(EntityKind::Dataset, 7).as_str()
    );
    let csv = place.get(&format!("{REPORT}.csv")).await;
    assert_eq!(csv.text().lines().count(), 252);
    assert!(csv.text().contains(",'=1+1,"));
    let turtle = place.get(&format!("{REPORT}.ttl")).await;
    let quads = RdfParser::from_format(RdfFormat::Turtle)
        .for_slice(&turtle.bytes)
        .map(|quad| quad.expect("Turtle"));
    let results = quads
        .filter(|quad| quad.predicate.as_str().ends_with("shacl#result"))
        .count();
    assert_eq!(results, 251);
}

#[tokio::test]
async fn it_is_made_again_after_a_run_and_not_before() {
    let place = place().await;
    let path = format!("{REPORT}.json");
    let first = place.get(&path).await;
    let again = place
        .ask("GET", &path, &[("if-none-match", first.header("etag"))])
        .await;
    assert_eq!(again.status, 304);
    let archive = &place.fixture.archive;
    let mut run = archive
        .begin_run(&place.fixture.source, at(500), true)
        .await
        .expect("a run");
    run.outcome = Outcome::Complete;
    run.finished = Some(at(510));
    archive.save_run(&run).await.expect("saved");
    let json = place.get(&path).await.json();
    assert_eq!(
        json["findings"], 1,
        "those of the pages of the first run hold no longer"
    );
    assert_eq!(json["runs"][0]["run"], run.run.0);
}
