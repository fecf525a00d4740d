//! GetRecordsResponse, taken apart in one pass.

use bytes::Bytes;
use model::{Finding, RawRecord, ReadError};
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use crate::exception;
use crate::record::{Declaration, OpenRecord, Page};
use crate::xml::{
    MAX_ATTRIBUTES, MAX_DECLARATIONS, MAX_DEPTH, MAX_RECORDS, attribute, local, malformed,
    position, prefix, resolve, syntax_error,
};

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
    /// Of the records, the first `limit` are kept. `shared` is the answer's body, where `text` is a part of it.
    pub fn parse(text: &str, shared: Option<&Bytes>, limit: u64) -> Result<Self, ReadError> {
        let mut reader = Reader::from_str(text);
        let mut split = Split {
            page: Page { text, shared },
            limit,
            depth: 0,
            declarations: Vec::new(),
            results_at: None,
            seen_results: false,
            seen_root: false,
            record: None,
            results: Self::default(),
        };
        loop {
            let start = position(reader.buffer_position());
            let event = reader
                .read_event()
                .map_err(|error| syntax_error(text, &reader, &error))?;
            let end = position(reader.buffer_position());
            match event {
                Event::Start(element) => split.open(&element, start)?,
                Event::Empty(element) => {
                    split.open(&element, start)?;
                    split.close(end);
                }
                Event::End(_) => split.close(end),
                Event::Text(words) => split.text(&words.xml10_content()),
                Event::CData(words) => split.text(&words.xml10_content()),
                Event::GeneralRef(reference) => match resolve(&reference) {
                    Some(character) => split.text(&character),
                    None => {
                        let message = format!(
                            "`&{};` is no character and no entity of XML",
                            &*reference.xml10_content()
                        );
                        return Err(malformed(text, start, message));
                    }
                },
                Event::Eof => break,
                // A DOCTYPE declares entities: none is expanded, and a reference to one is malformed.
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) => {}
            }
        }
        split.end()
    }
}

struct Split<'t> {
    page: Page<'t>,
    limit: u64,
    depth: usize,
    declarations: Vec<Declaration<'t>>,
    /// The depth of SearchResults while it is open.
    results_at: Option<usize>,
    seen_results: bool,
    seen_root: bool,
    record: Option<OpenRecord<'t>>,
    results: Results,
}

impl<'t> Split<'t> {
    fn open(&mut self, element: &BytesStart<'_>, start: usize) -> Result<(), ReadError> {
        let length = element.name().as_ref().len();
        let name: &'t str = self
            .page
            .text
            .get(start + 1..start + 1 + length)
            .unwrap_or_default();
        if !self.seen_root {
            check_root(name, self.page.text)?;
            self.seen_root = true;
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(malformed(
                self.page.text,
                start,
                format!("elements nest more than {MAX_DEPTH} deep"),
            ));
        }
        match (&mut self.record, self.results_at) {
            (Some(record), _) => record.path.push(local(name)),
            (None, Some(results)) if self.depth == results + 1 => {
                if self.results.carried >= MAX_RECORDS {
                    return Err(ReadError::Unexpected(format!(
                        "the page has more than {MAX_RECORDS} records"
                    )));
                }
                self.record = Some(OpenRecord::new(start, name, attribute(element, "isoType")));
            }
            (None, None) if local(name) == "SearchResults" => self.open_results(element),
            (None, None) if self.depth <= 4 && exception::is_report(local(name)) => {
                return Err(exception::parse(self.page.text));
            }
            _ => {}
        }
        self.attributes(element, name, start)
    }

    fn open_results(&mut self, element: &BytesStart<'_>) {
        let number = |name: &str| attribute(element, name)?.trim().parse().ok();
        self.results_at = Some(self.depth);
        self.seen_results = true;
        self.results.matched = number("numberOfRecordsMatched");
        self.results.returned = number("numberOfRecordsReturned");
        self.results.next_record = number("nextRecord");
    }

    /// Checks the attributes, notes the declarations among them, then the prefixes in use.
    fn attributes(
        &mut self,
        element: &BytesStart<'_>,
        name: &'t str,
        start: usize,
    ) -> Result<(), ReadError> {
        let text: &'t str = self.page.text;
        let mut used: Vec<&'t str> = Vec::new();
        for (index, attribute) in element.attributes().enumerate() {
            if index >= MAX_ATTRIBUTES || self.declarations.len() >= MAX_DECLARATIONS {
                return Err(malformed(
                    text,
                    start,
                    format!("<{name}> has too many attributes or namespaces"),
                ));
            }
            let attribute = attribute.map_err(|error| {
                malformed(
                    text,
                    start,
                    format!("<{name}> has a bad attribute: {error}"),
                )
            })?;
            let key = attribute.key.as_ref();
            if attribute.value.contains('&')
                && let Err(error) = unescape(&attribute.value)
            {
                return Err(malformed(
                    text,
                    start,
                    format!("the attribute {key} of <{name}> is not well-formed: {error}"),
                ));
            }
            let declared = if key == "xmlns" {
                Some("")
            } else {
                key.strip_prefix("xmlns:")
            };
            let key = declared.unwrap_or(prefix(key));
            let Some(key) = find_in(text, start, key) else {
                continue;
            };
            match declared {
                Some(_) => self.declarations.push(Declaration {
                    prefix: key,
                    iri: attribute.value.into_owned(),
                    depth: self.depth,
                }),
                None => used.push(key),
            }
        }
        if let Some(record) = &mut self.record {
            record.use_prefix(prefix(name), &self.declarations);
            used.into_iter()
                .for_each(|prefix| record.use_prefix(prefix, &self.declarations));
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(record) = &mut self.record {
            record.text(text);
        }
    }

    /// The innermost element ends at `end`.
    fn close(&mut self, end: usize) {
        if let Some(results) = self.results_at {
            if self.depth == results + 1 {
                self.close_record(end);
            } else if self.depth == results {
                self.results_at = None;
            } else if let Some(record) = &mut self.record {
                record.close();
            }
        }
        let depth = self.depth;
        while self
            .declarations
            .last()
            .is_some_and(|declaration| declaration.depth >= depth)
        {
            self.declarations.pop();
        }
        self.depth = depth.saturating_sub(1);
    }

    fn close_record(&mut self, end: usize) {
        let Some(record) = self.record.take() else {
            return;
        };
        self.results.carried += 1;
        if self.results.carried > self.limit {
            return;
        }
        let around = self
            .declarations
            .partition_point(|declaration| declaration.depth < self.depth);
        let (around, own) = self.declarations.split_at(around);
        let closed = record.finish(&self.page, end, around, own, self.results.carried);
        self.results.findings.extend(closed.findings);
        match closed.record {
            Some(record) => self.results.records.push(record),
            None => self.results.refused += 1,
        }
    }

    fn end(self) -> Result<Results, ReadError> {
        let text = self.page.text;
        if !self.seen_root {
            return Err(ReadError::Unexpected(
                "the answer to GetRecords is empty or not XML".to_owned(),
            ));
        }
        if self.depth > 0 {
            return Err(malformed(
                text,
                text.len(),
                "the answer ends before its root element does: it was cut off",
            ));
        }
        if !self.seen_results {
            return Err(ReadError::Unexpected(
                "the answer to GetRecords has no csw:SearchResults".to_owned(),
            ));
        }
        Ok(self.results)
    }
}

fn check_root(name: &str, text: &str) -> Result<(), ReadError> {
    match local(name) {
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

/// The same word with the lifetime of the page: quick-xml lends attributes for the length of their event only.
fn find_in<'t>(text: &'t str, start: usize, word: &str) -> Option<&'t str> {
    if word.is_empty() {
        return Some("");
    }
    let tag = text.get(start..)?;
    let at = tag.find(word)?;
    tag.get(at..at + word.len())
}
