//! Whatever happens at the sources, in whatever order: nothing is lost, doubled or wrongly withdrawn, and IRIs stay.
//!
//! A simple model says which datasets have to be in the catalogue. `PROPTEST_CASES` says how many sequences are tried.

mod portal;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use model::Outcome;
use portal::{Fault, Place, World, place};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::sync::Notify;

const SOURCES: [&str; 3] = ["region", "ville", "national"];
const DATASETS: usize = 4;
const WORDS: [&str; 3] = ["bleu", "vert", "rouge"];
const GRACE: i64 = 7;

/// What happens. Sources and datasets by number.
#[derive(Debug, Clone, Copy)]
enum Event {
    Appear(usize, usize),
    /// Its title changes.
    Change(usize, usize, usize),
    /// It gets another identifier, and perhaps another title.
    Rename(usize, usize, usize),
    Vanish(usize, usize),
    /// From one source to another.
    Move(usize, usize, usize),
    Run(usize),
    /// A run that gets no page.
    Fail(usize),
    /// A run whose source announces more than it has.
    Lie(usize),
    /// A run that is cut off, and a restart.
    Crash(usize),
    Days(i64),
    Rebuild,
}

fn event() -> impl Strategy<Value = Event> {
    let (s, d, w) = (0..SOURCES.len(), 0..DATASETS, 0..WORDS.len());
    prop_oneof![
        4 => (s.clone(), d.clone()).prop_map(|(s, d)| Event::Appear(s, d)),
        2 => (s.clone(), d.clone(), w.clone()).prop_map(|(s, d, w)| Event::Change(s, d, w)),
        2 => (s.clone(), d.clone(), w).prop_map(|(s, d, w)| Event::Rename(s, d, w)),
        3 => (s.clone(), d.clone()).prop_map(|(s, d)| Event::Vanish(s, d)),
        1 => (s.clone(), s.clone(), d).prop_map(|(a, b, d)| Event::Move(a, b, d)),
        8 => s.clone().prop_map(Event::Run),
        1 => s.clone().prop_map(Event::Fail),
        1 => s.clone().prop_map(Event::Lie),
        2 => s.prop_map(Event::Crash),
        3 => (1_i64..9).prop_map(Event::Days),
        1 => Just(Event::Rebuild),
    ]
}

/// A record as a source lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Listed {
    generation: usize,
    word: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Present,
    Missing(DateTime<Utc>),
    Withdrawn,
}

/// What has to be.
#[derive(Default)]
struct Model {
    listed: BTreeMap<(usize, usize), Listed>,
    generations: BTreeMap<(usize, usize), usize>,
    /// Of each record that was ever seen: source, dataset, generation.
    records: BTreeMap<(usize, usize, usize), State>,
    iris: BTreeMap<usize, String>,
}

impl Model {
    fn apply(&mut self, event: Event) {
        match event {
            Event::Appear(s, d) => {
                let generation = *self.generations.entry((s, d)).or_default();
                self.listed.entry((s, d)).or_insert(Listed {
                    generation,
                    word: 0,
                });
            }
            Event::Change(s, d, word) => {
                if let Some(listed) = self.listed.get_mut(&(s, d)) {
                    listed.word = word;
                }
            }
            Event::Rename(s, d, word) => {
                if let Some(listed) = self.listed.get_mut(&(s, d)) {
                    let generation = self.generations.entry((s, d)).or_default();
                    *generation += 1;
                    *listed = Listed {
                        generation: *generation,
                        word,
                    };
                }
            }
            Event::Vanish(s, d) => {
                self.listed.remove(&(s, d));
            }
            Event::Move(from, to, d) if self.listed.remove(&(from, d)).is_some() => {
                self.apply(Event::Appear(to, d));
            }
            _ => {}
        }
    }

    /// What a run that got every page saw.
    fn seen(&mut self, s: usize) {
        for ((_, d), listed) in self.listed.iter().filter(|((source, _), _)| *source == s) {
            self.records
                .insert((s, *d, listed.generation), State::Present);
        }
    }

    /// What a complete run means for the records that it did not see.
    fn absent(&mut self, s: usize, now: DateTime<Utc>) {
        for ((source, d, generation), state) in &mut self.records {
            let there = self
                .listed
                .get(&(s, *d))
                .is_some_and(|listed| listed.generation == *generation);
            if *source != s || there {
                continue;
            }
            match *state {
                State::Present => *state = State::Missing(now),
                State::Missing(since) if since <= now - TimeDelta::days(GRACE) => {
                    *state = State::Withdrawn;
                }
                _ => {}
            }
        }
    }

    /// The datasets that are in the catalogue, each with how often it may be there: a source that renamed a record seems to have
    /// two, until a complete run says that the first is gone.
    fn published(&self) -> BTreeMap<usize, usize> {
        let mut published = BTreeMap::new();
        for d in 0..DATASETS {
            let mut there: BTreeMap<usize, usize> = BTreeMap::new();
            let mut any = false;
            for ((source, dataset, _), state) in &self.records {
                if *dataset == d && *state != State::Withdrawn {
                    any = true;
                    if *state == State::Present {
                        *there.entry(*source).or_default() += 1;
                    }
                }
            }
            if any {
                published.insert(d, there.into_values().max().unwrap_or(1).max(1));
            }
        }
        published
    }
}

fn record(s: usize, d: usize, listed: Listed) -> Value {
    let source = SOURCES[s];
    let id = format!(
        "{:08x}{:08x}{:08x}",
        0xa000_0000_u32 + s as u32,
        d,
        listed.generation
    );
    json!({
        "id": id,
        "title": format!("Jeu {} {}", ["alpha", "beta", "gamma", "delta"][d], WORDS[listed.word]),
        "description": format!("Selon {source}."),
        "page": format!("https://{source}.example/datasets/{id}/"),
        "last_modified": "2024-05-06T07:08:09+00:00",
        "license": "lov2",
        "private": false,
        "harvest": { "backend": "csw", "domain": "geo.example", "remote_id": format!("4b11279{d}-181a-4af5-9f66-c0837f50cbfa") },
        "organization": { "id": "534fff75a3a7292c64a77de4", "name": "Syndicat du Valmer", "page": "https://valmer.example/" },
        "resources": [
            { "id": format!("00000000-0000-4000-8000-{d:012}"), "title": "Données", "url": format!("https://fichiers.example/{d}.csv"), "format": "csv" },
            { "id": format!("00000000-0000-4000-8001-{s:012}"), "title": source, "url": format!("https://{source}.example/{d}.zip"), "format": "zip" },
        ]
    })
}

struct Run {
    world: World,
    places: Vec<Place>,
    model: Model,
}

impl Run {
    async fn new() -> Self {
        let mut places: Vec<Place> = SOURCES.iter().map(|name| place(name)).collect();
        for place in &mut places {
            // The guard has tests of its own: here, what is absent is gone.
            place.source.guard.share = 1.0;
            place.source.guard.grace = TimeDelta::days(GRACE);
        }
        Self {
            world: World::new().await,
            places,
            model: Model::default(),
        }
    }

    async fn happen(&mut self, event: Event) {
        self.model.apply(event);
        match event {
            Event::Run(s) => self.run(s).await,
            Event::Fail(s) => {
                self.places[s].portal.break_page(Some((1, Fault::Html)));
                let report = self.world.run_of(&self.places[s].source).await;
                assert_eq!(report.outcome, Outcome::Failed);
                self.places[s].portal.break_page(None);
            }
            Event::Lie(s) => {
                self.list(s);
                let count = self
                    .model
                    .listed
                    .keys()
                    .filter(|(source, _)| *source == s)
                    .count();
                self.places[s].portal.announce(Some(count as u64 + 3));
                let report = self.world.run_of(&self.places[s].source).await;
                assert_ne!(report.outcome, Outcome::Complete);
                self.places[s].portal.announce(None);
                self.model.seen(s);
            }
            Event::Crash(s) => self.crash(s).await,
            Event::Days(days) => self.world.advance(TimeDelta::days(days)),
            Event::Rebuild => self.world.rebuild().await,
            _ => {}
        }
    }

    fn list(&self, s: usize) {
        let records = self
            .model
            .listed
            .iter()
            .filter(|((source, _), _)| *source == s)
            .map(|((_, d), listed)| record(s, *d, *listed));
        self.places[s].portal.set(records);
    }

    async fn run(&mut self, s: usize) {
        self.list(s);
        let report = self.world.run_of(&self.places[s].source).await;
        assert_eq!(report.outcome, Outcome::Complete);
        self.model.seen(s);
        self.model.absent(s, (self.world.workshop.clock)());
    }

    /// Cuts a run off behind its first batch, and starts again what a restart does.
    async fn crash(&mut self, s: usize) {
        self.list(s);
        self.world.advance(TimeDelta::minutes(1));
        let cut = Arc::new(Notify::new());
        let (world, source) = (&self.world, &self.places[s].source);
        let report = {
            let progress = |_: &model::RunReport| cut.notify_one();
            let run = harvest::run(
                &world.workshop,
                source,
                harvest::RunOptions::default(),
                progress,
            );
            tokio::select! {
                biased;
                () = cut.notified() => None,
                result = run => Some(result.expect("archive and store work").report),
            }
        };
        self.world.restart().await;
        let archive = &self.world.workshop.archive;
        let last = archive
            .runs(Some(&source.id), 1)
            .await
            .expect("runs")
            .remove(0);
        let now = (self.world.workshop.clock)();
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
            self.model.absent(s, last.finished.unwrap_or(now));
        } else {
            // The same run again decides; until then it is not known which part was written.
            self.run(s).await;
        }
    }

    async fn check(&mut self) {
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
            let d = ["alpha", "beta", "gamma", "delta"]
                .iter()
                .position(|name| titles[0].contains(name))
                .expect("a title of ours");
            found.entry(d).or_default().push(entity.to_owned());
        }
        let expected = self.model.published();
        let there: Vec<&usize> = found.keys().collect();
        assert_eq!(
            there,
            expected.keys().collect::<Vec<_>>(),
            "lost, or wrongly withdrawn"
        );
        for (d, iris) in found {
            assert!(iris.len() <= expected[&d], "{d} is doubled: {iris:?}");
            let first = self.model.iris.entry(d).or_insert_with(|| iris[0].clone());
            assert!(iris.contains(first), "{d} was {first} and is {iris:?}");
        }
    }
}

fn cases() -> u32 {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    wanted.and_then(|cases| cases.parse().ok()).unwrap_or(40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_doubled_or_wrongly_withdrawn(events in prop::collection::vec(event(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut run = Run::new().await;
            for event in events {
                run.happen(event).await;
                run.check().await;
            }
            run.world.check().await;
        });
    }
}
