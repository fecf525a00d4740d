//! Labels of blank nodes that depend on nothing but what is said of them.

use std::collections::HashMap;

use model::Checksum;

use crate::closure::Limits;
use crate::graph::Graph;

/// How far a label looks: nodes that differ only beyond are one node.
const ROUNDS: usize = 16;

/// A label for each blank node of the graph, by the triples about it and about the blank nodes that these lead to. Those in `fixed` keep
/// theirs, and those that no closure enters count for nothing. Nodes that say the same become one, which says no less.
///
/// Each round looks one triple further. A node whose label the last round did not change keeps it for ever, so that the rounds may stop
/// early without making the label depend on other nodes.
pub fn labels(
    graph: &Graph,
    fixed: &HashMap<u32, String>,
    limits: &Limits,
) -> HashMap<u32, String> {
    let mut hashes: HashMap<u32, Checksum> = HashMap::new();
    let mut blank: Vec<u32> = Vec::new();
    for id in (0..graph.size()).filter_map(|id| u32::try_from(id).ok()) {
        if let Some(label) = fixed.get(&id) {
            hashes.insert(id, Checksum::of(label.as_bytes()));
        } else if graph.is_blank(id) {
            hashes.insert(id, Checksum::of(b"_"));
            blank.push(id);
        }
    }
    let mut ground: HashMap<u32, Checksum> = HashMap::new();
    for _ in 0..ROUNDS {
        let next: Vec<Checksum> = blank
            .iter()
            .map(|node| hash(graph, *node, &hashes, &mut ground, limits))
            .collect();
        let mut changed = false;
        for (node, new) in blank.iter().zip(next) {
            changed |= hashes.insert(*node, new) != Some(new);
        }
        if !changed {
            break;
        }
    }
    let mut labels: HashMap<u32, String> = blank
        .iter()
        .filter_map(|node| Some((*node, format!("b{}", hashes.get(node)?))))
        .collect();
    labels.extend(fixed.iter().map(|(id, label)| (*id, label.clone())));
    labels
}

fn hash(
    graph: &Graph,
    node: u32,
    hashes: &HashMap<u32, Checksum>,
    ground: &mut HashMap<u32, Checksum>,
    limits: &Limits,
) -> Checksum {
    let mut of = |id: u32| match hashes.get(&id) {
        Some(hash) => *hash,
        None => *ground.entry(id).or_insert_with(|| {
            Checksum::of(
                graph
                    .term(id)
                    .map(ToString::to_string)
                    .unwrap_or_default()
                    .as_bytes(),
            )
        }),
    };
    let mut parts: Vec<(Checksum, Checksum)> = graph
        .about(node)
        .iter()
        .filter(|[_, predicate, object]| limits.keeps(graph, *predicate, *object))
        .map(|[_, predicate, object]| (of(*predicate), of(*object)))
        .collect();
    parts.sort_unstable();
    // Two children that have become one count once, as in the lines that come of them.
    parts.dedup();
    let bytes: Vec<u8> = parts
        .iter()
        .flat_map(|(predicate, object)| predicate.as_bytes().iter().chain(object.as_bytes()))
        .copied()
        .collect();
    Checksum::of(&bytes)
}
