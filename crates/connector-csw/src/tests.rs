//! Crawls of a simulated catalogue, one fault at a time.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use model::{
    Connector, Failure, Finding, Method, ReadError, RecordFormat, Request, Response, Severity,
};
use proptest::prelude::*;
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

#[test]
fn every_record_is_read_once_whatever_the_page_size() {
    for size in [1, 2, 3, 10, 37, 50] {
        let crawl = catalogue(&format!("page_size = {size}"), |asked| {
            Ok(honest(&asked, 37))
        });
        crawl.expect_all(37);
        assert_eq!((crawl.ids.len(), crawl.announced), (37, Some(37)));
        assert_eq!(crawl.requests as u64, 1 + 37_u64.div_ceil(size));
        assert!(crawl.findings.is_empty(), "{:?}", crawl.findings);
    }
}

#[test]
fn the_capabilities_decide_what_is_asked() {
    let requests = |keys: &str| {
        let connector = csw(keys);
        let first = connector.start(None).remove(0);
        assert_eq!(
            first.url,
            "https://catalogue.example/csw?service=CSW&version=2.0.2&request=GetCapabilities"
        );
        let page = connector
            .read(&response(&first, CAPABILITIES))
            .expect("capabilities");
        assert!(page.findings.is_empty());
        page.next.into_iter().next().expect("GetRecords")
    };
    let request = requests("filter = \"apiso:Type = 'dataset' AND x < 3\"");
    assert_eq!(request.url, "https://catalogue.example/csw/post");
    let Method::Post(body) = request.method else {
        panic!("not a POST")
    };
    for part in [
        "outputSchema=\"http://www.isotc211.org/2005/gmd\"",
        "typeNames=\"gmd:MD_Metadata\"",
        "resultType=\"results\"",
        "<ogc:PropertyName>apiso:Identifier</ogc:PropertyName>",
        "<csw:CqlText>apiso:Type = &apos;dataset&apos; AND x &lt; 3</csw:CqlText>",
    ] {
        assert!(body.content.contains(part), "{part} in {}", body.content);
    }
    let Method::Post(body) = requests("prefer = \"iso19115-3\"\nsort_by = \"\"").method else {
        panic!("not a POST")
    };
    assert!(
        body.content
            .contains("outputSchema=\"http://standards.iso.org/iso/19115/-3/mdb/2.0\"")
    );
    assert!(
        body.content.contains("typeNames=\"mdb:MD_Metadata\"") && !body.content.contains("SortBy")
    );
    let kvp = requests("binding = \"kvp\"");
    assert_eq!(kvp.method, Method::Get);
    assert!(
        kvp.url.starts_with(
            "https://catalogue.example/csw?langue=fre&service=CSW&version=2.0.2&request=GetRecords&"
        ),
        "{}",
        kvp.url
    );
    assert!(kvp.url.contains("sortBy=apiso%3AIdentifier%3AA"));
}

#[test]
fn wrong_keys_are_refused_with_a_hint() {
    assert!(toml::from_str::<Config>("url = \"https://c.example\"\npagesize = 3").is_err());
    for (keys, key) in [
        ("url = \"c.example\"", "url"),
        ("url = \"file:///etc/passwd\"", "url"),
        ("url = \"https://c.example\"\npage_size = 0", "page_size"),
        ("url = \"https://c.example\"\nfilter = ' '", "filter"),
    ] {
        let error = Csw::new(toml::from_str(keys).expect("keys")).expect_err(keys);
        assert_eq!(error.key, key);
    }
    let whole = Csw::new(
        toml::from_str(
            "url = \"https://c.example/csw?config=a.cfg&SERVICE=CSW&request=GetCapabilities\"",
        )
        .expect("keys"),
    )
    .expect("good");
    assert_eq!(
        whole.start(None)[0].url,
        "https://c.example/csw?config=a.cfg&service=CSW&version=2.0.2&request=GetCapabilities"
    );
}

#[test]
fn a_foreign_endpoint_is_not_used() {
    for foreign in [
        "http://localhost:8080/csw/post",
        "http://catalogue.example/csw/post",
        "https://catalogue.example:8443/x",
    ] {
        let crawl = crawl(&csw(""), |request| match Asked::of(request) {
            None => Ok(CAPABILITIES.replace("https://catalogue.example/csw/post", foreign)),
            Some(asked) => {
                assert_eq!(request.url, ENDPOINT);
                Ok(honest(&asked, 37))
            }
        });
        crawl.expect_all(37);
        assert_eq!(crawl.rules(), ["csw/foreign-endpoint"]);
    }
}

#[test]
fn capabilities_that_cannot_be_read_do_not_end_the_crawl() {
    let answers: [Answer; 5] = [
        Ok(CAPABILITIES[..CAPABILITIES.len() / 2].to_owned()),
        Ok("<html><body>Bienvenue".to_owned()),
        Ok("<ExceptionReport><Exception exceptionCode=\"X\"/></ExceptionReport>".to_owned()),
        Ok(String::new()),
        Err(Some(500)),
    ];
    for capabilities in answers {
        let crawl = crawl(&csw(""), |request| match Asked::of(request) {
            None => capabilities.clone(),
            Some(asked) => Ok(honest(&asked, 60)),
        });
        crawl.expect_all(60);
        assert_eq!(crawl.rules(), ["csw/capabilities-unreadable"]);
    }
    let absent = crawl(&csw(""), |_| Err(None));
    assert_eq!((absent.requests, absent.lost), (1, 1));
}

/// Each writes the attributes of SearchResults from the page's start, what it carries, and the total.
type Attributes = fn(u64, u64, u64) -> String;

#[test]
fn what_a_page_says_of_paging_is_not_trusted() {
    let quirks: [(&str, Attributes, bool); 9] = [
        (
            "nextRecord missing",
            |_, carried, total| {
                format!("numberOfRecordsMatched=\"{total}\" numberOfRecordsReturned=\"{carried}\"")
            },
            false,
        ),
        (
            "0 too early",
            |_, carried, total| {
                format!(
                    "numberOfRecordsMatched=\"{total}\" numberOfRecordsReturned=\"{carried}\" nextRecord=\"0\""
                )
            },
            true,
        ),
        (
            "beyond the count",
            |_, _, total| {
                format!(
                    "numberOfRecordsMatched=\"{total}\" nextRecord=\"{}\"",
                    total + 500
                )
            },
            true,
        ),
        (
            "going back",
            |start, _, total| format!("numberOfRecordsMatched=\"{total}\" nextRecord=\"{start}\""),
            true,
        ),
        (
            "one too far at the end",
            |start, carried, total| {
                format!(
                    "numberOfRecordsMatched=\"{total}\" nextRecord=\"{}\"",
                    start + carried
                )
            },
            false,
        ),
        (
            "returned wrong",
            |start, carried, total| {
                format!(
                    "numberOfRecordsMatched=\"{total}\" numberOfRecordsReturned=\"{}\" nextRecord=\"{}\"",
                    carried + 9,
                    start + carried
                )
            },
            true,
        ),
        (
            "no number",
            |_, _, _| "nextRecord=\"bientôt\"".to_owned(),
            false,
        ),
        ("nothing at all", |_, _, _| String::new(), false),
        (
            "count absurdly low",
            |_, _, _| "numberOfRecordsMatched=\"0\"".to_owned(),
            true,
        ),
    ];
    for (quirk, attributes, told) in quirks {
        for cap in [3, 10, 1000] {
            let crawl = catalogue("page_size = 10", |asked| {
                let size = asked.size.min(cap);
                let carried = size.min(38_u64.saturating_sub(asked.start));
                Ok(results(
                    &attributes(asked.start, carried, 37),
                    &span(asked.start, size, 37),
                ))
            });
            crawl.expect_all(37);
            assert_eq!(crawl.ids.len(), 37, "{quirk}: every record once");
            assert_eq!(
                crawl.rules().contains(&"paging/counts-disagree"),
                told,
                "{quirk}: {:?}",
                crawl.findings
            );
        }
    }
}

#[test]
fn more_records_than_asked_for_are_taken() {
    // The server ignores maxRecords, also where one record is asked for.
    let crawl = catalogue("page_size = 5", |asked| {
        Ok(honest(&Asked { size: 12, ..asked }, 37))
    });
    crawl.expect_all(37);
    assert_eq!((crawl.ids.len(), crawl.requests), (37, 5));
}

#[test]
fn records_held_back_cost_an_overlap_and_no_loss() {
    // Positions are counted before the private records (multiples of 4) are taken out.
    let crawl = catalogue("page_size = 10", |asked| {
        let shown: String = (asked.start..(asked.start + asked.size).min(38))
            .filter(|number| number % 4 != 0)
            .map(record)
            .collect();
        Ok(results(
            "numberOfRecordsMatched=\"37\" numberOfRecordsReturned=\"10\"",
            &shown,
        ))
    });
    let public: Vec<String> = (1..=37).filter(|number| number % 4 != 0).map(id).collect();
    assert_eq!(crawl.distinct(), public);
    assert_eq!(crawl.lost, 0);
}

#[test]
fn an_empty_page_before_the_end_is_skipped() {
    let hole = |asked: Asked| {
        Ok(if asked.start == 11 {
            results(
                "numberOfRecordsMatched=\"37\" numberOfRecordsReturned=\"10\" nextRecord=\"21\"",
                "",
            )
        } else {
            honest(&asked, 37)
        })
    };
    let skipped = catalogue("page_size = 10", hole);
    assert_eq!(skipped.ids.len(), 27);
    let emptied = catalogue("page_size = 10", |asked| {
        Ok(if asked.start > 1 {
            results("numberOfRecordsMatched=\"900\"", "")
        } else {
            honest(&asked, 900)
        })
    });
    assert_eq!((emptied.ids.len(), emptied.requests), (10, 5));
    assert!(
        emptied
            .findings
            .iter()
            .any(|finding| finding.rule == "paging/empty-pages"
                && finding.severity == Severity::Error)
    );
}

#[test]
fn an_empty_catalogue_is_read() {
    let crawl = catalogue("", |_| {
        Ok(results(
            "numberOfRecordsMatched=\"0\" numberOfRecordsReturned=\"0\" nextRecord=\"0\"",
            "",
        ))
    });
    assert_eq!(
        (crawl.announced, crawl.lost, crawl.requests),
        (Some(0), 0, 2)
    );
}

#[test]
fn endless_catalogues_end() {
    let repeated = catalogue("page_size = 10", |_| {
        Ok(results(
            "numberOfRecordsMatched=\"1000000000\"",
            &span(1, 10, 1000),
        ))
    });
    assert!(repeated.requests <= 4 && repeated.rules().contains(&"paging/repeated-page"));
    let grows = catalogue("page_size = 1000", |asked| {
        Ok(results(
            &format!("numberOfRecordsMatched=\"{}\"", asked.start + 5000),
            &span(asked.start, asked.size, u64::MAX - 1),
        ))
    });
    assert!(
        grows.rules().contains(&"paging/endless"),
        "{:?}",
        grows.rules()
    );
}

#[test]
fn a_server_is_asked_in_the_manner_that_it_takes() {
    let exception = "<ows:ExceptionReport xmlns:ows=\"http://www.opengis.net/ows\"><ows:Exception exceptionCode=\"InvalidParameterValue\" locator=\"sortby\"/></ows:ExceptionReport>";
    for (post_refusal, sort_refusal) in [
        (Err(Some(405)), Ok(exception.to_owned())),
        (Err(Some(501)), Err(Some(400))),
        (Ok("<html><body>non".to_owned()), Ok(exception.to_owned())),
        (Ok(exception.to_owned()), Err(Some(500))),
        // As if resultType had been hits.
        (
            Ok(results(
                "numberOfRecordsMatched=\"37\" numberOfRecordsReturned=\"10\"",
                "",
            )),
            Ok(exception.to_owned()),
        ),
    ] as [(Answer, Answer); 5]
    {
        let by_post = catalogue("page_size = 10", |asked| {
            if asked.sorted {
                sort_refusal.clone()
            } else {
                Ok(honest(&asked, 37))
            }
        });
        by_post.expect_all(37);
        assert_eq!(by_post.rules(), ["paging/unsorted"]);
        let by_kvp = catalogue("page_size = 10", |asked| {
            if asked.post {
                post_refusal.clone()
            } else {
                Ok(honest(&asked, 37))
            }
        });
        by_kvp.expect_all(37);
        assert!(by_kvp.findings.is_empty(), "{:?}", by_kvp.findings);
    }
    let refusing = catalogue("", |_| Ok(exception.to_owned()));
    assert_eq!((refusing.refused, refusing.lost), (0, 1));
    assert!(refusing.requests < 10);
    let forced = catalogue("binding = \"post\"", |asked| {
        if asked.post {
            Err(Some(405))
        } else {
            panic!("KVP was ruled out")
        }
    });
    assert_eq!(forced.lost, 1);
}

/// Spoils a page.
type Fault = fn(String) -> Answer;

#[test]
fn one_bad_record_is_isolated_and_the_others_are_read() {
    let faults: [(&str, Fault); 4] = [
        ("stray &", |page| Ok(page.replace("&amp;", "&"))),
        ("truncated", |page| Ok(page[..page.len() - 40].to_owned())),
        ("500", |_| Err(Some(500))),
        ("timeout", |_| Err(None)),
    ];
    for (fault, spoil) in faults {
        for bad in [
            vec![1],
            vec![7],
            vec![37],
            vec![36],
            vec![11, 12],
            vec![3, 20, 21, 22, 37],
        ] {
            for size in [1, 3, 10, 50] {
                let crawl = catalogue(&format!("page_size = {size}"), |asked| {
                    let page = honest(&asked, 37);
                    let range = asked.start..asked.start + asked.size;
                    if bad.iter().any(|bad| range.contains(bad)) {
                        spoil(page)
                    } else {
                        Ok(page)
                    }
                });
                let good: Vec<String> = (1..=37)
                    .filter(|number| !bad.contains(number))
                    .map(id)
                    .collect();
                assert_eq!(
                    crawl.distinct(),
                    good,
                    "{fault} at {bad:?}, pages of {size}"
                );
                assert_eq!(crawl.ids.len(), good.len());
                assert_eq!(
                    (crawl.refused as usize, crawl.lost),
                    (bad.len(), 0),
                    "{fault} at {bad:?}, pages of {size}"
                );
            }
        }
    }
}

#[test]
fn a_server_that_dies_costs_few_requests_and_loses_the_run() {
    let deaths: [Answer; 4] = [
        Err(None),
        Err(Some(503)),
        Ok("<html>maintenance".to_owned()),
        Ok("<ExceptionReport/>".to_owned()),
    ];
    for death in deaths {
        let crawl = catalogue("", |asked| {
            if asked.start > 100 {
                death.clone()
            } else {
                Ok(honest(&asked, 60_000))
            }
        });
        assert_eq!(crawl.ids.len(), 100);
        assert!(crawl.lost >= 1, "the run must not count as complete");
        assert!(crawl.requests < 40, "{}", crawl.requests);
    }
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

#[test]
fn records_stand_alone() {
    let page = read(
        results(
            "numberOfRecordsMatched=\"2\"",
            &(record(1) + "\n <!-- - -->" + &record(2)),
        )
        .as_bytes(),
    )
    .expect("a page");
    assert_eq!(page.records.len(), 2);
    let text = body(&page, 1);
    assert!(
        text.starts_with(
            "<gmd:MD_Metadata xmlns:gco=\"http://www.isotc211.org/2005/gco\" xmlns:gmd="
        ),
        "{text}"
    );
    assert!(
        text.ends_with("</gmd:MD_Metadata>")
            && text.contains("Étude")
            && !text.contains("xmlns:csw")
    );
}

#[test]
fn a_default_namespace_is_inherited_and_prefixes_are_free() {
    let page = r#"<GetRecordsResponse xmlns="http://www.opengis.net/cat/csw/2.0.2" xmlns:g='http://www.isotc211.org/2005/gmd' xmlns:c="http://www.isotc211.org/2005/gco"><SearchResults numberOfRecordsMatched="2">
        <g:MD_Metadata><g:fileIdentifier><c:CharacterString> a&#233;&amp;<![CDATA[b]]>
        </c:CharacterString></g:fileIdentifier></g:MD_Metadata>
        <MD_Metadata xmlns="http://www.isotc211.org/2005/gmd"><fileIdentifier><c:CharacterString>b</c:CharacterString></fileIdentifier></MD_Metadata></SearchResults></GetRecordsResponse>"#;
    let page = read(page.as_bytes()).expect("a page");
    assert_eq!(page.records[0].id.as_str(), "aé&b");
    assert!(body(&page, 0).starts_with("<g:MD_Metadata xmlns=\"http://www.opengis.net/cat/csw/2.0.2\" xmlns:c=\"http://www.isotc211.org/2005/gco\" xmlns:g=\"http://www.isotc211.org/2005/gmd\">"));
    assert!(body(&page, 1).starts_with("<MD_Metadata xmlns:c=\"http://www.isotc211.org/2005/gco\" xmlns=\"http://www.isotc211.org/2005/gmd\">"));
}

#[test]
fn undeclared_prefixes_get_their_namespaces() {
    let page = "<csw:GetRecordsResponse><csw:SearchResults numberOfRecordsMatched=\"2\"><gmd:MD_Metadata><gmd:fileIdentifier xlink:href=\"x\"><gco:CharacterString>a</gco:CharacterString></gmd:fileIdentifier></gmd:MD_Metadata>
        <gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\" xmlns:gco=\"http://www.isotc211.org/2005/gco\"><zzz:x/><gmd:fileIdentifier><gco:CharacterString>b</gco:CharacterString></gmd:fileIdentifier></gmd:MD_Metadata></csw:SearchResults></csw:GetRecordsResponse>";
    let page = read(page.as_bytes()).expect("a page");
    assert!(body(&page, 0).starts_with("<gmd:MD_Metadata xmlns:gco=\"http://www.isotc211.org/2005/gco\" xmlns:gmd=\"http://www.isotc211.org/2005/gmd\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">"));
    assert!(body(&page, 1).starts_with("<gmd:MD_Metadata xmlns:zzz=\"urn:x-undeclared:zzz\""));
    let severities: Vec<_> = page
        .findings
        .iter()
        .filter(|finding| finding.rule == "record/undeclared-prefix")
        .map(|finding| finding.severity)
        .collect();
    assert_eq!(severities, [Severity::Info, Severity::Warning]);
}

#[test]
fn formats_are_told_by_namespace() {
    let root = |root: &str, attributes: &str| {
        results(
            "numberOfRecordsMatched=\"1\"",
            &format!(
                "<{root} {attributes}><x:fileIdentifier xmlns:x=\"urn:x\"><x:CharacterString>a</x:CharacterString></x:fileIdentifier></{root}>"
            ),
        )
    };
    let format = |page: String| {
        read(page.as_bytes())
            .expect("a page")
            .records
            .first()
            .map(|record| record.format)
    };
    assert_eq!(
        format(root(
            "gmi:MI_Metadata",
            "xmlns:gmi='http://www.isotc211.org/2005/gmi'"
        )),
        Some(RecordFormat::Iso19139)
    );
    assert_eq!(
        format(root(
            "che:CHE_MD_Metadata",
            "xmlns:che='http://www.geocat.ch/2008/che'"
        )),
        Some(RecordFormat::Iso19139)
    );
    assert_eq!(
        format(root(
            "p:Fiche",
            "xmlns:p='urn:p' xmlns:gco='http://www.isotc211.org/2005/gco' gco:isoType='gmd:MD_Metadata'"
        )),
        Some(RecordFormat::Iso19139)
    );
    assert_eq!(
        format(root(
            "m:MD_Metadata",
            "xmlns:m='http://standards.iso.org/iso/19115/-3/mdb/1.0'"
        )),
        Some(RecordFormat::Iso19115_3)
    );
    assert_eq!(
        format(root(
            "gmd:MD_Metadata",
            "xmlns:gmd='http://schemas.opengis.net/iso19139'"
        )),
        Some(RecordFormat::Iso19139)
    );
    let page = read(
        root(
            "gfc:FC_FeatureCatalogue",
            "xmlns:gfc='http://www.isotc211.org/2005/gfc'",
        )
        .as_bytes(),
    )
    .expect("a page");
    assert_eq!((page.records.len(), page.refused), (0, 1));
    assert_eq!(page.findings[0].rule, "record/unsupported-format");
    assert_eq!(
        page.findings[0].value.as_deref(),
        Some("gfc:FC_FeatureCatalogue")
    );
}

#[test]
fn identifiers_are_found_or_missed_aloud() {
    let mdb = "<mdb:MD_Metadata xmlns:mdb=\"http://standards.iso.org/iso/19115/-3/mdb/2.0\" xmlns:mcc=\"urn:mcc\"><mdb:metadataIdentifier><mcc:MD_Identifier><mcc:code><gco:CharacterString>m-1</gco:CharacterString></mcc:code></mcc:MD_Identifier></mdb:metadataIdentifier></mdb:MD_Metadata>";
    let resource = "<gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\"><gmd:fileIdentifier><gco:CharacterString>  </gco:CharacterString></gmd:fileIdentifier><gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation><gmd:identifier><gmd:RS_Identifier><gmd:code><gmx:Anchor>r-1</gmx:Anchor></gmd:code></gmd:RS_Identifier></gmd:identifier></gmd:CI_Citation></gmd:citation></gmd:MD_DataIdentification></gmd:identificationInfo></gmd:MD_Metadata>";
    let none = "<gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\"/>";
    let page = read(
        results(
            "numberOfRecordsMatched=\"4\"",
            &[mdb, resource, none, mdb].concat(),
        )
        .as_bytes(),
    )
    .expect("a page");
    let ids: Vec<&str> = page
        .records
        .iter()
        .map(|record| record.id.as_str())
        .collect();
    assert_eq!(
        ids,
        ["m-1", "r-1", "m-1"],
        "duplicates are the engine's to judge"
    );
    assert_eq!(page.refused, 1);
    let told: Vec<_> = page
        .findings
        .iter()
        .filter(|finding| finding.rule == "record/no-identifier")
        .map(|finding| {
            let (page, place) = finding
                .place
                .as_deref()
                .and_then(|place| place.rsplit_once(' '))
                .expect("a page and a place");
            assert!(
                page.starts_with("http") && page.ends_with("(start 1)"),
                "{page}"
            );
            (finding.severity, place)
        })
        .collect();
    assert_eq!(
        told,
        [(Severity::Warning, "/*/*[2]"), (Severity::Error, "/*/*[3]")]
    );
}

#[test]
fn charsets_and_leading_space_do_not_matter() {
    let page = results("numberOfRecordsMatched=\"1\"", &record(1));
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(&page);
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(page.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let declared = String::from_utf8_lossy(&latin).contains("UTF-8");
    assert!(declared);
    for (bytes, content_type, repaired) in [
        (
            format!("\n \r\n{page}").into_bytes(),
            "application/xml",
            false,
        ),
        (
            [b"\xEF\xBB\xBF\n".as_slice(), page.as_bytes()].concat(),
            "application/xml",
            false,
        ),
        (
            page.clone().into_bytes(),
            "text/xml; charset=ISO-8859-1",
            false,
        ),
        (latin.to_vec(), "text/xml; charset=\"ISO-8859-1\"", false),
        (latin.to_vec(), "text/xml", true),
        (utf16, "text/xml", false),
    ] {
        let page = read_as(&bytes, content_type).expect("a page");
        assert!(body(&page, 0).contains("Étude des zones humides &amp; mares n° 1"));
        assert_eq!(
            page.findings
                .iter()
                .any(|finding| finding.rule == "page/wrong-charset"),
            repaired
        );
    }
}

#[test]
fn broken_pages_tell_where() {
    let page = results("numberOfRecordsMatched=\"1\"", "\n<gmd:MD_Metadata>");
    assert!(
        matches!(read(page.as_bytes()), Err(ReadError::Malformed { at: Some(at), .. }) if at.contains("line 3")),
        "{:?}",
        read(page.as_bytes())
    );
    for inside in [
        "<a b=\"x & y\"/>",
        "<a b=\"1\" b=\"2\"/>",
        "<a>&nbsp;</a>",
        "<a>x & y</a>",
        "<a b=c/>",
        &"<a>".repeat(600),
    ] {
        let page = results("numberOfRecordsMatched=\"1\"", inside);
        assert!(
            matches!(read(page.as_bytes()), Err(ReadError::Malformed { .. })),
            "{inside}"
        );
    }
}

#[test]
fn entities_are_never_expanded() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]>";
    let page = |inside: &str| {
        results(
            "numberOfRecordsMatched=\"1\"",
            &record(1).replace("Étude", inside),
        )
        .replace("?>\n", &format!("?>\n{bomb}"))
    };
    for entity in ["&b;", "&c;"] {
        assert!(
            matches!(read(page(entity).as_bytes()), Err(ReadError::Malformed { message, .. }) if message.contains(entity))
        );
    }
    assert_eq!(
        read(page("rien").as_bytes()).expect("a page").records.len(),
        1
    );
}

#[test]
fn hostile_elements_are_bounded() {
    let many: String = (0..5000)
        .map(|index| format!(" xmlns:n{index}=\"urn:{index}\""))
        .collect();
    assert!(read(results("", &format!("<a{many}/>")).as_bytes()).is_err());
}

#[test]
fn answers_of_another_kind_are_named() {
    assert!(
        matches!(read(b"<HTML><body>"), Err(ReadError::Unexpected(message)) if message.contains("HTML"))
    );
    assert!(matches!(read(b"{\"a\": 1}"), Err(ReadError::Unexpected(_))));
    assert!(matches!(read(b""), Err(ReadError::Unexpected(_))));
    assert!(matches!(
        read(b"<csw:GetRecordsResponse/>"),
        Err(ReadError::Unexpected(_))
    ));
    assert!(
        matches!(read(b"<rdf:RDF/>"), Err(ReadError::Unexpected(message)) if message.contains("rdf:RDF"))
    );
    let fault = b"<s:Envelope><s:Body><s:Fault><faultstring>panne</faultstring></s:Fault></s:Body></s:Envelope>";
    assert!(matches!(read(fault), Err(ReadError::Refused { message, .. }) if message == "panne"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0_usize..2000, at in 0_usize..2000) {
        let page = results("numberOfRecordsMatched=\"3\"", &span(1, 3, 3)).into_bytes();
        let _ = read(&bytes);
        let _ = read(page.get(..cut).unwrap_or(&page));
        let mut spoilt = page.clone();
        let at = at.min(spoilt.len());
        spoilt.splice(at..at, bytes.iter().copied());
        let _ = read(&spoilt);
        let connector = csw("");
        let first = connector.start(None).remove(0);
        let _ = connector.read(&response(&first, bytes));
        let _ = connector.read(&response(&first, CAPABILITIES.as_bytes().get(..cut).unwrap_or_default().to_vec()));
    }

    #[test]
    fn no_paging_makes_it_loop(total in 0_u64..80, claimed in prop::option::of(0_u64..200), next in prop::option::of(0_u64..200), size in 1_u64..30, cap in 0_u64..30, bad in prop::collection::vec(1_u64..80, 0..6), shift in 0_u64..3) {
        catalogue(&format!("page_size = {size}"), |asked| {
            let range = asked.start..asked.start + asked.size;
            if bad.iter().any(|bad| range.contains(bad)) {
                return Err(Some(500));
            }
            let matched = claimed.map(|claimed| format!("numberOfRecordsMatched=\"{claimed}\" ")).unwrap_or_default();
            let next = next.map(|next| format!("nextRecord=\"{next}\"")).unwrap_or_default();
            Ok(results(&(matched + &next), &span(asked.start.saturating_sub(shift).max(1), asked.size.min(cap), total)))
        });
    }
}

#[test]
fn real_answers_are_counted_whole() {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpus/csw-responses"
    ));
    if !folder.is_dir() {
        eprintln!("skipped: ../shared is absent");
        return;
    }
    let mut pages = 0;
    for file in files(folder) {
        let bytes = fs::read(&file).expect("a file");
        let outcome = read(&bytes);
        let (Ok(page), Some(children)) = (outcome, children_of_results(&bytes)) else {
            continue;
        };
        pages += 1;
        assert_eq!(
            page.records.len() as u64 + page.refused,
            children,
            "{}",
            file.display()
        );
        for record in &page.records {
            let mut reader =
                quick_xml::NsReader::from_str(std::str::from_utf8(&record.body).expect("UTF-8"));
            while !matches!(
                reader
                    .read_resolved_event()
                    .expect("a document of its own")
                    .1,
                Event::Eof
            ) {}
        }
    }
    assert!(pages > 90, "only {pages} of the corpus's pages were read");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// Counts in another way than the connector does: by depth alone.
fn children_of_results(bytes: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut reader = Reader::from_str(text);
    let (mut depth, mut children, mut inside) = (0_u64, 0, None);
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => {
                depth += 1;
                children += u64::from(inside == Some(depth - 1));
                if element.local_name().as_ref() == "SearchResults" {
                    inside = Some(depth);
                }
            }
            Event::Empty(element) => {
                children += u64::from(inside == Some(depth));
                if element.local_name().as_ref() == "SearchResults" {
                    inside = Some(u64::MAX);
                }
            }
            Event::End(_) => depth -= 1,
            Event::Eof => return inside.map(|_| children),
            _ => {}
        }
    }
}
