//! The feeds of parts of the catalogue, and of what changed.

use std::collections::BTreeSet;

use archive::{Packed, RecordWrite, Verdict};
use model::EntityKind;
use model::ns::{dcatap, dcterms};
use oxrdf::NamedNodeRef;

use crate::BASE;
use crate::csw::Catalogue;
use crate::data::{DCAT, HYDRA, listed, objects, turtle, walk};
use crate::fixture::{DATASETS, SERIES, SERVICES, follow, title};

const ALL: usize = DATASETS + SERVICES + SERIES;
const DCT: &str = "http://purl.org/dc/terms/";
const EARTH: &str = "http://data.europa.eu/bna/c_dd313021";

/// The write of a dataset of a category of high-value datasets.
fn high_value(catalogue: &Catalogue, n: usize) -> RecordWrite {
    stating(catalogue, n, dcatap::HVD_CATEGORY, EARTH)
}

/// The write of a dataset that says one thing more.
fn stating(
    catalogue: &Catalogue,
    n: usize,
    property: NamedNodeRef<'_>,
    object: &str,
) -> RecordWrite {
    let mut write = catalogue
        .place
        .fixture
        .write(EntityKind::Dataset, n, "Relief");
    let Verdict::Accepted { primary, .. } = &mut write.verdict else {
        panic!("it is accepted");
    };
    let iri = catalogue.place.fixture.iri(EntityKind::Dataset, n);
    let content = &mut primary.content;
    let more = format!("{iri} {property} <{object}> .\n");
    let mut lines: Vec<&str> = content.text.lines().chain(more.lines()).collect();
    lines.sort_unstable();
    content.text = lines.join("\n") + "\n";
    content.graph = Packed::new(content.text.as_bytes());
    content.checksum = model::Checksum::of(content.text.as_bytes());
    write
}

fn parts(catalogue: &Catalogue) -> Vec<(String, usize)> {
    let publisher = catalogue.place.fixture.publisher().into_string();
    let organisation = publisher.rsplit('/').next().expect("an identifier");
    vec![
        ("source/geoportail".to_owned(), ALL),
        (format!("organisation/{organisation}"), ALL),
        ("theme/ENVI".to_owned(), ALL),
        ("hvd".to_owned(), 1),
    ]
}

#[tokio::test]
async fn a_part_has_its_entities_once_and_names_the_whole() {
    let mut catalogue = Catalogue::new().await;
    let write = high_value(&catalogue, 4);
    catalogue.place.fixture.commit(vec![write], vec![]).await;
    follow(&catalogue.place.fixture, &catalogue.index).await;
    for (part, total) in parts(&catalogue) {
        let own = format!("{BASE}catalog/{part}");
        let pages = walk(
            &catalogue.place,
            &format!("/catalog/{part}.ttl?page_size=4"),
        )
        .await;
        assert_eq!(pages.len(), total.div_ceil(4), "{part}");
        let seen: Vec<String> = pages.iter().flat_map(|page| listed(page)).collect();
        assert_eq!(seen.len(), total, "{part}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), total, "{part}");
        for page in &pages {
            assert_eq!(
                objects(page, &format!("{HYDRA}totalItems")),
                [total.to_string()]
            );
            assert_eq!(
                objects(page, &format!("{DCAT}catalog")),
                std::slice::from_ref(&own)
            );
            assert_eq!(
                objects(page, &format!("{DCT}isPartOf")),
                [format!("{BASE}catalogue")]
            );
            let lists = |quad: &&oxrdf::Quad| {
                quad.predicate.as_str() == format!("{DCAT}dataset")
                    && quad.subject.to_string() != format!("<{own}>")
            };
            assert_eq!(page.iter().find(lists), None, "{part}");
        }
    }
}

#[tokio::test]
async fn a_part_is_offered_in_every_form_and_an_unknown_one_is_not_found() {
    let catalogue = Catalogue::new().await;
    let place = &catalogue.place;
    for (part, _) in parts(&catalogue) {
        for (extension, media) in [
            ("ttl", "text/turtle"),
            ("rdf", "application/rdf+xml"),
            ("jsonld", "application/ld+json"),
            ("nt", "application/n-triples"),
        ] {
            let (named, accepted) = (
                place.get(&format!("/catalog/{part}.{extension}")).await,
                place
                    .ask("GET", &format!("/catalog/{part}"), &[("accept", media)])
                    .await,
            );
            for answer in [&named, &accepted] {
                assert_eq!(answer.status, 200, "{part}.{extension}");
                assert!(answer.header("content-type").starts_with(media));
                let here = format!("/catalog/{part}.{extension}");
                assert_eq!(answer.header("content-location"), here);
            }
            assert_eq!(named.bytes, accepted.bytes);
        }
        assert_eq!(place.browse(&format!("/catalog/{part}")).await.status, 303);
    }
    for path in [
        "/catalog/nothing",
        "/catalog/hvd.exe",
        "/catalog/hvd.html",
        "/catalog/source/unknown",
        "/catalog/source/a%3Eb",
        "/catalog/theme/NOTHING",
        "/catalog/theme/ENVI%3E",
        "/catalog/territory/x59",
        "/catalog/organisation/00000000-0000-5000-8000-000000000000",
        "/catalog/organisation/00000000000050008000000000000000",
    ] {
        assert_eq!(place.get(path).await.status, 404, "{path}");
    }
    let bare = crate::Place::new().await;
    assert_eq!(bare.get("/catalog/hvd.ttl").await.status, 503);
}

#[tokio::test]
async fn head_and_validators_hold_for_parts() {
    let mut catalogue = Catalogue::new().await;
    for path in [
        "/catalog/theme/ENVI.ttl?page_size=3",
        "/catalog/source/geoportail",
        "/catalog.nt?modified_since=2020-01-01",
    ] {
        let place = &catalogue.place;
        let (get, head) = (place.get(path).await, place.ask("HEAD", path, &[]).await);
        assert_eq!((head.status, head.bytes.len()), (200, 0), "{path}");
        for name in ["content-type", "etag", "content-location", "link"] {
            assert_eq!(get.all(name), head.all(name), "{path} {name}");
        }
        let tag = get.header("etag").to_owned();
        let again = place.ask("GET", path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status, again.bytes.len()), (304, 0), "{path}");
    }
    // The archive has a new dataset, and the index follows later: neither state may be taken for the other.
    let path = "/catalog/theme/ENVI.ttl?page_size=1000";
    let write = catalogue
        .place
        .fixture
        .write(EntityKind::Dataset, 77, "Nouveau");
    catalogue.place.fixture.commit(vec![write], vec![]).await;
    let before = catalogue.place.get(path).await;
    follow(&catalogue.place.fixture, &catalogue.index).await;
    let tag = before.header("etag").to_owned();
    let after = catalogue
        .place
        .ask("GET", path, &[("if-none-match", &tag)])
        .await;
    assert_eq!(listed(&turtle(&before)).len(), ALL);
    assert_eq!(listed(&turtle(&after)).len(), ALL + 1);
}

#[tokio::test]
async fn only_what_changed_since_is_listed() {
    let mut catalogue = Catalogue::new().await;
    // The fixture commits at 15:07:40 UTC.
    for (since, total) in [
        ("2025-06-15", ALL),
        ("2025-06-15T15:07:40Z", ALL),
        ("2025-06-15T17:07:40%2B02:00", ALL),
        ("2025-06-15T17:07:41+02:00", 0),
        ("2025-06-16", 0),
    ] {
        let address = format!("/catalog.ttl?page_size=9&modified_since={since}");
        let pages = walk(&catalogue.place, &address).await;
        let seen: BTreeSet<String> = pages.iter().flat_map(|page| listed(page)).collect();
        assert_eq!(seen.len(), total, "{since}");
    }
    for bad in ["", "hier", "2025-13-01", "1750000000"] {
        let path = format!("/catalog/theme/ENVI.ttl?modified_since={bad}");
        let answer = catalogue.place.get(&path).await;
        assert_eq!(answer.status, 400, "{bad}");
        assert!(answer.text().contains("2026-01-31T08:00:00Z"), "{bad}");
    }
    catalogue
        .place
        .fixture
        .withdraw(EntityKind::Dataset, 3)
        .await;
    let left = walk(
        &catalogue.place,
        "/catalog.ttl?page_size=2&modified_since=2025-01-01",
    )
    .await;
    let seen: BTreeSet<String> = left.iter().flat_map(|page| listed(page)).collect();
    assert_eq!(seen.len(), ALL - 1, "{}", title(EntityKind::Dataset, 3));
}

#[tokio::test]
async fn dcat_ap_2_has_no_series_and_its_pages_lead_to_pages_of_it() {
    let catalogue = Catalogue::new().await;
    let place = &catalogue.place;
    for feed in ["catalog", "catalog/theme/ENVI"] {
        let first = format!("/{feed}.ttl?page_size=4&profile=dcat-ap-2.1.1");
        let pages = walk(place, &first).await;
        let seen: BTreeSet<String> = pages.iter().flat_map(|page| listed(page)).collect();
        assert_eq!(seen.len(), DATASETS + SERVICES, "{feed}");
        for page in &pages {
            let total = objects(page, &format!("{HYDRA}totalItems"));
            assert_eq!(total, [(DATASETS + SERVICES).to_string()]);
            let text = format!("{page:?}");
            for term in ["DatasetSeries", "inSeries", "nonNegativeInteger"] {
                assert!(!text.contains(term), "{term}");
            }
        }
    }
    let dataset = place.fixture.path(EntityKind::Dataset, 0);
    let path = format!("{dataset}.ttl?profile=dcat-ap-2.1.1");
    let (new, old) = (
        place.get(&format!("{dataset}.ttl")).await,
        place.get(&path).await,
    );
    assert!(new.text().contains("inSeries") && !old.text().contains("inSeries"));
    assert_ne!(new.header("etag"), old.header("etag"));
    assert_eq!(old.header("content-location"), path);
    let series = place.fixture.path(EntityKind::DatasetSeries, 0);
    let refused = place
        .get(&format!("{series}.ttl?profile=dcat-ap-2.1.1"))
        .await;
    assert_eq!(refused.status, 406);
    for path in ["/catalog.ttl?profile=x", &format!("{dataset}?profile=x")] {
        let answer = place.get(path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.text().contains("dcat-ap-2.1.1"), "{path}");
    }
}

fn asked_for(profile: &str) -> [(&str, &str); 2] {
    [("accept", "text/turtle"), ("accept-profile", profile)]
}

#[tokio::test]
async fn a_profile_is_asked_for_by_header_and_others_are_named() {
    let mut catalogue = Catalogue::new().await;
    let write = high_value(&catalogue, 4);
    catalogue.place.fixture.commit(vec![write], vec![]).await;
    follow(&catalogue.place.fixture, &catalogue.index).await;
    let place = &catalogue.place;
    let dataset = place.fixture.path(EntityKind::Dataset, 4);
    for path in ["/catalog", "/catalog/theme/ENVI", &dataset] {
        let answer = place
            .ask("GET", path, &asked_for("<https://schema.org/>"))
            .await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text().contains("schema:Dataset"), "{path}");
        let here = answer.header("content-location").to_owned();
        assert!(here.contains("profile=schema.org"), "{here}");
        assert_eq!(place.get(&here).await.text(), answer.text());
        let links = answer.all("link");
        assert!(links.contains("<https://schema.org/>; rel=\"profile\""));
        for profile in ["dcat-ap-2.1.1", "geodcat-ap-3", "dcat-ap-hvd"] {
            assert!(links.contains(&format!("profile={profile}>")), "{links}");
        }
        assert!(answer.all("vary").contains("accept-profile"));
        let unknown = place.ask("GET", path, &asked_for("<urn:none>")).await;
        assert_eq!(unknown.status, 406, "{path}");
        assert!(unknown.text().contains("geodcat-ap-3"));
    }
    // A series is in no DCAT-AP 2.1.1: the next profile that the client takes is as good.
    let series = place.fixture.path(EntityKind::DatasetSeries, 0);
    let old = "<https://semiceu.github.io/DCAT-AP/releases/2.1.1/>";
    let both = format!("{old}, <https://schema.org/>;q=0.5");
    for (accepted, status) in [(old, 406), (&*both, 200)] {
        let answer = place.ask("GET", &series, &asked_for(accepted)).await;
        assert_eq!(answer.status, status, "{accepted}");
    }
    let first = place
        .get("/catalog.ttl?profile=schema.org&page_size=2")
        .await;
    assert!(first.text().contains("hydra:next"));
}

#[tokio::test]
async fn the_profile_of_high_value_datasets_has_nothing_else() {
    let mut catalogue = Catalogue::new().await;
    let write = high_value(&catalogue, 4);
    catalogue.place.fixture.commit(vec![write], vec![]).await;
    follow(&catalogue.place.fixture, &catalogue.index).await;
    let place = &catalogue.place;
    let one = [place
        .fixture
        .iri(EntityKind::Dataset, 4)
        .as_str()
        .to_owned()];
    for feed in ["catalog", "catalog/theme/ENVI", "catalog/hvd"] {
        let pages = walk(place, &format!("/{feed}.ttl?profile=dcat-ap-hvd")).await;
        let seen: Vec<String> = pages.iter().flat_map(|page| listed(page)).collect();
        assert_eq!(seen, one, "{feed}");
    }
    for (n, status) in [(4, 200), (5, 406)] {
        let path = place.fixture.path(EntityKind::Dataset, n);
        let answer = place.get(&format!("{path}.ttl?profile=dcat-ap-hvd")).await;
        assert_eq!(answer.status, status);
        // Nobody is sent where it is not.
        let plain = place.get(&format!("{path}.ttl")).await;
        assert_eq!(plain.all("link").contains("dcat-ap-hvd"), status == 200);
    }
}

#[tokio::test]
async fn the_feed_of_a_territory_has_what_lies_in_it() {
    let mut catalogue = Catalogue::new().await;
    for (n, territory) in [
        (4, "commune/60057"),
        (5, "departement/60"),
        (6, "commune/59350"),
    ] {
        let place = format!("http://id.insee.fr/geo/{territory}");
        let write = stating(&catalogue, n, dcterms::SPATIAL, &place);
        catalogue.place.fixture.commit(vec![write], vec![]).await;
    }
    follow(&catalogue.place.fixture, &catalogue.index).await;
    let place = &catalogue.place;
    for (asked, canonical, expected) in [
        ("region-32", "region-32", vec![4, 5, 6]),
        ("60", "departement-60", vec![4, 5]),
        ("departement-60", "departement-60", vec![4, 5]),
        ("departement/60", "departement-60", vec![4, 5]),
        ("60057", "commune-60057", vec![4]),
        ("2a", "departement-2A", vec![]),
    ] {
        let path = format!("/catalog/territory/{asked}.ttl");
        let pages = walk(place, &path).await;
        let seen: BTreeSet<String> = pages.iter().flat_map(|page| listed(page)).collect();
        let expected: BTreeSet<String> = expected
            .into_iter()
            .map(|n| {
                place
                    .fixture
                    .iri(EntityKind::Dataset, n)
                    .as_str()
                    .to_owned()
            })
            .collect();
        assert_eq!(seen, expected, "{asked}");
        let here = place.get(&path).await;
        let canonical = format!("/catalog/territory/{canonical}.ttl");
        assert_eq!(here.header("content-location"), canonical);
    }
    for unknown in [
        "32000000",
        "region-99",
        "x",
        "",
        "-",
        "commune-",
        "departement/x",
    ] {
        let answer = place
            .get(&format!("/catalog/territory/{unknown}.ttl"))
            .await;
        assert_eq!(answer.status, 404, "{unknown}");
        assert!(answer.text().contains("departement-60"), "{unknown}");
    }
    assert!(
        place
            .get("/catalog/x/1.ttl")
            .await
            .text()
            .contains("territory/CODE")
    );
}
