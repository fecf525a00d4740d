//! The queries that are shipped, each run on a small catalogue, and their addresses.

use std::path::{Path, PathBuf};

use graph::{Access, Graph, QueryService};
use model::EntityKind;
use oxrdf::Triple;
use oxrdfio::{RdfFormat, RdfParser};
use provenance::Names;
use publish::SavedQuery;
use publish::sparql::{SparqlService, SparqlSettings};
use serde_json::Value;
use vocab::Vocab;

use crate::portals::merged;
use crate::questions::triples;
use crate::{BASE, Place};

/// What a row says: variables and their values.
type Said = &'static [(&'static str, &'static str)];

fn shipped() -> Vec<SavedQuery> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/queries");
    let entries = std::fs::read_dir(directory).expect("the queries that are shipped");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    let read = |file: &PathBuf| {
        let name = file.file_stem().expect("a name").to_string_lossy();
        let text = std::fs::read_to_string(file).expect("a text");
        SavedQuery::parse(&name, &text, &format!("{BASE}sparql"))
            .unwrap_or_else(|faults| panic!("{}: {faults:?}", file.display()))
    };
    files.iter().map(read).collect()
}

fn own(name: &str, text: &str) -> SavedQuery {
    SavedQuery::parse(name, text, &format!("{BASE}sparql")).expect("a query")
}

/// What fixtures do not have: a dataset without licence, one of high value.
const MORE: &str = r#"
<https://donnees.example/x1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .
<https://donnees.example/x1> <http://purl.org/dc/terms/title> "Hydromètres"@fr .
<https://donnees.example/x1> <http://data.europa.eu/r5r/hvdCategory> <http://data.europa.eu/bna/c_dd313021> .
"#;

async fn place() -> Place {
    let mut place = Place::new().await;
    merged(&place).await;
    let archive = &place.fixture.archive;
    let mut text = MORE.to_owned();
    for kind in EntityKind::ALL {
        let page = archive.page(kind, None, 1_000).await.expect("entities");
        for document in archive.documents(page).await.expect("documents") {
            text.push_str(&document.text);
        }
    }
    let mut told: Vec<Triple> = RdfParser::from_format(RdfFormat::NTriples)
        .lenient()
        .for_slice(text.as_bytes())
        .map(|quad| quad.expect("a triple").into())
        .collect();
    told.extend(Vocab::bundled().triples());
    let graph = Graph::memory().expect("a store");
    graph.bulk_insert(told.into_iter()).expect("insert");
    let name = Names::new(BASE).graph();
    let traced = triples(&place.fixture).await;
    graph.insert_named(&name, &traced).expect("insert");
    let access = Access {
        catalogue: Some(format!("{BASE}catalogue")),
        public: vec![name.into_string()],
    };
    let mut site = place.fixture.site();
    let queries = QueryService::local(graph, access);
    site.sparql = SparqlService::new(
        queries,
        &format!("{BASE}sparql"),
        &SparqlSettings::default(),
    );
    site.queries = shipped();
    site.queries.extend([
        own(
            "par-titre",
            "# title: Par titre\n# description: ?titre <b>\n# param: titre langString\nSELECT (COUNT(?s) AS ?n) { ?s <http://purl.org/dc/terms/title> ?titre }",
        ),
        own("un-jeu", "# title: Un jeu\n# param: jeu iri https://donnees.example/x1\nCONSTRUCT { ?jeu ?p ?o } WHERE { ?jeu ?p ?o }"),
        own("nombre", "# title: Nombre\n# param: n integer 1\nASK { FILTER(?n > 2) }"),
    ]);
    place.app = publish::app(site);
    place
}

fn rows(answer: &Value) -> &Vec<Value> {
    answer["results"]["bindings"].as_array().expect("rows")
}

fn value<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name]["value"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn each_query_that_is_shipped_finds_what_it_says() {
    let place = place().await;
    // Of each query: its rows, and what its first row says. The 20 datasets of the fixture, one that two portals have, one of `MORE`.
    let expected: &[(&str, usize, Said)] = &[
        (
            "divergences",
            2,
            &[("source", "https://donnees.example/sources#national")],
        ),
        ("formats", 3, &[("jeux", "20")]),
        (
            "forte-valeur",
            1,
            &[
                ("jeux", "1"),
                ("categorie", "http://data.europa.eu/bna/c_dd313021"),
            ],
        ),
        (
            "fraicheur",
            1,
            &[
                ("jeux", "21"),
                ("anciens", "20"),
                ("sans_date", "1"),
                ("derniere_mise_a_jour", "2024-03-01"),
            ],
        ),
        ("licences", 1, &[("jeux", "20"), ("producteurs", "1")]),
        (
            "producteurs",
            1,
            &[
                ("jeux", "21"),
                ("intitule", "Agence de l’eau <Artois>"),
                ("derniere_mise_a_jour", "2024-03-01"),
            ],
        ),
        ("sans-licence", 2, &[("titre", "Hydromètres")]),
        (
            "sources",
            3,
            &[
                ("fiches", "25"),
                ("fiches_propres", "25"),
                ("source", "https://donnees.example/sources#geoportail"),
            ],
        ),
    ];
    let names: Vec<String> = shipped().into_iter().map(|query| query.name).collect();
    let tested: Vec<&str> = expected.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, tested, "each is tested");
    let mut wrong = Vec::new();
    for (name, count, first) in expected {
        let answer = place.get(&format!("/queries/{name}.json")).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        let answer = answer.json();
        let rows = rows(&answer);
        let says =
            |said: &(&str, &str)| rows.first().is_some_and(|row| value(row, said.0) == said.1);
        if rows.len() != *count || !first.iter().all(says) {
            wrong.push(format!("{name}: {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for query in shipped() {
        assert!(query.description.len() > 40, "{}", query.name);
    }
    for (address, count) in [
        ("/queries/producteurs.json?nom=EAU", 1),
        ("/queries/producteurs.json?nom=rien", 0),
        ("/queries/sans-licence.json?producteur=artois", 1),
    ] {
        let answer = place.get(address).await.json();
        assert_eq!(rows(&answer).len(), count, "{address}: {answer}");
    }
    let fresh = place
        .get("/queries/fraicheur.json?depuis=2024-03-01")
        .await
        .json();
    assert_eq!(value(&rows(&fresh)[0], "anciens"), "0");
}

#[tokio::test]
async fn results_come_in_the_format_of_the_address_or_of_the_client() {
    let place = place().await;
    for (path, accept, content_type, begins) in [
        (
            "/queries/forte-valeur",
            "text/csv",
            "text/csv; charset=utf-8",
            "categorie,",
        ),
        (
            "/queries/forte-valeur.csv",
            "*/*",
            "text/csv; charset=utf-8",
            "categorie,",
        ),
        (
            "/queries/forte-valeur.csv?bom=1",
            "*/*",
            "text/csv; charset=utf-8",
            "\u{feff}categorie,",
        ),
        (
            "/queries/forte-valeur?format=csv&bom=1",
            crate::BROWSER,
            "text/csv; charset=utf-8",
            "\u{feff}categorie,",
        ),
        (
            "/queries/un-jeu?format=ttl",
            "*/*",
            "text/turtle; charset=utf-8",
            "@prefix ",
        ),
        (
            "/queries/forte-valeur.tsv?bom=1",
            "*/*",
            "text/tab-separated-values; charset=utf-8",
            "?categorie",
        ),
        (
            "/queries/forte-valeur.xml",
            "text/html",
            "application/sparql-results+xml",
            "<?xml",
        ),
        (
            "/queries/forte-valeur",
            "*/*",
            "application/sparql-results+json",
            "{",
        ),
        (
            "/queries/un-jeu.nt",
            "*/*",
            "application/n-triples",
            "<https://donnees.example/x1>",
        ),
        (
            "/queries/forte-valeur.rq",
            "*/*",
            "application/sparql-query; charset=utf-8",
            "# title: ",
        ),
        (
            "/queries/forte-valeur",
            crate::BROWSER,
            "text/html; charset=utf-8",
            "\n<!doctype html>",
        ),
        (
            "/queries/forte-valeur.html",
            "*/*",
            "text/html; charset=utf-8",
            "\n<!doctype html>",
        ),
        ("/queries", "*/*", "application/json", "{\"queries\":["),
        (
            "/queries",
            crate::BROWSER,
            "text/html; charset=utf-8",
            "\n<!doctype html>",
        ),
    ] {
        let answer = place.ask("GET", path, &[("accept", accept)]).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.header("content-type"), content_type, "{path}");
        let text = answer.text();
        assert!(
            text.trim_start_matches('\n')
                .starts_with(begins.trim_start_matches('\n')),
            "{path}: {text}"
        );
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
    let plain = place.get("/queries/forte-valeur.csv").await;
    let tag = plain.header("etag").to_owned();
    let again = place
        .ask(
            "GET",
            "/queries/forte-valeur.csv",
            &[("if-none-match", &tag)],
        )
        .await;
    assert_eq!(again.status, 304);
    let other = place
        .ask(
            "GET",
            "/queries/forte-valeur.csv?bom=1",
            &[("if-none-match", &tag)],
        )
        .await;
    assert_eq!(other.status, 200, "with the mark it is another answer");
    for (path, status) in [
        ("/queries/nothing", 404),
        ("/queries/forte-valeur.pdf", 404),
        ("/queries/forte-valeur.ttl", 406),
        ("/queries/un-jeu.csv", 406),
    ] {
        assert_eq!(place.get(path).await.status, status, "{path}");
    }
    assert_eq!(place.ask("POST", "/queries/formats", &[]).await.status, 405);
}

#[tokio::test]
async fn values_are_values_and_what_is_unknown_is_refused_by_name() {
    let place = place().await;
    for (value, count) in [
        ("Hydrom%C3%A8tres%40fr", "1"),
        ("Hydrom%C3%A8tres%40en", "0"),
        ("%22%20%7D%20UNION%20%7B%20?s%20?p%20?o%20%23@fr", "0"),
        ("%5Cu0022%20%7D%20%23@fr", "0"),
    ] {
        let answer = place
            .get(&format!("/queries/par-titre.json?titre={value}"))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer = answer.json();
        assert_eq!(self::value(&rows(&answer)[0], "n"), count, "{value}");
    }
    assert_eq!(
        place.get("/queries/nombre.json?n=3").await.json()["boolean"],
        true
    );
    assert_eq!(
        place.get("/queries/nombre.json?n=").await.json()["boolean"],
        false
    );
    for (address, words) in [
        ("par-titre.json", "`titre` is missing"),
        ("par-titre.json?titre=eau", "such as eau@fr"),
        (
            "par-titre.json?titre=a@fr&titel=b&x=c",
            "unknown: `titel`, `x`; the parameters of this query are titre, bom, format",
        ),
        ("par-titre.json?titre=a@fr&titre=b@fr", "more than once"),
        ("par-titre.json?titre=%00@fr", "control characters"),
        ("nombre.json?n=1.5", "a whole number"),
        ("nombre.json?n=1&bom=oui", "`bom` has to be"),
        ("un-jeu.nt?jeu=a%3E%20b", "an absolute IRI"),
        ("fraicheur.csv?depuis=hier", "such as 2026-01-31"),
        ("formats?format=pdf", "write csv, tsv, json"),
        ("formats.csv?query=ASK%20%7B%7D", "unknown: `query`"),
        ("par-titre.json?titre=%FF", "UTF-8"),
    ] {
        let answer = place.get(&format!("/queries/{address}")).await;
        assert_eq!(answer.status, 400, "{address}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let said = answer.json()["detail"]
            .as_str()
            .expect("a detail")
            .to_owned();
        assert!(said.contains(words), "{address}: {said}");
    }
}

#[tokio::test]
async fn the_page_has_the_text_a_form_and_links_with_the_values() {
    let place = place().await;
    let page = place
        .browse("/queries/sans-licence?producteur=%3Cb%3E%26")
        .await;
    let text = page.text();
    for words in [
        "<h1>Les jeux de données sans licence</h1>",
        "name=\"producteur\" type=\"text\" value=\"&lt;b&gt;&amp;\"",
        "href=\"/queries/sans-licence.csv?producteur=%3Cb%3E%26amp;bom=1\"",
        "href=\"/queries/sans-licence.rq\"",
        "FILTER NOT EXISTS",
    ] {
        let found =
            text.contains(words) || text.contains(&words.replace("%26amp;bom", "%26&amp;bom"));
        assert!(found, "{words}: {text}");
    }
    assert!(!text.contains("<script"));
    let page = place.browse("/queries/par-titre").await;
    assert!(page.text().contains(" required>"));
    assert!(page.text().contains("?titre &lt;b&gt;"), "{}", page.text());
    assert!(!page.text().contains("Résultats"), "a value is missing");
    let list = place.get("/queries").await.json();
    let list = list["queries"].as_array().expect("a list").clone();
    assert_eq!(list.len(), shipped().len() + 3);
    let of = |name: &str| {
        list.iter()
            .find(|it| it["name"] == name)
            .expect("a query")
            .clone()
    };
    assert_eq!(of("fraicheur")["parameters"][0]["type"], "date");
    assert_eq!(
        of("fraicheur")["results"]["csv"],
        "https://donnees.example/queries/fraicheur.csv"
    );
    assert_eq!(
        of("un-jeu")["results"]["ttl"],
        "https://donnees.example/queries/un-jeu.ttl"
    );
}
