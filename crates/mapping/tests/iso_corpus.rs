//! Every real ISO record of the shared corpus maps or is refused for a reason, and none panics, whole or damaged.

mod iso_support;

use std::collections::BTreeMap;

use iso_support::{files, lines, map_bytes, shared};
use model::RecordFormat;

fn folder(name: &str, format: RecordFormat) {
    let Some(root) = shared(&format!("corpus/{name}")) else {
        return;
    };
    let (mut mapped, mut triples) = (0, 0);
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut findings: BTreeMap<String, usize> = BTreeMap::new();
    let paths = files(&root, "xml");
    for path in &paths {
        let body = std::fs::read(path).unwrap();
        match map_bytes(&body, format) {
            Ok(result) => {
                mapped += 1;
                triples += result
                    .entities
                    .iter()
                    .map(|entity| entity.triples.len())
                    .sum::<usize>();
                assert!(!result.entities.is_empty());
                for finding in &result.findings {
                    *findings.entry(finding.rule.to_string()).or_default() += 1;
                }
            }
            Err(error) => refused
                .entry(format!("{}: {}", error.rule, error.message))
                .or_default()
                .push(path.display().to_string()),
        }
    }
    println!(
        "{name}: {} files, {mapped} mapped, {triples} triples, findings {findings:?}",
        paths.len()
    );
    for (reason, paths) in &refused {
        println!("  {} refused: {reason}, such as {}", paths.len(), paths[0]);
    }
    // The corpus holds fragments on purpose: about a third has no title.
    assert!(mapped * 10 >= paths.len() * 6, "{name}: too many refused");
}

#[test]
fn iso_19139_records_map_or_are_refused() {
    folder("csw-iso19139", RecordFormat::Iso19139);
}

#[test]
fn iso_19115_3_records_map_or_are_refused() {
    folder("iso19115-3", RecordFormat::Iso19115_3);
}

#[test]
fn the_same_record_in_both_encodings_says_nothing_that_the_other_does_not() {
    let path = |corpus: &str, encoding: &str| {
        shared(&format!(
            "corpus/{corpus}/metadata101-iso19115-3/src/main/test/resources/inspire-test/{encoding}/metawal-sample.xml"
        ))
    };
    let (old, new) = (
        path("csw-iso19139", "iso19139"),
        path("iso19115-3", "iso19115-3"),
    );
    let (Some(old), Some(new)) = (old, new) else {
        return;
    };
    let lines = |path, format| {
        let mapped = map_bytes(&std::fs::read(path).unwrap(), format).unwrap();
        mapped.entities.iter().flat_map(lines).collect::<Vec<_>>()
    };
    let (old, new) = (
        lines(old, RecordFormat::Iso19139),
        lines(new, RecordFormat::Iso19115_3),
    );
    let added: Vec<_> = new.iter().filter(|line| !old.contains(line)).collect();
    assert_eq!(added, Vec::<&String>::new());
    // The file in the new encoding has lost the values of four codes: two types of dates, the representation and the character set.
    let missing: Vec<_> = old.iter().filter(|line| !new.contains(line)).collect();
    let lost = [
        "dc/terms/created",
        "dc/terms/modified",
        "representationTechnique",
        "characterEncoding",
    ];
    assert!(
        missing
            .iter()
            .all(|line| lost.iter().any(|lost| line.contains(lost))),
        "{missing:#?}"
    );
}

#[test]
fn damaged_records_do_not_panic() {
    let Some(root) = shared("corpus/csw-iso19139/semic-iso19139-to-dcatap") else {
        return;
    };
    for path in files(&root, "xml") {
        let body = std::fs::read(&path).unwrap();
        for cut in (0..body.len()).step_by(97) {
            let _ = map_bytes(&body[..cut], RecordFormat::Iso19139);
            let mut flipped = body.clone();
            flipped[cut] = flipped[cut].wrapping_add(13);
            let _ = map_bytes(&flipped, RecordFormat::Iso19139);
        }
    }
}
