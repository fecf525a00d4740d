//! The event stream over a small catalogue, as those read it who keep a copy.

use std::collections::{BTreeMap, BTreeSet};

use model::EntityKind;
use oxrdf::{GraphName, NamedOrBlankNode, Quad, Term};
use oxrdfio::{RdfFormat, RdfParser};

use crate::fixture::{DATASETS, SERIES, SERVICES};
use crate::{Answered, BASE, Place};

/// With the organisation that they name.
const FEW: usize = DATASETS + SERVICES + SERIES + 1;
const MORE: usize = 230;
const TREE: &str = "https://w3id.org/tree#";
const AS: &str = "https://www.w3.org/ns/activitystreams#";

/// What a client has of an entity: the activity that told it last, its kind, its time, and the description.
#[derive(Debug, Clone, PartialEq)]
struct Copy {
    activity: String,
    kind: String,
    published: String,
    description: BTreeSet<String>,
}

/// A client that follows every relation, and keeps of each entity what was published last.
#[derive(Default)]
struct Client {
    fetched: BTreeSet<String>,
    settled: BTreeSet<String>,
    members: BTreeSet<String>,
    copies: BTreeMap<String, Copy>,
}

async fn read(place: &Place, address: &str) -> (Answered, Vec<Quad>) {
    let answer = place
        .ask("GET", address, &[("accept", "application/trig")])
        .await;
    assert_eq!(answer.status, 200, "{address}");
    assert_eq!(answer.header("content-type"), "application/trig");
    let quads = RdfParser::from_format(RdfFormat::TriG)
        .for_slice(&answer.bytes)
        .map(|quad| quad.expect("TriG"))
        .collect();
    (answer, quads)
}

fn name(term: &Term) -> String {
    match term {
        Term::NamedNode(node) => node.as_str().to_owned(),
        Term::Literal(literal) => literal.value().to_owned(),
        other => panic!("{other}"),
    }
}

fn objects(quads: &[Quad], subject: &str, predicate: &str) -> Vec<String> {
    quads
        .iter()
        .filter(|quad| {
            let is = matches!(&quad.subject, NamedOrBlankNode::NamedNode(node) if node.as_str() == subject);
            is && quad.predicate.as_str() == predicate
        })
        .map(|quad| name(&quad.object))
        .collect()
}

fn object(quads: &[Quad], subject: &str, predicate: &str) -> String {
    let found = objects(quads, subject, predicate);
    assert_eq!(found.len(), 1, "{subject} {predicate}: {found:?}");
    found.into_iter().next().expect("one")
}

impl Client {
    /// Reads what is not known to be settled; as it goes, checks that relations tell the truth of what is behind them.
    async fn follow(&mut self, place: &Place) {
        let mut left = vec![(format!("{BASE}feed"), Vec::new())];
        self.fetched.clear();
        while let Some((node, bounds)) = left.pop() {
            let known = !self.fetched.insert(node.clone()) || self.settled.contains(&node);
            if known {
                continue;
            }
            let (answer, quads) = read(place, &node).await;
            if answer.header("cache-control").contains("immutable") {
                self.settled.insert(node.clone());
            }
            self.take(&quads, &bounds);
            let mut below: BTreeMap<String, Vec<(bool, String)>> = BTreeMap::new();
            for relation in objects(&quads, &node, &format!("{TREE}relation")) {
                let kind = object(
                    &quads,
                    &relation,
                    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
                );
                let value = object(&quads, &relation, &format!("{TREE}value"));
                assert_eq!(
                    object(&quads, &relation, &format!("{TREE}path")),
                    format!("{AS}published")
                );
                let least = kind == format!("{TREE}GreaterThanOrEqualToRelation");
                assert!(
                    least || kind == format!("{TREE}LessThanOrEqualToRelation"),
                    "{kind}"
                );
                let target = object(&quads, &relation, &format!("{TREE}node"));
                below.entry(target).or_default().push((least, value));
            }
            left.extend(below);
        }
    }

    fn take(&mut self, quads: &[Quad], bounds: &[(bool, String)]) {
        let members = objects(
            quads,
            &format!("{BASE}feed#stream"),
            &format!("{TREE}member"),
        );
        assert!(members.len() <= 100);
        for activity in members {
            let entity = object(quads, &activity, &format!("{AS}object"));
            let published = object(quads, &activity, &format!("{AS}published"));
            for (least, value) in bounds {
                assert!(
                    if *least {
                        published >= *value
                    } else {
                        published <= *value
                    },
                    "{activity}"
                );
            }
            let kind = object(
                quads,
                &activity,
                "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
            );
            let graph = |quad: &&Quad| matches!(&quad.graph_name, GraphName::NamedNode(node) if node.as_str() == activity);
            let description: BTreeSet<String> = quads
                .iter()
                .filter(graph)
                .map(|quad| format!("{} {} {} .\n", quad.subject, quad.predicate, quad.object))
                .collect();
            assert_eq!(
                description.is_empty(),
                kind == format!("{AS}Delete"),
                "{activity}"
            );
            self.members.insert(activity.clone());
            let copy = Copy {
                activity,
                kind,
                published,
                description,
            };
            let last = self.copies.entry(entity).or_insert_with(|| copy.clone());
            if copy.published >= last.published && number(&copy.activity) > number(&last.activity) {
                *last = copy;
            }
        }
    }
}

fn number(activity: &str) -> u64 {
    let (_, number) = activity.rsplit_once('#').expect("a fragment");
    number.parse().expect("a number")
}

async fn large() -> Place {
    let mut place = Place::new().await;
    let fixture = &mut place.fixture;
    let writes = (100..100 + MORE)
        .map(|n| fixture.write(EntityKind::Dataset, n, &format!("Relevé n° {n}")))
        .collect();
    fixture.commit(writes, Vec::new()).await;
    place
}

#[tokio::test]
async fn a_copy_is_what_is_published_at_first_and_after_changes() {
    let mut place = large().await;
    let mut client = Client::default();
    client.follow(&place).await;
    assert_eq!(client.copies.len(), FEW + MORE);
    assert!(client.settled.len() >= 2, "{:?}", client.settled);
    let fixture = &mut place.fixture;
    let writes = [100, 200, 999].map(|n| fixture.write(EntityKind::Dataset, n, "Nouveau titre"));
    fixture.commit(writes.into(), Vec::new()).await;
    fixture.withdraw(EntityKind::Dataset, 101).await;
    client.follow(&place).await;
    assert_eq!(client.copies.len(), FEW + MORE + 1);
    // Whoever begins now sees each entity once: the stream keeps its last change.
    let mut late = Client::default();
    late.follow(&place).await;
    assert_eq!(late.copies, client.copies);
    assert_eq!(late.members.len(), FEW + MORE + 1);
    assert!(client.members.len() > late.members.len());
    for (n, kind) in [
        (100, "Update"),
        (999, "Create"),
        (101, "Delete"),
        (102, "Create"),
    ] {
        let iri = place.fixture.iri(EntityKind::Dataset, n).into_string();
        assert_eq!(client.copies[&iri].kind, format!("{AS}{kind}"), "{n}");
    }
    let agents = format!("<{BASE}organisation/");
    for kind in EntityKind::ALL {
        let page = place
            .fixture
            .archive
            .page(kind, None, 1_000)
            .await
            .expect("entities");
        for document in place
            .fixture
            .archive
            .documents(page)
            .await
            .expect("documents")
        {
            let copy = &client.copies[&document.entity.key.iri(BASE)];
            // Agents that it names are described beside it.
            let own = copy
                .description
                .iter()
                .filter(|line| kind == EntityKind::Organisation || !line.starts_with(&agents));
            let text: String = own.map(String::as_str).collect();
            assert_eq!(text, document.text);
        }
    }
    let iri = place.fixture.iri(EntityKind::Dataset, 102).into_string();
    let name = "<http://xmlns.com/foaf/0.1/name>";
    let described = |line: &String| line.starts_with(&agents) && line.contains(name);
    assert!(client.copies[&iri].description.iter().any(described));
}

#[tokio::test]
async fn only_a_page_that_is_full_is_settled() {
    let place = large().await;
    let pages = (FEW + MORE) / 100;
    for n in 0..=pages {
        let (answer, _) = read(&place, &format!("/feed/page/{n}")).await;
        let settled = answer.header("cache-control") == "public, max-age=86400, immutable";
        assert_eq!(settled, n < pages, "{n}");
        let tag = answer.header("etag").to_owned();
        let again = [
            ("accept", "application/trig"),
            ("if-none-match", tag.as_str()),
        ];
        let again = place.ask("GET", &format!("/feed/page/{n}"), &again).await;
        assert_eq!(again.status, 304);
        assert_eq!(
            again.header("cache-control"),
            answer.header("cache-control")
        );
    }
    let (root, quads) = read(&place, "/feed").await;
    assert_eq!(root.header("cache-control"), "no-cache");
    let kept = object(
        &quads,
        &format!("{BASE}feed#source"),
        "https://w3id.org/ldes#retentionPolicy",
    );
    assert_eq!(
        object(
            &quads,
            &kept,
            "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
        ),
        "https://w3id.org/ldes#LatestVersionSubset"
    );
}

#[tokio::test]
async fn every_format_says_the_same() {
    let place = Place::new().await;
    let mut told = Vec::new();
    for (accept, format, graphs) in [
        ("application/trig", RdfFormat::TriG, true),
        ("application/n-quads", RdfFormat::NQuads, true),
        (
            "application/ld+json",
            RdfFormat::JsonLd {
                profile: Default::default(),
            },
            true,
        ),
        ("text/turtle", RdfFormat::Turtle, false),
        ("application/n-triples", RdfFormat::NTriples, false),
    ] {
        let answer = place
            .ask("GET", "/feed/page/0", &[("accept", accept)])
            .await;
        assert!(
            answer.header("content-type").starts_with(accept),
            "{accept}"
        );
        let quads: Vec<Quad> = RdfParser::from_format(format)
            .for_slice(&answer.bytes)
            .map(|quad| quad.expect(accept))
            .collect();
        assert_eq!(
            quads
                .iter()
                .any(|quad| quad.graph_name != GraphName::DefaultGraph),
            graphs,
            "{accept}"
        );
        let statements = quads.iter().map(|quad| {
            (
                quad.subject.to_string(),
                quad.predicate.to_string(),
                quad.object.to_string(),
            )
        });
        told.push(statements.collect::<BTreeSet<_>>());
    }
    assert!(told.iter().all(|statements| *statements == told[0]));
    let refused = place
        .ask("GET", "/feed/page/0", &[("accept", "image/png")])
        .await;
    assert_eq!(refused.status, 406);
}

#[tokio::test]
async fn what_is_no_page_is_not_found() {
    let place = Place::new().await;
    for path in [
        "/feed/page/1",
        "/feed/page/-1",
        "/feed/page/00",
        "/feed/page/+0",
        "/feed/page/9223372036854775807",
        "/feed/page/x",
        "/feed/page/",
        "/feed/index/1",
        "/feed/index/99999999999999999999",
        "/feed/index/%00",
        "/feed/0",
    ] {
        assert_eq!(place.get(path).await.status, 404, "{path}");
    }
    let mut site = place.fixture.site();
    site.ldes = false;
    let off = Place {
        app: publish::app(site),
        ..place
    };
    assert_eq!(off.get("/feed").await.status, 404);
}
