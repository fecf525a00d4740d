//! The state of a source now: its last runs, and the findings that hold, by rule. Read in parts and counted, never held whole.

use std::collections::BTreeMap;

use archive::{Archive, EntityKey, RuleCount, StandingFinding};
use chrono::{DateTime, Utc};
use model::{Finding, Outcome, RecordId, RunReport, Severity, SourceId};

use crate::ReportError;
use crate::text::tame;

/// The source that a report is about.
#[derive(Debug, Clone)]
pub struct Card {
    pub id: SourceId,
    pub title: String,
}

/// What the owner of a source is told.
#[derive(Debug, Clone)]
pub struct Report {
    pub card: Card,
    /// When it was made.
    pub made: DateTime<Utc>,
    /// The last runs, newest first; the first may be going on.
    pub runs: Vec<RunReport>,
    pub records: Records,
    /// The number of all findings that hold.
    pub findings: u64,
    /// The gravest first, then those that concern most records.
    pub rules: Vec<Rule>,
}

/// The records of a source by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Records {
    pub present: u64,
    /// Not seen by the last complete run, in their period of grace.
    pub missing: u64,
    pub withdrawn: u64,
    pub refused: u64,
}

/// A rule and what it concerns.
#[derive(Debug, Clone)]
pub struct Rule {
    pub rule: String,
    /// The greatest among its findings.
    pub severity: Severity,
    pub findings: u64,
    /// Records with it; 0 for what belongs to no record.
    pub records: u64,
    /// The part of the source's records that has it, from 0 to 1; none for what belongs to no record.
    pub share: Option<f64>,
    /// At most [`EXAMPLES`], at most [`OF_ONE_RECORD`] of one record.
    pub examples: Vec<Example>,
}

#[derive(Debug, Clone)]
pub struct Example {
    pub finding: Finding,
    /// The published entity of its record.
    pub entity: Option<EntityKey>,
}

pub(crate) const EXAMPLES: usize = 10;
const OF_ONE_RECORD: usize = 3;
const RUNS: u32 = 10;

/// Gathers the report of a source. What it holds is bounded by the number of rules, however many findings there are.
pub async fn gather(
    archive: &Archive,
    card: &Card,
    now: DateTime<Utc>,
) -> Result<Report, ReportError> {
    let runs = archive.runs(Some(&card.id), RUNS).await?;
    let (present, missing, withdrawn, refused) = archive.record_counts(&card.id).await?;
    let records = Records {
        present,
        missing,
        withdrawn,
        refused,
    };
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut findings = 0;
    let mut standing = archive.standing(&card.id).await?;
    while let Some(part) = standing.next().await? {
        for one in part {
            findings += 1;
            match tallies.get_mut(one.finding.rule.as_ref()) {
                Some(tally) => tally.add(one),
                None => {
                    let mut tally = Tally::new();
                    let rule = one.finding.rule.to_string();
                    tally.add(one);
                    tallies.insert(rule, tally);
                }
            }
        }
    }
    let mut rules: Vec<Rule> = tallies
        .into_iter()
        .map(|(rule, tally)| tally.into_rule(rule, records.known()))
        .collect();
    // Those that are alike stay in the order of their names.
    rules.sort_by_key(|rule| std::cmp::Reverse((rule.severity, rule.records, rule.findings)));
    Ok(Report {
        card: card.clone(),
        made: now,
        runs,
        records,
        findings,
        rules,
    })
}

impl Records {
    /// Records that are not withdrawn: those that can have findings.
    pub fn known(&self) -> u64 {
        self.present + self.missing + self.refused
    }
}

impl Report {
    /// The last run that ended.
    pub fn last(&self) -> Option<&RunReport> {
        self.runs.iter().find(|run| run.outcome != Outcome::Running)
    }

    /// What is kept of it in the archive, sorted by rule.
    pub(crate) fn counts(&self) -> Vec<RuleCount> {
        let mut counts: Vec<RuleCount> = self
            .rules
            .iter()
            .map(|rule| RuleCount {
                rule: rule.rule.clone(),
                severity: rule.severity,
                records: rule.records,
                findings: rule.findings,
            })
            .collect();
        counts.sort_unstable_by(|a, b| a.rule.cmp(&b.rule));
        counts
    }
}

/// A rule while it is counted.
struct Tally {
    severity: Severity,
    findings: u64,
    records: u64,
    /// The record of its last finding, and how many examples it gave. What mapping found in a record stands together.
    last: Option<RecordId>,
    of_last: usize,
    examples: Vec<Example>,
}

impl Tally {
    fn new() -> Self {
        Self {
            severity: Severity::Info,
            findings: 0,
            records: 0,
            last: None,
            of_last: 0,
            examples: Vec::new(),
        }
    }

    fn add(&mut self, one: StandingFinding) {
        self.findings += 1;
        self.severity = self.severity.max(one.finding.severity);
        match &one.finding.record {
            Some(record) if self.last.as_ref() != Some(record) => {
                self.records += 1;
                self.last = Some(record.clone());
                self.of_last = 0;
            }
            Some(_) => {}
            None => self.of_last = 0,
        }
        if self.examples.len() < EXAMPLES && self.of_last < OF_ONE_RECORD {
            self.of_last += 1;
            self.examples.push(Example {
                finding: tame(one.finding),
                entity: one.entity,
            });
        }
    }

    fn into_rule(self, rule: String, known: u64) -> Rule {
        let share =
            (self.records > 0).then(|| (self.records as f64 / known.max(1) as f64).min(1.0));
        Rule {
            rule,
            severity: self.severity,
            findings: self.findings,
            records: self.records,
            share,
            examples: self.examples,
        }
    }
}
