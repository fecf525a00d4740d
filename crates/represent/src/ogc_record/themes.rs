//! `themes`: the concepts of a resource, by their schemes.

use model::ns::{dcat, dcatap, geodcatap, skos};
use serde_json::{Map, Value, json};
use vocab::Vocab;

use super::MOST;
use crate::graph::{Node, end};

pub(super) fn of(node: Node<'_>, language: &str) -> Vec<Value> {
    let mut schemes: Vec<(String, Vec<Value>)> = Vec::new();
    let concepts = [dcat::THEME, dcatap::HVD_CATEGORY, geodcatap::TOPIC_CATEGORY];
    for concept in concepts
        .iter()
        .flat_map(|property| node.nodes(*property))
        .take(MOST)
    {
        let scheme = scheme_of(node, concept);
        let written = written(node, concept, language);
        let at = schemes.iter().position(|(known, _)| *known == scheme);
        match at.and_then(|at| schemes.get_mut(at)) {
            Some((_, concepts)) if concepts.contains(&written) => {}
            Some((_, concepts)) => concepts.push(written),
            None => schemes.push((scheme, vec![written])),
        }
    }
    schemes
        .into_iter()
        .map(|(scheme, concepts)| json!({ "concepts": concepts, "scheme": scheme }))
        .collect()
}

fn written(node: Node<'_>, concept: Node<'_>, language: &str) -> Value {
    let address = match concept.is_part_of(node) {
        true => concept.first(skos::EXACT_MATCH).map(|other| other.iri),
        false => Some(concept.iri),
    };
    let label = concept.label(language);
    let code = Vocab::bundled()
        .concept(concept.iri)
        .map(|known| known.code.as_str());
    let code = code.unwrap_or_else(|| address.map_or(label, end));
    let mut written = Map::new();
    written.insert("id".into(), json!(code));
    written.insert("title".into(), json!(label));
    written.extend(address.map(|address| ("url".to_owned(), json!(address))));
    Value::Object(written)
}

/// The address of the scheme: what the record says, what the vocabulary says, else what the addresses of its concepts begin with.
fn scheme_of(node: Node<'_>, concept: Node<'_>) -> String {
    if let Some(scheme) = concept.first(skos::IN_SCHEME) {
        return match scheme.is_part_of(node) {
            true => scheme.label("fr").to_owned(),
            false => scheme.iri.to_owned(),
        };
    }
    let vocab = Vocab::bundled();
    let listed = vocab
        .concept(concept.iri)
        .and_then(|known| vocab.scheme(known.scheme).iri.as_ref());
    if let Some(scheme) = listed {
        return scheme.as_str().to_owned();
    }
    let stem = concept.iri.strip_suffix(end(concept.iri));
    stem.unwrap_or(concept.iri)
        .trim_end_matches(['/', '#'])
        .to_owned()
}
