//! Which of a few records are one dataset, when each pair has been compared.

use std::collections::HashSet;

use crate::judge::Rule;

/// Records of one entity of which two of a portal may have come twice: chains of them grow no further.
const MOST_TWICE: usize = 50;

/// A record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node<'a> {
    pub source: &'a str,
    /// It is in its source now. One that has left keeps its place, so that what comes after it gets its IRI.
    pub active: bool,
}

/// Two records that are certainly one, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    pub a: usize,
    pub b: usize,
    pub rule: Rule,
}

/// What a person said of two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Will {
    pub a: usize,
    pub b: usize,
    pub same: bool,
}

/// Parts the records into those that are one. What a person said wins; then evidence, the strongest first. Two records of one
/// source come together only where they are one by evidence of their own, since a portal knows its datasets apart; or where both are
/// one with a third by a rule under which they can be one dataset that came twice. What records say of themselves brings parts
/// together only where no two of their records contradict each other.
///
/// The parts come sorted, each from the least number.
pub fn partition(
    nodes: &[Node<'_>],
    edges: &[Edge],
    wills: &[Will],
    contradict: impl Fn(usize, usize) -> bool,
    twice: impl Fn(usize, usize, Rule) -> bool,
) -> Vec<Vec<usize>> {
    let mut parts: Vec<Vec<usize>> = (0..nodes.len()).map(|node| vec![node]).collect();
    let mut part_of: Vec<usize> = (0..nodes.len()).collect();
    let mut sorted: Vec<Edge> = wills
        .iter()
        .filter(|will| will.same)
        .map(|will| Edge {
            a: will.a,
            b: will.b,
            rule: Rule::Person,
        })
        .chain(edges.iter().copied())
        .collect();
    sorted.sort_by_key(|edge| (edge.rule, edge.a.min(edge.b), edge.a.max(edge.b)));
    let ordered = |a: usize, b: usize| (a.min(b), a.max(b));
    let joining: HashSet<(usize, usize)> =
        sorted.iter().map(|edge| ordered(edge.a, edge.b)).collect();
    let parting: HashSet<(usize, usize)> = wills
        .iter()
        .filter(|will| !will.same)
        .map(|will| ordered(will.a, will.b))
        .collect();
    let joined = |a: usize, b: usize| joining.contains(&ordered(a, b));
    let parted = |a: usize, b: usize| parting.contains(&ordered(a, b));
    for edge in &sorted {
        let (Some(&one), Some(&other)) = (part_of.get(edge.a), part_of.get(edge.b)) else {
            continue;
        };
        if one == other {
            continue;
        }
        let (Some(left), Some(right)) = (parts.get(one), parts.get(other)) else {
            continue;
        };
        let is_large = left.len() + right.len() > MOST_TWICE;
        let clash = |a: usize, b: usize| {
            let both = nodes.get(a).zip(nodes.get(b));
            let rivals = both.is_some_and(|(a, b)| a.active && b.active && a.source == b.source);
            parted(a, b)
                || rivals
                    && edge.rule != Rule::Person
                    && !joined(a, b)
                    && (is_large || !twice(a, b, edge.rule))
                || edge.rule == Rule::Description && contradict(a, b)
        };
        if left.iter().any(|a| right.iter().any(|b| clash(*a, *b))) {
            continue;
        }
        let (keep, give) = (one.min(other), one.max(other));
        let given = parts.get_mut(give).map(std::mem::take).unwrap_or_default();
        for node in &given {
            if let Some(part) = part_of.get_mut(*node) {
                *part = keep;
            }
        }
        if let Some(part) = parts.get_mut(keep) {
            part.extend(given);
            part.sort_unstable();
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.sort();
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: Node<'_> = Node {
        source: "a",
        active: true,
    };
    const B: Node<'_> = Node {
        source: "b",
        active: true,
    };
    const C: Node<'_> = Node {
        source: "c",
        active: true,
    };

    fn edge(a: usize, b: usize) -> Edge {
        Edge {
            a,
            b,
            rule: Rule::Page,
        }
    }

    fn partition(nodes: &[Node<'_>], edges: &[Edge], wills: &[Will]) -> Vec<Vec<usize>> {
        super::partition(nodes, edges, wills, |_, _| false, |_, _, _| false)
    }

    #[test]
    fn what_contradicts_one_of_a_part_is_not_brought_in_by_words_alone() {
        let edges = |rule| [edge(0, 1), Edge { rule, ..edge(1, 2) }];
        let apart = |a, b| (a, b) == (0, 2) || (b, a) == (0, 2);
        let parts = |rule| super::partition(&[A, B, C], &edges(rule), &[], apart, |_, _, _| false);
        assert_eq!(parts(Rule::Description), [vec![0, 1], vec![2]]);
        assert_eq!(parts(Rule::Identifier), [vec![0, 1, 2]]);
    }

    #[test]
    fn a_chain_is_one_unless_it_joins_two_of_a_portal() {
        assert_eq!(
            partition(&[A, B, C], &[edge(0, 1), edge(1, 2)], &[]),
            [vec![0, 1, 2]]
        );
        assert_eq!(
            partition(&[A, B, A], &[edge(0, 1), edge(1, 2)], &[]),
            [vec![0, 1], vec![2]]
        );
        assert_eq!(
            partition(&[A, B, A], &[edge(0, 1), edge(1, 2), edge(0, 2)], &[]),
            [vec![0, 1, 2]]
        );
        let gone = Node { active: false, ..A };
        assert_eq!(
            partition(&[gone, B, A], &[edge(0, 1), edge(1, 2)], &[]),
            [vec![0, 1, 2]]
        );
    }

    #[test]
    fn two_of_a_portal_that_are_one_with_a_third_may_be_one_that_came_twice() {
        let parts = |rule| {
            super::partition(
                &[A, B, A],
                &[Edge { rule, ..edge(0, 1) }, Edge { rule, ..edge(1, 2) }],
                &[],
                |_, _| false,
                |_, _, rule| rule == Rule::Identifier,
            )
        };
        assert_eq!(parts(Rule::Identifier), [vec![0, 1, 2]]);
        assert_eq!(parts(Rule::Page), [vec![0, 1], vec![2]]);
    }

    #[test]
    fn a_chain_of_what_came_twice_ends() {
        let nodes = vec![A; 200];
        let edges: Vec<Edge> = (1..200).map(|n| edge(n - 1, n)).collect();
        let parts = super::partition(&nodes, &edges, &[], |_, _| false, |_, _, _| true);
        assert!(parts.iter().all(|part| part.len() <= MOST_TWICE));
        assert!(parts.len() >= 200 / MOST_TWICE);
    }

    #[test]
    fn stronger_evidence_comes_first() {
        let strong = Edge {
            rule: Rule::Identifier,
            ..edge(1, 2)
        };
        assert_eq!(
            partition(&[A, B, A], &[edge(0, 1), strong], &[]),
            [vec![0], vec![1, 2]]
        );
    }

    #[test]
    fn a_person_wins() {
        let will = |a, b, same| Will { a, b, same };
        assert_eq!(
            partition(&[A, B], &[edge(0, 1)], &[will(0, 1, false)]),
            [vec![0], vec![1]]
        );
        assert_eq!(partition(&[A, A], &[], &[will(1, 0, true)]), [vec![0, 1]]);
        assert_eq!(
            partition(
                &[A, B, C],
                &[edge(0, 1), edge(1, 2), edge(0, 2)],
                &[will(0, 2, false)]
            ),
            [vec![0, 1], vec![2]]
        );
    }

    proptest! {
        #[test]
        fn every_record_is_in_one_part(edges in prop::collection::vec((0_usize..8, 0_usize..8), 0..20), wills in prop::collection::vec((0_usize..8, 0_usize..8, any::<bool>()), 0..6)) {
            let sources = ["a", "b", "c", "a", "b", "d", "e", "a"];
            let nodes: Vec<Node<'_>> = sources.iter().map(|source| Node { source, active: true }).collect();
            let edges: Vec<Edge> = edges.into_iter().filter(|(a, b)| a != b).map(|(a, b)| edge(a, b)).collect();
            let wills: Vec<Will> = wills.into_iter().filter(|(a, b, _)| a != b).map(|(a, b, same)| Will { a, b, same }).collect();
            let parts = partition(&nodes, &edges, &wills);
            let mut all: Vec<usize> = parts.iter().flatten().copied().collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..8).collect::<Vec<_>>());
            for will in wills.iter().filter(|will| !will.same) {
                prop_assert!(!parts.iter().any(|part| part.contains(&will.a) && part.contains(&will.b)));
            }
            // The order of what is known does not matter.
            let mut turned = edges.clone();
            turned.reverse();
            prop_assert_eq!(parts, partition(&nodes, &turned, &wills));
        }
    }
}
