//! GetRecordsResponse, taken apart in one pass.

use model::{Finding, RawRecord, ReadError};
use xml_records::{MAX_RECORDS, Open, Page, Slice, Visit, walk};

use crate::exception;
use crate::record::Names;

/// What a page of results carries, and what it says of itself.
#[derive(Debug, Default)]
pub struct Results {
    pub matched: Option<u64>,
    pub returned: Option<u64>,
    pub next_record: Option<u64>,
    /// Elements of SearchResults.
    pub carried: u64,
    pub records: Vec<RawRecord>,
    pub refused: u64,
    pub findings: Vec<Finding>,
}

impl Results {
    /// Of the records, the first `limit` are kept.
    pub fn parse(page: Page<'_>, limit: u64) -> Result<Self, ReadError> {
        let mut split = Split {
            text: page.text,
            limit,
            results_at: None,
            seen_results: false,
            names: None,
            results: Self::default(),
        };
        walk(page, &mut split)?;
        match split.seen_results {
            true => Ok(split.results),
            false => Err(ReadError::Unexpected(
                "the answer to GetRecords has no csw:SearchResults".to_owned(),
            )),
        }
    }
}

struct Split<'t> {
    text: &'t str,
    limit: u64,
    /// The depth of SearchResults while it is open.
    results_at: Option<usize>,
    seen_results: bool,
    names: Option<Names<'t>>,
    results: Results,
}

impl<'t> Visit<'t> for Split<'t> {
    fn open(&mut self, element: &Open<'t, '_>) -> Result<bool, ReadError> {
        if element.depth == 1 {
            check_root(element.name, self.text)?;
        }
        match (&mut self.names, self.results_at) {
            (Some(names), _) => names.open(element),
            (None, Some(results)) if element.depth == results + 1 => {
                if self.results.carried >= MAX_RECORDS {
                    return Err(ReadError::Unexpected(format!(
                        "the page has more than {MAX_RECORDS} records"
                    )));
                }
                self.names = Some(Names::new(element));
                return Ok(true);
            }
            (None, None) if element.local() == "SearchResults" => self.open_results(element),
            (None, None) if element.depth <= 4 && exception::is_report(element.local()) => {
                return Err(exception::parse(self.text));
            }
            _ => {}
        }
        Ok(false)
    }

    fn text(&mut self, text: &str) {
        if let Some(names) = &mut self.names {
            names.text(text);
        }
    }

    fn close(&mut self, depth: usize) {
        if let Some(names) = &mut self.names {
            names.close();
        } else if self.results_at == Some(depth) {
            self.results_at = None;
        }
    }

    fn sliced(&mut self, slice: Slice<'t>) {
        let Some(names) = self.names.take() else {
            return;
        };
        self.results.carried += 1;
        if self.results.carried > self.limit {
            return;
        }
        let closed = names.finish(slice, self.results.carried);
        self.results.findings.extend(closed.findings);
        match closed.record {
            Some(record) => self.results.records.push(record),
            None => self.results.refused += 1,
        }
    }
}

impl<'t> Split<'t> {
    fn open_results(&mut self, element: &Open<'t, '_>) {
        let number = |name: &str| element.attribute(name)?.trim().parse().ok();
        self.results_at = Some(element.depth);
        self.seen_results = true;
        self.results.matched = number("numberOfRecordsMatched");
        self.results.returned = number("numberOfRecordsReturned");
        self.results.next_record = number("nextRecord");
    }
}

fn check_root(name: &str, text: &str) -> Result<(), ReadError> {
    match xml_records::local(name) {
        "GetRecordsResponse" | "Envelope" => Ok(()),
        local if exception::is_report(local) => Err(exception::parse(text)),
        local if local.eq_ignore_ascii_case("html") => Err(ReadError::Unexpected(
            "a page of HTML came instead of csw:GetRecordsResponse".to_owned(),
        )),
        _ => Err(ReadError::Unexpected(format!(
            "<{name}> came instead of csw:GetRecordsResponse"
        ))),
    }
}
