//! Reading: what is known of records, published entities in stable order, changes.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use model::{Checksum, EntityKind, RecordFormat, RecordId, RunId, SourceId};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row};

use crate::db::{Archive, ArchiveError, Db, MAX_ROWS, time, unknown};
use crate::pack::Packed;
use crate::rows::{checksum, entity_id, entity_key, push_keys, record_key};
use crate::{EntityKey, RecordKey};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordState {
    Present,
    /// Not seen by the last complete run; still in the catalogue.
    Missing,
    Withdrawn,
}

/// What is known of a record before it is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub checksum: Checksum,
    pub state: RecordState,
    /// Whether its body could be mapped.
    pub accepted: bool,
    pub entity: Option<EntityKey>,
}

/// A record as it was fetched.
#[derive(Debug, Clone)]
pub struct RawRow {
    pub source: SourceId,
    pub id: RecordId,
    pub format: RecordFormat,
    pub body: Packed,
    pub fetched: DateTime<Utc>,
    pub state: RecordState,
    pub entity: Option<EntityKey>,
}

/// An entity in the catalogue.
#[derive(Debug, Clone)]
pub struct PublishedEntity {
    pub key: EntityKey,
    pub kind: EntityKind,
    pub source: SourceId,
    pub changed: DateTime<Utc>,
    pub checksum: Checksum,
    graph: Packed,
}

impl PublishedEntity {
    /// Its own graph: sorted canonical N-Triples. [`Archive::document`] adds what is shared and linked.
    pub fn text(&self) -> Result<String, ArchiveError> {
        Ok(self.graph.unpack_text()?)
    }
}

/// What is kept of an entity, published or not.
#[derive(Debug, Clone)]
pub struct EntityRow {
    pub entity: PublishedEntity,
    /// In the catalogue, and not withdrawn from it.
    pub public: bool,
}

/// All that the catalogue says about an entity.
#[derive(Debug, Clone)]
pub struct Document {
    pub entity: PublishedEntity,
    /// Sorted canonical N-Triples.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Created,
    Updated,
    Withdrawn,
    Restored,
}

/// Something that happened to a published entity.
#[derive(Debug, Clone)]
pub struct Change {
    pub seq: i64,
    pub run: RunId,
    pub at: DateTime<Utc>,
    pub key: EntityKey,
    pub what: What,
    /// N-Triples, each after `-` or `+`. For what [`What::is_whole`], what comes beside the entity's own graph.
    pub lines: Vec<String>,
}

/// How many entities of each kind the catalogue has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    pub datasets: u64,
    pub series: u64,
    pub services: u64,
    pub organisations: u64,
}

impl What {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Withdrawn => "withdrawn",
            Self::Restored => "restored",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [
            Self::Created,
            Self::Updated,
            Self::Withdrawn,
            Self::Restored,
        ]
        .into_iter()
        .find(|what| what.as_str() == name)
    }

    /// Whether the entity's whole graph enters the catalogue.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Created | Self::Restored)
    }
}

impl RecordState {
    pub(crate) fn parse(name: &str) -> Result<Self, ArchiveError> {
        match name {
            "present" => Ok(Self::Present),
            "missing" => Ok(Self::Missing),
            "withdrawn" => Ok(Self::Withdrawn),
            _ => unknown("record.state", name),
        }
    }
}

impl Archive {
    /// What is known of the records among `keys` that are known.
    pub async fn known(
        &self,
        keys: &[RecordKey],
    ) -> Result<HashMap<RecordKey, Known>, ArchiveError> {
        let mut known = HashMap::with_capacity(keys.len());
        for some in keys.chunks(MAX_ROWS) {
            let mut query = QueryBuilder::<Db>::new(
                "SELECT key, checksum, state, accepted, minted, entity FROM record WHERE key IN ",
            );
            push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
            for row in query
                .build()
                .persistent(some.len() == MAX_ROWS)
                .fetch_all(&self.readers)
                .await?
            {
                known.insert(
                    record_key(&row, "key")?,
                    Known {
                        checksum: checksum(&row, "checksum")?,
                        state: RecordState::parse(row.try_get("state")?)?,
                        accepted: row.try_get::<i64, _>("accepted")? != 0,
                        entity: optional_entity(&row)?,
                    },
                );
            }
        }
        Ok(known)
    }

    /// Records with their bodies, after a key, in the order of keys.
    pub async fn raw_records(
        &self,
        after: Option<RecordKey>,
        limit: u32,
    ) -> Result<Vec<(RecordKey, RawRow)>, ArchiveError> {
        let rows = sqlx::query("SELECT record.*, body.zstd FROM record JOIN body ON body.key = record.key WHERE record.key > $1 ORDER BY record.key LIMIT $2")
            .bind(after.as_ref().map(RecordKey::as_bytes).unwrap_or_default().to_vec())
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter()
            .map(|row| Ok((record_key(row, "key")?, raw_row(row)?)))
            .collect()
    }

    pub async fn entity(&self, key: EntityKey) -> Result<Option<EntityRow>, ArchiveError> {
        let row = sqlx::query("SELECT * FROM entity WHERE id = $1 AND minted = $2")
            .bind(key.id.as_bytes().to_vec())
            .bind(key.minted.segment())
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| {
            Ok(EntityRow {
                public: row.try_get::<String, _>("state")? == "public",
                entity: published(&row)?,
            })
        })
        .transpose()
    }

    /// Published entities minted under a segment, after an identifier, in the order of IRIs.
    pub async fn page(
        &self,
        minted: EntityKind,
        after: Option<uuid::Uuid>,
        limit: u32,
    ) -> Result<Vec<PublishedEntity>, ArchiveError> {
        let rows = sqlx::query("SELECT * FROM entity WHERE minted = $1 AND id > $2 AND state = 'public' ORDER BY id LIMIT $3")
            .bind(minted.segment())
            .bind(after.map(|id| id.as_bytes().to_vec()).unwrap_or_default())
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(published).collect()
    }

    /// Published entities minted under a segment, from one identifier to another, with when they changed, in the order of IRIs.
    pub async fn changed_between(
        &self,
        minted: EntityKind,
        first: uuid::Uuid,
        last: uuid::Uuid,
        limit: u32,
    ) -> Result<Vec<(EntityKey, DateTime<Utc>)>, ArchiveError> {
        let rows = sqlx::query("SELECT minted, id, changed FROM entity WHERE minted = $1 AND id BETWEEN $2 AND $3 AND state = 'public' ORDER BY id LIMIT $4")
            .bind(minted.segment())
            .bind(first.as_bytes().to_vec())
            .bind(last.as_bytes().to_vec())
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter()
            .map(|row| {
                Ok((
                    entity_key(row, "minted", "id")?,
                    time(row.try_get("changed")?),
                ))
            })
            .collect()
    }

    /// Every published entity minted under a segment, in the order of IRIs.
    pub fn published(
        &self,
        minted: EntityKind,
    ) -> BoxStream<'_, Result<PublishedEntity, ArchiveError>> {
        sqlx::query("SELECT * FROM entity WHERE minted = $1 AND state = 'public' ORDER BY id")
            .bind(minted.segment())
            .fetch(&self.readers)
            .map_err(ArchiveError::from)
            .and_then(|row| async move { published(&row) })
            .boxed()
    }

    /// The shared lines of the whole catalogue: sorted, each once.
    pub fn shared_lines(&self) -> BoxStream<'_, Result<String, ArchiveError>> {
        sqlx::query("SELECT DISTINCT line FROM shared ORDER BY line")
            .fetch(&self.readers)
            .map_err(ArchiveError::from)
            .and_then(|row| async move { Ok(row.try_get("line")?) })
            .boxed()
    }

    /// Every statement between two published entities that holds now, as sorted lines.
    pub async fn link_lines(&self) -> Result<Vec<String>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT DISTINCT link.subject, link.predicate, alias.minted, alias.entity FROM link
             JOIN alias ON alias.source = link.source AND alias.name = link.target AND alias.kind = link.kind",
        )
        .fetch_all(&self.readers)
        .await?;
        let mut lines = rows
            .iter()
            .map(|row| self.link_line(row))
            .collect::<Result<Vec<_>, _>>()?;
        lines.sort_unstable();
        lines.dedup();
        Ok(lines)
    }

    /// What the catalogue says about entities: their graphs, what they state of shared IRIs, and their links.
    pub async fn documents(
        &self,
        entities: Vec<PublishedEntity>,
    ) -> Result<Vec<Document>, ArchiveError> {
        let mut lines: HashMap<uuid::Uuid, Vec<String>> = HashMap::new();
        for some in entities.chunks(MAX_ROWS) {
            let ids = || {
                some.iter()
                    .map(|entity| entity.key.id.as_bytes().as_slice())
            };
            let mut query =
                QueryBuilder::<Db>::new("SELECT entity, line FROM shared WHERE entity IN ");
            push_keys(&mut query, ids());
            for row in query
                .build()
                .persistent(some.len() == MAX_ROWS)
                .fetch_all(&self.readers)
                .await?
            {
                lines
                    .entry(entity_id(&row, "entity")?)
                    .or_default()
                    .push(row.try_get("line")?);
            }
            let mut query = QueryBuilder::<Db>::new(
                "SELECT link.entity AS maker, link.subject, link.predicate, alias.minted, alias.entity FROM link
                 JOIN alias ON alias.source = link.source AND alias.name = link.target AND alias.kind = link.kind WHERE link.entity IN ",
            );
            push_keys(&mut query, ids());
            for row in query
                .build()
                .persistent(some.len() == MAX_ROWS)
                .fetch_all(&self.readers)
                .await?
            {
                lines
                    .entry(entity_id(&row, "maker")?)
                    .or_default()
                    .push(self.link_line(&row)?);
            }
        }
        entities
            .into_iter()
            .map(|entity| {
                let text = entity.text()?;
                let beside = lines.remove(&entity.key.id).unwrap_or_default();
                let mut all: Vec<&str> = text
                    .lines()
                    .chain(beside.iter().map(String::as_str))
                    .collect();
                all.sort_unstable();
                all.dedup();
                let text = all.iter().flat_map(|line| [*line, "\n"]).collect();
                Ok(Document { entity, text })
            })
            .collect()
    }

    pub async fn counts(&self) -> Result<Counts, ArchiveError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT kind, COUNT(*) FROM entity WHERE state = 'public' GROUP BY kind",
        )
        .fetch_all(&self.readers)
        .await?;
        let mut counts = Counts::default();
        for (kind, n) in rows {
            let n = u64::try_from(n).unwrap_or(0);
            match EntityKind::from_segment(&kind) {
                Some(EntityKind::Dataset) => counts.datasets = n,
                Some(EntityKind::DatasetSeries) => counts.series = n,
                Some(EntityKind::DataService) => counts.services = n,
                Some(EntityKind::Organisation) => counts.organisations = n,
                None => return unknown("entity.kind", &kind),
            }
        }
        Ok(counts)
    }

    /// How many records of a source are in each state: present and published, missing, withdrawn, and present but refused.
    pub async fn record_counts(
        &self,
        source: &SourceId,
    ) -> Result<(u64, u64, u64, u64), ArchiveError> {
        let row: (i64, i64, i64, i64) = sqlx::query_as(
            "SELECT COUNT(CASE WHEN state = 'present' AND accepted = 1 THEN 1 END), COUNT(CASE WHEN state = 'missing' THEN 1 END),
             COUNT(CASE WHEN state = 'withdrawn' THEN 1 END), COUNT(CASE WHEN state = 'present' AND accepted = 0 THEN 1 END) FROM record WHERE source = $1",
        )
        .bind(source.as_str())
        .fetch_one(&self.readers)
        .await?;
        let n = |n: i64| u64::try_from(n).unwrap_or(0);
        Ok((n(row.0), n(row.1), n(row.2), n(row.3)))
    }

    /// The number and time of the last change, for validators of whole answers (ETag, Last-Modified).
    pub async fn last_change(&self) -> Result<Option<(i64, DateTime<Utc>)>, ArchiveError> {
        let row: Option<(i64, i64)> =
            sqlx::query_as("SELECT seq, at FROM change ORDER BY seq DESC LIMIT 1")
                .fetch_optional(&self.readers)
                .await?;
        Ok(row.map(|(seq, at)| (seq, time(at))))
    }

    /// Changes after one, in order. For whole entities, the lines beside their graph are those of now.
    pub async fn changes_after(&self, seq: i64, limit: u32) -> Result<Vec<Change>, ArchiveError> {
        let rows = sqlx::query("SELECT * FROM change WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(seq)
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter()
            .map(|row| {
                let what: String = row.try_get("what")?;
                let Some(what) = What::parse(&what) else {
                    return unknown("change.what", &what);
                };
                let lines = match row.try_get::<Option<Vec<u8>>, _>("diff")? {
                    Some(diff) => Packed::from_stored(diff)
                        .unpack_text()?
                        .lines()
                        .map(str::to_owned)
                        .collect(),
                    None => Vec::new(),
                };
                Ok(Change {
                    seq: row.try_get("seq")?,
                    run: RunId(row.try_get("run")?),
                    at: time(row.try_get("at")?),
                    key: entity_key(row, "minted", "entity")?,
                    what,
                    lines,
                })
            })
            .collect()
    }

    /// How far a projection has followed the changes; `None` if it was never made.
    pub async fn projected(&self, projection: &str) -> Result<Option<i64>, ArchiveError> {
        let row: Option<(i64,)> = sqlx::query_as("SELECT seq FROM projection WHERE name = $1")
            .bind(projection)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(|(seq,)| seq))
    }

    pub async fn set_projected(&self, projection: &str, seq: i64) -> Result<(), ArchiveError> {
        sqlx::query("INSERT INTO projection (name, seq) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq")
            .bind(projection)
            .bind(seq)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Lets a projection be made again from nothing.
    pub async fn forget_projection_of(&self, projection: &str) -> Result<(), ArchiveError> {
        sqlx::query("DELETE FROM projection WHERE name = $1")
            .bind(projection)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Lets every projection be made again from nothing.
    pub async fn forget_projection(&self) -> Result<(), ArchiveError> {
        sqlx::query("DELETE FROM projection")
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Published entities whose records or descriptions changed last, newest first.
    pub async fn latest(
        &self,
        kind: EntityKind,
        limit: u32,
    ) -> Result<Vec<PublishedEntity>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT entity.* FROM entity JOIN (SELECT entity, MAX(seq) AS last FROM (SELECT entity, seq FROM change WHERE minted = $1 ORDER BY seq DESC LIMIT $2) GROUP BY entity) AS recent
             ON recent.entity = entity.id WHERE entity.state = 'public' ORDER BY recent.last DESC LIMIT $3",
        )
        .bind(kind.segment())
        .bind(i64::from(limit) * 4)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(published).collect()
    }

    /// Those of the entities that are published.
    pub async fn entities(&self, keys: &[EntityKey]) -> Result<Vec<PublishedEntity>, ArchiveError> {
        let mut found = Vec::with_capacity(keys.len());
        for some in keys.chunks(MAX_ROWS) {
            let mut query =
                QueryBuilder::<Db>::new("SELECT * FROM entity WHERE state = 'public' AND id IN ");
            push_keys(
                &mut query,
                some.iter().map(|key| key.id.as_bytes().as_slice()),
            );
            for row in query
                .build()
                .persistent(some.len() == MAX_ROWS)
                .fetch_all(&self.readers)
                .await?
            {
                found.push(published(&row)?);
            }
        }
        found.retain(|entity| keys.contains(&entity.key));
        Ok(found)
    }

    /// Published entities whose records name an agent, after an identifier, in the order of identifiers.
    pub async fn naming(
        &self,
        agent: EntityKey,
        after: Option<uuid::Uuid>,
        limit: u32,
    ) -> Result<Vec<PublishedEntity>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT * FROM entity WHERE state = 'public' AND id > $1 AND id IN
             (SELECT record.entity FROM description JOIN record ON record.key = description.record WHERE description.entity = $2) ORDER BY id LIMIT $3",
        )
        .bind(after.map(|id| id.as_bytes().to_vec()).unwrap_or_default())
        .bind(agent.id.as_bytes().to_vec())
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(published).collect()
    }

    /// Published entities that have a link to one, after an identifier, in the order of identifiers.
    pub async fn linking_to(
        &self,
        target: EntityKey,
        after: Option<uuid::Uuid>,
        limit: u32,
    ) -> Result<Vec<PublishedEntity>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT * FROM entity WHERE state = 'public' AND id > $1 AND id IN
             (SELECT link.entity FROM alias JOIN link ON link.source = alias.source AND link.target = alias.name AND link.kind = alias.kind WHERE alias.entity = $2)
             ORDER BY id LIMIT $3",
        )
        .bind(after.map(|id| id.as_bytes().to_vec()).unwrap_or_default())
        .bind(target.id.as_bytes().to_vec())
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(published).collect()
    }

    fn link_line(&self, row: &SqliteRow) -> Result<String, ArchiveError> {
        let (subject, predicate): (String, String) =
            (row.try_get("subject")?, row.try_get("predicate")?);
        Ok(format!(
            "<{subject}> <{predicate}> <{}> .",
            entity_key(row, "minted", "entity")?.iri(&self.base)
        ))
    }
}

fn published(row: &SqliteRow) -> Result<PublishedEntity, ArchiveError> {
    let (kind, source): (String, String) = (row.try_get("kind")?, row.try_get("source")?);
    let Some(kind) = EntityKind::from_segment(&kind) else {
        return unknown("entity.kind", &kind);
    };
    let Ok(source) = SourceId::new(&source) else {
        return unknown("entity.source", &source);
    };
    Ok(PublishedEntity {
        key: entity_key(row, "minted", "id")?,
        kind,
        source,
        changed: time(row.try_get("changed")?),
        checksum: checksum(row, "checksum")?,
        graph: Packed::from_stored(row.try_get("graph")?),
    })
}

pub(crate) fn raw_row(row: &SqliteRow) -> Result<RawRow, ArchiveError> {
    let (source, format): (String, String) = (row.try_get("source")?, row.try_get("format")?);
    let Ok(source) = SourceId::new(&source) else {
        return unknown("record.source", &source);
    };
    let Some(format) = RecordFormat::parse(&format) else {
        return unknown("record.format", &format);
    };
    Ok(RawRow {
        source,
        id: RecordId::new(row.try_get::<String, _>("id")?),
        format,
        body: Packed::from_stored(row.try_get("zstd")?),
        fetched: time(row.try_get("fetched")?),
        state: RecordState::parse(row.try_get("state")?)?,
        entity: optional_entity(row)?,
    })
}

pub(crate) fn optional_entity(row: &SqliteRow) -> Result<Option<EntityKey>, ArchiveError> {
    match row.try_get::<Option<String>, _>("minted")? {
        Some(_) => Ok(Some(entity_key(row, "minted", "entity")?)),
        None => Ok(None),
    }
}
