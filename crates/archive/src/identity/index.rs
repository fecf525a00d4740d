//! The index of keys: which records share something.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::SourceId;
use sqlx::{QueryBuilder, Row};

use crate::db::{ArchiveError, Db, MAX_ROWS, Transaction, unknown};

/// A key that more records have than this tells nothing.
pub(super) const COMMON: usize = 50;

/// One that has a key.
#[derive(Clone)]
pub(super) struct Holder {
    pub(super) fact: i64,
    pub(super) source: SourceId,
    pub(super) present: bool,
    pub(super) organisation: i64,
}

/// What was read of the index within a transaction, while neither the keys nor the states of records change: no key is asked for
/// twice. Of most keys it is only kept that one record has them.
#[derive(Default)]
pub(super) struct Index {
    asked: HashSet<i64>,
    /// How many have those keys that several have; counting stops beyond too many.
    counts: HashMap<i64, usize>,
    holders: HashMap<i64, Vec<Holder>>,
}

impl Index {
    /// How many have those of the keys that several have.
    pub(super) async fn counted(
        &mut self,
        transaction: &mut Transaction,
        numbers: impl IntoIterator<Item = i64>,
    ) -> Result<&HashMap<i64, usize>, ArchiveError> {
        let news: BTreeSet<i64> = (numbers.into_iter())
            .filter(|number| self.asked.insert(*number))
            .collect();
        let news: Vec<i64> = news.into_iter().collect();
        for some in news.chunks(MAX_ROWS) {
            let mut query = QueryBuilder::<Db>::new(
                "SELECT number, holders FROM (SELECT column1 AS number, (SELECT COUNT(*) FROM (SELECT 1 FROM evidence WHERE evidence.number = column1 LIMIT ",
            );
            query
                .push_bind(COMMON as i64 + 1)
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
                self.counts
                    .insert(row.try_get("number")?, usize::try_from(count).unwrap_or(0));
            }
        }
        Ok(&self.counts)
    }

    /// Whether more than one record has a key that was counted, and not too many.
    pub(super) fn is_shared(&self, number: i64) -> bool {
        self.counts
            .get(&number)
            .is_some_and(|count| (2..=COMMON).contains(count))
    }

    /// Learns who has those of the keys that are shared.
    pub(super) async fn look(
        &mut self,
        transaction: &mut Transaction,
        numbers: &BTreeSet<i64>,
    ) -> Result<(), ArchiveError> {
        self.counted(transaction, numbers.iter().copied()).await?;
        let news: Vec<i64> = numbers
            .iter()
            .copied()
            .filter(|number| self.is_shared(*number) && !self.holders.contains_key(number))
            .collect();
        for some in news.chunks(MAX_ROWS) {
            let mut query = QueryBuilder::<Db>::new(
                "SELECT evidence.number, evidence.fact, fact.organisation, record.source, record.state FROM evidence JOIN fact ON fact.id = evidence.fact
                 JOIN record ON record.key = fact.record WHERE evidence.number IN (",
            );
            let mut list = query.separated(", ");
            for number in some {
                list.push_bind(*number);
            }
            list.push_unseparated(")");
            for row in query
                .build()
                .persistent(some.len() == MAX_ROWS)
                .fetch_all(&mut **transaction)
                .await?
            {
                let (source, state): (&str, &str) =
                    (row.try_get("source")?, row.try_get("state")?);
                let Ok(source) = SourceId::new(source) else {
                    return unknown("record.source", source);
                };
                let holder = Holder {
                    fact: row.try_get("fact")?,
                    source,
                    present: state == "present",
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
