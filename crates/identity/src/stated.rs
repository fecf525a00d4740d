//! What a record states of its dataset, in the words of DCAT.

use model::Entity;
use model::ns::{adms, dcat, dcterms, foaf, locn, skos};
use oxrdf::{NamedNodeRef, NamedOrBlankNode, Term, Triple};
use vocab::organisation::siren_or_siret;

use crate::extent::Extent;
use crate::facts::MOST;
use crate::text::Text;
use crate::title::fold_title;

/// The triples of an entity.
pub(crate) struct Graph<'a>(pub(crate) &'a [Triple]);

impl<'a> Graph<'a> {
    pub(crate) fn objects(
        &self,
        subject: &'a str,
        predicate: NamedNodeRef<'a>,
    ) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |triple| {
                triple.predicate.as_ref() == predicate
                    && matches!(&triple.subject, NamedOrBlankNode::NamedNode(node) if node.as_str() == subject)
            })
            .map(|triple| match &triple.object {
                Term::NamedNode(node) => node.as_str(),
                Term::Literal(literal) => literal.value(),
                Term::BlankNode(node) => node.as_str(),
            })
    }
}
pub(crate) fn title(graph: &Graph<'_>, iri: &str) -> String {
    // Of titles in several languages the least is the same on every portal.
    graph
        .objects(iri, dcterms::TITLE)
        .map(fold_title)
        .min()
        .unwrap_or_default()
}

pub(crate) fn text(
    graph: &Graph<'_>,
    iri: &str,
    title: &str,
    publisher: &[&str],
) -> (Text, Option<u64>) {
    // Of several languages the least, as of titles.
    let text = graph.objects(iri, dcterms::DESCRIPTION).min();
    let publisher: Vec<String> = publisher.iter().map(|name| fold_title(name)).collect();
    let known: Vec<&str> = publisher
        .iter()
        .map(String::as_str)
        .chain([title])
        .collect();
    Text::of(text.unwrap_or_default(), &known)
}

/// The name of the organisation, as it is written, and its SIREN.
pub(crate) fn publisher(
    graph: &Graph<'_>,
    iri: &str,
    agents: &[Entity],
) -> (String, Option<String>) {
    let Some(publisher) = [dcterms::PUBLISHER, dcterms::CREATOR]
        .into_iter()
        .find_map(|predicate| graph.objects(iri, predicate).min())
    else {
        return (String::new(), None);
    };
    let Some(agent) = agents.iter().find(|agent| agent.iri.as_str() == publisher) else {
        return (publisher.to_owned(), None);
    };
    let said = Graph(&agent.triples);
    let name = said.objects(publisher, foaf::NAME).min();
    let siren = said
        .objects(publisher, adms::IDENTIFIER)
        .flat_map(|node| said.objects(node, skos::NOTATION))
        .filter_map(siren_or_siret)
        .filter_map(|number| number.get(..9).map(str::to_owned))
        .min();
    (name.unwrap_or(publisher).to_owned(), siren)
}

pub(crate) fn period(graph: &Graph<'_>, iri: &str) -> Option<[String; 2]> {
    let nodes: Vec<&str> = graph.objects(iri, dcterms::TEMPORAL).take(MOST).collect();
    let day = |predicate: NamedNodeRef<'static>| {
        let days = nodes.iter().flat_map(move |node| graph.0.iter().filter(move |triple| {
            triple.predicate.as_ref() == predicate
                && matches!(&triple.subject, NamedOrBlankNode::NamedNode(subject) if subject.as_str() == *node)
        }));
        days.filter_map(|triple| match &triple.object {
            Term::Literal(literal) => Some(literal.value().chars().take(10).collect::<String>()),
            _ => None,
        })
    };
    let first = day(dcat::START_DATE).min();
    let last = day(dcat::END_DATE).max();
    match (first, last) {
        (None, None) => None,
        (first, last) => Some([first.unwrap_or_default(), last.unwrap_or_default()]),
    }
}

pub(crate) fn extent(graph: &Graph<'_>, iri: &str) -> Option<Extent> {
    graph
        .objects(iri, dcterms::SPATIAL)
        .take(MOST)
        .flat_map(|node| {
            [dcat::BBOX, locn::GEOMETRY]
                .into_iter()
                .find_map(|predicate| graph.objects(node, predicate).find_map(Extent::of_wkt))
        })
        .reduce(Extent::with)
}
