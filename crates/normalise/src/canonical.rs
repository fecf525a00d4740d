//! One way to write each value, and each triple once: what a store would write the same way again.

use std::str::FromStr;

use oxrdf::vocab::xsd;
use oxrdf::{Literal, NamedNodeRef, NamedOrBlankNode, Term, Triple};
use oxsdatatypes::{
    Boolean, Date, DateTime, DayTimeDuration, Decimal, Double, Duration, Float, GYear, GYearMonth,
    Integer, Time, YearMonthDuration,
};

use crate::desk::Desk;

/// Gives typed literals their canonical lexical form. What is not in the lexical space of its type is left alone.
pub fn literals(desk: &mut Desk<'_>) {
    for triple in &mut desk.entity.triples {
        if let Term::Literal(literal) = &mut triple.object
            && literal.language().is_none()
            && literal.datatype() != xsd::STRING
            && let Some(canonical) = canonical(literal.value(), literal.datatype())
            && canonical != literal.value()
        {
            *literal = Literal::new_typed_literal(canonical, literal.datatype());
        }
    }
}

/// Integer types: a store keeps their values, and the type is ours to keep.
const INTEGERS: [NamedNodeRef<'static>; 5] = [
    xsd::INTEGER,
    xsd::NON_NEGATIVE_INTEGER,
    xsd::POSITIVE_INTEGER,
    xsd::INT,
    xsd::LONG,
];

pub fn canonical(value: &str, datatype: NamedNodeRef<'_>) -> Option<String> {
    fn form<T: FromStr + ToString>(value: &str) -> Option<String> {
        value.parse::<T>().ok().map(|value| value.to_string())
    }
    let value = value.trim();
    match datatype {
        integer if INTEGERS.contains(&integer) => form::<Integer>(value),
        xsd::DECIMAL => form::<Decimal>(value),
        xsd::DOUBLE => form::<Double>(value),
        xsd::FLOAT => form::<Float>(value),
        xsd::BOOLEAN => form::<Boolean>(value),
        xsd::DATE_TIME => form::<DateTime>(value),
        xsd::DATE => form::<Date>(value),
        xsd::TIME => form::<Time>(value),
        xsd::G_YEAR => form::<GYear>(value),
        xsd::G_YEAR_MONTH => form::<GYearMonth>(value),
        xsd::DURATION => form::<Duration>(value),
        xsd::DAY_TIME_DURATION => form::<DayTimeDuration>(value),
        xsd::YEAR_MONTH_DURATION => form::<YearMonthDuration>(value),
        _ => None,
    }
}

/// Sorts by subject, predicate and object, and leaves each triple once.
pub fn sort(triples: &mut Vec<Triple>) {
    triples.sort_unstable_by(|a, b| {
        subject(&a.subject)
            .cmp(subject(&b.subject))
            .then_with(|| a.predicate.as_str().cmp(b.predicate.as_str()))
            .then_with(|| object(&a.object).cmp(&object(&b.object)))
    });
    triples.dedup();
}

fn subject(subject: &NamedOrBlankNode) -> &str {
    match subject {
        NamedOrBlankNode::NamedNode(node) => node.as_str(),
        NamedOrBlankNode::BlankNode(node) => node.as_str(),
    }
}

fn object(object: &Term) -> (u8, &str, &str, &str) {
    match object {
        Term::NamedNode(node) => (0, node.as_str(), "", ""),
        Term::Literal(literal) => (
            1,
            literal.value(),
            literal.language().unwrap_or(""),
            literal.datatype().as_str(),
        ),
        _ => (2, "", "", ""),
    }
}
