//! Sorted N-Triples, a line each: what the archive gives and what every format is written from.

use std::collections::HashMap;
use std::sync::OnceLock;

use model::ns::skos;
use oxrdf::{NamedNodeRef, TermRef};
use vocab::Vocab;

/// A statement as a line, without its line feed.
pub(crate) fn line<'a>(
    subject: NamedNodeRef<'_>,
    predicate: NamedNodeRef<'_>,
    object: impl Into<TermRef<'a>>,
) -> String {
    format!("{subject} {predicate} {} .", object.into())
}

/// The IRI at the end of a line, if its object is one.
pub(crate) fn object_iri(line: &str) -> Option<&str> {
    let before = line.strip_suffix("> .")?;
    let (rest, iri) = before.rsplit_once('<')?;
    // A datatype comes after `^^`; an object comes after a blank.
    rest.ends_with(' ').then_some(iri)
}

/// What the vocabularies say about a concept or a scheme, as lines.
pub(crate) fn concept(iri: &str) -> &'static [String] {
    static CONCEPTS: OnceLock<HashMap<String, Vec<String>>> = OnceLock::new();
    let concepts = CONCEPTS.get_or_init(|| {
        let mut concepts: HashMap<String, Vec<String>> = HashMap::new();
        for triple in Vocab::bundled().triples() {
            if let oxrdf::NamedOrBlankNode::NamedNode(subject) = &triple.subject {
                let lines = concepts.entry(subject.as_str().to_owned()).or_default();
                lines.push(format!("{triple} ."));
            }
        }
        concepts
    });
    concepts.get(iri).map_or(&[], Vec::as_slice)
}

/// Adds what the vocabularies say about the concepts that lines point at, and about the schemes of those.
pub(crate) fn with_concepts(lines: &mut Vec<String>) {
    let mut wanted: Vec<&str> = lines.iter().filter_map(|line| object_iri(line)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut described: Vec<&'static String> = wanted.into_iter().flat_map(concept).collect();
    let in_scheme = skos::IN_SCHEME.to_string();
    let mut schemes: Vec<&'static str> = described
        .iter()
        .filter(|line| line.contains(&in_scheme))
        .filter_map(|line| object_iri(line))
        .collect();
    schemes.sort_unstable();
    schemes.dedup();
    described.extend(schemes.into_iter().flat_map(concept));
    lines.extend(described.into_iter().cloned());
}

/// The lines as one text: sorted, each once.
pub(crate) fn joined(mut lines: Vec<String>) -> String {
    lines.sort_unstable();
    lines.dedup();
    let mut text = String::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_of_a_line() {
        let cases = [
            ("<a:s> <a:p> <a:o> .", Some("a:o")),
            ("<a:s> <a:p> \"x\"^^<a:datatype> .", None),
            ("<a:s> <a:p> \"see <a:o>\" .", None),
            ("<a:s> <a:p> \"a < b\"^^<a:datatype> .", None),
            ("<a:s> <a:p> \"x\"@fr .", None),
            ("", None),
        ];
        for (line, object) in cases {
            assert_eq!(object_iri(line), object, "{line}");
        }
    }

    #[test]
    fn a_concept_comes_with_its_scheme() {
        let theme = "http://publications.europa.eu/resource/authority/data-theme/ENVI";
        let mut lines = vec![format!("<a:s> <a:p> <{theme}> .")];
        with_concepts(&mut lines);
        assert!(
            lines
                .iter()
                .any(|line| line.starts_with(&format!("<{theme}>")) && line.ends_with("@fr ."))
        );
        let scheme = "<http://publications.europa.eu/resource/authority/data-theme> ";
        assert!(lines.iter().any(|line| line.starts_with(scheme)));
    }
}
