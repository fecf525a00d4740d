//! The comparison.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use model::Mapped;
use oxrdf::NamedOrBlankNode;
use serde::Serialize;

use crate::cases::{self, Case};
use crate::decisions::{Decisions, Side};
use crate::{describe, ours};

pub struct Options {
    pub case: Option<String>,
    pub json: bool,
    pub limit: usize,
    pub explained: bool,
    pub corpus: PathBuf,
    pub decisions: PathBuf,
}

#[derive(Serialize)]
struct Outcome {
    case: String,
    /// Why the case could not be compared: the record is refused, or the reference is no graph.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_compared: Option<String>,
    same: usize,
    differences: Vec<Difference>,
}

#[derive(Serialize)]
struct Difference {
    side: Side,
    path: String,
    /// The decision that explains it.
    decision: Option<String>,
}

/// Compares every case; says whether every difference is explained.
pub fn run(options: &Options) -> Result<bool> {
    let decisions = Decisions::read(&options.decisions)?;
    let cases = cases::all(&options.corpus)?;
    let chosen = cases.iter().filter(|case| {
        options
            .case
            .as_deref()
            .is_none_or(|part| case.name.contains(part))
    });
    let outcomes = chosen
        .map(|case| compare(case, &decisions))
        .collect::<Result<Vec<_>>>()?;
    let unexplained = outcomes
        .iter()
        .flat_map(|outcome| &outcome.differences)
        .filter(|difference| difference.decision.is_none())
        .count();
    if options.json {
        println!("{}", serde_json::to_string_pretty(&outcomes)?);
    } else {
        outcomes.iter().for_each(|outcome| print(outcome, options));
        summary(&outcomes, &decisions, options.case.is_none());
    }
    Ok(unexplained == 0)
}

fn compare(case: &Case, decisions: &Decisions) -> Result<Outcome> {
    let mut outcome = Outcome {
        case: case.name.clone(),
        not_compared: None,
        same: 0,
        differences: Vec::new(),
    };
    let body = std::fs::read(&case.input).with_context(|| case.input.display().to_string())?;
    let mapped = match ours::clean("a", &body, false)? {
        Ok(mapped) => mapped,
        Err(error) => {
            outcome.not_compared = Some(format!("refused: {}: {}", error.rule, error.message));
            return Ok(outcome);
        }
    };
    let theirs = match theirs(case) {
        Ok(theirs) => theirs,
        Err(error) => {
            outcome.not_compared = Some(format!("the reference cannot be read: {error:#}"));
            return Ok(outcome);
        }
    };
    let ours = our_paths(&mapped);
    outcome.same = ours.intersection(&theirs).count();
    for (side, mine, other) in [
        (Side::Missing, &theirs, &ours),
        (Side::Added, &ours, &theirs),
    ] {
        for path in mine.difference(other) {
            let decision = decisions
                .explain(&case.name, side, path, other)
                .map(|decision| decision.id.clone());
            outcome.differences.push(Difference {
                side,
                path: path.clone(),
                decision,
            });
        }
    }
    Ok(outcome)
}

fn theirs(case: &Case) -> Result<BTreeSet<String>> {
    // The same record in the other encoding.
    if case
        .expected
        .extension()
        .is_some_and(|extension| extension == "xml")
        && !case.expected.to_string_lossy().ends_with("_dcat.xml")
    {
        let mapped = ours::clean("a", &std::fs::read(&case.expected)?, false)?
            .map_err(|error| anyhow::anyhow!(error))?;
        return Ok(our_paths(&mapped));
    }
    let graph = cases::reference(&case.expected)?;
    let root = describe::resource(&graph).context("there is no resource in it")?;
    let inside =
        |node: &NamedOrBlankNode| matches!(node, NamedOrBlankNode::BlankNode(_)) || is_part(node);
    Ok(describe::paths(&graph, &root, &inside))
}

/// Parts of a resource that a reference gives addresses: its distributions, agents and contacts.
fn is_part(node: &NamedOrBlankNode) -> bool {
    let NamedOrBlankNode::NamedNode(node) = node else {
        return false;
    };
    [
        "reference.example",
        "www.geocat.ch",
        "bafu.admin.ch",
        "data.geus.dk",
        "klimadatastyrelsen",
    ]
    .iter()
    .any(|host| node.as_str().contains(host))
}

fn our_paths(mapped: &Mapped) -> BTreeSet<String> {
    let Some(entity) = mapped.entities.first() else {
        return BTreeSet::new();
    };
    let graph = describe::graph(
        mapped
            .entities
            .iter()
            .flat_map(|entity| entity.triples.iter().cloned()),
    );
    let base = "https://judge.example/";
    describe::paths(
        &graph,
        &NamedOrBlankNode::from(entity.iri.clone()),
        &|node| matches!(node, NamedOrBlankNode::NamedNode(node) if node.as_str().starts_with(base)),
    )
}

fn print(outcome: &Outcome, options: &Options) {
    let unexplained = outcome
        .differences
        .iter()
        .filter(|difference| difference.decision.is_none())
        .count();
    if let Some(reason) = &outcome.not_compared {
        println!("{}\n  not compared: {reason}", outcome.case);
        return;
    }
    println!(
        "{}\n  {} the same, {} differ, {unexplained} without a reason",
        outcome.case,
        outcome.same,
        outcome.differences.len()
    );
    let shown = outcome
        .differences
        .iter()
        .filter(|difference| options.explained || difference.decision.is_none());
    for difference in shown.take(options.limit) {
        let sign = if difference.side == Side::Missing {
            '-'
        } else {
            '+'
        };
        println!(
            "  {sign} {}{}",
            difference.path,
            difference
                .decision
                .as_ref()
                .map(|id| format!("   [{id}]"))
                .unwrap_or_default()
        );
    }
}

fn summary(outcomes: &[Outcome], decisions: &Decisions, whole: bool) {
    let mut used: BTreeMap<String, usize> = BTreeMap::new();
    let (mut same, mut unexplained) = (0, 0);
    for outcome in outcomes {
        same += outcome.same;
        for difference in &outcome.differences {
            match &difference.decision {
                Some(id) => *used.entry(id.clone()).or_default() += 1,
                None => unexplained += 1,
            }
        }
    }
    let compared = outcomes
        .iter()
        .filter(|outcome| outcome.not_compared.is_none())
        .count();
    println!(
        "\n{} cases, {compared} compared; {same} paths the same, {} differences explained, {unexplained} not",
        outcomes.len(),
        used.values().sum::<usize>()
    );
    for (id, count) in &used {
        println!("  {count:6} {id}");
    }
    if whole {
        for decision in decisions.unused(&used) {
            println!("  unused: {} ({})", decision.id, decision.reason);
        }
    }
}
