//! What was merged and proposed, held against the truth.

use std::collections::{BTreeMap, HashMap};

use archive::{Decided, EntityKey};
use model::{RecordId, SourceId};

/// A record, with what is true of it and what became of it.
pub struct Placed {
    pub source: SourceId,
    pub record: RecordId,
    /// Records with the same number describe one dataset.
    pub truth: usize,
    pub entity: EntityKey,
}

/// The share of one kind of pairs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub pairs: usize,
    pub merged: usize,
    /// Merged, or one as soon as a person accepts the proposals that are right.
    pub found: usize,
}

#[derive(Debug, Default)]
pub struct Measure {
    pub records: usize,
    pub datasets: usize,
    pub entities: usize,
    /// Of pairs that are one dataset, by kind.
    pub kinds: BTreeMap<String, Share>,
    pub all: Share,
    /// Pairs that were merged and are two datasets.
    pub wrong: Vec<(usize, usize)>,
    /// Pairs that are one dataset and were not merged.
    pub apart: Vec<(usize, usize)>,
    /// Pairs that were neither merged nor proposed.
    pub missed: Vec<(usize, usize)>,
    /// Pairs of different entities that are proposed to a person.
    pub proposals: usize,
    /// Those of them that are one dataset.
    pub right_proposals: usize,
    /// Different pairs of entities that are proposed: what a person has to look at.
    pub proposed_entities: usize,
}

impl Measure {
    /// `kind` names what kind of pair two records are that describe one dataset.
    pub fn of(
        placed: &[Placed],
        perhaps: &[Decided],
        kind: impl Fn(usize, usize) -> String,
    ) -> Self {
        let mut measure = Self {
            records: placed.len(),
            ..Self::default()
        };
        let truths = groups(placed, |one| one.truth);
        let entities = groups(placed, |one| one.entity);
        (measure.datasets, measure.entities) = (truths.len(), entities.len());
        for group in entities.values() {
            measure
                .wrong
                .extend(pairs(group).filter(|(a, b)| placed[*a].truth != placed[*b].truth));
        }
        measure.wrong.sort_unstable();
        let accepted = measure.accept(placed, perhaps);
        for group in truths.values() {
            for (a, b) in pairs(group) {
                let merged = placed[a].entity == placed[b].entity;
                let found = merged || accepted[a] == accepted[b];
                let share = measure.kinds.entry(kind(a, b)).or_default();
                for share in [share, &mut measure.all] {
                    share.pairs += 1;
                    share.merged += usize::from(merged);
                    share.found += usize::from(found);
                }
                if !merged {
                    measure.apart.push((a, b));
                }
                if !found {
                    measure.missed.push((a, b));
                }
            }
        }
        measure.apart.sort_unstable();
        measure.missed.sort_unstable();
        measure
    }

    /// The groups that are left when a person accepts each proposal that is right.
    fn accept(&mut self, placed: &[Placed], perhaps: &[Decided]) -> Vec<usize> {
        let places: HashMap<(&SourceId, &RecordId), usize> = placed
            .iter()
            .enumerate()
            .map(|(at, one)| ((&one.source, &one.record), at))
            .collect();
        let mut first: HashMap<EntityKey, usize> = HashMap::new();
        let mut groups: Vec<usize> = placed
            .iter()
            .enumerate()
            .map(|(at, one)| *first.entry(one.entity).or_insert(at))
            .collect();
        let mut looked_at = std::collections::HashSet::new();
        for proposal in perhaps {
            let place =
                |party: &archive::Party| places.get(&(&party.source, &party.record)).copied();
            let (Some(a), Some(b)) = (place(&proposal.a), place(&proposal.b)) else {
                continue;
            };
            let (one, other) = (placed[a].entity, placed[b].entity);
            if one == other {
                continue;
            }
            self.proposals += 1;
            looked_at.insert(if one < other {
                (one, other)
            } else {
                (other, one)
            });
            if placed[a].truth == placed[b].truth {
                self.right_proposals += 1;
                let (keep, give) = (groups[a], groups[b]);
                groups
                    .iter_mut()
                    .filter(|group| **group == give)
                    .for_each(|group| *group = keep);
            }
        }
        self.proposed_entities = looked_at.len();
        groups
    }

    pub fn merged_pairs(&self) -> usize {
        self.all.merged + self.wrong.len()
    }

    pub fn precision(&self) -> f64 {
        share(self.all.merged, self.merged_pairs())
    }
}

pub fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

fn groups<K: Ord>(placed: &[Placed], key: impl Fn(&Placed) -> K) -> BTreeMap<K, Vec<usize>> {
    let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (at, one) in placed.iter().enumerate() {
        groups.entry(key(one)).or_default().push(at);
    }
    groups
}

fn pairs(group: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    group
        .iter()
        .enumerate()
        .flat_map(|(n, a)| group.iter().skip(n + 1).map(|b| (*a, *b)))
}
