//! The records that may have to be parted or joined anew, and what is known of them.

use std::collections::{BTreeSet, HashMap, HashSet};

use identity::{Edge, Evidence, Facts, Node, Verdict, Will, judge, partition};
use model::SourceId;
use sqlx::{QueryBuilder, Row};

use super::facts::{COMMON, numbers, shared};
use crate::db::{ArchiveError, Db, MAX_ROWS, Transaction, unknown};
use crate::rows::{entity_key, push_keys, record_key};
use crate::{EntityKey, RecordKey};

/// More records than this are not regrouped at once: keys that so many share tell nothing.
const MOST: usize = 20_000;

/// A record with all that its place is decided by.
pub(super) struct Member {
    pub(super) fact: i64,
    pub(super) record: RecordKey,
    pub(super) id: String,
    pub(super) source: SourceId,
    /// It is in the catalogue: its source has it, or had it a short time ago.
    pub(super) active: bool,
    /// The last complete run saw it.
    pub(super) present: bool,
    pub(super) first_seen: i64,
    /// The IRI that it has where no other record is one with it.
    pub(super) own: EntityKey,
    /// The IRI that it has now.
    pub(super) head: EntityKey,
    pub(super) facts: Facts,
}

/// Who has a key: facts, with their sources, of records that are there.
type Holders = HashMap<i64, Vec<(i64, SourceId)>>;

/// The records that share a key with the seeds, and all records that one of these is one with.
pub(super) async fn gather(
    transaction: &mut Transaction,
    seeds: &HashSet<RecordKey>,
) -> Result<Vec<Member>, ArchiveError> {
    let seeds: Vec<RecordKey> = seeds.iter().copied().collect();
    let first = members(transaction, "fact.record", &keys(&seeds)).await?;
    let wanted: BTreeSet<i64> = first
        .iter()
        .flat_map(|member| numbers(&member.facts))
        .collect();
    let mut facts: BTreeSet<i64> = first.iter().map(|member| member.fact).collect();
    // Also of those that left: what comes after them gets their IRI.
    for (_, holders) in holders(transaction, &wanted, true).await? {
        if holders.len() <= COMMON && facts.len() < MOST {
            facts.extend(holders.into_iter().map(|(fact, _)| fact));
        }
    }
    let near = members_by_fact(transaction, &facts).await?;
    let heads: BTreeSet<EntityKey> = near.iter().map(|member| member.head).collect();
    let heads: Vec<Vec<u8>> = heads
        .iter()
        .map(|head| head.id.as_bytes().to_vec())
        .collect();
    let mut all = near;
    let known: HashSet<i64> = all.iter().map(|member| member.fact).collect();
    all.extend(
        members(transaction, "record.entity", &heads)
            .await?
            .into_iter()
            .filter(|member| !known.contains(&member.fact)),
    );
    all.sort_by_key(|member| member.record);
    Ok(all)
}

/// Those of the records that share a key with others.
pub(super) async fn sharing(
    transaction: &mut Transaction,
    records: &[RecordKey],
) -> Result<HashSet<RecordKey>, ArchiveError> {
    let mut sharing = HashSet::new();
    for some in records.chunks(MAX_ROWS) {
        let members = members(transaction, "fact.record", &keys(some)).await?;
        let all: Vec<(RecordKey, Vec<i64>)> = members
            .iter()
            .map(|member| (member.record, numbers(&member.facts)))
            .collect();
        let shared = shared(
            transaction,
            all.iter()
                .flat_map(|(_, numbers)| numbers.iter().copied())
                .collect(),
        )
        .await?;
        sharing.extend(
            all.into_iter()
                .filter(|(_, numbers)| numbers.iter().any(|number| shared.contains(number)))
                .map(|(record, _)| record),
        );
    }
    Ok(sharing)
}

fn keys(records: &[RecordKey]) -> Vec<Vec<u8>> {
    records
        .iter()
        .map(|record| record.as_bytes().to_vec())
        .collect()
}

const SELECT: &str = "SELECT fact.id AS fact, fact.record, fact.minted AS own_minted, fact.own, fact.facts, record.id, record.source, record.state,
     record.accepted, record.first_seen, record.minted, record.entity FROM fact JOIN record ON record.key = fact.record WHERE ";

pub(super) async fn members(
    transaction: &mut Transaction,
    column: &str,
    values: &[Vec<u8>],
) -> Result<Vec<Member>, ArchiveError> {
    let mut found = Vec::new();
    for some in values.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(SELECT);
        query.push(column).push(" IN ");
        push_keys(&mut query, some.iter().map(Vec::as_slice));
        for row in query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .fetch_all(&mut **transaction)
            .await?
        {
            found.extend(member(&row)?);
        }
    }
    Ok(found)
}

async fn members_by_fact(
    transaction: &mut Transaction,
    facts: &BTreeSet<i64>,
) -> Result<Vec<Member>, ArchiveError> {
    let facts: Vec<i64> = facts.iter().copied().collect();
    let mut found = Vec::new();
    for some in facts.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(SELECT);
        query.push("fact.id IN (");
        let mut list = query.separated(", ");
        for fact in some {
            list.push_bind(*fact);
        }
        list.push_unseparated(")");
        for row in query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .fetch_all(&mut **transaction)
            .await?
        {
            found.extend(member(&row)?);
        }
    }
    Ok(found)
}

fn member(row: &sqlx::sqlite::SqliteRow) -> Result<Option<Member>, ArchiveError> {
    // A record that was never accepted has no entity.
    if row.try_get::<Option<String>, _>("minted")?.is_none() {
        return Ok(None);
    }
    let source: String = row.try_get("source")?;
    let Ok(source) = SourceId::new(&source) else {
        return unknown("record.source", &source);
    };
    let bytes: Vec<u8> = row.try_get("facts")?;
    let Some(facts) = Facts::from_bytes(&bytes) else {
        return unknown("fact.facts", &String::from_utf8_lossy(&bytes));
    };
    let state: String = row.try_get("state")?;
    Ok(Some(Member {
        fact: row.try_get("fact")?,
        record: record_key(row, "record")?,
        id: row.try_get("id")?,
        source,
        active: state != "withdrawn" && row.try_get::<i64, _>("accepted")? != 0,
        present: state == "present",
        first_seen: row.try_get("first_seen")?,
        own: entity_key(row, "own_minted", "own")?,
        head: entity_key(row, "minted", "entity")?,
        facts,
    }))
}

/// Who has each of some keys. Of one that too many have, some more than are too many.
async fn holders(
    transaction: &mut Transaction,
    numbers: &BTreeSet<i64>,
    also_withdrawn: bool,
) -> Result<Holders, ArchiveError> {
    let numbers: Vec<i64> = numbers.iter().copied().collect();
    let mut holders: Holders = HashMap::with_capacity(numbers.len());
    for some in numbers.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(
            "SELECT evidence.number, evidence.fact, record.source FROM evidence JOIN fact ON fact.id = evidence.fact
             JOIN record ON record.key = fact.record WHERE ",
        );
        if !also_withdrawn {
            query.push("record.state <> 'withdrawn' AND ");
        }
        query.push("evidence.number IN (");
        let mut list = query.separated(", ");
        for number in some {
            list.push_bind(*number);
        }
        list.push_unseparated(") AND (SELECT COUNT(*) FROM (SELECT 1 FROM evidence AS other WHERE other.number = evidence.number LIMIT ");
        query
            .push_bind(COMMON as i64 + 1)
            .push(")) <= ")
            .push_bind(COMMON as i64);
        for row in query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .fetch_all(&mut **transaction)
            .await?
        {
            let source: String = row.try_get("source")?;
            let Ok(source) = SourceId::new(&source) else {
                return unknown("record.source", &source);
            };
            holders
                .entry(row.try_get("number")?)
                .or_default()
                .push((row.try_get("fact")?, source));
        }
    }
    Ok(holders)
}

/// Two records of which something was found out, by their places in the list, the one with the lesser key first.
pub(super) struct Judged {
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) certain: bool,
    pub(super) evidence: Evidence,
}

/// Compares the records that share a key.
pub(super) async fn compare(
    transaction: &mut Transaction,
    members: &[Member],
) -> Result<Vec<Judged>, ArchiveError> {
    let wanted: BTreeSet<i64> = members
        .iter()
        .flat_map(|member| numbers(&member.facts))
        .collect();
    let holders = holders(transaction, &wanted, false).await?;
    let place: HashMap<i64, usize> = members
        .iter()
        .enumerate()
        .map(|(at, member)| (member.fact, at))
        .collect();
    // Those that are there no more have what comes after them compared with them, too.
    let mut having: HashMap<i64, Vec<usize>> = HashMap::new();
    for (at, member) in members.iter().enumerate() {
        for number in numbers(&member.facts) {
            having.entry(number).or_default().push(at);
        }
    }
    let mut pairs: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (number, at) in &having {
        // Signatures and keys of too many have no holders.
        let few = at.len() <= COMMON
            && (holders.contains_key(number)
                || at
                    .iter()
                    .all(|at| members.get(*at).is_some_and(|member| !member.active)));
        if few {
            for (n, a) in at.iter().enumerate() {
                pairs.extend(at.iter().skip(n + 1).map(|b| (*a.min(b), *a.max(b))));
            }
        }
    }
    let mut judged = Vec::new();
    for (a, b) in pairs {
        let (Some(one), Some(other)) = (members.get(a), members.get(b)) else {
            continue;
        };
        let alone = |key: &identity::Key| {
            let others = holders
                .get(&key.number())
                .map(Vec::as_slice)
                .unwrap_or_default();
            !others.iter().any(|(fact, source)| {
                *fact != one.fact
                    && *fact != other.fact
                    && (*source == one.source || *source == other.source)
                    && place
                        .get(fact)
                        .and_then(|at| members.get(*at))
                        .is_none_or(|member| member.active)
            })
        };
        // A record that left its source is the same as the one that came in its place.
        let same_source = one.source == other.source && one.present && other.present;
        if let Some(verdict) = judge(&one.facts, &other.facts, same_source, alone) {
            let certain = verdict.is_certain();
            let (Verdict::Same(evidence) | Verdict::Perhaps(evidence)) = verdict;
            judged.push(Judged {
                a,
                b,
                certain,
                evidence,
            });
        }
    }
    Ok(judged)
}

/// Which of the records are one.
pub(super) fn parts(members: &[Member], judged: &[Judged], wills: &[Will]) -> Vec<Vec<usize>> {
    let nodes: Vec<Node<'_>> = members
        .iter()
        .map(|member| Node {
            source: member.source.as_str(),
            active: member.active && member.present,
        })
        .collect();
    let edges: Vec<Edge> = judged
        .iter()
        .filter(|pair| pair.certain)
        .map(|pair| Edge {
            a: pair.a,
            b: pair.b,
            rule: pair.evidence.rule,
        })
        .collect();
    partition(&nodes, &edges, wills)
}
