//! One dataset that several portals have is one entity.

mod portal;

use archive::{Decision, EntityKey, RecordKey, Relation};
use chrono::TimeDelta;
use model::{EntityKind, RecordId};
use portal::{Place, World, place};
use serde_json::{Value, json};

/// A dataset on its own portal.
fn original(host: &str, n: u64, title: &str) -> Value {
    json!({
        "id": format!("{host:a>12}{n:012x}").replace(|c: char| !c.is_ascii_hexdigit(), "e"),
        "title": title,
        "description": format!("Ce que dit {host} de {title}."),
        "page": format!("https://{host}.example/datasets/{n}/"),
        "last_modified": "2024-05-06T07:08:09+00:00",
        "license": "lov2",
        "private": false,
        "organization": { "id": "534fff75a3a7292c64a77de4", "name": "Syndicat du Valmer", "page": "https://valmer.example/" },
        "resources": [
            { "id": format!("00000000-0000-4000-8000-{n:012}"), "title": "Données", "url": format!("https://fichiers.example/{n}.csv"), "format": "csv" }
        ]
    })
}

/// What an aggregator makes of it: another identifier, and where it has it from.
fn copy(of: &Value, host: &str, from: &str, n: u64) -> Value {
    let mut copy = of.clone();
    copy["id"] = json!(format!("{:024x}", 0xabc0_0000_0000_0000_u64 + n));
    copy["page"] = json!(format!("https://{host}.example/datasets/{n}/"));
    copy["description"] = json!("Copie.");
    copy["tags"] = json!(["copie"]);
    copy["harvest"] = json!({ "backend": "udata", "domain": format!("{from}.example"), "remote_id": of["id"], "remote_url": of["page"] });
    copy
}

struct Two {
    world: World,
    owner: Place,
    national: Place,
}

impl Two {
    async fn new() -> Self {
        Self {
            world: World::new().await,
            owner: place("valmer"),
            national: place("national"),
        }
    }

    async fn owner_runs(&self) {
        self.world.run_of(&self.owner.source).await;
        self.world.check().await;
    }

    async fn national_runs(&self) {
        self.world.run_of(&self.national.source).await;
        self.world.check().await;
    }

    /// Runs until what is absent is withdrawn.
    async fn without(&self, of: &Place) {
        self.world.run_of(&of.source).await;
        // That a portal has nothing at all, only a person can say.
        let archive = &self.world.workshop.archive;
        archive.release(&of.source.id, None).await.expect("said");
        self.world.run_of(&of.source).await;
        self.world.advance(TimeDelta::days(8));
        self.world.run_of(&of.source).await;
        self.world.check().await;
    }

    async fn datasets(&self) -> Vec<String> {
        let dump = self.world.dump().await;
        let listed =
            "<https://donnees.example.org/catalogue> <http://www.w3.org/ns/dcat#dataset> <";
        dump.lines()
            .filter_map(|line| line.strip_prefix(listed))
            .map(|line| line.trim_end_matches("> .").to_owned())
            .collect()
    }

    fn record(place: &Place, dataset: &Value) -> RecordKey {
        let id = RecordId::new(dataset["id"].as_str().expect("an identifier"));
        RecordKey::new(&place.source.id, &id)
    }

    fn own(&self, place: &Place, dataset: &Value) -> String {
        let id = RecordId::new(dataset["id"].as_str().expect("an identifier"));
        self.world
            .workshop
            .minter
            .record(EntityKind::Dataset, &place.source.id, &id)
            .into_string()
    }
}

fn values<'a>(dump: &'a str, predicate: &str) -> Vec<&'a str> {
    let predicate = format!("{predicate}> ");
    dump.lines()
        .filter(|line| line.contains("/dataset/"))
        .filter_map(|line| line.split_once(&predicate))
        .map(|(_, object)| object.trim_end_matches(" ."))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_joins_its_original() {
    let two = Two::new().await;
    let mares = original("valmer", 1, "Mares du Valmer");
    two.owner.portal.set([mares.clone()]);
    two.national
        .portal
        .set([copy(&mares, "national", "valmer", 7)]);
    two.owner_runs().await;
    let alone = two.world.dump().await;
    two.national_runs().await;
    assert_eq!(two.datasets().await, [two.own(&two.owner, &mares)]);
    let dump = two.world.dump().await;
    assert_eq!(
        values(&dump, "terms/description"),
        ["\"Ce que dit valmer de Mares du Valmer.\"@fr"]
    );
    assert_eq!(
        values(&dump, "terms/identifier")
            .iter()
            .filter(|value| value.contains("eeee"))
            .count(),
        1
    );
    assert_eq!(values(&dump, "dcat#distribution").len(), 1);
    // What only the copy says is not lost.
    assert_eq!(values(&dump, "dcat#keyword"), ["\"copie\"@fr"]);
    assert!(
        values(&dump, "core#notation")
            .iter()
            .any(|value| value.contains("abc0000000000007")),
        "{dump}"
    );

    // It leaves, and nothing of it is left.
    two.national.portal.set([]);
    two.without(&two.national).await;
    assert_eq!(two.world.dump().await, alone);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_original_that_comes_after_its_copy_gives_the_words_and_keeps_the_iri() {
    let two = Two::new().await;
    let mares = original("valmer", 1, "Mares du Valmer");
    let copied = copy(&mares, "national", "valmer", 7);
    two.national.portal.set([copied.clone()]);
    two.national_runs().await;
    assert!(two.world.dump().await.contains("Copie."));
    two.owner.portal.set([mares.clone()]);
    two.owner_runs().await;
    assert_eq!(two.datasets().await, [two.own(&two.national, &copied)]);
    assert!(!two.world.dump().await.contains("\"Copie.\""));

    // A change of the owner's shows; one of the copy's, where the owner says something, does not.
    let mut changed = mares.clone();
    changed["description"] = json!("Nouvelle description.");
    two.owner.portal.set([changed]);
    two.owner_runs().await;
    let dump = two.world.dump().await;
    assert_eq!(
        values(&dump, "terms/description"),
        ["\"Nouvelle description.\"@fr"]
    );
    let mut other = copied.clone();
    other["description"] = json!("Autre copie.");
    two.national.portal.set([other]);
    two.national_runs().await;
    assert_eq!(two.world.dump().await, dump);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entity_lives_as_long_as_one_portal_has_it_and_comes_back_under_its_iri() {
    let two = Two::new().await;
    let mares = original("valmer", 1, "Mares du Valmer");
    let copied = copy(&mares, "national", "valmer", 7);
    let iri = two.own(&two.owner, &mares);
    two.owner.portal.set([mares.clone()]);
    two.national.portal.set([copied.clone()]);
    two.owner_runs().await;
    two.national_runs().await;
    two.owner.portal.set([]);
    two.without(&two.owner).await;
    assert_eq!(two.datasets().await, std::slice::from_ref(&iri));
    assert!(two.world.dump().await.contains("\"Copie.\""));
    two.national.portal.set([]);
    two.without(&two.national).await;
    assert!(two.datasets().await.is_empty());
    // The portal that it was not minted for has it again.
    two.national.portal.set([copied]);
    two.national_runs().await;
    assert_eq!(two.datasets().await, std::slice::from_ref(&iri));
    two.owner.portal.set([mares]);
    two.owner_runs().await;
    assert_eq!(two.datasets().await, [iri]);
    assert!(!two.world.dump().await.contains("\"Copie.\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_that_moves_to_another_portal_after_it_left_the_first_keeps_its_iri() {
    let two = Two::new().await;
    let mares = original("valmer", 1, "Mares du Valmer");
    let iri = two.own(&two.owner, &mares);
    two.owner.portal.set([mares.clone()]);
    two.owner_runs().await;
    two.owner.portal.set([]);
    two.without(&two.owner).await;
    assert!(two.datasets().await.is_empty());
    two.national
        .portal
        .set([copy(&mares, "national", "valmer", 7)]);
    two.national_runs().await;
    assert_eq!(two.datasets().await, [iri]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_were_published_apart_become_one_and_the_younger_iri_leads_to_the_elder() {
    let two = Two::new().await;
    let mares = original("valmer", 1, "Mares du Valmer");
    let mut other = copy(&mares, "national", "valmer", 7);
    other["harvest"] = Value::Null;
    other["title"] = json!("Tout autre chose");
    other["resources"] = json!([]);
    two.owner.portal.set([mares.clone()]);
    two.national.portal.set([other.clone()]);
    two.owner_runs().await;
    two.national_runs().await;
    let (elder, younger) = (two.own(&two.owner, &mares), two.own(&two.national, &other));
    let mut both = vec![elder.clone(), younger.clone()];
    both.sort();
    assert_eq!(two.datasets().await, both);
    let apart = two.world.dump().await;

    two.national
        .portal
        .set([copy(&mares, "national", "valmer", 7)]);
    two.national_runs().await;
    assert_eq!(two.datasets().await, std::slice::from_ref(&elder));
    let archive = &two.world.workshop.archive;
    let key = EntityKey::of_iri(two.world.workshop.minter.base(), &younger).expect("our IRI");
    let into = archive
        .merged_into(key)
        .await
        .expect("an answer")
        .expect("merged");
    assert_eq!(into.iri(two.world.workshop.minter.base()), elder);

    // What made them one is gone: each has what it had.
    two.national.portal.set([other]);
    two.national_runs().await;
    assert_eq!(two.datasets().await, both);
    assert_eq!(two.world.dump().await, apart);
    assert_eq!(archive.merged_into(key).await.expect("an answer"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_gives_new_identifiers_with_each_harvest_leaves_nothing_crowded() {
    let two = Two::new().await;
    let mares = original("valmer", 1, "Mares du Valmer");
    let iri = two.own(&two.owner, &mares);
    two.owner.portal.set([mares.clone()]);
    two.owner_runs().await;
    let titles = [
        "Arbres remarquables",
        "Bornes de recharge",
        "Déchèteries",
        "Écoles",
        "Gares",
        "Halles",
        "Lavoirs",
    ];
    let others = titles
        .iter()
        .zip(20..)
        .map(|(title, n)| original("national", n, title));
    let others: Vec<Value> = others.collect();
    for n in 0..60 {
        let mut all = others.clone();
        all.push(copy(&mares, "national", "valmer", 100 + n));
        two.national.portal.set(all);
        two.world.run_of(&two.national.source).await;
        two.world.advance(TimeDelta::days(8));
    }
    two.national_runs().await;
    let datasets = two.datasets().await;
    assert_eq!(datasets.len(), 1 + titles.len());
    assert!(datasets.contains(&iri));
    // The last of them all leaves: what is left of it is the owner's.
    two.national.portal.set(others);
    two.without(&two.national).await;
    assert_eq!(two.datasets().await, datasets);
    two.owner.portal.set([]);
    two.without(&two.owner).await;
    assert!(!two.datasets().await.contains(&iri));
}

/// Two records of the national portal that give the owner's file: none of them is named by it.
async fn two_with_one_file() -> (Two, Value, [Value; 2]) {
    let two = Two::new().await;
    let mares = original("valmer", 1, "Mares du Valmer");
    let [one, other] = [7, 8].map(|n| {
        let mut copied = copy(&mares, "national", "valmer", n);
        copied["harvest"] = Value::Null;
        copied
    });
    two.owner.portal.set([mares.clone()]);
    two.national.portal.set([one.clone(), other.clone()]);
    two.owner_runs().await;
    two.national_runs().await;
    assert_eq!(two.datasets().await.len(), 3);
    (two, mares, [one, other])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_record_loses_names_the_one_that_is_left() {
    let (two, mares, [one, mut other]) = two_with_one_file().await;
    other["title"] = json!("Tout autre chose");
    other["resources"] = json!([]);
    two.national.portal.set([one, other.clone()]);
    two.national_runs().await;
    let mut both = vec![two.own(&two.owner, &mares), two.own(&two.national, &other)];
    both.sort();
    assert_eq!(two.datasets().await, both);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_portal_hides_at_once_names_the_one_that_is_left() {
    let (two, mares, [one, mut other]) = two_with_one_file().await;
    other["private"] = json!(true);
    two.national.portal.set([one, other]);
    two.national_runs().await;
    assert_eq!(two.datasets().await, [two.own(&two.owner, &mares)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_says_wins_and_stays() {
    let two = Two::new().await;
    let mares = original("valmer", 1, "Mares du Valmer");
    let copied = copy(&mares, "national", "valmer", 7);
    two.owner.portal.set([mares.clone()]);
    two.national.portal.set([copied.clone()]);
    two.owner_runs().await;
    two.national_runs().await;
    let merged = two.world.dump().await;
    let archive = &two.world.workshop.archive;
    let (a, b) = (
        Two::record(&two.owner, &mares),
        Two::record(&two.national, &copied),
    );
    let decision = Decision {
        a,
        b,
        same: false,
        reason: "deux millésimes".to_owned(),
    };
    let now = (two.world.workshop.clock)();
    let changes = archive.decide(&[decision], now).await.expect("decided");
    assert!(!changes.is_empty());
    assert_eq!(two.datasets().await.len(), 2);

    let mut again = copied.clone();
    again["description"] = json!("Récrite.");
    two.national.portal.set([again]);
    two.world.run_of(&two.national.source).await;
    assert_eq!(two.datasets().await.len(), 2);
    two.world.rebuild().await;
    assert_eq!(two.datasets().await.len(), 2);
    let decided = archive
        .decisions(Relation::Apart, 10)
        .await
        .expect("decisions");
    assert_eq!(decided[0].reason.as_deref(), Some("deux millésimes"));

    two.national.portal.set([copied]);
    two.world.run_of(&two.national.source).await;
    let (was, _) = archive.undecide(a, b, now).await.expect("undecided");
    assert!(was);
    assert_eq!(two.world.dump().await, merged);
}

#[tokio::test(flavor = "multi_thread")]
async fn false_friends_stay_apart_and_like_ones_are_proposed() {
    let two = Two::new().await;
    let ours: Vec<Value> = (0..6)
        .map(|n| original("valmer", n, "Plan local d'urbanisme"))
        .collect();
    let theirs: Vec<Value> = (10..16)
        .map(|n| {
            let mut dataset = original("national", n, "Plan local d'urbanisme");
            dataset["organization"] = json!({ "id": format!("{n:024x}"), "name": format!("Commune {n}"), "page": format!("https://commune-{n}.example/") });
            dataset
        })
        .collect();
    // One that fits all of ours, and one that fits one of them best.
    let any = original("national", 20, "Plan local d’urbanisme (PLU)");
    let schools = original("valmer", 6, "Écoles publiques");
    let like = original("national", 21, "Écoles publiques du Valmer");
    two.owner
        .portal
        .set(ours.into_iter().chain([schools.clone()]));
    two.national
        .portal
        .set(theirs.into_iter().chain([any, like.clone()]));
    two.owner_runs().await;
    two.national_runs().await;
    assert_eq!(two.datasets().await.len(), 15);
    let archive = &two.world.workshop.archive;
    assert!(
        archive
            .decisions(Relation::Same, 10)
            .await
            .expect("decisions")
            .is_empty()
    );
    let asked = archive
        .decisions(Relation::Perhaps, 50)
        .await
        .expect("decisions");
    let records: Vec<&str> = asked
        .iter()
        .flat_map(|pair| [pair.a.record.as_str(), pair.b.record.as_str()])
        .collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
    for dataset in [&schools, &like] {
        assert!(
            records.contains(&dataset["id"].as_str().expect("an identifier")),
            "{records:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn title_publisher_and_description_name_a_dataset_as_long_as_one_of_each_portal_has_them() {
    let two = Two::new().await;
    let said = "Relevés de terrain menés par le bureau d’études, calés sur le parcellaire et contrôlés par échantillon.";
    let with = |host: &str, n: u64, said: &str| {
        let mut dataset = original(host, n, "Mares du Valmer");
        dataset["description"] = json!(said);
        dataset
    };
    let ours = with("valmer", 1, said);
    let by_hand = with("national", 7, said);
    let (elder, younger) = (two.own(&two.owner, &ours), two.own(&two.national, &by_hand));
    two.owner.portal.set([ours]);
    two.national.portal.set([by_hand.clone()]);
    two.owner_runs().await;
    two.national_runs().await;
    assert_eq!(two.datasets().await, std::slice::from_ref(&elder));
    let merged = two.world.dump().await;

    // A second one that says the same: which of both is ours, nobody knows.
    let second = with("national", 8, said);
    two.national.portal.set([by_hand.clone(), second.clone()]);
    two.national_runs().await;
    let mut apart = vec![
        elder.clone(),
        younger.clone(),
        two.own(&two.national, &second),
    ];
    apart.sort();
    assert_eq!(two.datasets().await, apart);
    let archive = &two.world.workshop.archive;
    let same = archive
        .decisions(Relation::Same, 10)
        .await
        .expect("decisions");
    assert!(same.is_empty(), "{same:?}");
    let asked = archive
        .decisions(Relation::Perhaps, 10)
        .await
        .expect("decisions");
    assert!(!asked.is_empty());
    let dump = two.world.dump().await;
    two.world.rebuild().await;
    assert_eq!(two.world.dump().await, dump);

    // It leaves, and all is as it was.
    two.national.portal.set([by_hand.clone()]);
    two.without(&two.national).await;
    assert_eq!(two.datasets().await, std::slice::from_ref(&elder));
    assert_eq!(two.world.dump().await, merged);
    let key = EntityKey::of_iri(two.world.workshop.minter.base(), &younger).expect("our IRI");
    let into = archive
        .merged_into(key)
        .await
        .expect("an answer")
        .expect("merged");
    assert_eq!(into.iri(two.world.workshop.minter.base()), elder);

    // One of that name which says something else changes nothing.
    let third = with("national", 9, "Mares du Valmer, seconde campagne.");
    two.national.portal.set([by_hand, third.clone()]);
    two.national_runs().await;
    let mut both = vec![elder, two.own(&two.national, &third)];
    both.sort();
    assert_eq!(two.datasets().await, both);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_of_a_record_that_has_its_answer() {
    let two = Two::new().await;
    let mares = original("valmer", 1, "Mares du Valmer");
    let copied = copy(&mares, "national", "valmer", 7);
    let like = original("national", 9, "Mares du Valmer, inventaire");
    two.owner.portal.set([mares]);
    two.national.portal.set([copied, like.clone()]);
    two.owner_runs().await;
    two.national_runs().await;
    let archive = &two.world.workshop.archive;
    let of = async |relation| archive.decisions(relation, 10).await.expect("decisions");
    assert_eq!(of(Relation::Same).await.len(), 1);
    let asked = of(Relation::Perhaps).await;
    assert!(asked.is_empty(), "{asked:?}");
    // The answer leaves, and the next one may be it.
    two.national.portal.set([like]);
    two.without(&two.national).await;
    assert_eq!(of(Relation::Perhaps).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_changes_nothing() {
    let two = Two::new().await;
    let ours: Vec<Value> = (0..30)
        .map(|n| original("valmer", n, &format!("Jeu {n}")))
        .collect();
    let theirs: Vec<Value> = ours
        .iter()
        .step_by(2)
        .zip(0..)
        .map(|(dataset, n)| copy(dataset, "national", "valmer", n))
        .collect();
    two.national.portal.set(theirs);
    two.owner.portal.set(ours);
    two.national_runs().await;
    two.owner_runs().await;
    assert_eq!(two.datasets().await.len(), 30);
    let dump = two.world.dump().await;
    two.world.rebuild().await;
    assert_eq!(two.world.dump().await, dump);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_does_not_enter_again() {
    let two = Two::new().await;
    let mares = original("valmer", 1, "Mares du Valmer");
    two.owner.portal.set([mares.clone()]);
    two.owner_runs().await;
    let ours = two.own(&two.owner, &mares);
    // A portal that harvested this catalogue, and one that harvested that portal.
    let mut once = original("national", 7, "Mares du Valmer (copie)");
    once["harvest"] = json!({ "backend": "DCAT", "domain": "donnees.example.org", "remote_id": ours, "uri": ours });
    let mut twice = original("national", 8, "Mares");
    twice["harvest"] = json!({ "backend": "DCAT", "domain": "autre.example", "remote_id": "x-1", "remote_url": format!("{ours}.html") });
    let other = original("national", 9, "Forêts");
    let before = two.world.dump().await;
    two.national.portal.set([once.clone(), twice]);
    for _ in 0..3 {
        let report = two.world.run_of(&two.national.source).await;
        assert_eq!(
            (
                report.created,
                report.updated,
                report.unchanged,
                report.refused
            ),
            (0, 0, 2, 0)
        );
        assert_eq!(
            two.world.findings(&report).await,
            ["identity/own-record", "identity/own-record"]
        );
        assert_eq!(two.world.dump().await, before);
    }
    // One that had entered before it said where it is from leaves.
    two.national.portal.set([other.clone()]);
    two.national_runs().await;
    assert_eq!(two.datasets().await.len(), 2);
    let mut known = other;
    known["harvest"] = once["harvest"].clone();
    two.national.portal.set([known]);
    two.national_runs().await;
    assert_eq!(two.datasets().await, [ours]);
    assert_eq!(two.world.dump().await, before);
}

#[tokio::test]
async fn a_link_that_two_sources_state_alike_outlives_the_record_that_one_of_them_means() {
    let two = Two::new().await;
    for place in [&two.owner, &two.national] {
        place
            .portal
            .set([portal::dataset(1, "Mares"), portal::dataset(2, "Étangs")]);
        place.portal.serve_service(&[1]);
    }
    let served = async || {
        let dump = two.world.dump().await;
        dump.matches("ns/dcat#servesDataset>").count()
    };
    two.owner_runs().await;
    two.national_runs().await;
    assert_eq!(two.datasets().await.len(), 2, "each of them is one");
    assert_eq!(served().await, 1);
    two.owner.portal.remove(1);
    two.without(&two.owner).await;
    assert_eq!(two.datasets().await.len(), 2);
    assert_eq!(served().await, 1, "the other source states it as well");
}
