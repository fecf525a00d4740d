//! Writing: what replaces what, who names whom, and what is there after a crash.

use std::collections::HashSet;

use search::{Field, Filter, Index, MIN_MEMORY};

use crate::catalogue::{Dataset, agent, index, key, set};

#[test]
fn a_document_takes_the_place_of_its_forerunner() {
    let index = index(&[Dataset::titled(1, "avant"), Dataset::titled(2, "reste")]);
    let mut writer = index.writer().unwrap();
    writer.put(&Dataset::titled(1, "entre").document()).unwrap();
    writer.put(&Dataset::titled(1, "après").document()).unwrap();
    assert_eq!(index.snapshot().len(), 2);
    writer.commit(Some(7)).unwrap();
    let snapshot = index.snapshot();
    assert_eq!((snapshot.len(), snapshot.position()), (2, Some(7)));
    assert_eq!(set(&snapshot, Filter::eq(Field::Title, "après")), [1]);
    writer.clear().unwrap();
    writer.commit(None).unwrap();
    assert_eq!((index.snapshot().len(), index.position()), (0, None));
}

#[test]
fn those_who_name_an_agent_are_known_before_and_after_they_are_committed() {
    let published = |number, by| Dataset {
        publisher: Some((by, "Région".to_owned())),
        ..Dataset::titled(number, "x")
    };
    let index = index(&[published(1, 8), published(2, 9)]);
    let mut writer = index.writer().unwrap();
    writer.put(&published(3, 8).document()).unwrap();
    assert_eq!(
        writer.naming(agent(8)).unwrap(),
        HashSet::from([key(1), key(3)])
    );
    writer.commit(Some(2)).unwrap();
    assert_eq!(
        writer.naming(agent(8)).unwrap(),
        HashSet::from([key(1), key(3)])
    );
    assert_eq!(
        set(&index.snapshot(), Filter::eq(Field::Organisation, "Région")),
        [1, 2, 3]
    );
}

#[test]
fn what_was_not_committed_is_not_there_after_a_crash_nor_is_its_position() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index");
    let index = Index::open(&path, MIN_MEMORY).unwrap();
    assert_eq!(index.position(), None);
    let mut writer = index.writer().unwrap();
    writer.put(&Dataset::titled(1, "a").document()).unwrap();
    writer.commit(Some(3)).unwrap();
    writer.put(&Dataset::titled(2, "b").document()).unwrap();
    drop(writer);
    drop(index);
    let index = Index::open(&path, MIN_MEMORY).unwrap();
    assert_eq!((index.snapshot().len(), index.position()), (1, Some(3)));
}

#[test]
fn an_index_that_is_damaged_is_made_again() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index");
    let made = || {
        let index = Index::open(&path, MIN_MEMORY).unwrap();
        let mut writer = index.writer().unwrap();
        writer.put(&Dataset::titled(1, "a").document()).unwrap();
        writer.commit(Some(3)).unwrap();
        writer.close().unwrap();
    };
    made();
    std::fs::write(path.join("meta.json"), "{").unwrap();
    assert_eq!(Index::open(&path, MIN_MEMORY).unwrap().position(), None);
    made();
    let store = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "store"))
        .unwrap();
    let mut bytes = std::fs::read(&store).unwrap();
    bytes[5] ^= 0xff;
    std::fs::write(&store, bytes).unwrap();
    assert_eq!(Index::open(&path, MIN_MEMORY).unwrap().position(), None);
}

#[test]
fn there_is_one_writer() {
    let index = index(&[]);
    let _writer = index.writer().unwrap();
    assert!(index.writer().is_err());
}

#[test]
fn nothing_but_an_index_is_removed() {
    let directory = tempfile::tempdir().unwrap();
    let letter = directory.path().join("lettre.txt");
    std::fs::write(&letter, "Bonjour").unwrap();
    let refused = Index::open_fresh(directory.path(), MIN_MEMORY)
        .err()
        .unwrap();
    assert!(
        refused.to_string().contains("name another directory"),
        "{refused}"
    );
    assert!(Index::open(directory.path(), MIN_MEMORY).is_err());
    assert_eq!(std::fs::read_to_string(letter).unwrap(), "Bonjour");
}
