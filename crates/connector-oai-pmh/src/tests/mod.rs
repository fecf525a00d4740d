//! Crawls of a simulated repository, one fault at a time: here the repository, in the modules the faults by subject.

mod asking;
mod corpus;
mod faults;
mod hostile;
mod paging;
mod records;

use std::collections::VecDeque;

use bytes::Bytes;
use chrono::{TimeZone, Utc};
use model::{Checkpoint, Connector, Failure, Finding, ReadError, Request, Response, Severity};
use url::Url;

use crate::{Config, OaiPmh};

const BASE: &str = "https://entrepot.example/oai";

fn oai(keys: &str) -> OaiPmh {
    let config: Config =
        toml::from_str(&format!("url = \"{BASE}\"\n{keys}")).expect("a configuration");
    OaiPmh::new(config).expect("a good configuration")
}

fn checkpoint() -> Checkpoint {
    Checkpoint {
        started: Utc
            .with_ymd_and_hms(2026, 3, 2, 4, 5, 6)
            .single()
            .expect("a date"),
    }
}

fn id(number: u64) -> String {
    format!("oai:entrepot.example:{number:05}")
}

fn header(number: u64) -> String {
    format!(
        "<header><identifier> {}\n</identifier><datestamp>2026-01-01</datestamp><setSpec>eau</setSpec></header>",
        id(number)
    )
}

fn record(number: u64) -> String {
    format!(
        "<record>{}<metadata><oai_dc:dc xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/oai_dc/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>Étude &amp; mares n° {number}</dc:title></oai_dc:dc></metadata><about><x/></about></record>",
        header(number)
    )
}

fn deleted(number: u64) -> String {
    format!(
        "<record><header status=\"deleted\"><identifier>{}</identifier></header></record>",
        id(number)
    )
}

fn envelope(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"http://www.openarchives.org/OAI/2.0/ x.xsd\"><responseDate>2026-03-02T00:00:00Z</responseDate><request verb=\"ListRecords\">{BASE}</request>{inside}</OAI-PMH>"
    )
}

fn list(inside: &str) -> String {
    envelope(&format!("<ListRecords>{inside}</ListRecords>"))
}

fn error(code: &str) -> String {
    envelope(&format!("<error code=\"{code}\">voici pourquoi</error>"))
}

fn formats(listed: &[(&str, &str)]) -> String {
    let entries: String = listed
        .iter()
        .map(|(prefix, namespace)| {
            format!("<metadataFormat><metadataPrefix>{prefix}</metadataPrefix><schema>x</schema><metadataNamespace>{namespace}</metadataNamespace></metadataFormat>")
        })
        .collect();
    envelope(&format!(
        "<ListMetadataFormats>{entries}</ListMetadataFormats>"
    ))
}

const OAI_DC: (&str, &str) = ("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc/");
const ISO: (&str, &str) = ("iso19139", "http://www.isotc211.org/2005/gmd");

/// What a server answers: a body, or a status without one.
type Answer = Result<String, Option<u16>>;

/// What a request asks for.
#[derive(Debug, Default, Clone, PartialEq)]
struct Asked {
    verb: String,
    prefix: Option<String>,
    token: Option<String>,
    from: Option<String>,
    set: Option<String>,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let url = Url::parse(&request.url).expect("an address");
        let value = |name: &str| {
            url.query_pairs()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        Self {
            verb: value("verb").unwrap_or_default(),
            prefix: value("metadataPrefix"),
            token: value("resumptionToken"),
            from: value("from"),
            set: value("set"),
        }
    }
}

fn response(request: &Request, body: impl Into<Bytes>) -> Response {
    Response {
        request: request.clone(),
        url: request.url.clone(),
        status: 200,
        content_type: Some("text/xml".to_owned()),
        etag: None,
        last_modified: None,
        body: body.into(),
    }
}

#[derive(Default)]
struct Crawl {
    ids: Vec<String>,
    gone: Vec<String>,
    findings: Vec<Finding>,
    announced: Option<u64>,
    refused: u64,
    lost: u64,
    asked: Vec<Asked>,
}

impl Crawl {
    fn rules(&self) -> Vec<&str> {
        self.findings
            .iter()
            .map(|finding| finding.rule.as_ref())
            .collect()
    }

    fn distinct(&self) -> Vec<String> {
        let mut ids = self.ids.clone();
        ids.sort();
        ids.dedup();
        ids
    }

    fn expect_all(&self, total: u64) {
        let all: Vec<String> = (1..=total).map(id).collect();
        assert_eq!(self.distinct(), all, "findings: {:?}", self.findings);
        assert_eq!((self.refused, self.lost), (0, 0));
    }

    /// Whether the engine would take the run for a whole one.
    fn is_whole(&self) -> bool {
        let seen = self.distinct().len() as u64 + self.refused + self.gone.len() as u64;
        self.lost == 0
            && self.announced.is_none_or(|announced| seen >= announced)
            && !self.findings.iter().any(|finding| {
                finding.severity == Severity::Error && finding.rule.starts_with("paging/")
            })
    }
}

/// What the engine does, without its patience.
fn crawl_since(
    connector: &OaiPmh,
    since: Option<&Checkpoint>,
    mut serve: impl FnMut(&Asked) -> Answer,
) -> Crawl {
    let mut crawl = Crawl::default();
    let mut queue: VecDeque<Request> = connector.start(since).into();
    while let Some(request) = queue.pop_front() {
        let asked = Asked::of(&request);
        crawl.asked.push(asked.clone());
        assert!(crawl.asked.len() < 5000, "the crawl does not end");
        let after = match serve(&asked) {
            Err(status) => {
                let message = "échec";
                connector.recover(&request, &Failure::Fetch { status, message })
            }
            Ok(body) => match connector.read(&response(&request, body)) {
                Ok(page) => {
                    crawl
                        .ids
                        .extend(page.records.iter().map(|record| record.id.to_string()));
                    crawl.gone.extend(page.gone.iter().map(ToString::to_string));
                    crawl.findings.extend(page.findings);
                    crawl.refused += page.refused;
                    crawl.announced = page.announced.or(crawl.announced);
                    Some(page.next)
                }
                Err(error) => connector.recover(&request, &Failure::Read(&error)),
            },
        };
        match after {
            Some(requests) => requests
                .into_iter()
                .rev()
                .for_each(|request| queue.push_front(request)),
            None => crawl.lost += 1,
        }
    }
    crawl
}

/// A repository of `oai_dc` whose lists `page` writes.
fn repository(keys: &str, mut page: impl FnMut(&Asked) -> Answer) -> Crawl {
    crawl_since(&oai(keys), None, |asked| match asked.verb.as_str() {
        "ListMetadataFormats" => Ok(formats(&[OAI_DC])),
        "ListRecords" => page(asked),
        verb => panic!("{verb} was asked"),
    })
}

/// Where a page begins: its token is the number of its first record.
fn start(asked: &Asked) -> u64 {
    asked
        .token
        .as_deref()
        .map_or(1, |token| token.parse().expect("one of our tokens"))
}

/// A page of an honest list of `total` records.
fn honest(asked: &Asked, size: u64, total: u64) -> String {
    let start = start(asked);
    let end = (start + size).min(total + 1);
    let records: String = (start..end).map(record).collect();
    let token = if end > total {
        String::new()
    } else {
        end.to_string()
    };
    list(&format!(
        "{records}<resumptionToken completeListSize=\"{total}\" cursor=\"{}\">{token}</resumptionToken>",
        start - 1
    ))
}

fn read(body: &[u8]) -> Result<model::Page, ReadError> {
    let connector = oai("metadata_prefix = \"oai_dc\"");
    let request = connector.start(None).remove(0);
    connector.read(&response(&request, body.to_vec()))
}
