//! What a push did.

use chrono::{DateTime, Utc};
use model::Outcome;
use serde::{Deserialize, Serialize};

/// What is told one by one; the rest is counted.
const MOST: usize = 1000;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    pub target: String,
    pub dry_run: bool,
    pub started: DateTime<Utc>,
    pub finished: Option<DateTime<Utc>>,
    pub outcome: Outcome,
    pub created: u64,
    pub updated: u64,
    pub deleted: u64,
    pub unchanged: u64,
    /// Those that the target did not take, or did not confirm.
    pub refused: u64,
    /// Deletions that the guard holds until a person releases them.
    pub held: u64,
    /// Why a person released the deletions that were made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub released: Option<String>,
    /// Why it ended before its end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    pub findings: Vec<Told>,
    /// What a dry run would do, entity by entity.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub plan: Vec<Action>,
}

/// What a target answered of an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub rule: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub entity: Option<String>,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    pub entity: String,
    pub what: Work,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    Create,
    Update,
    Delete,
    /// It would be deleted, and the guard holds it.
    Hold,
}

impl Work {
    pub fn sign(self) -> char {
        match self {
            Self::Create => '+',
            Self::Update => '~',
            Self::Delete => '-',
            Self::Hold => '=',
        }
    }
}

impl Report {
    pub fn begin(target: &str, dry_run: bool, started: DateTime<Utc>) -> Self {
        Self {
            target: target.to_owned(),
            dry_run,
            started,
            finished: None,
            outcome: Outcome::Running,
            created: 0,
            updated: 0,
            deleted: 0,
            unchanged: 0,
            refused: 0,
            held: 0,
            released: None,
            reason: None,
            findings: Vec::new(),
            plan: Vec::new(),
        }
    }

    pub(crate) fn tell(&mut self, rule: &str, entity: Option<&str>, message: impl Into<String>) {
        if self.findings.len() < MOST {
            self.findings.push(Told {
                rule: rule.to_owned(),
                entity: entity.map(str::to_owned),
                message: message.into(),
            });
        }
    }

    pub(crate) fn plan(&mut self, entity: String, what: Work) {
        self.plan.push(Action { entity, what });
    }

    /// How far it came.
    pub(crate) fn end(&mut self, reason: Option<String>, at: DateTime<Utc>) {
        let done = self.created + self.updated + self.deleted;
        self.outcome = match (&reason, self.refused + self.held, done) {
            (Some(_), _, 0) => Outcome::Failed,
            (Some(_), ..) => Outcome::Partial,
            (None, 0, _) => Outcome::Complete,
            (None, ..) => Outcome::Partial,
        };
        self.reason = reason;
        self.finished = Some(at);
    }
}
