//! Every record of the shared corpus, there and back again: what a format can carry comes back.
//!
//! With `REPRESENT_OUT=FOLDER` the records are written there, for other judges to read.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use model::RecordFormat;
use represent::dublin_core::{self, ElementSet};
use represent::{Graph, iso19139};
use support::{context, files, lines, publish, shared, statements};

/// At most so many of a thousand statements are lost.
fn folder(name: &str, extension: &str, format: RecordFormat, most_lost: usize) {
    let Some(root) = shared(&format!("corpus/{name}")) else {
        return;
    };
    let (mut records, mut all, mut lost, mut added) = (0, 0, 0, 0);
    let mut kinds: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (number, path) in files(&root, extension).iter().enumerate() {
        let body = std::fs::read(path).unwrap();
        let Some(first) = publish("a", &body, format, None) else {
            continue;
        };
        records += 1;
        let text = lines(&first);
        let graph = Graph::read(&text);
        let iri = &first.entities[0].iri;
        let xml = iso19139::record(&graph, iri.as_str(), &context("a")).unwrap();
        keep(
            &format!("{}-{number}", name.replace('/', "-")),
            &xml,
            &graph,
            iri.as_str(),
        );
        let second = publish("a", xml.as_bytes(), RecordFormat::Iso19139, Some(iri)).unwrap();
        let (before, after) = (statements(&first), statements(&second));
        all += before.len();
        added += after.difference(&before).count();
        for statement in before.difference(&after) {
            lost += 1;
            let (path, _) = statement.split_once(" = ").unwrap();
            let kind = kinds.entry(path.to_owned()).or_default();
            *kind = (kind.0 + 1, format!("{number} {statement}"));
        }
    }
    println!("{name}: {records} records, {all} statements, {lost} lost, {added} added");
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (path, (count, example)) in kinds.iter().take(40) {
        println!(
            "{count:6} {path:50} {}",
            example.chars().take(200).collect::<String>()
        );
    }
    assert!(records > 0);
    assert!(
        lost * 1000 <= all * most_lost,
        "{name}: {lost} of {all} lost"
    );
}

fn keep(name: &str, xml: &str, graph: &Graph<'_>, iri: &str) {
    let Ok(out) = std::env::var("REPRESENT_OUT") else {
        return;
    };
    let out = Path::new(&out);
    std::fs::write(out.join(format!("{name}.gmd.xml")), xml).unwrap();
    for set in [ElementSet::Brief, ElementSet::Summary, ElementSet::Full] {
        let xml = dublin_core::csw_record(graph, iri, &context("a"), set).unwrap();
        std::fs::write(out.join(format!("{name}.{}.csw.xml", set.name())), xml).unwrap();
    }
    let xml = dublin_core::oai_dc(graph, iri, &context("a")).unwrap();
    std::fs::write(out.join(format!("{name}.oai_dc.xml")), xml).unwrap();
}

#[test]
fn iso_19139() {
    folder("csw-iso19139", "xml", RecordFormat::Iso19139, 25);
}

#[test]
fn iso_19115_3() {
    folder("iso19115-3", "xml", RecordFormat::Iso19115_3, 40);
}

#[test]
fn dublin_core_says_enough_to_be_harvested() {
    let Some(root) = shared("corpus/csw-iso19139") else {
        return;
    };
    let mut read = 0;
    for path in files(&root, "xml") {
        let body = std::fs::read(path).unwrap();
        let Some(first) = publish("a", &body, RecordFormat::Iso19139, None) else {
            continue;
        };
        let text = lines(&first);
        let graph = Graph::read(&text);
        let iri = &first.entities[0].iri;
        let records = [
            dublin_core::csw_record(&graph, iri.as_str(), &context("a"), ElementSet::Full),
            dublin_core::oai_dc(&graph, iri.as_str(), &context("a")),
        ];
        for xml in records.map(Option::unwrap) {
            let second = publish("a", xml.as_bytes(), RecordFormat::DublinCore, Some(iri)).unwrap();
            let after = statements(&second);
            let before = statements(&first);
            let boxes = |all: &BTreeSet<String>| {
                all.iter()
                    .filter(|s| s.starts_with("spatial/bbox"))
                    .cloned()
                    .collect::<Vec<_>>()
            };
            assert!(
                boxes(&before).iter().all(|known| after.contains(known)),
                "{xml}"
            );
            // The schema of CSW has no language, so that of several titles it is not told which is in which.
            let value = |statement: &String| {
                statement
                    .rsplit_once('"')
                    .map(|(value, _)| value.to_owned())
            };
            let titles = |all: &BTreeSet<String>| {
                all.iter()
                    .filter(|s| s.starts_with("title = "))
                    .filter_map(value)
                    .collect::<BTreeSet<_>>()
            };
            assert!(
                !titles(&after).is_empty() && titles(&after).is_subset(&titles(&before)),
                "{xml}"
            );
        }
        read += 1;
    }
    println!("{read} records read again");
    assert!(read > 0);
}
