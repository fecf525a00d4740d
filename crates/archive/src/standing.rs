//! The findings of a source that hold now, whichever run made them.

use std::collections::{HashMap, VecDeque};

use model::{Finding, Outcome, RecordId, RunId, RunReport, SourceId, Stage};
use sqlx::{QueryBuilder, Row};

use crate::db::{Archive, ArchiveError, Db, MAX_ROWS};
use crate::rows::{entity_key, push_keys, record_key};
use crate::{EntityKey, RecordKey};

/// A finding that holds.
#[derive(Debug, Clone)]
pub struct StandingFinding {
    /// The run that made it, and its number in that run.
    pub run: RunId,
    pub n: i64,
    pub finding: Finding,
    /// The published entity of its record.
    pub entity: Option<EntityKey>,
}

/// A walk over the findings of a source that hold: those of the last run that belong to no record, and those of each record from
/// the run that mapped it last. The latest run comes first; within a run, they come in the order in which they were made, so that
/// what mapping found in one record stands together.
///
/// No connection is kept between two parts. While a run goes on, what it maps anew moves from its old run to the new one.
#[derive(Debug)]
pub struct Standing {
    archive: Archive,
    source: SourceId,
    runs: VecDeque<RunId>,
    /// The last run that ended, and the last that read something.
    last: Option<RunId>,
    read: Option<(RunId, bool)>,
    after: i64,
}

/// What is known of the record of a finding.
struct Held {
    mapped: RunId,
    withdrawn: bool,
    entity: Option<EntityKey>,
}

/// Findings that are read at a time.
const PART: u32 = 1_000;
/// Runs that are looked through for one that read something.
const LATEST: u32 = 50;

impl Archive {
    pub async fn standing(&self, source: &SourceId) -> Result<Standing, ArchiveError> {
        let latest = self.runs(Some(source), LATEST).await?;
        let ended = |run: &&RunReport| run.outcome != Outcome::Running;
        let last = latest.iter().find(ended).map(|run| run.run);
        let read = latest
            .iter()
            .find(|run| matches!(run.outcome, Outcome::Complete | Outcome::Partial))
            .map(|run| (run.run, run.full));
        let rows: Vec<(i64,)> = sqlx::query_as(
            "SELECT DISTINCT mapped_run FROM record WHERE source = $1 AND state <> 'withdrawn'",
        )
        .bind(source.as_str())
        .fetch_all(&self.readers)
        .await?;
        let mut runs: Vec<RunId> = rows.into_iter().map(|(run,)| RunId(run)).collect();
        runs.extend(last);
        runs.extend(read.map(|(run, _)| run));
        runs.sort_unstable();
        runs.dedup();
        Ok(Standing {
            archive: self.clone(),
            source: source.clone(),
            runs: runs.into_iter().rev().collect(),
            last,
            read,
            after: 0,
        })
    }

    async fn held(
        &self,
        mut keys: Vec<RecordKey>,
    ) -> Result<HashMap<RecordKey, Held>, ArchiveError> {
        keys.sort_unstable();
        keys.dedup();
        let mut held = HashMap::with_capacity(keys.len());
        for some in keys.chunks(MAX_ROWS) {
            let mut query = QueryBuilder::<Db>::new(
                "SELECT record.key, record.mapped_run, record.state, entity.minted, entity.id FROM record
                 LEFT JOIN entity ON entity.id = record.entity AND entity.state = 'public' WHERE record.key IN ",
            );
            push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
            for row in query
                .build()
                .persistent(some.len() == MAX_ROWS)
                .fetch_all(&self.readers)
                .await?
            {
                let published = row.try_get::<Option<String>, _>("minted")?.is_some();
                let entity = published.then(|| entity_key(&row, "minted", "id"));
                held.insert(
                    record_key(&row, "key")?,
                    Held {
                        mapped: RunId(row.try_get("mapped_run")?),
                        withdrawn: row.try_get::<&str, _>("state")? == "withdrawn",
                        entity: entity.transpose()?,
                    },
                );
            }
        }
        Ok(held)
    }
}

impl Standing {
    /// The next part of them, never empty; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<StandingFinding>>, ArchiveError> {
        while let Some(&run) = self.runs.front() {
            let page = self.archive.findings_page(run, self.after, PART).await?;
            let Some((last, _)) = page.last() else {
                self.runs.pop_front();
                self.after = 0;
                continue;
            };
            self.after = *last;
            let keys = keys(&self.source, &page);
            let held = self
                .archive
                .held(keys.iter().flatten().copied().collect())
                .await?;
            let part: Vec<StandingFinding> = page
                .into_iter()
                .zip(keys)
                .filter_map(|((n, finding), key)| {
                    let record = key.and_then(|key| held.get(&key));
                    self.holds(run, &finding, record).then(|| StandingFinding {
                        run,
                        n,
                        entity: record.and_then(|record| record.entity),
                        finding,
                    })
                })
                .collect();
            if !part.is_empty() {
                return Ok(Some(part));
            }
        }
        Ok(None)
    }

    fn holds(&self, run: RunId, finding: &Finding, record: Option<&Held>) -> bool {
        if finding.record.is_none() {
            return self.last == Some(run);
        }
        let mapped_here = record.is_some_and(|record| record.mapped == run && !record.withdrawn);
        match finding.stage {
            Stage::Map | Stage::Normalise | Stage::Assess => mapped_here,
            // Made each time that the record is read, also where it did not change: a run that asked for changes only did not
            // read what an earlier one mapped.
            Stage::Fetch | Stage::Read | Stage::Reconcile => match self.read {
                Some((read, _)) if read == run => record.is_none_or(|record| !record.withdrawn),
                Some((_, full)) => !full && mapped_here,
                None => mapped_here,
            },
        }
    }
}

/// The keys of the records of findings. Those of one record mostly stand together, so that each is made once.
fn keys(source: &SourceId, findings: &[(i64, Finding)]) -> Vec<Option<RecordKey>> {
    let mut last: Option<(&RecordId, RecordKey)> = None;
    findings
        .iter()
        .map(|(_, finding)| {
            let id = finding.record.as_ref()?;
            let key = match last {
                Some((known, key)) if known == id => key,
                _ => RecordKey::new(source, id),
            };
            last = Some((id, key));
            Some(key)
        })
        .collect()
}
