//! What people and other programs do to a run: it is refused, taken over, stopped, given up.

mod portal;

use std::sync::Arc;
use std::time::Duration;

use archive::{ArchiveError, Purpose, StopRequest};
use chrono::TimeDelta;
use fetch::{Fetch, FetchError};
use harvest::{HarvestError, Limits, RunOptions, Source};
use model::{Outcome, Request, Response, RunId, RunReport};
use portal::{Portal, World, dataset};
use tokio::sync::Notify;

/// A portal that never answers what is asked of one page, and says when it is asked.
#[derive(Clone)]
struct Silent {
    portal: Portal,
    page: &'static str,
    asked: Arc<Notify>,
}

impl Fetch for Silent {
    async fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        if request.url.contains(self.page) {
            self.asked.notify_one();
            std::future::pending::<()>().await;
        }
        self.portal.fetch(request).await
    }
}

fn silent(world: &World, page: &'static str, limits: Limits) -> Source<Silent> {
    let silent = Silent {
        portal: world.portal.clone(),
        page,
        asked: Arc::new(Notify::new()),
    };
    world.through(silent, limits)
}

fn limits() -> Limits {
    Limits {
        beat: Duration::from_millis(100),
        ..Limits::default()
    }
}

async fn run(world: &World, source: &Source<Silent>) -> Result<RunReport, HarvestError> {
    harvest::run(&world.workshop, source, RunOptions::default(), |_| {})
        .await
        .map(|result| result.report)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_goes_on_is_not_disturbed_and_one_that_is_stopped_keeps_what_it_has() {
    let world = World::new().await;
    world.portal.set((0..60).map(|n| dataset(n, "Titre")));
    world.run().await;
    world.portal.remove(59);
    world.portal.put(dataset(0, "Autre titre"));
    world.advance(TimeDelta::days(8));
    let source = silent(&world, "page=3", limits());
    let archive = &world.workshop.archive;
    let going = RunId(2);
    let others = async {
        source.fetcher.asked.notified().await;
        match world.try_run().await {
            Err(HarvestError::Archive(error @ ArchiveError::Leased(_))) => {
                assert!(error.to_string().contains("moisson stop 2"), "{error}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(
            archive.ask_to_stop(going).await.unwrap(),
            StopRequest::Asked
        );
    };
    let (report, ()) = tokio::join!(run(&world, &source), others);
    let report = report.unwrap();
    assert_eq!(
        (report.run, report.outcome, report.reason.as_deref()),
        (going, Outcome::Partial, Some("stopped by a person"))
    );
    assert_eq!((report.updated, report.missing), (1, 0), "{report:?}");
    assert_eq!(archive.run(going).await.unwrap(), Some(report));
    assert!(world.dump().await.contains("Titre 59\""));
    world.check().await;
    let ended = archive.ask_to_stop(going).await.unwrap();
    assert_eq!(ended, StopRequest::Ended(Outcome::Partial));
    assert_eq!(world.run().await.missing, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_program_is_gone_is_taken_over_whatever_the_clock_says() {
    let world = World::new().await;
    world.portal.set((0..5).map(|n| dataset(n, "Titre")));
    let archive = &world.workshop.archive;
    let now = (world.workshop.clock)();
    // Nobody beats for this one. It began when the clock was ahead.
    let period = Duration::from_millis(5);
    let dead = archive
        .begin(
            &world.id,
            now + TimeDelta::days(3650),
            true,
            Purpose::Harvest,
            period,
        )
        .await
        .unwrap();
    let report = world.run().await;
    assert_eq!((report.outcome, report.created), (Outcome::Complete, 5));
    let dead = archive.run(dead.run).await.unwrap().unwrap();
    assert_eq!(dead.outcome, Outcome::Failed);
    assert!(dead.reason.unwrap().contains("no longer answers"));
    assert_eq!(archive.lease(&world.id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_loses_its_lease_ends_and_harms_nobody() {
    let world = World::new().await;
    world.portal.set((0..60).map(|n| dataset(n, "Titre")));
    let source = silent(&world, "page=3", limits());
    let archive = &world.workshop.archive;
    let others = async {
        source.fetcher.asked.notified().await;
        // As if this program had slept for an hour, and another had watched it.
        loop {
            let lease = archive.lease(&world.id).await.unwrap().unwrap();
            if archive
                .end_dead_run(&lease, (world.workshop.clock)())
                .await
                .unwrap()
            {
                break;
            }
        }
        world.run().await
    };
    let (lost, report) = tokio::join!(run(&world, &source), others);
    assert!(
        matches!(
            lost,
            Err(HarvestError::Archive(ArchiveError::Ended(RunId(1))))
        ),
        "{lost:?}"
    );
    assert_eq!((report.outcome, report.seen), (Outcome::Complete, 60));
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_falls_silent_is_given_up_with_the_request_named() {
    let world = World::new().await;
    world.portal.set((0..60).map(|n| dataset(n, "Titre")));
    let stalled = Limits {
        stalled: Duration::from_millis(300),
        ..limits()
    };
    let report = run(&world, &silent(&world, "page=3", stalled))
        .await
        .unwrap();
    assert_eq!((report.outcome, report.seen), (Outcome::Partial, 40));
    let why = report.reason.unwrap();
    assert!(why.contains("no page") && why.contains("page=3"), "{why}");

    let report = run(&world, &silent(&world, "portail", stalled))
        .await
        .unwrap();
    assert_eq!((report.outcome, report.seen), (Outcome::Failed, 0));
    let why = report.reason.unwrap();
    assert!(why.contains("https://portail.example/"), "{why}");
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_graph_store_makes_up_for_what_a_run_committed_and_never_delivered() {
    let world = World::new().await;
    world.portal.set((0..10).map(|n| dataset(n, "Titre")));
    world.run().await;
    world.portal.put(dataset(3, "Autre titre"));
    world.portal.put(dataset(10, "Nouveau"));
    // As if the run had ended before its batches reached the store.
    let deaf = harvest::Workshop {
        projector: None,
        ..world.workshop.clone()
    };
    let source = world.through(world.portal.clone(), limits());
    harvest::run(&deaf, &source, RunOptions::default(), |_| {})
        .await
        .unwrap();
    world.portal.put(dataset(3, "Encore un titre"));
    world.portal.put(dataset(4, "Autre titre"));
    world.run().await;
    world.check().await;
    world.portal.put(dataset(3, "Titre"));
    world.run().await;
    world.check().await;
}

/// Provenance that is not wanted any more is taken back, and told whole when it is wanted again.
#[tokio::test]
async fn provenance_can_be_turned_off_and_on() {
    let mut world = World::new().await;
    world.portal.set([dataset(1, "Mares")]);
    world.run().await;
    let projector = world.workshop.projector.take().unwrap();
    let (graph, archive) = (projector.graph().clone(), world.workshop.archive.clone());
    projector.stop().await.unwrap();
    let names = provenance::Names::new(world.workshop.minter.base());
    let lines = |graph: &graph::Graph| -> std::collections::BTreeSet<String> {
        let name = names.graph();
        let all = graph.named(&name, None, None);
        all.map(|triple| triple.unwrap().to_string()).collect()
    };
    let (catalogue, told) = (graph.triples().count(), lines(&graph));
    assert!(told.iter().any(|line| line.contains("wasDerivedFrom")));
    for wanted in [false, true] {
        let provenance = harvest::Provenance {
            names: names.clone(),
            sources: Vec::new(),
            told: wanted,
        };
        let (archive, graph) = (archive.clone(), graph.clone());
        let started = harvest::Projector::start_telling(archive, graph.clone(), Some(provenance));
        started.await.unwrap().stop().await.unwrap();
        let expected = if wanted {
            told.clone()
        } else {
            Default::default()
        };
        assert_eq!(lines(&graph), expected);
        assert_eq!(graph.triples().count(), catalogue);
    }
}
