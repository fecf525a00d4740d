//! The crawl: one document, or page after page.

use model::{
    Checkpoint, Checksum, ConfigError, Connector, Coverage, Failure, Finding, Page, RawRecord,
    ReadError, RecordFormat, Request, Response, Severity, Stage,
};
use rdf_split::{Document, Kind, Notes, Piece, Source, Split, Syntax};
use url::Url;

use crate::config::Config;
use crate::cursor::Cursor;
use crate::hydra::Paging;
use crate::next::end;

/// A catalogue of DCAT in files.
#[derive(Debug, Clone)]
pub struct Rdf {
    pub(crate) config: Config,
    pub(crate) address: Url,
    syntax: Option<Syntax>,
}

impl Rdf {
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self {
            address: config.address()?,
            syntax: config.syntax()?,
            config,
        })
    }
}

/// Ways of asking, the next one where a server answers none of them with RDF: some know but one type, some read no weights.
const ACCEPTS: [&str; 3] = [
    "text/turtle, application/n-triples;q=0.9, application/rdf+xml;q=0.8, application/ld+json;q=0.7, application/trig;q=0.6, application/n-quads;q=0.6, */*;q=0.1",
    "application/rdf+xml",
    "application/ld+json",
];

/// Datasets that are listed and not described, each a finding.
const MISSING_SHOWN: u64 = 200;

impl Connector for Rdf {
    fn start(&self, _: Option<&Checkpoint>) -> Vec<Request> {
        let url = String::from(self.address.clone());
        let cursor = Cursor::first(&url);
        vec![self.request(url, &cursor)]
    }

    fn read(&self, answer: &Response) -> Result<Page, ReadError> {
        let cursor = Cursor::of(&answer.request)?;
        let document = Document::read(Source {
            body: &answer.body,
            content_type: answer.content_type.as_deref(),
            url: &answer.url,
            syntax: self.syntax,
        })?;
        let split = document.split(&answer.url);
        let mut page = Page {
            findings: document.findings().to_vec(),
            ..Page::default()
        };
        page.findings.extend(split.findings.iter().cloned());
        if let Some(iri) = cursor.follow.clone() {
            followed(&iri, split, answer, &mut page);
            return Ok(page);
        }
        let nothing = split.pieces.is_empty() && split.refused == 0 && split.missing.is_empty();
        let paging = Paging::of(
            document.graph(),
            [answer.url.as_str(), answer.request.url.as_str()],
        );
        // An answer that says nothing of datasets or pages is no page of a catalogue: not the last one either.
        if nothing && document.is_whole() && !paging.paged {
            check_is_catalogue(&document)?;
        }
        self.missing(&split, &paging, &cursor, answer, &mut page);
        self.page(cursor, split, &paging, answer, &mut page);
        Ok(page)
    }

    fn coverage(&self, _: Option<&Checkpoint>) -> Coverage {
        Coverage::Full
    }

    fn is_document(&self) -> bool {
        true
    }

    fn recover(&self, request: &Request, failure: &Failure<'_>) -> Option<Vec<Request>> {
        let mut cursor = Cursor::of(request).ok()?;
        let other_type = matches!(
            failure,
            Failure::Fetch {
                status: Some(406 | 415),
                ..
            } | Failure::Read(ReadError::Unexpected(_))
        );
        let first = cursor.page == 1 && cursor.follow.is_none();
        if !other_type || !first || self.syntax.is_some() || cursor.accept + 1 >= ACCEPTS.len() {
            return None;
        }
        cursor.accept += 1;
        Some(vec![self.request(request.url.clone(), &cursor)])
    }
}

impl Rdf {
    pub(crate) fn request(&self, url: String, cursor: &Cursor) -> Request {
        let accept = match self.syntax {
            Some(syntax) => syntax.media_type(),
            None => ACCEPTS.get(cursor.accept).copied().unwrap_or("*/*"),
        };
        // A cursor is made of numbers and words: it always has a JSON form.
        let state = serde_json::to_value(cursor).unwrap_or_default();
        let request = Request::get(url, accept).cursor(state);
        if cursor.follow.is_some() {
            request.records(1)
        } else {
            request
        }
    }

    /// Sorts out what came, and goes on.
    fn page(
        &self,
        mut cursor: Cursor,
        split: Split,
        paging: &Paging,
        answer: &Response,
        page: &mut Page,
    ) {
        let ids: Vec<&str> = split
            .pieces
            .iter()
            .filter(|piece| piece.kind != Kind::Agent)
            .map(|piece| piece.id.as_str())
            .collect();
        let mark = (!ids.is_empty()).then(|| Checksum::of(ids.join("\n").as_bytes()).to_string());
        if mark.is_some() && mark == cursor.mark {
            page.findings.push(at(answer, "paging/repeated-page", end(&cursor, paging), "the page holds the same datasets as the one before; the catalogue was given up here"));
            return;
        }
        page.refused = split.refused;
        cursor.empty = if ids.is_empty() && split.refused == 0 {
            cursor.empty + 1
        } else {
            0
        };
        cursor.counted += ids.len() as u64 + split.refused;
        cursor.mark = mark;
        for piece in split.pieces {
            if piece.kind == Kind::Agent {
                if !cursor.is_new_agent(piece.id.as_str()) {
                    continue;
                }
                cursor.counted_agents += 1;
            }
            page.records.push(record(piece));
        }
        self.go_on(cursor, paging, answer, page);
    }

    /// Says which datasets are only listed, and asks for them where that is wanted.
    fn missing(
        &self,
        split: &Split,
        paging: &Paging,
        cursor: &Cursor,
        answer: &Response,
        page: &mut Page,
    ) {
        // Of a paged catalogue, another page may describe them.
        if paging.paged || cursor.page > 1 {
            return;
        }
        let mut notes = Notes::showing(MISSING_SHOWN);
        let mut followed = 0;
        for iri in &split.missing {
            let own = Url::parse(iri).ok().filter(|url| {
                self.config.follow
                    && (url.origin() == self.address.origin()
                        || Url::parse(&answer.url).is_ok_and(|here| here.origin() == url.origin()))
            });
            match own {
                Some(mut url) if followed < self.config.follow_limit => {
                    followed += 1;
                    url.set_fragment(None);
                    page.next
                        .push(self.request(url.into(), &Cursor::follow(iri, cursor.accept)));
                }
                Some(_) => {
                    notes.add("paging/endless", Severity::Error, |mut finding| {
                        finding.message = "the catalogue lists more datasets than `follow_limit` allows to ask for".to_owned();
                        finding.value(iri).hint("Raise `follow_limit` in the source's file.")
                    });
                }
                None => {
                    notes.add("record/not-described", Severity::Warning, |mut finding| {
                        finding.message = "the catalogue lists this dataset, and does not describe it".to_owned();
                        finding.value(iri).hint("Describe it in the same document, or set `follow = true` in the source's file if its address gives RDF.")
                    });
                }
            }
        }
        page.findings.extend(notes.finish(&answer.url));
    }
}

fn record(piece: Piece) -> RawRecord {
    RawRecord {
        id: piece.id,
        format: RecordFormat::Dcat,
        body: piece.body,
    }
}

/// Takes from the document at a dataset's IRI that dataset, and no other one. A document without it is a refused record.
fn followed(iri: &str, split: Split, answer: &Response, page: &mut Page) {
    let mut own: Vec<Piece> = split
        .pieces
        .into_iter()
        .filter(|piece| piece.kind != Kind::Agent)
        .collect();
    if let Some(wanted) = own.iter().position(|piece| piece.id.as_str() == iri) {
        page.records.push(record(own.swap_remove(wanted)));
        return;
    }
    page.refused = 1;
    // What was refused has its finding.
    if split.refused == 0 {
        page.findings.push(
            at(
                answer,
                "record/not-described",
                Severity::Error,
                "the address of this dataset gives RDF that does not describe it",
            )
            .value(iri),
        );
    }
}

/// A document without entities is an empty catalogue, or none.
fn check_is_catalogue(document: &Document) -> Result<(), ReadError> {
    let graph = document.graph();
    let types = || {
        graph
            .pairs("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
            .map(|(_, class)| class)
    };
    if types().any(|class| class == "http://www.w3.org/ns/dcat#Catalog") {
        return Ok(());
    }
    let schema = types()
        .filter(|class| {
            matches!(
                *class,
                "http://schema.org/Dataset" | "https://schema.org/Dataset"
            )
        })
        .count();
    let what = if schema > 0 {
        format!("its {schema} datasets are in the words of schema.org, and only DCAT is read")
    } else if document.syntax == Syntax::JsonLd && graph.is_empty() {
        "it is JSON without the context that would make it RDF; if it is a catalogue of DCAT-US (data.json), write [connector.datajson] instead".to_owned()
    } else {
        "it has no dcat:Catalog, dcat:Dataset or dcat:DataService".to_owned()
    };
    Err(ReadError::Unexpected(format!(
        "the document is no catalogue of DCAT: {what}"
    )))
}

pub(crate) fn at(
    answer: &Response,
    rule: &'static str,
    severity: Severity,
    message: impl Into<String>,
) -> Finding {
    Finding::new(rule, severity, Stage::Read, message).place(answer.url.clone())
}
