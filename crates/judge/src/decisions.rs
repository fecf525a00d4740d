//! Written reasons for differences.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};
use regex::Regex;
use serde::Deserialize;

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, Hash, PartialOrd, Ord,
)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// In the reference, not in ours.
    Missing,
    /// In ours, not in the reference.
    Added,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    decision: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    side: Side,
    /// A regular expression that the whole path matches.
    pattern: String,
    /// What the other graph has to say instead: a regular expression, in which `$1` is what the pattern's first group
    /// found. Without it, nothing has to stand in the other graph.
    counterpart: Option<String>,
    /// Only cases in whose path this regular expression is found.
    case: Option<String>,
    reason: String,
}

pub struct Decision {
    pub id: String,
    side: Side,
    pattern: Regex,
    counterpart: Option<String>,
    case: Option<Regex>,
    pub reason: String,
}

pub struct Decisions(Vec<Decision>);

impl Decisions {
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| {
            format!(
                "{}: run from the root of the project, or give --decisions",
                path.display()
            )
        })?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        let decisions = file.decision.into_iter().map(|written| {
            anyhow::ensure!(
                written.reason.len() > 20,
                "{}: a decision needs a reason",
                written.id
            );
            let pattern = Regex::new(&format!("^(?s:{})$", written.pattern))
                .with_context(|| written.id.clone())?;
            let case = written
                .case
                .as_deref()
                .map(Regex::new)
                .transpose()
                .with_context(|| written.id.clone())?;
            Ok(Decision {
                id: written.id,
                side: written.side,
                pattern,
                counterpart: written.counterpart,
                case,
                reason: written.reason,
            })
        });
        Ok(Self(decisions.collect::<Result<_>>()?))
    }

    /// The first decision that explains a difference.
    pub fn explain(
        &self,
        case: &str,
        side: Side,
        path: &str,
        other: &BTreeSet<String>,
    ) -> Option<&Decision> {
        self.0
            .iter()
            .filter(|decision| {
                decision.side == side
                    && decision
                        .case
                        .as_ref()
                        .is_none_or(|wanted| wanted.is_match(case))
            })
            .find(|decision| {
                let Some(found) = decision.pattern.captures(path) else {
                    return false;
                };
                let Some(counterpart) = &decision.counterpart else {
                    return true;
                };
                let value = found.get(1).map_or("", |group| group.as_str());
                let wanted = format!(
                    "^(?s:{})$",
                    counterpart.replace("$1", &regex::escape(value))
                );
                Regex::new(&wanted)
                    .is_ok_and(|wanted| other.iter().any(|path| wanted.is_match(path)))
            })
    }

    /// Decisions that explained nothing.
    pub fn unused<'a>(
        &'a self,
        used: &'a BTreeMap<String, usize>,
    ) -> impl Iterator<Item = &'a Decision> {
        self.0
            .iter()
            .filter(|decision| !used.contains_key(&decision.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_with_a_counterpart_holds_only_where_that_stands() {
        let decisions = Decisions::parse("[[decision]]\nid = \"a\"\nside = \"missing\"\npattern = 'dct:x (.+)'\ncounterpart = 'dct:y $1'\nreason = 'the value moved from x to y'").unwrap();
        let other = BTreeSet::from(["dct:y 1".to_owned()]);
        assert!(
            decisions
                .explain("c", Side::Missing, "dct:x 1", &other)
                .is_some()
        );
        assert!(
            decisions
                .explain("c", Side::Missing, "dct:x 2", &other)
                .is_none()
        );
        assert!(
            decisions
                .explain("c", Side::Added, "dct:x 1", &other)
                .is_none()
        );
    }

    #[test]
    fn a_decision_without_a_reason_is_none() {
        assert!(
            Decisions::parse(
                "[[decision]]\nid = \"a\"\nside = \"missing\"\npattern = 'x'\nreason = ''"
            )
            .is_err()
        );
    }
}
