//! The crawl: a count, a list in the order of IRIs, and what is said of each batch of it.

use std::collections::{BTreeSet, HashMap};

use model::{
    Checkpoint, Checksum, ConfigError, Connector, Coverage, Failure, Finding, Page, RawRecord,
    ReadError, RecordFormat, Request, Response, Severity, Stage,
};
use rdf_split::{Document, Source};
use url::Url;

use crate::answer::{check_kind, rows};
use crate::config::{Config, Sending};
use crate::cursor::{Cursor, Step};
use crate::query;

/// A SPARQL endpoint.
#[derive(Debug, Clone)]
pub struct Sparql {
    config: Config,
    endpoint: Url,
}

impl Sparql {
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let endpoint = config.endpoint()?;
        Ok(Self { config, endpoint })
    }
}

const TABLE: &str = "application/sparql-results+json";
const TRIPLES: &str = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5";
/// Datasets of an endpoint that does not count them.
const MAX_LISTED: u64 = 5_000_000;

impl Connector for Sparql {
    fn start(&self, _: Option<&Checkpoint>) -> Vec<Request> {
        vec![self.request(&Cursor::first(self.config.page_size))]
    }

    fn read(&self, answer: &Response) -> Result<Page, ReadError> {
        let cursor = Cursor::of(&answer.request)?;
        match &cursor.step {
            Step::Count => self.count(&cursor, answer),
            Step::List { .. } | Step::ListByNumber { .. } => self.list(&cursor, answer),
            Step::Check { .. } => check(answer),
            Step::Describe { ids, depth } => self.describe(&cursor, ids, *depth, answer),
        }
    }

    fn coverage(&self, _: Option<&Checkpoint>) -> Coverage {
        Coverage::Full
    }

    fn recover(&self, request: &Request, failure: &Failure<'_>) -> Option<Vec<Request>> {
        let cursor = Cursor::of(request).ok()?;
        // An endpoint that is not there, or wants a password, is not helped by smaller questions.
        if matches!(
            failure,
            Failure::Fetch {
                status: Some(401 | 403 | 404 | 410),
                ..
            }
        ) {
            return None;
        }
        // Where nothing ever answered, two smaller lists tell whether the first one was only too great.
        let silent =
            matches!(failure, Failure::Fetch { status: None, .. }) && cursor.total.is_none();
        if silent && cursor.page > 0 && cursor.size < self.config.page_size.div_ceil(2) {
            return None;
        }
        match &cursor.step {
            // A great store may fail to count what it can list.
            Step::Count => Some(vec![self.request(&cursor.list(Step::List {
                after: String::new(),
            }))]),
            Step::List { after } if cursor.size == 1 && after.is_empty() => {
                let by_number = Step::ListByNumber {
                    offset: 0,
                    mark: None,
                };
                let cursor = Cursor {
                    size: self.config.page_size,
                    ..cursor.at(by_number)
                };
                Some(vec![self.request(&cursor)])
            }
            Step::List { .. } | Step::ListByNumber { .. } if cursor.size > 1 => {
                let smaller = Cursor {
                    size: cursor.size / 2,
                    ..cursor
                };
                Some(vec![self.request(&smaller)])
            }
            Step::List { .. } | Step::ListByNumber { .. } => None,
            Step::Describe { ids, depth } if ids.len() > 1 => {
                let halves = ids.chunks(ids.len().div_ceil(2));
                Some(
                    halves
                        .map(|half| self.request_for(&cursor, half.to_vec(), *depth))
                        .collect(),
                )
            }
            // Alone, it may still be too far a way.
            Step::Describe { ids, depth } if *depth > 2 => {
                Some(vec![self.request_for(&cursor, ids.clone(), 2)])
            }
            Step::Check { .. } | Step::Describe { .. } => None,
        }
    }
}

impl Sparql {
    fn request(&self, cursor: &Cursor) -> Request {
        let (query, accept) = match &cursor.step {
            Step::Count => (query::count(&self.config), TABLE),
            Step::List { after } => (query::list(&self.config, after, cursor.size), TABLE),
            Step::ListByNumber { offset, .. } => (
                query::list_by_number(&self.config, *offset, cursor.size),
                TABLE,
            ),
            Step::Check { offset } => (query::list_by_number(&self.config, *offset, 1), TABLE),
            Step::Describe { ids, depth } => (query::describe(&self.config, ids, *depth), TRIPLES),
        };
        // A cursor is made of numbers and words: it always has a JSON form.
        let state = serde_json::to_value(cursor).unwrap_or_default();
        let request = match self.config.method {
            Sending::Post => {
                let form = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("query", &query)
                    .finish();
                Request::post(
                    self.endpoint.clone(),
                    "application/x-www-form-urlencoded",
                    form,
                    accept,
                )
            }
            Sending::Get => {
                let mut url = self.endpoint.clone();
                url.query_pairs_mut().append_pair("query", &query);
                Request::get(url, accept)
            }
        };
        request.cursor(state)
    }

    fn request_for(&self, cursor: &Cursor, ids: Vec<String>, depth: u64) -> Request {
        let number = ids.len() as u64;
        let cursor = Cursor {
            size: number,
            ..cursor.at(Step::Describe { ids, depth })
        };
        self.request(&cursor).records(number)
    }

    fn count(&self, cursor: &Cursor, answer: &Response) -> Result<Page, ReadError> {
        let mut page = Page::default();
        let (mut total, mut blank) = (0_u64, 0_u64);
        for row in rows(answer)? {
            let number: u64 = row
                .get("n")
                .and_then(|n| n.trim().parse().ok())
                .unwrap_or(0);
            // Virtuoso writes truth as a number.
            let is_blank = row
                .get("blank")
                .is_some_and(|value| matches!(value.as_str(), "true" | "1"));
            *(if is_blank { &mut blank } else { &mut total }) = number;
        }
        if blank > 0 {
            page.refused = blank;
            page.findings.push(
                at(answer, "record/no-identifier", Severity::Error, format!("{blank} datasets of the endpoint are blank nodes: they cannot be asked for, and were left out"))
                    .hint("Give each dataset an IRI that lasts."),
            );
        }
        page.announced = Some(total.saturating_add(blank));
        let first = Cursor {
            total: Some(total),
            ..cursor.list(Step::List {
                after: String::new(),
            })
        };
        page.next.push(self.request(&first));
        Ok(page)
    }

    fn list(&self, cursor: &Cursor, answer: &Response) -> Result<Page, ReadError> {
        let rows = rows(answer)?;
        let mut page = Page::default();
        let received: Vec<&String> = rows
            .iter()
            .filter_map(|row| row.get("id"))
            .filter(|id| !id.is_empty())
            .collect();
        let ids: BTreeSet<String> = received.iter().copied().cloned().collect();
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
            if cursor.total.is_some_and(|total| cursor.listed < total) {
                page.findings.push(at(
                    answer,
                    "paging/counts-disagree",
                    Severity::Warning,
                    "the list ends before the number that the endpoint counts",
                ));
            }
            // Without a number, what the order left out would not be missed.
            if matches!(cursor.step, Step::List { .. })
                && cursor.total.is_none()
                && cursor.listed > 0
            {
                let check = Step::Check {
                    offset: cursor.listed,
                };
                page.next.push(self.request(&cursor.list(check)));
            }
            return Ok(page);
        };
        if let Step::List { after } = &cursor.step
            && (!received.is_sorted() || (!after.is_empty() && first <= after))
        {
            page.findings.push(at(answer, "paging/order-not-honoured", Severity::Warning, "the endpoint does not sort or compare IRIs as texts; the list goes on by number, and may miss what changes meanwhile").value(first));
            let by_number = Cursor {
                size: self.config.page_size,
                ..cursor.list(Step::ListByNumber {
                    offset: cursor.listed,
                    mark: None,
                })
            };
            page.next.push(self.request(&by_number));
            return Ok(page);
        }
        let own = Checksum::of(
            ids.iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("\n")
                .as_bytes(),
        )
        .to_string();
        if matches!(&cursor.step, Step::ListByNumber { mark: Some(mark), .. } if *mark == own) {
            page.findings.push(at(
                answer,
                "paging/repeated-page",
                Severity::Error,
                "the endpoint lists the same datasets again; the list was given up here",
            ));
            return Ok(page);
        }
        let listed = cursor.listed.saturating_add(ids.len() as u64);
        let most = cursor.total.map_or(MAX_LISTED, |total| {
            total.saturating_mul(2).saturating_add(10_000)
        });
        let next = match &cursor.step {
            Step::ListByNumber { offset, .. } => Step::ListByNumber {
                offset: offset.saturating_add(rows.len() as u64),
                mark: Some(own),
            },
            _ => Step::List {
                after: last.clone(),
            },
        };
        self.ask_for(cursor, &ids, answer, &mut page);
        if listed > most {
            page.findings.push(at(
                answer,
                "paging/endless",
                Severity::Error,
                "the endpoint lists far more datasets than it counts; the list was given up here",
            ));
        } else {
            let next = Cursor {
                listed,
                size: self.config.page_size,
                ..cursor.list(next)
            };
            page.next.push(self.request(&next));
        }
        Ok(page)
    }

    /// Asks for what is said of the entities of a page.
    fn ask_for(&self, cursor: &Cursor, ids: &BTreeSet<String>, answer: &Response, page: &mut Page) {
        let (good, bad): (Vec<String>, Vec<String>) =
            ids.iter().cloned().partition(|id| query::can_be_asked(id));
        for id in bad {
            page.refused += 1;
            page.findings.push(
                at(answer, "iri/malformed", Severity::Error, "the IRI of this dataset has characters that no query may hold: it cannot be asked for, and was left out").value(&id),
            );
        }
        let size = usize::try_from(self.config.page_size).unwrap_or(usize::MAX);
        for batch in good.chunks(size.max(1)) {
            page.next
                .push(self.request_for(cursor, batch.to_vec(), self.config.depth));
        }
    }

    fn describe(
        &self,
        cursor: &Cursor,
        ids: &[String],
        depth: u64,
        answer: &Response,
    ) -> Result<Page, ReadError> {
        check_kind(&answer.body)?;
        if answer.body.trim_ascii().is_empty() {
            return self.sort_out(cursor, ids, depth, HashMap::new(), answer, Page::default());
        }
        let document = Document::read(Source {
            body: &answer.body,
            content_type: answer.content_type.as_deref(),
            url: self.endpoint.as_str(),
            syntax: None,
        })?;
        // A smaller question tells which dataset is broken; that one alone is left as it was.
        if let Some(fault) = document
            .findings()
            .iter()
            .find(|finding| finding.rule == "page/unreadable")
        {
            return Err(ReadError::Malformed {
                message: fault.message.clone(),
                at: fault.place.clone(),
            });
        }
        let split = document.split(self.endpoint.as_str());
        let page = Page {
            findings: document.findings().to_vec(),
            ..Page::default()
        };
        let mut given: HashMap<String, Given> = HashMap::new();
        for piece in split.pieces {
            let id = piece.id.as_str().to_owned();
            let record = RawRecord {
                id: piece.id,
                format: RecordFormat::Dcat,
                body: piece.body,
            };
            given.insert(
                id,
                Given {
                    record: Some(record),
                    doubtful: piece.dangling,
                    finding: None,
                },
            );
        }
        for finding in split.findings {
            if let Some(id) = &finding.record {
                let given = given.entry(id.as_str().to_owned()).or_default();
                given.finding.get_or_insert(finding);
            }
        }
        self.sort_out(cursor, ids, depth, given, answer, page)
    }

    /// Takes from an answer what was asked for; what it lacks, or holds without its distributions, is asked for once more alone: an
    /// endpoint that cuts off long answers does not say so.
    fn sort_out(
        &self,
        cursor: &Cursor,
        ids: &[String],
        depth: u64,
        mut given: HashMap<String, Given>,
        answer: &Response,
        mut page: Page,
    ) -> Result<Page, ReadError> {
        let alone = ids.len() == 1;
        for id in ids {
            let given = given.remove(id).unwrap_or_default();
            match given.record {
                Some(record) if alone || !given.doubtful => {
                    page.records.push(record);
                    if given.doubtful {
                        page.findings.push(
                            at(
                                answer,
                                "record/not-described",
                                Severity::Warning,
                                "the endpoint names distributions or blank nodes of this dataset, and does not describe them, asked for it alone: they are lacking",
                            )
                            .value(id),
                        );
                    }
                    page.findings.extend(given.finding);
                }
                _ if !alone => page
                    .next
                    .push(self.request_for(cursor, vec![id.clone()], depth)),
                _ => {
                    page.refused += 1;
                    page.findings.push(given.finding.unwrap_or_else(|| {
                        at(
                            answer,
                            "record/not-described",
                            Severity::Error,
                            "the endpoint lists this dataset, and says nothing of it",
                        )
                        .value(id)
                    }));
                }
            }
        }
        Ok(page)
    }
}

/// A list without a number has ended: nothing may stand behind as many as it gave.
fn check(answer: &Response) -> Result<Page, ReadError> {
    let mut page = Page::default();
    if let Some(id) = rows(answer)?.iter().find_map(|row| row.get("id")) {
        page.findings.push(
            at(
                answer,
                "paging/counts-disagree",
                Severity::Error,
                "the endpoint has more datasets than it listed in their order: some were not read",
            )
            .value(id),
        );
    }
    Ok(page)
}

/// What an answer gave of one entity.
#[derive(Default)]
struct Given {
    record: Option<RawRecord>,
    doubtful: bool,
    finding: Option<Finding>,
}

fn at(
    answer: &Response,
    rule: &'static str,
    severity: Severity,
    message: impl Into<String>,
) -> Finding {
    // The address of a query by GET is the query: too long to be of use.
    let place = answer.url.split('?').next().unwrap_or_default();
    Finding::new(rule, severity, Stage::Read, message).place(place)
}
