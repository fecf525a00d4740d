//! Whole graphs by the Graph Store Protocol, and what the catalogue says of itself as a dataset of RDF.

use std::collections::BTreeSet;

use oxrdf::Quad;
use oxrdfio::{JsonLdProfileSet, RdfFormat, RdfParser};
use publish::Format;

use crate::portals::merged;
use crate::questions::telling;
use crate::{Answered, BASE, Place};

const STORE: &str = "/rdf-graph-store";

fn parsed(format: RdfFormat, bytes: &[u8]) -> BTreeSet<String> {
    let quads: Result<Vec<Quad>, _> = RdfParser::from_format(format).for_slice(bytes).collect();
    let quads = quads.expect("valid RDF");
    quads.iter().map(Quad::to_string).collect()
}

async fn graph(place: &Place, which: &str, accept: &str) -> Answered {
    let path = format!("{STORE}?{which}");
    place.ask("GET", &path, &[("accept", accept)]).await
}

#[tokio::test]
async fn the_default_graph_is_the_catalogue_in_every_format() {
    let place = Place::new().await;
    let mut dump = Vec::new();
    publish::export(&place.fixture.archive, Format::NTriples, &mut dump)
        .await
        .expect("the dump");
    let dump = parsed(RdfFormat::NTriples, &dump);
    let plain = graph(&place, "default", "application/n-triples").await;
    assert_eq!(plain.status, 200, "{}", plain.text());
    let whole = parsed(RdfFormat::NTriples, &plain.bytes);
    assert!(!dump.is_empty() && dump.is_subset(&whole));
    let base = format!("<{BASE}catalogue");
    let own = |line: &&String| line.starts_with(&base) || line.contains("/resource/authority/");
    assert!(
        whole.difference(&dump).any(|line| own(&line)),
        "the catalogue is described, too"
    );
    let profile = JsonLdProfileSet::empty();
    for (accept, format) in [
        ("text/turtle", RdfFormat::Turtle),
        ("application/rdf+xml", RdfFormat::RdfXml),
        ("application/ld+json", RdfFormat::JsonLd { profile }),
    ] {
        let answer = graph(&place, "default", accept).await;
        assert!(answer.header("content-type").starts_with(accept));
        assert!(parsed(format, &answer.bytes) == whole, "{accept}");
    }
    let named = graph(&place, &format!("graph={BASE}catalogue"), "text/plain").await;
    assert!(parsed(RdfFormat::NTriples, &named.bytes) == whole);
    assert_eq!(graph(&place, "default", "text/csv").await.status, 406);

    let tag = plain.header("etag");
    let accept = ("accept", "application/n-triples");
    let path = format!("{STORE}?default");
    let known = [accept, ("if-none-match", tag)];
    assert_eq!(place.ask("GET", &path, &known).await.status, 304);
    let head = place.ask("HEAD", &path, &[accept]).await;
    assert_eq!((head.status, head.bytes.len()), (200, 0));
    assert_eq!(head.header("etag"), tag);
    let zip = [accept, ("accept-encoding", "gzip")];
    let zipped = place.ask("GET", &path, &zip).await;
    assert_eq!(zipped.header("content-encoding"), "gzip");
}

#[tokio::test]
async fn provenance_is_what_the_endpoint_has_in_its_graph() {
    let place = Place::new().await;
    merged(&place).await;
    let place = telling(place).await;
    let name = format!("graph={BASE}provenance");
    let answer = graph(&place, &name, "application/n-triples").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let query = format!("CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{BASE}provenance> {{ ?s ?p ?o }} }}");
    let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let path = format!("/sparql?query={query}");
    let accept = ("accept", "application/n-triples");
    let asked = place.ask("GET", &path, &[accept]).await;
    let told = parsed(RdfFormat::NTriples, &asked.bytes);
    let sent = parsed(RdfFormat::NTriples, &answer.bytes);
    assert!(told.len() > 20);
    // Sources have the titles of the configuration, in which this one is not; the endpoint's graph is made up here.
    let national = format!("<{BASE}sources#national> ");
    let missing = told
        .difference(&sent)
        .find(|line| !line.starts_with(&national));
    assert_eq!(missing, None);
}

#[tokio::test]
async fn what_is_no_public_graph_is_refused_in_words() {
    let place = telling(Place::new().await).await;
    for which in [
        format!("graph={BASE}secret"),
        format!("graph={BASE}nothing"),
    ] {
        assert_eq!(graph(&place, &which, "*/*").await.status, 404, "{which}");
    }
    // Where the endpoint has no provenance, there is none here.
    let without = Place::new().await;
    let provenance = format!("graph={BASE}provenance");
    assert_eq!(graph(&without, &provenance, "*/*").await.status, 404);
    for which in ["", "default&default", "default&graph=x", "graph=a&graph=b"] {
        let answer = graph(&place, which, "*/*").await;
        assert_eq!(answer.status, 400, "{which}");
        assert!(answer.text().contains("?default"), "{}", answer.text());
    }
    for method in ["PUT", "POST", "DELETE", "PATCH"] {
        let answer = place.ask(method, &format!("{STORE}?default"), &[]).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
        assert!(answer.text().contains("harvested"), "{}", answer.text());
    }
}

#[tokio::test]
async fn pages_of_other_sites_may_ask() {
    let place = Place::new().await;
    for path in [STORE, "/sparql", "/.well-known/void"] {
        let asked = [
            ("origin", "https://carte.example"),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "content-type"),
        ];
        let answer = place.ask("OPTIONS", path, &asked).await;
        assert_eq!(answer.status, 204, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(
            answer.header("access-control-allow-methods"),
            "GET, HEAD, POST"
        );
        let origin = [("origin", "https://carte.example")];
        let answer = place.ask("GET", &format!("{path}?default"), &origin).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
    }
}

#[tokio::test]
async fn the_dataset_is_described_and_found_from_the_endpoint() {
    let place = Place::new().await;
    let accept = [("accept", "application/n-triples")];
    let service = place.ask("GET", "/sparql", &accept).await;
    let link = format!("<http://www.w3.org/2000/01/rdf-schema#seeAlso> <{BASE}.well-known/void>");
    assert!(service.text().contains(&link), "{}", service.text());

    let answer = place.get("/.well-known/void").await;
    assert_eq!(answer.status, 200);
    let told = parsed(RdfFormat::Turtle, &answer.bytes);
    let void = "http://rdfs.org/ns/void#";
    let says = |predicate: &str, object: &str| {
        let line = format!("<{BASE}catalogue> <{void}{predicate}> {object}");
        assert!(told.contains(&line), "{line}");
    };
    says("sparqlEndpoint", &format!("<{BASE}sparql>"));
    says("uriSpace", &format!("\"{BASE}\""));
    says("vocabulary", "<http://www.w3.org/ns/dcat#>");
    says("dataDump", &format!("<{BASE}rdf-graph-store?default>"));
    let dump = graph(&place, "default", "text/turtle").await;
    assert_eq!(dump.status, 200, "the dump is there");
    let example = format!("<{void}exampleResource> <");
    let example = told.iter().find_map(|line| line.split_once(&example));
    let example = example.expect("an example").1.trim_end_matches('>');
    assert_eq!(place.get(example).await.status, 200, "{example}");
    assert!(told.iter().any(|line| line.contains("entities> \"")));
}
