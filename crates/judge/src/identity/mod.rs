//! Which records become one dataset, held against what is true.

mod bench;
mod card;
mod copies;
pub mod corpus;
mod friends;
mod measure;
mod namesakes;
mod portals;
mod render;
mod texts;
mod words;
mod world;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;
use model::SourceId;
use serde_json::{Value, json};

use bench::{Harvested, Shelf};
use card::{Card, Kept};
use measure::{Measure, Placed, share};
use portals::PORTALS;
use world::World;

/// What the issue of identity asks for.
pub const RECALL: f64 = 0.95;
const FOUND: f64 = 0.98;

pub struct Options {
    pub seeds: Vec<u64>,
    pub datasets: usize,
    pub limit: usize,
    pub json: bool,
    /// The share of the true pairs that has to be merged.
    pub recall: f64,
}

/// Measures one world for each seed. True if all are good enough.
pub fn run(options: &Options) -> Result<bool> {
    let runtime = runtime()?;
    let mut good = true;
    for seed in &options.seeds {
        let world = World::new(options.datasets, *seed);
        let shelves = shelves(&world, *seed)?;
        let harvested = runtime.block_on(bench::harvest(&shelves))?;
        let placed = placed(&world, &harvested)?;
        let measure = Measure::of(&placed, &harvested.perhaps, |a, b| kind(&world, a, b));
        good &= passes(&measure, options.recall);
        if options.json {
            println!("{}", summary(*seed, &measure));
        } else {
            print(*seed, &measure);
            let tell = |(a, b): &(usize, usize)| explain(&world, *a, *b, &harvested);
            println!("wrong merges: {}", measure.wrong.len());
            measure
                .wrong
                .iter()
                .take(options.limit)
                .try_for_each(tell)?;
            println!("one dataset, and not merged: {}", measure.apart.len());
            let direct = |(a, b): &&(usize, usize)| kind(&world, *a, *b).starts_with("copy:");
            measure
                .apart
                .iter()
                .filter(direct)
                .take(options.limit)
                .try_for_each(tell)?;
            println!("missed pairs: {}", measure.missed.len());
            measure
                .missed
                .iter()
                .take(options.limit)
                .try_for_each(tell)?;
            by_case(&world, &measure, &placed, &harvested);
        }
    }
    Ok(good)
}

/// Measures the shared corpus. True if nothing is left to be read.
pub fn run_corpus(options: &corpus::Options) -> Result<bool> {
    runtime()?.block_on(corpus::run(options))
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    Ok(builder.worker_threads(2).enable_all().build()?)
}

fn passes(measure: &Measure, recall: f64) -> bool {
    measure.wrong.is_empty()
        && share(measure.all.merged, measure.all.pairs) >= recall
        && share(measure.all.found, measure.all.pairs) >= FOUND
}

/// The portals with their records, in an order that the seed decides.
fn shelves(world: &World, seed: u64) -> Result<Vec<Shelf>> {
    let mut shelves = Vec::new();
    for (at, portal) in PORTALS.iter().enumerate() {
        let records = world
            .cards
            .iter()
            .filter(|card| card.portal == at)
            .map(render::record)
            .collect();
        shelves.push(Shelf::new(portal.name, records)?);
    }
    Rng::with_seed(seed ^ 0x0072_6465).shuffle(&mut shelves);
    Ok(shelves)
}

/// The records with what became of them, in the order of the cards.
fn placed(world: &World, harvested: &Harvested) -> Result<Vec<Placed>> {
    ensure!(
        harvested.refused == 0,
        "{} records of the world were refused",
        harvested.refused
    );
    let place = |card: &Card| {
        let source = SourceId::new(card.at().name)?;
        let record = render::record(card);
        let entity = harvested
            .entity(&source, &record)
            .with_context(|| format!("{source} {}: no entity", record.id))?;
        Ok(Placed {
            source,
            record: record.id,
            truth: card.thing,
            entity,
        })
    };
    world.cards.iter().map(place).collect()
}

/// How one of two records was made from the other.
fn kind(world: &World, a: usize, b: usize) -> String {
    let made_from = |one: &Card, other: usize| {
        one.origin
            .as_ref()
            .filter(|origin| origin.card == other)
            .cloned()
    };
    let (one, other) = (&world.cards[a], &world.cards[b]);
    if let Some(origin) = made_from(one, b).or_else(|| made_from(other, a)) {
        let edited = if origin.edited { ", title edited" } else { "" };
        return format!("copy: {}{edited}", origin.kept.name());
    }
    let (above, below) = (line(world, a), line(world, b));
    let apart = |one: &[usize], other: &[usize]| {
        let own = one.iter().take_while(|at| !other.contains(at));
        own.filter_map(|at| world.cards[*at].origin.as_ref())
            .any(|origin| origin.kept == Kept::Nothing)
    };
    let by_hand = match apart(&above, &below) || apart(&below, &above) {
        true => ", one entered by hand",
        false => "",
    };
    let kind = match (
        above.contains(&b) || below.contains(&a),
        one.portal == other.portal,
    ) {
        (true, _) => "copy of a copy",
        (_, true) => "twice on one portal",
        _ => "two copies",
    };
    format!("{kind}{by_hand}")
}

/// A card, what it was made from, and so on.
fn line(world: &World, at: usize) -> Vec<usize> {
    let origin = |at: &usize| world.cards[*at].origin.as_ref().map(|origin| origin.card);
    std::iter::successors(Some(at), origin).collect()
}

fn print(seed: u64, measure: &Measure) {
    println!(
        "seed {seed}: {} records of {} datasets on {} portals became {} entities",
        measure.records,
        measure.datasets,
        PORTALS.len(),
        measure.entities
    );
    println!(
        "{:<44} {:>7} {:>7} {:>8} {:>8}",
        "true pairs", "pairs", "merged", "recall", "found"
    );
    let line = |name: &str, of: &measure::Share| {
        println!(
            "{name:<44} {:>7} {:>7} {:>8.4} {:>8.4}",
            of.pairs,
            of.merged,
            share(of.merged, of.pairs),
            share(of.found, of.pairs)
        );
    };
    for (name, of) in &measure.kinds {
        line(name, of);
    }
    line("all", &measure.all);
    println!(
        "precision {:.4} ({} of {} merged pairs); proposals: {} pairs of records, {} of entities, {} right; {:.2} a true pair that is not merged",
        measure.precision(),
        measure.all.merged,
        measure.merged_pairs(),
        measure.proposals,
        measure.proposed_entities,
        measure.right_proposals,
        share(
            measure.proposed_entities,
            measure.all.pairs - measure.all.merged
        )
    );
}

fn summary(seed: u64, measure: &Measure) -> Value {
    let kinds: BTreeMap<&str, Value> = measure
        .kinds
        .iter()
        .map(|(name, of)| {
            (
                name.as_str(),
                json!({ "pairs": of.pairs, "merged": of.merged, "found": of.found }),
            )
        })
        .collect();
    json!({
        "seed": seed, "records": measure.records, "datasets": measure.datasets, "entities": measure.entities, "kinds": kinds,
        "pairs": measure.all.pairs, "merged": measure.all.merged, "found": measure.all.found, "wrong": measure.wrong.len(),
        "precision": measure.precision(), "recall": share(measure.all.merged, measure.all.pairs), "found_share": share(measure.all.found, measure.all.pairs),
        "proposals": measure.proposals, "proposed_entities": measure.proposed_entities, "right_proposals": measure.right_proposals,
    })
}

/// Wrong merges and wrong proposals, by what the datasets are examples of.
fn by_case(world: &World, measure: &Measure, placed: &[Placed], harvested: &Harvested) {
    let case = |at: usize| world.things[world.cards[at].thing].case;
    let mut cases: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for at in 0..placed.len() {
        cases.entry(case(at)).or_default()[0] += 1;
    }
    for (a, _) in &measure.wrong {
        cases.entry(case(*a)).or_default()[1] += 1;
    }
    let places: BTreeMap<(&str, &str), usize> = placed
        .iter()
        .enumerate()
        .map(|(at, one)| ((one.source.as_str(), one.record.as_str()), at))
        .collect();
    for proposal in &harvested.perhaps {
        let place = |party: &archive::Party| {
            places
                .get(&(party.source.as_str(), party.record.as_str()))
                .copied()
        };
        if let (Some(a), Some(b)) = (place(&proposal.a), place(&proposal.b))
            && placed[a].entity != placed[b].entity
            && placed[a].truth != placed[b].truth
        {
            cases.entry(case(a)).or_default()[2] += 1;
        }
    }
    println!(
        "{:<44} {:>7} {:>7} {:>8}",
        "datasets, by what they are examples of", "records", "wrong", "wrongly proposed"
    );
    for (case, [records, wrong, proposed]) in cases {
        println!("{case:<44} {records:>7} {wrong:>7} {proposed:>8}");
    }
}

/// Two records with what the rules know of them, and what was decided.
fn explain(world: &World, a: usize, b: usize, harvested: &Harvested) -> Result<()> {
    let (one, other) = (&world.cards[a], &world.cards[b]);
    println!("- {} | {}", kind(world, a, b), world.things[one.thing].case);
    for card in [one, other] {
        let record = render::record(card);
        let facts = bench::facts(&SourceId::new(card.at().name)?, &record)?;
        println!(
            "    {} {}: {}",
            card.at().name,
            record.id,
            facts.as_ref().map_or_else(String::new, bench::told)
        );
    }
    let is = |party: &archive::Party, card: &Card| {
        party.source.as_str() == card.at().name && party.record.as_str() == render::record_id(card)
    };
    for decided in harvested.same.iter().chain(&harvested.perhaps) {
        let (a, b) = (&decided.a, &decided.b);
        if is(a, one) && is(b, other) || is(a, other) && is(b, one) {
            println!(
                "    {} by {}: {:?}, titles {:.2}",
                decided.relation.as_str(),
                decided.rule.name(),
                decided.shared,
                decided.likeness
            );
        }
    }
    Ok(())
}
