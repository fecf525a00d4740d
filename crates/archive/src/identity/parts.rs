//! Which of the records that were compared are one.

use std::collections::HashMap;

use identity::{Edge, KeyKind, Node, Rule, Will, contradict, may_be_twice, partition};

use super::group::{Judged, Member, name};
use super::index::COMMON;

/// Which of the records are one.
pub(super) fn parts(members: &[Member], judged: &[Judged], wills: &[Will]) -> Vec<Vec<usize>> {
    let nodes: Vec<Node<'_>> = members
        .iter()
        .map(|member| Node {
            source: member.source.as_str(),
            active: member.active && member.present,
        })
        .collect();
    let apart = |a: usize, b: usize| {
        let both = members.get(a).zip(members.get(b));
        both.is_some_and(|(a, b)| contradict(&a.facts, &b.facts))
    };
    let names = Names::of(members);
    let edges: Vec<Edge> = judged
        .iter()
        .filter(|pair| pair.certain)
        .filter(|pair| pair.evidence.rule != Rule::Description || names.tell(members, pair, apart))
        .map(|pair| Edge {
            a: pair.a,
            b: pair.b,
            rule: pair.evidence.rule,
        })
        .collect();
    let twice = |a: usize, b: usize, rule: Rule| {
        let both = members.get(a).zip(members.get(b));
        both.is_some_and(|(a, b)| may_be_twice(&a.facts, &b.facts, rule))
    };
    partition(&nodes, &edges, wills, apart, twice)
}

/// Who bears each title with its publisher.
struct Names<'a>(HashMap<&'a str, Vec<usize>>);

impl<'a> Names<'a> {
    fn of(members: &'a [Member]) -> Self {
        let mut names: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, member) in members.iter().enumerate() {
            if let Some(name) = name(member).filter(|_| member.present) {
                names.entry(name).or_default().push(at);
            }
        }
        Self(names)
    }

    /// Whether name and description of two records can be one dataset's: no two that have both, on whatever portal, contradict each
    /// other. Of records at the rim not all that bear it are known: these stay as they are.
    fn tell(
        &self,
        members: &[Member],
        pair: &Judged,
        apart: impl Fn(usize, usize) -> bool,
    ) -> bool {
        let (Some(a), Some(b)) = (members.get(pair.a), members.get(pair.b)) else {
            return false;
        };
        if !a.is_whole && !b.is_whole {
            return a.head == b.head;
        }
        let Some(bearers) = name(a).and_then(|name| self.0.get(name)) else {
            return false;
        };
        let says = |member: &Member| {
            let mut texts = a.facts.keys_of(KeyKind::Text);
            texts.any(|text| member.facts.keys.binary_search(text).is_ok())
        };
        let saying: Vec<usize> = bearers
            .iter()
            .copied()
            .filter(|at| members.get(*at).is_some_and(says))
            .collect();
        bearers.len() <= COMMON
            && !saying
                .iter()
                .enumerate()
                .any(|(n, a)| saying.iter().skip(n + 1).any(|b| apart(*a, *b)))
    }
}
