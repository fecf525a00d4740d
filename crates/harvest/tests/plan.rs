//! What a plan says is what happens; and a plan that is no longer true is not applied.

mod portal;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex};

use archive::What;
use chrono::TimeDelta;
use harvest::plan::{
    EntityChange, EntityEntry, Entry, Head, Plan, PlanError, PlanReader, RecordChange, Saving,
    Summary,
};
use model::{Outcome, RecordId, RunReport};
use portal::{Fault, Place, World, dataset, place};
use serde_json::{Value, json};

const VERSION: &str = "0.0.0";
const CONFIG: &str = "00";

async fn entries(plan: &Plan) -> (Vec<Entry>, Summary) {
    let mut walk = plan.walk(false).await.unwrap();
    let mut all = Vec::new();
    loop {
        let some = walk.next().await.unwrap();
        if some.is_empty() {
            return (all, walk.summary());
        }
        all.extend(some);
    }
}

fn entities(entries: &[Entry]) -> Vec<&EntityEntry> {
    entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Entity(entity) => Some(entity),
            Entry::Record(_) => None,
        })
        .collect()
}

fn datasets(entries: &[Entry]) -> Vec<&EntityEntry> {
    let mut datasets = entities(entries);
    datasets.retain(|entity| entity.kind == "dataset");
    datasets
}

fn records(entries: &[Entry]) -> Vec<(RecordChange, &str)> {
    entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Record(record) => Some((record.change, record.record.as_str())),
            Entry::Entity(_) => None,
        })
        .collect()
}

/// What the log says of each entity that changed since a place in it.
async fn logged(world: &World, since: i64) -> BTreeMap<String, What> {
    let changes = world.workshop.archive.changes_after(since, 100_000).await;
    let base = world.workshop.minter.base();
    let named = |change: archive::Change| (change.key.iri(base), change.what);
    changes.unwrap().into_iter().map(named).collect()
}

async fn last(world: &World) -> i64 {
    let last = world.workshop.archive.last_change().await.unwrap();
    last.map_or(0, |(seq, _)| seq)
}

/// Plans, runs, and compares; gives the plan.
async fn planned_and_run(world: &World, place: &Place) -> (Vec<Entry>, Summary, RunReport) {
    world.advance(TimeDelta::minutes(1));
    let (before, since) = (world.dump().await, last(world).await);
    let plan = world.plan_of(&place.source).await;
    let (entries, summary) = entries(&plan).await;
    assert!(plan.report.dry_run);
    assert_eq!(world.dump().await, before, "a plan changes nothing");
    assert_eq!(last(world).await, since);
    let report = world.run_of(&place.source).await;
    world.check().await;
    let wanted = portal::dump(&plan.copy).await;
    assert!(
        world.dump().await == wanted,
        "the catalogue is another than was planned"
    );
    assert_is_what_happened(&entries, &logged(world, since).await);
    assert_eq!(figures(&plan.report), figures(&report));
    (entries, summary, report)
}

fn figures(report: &RunReport) -> Value {
    let mut figures = serde_json::to_value(report).unwrap();
    for name in ["started", "finished", "dry_run", "reason"] {
        figures.as_object_mut().unwrap().remove(name);
    }
    figures
}

fn assert_is_what_happened(entries: &[Entry], log: &BTreeMap<String, What>) {
    let planned: BTreeMap<String, What> = entities(entries)
        .iter()
        .map(|entity| {
            let what = match entity.change {
                EntityChange::Created => What::Created,
                EntityChange::Updated => What::Updated,
                EntityChange::Withdrawn | EntityChange::Merged => What::Withdrawn,
                EntityChange::Restored => What::Restored,
                EntityChange::Separated => match log.get(&entity.iri) {
                    Some(What::Restored) => What::Restored,
                    _ => What::Created,
                },
            };
            (entity.iri.clone(), what)
        })
        .collect();
    assert_eq!(&planned, log);
}

fn own(world: &World, place: &Place, dataset: &Value) -> String {
    let id = RecordId::new(dataset["id"].as_str().unwrap());
    let minter = &world.workshop.minter;
    let iri = minter.record(model::EntityKind::Dataset, &place.source.id, &id);
    iri.into_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_created_changed_or_missing_is_told_property_by_property() {
    let (world, place) = (World::new().await, place("valmer"));
    place.portal.set((0..30).map(|n| dataset(n, "Titre")));
    let (all, summary, _) = planned_and_run(&world, &place).await;
    assert_eq!(
        (
            datasets(&all).len(),
            summary.entities["dataset"][&EntityChange::Created]
        ),
        (30, 30)
    );
    let first = datasets(&all)[0];
    assert!(first.title.as_deref().unwrap().starts_with("Titre ") && first.triples > 10);
    assert!(first.properties.is_empty() && first.records[0].starts_with("valmer/"));
    assert_eq!(summary.entities["organisation"][&EntityChange::Created], 1);

    let (nothing, summary, _) = planned_and_run(&world, &place).await;
    assert!(
        nothing.is_empty() && summary.entities.is_empty(),
        "{nothing:?}"
    );

    let mut changed = dataset(3, "Autre titre");
    changed["tags"] = json!(["eau", "marais"]);
    changed["resources"][0]["url"] = json!("https://fichiers.example/trois.csv");
    place.portal.put(changed.clone());
    place.portal.put(dataset(77, "Nouveau"));
    place.portal.remove(5);
    let (all, summary, report) = planned_and_run(&world, &place).await;
    assert_eq!((report.created, report.updated, report.missing), (1, 1, 1));
    let changes: Vec<_> = datasets(&all).iter().map(|one| one.change).collect();
    assert_eq!(changes.len(), 2);
    let iri = own(&world, &place, &changed);
    let updated = *datasets(&all).iter().find(|one| one.iri == iri).unwrap();
    assert_eq!(updated.title.as_deref(), Some("Autre titre 3"));
    let told: BTreeMap<&str, (&[String], &[String])> = (updated.properties.iter())
        .map(|one| (one.path.as_str(), (&one.removed[..], &one.added[..])))
        .collect();
    assert_eq!(
        told["dct:title"],
        (
            &["\"Titre 3\"@fr".to_owned()][..],
            &["\"Autre titre 3\"@fr".to_owned()][..]
        )
    );
    assert_eq!(
        told["dcat:keyword"],
        (
            &["\"foret\"@fr".to_owned()][..],
            &["\"marais\"@fr".to_owned()][..]
        )
    );
    let url = told["dcat:distribution / dcat:downloadURL"];
    assert_eq!(url.1, ["<https://fichiers.example/trois.csv>"]);
    let missing = format!("valmer/{:024x}", 5);
    assert_eq!(records(&all), [(RecordChange::Missing, missing.as_str())]);
    assert_eq!(
        (summary.records[&RecordChange::Missing], summary.run.missing),
        (1, 1)
    );
    assert!(summary.triples_added >= 3 && summary.triples_removed >= 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_held_or_comes_back_is_told() {
    let (world, place) = (World::new().await, place("valmer"));
    place.portal.set((0..10).map(|n| dataset(n, "Titre")));
    world.run_of(&place.source).await;
    let gone = place.portal.remove(9);
    planned_and_run(&world, &place).await;
    world.advance(TimeDelta::days(8));
    let (all, ..) = planned_and_run(&world, &place).await;
    assert_eq!(datasets(&all)[0].change, EntityChange::Withdrawn);
    assert_eq!(datasets(&all)[0].title.as_deref(), Some("Titre 9"));
    place.portal.put(gone);
    let (all, ..) = planned_and_run(&world, &place).await;
    assert_eq!(datasets(&all)[0].change, EntityChange::Restored);

    // More than a fifth at once.
    (0..5).for_each(|n| drop(place.portal.remove(n)));
    let (all, summary, report) = planned_and_run(&world, &place).await;
    let held: BTreeSet<String> = (0..5).map(|n| format!("valmer/{n:024x}")).collect();
    let told: BTreeSet<String> = (records(&all).into_iter())
        .inspect(|(change, _)| assert_eq!(*change, RecordChange::Held))
        .map(|(_, record)| record.to_owned())
        .collect();
    assert_eq!(
        (told, report.held, summary.records[&RecordChange::Held]),
        (held, 5, 5)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_not_complete_is_planned_as_it_is() {
    let (world, place) = (World::new().await, place("valmer"));
    place.portal.set((0..60).map(|n| dataset(n, "Titre")));
    world.run_of(&place.source).await;
    (0..60).for_each(|n| place.portal.put(dataset(n, "Autre titre")));
    place.portal.break_page(Some((2, Fault::Forbidden)));
    let (all, _, report) = planned_and_run(&world, &place).await;
    assert_eq!((report.outcome, report.missing), (Outcome::Partial, 0));
    assert_eq!(datasets(&all).len() as u64, report.updated);
    assert!((1..60).contains(&report.updated));
}

/// What an aggregator makes of a dataset.
fn copy_of(original: &Value, n: u64) -> Value {
    let mut copy = dataset(n, "Copie");
    copy["title"] = original["title"].clone();
    copy["page"] = json!(format!("https://national.example/datasets/{n}/"));
    copy["harvest"] = json!({ "backend": "udata", "domain": "valmer.example", "remote_id": original["id"], "remote_url": original["page"] });
    copy
}

fn original(n: u64) -> Value {
    let mut original = dataset(n, "Mares du Valmer");
    original["page"] = json!(format!("https://valmer.example/datasets/{n}/"));
    original
}

#[tokio::test(flavor = "multi_thread")]
async fn what_identity_makes_one_or_parts_is_told_with_the_rule() {
    let (world, owner, national) = (World::new().await, place("valmer"), place("national"));
    let mares = original(1);
    owner.portal.set([mares.clone()]);
    world.run_of(&owner.source).await;
    // A record that was never seen joins an entity of another source.
    let copied = copy_of(&mares, 7);
    national
        .portal
        .set([copied.clone(), dataset(8, "Tout autre chose")]);
    let (all, summary, _) = planned_and_run(&world, &national).await;
    let iri = own(&world, &owner, &mares);
    let joined = *datasets(&all).iter().find(|one| one.iri == iri).unwrap();
    assert_eq!((joined.change, summary.joined), (EntityChange::Updated, 1));
    let because = &joined.joined[0].because[0];
    let ours = format!("valmer/{}", mares["id"].as_str().unwrap());
    assert_eq!(
        (because.rule.as_str(), because.with.as_str()),
        ("identity/page", ours.as_str())
    );

    // What made them one is gone.
    let mut other = copied.clone();
    (other["harvest"], other["title"]) = (Value::Null, json!("Rien de tel"));
    other["resources"] = json!([]);
    national.portal.set([other, dataset(8, "Tout autre chose")]);
    let (all, ..) = planned_and_run(&world, &national).await;
    let apart = own(&world, &national, &copied);
    let parted = *datasets(&all).iter().find(|one| one.iri == apart).unwrap();
    assert_eq!(
        (parted.change, &parted.from[..]),
        (EntityChange::Separated, &[iri.clone()][..])
    );

    // And is there again: one becomes a part of the other.
    national
        .portal
        .set([copied, dataset(8, "Tout autre chose")]);
    let (all, ..) = planned_and_run(&world, &national).await;
    let merged = *datasets(&all).iter().find(|one| one.iri == apart).unwrap();
    assert_eq!(
        (merged.change, merged.into.as_deref()),
        (EntityChange::Merged, Some(iri.as_str()))
    );
}

/// A file in memory.
#[derive(Clone, Default)]
struct File(Arc<Mutex<Vec<u8>>>);

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Saves the plan of a run.
async fn saved(world: &World, place: &Place) -> (Vec<u8>, Vec<Entry>) {
    world.advance(TimeDelta::minutes(1));
    let file = File::default();
    let saving = Saving {
        sink: Box::new(file.clone()),
        moisson: VERSION.to_owned(),
        config: CONFIG.to_owned(),
    };
    let (plan, writer) = world.saved_plan_of(&place.source, Some(saving)).await;
    let (all, _) = entries(&plan).await;
    let mut writer = writer.unwrap();
    all.iter().for_each(|entry| writer.entry(entry).unwrap());
    writer.finish().unwrap();
    let bytes = file.0.lock().unwrap().clone();
    (bytes, all)
}

fn open(file: &[u8]) -> (PlanReader, Head) {
    PlanReader::begin(Box::new(Cursor::new(file.to_vec()))).unwrap()
}

fn check_file(file: &[u8]) -> Result<Head, harvest::plan::FileError> {
    PlanReader::check(Box::new(Cursor::new(file.to_vec())))
}

/// Applies a plan as the program does.
async fn apply(world: &World, place: &Place, file: &[u8]) -> Result<(Plan, RunReport), PlanError> {
    apply_as(world, place, file, VERSION, CONFIG).await
}

async fn apply_as(
    world: &World,
    place: &Place,
    file: &[u8],
    version: &str,
    config: &str,
) -> Result<(Plan, RunReport), PlanError> {
    world.advance(TimeDelta::minutes(1));
    let head = check_file(file)?;
    harvest::plan::check(&world.workshop.archive, &head, version, config).await?;
    let copy = world.copy().await;
    let (shown, _) = open(file);
    let again = (open(file).0, &head);
    let plan = harvest::plan::again(&world.workshop, copy, &place.source, again, shown).await?;
    let read = (open(file).0, &head);
    let done = harvest::plan::apply(&world.workshop, &place.source, read, |_| {}).await?;
    Ok((plan, done.report))
}

async fn refusal(world: &World, place: &Place, file: &[u8]) -> String {
    let before = (world.dump().await, last(world).await);
    let runs = world.workshop.archive.runs(None, 50).await.unwrap();
    let why = match apply(world, place, file).await {
        Err(PlanError::Stale(why, source)) => {
            assert_eq!(source, place.source.id);
            why
        }
        Err(other) => panic!("{other}"),
        Ok((_, report)) => panic!("{report:?}"),
    };
    assert_eq!((world.dump().await, last(world).await), before);
    assert_eq!(world.workshop.archive.runs(None, 50).await.unwrap(), runs);
    why
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_applied_without_asking_the_source_and_gives_what_was_shown() {
    let (world, owner, national) = (World::new().await, place("valmer"), place("national"));
    owner.portal.set([original(1)]);
    world.run_of(&owner.source).await;
    national.portal.set((10..40).map(|n| dataset(n, "Titre")));
    world.run_of(&national.source).await;
    national.portal.remove(39);
    world.run_of(&national.source).await;
    world.advance(TimeDelta::days(7) - TimeDelta::seconds(30));
    // One of each: new, new and a part of another, changed, refused, withdrawn, missing, twice.
    national.portal.put(dataset(40, "Nouveau"));
    national.portal.put(copy_of(&original(1), 41));
    national.portal.put(dataset(11, "Autre titre"));
    let mut untitled = dataset(12, "");
    untitled["title"] = "".into();
    national.portal.put(untitled);
    national.portal.remove(38);
    // On the page that has it already.
    national.portal.append(dataset(35, "Titre"));
    let (file, planned) = saved(&world, &national).await;
    let (since, asked) = (last(&world).await, check_file(&file).unwrap().asked);

    // The source is another by now, and is not asked; the period of grace of what was missing is that of the plan.
    national.portal.set([]);
    world.advance(TimeDelta::days(2));
    let (plan, report) = apply(&world, &national, &file).await.unwrap();
    assert_eq!(
        (
            report.outcome,
            report.created,
            report.refused,
            report.missing
        ),
        (Outcome::Complete, 1, 2, 1),
        "{report:?}"
    );
    assert_eq!(report.withdrawn, 1, "{report:?}");
    assert!(
        report
            .reason
            .as_deref()
            .unwrap()
            .contains("applied the plan")
    );
    assert_is_what_happened(&planned, &logged(&world, since).await);
    assert!(world.dump().await == portal::dump(&plan.copy).await);
    world.check().await;
    let archive = &world.workshop.archive;
    assert_eq!(archive.run(report.run).await.unwrap(), Some(report.clone()));
    // What changed since the source was asked is for the next run.
    let state = archive.source_state(&national.source.id).await.unwrap();
    assert_eq!(state.last_complete.unwrap().timestamp(), asked.timestamp());

    // It is a run as any other, and is not applied twice.
    let why = refusal(&world, &national, &file).await;
    assert!(
        why.contains(&format!("run {} of source `national`", report.run)),
        "{why}"
    );
    let before = world.dump().await;
    let undone = harvest::undo(&world.workshop, report.run, "fr", |_| {})
        .await
        .unwrap();
    assert_eq!(undone.outcome, Outcome::Complete);
    assert_ne!(world.dump().await, before);
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_a_run_that_was_not_complete_deletes_nothing() {
    let (world, place) = (World::new().await, place("valmer"));
    place.portal.set((0..60).map(|n| dataset(n, "Titre")));
    world.run_of(&place.source).await;
    place.portal.put(dataset(0, "Autre titre"));
    place.portal.break_page(Some((2, Fault::Html)));
    let (file, planned) = saved(&world, &place).await;
    let (plan, report) = apply(&world, &place, &file).await.unwrap();
    assert_eq!(
        (report.outcome, report.updated, report.missing),
        (Outcome::Partial, 1, 0)
    );
    assert_eq!(
        (plan.report.outcome, datasets(&planned).len()),
        (Outcome::Partial, 1)
    );
}

/// Two sources, and a plan for the second.
async fn two_with_a_plan() -> (World, Place, Place, Vec<u8>) {
    let (world, owner, national) = (World::new().await, place("valmer"), place("national"));
    owner.portal.set([original(1), dataset(2, "Autre chose")]);
    world.run_of(&owner.source).await;
    national
        .portal
        .set([dataset(8, "Titre"), dataset(9, "Titre")]);
    world.run_of(&national.source).await;
    national.portal.set([
        copy_of(&original(1), 7),
        dataset(8, "Titre"),
        dataset(9, "Corrigé"),
    ]);
    let (file, _) = saved(&world, &national).await;
    (world, owner, national, file)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_refused_after_another_run_of_its_source_or_a_rebuild() {
    let (world, _, national, file) = two_with_a_plan().await;
    world.run_of(&national.source).await;
    let why = refusal(&world, &national, &file).await;
    assert!(why.contains("came after it"), "{why}");
    let (world, _, national, file) = two_with_a_plan().await;
    world.rebuild().await;
    let why = refusal(&world, &national, &file).await;
    assert!(why.contains("came after it"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_for_one_version_one_configuration_and_one_archive() {
    let (world, _, national, file) = two_with_a_plan().await;
    for (version, config, wanted) in [
        ("0.0.1", CONFIG, "version 0.0.1"),
        (VERSION, "01", "the configuration of source `national`"),
    ] {
        match apply_as(&world, &national, &file, version, config).await {
            Err(PlanError::Stale(why, _)) => assert!(why.contains(wanted), "{why}"),
            other => panic!("{:?}", other.map(|(_, report)| report)),
        }
    }
    let (other, _, place, _) = two_with_a_plan().await;
    let why = refusal(&other, &place, &file).await;
    assert!(why.contains("another archive"), "{why}");
    apply(&world, &national, &file).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_refused_when_what_it_is_about_changed_otherwise_and_only_then() {
    // Another source changed what it is about.
    let (world, owner, national, file) = two_with_a_plan().await;
    let mut changed = original(1);
    changed["description"] = json!("Une tout autre description de ces mares.");
    owner.portal.put(changed);
    world.run_of(&owner.source).await;
    let why = refusal(&world, &national, &file).await;
    assert!(
        why.contains("something else would become of") && why.contains("of source `valmer`"),
        "{why}"
    );

    // And what it is not about.
    let (world, owner, national, file) = two_with_a_plan().await;
    owner.portal.put(dataset(2, "Encore autre chose"));
    world.run_of(&owner.source).await;
    apply(&world, &national, &file).await.unwrap();
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_refused_when_a_person_decided_otherwise_of_its_entities() {
    let key = |world: &World, place: &Place, dataset: &Value| {
        let base = world.workshop.minter.base();
        archive::EntityKey::of_iri(base, &own(world, place, dataset)).unwrap()
    };
    let (world, owner, national, file) = two_with_a_plan().await;
    let pair = [
        key(&world, &owner, &original(1)),
        key(&world, &national, &dataset(9, "Titre")),
    ];
    harvest::merge(&world.workshop, &pair, "les mêmes")
        .await
        .unwrap();
    let why = refusal(&world, &national, &file).await;
    assert!(why.contains("a person merged or split"), "{why}");

    let (world, owner, national, file) = two_with_a_plan().await;
    let pair = [
        key(&world, &owner, &dataset(2, "")),
        key(&world, &national, &dataset(8, "")),
    ];
    harvest::merge(&world.workshop, &pair, "les mêmes")
        .await
        .unwrap();
    apply(&world, &national, &file).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_refused_when_what_the_guard_held_was_released() {
    let (world, place) = (World::new().await, place("valmer"));
    place.portal.set((0..10).map(|n| dataset(n, "Titre")));
    world.run_of(&place.source).await;
    (0..5).for_each(|n| drop(place.portal.remove(n)));
    world.run_of(&place.source).await;
    let (file, planned) = saved(&world, &place).await;
    assert_eq!(records(&planned).len(), 5);
    let archive = &world.workshop.archive;
    assert!(
        archive
            .release(&place.source.id, Some("fermé"))
            .await
            .unwrap()
    );
    let why = refusal(&world, &place, &file).await;
    assert!(why.contains("a person released"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_damaged_or_cut_off_is_refused() {
    let (world, _, national, file) = two_with_a_plan().await;
    check_file(&file).unwrap();
    for cut in (0..file.len()).step_by(7).chain([file.len() - 1]) {
        assert!(check_file(&file[..cut]).is_err(), "cut off at {cut}");
    }
    for at in (0..file.len()).step_by(3) {
        let mut damaged = file.clone();
        damaged[at] ^= 0x10;
        // Of the frame of zstd, some bits have no meaning.
        if let Ok(head) = check_file(&damaged) {
            assert_eq!(head, check_file(&file).unwrap(), "damaged at {at}");
        }
    }
    let mut longer = file.clone();
    longer.push(0);
    assert!(check_file(&longer).is_err());
    let newer = [b"moisson-plan 9\n", &file[15..]].concat();
    let why = check_file(&newer).unwrap_err().to_string();
    assert!(why.contains("another version"), "{why}");
    let why = check_file(b"[connector.udata]\nurl = \"x\"")
        .unwrap_err()
        .to_string();
    assert!(why.contains("no plan"), "{why}");

    // What was changed by hand has another checksum.
    let text = unpacked(&file);
    let tampered = text.replace("Corrigé", "Modifié");
    assert_ne!(text, tampered);
    let why = check_file(&packed(&tampered)).unwrap_err().to_string();
    assert!(why.contains("checksum"), "{why}");
    check_file(&packed(&text)).unwrap();
    apply(&world, &national, &file).await.unwrap();
}

fn unpacked(file: &[u8]) -> String {
    String::from_utf8(zstd::decode_all(&file[15..]).unwrap()).unwrap()
}

fn packed(text: &str) -> Vec<u8> {
    let form = b"moisson-plan 1\n".to_vec();
    [form, zstd::encode_all(text.as_bytes(), 1).unwrap()].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_lies_about_lengths_takes_no_memory() {
    let (_, _, _, file) = two_with_a_plan().await;
    let text = unpacked(&file);
    let head = text.lines().next().unwrap();
    for lie in [
        format!(
            "{head}\n{{\"page\":{{\"records\":18446744073709551615,\"refused\":0,\"gone\":[],\"withheld\":[],\"findings\":[]}}}}\n"
        ),
        format!(
            "{head}\n{{\"page\":{{\"records\":1,\"refused\":0,\"gone\":[],\"withheld\":[],\"findings\":[]}}}}\n{{\"record\":{{\"id\":\"x\",\"format\":\"dcat\",\"bytes\":18446744073709551615}}}}\n"
        ),
        format!(
            "{head}\n{{\"page\":{{\"records\":1,\"refused\":0,\"gone\":[],\"withheld\":[],\"findings\":[]}}}}\n{{\"record\":{{\"id\":\"x\",\"format\":\"dcat\",\"checksum\":\"zz\"}}}}\n"
        ),
        head.to_owned(),
        format!("{head}\n{head}\n"),
        format!("{head}\n{{\"crawled\":{{}}}}\n"),
    ] {
        assert!(check_file(&packed(&lie)).is_err(), "{lie}");
    }
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

/// What two portals do in a night: the second has copies of what the first has, or other things under the same identifiers.
fn a_night(world: &World, [owner, national]: [&Place; 2], here: &mut Here, chance: &mut Chance) {
    for _ in 0..chance.below(6) {
        let n = chance.below(12);
        let mut original = original(n);
        original["title"] = json!(format!("Mares {n}, état {}", chance.below(2)));
        match chance.below(7) {
            0 if here.0.remove(&n) => drop(owner.portal.remove(n)),
            1 if here.1.remove(&n) => drop(national.portal.remove(50 + n)),
            2 | 3 => {
                here.0.insert(n);
                owner.portal.put(original);
            }
            4 => {
                here.1.insert(n);
                national.portal.put(dataset(50 + n, "Rien de tel"));
            }
            _ => {
                here.1.insert(n);
                national.portal.put(copy_of(&original, 50 + n));
            }
        }
    }
    let lost = (chance.below(5) == 0).then_some((1, Fault::Html));
    owner.portal.break_page(lost);
    world.advance(TimeDelta::days(chance.below(6) as i64));
}

type Here = (BTreeSet<u64>, BTreeSet<u64>);

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_portals_do_what_is_planned_is_what_happens() {
    let (mut applied, mut changed) = (0, 0);
    for seed in 0..6 {
        let mut chance = Chance(seed);
        let (world, owner, national) = (World::new().await, place("valmer"), place("national"));
        let mut here = Here::default();
        for _ in 0..10 {
            a_night(&world, [&owner, &national], &mut here, &mut chance);
            let place = [&owner, &national][chance.below(2) as usize];
            if chance.below(2) == 0 {
                let (entries, ..) = planned_and_run(&world, place).await;
                changed += entries.len();
                continue;
            }
            let (file, planned) = saved(&world, place).await;
            let since = last(&world).await;
            let (plan, _) = apply(&world, place, &file).await.unwrap();
            assert_is_what_happened(&planned, &logged(&world, since).await);
            let wanted = portal::dump(&plan.copy).await;
            assert!(world.dump().await == wanted, "seed {seed}");
            world.check().await;
            changed += planned.len();
            applied += 1;
        }
    }
    assert!(
        applied > 15 && changed > 60,
        "{applied} applied, {changed} changed"
    );
}
