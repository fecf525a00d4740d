//! Crawls of a simulated endpoint, one fault at a time.

use std::collections::VecDeque;

use model::{Connector, Failure, Finding, Method, ReadError, Request, Response, Severity};
use proptest::prelude::*;
use serde_json::json;

use crate::cursor::{Cursor, Step};
use crate::{Config, Sparql};

fn config(text: &str) -> Config {
    toml::from_str(&format!("url = \"https://portail.example/sparql\"\n{text}"))
        .expect("a configuration")
}

fn sparql(text: &str) -> Sparql {
    Sparql::new(config(text)).expect("a good configuration")
}

fn id(number: u64) -> String {
    format!("https://portail.example/jeu/{number:05}")
}

#[derive(Clone)]
struct Endpoint {
    datasets: u64,
    blank: u64,
    /// Rows that a list gives at most.
    cap: u64,
    /// Datasets that an answer about several may hold.
    describes: usize,
    /// Datasets whose triples are not well-formed.
    bad: Vec<u64>,
    counts: bool,
    compares: bool,
}

impl Default for Endpoint {
    fn default() -> Self {
        Self {
            datasets: 23,
            blank: 0,
            cap: 1000,
            describes: 1000,
            bad: Vec::new(),
            counts: true,
            compares: true,
        }
    }
}

impl Endpoint {
    fn answer(&self, request: &Request) -> Result<String, u16> {
        let cursor = Cursor::of(request).expect("a cursor");
        let table = |rows: Vec<serde_json::Value>| {
            json!({ "head": {}, "results": { "bindings": rows } }).to_string()
        };
        let list = |ids: Vec<String>| {
            table(
                ids.iter()
                    .map(|id| json!({ "id": { "type": "literal", "value": id } }))
                    .collect(),
            )
        };
        let limit = usize::try_from(cursor.size.min(self.cap)).expect("small");
        let all = (0..self.datasets).map(id);
        Ok(match cursor.step {
            Step::Count if !self.counts => return Err(500),
            Step::Count => table(vec![
                json!({ "blank": { "value": "0" }, "n": { "value": self.datasets.to_string() } }),
                json!({ "blank": { "value": "1" }, "n": { "value": self.blank.to_string() } }),
            ]),
            Step::List { after } => list(all.filter(|id| !self.compares || *id > after).take(limit).collect()),
            Step::ListByNumber { offset, .. } | Step::Check { offset } => list(all.skip(usize::try_from(offset).expect("small")).take(limit).collect()),
            Step::Describe { ids, .. } => ids
                .iter()
                .take(if ids.len() == 1 { 1 } else { self.describes })
                .map(|asked| {
                    let broken = self.bad.iter().any(|bad| id(*bad) == *asked);
                    let title = if broken { "\"mal \\q\"" } else { "\"Jeu\"" };
                    format!("<{asked}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .\n<{asked}> <http://purl.org/dc/terms/title> {title} .\n")
                })
                .collect(),
        })
    }
}

#[derive(Debug, Default)]
struct Crawl {
    ids: Vec<String>,
    findings: Vec<Finding>,
    announced: Option<u64>,
    refused: u64,
    lost: u64,
    requests: usize,
}

impl Crawl {
    fn rules(&self) -> Vec<(&str, Severity)> {
        self.findings
            .iter()
            .map(|finding| (finding.rule.as_ref(), finding.severity))
            .collect()
    }
}

fn response(request: &Request, body: String) -> Response {
    Response {
        request: request.clone(),
        url: request.url.clone(),
        status: 200,
        content_type: Some(
            if body.starts_with('<') {
                "application/n-triples"
            } else {
                "application/sparql-results+json"
            }
            .to_owned(),
        ),
        etag: None,
        last_modified: None,
        body: body.into(),
    }
}

fn crawl(connector: &Sparql, mut serve: impl FnMut(&Request) -> Result<String, u16>) -> Crawl {
    let mut crawl = Crawl::default();
    let mut queue: VecDeque<Request> = connector.start(None).into();
    while let Some(request) = queue.pop_front() {
        crawl.requests += 1;
        assert!(crawl.requests < 1000, "the crawl does not end");
        let recovered = match serve(&request) {
            Err(status) => connector.recover(
                &request,
                &Failure::Fetch {
                    status: Some(status),
                    message: "",
                },
            ),
            Ok(body) => match connector.read(&response(&request, body)) {
                Ok(page) => {
                    crawl
                        .ids
                        .extend(page.records.iter().map(|record| record.id.to_string()));
                    crawl.findings.extend(page.findings);
                    crawl.refused += page.refused;
                    crawl.announced = page.announced.or(crawl.announced);
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
                            <= records
                    );
                }
                queue.extend(requests);
            }
            None if request.records == Some(1) => crawl.refused += 1,
            None => crawl.lost += 1,
        }
    }
    crawl.ids.sort();
    crawl
}

fn all_but(datasets: u64, bad: &[u64]) -> Vec<String> {
    (0..datasets)
        .filter(|number| !bad.contains(number))
        .map(id)
        .collect()
}

#[test]
fn every_dataset_is_read_once_whatever_the_endpoint_lacks() {
    for size in [1, 5, 23, 50] {
        for endpoint in [
            Endpoint::default(),
            Endpoint {
                cap: 3,
                ..Endpoint::default()
            },
            Endpoint {
                counts: false,
                ..Endpoint::default()
            },
            Endpoint {
                describes: 2,
                ..Endpoint::default()
            },
        ] {
            let found = crawl(&sparql(&format!("page_size = {size}")), |request| {
                endpoint.answer(request)
            });
            assert_eq!(found.ids, all_but(23, &[]), "size {size}");
            assert!(found.findings.is_empty(), "{:?}", found.findings);
            assert_eq!(
                (found.announced, found.refused, found.lost),
                (endpoint.counts.then_some(23), 0, 0)
            );
        }
    }
}

#[test]
fn one_bad_dataset_is_isolated() {
    let endpoint = Endpoint {
        bad: vec![0, 7, 22],
        ..Endpoint::default()
    };
    let found = crawl(&sparql("page_size = 10"), |request| {
        endpoint.answer(request)
    });
    assert_eq!(
        (found.ids, found.refused, found.lost),
        (all_but(23, &[0, 7, 22]), 3, 0)
    );
}

#[test]
fn an_endpoint_that_does_not_compare_is_read_by_number() {
    let endpoint = Endpoint {
        compares: false,
        ..Endpoint::default()
    };
    let found = crawl(&sparql("page_size = 10"), |request| {
        endpoint.answer(request)
    });
    assert_eq!(found.ids, all_but(23, &[]));
    assert_eq!(
        found.rules(),
        [("paging/order-not-honoured", Severity::Warning)]
    );
}

/// The order of a dictionary, and a comparison of bytes: what stands between them must not be lost without a word.
#[test]
fn an_endpoint_that_sorts_otherwise_than_it_compares_is_read_by_number() {
    let names = ["a", "B", "c", "D", "e"].map(|name| format!("https://portail.example/{name}"));
    for (size, counts, read, severity) in [
        (3, true, 5, Severity::Warning),
        (3, false, 5, Severity::Warning),
        // Nothing shows the order, but that there are more.
        (1, false, 3, Severity::Error),
    ] {
        let found = crawl(&sparql(&format!("page_size = {size}")), |request| {
            let cursor = Cursor::of(request).expect("a cursor");
            let limit = usize::try_from(cursor.size).expect("small");
            let page = |ids: Vec<&String>| {
                let rows: Vec<_> = ids
                    .into_iter()
                    .take(limit)
                    .map(|id| json!({ "id": { "value": id } }))
                    .collect();
                Ok(json!({ "results": { "bindings": rows } }).to_string())
            };
            match &cursor.step {
                Step::List { after } => page(names.iter().filter(|name| *name > after).collect()),
                Step::ListByNumber { offset, .. } | Step::Check { offset } => page(
                    names
                        .iter()
                        .skip(usize::try_from(*offset).expect("small"))
                        .collect(),
                ),
                Step::Count if counts => Endpoint {
                    datasets: 5,
                    ..Endpoint::default()
                }
                .answer(request),
                Step::Count => Err(500),
                Step::Describe { .. } => Endpoint::default().answer(request),
            }
        });
        assert_eq!(found.ids.len(), read, "{size}");
        assert!(
            found.rules().iter().all(|(_, found)| *found == severity) && found.rules().len() == 1,
            "{:?}",
            found.rules()
        );
    }
}

#[test]
fn blank_nodes_are_refused_and_counted() {
    let endpoint = Endpoint {
        blank: 4,
        ..Endpoint::default()
    };
    let found = crawl(&sparql(""), |request| endpoint.answer(request));
    assert_eq!(
        (found.ids.len(), found.refused, found.announced),
        (23, 4, Some(27))
    );
    assert_eq!(found.rules(), [("record/no-identifier", Severity::Error)]);
}

#[test]
fn lists_without_end_are_given_up() {
    let mut number = 0;
    let found = crawl(&sparql("page_size = 1000"), |request| {
        match Cursor::of(request).expect("a cursor").step {
            Step::Count => Endpoint::default().answer(request),
            Step::Describe { .. } => Err(404),
            _ => {
                let rows: Vec<_> = (0..1000)
                    .map(|_| {
                        number += 1;
                        json!({ "id": { "value": id(number) } })
                    })
                    .collect();
                Ok(json!({ "results": { "bindings": rows } }).to_string())
            }
        }
    });
    assert!(found.rules().contains(&("paging/endless", Severity::Error)));
    let same = Endpoint {
        compares: false,
        datasets: 5,
        ..Endpoint::default()
    };
    let found = crawl(&sparql("page_size = 5"), |request| {
        let mut request = request.clone();
        let cursor = Cursor::of(&request).expect("a cursor");
        if let Step::ListByNumber { mark, .. } = cursor.step.clone() {
            request.cursor = serde_json::to_value(Cursor {
                step: Step::ListByNumber { offset: 0, mark },
                ..cursor
            })
            .expect("json");
        }
        same.answer(&request)
    });
    assert!(
        found
            .rules()
            .contains(&("paging/repeated-page", Severity::Error)),
        "{:?}",
        found.rules()
    );
}

#[test]
fn an_endpoint_that_is_not_there_costs_few_requests() {
    for status in [404, 401, 500] {
        let found = crawl(&sparql(""), |_| Err(status));
        assert_eq!((found.lost, found.ids.len()), (1, 0));
        assert!(found.requests <= 15, "{status}: {}", found.requests);
    }
}

#[test]
fn a_dataset_of_which_nothing_is_said_is_refused() {
    let found = crawl(&sparql(""), |request| {
        match Cursor::of(request).expect("a cursor").step {
            Step::Describe { .. } => Ok(String::new()),
            _ => Endpoint {
                datasets: 3,
                ..Endpoint::default()
            }
            .answer(request),
        }
    });
    assert_eq!((found.refused, found.lost), (3, 0));
    assert_eq!(
        found.rules(),
        [("record/not-described", Severity::Error); 3]
    );
}

#[test]
fn an_answer_that_is_cut_off_behind_a_node_is_asked_for_again_or_told() {
    let endpoint = Endpoint {
        datasets: 3,
        ..Endpoint::default()
    };
    // The contact of one dataset is lacking: in an answer about several, or always.
    for always in [false, true] {
        let found = crawl(&sparql(""), |request| {
            let mut answer = endpoint.answer(request)?;
            if let Step::Describe { ids, .. } = &Cursor::of(request).expect("a cursor").step
                && ids.contains(&id(1))
            {
                answer.push_str(&format!(
                    "<{}> <http://www.w3.org/ns/dcat#contactPoint> _:c .\n",
                    id(1)
                ));
                if ids.len() == 1 && !always {
                    answer.push_str("_:c <http://www.w3.org/2006/vcard/ns#fn> \"SIG\" .\n");
                }
            }
            Ok(answer)
        });
        assert_eq!((found.ids, found.requests), (all_but(3, &[]), 5));
        let told = [("record/not-described", Severity::Warning)];
        let rules: Vec<_> = found
            .findings
            .iter()
            .map(|finding| (finding.rule.as_ref(), finding.severity))
            .collect();
        assert_eq!(rules, if always { &told[..] } else { &[] });
    }
}

#[test]
fn answers_of_another_kind_are_named() {
    let connector = sparql("");
    let request = connector.start(None).remove(0);
    let read = |body: &str| {
        connector
            .read(&response(&request, body.to_owned()))
            .expect_err(body)
    };
    assert!(
        matches!(read("Virtuoso 37000 Error SP030: SPARQL compiler, line 1: syntax error"), ReadError::Refused { code, .. } if code.starts_with("Virtuoso 37000"))
    );
    assert!(matches!(
        read("<!DOCTYPE html><html>"),
        ReadError::Unexpected(_)
    ));
    assert!(matches!(
        read("{\"boolean\": true}"),
        ReadError::Unexpected(_)
    ));
    assert!(matches!(
        read("{\"results\": {"),
        ReadError::Malformed { .. }
    ));
}

#[test]
fn queries_go_as_they_are_configured_and_are_sparql() {
    let request = sparql("graph = \"https://portail.example/graphe\"")
        .start(None)
        .remove(0);
    assert!(
        matches!(&request.method, Method::Post(body) if body.content.contains("FROM+%3Chttps%3A%2F%2Fportail.example%2Fgraphe%3E"))
    );
    let request = sparql("method = \"get\"").start(None).remove(0);
    assert!(
        request
            .url
            .starts_with("https://portail.example/sparql?query=PREFIX")
    );
    let config = config("");
    for query in [
        crate::query::count(&config),
        crate::query::list(&config, "https://a.example/\"\\é", 5),
        crate::query::list_by_number(&config, 5, 5),
        crate::query::describe(&config, &[id(1), id(2)], 6),
    ] {
        spargebra::SparqlParser::new()
            .parse_query(&query)
            .unwrap_or_else(|error| panic!("{error}\n{query}"));
    }
    assert!(!crate::query::can_be_asked(
        "https://a.example/> } DROP ALL"
    ));
}

#[test]
fn wrong_keys_are_refused_with_a_hint() {
    assert!(toml::from_str::<Config>("url = \"https://a.example/\"\nquery = \"x\"").is_err());
    for (text, key) in [
        ("page_size = 0", "page_size"),
        ("depth = 9", "depth"),
        ("graph = \"g\"", "graph"),
    ] {
        assert_eq!(Sparql::new(config(text)).expect_err(text).key, key);
    }
}

proptest! {
    #[test]
    fn no_endpoint_makes_it_loop(datasets in 0_u64..30, cap in 1_u64..10, size in 1_u64..12, describes in 0_usize..5, bad in prop::collection::vec(0_u64..30, 0..4), counts in any::<bool>(), compares in any::<bool>()) {
        let endpoint = Endpoint { datasets, cap, describes, bad: bad.clone(), counts, compares, blank: 0 };
        let found = crawl(&sparql(&format!("page_size = {size}")), |request| endpoint.answer(request));
        prop_assert_eq!(found.ids, all_but(datasets, &bad));
    }

    #[test]
    fn no_bytes_make_it_panic(body in "\\PC{0,200}") {
        let connector = sparql("");
        for request in connector.start(None) {
            let _ = connector.read(&response(&request, body.clone()));
        }
    }
}
