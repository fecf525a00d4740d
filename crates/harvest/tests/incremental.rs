//! Servers are asked for changes only as long as they tell them: they are probed, and held against what reading everything finds.

mod portal;

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use fetch::{Fetch, FetchError};
use futures::TryStreamExt;
use harvest::{ConnectorConfig, Limits, RunOptions, Schedule, Source};
use model::{Incremental, Outcome, Request, Response, RunReport};
use portal::World;
use serde_json::{Value, json};

/// What a server does with the date that it is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Filter {
    #[default]
    Honest,
    /// It gives everything.
    Ignored,
    /// It gives nothing.
    Empty,
    /// It answers 400.
    Refused,
    /// Every other record has no date.
    Half,
    /// It does not answer at all.
    Silent,
}

/// A CKAN.
#[derive(Clone, Default)]
struct Ckan(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// The title of each dataset, and when it was modified by its own word.
    datasets: Vec<(String, DateTime<Utc>)>,
    filter: Filter,
    asked: Vec<String>,
}

impl Ckan {
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }

    /// Changes a dataset; `at` is the date that it says.
    fn change(&self, n: usize, title: &str, at: DateTime<Utc>) {
        self.0.lock().unwrap().datasets[n] = (title.to_owned(), at);
    }

    fn filter(&self, filter: Filter) {
        self.0.lock().unwrap().filter = filter;
    }
}

impl Fetch for Ckan {
    async fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        let mut state = self.0.lock().unwrap();
        state.asked.push(request.url.clone());
        let url = url(request);
        let value = |name: &str| {
            (url.iter())
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let since = value("fq").map(|fq| {
            let date = fq.split(['[', ' ']).nth(1).unwrap();
            date.parse::<DateTime<Utc>>().unwrap()
        });
        let refused = |status| FetchError::HttpStatus {
            url: request.url.clone(),
            status,
            excerpt: String::new(),
            retry_after: None,
        };
        match (state.filter, since) {
            (Filter::Refused, Some(_)) => return Err(refused(400)),
            (Filter::Silent, Some(_)) => return Err(refused(503)),
            _ => {}
        }
        let filter = state.filter;
        let found: Vec<Value> = (state.datasets.iter().enumerate())
            .filter(|(n, (_, modified))| match (filter, since) {
                (_, None) | (Filter::Ignored, _) => true,
                (Filter::Empty, _) => false,
                (Filter::Half, _) if n % 2 == 0 => false,
                (_, Some(since)) => *modified >= since,
            })
            .map(|(n, (title, modified))| json!({
                "id": format!("{n:08}-0000-4000-8000-000000000000"), "name": format!("jeu-{n}"), "title": title, "state": "active",
                "type": "dataset", "private": false, "metadata_modified": modified.format("%Y-%m-%dT%H:%M:%S").to_string(), "resources": [],
            }))
            .collect();
        let number = |name| {
            value(name)
                .and_then(|n| n.parse::<usize>().ok())
                .unwrap_or(0)
        };
        let page: Vec<&Value> = found
            .iter()
            .skip(number("start"))
            .take(number("rows"))
            .collect();
        let body = json!({ "success": true, "result": { "count": found.len(), "results": page } });
        Ok(Response {
            request: request.clone(),
            url: request.url.clone(),
            status: 200,
            content_type: Some("application/json".to_owned()),
            etag: None,
            last_modified: None,
            body: body.to_string().into(),
        })
    }
}

fn url(request: &Request) -> Vec<(String, String)> {
    let query = request.url.split_once('?').map_or("", |(_, query)| query);
    (query.split('&').filter_map(|pair| pair.split_once('=')))
        .map(|(key, value)| {
            let value = value.replace('+', " ");
            let value =
                ["%5B=[", "%5D=]", "%3A=:", "%2A=*", "%2B=+"]
                    .iter()
                    .fold(value, |value, pair| {
                        let (code, character) = pair.split_once('=').unwrap();
                        value.replace(code, character)
                    });
            (key.to_owned(), value.trim_start_matches('+').to_owned())
        })
        .collect()
}

struct Scene {
    world: World,
    ckan: Ckan,
    source: Source<Ckan>,
}

/// A CKAN of 30 datasets that were modified long ago.
async fn scene(incremental: Value) -> Scene {
    let world = World::new().await;
    let ckan = Ckan::default();
    ckan.0.lock().unwrap().datasets = (0..30)
        .map(|n| (format!("Jeu {n}"), "2025-01-01T00:00:00Z".parse().unwrap()))
        .collect();
    let config = json!({ "ckan": { "url": "https://ckan.example/", "page_size": 10, "incremental": incremental } });
    let config: ConnectorConfig = serde_json::from_value(config).unwrap();
    let source = Source {
        connector: config.build().unwrap().into(),
        ..world.through(ckan.clone(), Limits::default())
    };
    Scene {
        world,
        ckan,
        source,
    }
}

impl Scene {
    async fn run(&self) -> RunReport {
        let ran = harvest::run(
            &self.world.workshop,
            &self.source,
            RunOptions::default(),
            |_| {},
        )
        .await;
        ran.unwrap().report
    }

    /// A day later.
    async fn next(&self) -> RunReport {
        self.world.advance(TimeDelta::days(1));
        self.run().await
    }

    fn now(&self) -> DateTime<Utc> {
        (self.world.workshop.clock)()
    }

    async fn probe(&self) -> archive::Probe {
        let archive = &self.world.workshop.archive;
        archive.probe(&self.source.id).await.unwrap().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_tells_what_changed_is_asked_for_that() {
    let scene = scene(json!(true)).await;
    let report = scene.run().await;
    assert!(report.full);
    assert_eq!((report.outcome, report.created), (Outcome::Complete, 30));
    assert_eq!(scene.ckan.asked().len(), 3);
    scene.ckan.change(4, "Autre", scene.now());
    let report = scene.next().await;
    assert_eq!((report.full, report.updated, report.seen), (false, 1, 1));
    // Three questions, then what changed.
    assert_eq!(scene.ckan.asked().len(), 3 + 1);
    let probe = scene.probe().await;
    assert_eq!(
        (probe.total, probe.past, probe.future),
        (Some(30), Some(30), Some(0))
    );
    scene.next().await;
    assert_eq!(scene.ckan.asked().len(), 1, "the answer is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_do_not_look_at_the_date_are_read_whole() {
    for filter in [
        Filter::Ignored,
        Filter::Empty,
        Filter::Refused,
        Filter::Half,
    ] {
        let scene = scene(json!(true)).await;
        scene.ckan.filter(filter);
        scene.run().await;
        scene.ckan.change(4, "Autre", scene.now());
        for _ in 0..2 {
            let report = scene.next().await;
            assert!(report.full, "{filter:?}");
            assert_eq!(
                (report.outcome, report.seen, report.missing),
                (Outcome::Complete, 30, 0)
            );
            let findings = scene.world.findings(&report).await;
            assert!(
                findings.contains(&"incremental/not-honoured".to_owned()),
                "{filter:?}: {findings:?}"
            );
        }
        assert!(scene.probe().await.fault.is_some());
        // It is asked again in its time.
        scene.ckan.filter(Filter::Honest);
        scene.world.advance(TimeDelta::days(5));
        assert!(!scene.next().await.full, "{filter:?}");
        assert!(scene.world.findings(&scene.next().await).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_answer_is_not_judged() {
    let scene = scene(json!(true)).await;
    scene.run().await;
    scene.ckan.filter(Filter::Silent);
    assert!(scene.next().await.full);
    scene.ckan.filter(Filter::Honest);
    assert!(!scene.next().await.full);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_misses_changes_is_found_out_and_trusted_again() {
    let scene = scene(json!(true)).await;
    scene.run().await;
    // This change leaves the date as it was.
    scene.ckan.change(
        7,
        "Changé en silence",
        "2025-01-01T00:00:00Z".parse().unwrap(),
    );
    scene.ckan.change(8, "Changé", scene.now());
    assert_eq!(scene.next().await.updated, 1);
    scene.world.advance(TimeDelta::days(6));
    let report = scene.next().await;
    assert_eq!((report.full, report.updated), (true, 1));
    let compared = scene.probe().await.compared.unwrap();
    assert_eq!((compared.changes, compared.missed), (1, 1));

    let report = scene.next().await;
    assert!(report.full);
    let findings = scene.world.findings(&report).await;
    assert_eq!(findings, ["incremental/misses-changes"]);
    // Nothing that changed is no proof.
    scene.world.advance(TimeDelta::days(8));
    assert!(scene.next().await.full);
    assert_eq!(scene.probe().await.compared.unwrap().missed, 1);
    scene.world.advance(TimeDelta::days(1));
    scene.ckan.change(9, "Changé et daté", scene.now());
    assert_eq!(scene.next().await.updated, 1);
    assert_eq!(scene.probe().await.compared.unwrap().missed, 0);
    assert!(!scene.next().await.full);
}

#[tokio::test(flavor = "multi_thread")]
async fn by_the_word_auto_a_server_is_trusted_once_it_is_proven() {
    let scene = scene(json!("auto")).await;
    assert_eq!(scene.source.connector.incremental(), Incremental::Auto);
    scene.run().await;
    let report = scene.next().await;
    assert!(report.full && scene.world.findings(&report).await.is_empty());
    scene.world.advance(TimeDelta::days(1));
    scene.ckan.change(9, "Changé et daté", scene.now());
    assert!(scene.next().await.full);
    assert_eq!(scene.probe().await.compared.unwrap().changes, 1);
    assert!(!scene.next().await.full);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_asks_for_changes_takes_nothing_for_gone() {
    let scene = scene(json!(true)).await;
    scene.run().await;
    scene.ckan.0.lock().unwrap().datasets.truncate(28);
    let report = scene.next().await;
    assert_eq!((report.full, report.missing, report.held), (false, 0, 0));
    scene.world.advance(TimeDelta::days(6));
    let report = scene.next().await;
    assert_eq!((report.full, report.missing), (true, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_is_seen_on_its_own_schedule() {
    let mut scene = scene(json!(true)).await;
    // The clock of the world begins on a Sunday.
    let plan = Schedule::new("0 0 2 * * WED", "UTC", std::time::Duration::ZERO).unwrap();
    scene.source.full_at = Some(plan);
    scene.run().await;
    let mut full = Vec::new();
    for _ in 0..8 {
        full.push(scene.next().await.full);
    }
    // Monday to Monday: one on the Wednesday, and none else.
    assert_eq!(
        full,
        [false, false, true, false, false, false, false, false]
    );
    // A Wednesday that is missed is made up for.
    scene.world.advance(TimeDelta::days(4));
    assert!(scene.next().await.full);
}

impl Scene {
    /// Plans a run a day later; gives also the rules of its findings.
    async fn planned(&self) -> (RunReport, Vec<String>) {
        self.world.advance(TimeDelta::days(1));
        let (copy, options) = (self.world.copy().await, RunOptions::default());
        let planned = harvest::plan::plan(
            &self.world.workshop,
            copy,
            &self.source,
            options,
            None,
            |_| {},
        );
        let plan = planned.await.unwrap().0;
        let findings = plan.copy.findings(plan.report.run);
        let rules = findings.map_ok(|finding| finding.rule.into_owned());
        (plan.report.clone(), rules.try_collect().await.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_probes_nothing_and_goes_by_what_is_known() {
    let scene = scene(json!(true)).await;
    scene.run().await;
    scene.ckan.asked();
    let (report, _) = scene.planned().await;
    assert_eq!((report.full, report.unchanged), (true, 30));
    assert_eq!(scene.ckan.asked().len(), 3, "the pages alone");
    let archive = &scene.world.workshop.archive;
    assert!(archive.probe(&scene.source.id).await.unwrap().is_none());
    assert!(!scene.next().await.full);
    scene.ckan.asked();
    assert!(!scene.planned().await.0.full);
    assert_eq!(scene.ckan.asked().len(), 1);

    scene.ckan.filter(Filter::Ignored);
    scene.world.advance(TimeDelta::days(7));
    assert!(scene.next().await.full);
    assert!(scene.next().await.full);
    let (report, findings) = scene.planned().await;
    assert!(report.full);
    assert_eq!(findings, ["incremental/not-honoured"]);
}
