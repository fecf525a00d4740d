//! All findings that hold as a `sh:ValidationReport`, and the runs that made them as `prov:Activity`:
//! <https://www.w3.org/TR/shacl/#validation-report>, <https://www.w3.org/TR/prov-o/>

use std::collections::HashSet;
use std::io;

use archive::{Archive, Standing, StandingFinding};
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use model::ns::{dcterms, rdfs};
use model::{RunId, RunReport, Severity, SourceId};
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, NamedNodeRef, TermRef, TripleRef};
use oxrdfio::{RdfFormat, RdfSerializer, WriterQuadSerializer};

use crate::gather::Card;
use crate::rule::{english_title, french_title, predicate};
use crate::text::{MAX_TEXT, line, tame};
use crate::words::machine;
use crate::{Parts, ReportError};

/// The findings of a source as Turtle, written while they are read. `base` is the address of the site, ending with a slash.
pub async fn turtle(archive: &Archive, card: &Card, base: &str) -> Result<Parts, ReportError> {
    let writing = Writing {
        standing: archive.standing(&card.id).await?,
        archive: archive.clone(),
        id: card.id.clone(),
        source: node(format!("{base}sources#{}", card.id))?,
        report: node(format!("{base}sources/{}/report#report", card.id))?,
        title: line(&card.title, MAX_TEXT),
        base: base.to_owned(),
        runs: HashSet::new(),
        step: Step::Head,
        conforms: true,
    };
    let parts = stream::try_unfold(writing, |mut writing| async move {
        Ok::<_, ReportError>(writing.part().await?.map(|part| (part, writing)))
    });
    Ok(parts.boxed())
}

/// Each part is Turtle by itself, and so are all of them one after the other: there are no blank nodes.
struct Writing {
    standing: Standing,
    archive: Archive,
    id: SourceId,
    source: NamedNode,
    report: NamedNode,
    title: String,
    base: String,
    /// Those that have been described.
    runs: HashSet<RunId>,
    step: Step,
    conforms: bool,
}

enum Step {
    Head,
    Findings,
    Done,
}

impl Writing {
    async fn part(&mut self) -> Result<Option<Bytes>, ReportError> {
        match self.step {
            Step::Head => {
                self.step = Step::Findings;
                Ok(Some(self.head().await?))
            }
            Step::Findings => match self.standing.next().await? {
                Some(part) => Ok(Some(self.findings(part).await?)),
                None => {
                    self.step = Step::Done;
                    let mut turtle = Turtle::new();
                    let conforms = Literal::from(self.conforms);
                    turtle.put(&self.report, CONFORMS, &conforms)?;
                    Ok(Some(turtle.finish()?))
                }
            },
            Step::Done => Ok(None),
        }
    }

    async fn head(&mut self) -> Result<Bytes, ReportError> {
        let mut turtle = Turtle::new();
        let title = format!("Rapport de moissonnage – {}", self.title);
        let source = Literal::new_simple_literal(self.title.as_str());
        turtle.put(&self.report, rdf::TYPE, VALIDATION_REPORT)?;
        turtle.put(&self.report, dcterms::TITLE, &french(&title))?;
        turtle.put(&self.report, dcterms::SOURCE, &self.source)?;
        turtle.put(&self.source, rdfs::LABEL, &source)?;
        // Also where it found nothing.
        if let Some(run) = self.archive.runs(Some(&self.id), 1).await?.first() {
            let activity = self.activity_of(run.run)?;
            self.runs.insert(run.run);
            self.activity(&mut turtle, &activity, run)?;
        }
        turtle.finish()
    }

    async fn findings(&mut self, part: Vec<StandingFinding>) -> Result<Bytes, ReportError> {
        self.conforms = false;
        let mut turtle = Turtle::new();
        for one in part {
            let activity = self.activity_of(one.run)?;
            if self.runs.insert(one.run)
                && let Some(run) = self.archive.run(one.run).await?
            {
                self.activity(&mut turtle, &activity, &run)?;
            }
            self.finding(&mut turtle, &activity, one)?;
        }
        turtle.finish()
    }

    fn activity_of(&self, run: RunId) -> Result<NamedNode, ReportError> {
        node(format!("{}runs/{run}#activity", self.base))
    }

    fn activity(
        &self,
        turtle: &mut Turtle,
        activity: &NamedNode,
        run: &RunReport,
    ) -> Result<(), ReportError> {
        turtle.put(activity, rdf::TYPE, ACTIVITY)?;
        turtle.put(activity, STARTED, &time(&machine(run.started)))?;
        if let Some(finished) = run.finished {
            turtle.put(activity, ENDED, &time(&machine(finished)))?;
        }
        turtle.put(activity, USED, &self.source)?;
        turtle.put(&self.report, GENERATED_BY, activity)
    }

    fn finding(
        &self,
        turtle: &mut Turtle,
        activity: &NamedNode,
        one: StandingFinding,
    ) -> Result<(), ReportError> {
        let name = format!(
            "{}sources/{}/report#finding-{}-{}",
            self.base, self.id, one.run, one.n
        );
        let result = node(name)?;
        let finding = tame(one.finding);
        turtle.put(&self.report, RESULT, &result)?;
        turtle.put(&result, rdf::TYPE, VALIDATION_RESULT)?;
        let focus = one
            .entity
            .map(|key| node(key.iri(&self.base)))
            .transpose()?;
        turtle.put(&result, FOCUS_NODE, focus.as_ref().unwrap_or(&self.source))?;
        if let (Some(_), Some(predicate)) = (&focus, predicate(&finding.rule)) {
            turtle.put(&result, RESULT_PATH, predicate)?;
        }
        if let Some(value) = &finding.value {
            turtle.put(&result, VALUE, &Literal::new_simple_literal(value))?;
        }
        turtle.put(&result, RESULT_SEVERITY, severity(finding.severity))?;
        turtle.put(
            &result,
            RESULT_MESSAGE,
            &french(&french_title(&finding.rule)),
        )?;
        let message = format!("{}: {}", english_title(&finding.rule), finding.message);
        turtle.put(
            &result,
            RESULT_MESSAGE,
            &Literal::new_language_tagged_literal_unchecked(message, "en"),
        )?;
        if let Ok(rule) = NamedNode::new(format!("{}explain/{}", self.base, finding.rule)) {
            turtle.put(&result, SOURCE_CONSTRAINT_COMPONENT, &rule)?;
        }
        if let Some(record) = &finding.record {
            let id = line(record.as_str(), MAX_TEXT);
            turtle.put(
                &result,
                dcterms::IDENTIFIER,
                &Literal::new_simple_literal(id),
            )?;
        }
        turtle.put(&result, GENERATED_BY, activity)?;
        if let Some(place) = &finding.place {
            let selector = node(format!("{}-place", result.as_str()))?;
            turtle.put(&result, HAS_SELECTOR, &selector)?;
            turtle.put(&selector, rdf::TYPE, SELECTOR)?;
            turtle.put(&selector, rdf::VALUE, &Literal::new_simple_literal(place))?;
        }
        Ok(())
    }
}

/// A part in the making.
struct Turtle(WriterQuadSerializer<Vec<u8>>);

impl Turtle {
    fn new() -> Self {
        let mut serializer = RdfSerializer::from_format(RdfFormat::Turtle);
        for (name, namespace) in PREFIXES {
            // The names are a table of ours: one that is refused is only not used.
            serializer = match serializer.clone().with_prefix(*name, *namespace) {
                Ok(with) => with,
                Err(_) => serializer,
            };
        }
        Self(serializer.for_writer(Vec::new()))
    }

    fn put<'a>(
        &mut self,
        subject: &'a NamedNode,
        predicate: NamedNodeRef<'a>,
        object: impl Into<TermRef<'a>>,
    ) -> Result<(), ReportError> {
        let triple = TripleRef::new(subject, predicate, object);
        Ok(self.0.serialize_triple(triple)?)
    }

    fn finish(self) -> Result<Bytes, ReportError> {
        Ok(self.0.finish()?.into())
    }
}

fn node(iri: String) -> Result<NamedNode, ReportError> {
    NamedNode::new(iri).map_err(|error| io::Error::other(error).into())
}

fn french(text: &str) -> Literal {
    Literal::new_language_tagged_literal_unchecked(text, "fr")
}

fn time(lexical: &str) -> Literal {
    Literal::new_typed_literal(lexical, xsd::DATE_TIME)
}

fn severity(severity: Severity) -> NamedNodeRef<'static> {
    match severity {
        Severity::Info => INFO,
        Severity::Warning => WARNING,
        Severity::Error => VIOLATION,
    }
}

macro_rules! terms {
    ($namespace:literal: $($name:ident = $local:literal),* $(,)?) => {
        $(const $name: NamedNodeRef<'static> = NamedNodeRef::new_unchecked(concat!($namespace, $local));)*
    };
}

terms! { "http://www.w3.org/ns/shacl#":
    VALIDATION_REPORT = "ValidationReport", VALIDATION_RESULT = "ValidationResult", CONFORMS = "conforms", RESULT = "result",
    FOCUS_NODE = "focusNode", RESULT_PATH = "resultPath", VALUE = "value", RESULT_SEVERITY = "resultSeverity",
    RESULT_MESSAGE = "resultMessage", SOURCE_CONSTRAINT_COMPONENT = "sourceConstraintComponent",
    INFO = "Info", WARNING = "Warning", VIOLATION = "Violation",
}
terms! { "http://www.w3.org/ns/prov#":
    ACTIVITY = "Activity", STARTED = "startedAtTime", ENDED = "endedAtTime", USED = "used", GENERATED_BY = "wasGeneratedBy",
}
// Where in the record it is, as the Web Annotation Vocabulary says it: <https://www.w3.org/TR/annotation-vocab/#selectors>
terms! { "http://www.w3.org/ns/oa#": HAS_SELECTOR = "hasSelector", SELECTOR = "Selector" }

const PREFIXES: &[(&str, &str)] = &[
    ("sh", "http://www.w3.org/ns/shacl#"),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("oa", "http://www.w3.org/ns/oa#"),
    ("dct", dcterms::NAMESPACE),
    ("dcat", model::ns::dcat::NAMESPACE),
    ("rdfs", rdfs::NAMESPACE),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];
