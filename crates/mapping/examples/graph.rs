//! Prints what records become, before the rules: `graph FORMAT FILE...`, N-Triples on standard output, findings on the other.

use std::io::Write as _;
use std::process::ExitCode;

use mapping::{MapContext, map};
use model::{Base, Minter, RawRecord, RecordFormat, RecordId, SourceId};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(format) = arguments.next().and_then(|name| RecordFormat::parse(&name)) else {
        eprintln!("graph FORMAT FILE...: FORMAT is one of those of model::RecordFormat");
        return ExitCode::from(2);
    };
    let mut failed = false;
    for file in arguments {
        if let Err(error) = print(format, &file) {
            eprintln!("{file}: {error}");
            failed = true;
        }
    }
    ExitCode::from(u8::from(failed))
}

fn print(format: RecordFormat, file: &str) -> Result<(), Box<dyn std::error::Error>> {
    let minter = Minter::new(Base::new("https://donnees.example.org/")?);
    let source = SourceId::new("exemple")?;
    let record = RawRecord {
        id: RecordId::new(file),
        format,
        body: std::fs::read(file)?.into(),
    };
    let context = MapContext {
        source: &source,
        minter: &minter,
        minted: None,
        language: "fr",
    };
    let mapped = map(&record, &context)?;
    let mut out = std::io::stdout().lock();
    for entity in &mapped.entities {
        for triple in &entity.triples {
            writeln!(out, "{triple} .")?;
        }
    }
    for finding in &mapped.findings {
        eprintln!(
            "{file}: {} {} {}: {}",
            finding.severity.as_str(),
            finding.rule,
            finding.place.as_deref().unwrap_or_default(),
            finding.message
        );
    }
    Ok(())
}
