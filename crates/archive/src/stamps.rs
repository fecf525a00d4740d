//! What changed since a time, and of which part of the catalogue: for protocols that tell it to others.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use model::{EntityKind, SourceId};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row};
use uuid::Uuid;

use crate::EntityKey;
use crate::db::{Archive, ArchiveError, Db, seconds, time, unknown};
use crate::read::What;
use crate::rows::{entity_id, entity_key, rows_in};

/// A part of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// What is made of records of a source.
    Source(SourceId),
    /// What an organisation publishes.
    Publisher(Uuid),
    /// What has a `dcat:theme`, by the concept's IRI.
    Theme(String),
    Sources,
    Publishers,
    Themes,
}

/// Where an entity stands in the order of changes: that of time, and of the log within one second. What is committed later stands behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    at: i64,
    seq: i64,
    entity: Uuid,
}

/// When what is told of an entity changed last: itself, or an agent that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    pub key: EntityKey,
    pub place: Place,
    /// Withdrawn from the catalogue.
    pub gone: bool,
}

/// Those of the datasets, series and services that are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    pub from: Option<DateTime<Utc>>,
    /// This second included.
    pub until: Option<DateTime<Utc>>,
    pub part: Option<Part>,
}

/// The last change of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastChange {
    pub key: EntityKey,
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub what: What,
    /// Withdrawn from the catalogue.
    pub gone: bool,
}

/// How many entities changed last within a part of the change log, and from when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The number of the part, from 0.
    pub number: i64,
    pub entities: u64,
    pub first: DateTime<Utc>,
    pub last: DateTime<Utc>,
}

impl Place {
    pub fn at(self) -> DateTime<Utc> {
        time(self.at)
    }

    /// As three numbers, to be written down: [`Place::of_parts`] reads them.
    pub fn parts(self) -> (i64, i64, Uuid) {
        (self.at, self.seq, self.entity)
    }

    pub fn of_parts((at, seq, entity): (i64, i64, Uuid)) -> Self {
        Self { at, seq, entity }
    }
}

impl Archive {
    /// Datasets, series and services in the order of their last changes, withdrawn ones among them, after a place.
    pub async fn stamps(
        &self,
        window: &Window,
        after: Option<Place>,
        limit: u32,
    ) -> Result<Vec<Stamp>, ArchiveError> {
        let mut query =
            QueryBuilder::<Db>::new("SELECT entity, minted, gone, told, told_at FROM stamp");
        // Two lower bounds, and the index would be read from the lesser one on.
        let bounded =
            after.is_some_and(|after| window.from.is_none_or(|from| seconds(from) <= after.at));
        push_window(&mut query, window, !bounded);
        if let Some(after) = after {
            query.push(" AND (told_at, told, entity) > (");
            query.push_bind(after.at).push(", ").push_bind(after.seq);
            query.push(", ").push_bind(after.entity.as_bytes().to_vec());
            query.push(")");
        }
        query
            .push(" ORDER BY told_at, told, entity LIMIT ")
            .push_bind(i64::from(limit));
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(stamp).collect()
    }

    pub async fn count_stamps(&self, window: &Window) -> Result<u64, ArchiveError> {
        let mut query = QueryBuilder::<Db>::new("SELECT COUNT(*) AS n FROM stamp");
        push_window(&mut query, window, true);
        let row = query.build().fetch_one(&self.readers).await?;
        Ok(u64::try_from(row.try_get::<i64, _>("n")?).unwrap_or(0))
    }

    pub async fn stamp(&self, key: EntityKey) -> Result<Option<Stamp>, ArchiveError> {
        let row = sqlx::query("SELECT entity, minted, gone, told, told_at FROM stamp WHERE entity = $1 AND minted = $2")
            .bind(key.id.as_bytes().to_vec())
            .bind(key.minted.segment())
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(stamp).transpose()
    }

    /// Before which nothing changed.
    pub async fn earliest_stamp(&self) -> Result<Option<DateTime<Utc>>, ArchiveError> {
        let first = self.stamps(&Window::default(), None, 1).await?;
        Ok(first.first().map(|stamp| stamp.place.at()))
    }

    /// Whether anything ever belonged to a part: if not, nothing has to be looked through for it.
    pub async fn has_part(&self, part: &Part) -> Result<bool, ArchiveError> {
        let (statement, name) = match part {
            Part::Source(source) => (
                "SELECT EXISTS (SELECT 1 FROM record WHERE source = $1) OR EXISTS (SELECT 1 FROM belongs WHERE part = 'source' AND name = $1)",
                source.to_string(),
            ),
            Part::Publisher(id) => (
                "SELECT EXISTS (SELECT 1 FROM belongs WHERE part = 'publisher' AND name = $1)",
                id.to_string(),
            ),
            Part::Theme(iri) => (
                "SELECT EXISTS (SELECT 1 FROM belongs WHERE part = 'theme' AND name = $1)",
                iri.clone(),
            ),
            Part::Sources | Part::Publishers | Part::Themes => return Ok(true),
        };
        let (has,): (bool,) = sqlx::query_as(statement)
            .bind(name)
            .fetch_one(&self.readers)
            .await?;
        Ok(has)
    }

    /// The parts of the catalogue to which entities belong, or belonged when they were withdrawn.
    pub async fn parts_of(
        &self,
        keys: &[EntityKey],
    ) -> Result<HashMap<EntityKey, BTreeSet<Part>>, ArchiveError> {
        let mut transaction = self.readers.begin().await?;
        let ids: Vec<&[u8]> = keys
            .iter()
            .map(|key| key.id.as_bytes().as_slice())
            .collect();
        let by_id: HashMap<Uuid, EntityKey> = keys.iter().map(|key| (key.id, *key)).collect();
        let mut parts: HashMap<EntityKey, BTreeSet<Part>> = HashMap::new();
        for statement in [
            "SELECT belongs.entity, part, name FROM belongs JOIN stamp ON stamp.entity = belongs.entity
             WHERE (part <> 'source' OR gone = 1) AND belongs.entity IN ",
            "SELECT DISTINCT record.entity, 'source' AS part, record.source AS name FROM record JOIN stamp ON stamp.entity = record.entity
             WHERE (gone = 1 OR (record.state <> 'withdrawn' AND record.accepted = 1)) AND record.entity IN ",
        ] {
            for row in &rows_in(&mut transaction, statement, &ids).await? {
                if let Some(key) = by_id.get(&entity_id(row, "entity")?) {
                    parts.entry(*key).or_default().extend(part(row)?);
                }
            }
        }
        Ok(parts)
    }

    /// The organisations that publish something, or did, after one, in the order of their identifiers.
    pub async fn publishers(
        &self,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Uuid>, ArchiveError> {
        // Each next name is looked for in the index: there are few names, of many entities.
        let rows = sqlx::query(
            "WITH RECURSIVE named (name) AS (
                SELECT MIN(name) FROM belongs WHERE part = 'publisher' AND name > $1
                UNION ALL
                SELECT (SELECT MIN(belongs.name) FROM belongs WHERE part = 'publisher' AND belongs.name > named.name) FROM named WHERE named.name IS NOT NULL
             ) SELECT name FROM named WHERE name IS NOT NULL LIMIT $2",
        )
        .bind(after.map(|after| after.to_string()).unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            found.extend(Uuid::try_parse(row.try_get("name")?).ok());
        }
        Ok(found)
    }

    /// The changes after one and up to another that are the last of an entity, organisations included, in order.
    pub async fn last_changes(
        &self,
        after: i64,
        to: i64,
        limit: u32,
    ) -> Result<Vec<LastChange>, ArchiveError> {
        let rows = sqlx::query("SELECT entity, minted, seq, at, what, gone FROM stamp WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3")
            .bind(after)
            .bind(to)
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter()
            .map(|row| {
                let what: String = row.try_get("what")?;
                let Some(what) = What::parse(&what) else {
                    return unknown("stamp.what", &what);
                };
                Ok(LastChange {
                    key: entity_key(row, "minted", "entity")?,
                    seq: row.try_get("seq")?,
                    at: time(row.try_get("at")?),
                    what,
                    gone: row.try_get::<i64, _>("gone")? != 0,
                })
            })
            .collect()
    }

    /// The change log in parts of `size` changes, those that are the last of an entity, of the changes after one to another. Parts
    /// without any are left out.
    pub async fn spans(&self, after: i64, to: i64, size: i64) -> Result<Vec<Span>, ArchiveError> {
        let rows = sqlx::query(
            "SELECT (seq - 1) / $3 AS number, COUNT(*) AS entities, MIN(at) AS first, MAX(at) AS last FROM stamp
             WHERE seq > $1 AND seq <= $2 GROUP BY 1 ORDER BY 1",
        )
        .bind(after)
        .bind(to)
        .bind(size.max(1))
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Span {
                    number: row.try_get("number")?,
                    entities: u64::try_from(row.try_get::<i64, _>("entities")?).unwrap_or(0),
                    first: time(row.try_get("first")?),
                    last: time(row.try_get("last")?),
                })
            })
            .collect()
    }
}

/// Each condition is of an index, or asked of one row at a time.
fn push_window(query: &mut QueryBuilder<Db>, window: &Window, from: bool) {
    query.push(" WHERE minted <> 'organisation'");
    if let Some(from) = window.from.filter(|_| from) {
        query.push(" AND told_at >= ").push_bind(seconds(from));
    }
    if let Some(until) = window.until {
        query.push(" AND told_at <= ").push_bind(seconds(until));
    }
    let belongs = |query: &mut QueryBuilder<Db>, part: &'static str, name: Option<String>| {
        query.push(
            " AND EXISTS (SELECT 1 FROM belongs WHERE belongs.entity = stamp.entity AND part = ",
        );
        query.push_bind(part);
        if let Some(name) = name {
            query.push(" AND name = ").push_bind(name);
        }
        query.push(")");
    };
    match &window.part {
        // Whatever is published is of a source.
        None | Some(Part::Sources) => {}
        Some(Part::Publishers) => belongs(query, "publisher", None),
        Some(Part::Themes) => belongs(query, "theme", None),
        Some(Part::Publisher(id)) => belongs(query, "publisher", Some(id.to_string())),
        Some(Part::Theme(iri)) => belongs(query, "theme", Some(iri.clone())),
        Some(Part::Source(source)) => {
            query.push(" AND (EXISTS (SELECT 1 FROM record WHERE record.entity = stamp.entity AND record.source = ");
            query.push_bind(source.as_str().to_owned());
            query.push(
                " AND (stamp.gone = 1 OR (record.state <> 'withdrawn' AND record.accepted = 1)))",
            );
            query.push(" OR (stamp.gone = 1 AND EXISTS (SELECT 1 FROM belongs WHERE belongs.entity = stamp.entity AND part = 'source' AND name = ");
            query.push_bind(source.as_str().to_owned()).push(")))");
        }
    }
}

fn stamp(row: &SqliteRow) -> Result<Stamp, ArchiveError> {
    let key = entity_key(row, "minted", "entity")?;
    Ok(Stamp {
        key,
        place: Place {
            at: row.try_get("told_at")?,
            seq: row.try_get("told")?,
            entity: key.id,
        },
        gone: row.try_get::<i64, _>("gone")? != 0,
    })
}

/// What is written of a part of which an entity is one.
fn part(row: &SqliteRow) -> Result<Option<Part>, ArchiveError> {
    let (part, name): (String, String) = (row.try_get("part")?, row.try_get("name")?);
    Ok(match part.as_str() {
        "source" => SourceId::new(&name).ok().map(Part::Source),
        "publisher" => Uuid::try_parse(&name).ok().map(Part::Publisher),
        "theme" => Some(Part::Theme(name)),
        _ => return unknown("belongs.part", &part),
    })
}

/// The parts that the lines about an entity tell: its themes and its publishers, where these are of the catalogue.
pub(crate) fn parts_told(
    base: &str,
    key: EntityKey,
    text: &str,
) -> BTreeSet<(&'static str, String)> {
    use model::ns::{dcat, dcterms};
    let mut parts = BTreeSet::new();
    if key.minted == EntityKind::Organisation {
        return parts;
    }
    let iri = key.iri(base);
    let (theme, publisher) = (
        format!("<{iri}> {} <", dcat::THEME),
        format!("<{iri}> {} <", dcterms::PUBLISHER),
    );
    for line in text.lines() {
        let object = |start: &str| line.strip_prefix(start)?.strip_suffix("> .");
        if let Some(iri) = object(&theme) {
            parts.insert(("theme", iri.to_owned()));
        } else if let Some(agent) = object(&publisher).and_then(|iri| EntityKey::of_iri(base, iri))
        {
            parts.insert(("publisher", agent.id.to_string()));
        }
    }
    parts
}
