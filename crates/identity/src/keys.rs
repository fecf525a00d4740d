//! By what a record may be known to others: identifiers, pages, files.

use std::collections::BTreeSet;

use model::Entity;
use model::ns::{adms, dcat, dcterms, foaf, prov, skos};

use crate::address::{page, resource};
use crate::facts::{Key, KeyKind, MOST};
use crate::identifier::global;
use crate::stated::Graph;
use crate::title::fold_title;

/// Addresses of one distribution that are looked at.
const ADDRESSES: usize = 4;

pub(crate) fn push(keys: &mut Vec<Key>, kind: KeyKind, value: String) {
    let key = Key::new(kind, value);
    if keys.iter().filter(|known| known.kind == kind).count() < MOST && !keys.contains(&key) {
        keys.push(key);
    }
}

/// Identifiers and pages that the record has in its own catalogue, and its names at the hosts of that.
pub(crate) fn own(graph: &Graph<'_>, iri: &str, names: &[&str], homes: &[String]) -> Vec<String> {
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
/// the address of what all datasets of that title have in common, but for files and for pages that show one record by its identifier;
/// and only a drawn one says that its host knows the others.
pub(crate) fn homes(
    entity: &Entity,
    graph: &Graph<'_>,
    names: &[&str],
    elsewhere: &[String],
    title: &str,
) -> Vec<String> {
    let iri = entity.iri.as_str();
    let is_drawn = |name: &str| !global(name).is_empty();
    let pages = [dcat::LANDING_PAGE, foaf::PAGE]
        .into_iter()
        .flat_map(|predicate| graph.objects(iri, predicate).take(MOST))
        .map(|address| (address, false));
    // An identifier that was made of a title may have come with the record from where it was made.
    let given: Vec<&str> = graph.objects(iri, dcterms::IDENTIFIER).collect();
    let known: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| is_drawn(name) || is_code(name, title) || !given.contains(name))
        .collect();
    let hosts = own_hosts(entity, graph, elsewhere);
    let kept = kept_names(entity, graph, names, elsewhere);
    let mut homes = Vec::new();
    for (address, is_file) in pages.chain(files(graph, iri).map(|address| (address, true))) {
        let Some(host) = host(address) else { continue };
        let is_record = !is_file && RECORDS.iter().any(|mark| address.contains(mark));
        let borne = |name: &&&str| {
            (is_file || is_record || is_drawn(name) || is_code(name, title)) && bears(address, name)
        };
        for name in names.iter().filter(borne) {
            match is_drawn(name) {
                true => homes.extend(known.iter().map(|name| local(&host, name))),
                false => homes.push(local(&host, name)),
            }
        }
        if is_file {
            let own = kept.iter().filter(|(name, agencies)| {
                bears(address, name) && !agencies.is_empty() && !agencies.contains(&host)
            });
            homes.extend(own.map(|(name, _)| local(&host, name)));
        } else if hosts.contains(&host) && is_of_catalogue(address) {
            homes.extend(last_part(address).map(|name| local(&host, name)));
        }
    }
    if homes.is_empty() {
        homes = beside_files(graph, iri, names, title);
    }
    let mut homes = sorted(homes.into_iter());
    homes.truncate(MOST);
    homes
}

/// The hosts of the IRIs that the record itself has on its portal: a page of a catalogue there is its own.
fn own_hosts(entity: &Entity, graph: &Graph<'_>, elsewhere: &[String]) -> Vec<String> {
    let foreign: Vec<String> = elsewhere.iter().flat_map(|name| global(name)).collect();
    let iris = graph
        .objects(entity.iri.as_str(), dcterms::IDENTIFIER)
        .chain(entity.aliases.iter().map(String::as_str))
        .take(MOST)
        .filter(|name| {
            !elsewhere.contains(&short(name))
                && !global(name).iter().any(|form| foreign.contains(form))
        });
    sorted(iris.filter_map(host))
}

/// Names that the record has in its own catalogue and elsewhere, as copies keep the one that a program made of the title, with the
/// hosts that know it there.
fn kept_names<'a>(
    entity: &'a Entity,
    graph: &Graph<'a>,
    names: &[&str],
    elsewhere: &[String],
) -> Vec<(&'a str, Vec<String>)> {
    let is_kept = |name: &&str| {
        !names.contains(name)
            && is_name(name)
            && global(name).is_empty()
            && elsewhere.contains(&short(name))
    };
    let kept: BTreeSet<&str> = graph
        .objects(entity.iri.as_str(), dcterms::IDENTIFIER)
        .chain(entity.aliases.iter().map(String::as_str))
        .take(MOST)
        .filter(is_kept)
        .collect();
    let agencies = |name: &str| {
        let nodes = graph
            .objects(entity.iri.as_str(), adms::IDENTIFIER)
            .take(MOST);
        let of_name = nodes.filter(|node| {
            graph
                .objects(node, skos::NOTATION)
                .any(|known| short(known) == short(name))
        });
        sorted(
            of_name
                .flat_map(|node| graph.objects(node, adms::SCHEMA_AGENCY))
                .map(bare),
        )
    };
    kept.into_iter()
        .map(|name| (name, agencies(name)))
        .collect()
}

/// Where a record does not say where its portal shows it, its files lie there mostly: who knows it by that host and by what a program
/// drew or a person chose for it, and not made of its title, means this record.
fn beside_files(graph: &Graph<'_>, iri: &str, names: &[&str], title: &str) -> Vec<String> {
    let hosts = sorted(files(graph, iri).filter_map(host).take(MOST));
    let is_own = |name: &&&str| !global(name).is_empty() || is_code(name, title);
    names
        .iter()
        .filter(is_own)
        .take(2)
        .flat_map(|name| hosts.iter().take(ADDRESSES).map(|host| local(host, name)))
        .collect()
}

/// What the portal calls the record: its identifiers and short names there, without those that it has elsewhere.
pub(crate) fn names<'a>(
    entity: &'a Entity,
    graph: &Graph<'a>,
    elsewhere: &[String],
) -> Vec<&'a str> {
    let foreign: Vec<String> = elsewhere.iter().flat_map(|name| global(name)).collect();
    graph
        .objects(entity.iri.as_str(), dcterms::IDENTIFIER)
        .chain(entity.aliases.iter().map(String::as_str))
        .filter(|name| {
            is_name(name)
                && !elsewhere.contains(&short(name))
                && !global(name).iter().any(|form| foreign.contains(form))
        })
        .take(MOST)
        .collect()
}

fn is_name(name: &str) -> bool {
    (3..=100).contains(&name.len()) && !name.contains([':', '/', ' '])
}

pub(crate) fn elsewhere(graph: &Graph<'_>, iri: &str) -> Vec<String> {
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

pub(crate) fn identifiers(graph: &Graph<'_>, iri: &str, title: &str, keys: &mut Vec<Key>) {
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
/// of a number, is another dataset's on another portal. A word that it says once more than the title is said by somebody.
fn is_code(identifier: &str, title: &str) -> bool {
    let folded = fold_title(identifier);
    let said = |text: &str, word: &str| text.split(' ').filter(|known| *known == word).count();
    let own = |word: &str| {
        word.len() >= 3
            && !word.bytes().all(|byte| byte.is_ascii_digit())
            && said(&folded, word) > said(title, word)
    };
    (8..=200).contains(&identifier.len()) && folded.split(' ').any(own)
}

/// Whether a part of the path or a parameter of a page is the identifier.
fn bears(page: &str, identifier: &str) -> bool {
    identifier.len() >= 2
        && page
            .split(['/', '=', '?', '&', '#'])
            .any(|part| part == identifier)
}

pub(crate) fn local(agency: &str, identifier: &str) -> String {
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
pub(crate) fn pages(
    graph: &Graph<'_>,
    iri: &str,
    names: &[&str],
    homes: &[String],
    keys: &mut Vec<Key>,
) {
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

/// What stands before the identifier of a record in addresses of catalogues that have no short names: an identifier there is no name
/// that a program made of the title, as far as catalogues go.
const RECORDS: [&str; 2] = ["#/metadata/", "/api/records/"];

/// Whether a page is one that catalogues make for a record, and no documentation.
fn is_of_catalogue(address: &str) -> bool {
    ["/dataset/", "/datasets/", "/jeux-de-donnees/"]
        .iter()
        .chain(&RECORDS)
        .any(|mark| address.contains(mark))
}

pub(crate) fn resources(graph: &Graph<'_>, iri: &str, keys: &mut Vec<Key>) {
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
