//! One graph of what several records state: each property from the most trusted record that has it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use model::ns::{adms, dcat, dcterms, foaf, skos};
use oxrdf::NamedNodeRef;
use oxrdf::vocab::rdf;

use crate::address::page;

/// What one record states of the entity: sorted canonical N-Triples whose entity is already the one that all share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement<'a> {
    /// Short, fit for a fragment, and no other statement's: nodes whose names collide are told apart by it.
    pub tag: String,
    pub text: &'a str,
    /// Lines about IRIs that the entity does not own.
    pub shared: &'a [String],
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Composed {
    /// Sorted canonical N-Triples.
    pub text: String,
    pub shared: Vec<String>,
    /// From which statement each property of the entity is, by its number.
    pub origins: BTreeMap<String, Vec<usize>>,
}

/// The same lines about another entity.
pub fn rebase(text: &str, from: &str, to: &str) -> String {
    if from == to {
        return text.to_owned();
    }
    text.replace(&format!("<{from}>"), &format!("<{to}>"))
        .replace(&format!("<{from}#"), &format!("<{to}#"))
}

/// Makes one graph of statements, the most trusted first. Files, identifiers and pages of all of them come together; of any other
/// property, the values of the first statement that has it.
pub fn compose(entity: &str, statements: &[Statement<'_>]) -> Composed {
    let mut work = Work {
        root: format!("<{entity}>"),
        own: format!("<{entity}#"),
        lines: BTreeSet::new(),
        nodes: HashMap::new(),
        predicates: HashSet::new(),
        known: HashSet::new(),
        renamed: HashMap::new(),
        origins: BTreeMap::new(),
        others: 0,
    };
    let mut renames = Vec::with_capacity(statements.len());
    for (at, statement) in statements.iter().enumerate() {
        work.renamed.clear();
        let stated = parse(statement.text);
        if at == 0 {
            work.first(&stated);
        } else {
            work.further(at, &statement.tag, &stated);
        }
        renames.push(work.renamed.clone());
    }
    let shared = work.shared(statements, &renames);
    let mut text = String::new();
    for line in &work.lines {
        text.push_str(line);
        text.push('\n');
    }
    Composed {
        text,
        shared,
        origins: work.origins,
    }
}

type Stated<'a> = BTreeMap<&'a str, Vec<(&'a str, &'a str)>>;

/// Lines by subject; each object without the full stop.
fn parse(text: &str) -> Stated<'_> {
    let mut stated: Stated<'_> = BTreeMap::new();
    for line in text.lines() {
        let mut parts = line.splitn(3, ' ');
        let (Some(subject), Some(predicate), Some(rest)) =
            (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let object = rest.strip_suffix(" .").unwrap_or(rest);
        stated.entry(subject).or_default().push((predicate, object));
    }
    stated
}

fn is(predicate: &str, iri: NamedNodeRef<'_>) -> bool {
    predicate
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .is_some_and(|name| name == iri.as_str())
}

fn bare(object: &str) -> &str {
    object
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .unwrap_or(object)
}

struct Work {
    root: String,
    /// How every node of the entity begins.
    own: String,
    lines: BTreeSet<String>,
    /// The statements about each node, as one text: so that a node of the same name and content is not told twice.
    nodes: HashMap<String, String>,
    /// The properties that the entity has.
    predicates: HashSet<String>,
    /// Addresses of files, identifiers and pages that are told.
    known: HashSet<String>,
    /// The names that nodes of the statement at hand got.
    renamed: HashMap<String, String>,
    origins: BTreeMap<String, Vec<usize>>,
    /// Identifiers of further records that were taken over.
    others: usize,
}

impl Work {
    /// The most trusted statement, whole.
    fn first(&mut self, stated: &Stated<'_>) {
        for (subject, properties) in stated {
            for (predicate, object) in properties {
                self.lines
                    .insert(format!("{subject} {predicate} {object} ."));
                if *subject == self.root {
                    self.have(0, predicate);
                    self.know(stated, predicate, object);
                }
            }
            if *subject != self.root {
                self.nodes.insert((*subject).to_owned(), told(properties));
            }
        }
    }

    fn have(&mut self, at: usize, predicate: &str) {
        self.predicates.insert(predicate.to_owned());
        let origins = self.origins.entry(bare(predicate).to_owned()).or_default();
        if origins.last() != Some(&at) {
            origins.push(at);
        }
    }

    /// Notes what must not be told again.
    fn know(&mut self, stated: &Stated<'_>, predicate: &str, object: &str) {
        let marks = marks(stated, predicate, object);
        self.known.extend(marks);
    }

    fn further(&mut self, at: usize, tag: &str, stated: &Stated<'_>) {
        let root = self.root.clone();
        let properties = stated
            .get(root.as_str())
            .map(Vec::as_slice)
            .unwrap_or_default();
        let had: HashSet<String> = self.predicates.clone();
        for (predicate, object) in properties {
            if is(predicate, rdf::TYPE) {
                continue;
            }
            if is(predicate, dcterms::IDENTIFIER) && had.contains(*predicate) {
                self.other_identifier(at, tag, object);
            } else if is(predicate, dcat::LANDING_PAGE) && had.contains(*predicate) {
                self.other_page(at, object);
            } else if is(predicate, dcat::DISTRIBUTION)
                || is(predicate, adms::IDENTIFIER)
                || is(predicate, foaf::PAGE)
            {
                let marks = marks(stated, predicate, object);
                let told_already =
                    !marks.is_empty() && marks.iter().any(|mark| self.known.contains(mark));
                if !told_already {
                    self.known.extend(marks);
                    self.adopt(at, tag, stated, predicate, object);
                }
            } else if !had.contains(*predicate) {
                self.adopt(at, tag, stated, predicate, object);
            }
        }
        self.records(tag, stated);
    }

    /// States a property of the entity as another statement has it.
    fn adopt(&mut self, at: usize, tag: &str, stated: &Stated<'_>, predicate: &str, object: &str) {
        let object = self.node(tag, stated, object, 0);
        self.lines
            .insert(format!("{} {predicate} {object} .", self.root));
        self.have(at, predicate);
    }

    /// Takes over a node with all that it leads to; gives its name here.
    fn node(&mut self, tag: &str, stated: &Stated<'_>, object: &str, depth: usize) -> String {
        // Deeper than any graph of DCAT-AP: a circle, perhaps.
        const DEEPEST: usize = 8;
        let Some(properties) = stated.get(object).filter(|_| object.starts_with(&self.own)) else {
            return object.to_owned();
        };
        if let Some(name) = self.renamed.get(object) {
            return name.clone();
        }
        let content = told(properties);
        let name = match self.nodes.get(object) {
            Some(other) if *other == content => {
                self.renamed.insert(object.to_owned(), object.to_owned());
                return object.to_owned();
            }
            Some(_) => self.free(object, tag),
            None => object.to_owned(),
        };
        self.renamed.insert(object.to_owned(), name.clone());
        self.nodes.insert(name.clone(), content);
        if depth < DEEPEST {
            for (predicate, object) in properties {
                let object = self.node(tag, stated, object, depth + 1);
                self.lines.insert(format!("{name} {predicate} {object} ."));
            }
        }
        name
    }

    /// A name that no node has.
    fn free(&self, node: &str, tag: &str) -> String {
        let stem = node.strip_suffix('>').unwrap_or(node);
        let mut name = format!("{stem}-{tag}>");
        let mut n = 1;
        while self.nodes.contains_key(&name) {
            n += 1;
            name = format!("{stem}-{tag}-{n}>");
        }
        name
    }

    /// The source's identifier of a further record is another identifier of the entity.
    fn other_identifier(&mut self, at: usize, tag: &str, object: &str) {
        const MOST: usize = 200;
        if self.others >= MOST || !self.known.insert(format!("identifier {}", value(object))) {
            return;
        }
        self.others += 1;
        let name = self.free(&format!("{}identifier>", self.own), tag);
        self.nodes.insert(name.clone(), object.to_owned());
        let root = self.root.clone();
        for line in [
            format!("{root} {} {name} .", adms::IDENTIFIER),
            format!("{name} {} {} .", rdf::TYPE, adms::IDENTIFIER_CLASS),
            format!("{name} {} {object} .", skos::NOTATION),
        ] {
            self.lines.insert(line);
        }
        self.have(at, &adms::IDENTIFIER.to_string());
    }

    /// The landing page on a further portal is another page about the entity.
    fn other_page(&mut self, at: usize, object: &str) {
        let mark = format!(
            "page {}",
            page(bare(object)).unwrap_or_else(|| object.to_owned())
        );
        if self.known.insert(mark) {
            self.lines
                .insert(format!("{} {} {object} .", self.root, foaf::PAGE));
            self.have(at, &foaf::PAGE.to_string());
        }
    }

    /// The records of the catalogue: one for each source that has the entity.
    fn records(&mut self, tag: &str, stated: &Stated<'_>) {
        let class = dcat::CATALOG_RECORD.to_string();
        let records: Vec<&str> = stated
            .iter()
            .filter(|(subject, properties)| {
                subject.starts_with(&self.own)
                    && properties
                        .iter()
                        .any(|(predicate, object)| is(predicate, rdf::TYPE) && *object == class)
            })
            .map(|(subject, _)| *subject)
            .collect();
        for record in records {
            self.node(tag, stated, record, 0);
        }
    }

    /// What the statements say of IRIs that the graph names, and of the place of the entity and its records in the catalogue.
    fn shared(
        &self,
        statements: &[Statement<'_>],
        renames: &[HashMap<String, String>],
    ) -> Vec<String> {
        let mut named: HashSet<&str> = HashSet::new();
        for line in &self.lines {
            let mut parts = line.splitn(3, ' ');
            named.extend(parts.next());
            named.extend(parts.nth(1).and_then(|rest| rest.strip_suffix(" .")));
        }
        let mut shared = BTreeSet::new();
        for (at, statement) in statements.iter().enumerate() {
            for line in statement.shared {
                let mut parts = line.splitn(3, ' ');
                let (Some(subject), Some(predicate), Some(rest)) =
                    (parts.next(), parts.next(), parts.next())
                else {
                    continue;
                };
                let object = rest.strip_suffix(" .").unwrap_or(rest);
                if object.starts_with(&self.own) {
                    // `dcat:record`: under the name that the node got.
                    let renamed = renames.get(at).and_then(|names| names.get(object));
                    let name = renamed.map_or(object, String::as_str);
                    if self.nodes.contains_key(name) {
                        shared.insert(format!("{subject} {predicate} {name} ."));
                    }
                } else if object == self.root || named.contains(subject) {
                    shared.insert(line.clone());
                }
            }
        }
        shared.into_iter().collect()
    }
}

/// The content of a node as one text.
fn told(properties: &[(&str, &str)]) -> String {
    let mut lines: Vec<String> = properties
        .iter()
        .map(|(predicate, object)| format!("{predicate} {object}"))
        .collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// The text of a literal, or an IRI.
fn value(object: &str) -> String {
    let text = match object.strip_prefix('"') {
        Some(rest) => rest
            .rfind('"')
            .and_then(|end| rest.get(..end))
            .unwrap_or(rest),
        None => bare(object),
    };
    text.trim().to_lowercase()
}

/// By what a value of a property that statements add to is known.
fn marks(stated: &Stated<'_>, predicate: &str, object: &str) -> Vec<String> {
    let of = |wanted: &[NamedNodeRef<'_>]| -> Vec<&str> {
        stated
            .get(object)
            .into_iter()
            .flatten()
            .filter(|(predicate, _)| wanted.iter().any(|wanted| is(predicate, *wanted)))
            .map(|(_, object)| *object)
            .collect()
    };
    if is(predicate, dcat::DISTRIBUTION) {
        // A file is known by its own address; a service has one address for many layers.
        let own = of(&[dcat::DOWNLOAD_URL]);
        let addresses = if own.is_empty() {
            of(&[dcat::ACCESS_URL])
        } else {
            own
        };
        let title = of(&[dcterms::TITLE])
            .into_iter()
            .min()
            .map(value)
            .unwrap_or_default();
        let is_service = |address: &str| crate::address::resource(address, None).is_none();
        return addresses
            .into_iter()
            .map(bare)
            .map(|address| {
                let place = page(address).unwrap_or_else(|| address.to_owned());
                if is_service(address) {
                    format!("file {place} {title}")
                } else {
                    format!("file {place}")
                }
            })
            .collect();
    }
    if is(predicate, adms::IDENTIFIER) {
        return of(&[skos::NOTATION])
            .into_iter()
            .map(|notation| format!("identifier {}", value(notation)))
            .collect();
    }
    if is(predicate, dcterms::IDENTIFIER) {
        return vec![format!("identifier {}", value(object))];
    }
    if is(predicate, foaf::PAGE) || is(predicate, dcat::LANDING_PAGE) {
        return vec![format!(
            "page {}",
            page(bare(object)).unwrap_or_else(|| object.to_owned())
        )];
    }
    Vec::new()
}

#[cfg(test)]
mod tests;
