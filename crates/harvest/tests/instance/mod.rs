//! An instance for tests: an archive in a directory of its own, no graph store, a clock that the test moves.
#![allow(dead_code, reason = "each test program uses a part of what they share")]

use std::sync::{Arc, Mutex, PoisonError};

use archive::{Archive, ArchiveError, Guard};
use chrono::{DateTime, TimeDelta, Utc};
use fetch::Fetch;
use futures::TryStreamExt;
use harvest::{ConnectorConfig, Limits, RunOptions, Source, Workshop, rebuild};
use model::{Base, Finding, Minter, Outcome, RunReport, SourceId};
use vocab::Vocab;

/// The language of texts that do not say theirs.
const LANGUAGE: &str = "fr";

pub struct Instance {
    pub workshop: Workshop,
    now: Arc<Mutex<DateTime<Utc>>>,
    _directory: tempfile::TempDir,
}

impl Instance {
    pub async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let base = Base::new("https://donnees.example.org/").expect("a base");
        let minter = Minter::new(base);
        let path = directory.path().join("archive.sqlite");
        let archive = Archive::open(&path, minter.base())
            .await
            .expect("an archive");
        let start = "2026-03-01T03:00:00Z".parse().expect("a date");
        let now = Arc::new(Mutex::new(start));
        let clock = {
            let now = Arc::clone(&now);
            Arc::new(move || *now.lock().unwrap_or_else(PoisonError::into_inner))
        };
        let workshop = Workshop {
            archive,
            projector: None,
            minter,
            vocab: Vocab::bundled(),
            clock,
        };
        Self {
            workshop,
            now,
            _directory: directory,
        }
    }

    /// Lets time pass.
    pub fn advance(&self, by: TimeDelta) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    pub async fn run<F: Fetch>(&self, source: &Source<F>) -> Run {
        let result = harvest::run(&self.workshop, source, RunOptions::default(), |_| {})
            .await
            .expect("archive and graph store work");
        let report = result.report;
        let sum = report.created + report.updated + report.unchanged + report.refused;
        assert_eq!(report.seen, sum, "{report:?}");
        let findings = self.workshop.archive.findings(report.run);
        let findings = findings.try_collect().await.expect("findings");
        Run { report, findings }
    }

    /// The entities and their shared lines, as sorted N-Triples.
    pub async fn dump(&self) -> String {
        let whole = Mutex::new(String::new());
        let write = |piece: String| {
            whole
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push_str(&piece);
            async { Ok::<_, ArchiveError>(()) }
        };
        let archive = &self.workshop.archive;
        archive.dump(write).await.expect("a dump");
        whole.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    pub async fn rebuild(&self) {
        rebuild(&self.workshop, |_| LANGUAGE.to_owned(), |_| {})
            .await
            .expect("a rebuild");
    }
}

/// A run with its findings.
#[derive(Debug)]
pub struct Run {
    pub report: RunReport,
    pub findings: Vec<Finding>,
}

impl Run {
    pub fn outcome(&self) -> Outcome {
        self.report.outcome
    }

    pub fn has(&self, rule: &str) -> bool {
        self.findings.iter().any(|finding| finding.rule == rule)
    }

    pub fn finding(&self, rule: &str) -> &Finding {
        let found = self.findings.iter().find(|finding| finding.rule == rule);
        found.unwrap_or_else(|| panic!("no {rule} in {self:#?}"))
    }
}

/// A source as its file says, with the defaults of everything else.
pub fn source<F>(id: &str, connector: ConnectorConfig, fetcher: F) -> Source<F> {
    Source {
        id: SourceId::new(id).expect("an identifier"),
        connector: connector.build().expect("a good configuration").into(),
        fetcher,
        guard: Guard {
            share: 0.2,
            agree: 3,
            grace: TimeDelta::days(7),
        },
        limits: Limits::default(),
        language: LANGUAGE.to_owned(),
        full_every: TimeDelta::days(7),
        full_at: None,
        resume_within: TimeDelta::hours(6),
    }
}

/// The table `[connector.NAME]`.
pub fn connector(toml: &str) -> ConnectorConfig {
    #[derive(serde::Deserialize)]
    struct File {
        connector: ConnectorConfig,
    }
    let file: File = toml::from_str(toml).expect("a source's file");
    file.connector
}
