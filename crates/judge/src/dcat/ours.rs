//! What Moisson makes of a record, as values under properties.

use std::collections::{HashMap, HashSet};

use anyhow::{Result, anyhow};
use chrono::{DateTime, Utc};
use mapping::{MapContext, MapError};
use model::{Base, LinkTarget, Mapped, Minter, RawRecord, SourceId};
use oxrdf::{NamedNode, Term};
use vocab::Vocab;

/// The clean graph of a record, by subject.
pub struct Ours {
    pub mapped: Mapped,
    statements: HashMap<String, Vec<(NamedNode, Term)>>,
}

/// Each file is a source of its own: one dataset in two files is two.
pub fn make(record: &RawRecord, file: usize) -> Result<Result<Ours, MapError>> {
    let minter = Minter::new(Base::new("https://judge.example/").map_err(|error| anyhow!(error))?);
    let source = SourceId::new(&format!("file-{file}"))?;
    let context = MapContext {
        source: &source,
        minter: &minter,
        minted: None,
        language: "fr",
    };
    let mut mapped = match mapping::map(record, &context) {
        Ok(mapped) => mapped,
        Err(error) => return Ok(Err(error)),
    };
    let context = normalise::Context {
        vocab: Vocab::bundled(),
        record: &record.id,
        fetched: DateTime::<Utc>::from_timestamp(1_900_000_000, 0)
            .ok_or_else(|| anyhow!("no date"))?,
    };
    normalise::normalise(&mut mapped, &context);
    let mut statements: HashMap<String, Vec<(NamedNode, Term)>> = HashMap::new();
    for entity in &mapped.entities {
        for triple in &entity.triples {
            statements
                .entry(triple.subject.to_string())
                .or_default()
                .push((triple.predicate.clone(), triple.object.clone()));
        }
        for (concept, label) in &entity.labels {
            let label_of = NamedNode::new_unchecked("http://www.w3.org/2000/01/rdf-schema#label");
            statements
                .entry(concept.to_string())
                .or_default()
                .push((label_of, label.clone().into()));
        }
        for link in &entity.links {
            if let LinkTarget::Alias(alias) = &link.target {
                statements
                    .entry(link.subject.to_string())
                    .or_default()
                    .push((
                        link.predicate.clone(),
                        NamedNode::new_unchecked(alias).into(),
                    ));
            }
        }
    }
    Ok(Ok(Ours { mapped, statements }))
}

impl Ours {
    /// Every leaf under the properties of a node: what they lead to, and what that says.
    pub fn leaves(&self, subject: &str, properties: &[&str]) -> Vec<String> {
        let mut leaves = Vec::new();
        let mut seen = HashSet::new();
        for (predicate, object) in self.of(subject) {
            if properties.contains(&predicate.as_str()) {
                self.gather(object, &mut leaves, &mut seen);
            }
        }
        leaves
    }

    /// Everything that is said of the record.
    pub fn all(&self) -> Vec<String> {
        let mut leaves: Vec<String> = self
            .statements
            .values()
            .flatten()
            .map(|(_, object)| text(object))
            .collect();
        leaves.extend(
            self.statements
                .values()
                .flatten()
                .map(|(predicate, _)| predicate.as_str().to_owned()),
        );
        let aliases = self
            .mapped
            .entities
            .iter()
            .flat_map(|entity| &entity.aliases);
        leaves.extend(aliases.cloned());
        leaves
    }

    pub fn of(&self, subject: &str) -> &[(NamedNode, Term)] {
        self.statements.get(subject).map_or(&[], Vec::as_slice)
    }

    fn gather(&self, object: &Term, leaves: &mut Vec<String>, seen: &mut HashSet<String>) {
        leaves.push(text(object));
        let name = object.to_string();
        if matches!(object, Term::NamedNode(_)) && seen.insert(name.clone()) && seen.len() < 2_000 {
            for (_, inner) in self.of(&name) {
                self.gather(inner, leaves, seen);
            }
        }
    }

    /// What is wrong with the graph, whatever the record says.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for entity in &self.mapped.entities {
            for triple in &entity.triples {
                let subject = triple.subject.to_string();
                if !entity.owns(subject.trim_matches(['<', '>'])) {
                    faults.push(format!("a foreign subject: {triple}"));
                }
                match &triple.object {
                    Term::NamedNode(iri) if model::check_iri(iri.as_str()).is_none() => {
                        faults.push(format!("no IRI: {triple}"));
                    }
                    Term::BlankNode(_) => faults.push(format!("a blank node: {triple}")),
                    Term::NamedNode(iri)
                        if iri.as_str() != entity.iri.as_str()
                            && entity.owns(iri.as_str())
                            && self.of(&iri.to_string()).is_empty() =>
                    {
                        faults.push(format!("a node that says nothing: {triple}"));
                    }
                    _ => {}
                }
            }
        }
        faults
    }
}

pub fn text(term: &Term) -> String {
    match term {
        Term::Literal(literal) => literal.value().to_owned(),
        Term::NamedNode(iri) => iri.as_str().to_owned(),
        other => other.to_string(),
    }
}
