//! Findings of one document, so many of each rule and no more.

use std::collections::HashMap;

use model::{Finding, Severity, Stage};

/// Findings of one rule that are reported one by one; the others are counted.
const SHOWN: u64 = 30;

#[derive(Debug, Default)]
pub struct Notes {
    findings: Vec<Finding>,
    seen: HashMap<&'static str, (u64, Severity)>,
    shown: Option<u64>,
}

impl Notes {
    /// Another number of findings that are reported one by one.
    pub fn showing(shown: u64) -> Self {
        Self {
            shown: Some(shown),
            ..Self::default()
        }
    }

    /// Keeps the finding, or counts it where the rule has had its share. The severity of the rest is the greatest seen.
    pub fn add(
        &mut self,
        rule: &'static str,
        severity: Severity,
        finding: impl FnOnce(Finding) -> Finding,
    ) {
        let shown = self.shown.unwrap_or(SHOWN);
        let (count, greatest) = self.seen.entry(rule).or_insert((0, severity));
        *count += 1;
        *greatest = severity.max(*greatest);
        if *count <= shown {
            self.findings
                .push(finding(Finding::new(rule, severity, Stage::Read, "")));
        }
    }

    /// All of them, each with a place.
    pub fn finish(mut self, place: &str) -> Vec<Finding> {
        let shown = self.shown.unwrap_or(SHOWN);
        let mut rest: Vec<_> = self
            .seen
            .into_iter()
            .filter(|(_, (count, _))| *count > shown)
            .collect();
        rest.sort_by_key(|(rule, _)| *rule);
        for (rule, (count, severity)) in rest {
            let message = format!("the same {} times more in this document", count - shown);
            self.findings
                .push(Finding::new(rule, severity, Stage::Read, message));
        }
        for finding in &mut self.findings {
            let place_of_finding = match finding.place.take() {
                Some(own) => format!("{place} {own}"),
                None => place.to_owned(),
            };
            finding.place = Some(place_of_finding);
        }
        self.findings
    }
}
