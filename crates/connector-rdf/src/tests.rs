//! Crawls of simulated catalogues, one fault at a time.

use std::collections::{BTreeMap, VecDeque};

use model::{Connector, Failure, Finding, ReadError, Request, Response, Severity};
use proptest::prelude::*;

use crate::{Config, Rdf};

const ROOT: &str = "https://portail.example/catalogue";
const PREFIXES: &str = "@prefix dcat: <http://www.w3.org/ns/dcat#> .\n@prefix dct: <http://purl.org/dc/terms/> .\n@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n@prefix hydra: <http://www.w3.org/ns/hydra/core#> .\n";

fn config(text: &str) -> Config {
    toml::from_str(&format!("url = \"{ROOT}\"\n{text}")).expect("a configuration")
}

fn rdf(text: &str) -> Rdf {
    Rdf::new(config(text)).expect("a good configuration")
}

fn response(request: &Request, body: impl Into<bytes::Bytes>) -> Response {
    Response {
        request: request.clone(),
        url: request.url.clone(),
        status: 200,
        content_type: None,
        etag: None,
        last_modified: None,
        body: body.into(),
    }
}

/// A page of some datasets, with what it says of others.
fn page(ids: &[u32], rest: &str) -> String {
    let datasets: String = ids
        .iter()
        .map(|id| format!("<{ROOT}/jeu/{id}> a dcat:Dataset ; dct:title \"Jeu {id}\" ; dct:publisher <{ROOT}/region> .\n"))
        .collect();
    format!(
        "{PREFIXES}<{ROOT}> a dcat:Catalog ; dct:publisher <{ROOT}/departement> .\n<{ROOT}/departement> a foaf:Agent ; foaf:name \"D\" .\n<{ROOT}/region> a foaf:Agent ; foaf:name \"R\" .\n{datasets}{rest}"
    )
}

fn next(from: &str, to: &str, total: Option<u64>) -> String {
    let total = total.map_or_else(String::new, |total| {
        format!("<{ROOT}> hydra:totalItems {total} .\n")
    });
    format!("{total}<{from}> a hydra:PartialCollectionView ; hydra:next <{to}> .\n")
}

#[derive(Debug, Default)]
struct Crawl {
    ids: Vec<String>,
    findings: Vec<Finding>,
    announced: BTreeMap<String, u64>,
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

    fn datasets(&self) -> usize {
        self.ids.iter().filter(|id| id.contains("/jeu/")).count()
    }
}

/// What the engine does, without its patience.
fn crawl(connector: &Rdf, mut serve: impl FnMut(&Request) -> Option<String>) -> Crawl {
    let mut crawl = Crawl::default();
    let mut queue: VecDeque<Request> = connector.start(None).into();
    while let Some(request) = queue.pop_front() {
        crawl.requests += 1;
        assert!(crawl.requests < 500, "the crawl does not end");
        let recovered = match serve(&request) {
            None => connector.recover(
                &request,
                &Failure::Fetch {
                    status: Some(404),
                    message: "",
                },
            ),
            Some(body) => match connector.read(&response(&request, body)) {
                Ok(page) => {
                    crawl
                        .ids
                        .extend(page.records.iter().map(|record| record.id.to_string()));
                    crawl.findings.extend(page.findings);
                    crawl.refused += page.refused;
                    if let Some(total) = page.announced {
                        crawl
                            .announced
                            .insert(request.cursor["listing"].to_string(), total);
                    }
                    Some(page.next)
                }
                Err(error) => connector.recover(&request, &Failure::Read(&error)),
            },
        };
        match recovered {
            Some(requests) => queue.extend(requests),
            None if request.records == Some(1) => crawl.refused += 1,
            None => crawl.lost += 1,
        }
    }
    crawl
}

#[test]
fn pages_are_read_to_the_last_and_agents_once() {
    let (two, three) = (format!("{ROOT}?page=2"), format!("{ROOT}?page=3"));
    let found = crawl(&rdf(""), |request| {
        Some(match request.url.as_str() {
            ROOT => page(&[1, 2], &next(ROOT, &two, Some(5))),
            url if url == two => page(&[3, 4], &next(&two, &three, Some(5))),
            _ => page(
                &[5],
                &format!(
                    "<{ROOT}> hydra:totalItems 5 . <{three}> a hydra:PartialCollectionView ; hydra:previous <{two}> ."
                ),
            ),
        })
    });
    assert_eq!(
        (found.datasets(), found.ids.len(), found.requests),
        (5, 6, 3)
    );
    assert!(found.findings.is_empty(), "{:?}", found.findings);
    assert_eq!(found.announced.values().sum::<u64>(), 6);
}

#[test]
fn lone_agents_are_kept_however_many_there_are() {
    let agents: String = (0..2500)
        .map(|number| format!("<{ROOT}/agent/{number}> a foaf:Agent ; foaf:name \"A\" .\n"))
        .collect();
    let found = crawl(&rdf(""), |_| Some(page(&[1], &agents)));
    // That of the catalogue is one too.
    assert_eq!((found.datasets(), found.ids.len()), (1, 2502));
}

#[test]
fn cycles_and_repeated_pages_end_and_are_told() {
    let two = format!("{ROOT}?page=2");
    // Back to the first page: where the total is reached, nothing was lost.
    for (total, severity) in [
        (None, Severity::Error),
        (Some(2), Severity::Warning),
        (Some(9), Severity::Error),
    ] {
        let found = crawl(&rdf(""), |request| {
            Some(match request.url.as_str() {
                ROOT => page(&[1], &next(ROOT, &two, total)),
                _ => page(&[2], &next(&two, ROOT, total)),
            })
        });
        assert_eq!(
            (found.datasets(), found.requests, found.rules()),
            (2, 2, vec![("paging/loop", severity)])
        );
    }
    // The same datasets at ever new addresses.
    let mut number = 0;
    let found = crawl(&rdf(""), |request| {
        number += 1;
        Some(page(
            &[1],
            &next(&request.url, &format!("{ROOT}?page={number}"), None),
        ))
    });
    assert_eq!(
        (found.datasets(), found.rules()),
        (1, vec![("paging/repeated-page", Severity::Error)])
    );
    // Where the total was reached, the same page again costs nothing.
    let mut number = 0;
    let found = crawl(&rdf(""), |request| {
        number += 1;
        Some(page(
            &[1],
            &next(&request.url, &format!("{ROOT}?page={number}"), Some(1)),
        ))
    });
    assert_eq!(found.rules(), [("paging/repeated-page", Severity::Warning)]);
    // New datasets for ever.
    let mut number = 0;
    let found = crawl(&rdf("page_limit = 20"), |request| {
        number += 1;
        Some(page(
            &[number],
            &next(&request.url, &format!("{ROOT}?page={number}"), Some(3)),
        ))
    });
    assert_eq!(
        (found.datasets(), found.rules()),
        (20, vec![("paging/endless", Severity::Warning)])
    );
    // Nothing for ever.
    let mut number = 0;
    let found = crawl(&rdf(""), |request| {
        number += 1;
        Some(page(
            &[],
            &next(&request.url, &format!("{ROOT}?page={number}"), Some(3)),
        ))
    });
    assert_eq!(
        (found.requests, found.rules()),
        (3, vec![("paging/empty-pages", Severity::Error)])
    );
}

#[test]
fn a_next_page_elsewhere_is_asked_for_here_or_not_at_all() {
    let found = crawl(&rdf(""), |request| {
        Some(match request.url.as_str() {
            ROOT => page(
                &[1],
                &next(ROOT, "http://interne:8080/catalogue?page=2", None),
            ),
            url => {
                assert_eq!(url, format!("{ROOT}?page=2"));
                page(&[2], "")
            }
        })
    });
    assert_eq!(
        (found.datasets(), found.rules()),
        (2, vec![("paging/foreign-next-page", Severity::Warning)])
    );
    let found = crawl(&rdf(""), |_| {
        Some(page(&[1], &next(ROOT, "https://ailleurs.example/x", None)))
    });
    assert_eq!(
        (found.requests, found.rules()),
        (1, vec![("paging/foreign-next-page", Severity::Error)])
    );
}

#[test]
fn a_next_page_that_cannot_be_asked_for_or_chosen_is_an_error() {
    let found = crawl(&rdf(""), |_| {
        Some(page(&[1], &format!("<{ROOT}> hydra:next \"http://[\" .")))
    });
    assert_eq!(
        (found.requests, found.rules()),
        (1, vec![("paging/foreign-next-page", Severity::Error)])
    );
    let found = crawl(&rdf(""), |request| {
        Some(match request.url.as_str() {
            ROOT => page(
                &[1],
                &format!("<{ROOT}#vue> hydra:next <{ROOT}?page=2>, <{ROOT}?page=3> ."),
            ),
            _ => page(&[2], ""),
        })
    });
    assert_eq!(
        (found.requests, found.rules()),
        (2, vec![("paging/counts-disagree", Severity::Error)])
    );
}

#[test]
fn a_total_of_something_else_is_not_announced() {
    let found = crawl(&rdf(""), |_| {
        Some(page(
            &[1],
            "<https://portail.example/mots> hydra:totalItems 4000 .",
        ))
    });
    assert!(found.announced.is_empty());
    let found = crawl(&rdf(""), |_| {
        Some(page(&[1, 2], &format!("<{ROOT}> hydra:totalItems 1 .")))
    });
    assert_eq!(
        found.announced.values().sum::<u64>(),
        3,
        "what came counts for more, and the agent"
    );
}

#[test]
fn datasets_that_are_only_listed_are_named_or_followed() {
    let listed = format!(
        "<{ROOT}> dcat:dataset <{ROOT}/jeu/1>, <{ROOT}/jeu/2>, <{ROOT}/jeu/3>, <https://ailleurs.example/jeu/4> ."
    );
    let serve = |request: &Request| match request.url.strip_prefix(ROOT) {
        Some("") => Some(page(&[1], &listed)),
        // What stands beside it has its own address.
        Some("/jeu/2") => Some(page(&[2, 9], "")),
        _ => None,
    };
    let found = crawl(&rdf(""), serve);
    assert_eq!(
        (found.datasets(), found.rules()),
        (1, vec![("record/not-described", Severity::Warning); 3])
    );
    let found = crawl(&rdf("follow = true"), serve);
    assert_eq!((found.datasets(), found.refused, found.lost), (2, 1, 0));
    assert_eq!(found.rules(), [("record/not-described", Severity::Warning)]);
    let found = crawl(&rdf("follow = true\nfollow_limit = 1"), serve);
    assert!(found.rules().contains(&("paging/endless", Severity::Error)));
}

#[test]
fn a_long_list_of_such_datasets_is_summed_up() {
    let list: String = (0..500)
        .map(|id| format!("<{ROOT}> dcat:dataset <{ROOT}/jeu/{id}> .\n"))
        .collect();
    let found = crawl(&rdf(""), |_| Some(page(&[], &list)));
    assert_eq!(found.findings.len(), 201);
    assert!(found.findings[200].message.contains("300 times more"));
}

#[test]
fn another_kind_of_answer_is_asked_for_in_another_syntax_and_then_lost() {
    let mut accepts = Vec::new();
    let found = crawl(&rdf(""), |request| {
        accepts.push(request.accept.clone());
        Some(if request.accept == "application/rdf+xml" {
            page(&[1], &next(ROOT, &format!("{ROOT}?page=2"), None))
        } else {
            "<!DOCTYPE html><html></html>".to_owned()
        })
    });
    assert_eq!(accepts.len(), 3);
    assert_eq!(accepts[1..], ["application/rdf+xml"; 2]);
    assert_eq!(found.rules(), [("paging/repeated-page", Severity::Error)]);
    let found = crawl(&rdf(""), |_| {
        Some("<!DOCTYPE html><html></html>".to_owned())
    });
    assert_eq!((found.requests, found.lost), (3, 1));
}

#[test]
fn what_is_no_catalogue_of_dcat_says_so() {
    let connector = rdf("");
    let request = connector.start(None).remove(0);
    let read = |body: &str| connector.read(&response(&request, body.to_owned()));
    for (body, part) in [
        (
            "{\"@context\": \"https://schema.org/\", \"@type\": \"Dataset\", \"name\": \"x\"}",
            "schema.org",
        ),
        ("{\"dataset\": [{\"title\": \"x\"}]}", "datajson"),
        (
            "<https://a.example/> <https://a.example/p> \"x\" .",
            "no dcat:Catalog",
        ),
        ("<html><body>Maintenance</body></html>", "HTML"),
    ] {
        let error = read(body).expect_err(body);
        assert!(
            matches!(&error, ReadError::Unexpected(message) if message.contains(part)),
            "{error}"
        );
    }
    assert!(
        read(&page(&[], "")).is_ok_and(|page| page.records.len() == 2),
        "an empty catalogue, and its agents"
    );
    assert!(
        matches!(read("@prefix : <https://a.example/> .\n:a :b \"c"), Err(ReadError::Malformed { at: Some(at), .. }) if at.starts_with("line 2"))
    );
}

#[test]
fn a_later_page_that_is_none_is_lost_and_not_the_end() {
    let two = format!("{ROOT}?page=2");
    for (answer, lost) in [
        ("{\"message\": \"error\"}".to_owned(), 1),
        ("[]".to_owned(), 1),
        (
            "<https://a.example/> <https://a.example/p> \"x\" .".to_owned(),
            1,
        ),
        // A page that is empty, and says that it is a page or a catalogue.
        (
            format!("{PREFIXES}<{two}> a hydra:PartialCollectionView ."),
            0,
        ),
        (format!("{PREFIXES}<{ROOT}> a dcat:Catalog ."), 0),
    ] {
        let found = crawl(&rdf(""), |request| {
            Some(match request.url.as_str() {
                ROOT => page(&[1], &next(ROOT, &two, None)),
                _ => answer.clone(),
            })
        });
        assert_eq!((found.datasets(), found.lost), (1, lost), "{answer}");
    }
}

#[test]
fn wrong_keys_are_refused_with_a_hint() {
    assert!(toml::from_str::<Config>("url = \"https://a.example/\"\nsyntax = \"turtle\"").is_err());
    for (text, key) in [
        ("format = \"n3\"", "format"),
        ("page_limit = 0", "page_limit"),
        ("follow_limit = 0", "follow_limit"),
    ] {
        assert_eq!(Rdf::new(config(text)).expect_err(text).key, key);
    }
    let bad: Config = toml::from_str("url = \"catalogue.ttl\"").expect("keys");
    assert_eq!(Rdf::new(bad).expect_err("no address").key, "url");
}

proptest! {
    #[test]
    fn no_listing_makes_it_loop(links in prop::collection::vec(0_u32..8, 8), total in prop::option::of(0_u64..10), datasets in prop::collection::vec(prop::collection::vec(0_u32..12, 0..3), 8)) {
        let address = |number: u32| if number == 0 { ROOT.to_owned() } else { format!("{ROOT}?page={number}") };
        let found = crawl(&rdf(""), |request| {
            let number = request.url.rsplit_once('=').map_or(0, |(_, number)| number.parse().unwrap_or(0));
            Some(page(&datasets[number], &next(&request.url, &address(links[number]), total)))
        });
        prop_assert!(found.requests <= 9);
    }
}
