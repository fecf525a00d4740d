//! The entity of a record in JSON while it is being described: what the mappings of JSON formats share.

use std::borrow::Cow;
use std::collections::HashSet;

use model::ns::{dcat, dcterms, foaf};
use model::{Entity, EntityKind, Finding, Mapped, RawRecord, Severity, Stage};
use oxrdf::{NamedNode, NamedNodeRef};

use crate::MapContext;
use crate::json::{Report, View};

/// Agents of one record: each is looked for among them.
const MOST_AGENTS: usize = 500;

/// The entity of a record while it is being described, and the agents that it names.
pub(crate) struct Draft<'c> {
    pub(crate) entity: Entity,
    pub(crate) agents: Vec<Entity>,
    /// Whether the record names more agents than are kept.
    too_many_agents: bool,
    pub(crate) context: &'c MapContext<'c>,
    /// The host of the portal, or else the name of the source: identifiers of organisations and users are unique there.
    pub(crate) host: String,
    /// The nodes that exist, so that two things of one identifier do not run together.
    claimed: HashSet<NamedNode>,
}

impl<'c> Draft<'c> {
    pub(crate) fn new(record: &RawRecord, context: &'c MapContext<'c>, kind: EntityKind) -> Self {
        let iri = context
            .minted
            .cloned()
            .unwrap_or_else(|| context.minter.record(kind, context.source, &record.id));
        let mut entity = Entity::new(kind, iri);
        let iri = entity.iri.clone();
        entity.set_origin(&iri, "");
        Self {
            entity,
            agents: Vec::new(),
            too_many_agents: false,
            context,
            host: context.source.to_string(),
            claimed: HashSet::new(),
        }
    }

    /// What the record became, with the findings about it.
    pub(crate) fn finish(self, record: &RawRecord, report: Report) -> Mapped {
        let mut findings = report.into_findings();
        if self.too_many_agents {
            let message = format!(
                "the record names more than {MOST_AGENTS} organisations and people; the others were left out"
            );
            findings.push(
                Finding::new("agent/too-many", Severity::Warning, Stage::Map, message)
                    .hint("name those who made, publish and look after the data"),
            );
        }
        for finding in &mut findings {
            finding.record = Some(record.id.clone());
        }
        let mut entities = vec![self.entity];
        entities.extend(self.agents);
        Mapped { entities, findings }
    }

    /// Whether there is room for an agent: nothing may lead to one that is not kept.
    pub(crate) fn admits(&mut self, agent: &NamedNode) -> bool {
        let admitted =
            self.agents.len() < MOST_AGENTS || self.agents.iter().any(|known| known.iri == *agent);
        self.too_many_agents |= !admitted;
        admitted
    }

    /// The language of the portal's texts.
    pub(crate) fn language(&self) -> Option<&'c str> {
        Some(self.context.language)
    }

    /// Whether the node is new.
    pub(crate) fn claim(&mut self, node: &NamedNode) -> bool {
        self.claimed.insert(node.clone())
    }

    /// Begins a node of the entity: its class, the statement that leads to it, and where it comes from.
    pub(crate) fn open(
        &mut self,
        node: &NamedNode,
        class: NamedNodeRef<'_>,
        predicate: NamedNodeRef<'_>,
        place: &View<'_, '_>,
    ) {
        self.entity.add_type(node, class);
        let iri = self.entity.iri.clone();
        self.entity.add(&iri, predicate, node.clone());
        self.entity.set_origin(node, place.pointer());
    }

    /// A text of the record in the portal's language.
    pub(crate) fn text(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        view: View<'_, '_>,
        key: &str,
    ) {
        if let Some(text) = view.text_of(key) {
            let language = self.language();
            self.entity.add_text(subject, predicate, &text, language);
            self.wrote(subject, predicate, &view.get(key));
        }
    }

    /// A code, a date or another text without a language: that of the first of these fields that has one.
    pub(crate) fn plain(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        view: View<'_, '_>,
        keys: &[&str],
    ) {
        for key in keys {
            if self.one(subject, predicate, view, key) {
                return;
            }
        }
    }

    /// Like [`Draft::plain`], with fields of several objects.
    pub(crate) fn first(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        fields: &[(View<'_, '_>, &str)],
    ) {
        for (view, key) in fields {
            if self.one(subject, predicate, *view, key) {
                return;
            }
        }
    }

    fn one(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        view: View<'_, '_>,
        key: &str,
    ) -> bool {
        let view = view.get(key);
        let Some(text) = view.text() else {
            return false;
        };
        self.entity.add_text(subject, predicate, &text, None);
        self.wrote(subject, predicate, &view);
        true
    }

    /// An address.
    pub(crate) fn iri(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        view: View<'_, '_>,
        key: &str,
    ) {
        if let Some(text) = view.text_of(key) {
            self.entity.add_iri(subject, predicate, &text);
            self.wrote(subject, predicate, &view.get(key));
        }
    }

    /// The record about the entity: when its description was made and changed, in the source's own words.
    pub(crate) fn catalogue_record(&mut self, view: View<'_, '_>, issued: &str, modified: &str) {
        if view.get(issued).is_null() && view.get(modified).is_null() {
            return;
        }
        let node = self.entity.node("record");
        let iri = self.entity.iri.clone();
        self.entity.add_type(&node, dcat::CATALOG_RECORD);
        self.entity.add(&node, foaf::PRIMARY_TOPIC, iri);
        self.entity.set_origin(&node, view.pointer());
        self.plain(&node, dcterms::ISSUED, view, &[issued]);
        self.plain(&node, dcterms::MODIFIED, view, &[modified]);
    }

    /// Says where the value of a property is written, for findings about it.
    pub(crate) fn wrote(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        view: &View<'_, '_>,
    ) {
        self.entity.set_place(subject, predicate, view.pointer());
    }

    pub(crate) fn alias(&mut self, alias: impl Into<String>) {
        let alias = alias.into();
        if !alias.is_empty() && !self.entity.aliases.contains(&alias) {
            self.entity.aliases.push(alias);
        }
    }
}

/// What orders the descriptions of an agent, cut to the length of a date: each agent has its copy.
pub(crate) fn rank(text: &str) -> String {
    const LONGEST: usize = 40;
    text.chars().take(LONGEST).collect()
}

/// The licences that each of the distributions is given. None where so many copies would make much of a little: then the dataset
/// keeps them.
pub(crate) fn lent(licences: &[String], distributions: usize) -> &[String] {
    const MOST_BYTES: usize = 4 * 1024 * 1024;
    // A statement has a length without its text.
    let length: usize = licences.iter().map(|licence| licence.len() + 50).sum();
    match length.saturating_mul(distributions) <= MOST_BYTES {
        true => licences,
        false => &[],
    }
}

/// The host (and port) of an absolute address.
pub(crate) fn host(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// What a node may be called after an identifier of the source: itself if it is short and plain, else a hash of it.
pub(crate) fn local_name(identifier: &str) -> Cow<'_, str> {
    let plain = identifier.len() <= 64
        && identifier
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if plain {
        Cow::Borrowed(identifier)
    } else {
        Cow::Owned(short_hash(identifier))
    }
}

/// The first 12 hexadecimal digits of the checksum.
pub(crate) fn short_hash(text: &str) -> String {
    let mut hash = model::Checksum::of(text.as_bytes()).to_string();
    hash.truncate(12);
    hash
}

/// An e-mail address as an IRI.
pub(crate) fn mailto(email: &str) -> String {
    if email.contains(':') {
        email.to_owned()
    } else {
        format!("mailto:{email}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_is_lent_as_often_as_its_length_allows() {
        let short = vec!["fr-lo".to_owned()];
        assert_eq!(lent(&short, 20_000), short);
        let long = vec!["é".repeat(100_000)];
        assert_eq!(lent(&long, 20), long);
        assert!(lent(&long, 21).is_empty());
        assert!(lent(&vec![String::new(); 1_000], 1_000).is_empty());
        assert_eq!(rank(&"é".repeat(50)).chars().count(), 40);
    }
}
