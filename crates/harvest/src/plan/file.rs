//! The file of a plan: what the source said, what would come of it, and what that is true of.
//!
//! A line that says what it is, then a stream of zstd. In that, a line of JSON each: the head; what the source gave, in the order in
//! which it came (`page` with its records, `finding`, `lost`), and how that ended (`crawled`); an `entry` for each thing that would
//! change; and at the end the BLAKE3 hash of all before it. The bytes of a record that is new or changed follow its line; of one that
//! is as it was, the checksum alone is kept.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use model::{Checksum, Finding, Page, RawRecord, RecordFormat, RecordId, RunId, SourceId};
use serde::{Deserialize, Serialize};

use super::entry::Entry;
use crate::crawl::{CrawlEnd, Crawled};

/// What the file begins with; the number is that of its form.
const FORM: &str = "moisson-plan 1\n";

/// Fast, and a third of JSON or XML.
const LEVEL: i32 = 3;

/// The longest line, and the longest record: no answer of a source is as long.
const MAX_PIECE: u64 = 128 << 20;

/// All of a page, which is held in memory.
const MAX_PAGE: u64 = 512 << 20;

/// What a plan was made for. It is true as long as all of this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub source: SourceId,
    /// When the source was asked.
    pub asked: DateTime<Utc>,
    /// Whether the source was asked for every record.
    pub full: bool,
    /// The versions of the program and of its rules.
    pub moisson: String,
    pub rules: String,
    /// The base of IRIs, and what tells the archive from any other.
    pub base: String,
    pub archive: String,
    /// A checksum of what is configured of the source.
    pub config: String,
    /// The last run of the source before.
    pub last_run: Option<RunId>,
    /// How often that was resumed by then: one that was interrupted may go on under its number.
    pub resumed: u64,
    /// Whether a person had released what the deletion guard holds.
    pub released: bool,
    /// A checksum of what persons had decided of identity.
    pub decisions: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Head(Head),
    Page(PageLine),
    Record(RecordLine),
    Finding(Finding),
    Lost(Finding),
    Crawled(CrawlEnd),
    Entry(Box<Entry>),
    Checksum(String),
}

/// A page; its records follow.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageLine {
    records: u64,
    refused: u64,
    gone: Vec<RecordId>,
    withheld: Vec<RecordId>,
    findings: Vec<Finding>,
}

/// A record: its bytes follow, or it has a checksum.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordLine {
    id: RecordId,
    format: RecordFormat,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    checksum: Option<String>,
}

/// Why the file of a plan cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("this is no plan: `moisson harvest SOURCE --save-plan FILE` writes one")]
    NoPlan,
    #[error(
        "the plan was written by another version of Moisson, in a form that this one cannot read: make it again"
    )]
    Form,
    #[error("the file of the plan is damaged ({0}): make it again")]
    Damaged(String),
}

/// Where a plan is written to: a file, in most cases.
pub type Sink = Box<dyn Write + Send>;
/// Where it is read from.
pub type Bytestream = Box<dyn Read + Send>;

/// Writes the file of a plan.
pub struct PlanWriter {
    out: zstd::Encoder<'static, Sink>,
    hasher: blake3::Hasher,
}

impl PlanWriter {
    pub(crate) fn begin(mut sink: Sink, head: &Head) -> io::Result<Self> {
        sink.write_all(FORM.as_bytes())?;
        let mut writer = Self {
            out: zstd::Encoder::new(sink, LEVEL)?,
            hasher: blake3::Hasher::new(),
        };
        writer.line(&Line::Head(head.clone()))?;
        Ok(writer)
    }

    /// Writes what the source said. Records at the places in `same` are as they were.
    pub(crate) fn crawled(
        &mut self,
        crawled: &Crawled,
        same: &HashMap<usize, Checksum>,
    ) -> io::Result<()> {
        match crawled {
            Crawled::Page(page) | Crawled::Told(page, _) => self.page(page, same),
            Crawled::Finding(finding) => self.line(&Line::Finding(finding.clone())),
            Crawled::LostRecord(finding) => self.line(&Line::Lost(finding.clone())),
            Crawled::End(end) => self.line(&Line::Crawled(end.clone())),
        }
    }

    fn page(&mut self, page: &Page, same: &HashMap<usize, Checksum>) -> io::Result<()> {
        self.line(&Line::Page(PageLine {
            records: page.records.len() as u64,
            refused: page.refused,
            gone: page.gone.clone(),
            withheld: page.withheld.clone(),
            findings: page.findings.clone(),
        }))?;
        for (at, record) in page.records.iter().enumerate() {
            let checksum = same.get(&at).map(Checksum::to_string);
            let bytes = checksum.is_none().then_some(record.body.len() as u64);
            self.line(&Line::Record(RecordLine {
                id: record.id.clone(),
                format: record.format,
                bytes,
                checksum,
            }))?;
            if bytes.is_some() {
                self.put(&record.body)?;
            }
        }
        Ok(())
    }

    /// Writes what would change.
    pub fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        self.line(&Line::Entry(Box::new(entry.clone().brief())))
    }

    /// Ends the file.
    pub fn finish(mut self) -> io::Result<()> {
        let checksum = self.hasher.finalize().to_hex().to_string();
        self.line(&Line::Checksum(checksum))?;
        self.out.finish()?.flush()
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.put(&text)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.out.write_all(bytes)
    }
}

/// A part of a plan.
pub(crate) enum Piece {
    Crawled(Box<Crawled>),
    Entry(Box<Entry>),
}

/// Reads the file of a plan, a piece at a time.
pub struct PlanReader {
    input: BufReader<zstd::Decoder<'static, BufReader<Bytestream>>>,
    hasher: blake3::Hasher,
    ended: bool,
}

impl PlanReader {
    /// Reads the head.
    pub fn begin(mut input: Bytestream) -> Result<(Self, Head), FileError> {
        let mut form = vec![0; FORM.len()];
        input.read_exact(&mut form).map_err(|_| FileError::NoPlan)?;
        if form != FORM.as_bytes() {
            let name = FORM.split(' ').next().unwrap_or(FORM);
            return Err(match form.starts_with(name.as_bytes()) {
                true => FileError::Form,
                false => FileError::NoPlan,
            });
        }
        let decoder = zstd::Decoder::new(input).map_err(damaged)?;
        let mut reader = Self {
            input: BufReader::with_capacity(1 << 17, decoder),
            hasher: blake3::Hasher::new(),
            ended: false,
        };
        match reader.line()? {
            (Line::Head(head), _) => Ok((reader, head)),
            _ => Err(FileError::Damaged("it has no head".to_owned())),
        }
    }

    /// Reads a whole file, and gives its head if nothing in it is damaged.
    pub fn check(input: Bytestream) -> Result<Head, FileError> {
        let (mut reader, head) = Self::begin(input)?;
        let mut crawled = false;
        while let Some(piece) = reader.next()? {
            let ends =
                matches!(&piece, Piece::Crawled(crawled) if matches!(**crawled, Crawled::End(_)));
            let entry = matches!(piece, Piece::Entry(_));
            // First all that the source said, then all that would come of it.
            if crawled != entry {
                return Err(FileError::Damaged("its parts are in disorder".to_owned()));
            }
            crawled |= ends;
        }
        match crawled {
            true => Ok(head),
            false => Err(FileError::Damaged("parts of it lack".to_owned())),
        }
    }

    /// `None` at the end of a file that is whole.
    pub(crate) fn next(&mut self) -> Result<Option<Piece>, FileError> {
        if self.ended {
            return Ok(None);
        }
        let before = self.hasher.clone();
        Ok(Some(match self.line()? {
            (Line::Page(page), length) => {
                let (page, same) = self.page(page, length)?;
                Piece::Crawled(Box::new(Crawled::Told(page, same)))
            }
            (Line::Finding(finding), _) => Piece::Crawled(Box::new(Crawled::Finding(finding))),
            (Line::Lost(finding), _) => Piece::Crawled(Box::new(Crawled::LostRecord(finding))),
            (Line::Crawled(end), _) => Piece::Crawled(Box::new(Crawled::End(end))),
            (Line::Entry(entry), _) => Piece::Entry(entry),
            (Line::Checksum(told), _) => {
                let is_end = self.input.fill_buf().map_err(damaged)?.is_empty();
                if !is_end || told != before.finalize().to_hex().as_str() {
                    let why = "its checksum is not that of what it holds";
                    return Err(FileError::Damaged(why.to_owned()));
                }
                self.ended = true;
                return Ok(None);
            }
            (Line::Head(_) | Line::Record(_), _) => {
                return Err(FileError::Damaged("its parts are in disorder".to_owned()));
            }
        }))
    }

    fn page(
        &mut self,
        line: PageLine,
        length: u64,
    ) -> Result<(Page, HashMap<usize, Checksum>), FileError> {
        let mut page = Page {
            refused: line.refused,
            gone: line.gone,
            withheld: line.withheld,
            findings: line.findings,
            ..Page::default()
        };
        let mut same = HashMap::new();
        let mut size = length;
        for _ in 0..line.records {
            let (Line::Record(record), length) = self.line()? else {
                return Err(FileError::Damaged("a page lacks records".to_owned()));
            };
            size = size
                .saturating_add(length)
                .saturating_add(record.bytes.unwrap_or(0));
            if size > MAX_PAGE {
                return Err(FileError::Damaged("a page is too large".to_owned()));
            }
            let body = match (record.bytes, &record.checksum) {
                (Some(bytes), None) => self.body(bytes)?,
                (None, Some(checksum)) => {
                    same.insert(page.records.len(), parse(checksum)?);
                    Bytes::new()
                }
                _ => {
                    return Err(FileError::Damaged(
                        "a record is not as it should be".to_owned(),
                    ));
                }
            };
            page.records.push(RawRecord {
                id: record.id,
                format: record.format,
                body,
            });
        }
        Ok((page, same))
    }

    fn body(&mut self, length: u64) -> Result<Bytes, FileError> {
        if length > MAX_PIECE {
            return Err(FileError::Damaged("a record is too large".to_owned()));
        }
        let mut body = Vec::new();
        (&mut self.input)
            .take(length)
            .read_to_end(&mut body)
            .map_err(damaged)?;
        if body.len() as u64 != length {
            return Err(FileError::Damaged("it ends before its end".to_owned()));
        }
        self.hasher.update(&body);
        Ok(body.into())
    }

    /// A line with its length.
    fn line(&mut self) -> Result<(Line, u64), FileError> {
        let mut text = Vec::new();
        (&mut self.input)
            .take(MAX_PIECE)
            .read_until(b'\n', &mut text)
            .map_err(damaged)?;
        if text.last() != Some(&b'\n') {
            return Err(FileError::Damaged("it ends before its end".to_owned()));
        }
        self.hasher.update(&text);
        let line = serde_json::from_slice(&text).map_err(damaged)?;
        Ok((line, text.len() as u64))
    }
}

fn parse(checksum: &str) -> Result<Checksum, FileError> {
    (checksum.len() == 32)
        .then(|| u128::from_str_radix(checksum, 16).ok())
        .flatten()
        .and_then(|number| Checksum::from_slice(&number.to_be_bytes()))
        .ok_or_else(|| FileError::Damaged("a checksum is none".to_owned()))
}

fn damaged(error: impl std::fmt::Display) -> FileError {
    FileError::Damaged(error.to_string())
}
