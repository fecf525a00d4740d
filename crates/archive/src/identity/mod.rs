//! Which records are one entity: facts are kept, neighbours found by the keys that records share, and what is one is composed.
//!
//! A record that shares no key with another, as most do, costs its facts and no more. The others are compared with those that they
//! share a key with, and with the records that these are one with already; nothing else can change.

mod decision;
mod departure;
mod facts;
mod group;
mod heads;
mod index;
mod outcome;
mod parts;
mod settle;
mod shown;
mod sources;
mod statement;

use std::collections::{HashMap, HashSet};

use model::SourceId;

pub use decision::{Decided, Decision, EntityRecord, Party, Relation};
pub use departure::{Cause, Departure};
pub(crate) use settle::{settle_heads, settle_moved};
pub use shown::Proposed;
pub(crate) use sources::STATED;
pub use sources::{Provenance, SourceRecord};

use crate::commit::Sealed;
use crate::db::{ArchiveError, Transaction};
use crate::entities::{Put, put_entities};
use crate::log::Log;
use crate::read::RecordState;
use crate::rows::{RecordStanding, record_states};
use crate::{EntityKey, RecordKey};

/// A record that was mapped, on its way into the catalogue.
pub(crate) struct Arrival {
    pub(crate) record: RecordKey,
    pub(crate) sealed: Sealed,
}

/// How records stood before a batch was written: their state, and their entity.
pub(crate) type Before = HashMap<RecordKey, RecordStanding>;

pub(crate) async fn standing_before(
    transaction: &mut Transaction,
    records: &[RecordKey],
) -> Result<Before, ArchiveError> {
    record_states(transaction, records).await
}

/// Whether a record was not in the catalogue.
fn enters(before: &Before, record: RecordKey) -> bool {
    before
        .get(&record)
        .is_none_or(|standing| !standing.accepted || standing.state == RecordState::Withdrawn)
}

/// What became of arrivals.
#[derive(Debug, Default)]
pub(crate) struct Placed {
    /// The entity of each record.
    pub(crate) heads: HashMap<RecordKey, EntityKey>,
    /// Entities whose graphs are not those of one record as it was sealed.
    pub(crate) recomposed: HashSet<EntityKey>,
}

/// Puts arrivals into the catalogue: each as an entity of its own, or as a part of the one that it is one with.
pub(crate) async fn place(
    transaction: &mut Transaction,
    trust: &[SourceId],
    source: &SourceId,
    arrivals: Vec<Arrival>,
    before: &Before,
    force: bool,
    log: &mut Log,
) -> Result<Placed, ArchiveError> {
    let mut index = index::Index::default();
    let mut seeds = facts::write(transaction, source, &arrivals, &mut index).await?;
    // What comes into the catalogue, again or for the first time, may find others under its IRI.
    let entering: Vec<RecordKey> = arrivals
        .iter()
        .filter(|arrival| enters(before, arrival.record))
        .map(|arrival| arrival.record)
        .collect();
    seeds.extend(group::beside(transaction, &entering).await?);
    let mut placed = Placed::default();
    let mut alone = Vec::with_capacity(arrivals.len());
    let mut fresh = HashMap::new();
    for arrival in arrivals {
        if seeds.contains(&arrival.record) {
            fresh.insert(arrival.record, arrival.sealed);
            continue;
        }
        let stands = before
            .get(&arrival.record)
            .and_then(|standing| standing.entity)
            .unwrap_or(arrival.sealed.key);
        placed.heads.insert(arrival.record, stands);
        if stands != arrival.sealed.key {
            placed.recomposed.insert(stands);
        }
        let sealed = statement::rebased(arrival.sealed, stands, &log.base);
        alone.push(Put::of(sealed, source));
    }
    put_entities(transaction, alone, force, log).await?;
    if !seeds.is_empty() {
        let returning = fresh
            .keys()
            .copied()
            .filter(|record| enters(before, *record))
            .collect();
        let work = settle::Work {
            trust,
            seeds,
            fresh,
            returning,
            force,
            index,
        };
        settle::settle(transaction, work, log, &mut placed).await?;
    }
    Ok(placed)
}
