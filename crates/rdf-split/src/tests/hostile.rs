//! Documents that would cost more than they are worth: what takes seconds here would take hours if its cost grew with the square
//! of its length.

use std::fmt::Write as _;

use super::*;

#[test]
fn what_many_share_is_not_looked_at_for_ever() {
    let mut text = PREFIXES.to_owned();
    for number in 0..20_000 {
        let _ = writeln!(text, ":d{number} a dcat:Dataset ; dct:publisher :p .");
        let _ = writeln!(text, ":p foaf:page <https://a.example/{number}> .");
    }
    let document = document(&text).expect("a document");
    let split = document.split(URL);
    assert!(split.pieces.len() > 10 && split.refused > 10_000);
    assert_eq!(split.refused + split.pieces.len() as u64, 20_000);
    let written: usize = split.pieces.iter().map(|piece| piece.body.len()).sum();
    assert!(written < text.len() * 30 + (64 << 20), "{written}");
}

#[test]
fn a_distribution_that_many_share_is_looked_at_once() {
    let mut text = PREFIXES.to_owned();
    for number in 0..60_000 {
        let _ = writeln!(text, "[] a dcat:Dataset ; dcat:distribution :x .");
        let _ = writeln!(text, ":x dcat:accessURL <https://a.example/{number}> .");
    }
    let document = document(&text).expect("a document");
    let split = document.split(URL);
    assert_eq!((split.refused, split.pieces.len()), (60_000, 0));
}

#[test]
fn prefixes_cost_little_at_each_error() {
    for (number, refused) in [(5_000, 90), (20_000, 1)] {
        let mut text = PREFIXES.to_owned();
        for prefix in 0..number {
            let _ = writeln!(text, "@prefix n{prefix}: <https://a.example/{prefix}/> .");
        }
        for id in 0..90 {
            let _ = writeln!(text, ":d{id} a dcat:Dataset ; dct:title \"\\q\" .");
        }
        let split = split(&text);
        assert_eq!((split.refused, split.pieces.len()), (refused, 0));
    }
}

#[test]
fn xml_that_declares_prefixes_without_end_is_refused() {
    let mut text = "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">".to_owned();
    for level in 0..10 {
        text.push_str("<rdf:Description");
        for prefix in 0..200 {
            let _ = write!(text, " xmlns:n{level}_{prefix}=\"https://a.example/\"");
        }
        text.push('>');
    }
    let error = document(&text).expect_err("too many").to_string();
    assert!(error.contains("prefixes"), "{error}");
}

#[test]
fn large_contexts_are_not_copied_for_ever() {
    let terms: Vec<String> = (0..20_000)
        .map(|term| format!("\"t{term}\":\"https://a.example/{term}\""))
        .collect();
    let terms = terms.join(",");
    let (name, objects) = ("\"@context\"", 100_000);
    let many = |object: &str| vec![object; objects].join(",");
    let small = format!("{{{name}:{{\"x\":\"https://x.example/\"}}}}");
    let escaped = small.replace('@', "\\u0040");
    for hostile in [
        format!("{{{name}:{{{terms}}},\"@graph\":[{}]}}", many(&small)),
        format!("{{{name}:{{{terms}}},\"@graph\":[{}]}}", many(&escaped)),
        format!("{{{name}:[{{{terms}}},{}]}}", many("{}")),
        format!(
            "{{{name}:{{{terms},\"p\":{{\"@id\":\"t1\",{name}:{{}}}}}},\"@graph\":[{}]}}",
            many("{\"p\":{}}")
        ),
    ] {
        let error = document(&hostile).expect_err("too much").to_string();
        assert!(error.contains("contexts"), "{error}");
    }
    let dataset = "\"@id\":\"https://a.example/d\",\"@type\":\"http://www.w3.org/ns/dcat#Dataset\"";
    let of_each =
        vec![format!("{{{name}:{{\"x\":\"https://x.example/\"}},{dataset}}}"); 2000].join(",");
    for honest in [
        format!(
            "{{{name}:{{{terms}}},\"@graph\":[{{{dataset}}},{}]}}",
            many("{}")
        ),
        format!("[{of_each}]"),
    ] {
        let split = split(&honest);
        assert_eq!(ids(&split), ["https://a.example/d"]);
    }
}

#[test]
fn nesting_that_is_allowed_needs_no_large_stack() {
    let nested = format!(
        "{{\"@context\":{{\"@vocab\":\"https://a.example/\"}},\"@id\":\"https://a.example/d\",\"@type\":\"http://www.w3.org/ns/dcat#Dataset\",\"a\":{}{}}}",
        "{\"a\":".repeat(98),
        "1".to_owned() + &"}".repeat(98)
    );
    let read = std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(move || split(&nested).pieces.len())
        .expect("a thread")
        .join();
    assert_eq!(read.ok(), Some(1));
}
