//! What Moisson makes of a record.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use mapping::{MapContext, MapError};
use model::{Base, EntityKind, Mapped, Minter, RawRecord, RecordFormat, RecordId, SourceId};
use regex::Regex;
use vocab::Vocab;

/// The identifier that a CSW would have given: the record's file identifier.
pub fn file_identifier(body: &str) -> Result<String> {
    let identifier = Regex::new(
        r"(?s):(?:file|metadata)Identifier[^>]*>.{0,400}?(?:CharacterString|Anchor)[^>]*>\s*([^<]*?)\s*<",
    )?;
    let found = identifier
        .captures(body)
        .and_then(|found| found.get(1))
        .map(|id| id.as_str());
    Ok(found
        .filter(|id| !id.is_empty())
        .unwrap_or("record")
        .to_owned())
}

/// The clean graph of an ISO record.
/// The clean graph of an ISO record. `name` is what the entity's address is made of: records of several files may have
/// one identifier.
pub fn clean(name: &str, body: &[u8], raw: bool) -> Result<Result<Mapped, MapError>> {
    run(name, &record(body)?, raw)
}

fn record(body: &[u8]) -> Result<RawRecord> {
    let text = String::from_utf8_lossy(body);
    Ok(RawRecord {
        id: RecordId::new(file_identifier(&text)?),
        format: RecordFormat::Iso19139,
        body: Bytes::copy_from_slice(body),
    })
}

fn run(name: &str, record: &RawRecord, raw: bool) -> Result<Result<Mapped, MapError>> {
    let minter = Minter::new(Base::new("https://judge.example/").map_err(|error| anyhow!(error))?);
    let source = SourceId::new("judge")?;
    let minted = minter.record(EntityKind::Dataset, &source, &RecordId::new(name));
    let context = MapContext {
        source: &source,
        minter: &minter,
        minted: Some(&minted),
        language: "fr",
    };
    let mut mapped = match mapping::map(record, &context) {
        Ok(mapped) => mapped,
        Err(error) => return Ok(Err(error)),
    };
    if !raw {
        // No record of the corpus is from the future of this day.
        let fetched = DateTime::<Utc>::from_timestamp(1_900_000_000, 0).context("a date")?;
        let context = normalise::Context {
            vocab: Vocab::bundled(),
            record: &record.id,
            fetched,
        };
        normalise::normalise(&mut mapped, &context);
    }
    Ok(Ok(mapped))
}

pub fn dump(records: &[PathBuf], raw: bool) -> Result<()> {
    let mut lines = BTreeSet::new();
    for path in records {
        let body = std::fs::read(path).with_context(|| path.display().to_string())?;
        match clean(&path.display().to_string(), &body, raw)? {
            Ok(mapped) => {
                lines.extend(
                    mapped
                        .entities
                        .iter()
                        .flat_map(|entity| &entity.triples)
                        .map(|triple| format!("{triple} .")),
                );
                report(path, &mapped);
            }
            Err(error) => eprintln!("{}: {}: {error}", path.display(), error.rule),
        }
    }
    for line in lines {
        println!("{line}");
    }
    Ok(())
}

/// Maps the records again and again for some seconds: as they are, then with the rules.
pub fn speed(records: &[PathBuf], seconds: u64) -> Result<()> {
    let mut mapped = Vec::new();
    for path in records {
        let record = record(&std::fs::read(path).with_context(|| path.display().to_string())?)?;
        if run("a", &record, true)?.is_ok() {
            mapped.push(record);
        }
    }
    let bytes: usize = mapped.iter().map(|record| record.body.len()).sum();
    println!(
        "{} records of {} bytes on average",
        mapped.len(),
        bytes / mapped.len().max(1)
    );
    for raw in [true, false] {
        let begin = std::time::Instant::now();
        let mut done = 0_u64;
        while begin.elapsed().as_secs() < seconds && !mapped.is_empty() {
            for record in &mapped {
                let _ = run("a", record, raw)?;
                done += 1;
            }
        }
        let rate = done as f64 / begin.elapsed().as_secs_f64();
        println!(
            "{}: {rate:.0} records/s",
            if raw { "mapped" } else { "mapped and cleaned" }
        );
    }
    Ok(())
}

fn report(path: &Path, mapped: &Mapped) {
    for finding in &mapped.findings {
        eprintln!(
            "{}: {} {:?} {} {}",
            path.display(),
            finding.rule,
            finding.value,
            finding.message,
            finding.place.as_deref().unwrap_or_default()
        );
    }
    for link in mapped.entities.iter().flat_map(|entity| &entity.links) {
        eprintln!(
            "{}: link {} {:?} {:?}",
            path.display(),
            link.predicate,
            link.target,
            link.kind
        );
    }
}
