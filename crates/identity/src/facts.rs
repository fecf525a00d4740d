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
/// Addresses of one distribution that are looked at.
const ADDRESSES: usize = 4;
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
        let elsewhere = elsewhere(&graph, iri);
        let names = names(entity, &graph, &elsewhere);
        let homes = homes(&graph, iri, &names, &title);
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
            own: own(&graph, iri, &names, &homes),
            elsewhere,
        })
    }

    pub fn keys_of(&self, kind: KeyKind) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(move |key| key.kind == kind)
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

/// Identifiers and pages that the record has in its own catalogue, and its names at the hosts of that.
fn own(graph: &Graph<'_>, iri: &str, names: &[&str], homes: &[String]) -> Vec<String> {
    let identifiers = graph.objects(iri, dcterms::IDENTIFIER).map(short);
    let drawn = names.iter().filter(|name| !global(name).is_empty());
    let pages = graph
        .objects(iri, dcat::LANDING_PAGE)
        .filter_map(page)
        .map(|page| short(&page));
    sorted(
        identifiers
            .take(MOST)
            .chain(pages.take(MOST))
            .chain(drawn.map(|name| short(name)))
            .chain(homes.iter().cloned()),
    )
}

/// The names of the record with the hosts of its portal: those whose pages and files bear one. A name made of the title may stand in
/// the address of what all datasets of that title have in common, but for files; and only a drawn one says that its host knows the others.
fn homes(graph: &Graph<'_>, iri: &str, names: &[&str], title: &str) -> Vec<String> {
    let is_drawn = |name: &str| !global(name).is_empty();
    let pages = [dcat::LANDING_PAGE, foaf::PAGE]
        .into_iter()
        .flat_map(|predicate| graph.objects(iri, predicate).take(MOST))
        .map(|address| (address, false));
    let mut homes = Vec::new();
    for (address, is_file) in pages.chain(files(graph, iri).map(|address| (address, true))) {
        let Some(host) = host(address) else { continue };
        let borne = |name: &&&str| {
            (is_file || is_drawn(name) || is_code(name, title)) && bears(address, name)
        };
        for name in names.iter().filter(borne) {
            match is_drawn(name) {
                true => homes.extend(names.iter().map(|name| local(&host, name))),
                false => homes.push(local(&host, name)),
            }
        }
    }
    let mut homes = sorted(homes.into_iter());
    homes.truncate(MOST);
    homes
}

/// What the portal calls the record: its identifiers and short names there, without those that it has elsewhere.
fn names<'a>(entity: &'a Entity, graph: &Graph<'a>, elsewhere: &[String]) -> Vec<&'a str> {
    let foreign: Vec<String> = elsewhere.iter().flat_map(|name| global(name)).collect();
    graph
        .objects(entity.iri.as_str(), dcterms::IDENTIFIER)
        .chain(entity.aliases.iter().map(String::as_str))
        .filter(|name| {
            (3..=100).contains(&name.len())
                && !name.contains([':', '/', ' '])
                && !elsewhere.contains(&short(name))
                && !global(name).iter().any(|form| foreign.contains(form))
        })
        .take(MOST)
        .collect()
}

fn elsewhere(graph: &Graph<'_>, iri: &str) -> Vec<String> {
    let identifiers = graph
        .objects(iri, adms::IDENTIFIER)
        .take(MOST)
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

fn identifiers(graph: &Graph<'_>, iri: &str, title: &str, keys: &mut Vec<Key>) {
    for identifier in graph.objects(iri, dcterms::IDENTIFIER).take(MOST) {
        identifies(identifier, title, keys);
    }
    for node in graph.objects(iri, adms::IDENTIFIER).take(MOST) {
        let agency = graph.objects(node, adms::SCHEMA_AGENCY).next();
        for notation in graph.objects(node, skos::NOTATION).take(2) {
            identifies(notation, title, keys);
            let Some(agency) = agency else { continue };
            if !notation.contains("://") && notation.len() >= 2 {
                push(keys, KeyKind::Identifier, local(&bare(agency), notation));
            }
        }
    }
}

fn identifies(identifier: &str, title: &str, keys: &mut Vec<Key>) {
    let forms = global(identifier);
    // Portals name a dataset by its page, and pages by their dataset.
    if let Some(page) = page(identifier) {
        push(keys, KeyKind::Page, page);
    }
    if forms.is_empty() && is_code(identifier, title) {
        push(
            keys,
            KeyKind::Identifier,
            format!("code:{}", identifier.trim().to_lowercase()),
        );
    }
    for form in forms {
        push(keys, KeyKind::Identifier, form);
    }
}

/// Whether an identifier that is not known everywhere says something that its title does not: what a program made of the title, and
/// of a number, is another dataset's on another portal.
fn is_code(identifier: &str, title: &str) -> bool {
    let own = |word: &str| {
        word.len() >= 3
            && !word.bytes().all(|byte| byte.is_ascii_digit())
            && !title.split(' ').any(|known| known == word)
    };
    (8..=200).contains(&identifier.len()) && fold_title(identifier).split(' ').any(own)
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

/// Pages of the dataset. What it was derived from (`dct:source`, `prov:wasDerivedFrom`) is another dataset more often than not.
fn pages(graph: &Graph<'_>, iri: &str, names: &[&str], homes: &[String], keys: &mut Vec<Key>) {
    let landing = graph.objects(iri, dcat::LANDING_PAGE).take(MOST);
    let others = graph.objects(iri, foaf::PAGE).take(MOST);
    for address in landing.chain(others.filter(|address| is_of_catalogue(address))) {
        if let Some(page) = page(address) {
            push(keys, KeyKind::Page, page);
        }
        // The page of a record in a catalogue ends with its name, and the record itself does not always give its page.
        uuids(address, keys);
        if let (Some(host), Some(last)) = (host(address), last_part(address)) {
            push(keys, KeyKind::Page, local(&host, last));
        }
    }
    for name in names {
        uuids(name, keys);
    }
    for home in homes {
        push(keys, KeyKind::Page, home.clone());
    }
}

fn files<'a>(graph: &'a Graph<'a>, iri: &'a str) -> impl Iterator<Item = &'a str> {
    graph
        .objects(iri, dcat::DISTRIBUTION)
        .take(MOST)
        .flat_map(move |node| {
            [dcat::DOWNLOAD_URL, dcat::ACCESS_URL]
                .into_iter()
                // As many as are compared of a distribution.
                .flat_map(move |predicate| graph.objects(node, predicate).take(ADDRESSES))
        })
}

fn uuids(text: &str, keys: &mut Vec<Key>) {
    for form in global(text) {
        if form.starts_with("uuid:") {
            push(keys, KeyKind::Page, form);
        }
    }
}

/// The last part of the path of an address that has no parameters.
fn last_part(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    let (_, path) = rest.trim_end_matches('/').rsplit_once('/')?;
    (path.len() >= 3 && !path.contains(['?', '#', '='])).then_some(path)
}

/// Whether a page is one that catalogues make for a record, and no documentation.
fn is_of_catalogue(address: &str) -> bool {
    [
        "/dataset/",
        "/datasets/",
        "#/metadata/",
        "/api/records/",
        "/jeux-de-donnees/",
    ]
    .iter()
    .any(|mark| address.contains(mark))
}

fn resources(graph: &Graph<'_>, iri: &str, keys: &mut Vec<Key>) {
    for node in graph.objects(iri, dcat::DISTRIBUTION).take(MOST) {
        let layer = graph
            .objects(node, dcterms::IDENTIFIER)
            .chain(graph.objects(node, dcterms::TITLE))
            .find(|name| is_layer(name));
        for predicate in [dcat::DOWNLOAD_URL, dcat::ACCESS_URL] {
            for address in graph.objects(node, predicate).take(ADDRESSES) {
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
