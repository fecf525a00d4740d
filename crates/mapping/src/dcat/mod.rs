//! DCAT in any version and profile, to DCAT-AP 3: carried over as it is stated, with its structure repaired.
//!
//! [`terms`] is the table of what is known; what it does not have is carried over too. What belongs to the entity
//! becomes its own node: [`carry`] goes from node to node, and the other files have what needs more than that.

mod agent;
mod carry;
mod code;
mod contact;
mod geometry;
mod graph;
mod mend;
mod node;
mod part;
mod period;
mod place;
mod source;
mod terms;
mod value;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use model::ns::{adms, dcat, dcterms, foaf, skos};
use model::{
    Entity, EntityKind, Finding, Mapped, RawRecord, RecordFormat, Severity, Stage, check_iri,
};
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, NamedNodeRef, Term};

use crate::draft::short_hash;
use crate::json::Report;
use crate::{MapContext, MapError};
use graph::{Graph, Node};
use terms::Role;

/// More statements than this are no description.
const MOST_STATEMENTS: usize = 400_000;

pub(crate) fn map(record: &RawRecord, context: &MapContext<'_>) -> Result<Mapped, MapError> {
    let source = match record.format {
        RecordFormat::DcatRdfXml => source::document(record)?,
        _ => source::quads(record)?,
    };
    let kind = terms::kind_of(source.graph.classes(&source.main)).ok_or_else(|| MapError {
        rule: "record/unsupported-format",
        message: "the record is neither a dataset, a series, a service nor an agent".to_owned(),
        place: None,
        hint: Some(
            "give it the class dcat:Dataset, dcat:DatasetSeries or dcat:DataService".to_owned(),
        ),
    })?;
    let says_something = |(predicate, _): &(NamedNode, Term)| *predicate != rdf::TYPE;
    if !source.graph.of(&source.main).iter().any(says_something) {
        return Err(MapError {
            rule: "record/no-title",
            message: "the record has a class, and says nothing else".to_owned(),
            place: None,
            hint: Some("give the record a title: DCAT-AP requires one".to_owned()),
        });
    }
    let mut mapping = Mapping::new(&source.graph, &source.main, record, context);
    for finding in source.findings {
        mapping.report.add(finding);
    }
    if kind != EntityKind::Organisation {
        mapping.resource(kind);
    } else if !mapping.organisation() {
        return Err(MapError {
            rule: "agent/no-name",
            message: "the agent has neither a name nor an IRI".to_owned(),
            place: None,
            hint: Some("give the agent a foaf:name".to_owned()),
        });
    }
    Ok(mapping.finish())
}

/// The record while it is being mapped.
struct Mapping<'a> {
    graph: &'a Graph,
    main: &'a Node,
    record: &'a RawRecord,
    context: &'a MapContext<'a>,
    /// The entity that is being described: that of the record, or an agent that it names.
    current: Current,
    /// The entity of the record.
    iri: NamedNode,
    rank: String,
    agents: Vec<Entity>,
    agents_by_iri: HashMap<NamedNode, usize>,
    /// The agents that are described already, or being described.
    known_agents: HashMap<Node, Option<NamedNode>>,
    /// The nodes that were read.
    read: HashSet<Node>,
    report: Report,
    /// How deep the node stands that is being read.
    depth: usize,
    told_of_distributions: bool,
    /// How many statements may still be written.
    left: usize,
}

/// An entity, and the nodes of the record that became its nodes.
struct Current {
    entity: Entity,
    own: HashMap<Node, NamedNode>,
    claimed: HashMap<NamedNode, String>,
    /// Its nodes that are catalogue records.
    records: HashSet<NamedNode>,
}

impl Current {
    fn new(kind: EntityKind, iri: NamedNode) -> Self {
        Self {
            entity: Entity::new(kind, iri),
            own: HashMap::new(),
            claimed: HashMap::new(),
            records: HashSet::new(),
        }
    }
}

impl<'a> Mapping<'a> {
    fn new(
        graph: &'a Graph,
        main: &'a Node,
        record: &'a RawRecord,
        context: &'a MapContext<'a>,
    ) -> Self {
        let nowhere = NamedNode::new_unchecked(source::NOWHERE);
        Self {
            graph,
            main,
            record,
            context,
            current: Current::new(EntityKind::Dataset, nowhere.clone()),
            iri: nowhere,
            rank: rank(graph, main),
            agents: Vec::new(),
            agents_by_iri: HashMap::new(),
            known_agents: HashMap::new(),
            read: HashSet::new(),
            report: Report::default(),
            depth: 0,
            told_of_distributions: false,
            left: MOST_STATEMENTS,
        }
    }

    /// A dataset, a series or a service.
    fn resource(&mut self, kind: EntityKind) {
        let iri = self.context.minted.cloned().unwrap_or_else(|| {
            self.context
                .minter
                .record(kind, self.context.source, &self.record.id)
        });
        self.iri = iri.clone();
        self.current = Current::new(kind, iri.clone());
        let place = self.place(self.main);
        self.current.entity.rank.clone_from(&self.rank);
        self.current.entity.set_origin(&iri, place);
        let class = match kind {
            EntityKind::DatasetSeries => dcat::DATASET_SERIES,
            EntityKind::DataService => dcat::DATA_SERVICE,
            _ => dcat::DATASET_CLASS,
        };
        self.current.entity.add_type(&iri, class);
        self.classes(self.main, &iri, class);
        self.identity(&iri);
        self.carry(self.main, &iri, Role::Resource);
        self.licences(&iri);
        self.complete_services(&iri);
        self.catalogue_records();
        self.inverse();
        self.settle_topics();
    }

    /// The agent that the record is about: an entity by the key that others know it by. `false` where nothing says who
    /// it is.
    fn organisation(&mut self) -> bool {
        let Some(iri) = self.agent_of(self.main) else {
            return false;
        };
        let at = self.agents.iter().position(|agent| agent.iri == iri);
        if let Some(at) = at {
            self.current.entity = self.agents.remove(at);
            self.agents_by_iri.clear();
        }
        self.iri = iri;
        at.is_some()
    }

    /// The source's own names of the entity: other records point at it by them.
    fn identity(&mut self, iri: &NamedNode) {
        if let Node::NamedNode(original) = self.main {
            let (value, absolute) = match original.as_str().strip_prefix(source::NOWHERE) {
                Some(relative) => (relative, false),
                None => (original.as_str(), true),
            };
            self.alias(value);
            let node = self
                .current
                .entity
                .node(&format!("identifier-{}", short_hash(value)));
            let entity = &mut self.current.entity;
            entity.add(iri, adms::IDENTIFIER, node.clone());
            entity.add_type(&node, adms::IDENTIFIER_CLASS);
            let notation = if absolute && check_iri(value).is_some() {
                Literal::new_typed_literal(value, xsd::ANY_URI)
            } else {
                Literal::new_simple_literal(value)
            };
            if !value.is_empty() {
                entity.add(&node, skos::NOTATION, notation);
            }
            if !absolute {
                self.find(
                    "iri/malformed",
                    Severity::Warning,
                    "the entity has a relative IRI, and nothing to resolve it against: it was kept as an identifier",
                    "give the entity an absolute IRI",
                    value,
                    self.place(self.main),
                );
            }
        }
        let mut stated = false;
        for object in self.graph.objects(self.main, terms::IDENTIFIER) {
            if let Some(value) = self.text_of(object) {
                stated = true;
                self.alias(&value);
            }
        }
        if !stated {
            let id = self.record.id.as_str();
            self.current
                .entity
                .add_text(iri, dcterms::IDENTIFIER, id, None);
        }
    }

    fn alias(&mut self, alias: &str) {
        let alias = alias.trim();
        let aliases = &mut self.current.entity.aliases;
        if !alias.is_empty() && aliases.len() < 100 && !aliases.iter().any(|known| known == alias) {
            aliases.push(alias.to_owned());
        }
    }

    /// DCAT-AP puts licences on distributions: those that state none have that of the dataset, which keeps its own.
    fn licences(&mut self, iri: &NamedNode) {
        let entity = &self.current.entity;
        let licences: Vec<Term> = entity.objects(iri, dcterms::LICENSE).cloned().collect();
        if licences.is_empty() {
            return;
        }
        let licensed: HashSet<String> = entity
            .triples
            .iter()
            .filter(|triple| triple.predicate == dcterms::LICENSE)
            .map(|triple| triple.subject.to_string())
            .collect();
        let without: Vec<NamedNode> = entity
            .objects(iri, dcat::DISTRIBUTION)
            .filter_map(|object| match object {
                Term::NamedNode(node) if !licensed.contains(&node.to_string()) => {
                    Some(node.clone())
                }
                _ => None,
            })
            .filter(|node| entity.owns(node.as_str()))
            .collect();
        for distribution in without {
            for licence in &licences {
                if self.left == 0 {
                    return;
                }
                self.add(&distribution, dcterms::LICENSE, licence.clone());
            }
        }
    }

    /// What the source's catalogue says of its record of the entity. A record that is about nothing else in the graph is
    /// about the entity, though it misses its IRI by a letter.
    fn catalogue_records(&mut self) {
        let graph = self.graph;
        let mut astray: Vec<&Node> = Vec::new();
        let mut found = false;
        for subject in graph.subjects() {
            let mut topics = graph
                .objects(subject, foaf::PRIMARY_TOPIC.as_str())
                .filter_map(graph::node)
                .peekable();
            if subject == self.main || topics.peek().is_none() {
                continue;
            }
            let topics: Vec<Node> = topics.collect();
            if topics.contains(self.main) {
                found = true;
                self.catalogue_record(subject);
            } else if !topics.iter().any(|topic| graph.describes(topic)) {
                astray.push(subject);
            }
        }
        if let ([record], false, RecordFormat::Dcat) = (&astray[..], found, self.record.format) {
            self.catalogue_record(record);
        }
    }

    /// Nodes that point at the entity, and that it does not point at: what uses, measures or made it. In the graph of an
    /// entity everything is about it.
    fn inverse(&mut self) {
        let graph = self.graph;
        let mut unread = 0_usize;
        let mut example = String::new();
        for subject in graph.subjects() {
            if subject == self.main || self.read.contains(subject) {
                continue;
            }
            let about = graph
                .of(subject)
                .iter()
                .any(|(_, object)| graph::node(object).as_ref() == Some(self.main));
            let entity = terms::kind_of(graph.classes(subject)).is_some()
                || graph.is(subject, &[dcat::CATALOG_CLASS.as_str()]);
            if about && !entity {
                self.own_node(subject, "node", &[], Role::Resource);
            } else if !entity && self.record.format == RecordFormat::Dcat {
                unread += 1;
                if example.is_empty() {
                    example = self.place(subject);
                }
            }
        }
        if unread > 0 {
            self.find(
                "node/left-out",
                Severity::Info,
                &format!("{unread} nodes of the record belong to nothing that it says of its entity: they were left out"),
                "say of the dataset or of its distributions how these belong to it",
                &example,
                example.clone(),
            );
        }
    }

    fn find(
        &self,
        rule: &'static str,
        severity: Severity,
        message: &str,
        hint: &'static str,
        value: &str,
        place: String,
    ) {
        let mut finding = Finding::new(rule, severity, Stage::Map, message)
            .place(place)
            .hint(hint);
        if !value.is_empty() {
            finding = finding.value(value);
        }
        self.report.add(finding);
    }

    /// What the record became.
    fn finish(self) -> Mapped {
        let mut entities = vec![self.current.entity];
        entities.extend(self.agents);
        for entity in &mut entities {
            let mut seen = HashSet::with_capacity(entity.triples.len());
            entity.triples.retain(|triple| seen.insert(triple.clone()));
        }
        let mut findings = self.report.into_findings();
        for finding in &mut findings {
            finding.record = Some(self.record.id.clone());
        }
        Mapped { entities, findings }
    }

    fn add(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, object: impl Into<Term>) {
        if self.may_write() {
            self.current.entity.add(subject, predicate, object);
        }
    }

    /// Text without a language; nothing when it is empty.
    fn add_text(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, text: &str) {
        if self.may_write() {
            self.current.entity.add_text(subject, predicate, text, None);
        }
    }

    /// An IRI, or text for the rules to repair.
    fn add_iri(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, value: &str) {
        if self.may_write() {
            self.current.entity.add_iri(subject, predicate, value);
        }
    }

    /// Counts a statement; `false` when there are enough of them.
    fn may_write(&mut self) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        if self.left == 0 {
            self.find(
                "record/too-large",
                Severity::Warning,
                &format!(
                    "the record says more than {MOST_STATEMENTS} things: the rest was left out"
                ),
                "divide the dataset, or give fewer distributions",
                "",
                self.place(self.main),
            );
        }
        true
    }
}

/// When the entity was changed, so that of two descriptions of an agent the newer one is published. Any description
/// comes before none.
fn rank(graph: &Graph, main: &Node) -> String {
    [dcterms::MODIFIED, dcterms::ISSUED]
        .iter()
        .flat_map(|predicate| graph.objects(main, predicate.as_str()))
        .find_map(|object| match object {
            Term::Literal(literal) if !literal.value().trim().is_empty() => {
                Some(crate::draft::rank(literal.value().trim()))
            }
            _ => None,
        })
        .unwrap_or_else(|| "0".to_owned())
}
