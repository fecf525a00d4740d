//! A graph in memory, and the making of one from what parsers give: terms are numbered, and set right on their way in.

use std::collections::HashMap;

use model::{Severity, check_iri, repair_iri};
use oxrdf::vocab::xsd;
use oxrdf::{GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term};

use crate::notes::Notes;
use crate::prefixes;

/// Triples of one document; many times what a page of a catalogue has.
pub const MAX_TRIPLES: usize = 8_000_000;

/// The longest IRI that is carried.
const MAX_IRI: usize = 8 * 1024;

/// Datatypes of texts with a language: a text without one cannot have them.
const LANG_STRING: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString";
const DIR_LANG_STRING: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#dirLangString";

/// Triples in the order of their subjects. A document is one graph: the names of graphs are only kept where somebody asks for them.
#[derive(Debug, Default)]
pub struct Graph {
    terms: Vec<Term>,
    triples: Vec<[u32; 3]>,
    /// Where the triples of each term begin.
    starts: Vec<usize>,
    /// Triples as they came, each with the name of its graph, where that was asked for.
    quads: Vec<([u32; 3], Option<u32>)>,
}

/// Subject, predicate, object, and the name of the graph.
pub type Statement<'g> = (&'g Term, &'g Term, &'g Term, Option<&'g Term>);

impl Graph {
    /// Each statement with the name of its graph, of a document that was read by [`crate::Document::read_named`].
    pub fn statements(&self) -> impl Iterator<Item = Statement<'_>> {
        self.quads
            .iter()
            .filter_map(|([subject, predicate, object], name)| {
                Some((
                    self.term(*subject)?,
                    self.term(*predicate)?,
                    self.term(*object)?,
                    name.and_then(|name| self.term(name)),
                ))
            })
    }

    pub fn len(&self) -> usize {
        self.triples.len()
    }

    pub fn is_empty(&self) -> bool {
        self.triples.is_empty()
    }

    pub(crate) fn size(&self) -> usize {
        self.terms.len()
    }

    pub(crate) fn term(&self, id: u32) -> Option<&Term> {
        self.terms.get(id as usize)
    }

    pub(crate) fn triples(&self) -> &[[u32; 3]] {
        &self.triples
    }

    /// The triples that have this subject.
    pub(crate) fn about(&self, subject: u32) -> &[[u32; 3]] {
        let subject = subject as usize;
        let bounds = self.starts.get(subject).zip(self.starts.get(subject + 1));
        bounds
            .and_then(|(start, end)| self.triples.get(*start..*end))
            .unwrap_or_default()
    }

    pub(crate) fn objects(
        &self,
        subject: u32,
        predicate: Option<u32>,
    ) -> impl Iterator<Item = u32> {
        self.about(subject)
            .iter()
            .filter(move |[_, own, _]| Some(*own) == predicate)
            .map(|[_, _, object]| *object)
    }

    pub(crate) fn is_blank(&self, id: u32) -> bool {
        matches!(self.term(id), Some(Term::BlankNode(_)))
    }

    pub(crate) fn iri(&self, id: u32) -> Option<&str> {
        match self.term(id)? {
            Term::NamedNode(node) => Some(node.as_str()),
            _ => None,
        }
    }

    /// The number of an IRI. It looks through all terms.
    pub(crate) fn find(&self, iri: &str) -> Option<u32> {
        let found = self
            .terms
            .iter()
            .position(|term| matches!(term, Term::NamedNode(node) if node.as_str() == iri))?;
        u32::try_from(found).ok()
    }

    /// Each subject and object of a predicate, as text: IRIs, and the values of literals.
    pub fn pairs<'a>(
        &'a self,
        predicate: &str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let predicate = self.find(predicate);
        self.triples
            .iter()
            .filter(move |[_, own, _]| Some(*own) == predicate)
            .filter_map(|[subject, _, object]| Some((self.text(*subject)?, self.text(*object)?)))
    }

    /// An IRI, a blank node's label, or the value of a literal.
    pub(crate) fn text(&self, id: u32) -> Option<&str> {
        Some(match self.term(id)? {
            Term::NamedNode(node) => node.as_str(),
            Term::BlankNode(node) => node.as_str(),
            Term::Literal(literal) => literal.value(),
        })
    }
}

/// What an IRI of the source becomes where it is a subject or a predicate, and where it is an object.
#[derive(Clone, Copy)]
struct Resolved {
    node: Option<u32>,
    object: u32,
}

/// Takes triples in any order.
#[derive(Default)]
pub struct Builder {
    ids: HashMap<Term, u32>,
    iris: HashMap<String, Resolved>,
    /// Which numbers are those of blank nodes.
    blank: Vec<bool>,
    triples: Vec<[u32; 3]>,
    /// The graph of each triple, where that is wanted.
    names: Option<Vec<Option<u32>>>,
    pub notes: Notes,
    pub faults: Vec<Fault>,
}

/// What a parser could not read.
#[derive(Debug, Clone)]
pub struct Fault {
    pub message: String,
    /// Line and column.
    pub at: String,
    /// Nodes that the unread part says something about.
    pub suspects: Vec<Term>,
    /// A node without a name was being described.
    pub anonymous: bool,
    /// What comes behind was not read, and may say something about any node.
    pub rest_unread: bool,
}

/// The IRI that one of the source stands for, and what had to be done to it.
pub fn meant(iri: &str) -> Option<(NamedNode, Option<&'static str>)> {
    if let Some(long) = prefixes::expand(iri).filter(|long| check_iri(long).is_some()) {
        let repair =
            "a short name stands where a whole IRI is needed; its well-known prefix was expanded";
        return Some((NamedNode::new_unchecked(long), Some(repair)));
    }
    if check_iri(iri).is_some() {
        return Some((NamedNode::new_unchecked(iri), None));
    }
    if let Ok((node, _)) = repair_iri(iri) {
        let repair = "the IRI has characters that IRIs may not have; they were percent-encoded";
        return Some((node, Some(repair)));
    }
    // Strange, but an IRI all the same.
    let strange = iri.len() <= MAX_IRI && NamedNode::new(iri).is_ok();
    strange.then(|| (NamedNode::new_unchecked(iri), None))
}

impl Builder {
    /// Keeps the names of graphs too.
    pub fn with_names() -> Self {
        Self {
            names: Some(Vec::new()),
            ..Self::default()
        }
    }

    /// Adds a triple, and the name of its graph where that is wanted; `false` when the document has too many.
    pub fn add_quad(&mut self, quad: Quad) -> bool {
        let before = self.triples.len();
        let goes_on = self.add(quad.subject, quad.predicate, quad.object);
        if self.names.is_some() && self.triples.len() > before {
            let name = match quad.graph_name {
                GraphName::NamedNode(node) => self.iri(node.into_string()).node,
                GraphName::BlankNode(node) => Some(self.id(node.into())),
                GraphName::DefaultGraph => None,
            };
            self.names.get_or_insert_default().push(name);
        }
        goes_on
    }

    /// Adds a triple; `false` when the document has too many.
    pub fn add(&mut self, subject: NamedOrBlankNode, predicate: NamedNode, object: Term) -> bool {
        // A key of JSON-LD that its context does not know means nothing.
        if !predicate.as_str().contains(':') {
            return true;
        }
        let subject = match subject {
            NamedOrBlankNode::NamedNode(node) => self.iri(node.into_string()).node,
            NamedOrBlankNode::BlankNode(node) => Some(self.id(Term::BlankNode(node))),
        };
        let (Some(subject), Some(predicate)) = (subject, self.iri(predicate.into_string()).node)
        else {
            return true;
        };
        let object = match object {
            Term::NamedNode(node) => self.iri(node.into_string()).object,
            Term::Literal(literal) => {
                let literal = self.literal(literal);
                self.id(literal.into())
            }
            other => self.id(other),
        };
        self.triples.push([subject, predicate, object]);
        self.triples.len() < MAX_TRIPLES
    }

    pub fn len(&self) -> usize {
        self.triples.len()
    }

    /// Forgets the triples that came after the first `length`.
    pub fn truncate(&mut self, length: usize) {
        self.triples.truncate(length);
        if let Some(names) = &mut self.names {
            names.truncate(length);
        }
    }

    /// The subjects of the last triples from `start` on: blank nodes, and the node before them that has a name.
    pub fn last_subjects(&self, start: usize) -> Vec<Term> {
        const LOOKED_AT: usize = 64;
        let mut found: Vec<u32> = Vec::new();
        let tail = self.triples.get(start..).unwrap_or_default();
        let mut named = None;
        let blank = |id: u32| self.blank.get(id as usize).copied().unwrap_or(false);
        for [subject, _, _] in tail.iter().rev().take(LOOKED_AT) {
            if blank(*subject) {
                found.push(*subject);
            } else {
                named = Some(*subject);
                break;
            }
        }
        found.extend(named);
        found.sort_unstable();
        found.dedup();
        let terms: Vec<Term> = self
            .ids
            .iter()
            .filter(|(_, id)| found.binary_search(id).is_ok())
            .map(|(term, _)| term.clone())
            .collect();
        terms
    }

    fn id(&mut self, term: Term) -> u32 {
        let next = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        let blank = matches!(term, Term::BlankNode(_));
        let id = *self.ids.entry(term).or_insert(next);
        if id == next && self.blank.len() <= id as usize {
            self.blank.push(blank);
        }
        id
    }

    fn iri(&mut self, iri: String) -> Resolved {
        if let Some(known) = self.iris.get(&iri) {
            return *known;
        }
        let resolved = self.resolve(&iri);
        self.iris.insert(iri, resolved);
        resolved
    }

    fn resolve(&mut self, iri: &str) -> Resolved {
        if let Some((node, repair)) = meant(iri) {
            if let Some(message) = repair {
                self.note_repair(iri, message);
            }
            return self.named(node);
        }
        self.notes.add("iri/malformed", Severity::Warning, |mut finding| {
            finding.message = "this is no IRI, even repaired: what it says of others is kept as text, what is said of it is left out".to_owned();
            finding.value(iri)
        });
        let text = Literal::new_typed_literal(iri, xsd::ANY_URI);
        Resolved {
            node: None,
            object: self.id(text.into()),
        }
    }

    fn named(&mut self, node: NamedNode) -> Resolved {
        let id = self.id(node.into());
        Resolved {
            node: Some(id),
            object: id,
        }
    }

    fn note_repair(&mut self, iri: &str, message: &str) {
        self.notes
            .add("iri/repaired", Severity::Info, |mut finding| {
                finding.message = message.to_owned();
                finding.value(iri)
            });
    }

    /// Parsers that forgive let tags of languages and datatypes pass that N-Quads would not take.
    fn literal(&mut self, literal: Literal) -> Literal {
        if let Some(tag) = literal.language() {
            let tag = tag.replace('_', "-");
            return Literal::new_language_tagged_literal(literal.value(), tag)
                .unwrap_or_else(|_| Literal::new_simple_literal(literal.value()));
        }
        let datatype = literal.datatype().as_str();
        if matches!(datatype, LANG_STRING | DIR_LANG_STRING) {
            return Literal::new_simple_literal(literal.value());
        }
        if check_iri(datatype).is_some() && prefixes::expand(datatype).is_none() {
            return literal;
        }
        let meant = prefixes::expand(datatype).unwrap_or_else(|| datatype.to_owned());
        match repair_iri(&meant) {
            Ok((node, _)) => Literal::new_typed_literal(literal.value(), node),
            Err(_) => Literal::new_simple_literal(literal.value()),
        }
    }

    pub fn build(self) -> (Graph, Notes, Vec<Fault>) {
        let mut numbered: Vec<(Term, u32)> = self.ids.into_iter().collect();
        numbered.sort_unstable_by_key(|(_, id)| *id);
        let terms: Vec<Term> = numbered.into_iter().map(|(term, _)| term).collect();
        let mut triples = self.triples;
        // RDF/XML has no graphs to name.
        let quads = self.names.map_or_else(Vec::new, |names| {
            let names = names.into_iter().chain(std::iter::repeat(None));
            triples.iter().copied().zip(names).collect()
        });
        triples.sort_unstable();
        triples.dedup();
        let mut starts = Vec::with_capacity(terms.len() + 1);
        let mut at = 0;
        for subject in 0..=terms.len() {
            while triples
                .get(at)
                .is_some_and(|[own, _, _]| (*own as usize) < subject)
            {
                at += 1;
            }
            starts.push(at);
        }
        let graph = Graph {
            terms,
            triples,
            starts,
            quads,
        };
        (graph, self.notes, self.faults)
    }
}
