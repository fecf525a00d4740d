//! What changed for the owner of a source since they were told last.

use archive::{Archive, ReportRow, RuleCount};
use model::{Checksum, Outcome, RunReport, Severity};

use crate::ReportError;
use crate::gather::Report;
use crate::words::Lang;

/// Keeps the state of a source after its last run, where it differs from that after the run before: what the Atom feed shows.
/// Gives the state; `None` as long as no run has ended.
pub async fn note(archive: &Archive, report: &Report) -> Result<Option<ReportRow>, ReportError> {
    let Some(row) = report.last().map(|last| row(report, last)) else {
        return Ok(None);
    };
    // While a run goes on, what it maps anew is between two states: that is for its own end to tell.
    if report.runs.first().map(|run| run.run) == Some(row.run) {
        archive.add_report(&row).await?;
    }
    Ok(Some(row))
}

fn row(report: &Report, last: &RunReport) -> ReportRow {
    let rules = report.counts();
    ReportRow {
        run: last.run,
        source: report.card.id.clone(),
        at: last.finished.unwrap_or(last.started),
        outcome: last.outcome,
        digest: digest(last.outcome, &rules),
        rules,
    }
}

/// A checksum of the outcome, and of each rule with its severity and its number of records.
pub(crate) fn digest<'a>(
    outcome: Outcome,
    rules: impl IntoIterator<Item = &'a RuleCount>,
) -> Checksum {
    let mut text = format!("{}\n", outcome.as_str());
    for count in rules {
        let severity = count.severity.as_str();
        text.push_str(&format!("{}\t{severity}\t{}\n", count.rule, count.records));
    }
    Checksum::of(text.as_bytes())
}

/// The difference of two states of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The outcome before and now, where they differ or nothing was before.
    pub outcome: Option<(Option<Outcome>, Outcome)>,
    /// Rules whose number of records, severity or presence changed: the gravest first.
    pub moved: Vec<Moved>,
}

/// A rule that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub rule: String,
    pub severity: Severity,
    /// How many records had it and have it; none where it was or is not found.
    pub before: Option<u64>,
    pub now: Option<u64>,
}

impl Change {
    pub fn between(before: Option<&ReportRow>, now: &ReportRow) -> Self {
        let was = before.map(|row| row.outcome);
        let old: &[RuleCount] = before.map_or(&[], |row| row.rules.as_slice());
        let find = |rules: &[RuleCount], rule: &str| {
            rules.iter().find(|count| count.rule == rule).cloned()
        };
        let mut moved = Vec::new();
        for count in &now.rules {
            let before = find(old, &count.rule);
            let same =
                |old: &RuleCount| old.records == count.records && old.severity == count.severity;
            if !before.as_ref().is_some_and(same) {
                moved.push(Moved {
                    rule: count.rule.clone(),
                    severity: count.severity,
                    before: before.map(|count| count.records),
                    now: Some(count.records),
                });
            }
        }
        for count in old {
            if find(&now.rules, &count.rule).is_none() {
                moved.push(Moved {
                    rule: count.rule.clone(),
                    severity: count.severity,
                    before: Some(count.records),
                    now: None,
                });
            }
        }
        moved.sort_by(|a, b| {
            b.severity
                .cmp(&a.severity)
                .then_with(|| a.rule.cmp(&b.rule))
        });
        Self {
            outcome: (was != Some(now.outcome)).then_some((was, now.outcome)),
            moved,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.outcome.is_none() && self.moved.is_empty()
    }

    /// In a few words, for a subject or a title.
    pub fn summary(&self, lang: Lang) -> String {
        let mut parts: Vec<String> = self
            .outcome
            .map(|now| outcome(now, lang))
            .into_iter()
            .collect();
        let count =
            |test: fn(&Moved) -> bool| self.moved.iter().filter(|moved| test(moved)).count();
        let one = |n, single: &str, many: &str| {
            (n > 0).then(|| format!("{n} {}", if n > 1 { many } else { single }))
        };
        let new = count(|moved| moved.before.is_none());
        let gone = count(|moved| moved.now.is_none());
        let other = self.moved.len().saturating_sub(new + gone);
        parts.extend(match lang {
            Lang::Fr => one(new, "nouveau problème", "nouveaux problèmes"),
            Lang::En => one(new, "new problem", "new problems"),
        });
        parts.extend(match lang {
            Lang::Fr => one(gone, "résolu", "résolus"),
            Lang::En => one(gone, "resolved", "resolved"),
        });
        parts.extend(match lang {
            Lang::Fr => one(other, "a changé d’étendue", "ont changé d’étendue"),
            Lang::En => one(other, "changed in extent", "changed in extent"),
        });
        if parts.is_empty() {
            return lang.of("sans changement", "no change").to_owned();
        }
        parts.join(", ")
    }
}

impl Moved {
    /// What became of it, in words.
    pub fn describe(&self, lang: Lang) -> String {
        let records = |n| lang.records(n);
        match (self.before, self.now) {
            (None, Some(0)) => lang.of("nouveau", "new").to_owned(),
            (None, Some(now)) => format!("{} {}", lang.of("nouveau :", "new:"), records(now)),
            (_, None) => lang.of("résolu", "resolved").to_owned(),
            (Some(before), Some(now)) if before == now => {
                format!(
                    "{} {}",
                    lang.of("gravité changée :", "severity changed:"),
                    lang.severity(self.severity)
                )
            }
            (Some(before), Some(now)) => match lang {
                Lang::Fr => format!(
                    "{}, contre {} auparavant",
                    records(now),
                    lang.number(before)
                ),
                Lang::En => format!("{}, {} before", records(now), lang.number(before)),
            },
        }
    }
}

fn outcome((was, now): (Option<Outcome>, Outcome), lang: Lang) -> String {
    match (was, now) {
        (Some(_), Outcome::Complete) => {
            lang.of("moissonnage de nouveau complet", "harvest complete again")
        }
        (None, Outcome::Complete) => lang.of("premier rapport", "first report"),
        (_, Outcome::Partial) => lang.of("moissonnage partiel", "harvest partial"),
        (_, Outcome::Failed) => lang.of("moissonnage échoué", "harvest failed"),
        (_, Outcome::Running) => lang.of("moissonnage en cours", "harvest going on"),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use model::{RunId, SourceId};

    use super::*;

    fn state(outcome: Outcome, rules: &[(&str, Severity, u64)]) -> ReportRow {
        let rules: Vec<RuleCount> = rules
            .iter()
            .map(|(rule, severity, records)| RuleCount {
                rule: (*rule).to_owned(),
                severity: *severity,
                records: *records,
                findings: records + 1,
            })
            .collect();
        ReportRow {
            run: RunId(1),
            source: SourceId::new("a").expect("an identifier"),
            at: chrono::DateTime::UNIX_EPOCH,
            outcome,
            digest: digest(outcome, &rules),
            rules,
        }
    }

    #[test]
    fn the_summary_says_what_changed() {
        let before = state(
            Outcome::Complete,
            &[
                ("a/b", Severity::Warning, 3),
                ("c/d", Severity::Info, 1),
                ("e/f", Severity::Error, 2),
            ],
        );
        let now = state(
            Outcome::Partial,
            &[
                ("a/b", Severity::Warning, 4),
                ("c/d", Severity::Info, 1),
                ("g/h", Severity::Error, 1),
            ],
        );
        let change = Change::between(Some(&before), &now);
        let moved: Vec<_> = change
            .moved
            .iter()
            .map(|moved| moved.rule.as_str())
            .collect();
        assert_eq!(
            moved,
            ["e/f", "g/h", "a/b"],
            "the gravest first, and not what is as it was"
        );
        assert_eq!(
            change.summary(Lang::Fr),
            "moissonnage partiel, 1 nouveau problème, 1 résolu, 1 a changé d’étendue"
        );
        assert!(Change::between(Some(&now), &now).is_empty());
        assert_eq!(
            Change::between(Some(&now), &now).summary(Lang::En),
            "no change"
        );
        let words: Vec<_> = change
            .moved
            .iter()
            .map(|moved| moved.describe(Lang::Fr))
            .collect();
        assert_eq!(
            words,
            [
                "résolu",
                "nouveau : 1 fiche",
                "4 fiches, contre 3 auparavant"
            ]
        );
    }

    #[test]
    fn the_digest_is_of_records_and_not_of_findings() {
        let mut one = state(Outcome::Complete, &[("a/b", Severity::Info, 3)]);
        let digest_of = |row: &ReportRow| digest(row.outcome, &row.rules);
        let first = digest_of(&one);
        for count in &mut one.rules {
            count.findings = 99;
        }
        assert_eq!(digest_of(&one), first);
        for other in [
            state(Outcome::Complete, &[("a/b", Severity::Info, 4)]),
            state(Outcome::Complete, &[("a/b", Severity::Error, 3)]),
            state(Outcome::Failed, &[("a/b", Severity::Info, 3)]),
            state(Outcome::Complete, &[]),
        ] {
            assert_ne!(digest_of(&other), first, "{other:?}");
        }
    }
}
