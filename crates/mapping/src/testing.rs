//! What the tests of several mappings share.

use model::{Base, Mapped, Minter, RawRecord, RecordFormat, RecordId, SourceId};

use crate::{MapContext, MapError};

pub(crate) fn map(format: RecordFormat, body: &str) -> Result<Mapped, MapError> {
    let source = SourceId::new("ville").unwrap();
    let minter = Minter::new(Base::new("https://donnees.example.org/").unwrap());
    let context = MapContext {
        source: &source,
        minter: &minter,
        minted: None,
        language: "fr",
    };
    let record = RawRecord {
        id: RecordId::new("1"),
        format,
        body: body.to_owned().into(),
    };
    crate::map(&record, &context)
}

/// The triples of the first entity, its IRI cut to `:`.
pub(crate) fn lines(mapped: &Mapped) -> String {
    let entity = &mapped.entities[0];
    let lines: Vec<String> = entity
        .triples
        .iter()
        .map(|triple| triple.to_string().replace(entity.iri.as_str(), ":"))
        .collect();
    lines.join("\n")
}

/// Gives each file of a folder of the corpus that lies beside the repository; says so where it is absent.
pub(crate) fn corpus(folder: &str, extension: &str, mut each: impl FnMut(&str, &str)) {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/corpus")
        .join(folder);
    if !root.is_dir() {
        eprintln!("skipped: {} is absent", root.display());
        return;
    }
    let mut folders = vec![root];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|known| known == extension)
                && let Ok(body) = std::fs::read_to_string(&path)
            {
                files += 1;
                each(
                    &path.display().to_string(),
                    body.trim_start_matches('\u{feff}'),
                );
            }
        }
    }
    assert!(files > 0, "no file of the corpus was read");
}
