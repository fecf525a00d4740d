//! The records of the shared corpus as sources: the overlaps that are in it are real, and nobody has said which records are one.
//!
//! What is compared with are identifiers that are looked for here, without any of the rules: and the decisions of a person, who
//! read each pair that was merged.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use archive::Decided;
use identity::Facts;
use model::{RawRecord, RecordFormat, RecordId};
use regex::Regex;
use serde_json::Value;

use super::bench::{self, Harvested, Shelf};
use super::measure::share;

pub struct Options {
    pub corpus: PathBuf,
    pub decisions: PathBuf,
    pub json: bool,
}

/// A pair of records, by source and identifier, the lesser first.
type Pair = [(String, String); 2];

/// Whether a person found that two records are one.
struct Written {
    same: bool,
    reason: String,
}

/// True if every merge was read and found right, and every pair that shares a strong identifier is merged or explained.
pub async fn run(options: &Options) -> Result<bool> {
    let shelves = shelves(&options.corpus)?;
    let decisions = decisions(&options.decisions)?;
    let harvested = bench::harvest(&shelves).await?;
    let facts = facts(&shelves)?;
    let merged = merged(&shelves, &harvested);
    let strong = strong(&shelves)?;
    let mut lines = Vec::new();
    let (mut unread, mut wrong) = (0, 0);
    for pair in &merged {
        let (verdict, reason) = match decisions.get(pair) {
            Some(written) if written.same => ("right", written.reason.as_str()),
            Some(written) => ("WRONG", written.reason.as_str()),
            None if strong.contains(pair) => ("right", "they have a strong identifier in common"),
            None => ("UNREAD", ""),
        };
        unread += usize::from(verdict == "UNREAD");
        wrong += usize::from(verdict == "WRONG");
        lines.push(format!(
            "{verdict}\t{}\t{reason}",
            tell(pair, &facts, &harvested.same)
        ));
    }
    let apart: Vec<&Pair> = strong
        .iter()
        .filter(|pair| !merged.contains(*pair))
        .collect();
    let mut unexplained = 0;
    for pair in &apart {
        let written = decisions.get(*pair);
        let reason = written
            .filter(|written| !written.same)
            .map(|written| written.reason.as_str());
        unexplained += usize::from(reason.is_none());
        let verdict = if reason.is_some() { "apart" } else { "MISSED" };
        lines.push(format!(
            "{verdict}\t{}\t{}",
            tell(pair, &facts, &harvested.perhaps),
            reason.unwrap_or_default()
        ));
    }
    if options.json {
        println!(
            "{}",
            serde_json::json!({ "records": facts.len(), "merged": merged.len(), "wrong": wrong, "unread": unread, "strong": strong.len(), "strong_apart": apart.len(), "unexplained": unexplained, "proposals": harvested.perhaps.len(), "pairs": lines })
        );
        return Ok(unread + wrong + unexplained == 0);
    }
    for line in lines {
        println!("{line}");
    }
    for shelf in &shelves {
        println!("{:<16} {:>5} records", shelf.source, shelf.records.len());
    }
    println!(
        "{} records with facts, {} refused; {} pairs merged ({wrong} wrong, {unread} not read), {} proposed; {} pairs share a strong identifier: {} merged ({:.4}), {unexplained} apart without a reason",
        facts.len(),
        harvested.refused,
        merged.len(),
        harvested.perhaps.len(),
        strong.len(),
        strong.len() - apart.len(),
        share(strong.len() - apart.len(), strong.len())
    );
    Ok(unread + wrong + unexplained == 0)
}

fn key(shelf: &Shelf, record: &RawRecord) -> (String, String) {
    (shelf.source.to_string(), record.id.to_string())
}

fn pair(a: (String, String), b: (String, String)) -> Pair {
    if a <= b { [a, b] } else { [b, a] }
}

fn facts(shelves: &[Shelf]) -> Result<HashMap<(String, String), Facts>> {
    let mut all = HashMap::new();
    for shelf in shelves {
        for record in &shelf.records {
            all.extend(
                bench::facts(&shelf.source, record)?.map(|facts| (key(shelf, record), facts)),
            );
        }
    }
    Ok(all)
}

fn pairs_of<K: Ord>(groups: BTreeMap<K, BTreeSet<(String, String)>>) -> BTreeSet<Pair> {
    let mut pairs = BTreeSet::new();
    for group in groups.into_values() {
        let group: Vec<_> = group.into_iter().collect();
        for (n, a) in group.iter().enumerate() {
            pairs.extend(group.iter().skip(n + 1).map(|b| pair(a.clone(), b.clone())));
        }
    }
    pairs
}

fn merged(shelves: &[Shelf], harvested: &Harvested) -> BTreeSet<Pair> {
    let mut groups: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for shelf in shelves {
        for record in &shelf.records {
            if let Some(entity) = harvested.entity(&shelf.source, record) {
                groups.entry(entity).or_default().insert(key(shelf, record));
            }
        }
    }
    pairs_of(groups)
}

/// Pairs of records of different sources in which the same strong identifier stands where their format has it.
fn strong(shelves: &[Shelf]) -> Result<BTreeSet<Pair>> {
    let of_xml = Regex::new(
        r"(?s):(?:fileIdentifier|metadataIdentifier)\b.{0,3000}?>\s*([^<>\s][^<>]*?)\s*<",
    )?;
    let of_json = Regex::new(r#""(?:remote_id|guid|file_identifier|id)"\s*:\s*"([^"]+)""#)?;
    let of_quads = Regex::new(r#"<http://purl.org/dc/terms/identifier> "([^"]+)""#)?;
    let drawn = Regex::new(
        r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|10\.\d{4,}/\S{3,}",
    )?;
    let mut groups: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
    for shelf in shelves {
        for record in &shelf.records {
            let text = String::from_utf8_lossy(&record.body);
            let found = match record.format.media_type() {
                "application/xml" => &of_xml,
                "application/n-quads" => &of_quads,
                _ => &of_json,
            };
            // The first is the record's own: what comes behind it may be another's.
            let identifiers = found
                .captures_iter(&text)
                .take(1)
                .filter_map(|found| found.get(1));
            for identifier in identifiers.flat_map(|found| drawn.find_iter(found.as_str())) {
                groups
                    .entry(identifier.as_str().to_lowercase())
                    .or_default()
                    .insert(key(shelf, record));
            }
        }
    }
    let mut pairs = pairs_of(groups);
    pairs.retain(|[a, b]| a.0 != b.0);
    Ok(pairs)
}

fn tell(pair: &Pair, facts: &HashMap<(String, String), Facts>, decided: &[Decided]) -> String {
    let title = |one: &(String, String)| {
        facts
            .get(one)
            .map_or_else(|| "refused".to_owned(), |facts| facts.title.clone())
    };
    let [a, b] = pair;
    let is = |party: &archive::Party, one: &(String, String)| {
        party.source.as_str() == one.0 && party.record.as_str() == one.1
    };
    let found = decided.iter().find(|decided| {
        is(&decided.a, a) && is(&decided.b, b) || is(&decided.a, b) && is(&decided.b, a)
    });
    let why = found.map_or_else(
        || "through others\t".to_owned(),
        |found| format!("{}\t{}", found.rule.name(), found.shared.join(" ")),
    );
    format!(
        "{} {}\t{} {}\t{}\t{}\t{why}",
        a.0,
        a.1,
        b.0,
        b.1,
        title(a),
        title(b)
    )
}

/// A line a pair: `right` or `wrong`, source and identifier of each, and why.
fn decisions(path: &Path) -> Result<HashMap<Pair, Written>> {
    let text = std::fs::read_to_string(path).with_context(|| {
        format!(
            "{}: run from the root of the project, or give --decisions",
            path.display()
        )
    })?;
    let mut decisions = HashMap::new();
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
    {
        let cells: Vec<&str> = line.split('\t').collect();
        let [verdict, a, b, reason] = cells.as_slice() else {
            anyhow::bail!("{}: not four columns: {line}", path.display());
        };
        ensure!(
            matches!(*verdict, "right" | "wrong") && reason.len() > 20,
            "{}: `right` or `wrong`, and a reason: {line}",
            path.display()
        );
        let party = |cell: &str| {
            cell.split_once(' ')
                .map(|(source, id)| (source.to_owned(), id.to_owned()))
        };
        let (Some(a), Some(b)) = (party(a), party(b)) else {
            anyhow::bail!("{}: a source and an identifier: {line}", path.display());
        };
        decisions.insert(
            pair(a, b),
            Written {
                same: *verdict == "right",
                reason: (*reason).to_owned(),
            },
        );
    }
    Ok(decisions)
}

/// The sources: folders of the corpus, taken for what one portal has.
const SOURCES: [(&str, &[&str]); 10] = [
    (
        "ecospheres",
        &[
            "csw-iso19139/ecospheres-xslt",
            "csw-iso19139/ecospheres-metadata",
            "csw-iso19139/ecospheres-isomorphe",
            "csw-iso19139/ecospheres-scripts",
            "csw-iso19139/sig-hdf-opendata",
        ],
    ),
    (
        "geonetwork",
        &[
            "csw-iso19139/geonetwork-vl",
            "csw-iso19139/geonetwork-ui",
            "csw-iso19139/geonetwork-microservices",
            "csw-iso19139/geonetwork5",
            "csw-iso19139/hdf-geonetwork-ui",
        ],
    ),
    (
        "iso-tools",
        &[
            "csw-iso19139/pycsw",
            "csw-iso19139/owslib",
            "csw-iso19139/ckanext-spatial",
            "csw-iso19139/ckanext-geocat",
            "csw-iso19139/semic-iso19139-to-dcatap",
            "csw-iso19139/pygeometa",
            "csw-iso19139/ows4r",
        ],
    ),
    (
        "inspire",
        &[
            "csw-iso19139/inspire-daobs",
            "csw-iso19139/inspire-ets",
            "csw-iso19139/inspire-geodcatap-pilot",
            "csw-iso19139/ignf-validator",
            "csw-iso19139/cnigfr-metadonnee",
            "csw-iso19139/geodatagouv-parsers",
            "csw-iso19139/geometa",
        ],
    ),
    ("iso19115-3", &["iso19115-3"]),
    ("udata", &["udata"]),
    ("ckan", &["ckan"]),
    ("opendatasoft", &["ods"]),
    ("ogc-records", &["ogcapi-records"]),
    ("dcat", &["dcat-turtle", "dcat-rdfxml", "dcat-jsonld"]),
];

fn shelves(corpus: &Path) -> Result<Vec<Shelf>> {
    let mut shelves = Vec::new();
    for (name, folders) in SOURCES {
        // One portal does not have two records of one identifier: the last file stands.
        let mut records: BTreeMap<String, RawRecord> = BTreeMap::new();
        for folder in folders {
            let mut files = Vec::new();
            walk(&corpus.join(folder), &mut files)?;
            files.sort();
            for file in files {
                for record in read(corpus, &file, name)? {
                    records.insert(record.id.to_string(), record);
                }
            }
        }
        shelves.push(Shelf::new(name, records.into_values().collect())?);
    }
    Ok(shelves)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        match path.is_dir() {
            true => walk(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}

/// The records of a file; none of one that cannot be read, which other checks look at.
fn read(corpus: &Path, path: &Path, source: &str) -> Result<Vec<RawRecord>> {
    if source == "dcat" {
        let parts = crate::dcat::records(path).unwrap_or_default();
        return Ok(parts);
    }
    let body = std::fs::read(path)?;
    let format = match source {
        "udata" => RecordFormat::UdataDataset,
        "ckan" => RecordFormat::CkanPackage,
        "opendatasoft" => RecordFormat::Opendatasoft,
        "ogc-records" => RecordFormat::OgcRecord,
        "iso19115-3" => RecordFormat::Iso19115_3,
        _ => RecordFormat::Iso19139,
    };
    if !format.media_type().ends_with("json") {
        let text = String::from_utf8_lossy(&body);
        let id = crate::ours::file_identifier(&text)?;
        let id = if id == "record" {
            path.strip_prefix(corpus)?.display().to_string()
        } else {
            id
        };
        return Ok(vec![RawRecord {
            id: RecordId::new(id),
            format,
            body: body.into(),
        }]);
    }
    let Ok(document) = serde_json::from_slice::<Value>(&body) else {
        return Ok(Vec::new());
    };
    let mut records = Vec::new();
    items(&document, format, &mut records, 0);
    Ok(records)
}

/// The items of a document, in whatever envelope.
fn items(document: &Value, format: RecordFormat, records: &mut Vec<RawRecord>, depth: u8) {
    if depth > 4 {
        return;
    }
    if let Value::Array(list) = document {
        list.iter()
            .for_each(|item| items(item, format, records, depth + 1));
        return;
    }
    let names: &[&str] = match format {
        RecordFormat::Opendatasoft => &["dataset_id", "datasetid"],
        _ => &["id", "name"],
    };
    let titled = match format {
        RecordFormat::OgcRecord => document.get("properties").is_some(),
        RecordFormat::Opendatasoft => document.get("metas").is_some(),
        _ => document.get("title").is_some() && document.get("resources").is_some(),
    };
    let id = names
        .iter()
        .find_map(|name| document.get(*name))
        .and_then(Value::as_str);
    if let (Some(id), true) = (id, titled) {
        records.push(RawRecord {
            id: RecordId::new(id),
            format,
            body: document.to_string().into(),
        });
        return;
    }
    for envelope in [
        "data", "result", "results", "datasets", "features", "dataset",
    ] {
        if let Some(inner) = document.get(envelope) {
            items(inner, format, records, depth + 1);
        }
    }
}
