use std::collections::VecDeque;

use bytes::Bytes;
use model::{Connector, Failure, Page, ReadError, RecordFormat, Request, Response, Severity};
use proptest::prelude::*;

use crate::{Config, OgcRecords};

fn source(url: &str) -> OgcRecords {
    OgcRecords::new(Config {
        url: url.to_owned(),
        collections: Vec::new(),
        page_size: 10,
    })
    .unwrap()
}

fn answer(request: Request, body: &str) -> Response {
    Response {
        url: request.url.clone(),
        request,
        status: 200,
        content_type: Some("application/geo+json".to_owned()),
        etag: None,
        last_modified: None,
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

/// Crawls what `server` answers by address; at most 500 requests.
fn crawl(source: &OgcRecords, server: impl Fn(&str) -> String) -> (Vec<String>, Page) {
    let mut waiting: VecDeque<Request> = source.start(None).into();
    let (mut asked, mut all) = (Vec::new(), Page::default());
    while let Some(request) = waiting.pop_front() {
        assert!(asked.len() < 500, "the crawl does not end: {asked:?}");
        asked.push(request.url.clone());
        let body = server(&request.url);
        match source.read(&answer(request.clone(), &body)) {
            Ok(page) => {
                waiting.extend(page.next);
                all.records.extend(page.records);
                all.findings.extend(page.findings);
                all.refused += page.refused;
            }
            Err(error) => match source.recover(&request, &Failure::Read(&error)) {
                Some(requests) => waiting.extend(requests),
                None => all.refused += u64::from(request.records == Some(1)),
            },
        }
    }
    (asked, all)
}

fn ids(page: &Page) -> Vec<&str> {
    page.records
        .iter()
        .map(|record| record.id.as_str())
        .collect()
}

fn errors(page: &Page) -> Vec<&str> {
    page.findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| &*finding.rule)
        .collect()
}

const LANDING: &str = r#"{"title": "Catalogue", "links": [{"rel": "data", "type": "text/html", "href": "https://a.example/html"}, {"rel": "data", "type": "application/json", "href": "/ogc/collections"}]}"#;
const COLLECTIONS: &str = r#"{"collections": [
  {"id": "fiches", "itemType": "record", "links": [{"rel": "items", "type": "application/geo+json", "href": "http://a.example/ogc/collections/fiches/items"}]},
  {"id": "routes", "itemType": "feature"},
  {"id": "sentinelle", "stac_version": "1.0.0", "type": "Collection", "extent": {}}], "links": []}"#;

#[test]
fn links_are_followed_from_the_landing_page_to_the_last_record() {
    let (asked, all) = crawl(&source("https://a.example/ogc/"), |url| {
        match url {
        "https://a.example/ogc/" => LANDING.to_owned(),
        "https://a.example/ogc/collections" => COLLECTIONS.to_owned(),
        "https://a.example/ogc/collections/fiches/items?limit=10" => r#"{"type": "FeatureCollection", "numberMatched": 3, "features": [{"type": "Feature", "id": "a"}, {"type": "Feature", "id": 2}],
            "links": [{"rel": "next", "href": "http://a.example/ogc/collections/fiches/items?offset=2&limit=10"}]}"#.to_owned(),
        "https://a.example/ogc/collections/fiches/items?offset=2&limit=10" => r#"{"type": "FeatureCollection", "numberMatched": 3, "features": [{"type": "Feature", "id": "c"}], "links": [{"rel": "self", "href": "x"}]}"#.to_owned(),
        other => panic!("{other} was asked for"),
    }
    });
    assert_eq!(asked.len(), 4);
    assert_eq!(ids(&all), ["sentinelle", "a", "2", "c"]);
    assert_eq!(all.records[0].format, RecordFormat::StacCollection);
    assert_eq!(all.findings.len(), 1, "the collection of features is named");
    assert_eq!(all.findings[0].value.as_deref(), Some("routes"));
}

#[test]
fn only_the_collections_that_are_wanted_are_read() {
    let source = OgcRecords::new(Config {
        url: "https://a.example/ogc/collections".to_owned(),
        collections: vec!["sentinelle".to_owned()],
        page_size: 10,
    })
    .unwrap();
    let (asked, all) = crawl(&source, |_| COLLECTIONS.to_owned());
    assert_eq!((asked.len(), ids(&all)), (1, vec!["sentinelle"]));
}

#[test]
fn a_static_catalogue_of_stac_is_followed_through_its_children() {
    let (_, all) = crawl(&source("https://a.example/stac/catalog.json"), |url| {
        match url {
        "https://a.example/stac/catalog.json" => r#"{"type": "Catalog", "stac_version": "1.0.0", "id": "r", "links": [{"rel": "child", "href": "./a/collection.json"}, {"rel": "child", "href": "b/catalog.json"}, {"rel": "root", "href": "."}]}"#.to_owned(),
        "https://a.example/stac/b/catalog.json" => r#"{"type": "Catalog", "stac_version": "1.0.0", "id": "b", "links": [{"rel": "child", "href": "../catalog.json"}]}"#.to_owned(),
        _ => r#"{"type": "Collection", "stac_version": "1.0.0", "id": "a", "extent": {}, "links": []}"#.to_owned(),
    }
    });
    // The way back through the child's child is told, and not gone.
    assert_eq!((ids(&all), errors(&all)), (vec!["a"], vec![]));
    assert_eq!(all.findings[0].rule, "paging/loop");
}

#[test]
fn listings_that_go_round_are_seen_at_any_distance() {
    for period in [1u64, 2, 3, 7] {
        let (asked, all) = crawl(&source("https://a.example/collections/x/items"), |url| {
            let page: u64 = url
                .rsplit("page=")
                .next()
                .and_then(|n| n.parse().ok())
                .unwrap_or(0);
            let next = 1 + page % period;
            format!(
                r#"{{"type": "FeatureCollection", "features": [{{"id": {page}}}], "links": [{{"rel": "next", "href": "?limit=10&page={next}"}}]}}"#
            )
        });
        assert!(asked.len() < 40, "{period}: {}", asked.len());
        assert_eq!(errors(&all), ["paging/loop"], "{period}");
    }
}

#[test]
fn empty_pages_foreign_hosts_and_nameless_records_are_told() {
    let (asked, all) = crawl(&source("https://a.example/items"), |url| {
        let page: u64 = url
            .rsplit("offset=")
            .next()
            .and_then(|n| n.parse().ok())
            .unwrap_or(0);
        format!(
            r#"{{"type": "FeatureCollection", "features": [], "links": [{{"rel": "next", "href": "?limit=10&offset={}"}}]}}"#,
            page + 10
        )
    });
    assert_eq!((asked.len(), errors(&all)), (5, vec!["paging/empty-pages"]));
    let (_, all) = crawl(&source("https://a.example/items"), |_| {
        r#"{"features": [{"id": ""}, {"title": "x"}, {"id": "a"}], "links": [{"rel": "next", "href": "https://b.example/items"}, 3, {"href": []}]}"#.to_owned()
    });
    assert_eq!((ids(&all), all.refused), (vec!["a"], 2));
    assert_eq!(
        errors(&all),
        [
            "record/no-identifier",
            "record/no-identifier",
            "paging/foreign-next-page"
        ]
    );
}

#[test]
fn a_record_that_breaks_its_page_ends_up_alone() {
    let (_, all) = crawl(&source("https://a.example/items?offset=0"), |url| {
        let number = |name: &str| -> u64 {
            let (_, rest) = url.split_once(name).unwrap_or_default();
            rest.split('&')
                .next()
                .and_then(|n| n.parse().ok())
                .unwrap_or(0)
        };
        let (offset, limit) = (number("offset="), number("limit="));
        let end = (offset + limit).min(25);
        if (offset..end).contains(&13) {
            return r#"{"type": "FeatureCollection", "features": [{"id": "#.to_owned();
        }
        let features: Vec<String> = (offset..end)
            .map(|id| format!(r#"{{"id": {id}}}"#))
            .collect();
        let next = if end < 25 {
            format!(r#"{{"rel": "next", "href": "?offset={end}&limit={limit}"}}"#)
        } else {
            String::new()
        };
        format!(
            r#"{{"type": "FeatureCollection", "numberMatched": 25, "features": [{}], "links": [{next}]}}"#,
            features.join(",")
        )
    });
    let mut seen: Vec<u64> = ids(&all).iter().map(|id| id.parse().unwrap()).collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..25).filter(|id| *id != 13).collect::<Vec<_>>());
    assert_eq!(all.refused, 1);
}

#[test]
fn what_is_no_catalogue_says_what_it_is() {
    let source = source("https://a.example/");
    let read = |body: &str| source.read(&answer(source.start(None).remove(0), body));
    assert!(matches!(read("<html>"), Err(ReadError::Unexpected(_))));
    assert!(matches!(
        read(r#"{"code": "NotFound", "description": "no"}"#),
        Err(ReadError::Refused { .. })
    ));
    assert!(matches!(read("[1]"), Err(ReadError::Unexpected(_))));
    assert!(matches!(
        read(r#"{"type": "FeatureCollection", "features""#),
        Err(ReadError::Malformed { .. })
    ));
}

#[test]
fn addresses_that_cannot_be_asked_are_refused() {
    for (url, page_size) in [
        ("", 10),
        ("items", 10),
        ("ftp://a.example/", 10),
        ("https://a.example/", 0),
    ] {
        let config = Config {
            url: url.to_owned(),
            collections: Vec::new(),
            page_size,
        };
        assert!(OgcRecords::new(config).is_err(), "{url}");
    }
}

proptest! {
    #[test]
    fn damaged_answers_do_no_harm(at in 0usize..600, byte in any::<u8>()) {
        let mut body = COLLECTIONS.as_bytes().to_vec();
        if let Some(old) = body.get_mut(at) { *old = byte; } else { body.truncate(at / 2); }
        let source = source("https://a.example/ogc/collections");
        let request = source.start(None).remove(0);
        let _ = source.read(&answer(request, &String::from_utf8_lossy(&body)));
    }
}
