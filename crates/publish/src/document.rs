//! What is said of entities, gathered so that it stands alone.

use std::collections::{BTreeSet, HashMap};

use archive::{Archive, ArchiveError, Document, EntityKey, PublishedEntity};
use chrono::{DateTime, Utc};
use model::EntityKind;

use crate::lines;

/// Lines about some entities and about what they name.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub lines: Vec<String>,
    /// The last change of any of them.
    pub changed: Option<DateTime<Utc>>,
}

/// Gathers what the catalogue says of entities and of the agents that they name.
pub(crate) async fn gather(
    archive: &Archive,
    base: &str,
    entities: Vec<PublishedEntity>,
) -> Result<Gathered, ArchiveError> {
    let mut gathered = Gathered::default();
    let mut known: Vec<EntityKey> = entities.iter().map(|entity| entity.key).collect();
    known.sort_unstable();
    let mut next = entities;
    // An agent may be a member of another, which may be a member of a third: further ones add nothing to a page.
    for _ in 0..AGENT_DEPTH {
        if next.is_empty() {
            break;
        }
        let mut named = Vec::new();
        for document in archive.documents(next).await? {
            gathered.changed = gathered.changed.max(Some(document.entity.changed));
            for line in document.text.lines() {
                named.extend(named_agent(base, line));
                gathered.lines.push(line.to_owned());
            }
        }
        named.sort_unstable();
        named.dedup();
        named.retain(|key| known.binary_search(key).is_err());
        known.extend(&named);
        known.sort_unstable();
        next = archive.entities(&named).await?;
    }
    Ok(gathered)
}

fn named_agent(base: &str, line: &str) -> Option<EntityKey> {
    lines::object_iri(line)
        .and_then(|iri| EntityKey::of_iri(base, iri))
        .filter(|key| key.minted == EntityKind::Organisation)
}

impl Gathered {
    /// The lines with those of the concepts that they use, as one sorted text.
    pub fn into_text(mut self) -> String {
        lines::with_concepts(&mut self.lines);
        lines::joined(self.lines)
    }
}

/// What is published of entities now, each apart, and of the agents that they name.
pub(crate) struct Texts {
    pub documents: HashMap<EntityKey, Document>,
    agents: HashMap<EntityKey, Document>,
}

impl Texts {
    pub async fn read(
        archive: &Archive,
        base: &str,
        keys: &[EntityKey],
    ) -> Result<Self, ArchiveError> {
        let documents = documents(archive, keys).await?;
        let named: BTreeSet<EntityKey> = documents
            .values()
            .flat_map(|document| document.text.lines())
            .filter_map(|line| named_agent(base, line))
            .collect();
        let named: Vec<EntityKey> = named.into_iter().collect();
        let agents = self::documents(archive, &named).await?;
        Ok(Self { documents, agents })
    }

    /// The lines about an entity and about the agents that it names.
    pub fn of(&self, base: &str, document: &Document) -> String {
        let named: BTreeSet<EntityKey> = document
            .text
            .lines()
            .filter_map(|line| named_agent(base, line))
            .collect();
        let mut text = document.text.clone();
        for agent in named {
            text.push_str(self.agents.get(&agent).map_or("", |agent| &agent.text));
        }
        text
    }
}

async fn documents(
    archive: &Archive,
    keys: &[EntityKey],
) -> Result<HashMap<EntityKey, Document>, ArchiveError> {
    let documents = archive.documents(archive.entities(keys).await?).await?;
    let keyed = documents
        .into_iter()
        .map(|document| (document.entity.key, document));
    Ok(keyed.collect())
}

const AGENT_DEPTH: usize = 3;
