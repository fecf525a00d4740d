//! The statements of a record by their subject, in an order that does not depend on how they were written.

use std::collections::{BTreeMap, HashMap};

use model::Checksum;
use oxrdf::{BlankNode, NamedNode, NamedOrBlankNode, Term};

pub(super) type Node = NamedOrBlankNode;

/// Rounds after which two blank nodes that differ are told apart by what they say: as deep as DCAT nests.
const ROUNDS: usize = 6;

#[derive(Default)]
pub(super) struct Graph {
    nodes: HashMap<Node, Vec<(NamedNode, Term)>>,
    /// What each blank node says, as a hash: labels change from one answer to the next.
    hashes: HashMap<BlankNode, Checksum>,
}

impl Graph {
    pub fn new(triples: impl IntoIterator<Item = (Node, NamedNode, Term)>) -> Self {
        let mut graph = Self::default();
        for (subject, predicate, object) in triples {
            graph
                .nodes
                .entry(subject)
                .or_default()
                .push((predicate, object));
        }
        graph.hash_blanks();
        graph.order();
        graph
    }

    pub fn of(&self, node: &Node) -> &[(NamedNode, Term)] {
        self.nodes.get(node).map_or(&[], Vec::as_slice)
    }

    pub fn describes(&self, node: &Node) -> bool {
        !self.of(node).is_empty()
    }

    pub fn objects<'g>(
        &'g self,
        node: &Node,
        predicate: &'g str,
    ) -> impl Iterator<Item = &'g Term> + use<'g> {
        self.of(node)
            .iter()
            .filter(move |(known, _)| known.as_str() == predicate)
            .map(|(_, object)| object)
    }

    /// The classes that the node is said to have.
    pub fn classes<'g>(&'g self, node: &Node) -> impl Iterator<Item = &'g str> + use<'g> {
        self.objects(node, oxrdf::vocab::rdf::TYPE.as_str())
            .filter_map(|class| match class {
                Term::NamedNode(class) => Some(class.as_str()),
                _ => None,
            })
    }

    pub fn is(&self, node: &Node, classes: &[&str]) -> bool {
        self.classes(node).any(|class| classes.contains(&class))
    }

    /// Every node that something is said of, in a stable order.
    pub fn subjects(&self) -> Vec<&Node> {
        let mut subjects: Vec<&Node> = self.nodes.keys().collect();
        subjects.sort_by_cached_key(|node| self.key(node));
        subjects
    }

    /// What names the node from one answer to the next: its IRI, or a hash of what it says.
    pub fn key(&self, node: &Node) -> String {
        match node {
            Node::NamedNode(iri) => iri.as_str().to_owned(),
            Node::BlankNode(blank) => match self.hashes.get(blank) {
                Some(hash) => format!("_:{hash}"),
                None => "_:".to_owned(),
            },
        }
    }

    fn hash_blanks(&mut self) {
        for _ in 0..ROUNDS {
            let mut next = HashMap::with_capacity(self.hashes.len());
            for (node, statements) in &self.nodes {
                let Node::BlankNode(blank) = node else {
                    continue;
                };
                let mut lines: Vec<String> = statements
                    .iter()
                    .map(|(predicate, object)| format!("{predicate} {}", self.term(object)))
                    .collect();
                lines.sort_unstable();
                lines.dedup();
                next.insert(blank.clone(), Checksum::of(lines.join("\n").as_bytes()));
            }
            if next.is_empty() {
                return;
            }
            self.hashes = next;
        }
    }

    fn order(&mut self) {
        let mut nodes = std::mem::take(&mut self.nodes);
        for statements in nodes.values_mut() {
            let sorted: BTreeMap<(String, String), (NamedNode, Term)> = statements
                .drain(..)
                .map(|(predicate, object)| {
                    let key = (predicate.as_str().to_owned(), self.order_key(&object));
                    (key, (predicate, object))
                })
                .collect();
            *statements = sorted.into_values().collect();
        }
        self.nodes = nodes;
    }

    /// Blank nodes that say the same stay apart here: whether they are one is the mapping's to say.
    fn order_key(&self, object: &Term) -> String {
        match object {
            Term::BlankNode(blank) => format!("{} {blank}", self.term(object)),
            _ => object.to_string(),
        }
    }

    fn term(&self, term: &Term) -> String {
        match term {
            Term::BlankNode(blank) => self.key(&Node::BlankNode(blank.clone())),
            _ => term.to_string(),
        }
    }
}

/// The object as a node that something may be said of.
pub(super) fn node(object: &Term) -> Option<Node> {
    match object {
        Term::NamedNode(iri) => Some(iri.clone().into()),
        Term::BlankNode(blank) => Some(blank.clone().into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxrdf::Literal;

    fn graph(labels: [&str; 2], turned: bool) -> Graph {
        let [a, b] = labels.map(|label| Node::BlankNode(BlankNode::new_unchecked(label)));
        let p = NamedNode::new_unchecked("http://a.example/p");
        let main = Node::NamedNode(NamedNode::new_unchecked("http://a.example/x"));
        let object = |node: &Node| match node {
            Node::BlankNode(blank) => Term::BlankNode(blank.clone()),
            Node::NamedNode(iri) => Term::NamedNode(iri.clone()),
        };
        let mut triples = vec![
            (main.clone(), p.clone(), object(&a)),
            (main, p.clone(), object(&b)),
            (a.clone(), p.clone(), object(&b)),
            (b.clone(), p.clone(), object(&a)),
            (a, p.clone(), Literal::new_simple_literal("un").into()),
            (b, p, Literal::new_simple_literal("deux").into()),
        ];
        if turned {
            triples.reverse();
        }
        Graph::new(triples)
    }

    #[test]
    fn names_do_not_depend_on_labels_or_order() {
        let keys = |graph: &Graph| -> Vec<String> {
            graph
                .subjects()
                .into_iter()
                .map(|node| graph.key(node))
                .collect()
        };
        let one = keys(&graph(["a", "b"], false));
        assert_eq!(one, keys(&graph(["z", "c"], true)));
        assert_eq!(one.len(), 3);
        assert_ne!(one[0], one[1]);
    }
}
