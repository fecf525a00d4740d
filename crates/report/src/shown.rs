//! What the templates see of a report: everything in words.

use minijinja::Value;
use pulldown_cmark::{Event, Parser, TagEnd};
use serde::Serialize;

use crate::change::Change;
use crate::gather::{Example, Report, Rule};
use crate::html::title;
use crate::rule::{english_title, explained};
use crate::text::line;
use crate::words::{Lang, machine};

#[derive(Serialize)]
pub(crate) struct Shown {
    source: String,
    title: String,
    made: Moment,
    runs: Vec<Run>,
    /// In French only: the reasons of runs are in English.
    cause: Option<String>,
    /// Label and number.
    records: Vec<(&'static str, String)>,
    has_records: bool,
    findings: String,
    rules: Vec<ShownRule>,
}

#[derive(Serialize)]
struct Moment {
    machine: String,
    text: String,
}

#[derive(Serialize)]
struct Run {
    id: i64,
    outcome: &'static str,
    class: &'static str,
    started: Moment,
    full: bool,
    figures: Vec<(&'static str, String)>,
    reason: Option<String>,
}

#[derive(Serialize)]
struct ShownRule {
    rule: String,
    /// For fragments of addresses.
    id: String,
    title: String,
    severity: &'static str,
    class: &'static str,
    /// Numbers with what is counted, and the bare number of records.
    findings: String,
    records: Option<String>,
    number: Option<String>,
    share: Option<String>,
    explained: bool,
    /// In French only, as HTML and as text.
    wrong: Value,
    done: Value,
    mend: Value,
    mend_text: String,
    /// In English, from the first example.
    message: Option<String>,
    hint: Option<String>,
    examples: Vec<ShownExample>,
    more: bool,
}

#[derive(Serialize)]
struct ShownExample {
    record: Option<String>,
    href: Option<String>,
    place: Option<String>,
    value: Option<String>,
    message: String,
    hint: Option<String>,
}

impl Shown {
    pub(crate) fn of(report: &Report, lang: Lang, root: &str) -> Self {
        let records = report.records;
        let records = [
            (lang.of("présentes", "present"), records.present),
            (lang.of("manquantes", "missing"), records.missing),
            (lang.of("retirées", "withdrawn"), records.withdrawn),
            (lang.of("refusées", "refused"), records.refused),
        ];
        Self {
            source: report.card.id.to_string(),
            title: line(&report.card.title, MAX_TITLE),
            made: moment(report.made, lang),
            runs: report.runs.iter().map(|run| shown_run(run, lang)).collect(),
            cause: report.cause().filter(|_| lang == Lang::Fr),
            has_records: report.records.known() > 0,
            records: records.map(|(name, n)| (name, lang.number(n))).to_vec(),
            findings: lang.number(report.findings),
            rules: report
                .rules
                .iter()
                .map(|rule| ShownRule::of(rule, lang, root))
                .collect(),
        }
    }
}

const MAX_TITLE: usize = 200;

fn moment(at: chrono::DateTime<chrono::Utc>, lang: Lang) -> Moment {
    Moment {
        machine: machine(at),
        text: lang.moment(at),
    }
}

fn shown_run(run: &model::RunReport, lang: Lang) -> Run {
    let figures = [
        (
            lang.of("annoncées", "announced"),
            run.announced.unwrap_or(0),
        ),
        (lang.of("reçues", "seen"), run.seen),
        (lang.of("nouvelles", "created"), run.created),
        (lang.of("modifiées", "updated"), run.updated),
        (lang.of("inchangées", "unchanged"), run.unchanged),
        (lang.of("refusées", "refused"), run.refused),
        (lang.of("manquantes", "missing"), run.missing),
        (lang.of("retirées", "withdrawn"), run.withdrawn),
        (lang.of("retenues", "held"), run.held),
    ];
    Run {
        id: run.run.0,
        outcome: lang.outcome(run.outcome),
        class: run.outcome.as_str(),
        started: moment(run.started, lang),
        full: run.full,
        figures: figures
            .into_iter()
            .filter(|(_, n)| *n > 0)
            .map(|(name, n)| (name, lang.number(n)))
            .collect(),
        reason: run
            .reason
            .as_deref()
            .map(|reason| line(reason, crate::text::MAX_TEXT)),
    }
}

impl ShownRule {
    fn of(rule: &Rule, lang: Lang, root: &str) -> Self {
        let page = explained(&rule.rule);
        let part = |text: fn(&crate::rule::Explained) -> &str| {
            Value::from_safe_string(
                page.as_ref()
                    .map(|page| prose(text(page)))
                    .unwrap_or_default(),
            )
        };
        let first = rule.examples.first().map(|example| &example.finding);
        let title = match (lang, &page) {
            (Lang::Fr, Some(page)) => page.title.clone(),
            _ => english_title(&rule.rule),
        };
        Self {
            id: rule.rule.replace('/', "-"),
            rule: rule.rule.clone(),
            title,
            severity: lang.severity(rule.severity),
            class: rule.severity.as_str(),
            findings: lang.findings(rule.findings),
            records: (rule.records > 0).then(|| lang.records(rule.records)),
            number: (rule.records > 0).then(|| lang.number(rule.records)),
            share: rule.share.map(|share| lang.share(share)),
            explained: page.is_some(),
            wrong: part(|page| &page.wrong),
            done: part(|page| &page.done),
            mend: part(|page| &page.mend),
            mend_text: page
                .as_ref()
                .map(|page| text_of(&page.mend))
                .unwrap_or_default(),
            message: first.map(|finding| finding.message.clone()),
            hint: first.and_then(|finding| finding.hint.clone()),
            examples: rule
                .examples
                .iter()
                .map(|example| shown_example(example, root))
                .collect(),
            more: rule.findings > rule.examples.len() as u64,
        }
    }
}

fn shown_example(example: &Example, root: &str) -> ShownExample {
    let finding = example.finding.clone();
    ShownExample {
        record: finding
            .record
            .map(|record| line(record.as_str(), MAX_TITLE)),
        href: example.entity.map(|key| key.iri(&format!("{root}/"))),
        place: finding.place,
        value: finding.value,
        message: finding.message,
        hint: finding.hint,
    }
}

#[derive(Serialize)]
pub(crate) struct ShownChange {
    summary: String,
    moved: Vec<ShownMoved>,
}

#[derive(Serialize)]
struct ShownMoved {
    rule: String,
    title: String,
    severity: &'static str,
    class: &'static str,
    what: String,
}

impl ShownChange {
    pub(crate) fn of(change: &Change, lang: Lang) -> Self {
        let moved = change.moved.iter().map(|moved| ShownMoved {
            rule: moved.rule.clone(),
            title: title(&moved.rule, lang),
            severity: lang.severity(moved.severity),
            class: moved.severity.as_str(),
            what: moved.describe(lang),
        });
        Self {
            summary: change.summary(lang),
            moved: moved.collect(),
        }
    }
}

/// Markdown of our own pages as HTML.
fn prose(markdown: &str) -> String {
    let mut html = String::with_capacity(markdown.len() * 5 / 4);
    pulldown_cmark::html::push_html(&mut html, Parser::new(markdown));
    html
}

/// Markdown of our own pages as text on one line.
fn text_of(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    for event in Parser::new(markdown) {
        match event {
            Event::Text(part) => text.push_str(&part),
            Event::Code(part) => text.push_str(&format!("« {part} »")),
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Item) => {
                text.push(' ')
            }
            _ => {}
        }
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_page() {
        assert_eq!(
            text_of("Écrire `https://`\nen **entier**.\n\nPuis relancer."),
            "Écrire « https:// » en entier. Puis relancer."
        );
    }
}
