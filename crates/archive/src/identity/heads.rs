//! Which IRI each part gets: one that was given is never given to another dataset, and is kept as long as one record of it is there.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::group::Member;
use crate::EntityKey;

/// Gives each part its IRI. `public` are the entities that are published now, `taken` those that records outside of the parts have.
///
/// Of the IRIs that the records of a part have now, the eldest that is published is the part's. Where a part falls apart, the IRI stays
/// with the records that had it all the time, and first with the one that it was minted for; the others get their own.
pub(super) fn assign(
    members: &[Member],
    parts: &[Vec<usize>],
    returning: &HashSet<usize>,
    public: &HashSet<EntityKey>,
    taken: &HashSet<EntityKey>,
) -> Vec<EntityKey> {
    let mut claims: BTreeMap<EntityKey, Vec<(Claim, usize)>> = BTreeMap::new();
    for (part, records) in parts.iter().enumerate() {
        let mut of_part: HashMap<EntityKey, Claim> = HashMap::new();
        for (at, member) in records
            .iter()
            .filter_map(|at| Some((*at, members.get(*at)?)))
        {
            let claim = of_part.entry(member.head).or_default();
            claim.stayed |= member.active && !returning.contains(&at);
            claim.minted_for |= member.own == member.head;
            claim.eldest = claim.eldest.min(member.came);
        }
        for (head, claim) in of_part {
            claims.entry(head).or_default().push((claim, part));
        }
    }
    let mut won: HashMap<usize, Vec<(EntityKey, Claim)>> = HashMap::new();
    for (head, claims) in claims {
        let best = claims.into_iter().max_by_key(|(claim, part)| {
            (
                claim.stayed,
                claim.minted_for,
                std::cmp::Reverse((claim.eldest, *part)),
            )
        });
        if let Some((claim, part)) = best {
            won.entry(part).or_default().push((head, claim));
        }
    }
    let mut given: HashSet<EntityKey> = won
        .values()
        .flatten()
        .map(|(head, _)| *head)
        .chain(taken.iter().copied())
        .collect();
    let mut heads = Vec::with_capacity(parts.len());
    for (part, records) in parts.iter().enumerate() {
        let head = won
            .get(&part)
            .and_then(|heads| {
                heads
                    .iter()
                    .min_by_key(|(head, claim)| (!public.contains(head), claim.eldest, *head))
            })
            .map(|(head, _)| *head);
        let head = head.or_else(|| {
            let mut elders: Vec<&Member> =
                records.iter().filter_map(|at| members.get(*at)).collect();
            elders.sort_by_key(|member| (member.came, member.record));
            elders.first().map(|member| unused(member.own, &given))
        });
        if let Some(head) = head {
            given.insert(head);
            heads.push(head);
        }
    }
    heads
}

#[derive(Debug, Clone, Copy)]
struct Claim {
    /// A record of the part had the IRI, and did not just come back.
    stayed: bool,
    minted_for: bool,
    eldest: (i64, i64),
}

impl Default for Claim {
    fn default() -> Self {
        Self {
            stayed: false,
            minted_for: false,
            eldest: (i64::MAX, i64::MAX),
        }
    }
}

/// The IRI, or the first after it that nothing has.
fn unused(own: EntityKey, given: &HashSet<EntityKey>) -> EntityKey {
    let mut key = own;
    let mut n = 1_u32;
    while given.contains(&key) {
        n += 1;
        key = EntityKey {
            id: Uuid::new_v5(&own.id, n.to_string().as_bytes()),
            ..own
        };
    }
    key
}
