//! Crawls of a simulated portal, one fault at a time.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use model::{
    Checkpoint, Connector, Coverage, Failure, Finding, ReadError, RecordFormat, Request, Response,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

use crate::{Config, Opendatasoft};

const ROOT: &str = "https://donnees.valmer.example/";

fn config(text: &str) -> Config {
    toml::from_str(&format!("url = \"{ROOT}\"\n{text}")).expect("a configuration")
}

fn connector(text: &str) -> Opendatasoft {
    Opendatasoft::new(config(text)).expect("a good configuration")
}

fn id(index: u64) -> String {
    format!("jeu-{index:06}")
}

type Query = BTreeMap<String, String>;

#[derive(Clone, Copy)]
enum Fault {
    Status(Option<u16>),
    Truncated,
    Html,
}

/// When a dataset was modified.
type Modified = fn(u64) -> Option<DateTime<Utc>>;

struct Portal {
    datasets: u64,
    /// Whether it has version 2.1 of the API.
    explore: bool,
    search: bool,
    /// What it gives at once at most.
    cap: u64,
    /// Datasets whose page cannot be served, and how it fails.
    bad: Vec<u64>,
    fault: Fault,
    modified: Modified,
    twist: fn(&mut Value, &Query),
}

impl Default for Portal {
    fn default() -> Self {
        Self {
            datasets: 37,
            explore: true,
            search: false,
            cap: 100,
            bad: Vec::new(),
            fault: Fault::Status(Some(500)),
            modified: |index| Some(day(i64::try_from(index).expect("small"))),
            twist: |_, _| {},
        }
    }
}

fn day(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_420_093_800_250).expect("a date") + TimeDelta::hours(day)
}

impl Portal {
    fn answer(&self, request: &Request) -> Result<Response, Option<u16>> {
        let url = Url::parse(&request.url).expect("an address");
        let query: Query = url.query_pairs().into_owned().collect();
        let (limit, offset) = match url.path() {
            "/api/explore/v2.1/catalog/datasets" if self.explore => ("limit", "offset"),
            "/api/datasets/1.0/search/" if self.search => ("rows", "start"),
            _ => return Err(Some(404)),
        };
        let number = |key: &str| query[key].parse::<u64>().expect("a number");
        let (limit, offset) = (number(limit), number(offset));
        if limit > 100 || offset + limit >= 10_000 {
            return Err(Some(400));
        }
        let inside = window(query.get("where"));
        let mut chosen: Vec<u64> = (0..self.datasets)
            .filter(|index| inside((self.modified)(*index)))
            .collect();
        if query
            .get("order_by")
            .is_some_and(|order| order == "modified")
        {
            chosen.sort_by_key(|index| (self.modified)(*index));
        }
        let page = chosen.iter().skip(offset as usize);
        let page: Vec<u64> = page.take(limit.min(self.cap) as usize).copied().collect();
        let fails = self.bad.iter().any(|bad| page.contains(bad));
        if fails && let Fault::Status(status) = self.fault {
            return Err(status);
        }
        let items: Vec<Value> = page.iter().map(|index| self.item(*index)).collect();
        let mut body = if self.explore {
            json!({ "total_count": chosen.len(), "results": items })
        } else {
            json!({ "nhits": chosen.len(), "parameters": {}, "datasets": items })
        };
        (self.twist)(&mut body, &query);
        let mut body = body.to_string();
        match self.fault {
            Fault::Truncated if fails => body.truncate(body.len() / 2),
            Fault::Html if fails => body = "<!DOCTYPE html><title>Erreur</title>".to_owned(),
            _ => {}
        }
        Ok(response(request, body))
    }

    fn item(&self, index: u64) -> Value {
        let modified = (self.modified)(index).map(|date| date.to_rfc3339());
        if self.explore {
            json!({ "dataset_id": id(index), "visibility": "domain", "metas": { "default": { "title": "x", "modified": modified, "federated": false } } })
        } else {
            json!({ "datasetid": id(index), "metas": { "title": "x", "modified": modified } })
        }
    }
}

/// The part of ODSQL that the connector writes: whether a date is of the window.
fn window(filter: Option<&String>) -> impl Fn(Option<DateTime<Utc>>) -> bool {
    let undated = filter.is_some_and(|filter| filter == "modified is null");
    let bound = |sign: &str| {
        let (_, bound) = filter?.split_once(&format!("modified {sign} date'"))?;
        let (date, _) = bound.split_once('\'').expect("a quote");
        let date = NaiveDateTime::parse_from_str(date, "%Y-%m-%dT%H:%M:%S").expect("a date");
        Some(date.and_utc())
    };
    let (from, to) = (bound(">="), bound("<"));
    assert!(filter.is_none() || undated || from.is_some() || to.is_some());
    move |date| match date {
        None => undated || (from.is_none() && to.is_none()),
        Some(date) => {
            !undated && from.is_none_or(|from| from <= date) && to.is_none_or(|to| date < to)
        }
    }
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
        let rules = self.findings.iter().map(|finding| finding.rule.as_ref());
        rules.collect()
    }

    fn sorted(&self) -> Vec<String> {
        let mut ids = self.ids.clone();
        ids.sort();
        ids
    }

    fn expect_all(&self, total: u64) {
        let all: Vec<String> = (0..total).map(id).collect();
        assert!(self.sorted() == all, "each once; {:?}", self.findings);
        assert_eq!(self.announced.values().sum::<u64>(), total);
    }
}

/// What the engine does, without its patience.
fn crawl(
    connector: &Opendatasoft,
    since: Option<&Checkpoint>,
    mut serve: impl FnMut(&Request) -> Result<Response, Option<u16>>,
) -> Crawl {
    let mut crawl = Crawl::default();
    let mut queue: VecDeque<Request> = connector.start(since).into();
    while let Some(request) = queue.pop_front() {
        crawl.requests += 1;
        assert!(crawl.requests < 20_000, "the crawl does not end");
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
                    let ids = page.records.iter().map(|record| record.id.to_string());
                    crawl.ids.extend(ids);
                    crawl.findings.extend(page.findings);
                    crawl.refused += page.refused;
                    crawl.gone += page.gone.len();
                    if let Some(total) = page.announced {
                        let listing = request.cursor["listing"].as_str().expect("a listing");
                        crawl.announced.insert(listing.to_owned(), total);
                    }
                    Some(page.next)
                }
                Err(error) => connector.recover(&request, &Failure::Read(&error)),
            },
        };
        match recovered {
            Some(requests) => {
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
    crawl(&connector(config), None, |request| portal.answer(request))
}

#[test]
fn every_dataset_is_read_once_whatever_the_page_size() {
    for size in [1, 7, 36, 37, 38, 100] {
        let crawl = run(&format!("page_size = {size}"), &Portal::default());
        crawl.expect_all(37);
        assert_eq!(crawl.requests as u64, 37_u64.div_ceil(size), "size {size}");
        assert!(crawl.findings.is_empty(), "{:?}", crawl.findings);
    }
}

#[test]
fn a_portal_that_gives_less_at_once_is_read_to_its_end() {
    let portal = Portal {
        cap: 10,
        ..Portal::default()
    };
    let crawl = run("", &portal);
    crawl.expect_all(37);
    assert_eq!(crawl.requests, 4);
}

#[test]
fn the_filters_and_a_stable_order_are_asked_for() {
    let text = "where = \"records_count > 0\"\nrefine = { theme = [\"Eau, \\\"douce\\\"\", \"Air\"] }\nexclude = { publisher = \"Insee\" }";
    let with = connector(text);
    let url = |request: &Request| {
        let query = request.url.split_once('?').expect("a query").1.to_owned();
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let pairs = pairs.map(|(key, value)| format!("{key}={value}"));
        pairs.collect::<Vec<_>>()
    };
    let first = with.start(None).remove(0);
    assert_eq!(
        url(&first),
        [
            "limit=100",
            "offset=0",
            "order_by=dataset_id",
            "where=records_count > 0",
            "refine=theme:\"Eau, \\\"douce\\\"\"",
            "refine=theme:\"Air\"",
            "exclude=publisher:\"Insee\"",
        ]
    );
    let failure = Failure::Fetch {
        status: Some(404),
        message: "",
    };
    // Version 1.0 cannot filter by an expression: it would give the whole portal.
    assert_eq!(with.recover(&first, &failure), None);
    let without = connector("refine = { theme = \"Eau\" }");
    let older = without.recover(&without.start(None)[0], &failure);
    let older = older.expect("version 1.0");
    assert!(
        older[0]
            .url
            .starts_with("https://donnees.valmer.example/api/datasets/1.0/search/?")
    );
    assert_eq!(
        url(&older[0]),
        [
            "rows=100",
            "start=0",
            "interopmetas=true",
            "sort=-modified",
            "refine.theme=Eau"
        ]
    );
}

#[test]
fn addresses_of_the_api_and_of_pages_are_accepted_too() {
    for (given, root) in [
        ("https://p.example", "https://p.example/"),
        (
            "https://p.example/api/explore/v2.1/catalog/datasets",
            "https://p.example/",
        ),
        (
            "https://p.example/explore/?sort=modified",
            "https://p.example/",
        ),
        (
            "https://p.example/donnees/api/datasets/1.0",
            "https://p.example/donnees/",
        ),
    ] {
        let config = Config {
            url: given.to_owned(),
            ..config("")
        };
        assert_eq!(config.portal().expect("good").as_str(), root, "{given}");
    }
}

#[test]
fn errors_say_what_to_write() {
    for (text, key) in [
        ("page_size = 0", "page_size"),
        ("page_size = 101", "page_size"),
        ("where = \" \"", "where"),
        ("refine = { \"a b\" = \"x\" }", "refine"),
        ("exclude = { theme = [] }", "exclude"),
    ] {
        let error = Opendatasoft::new(config(text)).expect_err(text);
        assert_eq!(error.key, key);
        assert!(error.message.contains("write"), "{error}");
    }
    assert!(toml::from_str::<Config>("url = \"x\"\nhas_records = true").is_err());
    for url in ["", "p.example", "ftp://p.example/"] {
        let config = Config {
            url: url.to_owned(),
            ..config("")
        };
        assert_eq!(Opendatasoft::new(config).expect_err(url).key, "url");
    }
}

#[test]
fn a_portal_without_the_new_api_is_read_through_the_old_one() {
    let portal = Portal {
        explore: false,
        search: true,
        ..Portal::default()
    };
    let old = run("page_size = 10", &portal);
    old.expect_all(37);
    assert_eq!((old.requests, old.lost), (5, 0));
    // The same where the new API is a page for people.
    for page in [
        "<html>Bienvenue</html>",
        "Not Found",
        "{\"error\": \"unknown\"}",
    ] {
        let old = crawl(&connector(""), None, |request| {
            if request.url.contains("explore") {
                Ok(response(request, page))
            } else {
                portal.answer(request)
            }
        });
        old.expect_all(37);
    }
    // No API at all: two requests, and a run that is lost.
    let nothing = Portal {
        explore: false,
        ..Portal::default()
    };
    let crawl = run("", &nothing);
    assert_eq!((crawl.requests, crawl.lost), (2, 1));
    // A portal that has the new API does not fall back in the middle.
    let broken = Portal {
        bad: vec![20],
        fault: Fault::Html,
        search: true,
        ..Portal::default()
    };
    assert_eq!(run("page_size = 10", &broken).refused, 1);
}

#[test]
fn a_portal_of_more_than_can_be_reached_is_cut_by_date() {
    // Some without a date, thousands of one moment, and the others spread.
    let modified: Modified = |index| match index % 10 {
        0 => None,
        1 => Some(day(5_000)),
        _ => Some(day(i64::try_from(index).expect("small"))),
    };
    let portal = Portal {
        datasets: 30_000,
        modified,
        ..Portal::default()
    };
    let crawl = run("", &portal);
    crawl.expect_all(30_000);
    assert!(crawl.findings.is_empty(), "{:?}", crawl.findings);
    assert!(crawl.requests < 330, "{}", crawl.requests);
    assert!(crawl.announced.len() > 3);
}

#[test]
fn a_portal_that_cannot_be_probed_is_cut_all_the_same() {
    let portal = Portal {
        datasets: 10_050,
        modified: |index| Some(day(i64::try_from(index * 7_919 % 10_050).expect("small"))),
        ..Portal::default()
    };
    for fails in [Some(400), Some(500), None] {
        let crawl = crawl(&connector(""), None, |request| {
            if request.url.contains("order_by=modified") {
                return Err(fails);
            }
            portal.answer(request)
        });
        crawl.expect_all(10_050);
        assert!(crawl.findings.is_empty() && crawl.lost == 0);
    }
}

#[test]
fn just_below_what_can_be_reached_nothing_is_cut() {
    for datasets in [9_950, 9_999] {
        let portal = Portal {
            datasets,
            ..Portal::default()
        };
        let crawl = run("", &portal);
        crawl.expect_all(datasets);
        assert_eq!((crawl.requests, crawl.announced.len()), (100, 1));
    }
}

#[test]
fn what_no_date_tells_apart_is_read_as_far_as_it_goes() {
    let portals = [
        Portal {
            datasets: 12_000,
            modified: |_| Some(day(1)),
            ..Portal::default()
        },
        Portal {
            datasets: 12_000,
            modified: |_| None,
            ..Portal::default()
        },
        Portal {
            datasets: 12_000,
            explore: false,
            search: true,
            ..Portal::default()
        },
    ];
    for portal in portals {
        let crawl = run("", &portal);
        assert_eq!(crawl.ids.len(), 9_999);
        assert_eq!(crawl.rules(), ["paging/out-of-reach"]);
        assert!(crawl.requests < 125, "{}", crawl.requests);
    }
}

#[test]
fn a_portal_that_ignores_the_dates_ends() {
    let crawl = crawl(&connector(""), None, |request| {
        let body = json!({ "total_count": 50_000_000, "results": [{ "dataset_id": "a", "metas": { "default": { "modified": "2020-01-01T00:00:00Z" } } }] });
        Ok(response(request, body.to_string()))
    });
    assert!(crawl.rules().contains(&"paging/repeated-page"));
    assert!(crawl.requests < 5_000, "{}", crawl.requests);
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
            for size in [1, 10, 30] {
                if size > bad && matches!(fault, Fault::Html | Fault::Status(None)) {
                    continue;
                }
                let crawl = run(&format!("page_size = {size}"), &portal);
                assert_eq!((crawl.refused, crawl.lost), (1, 0), "record {bad}");
                let others: Vec<String> = (0..37).filter(|index| *index != bad).map(id).collect();
                assert_eq!(crawl.sorted(), others);
            }
        }
    }
}

#[test]
fn a_portal_that_dies_costs_few_requests_and_loses_the_run() {
    for fault in [Fault::Status(None), Fault::Status(Some(503)), Fault::Html] {
        let portal = Portal {
            datasets: 9_000,
            bad: (300..9_000).collect(),
            fault,
            ..Portal::default()
        };
        let crawl = run("", &portal);
        assert_eq!(crawl.ids.len(), 300);
        assert!(crawl.lost >= 1, "the run must not count as complete");
        assert!(crawl.requests < 40, "{}", crawl.requests);
    }
}

#[test]
fn a_refused_order_is_left_out() {
    let portal = Portal::default();
    let crawl = crawl(&connector(""), None, |request| {
        if request.url.contains("order_by=") {
            Err(Some(400))
        } else {
            portal.answer(request)
        }
    });
    crawl.expect_all(37);
    assert_eq!(crawl.rules(), ["paging/unsorted"]);
}

#[test]
fn totals_that_lie_do_no_harm() {
    let more: fn(&mut Value, &Query) = |body, _| body["total_count"] = json!(500);
    let none: fn(&mut Value, &Query) = |body, _| body["total_count"] = Value::Null;
    let absurd: fn(&mut Value, &Query) = |body, _| body["total_count"] = json!(-3);
    for (twist, rules, announced) in [
        (more, vec!["paging/empty-pages"], Some(500)),
        (none, vec![], None),
        (absurd, vec![], None),
    ] {
        let portal = Portal {
            twist,
            ..Portal::default()
        };
        let crawl = run("page_size = 10", &portal);
        assert_eq!(crawl.sorted(), (0..37).map(id).collect::<Vec<_>>());
        assert_eq!(crawl.rules(), rules);
        assert_eq!(crawl.announced.get("datasets").copied(), announced);
    }
}

#[test]
fn a_total_that_is_too_low_does_not_end_the_listing() {
    let portal = Portal {
        twist: |body, _| body["total_count"] = json!(12),
        ..Portal::default()
    };
    let crawl = run("page_size = 10", &portal);
    assert_eq!(crawl.sorted(), (0..37).map(id).collect::<Vec<_>>());
    assert_eq!(crawl.rules(), ["paging/counts-disagree"]);
}

#[test]
fn an_empty_page_in_the_middle_is_skipped() {
    let twist: fn(&mut Value, &Query) = |body, query| {
        if query["offset"] == "10" {
            body["results"] = json!([]);
        }
    };
    let portal = Portal {
        twist,
        ..Portal::default()
    };
    let crawl = run("page_size = 10", &portal);
    // The engine sees that fewer came than were announced.
    assert_eq!((crawl.ids.len(), crawl.announced["datasets"]), (27, 37));
}

#[test]
fn a_count_that_falls_on_the_way_does_not_hide_what_lacks() {
    let portal = Portal {
        twist: |body, query| {
            if query["offset"] == "30" {
                *body = json!({ "total_count": 0, "results": [] });
            }
        },
        ..Portal::default()
    };
    let crawl = run("page_size = 10", &portal);
    assert_eq!((crawl.ids.len(), crawl.announced["datasets"]), (30, 37));
}

#[test]
fn endless_listings_end() {
    // The same page for ever.
    for total in [Value::Null, json!(400), json!(9_000)] {
        let same = crawl(&connector("page_size = 2"), None, |request| {
            let body = json!({ "results": [{ "dataset_id": "a" }, { "dataset_id": "b" }], "total_count": total });
            Ok(response(request, body.to_string()))
        });
        assert_eq!(same.rules(), ["paging/repeated-page"]);
        assert_eq!(same.requests, 3);
    }
    // Fresh records and a total that grows with each page.
    let mut page = 0_u64;
    let grown = crawl(&connector(""), None, |request| {
        page += 1;
        let items: Vec<Value> = (page * 100..page * 100 + 100)
            .map(|index| json!({ "dataset_id": id(index) }))
            .collect();
        let body = json!({ "results": items, "total_count": page * 100 + 500 });
        Ok(response(request, body.to_string()))
    });
    assert_eq!(grown.rules(), ["paging/out-of-reach"]);
    assert_eq!(grown.requests, 100);
}

#[test]
fn an_incremental_crawl_asks_for_what_changed() {
    let connector = connector("incremental = true\nwhere = \"records_count > 0\"");
    let checkpoint = Checkpoint {
        started: "2026-05-02T08:00:00Z".parse().expect("a date"),
    };
    assert_eq!(connector.coverage(Some(&checkpoint)), Coverage::Delta);
    assert_eq!(connector.coverage(None), Coverage::Full);
    assert_eq!(
        super::Opendatasoft::new(config(""))
            .expect("good")
            .coverage(Some(&checkpoint)),
        Coverage::Full
    );
    let request = connector.start(Some(&checkpoint)).remove(0);
    let url = Url::parse(&request.url).expect("an address");
    let filter = url.query_pairs().find(|(key, _)| key == "where");
    let day = "date'2026-05-01T08:00:00'";
    assert_eq!(
        filter.expect("a filter").1,
        format!(
            "(records_count > 0) and (modified >= {day} or metadata_processed >= {day} or data_processed >= {day})"
        )
    );
    // A portal that does not understand it is read whole.
    let failure = Failure::Fetch {
        status: Some(400),
        message: "",
    };
    let plainer = connector.recover(&request, &failure).expect("a request");
    assert!(!plainer[0].url.contains("modified"), "{}", plainer[0].url);
    assert!(plainer[0].url.contains("records_count"));
}

#[test]
fn records_are_told_apart_in_every_version() {
    let body = r#"{"total_count": 11, "datasets": [
        {"dataset_id": "a", "metas": {"default": {"title": "é"}}},
        {"links": [], "dataset": {"dataset_id": "b", "visibility": "domain"}},
        {"datasetid": "c", "metas": {"visibility": "domain", "federated": true}},
        {"dataset_id": "d", "visibility": "restricted"},
        {"datasetid": "e", "metas": {"visibility": "restricted"}},
        {"dataset_id": "f", "metas": {"default": {"federated": true}}},
        {"dataset_id": 7, "metas": []},
        {"dataset_id": "  "}, {"title": "?"}, 5, null]}"#;
    for (text, kept, gone) in [
        ("", vec!["a", "b", "c", "f", "7"], 2),
        ("federated = false", vec!["a", "b", "7"], 4),
    ] {
        let connector = connector(text);
        let request = connector.start(None).remove(0);
        let page = connector.read(&response(&request, body)).expect("a page");
        let ids: Vec<&str> = page
            .records
            .iter()
            .map(|record| record.id.as_str())
            .collect();
        assert_eq!(ids, kept);
        assert!(
            page.records
                .iter()
                .all(|record| record.format == RecordFormat::Opendatasoft)
        );
        assert_eq!(
            page.records[0].body,
            r#"{"portal":"https://donnees.valmer.example","dataset":{"dataset_id": "a", "metas": {"default": {"title": "é"}}}}"#
        );
        assert_eq!((page.gone.len(), page.refused), (gone, 4));
        let places: Vec<_> = page
            .findings
            .iter()
            .map(|finding| {
                let place = finding.place.as_deref().unwrap_or_default();
                let (page, place) = place.split_once(' ').expect("a page and a pointer");
                assert_eq!(page, request.url);
                (finding.rule.as_ref(), place)
            })
            .collect();
        assert_eq!(
            places,
            [
                ("record/private", "/datasets/3/visibility"),
                ("record/private", "/datasets/4/visibility"),
                ("record/no-identifier", "/datasets/7"),
                ("record/no-identifier", "/datasets/8"),
                ("record/no-identifier", "/datasets/9"),
                ("record/no-identifier", "/datasets/10"),
            ]
        );
    }
}

#[test]
fn answers_of_another_kind_are_named() {
    let connector = connector("");
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
        matches!(read("{\"error_code\": \"ODSQLError\", \"message\": \"Unknown field\"}"), ReadError::Refused { code, message } if code == "ODSQLError" && message == "Unknown field")
    );
    assert!(matches!(read("[]"), ReadError::Unexpected(_)));
    assert!(matches!(read("{\"data\": []}"), ReadError::Unexpected(_)));
    assert!(
        matches!(read("{\"results\":\n [{\"dataset_id\":"), ReadError::Malformed { at: Some(at), .. } if at.starts_with("line 2"))
    );
    assert!(matches!(read(""), ReadError::Malformed { .. }));
    let nested = format!("{{\"results\": [{}]}}", "[".repeat(200_000));
    assert!(connector.read(&response(&request, nested)).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..400), cut in 0_usize..900) {
        let connector = connector("");
        for request in connector.start(None) {
            let _ = connector.read(&response(&request, body.clone()));
            let good = Portal::default().answer(&request).map(|answer| answer.body).unwrap_or_default();
            let _ = connector.read(&response(&request, good.slice(..cut.min(good.len()))));
        }
    }

    #[test]
    fn no_listing_makes_it_loop(datasets in 0_u64..60, claimed in prop::option::of(0_u64..90), size in 1_u64..40, cap in 1_u64..40, bad in prop::collection::vec(0_u64..60, 0..6), explore in any::<bool>()) {
        let portal = Portal { datasets, cap, bad, explore, search: true, ..Portal::default() };
        let crawl = crawl(&connector(&format!("page_size = {size}")), None, |request| {
            let mut answer = portal.answer(request)?;
            if let Some(claimed) = claimed {
                let mut body: Value = serde_json::from_slice(&answer.body).expect("json");
                body[if explore { "total_count" } else { "nhits" }] = json!(claimed);
                answer.body = body.to_string().into();
            }
            Ok(answer)
        });
        let mut once = crawl.sorted();
        once.dedup();
        prop_assert_eq!(once.len(), crawl.ids.len());
    }
}

#[test]
fn a_page_of_nameless_items_costs_no_more_than_its_length() {
    let connector = connector("");
    let request = connector.start(None).remove(0);
    let items = vec!["{}"; 5_000].join(",");
    let mut answer = response(&request, format!(r#"{{"results": [{items}]}}"#));
    answer.url = format!("https://a.example/?token={}", "x".repeat(48 * 1024));
    let page = connector.read(&answer).expect("a page");
    assert_eq!(page.refused, 5_000);
    let nameless = page.findings.iter();
    let nameless: Vec<_> = nameless
        .filter(|finding| finding.rule == "record/no-identifier")
        .collect();
    assert_eq!(nameless.len(), Finding::MAX_ON_PAGE + 1);
    assert!(
        nameless
            .iter()
            .flat_map(|finding| &finding.place)
            .all(|place| place.len() < 600)
    );
}

#[test]
fn a_portal_tells_how_much_it_has_and_how_much_changed() {
    let connector = connector("incremental = true");
    let checkpoint = Checkpoint {
        started: "2026-05-02T08:00:00Z".parse().expect("a date"),
    };
    for (since, filtered) in [(None, false), (Some(&checkpoint), true)] {
        let request = connector.probe(since).expect("a request");
        assert!(request.url.contains("limit=1&"), "{}", request.url);
        assert_eq!(request.url.contains("modified+%3E%3D"), filtered);
        // More than the API lets anyone read is a number all the same.
        let answer = response(&request, r#"{"total_count": 20000, "results": []}"#);
        assert_eq!(connector.counted(&answer), Ok(Some(20_000)));
    }
}
