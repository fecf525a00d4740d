//! What the ISO tests share.
#![allow(dead_code)]

use std::path::{Path, PathBuf};

use bytes::Bytes;
use mapping::{MapContext, MapError, map};
use model::{Base, Entity, Mapped, Minter, RawRecord, RecordFormat, RecordId, SourceId};

pub fn map_bytes(body: &[u8], format: RecordFormat) -> Result<Mapped, MapError> {
    map_as("a", body, format)
}

pub fn map_as(id: &str, body: &[u8], format: RecordFormat) -> Result<Mapped, MapError> {
    let minter = Minter::new(Base::new("https://m.example/").unwrap());
    let source = SourceId::new("s").unwrap();
    let record = RawRecord {
        id: RecordId::new(id),
        format,
        body: Bytes::copy_from_slice(body),
    };
    map(
        &record,
        &MapContext {
            source: &source,
            minter: &minter,
            minted: None,
            language: "fr",
        },
    )
}

/// A path of the shared folder, where that is present.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).join(path);
    if root.exists() {
        Some(root)
    } else {
        eprintln!("skipped: ../shared is absent");
        None
    }
}

pub fn files(root: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|given| given == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The entity's triples as sorted lines, with its own IRI written `:`.
pub fn lines(entity: &Entity) -> Vec<String> {
    let mut lines: Vec<String> = entity
        .triples
        .iter()
        .map(|triple| triple.to_string().replace(entity.iri.as_str(), ":"))
        .collect();
    lines.sort();
    lines.dedup();
    lines
}
