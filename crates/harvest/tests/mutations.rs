//! The pages of the golden cases, damaged at random: no damage panics, hangs, or takes out of the catalogue what was there.

mod instance;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use fetch::{Fetch, FetchError, Replay};
use harvest::{ConnectorConfig, Source};
use model::{Method, Outcome, Request, Response};
use proptest::prelude::*;
use tokio::runtime::Runtime;

use instance::{Instance, connector, source};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden");
/// The longest time for one damaged crawl.
const PATIENCE: Duration = Duration::from_secs(30);

/// One blow to the bytes of an answer. Places are parts of 65536 of its length.
#[derive(Debug, Clone)]
enum Blow {
    Cut(u16),
    Flip(u16, u8),
    Insert(u16, &'static str),
    Delete(u16, u16),
    Repeat(u16, u16),
    Swap(u16, u16, u16),
}

/// What makes parsers stumble.
const PIECES: [&str; 28] = [
    "<",
    ">",
    "&",
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "-1",
    "1e999",
    "\\ud800",
    "\\u0000",
    "\u{0}",
    "]]>",
    "<!--",
    "<![CDATA[",
    "&amp",
    "&#0;",
    "<a>",
    "</gmd:MD_Metadata>",
    "xmlns:gmd=\"\"",
    " ",
    "\u{feff}",
    "é",
];

impl Blow {
    fn strike(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        let at = |part: u16| (length * usize::from(part)) >> 16;
        let range = |from: u16, size: u16| at(from)..length.min(at(from) + usize::from(size) % 300);
        match *self {
            Self::Cut(part) => bytes.truncate(at(part)),
            Self::Flip(part, mask) => {
                if let Some(byte) = bytes.get_mut(at(part)) {
                    *byte ^= mask;
                }
            }
            Self::Insert(part, piece) => drop(bytes.splice(at(part)..at(part), piece.bytes())),
            Self::Delete(part, size) => drop(bytes.drain(range(part, size))),
            Self::Repeat(part, size) => {
                let again = bytes[range(part, size)].to_vec();
                drop(bytes.splice(at(part)..at(part), again));
            }
            Self::Swap(a, b, size) => {
                let (a, b) = (range(a, size), range(b, size));
                let (one, other) = (bytes[a.clone()].to_vec(), bytes[b.clone()].to_vec());
                let (first, second) = if a.start <= b.start {
                    ((a, other), (b, one))
                } else {
                    ((b, one), (a, other))
                };
                if first.0.end <= second.0.start {
                    drop(bytes.splice(second.0, second.1));
                    drop(bytes.splice(first.0, first.1));
                }
            }
        }
    }
}

fn blow() -> impl Strategy<Value = Blow> {
    prop_oneof![
        1 => any::<u16>().prop_map(Blow::Cut),
        3 => (any::<u16>(), 1..=255_u8).prop_map(|(at, mask)| Blow::Flip(at, mask)),
        4 => (any::<u16>(), prop::sample::select(&PIECES[..])).prop_map(|(at, piece)| Blow::Insert(at, piece)),
        2 => (any::<u16>(), any::<u16>()).prop_map(|(at, size)| Blow::Delete(at, size)),
        2 => (any::<u16>(), any::<u16>()).prop_map(|(at, size)| Blow::Repeat(at, size)),
        2 => (any::<u16>(), any::<u16>(), any::<u16>()).prop_map(|(a, b, size)| Blow::Swap(a, b, size)),
    ]
}

/// A recording whose answers are damaged on their way.
struct Damaged {
    replay: Replay,
    /// Of the recording's pages, every which one is hit.
    every: usize,
    blows: Vec<Blow>,
}

impl Fetch for Damaged {
    async fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        let mut response = self.replay.fetch(request).await?;
        // By what is asked, so that the same request is always answered alike.
        let posted = match &request.method {
            Method::Post(body) => body.content.as_str(),
            _ => "",
        };
        let asked = request.url.bytes().chain(posted.bytes());
        if asked
            .map(usize::from)
            .sum::<usize>()
            .is_multiple_of(self.every)
        {
            let mut bytes = response.body.to_vec();
            self.blows.iter().for_each(|blow| blow.strike(&mut bytes));
            response.body = Bytes::from(bytes);
        }
        Ok(response)
    }
}

fn cases() -> &'static [PathBuf] {
    static CASES: OnceLock<Vec<PathBuf>> = OnceLock::new();
    CASES.get_or_init(|| {
        let list = |parent: &Path| -> Vec<PathBuf> {
            let entries = std::fs::read_dir(parent).expect("a directory");
            entries
                .map(|entry| entry.expect("an entry").path())
                .filter(|path| path.is_dir())
                .collect()
        };
        let mut cases: Vec<PathBuf> = list(Path::new(ROOT))
            .iter()
            .flat_map(|connector| list(connector))
            .collect();
        cases.sort();
        cases
    })
}

fn config(case: &Path) -> ConnectorConfig {
    connector(&std::fs::read_to_string(case.join("source.toml")).expect("source.toml"))
}

fn damaged(case: &Path, every: usize, blows: Vec<Blow>) -> Source<Damaged> {
    let replay = Replay::open(case.join("pages")).expect("a recording");
    let fetcher = Damaged {
        replay,
        every,
        blows,
    };
    source("source", config(case), fetcher)
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damage_takes_nothing_away(case in prop::sample::select(cases()), every in 1..4_usize, blows in prop::collection::vec(blow(), 1..6)) {
        runtime().block_on(async {
            let instance = Instance::new().await;
            instance.run(&damaged(&case, 1, Vec::new())).await;
            let before = instance.dump().await;
            instance.advance(TimeDelta::days(30));
            let source = damaged(&case, every, blows);
            let run = tokio::time::timeout(PATIENCE, instance.run(&source)).await.expect("the run ends");
            assert_eq!(run.report.withdrawn, 0, "{:?}", run.report);
            let after = instance.dump().await;
            // What a damaged page says is another value, but each entity is still there.
            let entities = |dump: &str| dump.lines().filter(|line| line.contains("/catalogue> ")).map(str::to_owned).collect::<Vec<_>>();
            let after_entities = entities(&after);
            for line in entities(&before) {
                let is_record = line.contains("ns/dcat#record> ");
                assert!(is_record || after_entities.contains(&line), "lost {line}: {run:#?}");
            }
            for triple in oxttl::NTriplesParser::new().for_slice(after.as_bytes()) {
                triple.expect("the dump is N-Triples");
            }
            if run.report.outcome != Outcome::Complete {
                assert!(!run.findings.is_empty(), "{:?}", run.report);
            }
        });
    }
}
