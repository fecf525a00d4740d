//! An answer of OAI-PMH, taken apart in one pass.

use model::{Finding, RawRecord, ReadError, RecordId, Severity, Stage};
use xml_records::{
    MAX_IDENTIFIER, MAX_RECORDS, Open, Page, Slice, Visit, format, undeclared_prefixes,
    unsupported_format, walk,
};

use crate::formats::Format;

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
    pub token: Option<Token>,
}

/// `resumptionToken`; empty on the last page.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Token {
    pub value: String,
    pub total: Option<u64>,
    pub cursor: Option<u64>,
}

impl Answer {
    pub fn parse(page: Page<'_>) -> Result<Self, ReadError> {
        let mut reading = Reading::default();
        walk(page, &mut reading)?;
        Ok(reading.answer)
    }

    /// The error that the answer reports, unless it is that nothing matches: an empty list is no failure.
    pub fn refusal(&self) -> Option<ReadError> {
        let (code, message) = self
            .errors
            .iter()
            .find(|(code, _)| code != "noRecordsMatch")?;
        Some(ReadError::Refused {
            code: code.clone(),
            message: message.clone(),
        })
    }

    pub fn matches_nothing(&self) -> bool {
        self.errors.iter().any(|(code, _)| code == "noRecordsMatch")
    }
}

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

/// A record whose end tag has not come yet.
#[derive(Default)]
struct Record<'t> {
    id: Option<String>,
    deleted: bool,
    iso_type: Option<String>,
    slice: Option<Slice<'t>>,
    /// Elements of `metadata` behind the first.
    more: u64,
    /// The text of `metadata`: a document that was escaped.
    text: String,
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
        let number = |name: &str| element.attribute(name)?.trim().parse().ok();
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
                    total: number("completeListSize"),
                    cursor: number("cursor"),
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

impl Answer {
    fn take(&mut self, record: Record<'_>) {
        let place = format!("/*/*/*[{}]", self.carried);
        let Some(id) = record.id else {
            self.refuse(
                Finding::new(
                    "record/no-identifier",
                    Severity::Error,
                    Stage::Read,
                    "the header of the record has no identifier; the record was left out",
                )
                .place(place)
                .hint("Give each record a unique and lasting identifier in its header."),
            );
            return;
        };
        let id = RecordId::new(id);
        if record.deleted {
            self.gone.push(id);
            return;
        }
        if record.more > 0 {
            let message = format!(
                "`metadata` holds {} elements beside the first, which alone is read",
                record.more
            );
            self.findings.push(
                Finding::new("record/unreadable", Severity::Warning, Stage::Read, message)
                    .record(&id)
                    .place(place.clone())
                    .hint("Put one document into the `metadata` of each record."),
            );
        }
        match record.slice {
            Some(slice) => self.keep(id, &slice, record.iso_type.as_deref(), &place),
            None if record.text.trim_start().starts_with('<') => {
                self.escaped(id, record.text.trim(), &place);
            }
            None => self.refuse(
                unreadable("the record has no metadata, and is not said to be deleted")
                    .record(&id)
                    .place(place)
                    .hint("Mark what no longer exists by status=\"deleted\" in its header."),
            ),
        }
    }

    fn keep(&mut self, id: RecordId, slice: &Slice<'_>, iso_type: Option<&str>, place: &str) {
        let Some(format) = format(&slice.namespace, slice.name, iso_type) else {
            self.refuse(unsupported_format(slice).record(&id).place(place));
            return;
        };
        self.findings
            .extend(undeclared_prefixes(&slice.undeclared).map(|finding| finding.record(&id)));
        self.records.push(RawRecord {
            id,
            format,
            body: slice.document.clone(),
        });
    }

    /// A document that stands in `metadata` as text: escaped, or as CDATA.
    fn escaped(&mut self, id: RecordId, text: &str, place: &str) {
        let mut whole = Whole::default();
        let page = Page { text, shared: None };
        let slice = match walk(page, &mut whole) {
            Ok(()) => whole.slice,
            Err(error) => {
                let finding = unreadable(&format!("the metadata is a text, and no XML: {error}"));
                return self.refuse(finding.record(&id).place(place));
            }
        };
        let Some(slice) = slice else { return };
        self.findings.push(
            Finding::new(
                "record/escaped-metadata",
                Severity::Info,
                Stage::Read,
                "the metadata stands as text where an element is wanted; it was read all the same",
            )
            .record(&id)
            .place(place)
            .hint("Put the document into `metadata` as XML, neither escaped nor as CDATA."),
        );
        self.keep(id, &slice, whole.iso_type.as_deref(), place);
    }

    pub fn refuse(&mut self, finding: Finding) {
        self.refused += 1;
        self.findings.push(finding);
    }
}

/// Slices a document whole.
#[derive(Default)]
struct Whole<'t> {
    iso_type: Option<String>,
    slice: Option<Slice<'t>>,
}

impl<'t> Visit<'t> for Whole<'t> {
    fn open(&mut self, element: &Open<'t, '_>) -> Result<bool, ReadError> {
        if element.depth == 1 {
            self.iso_type = element.attribute("isoType");
        }
        Ok(element.depth == 1)
    }

    fn sliced(&mut self, slice: Slice<'t>) {
        self.slice.get_or_insert(slice);
    }
}

pub fn unreadable(why: &str) -> Finding {
    let message = format!("{why}; it was left out");
    Finding::new("record/unreadable", Severity::Error, Stage::Read, message)
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
