//! The pages.

use model::EntityKind;

use crate::fixture::{DATASETS, SERIES, SERVICES, title};
use crate::{Answered, BASE, Place};

/// A page without its block of data, which no browser runs and which holds no markup.
fn without_data(html: &str) -> String {
    let Some((before, rest)) = html.split_once("<script type=\"application/ld+json\">") else {
        return html.to_owned();
    };
    let (block, after) = rest.split_once("</script>").expect("the end of the block");
    assert!(!block.contains(['<', '>']), "{block}");
    format!("{before}{after}")
}

/// What no page may hold, whatever a source wrote.
pub fn assert_harmless(page: &Answered, path: &str) {
    let html = without_data(page.text()).to_lowercase();
    for bad in [
        "<script",
        "<img",
        "<iframe",
        "href=\"javascript",
        "href='javascript",
        "<i>rivi",
        " onerror=alert(1)>",
        "style=",
        "mouchard.example/pixel.png\"",
    ] {
        assert!(!html.contains(bad), "{path} holds {bad}");
    }
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{path}: {policy}"
    );
    assert_eq!(page.header("x-content-type-options"), "nosniff");
}

pub fn assert_well_made(page: &Answered, path: &str) {
    let html = page.text();
    assert!(
        html.starts_with("<!doctype html>\n<html lang=\"fr\">"),
        "{path}"
    );
    assert_eq!(html.matches("<h1").count(), 1, "{path}");
    for landmark in [
        "<header",
        "<nav aria-label",
        "<main id=\"contenu\"",
        "<footer",
        "class=\"skip\"",
    ] {
        assert!(html.contains(landmark), "{path} has no {landmark}");
    }
}

#[tokio::test]
async fn every_page_is_there_and_harmless() {
    let place = Place::new().await;
    let paths = [
        "/".to_owned(),
        "/datasets".to_owned(),
        "/sources".to_owned(),
        "/runs/1".to_owned(),
        "/runs/1?after=200".to_owned(),
        "/sources/geoportail/report".to_owned(),
        "/explain".to_owned(),
        "/explain/fetch/timeout".to_owned(),
        "/sparql".to_owned(),
        "/identity/proposals".to_owned(),
        format!("{}/sources", place.fixture.path(EntityKind::Dataset, 7)),
        place.fixture.path(EntityKind::Dataset, 7),
        place.fixture.path(EntityKind::DatasetSeries, 0),
        place.fixture.path(EntityKind::DataService, 0),
        place
            .fixture
            .publisher()
            .as_str()
            .replacen("https://donnees.example", "", 1),
        "/nowhere?<script>alert(1)</script>"
            .replace('<', "%3C")
            .replace('>', "%3E"),
    ];
    for path in paths {
        let page = place.browse(&path).await;
        assert_eq!(
            page.status,
            if path.starts_with("/nowhere") {
                404
            } else {
                200
            },
            "{path}: {}",
            page.text()
        );
        assert_eq!(
            page.header("content-type"),
            "text/html; charset=utf-8",
            "{path}"
        );
        assert_harmless(&page, &path);
        assert_well_made(&page, &path);
    }
}

#[tokio::test]
async fn the_page_of_a_dataset() {
    let place = Place::new().await;
    let path = place.fixture.path(EntityKind::Dataset, 1);
    let page = place.browse(&path).await;
    let html = page.text();
    for shown in [
        "Qualité de l’eau, campagne 2001",
        "<strong>qualité</strong>",
        "Agence de l’eau &lt;Artois&gt;",
        "1er mars 2024",
        "href=\"mailto:donnees@eau.example\"",
        "href=\"https://eau.example/doc\"",
        "href=\"https://eau.example/stations.csv\"",
        "Hauts-de-France",
        "Environnement",
        "CSV",
        "1,5 Mo",
        "Campagnes de mesure, volume 0",
        "&lt;script&gt;alert(1)&lt;",
        &format!("{path}.ttl"),
        &format!("{path}/original"),
        "Géoportail de l’eau",
    ] {
        assert!(html.contains(shown), "no {shown} in {html}");
    }
}

#[tokio::test]
async fn an_organisation_and_a_series_show_what_names_them() {
    let place = Place::new().await;
    let organisation = place.browse(place.fixture.publisher().as_str()).await;
    assert!(organisation.text().contains(&title(EntityKind::Dataset, 2)));
    let series = place
        .browse(&place.fixture.path(EntityKind::DatasetSeries, 0))
        .await;
    assert!(series.text().contains(&title(EntityKind::Dataset, 2)));
    assert!(!series.text().contains(&title(EntityKind::Dataset, 4)));
}

#[tokio::test]
async fn the_list_of_datasets_ends() {
    let mut place = Place::new().await;
    let writes = (DATASETS..120)
        .map(|n| {
            place
                .fixture
                .write(EntityKind::Dataset, n, &title(EntityKind::Dataset, n))
        })
        .collect();
    place.fixture.commit(writes, Vec::new()).await;
    let (mut path, mut seen) = ("/datasets".to_owned(), 0);
    for _ in 0..3 {
        let page = place.browse(&path).await;
        seen += page.text().matches("href=\"/dataset/").count();
        let Some((_, next)) = page.text().split_once("rel=\"next\" href=\"") else {
            break;
        };
        path = next.split('"').next().expect("an address").to_owned();
    }
    assert_eq!(seen, 120);
}

#[tokio::test]
async fn findings_come_in_pages() {
    let place = Place::new().await;
    let first = place.browse("/runs/1").await;
    assert_eq!(first.text().matches("came late").count(), 200);
    assert!(first.text().contains("after=200"));
    assert!(first.text().contains("/explain/fetch/timeout"));
    let second = place.browse("/runs/1?after=200").await;
    assert_eq!(second.text().matches("came late").count(), 50);
}

#[tokio::test]
async fn the_style_sheet_is_kept_for_long() {
    let place = Place::new().await;
    let home = place.browse("/").await;
    let path = home
        .text()
        .split("rel=\"stylesheet\" href=\"")
        .nth(1)
        .expect("a style sheet");
    let path = path.split('"').next().expect("an address").to_owned();
    let sheet = place.get(&path).await;
    assert_eq!(
        (sheet.status, sheet.header("content-type")),
        (200, "text/css; charset=utf-8")
    );
    assert!(sheet.header("cache-control").contains("immutable"));
    assert_eq!(
        place.get("/favicon.ico").await.header("content-type"),
        "image/svg+xml"
    );
    assert!(
        place
            .get("/robots.txt")
            .await
            .text()
            .starts_with("User-agent")
    );
}

#[tokio::test]
async fn the_form_of_the_endpoint_is_for_browsers_only() {
    let place = Place::new().await;
    assert!(place.browse("/sparql").await.text().contains("<textarea"));
    let description = place.get("/sparql").await;
    assert_eq!(
        description.header("content-type"),
        "text/turtle; charset=utf-8"
    );
    let answer = place.get("/sparql?query=ASK%7B%7D").await;
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (200, "*")
    );
}

#[tokio::test]
async fn large_answers_of_the_endpoint_are_compressed() {
    use graph::model::{Literal, NamedNode, Triple};
    let mut place = Place::new().await;
    let graph = graph::Graph::memory().expect("a graph");
    let title = NamedNode::new_unchecked("https://a.example/title");
    let triples = (0..20_000).map(|n| {
        let subject = NamedNode::new_unchecked(format!("https://a.example/{n}"));
        Triple::new(subject, title.clone(), Literal::from(format!("titre {n}")))
    });
    graph.bulk_insert(triples).expect("load");
    let queries = graph::QueryService::local(graph, graph::Access::default());
    let mut site = place.fixture.site();
    site.sparql = publish::sparql::SparqlService::new(
        queries,
        "https://donnees.example/sparql",
        &publish::sparql::SparqlSettings::default(),
    );
    place.app = publish::app(site);
    let path = "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D";
    let answer = place
        .ask(
            "GET",
            path,
            &[("accept", "text/csv"), ("accept-encoding", "gzip")],
        )
        .await;
    assert_eq!(
        (answer.status, answer.header("content-encoding")),
        (200, "gzip")
    );
    assert!(answer.bytes.len() > 50_000, "{}", answer.bytes.len());
}

#[tokio::test]
async fn the_sitemap_lists_every_public_page_once_and_robots_are_told_of_it() {
    let mut place = Place::new().await;
    let robots = place.get("/robots.txt").await;
    assert!(
        robots
            .text()
            .contains(&format!("\nSitemap: {BASE}sitemap.xml\n"))
    );
    place.fixture.withdraw(EntityKind::Dataset, 3).await;
    let addresses = |text: &str| -> Vec<String> {
        let parts = text.split("<loc>").skip(1);
        parts
            .filter_map(|part| Some(part.split_once("</loc>")?.0.to_owned()))
            .collect()
    };
    let index = place.get("/sitemap.xml").await;
    assert_eq!(index.header("content-type"), "application/xml");
    let mut listed = Vec::new();
    for part in addresses(index.text()) {
        let answer = place.get(&part).await;
        assert_eq!(answer.status, 200, "{part}");
        let known = [("if-none-match", answer.header("etag"))];
        assert_eq!(place.ask("GET", &part, &known).await.status, 304, "{part}");
        listed.extend(addresses(answer.text()));
        if !part.contains("pages") {
            assert_eq!(
                answer.text().matches("<lastmod>20").count(),
                answer.text().matches("<url>").count()
            );
        }
    }
    for address in &listed {
        assert_eq!(place.browse(address).await.status, 200, "{address}");
    }
    let entities: std::collections::BTreeSet<_> =
        listed.iter().filter(|address| address.len() > 60).collect();
    assert_eq!(
        entities.len(),
        DATASETS + SERIES + SERVICES,
        "the one that was withdrawn is not there, the publisher is"
    );
    assert_eq!(listed.len(), entities.len() + 5);
    assert_eq!(place.get("/sitemap/none.xml").await.status, 404);
    assert_eq!(place.get("/sitemap/dataset").await.status, 404);
}

#[tokio::test]
async fn a_page_tells_search_engines_what_it_is_of_and_runs_no_script() {
    let place = Place::new().await;
    let path = place.fixture.path(EntityKind::Dataset, 0);
    let answer = place.browse(&path).await;
    let policy = answer.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none';") && !policy.contains("script"),
        "{policy}"
    );
    let (_, rest) = answer
        .text()
        .split_once("<script type=\"application/ld+json\">")
        .expect("a block");
    let (block, rest) = rest.split_once("</script>").expect("its end");
    assert!(!rest.contains("<script"));
    let tree: serde_json::Value = serde_json::from_str(block).expect("JSON");
    assert_eq!(tree["@type"], "Dataset");
    assert_eq!(tree["@id"], format!("{BASE}{}", &path[1..]));
    assert_eq!(tree["includedInDataCatalog"]["@type"], "DataCatalog");
    assert_eq!(tree["distribution"][0]["@type"], "DataDownload");
}
