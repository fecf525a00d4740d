//! The index of keys: which records share something.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::SourceId;
use sqlx::{QueryBuilder, Row};

use crate::db::{ArchiveError, Db, MAX_ROWS, Transaction, unknown};

/// A key that more records have than this tells nothing. Records that left do not count.
pub(super) const COMMON: usize = 50;
/// Records that are looked at where many that had a key left: beyond, it tells nothing.
const LOOKED: usize = 5_000;
/// Records that left of one entity, and of those that had one key, which are still compared: the last ones. A portal that gives its
/// datasets new identifiers with every harvest leaves one each time.
pub(super) const FORMER: usize = 20;

/// One that has a key.
#[derive(Clone)]
pub(super) struct Holder {
    pub(super) fact: i64,
    pub(super) source: SourceId,
    pub(super) present: bool,
    pub(super) organisation: i64,
}

/// How many records have a key.
#[derive(Clone, Copy)]
struct Count {
    /// Those that left included; counting stops beyond too many.
    holders: usize,
    /// Not too many of those that are there have it.
    is_few: bool,
}

/// What was read of the index within a transaction, while neither the keys nor the states of records change: no key is asked for
/// twice. Of most keys it is only kept that one record has them.
#[derive(Default)]
pub(super) struct Index {
    asked: HashSet<i64>,
    /// Of those keys that several have.
    counts: HashMap<i64, Count>,
    holders: HashMap<i64, Vec<Holder>>,
}

/// Ever: one that left is among those that have a key.
const EVER: &str = "SELECT number, holders FROM (SELECT column1 AS number, (SELECT COUNT(*) FROM (SELECT 1 FROM evidence
     WHERE evidence.number = column1 LIMIT ";
const THERE: &str = "SELECT number, holders FROM (SELECT column1 AS number, (SELECT COUNT(*) FROM (SELECT 1 FROM evidence
     JOIN fact ON fact.id = evidence.fact JOIN record ON record.key = fact.record AND record.state <> 'withdrawn' AND record.accepted <> 0
     WHERE evidence.number = column1 LIMIT ";

impl Index {
    /// Learns how many have each of the keys. Only where those that left may have made them too many, the others are counted apart.
    pub(super) async fn count(
        &mut self,
        transaction: &mut Transaction,
        numbers: impl IntoIterator<Item = i64>,
    ) -> Result<(), ArchiveError> {
        let news: BTreeSet<i64> = (numbers.into_iter())
            .filter(|number| self.asked.insert(*number))
            .collect();
        let news: Vec<i64> = news.into_iter().collect();
        let mut many = Vec::new();
        for (number, holders) in counted(transaction, &news, EVER, COMMON + 1).await? {
            let is_few = holders <= COMMON;
            many.extend((!is_few).then_some(number));
            self.counts.insert(number, Count { holders, is_few });
        }
        let bounded: Vec<i64> = counted(transaction, &many, EVER, LOOKED + 1)
            .await?
            .into_iter()
            .filter(|(_, holders)| *holders <= LOOKED)
            .map(|(number, _)| number)
            .collect();
        let crowded: HashSet<i64> = counted(transaction, &bounded, THERE, COMMON + 1)
            .await?
            .into_iter()
            .filter(|(_, holders)| *holders > COMMON)
            .map(|(number, _)| number)
            .collect();
        for number in bounded {
            if let Some(count) = self.counts.get_mut(&number) {
                count.is_few = !crowded.contains(&number);
            }
        }
        Ok(())
    }

    /// Whether more than one record has a key that was counted, and not too many.
    pub(super) fn is_shared(&self, number: i64) -> bool {
        self.counts.get(&number).is_some_and(|count| count.is_few)
    }

    /// Whether too many records have a key that was counted.
    pub(super) fn is_crowded(&self, number: i64) -> bool {
        self.counts.get(&number).is_some_and(|count| !count.is_few)
    }

    /// Learns who has those of the keys that are shared.
    pub(super) async fn look(
        &mut self,
        transaction: &mut Transaction,
        numbers: &BTreeSet<i64>,
    ) -> Result<(), ArchiveError> {
        self.count(transaction, numbers.iter().copied()).await?;
        let (few, left): (Vec<i64>, Vec<i64>) = numbers
            .iter()
            .copied()
            .filter(|number| self.is_shared(*number) && !self.holders.contains_key(number))
            .partition(|number| {
                let count = self.counts.get(number);
                count.is_some_and(|count| count.holders <= COMMON)
            });
        self.read(transaction, &few, ("", "")).await?;
        // Of keys that many had who left, the last of these.
        let place = ", ROW_NUMBER() OVER (PARTITION BY evidence.number, record.state = 'withdrawn' ORDER BY evidence.fact DESC) AS place";
        let last = format!(") WHERE state <> 'withdrawn' OR place <= {FORMER}");
        self.read(transaction, &left, (place, &last)).await
    }

    async fn read(
        &mut self,
        transaction: &mut Transaction,
        numbers: &[i64],
        (place, last): (&str, &str),
    ) -> Result<(), ArchiveError> {
        for some in numbers.chunks(MAX_ROWS) {
            let columns = "SELECT evidence.number, evidence.fact, fact.organisation, record.source, record.state, record.accepted";
            let mut query = QueryBuilder::<Db>::new(if last.is_empty() {
                ""
            } else {
                "SELECT * FROM ("
            });
            query.push(columns).push(place).push(
                " FROM evidence JOIN fact ON fact.id = evidence.fact JOIN record ON record.key = fact.record WHERE evidence.number IN (",
            );
            let mut list = query.separated(", ");
            for number in some {
                list.push_bind(*number);
            }
            list.push_unseparated(")");
            query.push(last);
            for row in query
                .build()
                .persistent(some.len() == MAX_ROWS)
                .fetch_all(&mut **transaction)
                .await?
            {
                let (source, state): (&str, &str) = (row.try_get("source")?, row.try_get("state")?);
                let Ok(source) = SourceId::new(source) else {
                    return unknown("record.source", source);
                };
                let holder = Holder {
                    fact: row.try_get("fact")?,
                    source,
                    present: state == "present" && row.try_get::<i64, _>("accepted")? != 0,
                    organisation: row.try_get("organisation")?,
                };
                let number = row.try_get("number")?;
                self.holders.entry(number).or_default().push(holder);
            }
        }
        Ok(())
    }

    /// Who has a key that was looked at: none where one record has it, or too many.
    pub(super) fn holders(&self, number: i64) -> Option<&[Holder]> {
        self.holders.get(&number).map(Vec::as_slice)
    }
}

/// Counts who has each of the keys, by a statement that ends where the most that is counted stands: those that several have.
async fn counted(
    transaction: &mut Transaction,
    numbers: &[i64],
    statement: &'static str,
    most: usize,
) -> Result<Vec<(i64, usize)>, ArchiveError> {
    let mut counted = Vec::new();
    for some in numbers.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(statement);
        query
            .push_bind(i64::try_from(most).unwrap_or(i64::MAX))
            .push(")) AS holders FROM (");
        query.push_values(some, |mut row, number| {
            row.push_bind(*number);
        });
        query.push(")) WHERE holders > 1");
        for row in query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .fetch_all(&mut **transaction)
            .await?
        {
            let count: i64 = row.try_get("holders")?;
            counted.push((row.try_get("number")?, usize::try_from(count).unwrap_or(0)));
        }
    }
    Ok(counted)
}
