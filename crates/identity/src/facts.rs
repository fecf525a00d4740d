//! What one record says that tells which dataset it describes.

use model::ns::dcterms;
use model::{Entity, EntityKind};
use serde::{Deserialize, Serialize};

use crate::extent::Extent;
use crate::identifier::global;
use crate::keys::{elsewhere, homes, identifiers, local, names, own, pages, push, resources};
use crate::organisation::organisation;
use crate::stated::{Graph, extent, period, publisher, text, title};
use crate::text::Text;
use crate::title::signatures;

/// Values of one kind that are kept of a record.
pub(crate) const MOST: usize = 40;
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
    /// What a description says.
    Text,
    /// Title and publisher.
    Title,
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
    /// The name of the publisher, as it is compared; empty if there is none.
    pub publisher: String,
    /// Its SIREN, where the record gives it.
    #[serde(default)]
    pub siren: Option<String>,
    pub extent: Option<Extent>,
    /// The first and the last day, month or year that the data are of.
    #[serde(default)]
    pub period: Option<[String; 2]>,
    #[serde(default)]
    pub text: Text,
    /// The identifiers that the record has in its own catalogue, in small letters.
    pub own: Vec<String>,
    /// Those that it has elsewhere, as far as it says, and pages that it was taken from.
    pub elsewhere: Vec<String>,
}

impl Key {
    pub(crate) fn new(kind: KeyKind, mut value: String) -> Self {
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
            KeyKind::Text => "d",
            KeyKind::Title => "t",
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
        let (written, siren) = publisher(&graph, iri, agents);
        let publisher = organisation(&written);
        let title = title(&graph, iri);
        let (text, telling) = text(&graph, iri, &title, &[&written, &publisher]);
        let mut keys = Vec::new();
        let elsewhere = elsewhere(&graph, iri);
        let names = names(entity, &graph, &elsewhere);
        let homes = homes(entity, &graph, &names, &elsewhere, &title);
        identifiers(&graph, iri, &title, &mut keys);
        // A code means something on its portal.
        for identifier in graph.objects(iri, dcterms::IDENTIFIER).take(2) {
            let end = local("", identifier);
            for home in homes.iter().filter(|home| home.ends_with(&end)) {
                push(&mut keys, KeyKind::Identifier, home.clone());
            }
        }
        for form in names.iter().flat_map(|name| global(name)) {
            push(&mut keys, KeyKind::Identifier, form);
        }
        pages(&graph, iri, &names, &homes, &mut keys);
        resources(&graph, iri, &mut keys);
        if let Some(mark) = telling {
            push(&mut keys, KeyKind::Text, format!("{mark:x}"));
        }
        if !title.is_empty() && !publisher.is_empty() {
            push(&mut keys, KeyKind::Title, format!("{title} / {publisher}"));
        }
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
            siren,
            extent: extent(&graph, iri),
            period: period(&graph, iri),
            text,
            own: own(&graph, iri, &names, &homes),
            elsewhere,
        })
    }

    pub fn keys_of(&self, kind: KeyKind) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(move |key| key.kind == kind)
    }

    /// A number for the organisation that publishes it; 0 where the record names none.
    pub fn organisation(&self) -> i64 {
        match self.publisher.is_empty() {
            true => 0,
            false => i64::from_ne_bytes(hash(&["o", &self.publisher]).to_ne_bytes()),
        }
    }

    /// Whether what the key names is the record's own: its identifier, its page on its portal, a file of the portal's.
    pub(crate) fn is_home_of(&self, key: &Key) -> bool {
        let own = |name: &str| self.own.iter().any(|known| known == name);
        match key.kind {
            KeyKind::Resource => key.value.split_once('/').is_some_and(|(host, path)| {
                let mut parts = path.split(['/', '=', '?', '&']);
                parts.any(|part| own(&local(host, part)))
            }),
            // Landing pages are among its own names, and may be those of something larger.
            KeyKind::Page if !key.value.contains('|') => {
                let mut names = self.own.iter().filter(|name| !name.contains('/'));
                names.any(|name| global(name).contains(&key.value))
            }
            _ => {
                own(&key.value)
                    || self
                        .own
                        .iter()
                        .any(|name| global(name).contains(&key.value))
            }
        }
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
