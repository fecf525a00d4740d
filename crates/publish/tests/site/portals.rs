//! Records of two portals that may be one, and what becomes of them.

use std::collections::BTreeSet;

use archive::{Absence, Batch, Decision, Guard, Packed, RecordKey, RecordWrite, Verdict};
use chrono::TimeDelta;
use identity::Facts;
use model::ns::{dcat, dcterms};
use model::{
    Entity, EntityKind, Finding, RawRecord, RecordFormat, RecordId, RunReport, Severity, SourceId,
    Stage,
};
use oxrdf::{NamedNode, Quad, Term};
use oxrdfio::{RdfFormat, RdfParser};

use crate::fixture::{Fixture, at};
use crate::{Answered, BASE, Place};

pub const PROV: &str = "http://www.w3.org/ns/prov#";
pub const HOSTILE: &str = "<script>alert(1)</script> Mares & étangs du Valmer";

/// A record of another source than that of the fixture.
pub struct Told<'a> {
    pub source: &'a str,
    pub id: &'a str,
    pub title: &'a str,
    pub description: &'a str,
    pub identifier: &'a str,
    pub keyword: Option<&'a str>,
}

pub fn told<'a>(source: &'a str, id: &'a str, identifier: &'a str) -> Told<'a> {
    Told {
        source,
        id,
        title: "Mares du Valmer",
        description: "Ce que dit la source.",
        identifier,
        keyword: None,
    }
}

impl Told<'_> {
    fn source(&self) -> SourceId {
        SourceId::new(self.source).expect("a source")
    }

    pub fn key(&self) -> RecordKey {
        RecordKey::new(&self.source(), &RecordId::new(self.id))
    }

    pub fn iri(&self, fixture: &Fixture) -> NamedNode {
        let id = RecordId::new(self.id);
        fixture
            .minter
            .record(EntityKind::Dataset, &self.source(), &id)
    }

    pub fn path(&self, fixture: &Fixture) -> String {
        self.iri(fixture).as_str().replacen(BASE, "/", 1)
    }

    async fn run(&self, fixture: &Fixture, seconds: i64) -> RunReport {
        let archive = &fixture.archive;
        let source = self.source();
        let run = archive.begin_run(&source, at(seconds), true).await;
        run.expect("a run")
    }

    pub async fn arrive(&self, fixture: &Fixture) {
        // The records of one source are the elder ones.
        let began = if self.source == "valmer" { 200 } else { 240 };
        let mut report = self.run(fixture, began).await;
        let iri = self.iri(fixture);
        let mut entity = Entity::new(EntityKind::Dataset, iri.clone());
        entity.add_type(&iri, dcat::DATASET_CLASS);
        entity.add_text(&iri, dcterms::TITLE, self.title, Some("fr"));
        entity.add_text(&iri, dcterms::DESCRIPTION, self.description, Some("fr"));
        entity.add_text(&iri, dcterms::IDENTIFIER, self.identifier, None);
        entity.add(&iri, dcterms::PUBLISHER, fixture.publisher());
        if let Some(keyword) = self.keyword {
            entity.add_text(&iri, dcat::KEYWORD, keyword, Some("fr"));
        }
        let raw = RawRecord {
            id: RecordId::new(self.id),
            format: RecordFormat::UdataDataset,
            body: format!("{{\"source\":\"{}\"}}", self.source).into(),
        };
        let agent = fixture.agent();
        let facts = Facts::of(&[entity.clone(), agent.clone()]);
        let mut sealed = fixture.seal(entity, Some(&raw.id));
        sealed.facts = facts;
        let write = RecordWrite {
            key: self.key(),
            checksum: raw.checksum(),
            format: raw.format,
            body: Packed::new(&raw.body),
            verdict: Verdict::Accepted {
                primary: Box::new(sealed),
                agents: vec![fixture.seal(agent, None)],
            },
            id: raw.id,
        };
        let batch = Batch {
            source: self.source(),
            run: report.run,
            at: at(began + 10),
            unchanged: Vec::new(),
            back: Vec::new(),
            writes: vec![write],
            findings: Vec::new(),
        };
        let committed = fixture.archive.commit(batch, &mut report).await;
        committed.expect("a commit");
        report.finished = Some(at(began + 20));
        fixture.archive.save_run(&report).await.expect("saved");
    }

    /// Its source says that it is not for the public.
    pub async fn close(&self, fixture: &Fixture) {
        let mut report = self.run(fixture, 300).await;
        let finding = Finding::new("record/private", Severity::Info, Stage::Read, "private")
            .record(&RecordId::new(self.id));
        let (archive, source) = (&fixture.archive, self.source());
        let added = archive.add_findings(&source, report.run, &[finding]).await;
        added.expect("a finding");
        let keys = [self.key()];
        let withheld = archive.withhold(&source, &keys, at(310), &mut report);
        withheld.await.expect("withheld");
        end(fixture, report, 320).await;
    }

    /// It is missing for longer than is borne.
    pub async fn vanish(&self, fixture: &Fixture) {
        let guard = Guard {
            share: 1.0,
            agree: 1,
            grace: TimeDelta::days(1),
        };
        let absence = Absence {
            whole: true,
            doubt: false,
            proven: true,
            gone: &[],
        };
        for seconds in [300, 300 + 86_500] {
            let mut report = self.run(fixture, seconds).await;
            let source = self.source();
            let now = at(seconds + 10);
            let retired = fixture
                .archive
                .retire(&source, guard, now, absence, &mut report);
            retired.await.expect("retired");
            end(fixture, report, seconds + 20).await;
        }
    }
}

async fn end(fixture: &Fixture, mut report: RunReport, seconds: i64) {
    report.finished = Some(at(seconds));
    fixture.archive.save_run(&report).await.expect("saved");
}

pub async fn say_same(fixture: &Fixture, a: RecordKey, b: RecordKey, same: bool, reason: &str) {
    let decision = Decision {
        a,
        b,
        same,
        reason: reason.to_owned(),
    };
    let decided = fixture.archive.decide(&[decision], at(400)).await;
    decided.expect("decided");
}

pub fn quads(format: RdfFormat, answer: &Answered) -> Vec<Quad> {
    RdfParser::from_format(format)
        .for_slice(&answer.bytes)
        .collect::<Result<_, _>>()
        .expect("valid RDF")
}

pub fn objects(quads: &[Quad], subject: &str, predicate: &str) -> BTreeSet<String> {
    quads
        .iter()
        .filter(|quad| {
            quad.subject.to_string() == format!("<{subject}>")
                && quad.predicate.as_str() == predicate
        })
        .map(|quad| match &quad.object {
            Term::NamedNode(node) => node.as_str().to_owned(),
            Term::Literal(literal) => literal.value().to_owned(),
            other => panic!("{other}"),
        })
        .collect()
}

/// Two records that a person made one: the elder's IRI is the entity's.
pub async fn merged(place: &Place) -> (Told<'static>, Told<'static>) {
    let elder = Told {
        title: HOSTILE,
        ..told("valmer", "a-1", "mares-1")
    };
    let younger = Told {
        title: "<img src=x onerror=alert(1)>",
        description: "Ce que dit <i>rivière</i> l’autre.",
        keyword: Some("copie"),
        ..told("national", "b 1/é", "n-77")
    };
    elder.arrive(&place.fixture).await;
    younger.arrive(&place.fixture).await;
    let (a, b) = (elder.key(), younger.key());
    let reason = "le même inventaire <script>alert(2)</script>";
    say_same(&place.fixture, a, b, true, reason).await;
    (elder, younger)
}
