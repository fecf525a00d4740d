//! High-value datasets: the regulation and its categories, at every level that DCAT-AP HVD asks for.

use std::collections::{BTreeSet, HashSet};

use model::Severity;
use model::ns::{dcat, dcatap};
use oxrdf::{NamedNode, NamedNodeRef, Term, Triple};
use vocab::Scheme;

use crate::desk::{Desk, note, subject_of, text_of};

/// Commission Implementing Regulation (EU) 2023/138.
const REGULATION: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://data.europa.eu/eli/reg_impl/2023/138/oj");
/// The same, at other addresses of EUR-Lex.
const REGULATION_TOO: [&str; 4] = [
    "https://data.europa.eu/eli/reg_impl/2023/138/oj",
    "http://data.europa.eu/eli/reg_impl/2023/138",
    "https://data.europa.eu/eli/reg_impl/2023/138",
    "https://eur-lex.europa.eu/eli/reg_impl/2023/138/oj",
];

/// What every level of a high-value dataset states.
const LEVELS: [NamedNodeRef<'static>; 2] = [dcatap::APPLICABLE_LEGISLATION, dcatap::HVD_CATEGORY];

/// A dataset that states a category falls under the regulation, and so do its distributions and the services that give access to it.
/// (DCAT-AP HVD 3.0, sections on Dataset, Distribution and Data Service.)
pub fn complete(desk: &mut Desk<'_>) {
    if !desk.has(&LEVELS) {
        return;
    }
    regulation(desk);
    let iri = desk.entity.iri.clone();
    let categories = categories(desk, &iri);
    let mut under = !categories.is_empty();
    under |= desk
        .entity
        .objects(&iri, dcatap::APPLICABLE_LEGISLATION)
        .any(|law| text_of(law) == REGULATION.as_str());
    if !under {
        return;
    }
    if categories.is_empty() {
        desk.find(
            note(
                "hvd/no-category",
                Severity::Warning,
                "the dataset falls under the regulation on high-value datasets, and states none of its categories",
                "state the category of the regulation's annex: geospatial, statistics...",
            ),
            iri.as_str(),
            dcatap::HVD_CATEGORY,
            "",
        );
    }
    let mut governed = BTreeSet::from([iri.as_str().to_owned()]);
    let mut services = BTreeSet::new();
    for class in [dcat::DISTRIBUTION_CLASS, dcat::DATA_SERVICE] {
        for node in desk.entity.instances(class) {
            governed.insert(node.as_str().to_owned());
            if class == dcat::DATA_SERVICE {
                services.insert(node.as_str().to_owned());
            }
        }
    }
    let mut stated: HashSet<(String, String)> = desk
        .entity
        .triples
        .iter()
        .filter(|triple| LEVELS.contains(&triple.predicate.as_ref()))
        .map(|triple| {
            (
                subject_of(triple).to_owned(),
                text_of(&triple.object).to_owned(),
            )
        })
        .collect();
    let mut state = |node: &str, predicate: NamedNodeRef<'_>, object: &NamedNode| {
        if stated.insert((node.to_owned(), object.as_str().to_owned())) {
            // Nodes of the entity come from its own triples.
            let subject = NamedNode::new_unchecked(node);
            desk.entity
                .triples
                .push(Triple::new(subject, predicate, object.clone()));
        }
    };
    let regulation = REGULATION.into_owned();
    for node in &governed {
        state(node, dcatap::APPLICABLE_LEGISLATION, &regulation);
    }
    for node in &services {
        for category in &categories {
            state(node, dcatap::HVD_CATEGORY, category);
        }
    }
}

/// One address for the regulation.
fn regulation(desk: &mut Desk<'_>) {
    for triple in &mut desk.entity.triples {
        if triple.predicate == dcatap::APPLICABLE_LEGISLATION
            && REGULATION_TOO.contains(&text_of(&triple.object).trim())
        {
            triple.object = REGULATION.into_owned().into();
        }
    }
}

fn categories(desk: &Desk<'_>, iri: &NamedNode) -> Vec<NamedNode> {
    let known = desk.context.vocab.scheme(Scheme::HvdCategory);
    let mut categories: Vec<NamedNode> = desk
        .entity
        .objects(iri, dcatap::HVD_CATEGORY)
        .filter_map(|term| match term {
            Term::NamedNode(node) if known.by_iri(node.as_str()).is_some() => Some(node.clone()),
            _ => None,
        })
        .collect();
    categories.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    categories.dedup();
    categories
}
