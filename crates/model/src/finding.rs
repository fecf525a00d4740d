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
    /// The node that the value belongs to, where it is not the entity of the record: `#` and a fragment for one of its nodes, else
    /// an IRI.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub node: Option<String>,
    /// The IRI of the property of that node.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub property: Option<Cow<'static, str>>,
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

    /// How many findings about its records a page has; what more there are only counts.
    pub const MAX_ON_PAGE: usize = 1_000;
    /// Characters of the address of a page: each finding has a copy.
    const MAX_ADDRESS: usize = 500;

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
            node: None,
            property: None,
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

    /// Puts the address of a page before the places in it, which alone do not tell on which page they stand (`note` is what the
    /// address does not say), and leaves out what is beyond [`Finding::MAX_ON_PAGE`].
    pub fn on_page(findings: &mut Vec<Self>, address: &str, note: &str) {
        let (mut kept, mut more, mut first) = (0, 0, None);
        findings.retain(|finding| {
            // What a page itself lacks decides whether the run is whole.
            if finding.rule.starts_with("paging/") || finding.rule.starts_with("page/") {
                return true;
            }
            kept += 1;
            if kept > Self::MAX_ON_PAGE {
                more += 1;
                first.get_or_insert_with(|| finding.clone());
            }
            kept <= Self::MAX_ON_PAGE
        });
        let end = address.char_indices().nth(Self::MAX_ADDRESS);
        let cut = end.and_then(|(end, _)| address.get(..end));
        let address = match cut {
            Some(cut) => format!("{cut}…{note}"),
            None => format!("{address}{note}"),
        };
        let places = findings.iter_mut().filter_map(|one| one.place.as_mut());
        for place in places.filter(|place| place.starts_with('/')) {
            *place = format!("{address} {place}");
        }
        if let Some(first) = first {
            findings.push(Self {
                message: format!("{more} more findings were made on this page, and are not listed"),
                record: None,
                place: Some(address),
                value: None,
                ..first
            });
        }
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

    #[test]
    fn the_address_of_a_page_costs_no_more_than_its_findings() {
        let one = || Finding::new("record/no-identifier", Severity::Error, Stage::Read, "");
        let mut findings = vec![one().place("/data/1"), one().place("urn:x")];
        Finding::on_page(&mut findings, "https://a.example/", " (start 1)");
        let places: Vec<_> = findings.iter().flat_map(|one| one.place.clone()).collect();
        assert_eq!(places, ["https://a.example/ (start 1) /data/1", "urn:x"]);
        let long = "é".repeat(10_000);
        let mut findings: Vec<_> = (0..50_000).map(|_| one().place("/data/1")).collect();
        findings.push(Finding::new(
            "paging/loop",
            Severity::Error,
            Stage::Read,
            "",
        ));
        Finding::on_page(&mut findings, &long, "");
        assert_eq!(findings.len(), 1_002);
        assert_eq!(findings[1_000].rule, "paging/loop");
        assert!(findings[1_001].message.starts_with("49000 more"));
        assert!(
            findings
                .iter()
                .flat_map(|one| &one.place)
                .all(|place| place.len() < 1_100)
        );
    }
}
