//! What Moisson makes of a record.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use mapping::{MapContext, MapError};
use model::{Base, Mapped, Minter, RawRecord, RecordFormat, RecordId, SourceId};
use regex::Regex;
use vocab::Vocab;

/// The identifier that a CSW would have given: the record's file identifier.
fn file_identifier(body: &str) -> Result<String> {
    let identifier = Regex::new(r"(?s):(?:file|metadata)Identifier[^>]*>.{0,400}?(?:CharacterString|Anchor)[^>/]*>\s*([^<]*?)\s*<")?;
    let found = identifier.captures(body).and_then(|found| found.get(1)).map(|id| id.as_str());
    Ok(found.filter(|id| !id.is_empty()).unwrap_or("record").to_owned())
}

/// The clean graph of an ISO record.
pub fn clean(body: &[u8], raw: bool) -> Result<Result<Mapped, MapError>> {
    let minter = Minter::new(Base::new("https://judge.example/").map_err(|error| anyhow!(error))?);
    let source = SourceId::new("judge")?;
    let text = String::from_utf8_lossy(body);
    let record = RawRecord { id: RecordId::new(file_identifier(&text)?), format: RecordFormat::Iso19139, body: Bytes::copy_from_slice(body) };
    let context = MapContext { source: &source, minter: &minter, minted: None, language: "fr" };
    let mut mapped = match mapping::map(&record, &context) {
        Ok(mapped) => mapped,
        Err(error) => return Ok(Err(error)),
    };
    if !raw {
        // No record of the corpus is from the future of this day.
        let fetched = DateTime::<Utc>::from_timestamp(1_900_000_000, 0).context("a date")?;
        normalise::normalise(&mut mapped, &normalise::Context { vocab: Vocab::bundled(), record: &record.id, fetched });
    }
    Ok(Ok(mapped))
}

pub fn dump(records: &[PathBuf], raw: bool) -> Result<()> {
    let mut lines = BTreeSet::new();
    for path in records {
        let body = std::fs::read(path).with_context(|| path.display().to_string())?;
        match clean(&body, raw)? {
            Ok(mapped) => {
                lines.extend(mapped.entities.iter().flat_map(|entity| &entity.triples).map(|triple| format!("{triple} .")));
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

fn report(path: &Path, mapped: &Mapped) {
    for finding in &mapped.findings {
        eprintln!("{}: {} {:?} {} {}", path.display(), finding.rule, finding.value, finding.message, finding.place.as_deref().unwrap_or_default());
    }
    for link in mapped.entities.iter().flat_map(|entity| &entity.links) {
        eprintln!("{}: link {} {:?} {:?}", path.display(), link.predicate, link.target, link.kind);
    }
}
