//! Crawls of streams in memory.

use std::collections::VecDeque;

use bytes::Bytes;
use chrono::{TimeZone, Utc};
use model::{Checkpoint, Connector, Coverage, ReadError, Request, Response};

use crate::{Config, Ldes};

const ROOT: &str = "https://flux.example/feed";
const PREFIXES: &str = "@prefix as: <https://www.w3.org/ns/activitystreams#> . @prefix tree: <https://w3id.org/tree#> . @prefix ldes: <https://w3id.org/ldes#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix : <https://flux.example/> .\n";
const LATEST: &str = "<https://flux.example/feed#vue> ldes:retentionPolicy [ a ldes:LatestVersionSubset ; ldes:amount 1 ] .";

fn connector(keys: &str) -> Ldes {
    let config: Config = toml::from_str(&format!("url = \"{ROOT}\"\n{keys}")).expect("keys");
    Ldes::new(config).expect("a good configuration")
}

fn node(inside: &str) -> String {
    format!(
        "{PREFIXES}:flux a ldes:EventStream ; ldes:timestampPath as:published ; ldes:versionOfPath as:object .\n{inside}"
    )
}

fn relation(to: &str, kind: &str, day: u32) -> String {
    format!(
        "<{ROOT}> tree:relation [ a tree:{kind} ; tree:node <{ROOT}/{to}> ; tree:path as:published ; tree:value \"2026-03-{day:02}T00:00:00Z\"^^xsd:dateTime ] .\n"
    )
}

fn member(object: &str, kind: &str, day: u32, title: &str) -> String {
    let own = format!(":m-{object}-{day}");
    let told = match title {
        "" => String::new(),
        _ => format!("{own} {{ :{object} a dcat:Dataset ; dct:title \"{title}\"@fr . }}\n"),
    };
    format!(
        ":flux tree:member {own} . {own} a as:{kind} ; as:object :{object} ; as:published \"2026-03-{day:02}T12:00:00Z\"^^xsd:dateTime .\n{told}"
    )
}

#[derive(Default)]
struct Crawl {
    asked: Vec<String>,
    records: Vec<(String, String)>,
    gone: Vec<String>,
    rules: Vec<&'static str>,
    refused: u64,
}

impl Crawl {
    fn title(&self, object: &str) -> Vec<&str> {
        let id = format!("https://flux.example/{object}");
        let own = self.records.iter().filter(|(own, _)| *own == id);
        own.filter_map(|(_, body)| body.split('"').nth(1)).collect()
    }
}

fn answer(request: &Request, body: String) -> Response {
    Response {
        url: request.url.clone(),
        request: request.clone(),
        status: 200,
        content_type: Some("application/trig".to_owned()),
        etag: None,
        last_modified: None,
        body: Bytes::from(body),
    }
}

fn crawl(keys: &str, since: Option<u32>, serve: impl Fn(&str) -> String) -> Crawl {
    let connector = connector(keys);
    let since = since.map(|day| Checkpoint {
        started: Utc
            .with_ymd_and_hms(2026, 3, day, 0, 0, 0)
            .single()
            .expect("a time"),
    });
    let mut crawl = Crawl::default();
    let mut queue: VecDeque<Request> = connector.start(since.as_ref()).into();
    while let Some(request) = queue.pop_front() {
        let name = request.url.strip_prefix(ROOT).unwrap_or(&request.url);
        crawl.asked.push(name.to_owned());
        assert!(crawl.asked.len() < 200, "the crawl does not end");
        let page = connector
            .read(&answer(&request, serve(name)))
            .expect("a page");
        for record in page.records {
            let body = String::from_utf8(record.body.to_vec()).expect("text");
            crawl.records.push((record.id.to_string(), body));
        }
        crawl.gone.extend(page.gone.iter().map(ToString::to_string));
        crawl
            .rules
            .extend(page.findings.iter().map(|f| &*f.rule).map(leak));
        crawl.refused += page.refused;
        queue.extend(page.next);
    }
    crawl
}

fn leak(rule: &str) -> &'static str {
    Box::leak(rule.to_owned().into_boxed_str())
}

/// Two pages under a root, the older one closed.
fn two(name: &str, policy: &str) -> String {
    match name {
        "" => node(&format!(
            "{policy}{}{}{}",
            relation("0", "GreaterThanOrEqualToRelation", 1),
            relation("0", "LessThanOrEqualToRelation", 10),
            relation("1", "GreaterThanOrEqualToRelation", 10)
        )),
        "/0" => node(&(member("a", "Create", 2, "A, premier") + &member("b", "Create", 3, "B"))),
        _ => node(&(member("a", "Update", 11, "A, second") + &member("c", "Delete", 12, ""))),
    }
}

#[test]
fn the_last_version_of_each_object_holds_and_deletions_are_told() {
    let found = crawl("", None, |name| two(name, ""));
    assert_eq!(found.asked, ["", "/1", "/0"]);
    assert_eq!(found.title("a"), ["A, second"]);
    assert_eq!(found.title("b"), ["B"]);
    assert_eq!(found.gone, ["https://flux.example/c"]);
    assert!(found.rules.is_empty(), "{:?}", found.rules);
    // What is to keep one version of each may have earlier ones still.
    let found = crawl("", None, |name| two(name, LATEST));
    assert_eq!(found.asked, ["", "/1", "/0"]);
    assert_eq!(found.title("a"), ["A, second"]);
}

#[test]
fn with_a_checkpoint_only_later_nodes_and_members_are_read() {
    let found = crawl("", Some(12), |name| two(name, ""));
    assert_eq!(found.asked, ["", "/1"]);
    assert_eq!((found.records.len(), found.gone.len()), (1, 1));
    let found = crawl("incremental = false", Some(12), |name| two(name, ""));
    assert_eq!(found.asked.len(), 3);
    let since = Checkpoint {
        started: Utc::now(),
    };
    assert_eq!(connector("").coverage(Some(&since)), Coverage::Delta);
    assert_eq!(connector("").coverage(None), Coverage::Full);
}

#[test]
fn a_chain_of_nodes_is_read_from_its_end() {
    let found = crawl("", None, |name| match name {
        "" => node(
            &(member("a", "Create", 2, "un") + &relation("1", "GreaterThanOrEqualToRelation", 3)),
        ),
        _ => node(&member("a", "Update", 4, "deux")),
    });
    assert_eq!(found.asked, ["", "/1", ""]);
    assert_eq!(found.title("a"), ["deux"]);
}

#[test]
fn plain_versions_are_records_of_their_objects() {
    let text = format!(
        "{PREFIXES}:flux a ldes:EventStream ; ldes:timestampPath dct:modified ; ldes:versionOfPath dct:isVersionOf ; tree:member :a-1, :a-2 .
        :a-1 a dcat:Dataset ; dct:isVersionOf :a ; dct:title \"un\" ; dct:modified \"2026-03-01\"^^xsd:date .
        :a-2 a dcat:Dataset ; dct:isVersionOf :a ; dct:title \"deux\" ; dct:modified \"2026-03-02\"^^xsd:date ; dcat:distribution [ dct:title \"fichier\" ] ."
    );
    let found = crawl("", None, |_| text.clone());
    assert_eq!(found.records.len(), 1);
    let body = &found.records[0].1;
    assert!(body.contains("deux") && body.contains("fichier"), "{body}");
    assert!(
        !body.contains("isVersionOf") && !body.contains("\"un\""),
        "{body}"
    );
}

#[test]
fn loops_endless_streams_and_other_servers_end_the_crawl() {
    let found = crawl("", None, |_| {
        node(&(relation("1", "Relation", 1) + &relation("", "Relation", 1)))
    });
    assert_eq!(
        found.asked.len(),
        3,
        "the root, itself with a slash, and /1"
    );
    let found = crawl("node_limit = 20", None, |name| {
        node(&relation(
            &format!("{}x", name.trim_start_matches('/')),
            "Relation",
            1,
        ))
    });
    assert_eq!(found.asked.len(), 20);
    assert_eq!(found.rules, ["paging/endless"]);
    let found = crawl("", None, |_| {
        node("<#n> tree:relation [ tree:node <https://ailleurs.example/> ] .")
    });
    assert_eq!(
        (found.asked.len(), found.rules),
        (1, vec!["paging/foreign-next-page"])
    );
}

#[test]
fn a_page_of_relations_keeps_the_state_small() {
    let long = "x".repeat(3_000);
    let mut inside = relation(&long, "Relation", 1);
    for number in 0..3_000 {
        inside += &format!("<{ROOT}> tree:relation [ tree:node <{ROOT}/1#{number}> ] .\n");
        inside += &format!("<{ROOT}> tree:relation [ tree:node <{ROOT}/p/{number}> ] .\n");
    }
    let connector = connector("node_limit = 1000");
    let first = connector.start(None).remove(0);
    let page = connector.read(&answer(&first, node(&inside)));
    let page = page.expect("a page");
    assert_eq!(page.next.len(), 1);
    let state = page.next[0].cursor.to_string();
    assert!(state.len() < 100_000, "{}", state.len());
    let rules: Vec<&str> = page.findings.iter().map(|finding| &*finding.rule).collect();
    assert!(rules.contains(&"paging/endless"), "{rules:?}");
}

#[test]
fn a_stream_without_members_is_empty_and_whole() {
    let found = crawl("", None, |_| node(""));
    assert_eq!((found.asked.len(), found.records.len()), (1, 0));
    assert!(found.rules.is_empty());
}

#[test]
fn an_interrupted_crawl_goes_on_where_it_stood() {
    let connector = connector("");
    let first = connector.start(None).remove(0);
    let page = connector.read(&answer(&first, two("", ""))).expect("root");
    // What is kept of a request is its JSON.
    let kept = page.next[0].cursor.to_string();
    let cursor = serde_json::from_str(&kept).expect("JSON");
    let again = Request::get(page.next[0].url.clone(), "*/*").cursor(cursor);
    let page = connector
        .read(&answer(&again, two("/1", "")))
        .expect("a page");
    assert_eq!((page.records.len(), page.gone.len()), (1, 1));
    assert_eq!(page.next[0].url, format!("{ROOT}/0"));
}

#[test]
fn members_without_an_object_or_a_description_are_refused() {
    let inside = member("a", "Create", 1, "") + ":flux tree:member :vide . :vide a as:Update .";
    let found = crawl("", None, |_| node(&inside));
    assert_eq!((found.records.len(), found.refused), (0, 2));
    assert_eq!(
        found.rules,
        ["record/no-identifier", "record/not-described"]
    );
}

#[test]
fn a_broken_node_gives_no_member_and_what_is_no_stream_says_so() {
    let inside = member("a", "Create", 1, "A") + "\n:x :y \"z";
    let found = crawl("", None, |_| node(&inside));
    assert_eq!((found.records.len(), found.refused), (0, 1));
    assert!(found.rules.contains(&"page/unreadable"));
    let connector = connector("");
    let request = connector.start(None).remove(0);
    let catalogue = format!("{PREFIXES}:c a dcat:Catalog .");
    let error = connector
        .read(&answer(&request, catalogue))
        .expect_err("no stream");
    assert!(matches!(error, ReadError::Unexpected(_)), "{error}");
}

#[test]
fn a_broken_node_that_leads_on_does_not_wait() {
    let root = member("a", "Create", 2, "un") + &relation("1", "GreaterThanOrEqualToRelation", 3);
    let found = crawl("", None, |name| match name {
        "" => node(&root) + "\n:x :y \"z",
        _ => node(&member("a", "Update", 4, "deux")),
    });
    assert_eq!(found.asked, ["", "/1"]);
    assert!(found.rules.contains(&"page/unreadable"));
}

#[test]
fn no_earlier_version_comes_for_one_that_could_not_be_read() {
    let found = crawl("", None, |name| match name {
        "/1" => two(name, "") + "\n:x :y \"z",
        name => two(name, ""),
    });
    assert_eq!(found.asked, ["", "/1", "/0"]);
    assert!(found.title("a").is_empty() && found.gone.is_empty());
    assert_eq!(found.title("b"), ["B"]);
}

#[test]
fn without_times_the_node_that_is_led_to_is_the_later_one() {
    let member = |kind: &str, name: &str| {
        format!(
            ":flux tree:member :m{name} . :m{name} a as:{kind} ; as:object :a . :m{name} {{ :a a dcat:Dataset ; dct:title \"{name}\" }}\n"
        )
    };
    let found = crawl("", None, |name| match name {
        "" => node(
            &(member("Create", "un")
                + "<#n> tree:relation [ tree:node <https://flux.example/feed/1> ] ."),
        ),
        _ => node(&member("Update", "deux")),
    });
    assert_eq!(found.asked, ["", "/1", ""]);
    assert_eq!(found.title("a"), ["deux"]);
}

#[test]
fn a_date_of_the_dataset_is_no_date_of_the_stream() {
    let text = format!(
        "{PREFIXES}:flux a ldes:EventStream ; tree:member :a-1 . :a-1 a dcat:Dataset ; dct:isVersionOf :a ; dct:title \"un\" ; dct:modified \"2019-03-01\"^^xsd:date ."
    );
    let found = crawl("", Some(12), |_| text.clone());
    assert_eq!(found.records.len(), 1);
    let body = &found.records[0].1;
    assert!(
        body.contains("\"un\"") && !body.contains("isVersionOf"),
        "{body}"
    );
}

#[test]
fn what_a_window_lets_go_is_not_missing() {
    let policy = "<https://flux.example/feed#vue> ldes:retentionPolicy [ a ldes:DurationAgoPolicy ; tree:value \"P30D\" ] .";
    assert_eq!(
        crawl("", None, |name| two(name, policy)).rules,
        ["paging/retention"]
    );
    assert!(
        crawl("", Some(12), |name| two(name, policy))
            .rules
            .is_empty()
    );
}

#[test]
fn a_description_of_a_stream_does_not_steer_this_one() {
    let own = member("b", "Create", 2, "B")
        + ":m-b-2 { :aaa a ldes:EventStream ; ldes:timestampPath dct:issued ; ldes:versionOfPath dct:source ; tree:member :faux . :faux a as:Delete ; as:object :c }\n";
    let inside = own + &member("c", "Create", 3, "C");
    let found = crawl("", None, |_| node(&inside));
    assert_eq!((found.title("b"), found.title("c")), (vec!["B"], vec!["C"]));
    assert!(found.gone.is_empty());
}

#[test]
fn descriptions_end_where_another_object_begins() {
    let activity = |object: &str, to: &str| {
        format!(
            ":flux tree:member :m{object} . :m{object} a as:Create ; as:object :{object} . :{object} a dcat:Dataset ; dct:title \"{object}\" ; dct:relation :{to} .\n"
        )
    };
    let inside = activity("a", "b") + &activity("b", "a");
    let found = crawl("", None, |_| node(&inside));
    for object in ["a", "b"] {
        assert_eq!(found.title(object), [object]);
    }
}
