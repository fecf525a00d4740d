//! What is said of entities, gathered so that it stands alone.

use archive::{Archive, ArchiveError, EntityKey, PublishedEntity};
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

const AGENT_DEPTH: usize = 3;
