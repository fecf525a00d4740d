//! DCAT graphs: what ckanext-dcat reads of them, and what the graphs themselves say, looked for in ours.

mod compare;
mod ours;
mod split;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use oxrdf::Term;
use oxrdf::vocab::rdf;
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

use compare::{Difference, Verdict, Wanted};
use ours::{Ours, text};
use split::Part;

pub struct Options {
    /// What `tests/shared/ckan_read.py` printed.
    pub ckan: Option<PathBuf>,
    pub files: Vec<PathBuf>,
    pub decisions: PathBuf,
    pub limit: usize,
    pub json: bool,
    /// Where to write the clean graphs, as N-Triples.
    pub dump: Option<PathBuf>,
}

/// A kind of difference, and why it is right.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    /// The field, or the property of a value that is not found again: a pattern.
    field: String,
    #[serde(default)]
    value: Option<String>,
    /// `missing`, `differs`, or nothing for both.
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    file: Option<String>,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decisions {
    decision: Vec<Decision>,
}

struct Compiled {
    field: Regex,
    value: Option<Regex>,
    file: Option<Regex>,
    kind: Option<String>,
    reason: String,
}

impl Compiled {
    fn all(path: &Path) -> Result<Vec<Self>> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let decisions: Decisions = toml::from_str(&text)?;
        let whole = |pattern: &str| Regex::new(&format!("^(?:{pattern})$"));
        decisions
            .decision
            .into_iter()
            .map(|decision| {
                Ok(Self {
                    field: whole(&decision.field)?,
                    value: decision.value.as_deref().map(Regex::new).transpose()?,
                    file: decision.file.as_deref().map(Regex::new).transpose()?,
                    kind: decision.kind,
                    reason: decision.reason,
                })
            })
            .collect()
    }

    fn explains(&self, file: &str, difference: &Difference) -> bool {
        self.field.is_match(&difference.field)
            && self
                .kind
                .as_deref()
                .is_none_or(|kind| kind == difference.kind)
            && self
                .value
                .as_ref()
                .is_none_or(|value| value.is_match(&difference.value))
            && self
                .file
                .as_ref()
                .is_none_or(|pattern| pattern.is_match(file))
    }
}

#[derive(Default)]
struct Tally {
    files: usize,
    unread: usize,
    records: usize,
    refused: usize,
    triples: usize,
    compared: usize,
    explained: BTreeMap<String, usize>,
    unexplained: usize,
    faults: usize,
    lines: BTreeSet<String>,
    rules: BTreeMap<String, usize>,
}

/// Says `true` when every difference has a reason and every graph is sound.
pub fn run(options: &Options) -> Result<bool> {
    let decisions = Compiled::all(&options.decisions)?;
    let theirs = match &options.ckan {
        Some(path) => ckan(path)?,
        None => BTreeMap::new(),
    };
    let mut tally = Tally::default();
    for file in &options.files {
        self::file(file, &theirs, &decisions, options, &mut tally)?;
    }
    if let Some(path) = &options.dump {
        let lines: Vec<&str> = tally.lines.iter().map(String::as_str).collect();
        std::fs::write(path, lines.join("\n"))?;
    }
    report(&tally);
    Ok(tally.unexplained == 0 && tally.faults == 0 && tally.records > 0)
}

/// The datasets that ckanext-dcat read, by file.
/// The records of a graph, as a connector would give them.
pub fn records(path: &Path) -> Result<Vec<model::RawRecord>> {
    let parts = split::split(&split::read(path)?)?;
    Ok(parts.into_iter().map(|part| part.record).collect())
}

fn ckan(path: &Path) -> Result<BTreeMap<String, Vec<Value>>> {
    let mut files: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in std::fs::read_to_string(path)?.lines() {
        let mut line: Value = serde_json::from_str(line)?;
        let name = line["file"].as_str().unwrap_or_default().to_owned();
        let datasets = files.entry(name).or_default();
        if line.get("dataset").is_some() {
            datasets.push(line["dataset"].take());
        }
    }
    Ok(files)
}

fn file(
    path: &Path,
    theirs: &BTreeMap<String, Vec<Value>>,
    decisions: &[Compiled],
    options: &Options,
    tally: &mut Tally,
) -> Result<()> {
    let name = path.display().to_string();
    tally.files += 1;
    let parts = match split::read(path) {
        Ok(quads) => split::split(&quads)?,
        // A document that is broken in a way that the mapping mends is one record.
        Err(error) => match split::whole(path)? {
            Some(part) if ours::make(&part.record, tally.files)?.is_ok() => vec![part],
            _ => {
                tally.unread += 1;
                println!("not read: {name}: {}", error.root_cause());
                return Ok(());
            }
        },
    };
    let mut made: Vec<(Part, Ours)> = Vec::new();
    for part in parts {
        tally.records += 1;
        match ours::make(&part.record, tally.files)? {
            Ok(ours) => made.push((part, ours)),
            Err(error) => {
                tally.refused += 1;
                println!("refused: {name}: {}: {error}", part.record.id);
            }
        }
    }
    for (part, ours) in &made {
        tally.triples += ours
            .mapped
            .entities
            .iter()
            .map(|entity| entity.triples.len())
            .sum::<usize>();
        if options.dump.is_some() {
            let triples = ours
                .mapped
                .entities
                .iter()
                .flat_map(|entity| &entity.triples);
            tally
                .lines
                .extend(triples.map(|triple| format!("{triple} .")));
        }
        for finding in &ours.mapped.findings {
            *tally.rules.entry(finding.rule.to_string()).or_default() += 1;
        }
        for fault in ours.faults() {
            tally.faults += 1;
            println!("FAULT {name}: {fault}");
        }
        let verdict = kept(part, ours);
        judge(&name, "graph", &verdict, decisions, options, tally);
    }
    for dataset in theirs.get(&name).into_iter().flatten() {
        let Value::Object(dataset) = dataset else {
            continue;
        };
        let verdict = made
            .iter()
            .filter(|(_, ours)| {
                ours.mapped
                    .entities
                    .first()
                    .is_some_and(|entity| entity.kind != model::EntityKind::DataService)
            })
            .map(|(_, ours)| compare::dataset(dataset, ours))
            .min_by_key(|verdict| verdict.differences.len());
        match verdict {
            Some(verdict) => judge(&name, "ckan", &verdict, decisions, options, tally),
            None => {
                tally.unexplained += 1;
                println!("MISSING {name}: the dataset {}", dataset["title"]);
            }
        }
    }
    Ok(())
}

/// Each literal and IRI of the record, looked for anywhere in ours: in the graph, or in a finding.
fn kept(part: &Part, ours: &Ours) -> Verdict {
    let mut verdict = Verdict::default();
    let mut all = ours.all();
    for finding in &ours.mapped.findings {
        all.extend(finding.value.clone());
        all.push(finding.message.clone());
    }
    let said = all.join("\n").to_lowercase();
    let told = left_out(part, ours);
    for quad in &part.quads {
        if told.contains(&quad.subject.to_string())
            || told.contains(&quad.object.to_string())
            || quad.predicate == rdf::TYPE
            || matches!(quad.object, Term::BlankNode(_))
        {
            continue;
        }
        let value = text(&quad.object);
        verdict.compared += 1;
        if said.contains(&squeeze(&value)) || said.contains(&value.to_lowercase()) {
            continue;
        }
        let wanted = Wanted::new(&value);
        if wanted.is_empty() || all.iter().any(|known| wanted.is(known)) {
            continue;
        }
        verdict.differences.push(Difference {
            field: quad.predicate.as_str().to_owned(),
            kind: "missing",
            value,
            ours: Vec::new(),
        });
    }
    verdict
}

/// The nodes that a finding says are left out: distributions without an address, and what others describe.
fn left_out(part: &Part, ours: &Ours) -> HashSet<String> {
    let mut nodes: HashSet<String> = HashSet::new();
    let mut unaddressed = false;
    for finding in &ours.mapped.findings {
        if finding.rule == "node/left-out" {
            nodes.extend(finding.place.clone());
        }
        unaddressed |= finding.rule == "distribution/no-access-url";
    }
    let mut open: Vec<String> = nodes.drain().collect();
    if unaddressed {
        let has = |node: &str| {
            part.quads.iter().any(|quad| {
                let name = quad.predicate.as_str().to_lowercase();
                quad.subject.to_string() == node
                    && !text(&quad.object).is_empty()
                    && (name.ends_with("accessurl") || name.ends_with("downloadurl"))
            })
        };
        let distributions = part
            .quads
            .iter()
            .filter(|quad| quad.predicate.as_str().ends_with("#distribution"))
            .map(|quad| quad.object.to_string());
        open.extend(distributions.filter(|node| !has(node.as_str())));
    }
    let main = part.quads.first().map(|quad| quad.graph_name.to_string());
    while let Some(node) = open.pop() {
        if main.as_deref() != Some(node.as_str()) && nodes.insert(node.clone()) {
            let inner = part
                .quads
                .iter()
                .filter(|quad| quad.subject.to_string() == node);
            open.extend(
                inner
                    .filter(|quad| !matches!(quad.object, Term::Literal(_)))
                    .map(|quad| quad.object.to_string()),
            );
        }
    }
    nodes
}

fn squeeze(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

fn judge(
    file: &str,
    side: &str,
    verdict: &Verdict,
    decisions: &[Compiled],
    options: &Options,
    tally: &mut Tally,
) {
    tally.compared += verdict.compared;
    for difference in &verdict.differences {
        let decision = decisions
            .iter()
            .find(|decision| decision.explains(file, difference));
        if let Some(decision) = decision {
            *tally.explained.entry(decision.reason.clone()).or_default() += 1;
            continue;
        }
        tally.unexplained += 1;
        if tally.unexplained <= options.limit {
            let line = serde_json::json!({
                "file": file, "side": side, "field": difference.field, "kind": difference.kind,
                "value": difference.value, "ours": difference.ours,
            });
            if options.json {
                println!("{line}");
            } else {
                let value: String = difference.value.chars().take(160).collect();
                println!(
                    "{side} {} {} « {value} » {:?} {file}",
                    difference.kind, difference.field, difference.ours
                );
            }
        }
    }
}

fn report(tally: &Tally) {
    println!("findings: {:?}", tally.rules);
    for (reason, number) in &tally.explained {
        println!("{number:6} explained: {reason}");
    }
    println!(
        "{} files ({} not read), {} records ({} refused), {} triples; {} values compared, {} differ without a reason, {} faults",
        tally.files,
        tally.unread,
        tally.records,
        tally.refused,
        tally.triples,
        tally.compared,
        tally.unexplained,
        tally.faults
    );
}
