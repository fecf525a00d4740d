//! How many of the values that sources state are understood: maps the records under folders, applies the rules, and
//! counts what became of each value, by topic.
//!
//! ```console
//! $ cargo run -p normalise --example shares                     # the corpus beside the checkout
//! $ cargo run -p normalise --example shares -- --all            # and every value with what it became
//! $ cargo run -p normalise --example shares -- --all values.tsv # lines of topic and value, of formats not mapped yet
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chrono::Utc;
use mapping::MapContext;
use model::ns::{dcat, dcterms};
use model::{
    Base, Entity, EntityKind, Mapped, Minter, RawRecord, RecordFormat, RecordId, SourceId,
};
use normalise::{Context, Decision, Outcome, normalise_and_tell};
use oxrdf::{NamedNode, NamedNodeRef};
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
type Counts = BTreeMap<&'static str, BTreeMap<String, (u32, Outcome)>>;

fn main() {
    let all = std::env::args().any(|argument| argument == "--all");
    let lists: Vec<PathBuf> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .map(PathBuf::from)
        .collect();
    let mut counts = Counts::new();
    if lists.is_empty() {
        corpus(&mut counts);
    }
    for list in &lists {
        values(list, &mut counts);
    }
    for (topic, values) in &counts {
        print(topic, values, all);
    }
}

fn corpus(counts: &mut Counts) {
    let root = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpus"
    ));
    if !root.is_dir() {
        eprintln!("skipped: ../shared is absent");
        return;
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

fn count(mut mapped: Mapped, counts: &mut Counts) {
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

/// Values of a list: each alone, on a dataset or a distribution.
fn values(list: &Path, counts: &mut Counts) {
    let text = std::fs::read_to_string(list).unwrap_or_default();
    for line in text.lines() {
        let Some((topic, value)) = line.split_once('\t') else {
            continue;
        };
        let (on_distribution, predicate) = match topic {
            "licence" => (true, dcterms::LICENSE),
            "access" => (false, dcterms::ACCESS_RIGHTS),
            "format" => (true, dcterms::FORMAT),
            "media" => (true, dcat::MEDIA_TYPE),
            "frequency" => (false, dcterms::ACCRUAL_PERIODICITY),
            "language" => (false, dcterms::LANGUAGE),
            "standard" => (true, dcterms::CONFORMS_TO),
            _ => continue,
        };
        count(alone(on_distribution, predicate, value), counts);
    }
}

fn alone(on_distribution: bool, predicate: NamedNodeRef<'_>, value: &str) -> Mapped {
    let iri = NamedNode::new_unchecked("https://m.example/dataset/1");
    let mut entity = Entity::new(EntityKind::Dataset, iri.clone());
    entity.add_type(&iri, dcat::DATASET_CLASS);
    let node = entity.node("distribution-1");
    entity.add_type(&node, dcat::DISTRIBUTION_CLASS);
    entity.add(&iri, dcat::DISTRIBUTION, node.clone());
    entity.add_iri(&node, dcat::ACCESS_URL, "https://a.example/page");
    let subject = if on_distribution { &node } else { &iri };
    entity.add_text(subject, predicate, value, None);
    Mapped {
        entities: vec![entity],
        findings: Vec::new(),
    }
}

fn print(topic: &str, values: &BTreeMap<String, (u32, Outcome)>, all: bool) {
    let (mut certain, mut doubtful, mut void, mut open) = (0, 0, 0, 0);
    for (count, outcome) in values.values() {
        *match outcome {
            Outcome::Resolved { certain: true, .. } => &mut certain,
            Outcome::Resolved { certain: false, .. } => &mut doubtful,
            Outcome::Void => &mut void,
            Outcome::Unresolved => &mut open,
        } += count;
    }
    let stated = certain + doubtful + open;
    let share = if stated == 0 {
        100.0
    } else {
        f64::from(certain + doubtful) * 100.0 / f64::from(stated)
    };
    println!(
        "\n## {topic}: {share:.2} % of {stated} understood ({certain} certain, {doubtful} doubtful, {open} not), {void} void; {} different",
        values.len()
    );
    let mut listed: Vec<_> = values.iter().collect();
    listed.sort_by(|a, b| b.1.0.cmp(&a.1.0).then_with(|| a.0.cmp(b.0)));
    for (value, (count, outcome)) in listed {
        let became = match outcome {
            Outcome::Resolved { to, certain: true } => format!("=  {to}"),
            Outcome::Resolved { to, certain: false } => format!("~  {to}"),
            Outcome::Void => "-".to_owned(),
            Outcome::Unresolved => "?".to_owned(),
        };
        if all || became == "?" {
            println!("{count:>6}  {value:?}\t{became}");
        }
    }
}
