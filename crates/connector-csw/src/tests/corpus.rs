//! Real answers, which lie beside the repository.

use std::fs;
use std::path::{Path, PathBuf};

use model::{RawRecord, Severity};

use super::*;

#[test]
fn real_answers_are_counted_whole() {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpus/csw-responses"
    ));
    if !folder.is_dir() {
        eprintln!("skipped: ../shared is absent");
        return;
    }
    let (mut pages, mut records, mut refused) = (0, 0, 0);
    let mut unread = Vec::new();
    for file in files(folder) {
        let bytes = fs::read(&file).expect("a file");
        let page = match read(&bytes) {
            Ok(page) => page,
            // What is an answer with records, and was not read, is to be accounted for.
            Err(error) if children_of_results(&bytes).is_some_and(|children| children > 0) => {
                unread.push(format!("{}: {error}", file.display()));
                continue;
            }
            Err(_) => continue,
        };
        let name = file.display();
        pages += 1;
        records += page.records.len();
        refused += page.refused;
        let carried = page.records.len() as u64 + page.refused;
        if let Some(children) = children_of_results(&bytes) {
            assert_eq!(carried, children, "{name}");
        }
        let told = page.findings.iter().filter(|finding| {
            finding.severity == Severity::Error && finding.rule.starts_with("record/")
        });
        assert_eq!(told.count() as u64, page.refused, "{name}");
        page.records.iter().for_each(stands_alone);
    }
    assert_eq!(unread, Vec::<String>::new());
    assert!(pages > 90, "only {pages} of the corpus's pages were read");
    eprintln!("{pages} pages: {records} records, {refused} refused");
    assert!(records > 350, "only {records} records");
}

fn stands_alone(record: &RawRecord) {
    let text = std::str::from_utf8(&record.body).expect("UTF-8");
    let mut reader = quick_xml::NsReader::from_str(text);
    while !matches!(
        reader
            .read_resolved_event()
            .expect("a document of its own")
            .1,
        Event::Eof
    ) {}
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// Counts in another way than the connector does: by depth alone.
fn children_of_results(bytes: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut reader = Reader::from_str(text);
    let (mut depth, mut children, mut inside) = (0_u64, 0, None);
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => {
                depth += 1;
                children += u64::from(inside == Some(depth - 1));
                if element.local_name().as_ref() == "SearchResults" {
                    inside = Some(depth);
                }
            }
            Event::Empty(element) => {
                children += u64::from(inside == Some(depth));
                if element.local_name().as_ref() == "SearchResults" {
                    inside = Some(u64::MAX);
                }
            }
            Event::End(_) => depth -= 1,
            Event::Eof => return inside.map(|_| children),
            _ => {}
        }
    }
}
