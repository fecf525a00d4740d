//! What a run has to tell the owner of a source.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::RecordId;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something was set right and nothing was lost.
    Info,
    /// Something was left out, or is doubtful.
    Warning,
    /// A record, a page or a run was refused.
    Error,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The step of a run that found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Fetch,
    Read,
    Map,
    Normalise,
    Assess,
    Reconcile,
}

impl Stage {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Read => "read",
            Self::Map => "map",
            Self::Normalise => "normalise",
            Self::Assess => "assess",
            Self::Reconcile => "reconcile",
        }
    }
}

/// One thing that a run found: what, where, with which value, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// A stable name such as `distribution/bad-access-url`; `moisson explain RULE` prints its page.
    pub rule: Cow<'static, str>,
    pub severity: Severity,
    pub stage: Stage,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub record: Option<RecordId>,
    /// An XPath, a JSON pointer, or the address of a page.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<String>,
    /// The offending value as the source wrote it, cut at [`Finding::MAX_VALUE`] characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
    /// What was found and what was done.
    pub message: String,
    /// How to mend it at the source.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint: Option<String>,
}

impl Finding {
    pub const MAX_VALUE: usize = 300;

    pub fn new(
        rule: &'static str,
        severity: Severity,
        stage: Stage,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule: Cow::Borrowed(rule),
            severity,
            stage,
            record: None,
            place: None,
            value: None,
            message: message.into(),
            hint: None,
        }
    }

    #[must_use]
    pub fn record(mut self, record: &RecordId) -> Self {
        self.record = Some(record.clone());
        self
    }

    #[must_use]
    pub fn place(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    #[must_use]
    pub fn value(mut self, value: &str) -> Self {
        let mut cut: String = value.chars().take(Self::MAX_VALUE).collect();
        if cut.len() < value.len() {
            cut.push('…');
        }
        self.value = Some(cut);
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut_between_characters() {
        let finding = Finding::new("x/y", Severity::Info, Stage::Map, "m").value(&"é".repeat(1000));
        assert_eq!(
            finding.value.map(|value| value.chars().count()),
            Some(Finding::MAX_VALUE + 1)
        );
    }
}
