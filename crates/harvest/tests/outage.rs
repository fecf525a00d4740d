//! What the machine does to a run: the archive is locked or full, the graph store fails, the clock is set. The run waits or fails
//! with a reason, the next one makes up for it, and nothing has to be started again.

mod portal;

use std::time::Duration;

use archive::Archive;
use chrono::TimeDelta;
use model::{Outcome, RunReport};
use portal::{World, dataset};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};

const DECADE: TimeDelta = TimeDelta::days(3650);

/// Another program with the archive open.
async fn other(world: &World) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(world.file());
    options.connect().await.unwrap()
}

async fn say(connection: &mut SqliteConnection, statement: &'static str) {
    sqlx::query(statement).execute(connection).await.unwrap();
}

/// Waits until the last run has ended, whoever notes it.
async fn ended(archive: &Archive) -> RunReport {
    loop {
        let last = archive.runs(None, 1).await.unwrap().remove(0);
        if last.outcome != Outcome::Running {
            return last;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn none_runs(world: &World) {
    let runs = world.workshop.archive.runs(None, 100).await.unwrap();
    assert!(
        runs.iter().all(|run| run.outcome != Outcome::Running),
        "{runs:?}"
    );
    assert_eq!(world.workshop.archive.lease(&world.id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_another_program_keeps_fails_the_run_and_the_next_one_converges() {
    let world = World::with_patience(Duration::from_millis(200)).await;
    world.portal.set((0..10).map(|n| dataset(n, "Titre")));
    world.run().await;
    world.portal.put(dataset(3, "Autre titre"));
    let mut other = other(&world).await;

    // Before it begins: there is no run yet.
    say(&mut other, "BEGIN EXCLUSIVE").await;
    let refused = world.try_run().await.unwrap_err().to_string();
    assert!(
        refused.contains("locked") && refused.contains("end it"),
        "{refused}"
    );
    say(&mut other, "ROLLBACK").await;
    none_runs(&world).await;

    // In the midst of it: the failure too can only be noted later.
    let caught = tokio::sync::Mutex::new(Some(other));
    let source = world.through(
        Grip {
            portal: world.portal.clone(),
            other: &caught,
        },
        harvest::Limits::default(),
    );
    let failed = harvest::run(
        &world.workshop,
        &source,
        harvest::RunOptions::default(),
        |_| {},
    )
    .await;
    assert!(failed.unwrap_err().to_string().contains("locked"));
    let mut other = caught.into_inner().unwrap();
    say(&mut other, "ROLLBACK").await;
    let last = ended(&world.workshop.archive).await;
    assert_eq!(last.outcome, Outcome::Failed);
    assert!(
        last.reason
            .unwrap()
            .contains("another program keeps the archive locked")
    );
    none_runs(&world).await;

    let report = world.run().await;
    assert_eq!((report.outcome, report.updated), (Outcome::Complete, 1));
    world.check().await;
}

/// A portal during whose answer another program locks the archive.
struct Grip<'a> {
    portal: portal::Portal,
    other: &'a tokio::sync::Mutex<Option<SqliteConnection>>,
}

impl fetch::Fetch for Grip<'_> {
    async fn fetch(&self, request: &model::Request) -> Result<model::Response, fetch::FetchError> {
        let mut other = self.other.lock().await;
        // The second time it has it already.
        let _ = sqlx::query("BEGIN EXCLUSIVE")
            .execute(other.as_mut().unwrap())
            .await;
        self.portal.fetch(request).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_is_given_back_in_time_is_waited_for() {
    let world = World::new().await;
    world.portal.set((0..10).map(|n| dataset(n, "Titre")));
    let mut other = other(&world).await;
    say(&mut other, "BEGIN EXCLUSIVE").await;
    let release = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        say(&mut other, "COMMIT").await;
    };
    let (report, ()) = tokio::join!(world.run(), release);
    assert_eq!((report.outcome, report.created), (Outcome::Complete, 10));
    // Others may write between the statements of a run.
    let meddling = async {
        for _ in 0..50 {
            say(&mut other, "UPDATE instance SET rules = rules").await;
        }
    };
    world.portal.set((0..40).map(|n| dataset(n, "Autre titre")));
    let (report, ()) = tokio::join!(world.run(), meddling);
    assert_eq!((report.outcome, report.seen), (Outcome::Complete, 40));
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_store_that_fails_catches_up_by_itself() {
    let world = World::new().await;
    world.portal.set((0..10).map(|n| dataset(n, "Titre")));
    world.run().await;
    let mut other = other(&world).await;
    say(&mut other, "CREATE TRIGGER broken BEFORE UPDATE ON projection BEGIN SELECT RAISE(ABORT, 'no room'); END").await;
    say(&mut other, "CREATE TRIGGER broken_too BEFORE INSERT ON projection BEGIN SELECT RAISE(ABORT, 'no room'); END").await;
    let projector = world.workshop.projector.clone().unwrap();
    for round in 0..3 {
        world.portal.put(dataset(3, &format!("Titre {round}")));
        world.portal.put(dataset(20 + round, "Nouveau"));
        let failed = world.try_run().await.unwrap_err().to_string();
        assert!(failed.contains("no room"), "{failed}");
        assert!(projector.status().failure.is_some());
    }
    world.portal.remove(5);
    say(&mut other, "DROP TRIGGER broken").await;
    say(&mut other, "DROP TRIGGER broken_too").await;
    // The next run has it follow again; and without a run it does so too.
    world.portal.put(dataset(3, "Enfin"));
    let report = world.run().await;
    assert_eq!(report.outcome, Outcome::Complete, "{report:?}");
    assert_eq!(projector.status().failure, None);
    world.check().await;

    say(&mut other, "CREATE TRIGGER broken BEFORE UPDATE ON projection BEGIN SELECT RAISE(ABORT, 'no room'); END").await;
    world.portal.put(dataset(4, "Autre titre"));
    assert!(world.try_run().await.is_err());
    say(&mut other, "DROP TRIGGER broken").await;
    while projector.status().failure.is_some() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (last, _) = world.workshop.archive.last_change().await.unwrap().unwrap();
    assert_eq!(projector.status().applied, last);
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_between_runs_takes_no_days_of_grace_away() {
    for (jump, back) in [(DECADE, -DECADE), (-DECADE, DECADE)] {
        let world = World::new().await;
        world.portal.set((0..10).map(|n| dataset(n, "Titre")));
        world.run().await;
        let whole = world.dump().await;
        let lost = world.portal.remove(4);
        assert_eq!(world.run().await.missing, 1);
        world.advance(TimeDelta::days(1));
        for by in [jump, back] {
            world.advance(by);
            for _ in 0..3 {
                let report = world.run().await;
                assert_eq!(
                    (report.outcome, report.missing, report.withdrawn),
                    (Outcome::Complete, 1, 0),
                    "{report:?}"
                );
                world.advance(TimeDelta::days(1));
            }
            assert_eq!(world.dump().await, whole);
        }
        none_runs(&world).await;
        // Of days that pass, it has seven.
        for _ in 0..3 {
            assert_eq!(world.run().await.withdrawn, 0);
            world.advance(TimeDelta::days(1));
        }
        world.advance(TimeDelta::days(2));
        assert_eq!(world.run().await.withdrawn, 1);
        world.portal.put(lost);
        world.run().await;
        assert_eq!(world.dump().await, whole);
        world.check().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jump_that_other_runs_saw_first_is_noticed_all_the_same() {
    let world = World::new().await;
    let other = portal::place("autre");
    world.portal.set((0..10).map(|n| dataset(n, "Titre")));
    world.run().await;
    world.portal.remove(4);
    assert_eq!(world.run().await.missing, 1);
    world.advance(DECADE);
    // Another source first, and then a run of this one that is not complete.
    world.run_of(&other.source).await;
    world.portal.announce(Some(99));
    assert_eq!(world.run().await.outcome, Outcome::Partial);
    world.portal.announce(None);
    world.advance(TimeDelta::days(1));
    world.run_of(&other.source).await;
    let report = world.run().await;
    assert_eq!((report.missing, report.withdrawn), (1, 0), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_harvested_seldom_loses_what_is_gone_all_the_same() {
    let world = World::new().await;
    world.portal.set((0..10).map(|n| dataset(n, "Titre")));
    for _ in 0..2 {
        world.run().await;
        world.advance(TimeDelta::days(91));
    }
    world.portal.remove(4);
    assert_eq!(world.run().await.missing, 1);
    world.advance(TimeDelta::days(91));
    assert_eq!(world.run().await.withdrawn, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_within_a_run_neither_ends_it_nor_takes_its_lease() {
    for jump in [DECADE, -DECADE] {
        let world = World::new().await;
        world.portal.set((0..60).map(|n| dataset(n, "Titre")));
        let source = world.through(
            world.portal.clone(),
            harvest::Limits {
                beat: Duration::from_millis(5),
                ..harvest::Limits::default()
            },
        );
        let jumped = std::sync::atomic::AtomicBool::new(false);
        let progress = |_: &RunReport| {
            if !jumped.swap(true, std::sync::atomic::Ordering::SeqCst) {
                world.advance(jump);
            }
        };
        let report = harvest::run(
            &world.workshop,
            &source,
            harvest::RunOptions::default(),
            progress,
        )
        .await
        .unwrap()
        .report;
        assert_eq!((report.outcome, report.created), (Outcome::Complete, 60));
        none_runs(&world).await;
        // The next one sees every record, whatever the time of the last one says.
        world.portal.remove(7);
        world.advance(-jump);
        let report = world.run().await;
        assert_eq!(
            (report.outcome, report.unchanged, report.missing),
            (Outcome::Complete, 59, 1),
            "{report:?}"
        );
        world.check().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_first_is_the_eldest_though_the_clock_was_set_back() {
    let world = World::new().await;
    let other = portal::place("autre");
    // Two datasets, until a person says that they are one.
    world.portal.set([dataset(1, "Captages")]);
    world.run().await;
    world.advance(-DECADE);
    other.portal.set([dataset(2, "Forages de la vallee")]);
    world.run_of(&other.source).await;
    let keys: Vec<_> = [(&world.id, 1), (&other.source.id, 2)]
        .map(|(source, n)| {
            archive::RecordKey::new(source, &model::RecordId::new(format!("{n:024x}")))
        })
        .into();
    let known = world.workshop.archive.known(&keys).await.unwrap();
    let entities: Vec<_> = keys.iter().map(|key| known[key].entity.unwrap()).collect();
    let one = harvest::merge(&world.workshop, &entities, "les memes").await;
    assert_eq!(one.unwrap(), entities[0]);
    assert!(world.dump().await.contains("\"Captages 1\""));
    world.check().await;
}
