#![doc = include_str!("../README.md")]

mod access;
mod canonical;
mod coded;
mod contact;
mod dates;
mod desk;
mod entities;
mod format;
mod geometry;
mod hvd;
mod iri;
mod keyword;
mod licence;
mod mandatory;
mod numbers;
mod organisation;
mod pages;
mod place;
mod territory;
mod text;
mod theme;
mod when;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use model::{Finding, Mapped, RecordId};
use vocab::Vocab;

use desk::Desk;
pub use desk::{Decision, Outcome};
pub use geometry::{Shape, shape};
pub use pages::{explain, rules};
pub use text::plain;

/// Raised with each change of the mappings or rules by which the same record gives another graph: an archive that was
/// made with another one wants `moisson rebuild`.
pub const VERSION: &str = "6";

/// What the rules may know besides the graph.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub vocab: &'a Vocab,
    pub record: &'a RecordId,
    /// When the record was fetched: what lies after it lies in the future.
    pub fetched: DateTime<Utc>,
}

/// The rules, in the order in which they are applied.
const RULES: &[fn(&mut Desk<'_>)] = &[
    text::languages,
    text::clean,
    territory::resolve,
    iri::repair,
    contact::resolve,
    organisation::resolve,
    iri::hosts,
    licence::resolve,
    access::resolve,
    format::resolve,
    coded::resolve,
    theme::resolve,
    keyword::split_joined,
    keyword::tidy,
    theme::from_keywords,
    hvd::complete,
    dates::resolve,
    numbers::resolve,
    mandatory::distributions,
    dates::periods,
    mandatory::empty,
    mandatory::descriptions,
    canonical::literals,
];

/// Applies every rule to every entity. The triples come out sorted, each once.
pub fn normalise(mapped: &mut Mapped, context: &Context<'_>) {
    apply(mapped, context, None);
}

/// [`normalise`], and what the rules made of each value.
pub fn normalise_and_tell(mapped: &mut Mapped, context: &Context<'_>) -> Vec<Decision> {
    let mut decisions = Vec::new();
    apply(mapped, context, Some(&mut decisions));
    decisions
}

fn apply(mapped: &mut Mapped, context: &Context<'_>, mut decisions: Option<&mut Vec<Decision>>) {
    for entity in &mut mapped.entities {
        let mut desk = Desk::new(
            entity,
            *context,
            &mut mapped.findings,
            decisions.as_deref_mut(),
        );
        for rule in RULES {
            rule(&mut desk);
        }
        canonical::sort(&mut entity.triples);
    }
    once(&mut mapped.findings);
}

/// One value of the record may stand at several nodes of the graph: it is reported once.
fn once(findings: &mut Vec<Finding>) {
    let mut seen = HashSet::with_capacity(findings.len());
    findings.retain(|finding| {
        finding.place.is_none()
            || seen.insert((
                finding.rule.clone(),
                finding.place.clone(),
                finding.value.clone(),
            ))
    });
}
