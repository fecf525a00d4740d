//! The report as JSON. The crate's README has its shape.

use model::{RunReport, Severity};
use serde::Serialize;

use crate::ReportError;
use crate::gather::{Example, Records, Report, Rule};
use crate::rule::{Explained, english_title, explained};
use crate::words::machine;

/// The report as one JSON object. `base` is the address of the site, ending with a slash.
pub fn json(report: &Report, base: &str) -> Result<String, ReportError> {
    let id = report.card.id.as_str();
    let document = Document {
        source: Source {
            id,
            title: &report.card.title,
            page: format!("{base}sources#{id}"),
        },
        made: machine(report.made),
        cause: report.cause(),
        runs: &report.runs,
        records: report.records,
        findings: report.findings,
        rules: report
            .rules
            .iter()
            .map(|rule| RuleObject::of(rule, base))
            .collect(),
    };
    let mut text = serde_json::to_string_pretty(&document).map_err(std::io::Error::from)?;
    text.push('\n');
    Ok(text)
}

#[derive(Serialize)]
struct Document<'a> {
    source: Source<'a>,
    made: String,
    /// Why the last run was not all that it was to be, in French.
    cause: Option<String>,
    runs: &'a [RunReport],
    records: Records,
    findings: u64,
    rules: Vec<RuleObject<'a>>,
}

#[derive(Serialize)]
struct Source<'a> {
    id: &'a str,
    title: &'a str,
    page: String,
}

#[derive(Serialize)]
struct RuleObject<'a> {
    rule: &'a str,
    /// The page that explains it.
    page: Option<String>,
    severity: Severity,
    findings: u64,
    records: u64,
    share: Option<f64>,
    title: Titles,
    /// In French, as Markdown.
    explanation: Option<Explanation>,
    examples: Vec<ExampleObject<'a>>,
}

#[derive(Serialize)]
struct Titles {
    fr: Option<String>,
    en: String,
}

#[derive(Serialize)]
struct Explanation {
    wrong: String,
    done: String,
    mend: String,
}

#[derive(Serialize)]
struct ExampleObject<'a> {
    record: Option<&'a str>,
    /// The IRI of the record's entity, if it is published.
    entity: Option<String>,
    place: Option<&'a str>,
    value: Option<&'a str>,
    message: &'a str,
    hint: Option<&'a str>,
}

impl<'a> RuleObject<'a> {
    fn of(rule: &'a Rule, base: &str) -> Self {
        let page = explained(&rule.rule);
        Self {
            rule: &rule.rule,
            page: page
                .as_ref()
                .map(|_| format!("{base}explain/{}", rule.rule)),
            severity: rule.severity,
            findings: rule.findings,
            records: rule.records,
            share: rule.share,
            title: Titles {
                fr: page.as_ref().map(|page| page.title.clone()),
                en: english_title(&rule.rule),
            },
            explanation: page.map(
                |Explained {
                     wrong, done, mend, ..
                 }| Explanation { wrong, done, mend },
            ),
            examples: rule
                .examples
                .iter()
                .map(|example| ExampleObject::of(example, base))
                .collect(),
        }
    }
}

impl<'a> ExampleObject<'a> {
    fn of(example: &'a Example, base: &str) -> Self {
        let finding = &example.finding;
        Self {
            record: finding.record.as_ref().map(|record| record.as_str()),
            entity: example.entity.map(|key| key.iri(base)),
            place: finding.place.as_deref(),
            value: finding.value.as_deref(),
            message: &finding.message,
            hint: finding.hint.as_deref(),
        }
    }
}
