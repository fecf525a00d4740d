#![doc = include_str!("../README.md")]

mod alternatives;
mod decision;
mod described;
mod entity;
mod finding;
mod names;
mod terms;

pub use decision::decision;
pub use described::{SourceName, agents, rules, run, source};
pub use entity::{entity, owned};
pub use names::{Names, original};

use chrono::{DateTime, Utc};
use oxrdf::vocab::xsd;
use oxrdf::{Literal, NamedNode, NamedNodeRef, Term, Triple};

/// A point of time, to the second.
pub fn time(at: DateTime<Utc>) -> Literal {
    Literal::new_typed_literal(at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), xsd::DATE_TIME)
}

/// Triples in the making.
#[derive(Default)]
struct Told(Vec<Triple>);

impl Told {
    fn say(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, object: impl Into<Term>) {
        self.0
            .push(Triple::new(subject.clone(), predicate.into_owned(), object));
    }

    fn text(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, text: &str) {
        self.say(subject, predicate, Literal::new_simple_literal(cut(text)));
    }
}

/// Longer texts of sources are cut: where they stand, they are whole.
const MAX_TEXT: usize = 2_000;

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
