//! The names of what provenance speaks of.

use archive::{Decided, EntityKey, Party};
use model::{Checksum, RecordId, RunId, SourceId};
use oxrdf::NamedNode;

/// Names under the base of an instance.
#[derive(Debug, Clone)]
pub struct Names {
    base: String,
}

impl Names {
    pub fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
        }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    /// The named graph that has it all.
    pub fn graph(&self) -> NamedNode {
        self.under("provenance")
    }

    pub fn entity(&self, key: EntityKey) -> NamedNode {
        NamedNode::new_unchecked(key.iri(&self.base))
    }

    /// A source is named by its place on the page of the sources.
    pub fn source(&self, id: &SourceId) -> NamedNode {
        self.under(&format!("sources#{id}"))
    }

    /// A run is named by its page.
    pub fn run(&self, run: RunId) -> NamedNode {
        self.under(&format!("runs/{run}"))
    }

    /// A rule is named by its page.
    pub fn rule(&self, rule: &str) -> NamedNode {
        self.under(&format!("explain/{rule}"))
    }

    /// A record is named by the address at which it is as it was fetched.
    pub fn record(&self, entity: EntityKey, source: &SourceId, record: &RecordId) -> NamedNode {
        let path = original(source, record);
        NamedNode::new_unchecked(format!("{}{path}", entity.iri(&self.base)))
    }

    /// A finding is named as in the report of its source.
    pub fn finding(&self, source: &SourceId, run: RunId, n: i64) -> NamedNode {
        self.under(&format!("sources/{source}/report#finding-{run}-{n}"))
    }

    /// What is told of an entity.
    pub fn description(&self, entity: EntityKey) -> NamedNode {
        self.among_sources(entity, "description")
    }

    /// What an entity says by one property.
    pub fn part(&self, entity: EntityKey, property: &str) -> NamedNode {
        let local = property.rsplit(['#', '/']).next().unwrap_or_default();
        let local: String = local
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(40)
            .collect();
        let mark = mark(property);
        self.among_sources(entity, &format!("property-{local}-{mark}"))
    }

    /// A decision is told with the entity of its first record.
    pub fn decision(&self, decided: &Decided) -> NamedNode {
        let name = |party: &Party| format!("{}\0{}", party.source, party.record);
        let pair = format!("{}\0{}", name(&decided.a), name(&decided.b));
        self.among_sources(decided.a.entity, &format!("decision-{}", mark(&pair)))
    }

    pub fn party(&self, party: &Party) -> NamedNode {
        self.record(party.entity, &party.source, &party.record)
    }

    /// The program that carries runs out, of a version where it is known.
    pub fn software(&self, version: Option<&str>) -> NamedNode {
        match version {
            Some(version) => self.under(&format!("provenance#moisson-{version}")),
            None => self.under("provenance#moisson"),
        }
    }

    /// Whoever runs the instance and decides what rules cannot.
    pub fn operator(&self) -> NamedNode {
        self.under("provenance#operator")
    }

    fn among_sources(&self, entity: EntityKey, fragment: &str) -> NamedNode {
        NamedNode::new_unchecked(format!("{}/sources#{fragment}", entity.iri(&self.base)))
    }

    fn under(&self, path: &str) -> NamedNode {
        // What is joined here is ASCII: numbers, identifiers of sources and rules, versions.
        NamedNode::new_unchecked(format!("{}{path}", self.base))
    }
}

/// What follows an entity's IRI in the address of a record as it was fetched.
pub fn original(source: &SourceId, record: &RecordId) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("source", source.as_str())
        .append_pair("record", record.as_str())
        .finish();
    format!("/original?{query}")
}

fn mark(text: &str) -> String {
    let mut mark = Checksum::of(text.as_bytes()).to_string();
    mark.truncate(12);
    mark
}
