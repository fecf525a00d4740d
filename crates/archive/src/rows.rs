//! Keys in statements and rows.

use std::collections::HashMap;

use model::{Checksum, EntityKind};
use sqlx::{QueryBuilder, Row};
use uuid::Uuid;

use crate::db::{ArchiveError, Db, MAX_ROWS, Transaction, unknown};
use crate::read::RecordState;
use crate::{EntityKey, RecordKey};

/// `(?, ?, ...)`
pub(crate) fn push_keys<'a>(query: &mut QueryBuilder<Db>, keys: impl Iterator<Item = &'a [u8]>) {
    query.push("(");
    let mut list = query.separated(", ");
    for key in keys {
        list.push_bind(key.to_vec());
    }
    list.push_unseparated(")");
}

pub(crate) fn checksum(
    row: &sqlx::sqlite::SqliteRow,
    column: &'static str,
) -> Result<Checksum, ArchiveError> {
    let bytes: Vec<u8> = row.try_get(column)?;
    Checksum::from_slice(&bytes).map_or_else(|| unknown(column, &format!("{bytes:?}")), Ok)
}

pub(crate) fn record_key(
    row: &sqlx::sqlite::SqliteRow,
    column: &'static str,
) -> Result<RecordKey, ArchiveError> {
    let bytes: Vec<u8> = row.try_get(column)?;
    RecordKey::from_slice(&bytes).map_or_else(|| unknown(column, &format!("{bytes:?}")), Ok)
}

pub(crate) fn entity_id(
    row: &sqlx::sqlite::SqliteRow,
    column: &'static str,
) -> Result<Uuid, ArchiveError> {
    let bytes: Vec<u8> = row.try_get(column)?;
    Uuid::from_slice(&bytes).or_else(|_| unknown(column, &format!("{bytes:?}")))
}

pub(crate) fn entity_key(
    row: &sqlx::sqlite::SqliteRow,
    minted: &'static str,
    id: &'static str,
) -> Result<EntityKey, ArchiveError> {
    let segment: String = row.try_get(minted)?;
    let Some(minted) = EntityKind::from_segment(&segment) else {
        return unknown(minted, &segment);
    };
    Ok(EntityKey {
        minted,
        id: entity_id(row, id)?,
    })
}

/// The rows that a statement, which ends with `IN `, gives for keys: asked for in parts, as many at a time as a statement takes.
pub(crate) async fn rows_in(
    transaction: &mut Transaction,
    statement: &'static str,
    keys: &[&[u8]],
) -> Result<Vec<sqlx::sqlite::SqliteRow>, ArchiveError> {
    let mut rows = Vec::new();
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(statement);
        push_keys(&mut query, some.iter().copied());
        rows.extend(
            query
                .build()
                .persistent(some.len() == MAX_ROWS)
                .fetch_all(&mut **transaction)
                .await?,
        );
    }
    Ok(rows)
}

/// How a record stands.
pub(crate) struct RecordStanding {
    pub(crate) state: RecordState,
    pub(crate) accepted: bool,
    pub(crate) entity: Option<EntityKey>,
}

/// How those of the records stand that are known.
pub(crate) async fn record_states(
    transaction: &mut Transaction,
    records: &[RecordKey],
) -> Result<HashMap<RecordKey, RecordStanding>, ArchiveError> {
    let mut found = HashMap::with_capacity(records.len());
    let keys: Vec<&[u8]> = records.iter().map(RecordKey::as_bytes).collect();
    for row in rows_in(
        transaction,
        "SELECT key, state, accepted, minted, entity FROM record WHERE key IN ",
        &keys,
    )
    .await?
    {
        let entity = match row.try_get::<Option<String>, _>("minted")? {
            Some(_) => Some(entity_key(&row, "minted", "entity")?),
            None => None,
        };
        found.insert(
            record_key(&row, "key")?,
            RecordStanding {
                state: RecordState::parse(row.try_get("state")?)?,
                accepted: row.try_get::<i64, _>("accepted")? != 0,
                entity,
            },
        );
    }
    Ok(found)
}
