//! In which languages an entity is described.

use model::ns::{dcat, dcterms, foaf};
use vocab::{Scheme, Vocab};

use crate::graph::{Graph, Node, Text};

/// Languages of a record, beside its own.
const MOST: usize = 60;

/// The language of the record, and the others in which it says something.
#[derive(Debug)]
pub(crate) struct Speech<'t> {
    pub main: &'t str,
    pub others: Vec<&'t str>,
}

impl<'t> Speech<'t> {
    /// The language that the record states, or else the given one; unless the title is in neither.
    pub fn of(entity: Node<'t>, default: &'t str) -> Self {
        let stated = record(entity)
            .and_then(|record| record.value(dcterms::LANGUAGE))
            .and_then(tag);
        let titles = entity.texts(dcterms::TITLE);
        let is_said = |wanted: &&str| {
            titles
                .iter()
                .any(|title| title.language.is_none_or(|language| same(language, wanted)))
        };
        let main = [stated, Some(default)]
            .into_iter()
            .flatten()
            .find(is_said)
            .or_else(|| titles.iter().find_map(|title| title.language))
            .unwrap_or(default);
        let mut others: Vec<&str> = spoken(entity)
            .filter(|language| !same(language, main))
            .collect();
        others.sort_unstable();
        others.dedup();
        others.truncate(MOST);
        Self { main, others }
    }

    pub fn is_main(&self, text: &Text<'_>) -> bool {
        text.language
            .is_none_or(|language| same(language, self.main))
    }

    /// The text in the language of the record, else any.
    pub fn best(&self, texts: &[Text<'t>]) -> Option<&'t str> {
        texts
            .iter()
            .find(|text| self.is_main(text))
            .or(texts.first())
            .map(|text| text.value)
    }
}

/// The languages of the entity's own texts, and of the names of agents.
fn spoken<'t>(entity: Node<'t>) -> impl Iterator<Item = &'t str> {
    let graph: &'t Graph<'t> = entity.graph;
    graph
        .literals()
        .filter(move |(subject, predicate, _)| {
            *subject == entity.iri
                || graph.node(subject).is_part_of(entity)
                || *predicate == foaf::NAME.as_str()
        })
        .filter_map(|(_, _, text)| text.language)
}

/// `dcat:CatalogRecord`: what is said about the description.
pub(crate) fn record<'t>(entity: Node<'t>) -> Option<Node<'t>> {
    entity.graph.instances(dcat::CATALOG_RECORD).find(|record| {
        record
            .nodes(foaf::PRIMARY_TOPIC)
            .any(|topic| topic.iri == entity.iri)
    })
}

fn same(a: &str, b: &str) -> bool {
    let primary = |tag: &'_ str| tag.find('-').unwrap_or(tag.len());
    let (Some(a), Some(b)) = (a.get(..primary(a)), b.get(..primary(b))) else {
        return false;
    };
    a.eq_ignore_ascii_case(b)
}

/// The BCP 47 tag of a language of the EU's list.
pub(crate) fn tag(iri: &str) -> Option<&'static str> {
    let found = Vocab::bundled().scheme(Scheme::Language).by_iri(iri)?;
    let codes = &found.concept.codes;
    let shortest = codes.iter().find(|code| code.len() == 2);
    shortest.or(codes.first()).map(String::as_str)
}

/// The code of ISO 639-2 (bibliographic) of a language, by its tag or its address.
pub(crate) fn code(language: &str) -> String {
    let found = Vocab::bundled().language(language);
    let listed = found.and_then(|found| {
        let codes = &found.concept.codes;
        codes.iter().find(|code| code.len() == 3)
    });
    listed.cloned().unwrap_or_else(|| language.to_owned())
}

/// What a locale is called within a record.
pub(crate) fn locale(tag: &str) -> String {
    let letters = tag.chars().filter(char::is_ascii_alphanumeric);
    format!("L-{}", letters.collect::<String>().to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_languages() {
        for (given, wanted) in [
            ("fr", "fre"),
            ("en", "eng"),
            (
                "http://publications.europa.eu/resource/authority/language/FRA",
                "fre",
            ),
            (
                "http://publications.europa.eu/resource/authority/language/DEU",
                "ger",
            ),
            ("gsw", "gsw"),
        ] {
            assert_eq!(code(given), wanted, "{given}");
        }
    }

    #[test]
    fn the_language_of_the_record_is_one_of_its_titles() {
        let lines = "<a:s> <http://purl.org/dc/terms/title> \"Water\"@en .\n<a:s> <http://purl.org/dc/terms/title> \"Wasser\"@de .\n\
            <a:s#x> <http://purl.org/dc/terms/title> \"Eau\"@fr .\n<a:t> <http://purl.org/dc/terms/title> \"Acqua\"@it .\n";
        let graph = Graph::read(lines);
        let speech = Speech::of(graph.node("a:s"), "fr");
        assert_eq!(speech.main, "de");
        assert_eq!(speech.others, ["en", "fr"]);
        assert_eq!(Speech::of(graph.node("a:s"), "en").main, "en");
        assert_eq!(Speech::of(graph.node("a:none"), "fr").main, "fr");
    }
}
