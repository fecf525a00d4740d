//! OGC API - Records over a small catalogue, as clients and crawlers ask.

use std::collections::BTreeSet;

use model::EntityKind;
use serde_json::Value;

use crate::csw::Catalogue;
use crate::fixture::{DATASETS, SERIES, SERVICES, THEME, follow, record};
use crate::{Answered, BASE};

const ALL: usize = DATASETS + SERVICES + SERIES;
const ITEMS: &str = "/ogc/collections/catalogue/items";

impl Catalogue {
    async fn items(&self, query: &str) -> Answered {
        self.place.get(&format!("{ITEMS}?{query}")).await
    }

    /// How many match, and the titles of the page.
    async fn found(&self, query: &str) -> (usize, Vec<String>) {
        let answer = self.items(query).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        let page = answer.json();
        let features = page["features"].as_array().expect("features");
        assert_eq!(page["numberReturned"], features.len(), "{query}");
        let title = |feature: &Value| feature["properties"]["title"].as_str().map(str::to_owned);
        let titles = features.iter().filter_map(title).collect();
        (
            page["numberMatched"].as_u64().expect("a number") as usize,
            titles,
        )
    }

    fn id(&self, kind: EntityKind, n: usize) -> String {
        let iri = self.place.fixture.iri(kind, n).into_string();
        iri.rsplit('/').next().expect("an identifier").to_owned()
    }
}

fn link(page: &Value, rel: &str) -> Option<String> {
    let links = page["links"].as_array().expect("links");
    let found = links.iter().find(|link| link["rel"] == rel)?;
    found["href"].as_str().map(str::to_owned)
}

fn ids(page: &Value) -> Vec<String> {
    let features = page["features"].as_array().expect("features");
    let id = |feature: &Value| feature["id"].as_str().expect("an identifier").to_owned();
    features.iter().map(id).collect()
}

#[tokio::test]
async fn the_landing_page_leads_to_every_record() {
    let catalogue = Catalogue::new().await;
    for path in ["/ogc", "/ogc/"] {
        let landing = catalogue.place.get(path).await;
        assert_eq!(
            (landing.status, landing.header("content-type")),
            (200, "application/json")
        );
        assert_eq!(landing.header("access-control-allow-origin"), "*");
        for rel in ["self", "service-desc", "service-doc", "conformance", "data"] {
            let href = link(&landing.json(), rel).expect(rel);
            assert_eq!(catalogue.place.get(&href).await.status, 200, "{href}");
        }
    }
    let conformance = catalogue.place.get("/ogc/conformance").await.json();
    let classes = conformance["conformsTo"].as_array().expect("classes");
    assert!(
        classes.iter().any(|class| class
            == "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/searchable-catalog")
    );
    let collection = catalogue.place.get("/ogc/collections/catalogue").await;
    assert_eq!(
        collection.header("content-type"),
        "application/ogc-catalog+json"
    );
    let collection = collection.json();
    assert_eq!(
        (&collection["itemType"], &collection["title"]),
        (&"record".into(), &"Données de la région".into())
    );
    let items = catalogue
        .place
        .get(&link(&collection, "items").expect("items"))
        .await;
    assert_eq!(
        (items.status, items.header("content-type")),
        (200, "application/geo+json")
    );
    assert_eq!(items.json()["numberMatched"], ALL);
    for rel in ["queryables", "sortables"] {
        let href = link(
            &collection,
            &format!("http://www.opengis.net/def/rel/ogc/1.0/{rel}"),
        );
        let schema = catalogue.place.get(&href.expect(rel)).await;
        assert_eq!(schema.header("content-type"), "application/schema+json");
        assert_eq!(schema.json()["properties"]["title"]["type"], "string");
    }
}

#[tokio::test]
async fn a_crawl_has_each_record_once_while_the_catalogue_changes() {
    for query in [
        "limit=7",
        "limit=7&sortby=-title",
        "limit=7&q=eau,service,volume",
    ] {
        let mut catalogue = Catalogue::new().await;
        let (mut seen, mut pages) = (Vec::new(), Vec::new());
        let mut next = Some(format!("{ITEMS}?{query}"));
        while let Some(address) = next {
            let page = catalogue.place.get(&address).await;
            assert_eq!(page.status, 200, "{}", page.text());
            let page = page.json();
            assert_eq!(page["numberMatched"], ALL, "{query}");
            if let Some(before) = link(&page, "prev") {
                let before = catalogue.place.get(&before).await.json();
                assert_eq!(Some(&ids(&before)), pages.last(), "{query}");
            }
            pages.push(ids(&page));
            seen.extend(ids(&page));
            next = link(&page, "next");
            if pages.len() == 1 {
                // A new one, and one that moves behind what is still to come.
                let writes = vec![
                    catalogue
                        .place
                        .fixture
                        .write(EntityKind::Dataset, 99, "Aaa eau"),
                    catalogue
                        .place
                        .fixture
                        .write(EntityKind::Dataset, 0, "Zzz eau"),
                ];
                catalogue.place.fixture.commit(writes, Vec::new()).await;
                follow(&catalogue.place.fixture, &catalogue.index).await;
            }
        }
        let distinct: BTreeSet<_> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (ALL, ALL), "{query}");
        assert_eq!(pages.len(), ALL.div_ceil(7));
    }
}

#[tokio::test]
async fn a_record_says_what_it_is_and_where_else_it_is() {
    let catalogue = Catalogue::new().await;
    let (id, iri) = (
        catalogue.id(EntityKind::Dataset, 3),
        catalogue
            .place
            .fixture
            .iri(EntityKind::Dataset, 3)
            .into_string(),
    );
    let answer = catalogue.place.get(&format!("{ITEMS}/{id}")).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "application/geo+json")
    );
    let one = answer.json();
    let listed = catalogue.items(&format!("ids={id}")).await.json();
    assert_eq!(
        (&listed["numberMatched"], &listed["features"][0]),
        (&1.into(), &one)
    );
    let properties = &one["properties"];
    assert_eq!(properties["title"], "Qualité de l’eau, campagne 2003");
    assert_eq!(
        properties["contacts"][0]["emails"][0]["value"],
        "donnees@eau.example"
    );
    assert_eq!(
        properties["contacts"][1]["organization"],
        "Agence de l’eau <Artois>"
    );
    assert_eq!(properties["themes"][0]["concepts"][0]["url"], THEME);
    let owner = record(EntityKind::Dataset, 3);
    assert_eq!(properties["externalIds"][0]["value"], owner.as_str());
    assert_eq!(link(&one, "canonical"), Some(iri.clone()));
    assert_eq!(
        link(&one, "collection"),
        Some(format!("{BASE}ogc/collections/catalogue"))
    );
    let links = one["links"].as_array().expect("links");
    let ours = links
        .iter()
        .filter_map(|link| link["href"].as_str())
        .filter(|href| href.starts_with(BASE));
    for href in ours {
        assert_eq!(catalogue.place.get(href).await.status, 200, "{href}");
    }
    // By the identifier of its owner, and for people.
    let named = catalogue
        .place
        .get(&format!("{ITEMS}/{}", owner.as_str()))
        .await;
    assert_eq!(
        (named.status, named.header("location")),
        (
            303,
            format!("{BASE}ogc/collections/catalogue/items/{id}").as_str()
        )
    );
    let page = catalogue.place.get(&format!("{ITEMS}/{id}?f=html")).await;
    assert_eq!(
        (page.status, page.header("location")),
        (303, format!("/dataset/{id}.html").as_str())
    );
    // What is known already is not sent again; HEAD is GET without a body.
    let tag = answer.header("etag");
    let again = catalogue
        .place
        .ask("GET", &format!("{ITEMS}/{id}"), &[("if-none-match", tag)])
        .await;
    assert_eq!((again.status, again.bytes.len()), (304, 0));
    let head = catalogue
        .place
        .ask("HEAD", &format!("{ITEMS}/{id}"), &[])
        .await;
    assert_eq!(
        (head.status, head.header("etag"), head.bytes.len()),
        (200, tag, 0)
    );
    let service = catalogue
        .place
        .get(&format!(
            "{ITEMS}/{}",
            catalogue.id(EntityKind::DataService, 0)
        ))
        .await
        .json();
    assert_eq!(service["properties"]["type"], "service");
    assert_eq!(
        link(&service, "service").as_deref(),
        Some("https://eau.example/wfs")
    );
}

#[tokio::test]
async fn what_is_gone_is_told_apart_from_what_never_was() {
    let mut catalogue = Catalogue::new().await;
    let id = catalogue.id(EntityKind::Dataset, 4);
    let first = catalogue.items("limit=2").await.json();
    catalogue
        .place
        .fixture
        .withdraw(EntityKind::Dataset, 4)
        .await;
    let gone = catalogue.place.get(&format!("{ITEMS}/{id}")).await;
    assert_eq!(
        (gone.status, gone.header("content-type")),
        (410, "application/problem+json")
    );
    assert!(!gone.text().contains("campagne"));
    for path in [
        format!("{ITEMS}/00000000-0000-0000-0000-000000000000"),
        format!("{ITEMS}/rien"),
        "/ogc/collections/autre".to_owned(),
        "/ogc/collections/source-autre/items".to_owned(),
        "/ogc/collections/organisation-x".to_owned(),
        "/ogc/collections/theme-AUCUN/queryables".to_owned(),
        "/ogc/rien".to_owned(),
    ] {
        let answer = catalogue.place.get(&path).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (404, "application/problem+json"),
            "{path}"
        );
    }
    // The index has it still: it is left out of its page, and the crawl goes on.
    let (mut seen, mut next) = (ids(&first), link(&first, "next"));
    while let Some(address) = next {
        let page = catalogue.place.get(&address).await.json();
        assert_eq!(page["numberReturned"], ids(&page).len());
        seen.extend(ids(&page));
        next = link(&page, "next");
    }
    assert!(seen.len() >= ALL - 1 && !seen[2..].contains(&id));
}

#[tokio::test]
async fn records_are_found_by_each_parameter() {
    let catalogue = Catalogue::new().await;
    let (dataset, service) = (
        catalogue.id(EntityKind::Dataset, 1),
        catalogue.id(EntityKind::DataService, 1),
    );
    for (query, count) in [
        ("", ALL),
        ("q=t%C3%A9l%C3%A9chargements", SERVICES),
        ("q=CAMPAGNE+2003,volume", 1 + SERIES),
        ("q=2003+campagne", 0),
        ("type=service", SERVICES),
        ("type=dataset,series", DATASETS + SERIES),
        ("type=carte", 0),
        (
            &format!("ids={dataset},{service},00000000-0000-0000-0000-000000000000"),
            2,
        ),
        ("ids=", 0),
        ("externalIds=dataset-3", 1),
        ("externalIds=dataset-3,autre", 1),
        ("externalIds=agence:dataset-3", 0),
        ("filter=title%20LIKE%20'%25campagne%20200_'", 9),
        (
            "filter=CASEI(title)%20LIKE%20'%25CAMPAGNE%25'&filter-lang=cql2-text",
            DATASETS - 1 + SERIES,
        ),
        (
            "filter=type%20=%20'service'%20OR%20title%20LIKE%20'%25volume%201'",
            SERVICES + 1,
        ),
        (
            "filter=license%20IS%20NULL%20AND%20type%20=%20'dataset'&type=service",
            0,
        ),
        ("filter=themes='ENVI'", ALL),
        ("filter=hvd=TRUE", 0),
        ("filter=modified%3E%3DDATE('2024-03-01')", ALL),
        ("filter=T_BEFORE(modified,DATE('2024-03-01'))", 0),
        ("filter=T_INTERSECTS(time,INTERVAL('..','2030-01-01'))", 0),
        (
            "filter-lang=cql2-json&filter=%7B%22op%22:%22in%22,%22args%22:[%7B%22property%22:%22type%22%7D,[%22service%22,%22series%22]]%7D",
            SERVICES + SERIES,
        ),
        ("bbox=-10,40,10,60", 0),
        ("datetime=2020-01-01/..", 0),
    ] {
        assert_eq!(
            catalogue
                .found(format!("{query}&limit=100").trim_start_matches('&'))
                .await
                .0,
            count,
            "{query}"
        );
    }
    let (_, up) = catalogue.found("type=series&sortby=title").await;
    let (_, down) = catalogue.found("type=series&sortby=-title").await;
    assert_eq!(
        up,
        [
            "Campagnes de mesure, volume 0",
            "Campagnes de mesure, volume 1"
        ]
    );
    assert_eq!(down, up.into_iter().rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn what_cannot_be_answered_says_which_parameter_is_at_fault() {
    let catalogue = Catalogue::new().await;
    let nine = ["title%20LIKE%20'%25a%25'"; 9].join("%20OR%20");
    for (path, told) in [
        (format!("{ITEMS}?nom=x"), "`nom`"),
        (format!("{ITEMS}?limit=0"), "`limit`"),
        (format!("{ITEMS}?filter=nom='x'"), "`filter`"),
        (format!("{ITEMS}?filter={nine}"), "8 patterns"),
        (format!("{ITEMS}?f=xml"), "`f`"),
        (
            format!(
                "{ITEMS}?sortby=title&cursor=1.1.1.7b226b657973223a5b5d2c226964223a5b302c302c305d7d"
            ),
            "`cursor`",
        ),
        (format!("{ITEMS}/x?q=x"), "`q`"),
        ("/ogc?q=x".to_owned(), "`q`"),
        ("/ogc/collections?cursor=x".to_owned(), "`cursor`"),
        ("/ogc/conformance?f=geojson".to_owned(), "`f`"),
    ] {
        let answer = catalogue.place.get(&path).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (400, "application/problem+json"),
            "{path}"
        );
        assert!(
            answer.json()["detail"]
                .as_str()
                .expect("a detail")
                .contains(told),
            "{path}: {}",
            answer.text()
        );
    }
    let image = catalogue
        .place
        .ask("GET", ITEMS, &[("accept", "image/png")])
        .await;
    assert_eq!(image.status, 406);
    assert_eq!(catalogue.place.ask("POST", ITEMS, &[]).await.status, 405);
    // Without an index, and where it is turned off.
    let mut site = catalogue.place.fixture.site();
    let mut place = catalogue.place;
    place.app = publish::app(place.fixture.site());
    let preparing = place.get(ITEMS).await;
    assert_eq!(
        (preparing.status, preparing.header("retry-after")),
        (503, "60")
    );
    site.ogc_records = false;
    place.app = publish::app(site);
    assert_eq!(place.get("/ogc").await.status, 404);
}

#[tokio::test]
async fn parts_of_the_catalogue_are_listed_and_have_their_records_only() {
    let catalogue = Catalogue::new().await;
    let whole = catalogue.place.get("/ogc/collections").await.json();
    let listed = |page: &Value| -> Vec<String> {
        let collections = page["collections"].as_array().expect("collections");
        collections
            .iter()
            .filter_map(|one| one["id"].as_str().map(str::to_owned))
            .collect()
    };
    let all = listed(&whole);
    let organisation = catalogue.place.fixture.publisher().into_string();
    let organisation = organisation.rsplit('/').next().expect("an identifier");
    assert_eq!(
        all,
        [
            "catalogue",
            "source-geoportail",
            "theme-ENVI",
            &format!("organisation-{organisation}")
        ]
    );
    for limit in 1..=3 {
        let (mut seen, mut next) = (Vec::new(), Some(format!("/ogc/collections?limit={limit}")));
        while let Some(address) = next {
            let page = catalogue.place.get(&address).await.json();
            assert!(!listed(&page).is_empty());
            seen.extend(listed(&page));
            next = link(&page, "next");
        }
        assert_eq!(seen, all, "{limit}");
    }
    for id in &all {
        let part = catalogue
            .place
            .get(&format!("/ogc/collections/{id}/items?type=series"))
            .await
            .json();
        assert_eq!(part["numberMatched"], SERIES, "{id}");
        let one = link(&part["features"][0], "self").expect("itself");
        assert_eq!(
            catalogue.place.get(&one).await.json(),
            part["features"][0],
            "{id}"
        );
    }
    // A theme that no record has.
    assert_eq!(
        catalogue
            .place
            .get("/ogc/collections/theme-AGRI/items")
            .await
            .json()["numberMatched"],
        0
    );
    let id = catalogue.id(EntityKind::Dataset, 0);
    assert_eq!(
        catalogue
            .place
            .get(&format!("/ogc/collections/theme-AGRI/items/{id}"))
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn people_see_pages_without_a_script() {
    let catalogue = Catalogue::new().await;
    for path in [
        "/ogc",
        "/ogc/conformance",
        "/ogc/collections",
        "/ogc/collections/catalogue",
        "/ogc/collections/catalogue/queryables",
        "/ogc/collections/catalogue/sortables",
        ITEMS,
    ] {
        let page = catalogue.place.browse(path).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (200, "text/html; charset=utf-8"),
            "{path}"
        );
        assert!(
            !page.text().contains("<script") && page.text().contains("<html lang=\"fr\">"),
            "{path}"
        );
        let asked = catalogue.place.get(&format!("{path}?f=html")).await;
        assert_eq!(asked.text(), page.text(), "{path}");
    }
    let page = catalogue
        .place
        .browse(&format!("{ITEMS}?q=d%C3%A9bits&f=html"))
        .await;
    assert!(page.text().contains("Une fiche.") && page.text().contains("&lt;script&gt;"));
    let page = catalogue.place.browse(&format!("{ITEMS}?limit=7")).await;
    assert!(page.text().contains("25 fiches") && page.text().contains("Page suivante"));
    let wrong = catalogue.place.browse(&format!("{ITEMS}?nom=x")).await;
    assert!(wrong.status == 400 && wrong.text().contains("« nom »"));
}

#[tokio::test]
async fn the_api_is_described_as_it_is_served() {
    let catalogue = Catalogue::new().await;
    let api = catalogue.place.get("/api").await;
    assert_eq!(
        (api.status, api.header("content-type")),
        (200, "application/vnd.oai.openapi+json;version=3.0")
    );
    let paths = api.json()["paths"].clone();
    assert!(paths["/ogc/collections/{collection}/items"]["get"].is_object());
    let page = catalogue.place.browse("/api.html").await;
    for path in paths.as_object().expect("paths").keys() {
        assert!(page.text().contains(path.as_str()), "{path}");
    }
    let mut site = catalogue.place.fixture.site();
    site.ogc_records = false;
    let mut place = catalogue.place;
    place.app = publish::app(site);
    let paths = place.get("/api").await.json()["paths"].clone();
    assert!(paths.get("/ogc").is_none() && paths["/health"].is_object());
}
