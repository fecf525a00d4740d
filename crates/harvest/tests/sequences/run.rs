//! What happens, done to an instance, and compared with the model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use archive::{EntityKey, NotUndoable, RecordKey};
use chrono::{DateTime, TimeDelta, Utc};
use harvest::{DecideError, HarvestError, RunOptions};
use model::{Outcome, RecordId, RunId};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::event::{Event, GUARDED, Mark, NAMES, SOURCES, WORDS};
use crate::model::{Before, GRACE, Listed, Model, Moment, Record};
use crate::portal::{Fault, Place, World, place};

pub struct Run {
    pub world: World,
    places: Vec<Place>,
    model: Model,
    /// By how much the clock is ahead.
    ahead: TimeDelta,
    /// The last run of each source, if it can be undone.
    last: BTreeMap<usize, (RunId, Before)>,
    iris: BTreeMap<usize, String>,
    /// What persons said of pairs of records.
    apart: BTreeSet<(Record, Record)>,
    same: BTreeSet<(Record, Record)>,
    /// Datasets of which a person said that they are one with another one, or more than one: their first one among them.
    class: Vec<usize>,
    told: BTreeSet<usize>,
}

fn id((s, d, generation): Record) -> String {
    format!("{:08x}{d:08x}{generation:08x}", 0xa000_0000_u32 + s as u32)
}

fn body(s: usize, d: usize, listed: Listed) -> Value {
    let source = SOURCES[s];
    let id = id((s, d, listed.generation));
    json!({
        "id": id,
        "title": format!("Jeu {} {}", NAMES[d], WORDS[listed.word]),
        "description": format!("Selon {source}."),
        "page": format!("https://{source}.example/datasets/{id}/"),
        "last_modified": "2024-05-06T07:08:09+00:00",
        "license": "lov2",
        "private": listed.mark == Mark::Private,
        "deleted": (listed.mark == Mark::Deleted).then_some("2026-01-02T03:04:05+00:00"),
        "harvest": { "backend": "csw", "domain": "geo.example", "remote_id": format!("4b11279{d}-181a-4af5-9f66-c0837f50cbfa") },
        "organization": { "id": "534fff75a3a7292c64a77de4", "name": "Syndicat du Valmer", "page": "https://valmer.example/" },
        "resources": [
            { "id": format!("00000000-0000-4000-8000-{d:012}"), "title": "Données", "url": format!("https://fichiers.example/{d}.csv"), "format": "csv" },
            { "id": format!("00000000-0000-4000-8001-{s:012}"), "title": source, "url": format!("https://{source}.example/{d}.zip"), "format": "zip" },
        ]
    })
}

impl Run {
    pub async fn new() -> Self {
        let mut places: Vec<Place> = SOURCES.iter().map(|name| place(name)).collect();
        for (s, place) in places.iter_mut().enumerate() {
            // Its counting of runs that agree has tests of its own.
            (place.source.guard.share, place.source.guard.agree) = match s {
                GUARDED => (0.0, 1_000),
                _ => (1.0, 1),
            };
            place.source.guard.grace = GRACE;
        }
        Self {
            world: World::new().await,
            places,
            model: Model::default(),
            ahead: TimeDelta::zero(),
            last: BTreeMap::new(),
            iris: BTreeMap::new(),
            apart: BTreeSet::new(),
            same: BTreeSet::new(),
            class: (0..NAMES.len()).collect(),
            told: BTreeSet::new(),
        }
    }

    pub async fn happen(&mut self, event: Event) {
        self.model.apply(event);
        match event {
            Event::Run(s) => self.run(s).await,
            Event::Fail(s) => {
                self.places[s].portal.break_page(Some((1, Fault::Html)));
                let report = self.world.run_of(&self.places[s].source).await;
                assert_eq!(report.outcome, Outcome::Failed);
                self.places[s].portal.break_page(None);
            }
            Event::Lie(s) => self.lie(s).await,
            Event::Crash(s) => self.crash(s).await,
            Event::Undo(s) => self.undo(s).await,
            Event::Release(s) => {
                let id = &self.places[s].source.id;
                let released = self.world.workshop.archive.release(id, Some("vu")).await;
                assert_eq!(released.expect("said"), self.model.held);
                self.model.released |= self.model.held;
            }
            Event::Split(s, d) => self.split(s, d).await,
            Event::Merge(a, b) => self.merge(a, b).await,
            Event::Days(days) => self.world.advance(TimeDelta::days(days)),
            Event::Jump(days) => {
                self.ahead += TimeDelta::days(days);
                self.world.advance(TimeDelta::days(days));
            }
            Event::Rebuild => self.world.rebuild().await,
            _ => {}
        }
    }

    fn list(&self, s: usize) -> u64 {
        let own = self
            .model
            .listed
            .iter()
            .filter(|((source, _), _)| *source == s);
        let records: Vec<Value> = own.map(|((_, d), listed)| body(s, *d, *listed)).collect();
        let count = records.len() as u64;
        self.places[s].portal.set(records);
        count
    }

    async fn run(&mut self, s: usize) {
        self.list(s);
        let before = self.model.before(s);
        let report = self.world.run_of(&self.places[s].source).await;
        assert_eq!(report.outcome, Outcome::Complete);
        self.model.seen(s);
        let at = self.moment(s, report.run, self.now()).await;
        self.model.absent(s, at);
        self.last.insert(s, (report.run, before));
    }

    async fn lie(&mut self, s: usize) {
        let count = self.list(s);
        let before = self.model.before(s);
        self.places[s].portal.announce(Some(count + 3));
        let report = self.world.run_of(&self.places[s].source).await;
        assert_ne!(report.outcome, Outcome::Complete);
        self.places[s].portal.announce(None);
        self.model.seen(s);
        self.last.insert(s, (report.run, before));
    }

    fn now(&self) -> DateTime<Utc> {
        (self.world.workshop.clock)()
    }

    /// When a run decided, and whether the runs since the source was last seen whole stand close enough together.
    async fn moment(&self, s: usize, run: RunId, now: DateTime<Utc>) -> Moment {
        let archive = &self.world.workshop.archive;
        let runs = archive.runs(None, 1_000).await.expect("runs");
        let earlier: Vec<_> = runs.iter().filter(|known| known.run <= run).collect();
        let whole: Vec<_> = earlier
            .iter()
            .filter(|known| known.run < run && known.source == self.places[s].source.id)
            .filter(|known| known.full && known.outcome == Outcome::Complete)
            .collect();
        let since = whole.first().map_or(run, |last| last.run);
        let mut times = vec![now];
        times.extend(
            earlier
                .iter()
                .filter(|known| known.run >= since)
                .map(|known| known.started),
        );
        let gap = times.windows(2).map(|pair| pair[0] - pair[1]).max();
        let gap = gap.unwrap_or_default();
        let usual = match whole.as_slice() {
            [last, before, ..] => last.started - before.started,
            _ => TimeDelta::zero(),
        };
        let seldom = gap <= TimeDelta::days(400) && gap <= usual * 2;
        Moment {
            now,
            truly: now - self.ahead,
            watched: gap <= TimeDelta::days(31) || seldom,
        }
    }

    /// Cuts a run off behind its first batch, and starts again what a restart does.
    async fn crash(&mut self, s: usize) {
        self.list(s);
        self.world.advance(TimeDelta::minutes(1));
        let cut = Arc::new(Notify::new());
        let (world, source) = (&self.world, &self.places[s].source);
        let report = {
            let progress = |_: &model::RunReport| cut.notify_one();
            let run = harvest::run(&world.workshop, source, RunOptions::default(), progress);
            tokio::select! {
                biased;
                () = cut.notified() => None,
                result = run => Some(result.expect("archive and store work").report),
            }
        };
        self.world.restart().await;
        let archive = &self.world.workshop.archive;
        let source = &self.places[s].source;
        let last = archive
            .runs(Some(&source.id), 1)
            .await
            .expect("runs")
            .remove(0);
        let now = self.now();
        if report.is_none() && last.outcome == Outcome::Running {
            archive
                .fail_run(last.run, now, "cut off")
                .await
                .expect("noted");
        }
        let last = archive
            .run(last.run)
            .await
            .expect("a run")
            .expect("it is kept");
        if last.outcome == Outcome::Complete {
            self.model.seen(s);
            let at = self.moment(s, last.run, last.finished.unwrap_or(now)).await;
            self.model.absent(s, at);
        } else {
            // The same run again decides; until then it is not known which part was written.
            self.run(s).await;
        }
        // What it changed, it perhaps changed in two parts.
        self.last.remove(&s);
    }

    async fn undo(&mut self, s: usize) {
        let Some((run, before)) = self.last.remove(&s) else {
            return;
        };
        match harvest::undo(&self.world.workshop, run, "fr", |_| {}).await {
            Ok(report) => assert_eq!(report.outcome, Outcome::Complete),
            Err(HarvestError::Archive(archive::ArchiveError::NotUndoable(
                NotUndoable::Nothing(_),
            ))) => return,
            Err(error) => panic!("{error}"),
        }
        let id = &self.places[s].source.id;
        let resumed = self.world.workshop.archive.resume(id).await;
        assert!(resumed.expect("said"));
        self.model.undo(s, before);
    }

    fn key(&self, record: Record) -> RecordKey {
        RecordKey::new(&self.places[record.0].source.id, &RecordId::new(id(record)))
    }

    /// The entities of those of the records that are in the catalogue.
    async fn entity(&self, record: Record) -> Option<EntityKey> {
        let key = self.key(record);
        let known = self.world.workshop.archive.known(&[key]).await;
        known.expect("known").get(&key)?.entity
    }

    /// The records of an entity, as the model names them.
    async fn members(&self, entity: EntityKey) -> Vec<Record> {
        let members = self.world.workshop.archive.members_of(entity).await;
        let keys: BTreeSet<_> = members
            .expect("members")
            .iter()
            .map(|member| member.key)
            .collect();
        let known = self.model.records.keys().copied();
        known
            .filter(|record| keys.contains(&self.key(*record)))
            .collect()
    }

    async fn split(&mut self, s: usize, d: usize) {
        let Some(record) = self.model.a_record(Some(s), d) else {
            return;
        };
        let entity = self.entity(record).await.expect("an entity");
        let others: Vec<Record> = self.members(entity).await;
        let (source, name) = (&self.places[s].source.id, RecordId::new(id(record)));
        match harvest::split(&self.world.workshop, entity, source, &name, "autre jeu").await {
            Ok(_) => {}
            Err(DecideError::Refused(_)) => return,
            Err(error) => panic!("{error}"),
        }
        self.same.retain(|(a, b)| *a != record && *b != record);
        for other in others.into_iter().filter(|other| *other != record) {
            self.apart.insert(pair(record, other));
        }
        self.told.insert(self.class[d]);
    }

    async fn merge(&mut self, a: usize, b: usize) {
        let (Some(one), Some(other)) = (self.model.a_record(None, a), self.model.a_record(None, b))
        else {
            return;
        };
        let one = self.entity(one).await.expect("an entity");
        let other = self.entity(other).await.expect("an entity");
        let (of_one, of_other) = (self.members(one).await, self.members(other).await);
        if one == other {
            return;
        }
        let merged = harvest::merge(&self.world.workshop, &[one, other], "le meme").await;
        for x in &of_one {
            for y in &of_other {
                self.apart.remove(&pair(*x, *y));
                // What is still apart is so because of what was said of others of their records.
                if merged.is_ok() {
                    self.same.insert(pair(*x, *y));
                }
            }
        }
        match merged {
            Ok(_) | Err(DecideError::Refused(_)) => {}
            Err(error) => panic!("{error}"),
        }
        let (to, from) = (
            self.class[a].min(self.class[b]),
            self.class[a].max(self.class[b]),
        );
        for class in &mut self.class {
            if *class == from {
                *class = to;
            }
        }
        self.told.extend([to, from]);
    }

    /// The entities of the catalogue, by dataset.
    async fn found(&self) -> BTreeMap<usize, Vec<String>> {
        let dump = self.world.dump().await;
        let listed = "<https://donnees.example.org/catalogue> <http://www.w3.org/ns/dcat#dataset> ";
        let entities: BTreeSet<&str> = dump
            .lines()
            .filter_map(|line| line.strip_prefix(listed))
            .map(|line| line.trim_end_matches(" ."))
            .collect();
        let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for entity in entities {
            let titles: Vec<&str> = dump
                .lines()
                .filter_map(|line| {
                    line.strip_prefix(entity)?
                        .strip_prefix(" <http://purl.org/dc/terms/title> ")
                })
                .collect();
            assert_eq!(titles.len(), 1, "one title: {titles:?}");
            let d = NAMES
                .iter()
                .position(|name| titles[0].contains(name))
                .expect("a title of ours");
            found.entry(d).or_default().push(entity.to_owned());
        }
        found
    }

    pub async fn check(&mut self) {
        let found = self.found().await;
        let expected = self.model.published();
        let classes = |datasets: &mut dyn Iterator<Item = &usize>| -> BTreeSet<usize> {
            datasets.map(|d| self.class[*d]).collect()
        };
        assert_eq!(
            classes(&mut found.keys()),
            classes(&mut expected.keys()),
            "lost, or wrongly withdrawn"
        );
        for class in classes(&mut found.keys()) {
            let own = |d: &usize| self.class[*d] == class;
            let iris: Vec<&String> = found
                .iter()
                .filter(|(d, _)| own(d))
                .flat_map(|(_, iris)| iris)
                .collect();
            let most: usize = expected
                .iter()
                .filter(|(d, _)| own(d))
                .map(|(_, n)| n)
                .sum();
            // Each record that a person set apart may stand alone.
            let alone: BTreeSet<&Record> = self
                .apart
                .iter()
                .flat_map(|(a, b)| [a, b])
                .filter(|(_, d, _)| own(d))
                .collect();
            assert!(
                iris.len() <= most + alone.len(),
                "{class} is doubled: {iris:?}"
            );
            if self.told.contains(&class) {
                continue;
            }
            let first = self.iris.entry(class).or_insert_with(|| iris[0].clone());
            assert!(
                iris.contains(&&*first),
                "{class} was {first} and is {iris:?}"
            );
        }
        self.check_decisions().await;
    }

    /// What persons said holds, whatever was harvested since.
    async fn check_decisions(&self) {
        let there = |record: &Record| {
            let state = self.model.records.get(record);
            state.is_some_and(|state| *state != crate::model::State::Withdrawn)
        };
        for (pairs, wanted) in [(&self.apart, false), (&self.same, true)] {
            for (a, b) in pairs.iter().filter(|(a, b)| there(a) && there(b)) {
                let is_one = self.entity(*a).await == self.entity(*b).await;
                assert_eq!(is_one, wanted, "{a:?} and {b:?}");
            }
        }
    }
}

fn pair(a: Record, b: Record) -> (Record, Record) {
    (a.min(b), a.max(b))
}
