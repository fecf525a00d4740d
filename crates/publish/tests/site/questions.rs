//! The questions about provenance that the README asks, put to the endpoint as they are written there.

use graph::{Access, Graph, QueryService};
use model::ns::{dcat, dcterms};
use model::{EntityKind, Finding, Severity, SourceId, Stage};
use oxrdf::{NamedNode, Triple};
use provenance::{Names, SourceName};
use publish::sparql::{SparqlService, SparqlSettings};
use serde_json::Value;

use crate::fixture::{Fixture, record};
use crate::portals::{PROV, Told, merged, told};
use crate::{BASE, Place};

const README: &str = include_str!("../../../../README.md");

/// The query below a heading line of the README, for this base, with its prefixes.
fn question(begins: &str) -> String {
    let at = README.find(begins).expect("the question is in the README");
    let query = README[at..].split("```").next().expect("a block");
    let mut prefixes = String::new();
    for line in README.lines().filter(|line| line.starts_with("PREFIX ")) {
        if !query.contains(line) {
            prefixes.push_str(line);
            prefixes.push('\n');
        }
    }
    let query = query.replace("https://donnees.example.org/", BASE);
    format!("{prefixes}{query}")
}

pub async fn triples(fixture: &Fixture) -> Vec<Triple> {
    let archive = &fixture.archive;
    let names = Names::new(BASE);
    let keys = archive.traceable(None, 1_000).await.expect("entities");
    let traces = archive.traces(&keys).await.expect("traces");
    let mut told: Vec<Triple> = traces
        .iter()
        .flat_map(|trace| provenance::entity(&names, trace))
        .collect();
    for run in archive
        .traced_runs(model::RunId(0), 100)
        .await
        .expect("runs")
    {
        told.extend(provenance::run(&names, &run));
    }
    told.extend(provenance::rules(&names));
    told.extend(provenance::agents(&names, None));
    let id = SourceId::new("national").expect("a source");
    let title = "Portail national".to_owned();
    told.extend(provenance::source(&names, &SourceName { id, title }));
    told
}

/// The site with the provenance of its archive in its endpoint.
pub async fn telling(mut place: Place) -> Place {
    let graph = Graph::memory().expect("a store");
    let name = Names::new(BASE).graph();
    let told = triples(&place.fixture).await;
    graph.insert_named(&name, &told).expect("insert");
    let secret = NamedNode::new(format!("{BASE}secret")).expect("an IRI");
    graph.insert_named(&secret, &told).expect("insert");
    let access = Access {
        catalogue: Some(format!("{BASE}catalogue")),
        public: vec![name.as_str().to_owned()],
    };
    let mut site = place.fixture.site();
    let queries = QueryService::local(graph, access);
    let address = format!("{BASE}sparql");
    site.sparql = SparqlService::new(queries, &address, &SparqlSettings::default())
        .with_graphs(&[name.into_string()]);
    place.app = publish::app(site);
    place
}

async fn asked(place: &Place, query: &str) -> Vec<Value> {
    let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let answer = place.get(&format!("/sparql?query={query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    let rows = answer["results"]["bindings"].as_array().expect("rows");
    rows.clone()
}

fn value<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name]["value"].as_str().unwrap_or_default()
}

async fn several() -> (Place, Told<'static>, Told<'static>) {
    let mut place = Place::new().await;
    let (elder, younger) = merged(&place).await;
    let mut finding = Finding::new(
        "frequency/unknown",
        Severity::Warning,
        Stage::Normalise,
        "m",
    )
    .record(&record(EntityKind::Dataset, 1))
    .place("/gmd:MD_Metadata/x")
    .value("de temps en temps");
    finding.property = Some(dcterms::ACCRUAL_PERIODICITY.as_str().into());
    let write = place
        .fixture
        .write(EntityKind::Dataset, 1, "Un autre titre");
    place.fixture.commit(vec![write], vec![finding]).await;
    (telling(place).await, elder, younger)
}

fn about(question: &str, dataset: &NamedNode, property: &str) -> String {
    let at = question.find(" VALUES ").expect("what it is about");
    let end = at + question[at..].find('\n').expect("a line");
    let values = format!(" VALUES (?dataset ?property) {{ ({dataset} <{property}>) }}");
    format!("{}{values}{}", &question[..at], &question[end..])
}

#[tokio::test]
async fn where_the_value_of_a_property_comes_from() {
    let (place, elder, _) = several().await;
    let question = question("# Where does the value of a property come from");
    let merged = elder.iri(&place.fixture);
    for (property, source) in [
        (dcat::KEYWORD.as_str(), "national"),
        (dcterms::DESCRIPTION.as_str(), "valmer"),
        (dcterms::PUBLISHER.as_str(), "valmer"),
    ] {
        let rows = asked(&place, &about(&question, &merged, property)).await;
        assert_eq!(rows.len(), 1, "{property}: {rows:?}");
        let expected = format!("{BASE}sources#{source}");
        assert_eq!(value(&rows[0], "source"), expected, "{property}");
        assert!(value(&rows[0], "record").contains(&format!("source={source}&")));
        assert!(value(&rows[0], "run").starts_with(&format!("{BASE}runs/")));
        assert_ne!(value(&rows[0], "started"), "");
    }
    let alone = place.fixture.iri(EntityKind::Dataset, 1);
    let property = dcterms::ACCRUAL_PERIODICITY.as_str();
    let rows = asked(&place, &about(&question, &alone, property)).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(
        value(&rows[0], "source"),
        format!("{BASE}sources#geoportail")
    );
    let rule = format!("{BASE}explain/frequency/unknown");
    assert_eq!(value(&rows[0], "rule"), rule);
    assert_eq!(value(&rows[0], "original"), "de temps en temps");
}

#[tokio::test]
async fn which_rules_changed_values_of_a_source() {
    let (place, ..) = several().await;
    let question = question("# Which rules changed values of a source")
        .replace("sources#geo2france", "sources#geoportail");
    let rows = asked(&place, &question).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    let rule = format!("{BASE}explain/frequency/unknown");
    assert_eq!(value(&rows[0], "rule"), rule);
    assert_eq!(value(&rows[0], "values"), "1");
    assert_eq!(value(&rows[0], "example"), "de temps en temps");
}

#[tokio::test]
async fn which_records_are_one_and_why() {
    let (place, elder, _) = several().await;
    let rows = asked(&place, &question("# Which records are one, and why")).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    let merged = elder.iri(&place.fixture);
    assert_eq!(value(&rows[0], "dataset"), merged.as_str());
    let (one, other) = (value(&rows[0], "one"), value(&rows[0], "other"));
    assert!(one.contains("source=national") && other.contains("source=valmer"));
    let rule = format!("{BASE}explain/identity/person");
    assert_eq!(value(&rows[0], "rule"), rule);
    assert_eq!(value(&rows[0], "who"), format!("{BASE}provenance#operator"));
    assert!(value(&rows[0], "why").starts_with("le même inventaire"));
}

#[tokio::test]
async fn provenance_is_in_its_graph_and_in_no_other() {
    let (place, ..) = several().await;
    let any = format!("SELECT * {{ ?s <{PROV}hadPrimarySource> ?o }}");
    assert!(
        asked(&place, &any).await.is_empty(),
        "the catalogue is pure"
    );
    let graphs = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }";
    let rows = asked(&place, graphs).await;
    let names: Vec<&str> = rows.iter().map(|row| value(row, "g")).collect();
    assert_eq!(names, [format!("{BASE}provenance")]);
    let description = place.get("/sparql").await;
    assert!(
        description
            .text()
            .contains(&format!("sd:name <{BASE}provenance>"))
    );
}

/// What a source keeps from the public is not told of, as soon as that is known.
#[tokio::test]
async fn nothing_is_told_of_what_is_not_public() {
    let place = Place::new().await;
    let (_, younger) = merged(&place).await;
    let lines = |triples: Vec<Triple>| -> Vec<String> {
        let lines = triples.iter().map(ToString::to_string);
        lines
            .filter(|line| line.contains("source=national"))
            .collect()
    };
    assert!(!lines(triples(&place.fixture).await).is_empty());
    let hidden = told("secret", "s-1", "s-1");
    hidden.arrive(&place.fixture).await;
    younger.close(&place.fixture).await;
    hidden.close(&place.fixture).await;
    let told = triples(&place.fixture).await;
    assert!(
        told.iter()
            .all(|triple| !triple.to_string().contains("source=secret"))
    );
    assert_eq!(lines(told), [""; 0]);
}
