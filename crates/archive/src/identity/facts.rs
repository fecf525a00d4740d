//! The facts of records, and the index of what they share.

use std::collections::{BTreeSet, HashMap, HashSet};

use identity::{Facts, KeyKind};
use model::{Checksum, SourceId};
use sqlx::{QueryBuilder, Row};

use super::Arrival;
use super::index::{COMMON, Index};
use crate::db::{ArchiveError, Db, MAX_ROWS, Transaction};
use crate::rows::{checksum, record_key, rows_in};
use crate::{EntityKey, RecordKey};

struct Stored {
    id: i64,
    checksum: Checksum,
}

/// Writes the facts of arrivals; gives the records among them that have to be compared with others: those whose facts are new and
/// that share a key, and those that are one with others already.
pub(super) async fn write(
    transaction: &mut Transaction,
    source: &SourceId,
    arrivals: &[Arrival],
    index: &mut Index,
) -> Result<HashSet<RecordKey>, ArchiveError> {
    let records: Vec<RecordKey> = arrivals
        .iter()
        .filter(|arrival| arrival.sealed.facts.is_some())
        .map(|arrival| arrival.record)
        .collect();
    let stored = stored(transaction, &records).await?;
    let mut next: i64 = sqlx::query_as::<_, (i64,)>("SELECT COALESCE(MAX(id), 0) FROM fact")
        .fetch_one(&mut **transaction)
        .await?
        .0;
    let mut news = Vec::new();
    let mut outdated = Vec::new();
    for arrival in arrivals {
        let Some(facts) = &arrival.sealed.facts else {
            continue;
        };
        let bytes = facts.to_bytes();
        let sum = Checksum::of(&bytes);
        let known = stored.get(&arrival.record);
        if known.is_some_and(|known| known.checksum == sum) {
            continue;
        }
        let id = known.map_or_else(
            || {
                next += 1;
                next
            },
            |known| known.id,
        );
        outdated.extend(known.map(|known| known.id));
        news.push(New {
            id,
            record: arrival.record,
            own: arrival.sealed.key,
            checksum: sum,
            bytes,
            organisation: facts.organisation(),
            numbers: numbers(facts),
            evidence: evidence(facts),
            soft: soft(facts),
        });
    }
    let mut lost = forget(transaction, &outdated).await?;
    insert(transaction, &news).await?;
    let written = news.iter().flat_map(|new| new.numbers.iter().copied());
    index.count(transaction, written).await?;
    let mut seeds = sharing(transaction, source, &news, index).await?;
    seeds.extend(crowded(transaction, &news, index).await?);
    for number in news.iter().flat_map(|new| &new.evidence) {
        lost.remove(number);
    }
    seeds.extend(left(transaction, lost, index).await?);
    seeds.extend(joined(transaction, &records).await?);
    // A record that shared something with others and does no more may have to leave them: then it has a statement. One that
    // shares nothing and never did is alone.
    Ok(seeds)
}

struct New {
    id: i64,
    record: RecordKey,
    own: EntityKey,
    checksum: Checksum,
    bytes: Vec<u8>,
    organisation: i64,
    numbers: Vec<i64>,
    /// Those of them that are evidence where few have them.
    evidence: HashSet<i64>,
    /// Those of them that say nothing of two records which one source has at a time.
    soft: HashSet<i64>,
}

pub(super) fn numbers(facts: &Facts) -> Vec<i64> {
    let mut numbers: Vec<i64> = facts.keys.iter().map(identity::Key::number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn evidence(facts: &Facts) -> HashSet<i64> {
    let keys = facts.keys.iter();
    keys.filter(|key| key.kind != KeyKind::Signature)
        .map(identity::Key::number)
        .collect()
}

/// Titles and descriptions: a source that has several records under one knows them apart ([`identity::judge`]).
fn soft(facts: &Facts) -> HashSet<i64> {
    let is_soft = |kind| matches!(kind, KeyKind::Text | KeyKind::Title | KeyKind::Signature);
    let keys = facts.keys.iter();
    keys.filter(|key| is_soft(key.kind))
        .map(identity::Key::number)
        .collect()
}

async fn stored(
    transaction: &mut Transaction,
    records: &[RecordKey],
) -> Result<HashMap<RecordKey, Stored>, ArchiveError> {
    let mut stored = HashMap::with_capacity(records.len());
    let keys: Vec<&[u8]> = records.iter().map(RecordKey::as_bytes).collect();
    for row in rows_in(
        transaction,
        "SELECT id, record, checksum FROM fact WHERE record IN ",
        &keys,
    )
    .await?
    {
        stored.insert(
            record_key(&row, "record")?,
            Stored {
                id: row.try_get("id")?,
                checksum: checksum(&row, "checksum")?,
            },
        );
    }
    Ok(stored)
}

/// Takes the keys of facts that changed out of the index; gives those of them that were evidence.
async fn forget(transaction: &mut Transaction, ids: &[i64]) -> Result<HashSet<i64>, ArchiveError> {
    let mut lost = HashSet::new();
    for id in ids {
        let row: Option<(Vec<u8>,)> = sqlx::query_as("SELECT facts FROM fact WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut **transaction)
            .await?;
        let Some(facts) = row.and_then(|(bytes,)| Facts::from_bytes(&bytes)) else {
            continue;
        };
        lost.extend(evidence(&facts));
        for number in numbers(&facts) {
            sqlx::query("DELETE FROM evidence WHERE number = $1 AND fact = $2")
                .bind(number)
                .bind(id)
                .execute(&mut **transaction)
                .await?;
        }
    }
    Ok(lost)
}

/// The records that still have keys which others lost: what named none of several may name the one that is left.
async fn left(
    transaction: &mut Transaction,
    lost: HashSet<i64>,
    index: &mut Index,
) -> Result<HashSet<RecordKey>, ArchiveError> {
    index.count(transaction, lost.iter().copied()).await?;
    let few: Vec<i64> = lost
        .into_iter()
        .filter(|number| index.is_shared(*number))
        .collect();
    let mut left = HashSet::new();
    for some in few.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(
            "SELECT DISTINCT fact.record FROM evidence JOIN fact ON fact.id = evidence.fact JOIN record ON record.key = fact.record
             WHERE record.state <> 'withdrawn' AND evidence.number IN (",
        );
        let mut list = query.separated(", ");
        for number in some {
            list.push_bind(*number);
        }
        list.push_unseparated(")");
        for row in query.build().fetch_all(&mut **transaction).await? {
            left.insert(record_key(&row, "record")?);
        }
    }
    Ok(left)
}

async fn insert(transaction: &mut Transaction, news: &[New]) -> Result<(), ArchiveError> {
    for some in news.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(
            "INSERT INTO fact (id, record, minted, own, checksum, facts, organisation) ",
        );
        query.push_values(some, |mut row, new| {
            row.push_bind(new.id)
                .push_bind(new.record.as_bytes())
                .push_bind(new.own.minted.segment())
                .push_bind(new.own.id.as_bytes().to_vec())
                .push_bind(new.checksum.as_bytes())
                .push_bind(new.bytes.as_slice())
                .push_bind(new.organisation);
        });
        // The IRI that a record would have alone stays the one that it was first given.
        query
            .push(" ON CONFLICT (id) DO UPDATE SET checksum = excluded.checksum, facts = excluded.facts, organisation = excluded.organisation")
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    let pairs: Vec<(i64, i64)> = news
        .iter()
        .flat_map(|new| new.numbers.iter().map(|number| (*number, new.id)))
        .collect();
    for some in pairs.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("INSERT INTO evidence (number, fact) ");
        query.push_values(some, |mut row, (number, fact)| {
            row.push_bind(number).push_bind(fact);
        });
        query
            .push(" ON CONFLICT DO NOTHING")
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Which of the records share a key with another that may be one with them.
async fn sharing(
    transaction: &mut Transaction,
    source: &SourceId,
    news: &[New],
    index: &Index,
) -> Result<HashSet<RecordKey>, ArchiveError> {
    let shared = |new: &New, is_soft: bool| -> Vec<i64> {
        let numbers = new.numbers.iter().copied();
        numbers
            .filter(|number| new.soft.contains(number) == is_soft && index.is_shared(*number))
            .collect()
    };
    let soft = news.iter().flat_map(|new| shared(new, true)).collect();
    let telling = beyond(transaction, source, soft).await?;
    Ok(news
        .iter()
        .filter(|new| {
            !shared(new, false).is_empty() || shared(new, true).iter().any(|n| telling.contains(n))
        })
        .map(|new| new.record)
        .collect())
}

/// Those of the keys that another source has, too, or that the source itself has no more; and those of a record that is one with others, which
/// may come apart when a second one of its source has the same title.
async fn beyond(
    transaction: &mut Transaction,
    source: &SourceId,
    numbers: BTreeSet<i64>,
) -> Result<HashSet<i64>, ArchiveError> {
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let mut beyond = HashSet::new();
    for some in numbers.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("SELECT column1 AS number FROM (");
        query.push_values(some, |mut row, number| {
            row.push_bind(*number);
        });
        query
            .push(
                ") WHERE EXISTS (SELECT 1 FROM evidence JOIN fact ON fact.id = evidence.fact JOIN record ON record.key = fact.record
                 WHERE evidence.number = column1 AND (record.state <> 'present' OR record.accepted = 0
                 OR EXISTS (SELECT 1 FROM statement WHERE statement.record = record.key) OR record.source <> ",
            )
            .push_bind(source.as_str())
            .push("))");
        let rows = query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .fetch_all(&mut **transaction)
            .await?;
        for row in rows {
            beyond.insert(row.try_get("number")?);
        }
    }
    Ok(beyond)
}

/// The records that had a key before the new ones came, and came so many that it tells nothing any more: what it made one is parted.
async fn crowded(
    transaction: &mut Transaction,
    news: &[New],
    index: &mut Index,
) -> Result<HashSet<RecordKey>, ArchiveError> {
    let mut coming: HashMap<i64, usize> = HashMap::new();
    for number in news.iter().flat_map(|new| &new.evidence) {
        *coming.entry(*number).or_default() += 1;
    }
    let fresh: HashSet<i64> = news.iter().map(|new| new.id).collect();
    let mut crowded = HashSet::new();
    index.count(transaction, coming.keys().copied()).await?;
    for (number, coming) in coming
        .into_iter()
        .filter(|(number, _)| index.is_crowded(*number))
    {
        let most = COMMON + coming + 1;
        let rows = sqlx::query(
            "SELECT fact.id, fact.record FROM evidence JOIN fact ON fact.id = evidence.fact JOIN record ON record.key = fact.record
             WHERE evidence.number = $1 AND record.state <> 'withdrawn' AND record.accepted <> 0 LIMIT $2",
        )
        .bind(number)
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch_all(&mut **transaction)
        .await?;
        let mut before = Vec::new();
        for row in &rows {
            if !fresh.contains(&row.try_get("id")?) {
                before.push(record_key(row, "record")?);
            }
        }
        if before.len() <= COMMON {
            crowded.extend(before);
        }
    }
    Ok(crowded)
}

/// Which of the records are one with others already.
async fn joined(
    transaction: &mut Transaction,
    records: &[RecordKey],
) -> Result<HashSet<RecordKey>, ArchiveError> {
    let mut joined = HashSet::new();
    let keys: Vec<&[u8]> = records.iter().map(RecordKey::as_bytes).collect();
    for row in rows_in(
        transaction,
        "SELECT record FROM statement WHERE record IN ",
        &keys,
    )
    .await?
    {
        joined.insert(record_key(&row, "record")?);
    }
    Ok(joined)
}
