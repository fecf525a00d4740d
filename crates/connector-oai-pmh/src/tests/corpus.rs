//! Real answers, which lie beside the repository.

use std::fs;
use std::path::{Path, PathBuf};

use xml_records::{Page, decode};

use super::*;

#[test]
fn real_answers_are_counted_whole() {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpus/oai-pmh"
    ));
    if !folder.is_dir() {
        eprintln!("skipped: ../shared is absent");
        return;
    }
    let (mut answers, mut records, mut refused) = (0, 0, 0);
    let mut unread = Vec::new();
    for file in files(folder) {
        let body = Bytes::from(fs::read(&file).expect("a file"));
        let decoded = decode(&body, None);
        if !decoded.text.contains("OAI-PMH>") {
            continue;
        }
        let answer = match crate::answer::Answer::parse(Page::new(&decoded, &body)) {
            Ok(answer) => answer,
            Err(error) => {
                unread.push(format!("{}: {error}", file.display()));
                continue;
            }
        };
        answers += 1;
        records += answer.records.len();
        refused += answer.refused;
        let carried = answer.records.len() + answer.gone.len();
        assert_eq!(
            carried as u64 + answer.refused,
            answer.carried,
            "{}",
            file.display()
        );
        // Of lists of headers each is refused: they are not what is asked for.
        let headers =
            decoded.text.matches("<header").count() + decoded.text.matches("<oai:header").count();
        if answer.verb == "ListRecords" || answer.verb == "GetRecord" {
            assert_eq!(answer.carried, headers as u64, "{}", file.display());
            assert!(answer.carried > 0, "{}", file.display());
        }
    }
    // Two that are meant to be broken, and say so.
    assert!(
        unread.iter().all(|error| error.contains("bogus")),
        "{unread:?}"
    );
    eprintln!("{answers} answers: {records} records, {refused} refused");
    assert!(answers >= 30 && records >= 130, "{answers} {records}");
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
