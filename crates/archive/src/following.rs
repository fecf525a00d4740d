//! What followers of the change log ask for that make each entity anew from what it is now.

use std::collections::{BTreeSet, HashMap};

use sqlx::Row;

use crate::EntityKey;
use crate::db::{Archive, ArchiveError};
use crate::rows::{entity_id, entity_key, rows_in};

impl Archive {
    /// The entities of the changes after one, with the number of the last of these changes; none if there are no more.
    pub async fn changed_after(
        &self,
        seq: i64,
        limit: u32,
    ) -> Result<Option<(i64, BTreeSet<EntityKey>)>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT seq, minted, entity FROM change WHERE seq > $1 ORDER BY seq LIMIT $2",
        )
        .bind(seq)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        let Some(last) = rows.last() else {
            return Ok(None);
        };
        let keys = rows
            .iter()
            .map(|row| entity_key(row, "minted", "entity"))
            .collect::<Result<_, _>>()?;
        Ok(Some((last.try_get("seq")?, keys)))
    }

    /// The sources of the records that entities are made of. Agents are made of none.
    pub async fn sources_of(
        &self,
        keys: &[EntityKey],
    ) -> Result<HashMap<EntityKey, BTreeSet<String>>, ArchiveError> {
        let mut transaction = self.readers.begin().await?;
        let ids: Vec<&[u8]> = keys
            .iter()
            .map(|key| key.id.as_bytes().as_slice())
            .collect();
        let rows = rows_in(
            &mut transaction,
            "SELECT DISTINCT entity, source FROM record WHERE state <> 'withdrawn' AND accepted = 1 AND entity IN ",
            &ids,
        )
        .await?;
        let by_id: HashMap<uuid::Uuid, EntityKey> = keys.iter().map(|key| (key.id, *key)).collect();
        let mut sources: HashMap<EntityKey, BTreeSet<String>> = HashMap::new();
        for row in &rows {
            if let Some(key) = by_id.get(&entity_id(row, "entity")?) {
                sources
                    .entry(*key)
                    .or_default()
                    .insert(row.try_get("source")?);
            }
        }
        Ok(sources)
    }
}
