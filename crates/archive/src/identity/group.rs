//! The records that may have to be parted or joined anew, and what is known of them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use identity::{Evidence, Facts, KeyKind, Verdict, judge};
use model::SourceId;
use sqlx::{QueryBuilder, Row};
use uuid::Uuid;

use super::facts::numbers;
use super::index::{FORMER, Holder, Index};
use crate::db::{ArchiveError, Db, MAX_ROWS, Transaction, unknown};
use crate::rows::{entity_id, entity_key, push_keys, record_key, rows_in};
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
    /// When it came: the run, and the time of the clock then.
    pub(super) came: (i64, i64),
    /// The run in which it came, and the last that saw it.
    created_run: i64,
    seen_run: i64,
    /// The IRI that it has where no other record is one with it.
    pub(super) own: EntityKey,
    /// The IRI that it has now.
    pub(super) head: EntityKey,
    pub(super) facts: Facts,
    /// Of its keys.
    numbers: Vec<i64>,
    /// All that share a key with it are among the members, but for those that are found to be others.
    pub(super) is_whole: bool,
}

/// The seeds, and what has to be parted anew with them: the records that they are found to be alike with, all that bear the name of one
/// of these, all records that one of these is one with, and once more (in so many rounds) what these share keys with, since one that
/// leaves an entity may make room for a record that was kept out of it. With what was found out of their pairs.
///
/// Most of those that share a key with a seed are found to be others: nothing comes of them, whatever becomes of the seed.
pub(super) async fn gather(
    transaction: &mut Transaction,
    seeds: &HashSet<RecordKey>,
    rounds: usize,
    index: &mut Index,
) -> Result<(Vec<Member>, Vec<Judged>), ArchiveError> {
    let mut of_seeds: Vec<RecordKey> = seeds.iter().copied().collect();
    of_seeds.sort_unstable();
    let mut all = members(transaction, "fact.record", &keys(&of_seeds)).await?;
    let mut looked: HashSet<i64> = HashSet::new();
    let everyone = all.iter().map(|member| member.fact).collect();
    widen(transaction, &mut all, &everyone, &mut looked, index).await?;
    let (judged, _) = compare(transaction, &all, index).await?;
    let mut from = live(transaction, &all, &judged).await?;
    let names: HashSet<String> = all
        .iter()
        .filter(|member| from.contains(&member.fact))
        .filter_map(|member| name(member).map(str::to_owned))
        .collect();
    all.retain(|member| {
        from.contains(&member.fact)
            || seeds.contains(&member.record)
            || name(member).is_some_and(|name| names.contains(name))
    });
    if from.is_empty() {
        all.sort_by_key(|member| member.record);
        return Ok((all, Vec::new()));
    }
    for _ in 1..rounds {
        widen(transaction, &mut all, &from, &mut looked, index).await?;
        from = all.iter().map(|member| member.fact).collect();
    }
    all.sort_by_key(|member| member.record);
    let (judged, cut) = compare(transaction, &all, index).await?;
    for at in cut {
        if let Some(member) = all.get_mut(at) {
            member.is_whole = false;
        }
    }
    Ok((all, judged))
}

/// Adds the records that share a key with some of them, and those that all of these are one with.
async fn widen(
    transaction: &mut Transaction,
    all: &mut Vec<Member>,
    from: &HashSet<i64>,
    looked: &mut HashSet<i64>,
    index: &mut Index,
) -> Result<(), ArchiveError> {
    for member in all.iter_mut() {
        member.is_whole |= from.contains(&member.fact);
    }
    let wanted: BTreeSet<i64> = all
        .iter()
        .filter(|member| from.contains(&member.fact))
        .flat_map(|member| member.numbers.iter().copied())
        .filter(|number| looked.insert(*number))
        .collect();
    let known: HashSet<i64> = all.iter().map(|member| member.fact).collect();
    let mut near: BTreeSet<i64> = BTreeSet::new();
    let mut cut: HashSet<i64> = HashSet::new();
    index.look(transaction, &wanted).await?;
    for number in wanted {
        for holder in index.holders(number).unwrap_or_default() {
            if known.contains(&holder.fact) || near.contains(&holder.fact) {
                continue;
            }
            if known.len() + near.len() < MOST {
                near.insert(holder.fact);
            } else {
                cut.insert(number);
            }
        }
    }
    if !cut.is_empty() {
        // Not all that they share a key with are here: of them nothing is concluded from what is missing.
        for member in all.iter_mut().filter(|member| from.contains(&member.fact)) {
            member.is_whole &= !member.numbers.iter().any(|key| cut.contains(key));
        }
    }
    all.extend(members_by_fact(transaction, &near).await?);
    let known: HashSet<i64> = all.iter().map(|member| member.fact).collect();
    let mut fellows = fellows(transaction, all).await?;
    fellows.retain(|fact| !known.contains(fact));
    all.extend(members_by_fact(transaction, &fellows).await?);
    Ok(())
}

/// Those of the records that are alike with another, or are one with another, or about which a decision stands.
async fn live(
    transaction: &mut Transaction,
    all: &[Member],
    judged: &[Judged],
) -> Result<HashSet<i64>, ArchiveError> {
    let mut bearers: HashMap<EntityKey, usize> = HashMap::new();
    for member in all {
        *bearers.entry(member.head).or_default() += 1;
    }
    let records: Vec<&[u8]> = all.iter().map(|member| member.record.as_bytes()).collect();
    let mut decided: HashSet<RecordKey> = HashSet::new();
    for (column, select) in [
        ("a", "SELECT a FROM decision WHERE a IN "),
        ("b", "SELECT b FROM decision WHERE b IN "),
    ] {
        for row in rows_in(transaction, select, &records).await? {
            decided.insert(record_key(&row, column)?);
        }
    }
    let mut live: HashSet<i64> = all
        .iter()
        .filter(|member| {
            bearers.get(&member.head).is_some_and(|count| *count > 1)
                || decided.contains(&member.record)
        })
        .map(|member| member.fact)
        .collect();
    live.extend(
        judged
            .iter()
            .flat_map(|pair| [pair.a, pair.b])
            .filter_map(|at| all.get(at))
            .map(|member| member.fact),
    );
    Ok(live)
}

/// Those of the records that share a key with others.
pub(super) async fn sharing(
    transaction: &mut Transaction,
    records: &[RecordKey],
) -> Result<HashSet<RecordKey>, ArchiveError> {
    let mut sharing = HashSet::new();
    for some in records.chunks(MAX_ROWS) {
        let members = members(transaction, "fact.record", &keys(some)).await?;
        let mut index = Index::default();
        let numbers = members.iter().flat_map(|member| &member.numbers).copied();
        index.count(transaction, numbers).await?;
        sharing.extend(
            members
                .iter()
                .filter(|member| member.numbers.iter().any(|number| index.is_shared(*number)))
                .map(|member| member.record),
        );
    }
    Ok(sharing)
}

/// Those of the records whose entity other records have, too.
pub(super) async fn beside(
    transaction: &mut Transaction,
    records: &[RecordKey],
) -> Result<Vec<RecordKey>, ArchiveError> {
    let mut beside = Vec::new();
    let keys: Vec<&[u8]> = records.iter().map(RecordKey::as_bytes).collect();
    for row in rows_in(transaction, "SELECT record.key FROM record WHERE EXISTS (SELECT 1 FROM record AS other WHERE other.entity = record.entity AND other.key <> record.key)
             AND record.key IN ", &keys).await? {
        beside.push(record_key(&row, "key")?);
    }
    Ok(beside)
}

/// The title with its publisher.
pub(super) fn name(member: &Member) -> Option<&str> {
    let mut names = member.facts.keys_of(KeyKind::Title);
    names.next().map(|key| key.value.as_str())
}

fn keys(records: &[RecordKey]) -> Vec<Vec<u8>> {
    records
        .iter()
        .map(|record| record.as_bytes().to_vec())
        .collect()
}

const SELECT: &str = "SELECT fact.id AS fact, fact.record, fact.minted AS own_minted, fact.own, fact.facts, record.id, record.source, record.state,
     record.accepted, record.first_run, record.first_seen, record.created_run, record.seen_run, record.minted, record.entity FROM fact JOIN record ON record.key = fact.record WHERE ";

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

/// The facts of all records that are one with some: of those that are there, of the last of those that left, and of the one that each
/// IRI was given to.
async fn fellows(
    transaction: &mut Transaction,
    all: &[Member],
) -> Result<BTreeSet<i64>, ArchiveError> {
    let heads: BTreeSet<&Uuid> = all.iter().map(|member| &member.head.id).collect();
    let heads: Vec<&[u8]> = heads
        .into_iter()
        .map(|id| id.as_bytes().as_slice())
        .collect();
    let mut fellows = BTreeSet::new();
    let mut former: HashMap<Uuid, BTreeSet<i64>> = HashMap::new();
    for row in rows_in(
        transaction,
        "SELECT fact.id, record.entity, fact.own = record.entity AS first, record.state = 'withdrawn' OR (record.accepted = 0 AND record.state <> 'present') AS former
         FROM record JOIN fact ON fact.record = record.key WHERE record.minted IS NOT NULL AND record.entity IN ",
        &heads,
    )
    .await?
    {
        let fact = row.try_get("id")?;
        if row.try_get("former")? && !row.try_get("first")? {
            let of_head = former.entry(entity_id(&row, "entity")?).or_default();
            of_head.insert(fact);
            if of_head.len() > FORMER {
                of_head.pop_first();
            }
        } else {
            fellows.insert(fact);
        }
    }
    fellows.extend(former.into_values().flatten());
    Ok(fellows)
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
        came: (row.try_get("first_run")?, row.try_get("first_seen")?),
        created_run: row.try_get("created_run")?,
        seen_run: row.try_get("seen_run")?,
        own: entity_key(row, "own_minted", "own")?,
        head: entity_key(row, "minted", "entity")?,
        numbers: numbers(&facts),
        facts,
        is_whole: false,
    }))
}

/// Two records of which something was found out, by their places in the list, the one with the lesser key first.
pub(super) struct Judged {
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) certain: bool,
    pub(super) evidence: Evidence,
}

/// Pairs that are compared at once: those that are one already come first, then the rarest keys.
const MOST_PAIRS: usize = 50_000;

/// Compares the records that share a key. Gives also those that were not compared with all, since there were too many.
async fn compare(
    transaction: &mut Transaction,
    members: &[Member],
    index: &mut Index,
) -> Result<(Vec<Judged>, BTreeSet<usize>), ArchiveError> {
    let mut having: HashMap<i64, Vec<usize>> = HashMap::new();
    for (at, member) in members.iter().enumerate() {
        for number in &member.numbers {
            having.entry(*number).or_default().push(at);
        }
    }
    having.retain(|_, at| at.len() > 1);
    let having: BTreeMap<i64, Vec<usize>> = having.into_iter().collect();
    index
        .look(transaction, &having.keys().copied().collect())
        .await?;
    let mut rarest: Vec<&Vec<usize>> = having
        .iter()
        .filter(|(number, _)| index.is_shared(**number))
        .map(|(_, at)| at)
        .collect();
    rarest.sort_by_key(|at| at.len());
    let are_one = |a: usize, b: usize| {
        let both = members.get(a).zip(members.get(b));
        both.is_some_and(|(a, b)| a.head == b.head)
    };
    let (pairs, cut) = pairs(&rarest, MOST_PAIRS, are_one);
    let mut judged = Vec::new();
    for (a, b) in pairs {
        let (Some(one), Some(other)) = (members.get(a), members.get(b)) else {
            continue;
        };
        let alone = |key: &identity::Key| {
            // What too many have names none of them.
            index.holders(key.number()).is_some_and(|all| {
                !all.iter().any(|holder| {
                    holder.present
                        && holder.fact != one.fact
                        && holder.fact != other.fact
                        && (holder.source == one.source || holder.source == other.source)
                })
            })
        };
        let form = |key: &identity::Key| index.holders(key.number()).is_none_or(is_form);
        let rivals = rivals(one, other);
        if let Some(verdict) = judge(&one.facts, &other.facts, rivals, alone, form) {
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
    Ok((judged, cut))
}

/// The pairs to compare of the records that have each key, and the records of which some were left out.
fn pairs(
    rarest: &[&Vec<usize>],
    most: usize,
    are_one: impl Fn(usize, usize) -> bool,
) -> (BTreeSet<(usize, usize)>, BTreeSet<usize>) {
    let of = |at: &[usize]| -> Vec<(usize, usize)> {
        let pairs = at.iter().enumerate();
        pairs
            .flat_map(|(n, a)| at.iter().skip(n + 1).map(|b| (*a.min(b), *a.max(b))))
            .collect()
    };
    // What is one stays one, however much there is to compare.
    let mut pairs: BTreeSet<(usize, usize)> = rarest
        .iter()
        .flat_map(|at| of(at))
        .filter(|(a, b)| are_one(*a, *b))
        .collect();
    let mut cut = BTreeSet::new();
    for at in rarest {
        if pairs.len() >= most {
            cut.extend(at.iter().copied());
        } else {
            pairs.extend(of(at));
        }
    }
    (pairs, cut)
}

/// Organisations that may have a description word for word, or a file, before it is a form: its own, and a portal that puts itself in
/// its place.
const AUTHORS: usize = 2;

fn is_form(holders: &[Holder]) -> bool {
    let mut authors = Vec::with_capacity(AUTHORS + 1);
    for holder in holders.iter().filter(|holder| holder.present) {
        // Of a record without a publisher, its portal is all that is known.
        let portal = (holder.organisation == 0).then_some(&holder.source);
        let author = (holder.organisation, portal);
        if !authors.contains(&author) {
            authors.push(author);
        }
        if authors.len() > AUTHORS {
            return true;
        }
    }
    false
}

/// Whether one source has, or had, both at a time: then it knows them apart. One that came after the other was last seen may be the
/// same under another identifier.
fn rivals(one: &Member, other: &Member) -> bool {
    let after = |late: &Member, early: &Member| !early.present && late.created_run > early.seen_run;
    one.source == other.source && !after(one, other) && !after(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_one_is_compared_however_many_pairs_there_are() {
        let (rare, common) = (vec![0, 1], vec![2, 3, 4]);
        let (pairs, cut) = super::pairs(&[&rare, &common], 1, |a, b| (a, b) == (3, 4));
        assert_eq!(pairs, BTreeSet::from([(3, 4)]));
        assert_eq!(cut, BTreeSet::from([0, 1, 2, 3, 4]));
        let (pairs, cut) = super::pairs(&[&rare, &common], 2, |_, _| false);
        assert_eq!((pairs.len(), cut.len()), (4, 0));
        let (pairs, cut) = super::pairs(&[&rare, &common], 1, |_, _| false);
        assert_eq!(pairs, BTreeSet::from([(0, 1)]));
        assert_eq!(cut, BTreeSet::from([2, 3, 4]));
    }
}
