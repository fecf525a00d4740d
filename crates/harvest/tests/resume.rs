//! Runs that are interrupted go on where they were, and never take for gone what they could not see.

mod portal;

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use archive::StopRequest;
use chrono::TimeDelta;
use connector_udata::{Config, Udata};
use fetch::{Fetch, FetchError};
use harvest::plan::{self, PlanReader, Saving};
use harvest::{ConnectorConfig, Limits, RunOptions, Source};
use model::{Outcome, Request, Response, RunReport, SourceId};
use portal::{Portal, World, dataset};
use serde_json::json;
use tokio::sync::Notify;

/// Counts what is asked, and falls silent at one request.
#[derive(Clone)]
struct Watched<F> {
    inner: F,
    asked: Arc<Mutex<Vec<String>>>,
    silent_at: usize,
    silent: Arc<Notify>,
}

impl<F: Fetch + Clone> Watched<F> {
    fn new(inner: &F, silent_at: usize) -> Self {
        Self {
            inner: inner.clone(),
            asked: Arc::default(),
            silent_at,
            silent: Arc::default(),
        }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl<F: Fetch> Fetch for Watched<F> {
    async fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        let number = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(request.url.clone());
            asked.len()
        };
        if number == self.silent_at {
            self.silent.notify_one();
            std::future::pending::<()>().await;
        }
        self.inner.fetch(request).await
    }
}

const NEVER: usize = usize::MAX;

/// A run that is cut off at a request, once so many records are written, as by `kill -9`.
async fn cut_off<F: Fetch>(world: &World, source: &Source<Watched<F>>, written: u64) {
    world.advance(TimeDelta::minutes(1));
    let (tell, mut told) = tokio::sync::watch::channel(0);
    let progress = move |report: &RunReport| {
        tell.send_replace(report.seen);
    };
    let run = harvest::run(&world.workshop, source, RunOptions::default(), progress);
    tokio::select! {
        done = run => panic!("the run was to be cut off: {:?}", done.map(|done| done.report)),
        () = async {
            source.fetcher.silent.notified().await;
            told.wait_for(|seen| *seen >= written).await.expect("the run goes on");
        } => {}
    }
    let archive = &world.workshop.archive;
    let now = (world.workshop.clock)();
    archive.close_interrupted_runs(now).await.unwrap();
}

async fn run<F: Fetch>(world: &World, source: &Source<F>) -> RunReport {
    world.advance(TimeDelta::minutes(1));
    let ran = harvest::run(&world.workshop, source, RunOptions::default(), |_| {}).await;
    let report = ran.unwrap().report;
    assert_eq!(
        report.seen,
        report.created + report.updated + report.unchanged + report.refused,
        "{report:?}"
    );
    report
}

fn watched(world: &World, silent_at: usize) -> Source<Watched<Portal>> {
    world.through(Watched::new(&world.portal, silent_at), Limits::default())
}

/// A world with a hundred records, whose first run was cut off at its fifth request: three pages of them are written, and the
/// page of data services.
async fn interrupted() -> World {
    let world = World::new().await;
    world.portal.set((0..100).map(|n| dataset(n, "Titre")));
    cut_off(&world, &watched(&world, 5), 60).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_left_is_asked_for() {
    let world = interrupted().await;
    let source = watched(&world, NEVER);
    let report = run(&world, &source).await;
    assert_eq!(
        (report.run.0, report.resumed, report.outcome),
        (1, 1, Outcome::Complete)
    );
    assert_eq!(
        (report.announced, report.seen, report.created),
        (Some(100), 100, 100)
    );
    // The last page that was read is looked at again, then come the two that are left.
    let pages: Vec<String> = (source.fetcher.asked().iter())
        .map(|url| url.split("page=").nth(1).unwrap()[..1].to_owned())
        .collect();
    assert_eq!(pages, ["3", "4", "5"]);
    world.check().await;

    let whole = World::new().await;
    whole.portal.set((0..100).map(|n| dataset(n, "Titre")));
    whole.run().await;
    assert_eq!(world.dump().await, whole.dump().await);
    // What is over is not taken up again.
    assert_eq!(run(&world, &source).await.run.0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn wherever_a_run_is_cut_off_the_next_ends_it() {
    let world = World::new().await;
    world.portal.set((0..100).map(|n| dataset(n, "Titre")));
    world.run().await;
    let whole = world.dump().await;
    for silent_at in 1..=6 {
        let world = World::new().await;
        world.portal.set((0..100).map(|n| dataset(n, "Titre")));
        // At any moment of what follows the last answer.
        cut_off(&world, &watched(&world, silent_at), 0).await;
        let report = run(&world, &watched(&world, NEVER)).await;
        assert_eq!(
            (
                report.outcome,
                report.seen,
                report.created + report.unchanged
            ),
            (Outcome::Complete, 100, 100),
            "cut off at request {silent_at}: {report:?}"
        );
        assert_eq!(world.dump().await, whole);
        world.check().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_went_on_tells_what_is_gone() {
    let world = World::new().await;
    world.portal.set((0..100).map(|n| dataset(n, "Titre")));
    world.run().await;
    world.portal.remove(99);
    world.portal.remove(2);
    cut_off(&world, &watched(&world, 5), 60).await;
    let report = run(&world, &watched(&world, NEVER)).await;
    assert_eq!(
        (
            report.outcome,
            report.resumed,
            report.unchanged,
            report.missing
        ),
        (Outcome::Complete, 1, 98, 2)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_changed_meanwhile_proves_no_absence() {
    let world = World::new().await;
    world.portal.set((0..100).map(|n| dataset(n, "Titre")));
    world.run().await;
    cut_off(&world, &watched(&world, 5), 60).await;
    // All behind it move up, over the place where the crawl stands; the count is the same.
    world.portal.remove(5);
    world.portal.append(dataset(200, "Nouveau"));
    let report = run(&world, &watched(&world, NEVER)).await;
    assert_eq!(
        (report.outcome, report.resumed, report.missing, report.seen),
        (Outcome::Partial, 1, 0, 100)
    );
    assert!(report.reason.unwrap().contains("interrupted"));
    let report = run(&world, &watched(&world, NEVER)).await;
    assert_eq!(
        (report.run.0, report.outcome, report.missing),
        (3, Outcome::Complete, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_total_proves_no_absence() {
    let world = World::new().await;
    world.portal.set((0..100).map(|n| dataset(n, "Titre")));
    world.run().await;
    world.portal.remove(2);
    cut_off(&world, &watched(&world, 5), 60).await;
    world.portal.append(dataset(200, "Nouveau"));
    let report = run(&world, &watched(&world, NEVER)).await;
    assert_eq!(
        (
            report.outcome,
            report.resumed,
            report.missing,
            report.created
        ),
        (Outcome::Partial, 1, 0, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_another_configuration_or_after_hours_a_run_begins_anew() {
    let world = interrupted().await;
    let mut other = watched(&world, NEVER);
    let config: Config =
        serde_json::from_value(json!({ "url": "https://portail.example/", "page_size": 25 }))
            .unwrap();
    other.connector = Arc::new(Udata::new(config).unwrap());
    let report = run(&world, &other).await;
    assert_eq!((report.run.0, report.resumed), (2, 0));
    assert_eq!(
        (report.outcome, report.created, report.unchanged),
        (Outcome::Complete, 40, 60)
    );
    assert_eq!(other.fetcher.asked().len(), 5);

    let world = interrupted().await;
    world.advance(TimeDelta::hours(7));
    let report = run(&world, &watched(&world, NEVER)).await;
    assert_eq!((report.run.0, report.resumed, report.seen), (2, 0, 100));

    let world = interrupted().await;
    let mut never = watched(&world, NEVER);
    never.resume_within = TimeDelta::zero();
    assert_eq!(run(&world, &never).await.run.0, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_gets_no_further_begins_anew() {
    let world = interrupted().await;
    // Cut off at the first of the pages that are left, twice.
    cut_off(&world, &watched(&world, 2), 0).await;
    let report = run(&world, &watched(&world, NEVER)).await;
    assert_eq!(
        (report.run.0, report.resumed, report.outcome),
        (2, 0, Outcome::Complete)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_stopped_goes_on() {
    let world = World::new().await;
    world.portal.set((0..100).map(|n| dataset(n, "Titre")));
    let mut source = watched(&world, 5);
    source.limits.beat = Duration::from_millis(20);
    let archive = &world.workshop.archive;
    let stop = async {
        source.fetcher.silent.notified().await;
        let asked = archive.ask_to_stop(model::RunId(1)).await.unwrap();
        assert_eq!(asked, StopRequest::Asked);
    };
    let (report, ()) = tokio::join!(run(&world, &source), stop);
    assert_eq!(report.outcome, Outcome::Partial);
    let again = watched(&world, NEVER);
    let report = run(&world, &again).await;
    assert_eq!(
        (report.run.0, report.resumed, report.outcome, report.created),
        (1, 1, Outcome::Complete, 100)
    );
    assert_eq!(again.fetcher.asked().len(), 3);
    assert_eq!(report.reason, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undone_run_is_not_gone_on_with() {
    let world = interrupted().await;
    harvest::undo(&world.workshop, model::RunId(1), "fr", |_| {})
        .await
        .unwrap();
    let report = run(&world, &watched(&world, NEVER)).await;
    assert_eq!((report.run.0, report.resumed, report.seen), (3, 0, 100));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_went_on_is_undone_as_one() {
    let world = World::new().await;
    world.portal.set((0..100).map(|n| dataset(n, "Titre")));
    world.run().await;
    let before = world.dump().await;
    world
        .portal
        .set((0..100).map(|n| dataset(n, "Autre titre")));
    cut_off(&world, &watched(&world, 5), 60).await;
    assert_eq!(run(&world, &watched(&world, NEVER)).await.updated, 100);
    harvest::undo(&world.workshop, model::RunId(2), "fr", |_| {})
        .await
        .unwrap();
    assert_eq!(world.dump().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_came_on_several_pages_are_told_whenever_they_came() {
    // Before the interruption, and after it.
    for again in [30, 70] {
        let world = World::new().await;
        let order = (0..again).chain([3]).chain(again..100);
        world.portal.set(order.map(|n| dataset(n, "Titre")));
        cut_off(&world, &watched(&world, 5), 59).await;
        let report = run(&world, &watched(&world, NEVER)).await;
        assert_eq!(
            (report.outcome, report.resumed),
            (Outcome::Partial, 1),
            "{again}"
        );
        assert_eq!((report.announced, report.seen), (Some(101), 100));
        let mut findings = world.findings(&report).await;
        findings.retain(|rule| !rule.starts_with("theme/"));
        assert_eq!(findings, ["paging/unstable-order"], "{again}");
    }
}

/// Plans a run, and gives the file of the plan.
async fn planned(world: &World) -> (RunReport, PathBuf) {
    let path = world.file().with_extension("plan");
    let saving = Saving {
        sink: Box::new(File::create(&path).unwrap()),
        moisson: "0".to_owned(),
        config: "0".to_owned(),
    };
    let (copy, source) = (world.copy().await, watched(world, NEVER));
    let options = RunOptions::default();
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
    (plan.report, path)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_begins_anew_and_is_not_true_any_more_once_the_run_went_on() {
    let world = interrupted().await;
    let (report, path) = planned(&world).await;
    assert_eq!((report.run.0, report.resumed, report.seen), (2, 0, 100));
    let archive = &world.workshop.archive;
    let (_, head) = PlanReader::begin(Box::new(File::open(path).unwrap())).unwrap();
    plan::check(archive, &head, "0", "0").await.unwrap();
    let report = run(&world, &watched(&world, NEVER)).await;
    assert_eq!(
        (report.run.0, report.resumed, report.outcome),
        (1, 1, Outcome::Complete)
    );
    let refused = plan::check(archive, &head, "0", "0").await.unwrap_err();
    assert!(refused.to_string().contains("went on"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_applied_begins_anew_and_nothing_is_gone_on_with_after_it() {
    let world = interrupted().await;
    let (_, path) = planned(&world).await;
    let (reader, head) = PlanReader::begin(Box::new(File::open(path).unwrap())).unwrap();
    let source = watched(&world, NEVER);
    let applied = plan::apply(&world.workshop, &source, (reader, &head), |_| {}).await;
    let report = applied.unwrap().report;
    assert_eq!(
        (report.run.0, report.resumed, report.outcome),
        (2, 0, Outcome::Complete)
    );
    assert_eq!((report.created, report.unchanged), (40, 60));
    assert_eq!(source.fetcher.asked().len(), 0);
    let report = run(&world, &source).await;
    assert_eq!((report.run.0, report.resumed), (3, 0));
    world.check().await;
}

/// A repository of 30 records, 10 a page, whose tokens can be made to expire.
#[derive(Clone, Default)]
struct Repository {
    expired: Arc<Mutex<bool>>,
}

impl Fetch for Repository {
    async fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        let token = request.url.split("resumptionToken=").nth(1);
        let from: usize = token.map_or(0, |token| token.parse().unwrap());
        let body = if token.is_some() && std::mem::take(&mut *self.expired.lock().unwrap()) {
            "<error code=\"badResumptionToken\">expired</error>".to_owned()
        } else {
            let records: String = (from..from + 10).map(record).collect();
            let next = if from + 10 < 30 {
                (from + 10).to_string()
            } else {
                String::new()
            };
            format!(
                "<ListRecords>{records}<resumptionToken completeListSize=\"30\">{next}</resumptionToken></ListRecords>"
            )
        };
        Ok(Response {
            request: request.clone(),
            url: request.url.clone(),
            status: 200,
            content_type: Some("text/xml".to_owned()),
            etag: None,
            last_modified: None,
            body: format!(
                "<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\">{body}</OAI-PMH>"
            )
            .into(),
        })
    }
}

fn record(n: usize) -> String {
    format!(
        "<record><header><identifier>oai:entrepot.example:{n}</identifier></header><metadata><oai_dc:dc \
         xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/oai_dc/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\
         <dc:title>Relevé {n}</dc:title><dc:identifier>https://entrepot.example/{n}</dc:identifier></oai_dc:dc></metadata></record>"
    )
}

fn entrepot(
    world: &World,
    repository: &Repository,
    silent_at: usize,
) -> Source<Watched<Repository>> {
    let config = json!({ "oai-pmh": { "url": "https://entrepot.example/oai?apikey=tres-secret", "metadata_prefix": "oai_dc" } });
    let config: ConnectorConfig = serde_json::from_value(config).unwrap();
    let source = world.through(Watched::new(repository, silent_at), Limits::default());
    Source {
        id: SourceId::new("entrepot").unwrap(),
        connector: config.build().unwrap().into(),
        ..source
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_makes_a_run_begin_anew_once() {
    let world = World::new().await;
    let repository = Repository::default();
    cut_off(&world, &entrepot(&world, &repository, 3), 20).await;
    *repository.expired.lock().unwrap() = true;
    let again = entrepot(&world, &repository, NEVER);
    let report = run(&world, &again).await;
    assert_eq!(
        (report.run.0, report.resumed, report.outcome, report.seen),
        (2, 0, Outcome::Complete, 30)
    );
    assert_eq!(again.fetcher.asked().len(), 1 + 3);
    let old = world.workshop.archive.run(model::RunId(1)).await.unwrap();
    assert!(old.unwrap().reason.unwrap().contains("began anew"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_an_address_is_kept_and_the_run_goes_on_all_the_same() {
    let world = World::new().await;
    let repository = Repository::default();
    let source = entrepot(&world, &repository, 3);
    cut_off(&world, &source, 20).await;
    let kept = world
        .workshop
        .archive
        .interrupted(&source.id)
        .await
        .unwrap()
        .unwrap();
    let text: String = (kept.steps.iter())
        .map(|step| step.unpack_text().unwrap())
        .collect();
    assert!(
        text.contains("resumptionToken=20") && !text.contains("tres-secret"),
        "{text}"
    );
    let again = entrepot(&world, &repository, NEVER);
    let report = run(&world, &again).await;
    assert_eq!(
        (report.run.0, report.outcome, report.seen),
        (1, Outcome::Complete, 30)
    );
    assert!(
        again
            .fetcher
            .asked()
            .iter()
            .all(|url| url.contains("apikey=tres-secret"))
    );
}
