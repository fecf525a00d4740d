//! Of which records an entity is made, and what each of them states of it: for those who ask where something comes from.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use model::{RecordFormat, RecordId, RunId, SourceId};
use sqlx::{QueryBuilder, Row};

use super::group::{Member, members};
use super::settle::{speakers, tag};
use super::statement::{self, Statement};
use crate::db::{Archive, ArchiveError, Db, Transaction, time, unknown};
use crate::read::{PublishedEntity, RawRow, RecordState, raw_row};
use crate::rows::record_key;
use crate::{EntityKey, RecordKey};

/// A record that is part of an entity, or was.
#[derive(Debug, Clone)]
pub struct SourceRecord {
    pub source: SourceId,
    pub id: RecordId,
    pub format: RecordFormat,
    pub state: RecordState,
    pub first_seen: DateTime<Utc>,
    /// When the body that is kept was fetched.
    pub fetched: DateTime<Utc>,
    pub missing_since: Option<DateTime<Utc>>,
    /// The run that mapped it.
    pub mapped: RunId,
    /// What it states of the entity, under the entity's IRI: sorted canonical N-Triples. None where the entity is not made of it.
    pub statement: Option<String>,
    key: RecordKey,
    accepted: bool,
}

impl SourceRecord {
    /// Neither withdrawn by its source nor refused by the rules: what it is called may be told.
    pub fn is_public(&self) -> bool {
        self.state != RecordState::Withdrawn && self.accepted
    }
}

/// Where what is published of an entity comes from.
#[derive(Debug, Clone, Default)]
pub struct Provenance {
    /// Those that the entity is made of, the most trusted first; then those that are one with them and that it is not made of.
    pub records: Vec<SourceRecord>,
    /// From which records each property of the entity is, by their places in the list.
    pub origins: BTreeMap<String, Vec<usize>>,
    /// There are more records than are told of.
    pub more: bool,
}

/// More records than this are not told of.
const MOST: usize = 100;

impl Archive {
    /// The records that a published entity is made of, and which of its properties come from which. Of several records, the most
    /// trusted are found by the order that this archive was opened with.
    pub async fn provenance(&self, entity: &PublishedEntity) -> Result<Provenance, ArchiveError> {
        let mut transaction = self.readers.begin().await?;
        let (mut records, more) = records(&mut transaction, entity.key).await?;
        let keys: Vec<RecordKey> = records.iter().map(|record| record.key).collect();
        let stated = statement::load(&mut transaction, &keys).await?;
        let tags = if stated.is_empty() {
            alone(&mut records, entity)?
        } else {
            let bytes: Vec<Vec<u8>> = keys.iter().map(|key| key.as_bytes().to_vec()).collect();
            let members = members(&mut transaction, "fact.record", &bytes).await?;
            let part = members
                .iter()
                .filter(|member| stated.contains_key(&member.record))
                .collect();
            let part = speakers(part, &self.trust);
            tell(&mut records, &part, &stated, entity.key, &self.base);
            part.iter().map(|member| tag(member)).collect()
        };
        let mut origins = origins(&records, &tags, &entity.key.iri(&self.base));
        linked(&mut transaction, entity.key, &records, &mut origins).await?;
        Ok(Provenance {
            records,
            origins,
            more,
        })
    }

    /// The record that an entity is made of, as it was fetched: one of them where it is named, else that of the most trusted source.
    /// None of what its source withdrew.
    pub async fn original(
        &self,
        entity: EntityKey,
        record: Option<RecordKey>,
    ) -> Result<Option<RawRow>, ArchiveError> {
        let mut query = QueryBuilder::<Db>::new(
            "SELECT record.*, body.zstd FROM record JOIN body ON body.key = record.key JOIN entity ON entity.id = record.entity
             WHERE record.state <> 'withdrawn' AND record.accepted = 1 AND record.minted = ",
        );
        query
            .push_bind(entity.minted.segment())
            .push(" AND record.entity = ")
            .push_bind(entity.id.as_bytes().to_vec());
        if let Some(record) = record {
            query
                .push(" AND record.key = ")
                .push_bind(record.as_bytes().to_vec());
        }
        query.push(
            " ORDER BY CASE WHEN record.source = entity.source THEN 0 ELSE 1 END, CASE WHEN record.state = 'present' THEN 0 ELSE 1 END,
             record.first_run, record.first_seen, record.key LIMIT 1",
        );
        let row = query.build().fetch_optional(&self.readers).await?;
        row.as_ref().map(raw_row).transpose()
    }
}

/// The records of an entity in the order in which they came, and whether there are more.
async fn records(
    transaction: &mut Transaction,
    entity: EntityKey,
) -> Result<(Vec<SourceRecord>, bool), ArchiveError> {
    let rows = sqlx::query(
        "SELECT * FROM record WHERE entity = $1 AND minted = $2 ORDER BY CASE WHEN state = 'withdrawn' THEN 1 ELSE 0 END, first_run, first_seen, key LIMIT $3",
    )
    .bind(entity.id.as_bytes().to_vec())
    .bind(entity.minted.segment())
    .bind(MOST as i64 + 1)
    .fetch_all(&mut **transaction)
    .await?;
    let mut records = rows.iter().map(record).collect::<Result<Vec<_>, _>>()?;
    let more = records.len() > MOST;
    records.truncate(MOST);
    Ok((records, more))
}

fn record(row: &sqlx::sqlite::SqliteRow) -> Result<SourceRecord, ArchiveError> {
    let (source, format): (String, String) = (row.try_get("source")?, row.try_get("format")?);
    let Ok(source) = SourceId::new(&source) else {
        return unknown("record.source", &source);
    };
    let Some(format) = RecordFormat::parse(&format) else {
        return unknown("record.format", &format);
    };
    Ok(SourceRecord {
        source,
        id: RecordId::new(row.try_get::<String, _>("id")?),
        format,
        state: RecordState::parse(row.try_get("state")?)?,
        first_seen: time(row.try_get("first_seen")?),
        fetched: time(row.try_get("fetched")?),
        missing_since: row.try_get::<Option<i64>, _>("missing_since")?.map(time),
        mapped: RunId(row.try_get("mapped_run")?),
        statement: None,
        key: record_key(row, "key")?,
        accepted: row.try_get::<i64, _>("accepted")? != 0,
    })
}

/// Of one record, the entity is what it states.
fn alone(
    records: &mut [SourceRecord],
    entity: &PublishedEntity,
) -> Result<Vec<String>, ArchiveError> {
    records.sort_by_key(|record| (!record.is_public(), record.source != entity.source));
    if let Some(first) = records.first_mut().filter(|record| record.is_public()) {
        first.statement = Some(entity.text()?);
    }
    Ok(vec![entity.source.to_string()])
}

/// Puts those first that the entity is made of, in the order in which they are trusted, each with what it states.
fn tell(
    records: &mut [SourceRecord],
    part: &[&Member],
    stated: &HashMap<RecordKey, Statement>,
    entity: EntityKey,
    base: &str,
) {
    let place: HashMap<RecordKey, usize> = part
        .iter()
        .enumerate()
        .map(|(at, member)| (member.record, at))
        .collect();
    for record in records.iter_mut() {
        let member = place.get(&record.key).and_then(|at| part.get(*at));
        record.statement = member
            .zip(stated.get(&record.key))
            .map(|(member, stated)| stated.rebased(member.own, entity, base).text);
    }
    records.sort_by_key(|record| place.get(&record.key).copied().unwrap_or(usize::MAX));
}

fn origins(
    records: &[SourceRecord],
    tags: &[String],
    entity: &str,
) -> BTreeMap<String, Vec<usize>> {
    let statements: Vec<identity::Statement<'_>> = records
        .iter()
        .zip(tags)
        .filter_map(|(record, tag)| {
            Some(identity::Statement {
                tag: tag.clone(),
                text: record.statement.as_deref()?,
                shared: &[],
            })
        })
        .collect();
    identity::compose(entity, &statements).origins
}

/// Properties that lead to other entities are kept apart from the graphs.
async fn linked(
    transaction: &mut Transaction,
    entity: EntityKey,
    records: &[SourceRecord],
    origins: &mut BTreeMap<String, Vec<usize>>,
) -> Result<(), ArchiveError> {
    let links: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT DISTINCT link.subject, link.predicate, link.source FROM link
         JOIN alias ON alias.source = link.source AND alias.name = link.target AND alias.kind = link.kind WHERE link.entity = $1",
    )
    .bind(entity.id.as_bytes().to_vec())
    .fetch_all(&mut **transaction)
    .await?;
    for (subject, predicate, source) in links {
        // Distributions have links, too.
        if subject.contains('#') {
            continue;
        }
        let of_property = origins.entry(predicate).or_default();
        for (at, record) in records.iter().enumerate() {
            if record.statement.is_some() && record.source.as_str() == source {
                of_property.push(at);
            }
        }
        of_property.sort_unstable();
        of_property.dedup();
    }
    origins.retain(|_, of_property| !of_property.is_empty());
    Ok(())
}
