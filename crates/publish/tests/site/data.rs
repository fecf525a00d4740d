//! The feed and the entities, for programs.

use std::collections::{BTreeMap, BTreeSet};

use archive::EntityKey;
use model::EntityKind;
use oxrdf::{Quad, Term};
use oxrdfio::{JsonLdProfileSet, RdfFormat, RdfParser};
use publish::Format;

use crate::fixture::{DATASETS, SERIES, SERVICES, THEME, title};
use crate::{Answered, BASE, Place};

pub const HYDRA: &str = "http://www.w3.org/ns/hydra/core#";
pub const DCAT: &str = "http://www.w3.org/ns/dcat#";

pub fn parse(format: RdfFormat, answer: &Answered) -> Vec<Quad> {
    RdfParser::from_format(format)
        .for_slice(&answer.bytes)
        .collect::<Result<_, _>>()
        .expect("valid RDF")
}

pub fn turtle(answer: &Answered) -> Vec<Quad> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    parse(RdfFormat::Turtle, answer)
}

pub fn objects(quads: &[Quad], predicate: &str) -> Vec<String> {
    quads
        .iter()
        .filter(|quad| quad.predicate.as_str() == predicate)
        .map(|quad| match &quad.object {
            Term::NamedNode(node) => node.as_str().to_owned(),
            Term::Literal(literal) => literal.value().to_owned(),
            other => panic!("{other}"),
        })
        .collect()
}

/// The entities of the catalogue that a page lists.
pub fn listed(quads: &[Quad]) -> Vec<String> {
    let mut listed = objects(quads, &format!("{DCAT}dataset"));
    for property in ["service", "resource"] {
        listed.extend(objects(quads, &format!("{DCAT}{property}")));
    }
    listed
}

pub async fn walk(place: &Place, first: &str) -> Vec<Vec<Quad>> {
    let mut pages = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(address) = next {
        let page = turtle(&place.get(&address).await);
        next = objects(&page, &format!("{HYDRA}next")).pop();
        pages.push(page);
        assert!(pages.len() < 100, "the pages do not end");
    }
    pages
}

#[tokio::test]
async fn the_pages_hold_every_entity_once() {
    let place = Place::new().await;
    let total = DATASETS + SERVICES + SERIES;
    for size in [1, 4, 5, 25, 1000] {
        let pages = walk(&place, &format!("/catalog.ttl?page_size={size}")).await;
        assert_eq!(pages.len(), total.div_ceil(size), "{size}");
        let entities: Vec<String> = pages.iter().flat_map(|page| listed(page)).collect();
        assert_eq!(entities.len(), total);
        assert_eq!(entities.iter().collect::<BTreeSet<_>>().len(), total);
        for page in &pages {
            assert_eq!(
                objects(page, &format!("{HYDRA}totalItems")),
                [total.to_string()]
            );
            assert_eq!(objects(page, &format!("{HYDRA}first")), [pages_first(size)]);
        }
    }
}

fn pages_first(size: usize) -> String {
    format!("{BASE}catalog.ttl?page_size={size}")
}

#[tokio::test]
async fn a_page_stands_alone() {
    let place = Place::new().await;
    for page in walk(&place, "/catalog.ttl?page_size=6").await {
        let subjects: BTreeSet<String> = page.iter().map(|quad| quad.subject.to_string()).collect();
        assert!(
            subjects.iter().all(|subject| subject.starts_with('<')),
            "a blank node"
        );
        for entity in listed(&page) {
            assert!(
                subjects.contains(&format!("<{entity}>")),
                "{entity} is not described"
            );
        }
        for described in [
            place.fixture.publisher().to_string(),
            format!("<{THEME}>"),
            format!("<{BASE}catalogue>"),
        ] {
            assert!(
                subjects.contains(&described),
                "{described} is not described"
            );
        }
        let types = objects(&page, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type");
        for class in [
            format!("{DCAT}Catalog"),
            format!("{HYDRA}PartialCollectionView"),
            "http://xmlns.com/foaf/0.1/Agent".to_owned(),
        ] {
            assert!(types.contains(&class), "{class}");
        }
        assert!(
            objects(&page, "http://xmlns.com/foaf/0.1/name")
                .contains(&"Agence de l’eau <Artois>".to_owned())
        );
    }
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip_while_the_catalogue_changes() {
    let mut place = Place::new().await;
    let first = turtle(&place.get("/catalog.ttl?page_size=10").await);
    let next = objects(&first, &format!("{HYDRA}next"))
        .pop()
        .expect("a next page");
    // The last entity of the first page goes, which is the one that the cursor names; new ones come.
    let mut before = listed(&first);
    before.sort();
    let cursor = next.split_once("after=").expect("a cursor").1.to_owned();
    let gone = (0..DATASETS)
        .find(|n| place.fixture.iri(EntityKind::Dataset, *n).as_str() == format!("{BASE}{cursor}"))
        .expect("the cursor is a dataset");
    place.fixture.withdraw(EntityKind::Dataset, gone).await;
    let write = place.fixture.write(EntityKind::Dataset, 99, "Nouveau");
    place.fixture.commit(vec![write], Vec::new()).await;

    let mut rest: Vec<String> = walk(&place, &next)
        .await
        .iter()
        .flat_map(|page| listed(page))
        .collect();
    rest.retain(|entity| entity != place.fixture.iri(EntityKind::Dataset, 99).as_str());
    let seen: BTreeSet<&String> = before.iter().chain(&rest).collect();
    assert_eq!(
        seen.len(),
        before.len() + rest.len(),
        "an entity came twice"
    );
    assert_eq!(seen.len(), DATASETS + SERVICES + SERIES);
}

#[tokio::test]
async fn every_format_says_the_same() {
    let place = Place::new().await;
    let strip = |answer: &Answered, format| -> BTreeSet<String> {
        // The addresses of the pages name the format.
        parse(format, answer)
            .iter()
            .map(Quad::to_string)
            .filter(|quad| !quad.contains("/catalog."))
            .collect()
    };
    let nt = strip(&place.get("/catalog.nt").await, RdfFormat::NTriples);
    assert!(nt.len() > 400);
    let json_ld = RdfFormat::JsonLd {
        profile: JsonLdProfileSet::empty(),
    };
    for (extension, format) in [
        ("ttl", RdfFormat::Turtle),
        ("rdf", RdfFormat::RdfXml),
        ("jsonld", json_ld),
    ] {
        let answer = place.get(&format!("/catalog.{extension}")).await;
        assert_eq!(strip(&answer, format), nt, "{extension}");
    }
}

#[tokio::test]
async fn the_form_is_negotiated() {
    let place = Place::new().await;
    let dataset = place.fixture.path(EntityKind::Dataset, 0);
    for path in [dataset.as_str(), "/catalog", "/catalogue"] {
        for (accept, content_type, extension) in [
            ("", "text/turtle; charset=utf-8", "ttl"),
            ("*/*", "text/turtle; charset=utf-8", "ttl"),
            ("application/rdf+xml", "application/rdf+xml", "rdf"),
            (
                "application/ld+json, text/turtle;q=0.5",
                "application/ld+json",
                "jsonld",
            ),
            ("application/n-triples", "application/n-triples", "nt"),
        ] {
            let headers: &[(&str, &str)] = if accept.is_empty() {
                &[]
            } else {
                &[("accept", accept)]
            };
            let answer = place.ask("GET", path, headers).await;
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (200, content_type),
                "{path} {accept}"
            );
            assert!(
                answer
                    .header("content-location")
                    .ends_with(&format!(".{extension}"))
            );
            assert!(
                answer
                    .all("vary")
                    .to_lowercase()
                    .split(", ")
                    .any(|name| name == "accept")
            );
            assert_eq!(answer.header("access-control-allow-origin"), "*");
            assert!(
                answer
                    .all("link")
                    .contains("rel=\"alternate\"; type=\"application/ld+json\"")
            );
        }
        assert_eq!(
            place
                .ask("GET", path, &[("accept", "image/png")])
                .await
                .status,
            406
        );
    }
    let page = place.browse(&dataset).await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    assert_eq!(place.browse("/catalog").await.header("location"), "/");
}

#[tokio::test]
async fn an_extension_goes_before_the_header() {
    let place = Place::new().await;
    let path = place.fixture.path(EntityKind::Dataset, 3);
    for (extension, content_type) in [
        ("ttl", "text/turtle; charset=utf-8"),
        ("rdf", "application/rdf+xml"),
        ("jsonld", "application/ld+json"),
        ("nt", "application/n-triples"),
        ("html", "text/html; charset=utf-8"),
    ] {
        let answer = place
            .ask(
                "GET",
                &format!("{path}.{extension}"),
                &[("accept", "image/png")],
            )
            .await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, content_type)
        );
    }
    let answer = turtle(&place.get(&format!("{path}.ttl")).await);
    assert!(
        objects(&answer, "http://purl.org/dc/terms/title").contains(&title(EntityKind::Dataset, 3))
    );
    assert!(
        objects(&answer, "http://xmlns.com/foaf/0.1/name")
            .contains(&"Agence de l’eau <Artois>".to_owned())
    );
    assert_eq!(place.get(&format!("{path}.exe")).await.status, 404);
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let mut place = Place::new().await;
    let dataset = place.fixture.path(EntityKind::Dataset, 0);
    for path in [
        "/catalog.ttl",
        "/catalog.jsonld?page_size=3",
        &dataset,
        "/datasets",
        "/",
    ] {
        let answer = place.get(path).await;
        let tag = answer.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{path} {tag}");
        let again = place.ask("GET", path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status, again.bytes.len()), (304, 0), "{path}");
        assert_eq!(again.header("etag"), tag);
        assert_eq!(
            place
                .ask("GET", path, &[("if-none-match", "\"other\"")])
                .await
                .status,
            200
        );
    }
    let modified = place.get(&dataset).await.header("last-modified").to_owned();
    assert_eq!(
        place
            .ask("GET", &dataset, &[("if-modified-since", &modified)])
            .await
            .status,
        304
    );

    let (feed, entity) = (place.get("/catalog.ttl").await, place.get(&dataset).await);
    let write = place
        .fixture
        .write(EntityKind::Dataset, 0, "Un autre titre");
    place.fixture.commit(vec![write], Vec::new()).await;
    for (path, old) in [("/catalog.ttl", feed), (dataset.as_str(), entity)] {
        let answer = place
            .ask("GET", path, &[("if-none-match", old.header("etag"))])
            .await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text().contains("Un autre titre"));
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let place = Place::new().await;
    for path in [
        "/catalog.ttl",
        &place.fixture.path(EntityKind::Dataset, 0),
        "/",
    ] {
        let (get, head) = (place.get(path).await, place.ask("HEAD", path, &[]).await);
        assert_eq!((head.status, head.bytes.len()), (200, 0), "{path}");
        for name in ["content-type", "etag", "last-modified"] {
            assert_eq!(get.header(name), head.header(name), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn answers_are_compressed_and_their_tags_weak() {
    let place = Place::new().await;
    let plain = place.get("/catalog.ttl").await;
    for coding in ["gzip", "br"] {
        let answer = place
            .ask("GET", "/catalog.ttl", &[("accept-encoding", coding)])
            .await;
        assert_eq!(answer.header("content-encoding"), coding);
        assert!(answer.bytes.len() * 4 < plain.bytes.len());
        assert_eq!(answer.header("etag"), format!("W/{}", plain.header("etag")));
        let again = place
            .ask(
                "GET",
                "/catalog.ttl",
                &[("if-none-match", answer.header("etag"))],
            )
            .await;
        assert_eq!(again.status, 304);
    }
}

#[tokio::test]
async fn what_was_never_here_is_not_found() {
    let place = Place::new().await;
    let dataset = place.fixture.path(EntityKind::Dataset, 0);
    let id = dataset
        .rsplit('/')
        .next()
        .expect("an identifier")
        .to_owned();
    for path in [
        "/dataset/00000000-0000-5000-8000-000000000000",
        "/dataset/x",
        "/dataset/%00",
        &format!("/series/{id}"),
        &format!("/dataset/{}", id.to_uppercase()),
        "/dataset/00000000-0000-5000-8000-000000000000/original",
        "/nowhere",
        "/runs/999",
        "/runs/x",
        "/explain/no/such-rule",
        "/assets/other.css",
    ] {
        let answer = place.get(path).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (404, "application/problem+json"),
            "{path}"
        );
        assert_eq!(answer.json()["status"], 404);
        let page = place.browse(path).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (404, "text/html; charset=utf-8"),
            "{path}"
        );
        assert!(page.text().contains("Page introuvable"));
    }
    for path in [
        "/catalog.ttl?after=x",
        "/catalog.ttl?page_size=0",
        "/catalog?page_size=-1",
        "/datasets?after=x",
    ] {
        assert_eq!(place.get(path).await.status, 400, "{path}");
    }
    let answer = place.ask("DELETE", &dataset, &[]).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET,HEAD"));
}

#[tokio::test]
async fn what_was_withdrawn_is_gone() {
    let mut place = Place::new().await;
    let path = place.fixture.path(EntityKind::Dataset, 5);
    place.fixture.withdraw(EntityKind::Dataset, 5).await;
    let answer = place.get(&path).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (410, "text/turtle; charset=utf-8")
    );
    let quads = parse(RdfFormat::Turtle, &answer);
    assert_eq!(
        objects(&quads, "http://www.w3.org/ns/prov#invalidatedAtTime"),
        ["2025-06-15T15:08:40Z"]
    );
    assert!(!answer.text().contains("Qualité de l’eau"));
    let page = place.browse(&path).await;
    assert_eq!(page.status, 410);
    assert!(
        page.text().contains("15 juin 2025 à 17:08"),
        "{}",
        page.text()
    );
    assert_eq!(place.get(&format!("{path}/original")).await.status, 410);
    assert!(!place.get("/catalog.nt").await.text().contains(&path));
}

#[tokio::test]
async fn the_original_is_as_it_was_fetched_and_harmless() {
    let place = Place::new().await;
    let path = format!("{}/original", place.fixture.path(EntityKind::Dataset, 7));
    let answer = place.browse(&path).await;
    assert_eq!(
        answer.text(),
        "<gmd:MD_Metadata><!-- <script>alert(1)</script> & \"débits\" --></gmd:MD_Metadata>"
    );
    assert_eq!(answer.header("content-type"), "application/xml");
    assert!(answer.header("content-security-policy").contains("sandbox"));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn exports_say_what_the_archive_says() {
    let place = Place::new().await;
    let mut quads: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for format in ["nt", "nq", "ttl", "rdf", "jsonld"] {
        let mut file = Vec::new();
        let format = Format::parse(format).expect("a format");
        publish::export(&place.fixture.archive, format, &mut file)
            .await
            .expect("an export");
        let parser = RdfParser::from_format(
            RdfFormat::from_extension(format.extension()).expect("a format"),
        );
        let read = parser
            .for_slice(&file)
            .map(|quad| quad.expect("valid").to_string())
            .collect();
        quads.insert(format.extension(), read);
        if format == Format::NTriples {
            let text = String::from_utf8(file).expect("UTF-8");
            assert!(text.lines().is_sorted());
        }
    }
    assert!(quads["nt"].len() > 400);
    for (format, read) in &quads {
        assert_eq!(read, &quads["nt"], "{format}");
    }
}

#[tokio::test]
async fn the_base_may_have_a_path() {
    let dir = tempfile::tempdir().expect("a directory");
    let base = "https://a.example/catalogue-regional/";
    let fixture = crate::fixture::Fixture::new(dir.path(), base).await;
    let place = Place {
        app: publish::app(fixture.site()),
        fixture,
        _dir: dir,
    };
    let iri = place.fixture.iri(EntityKind::Dataset, 1).into_string();
    let key = EntityKey::of_iri(base, &iri).expect("a key");
    for root in ["/catalogue-regional", ""] {
        let answer = place.get(&format!("{root}/dataset/{}", key.id)).await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.header("content-location"),
            format!("/catalogue-regional/dataset/{}.ttl", key.id)
        );
        assert_eq!(place.get(&format!("{root}/")).await.status, 200);
        assert_eq!(place.browse(&format!("{root}/sparql")).await.status, 200);
    }
}
