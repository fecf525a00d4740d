use axum::body::to_bytes;
use axum::http::request::Builder;
use graph::model::{Literal, NamedNode, Triple};
use graph::{Access, Graph};
use serde_json::Value;
use tower::ServiceExt;

use super::*;

const ADDRESS: &str = "https://a.example/sparql";

fn triple(n: usize) -> Triple {
    let node = |local: &str| NamedNode::new(format!("https://a.example/{local}")).expect("an IRI");
    Triple::new(
        node(&format!("d/{n}")),
        node("title"),
        Literal::from(format!("jeu « {n} »")),
    )
}

fn graph() -> Graph {
    let graph = Graph::memory().expect("a store");
    graph.bulk_insert((0..1000).map(triple)).expect("load");
    let name = NamedNode::new("https://a.example/public").expect("an IRI");
    graph.insert_named(&name, &[triple(9001)]).expect("insert");
    let name = NamedNode::new("https://a.example/secret").expect("an IRI");
    graph.insert_named(&name, &[triple(9002)]).expect("insert");
    graph
}

fn service_of(graph: Graph, settings: &SparqlSettings) -> Router {
    let access = Access {
        catalogue: Some("https://a.example/catalogue".to_owned()),
        public: vec!["https://a.example/public".to_owned()],
    };
    let service = SparqlService::new(QueryService::local(graph, access), ADDRESS, settings);
    router(service.with_page("<title>SPARQL</title>".to_owned()))
}

fn service() -> Router {
    service_of(graph(), &SparqlSettings::default())
}

struct Answered {
    status: u16,
    headers: HeaderMap,
    /// None when the body broke off.
    body: Option<String>,
}

impl Answered {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("ASCII"))
    }

    fn json(&self) -> Value {
        serde_json::from_str(self.body.as_deref().expect("a body")).expect("JSON")
    }

    fn text(&self) -> &str {
        self.body.as_deref().expect("a body")
    }
}

async fn send(router: &Router, request: Builder, body: &str) -> Answered {
    let request = request
        .body(Body::from(body.to_owned()))
        .expect("a request");
    let response = router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.ok();
    Answered {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: body.map(|bytes| String::from_utf8(bytes.to_vec()).expect("UTF-8")),
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn get_request(query: &str) -> Builder {
    Request::get(format!("/sparql?query={}", encoded(query)))
}

async fn get(query: &str, accept: &str) -> Answered {
    send(&service(), get_request(query).header("accept", accept), "").await
}

const SELECT: &str = "SELECT ?o { <https://a.example/d/7> ?p ?o }";
const CONSTRUCT: &str = "CONSTRUCT WHERE { <https://a.example/d/7> ?p ?o }";

#[tokio::test]
async fn each_result_has_all_its_formats() {
    for (query, accept, content_type, sign) in [
        (
            SELECT,
            "*/*",
            "application/sparql-results+json",
            "\"bindings\"",
        ),
        (
            SELECT,
            "application/sparql-results+xml",
            "application/sparql-results+xml",
            "<result>",
        ),
        (SELECT, "text/csv", "text/csv; charset=utf-8", "jeu « 7 »"),
        (
            SELECT,
            "text/tab-separated-values",
            "text/tab-separated-values; charset=utf-8",
            "?o\n\"jeu",
        ),
        (
            SELECT,
            "application/json",
            "application/json",
            "\"bindings\"",
        ),
        (
            "ASK {}",
            "*/*",
            "application/sparql-results+json",
            "\"boolean\":true",
        ),
        (
            "ASK {}",
            "application/sparql-results+xml",
            "application/sparql-results+xml",
            "<boolean>true",
        ),
        (
            CONSTRUCT,
            "*/*",
            "text/turtle; charset=utf-8",
            "@prefix dcat:",
        ),
        (
            CONSTRUCT,
            "application/n-triples",
            "application/n-triples",
            "<https://a.example/title> \"jeu",
        ),
        (
            CONSTRUCT,
            "application/rdf+xml",
            "application/rdf+xml",
            "<rdf:RDF",
        ),
        (
            CONSTRUCT,
            "application/ld+json",
            "application/ld+json",
            "\"@id\"",
        ),
        (
            CONSTRUCT,
            "application/n-quads",
            "application/n-quads",
            "<https://a.example/title>",
        ),
        (CONSTRUCT, "application/trig", "application/trig", "@prefix"),
        (
            "DESCRIBE <https://a.example/d/7>",
            "text/plain",
            "text/plain; charset=utf-8",
            "« 7 »",
        ),
    ] {
        let answer = get(query, accept).await;
        assert_eq!(answer.status, 200, "{query} as {accept}");
        assert_eq!(answer.header("content-type"), content_type);
        assert_eq!(answer.header("vary"), "accept");
        assert!(answer.text().contains(sign), "{}", answer.text());
    }
    for (query, accept) in [
        (SELECT, "text/turtle"),
        (CONSTRUCT, "text/csv"),
        ("ASK {}", "image/png"),
    ] {
        assert_eq!(get(query, accept).await.status, 406, "{query} as {accept}");
    }
}

#[tokio::test]
async fn queries_come_in_three_ways() {
    let form = Request::post("/sparql?default-graph-uri=https%3A%2F%2Fa.example%2Fnothing").header(
        "content-type",
        "application/x-www-form-urlencoded; charset=UTF-8",
    );
    let body = format!("query={}", encoded("ASK { ?s ?p ?o }"));
    let answer = send(&service(), form, &body).await;
    assert_eq!(
        answer.json()["boolean"],
        false,
        "the dataset of the URL counts"
    );

    let direct = Request::post("/sparql/").header("content-type", "application/sparql-query");
    let answer = send(&service(), direct, "ASK { ?s ?p 'jeu « 7 »' }").await;
    assert_eq!(answer.json()["boolean"], true);

    let answer = get("ASK { <d/7> ?p ?o }", "*/*").await;
    assert_eq!(
        answer.json()["boolean"],
        true,
        "IRIs are relative to the endpoint"
    );
}

#[tokio::test]
async fn what_is_no_query_is_refused_with_a_reason() {
    let post = |content_type: &str| Request::post("/sparql").header("content-type", content_type);
    let form = "application/x-www-form-urlencoded";
    for (request, body, status) in [
        (
            Request::get("/sparql?query=ASK%20%7B%7D&query=ASK%20%7B%7D"),
            "",
            400,
        ),
        (Request::get("/sparql?default-graph-uri=x"), "", 400),
        (
            Request::get("/sparql?query=ASK%20%7B%7D&default-graph-uri=no%20iri"),
            "",
            400,
        ),
        (Request::get("/sparql?query=%FF"), "", 400),
        (Request::get("/sparql?update=CLEAR%20ALL"), "", 403),
        (post(form), "update=CLEAR+ALL", 403),
        (post("application/sparql-update"), "CLEAR ALL", 403),
        (post("application/sparql-query"), "CLEAR ALL", 400),
        (
            post("application/sparql-query; charset=UTF-16"),
            "ASK {}",
            415,
        ),
        (post("text/plain"), "ASK {}", 415),
        (Request::post("/sparql"), "query=ASK%20%7B%7D", 415),
        (Request::put("/sparql?query=ASK%20%7B%7D"), "", 405),
        (Request::delete("/sparql"), "", 405),
    ] {
        let shown = format!("{request:?} {body}");
        let answer = send(&service(), request, body).await;
        assert_eq!(answer.status, status, "{shown}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json()["status"], status);
        assert!(answer.json()["detail"].is_string());
    }
    let long = format!("query={}", "x".repeat(400_000));
    assert_eq!(send(&service(), post(form), &long).await.status, 413);
    let less_long = format!("query={}", "x".repeat(70_000));
    assert_eq!(send(&service(), post(form), &less_long).await.status, 413);
}

#[tokio::test]
async fn errors_say_where() {
    let answer = get("SELECT *\nWHERE { ?s ?p }", "*/*").await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        (
            answer.json()["line"].as_u64(),
            answer.json()["column"].as_u64()
        ),
        (Some(2), Some(15))
    );
    let answer = get("ASK {\n SERVICE <http://b.example/> {} }", "*/*").await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        (
            answer.json()["line"].as_u64(),
            answer.json()["column"].as_u64()
        ),
        (Some(2), Some(2))
    );
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let said = answer.json()["detail"].to_string();
    for words in ["requests to other servers", "Leave SERVICE out", "Comunica"] {
        assert!(said.contains(words), "{said}");
    }
    let answer = get(
        &format!("ASK {}{}", "{".repeat(10_000), "}".repeat(10_000)),
        "*/*",
    )
    .await;
    assert_eq!(answer.status, 400);
    assert_eq!(get("ASK { FILTER(<f:f>()) }", "*/*").await.status, 400);
}

#[tokio::test]
async fn no_dataset_reaches_what_is_not_public() {
    for (query, found) in [
        ("ASK { ?s ?p 'jeu « 7 »' }", true),
        ("ASK { ?s ?p 'jeu « 9001 »' }", false),
        ("ASK { GRAPH ?g { ?s ?p 'jeu « 9001 »' } }", true),
        ("ASK { GRAPH ?g { ?s ?p 'jeu « 9002 »' } }", false),
        (
            "ASK { GRAPH <https://a.example/secret> { ?s ?p ?o } }",
            false,
        ),
        ("ASK FROM <https://a.example/secret> { ?s ?p ?o }", false),
        (
            "ASK FROM NAMED <https://a.example/secret> { GRAPH ?g { ?s ?p ?o } }",
            false,
        ),
        (
            "ASK FROM NAMED <https://a.example/public> { GRAPH ?g { ?s ?p ?o } }",
            true,
        ),
        (
            "ASK FROM NAMED <https://a.example/public> { ?s ?p ?o }",
            false,
        ),
        (
            "ASK FROM <https://a.example/public> { ?s ?p 'jeu « 9001 »' }",
            true,
        ),
        (
            "ASK FROM <https://a.example/catalogue> { ?s ?p 'jeu « 7 »' }",
            true,
        ),
    ] {
        assert_eq!(get(query, "*/*").await.json()["boolean"], found, "{query}");
    }
    for (parameters, found) in [
        ("default-graph-uri=https://a.example/secret", false),
        ("named-graph-uri=https://a.example/secret", false),
        ("default-graph-uri=https://a.example/catalogue", true),
        (
            "default-graph-uri=https://a.example/public&default-graph-uri=https://a.example/catalogue",
            true,
        ),
        ("named-graph-uri=https://a.example/public", false),
    ] {
        let query = encoded("ASK FROM <https://a.example/catalogue> { ?s ?p 'jeu « 7 »' }");
        let request = Request::get(format!("/sparql?query={query}&{parameters}"));
        let answer = send(&service(), request, "").await;
        assert_eq!(answer.json()["boolean"], found, "{parameters}");
    }
}

#[tokio::test]
async fn an_answer_holds_until_the_graph_changes() {
    let graph = graph();
    let router = service_of(graph.clone(), &SparqlSettings::default());
    let first = send(&router, get_request(SELECT), "").await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    assert_eq!(first.header("cache-control"), "no-cache");
    let again = || get_request(SELECT).header("if-none-match", &tag);
    let answer = send(&router, again(), "").await;
    assert_eq!((answer.status, answer.text()), (304, ""));
    assert_eq!(answer.header("etag"), tag);
    let other_format = again().header("accept", "text/csv");
    assert_eq!(send(&router, other_format, "").await.status, 200);
    let other_query = get_request("ASK {}").header("if-none-match", &tag);
    assert_eq!(send(&router, other_query, "").await.status, 200);
    graph
        .bulk_insert(std::iter::once(triple(5000)))
        .expect("load");
    assert_eq!(send(&router, again(), "").await.status, 200);

    let volatile = send(&router, get_request("SELECT (NOW() AS ?now) {}"), "").await;
    assert_eq!((volatile.status, volatile.header("etag")), (200, ""));
}

#[tokio::test]
async fn head_has_the_headers_and_options_the_methods() {
    let head = Request::head(format!("/sparql?query={}", encoded(SELECT)));
    let answer = send(&service(), head, "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        "application/sparql-results+json"
    );
    let answer = send(&service(), Request::options("/sparql"), "").await;
    assert_eq!((answer.status, answer.header("allow")), (204, METHODS));
}

#[tokio::test]
async fn without_a_query_the_endpoint_describes_itself() {
    for (accept, content_type, sign) in [
        (
            "*/*",
            "text/turtle; charset=utf-8",
            "sd:endpoint <https://a.example/sparql>",
        ),
        (
            "application/rdf+xml",
            "application/rdf+xml",
            "SPARQL11Query",
        ),
        (
            "text/html,application/xhtml+xml,*/*;q=0.8",
            "text/html; charset=utf-8",
            "<title>",
        ),
    ] {
        let request = Request::get("/sparql").header("accept", accept);
        let answer = send(&service(), request, "").await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, content_type)
        );
        assert!(answer.text().contains(sign), "{}", answer.text());
        let again = Request::get("/sparql")
            .header("accept", accept)
            .header("if-none-match", answer.header("etag"));
        assert_eq!(send(&service(), again, "").await.status, 304);
    }
    let request = Request::get("/sparql").header("accept", "text/csv");
    assert_eq!(send(&service(), request, "").await.status, 406);
}

#[tokio::test]
async fn a_large_answer_streams_and_one_too_large_breaks_off() {
    let all = "SELECT * { ?s ?p ?o . ?t ?q ?u } LIMIT 20000";
    let answer = get(all, "text/csv").await;
    assert_eq!(answer.text().lines().count(), 20_001);
    let settings = SparqlSettings {
        max_result_bytes: 500_000,
        ..SparqlSettings::default()
    };
    let router = service_of(graph(), &settings);
    let answer = send(&router, get_request(all), "").await;
    assert_eq!((answer.status, answer.body), (200, None));
    let settings = SparqlSettings {
        max_rows: Some(10),
        ..SparqlSettings::default()
    };
    let router = service_of(graph(), &settings);
    assert_eq!(
        send(&router, get_request(all), "").await.status,
        507,
        "before the first byte"
    );
}

#[tokio::test]
async fn a_slow_query_ends_in_time_and_a_full_queue_says_so() {
    let settings = SparqlSettings {
        timeout: Duration::from_millis(500),
        workers: 1,
        queue: 0,
        ..SparqlSettings::default()
    };
    let router = service_of(graph(), &settings);
    let slow = "SELECT (COUNT(*) AS ?n) { ?s1 ?p1 ?o1 . ?s2 ?p2 ?o2 . ?s3 ?p3 ?o3 }";
    let (first, second) = tokio::join!(send(&router, get_request(slow), ""), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        send(&router, get_request("ASK {}"), "").await
    });
    assert_eq!(first.status, 504);
    assert_eq!(second.status, 503);
    assert!(!second.header("retry-after").is_empty());
    assert_eq!(send(&router, get_request("ASK {}"), "").await.status, 200);
}
