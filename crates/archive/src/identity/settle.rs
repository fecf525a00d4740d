//! Parts some records anew, and makes the catalogue stand accordingly.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::{Checksum, SourceId};
use sqlx::Row;

use super::group::{Member, gather, sharing};
use super::index::Index;
use super::outcome::outcomes;
use super::parts::parts;
use super::statement::{self, Statement};
use super::{Placed, decision, heads};
use crate::commit::Sealed;
use crate::db::{ArchiveError, MAX_ROWS, Transaction};
use crate::entities::{Put, put_entities, withdraw_entities};
use crate::log::Log;
use crate::rows::{entity_key, record_key, rows_in};
use crate::{EntityKey, RecordKey};

/// What is to be settled.
pub(super) struct Work<'a> {
    pub(super) trust: &'a [SourceId],
    /// The records from which the others are found.
    pub(super) seeds: HashSet<RecordKey>,
    /// What those of them state that were just mapped.
    pub(super) fresh: HashMap<RecordKey, Sealed>,
    /// Those that were not in the catalogue before.
    pub(super) returning: HashSet<RecordKey>,
    pub(super) force: bool,
    /// What was read of the index already.
    pub(super) index: Index,
}

impl<'a> Work<'a> {
    /// Records of which nothing is new but how they stand to others.
    pub(super) fn of(trust: &'a [SourceId], seeds: HashSet<RecordKey>) -> Self {
        Self {
            trust,
            seeds,
            fresh: HashMap::new(),
            returning: HashSet::new(),
            force: false,
            index: Index::default(),
        }
    }

    /// How far the records are looked for that may have to be parted anew. What leaves may have been better than others, which are
    /// the neighbours of its neighbours; what comes into the catalogue leaves nothing.
    fn rounds(&self) -> usize {
        let comes = |record: &RecordKey| self.returning.contains(record);
        if self.seeds.iter().all(comes) { 2 } else { 3 }
    }
}

/// Settles the entities of records that left their sources: an entity lives as long as one record of it does.
pub(crate) async fn settle_heads(
    transaction: &mut Transaction,
    trust: &[SourceId],
    entities: &[EntityKey],
    log: &mut Log,
) -> Result<(), ArchiveError> {
    let mut seeds = HashSet::new();
    let mut several: HashSet<EntityKey> = HashSet::new();
    let ids: Vec<&[u8]> = entities
        .iter()
        .map(|key| key.id.as_bytes().as_slice())
        .collect();
    for row in rows_in(transaction, "SELECT record.key, record.minted, record.entity FROM record JOIN statement ON statement.record = record.key WHERE record.entity IN ", &ids).await? {
        several.insert(entity_key(&row, "minted", "entity")?);
        seeds.insert(record_key(&row, "key")?);
    }
    let alone: Vec<EntityKey> = entities
        .iter()
        .copied()
        .filter(|key| !several.contains(key))
        .collect();
    withdraw_entities(transaction, &alone, log).await?;
    if seeds.is_empty() {
        return Ok(());
    }
    let work = Work::of(trust, seeds);
    settle(transaction, work, log, &mut Placed::default()).await
}

/// Settles records whose state changed, where they share something with others: two records of one source may be one as soon as the
/// source has only one of them.
pub(crate) async fn settle_moved(
    transaction: &mut Transaction,
    trust: &[SourceId],
    records: &[RecordKey],
    log: &mut Log,
) -> Result<HashSet<EntityKey>, ArchiveError> {
    let mut placed = Placed::default();
    for some in records.chunks(MAX_ROWS) {
        let seeds = sharing(transaction, some).await?;
        if !seeds.is_empty() {
            let work = Work::of(trust, seeds);
            settle(transaction, work, log, &mut placed).await?;
        }
    }
    Ok(placed.recomposed)
}

pub(super) async fn settle(
    transaction: &mut Transaction,
    mut work: Work<'_>,
    log: &mut Log,
    placed: &mut Placed,
) -> Result<(), ArchiveError> {
    let rounds = work.rounds();
    let (members, judged) = gather(transaction, &work.seeds, rounds, &mut work.index).await?;
    let wills = decision::wills(transaction, &members).await?;
    let parts = parts(&members, &judged, &wills);
    let outcomes = outcomes(&members, &judged, &parts, &wills);
    decision::note(transaction, &members, &judged, &outcomes, log.at).await?;
    let now: BTreeSet<EntityKey> = members.iter().map(|member| member.head).collect();
    let wanted: BTreeSet<EntityKey> = members
        .iter()
        .flat_map(|member| [member.head, member.own])
        .collect();
    let public = public(transaction, &wanted).await?;
    let (taken, lived_in) = taken(transaction, &members, &wanted).await?;
    let returning: HashSet<usize> = members
        .iter()
        .enumerate()
        .filter(|(_, member)| work.returning.contains(&member.record))
        .map(|(at, _)| at)
        .collect();
    let heads = heads::assign(&members, &parts, &returning, &public, &taken);
    let kept = statement::load(transaction, &records_of(&members)).await?;
    let (mut places, mut moved) = (Vec::new(), Vec::new());
    let mut puts = Vec::new();
    let mut single = Vec::new();
    for (part, head) in parts.into_iter().zip(heads.iter().copied()) {
        let Some(member) = part.first().and_then(|at| members.get(*at)) else {
            continue;
        };
        if part.len() > 1 {
            places.push((part, head));
        } else if let Some(sealed) = work.fresh.remove(&member.record) {
            // It is alone, and stands as it was sealed.
            single.push(member.record);
            if sealed.key != head {
                placed.recomposed.insert(head);
            }
            let sealed = statement::rebased(sealed, head, &log.base);
            puts.push(Put::of(sealed, &member.source));
            placed.heads.insert(member.record, head);
            moved.extend((member.head != head).then_some((member.record, head)));
        } else if kept.contains_key(&member.record) || !member.active || member.head != head {
            places.push((part, head));
        }
        // Any other was alone and is: it stands as it does.
    }
    let statements =
        statements(transaction, &members, &places, kept, &work.fresh, &log.base).await?;

    let mut empty = Vec::new();
    let mut several = Vec::new();
    for (part, head) in &places {
        let mut of_part: Vec<&Member> = part.iter().filter_map(|at| members.get(*at)).collect();
        for member in &of_part {
            placed.heads.insert(member.record, *head);
            if member.head != *head {
                moved.push((member.record, *head));
            }
            let told = statements.get(&member.record);
            if part.len() == 1 {
                single.push(member.record);
            } else if let Some(told) = told {
                several.push((member.record, told.clone()));
            }
        }
        of_part.retain(|member| statements.contains_key(&member.record));
        let of_part = speakers(of_part, work.trust);
        let told: Vec<(SourceId, String, Statement)> = of_part
            .iter()
            .filter_map(|member| {
                let told = statements.get(&member.record)?;
                Some((
                    member.source.clone(),
                    tag(member),
                    told.rebased(member.own, *head, &log.base),
                ))
            })
            .collect();
        match statement::put(*head, &told, &log.base) {
            Some(put) => {
                placed.recomposed.insert(put.key);
                puts.push(put);
            }
            None => empty.push(*head),
        }
    }
    let given: HashSet<EntityKey> = heads.iter().copied().collect();
    empty.extend(
        now.into_iter()
            .filter(|head| !given.contains(head) && !lived_in.contains(head)),
    );

    statement::drop(transaction, &single).await?;
    statement::store(transaction, &several).await?;
    move_records(transaction, &moved).await?;
    put_entities(transaction, puts, work.force, log).await?;
    withdraw_entities(transaction, &empty, log).await
}

/// Those of a part that its entity is made of, the most trusted first.
pub(super) fn speakers<'a>(mut part: Vec<&'a Member>, trust: &[SourceId]) -> Vec<&'a Member> {
    part.retain(|member| member.active);
    // What its source has no more gives way to what it has in its place.
    let present: HashSet<&SourceId> = part
        .iter()
        .filter(|member| member.present)
        .map(|member| &member.source)
        .collect();
    part.retain(|member| member.present || !present.contains(&member.source));
    let all = part.clone();
    part.sort_by_key(|member| trusted(member, &all, trust));
    part
}

/// The order in which statements are trusted: as configured; then originals before copies; then the eldest.
fn trusted(
    member: &Member,
    part: &[&Member],
    trust: &[SourceId],
) -> (usize, bool, (i64, i64), RecordKey) {
    let is_copy = part.iter().any(|other| {
        other.record != member.record
            && member.facts.is_copy_of(&other.facts)
            && !other.facts.is_copy_of(&member.facts)
    });
    let place = trust
        .iter()
        .position(|source| *source == member.source)
        .unwrap_or(trust.len());
    (place, is_copy, member.came, member.record)
}

/// What tells nodes of a statement from those of others: the same from run to run.
pub(super) fn tag(member: &Member) -> String {
    let mark = Checksum::of(member.id.as_bytes());
    let mark: String = mark
        .as_bytes()
        .iter()
        .take(3)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{}-{mark}", member.source)
}

/// Those of the entities that are published.
async fn public(
    transaction: &mut Transaction,
    entities: &BTreeSet<EntityKey>,
) -> Result<HashSet<EntityKey>, ArchiveError> {
    let mut public = HashSet::new();
    let ids: Vec<&[u8]> = entities
        .iter()
        .map(|key| key.id.as_bytes().as_slice())
        .collect();
    for row in rows_in(
        transaction,
        "SELECT minted, id FROM entity WHERE state = 'public' AND id IN ",
        &ids,
    )
    .await?
    {
        public.insert(entity_key(&row, "minted", "id")?);
    }
    Ok(public)
}

/// Those of the entities that records other than the members have, and those of them that are made of such a record.
async fn taken(
    transaction: &mut Transaction,
    members: &[Member],
    entities: &BTreeSet<EntityKey>,
) -> Result<(HashSet<EntityKey>, HashSet<EntityKey>), ArchiveError> {
    let known: HashSet<RecordKey> = members.iter().map(|member| member.record).collect();
    let (mut taken, mut lived_in) = (HashSet::new(), HashSet::new());
    let ids: Vec<&[u8]> = entities
        .iter()
        .map(|key| key.id.as_bytes().as_slice())
        .collect();
    for row in rows_in(
        transaction,
        "SELECT key, minted, entity, state FROM record WHERE entity IN ",
        &ids,
    )
    .await?
    {
        if !known.contains(&record_key(&row, "key")?) {
            let entity = entity_key(&row, "minted", "entity")?;
            taken.insert(entity);
            if row.try_get::<String, _>("state")? != "withdrawn" {
                lived_in.insert(entity);
            }
        }
    }
    Ok((taken, lived_in))
}

fn records_of(members: &[Member]) -> Vec<RecordKey> {
    members.iter().map(|member| member.record).collect()
}

/// What each record of the parts states: as it was just mapped, as it is kept, or as its entity stands where it was alone.
async fn statements(
    transaction: &mut Transaction,
    members: &[Member],
    places: &[(Vec<usize>, EntityKey)],
    kept: HashMap<RecordKey, Statement>,
    fresh: &HashMap<RecordKey, Sealed>,
    base: &str,
) -> Result<HashMap<RecordKey, Statement>, ArchiveError> {
    let mut statements = kept;
    let mut lone: Vec<(RecordKey, EntityKey, EntityKey)> = Vec::new();
    for member in places
        .iter()
        .flat_map(|(part, _)| part)
        .filter_map(|at| members.get(*at))
    {
        if let Some(sealed) = fresh.get(&member.record) {
            statements.insert(member.record, Statement::of(sealed, member.own, base));
        } else if member.active && !statements.contains_key(&member.record) {
            lone.push((member.record, member.head, member.own));
        }
    }
    statements.extend(statement::of_entities(transaction, &lone, base).await?);
    Ok(statements)
}

async fn move_records(
    transaction: &mut Transaction,
    moved: &[(RecordKey, EntityKey)],
) -> Result<(), ArchiveError> {
    for (record, head) in moved {
        sqlx::query("UPDATE record SET minted = $1, entity = $2 WHERE key = $3")
            .bind(head.minted.segment())
            .bind(head.id.as_bytes().to_vec())
            .bind(record.as_bytes())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use model::RecordId;

    use super::*;

    #[test]
    fn what_changed_is_followed_further_than_what_comes() {
        let source = SourceId::new("ville").expect("a source");
        let key = |id: &str| RecordKey::new(&source, &RecordId::new(id));
        let mut work = Work::of(&[], HashSet::from([key("a"), key("b")]));
        assert_eq!(work.rounds(), 3);
        work.returning.insert(key("a"));
        assert_eq!(work.rounds(), 3);
        work.returning.insert(key("b"));
        assert_eq!(work.rounds(), 2);
    }
}
