//! Which nodes are entities, and which others belong to one of them without being named by it.

use std::collections::{HashMap, HashSet};

use super::Kind;
use crate::closure::{Limits, NOT_FOLLOWED};
use crate::graph::Graph;

const DCAT: &str = "http://www.w3.org/ns/dcat#";
const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";

const AGENTS: &[&str] = &[
    "http://xmlns.com/foaf/0.1/Agent",
    "http://xmlns.com/foaf/0.1/Organization",
    "http://xmlns.com/foaf/0.1/Person",
    "http://xmlns.com/foaf/0.1/Group",
    "http://www.w3.org/ns/org#Organization",
    "http://www.w3.org/ns/org#FormalOrganization",
    "http://www.w3.org/ns/org#OrganizationalUnit",
    "http://www.w3.org/ns/prov#Agent",
    "http://www.w3.org/ns/prov#Organization",
];

/// Terms of DCAT and others that say what a node is.
const TERMS: &[&str] = &[
    TYPE,
    "http://www.w3.org/ns/dcat#Dataset",
    "http://www.w3.org/ns/dcat#DatasetSeries",
    "http://www.w3.org/ns/dcat#DataService",
    "http://www.w3.org/ns/dcat#Catalog",
    "http://www.w3.org/ns/dcat#CatalogRecord",
    "http://www.w3.org/ns/dcat#Distribution",
    "http://www.w3.org/ns/dcat#dataset",
    "http://www.w3.org/ns/dcat#service",
    "http://www.w3.org/ns/dcat#catalog",
    "http://www.w3.org/ns/dcat#distribution",
    "http://www.w3.org/ns/dcat#accessService",
    "http://www.w3.org/ns/dqv#computedOn",
    "http://xmlns.com/foaf/0.1/primaryTopic",
    "http://purl.org/dc/terms/identifier",
    "http://purl.org/dc/terms/title",
    "http://www.w3.org/ns/dcat#landingPage",
    "http://www.w3.org/ns/dcat#accessURL",
    "http://www.w3.org/ns/dcat#downloadURL",
];

/// The numbers of terms in one graph.
#[derive(Debug, Default)]
pub struct Terms(HashMap<&'static str, u32>);

impl Terms {
    fn of(graph: &Graph) -> Self {
        let wanted: HashMap<&str, &'static str> = TERMS
            .iter()
            .chain(AGENTS)
            .chain(NOT_FOLLOWED)
            .map(|term| (*term, *term))
            .collect();
        let found = (0..graph.size()).filter_map(|id| {
            let id = u32::try_from(id).ok()?;
            Some((*wanted.get(graph.iri(id)?)?, id))
        });
        Self(found.collect())
    }

    pub fn get(&self, iri: &str) -> Option<u32> {
        self.0.get(iri).copied()
    }

    fn dcat(&self, name: &str) -> Option<u32> {
        self.get(&format!("{DCAT}{name}"))
    }
}

#[derive(Debug, Default)]
pub struct Roles {
    pub terms: Terms,
    pub entities: HashMap<u32, Kind>,
    /// Entities without a class.
    pub implied: HashSet<u32>,
    /// Agents that have an IRI and are described.
    pub agents: HashSet<u32>,
    /// Nodes that speak of an entity, by the entity: catalogue records, measurements.
    pub about: HashMap<u32, Vec<u32>>,
    /// Other spellings of the IRIs of entities.
    pub same: HashMap<u32, u32>,
    /// Entities that are listed and not described.
    pub missing: HashSet<u32>,
    /// Nodes that are objects.
    pub referenced: HashSet<u32>,
    pub limits: Limits,
    pub distribution: Option<u32>,
    pub primary_topic: Option<u32>,
}

impl Roles {
    pub fn of(graph: &Graph) -> Self {
        let terms = Terms::of(graph);
        let mut roles = Self {
            distribution: terms.dcat("distribution"),
            primary_topic: terms.get("http://xmlns.com/foaf/0.1/primaryTopic"),
            terms,
            ..Self::default()
        };
        let classes = roles.classes(graph);
        roles.find_entities(graph, &classes);
        roles.find_about(graph);
        roles.limits.not_followed = NOT_FOLLOWED
            .iter()
            .filter_map(|predicate| roles.terms.get(predicate))
            .collect();
        roles
    }

    /// The class to state for an entity that has none.
    pub fn implied_class(&self, node: u32) -> Option<String> {
        let name = match self.entities.get(&node)? {
            Kind::Service => "DataService",
            _ => "Dataset",
        };
        self.implied
            .contains(&node)
            .then(|| format!("{DCAT}{name}"))
    }

    /// The classes of each node, where they matter.
    fn classes(&mut self, graph: &Graph) -> HashMap<u32, HashSet<u32>> {
        let own = self.terms.get(TYPE);
        let agents: HashSet<u32> = AGENTS
            .iter()
            .filter_map(|class| self.terms.get(class))
            .collect();
        let mut classes: HashMap<u32, HashSet<u32>> = HashMap::new();
        for [subject, predicate, object] in graph.triples() {
            self.referenced.insert(*object);
            if Some(*predicate) == own {
                classes.entry(*subject).or_default().insert(*object);
                // A class alone is no description.
                if agents.contains(object)
                    && graph.iri(*subject).is_some()
                    && graph.about(*subject).len() > 1
                {
                    self.agents.insert(*subject);
                }
            }
        }
        classes
    }

    fn find_entities(&mut self, graph: &Graph, classes: &HashMap<u32, HashSet<u32>>) {
        let term = |name: &str| self.terms.dcat(name);
        let (dataset, series, service, catalog) = (
            term("Dataset"),
            term("DatasetSeries"),
            term("DataService"),
            term("Catalog"),
        );
        let others = [term("Distribution"), term("CatalogRecord"), catalog];
        let is = |node: u32, class: Option<u32>| {
            class.is_some_and(|class| classes.get(&node).is_some_and(|own| own.contains(&class)))
        };
        let lists: HashSet<u32> = ["dataset", "service", "catalog"]
            .iter()
            .filter_map(|name| term(name))
            .collect();
        let (listed_datasets, listed_services) = (
            objects(graph, term("dataset")),
            objects(graph, term("service")),
        );
        let access = objects(graph, term("accessService"));
        let (mut entities, mut stops) = (HashMap::new(), HashSet::new());
        for node in classes.keys().copied() {
            let is_catalog = is(node, catalog);
            if is_catalog {
                stops.insert(node);
            }
            // A catalogue is a dataset too, and says so at times: it is one here where it lists nothing.
            let lists_others = is_catalog
                && graph
                    .about(node)
                    .iter()
                    .any(|[_, predicate, _]| lists.contains(predicate));
            let embedded = access.contains(&node) && !listed_services.contains(&node);
            if is(node, series) {
                entities.insert(node, Kind::Series);
            } else if is(node, dataset) && !lists_others {
                entities.insert(node, Kind::Dataset);
            } else if is(node, service) && !embedded && !is_catalog {
                entities.insert(node, Kind::Service);
            }
        }
        let distributed = graph
            .triples()
            .iter()
            .filter(|[_, predicate, _]| Some(*predicate) == self.distribution)
            .map(|[subject, _, _]| *subject);
        let datasets = listed_datasets
            .iter()
            .copied()
            .chain(distributed)
            .map(|node| (node, Kind::Dataset));
        for (node, kind) in
            datasets.chain(listed_services.iter().map(|node| (*node, Kind::Service)))
        {
            let other = others.iter().any(|class| is(node, *class))
                || is(node, service)
                || entities.contains_key(&node);
            if graph.about(node).is_empty() {
                self.missing.insert(node);
            } else if !other {
                entities.insert(node, kind);
                self.implied.insert(node);
            }
        }
        stops.extend(entities.keys());
        self.limits.named = entities.keys().copied().collect();
        self.entities = entities;
        self.limits.stops = stops;
        self.missing.retain(|node| graph.iri(*node).is_some());
    }

    fn find_about(&mut self, graph: &Graph) {
        let by_name: HashMap<String, u32> = self
            .entities
            .keys()
            .filter_map(|node| Some((decoded(graph.iri(*node)?), *node)))
            .collect();
        let computed_on = self.terms.get("http://www.w3.org/ns/dqv#computedOn");
        for [subject, predicate, object] in graph.triples() {
            let is_topic = Some(*predicate) == self.primary_topic;
            if !(is_topic || Some(*predicate) == computed_on) || self.entities.contains_key(subject)
            {
                continue;
            }
            let mut entity = self.entities.contains_key(object).then_some(*object);
            if entity.is_none() && is_topic {
                entity = graph
                    .iri(*object)
                    .and_then(|iri| by_name.get(&decoded(iri)))
                    .copied();
                if let Some(entity) = entity {
                    self.same.insert(*object, entity);
                }
            }
            if is_topic {
                self.limits.stops.insert(*subject);
            }
            if let Some(entity) = entity {
                let about = self.about.entry(entity).or_default();
                if !about.contains(subject) && about.len() < 1000 {
                    about.push(*subject);
                }
            }
        }
    }
}

fn objects(graph: &Graph, predicate: Option<u32>) -> HashSet<u32> {
    graph
        .triples()
        .iter()
        .filter(|[_, own, _]| Some(*own) == predicate)
        .map(|[_, _, object]| *object)
        .collect()
}

/// An IRI without percent-encoding, to compare spellings.
fn decoded(iri: &str) -> String {
    let mut bytes = Vec::with_capacity(iri.len());
    let mut rest = iri.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
