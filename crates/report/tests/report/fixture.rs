//! A small source in an archive, harvested three times.

use std::path::Path;

use archive::{
    Archive, Batch, Content, EntityKey, Packed, RecordKey, RecordWrite, Sealed, Verdict,
};
use chrono::{DateTime, Utc};
use model::{
    Base, Checksum, EntityKind, Finding, Minter, Outcome, RawRecord, RecordFormat, RecordId,
    RunReport, Severity, SourceId, Stage,
};
use report::{Card, Report};
use tempfile::TempDir;

pub const BASE: &str = "https://donnees.example/";
pub const ROOT: &str = "https://donnees.example";

pub struct Fixture {
    _directory: TempDir,
    pub archive: Archive,
    pub card: Card,
    minter: Minter,
}

pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_769_826_000 + seconds, 0).expect("a time")
}

pub fn found(rule: &'static str, severity: Severity, stage: Stage, message: &str) -> Finding {
    Finding::new(rule, severity, stage, message)
}

/// A licence that no rule knows.
pub fn licence(record: &str) -> Finding {
    found(
        "licence/unknown",
        Severity::Warning,
        Stage::Normalise,
        "the licence is not known; it was kept as text",
    )
    .record(&RecordId::new(record))
    .place("/gmd:MD_Metadata/gmd:identificationInfo//gmd:otherConstraints")
    .value("libre d’usage")
    .hint("write the IRI of the licence")
}

impl Fixture {
    pub async fn empty() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let archive = open(directory.path()).await;
        Self {
            _directory: directory,
            archive,
            card: Card {
                id: SourceId::new("portail-valmer").expect("an identifier"),
                title: "Portail de Valmer & <ses communes>".to_owned(),
            },
            minter: Minter::new(Base::new(BASE).expect("a base")),
        }
    }

    /// Three runs: all records; one of them changed; one page lost.
    pub async fn new() -> Self {
        let fixture = Self::empty().await;
        let bounds = found(
            "place/unknown",
            Severity::Info,
            Stage::Normalise,
            "no place has this name",
        )
        .record(&RecordId::new("b"));
        let often = found(
            "frequency/unknown",
            Severity::Info,
            Stage::Normalise,
            "no frequency has this name",
        )
        .record(&RecordId::new("c"))
        .value("au fil de l’eau");
        let paging = found(
            "paging/loop",
            Severity::Warning,
            Stage::Read,
            "the list comes back to a page that was read",
        )
        .place("https://valmer.example/csw?start=1");
        let refused = found(
            "record/unreadable",
            Severity::Error,
            Stage::Map,
            "the record ends before its end",
        )
        .record(&RecordId::new("d"));
        fixture
            .run(
                0,
                Outcome::Complete,
                &["a", "b", "c"],
                &["d"],
                vec![
                    licence("b"),
                    licence("b"),
                    bounds,
                    licence("c"),
                    often,
                    refused,
                    paging,
                ],
            )
            .await;
        let date = found(
            "date/unreadable",
            Severity::Warning,
            Stage::Normalise,
            "this is no date",
        )
        .record(&RecordId::new("b"))
        .place("/issued")
        .value("=HIER()");
        fixture
            .run(1, Outcome::Complete, &["b"], &[], vec![date])
            .await;
        let lost = found(
            "fetch/timeout",
            Severity::Error,
            Stage::Fetch,
            "the server did not answer in time",
        )
        .place("https://valmer.example/csw?start=11");
        let twice = found(
            "record/duplicate-identifier",
            Severity::Error,
            Stage::Reconcile,
            "another record has this identifier",
        )
        .record(&RecordId::new("a"));
        fixture
            .run(2, Outcome::Partial, &[], &[], vec![lost, twice])
            .await;
        fixture
    }

    /// A run that is to see every record.
    pub async fn run(
        &self,
        n: i64,
        outcome: Outcome,
        accepted: &[&str],
        refused: &[&str],
        findings: Vec<Finding>,
    ) -> RunReport {
        self.harvest(true, n, outcome, accepted, refused, findings)
            .await
    }

    /// A run that asks for changes only, unless it is `full`.
    pub async fn harvest(
        &self,
        full: bool,
        n: i64,
        outcome: Outcome,
        accepted: &[&str],
        refused: &[&str],
        findings: Vec<Finding>,
    ) -> RunReport {
        let source = &self.card.id;
        let mut run = self
            .archive
            .begin_run(source, at(n * 86_400), full)
            .await
            .expect("a run");
        let mut writes: Vec<RecordWrite> =
            accepted.iter().map(|id| self.write(id, n, true)).collect();
        writes.extend(refused.iter().map(|id| self.write(id, n, false)));
        let batch = Batch {
            source: source.clone(),
            run: run.run,
            at: at(n * 86_400 + 10),
            unchanged: Vec::new(),
            back: Vec::new(),
            writes,
            findings,
        };
        self.archive
            .commit(batch, &mut run)
            .await
            .expect("a commit");
        run.outcome = outcome;
        run.finished = Some(at(n * 86_400 + 20));
        run.reason = (outcome != Outcome::Complete).then(|| "1 pages could not be read".to_owned());
        self.archive.save_run(&run).await.expect("saved");
        run
    }

    pub async fn report(&self) -> Report {
        report::gather(&self.archive, &self.card, at(300_000))
            .await
            .expect("a report")
    }

    fn write(&self, id: &str, version: i64, accepted: bool) -> RecordWrite {
        let raw = RawRecord {
            id: RecordId::new(id),
            format: RecordFormat::Iso19139,
            body: format!("<gmd:MD_Metadata><!-- {id} {version} --></gmd:MD_Metadata>").into(),
        };
        let verdict = match accepted {
            true => Verdict::Accepted {
                primary: Box::new(self.seal(&raw.id, version)),
                agents: Vec::new(),
            },
            false => Verdict::Refused {
                accepted_before: false,
            },
        };
        RecordWrite {
            key: RecordKey::new(&self.card.id, &raw.id),
            checksum: raw.checksum(),
            format: raw.format,
            body: Packed::new(&raw.body),
            verdict,
            id: raw.id,
        }
    }

    fn seal(&self, id: &RecordId, version: i64) -> Sealed {
        let iri = self.minter.record(EntityKind::Dataset, &self.card.id, id);
        let text = format!("{iri} <http://purl.org/dc/terms/title> \"{id} {version}\"@fr .\n");
        Sealed {
            facts: None,
            key: EntityKey::of_iri(BASE, iri.as_str()).expect("our IRI"),
            kind: EntityKind::Dataset,
            rank: String::new(),
            content: Content {
                checksum: Checksum::of(text.as_bytes()),
                graph: Packed::new(text.as_bytes()),
                text,
                shared: Vec::new(),
            },
            aliases: Vec::new(),
            links: Vec::new(),
        }
    }
}

async fn open(directory: &Path) -> Archive {
    Archive::open(&directory.join("archive.sqlite"), BASE)
        .await
        .expect("an archive")
}
