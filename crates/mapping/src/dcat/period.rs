//! Periods: of Dublin Core, schema.org, OWL-Time, or in one text.

use model::ns::{dcat, dcterms};
use oxrdf::vocab::{rdf, rdfs};
use oxrdf::{NamedNode, NamedNodeRef, Term};

use super::Mapping;
use super::graph::{Node, node};
use super::terms::Role;
use crate::draft::short_hash;

/// Where an instant of OWL-Time says when it is.
const INSTANTS: [&str; 8] = [
    "http://www.w3.org/2006/time#inXSDDate",
    "http://www.w3.org/2006/time#inXSDDateTimeStamp",
    "http://www.w3.org/2006/time#inXSDDateTime",
    "http://www.w3.org/2006/time#inXSDgYearMonth",
    "http://www.w3.org/2006/time#inXSDgYear",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#value",
    "http://www.w3.org/2000/01/rdf-schema#label",
    "http://www.w3.org/2006/time#year",
];

/// Bounds in other words than the table has.
const STARTS: [&str; 4] = [
    "http://www.w3.org/2006/time#hasBeginning",
    "http://purl.org/NET/scovo#min",
    "http://purl.org/dc/terms/start",
    "http://purl.org/dc/terms/startDate",
];
const ENDS: [&str; 4] = [
    "http://www.w3.org/2006/time#hasEnd",
    "http://purl.org/NET/scovo#max",
    "http://purl.org/dc/terms/end",
    "http://purl.org/dc/terms/endDate",
];
const DATED: [&str; 4] = [
    "http://www.w3.org/ns/dcat#startDate",
    "http://www.w3.org/ns/dcat#endDate",
    "http://schema.org/startDate",
    "http://schema.org/endDate",
];

impl Mapping<'_> {
    pub(super) fn temporal(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: &Term,
    ) {
        let described = match object {
            Term::Literal(literal) => {
                return self.period_of_text(subject, predicate, literal.value(), object);
            }
            _ => node(object),
        };
        let Some(described) = described else { return };
        if !self.graph.describes(&described)
            || (matches!(described, Node::NamedNode(_)) && self.only_named(&described))
        {
            if let Term::NamedNode(iri) = object {
                self.foreign(subject, predicate, iri);
            }
            return;
        }
        let known = self.current.own.contains_key(&described);
        let own = self.own_node(
            &described,
            "period",
            &[dcterms::PERIOD_OF_TIME],
            Role::Resource,
        );
        let Some(own) = own else { return };
        self.add(subject, predicate, own.clone());
        if known
            || self
                .graph
                .of(&described)
                .iter()
                .any(|(predicate, _)| DATED.contains(&predicate.as_str()))
        {
            return;
        }
        for (bound, names) in [(dcat::START_DATE, STARTS), (dcat::END_DATE, ENDS)] {
            if let Some(date) = names.iter().find_map(|name| self.bound(&described, name)) {
                self.add_text(&own, bound, &date);
            }
        }
    }

    fn bound(&self, period: &Node, name: &str) -> Option<String> {
        self.graph
            .of(period)
            .iter()
            .filter(|(predicate, _)| predicate.as_str() == name)
            .find_map(|(_, object)| match object {
                Term::Literal(_) => self.text_of(object),
                _ => self.instant(&node(object)?),
            })
    }

    /// When an instant is.
    pub(super) fn instant(&self, instant: &Node) -> Option<String> {
        INSTANTS.iter().find_map(|name| {
            self.graph
                .objects(instant, name)
                .find(|object| matches!(object, Term::Literal(_)))
                .and_then(|object| self.text_of(object))
        })
    }

    /// `2010/2015`, `start=2010; end=2015`, `2010`; another text is what the period is called.
    fn period_of_text(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        text: &str,
        object: &Term,
    ) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if text.starts_with("{{") {
            return self.template(subject, text);
        }
        let own = self
            .current
            .entity
            .node(&format!("period-{}", short_hash(text)));
        self.add(subject, predicate, own.clone());
        self.add(&own, rdf::TYPE, dcterms::PERIOD_OF_TIME.into_owned());
        match bounds(text) {
            Some((start, end)) => {
                for (bound, date) in [(dcat::START_DATE, start), (dcat::END_DATE, end)] {
                    if let Some(date) = date {
                        self.add_text(&own, bound, date);
                    }
                }
            }
            None => self.text(&own, rdfs::LABEL, object),
        }
    }
}

fn bounds(text: &str) -> Option<(Option<&str>, Option<&str>)> {
    let side = |side: &'_ str| -> bool { !side.is_empty() && side != ".." };
    if text.contains('=') {
        let field = |name: &str| {
            text.split(';').find_map(|part| {
                let (key, value) = part.split_once('=')?;
                key.trim()
                    .eq_ignore_ascii_case(name)
                    .then_some(value.trim())
            })
        };
        let (start, end) = (field("start"), field("end"));
        return (start.is_some() || end.is_some()).then_some((start, end));
    }
    let is_date = |text: &str| {
        text.get(..4)
            .is_some_and(|year| year.bytes().all(|byte| byte.is_ascii_digit()))
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"-:.TZ+".contains(&byte))
    };
    match text.split_once('/') {
        Some((start, end)) => {
            let (start, end) = (start.trim(), end.trim());
            let good = |text: &str| !side(text) || is_date(text);
            (good(start) && good(end) && (side(start) || side(end))).then_some((
                Some(start).filter(|text| side(text)),
                Some(end).filter(|text| side(text)),
            ))
        }
        None => is_date(text).then_some((Some(text), Some(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::bounds;

    #[test]
    fn periods_in_one_text() {
        assert_eq!(bounds("2010/2015"), Some((Some("2010"), Some("2015"))));
        assert_eq!(bounds("2010-01-01/.."), Some((Some("2010-01-01"), None)));
        assert_eq!(
            bounds("name=x; start=2010; end=2012;"),
            Some((Some("2010"), Some("2012")))
        );
        assert_eq!(bounds("2010-05"), Some((Some("2010-05"), Some("2010-05"))));
        assert_eq!(bounds("depuis 2010"), None);
        assert_eq!(bounds("01/02/2010"), None);
        assert_eq!(bounds("/"), None);
    }
}
