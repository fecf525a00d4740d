//! Makes all entities again from the records that are kept, as after a change of the rules.

use std::collections::BTreeMap;

use archive::{BEAT, Packed, Purpose, RawRow, RecordKey, RecordState, Remake, Verdict};
use bytes::Bytes;
use model::{Outcome, RawRecord, RunReport, SourceId};

use crate::lease::{self, Heart};
use crate::prepare::{Bench, prepare};
use crate::project::blocking;
use crate::{HarvestError, Workshop};

/// What a rebuild did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rebuilt {
    pub records: u64,
    pub refused: u64,
    /// Entities that came out otherwise than they were.
    pub changed: u64,
}

const BATCH: u32 = 500;

/// Maps every record that is kept once more. The graph store follows as it does after a run; to have it made from
/// nothing, give it empty afterwards.
///
/// `language` gives each source's language of texts that do not say theirs. Each source's findings are made again, in
/// a run of their own.
pub async fn rebuild(
    workshop: &Workshop,
    language: impl Fn(&SourceId) -> String,
    progress: impl Fn(&Rebuilt),
) -> Result<Rebuilt, HarvestError> {
    let mut runs = BTreeMap::new();
    let rebuilt = attempt(workshop, language, progress, &mut runs).await;
    if let Err(error) = &rebuilt {
        let reason = format!("the rebuild was cut off, begin it again: {error}");
        for (run, _heart) in runs.values() {
            lease::give_up(workshop, (run.run, run.resumed), reason.clone()).await;
        }
    }
    rebuilt
}

async fn attempt(
    workshop: &Workshop,
    language: impl Fn(&SourceId) -> String,
    progress: impl Fn(&Rebuilt),
    runs: &mut BTreeMap<SourceId, (RunReport, Heart)>,
) -> Result<Rebuilt, HarvestError> {
    let archive = &workshop.archive;
    let mut rebuilt = Rebuilt::default();
    archive.sweep().await?;
    let mut after: Option<RecordKey> = None;
    loop {
        let rows = archive.raw_records(after, BATCH).await?;
        let Some((last, _)) = rows.last() else { break };
        after = Some(*last);
        let mut by_source: BTreeMap<SourceId, Vec<(RecordKey, RawRow)>> = BTreeMap::new();
        for (key, row) in rows {
            if row.state != RecordState::Withdrawn {
                by_source
                    .entry(row.source.clone())
                    .or_default()
                    .push((key, row));
            }
        }
        for (source, rows) in by_source {
            if !runs.contains_key(&source) {
                let begun = lease::begin(workshop, &source, false, Purpose::Rebuild, BEAT).await?;
                runs.insert(source.clone(), begun);
            }
            let Some((run, heart)) = runs.get_mut(&source) else {
                continue;
            };
            if heart.wishes().stop() {
                return Err(HarvestError::Stopped);
            }
            let bench = Bench {
                source: source.clone(),
                language: language(&source),
                minter: workshop.minter.clone(),
                vocab: workshop.vocab,
            };
            let remake = remake(bench, run, rows).await?;
            run.seen += (remake.accepted.len() + remake.refused.len()) as u64;
            run.refused += remake.refused.len() as u64;
            rebuilt.records += (remake.accepted.len() + remake.refused.len()) as u64;
            rebuilt.refused += remake.refused.len() as u64;
            let changes = archive
                .remake(Remake {
                    at: (workshop.clock)(),
                    ..remake
                })
                .await?;
            run.updated += changes.len() as u64;
            rebuilt.changed += changes.len() as u64;
        }
        progress(&rebuilt);
    }
    for (run, _heart) in runs.values_mut() {
        run.outcome = Outcome::Complete;
        run.unchanged = run.seen.saturating_sub(run.updated + run.refused);
        run.reason = Some("rebuild: the records that are kept were mapped again".to_owned());
        run.finished = Some((workshop.clock)());
        archive.save_run(run).await?;
    }
    archive.set_rules(normalise::VERSION).await?;
    Ok(rebuilt)
}

pub(crate) async fn remake(
    bench: Bench,
    run: &RunReport,
    rows: Vec<(RecordKey, RawRow)>,
) -> Result<Remake, HarvestError> {
    let (source, run) = (bench.source.clone(), run.run);
    blocking(move || {
        let mut remake = Remake {
            source,
            run,
            at: chrono::DateTime::UNIX_EPOCH,
            accepted: Vec::new(),
            refused: Vec::new(),
            findings: Vec::new(),
        };
        for (key, row) in rows {
            let known = std::collections::HashMap::from([(key, known(&row))]);
            let record = RawRecord {
                id: row.id.clone(),
                format: row.format,
                body: unpack(&row.body)?,
            };
            // The time that the record was fetched, not today: the same bytes give the same graph.
            let prepared = prepare(
                &bench,
                vec![(key, record.checksum(), record)],
                &known,
                row.fetched,
            );
            remake.findings.extend(prepared.findings);
            for write in prepared.writes {
                match write.verdict {
                    Verdict::Accepted { primary, agents } => {
                        remake.accepted.push((key, *primary, agents))
                    }
                    Verdict::Refused { .. } | Verdict::Own => {
                        remake.refused.push((key, row.entity))
                    }
                }
            }
        }
        Ok(remake)
    })
    .await
}

pub(crate) fn unpack(body: &Packed) -> Result<Bytes, HarvestError> {
    Ok(Bytes::from(
        body.unpack().map_err(archive::ArchiveError::from)?,
    ))
}

/// As if the record had never been accepted, so that it is mapped.
fn known(row: &RawRow) -> archive::Known {
    archive::Known {
        checksum: model::Checksum::of(&[]),
        state: row.state,
        accepted: false,
        entity: row.entity,
    }
}
