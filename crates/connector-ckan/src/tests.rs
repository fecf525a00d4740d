//! Crawls of a simulated portal, one fault at a time.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use model::{
    Checkpoint, Connector, Coverage, Failure, Finding, ReadError, RecordFormat, Request, Response,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

use crate::{Ckan, Config};

const ROOT: &str = "https://portail.example/";

fn config(text: &str) -> Config {
    toml::from_str(&format!("url = \"{ROOT}\"\n{text}")).expect("a configuration")
}

fn ckan(text: &str) -> Ckan {
    Ckan::new(config(text)).expect("a good configuration")
}

fn id(index: u64) -> String {
    format!("jeu-{index:05}")
}

/// What a portal knows, and where it fails.
struct Portal {
    datasets: u64,
    max_rows: u64,
    search: bool,
    resources: bool,
    /// Whether `limit` and `offset` are looked at.
    limits: bool,
    sorts: bool,
    /// Datasets whose page cannot be served, and how it fails.
    bad: Vec<u64>,
    fault: Fault,
    twist: fn(&mut Value, u64),
}

#[derive(Clone, Copy)]
enum Fault {
    Status(Option<u16>),
    Truncated,
    Html,
    Refused,
}

impl Default for Portal {
    fn default() -> Self {
        Self {
            datasets: 37,
            max_rows: 1000,
            search: true,
            resources: true,
            limits: true,
            sorts: true,
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
        let number = |key: &str| query.get(key).and_then(|text| text.parse::<u64>().ok());
        let name = url.path().rsplit('/').next().expect("an action");
        if query.contains_key("sort") && !self.sorts {
            return Err(Some(409));
        }
        let (from, size) = match name {
            "package_search" if self.search => (
                number("start").expect("start"),
                number("rows").expect("rows").min(self.max_rows),
            ),
            "current_package_list_with_resources" if self.resources && self.limits => (
                number("offset").expect("offset"),
                number("limit").expect("limit"),
            ),
            "current_package_list_with_resources" if self.resources => (0, self.datasets),
            "package_list" => (0, self.datasets),
            "package_show" => {
                let index = query["id"]
                    .trim_start_matches("jeu-")
                    .parse()
                    .expect("name");
                (index, 1)
            }
            _ => return Err(Some(404)),
        };
        let range = from.min(self.datasets)..from.saturating_add(size).min(self.datasets);
        let fails = name != "package_list" && self.bad.iter().any(|bad| range.contains(bad));
        if fails && let Fault::Status(status) = self.fault {
            return Err(status);
        }
        let items: Vec<Value> = range.map(item).collect();
        let result = match name {
            "package_search" => json!({ "count": self.datasets, "results": items, "facets": {} }),
            "package_list" => items.iter().map(|item| item["name"].clone()).collect(),
            "package_show" => json!([[items[0]]]),
            _ => json!([items]),
        };
        let mut body =
            json!({ "help": "https://portail.example/help", "success": true, "result": result });
        (self.twist)(&mut body, from);
        let mut body = body.to_string();
        match self.fault {
            Fault::Truncated if fails => body.truncate(body.len() / 2),
            Fault::Html if fails => body = "<!DOCTYPE html><title>Erreur</title>".to_owned(),
            Fault::Refused if fails => {
                body = json!({ "success": false, "error": { "__type": "Internal Server Error", "message": "panne" } }).to_string();
            }
            _ => {}
        }
        Ok(response(request, body))
    }
}

fn item(index: u64) -> Value {
    json!({ "id": id(index), "name": id(index), "title": format!("Jeu {index}"), "private": false, "state": "active", "type": "dataset" })
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
    urls: Vec<String>,
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
        assert_eq!((self.lost, self.refused), (0, 0));
    }
}

/// What the engine does, without its patience.
fn crawl(
    connector: &Ckan,
    since: Option<&Checkpoint>,
    mut serve: impl FnMut(&Request) -> Result<Response, Option<u16>>,
) -> Crawl {
    let mut crawl = Crawl::default();
    let mut queue: VecDeque<Request> = connector.start(since).into();
    while let Some(request) = queue.pop_front() {
        crawl.urls.push(request.url.clone());
        assert!(crawl.urls.len() < 2000, "the crawl does not end");
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
                    for request in page.next.into_iter().rev() {
                        queue.push_front(request);
                    }
                    continue;
                }
                Err(error) => connector.recover(&request, &Failure::Read(&error)),
            },
        };
        match recovered {
            Some(requests) => {
                if let Some(records) = request.records {
                    let sum: u64 = requests.iter().filter_map(|request| request.records).sum();
                    assert!(sum <= records, "{sum} of {records}");
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
    crawl(&ckan(config), None, |request| portal.answer(request))
}

#[test]
fn every_dataset_is_read_once_whatever_the_page_size() {
    for size in [1, 7, 10, 36, 37, 38, 100] {
        let crawl = run(&format!("page_size = {size}"), &Portal::default());
        crawl.expect_all(37);
        assert_eq!(
            crawl.urls.len() as u64,
            37_u64.div_ceil(size),
            "size {size}"
        );
        assert!(crawl.findings.is_empty(), "{:?}", crawl.findings);
        assert_eq!(crawl.announced["packages"], 37);
    }
}

#[test]
fn the_filters_and_a_stable_order_are_asked_for() {
    let connector = ckan(
        "q = \"bus OR tram\"\nfq = [\"tags:inspire\", \"-groups:essais\"]\norganization = \"ville-de-valmer\"\ngroup = [\"eau\", \"air\"]\ninclude_private = true\nincremental = true",
    );
    let started: DateTime<Utc> = "2026-05-02T00:00:00Z".parse().expect("a date");
    let checkpoint = Checkpoint { started };
    let url = Url::parse(&connector.start(Some(&checkpoint))[0].url).expect("an address");
    assert_eq!(url.path(), "/api/3/action/package_search");
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let wanted = [
        ("rows", "100"),
        ("start", "0"),
        ("sort", "metadata_created asc, id asc"),
        ("q", "bus OR tram"),
        (
            "fq",
            "tags:inspire -groups:essais +organization:\"ville-de-valmer\" +groups:(\"eau\" OR \"air\") +metadata_modified:[2026-05-01T00:00:00Z TO *]",
        ),
        ("include_private", "true"),
    ];
    assert_eq!(
        query,
        wanted.map(|(key, value)| (key.to_owned(), value.to_owned()))
    );
    assert_eq!(connector.coverage(Some(&checkpoint)), Coverage::Delta);
    assert_eq!(connector.coverage(None), Coverage::Full);
    assert_eq!(ckan("").coverage(Some(&checkpoint)), Coverage::Full);
}

#[test]
fn addresses_of_portals_are_understood() {
    for (url, wanted) in [
        (
            "https://p.example",
            "https://p.example/api/3/action/package_search?rows=100",
        ),
        (
            "https://p.example/ckan/",
            "https://p.example/ckan/api/3/action/package_search?rows=100",
        ),
        (
            "https://p.example/api/3",
            "https://p.example/api/3/action/package_search?rows=100",
        ),
        (
            "https://p.example/api/action/",
            "https://p.example/api/3/action/package_search?rows=100",
        ),
        (
            "https://p.example/api/3/action/package_list",
            "https://p.example/api/3/action/package_search?rows=100",
        ),
        (
            "https://p.example/d4c/api/datasets/2.0/search",
            "https://p.example/d4c/api/datasets/2.0/search/rows=100&start=0&sort=metadata_created%20asc%2C%20id%20asc",
        ),
    ] {
        let connector =
            Ckan::new(toml::from_str(&format!("url = \"{url}\"")).expect("keys")).expect("good");
        let first = connector.start(None).remove(0).url;
        assert!(first.starts_with(wanted), "{first}");
        assert!(Url::parse(&first).is_ok());
    }
}

#[test]
fn wrong_keys_are_refused_with_a_hint() {
    assert!(toml::from_str::<Config>("url = \"https://p.example\"\norganisation = \"x\"").is_err());
    for (text, key) in [
        ("page_size = 0", "page_size"),
        ("page_size = 5000", "page_size"),
        ("organization = \"Ville de Valmer\"", "organization"),
        ("group = \"\"", "group"),
        ("fq = \" \"", "fq"),
        ("q = \"\"", "q"),
    ] {
        let error = Ckan::new(config(text)).expect_err(text);
        assert_eq!(error.key, key);
    }
    for url in ["portail.example", "ftp://portail.example/"] {
        let error =
            Ckan::new(toml::from_str(&format!("url = \"{url}\"")).expect("keys")).expect_err(url);
        assert_eq!(error.key, "url");
    }
}

#[test]
fn a_server_that_lowers_the_size_of_pages_is_taken_at_its_word() {
    for max_rows in [1, 5, 36] {
        let portal = Portal {
            max_rows,
            ..Portal::default()
        };
        let crawl = run("", &portal);
        crawl.expect_all(37);
        assert_eq!(crawl.urls.len() as u64, 37_u64.div_ceil(max_rows));
        assert!(crawl.findings.is_empty(), "{:?}", crawl.findings);
    }
}

#[test]
fn a_portal_without_a_search_is_read_by_its_lists() {
    for limits in [true, false] {
        let dkan = Portal {
            search: false,
            limits,
            ..Portal::default()
        };
        for size in [10, 37, 100] {
            let crawl = run(&format!("page_size = {size}"), &dkan);
            crawl.expect_all(37);
            assert!(crawl.findings.is_empty(), "{:?}", crawl.findings);
        }
    }
    // One that gives the first ten alone, whatever it is asked for: the names tell that there are more.
    let first = Portal {
        search: false,
        limits: false,
        twist: |body, _| {
            if let Some(list) = body["result"][0].as_array_mut() {
                list.truncate(10);
            }
        },
        ..Portal::default()
    };
    let mut crawl = run("page_size = 100", &first);
    crawl.ids.sort();
    crawl.ids.dedup();
    crawl.expect_all(37);
    assert_eq!(crawl.announced["packages"], 37);
    let names = Portal {
        search: false,
        resources: false,
        ..Portal::default()
    };
    let crawl = run("", &names);
    crawl.expect_all(37);
    assert_eq!(crawl.announced["packages"], 37);
    assert!(
        crawl.urls[3].ends_with("package_show?id=jeu-00000"),
        "{}",
        crawl.urls[3]
    );
    // One of them fails: it is refused, and no other.
    let one = Portal {
        bad: vec![5],
        ..names
    };
    let crawl = run("", &one);
    assert_eq!((crawl.ids.len(), crawl.refused, crawl.lost), (36, 1, 0));
}

#[test]
fn what_limits_the_crawl_wants_a_search() {
    let dkan = Portal {
        search: false,
        ..Portal::default()
    };
    let crawl = run("organization = \"a\"", &dkan);
    assert_eq!((crawl.ids.len(), crawl.lost, crawl.urls.len()), (0, 1, 1));
}

#[test]
fn html_and_refusals_lead_to_the_other_ways() {
    let portal = Portal::default();
    for body in [
        "<html>Page introuvable</html>",
        r#"{"success": false, "error": {"message": "Action name not known"}}"#,
    ] {
        let crawl = crawl(&ckan(""), None, |request| {
            if request.url.contains("package_search") {
                Ok(response(request, body))
            } else {
                portal.answer(request)
            }
        });
        crawl.expect_all(37);
    }
    // Everything is HTML: it is not there.
    let nothing = crawl(&ckan(""), None, |request| Ok(response(request, "<html>")));
    assert_eq!((nothing.lost, nothing.ids.len()), (1, 0));
    assert!(nothing.urls.len() <= 4);
    // A wrong token is not a portal without a search.
    let forbidden = crawl(&ckan(""), None, |_| Err(Some(403)));
    assert_eq!((forbidden.lost, forbidden.urls.len()), (1, 1));
}

#[test]
fn a_refused_order_is_left_out() {
    let portal = Portal {
        sorts: false,
        ..Portal::default()
    };
    let crawl = run("page_size = 10", &portal);
    crawl.expect_all(37);
    assert_eq!(crawl.rules(), ["paging/unsorted"]);
}

#[test]
fn one_bad_record_is_isolated_and_the_others_are_read() {
    for fault in [
        Fault::Status(Some(500)),
        Fault::Status(None),
        Fault::Truncated,
        Fault::Html,
        Fault::Refused,
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
            let crawl = run("page_size = 10", &portal);
            assert_eq!((crawl.refused, crawl.lost), (1, 0), "record {bad}");
            let mut ids = crawl.ids.clone();
            ids.sort();
            let others: Vec<String> = (0..37).filter(|index| *index != bad).map(id).collect();
            assert_eq!(ids, others);
        }
    }
}

#[test]
fn a_portal_that_dies_costs_few_requests_and_loses_the_run() {
    let portal = Portal {
        datasets: 75_000,
        bad: (300..75_000).collect(),
        fault: Fault::Status(None),
        ..Portal::default()
    };
    let crawl = run("", &portal);
    assert_eq!(crawl.ids.len(), 300);
    assert!(crawl.lost >= 1, "the run must not count as complete");
    assert!(crawl.urls.len() < 60, "{}", crawl.urls.len());
    let absent = super::tests::crawl(&ckan(""), None, |_| Err(None));
    assert!(absent.lost >= 1 && absent.refused == 0);
    assert!(absent.urls.len() < 10, "{}", absent.urls.len());
}

#[test]
fn lists_that_lie_end() {
    // More than announced, then nothing.
    let low = Portal {
        twist: |body, _| body["result"]["count"] = json!(12),
        ..Portal::default()
    };
    let crawl = run("page_size = 10", &low);
    crawl.expect_all(37);
    assert!(crawl.rules().contains(&"paging/counts-disagree"));
    // Less than announced: empty pages, and an end.
    let high = Portal {
        twist: |body, _| body["result"]["count"] = json!(9000),
        ..Portal::default()
    };
    let crawl = run("page_size = 10", &high);
    assert_eq!(crawl.ids.len(), 37);
    assert!(crawl.rules().contains(&"paging/empty-pages"));
    // Without a count, until a page is empty.
    let none = Portal {
        twist: |body, _| body["result"]["count"] = Value::Null,
        ..Portal::default()
    };
    run("page_size = 10", &none).expect_all(37);
    // One empty page in the middle is skipped.
    let hole = Portal {
        twist: |body, from| {
            if from == 10 {
                body["result"]["results"] = json!([]);
            }
        },
        ..Portal::default()
    };
    let crawl = run("page_size = 10", &hole);
    assert_eq!(crawl.ids.len(), 27);
    assert_eq!(crawl.rules(), ["paging/counts-disagree"]);
}

#[test]
fn a_count_that_falls_on_the_way_does_not_hide_what_lacks() {
    // A page in the middle says that there is nothing at all, and a dataset that goes shifts the others.
    let twists: [fn(&mut Value, u64); 2] = [
        |body, from| {
            if from == 30 {
                body["result"] = json!({ "count": 0, "results": [] });
            }
        },
        |body, from| body["result"]["count"] = json!(if from == 0 { 38 } else { 37 }),
    ];
    for (twist, announced) in twists.into_iter().zip([37, 38]) {
        let falls = Portal {
            twist,
            ..Portal::default()
        };
        let crawl = run("page_size = 10", &falls);
        assert_eq!(crawl.announced["packages"], announced);
        assert!((crawl.ids.len() as u64) < announced);
    }
}

#[test]
fn endless_listings_end() {
    let config = ckan("page_size = 10");
    let same = crawl(&config, None, |request| {
        let body =
            json!({ "success": true, "result": { "count": 1000, "results": [item(1), item(2)] } });
        Ok(response(request, body.to_string()))
    });
    assert!(same.rules().contains(&"paging/repeated-page"));
    assert!(same.urls.len() <= 4);
    // A total that grows with each page.
    let mut page = 0_u64;
    let grown = crawl(&config, None, |request| {
        page += 1;
        let items: Vec<Value> = (page * 100..page * 100 + 100).map(item).collect();
        let body = json!({ "result": { "count": page * 100 + 500, "results": items } });
        Ok(response(request, body.to_string()))
    });
    assert!(
        grown.rules().contains(&"paging/endless"),
        "{:?}",
        grown.rules()
    );
    // Full pages behind a total that stays.
    let mut page = 0_u64;
    let behind = crawl(&config, None, |request| {
        page += 1;
        let items: Vec<Value> = (page * 10..page * 10 + 10).map(item).collect();
        let body = json!({ "result": { "count": 15, "results": items } });
        Ok(response(request, body.to_string()))
    });
    assert!(behind.rules().contains(&"paging/endless"));
    assert!(behind.urls.len() <= 6, "{}", behind.urls.len());
}

#[test]
fn records_are_told_apart() {
    let body = r#"{"success": true, "result": {"count": 9, "results": [{"id": "a"}, {"name": "b", "x": 1}, {"title": "?"}, {"id": "c", "state": "deleted"},
        {"id": "d", "private": true}, 5, {"id": "e", "private": true, "state": "Active"}, {"id": "f", "type": "harvest"}, {"id": "g", "state": "draft"}]}}"#;
    let read = |config: &str| {
        let connector = ckan(config);
        let request = connector.start(None).remove(0);
        let page = connector.read(&response(&request, body)).expect("a page");
        let ids: Vec<String> = page
            .records
            .iter()
            .map(|record| record.id.to_string())
            .collect();
        let places: Vec<(String, String)> = page
            .findings
            .iter()
            .map(|finding| {
                let place = finding.place.as_deref().unwrap_or_default();
                let place = place.strip_prefix(request.url.as_str()).expect("the page");
                (finding.rule.to_string(), place.trim_start().to_owned())
            })
            .collect();
        assert!(
            page.records
                .iter()
                .all(|record| record.format == RecordFormat::CkanPackage)
        );
        assert_eq!(page.records[1].body, r#"{"name": "b", "x": 1}"#);
        assert_eq!(page.announced, Some(9));
        assert_eq!(page.refused, 2);
        (ids, page.gone.len(), places)
    };
    let (ids, gone, places) = read("");
    assert_eq!(ids, ["a", "b", "e"]);
    assert_eq!(gone, 4);
    let wanted = [
        ("record/no-identifier", "/result/results/2/id"),
        ("record/private", "/result/results/4/private"),
        ("record/no-identifier", "/result/results/5/id"),
        ("record/not-a-dataset", "/result/results/7/type"),
    ];
    assert_eq!(
        places,
        wanted.map(|(rule, place)| (rule.to_owned(), place.to_owned()))
    );
    let (ids, gone, _) = read("include_private = true");
    assert_eq!(ids, ["a", "b", "d", "e"]);
    assert_eq!(gone, 3);
}

#[test]
fn records_share_the_bytes_of_the_page() {
    let connector = ckan("");
    let request = connector.start(None).remove(0);
    let body = Bytes::from(r#"{"result": {"results": [{"id": "a"}], "count": 1}}"#);
    let page = connector
        .read(&response(&request, body.clone()))
        .expect("a page");
    assert!(body.as_ptr_range().contains(&page.records[0].body.as_ptr()));
}

#[test]
fn answers_of_another_kind_are_named() {
    let connector = ckan("");
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
        matches!(read(r#"{"success": false, "error": {"__type": "Search Query Error", "message": "fq"}}"#), ReadError::Refused { code, message } if code == "Search Query Error" && message == "fq")
    );
    assert!(
        matches!(read(r#"{"success": false, "error": "Accès refusé"}"#), ReadError::Refused { message, .. } if message == "Accès refusé")
    );
    assert!(matches!(read("[]"), ReadError::Unexpected(_)));
    assert!(matches!(read("{\"data\": []}"), ReadError::Unexpected(_)));
    assert!(matches!(read("{\"result\": {}}"), ReadError::Unexpected(_)));
    assert!(matches!(read("{\"result\": 3}"), ReadError::Unexpected(_)));
    assert!(
        matches!(read("{\"result\":\n {\"results\": [{\"id\":"), ReadError::Malformed { at: Some(at), .. } if at.starts_with("line 2"))
    );
    assert!(matches!(read(""), ReadError::Malformed { .. }));
    let nested = format!("{{\"result\": {{\"results\": [{}]}}}}", "[".repeat(200_000));
    assert!(connector.read(&response(&request, nested)).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..400), cut in 0_usize..600) {
        let connector = ckan("incremental = true");
        for request in connector.start(None) {
            let _ = connector.read(&response(&request, body.clone()));
            let good = Portal::default().answer(&request).map(|answer| answer.body).unwrap_or_default();
            let _ = connector.read(&response(&request, good.slice(..cut.min(good.len()))));
        }
    }

    #[test]
    fn no_listing_makes_it_loop(
        total in 0_u64..60, claimed in prop::option::of(0_u64..90), size in 1_u64..40, cap in 1_u64..40, bad in prop::collection::vec(0_u64..60, 0..6),
        search in any::<bool>(), resources in any::<bool>(), limits in any::<bool>(),
    ) {
        let portal = Portal { datasets: total, max_rows: cap, bad, search, resources, limits, ..Portal::default() };
        crawl(&ckan(&format!("page_size = {size}")), None, |request| {
            let mut answer = portal.answer(request)?;
            let mut body: Value = serde_json::from_slice(&answer.body).expect("json");
            if let (Some(claimed), Some(count)) = (claimed, body.pointer_mut("/result/count")) {
                *count = json!(claimed);
            }
            answer.body = body.to_string().into();
            Ok(answer)
        });
    }
}
