//! What one record says that tells which dataset it describes.

use model::ns::{adms, dcat, dcterms, foaf, locn, prov, skos};
use model::{Entity, EntityKind};
use oxrdf::{NamedNodeRef, NamedOrBlankNode, Term, Triple};
use serde::{Deserialize, Serialize};

use crate::address::{page, resource};
use crate::extent::Extent;
use crate::identifier::global;
use crate::title::{fold_title, signatures};

/// Values of one kind that are kept of a record.
const MOST: usize = 40;
/// Characters of a value that are kept.
const LONGEST: usize = 300;

/// What kind of thing two records may share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// An identifier that means one thing wherever it stands, or one with the catalogue that gave it.
    Identifier,
    /// The page of the dataset.
    Page,
    /// A file, or a layer of a service.
    Resource,
    /// A mark of title and publisher: finds pairs, and is no evidence.
    Signature,
}

/// Something that two records may share.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    pub kind: KeyKind,
    pub value: String,
}

/// What is compared of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The segment of the entity's kind: things of different kinds are never one.
    pub kind: String,
    /// Sorted, each once.
    pub keys: Vec<Key>,
    /// Folded: [`fold_title`].
    pub title: String,
    /// The folded name of the publisher; empty if there is none.
    pub publisher: String,
    pub extent: Option<Extent>,
    /// The identifiers that the record has in its own catalogue, in small letters.
    pub own: Vec<String>,
    /// Those that it has elsewhere, as far as it says, and pages that it was taken from.
    pub elsewhere: Vec<String>,
}

impl Key {
    fn new(kind: KeyKind, mut value: String) -> Self {
        if value.len() > LONGEST {
            // What is cut is still told apart.
            let mark = hash(&[&value]);
            let mut end = LONGEST - 20;
            while !value.is_char_boundary(end) {
                end -= 1;
            }
            value.truncate(end);
            value.push_str(&format!("…{mark:x}"));
        }
        Self { kind, value }
    }

    /// A number for indexes: equal keys have equal numbers, and different ones hardly ever.
    pub fn number(&self) -> i64 {
        let kind = match self.kind {
            KeyKind::Identifier => "i",
            KeyKind::Page => "p",
            KeyKind::Resource => "r",
            KeyKind::Signature => "s",
        };
        i64::from_ne_bytes(hash(&[kind, &self.value]).to_ne_bytes())
    }
}

/// The first eight bytes of a BLAKE3 hash of parts.
pub(crate) fn hash(parts: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    let bytes = hasher.finalize();
    bytes
        .as_bytes()
        .iter()
        .take(8)
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

impl Facts {
    /// The facts of what one record became under the rules: its entity first, then the agents that it names. None for what is no
    /// dataset, series or service: agents have an identity of their own.
    pub fn of(entities: &[Entity]) -> Option<Self> {
        let (entity, agents) = entities.split_first()?;
        if entity.kind == EntityKind::Organisation {
            return None;
        }
        let graph = Graph(&entity.triples);
        let iri = entity.iri.as_str();
        let publisher = publisher(&graph, iri, agents);
        let title = title(&graph, iri);
        let mut keys = Vec::new();
        identifiers(&graph, iri, &mut keys);
        pages(&graph, iri, &mut keys);
        resources(&graph, iri, &mut keys);
        keys.extend(
            signatures(&title, &publisher)
                .into_iter()
                .map(|mark| Key::new(KeyKind::Signature, mark)),
        );
        keys.sort_unstable();
        keys.dedup();
        Some(Self {
            kind: entity.kind.segment().to_owned(),
            keys,
            title,
            publisher,
            extent: extent(&graph, iri),
            own: own(&graph, iri),
            elsewhere: elsewhere(&graph, iri),
        })
    }

    pub fn keys_of(&self, kind: KeyKind) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(move |key| key.kind == kind)
    }

    /// Whether the record was taken from where the other one is at home. It means something of records that are one.
    pub fn is_copy_of(&self, other: &Self) -> bool {
        self.elsewhere.iter().any(|name| other.own.contains(name))
    }

    /// The facts as they are kept.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

struct Graph<'a>(&'a [Triple]);

impl<'a> Graph<'a> {
    fn objects(
        &self,
        subject: &'a str,
        predicate: NamedNodeRef<'a>,
    ) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |triple| {
                triple.predicate.as_ref() == predicate
                    && matches!(&triple.subject, NamedOrBlankNode::NamedNode(node) if node.as_str() == subject)
            })
            .map(|triple| match &triple.object {
                Term::NamedNode(node) => node.as_str(),
                Term::Literal(literal) => literal.value(),
                Term::BlankNode(node) => node.as_str(),
            })
    }
}

fn push(keys: &mut Vec<Key>, kind: KeyKind, value: String) {
    let key = Key::new(kind, value);
    if keys.iter().filter(|known| known.kind == kind).count() < MOST && !keys.contains(&key) {
        keys.push(key);
    }
}

/// Identifiers and pages that the record has in its own catalogue.
fn own(graph: &Graph<'_>, iri: &str) -> Vec<String> {
    let identifiers = graph.objects(iri, dcterms::IDENTIFIER).map(short);
    let pages = graph
        .objects(iri, dcat::LANDING_PAGE)
        .filter_map(page)
        .map(|page| short(&page));
    sorted(identifiers.take(MOST).chain(pages.take(MOST)))
}

fn elsewhere(graph: &Graph<'_>, iri: &str) -> Vec<String> {
    let identifiers = graph
        .objects(iri, adms::IDENTIFIER)
        .flat_map(|node| graph.objects(node, skos::NOTATION))
        .map(short);
    let pages = graph
        .objects(iri, prov::WAS_DERIVED_FROM)
        .filter_map(page)
        .map(|page| short(&page));
    sorted(identifiers.take(MOST).chain(pages.take(MOST)))
}

fn short(name: &str) -> String {
    Key::new(KeyKind::Identifier, name.trim().to_lowercase()).value
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn identifiers(graph: &Graph<'_>, iri: &str, keys: &mut Vec<Key>) {
    for identifier in graph.objects(iri, dcterms::IDENTIFIER).take(MOST) {
        for form in global(identifier) {
            push(keys, KeyKind::Identifier, form);
        }
        // A code means something on the portal whose page bears it.
        for page in [dcat::LANDING_PAGE, foaf::PAGE]
            .into_iter()
            .flat_map(|predicate| graph.objects(iri, predicate))
        {
            if let Some(host) = host(page).filter(|_| bears(page, identifier)) {
                push(keys, KeyKind::Identifier, local(&host, identifier));
            }
        }
    }
    for node in graph.objects(iri, adms::IDENTIFIER).take(MOST) {
        let agency = graph.objects(node, adms::SCHEMA_AGENCY).next();
        for notation in graph.objects(node, skos::NOTATION).take(2) {
            for form in global(notation) {
                push(keys, KeyKind::Identifier, form);
            }
            let Some(agency) = agency else { continue };
            if !notation.contains("://") && notation.len() >= 2 {
                push(keys, KeyKind::Identifier, local(&bare(agency), notation));
            }
        }
    }
}

/// Whether a part of the path or a parameter of a page is the identifier.
fn bears(page: &str, identifier: &str) -> bool {
    identifier.len() >= 2
        && page
            .split(['/', '=', '?', '&', '#'])
            .any(|part| part == identifier)
}

fn local(agency: &str, identifier: &str) -> String {
    format!("{agency}|{}", identifier.trim().to_lowercase())
}

fn bare(agency: &str) -> String {
    let lower = agency.trim().to_lowercase();
    host(&lower).unwrap_or_else(|| lower.strip_prefix("www.").unwrap_or(&lower).to_owned())
}

fn host(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let host = rest
        .split(['/', '?', '#', ':'])
        .next()?
        .to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    (!host.is_empty()).then(|| host.to_owned())
}

fn pages(graph: &Graph<'_>, iri: &str, keys: &mut Vec<Key>) {
    for predicate in [dcat::LANDING_PAGE, prov::WAS_DERIVED_FROM, dcterms::SOURCE] {
        for address in graph.objects(iri, predicate).take(MOST) {
            if let Some(page) = page(address) {
                push(keys, KeyKind::Page, page);
            }
        }
    }
}

fn resources(graph: &Graph<'_>, iri: &str, keys: &mut Vec<Key>) {
    for node in graph.objects(iri, dcat::DISTRIBUTION).take(MOST) {
        let layer = graph
            .objects(node, dcterms::IDENTIFIER)
            .chain(graph.objects(node, dcterms::TITLE))
            .find(|name| is_layer(name));
        for predicate in [dcat::DOWNLOAD_URL, dcat::ACCESS_URL] {
            for address in graph.objects(node, predicate).take(4) {
                if let Some(resource) = resource(address, layer) {
                    push(keys, KeyKind::Resource, resource);
                }
            }
        }
    }
    for address in graph.objects(iri, dcat::ENDPOINT_URL).take(MOST) {
        if let Some(endpoint) = page(address) {
            push(keys, KeyKind::Resource, endpoint);
        }
    }
}

/// The technical name of a layer, not a title for people.
fn is_layer(name: &str) -> bool {
    (3..=100).contains(&name.len())
        && name.contains(['_', ':'])
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'.' | b'-'))
}

fn title(graph: &Graph<'_>, iri: &str) -> String {
    // Of titles in several languages the least is the same on every portal.
    graph
        .objects(iri, dcterms::TITLE)
        .map(fold_title)
        .min()
        .unwrap_or_default()
}

fn publisher(graph: &Graph<'_>, iri: &str, agents: &[Entity]) -> String {
    let Some(publisher) = [dcterms::PUBLISHER, dcterms::CREATOR]
        .into_iter()
        .find_map(|predicate| graph.objects(iri, predicate).min())
    else {
        return String::new();
    };
    let name = agents
        .iter()
        .find(|agent| agent.iri.as_str() == publisher)
        .and_then(|agent| {
            Graph(&agent.triples)
                .objects(publisher, foaf::NAME)
                .min()
                .map(vocab::fold)
        });
    name.unwrap_or_else(|| publisher.to_owned())
}

fn extent(graph: &Graph<'_>, iri: &str) -> Option<Extent> {
    graph
        .objects(iri, dcterms::SPATIAL)
        .take(MOST)
        .flat_map(|node| {
            [dcat::BBOX, locn::GEOMETRY]
                .into_iter()
                .find_map(|predicate| graph.objects(node, predicate).find_map(Extent::of_wkt))
        })
        .reduce(Extent::with)
}
