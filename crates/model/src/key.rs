//! Keys of entities.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::EntityKind;

/// An entity's IRI without the base: the segment under which it was minted, and its UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntityKey {
    pub minted: EntityKind,
    pub id: Uuid,
}

impl EntityKey {
    /// The key of an IRI that a [`crate::Minter`] with this base gave.
    pub fn of_iri(base: &str, iri: &str) -> Option<Self> {
        let (segment, id) = iri.strip_prefix(base)?.split_once('/')?;
        let id = Uuid::try_parse(id)
            .ok()
            .filter(|uuid| uuid.to_string() == id)?;
        Some(Self {
            minted: EntityKind::from_segment(segment)?,
            id,
        })
    }

    pub fn iri(&self, base: &str) -> String {
        format!("{base}{}/{}", self.minted.segment(), self.id)
    }
}
