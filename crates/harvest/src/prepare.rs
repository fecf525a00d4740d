//! From raw records to what is to be written: compared, mapped, normalised, sealed. Pure, and spread over the cores.

use std::cmp::Reverse;
use std::collections::HashMap;

use archive::{EntityKey, Known, Packed, RecordKey, RecordState, RecordWrite, Sealed, Verdict};
use chrono::{DateTime, Utc};
use identity::Facts;
use mapping::{MapContext, MapError};
use model::{Checksum, Finding, Mapped, Minter, RawRecord, RecordId, Severity, SourceId, Stage};
use oxrdf::{NamedNode, Triple};
use rayon::prelude::*;
use vocab::Vocab;

/// What all records of a run are prepared with.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) source: SourceId,
    pub(crate) language: String,
    pub(crate) minter: Minter,
    pub(crate) vocab: &'static Vocab,
}

/// Records ready to be committed.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    pub(crate) unchanged: Vec<RecordKey>,
    /// Those of them that were missing.
    pub(crate) back: Vec<RecordKey>,
    pub(crate) writes: Vec<RecordWrite>,
    pub(crate) findings: Vec<Finding>,
    /// The triples of the entities in `writes`.
    pub(crate) graphs: HashMap<EntityKey, Vec<Triple>>,
    /// By which they were chosen.
    best: HashMap<EntityKey, Standing>,
}

impl Prepared {
    /// Findings alone.
    pub(crate) fn told(findings: Vec<Finding>) -> Self {
        Self {
            findings,
            ..Self::default()
        }
    }

    /// How much there is to write.
    pub(crate) fn size(&self) -> usize {
        self.unchanged.len() + self.writes.len() + self.findings.len()
    }

    /// Takes other records of the same run in.
    pub(crate) fn add(&mut self, other: Self) {
        self.unchanged.extend(other.unchanged);
        self.back.extend(other.back);
        self.writes.extend(other.writes);
        self.findings.extend(other.findings);
        let mut best = other.best;
        for (key, triples) in other.graphs {
            if let Some(standing) = best.remove(&key) {
                self.draw(key, standing, triples);
            }
        }
    }

    /// Keeps the graph of an entity, unless a better one is there.
    fn draw(&mut self, key: EntityKey, standing: Standing, triples: Vec<Triple>) {
        if self.best.get(&key).is_none_or(|best| standing < *best) {
            self.best.insert(key, standing);
            self.graphs.insert(key, triples);
        }
    }
}

impl Prepared {
    pub(crate) fn is_empty(&self) -> bool {
        self.unchanged.is_empty() && self.writes.is_empty() && self.findings.is_empty()
    }
}

/// Sorts records into those that are as they were and those to map, and maps these.
pub(crate) fn prepare(
    bench: &Bench,
    records: Vec<(RecordKey, Checksum, RawRecord)>,
    known: &HashMap<RecordKey, Known>,
    now: DateTime<Utc>,
) -> Prepared {
    let mut prepared = Prepared::default();
    let mut changed = Vec::new();
    for (key, checksum, record) in records {
        match known.get(&key) {
            Some(known) if known.checksum == checksum && is_in_catalogue(known) => {
                if known.state == RecordState::Missing {
                    prepared.back.push(key);
                }
                prepared.unchanged.push(key);
            }
            known => changed.push((key, checksum, record, known)),
        }
    }
    let done: Vec<One> = changed
        .into_par_iter()
        .with_min_len(4)
        .map(|(key, checksum, record, known)| bench.one(key, checksum, &record, known, now))
        .collect();
    for one in done {
        // One that was missing and cannot be mapped as it is now comes back as it was.
        let kept = matches!(
            one.write.verdict,
            Verdict::Refused {
                accepted_before: true
            }
        );
        let was_missing = known
            .get(&one.write.key)
            .is_some_and(|known| known.state == RecordState::Missing);
        if kept && was_missing {
            prepared.back.push(one.write.key);
        }
        prepared.writes.push(one.write);
        prepared.findings.extend(one.findings);
        for (key, standing, triples) in one.graphs {
            prepared.draw(key, standing, triples);
        }
    }
    prepared
}

/// Whether a record that is as it was need not be mapped again.
pub(crate) fn is_in_catalogue(known: &Known) -> bool {
    known.accepted && known.state != RecordState::Withdrawn
}

/// By which the archive chooses among the descriptions of an agent: the least one is published.
type Standing = (Reverse<String>, Checksum);

type Drawn = (EntityKey, Standing, Vec<Triple>);

struct One {
    write: RecordWrite,
    findings: Vec<Finding>,
    graphs: Vec<Drawn>,
}

impl Bench {
    fn one(
        &self,
        key: RecordKey,
        checksum: Checksum,
        record: &RawRecord,
        known: Option<&Known>,
        now: DateTime<Utc>,
    ) -> One {
        let minted = known
            .and_then(|known| known.entity)
            .map(|entity| NamedNode::new_unchecked(entity.iri(self.minter.base())));
        let mut findings = Vec::new();
        let mut graphs = Vec::new();
        let verdict = match self.map(record, minted.as_ref()) {
            Ok(mut mapped) => {
                // Before addresses that lead nowhere are left out: that of this catalogue may be one, on a machine where it is tried.
                let base = self.minter.base();
                let first = mapped.entities.first();
                let service = first.and_then(|entity| identity::own_service(entity, base));
                normalise::normalise(&mut mapped, &self.context(&record.id, now));
                findings = mapped.findings;
                let first = mapped.entities.first();
                let ours = service.or_else(|| first.and_then(|it| identity::own_iri(it, base)));
                if let Some(ours) = ours {
                    findings = vec![come_back(&record.id, ours)];
                    return self.done(key, checksum, record, Verdict::Own, findings, graphs);
                }
                match self.seal(mapped.entities, &record.id, &mut graphs) {
                    Some((primary, agents)) => Verdict::Accepted {
                        primary: Box::new(primary),
                        agents,
                    },
                    None => {
                        findings.push(refusal(&record.id, &nothing()));
                        refused(known)
                    }
                }
            }
            Err(error) => {
                findings.push(refusal(&record.id, &error));
                refused(known)
            }
        };
        self.done(key, checksum, record, verdict, findings, graphs)
    }

    fn done(
        &self,
        key: RecordKey,
        checksum: Checksum,
        record: &RawRecord,
        verdict: Verdict,
        mut findings: Vec<Finding>,
        graphs: Vec<Drawn>,
    ) -> One {
        for finding in &mut findings {
            finding.record.get_or_insert_with(|| record.id.clone());
        }
        let write = RecordWrite {
            key,
            id: record.id.clone(),
            format: record.format,
            checksum,
            body: Packed::new(&record.body),
            verdict,
        };
        One {
            write,
            findings,
            graphs,
        }
    }

    /// What the record states; the rules are still to be applied.
    pub(crate) fn map(
        &self,
        record: &RawRecord,
        minted: Option<&NamedNode>,
    ) -> Result<Mapped, MapError> {
        if record.body.len() > MAX_RECORD {
            return Err(too_large(record.body.len()));
        }
        let context = MapContext {
            source: &self.source,
            minter: &self.minter,
            minted,
            language: &self.language,
        };
        mapping::map(record, &context)
    }

    /// What the rules may know of a record fetched at this time.
    pub(crate) fn context<'a>(
        &self,
        record: &'a RecordId,
        fetched: DateTime<Utc>,
    ) -> normalise::Context<'a> {
        normalise::Context {
            vocab: self.vocab,
            record,
            fetched,
        }
    }

    fn seal(
        &self,
        entities: Vec<model::Entity>,
        id: &RecordId,
        graphs: &mut Vec<Drawn>,
    ) -> Option<(Sealed, Vec<Sealed>)> {
        let mut facts = Facts::of(&entities);
        let mut sealed = Vec::with_capacity(entities.len());
        for (n, entity) in entities.into_iter().enumerate() {
            let (mut entity, triples) =
                crate::seal::seal(entity, (n == 0).then_some(id), &self.minter, self.vocab)?;
            entity.facts = facts.take();
            let standing = (Reverse(entity.rank.clone()), entity.content.checksum);
            graphs.push((entity.key, standing, triples));
            sealed.push(entity);
        }
        let mut sealed = sealed.into_iter();
        let primary = sealed.next()?;
        Some((primary, sealed.collect()))
    }
}

fn come_back(id: &RecordId, ours: String) -> Finding {
    let mut finding = Finding::new(
        "identity/own-record",
        Severity::Info,
        Stage::Reconcile,
        "the record is one of this catalogue that comes back through a portal that harvests it: it was not taken in again",
    )
    .record(id);
    finding.value = Some(ours);
    finding
}

fn refused(known: Option<&Known>) -> Verdict {
    Verdict::Refused {
        accepted_before: known
            .is_some_and(|known| known.accepted && known.state != RecordState::Withdrawn),
    }
}

/// The longest record that is mapped, in bytes: ten times the longest known. A tree of it takes many times as much memory.
const MAX_RECORD: usize = 8 * 1024 * 1024;

fn too_large(length: usize) -> MapError {
    MapError {
        rule: "record/too-large",
        message: format!("the record has {length} bytes, more than the {MAX_RECORD} that are read"),
        place: None,
        hint: Some("keep data out of the record: link to them, and simplify geometries".to_owned()),
    }
}

fn nothing() -> MapError {
    MapError {
        rule: "record/unreadable",
        message: "the record describes nothing that can be published".to_owned(),
        place: None,
        hint: None,
    }
}

fn refusal(id: &RecordId, error: &MapError) -> Finding {
    let mut finding = Finding::new(
        error.rule,
        Severity::Error,
        Stage::Map,
        error.message.clone(),
    )
    .record(id);
    finding.place.clone_from(&error.place);
    finding.hint.clone_from(&error.hint);
    finding
}
