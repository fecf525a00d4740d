//! The life of records over many runs, against a portal that the tests can change.

mod portal;

use chrono::TimeDelta;
use model::Outcome;
use portal::{Fault, World, dataset};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_harvested_is_counted_and_published() {
    let world = World::new().await;
    world.portal.set((0..45).map(|n| dataset(n, "Titre")));
    let report = world.run().await;
    assert_eq!(
        (
            report.outcome,
            report.announced,
            report.seen,
            report.created
        ),
        (Outcome::Complete, Some(45), 45, 45)
    );
    world.check().await;

    let report = world.run().await;
    assert_eq!(
        (report.created, report.updated, report.unchanged),
        (0, 0, 45)
    );
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_changed_is_updated() {
    let world = World::new().await;
    world.portal.set((0..10).map(|n| dataset(n, "Titre")));
    world.run().await;
    let before = world.dump().await;
    world.portal.put(dataset(3, "Autre titre"));
    let report = world.run().await;
    assert_eq!(
        (report.created, report.updated, report.unchanged),
        (0, 1, 9)
    );
    let after = world.dump().await;
    let changed: Vec<&str> = after
        .lines()
        .filter(|line| !before.contains(line))
        .collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert!(changed[0].contains("Autre titre"));
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_say_the_same_change_nothing() {
    let world = World::new().await;
    world.portal.set([dataset(1, "Titre")]);
    world.run().await;
    let mut counted = dataset(1, "Titre");
    counted["metrics"] = serde_json::json!({ "views": 12 });
    world.portal.put(counted);
    let report = world.run().await;
    assert_eq!((report.updated, report.unchanged), (0, 1));
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_vanishes_is_missing_then_withdrawn_and_comes_back_under_its_iri() {
    let world = World::new().await;
    world.portal.set((0..10).map(|n| dataset(n, "Titre")));
    world.run().await;
    let whole = world.dump().await;
    let lost = world.portal.remove(4);

    let report = world.run().await;
    assert_eq!(
        (
            report.outcome,
            report.missing,
            report.withdrawn,
            report.held
        ),
        (Outcome::Complete, 1, 0, 0)
    );
    assert_eq!(
        world.dump().await,
        whole,
        "a missing record stays in the catalogue"
    );

    world.advance(TimeDelta::days(8));
    let report = world.run().await;
    assert_eq!((report.missing, report.withdrawn), (0, 1));
    let without = world.dump().await;
    assert!(!without.contains("Titre 4"));
    world.check().await;

    world.portal.put(lost);
    let report = world.run().await;
    assert_eq!((report.created, report.unchanged), (1, 9));
    assert_eq!(world.dump().await, whole);
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_record_of_an_agent_takes_the_agent_with_it() {
    let world = World::new().await;
    let mut other = dataset(9, "Titre");
    other["organization"]["id"] = "5a83f81fc751df6f8573eb8a".into();
    other["organization"]["name"] = "Autre organisation".into();
    other["organization"]["uri"] = "https://portail.example/api/1/organizations/autre/".into();
    world
        .portal
        .set((0..9).map(|n| dataset(n, "Titre")).chain([other]));
    world.run().await;
    assert!(world.dump().await.contains("Autre organisation"));
    world.portal.remove(9);
    world.run().await;
    world.advance(TimeDelta::days(8));
    world.run().await;
    assert!(!world.dump().await.contains("Autre organisation"));
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_answer_deletes_nothing() {
    let world = World::new().await;
    world.portal.set((0..10).map(|n| dataset(n, "Titre")));
    world.run().await;
    let whole = world.dump().await;
    world.portal.set([]);
    // However many runs say so.
    for run in 1..=5 {
        world.advance(TimeDelta::days(30));
        let report = world.run().await;
        assert_eq!(
            (
                report.outcome,
                report.held,
                report.missing,
                report.withdrawn
            ),
            (Outcome::Complete, 10, 0, 0),
            "run {run}"
        );
        assert!(
            world
                .findings(&report)
                .await
                .contains(&"run/deletion-held".to_owned())
        );
        assert_eq!(world.dump().await, whole);
    }
    // A person's word is; the period of grace comes still.
    let archive = &world.workshop.archive;
    assert!(archive.release(&world.id, None).await.unwrap());
    let report = world.run().await;
    assert_eq!((report.held, report.missing, report.withdrawn), (0, 10, 0));
    assert_eq!(world.dump().await, whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_can_release_what_the_guard_holds() {
    let world = World::new().await;
    world.portal.set((0..10).map(|n| dataset(n, "Titre")));
    world.run().await;
    assert!(
        !world
            .workshop
            .archive
            .release(&world.id, None)
            .await
            .unwrap(),
        "nothing is held yet"
    );
    for n in 0..5 {
        world.portal.remove(n);
    }
    assert_eq!(world.run().await.held, 5);
    let archive = &world.workshop.archive;
    let why = Some("le portail a retiré ses doublons");
    assert!(archive.release(&world.id, why).await.unwrap());
    let report = world.run().await;
    assert_eq!(report.missing, 5);
    assert!(report.reason.unwrap().contains("retiré ses doublons"));
    // The release was for that once.
    for n in 5..9 {
        world.portal.remove(n);
    }
    assert_eq!(world.run().await.held, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_page_makes_the_run_partial_and_deletes_nothing() {
    let world = World::new().await;
    world.portal.set((0..60).map(|n| dataset(n, "Titre")));
    world.run().await;
    let whole = world.dump().await;
    world.portal.break_page(Some((2, Fault::Forbidden)));
    world.portal.remove(59);
    world.advance(TimeDelta::days(30));
    let report = world.run().await;
    assert_eq!(report.outcome, Outcome::Partial, "{report:?}");
    assert_eq!((report.missing, report.withdrawn), (0, 0));
    assert_eq!(world.dump().await, whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_private_leaves_at_once_whatever_becomes_of_the_run() {
    let world = World::new().await;
    world.portal.set((0..60).map(|n| dataset(n, "Titre")));
    world.run().await;
    // Two thirds of the records, far more than the guard lets go, in a run that loses a page.
    for n in 5..45 {
        let mut private = dataset(n, "Titre");
        private["private"] = true.into();
        world.portal.put(private);
    }
    world.portal.break_page(Some((2, Fault::Forbidden)));
    let report = world.run().await;
    assert_eq!(report.outcome, Outcome::Partial, "{report:?}");
    let dump = world.dump().await;
    // A page holds 20, and the first one was read.
    assert_eq!(report.withdrawn, 15, "{report:?}");
    assert!(!dump.contains("Titre 19\"") && dump.contains("Titre 20\""));
    world.check().await;

    world.portal.break_page(None);
    let report = world.run().await;
    assert_eq!(
        (report.outcome, report.withdrawn, report.held),
        (Outcome::Complete, 25, 0)
    );
    assert!(!world.dump().await.contains("Titre 44\""));
    world.check().await;

    world.portal.put(dataset(7, "Titre"));
    world.run().await;
    assert!(world.dump().await.contains("Titre 7\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_down_fails_the_run_and_changes_nothing() {
    let world = World::new().await;
    world.portal.set((0..5).map(|n| dataset(n, "Titre")));
    world.run().await;
    let whole = world.dump().await;
    for fault in [Fault::Forbidden, Fault::Html] {
        world.portal.break_page(Some((1, fault)));
        let report = world.run().await;
        assert_eq!(
            (report.outcome, report.seen),
            (Outcome::Failed, 0),
            "{fault:?}: {report:?}"
        );
        assert!(report.reason.is_some());
        assert!(!world.findings(&report).await.is_empty());
    }
    assert_eq!(world.dump().await, whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_does_not_come_true_makes_the_run_partial() {
    let world = World::new().await;
    world.portal.set((0..10).map(|n| dataset(n, "Titre")));
    world.run().await;
    world.portal.remove(3);
    world.portal.announce(Some(10));
    let report = world.run().await;
    assert_eq!(
        (
            report.outcome,
            report.announced,
            report.seen,
            report.missing
        ),
        (Outcome::Partial, Some(10), 9, 0)
    );
    assert!(
        world
            .findings(&report)
            .await
            .contains(&"run/fewer-than-announced".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_mapped_is_refused_and_its_last_good_form_stays() {
    let world = World::new().await;
    world.portal.set((0..6).map(|n| dataset(n, "Titre")));
    world.run().await;
    let whole = world.dump().await;
    let mut untitled = dataset(2, "");
    untitled["title"] = "".into();
    world.portal.put(untitled);
    let mut never_good = dataset(7, "");
    never_good["title"] = serde_json::Value::Null;
    world.portal.put(never_good);
    for _ in 0..2 {
        let report = world.run().await;
        assert_eq!(
            (
                report.outcome,
                report.seen,
                report.unchanged,
                report.refused
            ),
            (Outcome::Complete, 7, 5, 2)
        );
        assert!(
            world
                .findings(&report)
                .await
                .contains(&"record/no-title".to_owned())
        );
        assert_eq!(world.dump().await, whole);
    }
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_records_with_one_identifier_the_first_is_kept_and_the_other_reported() {
    let world = World::new().await;
    world.portal.set((0..4).map(|n| dataset(n, "Titre")));
    world
        .portal
        .append(dataset(1, "Un autre, sous le même identifiant"));
    let report = world.run().await;
    assert_eq!(
        (
            report.outcome,
            report.announced,
            report.seen,
            report.created,
            report.refused
        ),
        (Outcome::Complete, Some(5), 5, 4, 1)
    );
    assert!(
        world
            .findings(&report)
            .await
            .contains(&"record/duplicate-identifier".to_owned())
    );
    let report = world.run().await;
    assert_eq!((report.unchanged, report.refused), (4, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_a_run_would_do_and_does_nothing() {
    let world = World::new().await;
    world.portal.set((0..10).map(|n| dataset(n, "Titre")));
    let report = world.dry_run().await;
    assert_eq!((report.created, report.dry_run), (10, true));
    assert!(!world.dump().await.contains("Titre"));
    world.run().await;
    let whole = world.dump().await;
    world.portal.put(dataset(3, "Autre titre"));
    world.portal.put(dataset(77, "Nouveau"));
    world.portal.remove(5);
    let planned = world.dry_run().await;
    assert_eq!(
        (
            planned.created,
            planned.updated,
            planned.unchanged,
            planned.missing
        ),
        (1, 1, 8, 1)
    );
    assert_eq!(world.dump().await, whole);
    let done = world.run().await;
    assert_eq!(
        (done.created, done.updated, done.unchanged, done.missing),
        (1, 1, 8, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn services_name_the_datasets_that_they_serve_whatever_comes_first() {
    let world = World::new().await;
    world.portal.serve_service(&[1, 2]);
    world.portal.set([dataset(1, "Titre")]);
    world.run().await;
    assert_eq!(
        world.dump().await.matches("ns/dcat#servesDataset>").count(),
        1
    );
    world.check().await;
    world.portal.put(dataset(2, "Titre"));
    world.run().await;
    assert_eq!(
        world.dump().await.matches("ns/dcat#servesDataset>").count(),
        2
    );
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_gives_the_same_catalogue() {
    let world = World::new().await;
    world.portal.serve_service(&[1, 3]);
    world.portal.set((0..30).map(|n| dataset(n, "Titre")));
    world.run().await;
    for n in 0..5 {
        world.portal.put(dataset(n, "Titre changé"));
    }
    world.portal.remove(20);
    world.run().await;
    world.advance(TimeDelta::days(8));
    world.run().await;
    let whole = world.dump().await;
    world.rebuild().await;
    assert_eq!(world.dump().await, whole);
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_the_source_counts_is_reported_and_one_that_it_does_not_is_not() {
    let world = World::new().await;
    world.portal.set((0..4).map(|n| dataset(n, "Titre")));
    world.portal.append(dataset(1, "Titre"));
    let report = world.run().await;
    assert_eq!(
        (report.outcome, report.seen, report.created, report.refused),
        (Outcome::Complete, 5, 4, 1)
    );
    assert!(
        world
            .findings(&report)
            .await
            .contains(&"record/duplicate-identifier".to_owned())
    );
    world.portal.announce(Some(4));
    let report = world.run().await;
    assert_eq!(
        (
            report.outcome,
            report.seen,
            report.unchanged,
            report.refused
        ),
        (Outcome::Complete, 4, 4, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_twice_without_an_order_does_not_stand_for_what_never_came() {
    let world = World::new().await;
    world.portal.set((0..5).map(|n| dataset(n, "Titre")));
    world.run().await;
    world.portal.remove(4);
    world.portal.append(dataset(1, "Titre"));
    world.portal.refuse_order();
    let report = world.run().await;
    assert_eq!(
        (report.outcome, report.seen, report.missing),
        (Outcome::Partial, 4, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_cannot_be_carried_out_is_not_left_running() {
    let world = World::new().await;
    world.portal.set((0..5).map(|n| dataset(n, "Titre")));
    world
        .workshop
        .projector
        .clone()
        .unwrap()
        .stop()
        .await
        .unwrap();
    assert!(world.try_run().await.is_err());
    let runs = world.workshop.archive.runs(None, 10).await.unwrap();
    assert_eq!((runs.len(), runs[0].outcome), (1, Outcome::Failed));
    assert!(runs[0].reason.is_some() && runs[0].finished.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_nobody_knows_the_state_of_is_filled_from_nothing() {
    let world = World::new().await;
    world.portal.set((0..5).map(|n| dataset(n, "Titre")));
    world.run().await;
    let archive = &world.workshop.archive;
    archive.forget_projection().await.unwrap();
    let line = b"<https://a.example/old> <https://a.example/p> \"x\" .";
    let stale = graph::Change {
        insert: oxttl::NTriplesParser::new()
            .for_slice(line)
            .collect::<Result<_, _>>()
            .unwrap(),
        ..graph::Change::default()
    };
    let store = graph::Graph::memory().unwrap();
    store.apply(&[stale]).unwrap();
    let projector = harvest::Projector::start(archive.clone(), store)
        .await
        .unwrap();
    assert_eq!(
        projector.graph().count().unwrap(),
        world.dump().await.lines().count()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_a_batch_says_of_an_agent_archive_and_graph_store_choose_the_same() {
    for flip in [false, true] {
        let world = World::new().await;
        let mut rich = dataset(1, "Titre");
        rich["organization"]["name"] = "Région de démonstration, un nom bien plus long".into();
        let plain = dataset(2, "Titre");
        let mut all = vec![rich, plain];
        if flip {
            all.reverse();
        }
        world.portal.set(all);
        world.run().await;
        world.check().await;
    }
}
