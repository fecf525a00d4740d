//! Where entities come from, for the graph of provenance: as much as everybody may know.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use model::{Finding, RecordId, RunId, SourceId};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row};

use crate::EntityKey;
use crate::db::{Archive, ArchiveError, Db, MAX_ROWS, time, unknown};
use crate::identity::{Decided, STATED, SourceRecord};
use crate::rows::{entity_key, rows_in};
use crate::runs::finding;

/// Findings about one record that are told of at most.
const MOST_FINDINGS: usize = 50;

/// Where a published entity comes from.
#[derive(Debug, Clone)]
pub struct Trace {
    pub entity: EntityKey,
    /// The records that may be known: those that the entity is made of, the most trusted first; then those that it is not made of.
    pub records: Vec<TracedRecord>,
    /// From which records each property is, by their places; only where several records make the entity.
    pub origins: BTreeMap<String, Vec<usize>>,
    /// The place of the record in the list, the number of the finding in the run that mapped it.
    pub findings: Vec<(usize, i64, Finding)>,
    /// Those of which this entity has the first record.
    pub decisions: Vec<Decided>,
}

/// A record of a traced entity.
#[derive(Debug, Clone)]
pub struct TracedRecord {
    pub source: SourceId,
    pub id: RecordId,
    pub fetched: DateTime<Utc>,
    /// The run that mapped it.
    pub mapped: RunId,
    /// The entity is made of it.
    pub speaks: bool,
    /// What it states of the entity; only where several records make the entity.
    pub statement: Option<String>,
}

/// A run, as far as everybody may know.
#[derive(Debug, Clone)]
pub struct TracedRun {
    pub run: RunId,
    pub source: SourceId,
    pub started: DateTime<Utc>,
    pub finished: Option<DateTime<Utc>>,
    /// The version of the program.
    pub software: Option<String>,
}

/// What is perhaps told otherwise than it is now.
#[derive(Debug, Clone, Default)]
pub struct Due {
    pub entities: BTreeSet<EntityKey>,
    pub runs: BTreeSet<RunId>,
    /// The number of the last of them.
    pub last: i64,
}

impl Archive {
    /// The next of what is due after a number; `None` if there is no more.
    pub async fn provenance_due(
        &self,
        after: i64,
        limit: u32,
    ) -> Result<Option<Due>, ArchiveError> {
        let rows = sqlx::query("SELECT * FROM provenance_due WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        let Some(last) = rows.last() else {
            return Ok(None);
        };
        let mut due = Due {
            last: last.try_get("seq")?,
            ..Due::default()
        };
        for row in &rows {
            match row.try_get::<Option<i64>, _>("run")? {
                Some(run) => due.runs.insert(RunId(run)),
                None => due.entities.insert(entity_key(row, "minted", "entity")?),
            };
        }
        let seconds = self.deciding(&due.entities).await?;
        due.entities.extend(seconds);
        Ok(Some(due))
    }

    /// The number of the last of what is due; 0 if nothing is.
    pub async fn last_provenance_due(&self) -> Result<i64, ArchiveError> {
        let (last,): (i64,) = sqlx::query_as("SELECT COALESCE(MAX(seq), 0) FROM provenance_due")
            .fetch_one(&self.readers)
            .await?;
        Ok(last)
    }

    /// Forgets what is due up to a number: it is told.
    pub async fn provenance_told(&self, until: i64) -> Result<(), ArchiveError> {
        sqlx::query("DELETE FROM provenance_due WHERE seq <= $1")
            .bind(until)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// The entities that tell of decisions whose second record one of these has.
    async fn deciding(
        &self,
        entities: &BTreeSet<EntityKey>,
    ) -> Result<Vec<EntityKey>, ArchiveError> {
        let rows = self
            .rows_of(
                "SELECT DISTINCT one.minted, one.entity FROM record AS other JOIN decision ON decision.b = other.key
                 JOIN record AS one ON one.key = decision.a WHERE one.entity IS NOT NULL AND other.entity IN ",
                &entities.iter().copied().collect::<Vec<_>>(),
            )
            .await?;
        rows.iter()
            .map(|row| entity_key(row, "minted", "entity"))
            .collect()
    }

    /// Published entities that records describe, after an identifier, in the order of identifiers.
    pub async fn traceable(
        &self,
        after: Option<uuid::Uuid>,
        limit: u32,
    ) -> Result<Vec<EntityKey>, ArchiveError> {
        let rows = sqlx::query("SELECT minted, id FROM entity WHERE id > $1 AND state = 'public' AND minted <> 'organisation' ORDER BY id LIMIT $2")
            .bind(after.map(|id| id.as_bytes().to_vec()).unwrap_or_default())
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter()
            .map(|row| entity_key(row, "minted", "id"))
            .collect()
    }

    /// Where those of the entities come from that are published.
    pub async fn traces(&self, entities: &[EntityKey]) -> Result<Vec<Trace>, ArchiveError> {
        let mut traces: BTreeMap<EntityKey, Trace> = BTreeMap::new();
        let rows = self
            .rows_of(
                "SELECT record.source, record.id, record.fetched, record.mapped_run, record.minted, record.entity FROM record
                 JOIN entity ON entity.id = record.entity AND entity.minted = record.minted
                 WHERE entity.state = 'public' AND record.state <> 'withdrawn' AND record.accepted = 1 AND record.entity IN ",
                entities,
            )
            .await?;
        for row in &rows {
            let entity = entity_key(row, "minted", "entity")?;
            let trace = traces.entry(entity).or_insert_with(|| Trace {
                entity,
                records: Vec::new(),
                origins: BTreeMap::new(),
                findings: Vec::new(),
                decisions: Vec::new(),
            });
            trace.records.push(traced(row)?);
        }
        self.tell_several(&mut traces).await?;
        self.tell_findings(&mut traces).await?;
        self.tell_decisions(&mut traces).await?;
        Ok(traces.into_values().collect())
    }

    /// Of several records: which of them make the entity, and what each states.
    async fn tell_several(
        &self,
        traces: &mut BTreeMap<EntityKey, Trace>,
    ) -> Result<(), ArchiveError> {
        let several: Vec<EntityKey> = traces
            .values()
            .filter(|trace| trace.records.len() > 1)
            .map(|trace| trace.entity)
            .collect();
        for entity in self.entities(&several).await? {
            let told = self.provenance_with(&entity, STATED).await?;
            let Some(trace) = traces.get_mut(&entity.key) else {
                continue;
            };
            // Those that may be known keep their places only if they come first: those that speak do.
            trace.records = told
                .records
                .into_iter()
                .filter(SourceRecord::is_public)
                .map(|record| TracedRecord {
                    source: record.source,
                    id: record.id,
                    fetched: record.fetched,
                    mapped: record.mapped,
                    speaks: record.statement.is_some(),
                    statement: record.statement,
                })
                .collect();
            trace.origins = told.origins;
        }
        Ok(())
    }

    async fn tell_findings(
        &self,
        traces: &mut BTreeMap<EntityKey, Trace>,
    ) -> Result<(), ArchiveError> {
        // A run is of one source.
        let mut by_run: BTreeMap<RunId, BTreeMap<String, (EntityKey, usize)>> = BTreeMap::new();
        for trace in traces.values() {
            for (at, record) in trace.records.iter().enumerate() {
                if record.speaks {
                    let records = by_run.entry(record.mapped).or_default();
                    records.insert(record.id.to_string(), (trace.entity, at));
                }
            }
        }
        for (run, records) in by_run {
            let ids: Vec<&String> = records.keys().collect();
            for some in ids.chunks(MAX_ROWS) {
                let mut query = QueryBuilder::<Db>::new("SELECT * FROM finding WHERE run = ");
                query.push_bind(run.0).push(" AND record IN (");
                let mut list = query.separated(", ");
                for id in some {
                    list.push_bind(id.as_str());
                }
                list.push_unseparated(
                    ") AND stage IN ('map', 'normalise', 'assess') ORDER BY record, n",
                );
                let rows = query
                    .build()
                    .persistent(some.len() == MAX_ROWS)
                    .fetch_all(&self.readers)
                    .await?;
                let mut told: HashMap<&str, usize> = HashMap::new();
                for row in &rows {
                    let id: &str = row.try_get("record")?;
                    let count = told.entry(id).or_default();
                    *count += 1;
                    if *count > MOST_FINDINGS {
                        continue;
                    }
                    if let Some((entity, at)) = records.get(id)
                        && let Some(trace) = traces.get_mut(entity)
                    {
                        trace.findings.push((*at, row.try_get("n")?, finding(row)?));
                    }
                }
            }
        }
        Ok(())
    }

    async fn tell_decisions(
        &self,
        traces: &mut BTreeMap<EntityKey, Trace>,
    ) -> Result<(), ArchiveError> {
        let entities: Vec<EntityKey> = traces.keys().copied().collect();
        for some in entities.chunks(MAX_ROWS) {
            for decided in self.public_decisions_of_first(some).await? {
                if let Some(trace) = traces.get_mut(&decided.a.entity) {
                    trace.decisions.push(decided);
                }
            }
        }
        Ok(())
    }

    /// All runs after one, in order.
    pub async fn traced_runs(
        &self,
        after: RunId,
        limit: u32,
    ) -> Result<Vec<TracedRun>, ArchiveError> {
        let rows = sqlx::query("SELECT id, source, started, finished, software FROM run WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.0)
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(traced_run).collect()
    }

    /// The rows that a statement, which ends with `IN `, gives for entities.
    async fn rows_of(
        &self,
        statement: &'static str,
        entities: &[EntityKey],
    ) -> Result<Vec<SqliteRow>, ArchiveError> {
        let keys: Vec<&[u8]> = entities
            .iter()
            .map(|key| key.id.as_bytes().as_slice())
            .collect();
        let mut transaction = self.readers.begin().await?;
        rows_in(&mut transaction, statement, &keys).await
    }
}

fn traced(row: &SqliteRow) -> Result<TracedRecord, ArchiveError> {
    Ok(TracedRecord {
        source: source(row)?,
        id: RecordId::new(row.try_get::<String, _>("id")?),
        fetched: time(row.try_get("fetched")?),
        mapped: RunId(row.try_get("mapped_run")?),
        speaks: true,
        statement: None,
    })
}

fn traced_run(row: &SqliteRow) -> Result<TracedRun, ArchiveError> {
    Ok(TracedRun {
        run: RunId(row.try_get("id")?),
        source: source(row)?,
        started: time(row.try_get("started")?),
        finished: row.try_get::<Option<i64>, _>("finished")?.map(time),
        software: row.try_get("software")?,
    })
}

fn source(row: &SqliteRow) -> Result<SourceId, ArchiveError> {
    let source: String = row.try_get("source")?;
    SourceId::new(&source).or_else(|_| unknown("source", &source))
}
