//! What becomes of the values that the real records beside the checkout state.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chrono::Utc;
use mapping::MapContext;
use model::{Base, Mapped, Minter, RawRecord, RecordFormat, RecordId, SourceId};
use normalise::{Context, Decision, Outcome, normalise_and_tell};
use vocab::Vocab;

/// Folders of the corpus, the names of their records' files, and their format.
const CORPUS: [(&str, &str, RecordFormat); 3] = [
    (
        "udata/datagouv-search-indicator/data",
        "datasets/",
        RecordFormat::UdataDataset,
    ),
    ("csw-iso19139", ".xml", RecordFormat::Iso19139),
    ("iso19115-3", ".xml", RecordFormat::Iso19115_3),
];

/// By topic, the values with how often they stand and what became of them.
pub type Counts = BTreeMap<&'static str, BTreeMap<String, (u32, Outcome)>>;

/// Maps the corpus and applies the rules; `false`, and a word about it, where it is absent.
pub fn corpus(counts: &mut Counts) -> bool {
    let root = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpus"
    ));
    if !root.is_dir() {
        eprintln!("skipped: ../shared is absent");
        return false;
    }
    for (folder, name, format) in CORPUS {
        let mut files = Vec::new();
        collect(&root.join(folder), name, &mut files);
        let (mut mapped, mut refused) = (0, 0);
        for file in &files {
            let Ok(body) = std::fs::read(file) else {
                continue;
            };
            match map(&body, format) {
                Some(record) => {
                    mapped += 1;
                    count(record, counts);
                }
                None => refused += 1,
            }
        }
        println!("{folder}: {mapped} records, {refused} refused");
    }
    true
}

fn collect(folder: &Path, name: &str, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, name, into);
        } else if path.to_string_lossy().contains(name) {
            into.push(path);
        }
    }
    into.sort();
}

fn map(body: &[u8], format: RecordFormat) -> Option<Mapped> {
    let base = Base::new("https://m.example/").ok()?;
    let record = RawRecord {
        id: RecordId::new("a"),
        format,
        body: Bytes::copy_from_slice(body),
    };
    let context = MapContext {
        source: &SourceId::new("s").ok()?,
        minter: &Minter::new(base),
        minted: None,
        language: "fr",
    };
    mapping::map(&record, &context).ok()
}

pub fn count(mut mapped: Mapped, counts: &mut Counts) {
    let context = Context {
        vocab: Vocab::bundled(),
        record: &RecordId::new("a"),
        fetched: Utc::now(),
    };
    for Decision {
        topic,
        value,
        outcome,
    } in normalise_and_tell(&mut mapped, &context)
    {
        counts
            .entry(topic)
            .or_default()
            .entry(value)
            .or_insert((0, outcome))
            .0 += 1;
    }
}

/// Values by their outcome: certain, doubtful, void, not understood.
pub fn shares(values: &BTreeMap<String, (u32, Outcome)>) -> (u32, u32, u32, u32) {
    let (mut certain, mut doubtful, mut void, mut open) = (0, 0, 0, 0);
    for (count, outcome) in values.values() {
        *match outcome {
            Outcome::Resolved { certain: true, .. } => &mut certain,
            Outcome::Resolved { certain: false, .. } => &mut doubtful,
            Outcome::Void => &mut void,
            Outcome::Unresolved => &mut open,
        } += count;
    }
    (certain, doubtful, void, open)
}
