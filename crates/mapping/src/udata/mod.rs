//! udata's JSON API, version 1 (data.gouv.fr and its kin), to DCAT-AP 3.
//!
//! The field names are those of udata's own API. Each mapping is written beside the fields it reads: [`dataset`],
//! [`service`], and what both have ([`common`], [`agent`], [`contact`], [`harvest`]).

mod agent;
mod common;
mod contact;
mod dataset;
mod harvest;
mod json;
mod resource;
mod service;
mod spatial;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashSet;

use model::{Entity, EntityKind, Mapped, RawRecord};
use oxrdf::{NamedNode, NamedNodeRef};

use crate::{MapContext, MapError};
use json::{Json, Report, View, without_lone_surrogates};

pub(crate) fn map_dataset(
    record: &RawRecord,
    context: &MapContext<'_>,
) -> Result<Mapped, MapError> {
    map(record, context, EntityKind::Dataset, dataset::map)
}

pub(crate) fn map_dataservice(
    record: &RawRecord,
    context: &MapContext<'_>,
) -> Result<Mapped, MapError> {
    map(record, context, EntityKind::DataService, service::map)
}

fn map(
    record: &RawRecord,
    context: &MapContext<'_>,
    kind: EntityKind,
    describe: impl FnOnce(&mut Draft<'_>, View<'_, '_>),
) -> Result<Mapped, MapError> {
    let body = text(&record.body)?;
    let document = parse(&body)?;
    let report = Report::default();
    let root = View::root(&document, &report);
    refuse(root)?;
    let mut draft = Draft::new(record, context, kind, root);
    describe(&mut draft, root);
    let mut entities = vec![draft.entity];
    entities.append(&mut draft.agents);
    let mut findings = report.into_findings();
    for finding in &mut findings {
        finding.record = Some(record.id.clone());
    }
    Ok(Mapped { entities, findings })
}

/// The body as a text that has nothing JSON text cannot have.
fn text(body: &[u8]) -> Result<Cow<'_, str>, MapError> {
    let text = std::str::from_utf8(body).map_err(|error| MapError {
        rule: "record/unreadable",
        message: "the record is not UTF-8".to_owned(),
        place: Some(format!("byte {}", error.valid_up_to())),
        hint: Some("serve JSON as UTF-8 (RFC 8259, 8.1)".to_owned()),
    })?;
    let text = text.trim_start_matches('\u{feff}');
    let escapes = text.contains("\\ud") || text.contains("\\uD");
    let mended = escapes.then(|| without_lone_surrogates(text)).flatten();
    Ok(mended.map_or(Cow::Borrowed(text), Cow::Owned))
}

fn parse(body: &str) -> Result<Json<'_>, MapError> {
    match serde_json::from_str(body) {
        Ok(document @ Json::Object(_)) => Ok(document),
        Ok(_) => Err(MapError {
            rule: "record/unreadable",
            message: "the record is not a JSON object".to_owned(),
            place: None,
            hint: None,
        }),
        Err(error) => Err(MapError {
            rule: "record/unreadable",
            message: format!("the record is not JSON: {error}"),
            place: Some(format!("line {}, column {}", error.line(), error.column())),
            hint: None,
        }),
    }
}

/// Refuses what cannot be published, or must not be.
fn refuse(root: View<'_, '_>) -> Result<(), MapError> {
    let hidden = [
        ("private", root.get("private").is_true()),
        ("deleted", !root.get("deleted").is_null()),
        ("deleted_at", !root.get("deleted_at").is_null()),
    ];
    if let Some((field, _)) = hidden.into_iter().find(|(_, hidden)| *hidden) {
        return Err(MapError {
            rule: "record/not-public",
            message: format!("the portal says that the record is not public (`{field}`)"),
            place: Some(format!("/{field}")),
            hint: Some("publish it on the portal, or leave it out of the API's answers".to_owned()),
        });
    }
    if root.text_of("title").is_none() {
        return Err(MapError {
            rule: "record/no-title",
            message: "the record has no title".to_owned(),
            place: Some("/title".to_owned()),
            hint: Some("give the record a title: DCAT-AP requires one".to_owned()),
        });
    }
    Ok(())
}

/// The entity of a record while it is being described, and the agents that it names.
struct Draft<'c> {
    entity: Entity,
    agents: Vec<Entity>,
    context: &'c MapContext<'c>,
    /// The host of the portal: identifiers of organisations and users are unique there.
    host: String,
    /// The nodes that exist, so that two things of one identifier do not run together.
    claimed: HashSet<NamedNode>,
}

impl<'c> Draft<'c> {
    fn new(
        record: &RawRecord,
        context: &'c MapContext<'c>,
        kind: EntityKind,
        root: View<'_, '_>,
    ) -> Self {
        let iri = context
            .minted
            .cloned()
            .unwrap_or_else(|| context.minter.record(kind, context.source, &record.id));
        let mut entity = Entity::new(kind, iri);
        let iri = entity.iri.clone();
        entity.set_origin(&iri, "");
        entity.rank = root
            .first_of(&["last_modified", "metadata_modified_at", "created_at"])
            .unwrap_or_default()
            .into_owned();
        let host = ["page", "uri", "self_web_url", "self_api_url"]
            .iter()
            .find_map(|key| host(&root.text_of(key)?))
            .unwrap_or_else(|| context.source.to_string());
        Self {
            entity,
            agents: Vec::new(),
            context,
            host,
            claimed: HashSet::new(),
        }
    }

    /// The language of the portal's texts.
    fn language(&self) -> Option<&'c str> {
        Some(self.context.language)
    }

    /// Whether the node is new.
    fn claim(&mut self, node: &NamedNode) -> bool {
        self.claimed.insert(node.clone())
    }

    /// Begins a node of the entity: its class, the statement that leads to it, and where it comes from.
    fn open(
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
    fn text(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        view: View<'_, '_>,
        key: &str,
    ) {
        if let Some(text) = view.text_of(key) {
            let language = self.language();
            self.entity.add_text(subject, predicate, &text, language);
        }
    }

    /// A code, a date or another text without a language: that of the first of these fields that has one.
    fn plain(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        view: View<'_, '_>,
        keys: &[&str],
    ) {
        if let Some(text) = view.first_of(keys) {
            self.entity.add_text(subject, predicate, &text, None);
        }
    }

    /// An address.
    fn iri(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        view: View<'_, '_>,
        key: &str,
    ) {
        if let Some(text) = view.text_of(key) {
            self.entity.add_iri(subject, predicate, &text);
        }
    }

    fn alias(&mut self, alias: impl Into<String>) {
        let alias = alias.into();
        if !alias.is_empty() && !self.entity.aliases.contains(&alias) {
            self.entity.aliases.push(alias);
        }
    }
}

/// The host (and port) of an absolute address.
fn host(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// What a node may be called after an identifier of the source: itself if it is short and plain, else a hash of it.
fn local_name(identifier: &str) -> Cow<'_, str> {
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
fn short_hash(text: &str) -> String {
    let mut hash = model::Checksum::of(text.as_bytes()).to_string();
    hash.truncate(12);
    hash
}
