use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, Term, Triple};

use super::*;

fn node(local: &str) -> NamedNode {
    NamedNode::new(format!("https://a.example/{local}")).expect("an IRI")
}

fn triple(subject: &str, predicate: &str, object: impl Into<Term>) -> Triple {
    Triple::new(node(subject), node(predicate), object)
}

fn graphs() -> Vec<(Graph, Option<tempfile::TempDir>)> {
    #[allow(unused_mut)]
    let mut graphs = vec![(Graph::memory().expect("memory"), None)];
    #[cfg(feature = "rocksdb")]
    {
        let dir = tempfile::tempdir().expect("a directory");
        let graph = Graph::open(&dir.path().join("graph")).expect("a store");
        graphs.push((graph, Some(dir)));
    }
    graphs
}

#[test]
fn a_repeated_load_changes_nothing() {
    for (graph, _dir) in graphs() {
        let triples = || (0..1000).map(|n| triple(&format!("d/{n}"), "p", Literal::from(n)));
        graph.bulk_insert(triples()).expect("load");
        graph.bulk_insert(triples()).expect("load");
        assert_eq!(graph.count().expect("count"), 1000);
    }
}

#[test]
fn literals_that_are_one_in_the_store_survive_the_removal_of_the_other() {
    let typed = |datatype| triple("1", "p", Literal::new_typed_literal("1", datatype));
    let (integer, natural) = (typed(xsd::INTEGER), typed(xsd::NON_NEGATIVE_INTEGER));
    for (graph, _dir) in graphs() {
        graph
            .bulk_insert([natural.clone()].into_iter())
            .expect("load");
        let apply = |remove: &[&Triple], insert: &[&Triple]| {
            let owned =
                |triples: &[&Triple]| triples.iter().map(|&triple| triple.clone()).collect();
            let change = Change {
                remove: owned(remove),
                insert: owned(insert),
            };
            graph.apply(&[change]).expect("apply");
            graph.count().expect("count")
        };
        assert_eq!(apply(&[&natural], &[&integer]), 1, "the new form");
        assert_eq!(apply(&[&integer], &[&natural]), 1, "the form that stays");
        assert_eq!(apply(&[&natural], &[]), 0);
    }
}

#[test]
fn changes_are_applied_in_order() {
    let one = triple("1", "p", Literal::from(1));
    let insert = Change {
        insert: vec![one.clone()],
        ..Change::default()
    };
    let remove = Change {
        remove: vec![one],
        ..Change::default()
    };
    for (graph, _dir) in graphs() {
        graph
            .apply(&[insert.clone(), remove.clone()])
            .expect("apply");
        assert!(graph.is_empty().expect("count"));
        graph
            .apply(&[remove.clone(), insert.clone()])
            .expect("apply");
        assert_eq!(graph.count().expect("count"), 1);
    }
}

#[test]
fn every_write_makes_another_generation_and_empty_ones_do_not() {
    for (graph, _dir) in graphs() {
        let before = graph.generation();
        graph.apply(&[Change::default()]).expect("apply");
        assert_eq!(graph.generation(), before);
        graph
            .bulk_insert(std::iter::once(triple("1", "p", Literal::from(1))))
            .expect("load");
        assert_ne!(graph.generation(), before);
    }
}

#[test]
fn a_checkpoint_keeps_the_state_it_was_taken_in() {
    for (graph, _dir) in graphs() {
        let dir = tempfile::tempdir().expect("a directory");
        graph
            .bulk_insert(std::iter::once(triple("1", "p", Literal::from(1))))
            .expect("load");
        let copy = dir.path().join("copy");
        graph.checkpoint(&copy).expect("checkpoint");
        graph.clear().expect("clear");
        let copy = open_checkpoint(&copy).expect("open");
        assert_eq!(copy.len().expect("count"), 1);
        assert!(graph.is_empty().expect("count"));
    }
}

#[cfg(feature = "rocksdb")]
#[test]
fn what_is_flushed_is_there_after_opening_again_and_a_fresh_store_is_empty() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("graph");
    let graph = Graph::open(&path).expect("a store");
    graph
        .bulk_insert(std::iter::once(triple("1", "p", Literal::from(1))))
        .expect("load");
    graph.flush().expect("flush");
    assert!(matches!(Graph::open(&path), Err(GraphError::Open { .. })));
    drop(graph);
    let graph = Graph::open(&path).expect("a store");
    assert_eq!(graph.count().expect("count"), 1);
    drop(graph);
    let graph = Graph::open_fresh(&path).expect("a store");
    assert!(graph.is_empty().expect("count"));
}

#[test]
fn a_named_graph_changes_alone() {
    for (graph, _dir) in graphs() {
        let (name, other) = (node("named"), node("other"));
        let some = triple("1", "p", node("2"));
        graph.bulk_insert([some.clone()].into_iter()).expect("load");
        graph
            .insert_named(&other, std::slice::from_ref(&some))
            .expect("insert");
        let triples = (0..100).map(|n| triple(&format!("d/{n}"), "p", node("2")));
        graph.bulk_insert_named(&name, triples).expect("load");
        let to_two = |graph: &Graph| graph.named(&name, None, Some(&node("2"))).count();
        assert_eq!(to_two(&graph), 100);
        let change = Change {
            remove: vec![triple("d/7", "p", node("2"))],
            insert: vec![triple("d/7", "p", node("3"))],
        };
        graph.apply_named(&name, &[change]).expect("apply");
        assert_eq!(to_two(&graph), 99);
        let seven: Vec<Triple> = graph
            .named(&name, Some(&node("d/7")), None)
            .collect::<Result<_, _>>()
            .expect("triples");
        assert_eq!(seven, [triple("d/7", "p", node("3"))]);
        graph.clear_named(&name).expect("cleared");
        assert_eq!(graph.named(&name, None, None).count(), 0);
        assert_eq!(
            graph.count().expect("count"),
            2,
            "the others are as they were"
        );
    }
}
