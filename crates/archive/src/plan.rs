//! What a plan is made with: a copy of the archive for a run to change, and what it changed in the copy.

use std::collections::HashSet;
use std::path::Path;

use identity::Rule;
use model::{Checksum, RecordId, RunId, SourceId};
use sqlx::sqlite::{SqliteRow, SqliteSynchronous};
use sqlx::{QueryBuilder, Row};

use crate::db::{Archive, ArchiveError, Db, MAX_ROWS};
use crate::identity::Relation;
use crate::read::{RecordState, optional_entity};
use crate::rows::{entity_key, push_keys, record_key};
use crate::{EntityKey, RecordKey};

/// A record with its identifier and its entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRecord {
    pub key: RecordKey,
    pub record: RecordId,
    pub entity: Option<EntityKey>,
}

/// A record whose state a run changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedRecord {
    pub named: NamedRecord,
    pub was: RecordState,
    pub is: RecordState,
}

impl Archive {
    /// Copies the archive as it stands into a new file, in which no run is going on. Others may go on writing to this one. What is
    /// written to the copy is not safe from a power cut.
    pub async fn copy_to(&self, path: &Path) -> Result<Self, ArchiveError> {
        let Some(name) = path.to_str() else {
            let source = std::io::Error::other("its path is not text in UTF-8").into();
            let path = path.display().to_string();
            return Err(ArchiveError::Open { path, source });
        };
        sqlx::query("VACUUM INTO $1")
            .bind(name)
            .persistent(false)
            .execute(&self.readers)
            .await?;
        let copy = Self::connect(
            path,
            &self.base,
            SqliteSynchronous::Off,
            crate::db::PATIENCE,
        )
        .await?;
        sqlx::query("DELETE FROM lease")
            .execute(&copy.writer)
            .await?;
        sqlx::query("UPDATE run SET outcome = 'failed' WHERE outcome = 'running'")
            .execute(&copy.writer)
            .await?;
        Ok(copy.trusting(&self.trust))
    }

    /// What tells this archive from any other. A copy has it too.
    pub async fn mark(&self) -> Result<String, ArchiveError> {
        let (mark,): (String,) = sqlx::query_as("SELECT mark FROM instance")
            .fetch_one(&self.readers)
            .await?;
        Ok(mark)
    }

    /// The entities that a run of a source touched: those that changed since a place in the log of changes, and those of the records
    /// that the run brought or changed. Sorted.
    pub async fn touched(
        &self,
        source: &SourceId,
        run: RunId,
        since: i64,
    ) -> Result<Vec<EntityKey>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT minted, entity FROM change WHERE seq > $1
             UNION SELECT minted, entity FROM record WHERE source = $2 AND created_run = $3 AND minted IS NOT NULL
             UNION SELECT record.minted, record.entity FROM history JOIN record ON record.key = history.key
             WHERE history.run = $3 AND record.minted IS NOT NULL",
        )
        .bind(since)
        .bind(source.as_str())
        .bind(run.0)
        .fetch_all(&self.readers)
        .await?;
        let mut keys = rows
            .iter()
            .map(|row| entity_key(row, "minted", "entity"))
            .collect::<Result<Vec<_>, _>>()?;
        keys.sort_unstable();
        Ok(keys)
    }

    /// Whether one of the entities changed since a place in the log of changes.
    pub async fn changed_since(
        &self,
        since: i64,
        entities: &[EntityKey],
    ) -> Result<bool, ArchiveError> {
        for some in entities.chunks(MAX_ROWS) {
            let mut query = QueryBuilder::<Db>::new("SELECT 1 FROM change WHERE seq > ");
            query.push_bind(since).push(" AND entity IN ");
            push_keys(
                &mut query,
                some.iter().map(|key| key.id.as_bytes().as_slice()),
            );
            query.push(" LIMIT 1");
            if query.build().fetch_optional(&self.readers).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Those of the entities that were published once and are not now.
    pub async fn withdrawn(
        &self,
        entities: &[EntityKey],
    ) -> Result<HashSet<EntityKey>, ArchiveError> {
        let mut found = HashSet::new();
        for some in entities.chunks(MAX_ROWS) {
            let mut query = QueryBuilder::<Db>::new(
                "SELECT minted, id FROM entity WHERE state = 'withdrawn' AND id IN ",
            );
            push_keys(
                &mut query,
                some.iter().map(|key| key.id.as_bytes().as_slice()),
            );
            for row in query.build().fetch_all(&self.readers).await? {
                found.insert(entity_key(&row, "minted", "id")?);
            }
        }
        Ok(found)
    }

    /// The records of which a run changed the state, in the order of keys.
    pub async fn moved_records(&self, run: RunId) -> Result<Vec<MovedRecord>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT record.key, record.id, record.minted, record.entity, history.state AS was, record.state FROM history
             JOIN record ON record.key = history.key WHERE history.run = $1 AND history.state <> record.state ORDER BY record.key",
        )
        .bind(run.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(MovedRecord {
                    named: named(row)?,
                    was: RecordState::parse(row.try_get("was")?)?,
                    is: RecordState::parse(row.try_get("state")?)?,
                })
            })
            .collect()
    }

    /// Those of the records that are known, with their identifiers.
    pub async fn named(&self, keys: &[RecordKey]) -> Result<Vec<NamedRecord>, ArchiveError> {
        let mut found = Vec::with_capacity(keys.len());
        for some in keys.chunks(MAX_ROWS) {
            let mut query =
                QueryBuilder::<Db>::new("SELECT key, id, minted, entity FROM record WHERE key IN ");
            push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
            for row in query.build().fetch_all(&self.readers).await? {
                found.push(named(&row)?);
            }
        }
        found.sort_by_key(|record| record.key);
        Ok(found)
    }

    /// A checksum of all that persons decided of identity.
    pub async fn persons_decisions(&self) -> Result<Checksum, ArchiveError> {
        let rows: Vec<(Vec<u8>, Vec<u8>, String)> =
            sqlx::query_as("SELECT a, b, verdict FROM decision WHERE rule = $1 ORDER BY a, b")
                .bind(Rule::Person.name())
                .fetch_all(&self.readers)
                .await?;
        let mut all = Vec::new();
        for (a, b, verdict) in rows {
            all.extend_from_slice(&a);
            all.extend_from_slice(&b);
            all.extend_from_slice(verdict.as_bytes());
        }
        Ok(Checksum::of(&all))
    }

    /// How many pairs of records are proposed to a person.
    pub async fn proposed(&self) -> Result<u64, ArchiveError> {
        let (count,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM decision WHERE verdict = $1")
            .bind(Relation::Perhaps.as_str())
            .fetch_one(&self.readers)
            .await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

fn named(row: &SqliteRow) -> Result<NamedRecord, ArchiveError> {
    Ok(NamedRecord {
        key: record_key(row, "key")?,
        record: RecordId::new(row.try_get::<String, _>("id")?),
        entity: optional_entity(row)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_copy_is_the_same_archive_and_goes_its_own_way() {
        let directory = tempfile::tempdir().unwrap();
        let base = "https://donnees.example.org/";
        let archive = Archive::open(&directory.path().join("archive.sqlite"), base)
            .await
            .unwrap();
        let source = SourceId::new("a").unwrap();
        let now = "2026-03-01T03:00:00Z".parse().unwrap();
        let going = archive.begin_run(&source, now, true).await.unwrap();
        let copy = archive
            .copy_to(&directory.path().join("copy.sqlite"))
            .await
            .unwrap();
        assert_eq!(copy.mark().await.unwrap(), archive.mark().await.unwrap());
        assert!(!copy.mark().await.unwrap().is_empty());
        // The run that goes on does not go on in the copy.
        let other = copy.begin_run(&source, now, true).await.unwrap();
        assert_eq!(other.run.0, going.run.0 + 1);
        assert_eq!(archive.runs(None, 9).await.unwrap().len(), 1);
        assert!(archive.lease(&source).await.unwrap().is_some());
        // Another archive is another.
        let fresh = Archive::open(&directory.path().join("fresh.sqlite"), base)
            .await
            .unwrap();
        assert_ne!(fresh.mark().await.unwrap(), archive.mark().await.unwrap());
    }
}
