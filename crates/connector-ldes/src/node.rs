//! What a node says: of the stream, of other nodes, and which members it has.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use oxrdf::Term;
use rdf_split::{Graph, Statement};
use serde::{Deserialize, Serialize};

use crate::cursor::Stream;

pub const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
pub const OBJECT: &str = "https://www.w3.org/ns/activitystreams#object";
const PUBLISHED: &str = "https://www.w3.org/ns/activitystreams#published";
pub const IS_VERSION_OF: &str = "http://purl.org/dc/terms/isVersionOf";
const GENERATED: &str = "http://www.w3.org/ns/prov#generatedAtTime";
/// Where a stream does not say which property has the time of a version: those that say when it came into the stream.
const ARRIVALS: [&str; 2] = [PUBLISHED, GENERATED];
/// And those that tell at least which version is the later one.
const TIMES: [&str; 4] = [
    PUBLISHED,
    GENERATED,
    "http://purl.org/dc/terms/modified",
    "http://purl.org/dc/terms/issued",
];

pub fn tree(name: &str) -> String {
    format!("https://w3id.org/tree#{name}")
}

fn ldes(name: &str) -> String {
    format!("https://w3id.org/ldes#{name}")
}

/// A node that another one leads to, and between which times its members are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}

impl Link {
    pub fn to(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            from: None,
            until: None,
        }
    }

    /// Whether it may hold members later than this.
    pub fn may_exceed(&self, last: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| until > last)
    }
}

/// The statements of a document by their subjects.
pub struct Node<'g> {
    /// What is said outside the descriptions of members: of the stream, its nodes and which members they have.
    own: Vec<Statement<'g>>,
    about: HashMap<&'g Term, Vec<Statement<'g>>>,
    named: HashMap<&'g Term, Vec<Statement<'g>>>,
    pub size: usize,
}

impl<'g> Node<'g> {
    pub fn of(graph: &'g Graph) -> Self {
        let (mut about, mut named) = (HashMap::new(), HashMap::new());
        let mut size = 0;
        for statement in graph.statements() {
            let (subject, _, _, name) = statement;
            size += 1;
            let own: &mut Vec<Statement<'g>> = about.entry(subject).or_default();
            own.push(statement);
            if let Some(name) = name {
                let own: &mut Vec<Statement<'g>> = named.entry(name).or_default();
                own.push(statement);
            }
        }
        let member = tree("member");
        let told = graph.statements();
        let described: HashSet<&Term> = told
            .filter(|(_, predicate, _, _)| text(predicate) == member)
            .map(|(_, _, object, _)| object)
            .collect();
        let own = graph
            .statements()
            .filter(|(.., name)| name.as_ref().is_none_or(|name| !described.contains(name)));
        Self {
            own: own.collect(),
            about,
            named,
            size,
        }
    }

    pub fn about(&self, subject: &Term) -> &[Statement<'g>] {
        self.about.get(subject).map_or(&[], Vec::as_slice)
    }

    pub fn graph(&self, name: &Term) -> Option<&[Statement<'g>]> {
        self.named.get(name).map(Vec::as_slice)
    }

    pub fn objects(&self, subject: &Term, predicate: &str) -> impl Iterator<Item = &'g Term> {
        let own = self.about(subject).iter();
        own.filter(move |(_, own, _, _)| text(own) == predicate)
            .map(|(_, _, object, _)| *object)
    }

    /// All subjects and objects of a predicate, sorted, each pair once.
    fn pairs(&self, predicate: &str) -> Vec<(&'g Term, &'g Term)> {
        let mut pairs: Vec<(&Term, &Term)> = self
            .own
            .iter()
            .filter(|(_, own, _, _)| text(own) == predicate)
            .map(|(subject, _, object, _)| (*subject, *object))
            .collect();
        pairs.sort_unstable_by_key(|(a, b)| (text(a), text(b)));
        pairs.dedup();
        pairs
    }

    fn one(&self, predicate: &str) -> Option<String> {
        let mut values = self.pairs(predicate).into_iter();
        values.find_map(|(_, value)| iri(value)).map(str::to_owned)
    }

    /// Adds what this document says of the stream to what is known.
    pub fn tell(&self, stream: &mut Stream) {
        stream.timestamp = stream.timestamp.take().or(self.one(&ldes("timestampPath")));
        stream.version_of = stream
            .version_of
            .take()
            .or(self.one(&ldes("versionOfPath")));
        let subset = ldes("LatestVersionSubset");
        let windows = [ldes("DurationAgoPolicy"), ldes("PointInTimePolicy")];
        for (policy, class) in self.pairs(TYPE) {
            if text(class) == subset {
                let amount = ldes("amount");
                let mut amounts = self.objects(policy, &amount);
                stream.latest_only |= amounts.all(|amount| text(amount) == "1");
            }
            stream.window |= windows.iter().any(|window| text(class) == window);
        }
    }

    /// Whether the document says anything of an event stream.
    pub fn is_stream(&self) -> bool {
        let classes = [ldes("EventStream"), tree("Node"), tree("Collection")];
        ["member", "relation", "view"]
            .iter()
            .any(|name| !self.pairs(&tree(name)).is_empty())
            || (self.pairs(TYPE).iter())
                .any(|(_, class)| classes.iter().any(|known| text(class) == known))
    }

    pub fn members(&self) -> Vec<&'g Term> {
        let members = self.pairs(&tree("member")).into_iter();
        let mut members: Vec<&Term> = members.map(|(_, member)| member).collect();
        members.sort_unstable_by_key(|member| text(member));
        members.dedup();
        members
    }

    /// The nodes that this one leads to; from a document that only names the view, that.
    pub fn links(&self, stream: &Stream) -> Vec<Link> {
        let mut found: BTreeMap<&str, Link> = BTreeMap::new();
        let target = tree("node");
        let relations = self.pairs(&tree("relation")).into_iter();
        let relations: BTreeMap<&str, &Term> = relations.map(|(_, to)| (text(to), to)).collect();
        for relation in relations.into_values() {
            let (from, until) = self.bounds(relation, stream);
            for node in self.objects(relation, &target) {
                let link = found.entry(text(node)).or_insert(Link::to(text(node)));
                link.from = from.map_or(link.from, |at| {
                    Some(link.from.map_or(at, |other| other.max(at)))
                });
                link.until = until.map_or(link.until, |at| {
                    Some(link.until.map_or(at, |other| other.min(at)))
                });
            }
        }
        if found.is_empty() && self.members().is_empty() {
            for (_, view) in self.pairs(&tree("view")) {
                found.insert(text(view), Link::to(text(view)));
            }
        }
        found.into_values().collect()
    }

    /// Between which times the members are that a relation leads to. One by another property than time says nothing that helps.
    fn bounds(
        &self,
        relation: &Term,
        stream: &Stream,
    ) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let by_time = self.objects(relation, &tree("path")).all(|path| {
            let path = text(path);
            match &stream.timestamp {
                Some(own) => path == own,
                None => ARRIVALS.contains(&path),
            }
        });
        let value = self.objects(relation, &tree("value")).find_map(time);
        let (mut from, mut until) = (None, None);
        for class in self.objects(relation, TYPE).filter(|_| by_time) {
            let class = text(class).rsplit('#').next().unwrap_or_default();
            if class.starts_with("GreaterThan") || class == "EqualToRelation" {
                from = value;
            }
            if class.starts_with("LessThan") || class == "EqualToRelation" {
                until = value;
            }
        }
        (from, until)
    }

    /// What a version is one of.
    pub fn version_of(&self, member: &Term, stream: &Stream) -> Option<&'g Term> {
        let paths = match &stream.version_of {
            Some(path) => [path.as_str(), OBJECT],
            None => [OBJECT, IS_VERSION_OF],
        };
        paths
            .into_iter()
            .find_map(|path| self.objects(member, path).find(|term| iri(term).is_some()))
    }

    /// The time of a version: the later one holds.
    pub fn time(&self, member: &Term, stream: &Stream) -> Option<DateTime<Utc>> {
        self.latest(member, stream, &TIMES)
    }

    /// When a version came into the stream. What a dataset says of its own last change tells nothing of that.
    pub fn arrival(&self, member: &Term, stream: &Stream) -> Option<DateTime<Utc>> {
        self.latest(member, stream, &ARRIVALS)
    }

    fn latest(&self, member: &Term, stream: &Stream, usual: &[&str]) -> Option<DateTime<Utc>> {
        let own = stream.timestamp.as_deref();
        let paths = own.as_ref().map_or(usual, std::slice::from_ref);
        let mut paths = paths.iter();
        paths.find_map(|path| self.objects(member, path).filter_map(time).max())
    }
}

/// An IRI, the label of a blank node, or the value of a literal.
pub fn text(term: &Term) -> &str {
    match term {
        Term::NamedNode(node) => node.as_str(),
        Term::BlankNode(node) => node.as_str(),
        Term::Literal(literal) => literal.value(),
    }
}

pub fn iri(term: &Term) -> Option<&str> {
    match term {
        Term::NamedNode(node) => Some(node.as_str()),
        _ => None,
    }
}

/// A time; one without a zone is in UTC, a day begins at midnight.
fn time(term: &Term) -> Option<DateTime<Utc>> {
    let text = text(term).trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
    time.ok()
        .or_else(|| text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0))
        .map(|time| time.and_utc())
}
