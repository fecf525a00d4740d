//! What was decided of pairs of records: by rules, and by persons, who win.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use identity::{Rule, Will};
use model::{EntityKind, RecordId, RunId, SourceId};
use sqlx::{QueryBuilder, Row};

use super::Placed;
use super::group::{Judged, Member};
use super::settle::{Work, settle};
use crate::db::{Archive, ArchiveError, Db, MAX_ROWS, Transaction, seconds, time, unknown};
use crate::log::Log;
use crate::read::Change;
use crate::rows::{entity_key, push_keys, record_key};
use crate::{EntityKey, RecordKey};

/// How two records stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    Same,
    /// Proposed to a person.
    Perhaps,
    Apart,
}

impl Relation {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Perhaps => "perhaps",
            Self::Apart => "apart",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Same, Self::Perhaps, Self::Apart]
            .into_iter()
            .find(|relation| relation.as_str() == name)
    }
}

/// What a person says of two records.
#[derive(Debug, Clone)]
pub struct Decision {
    pub a: RecordKey,
    pub b: RecordKey,
    pub same: bool,
    pub reason: String,
}

/// A decision as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    pub a: Party,
    pub b: Party,
    pub relation: Relation,
    pub rule: Rule,
    /// What both records have.
    pub shared: Vec<String>,
    /// How alike their titles are, from 0 to 1.
    pub likeness: f64,
    pub at: DateTime<Utc>,
    /// What a person gave as the reason.
    pub reason: Option<String>,
}

impl Decided {
    /// Whether a person said it, and no rule.
    pub fn is_of_person(&self) -> bool {
        self.rule == Rule::Person
    }
}

/// A record of a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Party {
    pub source: SourceId,
    pub record: RecordId,
    pub entity: EntityKey,
}

/// A record of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityRecord {
    pub key: RecordKey,
    pub source: SourceId,
    pub record: RecordId,
    pub kind: EntityKind,
}

/// What persons said of the members.
pub(super) async fn wills(
    transaction: &mut Transaction,
    members: &[Member],
) -> Result<Vec<Will>, ArchiveError> {
    let place: HashMap<RecordKey, usize> = places(members);
    let mut wills = Vec::new();
    for some in members.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("SELECT a, b, verdict FROM decision WHERE rule = ");
        query.push_bind(Rule::Person.name()).push(" AND a IN ");
        push_keys(
            &mut query,
            some.iter().map(|member| member.record.as_bytes()),
        );
        for row in query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .fetch_all(&mut **transaction)
            .await?
        {
            let (a, b) = (record_key(&row, "a")?, record_key(&row, "b")?);
            if let (Some(a), Some(b)) = (place.get(&a), place.get(&b)) {
                let verdict: String = row.try_get("verdict")?;
                wills.push(Will {
                    a: *a,
                    b: *b,
                    same: verdict == Relation::Same.as_str(),
                });
            }
        }
    }
    Ok(wills)
}

fn places(members: &[Member]) -> HashMap<RecordKey, usize> {
    members
        .iter()
        .enumerate()
        .map(|(at, member)| (member.record, at))
        .collect()
}

/// Notes what came of pairs of members. What was found before and holds keeps its date.
///
/// Of a member at the rim not all is known that it may be one with: what is asked of it stands as it was, unless the other
/// record has an answer.
pub(super) async fn note(
    transaction: &mut Transaction,
    members: &[Member],
    judged: &[Judged],
    outcomes: &[Option<Relation>],
    at: DateTime<Utc>,
) -> Result<(), ArchiveError> {
    let place = places(members);
    let whole = |record: RecordKey| {
        let member = place.get(&record).and_then(|at| members.get(*at));
        member.is_some_and(|member| member.is_whole)
    };
    let mut before: HashMap<(RecordKey, RecordKey), (String, String)> = HashMap::new();
    for some in members.chunks(MAX_ROWS) {
        let mut query =
            QueryBuilder::<Db>::new("SELECT a, b, verdict, rule FROM decision WHERE a IN ");
        push_keys(
            &mut query,
            some.iter().map(|member| member.record.as_bytes()),
        );
        for row in query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .fetch_all(&mut **transaction)
            .await?
        {
            let pair = (record_key(&row, "a")?, record_key(&row, "b")?);
            if place.contains_key(&pair.1) {
                before.insert(pair, (row.try_get("verdict")?, row.try_get("rule")?));
            }
        }
    }
    let mut held: HashSet<(RecordKey, RecordKey)> = HashSet::new();
    for (pair, outcome) in judged.iter().zip(outcomes) {
        let (Some(a), Some(b)) = (members.get(pair.a), members.get(pair.b)) else {
            continue;
        };
        let key = ordered(a.record, b.record);
        let Some(verdict) = *outcome else { continue };
        if verdict == Relation::Perhaps && !(a.is_whole && b.is_whole) && !before.contains_key(&key)
        {
            continue;
        }
        let rule = pair.evidence.rule.name();
        let known = before.get(&key);
        held.insert(key);
        let stands = known.is_some_and(|(known, by)| {
            by == Rule::Person.name() || known == verdict.as_str() && by == rule
        });
        if !stands {
            write(
                transaction,
                key,
                verdict,
                pair.evidence.rule,
                &pair.evidence.shared,
                pair.evidence.likeness,
                at,
                None,
            )
            .await?;
        }
    }
    for ((a, b), (_, rule)) in before {
        if rule != Rule::Person.name() && !held.contains(&(a, b)) && (whole(a) || whole(b)) {
            sqlx::query("DELETE FROM decision WHERE a = $1 AND b = $2")
                .bind(a.as_bytes())
                .bind(b.as_bytes())
                .execute(&mut **transaction)
                .await?;
        }
    }
    Ok(())
}

fn ordered(a: RecordKey, b: RecordKey) -> (RecordKey, RecordKey) {
    if a <= b { (a, b) } else { (b, a) }
}

#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
async fn write(
    transaction: &mut Transaction,
    (a, b): (RecordKey, RecordKey),
    verdict: Relation,
    rule: Rule,
    shared: &[String],
    likeness: f64,
    at: DateTime<Utc>,
    reason: Option<&str>,
) -> Result<(), ArchiveError> {
    sqlx::query(
        "INSERT INTO decision (a, b, verdict, rule, shared, likeness, at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (a, b) DO UPDATE SET verdict = excluded.verdict, rule = excluded.rule, shared = excluded.shared,
         likeness = excluded.likeness, at = excluded.at, reason = excluded.reason",
    )
    .bind(a.as_bytes())
    .bind(b.as_bytes())
    .bind(verdict.as_str())
    .bind(rule.name())
    .bind(serde_json::to_string(shared).unwrap_or_default())
    .bind(likeness)
    .bind(seconds(at))
    .bind(reason)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl Archive {
    /// Makes records one, or parts them, because a person says so: it holds until a person says otherwise, whatever rules find.
    pub async fn decide(
        &self,
        decisions: &[Decision],
        at: DateTime<Utc>,
    ) -> Result<Vec<Change>, ArchiveError> {
        let mut transaction = self.writing().await?;
        let mut log = Log::begin(&mut transaction, &self.base, RunId(0), at).await?;
        let mut seeds = HashSet::new();
        for decision in decisions {
            let pair = ordered(decision.a, decision.b);
            let verdict = if decision.same {
                Relation::Same
            } else {
                Relation::Apart
            };
            write(
                &mut transaction,
                pair,
                verdict,
                Rule::Person,
                &[],
                0.0,
                at,
                Some(&decision.reason),
            )
            .await?;
            seeds.extend([decision.a, decision.b]);
        }
        let work = Work::of(&self.trust, seeds);
        settle(&mut transaction, work, &mut log, &mut Placed::default()).await?;
        let changes = log.write(&mut transaction).await?;
        transaction.commit().await?;
        Ok(changes)
    }

    /// Forgets what a person said of two records: the rules decide again. Gives whether there was something.
    pub async fn undecide(
        &self,
        a: RecordKey,
        b: RecordKey,
        at: DateTime<Utc>,
    ) -> Result<(bool, Vec<Change>), ArchiveError> {
        let mut transaction = self.writing().await?;
        let mut log = Log::begin(&mut transaction, &self.base, RunId(0), at).await?;
        let (first, second) = ordered(a, b);
        let gone = sqlx::query("DELETE FROM decision WHERE a = $1 AND b = $2 AND rule = $3")
            .bind(first.as_bytes())
            .bind(second.as_bytes())
            .bind(Rule::Person.name())
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        let work = Work::of(&self.trust, HashSet::from([a, b]));
        settle(&mut transaction, work, &mut log, &mut Placed::default()).await?;
        let changes = log.write(&mut transaction).await?;
        transaction.commit().await?;
        Ok((gone > 0, changes))
    }

    /// The records that an entity is made of, those that left their sources included.
    pub async fn members_of(&self, entity: EntityKey) -> Result<Vec<EntityRecord>, ArchiveError> {
        let mut members = self.members_of_each(&[entity]).await?;
        Ok(members.remove(&entity).unwrap_or_default())
    }

    /// The same of several entities; those that have no record are not in it.
    pub async fn members_of_each(
        &self,
        entities: &[EntityKey],
    ) -> Result<HashMap<EntityKey, Vec<EntityRecord>>, ArchiveError> {
        let wanted: HashSet<&EntityKey> = entities.iter().collect();
        let mut members: HashMap<EntityKey, Vec<EntityRecord>> = HashMap::new();
        for some in entities.chunks(MAX_ROWS) {
            let mut query = QueryBuilder::<Db>::new(
                "SELECT record.key, record.source, record.id, record.minted, record.entity, entity.kind FROM record
                 JOIN fact ON fact.record = record.key JOIN entity ON entity.id = record.entity WHERE record.entity IN ",
            );
            push_keys(
                &mut query,
                some.iter().map(|key| key.id.as_bytes().as_slice()),
            );
            query.push(" ORDER BY record.first_run, record.first_seen, record.key");
            for row in query.build().fetch_all(&self.readers).await? {
                let entity = entity_key(&row, "minted", "entity")?;
                if wanted.contains(&entity) {
                    members
                        .entry(entity)
                        .or_default()
                        .push(entity_record(&row)?);
                }
            }
        }
        Ok(members)
    }

    /// Decisions of one relation, the latest first.
    pub async fn decisions(
        &self,
        relation: Relation,
        limit: u32,
    ) -> Result<Vec<Decided>, ArchiveError> {
        let mut query = QueryBuilder::<Db>::new(SELECT);
        query
            .push(" WHERE decision.verdict = ")
            .push_bind(relation.as_str())
            .push(" ORDER BY decision.at DESC, decision.a, decision.b LIMIT ")
            .push_bind(i64::from(limit));
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(decided).collect()
    }

    /// Every decision about the records of an entity.
    pub async fn decisions_about(&self, entity: EntityKey) -> Result<Vec<Decided>, ArchiveError> {
        let mut query = QueryBuilder::<Db>::new(SELECT);
        query
            .push(" WHERE one.entity = ")
            .push_bind(entity.id.as_bytes().to_vec())
            .push(" OR other.entity = ")
            .push_bind(entity.id.as_bytes().to_vec())
            .push(" ORDER BY decision.at, decision.a, decision.b LIMIT 1000");
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(decided).collect()
    }

    /// The entity that an entity became a part of, where it is published no more because it is one with another.
    pub async fn merged_into(&self, key: EntityKey) -> Result<Option<EntityKey>, ArchiveError> {
        let row = sqlx::query(
            "SELECT record.minted, record.entity FROM fact JOIN record ON record.key = fact.record JOIN entity ON entity.id = record.entity
             WHERE fact.own = $1 AND fact.minted = $2 AND record.entity <> $1 AND entity.state = 'public' LIMIT 1",
        )
        .bind(key.id.as_bytes().to_vec())
        .bind(key.minted.segment())
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref()
            .map(|row| entity_key(row, "minted", "entity"))
            .transpose()
    }
}

fn entity_record(row: &sqlx::sqlite::SqliteRow) -> Result<EntityRecord, ArchiveError> {
    let (source, kind): (String, String) = (row.try_get("source")?, row.try_get("kind")?);
    let Ok(source) = SourceId::new(&source) else {
        return unknown("record.source", &source);
    };
    let Some(kind) = EntityKind::from_segment(&kind) else {
        return unknown("entity.kind", &kind);
    };
    Ok(EntityRecord {
        key: record_key(row, "key")?,
        source,
        record: RecordId::new(row.try_get::<String, _>("id")?),
        kind,
    })
}

pub(super) const SELECT: &str = "SELECT decision.*, one.source AS a_source, one.id AS a_id, one.minted AS a_minted, one.entity AS a_entity,
     other.source AS b_source, other.id AS b_id, other.minted AS b_minted, other.entity AS b_entity
     FROM decision JOIN record AS one ON one.key = decision.a JOIN record AS other ON other.key = decision.b";

pub(super) fn decided(row: &sqlx::sqlite::SqliteRow) -> Result<Decided, ArchiveError> {
    let (verdict, rule, shared): (String, String, String) = (
        row.try_get("verdict")?,
        row.try_get("rule")?,
        row.try_get("shared")?,
    );
    let Some(relation) = Relation::parse(&verdict) else {
        return unknown("decision.verdict", &verdict);
    };
    let Some(rule) = Rule::parse(&rule) else {
        return unknown("decision.rule", &rule);
    };
    let Ok(shared) = serde_json::from_str(&shared) else {
        return unknown("decision.shared", &shared);
    };
    Ok(Decided {
        a: party(row, ["a_source", "a_id", "a_minted", "a_entity"])?,
        b: party(row, ["b_source", "b_id", "b_minted", "b_entity"])?,
        relation,
        rule,
        shared,
        likeness: row.try_get("likeness")?,
        at: time(row.try_get("at")?),
        reason: row.try_get("reason")?,
    })
}

fn party(
    row: &sqlx::sqlite::SqliteRow,
    [source, id, minted, entity]: [&'static str; 4],
) -> Result<Party, ArchiveError> {
    let name: String = row.try_get(source)?;
    let Ok(source) = SourceId::new(&name) else {
        return unknown(source, &name);
    };
    Ok(Party {
        source,
        record: RecordId::new(row.try_get::<String, _>(id)?),
        entity: entity_key(row, minted, entity)?,
    })
}
