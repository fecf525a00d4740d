//! Documents that would cost more than they are worth.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::*;

/// What takes seconds here takes hours where it grows with the square of the length.
const SOON: Duration = Duration::from_secs(120);

#[test]
fn what_many_share_is_not_looked_at_for_ever() {
    let mut text = PREFIXES.to_owned();
    for number in 0..20_000 {
        let _ = writeln!(text, ":d{number} a dcat:Dataset ; dct:publisher :p .");
        let _ = writeln!(text, ":p foaf:page <https://a.example/{number}> .");
    }
    let document = document(&text).expect("a document");
    let start = Instant::now();
    let split = document.split(URL);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
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
    let start = Instant::now();
    let split = document.split(URL);
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
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
        let start = Instant::now();
        let split = split(&text);
        assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
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
