//! The graph of an entity, read from the archive's lines without a copy.

use std::borrow::Cow;

use model::ns::{dcterms, foaf, rdfs, skos};
use oxrdf::NamedNodeRef;
use oxrdf::vocab::{rdf, xsd};
use vocab::Vocab;

/// Statements, sorted by subject and predicate.
#[derive(Debug, Default)]
pub struct Graph<'t> {
    triples: Vec<(&'t str, &'t str, Object<'t>)>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object<'t> {
    Iri(&'t str),
    Literal {
        value: Cow<'t, str>,
        language: Option<&'t str>,
        datatype: &'t str,
    },
}

impl<'t> Graph<'t> {
    /// Reads N-Triples as this program writes them: a statement a line, without blank nodes. What is no such line says nothing.
    pub fn read(lines: &'t str) -> Self {
        let mut triples: Vec<_> = lines.lines().filter_map(statement).collect();
        triples.sort();
        triples.dedup();
        Self { triples }
    }

    pub fn node(&'t self, iri: &'t str) -> Node<'t> {
        Node { graph: self, iri }
    }

    /// Every subject that is of a class.
    pub fn instances(&'t self, class: NamedNodeRef<'static>) -> impl Iterator<Item = Node<'t>> {
        self.triples
            .iter()
            .filter(move |(_, predicate, object)| {
                *predicate == rdf::TYPE.as_str()
                    && matches!(object, Object::Iri(iri) if *iri == class.as_str())
            })
            .map(|(subject, _, _)| self.node(subject))
    }

    /// Every text, with its subject and its predicate.
    pub(crate) fn literals(&'t self) -> impl Iterator<Item = (&'t str, &'t str, Text<'t>)> {
        self.triples
            .iter()
            .filter_map(|(subject, predicate, object)| Some((*subject, *predicate, object.text()?)))
    }

    fn of(&'t self, subject: &str, predicate: &str) -> &'t [(&'t str, &'t str, Object<'t>)] {
        let wanted = (subject, predicate);
        let begin = self
            .triples
            .partition_point(|(subject, predicate, _)| (*subject, *predicate) < wanted);
        let rest = self.triples.get(begin..).unwrap_or_default();
        let end = rest.partition_point(|(subject, predicate, _)| (*subject, *predicate) == wanted);
        rest.get(..end).unwrap_or_default()
    }
}

/// A node of the graph.
#[derive(Debug, Clone, Copy)]
pub struct Node<'t> {
    pub graph: &'t Graph<'t>,
    pub iri: &'t str,
}

/// A text and its language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text<'t> {
    pub value: &'t str,
    pub language: Option<&'t str>,
}

impl<'t> Node<'t> {
    pub fn objects(self, predicate: NamedNodeRef<'_>) -> impl Iterator<Item = &'t Object<'t>> {
        self.graph
            .of(self.iri, predicate.as_str())
            .iter()
            .map(|(_, _, object)| object)
    }

    pub fn nodes(self, predicate: NamedNodeRef<'_>) -> impl Iterator<Item = Node<'t>> {
        self.objects(predicate)
            .filter_map(move |object| match object {
                Object::Iri(iri) => Some(self.graph.node(iri)),
                Object::Literal { .. } => None,
            })
    }

    pub fn first(self, predicate: NamedNodeRef<'_>) -> Option<Node<'t>> {
        self.nodes(predicate).next()
    }

    /// The first value: an IRI or a literal.
    pub fn value(self, predicate: NamedNodeRef<'_>) -> Option<&'t str> {
        self.objects(predicate).next().map(Object::as_str)
    }

    pub(crate) fn texts(self, predicate: NamedNodeRef<'_>) -> Vec<Text<'t>> {
        self.objects(predicate).filter_map(Object::text).collect()
    }

    pub fn is(self, class: NamedNodeRef<'_>) -> bool {
        self.nodes(rdf::TYPE).any(|node| node.iri == class.as_str())
    }

    /// Whether the graph says anything of it.
    pub fn is_described(self) -> bool {
        let at = self
            .graph
            .triples
            .partition_point(|(subject, _, _)| *subject < self.iri);
        self.graph
            .triples
            .get(at)
            .is_some_and(|(subject, _, _)| *subject == self.iri)
    }

    /// Whether it is a part of this entity.
    pub fn is_part_of(self, entity: Node<'_>) -> bool {
        self.iri
            .strip_prefix(entity.iri)
            .is_some_and(|rest| rest.starts_with('#'))
    }

    /// What it is called, in each language.
    pub(crate) fn names(self) -> Vec<Text<'t>> {
        [skos::PREF_LABEL, rdfs::LABEL, dcterms::TITLE, foaf::NAME]
            .iter()
            .map(|predicate| self.texts(*predicate))
            .find(|texts| !texts.is_empty())
            .unwrap_or_default()
    }

    /// What it is called in a language: in the graph, else in the vocabularies, else in any language; else the end of its IRI.
    pub(crate) fn label(self, language: &str) -> &'t str {
        let names = self.names();
        let in_language = names.iter().find(|name| name.language == Some(language));
        if let Some(name) = in_language.or(names.first()) {
            return name.value;
        }
        match Vocab::bundled().concept(self.iri) {
            Some(concept) => match language {
                "en" => concept.en.as_deref().unwrap_or_else(|| concept.label()),
                _ => concept.label(),
            },
            None => end(self.iri),
        }
    }
}

impl<'t> Object<'t> {
    pub fn as_str(&'t self) -> &'t str {
        match self {
            Self::Iri(iri) => iri,
            Self::Literal { value, .. } => value,
        }
    }

    pub(crate) fn text(&'t self) -> Option<Text<'t>> {
        match self {
            Self::Iri(_) => None,
            Self::Literal {
                value, language, ..
            } => Some(Text {
                value,
                language: *language,
            }),
        }
    }
}

/// What follows the last `/` or `#`.
pub(crate) fn end(iri: &str) -> &str {
    iri.rsplit(['/', '#'])
        .find(|part| !part.is_empty())
        .unwrap_or(iri)
}

fn statement(line: &str) -> Option<(&str, &str, Object<'_>)> {
    let rest = line.strip_prefix('<')?;
    let (subject, rest) = rest.split_once("> <")?;
    let (predicate, rest) = rest.split_once("> ")?;
    let object = rest.strip_suffix(" .")?;
    if let Some(iri) = object.strip_prefix('<') {
        return Some((subject, predicate, Object::Iri(iri.strip_suffix('>')?)));
    }
    let object = object.strip_prefix('"')?;
    // Quotes within are escaped: the last one ends the text.
    let (value, after) = object.rsplit_once('"')?;
    let (language, datatype) = match after {
        "" => (None, xsd::STRING.as_str()),
        _ => match after.strip_prefix('@') {
            Some(tag) => (Some(tag), rdf::LANG_STRING.as_str()),
            None => (None, after.strip_prefix("^^<")?.strip_suffix('>')?),
        },
    };
    let object = Object::Literal {
        value: unescape(value)?,
        language,
        datatype,
    };
    Some((subject, predicate, object))
}

/// <https://www.w3.org/TR/n-triples/#grammar-production-ECHAR>
fn unescape(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut chars = after.chars();
        let digits = match chars.next()? {
            't' => {
                plain.push('\t');
                0
            }
            'b' => {
                plain.push('\u{8}');
                0
            }
            'n' => {
                plain.push('\n');
                0
            }
            'r' => {
                plain.push('\r');
                0
            }
            'f' => {
                plain.push('\u{c}');
                0
            }
            'u' => 4,
            'U' => 8,
            c @ ('"' | '\'' | '\\') => {
                plain.push(c);
                0
            }
            _ => return None,
        };
        if digits > 0 {
            let number = u32::from_str_radix(after.get(1..=digits)?, 16).ok()?;
            plain.push(char::from_u32(number)?);
        }
        rest = after.get(1 + digits..)?;
    }
    plain.push_str(rest);
    Some(Cow::Owned(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_store_writes_is_read_again() {
        for text in [
            "",
            "a \"b\" \\ c",
            "é\n\t\r\u{8}\u{c}",
            "\" .",
            "x\"@fr",
            "\\u00e9 \u{1}",
        ] {
            let literal = oxrdf::Literal::new_language_tagged_literal(text, "fr").unwrap();
            let line = format!("<a:s> <a:p> {literal} .");
            let (subject, predicate, object) = statement(&line).unwrap();
            assert_eq!((subject, predicate), ("a:s", "a:p"));
            assert_eq!(object.as_str(), text);
            assert_eq!(object.text().unwrap().language, Some("fr"));
        }
        for line in [
            "",
            "<a> <b>",
            "<a> <b> <c .",
            "<a> <b> \"x",
            "_:a <b> <c> .",
            "<a> <b> \"\\q\" .",
        ] {
            assert_eq!(statement(line), None, "{line}");
        }
    }

    #[test]
    fn values_of_a_property_are_found_among_others() {
        let lines = "<a:s> <http://purl.org/dc/terms/title> \"b\"@fr .\n<a:s> <http://purl.org/dc/terms/title> \"a\"@en .\n\
            <a:s> <http://purl.org/dc/terms/titles> \"c\" .\n<a:r> <http://purl.org/dc/terms/title> \"d\" .\n";
        let graph = Graph::read(lines);
        let texts = graph.node("a:s").texts(dcterms::TITLE);
        assert_eq!(
            texts.iter().map(|text| text.value).collect::<Vec<_>>(),
            ["a", "b"]
        );
        assert!(graph.node("a:z").value(dcterms::TITLE).is_none());
    }
}
