//! An answer of OAI-PMH, taken apart in one pass.

use model::{Finding, RawRecord, ReadError, RecordId};
use xml_records::{MAX_IDENTIFIER, MAX_RECORDS, Open, Page, Slice, Visit, walk};

use crate::formats::Format;
use crate::record::Record;

/// What an answer says, whatever was asked.
#[derive(Debug, Default)]
pub struct Answer {
    /// Codes and messages.
    pub errors: Vec<(String, String)>,
    /// The element that holds the answer: the verb.
    pub verb: String,
    pub formats: Vec<Format>,
    pub granularity: String,
    pub deleted_record: String,
    pub records: Vec<RawRecord>,
    pub gone: Vec<RecordId>,
    pub refused: u64,
    pub findings: Vec<Finding>,
    /// Elements `record` of the list.
    pub carried: u64,
    /// Elements `header` of a list of identifiers.
    pub headers: u64,
    pub token: Option<Token>,
}

/// `resumptionToken`; empty on the last page.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Token {
    pub value: String,
    pub total: Option<u64>,
}

impl Answer {
    pub fn parse(page: Page<'_>) -> Result<Self, ReadError> {
        let mut reading = Reading::default();
        walk(page, &mut reading)?;
        Ok(reading.answer)
    }

    /// The error that the answer reports, unless it is that nothing matches: an empty list is no failure.
    pub fn refusal(&self) -> Option<ReadError> {
        let (code, message) = self.errors.iter().find(|(code, _)| code != NO_MATCH)?;
        Some(ReadError::Refused {
            code: code.clone(),
            message: message.clone(),
        })
    }

    pub fn matches_nothing(&self) -> bool {
        self.errors.iter().any(|(code, _)| code == NO_MATCH)
    }
}

/// The error that is none where a list begins.
pub const NO_MATCH: &str = "noRecordsMatch";
/// Errors, formats: a list longer than this is not read on.
const MAX_ENTRIES: usize = 200;
/// Bytes of a token. The protocol has no limit; addresses have.
const MAX_TOKEN: usize = 16_384;
const MAX_MESSAGE: usize = 500;

#[derive(Default)]
struct Reading<'t> {
    answer: Answer,
    path: Vec<&'t str>,
    /// The text of the element being read, where it is wanted.
    text: String,
    code: String,
    format: Format,
    record: Option<Record<'t>>,
}

impl<'t> Visit<'t> for Reading<'t> {
    fn open(&mut self, element: &Open<'t, '_>) -> Result<bool, ReadError> {
        let local = element.local();
        if element.depth == 1 {
            check_root(element.name)?;
        }
        self.path.push(local);
        // A record's own elements, which the slice has.
        if self.path.len() > 5 {
            return Ok(false);
        }
        self.text.clear();
        match self.path.as_slice() {
            [_, "error"] => self.code = element.attribute("code").unwrap_or_default(),
            [_, verb] => self.answer.verb = (*verb).to_owned(),
            [_, "ListMetadataFormats", "metadataFormat"] => self.format = Format::default(),
            [_, _, "record"] => {
                if self.answer.carried >= MAX_RECORDS {
                    return Err(ReadError::Unexpected(format!(
                        "the page has more than {MAX_RECORDS} records"
                    )));
                }
                self.record = Some(Record::default());
            }
            [_, _, "record", "header"] => {
                let status = element.attribute("status").unwrap_or_default();
                if let Some(record) = &mut self.record {
                    record.deleted = status.trim().eq_ignore_ascii_case("deleted");
                }
            }
            [_, _, "record", "metadata", _] => {
                if let Some(record) = &mut self.record {
                    if record.iso_type.is_none() && record.slice.is_none() {
                        record.iso_type = element.attribute("isoType");
                        return Ok(true);
                    }
                    record.more += 1;
                }
            }
            [_, _, "resumptionToken"] => {
                self.answer.token = Some(Token {
                    value: String::new(),
                    total: element
                        .attribute("completeListSize")
                        .and_then(|size| size.trim().parse().ok()),
                });
            }
            _ => {}
        }
        Ok(false)
    }

    fn text(&mut self, text: &str) {
        match self.path.as_slice() {
            [_, _, "record", "metadata"] => {
                if let Some(record) = &mut self.record {
                    record.text.push_str(text);
                }
            }
            [] | [_] | [_, _, "record"] | [_, _, "record", "header"] => {}
            path if path.len() <= 5 && self.text.len() <= MAX_TOKEN => self.text.push_str(text),
            _ => {}
        }
    }

    fn close(&mut self, _depth: usize) {
        if self.path.len() <= 5 {
            self.take();
        }
        self.path.pop();
    }

    fn sliced(&mut self, slice: Slice<'t>) {
        if let Some(record) = &mut self.record {
            record.slice = Some(slice);
        }
    }
}

impl Reading<'_> {
    /// The innermost element ends.
    fn take(&mut self) {
        let text = self.text.trim();
        match self.path.as_slice() {
            [_, "error"] if self.answer.errors.len() < MAX_ENTRIES => {
                let words: Vec<&str> = text.split_whitespace().collect();
                let message = words.join(" ").chars().take(MAX_MESSAGE).collect();
                let code = std::mem::take(&mut self.code);
                self.answer.errors.push((code.trim().to_owned(), message));
            }
            [_, "Identify", "granularity"] => self.answer.granularity = text.to_owned(),
            [_, "Identify", "deletedRecord"] => self.answer.deleted_record = text.to_owned(),
            [_, _, "metadataFormat", "metadataPrefix"] => self.format.prefix = text.to_owned(),
            [_, _, "metadataFormat", "metadataNamespace"] => {
                self.format.namespace = text.to_owned();
            }
            [_, "ListMetadataFormats", "metadataFormat"] => {
                let format = std::mem::take(&mut self.format);
                if !format.prefix.is_empty() && self.answer.formats.len() < MAX_ENTRIES {
                    self.answer.formats.push(format);
                }
            }
            [_, "ListIdentifiers", "header"] => self.answer.headers += 1,
            [_, _, "record", "header", "identifier"] => {
                let fits = !text.is_empty() && text.len() <= MAX_IDENTIFIER;
                if let Some(record) = self.record.as_mut().filter(|_| fits) {
                    record.id.get_or_insert_with(|| text.to_owned());
                }
            }
            [_, _, "resumptionToken"] => {
                if let Some(token) = self
                    .answer
                    .token
                    .as_mut()
                    .filter(|_| text.len() <= MAX_TOKEN)
                {
                    token.value = text.to_owned();
                }
            }
            [_, _, "record"] => {
                self.answer.carried += 1;
                if let Some(record) = self.record.take() {
                    self.answer.take(record);
                }
            }
            _ => return,
        }
        self.text.clear();
    }
}

fn check_root(name: &str) -> Result<(), ReadError> {
    match xml_records::local(name) {
        "OAI-PMH" => Ok(()),
        local if local.eq_ignore_ascii_case("html") => Err(ReadError::Unexpected(
            "a page of HTML came instead of OAI-PMH".to_owned(),
        )),
        _ => Err(ReadError::Unexpected(format!(
            "<{name}> came instead of OAI-PMH"
        ))),
    }
}
