//! A source that is one document: it is read again when its server says that it changed, and when every record has to be seen.

mod portal;

use std::fs::File;
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use fetch::{Fetch, FetchError};
use harvest::plan::{self, PlanReader, Saving};
use harvest::{ConnectorConfig, Limits, RunOptions, Source};
use model::{Outcome, Request, Response, RunReport};
use portal::World;
use serde_json::{Value, json};

/// A catalogue at an address.
#[derive(Clone, Default)]
struct Document(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    datasets: Vec<Value>,
    etag: String,
    /// It says that the document is the same, whatever it is.
    lies: bool,
    down: bool,
    /// The statuses that it answered with.
    statuses: Vec<u16>,
}

impl Document {
    fn publish(&self, numbers: impl IntoIterator<Item = u64>) {
        let mut state = self.0.lock().unwrap();
        state.datasets = (numbers.into_iter())
            .map(|n| json!({ "@type": "dcat:Dataset", "identifier": format!("d{n}"), "title": format!("Jeu {n}"), "description": "Relevés." }))
            .collect();
        state.etag = format!("\"{}\"", state.datasets.len());
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap());
    }

    fn statuses(&self) -> Vec<u16> {
        std::mem::take(&mut self.0.lock().unwrap().statuses)
    }
}

impl Fetch for Document {
    async fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        let mut state = self.0.lock().unwrap();
        let known = request
            .validators
            .as_ref()
            .and_then(|known| known.etag.clone());
        let same = known.is_some_and(|etag| state.lies || etag == state.etag);
        let status = match (state.down, same) {
            (true, _) => 403,
            (_, true) => 304,
            _ => 200,
        };
        state.statuses.push(status);
        if status == 403 {
            let url = request.url.clone();
            return Err(FetchError::HttpStatus {
                url,
                status,
                excerpt: String::new(),
                retry_after: None,
            });
        }
        let body = match same {
            true => String::new(),
            false => json!({ "conformsTo": "https://project-open-data.cio.gov/v1.1/schema", "dataset": state.datasets }).to_string(),
        };
        Ok(Response {
            request: request.clone(),
            url: request.url.clone(),
            status,
            content_type: Some("application/json".to_owned()),
            etag: Some(state.etag.clone()),
            last_modified: None,
            body: body.into(),
        })
    }
}

fn source(world: &World, document: &Document, file: &str) -> Source<Document> {
    let config = json!({ "datajson": { "url": format!("https://portail.example/{file}") } });
    let config: ConnectorConfig = serde_json::from_value(config).unwrap();
    Source {
        connector: config.build().unwrap().into(),
        ..world.through(document.clone(), Limits::default())
    }
}

async fn run(world: &World, source: &Source<Document>) -> RunReport {
    world.advance(TimeDelta::minutes(1));
    let ran = harvest::run(&world.workshop, source, RunOptions::default(), |_| {}).await;
    ran.unwrap().report
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_did_not_change_is_not_read_again() {
    let world = World::new().await;
    let document = Document::default();
    document.publish(0..10);
    let source = source(&world, &document, "data.json");
    assert_eq!(run(&world, &source).await.created, 10);
    document.publish(0..9);
    let report = run(&world, &source).await;
    assert_eq!((report.unchanged, report.missing), (9, 1));
    let report = run(&world, &source).await;
    assert_eq!(
        (
            report.outcome,
            report.seen,
            report.unchanged,
            report.missing
        ),
        (Outcome::Complete, 9, 9, 1)
    );
    let stored = world.workshop.archive.run(report.run).await.unwrap();
    assert_eq!(stored, Some(report));
    assert_eq!(document.statuses(), [200, 200, 304]);
    // What is missing is withdrawn in its time, as if the document had been read.
    world.advance(TimeDelta::days(6));
    assert_eq!(run(&world, &source).await.withdrawn, 0);
    assert_eq!(document.statuses(), [304]);
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lies_is_found_out_when_every_record_has_to_be_seen() {
    let world = World::new().await;
    let document = Document::default();
    document.publish(0..10);
    let source = source(&world, &document, "data.json");
    run(&world, &source).await;
    document.publish(0..12);
    document.set(|state| state.lies = true);
    assert_eq!(run(&world, &source).await.created, 0);
    world.advance(TimeDelta::days(7));
    let report = run(&world, &source).await;
    assert_eq!((report.created, report.unchanged), (2, 10));
    assert_eq!(document.statuses(), [200, 304, 200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failure_or_with_another_configuration_it_is_read_whatever_the_server_says() {
    let world = World::new().await;
    let document = Document::default();
    document.publish(0..10);
    let one = source(&world, &document, "data.json");
    run(&world, &one).await;
    document.set(|state| state.down = true);
    assert_eq!(run(&world, &one).await.outcome, Outcome::Failed);
    document.set(|state| state.down = false);
    run(&world, &one).await;
    run(&world, &one).await;
    assert_eq!(document.statuses(), [200, 403, 200, 304]);
    let other = source(&world, &document, "catalogue.json");
    run(&world, &other).await;
    run(&world, &other).await;
    world.rebuild().await;
    run(&world, &other).await;
    assert_eq!(document.statuses(), [200, 304, 200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_asks_on_no_condition_and_leaves_what_is_known_as_it_was() {
    let world = World::new().await;
    let document = Document::default();
    document.publish(0..10);
    let source = source(&world, &document, "data.json");
    run(&world, &source).await;
    run(&world, &source).await;
    assert_eq!(document.statuses(), [200, 304]);
    world.advance(TimeDelta::minutes(1));
    let path = world.file().with_extension("plan");
    let saving = Saving {
        sink: Box::new(File::create(&path).unwrap()),
        moisson: "0".to_owned(),
        config: "0".to_owned(),
    };
    let (copy, options) = (world.copy().await, RunOptions::default());
    let planned = plan::plan(
        &world.workshop,
        copy,
        &source,
        options,
        Some(saving),
        |_| {},
    )
    .await;
    let (plan, writer) = planned.unwrap();
    writer.unwrap().finish().unwrap();
    assert_eq!(
        (plan.report.outcome, plan.report.unchanged),
        (Outcome::Complete, 10)
    );
    run(&world, &source).await;
    assert_eq!(document.statuses(), [200, 304]);

    let (reader, head) = PlanReader::begin(Box::new(File::open(path).unwrap())).unwrap();
    let applied = plan::apply(&world.workshop, &source, (reader, &head), |_| {}).await;
    assert_eq!(applied.unwrap().report.unchanged, 10);
    // What was applied was asked for some time ago.
    assert_eq!(run(&world, &source).await.unchanged, 10);
    assert_eq!(document.statuses(), [200]);
}
