//! What a plan says: of each entity and of each record what would become of it.

use std::collections::BTreeMap;

use model::RunReport;
use serde::{Deserialize, Serialize};

/// One thing that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Entry {
    Entity(EntityEntry),
    Record(RecordEntry),
}

/// What would become of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntityChange {
    Created,
    Updated,
    Withdrawn,
    /// It was withdrawn once, and comes back under its IRI.
    Restored,
    /// It becomes a part of another entity.
    Merged,
    /// Its records were a part of another entity.
    Separated,
}

/// What would become of a record that stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordChange {
    /// Its source has it no more; it stays in the catalogue for the period of grace.
    Missing,
    /// Its source has it no more; the deletion guard keeps it as it is.
    Held,
    /// It was missing, and its source has it again.
    Back,
}

/// An entity that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntityEntry {
    pub change: EntityChange,
    /// dataset, series, dataservice, organisation
    pub kind: String,
    pub iri: String,
    pub title: Option<String>,
    /// The records that it is made of, or was: SOURCE/IDENTIFIER.
    pub records: Vec<String>,
    /// How many triples it has, or had.
    pub triples: u64,
    /// A checksum of all that it would be.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub content: Option<String>,
    /// The entity that it becomes a part of.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub into: Option<String>,
    /// The entities that its records were a part of.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub from: Vec<String>,
    /// Records that become a part of it, and why.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub joined: Vec<Joined>,
    /// Records that are a part of it no more.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub left: Vec<Left>,
    /// What it says now, and what it would say.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub properties: Vec<Property>,
}

/// A record that becomes a part of an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joined {
    pub record: String,
    /// The rules by which it is one with other records of the entity, and these.
    pub because: Vec<Because>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Because {
    pub rule: String,
    pub with: String,
    /// What both have.
    pub shared: Vec<String>,
}

/// A record that is a part of an entity no more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Left {
    pub record: String,
    /// The entity that it is then.
    pub to: String,
}

/// A property of an entity, or of a node under it, whose values would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// From the entity to the property, such as `dcat:distribution / dcat:accessURL`.
    pub path: String,
    /// The node that has the property, where it is not the entity itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub node: Option<String>,
    /// The name of that node.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub label: Option<String>,
    /// Terms as N-Triples has them.
    pub removed: Vec<String>,
    pub added: Vec<String>,
}

/// A record that would stay as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordEntry {
    pub change: RecordChange,
    pub record: String,
    pub title: Option<String>,
    pub iri: Option<String>,
}

/// All of a plan in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Of records.
    pub run: RunReport,
    /// Of entities, by kind and by what becomes of them.
    pub entities: BTreeMap<String, BTreeMap<EntityChange, u64>>,
    /// Of records that stay as they are, by what becomes of them.
    pub records: BTreeMap<RecordChange, u64>,
    /// Of entities that change and stay.
    pub triples_added: u64,
    pub triples_removed: u64,
    /// Records that become a part of an entity that has others, too.
    pub joined: u64,
    /// Pairs of records that would be proposed to a person beside those that are.
    pub proposed: u64,
}

impl Entry {
    /// What it is about.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Entity(entity) => &entity.iri,
            Self::Record(record) => &record.record,
        }
    }

    /// Without the properties of what comes or goes as a whole.
    pub(crate) fn brief(mut self) -> Self {
        if let Self::Entity(entity) = &mut self
            && entity.change != EntityChange::Updated
        {
            entity.properties.clear();
        }
        self
    }
}
