//! How many of the values that sources state are understood: maps the records under folders, applies the rules, and
//! counts what became of each value, by topic.
//!
//! ```console
//! $ cargo run -p normalise --example shares                     # the corpus beside the checkout
//! $ cargo run -p normalise --example shares -- --all            # and every value with what it became
//! $ cargo run -p normalise --example shares -- --all values.tsv # lines of topic and value, of formats not mapped yet
//! ```

#[path = "../tests/support/corpus.rs"]
mod corpus;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::ns::{dcat, dcterms};
use model::{Entity, EntityKind, Mapped};
use normalise::Outcome;
use oxrdf::{NamedNode, NamedNodeRef};

fn main() {
    let all = std::env::args().any(|argument| argument == "--all");
    let lists: Vec<PathBuf> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .map(PathBuf::from)
        .collect();
    let mut counts = corpus::Counts::new();
    if lists.is_empty() {
        corpus::corpus(&mut counts);
    }
    for list in &lists {
        values(list, &mut counts);
    }
    for (topic, values) in &counts {
        print(topic, values, all);
    }
}

/// Values of a list: each alone, on a dataset or a distribution.
fn values(list: &Path, counts: &mut corpus::Counts) {
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
        corpus::count(alone(on_distribution, predicate, value), counts);
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
    let (certain, doubtful, void, open) = corpus::shares(values);
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
