//! The catalogue as it was before a run.

mod portal;

use archive::{Again, ArchiveError, NotUndoable};
use chrono::TimeDelta;
use harvest::HarvestError;
use model::{Outcome, RunId, RunReport};
use portal::{World, dataset};
use serde_json::Value;

async fn undo(world: &World, run: RunId) -> Result<RunReport, HarvestError> {
    world.advance(TimeDelta::minutes(1));
    let report = harvest::undo(&world.workshop, run, "fr", |_| {}).await?;
    let stored = world.workshop.archive.run(report.run).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&report));
    Ok(report)
}

async fn refusal(world: &World, run: RunId) -> NotUndoable {
    match undo(world, run).await {
        Err(HarvestError::Archive(ArchiveError::NotUndoable(why))) => why,
        other => panic!("{other:?}"),
    }
}

/// Another title, and another organisation that nobody else names.
fn moved(n: u64) -> Value {
    let mut dataset = dataset(n, "Titre corrigé");
    dataset["organization"]["id"] = format!("5a83f81fc751df6f857300{:02}", n % 7).into();
    dataset["organization"]["name"] = format!("Organisation {}", n % 7).into();
    dataset["organization"]["uri"] =
        format!("https://portail.example/api/1/organizations/{}/", n % 7).into();
    dataset
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_withdrew_500_changed_2000_and_created_100_is_undone() {
    let world = World::new().await;
    world.portal.serve_service(&[1, 3, 2_300, 2_650]);
    world.portal.set((0..2_600).map(|n| dataset(n, "Titre")));
    world.run().await;
    for n in 2_100..2_600 {
        world.portal.remove(n);
    }
    assert_eq!(world.run().await.missing, 500);
    let before = world.dump().await;
    world.advance(TimeDelta::days(8));
    (0..2_000).for_each(|n| world.portal.put(moved(n)));
    (2_600..2_700).for_each(|n| world.portal.put(dataset(n, "Nouveau")));
    let done = world.run().await;
    assert_eq!(
        (done.withdrawn, done.updated, done.created),
        (500, 2_000, 100),
        "{done:?}"
    );
    let after = world.dump().await;
    assert_ne!(after, before);

    let archive = &world.workshop.archive;
    let plan = archive.undo_plan(done.run).await.unwrap();
    assert_eq!(
        (
            plan.count(Again::Return),
            plan.count(Again::Remake),
            plan.created.len()
        ),
        (500, 2_000, 100)
    );
    let undone = undo(&world, done.run).await.unwrap();
    assert_eq!(
        (
            undone.outcome,
            undone.created,
            undone.updated,
            undone.withdrawn
        ),
        (Outcome::Complete, 500, 2_000, 100)
    );
    assert!(
        world.dump().await == before,
        "the dump is not what it was before the run"
    );
    world.check().await;
    let run = archive.run(done.run).await.unwrap().unwrap();
    assert!(run.reason.unwrap().contains("undone by run 4"));
    assert!(archive.paused(&world.id).await.unwrap().is_some());
    assert!(matches!(
        refusal(&world, done.run).await,
        NotUndoable::Forgotten(_)
    ));
    assert!(matches!(
        refusal(&world, undone.run).await,
        NotUndoable::NoHarvest { .. }
    ));

    // The records that are kept say the same.
    world.rebuild().await;
    assert!(world.dump().await == before);
    // The portal has not changed: once it is harvested again, all that was undone is done again, under the same IRIs.
    let again = world.run().await;
    assert_eq!(
        (again.withdrawn, again.updated, again.created),
        (500, 2_000, 100)
    );
    assert!(world.dump().await == after);
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_undone_from_the_last_one_on() {
    let world = World::new().await;
    let empty = world.dump().await;
    world.portal.set((0..20).map(|n| dataset(n, "Titre")));
    let first = world.run().await.run;
    let one = world.dump().await;
    world.portal.put(dataset(3, "Autre titre"));
    let second = world.run().await.run;
    let two = world.dump().await;
    let nothing = world.run().await.run;
    world.portal.put(dataset(3, "Encore un titre"));
    world.portal.put(dataset(4, "Autre titre"));
    let last = world.run().await.run;

    assert_eq!(
        refusal(&world, RunId(99)).await,
        NotUndoable::Unknown(RunId(99))
    );
    assert_eq!(
        refusal(&world, nothing).await,
        NotUndoable::Nothing(nothing)
    );
    assert_eq!(
        refusal(&world, first).await,
        NotUndoable::Later(vec![last, second])
    );
    assert_eq!(
        refusal(&world, second).await,
        NotUndoable::Later(vec![last])
    );
    undo(&world, last).await.unwrap();
    assert_eq!(world.dump().await, two);
    undo(&world, second).await.unwrap();
    assert_eq!(world.dump().await, one);
    undo(&world, first).await.unwrap();
    assert_eq!(world.dump().await, empty);
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_its_source_keeps_from_the_public_is_not_published_again() {
    let world = World::new().await;
    world.portal.set((0..10).map(|n| dataset(n, "Titre")));
    world.run().await;
    world.portal.put(dataset(3, "Autre titre"));
    world.portal.put(dataset(4, "Autre titre"));
    let second = world.run().await.run;
    let mut private = dataset(3, "Autre titre");
    private["private"] = true.into();
    world.portal.put(private);
    world.portal.put(dataset(5, "Autre titre"));
    let third = world.run().await;
    assert_eq!((third.withdrawn, third.updated), (1, 1));

    let report = undo(&world, third.run).await.unwrap();
    assert!(report.reason.unwrap().contains("1 that their source keeps"));
    undo(&world, second).await.unwrap();
    let dump = world.dump().await;
    assert!(!dump.contains("itre 3\""), "it is private");
    assert!(dump.contains("\"Titre 4\"") && dump.contains("\"Titre 5\""));
    world.check().await;
    // It is public again when its source says so.
    world.portal.put(dataset(3, "Titre"));
    world.run().await;
    assert!(world.dump().await.contains("\"Titre 3\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_were_refused_or_withdrawn_before_the_run_are_so_again() {
    let world = World::new().await;
    let mut untitled = dataset(9, "");
    untitled["title"] = "".into();
    world
        .portal
        .set((0..9).map(|n| dataset(n, "Titre")).chain([untitled]));
    world.run().await;
    let lost = world.portal.remove(4);
    world.run().await;
    world.advance(TimeDelta::days(8));
    world.run().await;
    let before = world.dump().await;
    world.portal.put(lost);
    world.portal.put(dataset(9, "Titre"));
    world.portal.remove(1);
    let done = world.run().await;
    assert_eq!((done.created, done.missing), (2, 1));
    let undone = undo(&world, done.run).await.unwrap();
    assert_eq!((undone.withdrawn, undone.unchanged), (2, 1));
    assert_eq!(world.dump().await, before);
    world.check().await;
    let again = world.run().await;
    assert_eq!((again.created, again.missing), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_kept_any_more_cannot_be_undone() {
    let world = World::new().await;
    world.portal.set((0..5).map(|n| dataset(n, "Titre")));
    let first = world.run().await;
    world.advance(TimeDelta::days(20));
    world.portal.put(dataset(3, "Autre titre"));
    let second = world.run().await;
    let archive = &world.workshop.archive;
    let pruned = archive.prune_history(second.started).await.unwrap();
    assert_eq!(pruned, 1);
    assert_eq!(
        refusal(&world, first.run).await,
        NotUndoable::Forgotten(first.run)
    );
    undo(&world, second.run).await.unwrap();
    assert!(!world.dump().await.contains("Autre titre"));
}

#[tokio::test(flavor = "multi_thread")]
async fn undoing_that_is_cut_off_goes_on() {
    let world = World::new().await;
    world.portal.set((0..1_200).map(|n| dataset(n, "Titre")));
    world.run().await;
    let before = world.dump().await;
    (0..1_200).for_each(|n| world.portal.put(moved(n)));
    let run = world.run().await.run;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let workshop = world.workshop.clone();
    let cut = tokio::spawn(async move {
        harvest::undo(&workshop, run, "fr", |_| tell.send(()).unwrap_or_default()).await
    });
    // After its first batch, of three.
    told.recv().await.unwrap();
    cut.abort();
    assert!(cut.await.unwrap_err().is_cancelled());
    let archive = &world.workshop.archive;
    let left = archive.undo_plan(run).await.unwrap().rows.len();
    assert!((1..=700).contains(&left), "{left}");
    assert!(archive.paused(&world.id).await.unwrap().is_some());
    // The next start of the program.
    let now = (world.workshop.clock)();
    assert_eq!(archive.close_interrupted_runs(now).await.unwrap().len(), 1);
    undo(&world, run).await.unwrap();
    assert!(world.dump().await == before);
    world.check().await;
}

/// Numbers that look random and are always the same (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }
}

/// What a portal does in a night, and how long the night is.
fn a_night(world: &World, here: &mut std::collections::BTreeSet<u64>, chance: &mut Chance) {
    for _ in 0..chance.below(8) {
        let n = chance.below(40);
        match chance.below(6) {
            0 => {
                let mut untitled = dataset(n, "");
                untitled["title"] = "".into();
                world.portal.put(untitled);
                here.insert(n);
            }
            1 | 2 if here.remove(&n) => drop(world.portal.remove(n)),
            3 => {
                world.portal.put(moved(n));
                here.insert(n);
            }
            _ => {
                let titles = ["Titre", "Autre titre", "Encore un titre"];
                let title = titles[chance.below(3) as usize];
                world.portal.put(dataset(n, title));
                here.insert(n);
            }
        }
    }
    let lost = (chance.below(6) == 0).then_some((2, portal::Fault::Forbidden));
    world.portal.break_page(lost);
    world.advance(TimeDelta::days(chance.below(6) as i64));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_last_runs_did_they_are_undone_one_by_one() {
    let mut undone = 0;
    for seed in 0..6 {
        let mut chance = Chance(seed);
        let world = World::new().await;
        let mut here: std::collections::BTreeSet<u64> = (0..30).collect();
        world.portal.serve_service(&[1, 5, 35]);
        world.portal.set((0..30).map(|n| dataset(n, "Titre")));
        let mut before = Vec::new();
        for _ in 0..12 {
            let dump = world.dump().await;
            before.push((world.run().await.run, dump));
            a_night(&world, &mut here, &mut chance);
            for _ in 0..chance.below(4).saturating_sub(1) {
                let Some((run, dump)) = before.pop() else {
                    break;
                };
                match undo(&world, run).await {
                    Ok(_) => undone += 1,
                    Err(HarvestError::Archive(ArchiveError::NotUndoable(
                        NotUndoable::Nothing(_),
                    ))) => {}
                    Err(error) => panic!("seed {seed}, run {run}: {error}"),
                }
                assert!(world.dump().await == dump, "seed {seed}, run {run}");
                world.check().await;
            }
        }
    }
    assert!(undone > 12, "{undone} were undone");
}
