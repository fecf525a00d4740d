//! What changes of an entity between two versions of its graph.

use std::collections::HashSet;

use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Term, Triple};

use crate::GraphError;

/// The difference between two versions of an entity.
///
/// Within one change the removals come first: a triple that is in both lists is in the store afterwards. It matters,
/// since the store rewrites typed literals (`"1"^^xsd:nonNegativeInteger` becomes the integer 1), so that two
/// different triples may be one in the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    pub remove: Vec<Triple>,
    pub insert: Vec<Triple>,
}

impl Change {
    pub fn is_empty(&self) -> bool {
        self.remove.is_empty() && self.insert.is_empty()
    }
}

/// What to remove from `old`, and to insert, to have `new`.
pub fn diff(old: &[Triple], new: &[Triple]) -> Change {
    let before: HashSet<&Triple> = old.iter().collect();
    let after: HashSet<&Triple> = new.iter().collect();
    let mut change = Change {
        remove: before.difference(&after).map(|&t| t.clone()).collect(),
        insert: after.difference(&before).map(|&t| t.clone()).collect(),
    };
    let rewritten: HashSet<_> = rewritten(&change.remove).collect();
    if !rewritten.is_empty() {
        // A triple that stays may be, in the store, the one that is removed: it is inserted again.
        change.insert.extend(
            before
                .intersection(&after)
                .filter(|t| is_rewritten(t) && rewritten.contains(&(&t.subject, &t.predicate)))
                .map(|&t| t.clone()),
        );
    }
    change
}

/// As [`diff`], of two texts of sorted N-Triples without duplicates; only the lines that differ are parsed.
pub fn diff_sorted(old: &str, new: &str) -> Result<Change, GraphError> {
    let (mut removed, mut inserted) = (Vec::new(), Vec::new());
    let (mut before, mut after) = (old.lines().peekable(), new.lines().peekable());
    loop {
        match (before.peek(), after.peek()) {
            (None, None) => break,
            (Some(a), Some(b)) if a == b => {
                before.next();
                after.next();
            }
            (Some(a), Some(b)) if a < b => removed.extend(before.next()),
            (Some(_), None) => removed.extend(before.next()),
            _ => inserted.extend(after.next()),
        }
    }
    let mut change = Change {
        remove: parse(&removed)?,
        insert: parse(&inserted)?,
    };
    let kept: Vec<&str> = change
        .remove
        .iter()
        .filter(|t| is_rewritten(t))
        .flat_map(|t| {
            let prefix = format!("{} {} ", t.subject, t.predicate);
            new.lines()
                .filter(move |line| line.starts_with(&prefix))
                .collect::<Vec<_>>()
        })
        .collect();
    change.insert.extend(parse(&kept)?);
    Ok(change)
}

fn rewritten(
    triples: &[Triple],
) -> impl Iterator<
    Item = (
        &oxigraph::model::NamedOrBlankNode,
        &oxigraph::model::NamedNode,
    ),
> {
    triples
        .iter()
        .filter(|t| is_rewritten(t))
        .map(|t| (&t.subject, &t.predicate))
}

/// Whether the store may keep the object in another form.
fn is_rewritten(triple: &Triple) -> bool {
    matches!(&triple.object, Term::Literal(literal)
        if literal.language().is_none() && literal.datatype() != xsd::STRING && literal.datatype().as_str().starts_with(XSD))
}

fn parse(lines: &[&str]) -> Result<Vec<Triple>, GraphError> {
    let mut triples = Vec::with_capacity(lines.len());
    for (number, line) in lines.iter().enumerate() {
        for quad in RdfParser::from_format(RdfFormat::NTriples).for_slice(line) {
            triples.push(Triple::from(quad.map_err(|error| GraphError::Syntax {
                line: number + 1,
                message: error.to_string(),
            })?));
        }
    }
    Ok(triples)
}

const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "<https://a.example/1> <https://a.example/p> \"1\"^^<http://www.w3.org/2001/XMLSchema#integer> .\n\
        <https://a.example/1> <https://a.example/p> \"1\"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger> .\n\
        <https://a.example/1> <https://a.example/q> \"x\" .\n";
    const NEW: &str = "<https://a.example/1> <https://a.example/p> \"1\"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger> .\n\
        <https://a.example/1> <https://a.example/q> \"y\"@fr .\n";

    fn triples(text: &str) -> Vec<Triple> {
        parse(&text.lines().collect::<Vec<_>>()).expect("N-Triples")
    }

    fn sorted(mut triples: Vec<Triple>) -> Vec<String> {
        triples.dedup();
        let mut lines: Vec<_> = triples.iter().map(ToString::to_string).collect();
        lines.sort();
        lines
    }

    #[test]
    fn both_ways_find_the_same_difference() {
        let by_terms = diff(&triples(OLD), &triples(NEW));
        let by_lines = diff_sorted(OLD, NEW).expect("N-Triples");
        assert_eq!(by_terms.remove.len(), 2);
        assert_eq!(sorted(by_terms.remove), sorted(by_lines.remove));
        assert_eq!(sorted(by_terms.insert), sorted(by_lines.insert));
    }

    #[test]
    fn what_stays_and_may_be_the_same_in_the_store_is_inserted_again() {
        let change = diff_sorted(OLD, NEW).expect("N-Triples");
        assert!(
            change
                .insert
                .iter()
                .any(|t| t.to_string().contains("nonNegativeInteger"))
        );
    }

    #[test]
    fn equal_texts_differ_in_nothing_and_bad_ones_are_named() {
        assert!(diff_sorted(OLD, OLD).expect("N-Triples").is_empty());
        assert!(diff(&triples(OLD), &triples(OLD)).is_empty());
        assert!(matches!(
            diff_sorted("", "no triple"),
            Err(GraphError::Syntax { .. })
        ));
    }
}
