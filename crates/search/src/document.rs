//! What is indexed of an entity.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use model::ns::foaf;
use model::{EntityKey, EntityKind};
use vocab::Vocab;

use crate::gather::Gather;
use crate::lines::Lines;
use crate::spatial::Rect;
use crate::{Field, SearchError};

/// Longer texts are compared and searched up to here, in bytes; and all texts of one weight together.
pub const MAX_PROSE: usize = 64 * 1024;

/// What is known of an entity beside what its graph says.
pub struct Context<'a> {
    pub key: EntityKey,
    /// What it is; its IRI may have been minted under another kind.
    pub kind: EntityKind,
    /// The base of IRIs.
    pub base: &'a str,
    /// The identifiers of the sources whose records it is made of.
    pub sources: &'a [String],
    /// When the catalogue last changed what it says of it.
    pub changed: DateTime<Utc>,
    /// From 0 to 1; where it was not assessed, how much of what people look for it states.
    pub quality: Option<f64>,
    /// Those of [`agents_in`].
    pub agents: &'a HashMap<EntityKey, Agent>,
    pub vocab: &'a Vocab,
}

/// What is indexed of an agent with the entities that name it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agent {
    pub names: Vec<String>,
}

/// A document of the index.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub(crate) key: EntityKey,
    pub(crate) agents: BTreeSet<EntityKey>,
    /// Values to compare, the one to sort by first.
    pub(crate) texts: BTreeMap<Field, Vec<String>>,
    /// The same, in milliseconds since 1970.
    pub(crate) instants: BTreeMap<Field, Vec<i64>>,
    pub(crate) facets: BTreeMap<Field, BTreeSet<String>>,
    pub(crate) boxes: Vec<Rect>,
    pub(crate) quality: f64,
    /// Title, subject, organisation, description, other: to search for words; then addresses.
    pub(crate) weighed: [Vec<String>; 6],
}

/// The agents that the N-Triples of an entity name.
pub fn agents_in(base: &str, lines: &str) -> BTreeSet<EntityKey> {
    let start = format!("<{base}{}/", EntityKind::Organisation.segment());
    lines
        .match_indices(&start)
        .filter_map(|(at, _)| {
            let iri = lines.get(at + 1..)?.split(['>', '#']).next()?;
            EntityKey::of_iri(base, iri)
        })
        .collect()
}

impl Agent {
    /// From the N-Triples of an agent.
    pub fn from_lines(iri: &str, lines: &str) -> Result<Self, SearchError> {
        let lines = Lines::read(lines)?;
        let names = lines.texts(iri, foaf::NAME);
        Ok(Self {
            names: names.into_iter().map(str::to_owned).collect(),
        })
    }
}

impl Document {
    /// From the N-Triples of an entity. Pure: the same lines and context give the same document.
    pub fn from_entity(context: &Context<'_>, lines: &str) -> Result<Self, SearchError> {
        let mut agents = agents_in(context.base, lines);
        agents.remove(&context.key);
        let lines = Lines::read(lines)?;
        Ok(Gather::new(context, &lines, agents).gather())
    }

    pub fn key(&self) -> EntityKey {
        self.key
    }

    /// Every text, as it was written.
    pub(crate) fn prose(&self) -> impl Iterator<Item = &str> {
        self.weighed.iter().flatten().map(String::as_str)
    }
}
