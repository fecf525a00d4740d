//! What DCAT-AP requires and a source left out.

use std::collections::HashSet;

use model::ns::{dcat, dcterms};
use model::{EntityKind, Severity};
use oxrdf::{Literal, NamedOrBlankNode, Term, Triple};

use crate::desk::{Desk, note, subject_of, text_of};

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
    let without: Vec<_> = desk
        .entity
        .instances(dcat::DISTRIBUTION_CLASS)
        .filter(|node| !addressed.contains(node.as_str()))
        .cloned()
        .collect();
    for node in without {
        let title = desk
            .entity
            .object(&node, dcterms::TITLE)
            .map(|term| text_of(term).to_owned())
            .unwrap_or_default();
        desk.find(
            note(
                "distribution/no-access-url",
                Severity::Warning,
                "the distribution has no usable address: it was left out",
                "give the address at which the data are to be had",
            ),
            node.as_str(),
            dcat::ACCESS_URL,
            &title,
        );
        remove(desk, node.as_str());
    }
}

/// Removes a node, what points at it, and the nodes that only it pointed at.
fn remove(desk: &mut Desk<'_>, node: &str) {
    let mut doomed = vec![node.to_owned()];
    while let Some(node) = doomed.pop() {
        let gone = desk.take(|triple| subject_of(triple) == node || text_of_node(&triple.object) == node);
        for triple in gone {
            let object = text_of_node(&triple.object).to_owned();
            let orphan = subject_of(&triple) == node
                && object != desk.entity.iri.as_str()
                && object != node
                && desk.entity.owns(&object)
                && !desk
                    .entity
                    .triples
                    .iter()
                    .any(|other| text_of_node(&other.object) == object);
            if orphan && !doomed.contains(&object) {
                doomed.push(object);
            }
        }
    }
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
            .map(text_of)
            .min()
            .unwrap_or(desk.context.record.as_str())
            .to_owned();
        desk.entity.add(
            &iri,
            dcterms::TITLE,
            Literal::new_simple_literal(title.as_str()),
        );
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
