//! Whether the owner of a source is to be told.

use archive::{Mailed, ReportRow};
use model::{Checksum, Outcome, Severity};
use serde::{Deserialize, Serialize};

use crate::change::digest;

/// When a report is sent by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// After each run.
    Always,
    /// When the outcome, or the number of records with a rule, is another than at the last mail.
    OnChange,
    /// As `on_change`, but of errors alone: runs that are not complete, and findings of severity error.
    OnError,
    Never,
}

/// What is to be done after a run. The checksum is of what the owner then knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    Send(Checksum),
    /// Nothing to tell, but a later state is to be compared with this one.
    Remember(Checksum),
    Nothing,
}

/// Decides, from the state now and the last one that was mailed.
pub fn decide(when: When, now: &ReportRow, mailed: Option<&Mailed>) -> Notice {
    let known = |digest: Checksum| mailed.is_some_and(|mailed| mailed.digest == digest);
    match when {
        When::Never => Notice::Nothing,
        When::Always => Notice::Send(now.digest),
        When::OnChange if known(now.digest) => Notice::Nothing,
        When::OnChange => {
            // Nobody has to be told that a source of which they never heard is in order.
            let clean = now.outcome == Outcome::Complete && now.rules.is_empty();
            match mailed {
                None if clean => Notice::Remember(now.digest),
                _ => Notice::Send(now.digest),
            }
        }
        When::OnError => {
            let (outcome, is_wrong) = match now.outcome {
                Outcome::Failed | Outcome::Partial => (now.outcome, true),
                Outcome::Complete | Outcome::Running => (Outcome::Complete, false),
            };
            let errors = || {
                now.rules
                    .iter()
                    .filter(|count| count.severity == Severity::Error)
            };
            let digest = digest(outcome, errors());
            match known(digest) {
                true => Notice::Nothing,
                false if is_wrong || errors().next().is_some() => Notice::Send(digest),
                false => Notice::Remember(digest),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use archive::RuleCount;
    use chrono::DateTime;
    use model::{RunId, SourceId};

    use super::*;

    fn state(outcome: Outcome, rules: &[(&str, Severity, u64)]) -> ReportRow {
        let rules: Vec<RuleCount> = rules
            .iter()
            .map(|(rule, severity, records)| RuleCount {
                rule: (*rule).to_owned(),
                severity: *severity,
                records: *records,
                findings: *records,
            })
            .collect();
        ReportRow {
            run: RunId(1),
            source: SourceId::new("a").expect("an identifier"),
            at: DateTime::UNIX_EPOCH,
            outcome,
            digest: digest(outcome, &rules),
            rules,
        }
    }

    /// Goes through states one after the other, and says of which the owner is told.
    fn told(when: When, states: &[ReportRow]) -> Vec<bool> {
        let mut mailed = None;
        states
            .iter()
            .map(|state| {
                let (told, digest) = match decide(when, state, mailed.as_ref()) {
                    Notice::Send(digest) => (true, digest),
                    Notice::Remember(digest) => (false, digest),
                    Notice::Nothing => return false,
                };
                mailed = Some(Mailed {
                    run: state.run,
                    digest,
                    at: state.at,
                });
                told
            })
            .collect()
    }

    #[test]
    fn each_setting_tells_what_it_says() {
        let clean = state(Outcome::Complete, &[]);
        let warned = state(Outcome::Complete, &[("a/b", Severity::Warning, 2)]);
        let more = state(Outcome::Complete, &[("a/b", Severity::Warning, 3)]);
        let wrong = state(
            Outcome::Complete,
            &[("a/b", Severity::Warning, 3), ("c/d", Severity::Error, 1)],
        );
        let failed = state(Outcome::Failed, &[]);
        let states = [
            clean.clone(),
            clean.clone(),
            warned.clone(),
            warned,
            more.clone(),
            wrong.clone(),
            more,
            wrong.clone(),
            wrong,
            failed.clone(),
            failed,
            clean,
        ];
        let yes_at = |when: When| -> Vec<usize> {
            let told = told(when, &states);
            (0..told.len())
                .filter(|at| told.get(*at) == Some(&true))
                .collect()
        };
        assert_eq!(yes_at(When::Never), Vec::<usize>::new());
        assert_eq!(yes_at(When::Always), (0..12).collect::<Vec<_>>());
        assert_eq!(yes_at(When::OnChange), [2, 4, 5, 6, 7, 9, 11]);
        assert_eq!(yes_at(When::OnError), [5, 7, 9]);
    }

    #[test]
    fn a_mail_that_was_not_sent_is_due_after_the_next_run() {
        let now = state(Outcome::Failed, &[]);
        // Nothing was noted, since it could not be sent.
        for _ in 0..2 {
            assert!(matches!(
                decide(When::OnChange, &now, None),
                Notice::Send(_)
            ));
        }
    }
}
