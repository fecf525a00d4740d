//! A member: an activity, or a version of an object; and what is said of that object.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use chrono::{DateTime, Utc};
use model::{Finding, Page, RawRecord, RecordFormat, RecordId, Severity, Stage};
use oxrdf::Term;
use rdf_split::{Document, Source, Statement, Syntax};

use crate::cursor::Stream;
use crate::node::{IS_VERSION_OF, Node, OBJECT, TYPE, iri, text};

const ACTIVITIES: [&str; 3] = [
    "https://www.w3.org/ns/activitystreams#Create",
    "https://www.w3.org/ns/activitystreams#Update",
    DELETE,
];
const DELETE: &str = "https://www.w3.org/ns/activitystreams#Delete";

/// What the descriptions of a node may come to, in bytes: what many members share is told with each of them.
const MAX_BYTES: usize = 256 << 20;
/// The longest description, in statements.
const MAX_STATEMENTS: usize = 50_000;

#[derive(Debug, Clone, Copy)]
pub struct Member<'g> {
    pub own: &'g Term,
    pub object: &'g Term,
    pub at: Option<DateTime<Utc>>,
    /// When it came into the stream, if that is told.
    pub arrived: Option<DateTime<Utc>>,
    deleted: bool,
    activity: bool,
}

/// The last version of each object on the page, in the order of the objects, and the members that have none.
pub fn members<'g>(node: &Node<'g>, stream: &Stream) -> (Vec<Member<'g>>, Vec<&'g Term>) {
    let mut last: HashMap<&Term, Member<'g>> = HashMap::new();
    let mut lost = Vec::new();
    for own in node.members() {
        let classes = || node.objects(own, TYPE).map(text);
        let activity = classes().any(|class| ACTIVITIES.contains(&class))
            || node.objects(own, OBJECT).next().is_some();
        // What is no activity and no version is told once and for all.
        let itself =
            (!activity && stream.version_of.is_none() && iri(own).is_some()).then_some(own);
        let Some(object) = node.version_of(own, stream).or(itself) else {
            lost.push(own);
            continue;
        };
        let member = Member {
            own,
            object,
            at: node.time(own, stream),
            arrived: node.arrival(own, stream),
            deleted: classes().any(|class| class == DELETE),
            activity,
        };
        let later = last
            .get(object)
            .is_none_or(|other| (member.at, text(member.own)) > (other.at, text(other.own)));
        if later {
            last.insert(object, member);
        }
    }
    let mut members: Vec<Member<'g>> = last.into_values().collect();
    members.sort_unstable_by_key(|member| text(member.object));
    (members, lost)
}

/// Takes members into a page.
pub struct Taker<'n, 'g> {
    node: &'n Node<'g>,
    /// Nodes at which a description ends: members, and what they tell of.
    stops: HashSet<&'g Term>,
    url: &'n str,
    /// Statements that may still be looked at: what many members share is told with each of them.
    work: usize,
    bytes: usize,
}

impl<'n, 'g> Taker<'n, 'g> {
    pub fn new(node: &'n Node<'g>, found: &[Member<'g>], url: &'n str) -> Self {
        Self {
            node,
            stops: found
                .iter()
                .map(|member| member.object)
                .chain(node.members())
                .collect(),
            url,
            work: node.size.saturating_mul(20).saturating_add(1_000_000),
            bytes: MAX_BYTES,
        }
    }

    pub fn take(&mut self, member: Member<'g>, stream: &Stream, page: &mut Page) {
        let id = RecordId::new(text(member.object));
        if member.deleted {
            page.gone.push(id);
            return;
        }
        let Some(description) = self.description(member, stream) else {
            let message = "too much is said of the object of this member, or of all members of the node together: it was left out";
            return self.refuse("record/too-large", &id, message, page);
        };
        let source = Source {
            body: description.as_bytes(),
            content_type: None,
            url: self.url,
            syntax: Some(Syntax::NTriples),
        };
        let Ok(document) = Document::read(source) else {
            let message = "the member tells of an object, and says nothing of it";
            return self.refuse("record/not-described", &id, message, page);
        };
        let split = document.split(self.url);
        page.findings.extend(split.findings);
        page.refused += split.refused;
        let own = split.pieces.into_iter().find(|piece| piece.id == id);
        match own {
            Some(piece) => page.records.push(RawRecord {
                id: piece.id,
                format: RecordFormat::Dcat,
                body: piece.body,
            }),
            None if split.refused > 0 => {}
            None => page.findings.push(
                Finding::new("record/not-a-dataset", Severity::Info, Stage::Read, "the object of this member is no dataset, series, data service or agent; it was left out")
                    .record(&id)
                    .place(self.url),
            ),
        }
    }

    fn refuse(&self, rule: &'static str, id: &RecordId, message: &str, page: &mut Page) {
        page.refused += 1;
        let finding = Finding::new(rule, Severity::Error, Stage::Read, message);
        page.findings.push(finding.record(id).place(self.url));
    }

    /// What is said of the object, in N-Triples: in the graph of the member, else all that it leads to. `None` if it is too much.
    fn description(&mut self, member: Member<'g>, stream: &Stream) -> Option<String> {
        let named = self.node.graph(member.own);
        let named = named.or_else(|| self.node.graph(member.object));
        let statements = match named {
            Some(statements) => statements.to_vec(),
            None if member.activity => self.closure(member.object)?,
            None => self.closure(member.own)?,
        };
        self.work = self.work.checked_sub(statements.len())?;
        if statements.len() > MAX_STATEMENTS {
            return None;
        }
        // What is said of a version is said of its object.
        let meant = |term: &'g Term| match term == member.own && !member.activity {
            true => member.object,
            false => term,
        };
        let mut lines = String::new();
        for (subject, predicate, object, _) in statements {
            let version_of = stream.version_of.as_deref().unwrap_or(IS_VERSION_OF);
            let of_version =
                subject == member.own && (member.activity || text(predicate) == version_of);
            if !of_version {
                let (subject, object) = (meant(subject), meant(object));
                // Writing to a text cannot fail.
                let _ = writeln!(lines, "{subject} {predicate} {object} .");
            }
        }
        self.bytes = self.bytes.checked_sub(lines.len())?;
        Some(lines)
    }

    fn closure(&self, root: &'g Term) -> Option<Vec<Statement<'g>>> {
        let (mut seen, mut left) = (HashSet::from([root]), vec![root]);
        let mut statements = Vec::new();
        while let Some(node) = left.pop() {
            for statement in self.node.about(node) {
                let object = statement.2;
                statements.push(*statement);
                if !self.stops.contains(object) && seen.insert(object) {
                    left.push(object);
                }
            }
            if statements.len() > MAX_STATEMENTS.min(self.work) {
                return None;
            }
        }
        Some(statements)
    }
}
