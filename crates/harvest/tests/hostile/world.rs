//! A server that was good once, and the instance that harvested it then.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use fetch::Fetcher;
use harvest::Source;
use model::Outcome;
use serde_json::{Value, json};

use crate::instance::{Instance, Run, connector, source};
use crate::server::{Asked, Server, answer, fetcher};

/// The longest time for one run, on a machine that has other things to do.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// The most that the whole test program may ever hold: tests run beside one another.
pub const MEMORY: u64 = 900 * 1024 * 1024;
pub const KNOWN: u64 = 10;

pub const JSON: &str = "200 OK\nContent-Type: application/json";
pub const XML: &str = "200 OK\nContent-Type: application/xml";

/// A server that was good once, and the instance that harvested it then.
pub struct World {
    pub server: Server,
    pub instance: Instance,
    pub source: Source<Fetcher>,
    pub before: String,
}

impl World {
    pub async fn udata() -> Self {
        let config = |url: &str| format!("[connector.udata]\nurl = \"{url}\"\npage_size = 10\n");
        Self::new(config, good_udata).await
    }

    pub async fn csw() -> Self {
        let config = |url: &str| format!("[connector.csw]\nurl = \"{url}\"\npage_size = 10\n");
        Self::new(config, good_csw).await
    }

    pub async fn new(config: impl Fn(&str) -> String, good: fn(&Asked) -> Vec<u8>) -> Self {
        Self::of(KNOWN, config, good).await
    }

    /// The same, of so many records.
    pub async fn of(
        known: u64,
        config: impl Fn(&str) -> String,
        good: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let server = Server::start().await;
        server.say(good);
        let source = source("mauvais", connector(&config(&server.url())), fetcher());
        let instance = Instance::new().await;
        let run = instance.run(&source).await;
        let report = &run.report;
        assert_eq!(
            (report.outcome, report.created),
            (Outcome::Complete, known),
            "{run:#?}"
        );
        let before = instance.dump().await;
        Self {
            server,
            instance,
            source,
            before,
        }
    }

    /// A run a month later, when every period of grace is over.
    pub async fn run(&self) -> Run {
        self.instance.advance(TimeDelta::days(30));
        let began = Instant::now();
        let run = tokio::time::timeout(PATIENCE, self.instance.run(&self.source)).await;
        let run = run.expect("the run ends");
        let took = began.elapsed();
        let after = self.instance.dump().await;
        let mut lines: Vec<&str> = after.lines().collect();
        lines.sort_unstable();
        for line in self.before.lines() {
            assert!(
                lines.binary_search(&line).is_ok(),
                "lost {line} after {took:?} in {run:#?}"
            );
        }
        assert_eq!(run.report.withdrawn, 0, "{run:#?}");
        let peak = peak_memory();
        assert!(peak < MEMORY, "{} MB after {run:#?}", peak >> 20);
        run
    }

    /// A run that can read nothing: it fails, and this rule says why at a place.
    pub async fn fails(&self, rule: &str, said: &str) {
        let run = self.run().await;
        assert_eq!(run.outcome(), Outcome::Failed, "{run:#?}");
        assert!(run.report.reason.is_some());
        assert_said(&run, rule, said);
    }
}

/// Some finding of this rule names its place and says these words.
pub fn assert_said(run: &Run, rule: &str, said: &str) {
    let mut of_rule = run.findings.iter().filter(|finding| finding.rule == rule);
    let speaks = of_rule.any(|finding| finding.message.contains(said) && finding.place.is_some());
    assert!(speaks, "no {rule} says `{said}` at a place: {run:#?}");
}

pub fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or_default();
    let kilobytes: u64 = peak
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap_or_default();
    kilobytes * 1024
}

pub fn dataset(n: u64) -> Value {
    json!({
        "id": format!("{n:024x}"), "title": format!("Jeu {n}"), "description": "Une description.",
        "page": format!("https://portail.example/datasets/{n}/"), "license": "lov2", "frequency": "annual",
        "last_modified": "2025-05-06T07:08:09+00:00", "last_update": "2025-05-06T07:08:09+00:00", "created_at": "2024-01-02T03:04:05+00:00",
        "organization": { "id": "5f0c1a2b3c4d5e6f70819201", "name": "Une ville", "page": "https://portail.example/organizations/ville/" },
        "resources": [{ "id": format!("00000000-0000-4000-8000-{n:012}"), "title": "Fichier", "url": format!("https://fichiers.example/{n}.csv"), "format": "csv" }],
    })
}

pub fn listing(data: &[Value], total: u64) -> String {
    json!({ "data": data, "page": 1, "page_size": 10, "total": total, "next_page": null })
        .to_string()
}

pub fn good_page() -> String {
    listing(&(0..KNOWN).map(dataset).collect::<Vec<_>>(), KNOWN)
}

pub fn is_services(asked: &Asked) -> bool {
    asked.path.contains("/dataservices/")
}

pub fn good_udata(asked: &Asked) -> Vec<u8> {
    match is_services(asked) {
        true => answer("404 Not Found", "{}"),
        false => answer(JSON, good_page()),
    }
}

pub type Saying = Box<dyn Fn(&Asked) -> Vec<u8> + Send + Sync>;

/// A udata whose listing of datasets is this text.
pub fn udata_saying(body: impl AsRef<[u8]>) -> Saying {
    let whole = answer(JSON, body);
    Box::new(move |asked| match is_services(asked) {
        true => answer("404 Not Found", "{}"),
        false => whole.clone(),
    })
}

/// One more record beside the good ones, as text that JSON libraries would not write.
pub fn udata_with(record: &str) -> Saying {
    let good = good_page();
    udata_saying(
        good.replacen("[{", &format!("[{record},{{"), 1)
            .replace("\"total\":10", "\"total\":11"),
    )
}

pub const ROOT: &str = r#"<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco">"#;

pub fn is_capabilities(asked: &Asked) -> bool {
    asked.path.contains("GetCapabilities")
}

pub fn capabilities() -> Vec<u8> {
    answer(
        XML,
        r#"<csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"/>"#,
    )
}

pub fn iso(id: &str, title: &str) -> String {
    let text = |name: &str, value: &str| {
        format!("<gmd:{name}><gco:CharacterString>{value}</gco:CharacterString></gmd:{name}>")
    };
    format!(
        "<gmd:MD_Metadata>{}<gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation>{}</gmd:CI_Citation></gmd:citation>{}</gmd:MD_DataIdentification></gmd:identificationInfo></gmd:MD_Metadata>",
        text("fileIdentifier", id),
        text("title", title),
        text("abstract", "Un résumé."),
    )
}

pub fn results(records: &str, matched: u64, returned: u64, next: u64) -> String {
    format!(
        "{ROOT}<csw:SearchResults numberOfRecordsMatched=\"{matched}\" numberOfRecordsReturned=\"{returned}\" nextRecord=\"{next}\">{records}</csw:SearchResults></csw:GetRecordsResponse>"
    )
}

pub fn good_records() -> String {
    (0..KNOWN)
        .map(|n| iso(&format!("fiche-{n}"), &format!("Fiche {n}")))
        .collect()
}

pub fn good_csw(asked: &Asked) -> Vec<u8> {
    match is_capabilities(asked) {
        true => capabilities(),
        false => answer(XML, results(&good_records(), KNOWN, KNOWN, 0)),
    }
}

/// A CSW whose GetRecords is answered with this text.
pub fn csw_saying(body: impl AsRef<[u8]>) -> Saying {
    let whole = answer(XML, body);
    Box::new(move |asked| match is_capabilities(asked) {
        true => capabilities(),
        false => whole.clone(),
    })
}

/// One more record behind the good ones; asked for alone, it comes alone.
pub fn csw_with(record: String) -> impl Fn(&Asked) -> Vec<u8> {
    move |asked| {
        if is_capabilities(asked) {
            return capabilities();
        }
        let (start, size) = (asked.number("startPosition"), asked.number("maxRecords"));
        let end = (start + size).min(KNOWN + 2);
        let records: String = (start..end)
            .map(|position| match position - 1 {
                n if n < KNOWN => iso(&format!("fiche-{n}"), &format!("Fiche {n}")),
                _ => record.clone(),
            })
            .collect();
        answer(
            XML,
            results(&records, KNOWN + 1, end.saturating_sub(start), end),
        )
    }
}
