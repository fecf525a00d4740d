//! What everybody may know of decisions: why records are one, and which may be.

use sqlx::QueryBuilder;

use super::decision::{Decided, Party, Relation, SELECT, decided};
use crate::db::{Archive, ArchiveError, Db, MAX_ROWS};
use crate::rows::push_keys;
use crate::{EntityKey, RecordKey};

/// More decisions about one entity than this are not told of.
const MOST: i64 = 200;

impl Archive {
    /// What was decided of the records of an entity, as far as it is public: of records that their sources have, and of entities
    /// that are published.
    pub async fn public_decisions(&self, entity: EntityKey) -> Result<Vec<Decided>, ArchiveError> {
        let id = || entity.id.as_bytes().to_vec();
        let mut query = QueryBuilder::<Db>::new(SELECT);
        query
            .push(PUBLIC)
            .push(" AND (decision.a IN (SELECT key FROM record WHERE entity = ")
            .push_bind(id())
            .push(") OR decision.b IN (SELECT key FROM record WHERE entity = ")
            .push_bind(id())
            .push(")) ORDER BY decision.at, decision.a, decision.b LIMIT ")
            .push_bind(MOST);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(decided).collect()
    }

    /// The public decisions whose first records entities have, a part of a statement's parameters at a time.
    pub(crate) async fn public_decisions_of_first(
        &self,
        entities: &[EntityKey],
    ) -> Result<Vec<Decided>, ArchiveError> {
        let mut query = QueryBuilder::<Db>::new(SELECT);
        query.push(PUBLIC).push(" AND one.entity IN ");
        push_keys(
            &mut query,
            entities.iter().map(|key| key.id.as_bytes().as_slice()),
        );
        query.push(" ORDER BY decision.a, decision.b");
        let rows = query
            .build()
            .persistent(entities.len() == MAX_ROWS)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(decided).collect()
    }

    /// Pairs of published entities that a person may look at, the latest first, after a place in that list.
    pub async fn proposals(
        &self,
        after: Option<Proposed>,
        limit: u32,
    ) -> Result<Vec<Decided>, ArchiveError> {
        let mut query = QueryBuilder::<Db>::new(SELECT);
        query
            .push(PUBLIC)
            .push(" AND one.entity <> other.entity AND decision.verdict = ")
            .push_bind(Relation::Perhaps.as_str());
        if let Some(after) = after {
            query
                .push(" AND (decision.at, decision.a, decision.b) < (")
                .push_bind(after.at)
                .push(", ")
                .push_bind(after.a.to_vec())
                .push(", ")
                .push_bind(after.b.to_vec())
                .push(")");
        }
        query
            .push(" ORDER BY decision.at DESC, decision.a DESC, decision.b DESC LIMIT ")
            .push_bind(i64::from(limit));
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(decided).collect()
    }
}

/// What everybody may know: nothing of a record that its source withdrew, nor of an entity that is not published.
const PUBLIC: &str = " JOIN entity AS first ON first.id = one.entity JOIN entity AS second ON second.id = other.entity
     WHERE first.state = 'public' AND second.state = 'public' AND one.state <> 'withdrawn' AND other.state <> 'withdrawn'
     AND one.accepted = 1 AND other.accepted = 1";

/// A place in the list of proposals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposed {
    at: i64,
    a: [u8; 16],
    b: [u8; 16],
}

impl Proposed {
    pub fn of(decided: &Decided) -> Self {
        let key = |party: &Party| {
            let mut bytes = [0; 16];
            for (to, from) in bytes
                .iter_mut()
                .zip(RecordKey::new(&party.source, &party.record).as_bytes())
            {
                *to = *from;
            }
            bytes
        };
        Self {
            at: decided.at.timestamp(),
            a: key(&decided.a),
            b: key(&decided.b),
        }
    }
}

impl std::fmt::Display for Proposed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let number = |bytes: [u8; 16]| u128::from_be_bytes(bytes);
        write!(
            f,
            "{}_{:032x}_{:032x}",
            self.at,
            number(self.a),
            number(self.b)
        )
    }
}

impl std::str::FromStr for Proposed {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('_');
        let mut next = || parts.next().ok_or(());
        let at = next()?.parse().map_err(|_| ())?;
        let mut key = || {
            let number = u128::from_str_radix(next()?, 16).map_err(|_| ())?;
            Ok(number.to_be_bytes())
        };
        Ok(Self {
            at,
            a: key()?,
            b: key()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_list_of_proposals_is_read_as_it_is_written() {
        let place = Proposed {
            at: 1_750_000_000,
            a: [7; 16],
            b: [0; 16],
        };
        assert_eq!(place.to_string().parse(), Ok(place));
        for bad in ["", "1", "1_x_y", "x_0_0", "1_0", "1_0_é"] {
            assert_eq!(bad.parse::<Proposed>(), Err(()), "{bad}");
        }
    }
}
