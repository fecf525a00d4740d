//! Crawls of a simulated catalogue, one fault at a time: here the catalogue, in the modules the faults by subject.

mod asking;
mod corpus;
mod faults;
mod hostile;
mod pages;
mod paging;
mod records;

use std::collections::VecDeque;

use bytes::Bytes;
use model::{Connector, Failure, Finding, Method, ReadError, Request, Response};
use quick_xml::Reader;
use quick_xml::events::Event;
use url::Url;

use crate::{Config, Csw};

const ENDPOINT: &str = "https://catalogue.example/csw";

fn csw(keys: &str) -> Csw {
    let config: Config =
        toml::from_str(&format!("url = \"{ENDPOINT}\"\n{keys}")).expect("a configuration");
    Csw::new(config).expect("a good configuration")
}

fn id(number: u64) -> String {
    format!("fiche-{number:05}")
}

fn record(number: u64) -> String {
    format!(
        "<gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\"><gmd:fileIdentifier><gco:CharacterString>{}</gco:CharacterString></gmd:fileIdentifier><gmd:abstract><gco:CharacterString>Étude des zones humides &amp; mares n° {number}</gco:CharacterString></gmd:abstract></gmd:MD_Metadata>",
        id(number)
    )
}

fn results(attributes: &str, records: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<csw:GetRecordsResponse xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\" xmlns:gco=\"http://www.isotc211.org/2005/gco\" version=\"2.0.2\"><csw:SearchStatus/><csw:SearchResults {attributes} elementSet=\"full\">{records}</csw:SearchResults></csw:GetRecordsResponse>"
    )
}

const CAPABILITIES: &str = r#"<?xml version="1.0"?><csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:ows="http://www.opengis.net/ows" xmlns:xlink="http://www.w3.org/1999/xlink"><ows:OperationsMetadata><ows:Operation name="GetRecords"><ows:DCP><ows:HTTP><ows:Get xlink:href="https://catalogue.example/csw?langue=fre"/><ows:Post xlink:href="https://catalogue.example/csw/post"/></ows:HTTP></ows:DCP><ows:Parameter name="outputSchema"><ows:Value>http://www.opengis.net/cat/csw/2.0.2</ows:Value><ows:Value>http://www.isotc211.org/2005/gmd</ows:Value><ows:Value>http://standards.iso.org/iso/19115/-3/mdb/2.0</ows:Value></ows:Parameter><ows:Parameter name="typeNames"><ows:Value>csw:Record</ows:Value><ows:Value>gmd:MD_Metadata</ows:Value><ows:Value>mdb:MD_Metadata</ows:Value></ows:Parameter><ows:Constraint name="SupportedISOQueryables"><ows:Value>apiso:Identifier</ows:Value></ows:Constraint></ows:Operation></ows:OperationsMetadata></csw:Capabilities>"#;

/// What a server answers: a body, or a status without one.
type Answer = Result<String, Option<u16>>;

/// What GetRecords asks for, read back from the request.
#[derive(Debug)]
struct Asked {
    start: u64,
    size: u64,
    post: bool,
    sorted: bool,
}

impl Asked {
    fn of(request: &Request) -> Option<Self> {
        let number = |text: &str, name: &str| -> Option<u64> {
            let value = text
                .split_once(&format!("{name}=\""))?
                .1
                .split('"')
                .next()?;
            value.parse().ok()
        };
        if let Method::Post(body) = &request.method {
            let mut reader = Reader::from_str(&body.content);
            while !matches!(
                reader.read_event().expect("a well-formed request"),
                Event::Eof
            ) {}
            return Some(Self {
                start: number(&body.content, "startPosition")?,
                size: number(&body.content, "maxRecords")?,
                post: true,
                sorted: body.content.contains("<ogc:SortBy>"),
            });
        }
        let url = Url::parse(&request.url).expect("an address");
        let value = |name: &str| {
            url.query_pairs()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        Some(Self {
            start: value("startPosition")?.parse().ok()?,
            size: value("maxRecords")?.parse().ok()?,
            post: false,
            sorted: value("sortBy").is_some(),
        })
    }
}

fn response(request: &Request, body: impl Into<Bytes>) -> Response {
    Response {
        request: request.clone(),
        url: request.url.clone(),
        status: 200,
        content_type: Some("application/xml".to_owned()),
        etag: None,
        last_modified: None,
        body: body.into(),
    }
}

#[derive(Default)]
struct Crawl {
    ids: Vec<String>,
    findings: Vec<Finding>,
    announced: Option<u64>,
    refused: u64,
    lost: u64,
    requests: usize,
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
}

/// What the engine does, without its patience.
fn crawl(connector: &Csw, mut serve: impl FnMut(&Request) -> Answer) -> Crawl {
    let mut crawl = Crawl::default();
    let mut queue: VecDeque<Request> = connector.start(None).into();
    while let Some(request) = queue.pop_front() {
        crawl.requests += 1;
        assert!(crawl.requests < 3000, "the crawl does not end");
        let after = match serve(&request) {
            Err(status) => connector.recover(
                &request,
                &Failure::Fetch {
                    status,
                    message: "échec",
                },
            ),
            Ok(body) => match connector.read(&response(&request, body)) {
                Ok(page) => {
                    crawl
                        .ids
                        .extend(page.records.iter().map(|record| record.id.to_string()));
                    crawl.findings.extend(page.findings);
                    crawl.refused += page.refused;
                    crawl.announced = page.announced.or(crawl.announced);
                    Some(page.next)
                }
                Err(error) => {
                    connector
                        .recover(&request, &Failure::Read(&error))
                        .inspect(|requests| {
                            let sum: u64 =
                                requests.iter().filter_map(|request| request.records).sum();
                            assert!(
                                request.records.is_none_or(|records| sum <= records),
                                "the records asked for grow"
                            );
                        })
                }
            },
        };
        match after {
            Some(requests) => requests
                .into_iter()
                .rev()
                .for_each(|request| queue.push_front(request)),
            None if request.records == Some(1) => crawl.refused += 1,
            None => crawl.lost += 1,
        }
    }
    crawl
}

/// A catalogue of `total` records whose pages `page` writes.
fn catalogue(keys: &str, page: impl Fn(Asked) -> Answer) -> Crawl {
    crawl(&csw(keys), |request| match Asked::of(request) {
        None => Ok(CAPABILITIES.to_owned()),
        Some(asked) => page(asked),
    })
}

fn span(start: u64, size: u64, total: u64) -> String {
    (start..start.saturating_add(size).min(total + 1))
        .map(record)
        .collect()
}

fn honest(asked: &Asked, total: u64) -> String {
    let returned = asked.size.min((total + 1).saturating_sub(asked.start));
    let next = asked.start + returned;
    let next = if next > total { 0 } else { next };
    results(
        &format!(
            "numberOfRecordsMatched=\"{total}\" numberOfRecordsReturned=\"{returned}\" nextRecord=\"{next}\""
        ),
        &span(asked.start, asked.size, total),
    )
}

fn read(body: &[u8]) -> Result<model::Page, ReadError> {
    read_as(body, "application/xml")
}

fn read_as(body: &[u8], content_type: &str) -> Result<model::Page, ReadError> {
    let connector = csw("");
    let first = connector.start(None).remove(0);
    let request = connector
        .read(&response(&first, CAPABILITIES))
        .expect("capabilities")
        .next
        .remove(0);
    connector.read(&Response {
        content_type: Some(content_type.to_owned()),
        ..response(&request, body.to_vec())
    })
}

fn body(page: &model::Page, index: usize) -> String {
    String::from_utf8(page.records[index].body.to_vec()).expect("UTF-8")
}
