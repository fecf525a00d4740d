//! Golden cases: each directory `tests/golden/<connector>/<case>/` is a test.
//!
//! `source.toml` is a source's file and `pages/` a recording of its answers; `expected.ttl` is the catalogue that comes of
//! them, and `findings.txt` what the run reports. `MOISSON_BLESS=1 cargo test -p harvest --test golden` writes the last two
//! anew; `moisson record SOURCE DIRECTORY` makes the first two from a live source.

mod instance;
mod turtle;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use fetch::Replay;
use harvest::CONNECTORS;

use instance::{Instance, Run, connector, source};
use turtle::turtle;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden");

#[tokio::test(flavor = "multi_thread")]
async fn every_case_gives_what_it_is_expected_to_give() {
    let bless = std::env::var_os("MOISSON_BLESS").is_some_and(|value| value == "1");
    let mut faults = String::new();
    for case in cases() {
        let name = case.strip_prefix(ROOT).unwrap_or(&case).display();
        for fault in check(&case, bless).await {
            writeln!(faults, "\n{name}: {fault}").expect("a string");
        }
    }
    let how = "if this is what should be, run: MOISSON_BLESS=1 cargo test -p harvest --test golden";
    assert!(faults.is_empty(), "{faults}\n{how}");
}

#[test]
fn every_connector_has_a_case() {
    let cases = cases();
    for connector in CONNECTORS {
        let folder = Path::new(ROOT).join(connector);
        assert!(
            cases.iter().any(|case| case.starts_with(&folder)),
            "{} has no case",
            folder.display()
        );
    }
}

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = directories(Path::new(ROOT))
        .iter()
        .flat_map(|connector| directories(connector))
        .collect();
    cases.sort();
    cases
}

fn directories(parent: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(parent).expect("a directory");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.is_dir()).collect()
}

/// What is wrong with a case.
async fn check(case: &Path, bless: bool) -> Vec<String> {
    let file = std::fs::read_to_string(case.join("source.toml")).expect("source.toml");
    let config = connector(&file);
    let mut faults = Vec::new();
    let folder = case.parent().and_then(Path::file_name);
    if folder != Some(config.name().as_ref()) {
        faults.push(format!("its connector is {}", config.name()));
    }
    let replay = Replay::open(case.join("pages")).expect("a recording");
    let mut source = source("source", config, replay);
    // A recording may hold the beginning of a long crawl.
    source.limits.requests = pages(case);
    let instance = Instance::new().await;
    let run = instance.run(&source).await;
    let dump = instance.dump().await;
    for page in source.fetcher.unused() {
        faults.push(format!("no request asks for its page {page}"));
    }
    faults.extend(compare(&case.join("expected.ttl"), &turtle(&dump), bless));
    faults.extend(compare(&case.join("findings.txt"), &report(&run), bless));

    instance.rebuild().await;
    if instance.dump().await != dump {
        faults.push("a rebuild gives another catalogue".to_owned());
    }
    instance.advance(TimeDelta::days(1));
    let again = instance.run(&source).await.report;
    if (again.created, again.updated) != (0, 0) || instance.dump().await != dump {
        faults.push(format!(
            "the same pages change the catalogue at the second run: {again:?}"
        ));
    }
    faults
}

/// How many pages the recording has.
fn pages(case: &Path) -> u64 {
    let entries = std::fs::read_dir(case.join("pages")).expect("pages");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let metas = names.filter(|name| name.to_string_lossy().ends_with(".meta.json"));
    metas.count() as u64
}

fn compare(file: &Path, found: &str, bless: bool) -> Option<String> {
    if bless {
        std::fs::write(file, found).expect("the case can be written");
        return None;
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let expected = match std::fs::read_to_string(file) {
        Ok(expected) => expected,
        Err(error) => return Some(format!("{name}: {error}")),
    };
    (expected != found).then(|| format!("{name} differs:\n{}", difference(&expected, found)))
}

/// The lines that only one of the two has, in their order.
fn difference(expected: &str, found: &str) -> String {
    const SHOWN: usize = 40;
    let lines = |sign: char, of: &str, other: &str| -> Vec<String> {
        let mut other: Vec<&str> = other.lines().collect();
        other.sort_unstable();
        of.lines()
            .filter(|line| other.binary_search(line).is_err())
            .map(|line| format!("  {sign} {line}"))
            .collect()
    };
    let mut all = lines('-', expected, found);
    all.extend(lines('+', found, expected));
    if all.is_empty() {
        all.push("  the same lines in another order".to_owned());
    }
    all.truncate(SHOWN);
    all.join("\n")
}

fn report(run: &Run) -> String {
    let report = &run.report;
    let announced = report
        .announced
        .map_or_else(|| "-".to_owned(), |number| number.to_string());
    let mut text = format!(
        "outcome {}\nannounced {announced}, seen {}, kept {}, refused {}\n",
        report.outcome.as_str(),
        report.seen,
        // An organisation that a dataset named is there already when a record of its own comes, unless both are committed together.
        report.created + report.updated + report.unchanged,
        report.refused
    );
    if let Some(reason) = &report.reason {
        writeln!(text, "reason: {reason}").expect("a string");
    }
    for finding in &run.findings {
        write!(text, "\n{} {}", finding.severity.as_str(), finding.rule).expect("a string");
        if let Some(record) = &finding.record {
            write!(text, " [{record}]").expect("a string");
        }
        text.push('\n');
        let parts = [
            ("at", finding.place.as_deref()),
            ("value", finding.value.as_deref()),
            ("message", Some(finding.message.as_str())),
            ("hint", finding.hint.as_deref()),
        ];
        for (name, part) in parts {
            if let Some(part) = part {
                let line = part.replace('\n', "\\n");
                writeln!(text, "  {name}: {line}").expect("a string");
            }
        }
    }
    text
}
