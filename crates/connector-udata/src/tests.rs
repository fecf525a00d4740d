//! Crawls of a simulated portal, one fault at a time.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use model::{
    Checkpoint, Connector, Coverage, Failure, Finding, ReadError, RecordFormat, Request, Response,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

use crate::{Config, Udata};

const ROOT: &str = "https://portail.example/";

fn config(text: &str) -> Config {
    toml::from_str(&format!("url = \"{ROOT}\"\n{text}")).expect("a configuration")
}

fn udata(text: &str) -> Udata {
    Udata::new(config(text)).expect("a good configuration")
}

fn id(index: u64) -> String {
    format!("{index:024x}")
}

/// Changes the answer to a page: its body and the request's parameters.
type Twist = fn(&mut Value, &BTreeMap<String, String>);

struct Portal {
    datasets: u64,
    dataservices: Option<u64>,
    max_size: u64,
    /// Datasets whose page cannot be served, and how it fails.
    bad: Vec<u64>,
    fault: Fault,
    twist: Twist,
}

#[derive(Clone, Copy)]
enum Fault {
    Status(Option<u16>),
    Truncated,
    Html,
}

impl Default for Portal {
    fn default() -> Self {
        Self {
            datasets: 37,
            dataservices: None,
            max_size: 1000,
            bad: Vec::new(),
            fault: Fault::Status(Some(500)),
            twist: |_, _| {},
        }
    }
}

impl Portal {
    fn answer(&self, request: &Request) -> Result<Response, Option<u16>> {
        let url = Url::parse(&request.url).expect("an address");
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let total = match url.path() {
            "/api/1/datasets/" => self.datasets,
            "/api/1/dataservices/" => self.dataservices.ok_or(Some(404))?,
            _ => return Err(Some(404)),
        };
        let page: u64 = query["page"].parse().expect("a page");
        let asked: u64 = query["page_size"].parse().expect("a size");
        let size = asked.min(self.max_size);
        let range = (page - 1) * size..(page * size).min(total);
        if page > 1 && range.is_empty() {
            return Err(Some(404));
        }
        let fails = self.bad.iter().any(|bad| range.contains(bad));
        if fails && let Fault::Status(status) = self.fault {
            return Err(status);
        }
        let items: Vec<Value> = range.map(|index| item(index, total)).collect();
        let next = (page * size < total)
            .then(|| format!("{ROOT}api/1/datasets/?page={}&page_size={size}", page + 1));
        let mut body = json!({ "data": items, "page": page, "page_size": size, "total": total, "next_page": next });
        if url.path().ends_with("dataservices/") {
            body["next_page"] = Value::Null;
        }
        (self.twist)(&mut body, &query);
        let mut body = body.to_string();
        match self.fault {
            Fault::Truncated if fails => body.truncate(body.len() / 2),
            Fault::Html if fails => {
                body = "<!DOCTYPE html><html><title>Erreur</title></html>".to_owned()
            }
            _ => {}
        }
        Ok(response(request, body))
    }
}

/// Numbers are years of change, newest first, so that `-last_update` is the order of the portal.
fn item(index: u64, total: u64) -> Value {
    let updated = newest() - TimeDelta::days(i64::try_from(index).expect("small"));
    json!({ "id": id(index), "title": format!("Jeu {index} sur {total}"), "last_update": updated.to_rfc3339(), "private": false, "deleted": null })
}

fn newest() -> DateTime<Utc> {
    "2026-05-01T00:00:00Z".parse().expect("a date")
}

fn response(request: &Request, body: impl Into<Bytes>) -> Response {
    Response {
        request: request.clone(),
        url: request.url.clone(),
        status: 200,
        content_type: Some("application/json".to_owned()),
        etag: None,
        last_modified: None,
        body: body.into(),
    }
}

#[derive(Default)]
struct Crawl {
    ids: Vec<String>,
    findings: Vec<Finding>,
    announced: BTreeMap<String, u64>,
    refused: u64,
    lost: u64,
    gone: usize,
    requests: usize,
}

impl Crawl {
    fn rules(&self) -> Vec<&str> {
        self.findings
            .iter()
            .map(|finding| finding.rule.as_ref())
            .collect()
    }

    fn expect_all(&self, total: u64) {
        let mut ids = self.ids.clone();
        ids.sort();
        let all: Vec<String> = (0..total).map(id).collect();
        assert_eq!(ids, all, "every record once; findings: {:?}", self.findings);
    }
}

/// What the engine does, without its patience.
fn crawl(
    connector: &Udata,
    since: Option<&Checkpoint>,
    mut serve: impl FnMut(&Request) -> Result<Response, Option<u16>>,
) -> Crawl {
    let mut crawl = Crawl::default();
    let mut queue: VecDeque<Request> = connector.start(since).into();
    while let Some(request) = queue.pop_front() {
        crawl.requests += 1;
        assert!(crawl.requests < 2000, "the crawl does not end");
        let recovered = match serve(&request) {
            Err(status) => connector.recover(
                &request,
                &Failure::Fetch {
                    status,
                    message: "échec",
                },
            ),
            Ok(answer) => match connector.read(&answer) {
                Ok(page) => {
                    crawl
                        .ids
                        .extend(page.records.iter().map(|record| record.id.to_string()));
                    crawl.findings.extend(page.findings);
                    crawl.refused += page.refused;
                    crawl.gone += page.gone.len();
                    if let (Some(total), Some(listing)) =
                        (page.announced, request.cursor["listing"].as_str())
                    {
                        crawl.announced.insert(listing.to_owned(), total);
                    }
                    Some(page.next)
                }
                Err(error) => connector.recover(&request, &Failure::Read(&error)),
            },
        };
        match recovered {
            Some(requests) => {
                if let Some(records) = request.records {
                    assert!(
                        requests
                            .iter()
                            .filter_map(|request| request.records)
                            .sum::<u64>()
                            <= records.max(1000)
                    );
                }
                for request in requests.into_iter().rev() {
                    queue.push_front(request);
                }
            }
            None if request.records == Some(1) => crawl.refused += 1,
            None => crawl.lost += 1,
        }
    }
    crawl
}

fn run(config: &str, portal: &Portal) -> Crawl {
    crawl(&udata(config), None, |request| portal.answer(request))
}

#[test]
fn every_dataset_is_read_once_whatever_the_page_size() {
    for size in [1, 7, 10, 36, 37, 38, 100] {
        let crawl = run(
            &format!("page_size = {size}\ndataservices = false"),
            &Portal::default(),
        );
        crawl.expect_all(37);
        assert_eq!(crawl.requests as u64, 37_u64.div_ceil(size), "size {size}");
        assert!(crawl.findings.is_empty(), "{:?}", crawl.findings);
        assert_eq!(crawl.announced["datasets"], 37);
    }
}

#[test]
fn the_filters_and_a_stable_order_are_asked_for() {
    let connector = udata(
        "organization = \"0123456789abcdef01234567\"\ngeozone = \"fr:region:32\"\ntag = [\"eau\", \"hvd\"]\ndataservices = true",
    );
    let urls: Vec<String> = connector
        .start(None)
        .into_iter()
        .map(|request| request.url)
        .collect();
    assert_eq!(
        urls,
        [
            "https://portail.example/api/1/datasets/?page=1&page_size=100&sort=created&organization=0123456789abcdef01234567&geozone=fr%3Aregion%3A32&tag=eau&tag=hvd",
            "https://portail.example/api/1/dataservices/?page=1&page_size=100&sort=created&organization=0123456789abcdef01234567&tag=eau&tag=hvd",
        ]
    );
}

#[test]
fn dataservices_are_left_out_where_a_zone_limits_the_crawl() {
    assert_eq!(udata("geozone = \"fr:region:32\"").start(None).len(), 1);
    assert_eq!(udata("").start(None).len(), 2);
    assert_eq!(udata("dataservices = false").start(None).len(), 1);
}

#[test]
fn the_address_of_the_api_is_accepted_too() {
    for url in [
        "https://p.example",
        "https://p.example/",
        "https://p.example/api/1/",
        "https://p.example/api/1",
    ] {
        let connector =
            Udata::new(toml::from_str(&format!("url = \"{url}\"")).expect("keys")).expect("good");
        let first = connector.start(None).remove(0);
        assert!(
            first
                .url
                .starts_with("https://p.example/api/1/datasets/?page=1&"),
            "{}",
            first.url
        );
    }
}

#[test]
fn wrong_keys_are_refused_with_a_hint() {
    assert!(toml::from_str::<Config>("url = \"https://p.example\"\norganisation = \"x\"").is_err());
    for (text, key) in [
        ("page_size = 0", "page_size"),
        ("organization = \"insee\"", "organization"),
        ("tag = \"\"", "tag"),
        ("geozone = \" \"", "geozone"),
    ] {
        let error = Udata::new(config(text)).expect_err(text);
        assert_eq!(error.key, key);
    }
    for url in ["portail.example", "ftp://portail.example/"] {
        let error =
            Udata::new(toml::from_str(&format!("url = \"{url}\"")).expect("keys")).expect_err(url);
        assert_eq!(error.key, "url");
    }
}

#[test]
fn each_listing_announces_its_own_total() {
    let portal = Portal {
        dataservices: Some(4),
        ..Portal::default()
    };
    let crawl = run("", &portal);
    assert_eq!(crawl.announced.values().sum::<u64>(), 41);
    assert_eq!(crawl.ids.len(), 41);
}

#[test]
fn a_portal_without_dataservices_is_read_all_the_same() {
    let crawl = run("", &Portal::default());
    crawl.expect_all(37);
    assert_eq!((crawl.lost, crawl.refused), (0, 0));
}

#[test]
fn a_portal_that_is_not_there_is_a_failure() {
    let crawl = crawl(&udata(""), None, |_| Err(None));
    assert!(crawl.lost >= 2);
    assert_eq!(crawl.refused, 0);
    assert!(crawl.requests < 10, "{}", crawl.requests);
}

#[test]
fn a_lowered_page_size_is_taken_over() {
    let named = Portal {
        max_size: 5,
        ..Portal::default()
    };
    let unnamed = Portal {
        max_size: 5,
        twist: |body, _| {
            body.as_object_mut().expect("an object").remove("page_size");
            body["next_page"] = Value::Null;
        },
        ..Portal::default()
    };
    for portal in [named, unnamed] {
        run("dataservices = false", &portal).expect_all(37);
    }
}

fn relink(body: &mut Value, link: &str) {
    if !body["next_page"].is_null() {
        body["next_page"] = json!(link);
    }
}

#[test]
fn next_page_is_not_trusted() {
    let twists: [(Twist, Option<&str>); 7] = [
        (
            |body, _| body["next_page"] = Value::Null,
            Some("paging/counts-disagree"),
        ),
        (
            |body, _| relink(body, "https://evil.example/api/1/datasets/?page=2"),
            Some("paging/foreign-next-page"),
        ),
        (
            |body, _| {
                relink(
                    body,
                    "http://portail.example/api/1/datasets/?page=2&page_size=10",
                )
            },
            Some("paging/foreign-next-page"),
        ),
        (
            |body, _| {
                body["next_page"] = json!(format!("{ROOT}api/1/datasets/?page=1&page_size=10"))
            },
            Some("paging/counts-disagree"),
        ),
        (
            |body, _| {
                body["next_page"] = json!(format!("{ROOT}api/1/datasets/?page=999&page_size=10"))
            },
            Some("paging/counts-disagree"),
        ),
        (
            |body, _| body["next_page"] = json!(17),
            Some("paging/counts-disagree"),
        ),
        (
            |body, _| {
                body.as_object_mut().expect("an object").remove("total");
            },
            None,
        ),
    ];
    for (index, (twist, rule)) in twists.into_iter().enumerate() {
        let crawl = run(
            "page_size = 10\ndataservices = false",
            &Portal {
                twist,
                ..Portal::default()
            },
        );
        crawl.expect_all(37);
        assert_eq!(crawl.rules(), Vec::from_iter(rule), "twist {index}");
        assert_eq!(crawl.lost, 0);
    }
}

#[test]
fn next_page_is_followed_on_the_same_origin() {
    let twist: Twist = |body, query| {
        if query["page"] == "1" {
            body["next_page"] =
                json!("/api/1/datasets/?page=2&page_size=10&sort=created&jeton=abc");
        }
    };
    let portal = Portal {
        twist,
        ..Portal::default()
    };
    let mut seen = Vec::new();
    crawl(
        &udata("page_size = 10\ndataservices = false"),
        None,
        |request| {
            seen.push(request.url.clone());
            portal.answer(request)
        },
    )
    .expect_all(37);
    assert_eq!(
        seen[1],
        "https://portail.example/api/1/datasets/?page=2&page_size=10&sort=created&jeton=abc"
    );
}

#[test]
fn a_count_that_falls_on_the_way_does_not_hide_what_lacks() {
    let portal = Portal {
        twist: |body, query| {
            if query["page"] == "4" {
                body["total"] = json!(0);
                body["data"] = json!([]);
            }
        },
        ..Portal::default()
    };
    let crawl = run("page_size = 10\ndataservices = false", &portal);
    assert_eq!((crawl.ids.len(), crawl.announced["datasets"]), (30, 37));
}

#[test]
fn endless_listings_end() {
    // Fresh records behind the announced end, for ever.
    let behind = |request: &Request| {
        let query: BTreeMap<String, String> = Url::parse(&request.url)
            .expect("url")
            .query_pairs()
            .into_owned()
            .collect();
        let page: u64 = query["page"].parse().expect("page");
        let items: Vec<Value> = (page * 10..page * 10 + 10)
            .map(|index| json!({ "id": id(index) }))
            .collect();
        let body = json!({ "data": items, "total": 20, "page_size": 10, "next_page": format!("{ROOT}api/1/datasets/?page={}&page_size=10", page + 1) });
        Ok(response(request, body.to_string()))
    };
    let config = "page_size = 10\ndataservices = false";
    let endless = crawl(&udata(config), None, behind);
    assert!(endless.rules().contains(&"paging/endless"));
    assert!(endless.requests <= 6, "{}", endless.requests);
    // The same page for ever, without a total.
    let same = |request: &Request| {
        let body = json!({ "data": [{ "id": "a" }, { "id": "b" }], "next_page": format!("{}&x=1", request.url.replace("page=", "p=")) });
        Ok(response(request, body.to_string()))
    };
    let repeated = crawl(&udata(config), None, same);
    assert!(repeated.rules().contains(&"paging/repeated-page"));
    assert!(repeated.requests <= 4);
    // A total that grows with each page.
    let mut page = 0_u64;
    let grows = |request: &Request| {
        page += 1;
        let items: Vec<Value> = (page * 100..page * 100 + 100)
            .map(|index| json!({ "id": id(index) }))
            .collect();
        let body = json!({ "data": items, "total": page * 100 + 500, "page_size": 100, "next_page": null });
        Ok(response(request, body.to_string()))
    };
    let grown = crawl(&udata("dataservices = false"), None, grows);
    assert!(
        grown.rules().contains(&"paging/endless"),
        "{:?}",
        grown.rules()
    );
}

#[test]
fn one_bad_record_is_isolated_and_the_others_are_read() {
    for fault in [
        Fault::Status(Some(500)),
        Fault::Status(None),
        Fault::Truncated,
        Fault::Html,
    ] {
        for bad in [0, 5, 17, 35, 36] {
            // The first page must be good where the fault looks like a wrong address.
            if bad < 10 && !matches!(fault, Fault::Truncated | Fault::Status(Some(_))) {
                continue;
            }
            let portal = Portal {
                bad: vec![bad],
                fault,
                ..Portal::default()
            };
            let crawl = run("page_size = 10\ndataservices = false", &portal);
            assert_eq!((crawl.refused, crawl.lost), (1, 0), "record {bad}");
            let mut ids = crawl.ids.clone();
            ids.sort();
            assert_eq!(
                ids,
                (0..37)
                    .filter(|index| *index != bad)
                    .map(id)
                    .collect::<Vec<_>>()
            );
        }
    }
}

#[test]
fn a_page_of_one_record_that_fails_does_not_end_the_crawl() {
    let portal = Portal {
        datasets: 6,
        bad: vec![2, 3],
        ..Portal::default()
    };
    let crawl = run("page_size = 1\ndataservices = false", &portal);
    assert_eq!((crawl.ids.len(), crawl.refused, crawl.lost), (4, 2, 0));
}

#[test]
fn a_portal_that_dies_costs_few_requests_and_loses_the_run() {
    let portal = Portal {
        datasets: 75_000,
        bad: (300..75_000).collect(),
        fault: Fault::Status(None),
        ..Portal::default()
    };
    let crawl = run("dataservices = false", &portal);
    assert_eq!(crawl.ids.len(), 300);
    assert!(crawl.lost >= 1, "the run must not count as complete");
    assert!(crawl.requests < 40, "{}", crawl.requests);
}

#[test]
fn a_refused_order_is_left_out() {
    let portal = Portal::default();
    let crawl = crawl(&udata("dataservices = false"), None, |request| {
        if request.url.contains("sort=") {
            Err(Some(400))
        } else {
            portal.answer(request)
        }
    });
    crawl.expect_all(37);
    assert_eq!(crawl.rules(), ["paging/unsorted"]);
}

#[test]
fn an_incremental_crawl_stops_at_the_checkpoint() {
    let connector = udata("incremental = true\npage_size = 10\ndataservices = false");
    let checkpoint = Checkpoint {
        started: newest() - TimeDelta::days(5),
    };
    assert_eq!(connector.coverage(Some(&checkpoint)), Coverage::Delta);
    assert_eq!(connector.coverage(None), Coverage::Full);
    assert_eq!(udata("").coverage(Some(&checkpoint)), Coverage::Full);
    let portal = Portal::default();
    let crawl = crawl(&connector, Some(&checkpoint), |request| {
        assert!(request.url.contains("sort=-last_update"), "{}", request.url);
        portal.answer(request)
    });
    // The first page reaches the checkpoint, the second lies wholly behind it.
    assert_eq!((crawl.ids.len(), crawl.requests), (20, 2));
    assert!(
        crawl.announced.is_empty() && crawl.findings.is_empty(),
        "{:?}",
        crawl.findings
    );
}

#[test]
fn an_incremental_crawl_reads_on_where_the_order_is_not_kept() {
    let connector = udata("incremental = true\npage_size = 10\ndataservices = false");
    let checkpoint = Checkpoint {
        started: newest() - TimeDelta::days(5),
    };
    let twist: Twist = |body, _| body["data"].as_array_mut().expect("a list").reverse();
    let portal = Portal {
        twist,
        ..Portal::default()
    };
    let crawl = crawl(&connector, Some(&checkpoint), |request| {
        portal.answer(request)
    });
    crawl.expect_all(37);
    assert_eq!(crawl.rules(), ["paging/order-not-honoured"]);
}

#[test]
fn records_are_told_apart() {
    let connector = udata("");
    let requests = connector.start(None);
    let body = r#"{"data": [{"id": "a"}, {"id": {"$oid": "b"}, "x": 1}, {"title": "?"}, {"id": "c", "deleted": "2020-01-01"}, {"id": "d", "private": true}, 5, {"id": 7}, {"id": "e", "private": null, "archived": null}],
        "total": 8, "page_size": 100}"#;
    let page = connector
        .read(&response(&requests[1], body))
        .expect("a page");
    let ids: Vec<&str> = page
        .records
        .iter()
        .map(|record| record.id.as_str())
        .collect();
    assert_eq!(ids, ["a", "b", "7", "e"]);
    assert!(
        page.records
            .iter()
            .all(|record| record.format == RecordFormat::UdataDataservice)
    );
    assert_eq!(page.records[1].body, r#"{"id": {"$oid": "b"}, "x": 1}"#);
    assert_eq!(page.gone.len(), 2);
    assert_eq!(page.refused, 2);
    let places: Vec<_> = page
        .findings
        .iter()
        .map(|finding| {
            let place = finding.place.as_deref().unwrap_or("");
            let place = place
                .strip_prefix(requests[1].url.as_str())
                .expect("the page");
            (finding.rule.as_ref(), place.trim_start())
        })
        .collect();
    assert_eq!(
        places,
        [
            ("record/no-identifier", "/data/2/id"),
            ("record/private", "/data/4/private"),
            ("record/no-identifier", "/data/5/id")
        ]
    );
}

#[test]
fn records_share_the_bytes_of_the_page() {
    let connector = udata("");
    let request = connector.start(None).remove(0);
    let body = Bytes::from(r#"{"data": [{"id": "a"}], "total": 1}"#);
    let page = connector
        .read(&response(&request, body.clone()))
        .expect("a page");
    assert!(body.as_ptr_range().contains(&page.records[0].body.as_ptr()));
}

#[test]
fn answers_of_another_kind_are_named() {
    let connector = udata("");
    let request = connector.start(None).remove(0);
    let read = |body: &str| {
        connector
            .read(&response(&request, body.to_owned()))
            .expect_err(body)
    };
    assert!(
        matches!(read("\n<!DOCTYPE html><html>"), ReadError::Unexpected(message) if message.contains("HTML"))
    );
    assert!(
        matches!(read("{\"message\": \"Invalid\"}"), ReadError::Refused { message, .. } if message == "Invalid")
    );
    assert!(matches!(read("[]"), ReadError::Unexpected(_)));
    assert!(matches!(read("{\"result\": []}"), ReadError::Unexpected(_)));
    assert!(
        matches!(read("{\"data\":\n [{\"id\":"), ReadError::Malformed { at: Some(at), .. } if at.starts_with("line 2"))
    );
    assert!(matches!(read(""), ReadError::Malformed { .. }));
    let nested = format!("{{\"data\": [{}]}}", "[".repeat(200_000));
    assert!(connector.read(&response(&request, nested)).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..400), cut in 0_usize..600) {
        let connector = udata("incremental = true");
        let checkpoint = Checkpoint { started: newest() };
        for request in connector.start(Some(&checkpoint)) {
            let _ = connector.read(&response(&request, body.clone()));
            let good = Portal::default().answer(&request).map(|answer| answer.body).unwrap_or_default();
            let _ = connector.read(&response(&request, good.slice(..cut.min(good.len()))));
        }
    }

    #[test]
    fn no_listing_makes_it_loop(total in 0_u64..60, claimed in prop::option::of(0_u64..90), size in 1_u64..40, cap in 1_u64..40, bad in prop::collection::vec(0_u64..60, 0..6), links in any::<bool>()) {
        let portal = Portal { datasets: total, max_size: cap, bad, ..Portal::default() };
        crawl(&udata(&format!("page_size = {size}")), None, |request| {
            let mut answer = portal.answer(request)?;
            let mut body: Value = serde_json::from_slice(&answer.body).expect("json");
            if let Some(claimed) = claimed {
                body["total"] = json!(claimed);
            }
            if links {
                body["next_page"] = json!(format!("{ROOT}api/1/datasets/?page={}&page_size={}", body["page"].as_u64().unwrap_or(0) + 1, body["page_size"]));
            }
            answer.body = body.to_string().into();
            Ok(answer)
        });
    }
}

#[test]
fn a_portal_tells_how_much_changed_by_the_order_of_its_listing() {
    let connector = udata("incremental = true\npage_size = 10");
    let count = |portal: &Portal, since: Option<TimeDelta>| {
        let since = since.map(|ago| Checkpoint {
            started: newest() - ago,
        });
        let request = connector.probe(since.as_ref()).expect("a request");
        let answer = portal.answer(&request).expect("an answer");
        connector.counted(&answer).expect("a number")
    };
    let portal = Portal::default();
    let all = count(&portal, None);
    assert!(all > Some(10));
    assert_eq!(count(&portal, Some(TimeDelta::days(-3650))), Some(0));
    assert_eq!(count(&portal, Some(TimeDelta::days(20_000))), all);
    // Without the order, everything has to be read to know what changed.
    let twist: Twist = |body, _| body["data"].as_array_mut().expect("a list").reverse();
    let portal = Portal {
        twist,
        ..Portal::default()
    };
    assert_eq!(count(&portal, Some(TimeDelta::days(-3650))), all);
}
