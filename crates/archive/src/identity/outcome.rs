//! What is noted of pairs once it is known which records are one: why they are, and what a person is asked.
//!
//! A person is asked where there is no better answer: not of a record that is one with another of that source already, nor where
//! the source has a record that fits better, or many that fit as well.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use identity::{Rule, Will};

use super::decision::Relation;
use super::group::{Judged, Member};

/// Records of one source that fit equally well, of which a person is asked.
const EQUALS: usize = 2;

/// What becomes of each pair that was judged, in their order; nothing where nobody has to know of it.
pub(super) fn outcomes(
    members: &[Member],
    judged: &[Judged],
    parts: &[Vec<usize>],
    wills: &[Will],
) -> Vec<Option<Relation>> {
    let groups = Groups::of(members, parts);
    let parted: HashSet<(usize, usize)> = wills
        .iter()
        .filter(|will| !will.same)
        .map(|will| groups.pair(will.a, will.b))
        .collect();
    let open: Vec<usize> = (0..judged.len())
        .filter(|at| {
            judged.get(*at).is_some_and(|pair| {
                let (one, other) = groups.pair(pair.a, pair.b);
                one != other
                    && !parted.contains(&(one, other))
                    && !groups.are_answered(members, pair)
            })
        })
        .collect();
    let asked = best(members, judged, &open, &groups);
    (0..judged.len())
        .map(|at| {
            let pair = judged.get(at)?;
            let (one, other) = groups.pair(pair.a, pair.b);
            match one == other {
                true => pair.certain.then_some(Relation::Same),
                false => asked.contains(&at).then_some(Relation::Perhaps),
            }
        })
        .collect()
}

/// The part of each member, and the sources that each part has records of.
struct Groups<'a> {
    of: Vec<usize>,
    sources: HashSet<(usize, &'a str)>,
}

impl<'a> Groups<'a> {
    fn of(members: &'a [Member], parts: &[Vec<usize>]) -> Self {
        let mut of: Vec<usize> = vec![usize::MAX; members.len()];
        let mut sources = HashSet::new();
        for (part, records) in parts.iter().enumerate() {
            for at in records {
                if let Some(group) = of.get_mut(*at) {
                    *group = part;
                }
                if let Some(member) = members
                    .get(*at)
                    .filter(|member| member.active && member.present)
                {
                    sources.insert((part, member.source.as_str()));
                }
            }
        }
        Self { of, sources }
    }

    fn group(&self, member: usize) -> usize {
        self.of.get(member).copied().unwrap_or(usize::MAX)
    }

    fn pair(&self, a: usize, b: usize) -> (usize, usize) {
        let (a, b) = (self.group(a), self.group(b));
        (a.min(b), a.max(b))
    }

    /// Whether one of both is one with another record of the source that the other is from.
    fn are_answered(&self, members: &[Member], pair: &Judged) -> bool {
        let (Some(a), Some(b)) = (members.get(pair.a), members.get(pair.b)) else {
            return true;
        };
        let has = |member: usize, source: &Member| {
            self.sources
                .contains(&(self.group(member), source.source.as_str()))
        };
        has(pair.a, b) || has(pair.b, a)
    }
}

/// A record, and a source that may have one to it.
type Side<'a> = (usize, &'a str);

/// Those of the open pairs that are the best for both records, of which there are not too many, and of two entities the first.
fn best(
    members: &[Member],
    judged: &[Judged],
    open: &[usize],
    groups: &Groups<'_>,
) -> BTreeSet<usize> {
    let mut fitting: HashMap<Side<'_>, (u32, usize)> = HashMap::new();
    let scores: Vec<(usize, u32, [Side<'_>; 2])> = open
        .iter()
        .filter_map(|at| {
            let pair = judged.get(*at)?;
            let (a, b) = (members.get(pair.a)?, members.get(pair.b)?);
            let sides = [(pair.a, b.source.as_str()), (pair.b, a.source.as_str())];
            Some((*at, score(pair, a, b), sides))
        })
        .collect();
    for (_, score, sides) in &scores {
        for side in sides {
            let best = fitting.entry(*side).or_insert((*score, 0));
            if *score > best.0 {
                *best = (*score, 0);
            }
            best.1 += usize::from(*score == best.0);
        }
    }
    let mut of_groups: BTreeMap<(usize, usize), (u32, usize)> = BTreeMap::new();
    for (at, score, sides) in scores {
        let is_best = |side: &Side<'_>| {
            fitting
                .get(side)
                .is_some_and(|(best, equals)| *best == score && *equals <= EQUALS)
        };
        let Some(pair) = judged.get(at).filter(|_| sides.iter().all(is_best)) else {
            continue;
        };
        let of = of_groups
            .entry(groups.pair(pair.a, pair.b))
            .or_insert((score, at));
        if score > of.0 {
            *of = (score, at);
        }
    }
    of_groups.into_values().map(|(_, at)| at).collect()
}

/// How well two records fit, to be compared with how others do.
fn score(pair: &Judged, a: &Member, b: &Member) -> u32 {
    let evidence = match (pair.certain, pair.evidence.rule) {
        (true, _) => 60,
        (_, Rule::Person | Rule::Identifier | Rule::Description) => 40,
        (_, Rule::Page | Rule::Resource) => 30,
        (_, Rule::Title) => 0,
    };
    // Between 0 and 60.
    let title = (pair.evidence.likeness.clamp(0.0, 1.0) * 12.0).round() as u32 * 5;
    let place = match (&a.facts.extent, &b.facts.extent) {
        (Some(a), Some(b)) => (a.likeness(b).clamp(0.0, 1.0) * 4.0).round() as u32 * 5,
        _ => 10,
    };
    let publisher = u32::from(a.facts.publisher == b.facts.publisher) * 10;
    evidence + title + place + publisher
}
