//! What DCAT-AP requires and a source left out.

use std::collections::HashSet;

use model::ns::{dcat, dcterms, vcard};
use model::{EntityKind, Severity};
use oxrdf::vocab::rdf;
use oxrdf::{Literal, NamedNodeRef, NamedOrBlankNode, Term, Triple};

use crate::desk::{Desk, note, subject_of, text_of};
use crate::text::plain;

/// A distribution without an address is none: `accessURL` falls back to `downloadURL`, else it is left out.
pub fn distributions(desk: &mut Desk<'_>) {
    let mut addressed = HashSet::new();
    let mut downloads: Vec<(NamedOrBlankNode, Term)> = Vec::new();
    for triple in &desk.entity.triples {
        if triple.predicate == dcat::ACCESS_URL {
            addressed.insert(subject_of(triple).to_owned());
        } else if triple.predicate == dcat::DOWNLOAD_URL {
            downloads.push((triple.subject.clone(), triple.object.clone()));
        }
    }
    downloads.sort_by(|a, b| text_of(&a.1).cmp(text_of(&b.1)));
    for (subject, url) in downloads {
        let triple = Triple::new(subject, dcat::ACCESS_URL, url);
        if addressed.insert(subject_of(&triple).to_owned()) {
            desk.entity.triples.push(triple);
        }
    }
    let mut doomed: HashSet<String> = desk
        .entity
        .instances(dcat::DISTRIBUTION_CLASS)
        .map(|node| node.as_str().to_owned())
        .filter(|node| !addressed.contains(node))
        .collect();
    if doomed.is_empty() {
        return;
    }
    let mut titles: Vec<(String, String)> = doomed
        .iter()
        .map(|node| (node.clone(), String::new()))
        .collect();
    titles.sort();
    for triple in &desk.entity.triples {
        if triple.predicate == dcterms::TITLE
            && let Ok(at) =
                titles.binary_search_by(|(node, _)| node.as_str().cmp(subject_of(triple)))
            && let Some((_, title)) = titles.get_mut(at)
        {
            text_of(&triple.object).clone_into(title);
        }
    }
    for (node, title) in titles {
        desk.find(
            note(
                "distribution/no-access-url",
                Severity::Warning,
                "the distribution has no usable address: it was left out",
                "give the address at which the data are to be had",
            ),
            &node,
            dcat::ACCESS_URL,
            &title,
        );
    }
    while !doomed.is_empty() {
        doomed = remove(desk, &doomed);
    }
}

/// Nodes of which nothing is left but what they are: a contact whose only address was none, a period whose dates could not be read.
pub fn empty(desk: &mut Desk<'_>) {
    const CLASSES: [NamedNodeRef<'static>; 6] = [
        vcard::KIND,
        vcard::INDIVIDUAL,
        vcard::ORGANIZATION,
        dcterms::PERIOD_OF_TIME,
        dcterms::LOCATION,
        vcard::ADDRESS,
    ];
    let mut typed: HashSet<String> = HashSet::new();
    for class in CLASSES {
        typed.extend(
            desk.entity
                .instances(class)
                .map(|node| node.as_str().to_owned())
                .filter(|node| node != desk.entity.iri.as_str() && desk.entity.owns(node)),
        );
    }
    for triple in &desk.entity.triples {
        if triple.predicate != rdf::TYPE {
            typed.remove(subject_of(triple));
        }
    }
    while !typed.is_empty() {
        typed = remove(desk, &typed);
    }
}

/// Removes nodes and what points at them, and names the nodes that only they pointed at.
fn remove(desk: &mut Desk<'_>, doomed: &HashSet<String>) -> HashSet<String> {
    let gone = desk.take(|triple| {
        doomed.contains(subject_of(triple)) || doomed.contains(text_of_node(&triple.object))
    });
    let mut orphans: HashSet<String> = gone
        .iter()
        .map(|triple| text_of_node(&triple.object).to_owned())
        .filter(|node| {
            desk.entity.owns(node) && node != desk.entity.iri.as_str() && !doomed.contains(node)
        })
        .collect();
    for triple in &desk.entity.triples {
        orphans.remove(text_of_node(&triple.object));
    }
    orphans
}

fn text_of_node(term: &Term) -> &str {
    match term {
        Term::NamedNode(node) => node.as_str(),
        _ => "",
    }
}

/// A title and a description for whatever needs them.
pub fn descriptions(desk: &mut Desk<'_>) {
    if desk.entity.kind == EntityKind::Organisation {
        return;
    }
    let iri = desk.entity.iri.clone();
    if desk.entity.object(&iri, dcterms::TITLE).is_none() {
        let title = desk
            .entity
            .objects(&iri, dcterms::IDENTIFIER)
            .map(|term| plain(text_of(term)))
            .chain([plain(desk.context.record.as_str())])
            .find(|title| !title.is_empty())
            .unwrap_or_else(|| iri.as_str().to_owned());
        let title = Literal::new_simple_literal(title);
        desk.entity.add(&iri, dcterms::TITLE, title);
        desk.find(
            note(
                "dataset/no-title",
                Severity::Warning,
                "the record has no title: its identifier stands for it",
                "give the dataset a title",
            ),
            iri.as_str(),
            dcterms::TITLE,
            "",
        );
    }
    if desk.entity.kind != EntityKind::DataService
        && desk.entity.object(&iri, dcterms::DESCRIPTION).is_none()
    {
        let titles: Vec<Term> = desk.entity.objects(&iri, dcterms::TITLE).cloned().collect();
        for title in titles {
            desk.entity.add(&iri, dcterms::DESCRIPTION, title);
        }
        desk.find(
            note(
                "dataset/no-description",
                Severity::Warning,
                "the record has no description: its title stands for it",
                "describe the dataset: what it holds, how it was made, what it is for",
            ),
            iri.as_str(),
            dcterms::DESCRIPTION,
            "",
        );
    }
    if desk.entity.kind == EntityKind::DataService
        && desk.entity.object(&iri, dcat::ENDPOINT_URL).is_none()
    {
        desk.find(
            note(
                "service/no-endpoint",
                Severity::Warning,
                "the service has no address: it is published without one",
                "give the address of the service",
            ),
            iri.as_str(),
            dcat::ENDPOINT_URL,
            "",
        );
    }
}
