//! Two records of which something was decided, or is proposed.

use std::collections::HashMap;

use archive::{Decided, EntityKey, Party};
use identity::Rule;
use model::ns::{dcterms, foaf};
use serde::Serialize;
use serde_json::json;

use super::entity;
use super::facts::Value;
use super::graph::Described;
use super::text::{cut, web_address};
use crate::clock::{self, Moment};
use crate::failure::Failure;
use crate::provenance::nodes;
use crate::router::App;

#[derive(Debug, Serialize)]
pub(crate) struct Pair {
    pub sides: [Side; 2],
    pub relation: &'static str,
    pub rule: &'static str,
    /// In French and in English.
    pub rule_name: (&'static str, &'static str),
    pub explained: bool,
    /// What both have.
    pub shared: Vec<Value>,
    /// How alike the titles are, in percent; nothing where a person decided.
    pub likeness: Option<u8>,
    pub at: Moment,
    pub reason: Option<String>,
    /// What the operator may type to make them one, and to keep them apart.
    pub merge: String,
    pub split: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Side {
    pub title: String,
    pub iri: String,
    pub path: String,
    pub source: String,
    pub source_title: String,
    pub record: String,
}

pub(crate) async fn pairs(app: &App, decided: &[Decided]) -> Result<Vec<Pair>, Failure> {
    let mut keys: Vec<EntityKey> = decided
        .iter()
        .flat_map(|decided| [decided.a.entity, decided.b.entity])
        .collect();
    keys.sort_unstable();
    keys.dedup();
    let titles = titles(app, &keys).await?;
    Ok(decided
        .iter()
        .map(|decided| Pair::of(app, decided, &titles))
        .collect())
}

/// What published entities are called.
pub(crate) async fn titles(
    app: &App,
    keys: &[EntityKey],
) -> Result<HashMap<EntityKey, String>, Failure> {
    let base = app.site.minter.base();
    let mut titles = HashMap::with_capacity(keys.len());
    let named = [dcterms::TITLE.to_string(), foaf::NAME.to_string()];
    for entity in app.site.archive.entities(keys).await? {
        let iri = entity.key.iri(base);
        let own = format!("<{iri}> ");
        let text = entity.text()?;
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| {
                line.strip_prefix(&own)
                    .is_some_and(|rest| named.iter().any(|name| rest.starts_with(name)))
            })
            .collect();
        let described = Described::read(&lines.join("\n"));
        titles.insert(entity.key, entity::title(&described, &iri));
    }
    Ok(titles)
}

impl Pair {
    fn of(app: &App, decided: &Decided, titles: &HashMap<EntityKey, String>) -> Self {
        let (a, b) = (side(app, &decided.a, titles), side(app, &decided.b, titles));
        let rule = decided.rule.name();
        Self {
            relation: decided.relation.as_str(),
            rule,
            rule_name: rule_name(decided.rule),
            explained: normalise::explain(rule).is_some(),
            shared: decided
                .shared
                .iter()
                .map(|text| Value {
                    text: cut(text, MAX_SHARED),
                    href: web_address(text).map(str::to_owned),
                })
                .collect(),
            likeness: (decided.rule != Rule::Person)
                .then(|| (decided.likeness.clamp(0.0, 1.0) * 100.0).round() as u8),
            at: clock::moment(decided.at),
            reason: decided
                .reason
                .as_deref()
                .map(|reason| cut(reason, MAX_REASON)),
            merge: format!("moisson merge {} {} --reason \"…\"", a.iri, b.iri),
            split: split(&a.iri, &b.source, &b.record),
            sides: [a, b],
        }
    }

    /// For programs.
    pub fn json(&self) -> serde_json::Value {
        let records: Vec<serde_json::Value> = self
            .sides
            .iter()
            .map(|side| {
                json!({ "entity": side.iri, "title": side.title, "source": side.source, "record": side.record })
            })
            .collect();
        json!({
            "relation": self.relation, "rule": self.rule, "at": self.at.machine, "records": records, "likeness": self.likeness,
            "shared": self.shared.iter().map(|value| &value.text).collect::<Vec<_>>(), "reason": self.reason,
        })
    }
}

fn side(app: &App, party: &Party, titles: &HashMap<EntityKey, String>) -> Side {
    let key = party.entity;
    Side {
        title: titles.get(&key).cloned().unwrap_or_default(),
        iri: key.iri(app.site.minter.base()),
        path: format!("{}/{}/{}", app.root, key.minted.segment(), key.id),
        source: party.source.to_string(),
        source_title: nodes::source_title(app, &party.source).to_owned(),
        record: party.record.to_string(),
    }
}

/// The command that says that a record is not what an entity is. None for a record whose name is not fit to be pasted into a
/// terminal.
pub(crate) fn split(entity: &str, source: &str, record: &str) -> Option<String> {
    let plain = record
        .chars()
        .all(|c| c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric());
    plain.then(|| {
        let name = format!("{source}/{record}").replace('\'', "'\\''");
        format!("moisson split {entity} '{name}' --reason \"…\"")
    })
}

fn rule_name(rule: Rule) -> (&'static str, &'static str) {
    match rule {
        Rule::Person => ("décision d’une personne", "decision of a person"),
        Rule::Identifier => ("même identifiant", "same identifier"),
        Rule::Page => ("même page", "same page"),
        Rule::Resource => ("mêmes fichiers ou couches", "same files or layers"),
        Rule::Description => (
            "même titre, même producteur, même description",
            "same title, same publisher, same description",
        ),
        Rule::Title => ("titres semblables", "similar titles"),
    }
}

const MAX_SHARED: usize = 500;
const MAX_REASON: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_command_runs_nothing_of_a_source() {
        assert_eq!(
            split("https://a.example/dataset/1", "s", "x'; rm -rf ~ #").as_deref(),
            Some("moisson split https://a.example/dataset/1 's/x'\\''; rm -rf ~ #' --reason \"…\"")
        );
        for hostile in ["a\nb", "a\u{1b}[201~b", "a\u{202e}b", "a\u{200b}b"] {
            assert_eq!(
                split("https://a.example/dataset/1", "s", hostile),
                None,
                "{hostile:?}"
            );
        }
    }
}
