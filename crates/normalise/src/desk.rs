//! What every rule works with: an entity's triples, and a place to write findings.

use std::collections::{HashMap, HashSet};

use model::{Checksum, Entity, EntityKind, Finding, Severity, Stage};
use oxrdf::vocab::rdf;
use oxrdf::{Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term, Triple};

use crate::text::plain;
use crate::{Context, place};

/// More findings of one rule about one entity say nothing new.
const MOST_FINDINGS: usize = 200;

pub struct Desk<'a> {
    pub entity: &'a mut Entity,
    pub context: Context<'a>,
    findings: &'a mut Vec<Finding>,
    decisions: Option<&'a mut Vec<Decision>>,
    known: HashSet<(String, Option<String>, Option<String>)>,
    written: HashMap<&'static str, usize>,
}

/// What a rule made of one value that a source stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What the value is about: `licence`, `format`, `frequency`, `language`, `date`, `place`...
    pub topic: &'static str,
    pub value: String,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was understood: what it became, an IRI or a literal, and whether there is no doubt about it.
    Resolved { to: String, certain: bool },
    /// The value says that there is none: `non renseigné`, `n/a`.
    Void,
    /// It was kept as it stands, or left out.
    Unresolved,
}

/// A finding about one value.
pub struct Note {
    pub rule: &'static str,
    pub severity: Severity,
    pub message: String,
    pub hint: &'static str,
}

pub fn note(
    rule: &'static str,
    severity: Severity,
    message: impl Into<String>,
    hint: &'static str,
) -> Note {
    Note {
        rule,
        severity,
        message: message.into(),
        hint,
    }
}

impl<'a> Desk<'a> {
    pub fn new(
        entity: &'a mut Entity,
        context: Context<'a>,
        findings: &'a mut Vec<Finding>,
        decisions: Option<&'a mut Vec<Decision>>,
    ) -> Self {
        let known = findings
            .iter()
            .map(|finding| {
                (
                    finding.rule.to_string(),
                    finding.place.clone(),
                    finding.value.clone(),
                )
            })
            .collect();
        Self {
            entity,
            context,
            findings,
            decisions,
            known,
            written: HashMap::new(),
        }
    }

    /// Writes a finding about a value of a property; once for the same rule, place and value.
    pub fn find(&mut self, note: Note, subject: &str, predicate: NamedNodeRef<'_>, value: &str) {
        let written = self.written.entry(note.rule).or_default();
        *written += 1;
        if *written > MOST_FINDINGS {
            return;
        }
        let mut finding = Finding::new(note.rule, note.severity, Stage::Normalise, note.message)
            .record(self.context.record)
            .hint(note.hint);
        if !value.is_empty() {
            finding = finding.value(value);
        }
        finding.node = self.node_of(subject);
        finding.property = Some(predicate.as_str().to_owned().into());
        if let Some(place) = place::of(self.entity, subject, predicate) {
            finding = finding.place(place);
        }
        let key = (
            finding.rule.to_string(),
            finding.place.clone(),
            finding.value.clone(),
        );
        if self.known.insert(key) {
            self.findings.push(finding);
        }
    }

    /// How a finding names the node: none for the entity of the record.
    fn node_of(&self, subject: &str) -> Option<String> {
        match subject.strip_prefix(self.entity.iri.as_str()) {
            _ if self.entity.kind == EntityKind::Organisation => Some(subject.to_owned()),
            Some("") => None,
            Some(rest) if rest.starts_with('#') => Some(rest.to_owned()),
            _ => Some(subject.to_owned()),
        }
    }

    /// Notes what became of a value, where somebody wants to know.
    pub fn decide(&mut self, topic: &'static str, value: &str, outcome: impl FnOnce() -> Outcome) {
        if let Some(decisions) = &mut self.decisions {
            decisions.push(Decision {
                topic,
                value: value.to_owned(),
                outcome: outcome(),
            });
        }
    }

    /// Whether any triple has one of these predicates: most rules have nothing to do on most entities.
    pub fn has(&self, predicates: &[NamedNodeRef<'_>]) -> bool {
        self.entity
            .triples
            .iter()
            .any(|triple| predicates.contains(&triple.predicate.as_ref()))
    }

    /// Takes the triples out of the entity that satisfy the condition, in their order.
    pub fn take(&mut self, wanted: impl Fn(&Triple) -> bool) -> Vec<Triple> {
        self.entity
            .triples
            .extract_if(.., |triple| wanted(triple))
            .collect()
    }

    pub fn take_all(&mut self, predicates: &[NamedNodeRef<'_>]) -> Vec<Triple> {
        self.take(|triple| predicates.contains(&triple.predicate.as_ref()))
    }

    /// Like [`Desk::take_all`], only the triples whose object is a literal.
    pub fn take_literals(&mut self, predicates: &[NamedNodeRef<'_>]) -> Vec<Triple> {
        self.take(|triple| {
            matches!(triple.object, Term::Literal(_))
                && predicates.contains(&triple.predicate.as_ref())
        })
    }

    /// The triples with a predicate, a list for each subject.
    pub fn take_by_subject(&mut self, predicate: NamedNodeRef<'_>) -> Vec<Vec<Triple>> {
        let mut triples = self.take_all(&[predicate]);
        triples.sort_by(|a, b| subject_of(a).cmp(subject_of(b)));
        let mut lists: Vec<Vec<Triple>> = Vec::new();
        for triple in triples {
            match lists.last_mut() {
                Some(list) if list.first().map(|first| &first.subject) == Some(&triple.subject) => {
                    list.push(triple);
                }
                _ => lists.push(vec![triple]),
            }
        }
        lists
    }

    pub fn put(&mut self, triple: Triple, object: impl Into<Term>) {
        self.entity.triples.push(Triple {
            object: object.into(),
            ..triple
        });
    }

    /// A node of the entity that stands for a value which is in no vocabulary: typed, and labelled with the value.
    pub fn own_node(
        &mut self,
        prefix: &str,
        classes: &[NamedNodeRef<'_>],
        label: NamedNodeRef<'_>,
        value: &Literal,
    ) -> NamedNode {
        let node = self
            .entity
            .node(&format!("{prefix}-{}", slug(value.value())));
        for class in classes {
            self.entity.add(&node, rdf::TYPE, class.into_owned());
        }
        self.label(&node, label, value);
        node
    }

    /// Adds a value as a text for people.
    pub fn label(&mut self, node: &NamedNode, label: NamedNodeRef<'_>, value: &Literal) {
        let mut text = plain(value.value());
        if text.is_empty() {
            text = slug(value.value());
        }
        let literal = match value.language() {
            Some(language) => Literal::new_language_tagged_literal_unchecked(text, language),
            None => Literal::new_simple_literal(text),
        };
        self.entity.add(node, label, literal);
    }
}

pub fn subject_of(triple: &Triple) -> &str {
    match &triple.subject {
        NamedOrBlankNode::NamedNode(node) => node.as_str(),
        NamedOrBlankNode::BlankNode(node) => node.as_str(),
    }
}

/// The text of a literal or the IRI of a node.
pub fn text_of(term: &Term) -> &str {
    match term {
        Term::Literal(literal) => literal.value(),
        Term::NamedNode(node) => node.as_str(),
        _ => "",
    }
}

/// What sources write to say that they say nothing.
pub fn is_void(value: &str) -> bool {
    let key = vocab::fold(value);
    // A template that nobody filled in: `{{license}}`.
    let template = value.trim();
    if template.starts_with('{') && template.ends_with('}') && !template.contains('"') {
        return true;
    }
    matches!(
        key.as_str(),
        "" | "non renseigne"
            | "non renseignee"
            | "non specifie"
            | "non specifiee"
            | "non precise"
            | "non precisee"
            | "not documented"
            | "non documente"
            | "license not specified"
            | "licence non specifiee"
            | "licence not specified"
            | "pas de licence"
            | "non definie"
            | "aucun"
            | "non defini"
            | "non communique"
            | "notspecified"
            | "not specified"
            | "unspecified"
            | "undefined"
            | "null"
            | "none"
            | "n a"
            | "na"
            | "nc"
            | "nr"
            | "nan"
            | "todo"
            | "tbd"
            | "inconnu"
            | "inconnue"
            | "unknown"
            | "sans objet"
            | "a completer"
            | "a renseigner"
            | "default"
            | "string"
    )
}

/// A short, stable name for a value.
pub fn slug(value: &str) -> String {
    let folded = vocab::fold(value).replace(' ', "-");
    if !folded.is_empty() && folded.len() <= 24 && folded.is_ascii() {
        folded
    } else {
        let hash = Checksum::of(value.trim().as_bytes()).to_string();
        hash.get(..12).unwrap_or(&hash).to_owned()
    }
}
