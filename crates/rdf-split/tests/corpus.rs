//! Every document of DCAT that lies beside the repository is read, or refused with a place.
//!
//! `RDF_SPLIT_LIST=1 cargo test -p rdf-split --test corpus -- --nocapture` prints what each file gave.

use std::path::{Path, PathBuf};

use model::ReadError;
use rdf_split::{Document, Kind, Source};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus");

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn every_document_of_the_corpus_is_read_or_refused_with_a_place() {
    let corpus = Path::new(CORPUS);
    if !corpus.is_dir() {
        eprintln!("skipped: ../shared is absent");
        return;
    }
    let mut found = Vec::new();
    for folder in ["dcat-turtle", "dcat-rdfxml", "dcat-jsonld"] {
        files(&corpus.join(folder), &mut found);
    }
    found.sort();
    let list = std::env::var_os("RDF_SPLIT_LIST").is_some();
    let (mut whole, mut partial, mut refused, mut datasets, mut others) = (0, 0, 0, 0, 0);
    for path in &found {
        let name = path
            .strip_prefix(corpus)
            .expect("inside")
            .display()
            .to_string();
        let body = std::fs::read(path).expect("a file");
        let extension = path
            .extension()
            .and_then(|extension| extension.to_str())
            .unwrap_or("ttl");
        let url = format!("https://portail.example/catalogue.{extension}");
        let source = Source {
            body: &body,
            content_type: None,
            url: &url,
            syntax: None,
        };
        match Document::read(source) {
            Ok(document) => {
                let split = document.split(&url);
                let count = |kind| {
                    split
                        .pieces
                        .iter()
                        .filter(|piece| piece.kind == kind)
                        .count()
                };
                let own = count(Kind::Dataset) + count(Kind::Series);
                datasets += own;
                others += count(Kind::Service) + count(Kind::Agent);
                if document.is_whole() {
                    whole += 1;
                } else {
                    partial += 1;
                    let placed = document.findings().iter().any(|finding| {
                        finding.rule == "page/unreadable"
                            && finding
                                .place
                                .as_deref()
                                .is_some_and(|place| place.contains("line "))
                    });
                    assert!(placed, "{name}: no place in {:?}", document.findings());
                }
                if list {
                    let mut rules: Vec<_> = document
                        .findings()
                        .iter()
                        .chain(&split.findings)
                        .map(|finding| finding.rule.as_ref())
                        .collect();
                    rules.sort_unstable();
                    rules.dedup();
                    println!(
                        "{name} {} {} {} {} refused {} missing {} {rules:?}",
                        count(Kind::Dataset),
                        count(Kind::Series),
                        count(Kind::Service),
                        count(Kind::Agent),
                        split.refused,
                        split.missing.len()
                    );
                }
                for piece in &split.pieces {
                    check(&piece.body);
                }
            }
            Err(error) => {
                refused += 1;
                if list {
                    println!("{name} ERR {error}");
                }
                assert!(
                    !matches!(error, ReadError::Malformed { at: None, .. }),
                    "{name}: {error}"
                );
            }
        }
    }
    println!(
        "{} documents: {whole} read wholly, {partial} in part, {refused} refused; {datasets} datasets and series, {others} services and agents",
        found.len()
    );
    assert!(
        found.len() >= 360 && whole + partial >= 355,
        "too few were read"
    );
    assert!(
        datasets >= 2380,
        "{datasets} datasets: rdflib counts 2386 in what it can read"
    );
}

/// A body is N-Quads, strictly, in order, and reading it again gives it again.
fn check(body: &[u8]) {
    let text = std::str::from_utf8(body).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.is_sorted_by(|a, b| a < b), "{text}");
    for quad in oxttl::NQuadsParser::new().for_slice(body) {
        quad.unwrap_or_else(|error| panic!("{error}\n{text}"));
    }
    // A blank node that is another entity is named by what is not here.
    if text.contains(" _:e") {
        return;
    }
    let source = Source {
        body,
        content_type: None,
        url: "https://ailleurs.example/",
        syntax: Some(rdf_split::Syntax::NQuads),
    };
    let again = Document::read(source).expect("a graph").split("");
    if !again.pieces.iter().any(|piece| piece.body == body) {
        let all: Vec<&str> = again
            .pieces
            .iter()
            .flat_map(|piece| std::str::from_utf8(&piece.body).unwrap_or_default().lines())
            .collect();
        let lost: Vec<_> = lines.iter().filter(|line| !all.contains(line)).collect();
        let new: Vec<_> = all.iter().filter(|line| !lines.contains(line)).collect();
        panic!(
            "not the same again: {} pieces, without {lost:#?}, with {new:#?}",
            again.pieces.len()
        );
    }
}
