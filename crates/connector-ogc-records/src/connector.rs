//! The crawl: what is asked first, what after an answer, what after a failure.

use model::{
    Checkpoint, ConfigError, Connector, Coverage, Failure, Finding, Page, RawRecord, ReadError,
    RecordFormat, RecordId, Request, Response, Severity, Stage,
};
use serde_json::value::RawValue;
use url::Url;

use crate::Config;
use crate::address::{self, Lead, below, follow};
use crate::answer::{self, Answer, Link, link};
use crate::cursor::{Cursor, MOST_DEPTH, MOST_PAGES};

const ACCEPT: &str = "application/geo+json, application/json";
/// Relations that lead from a landing page to its collections.
const DATA: [&str; 2] = ["data", "http://www.opengis.net/def/rel/ogc/1.0/data"];
const ITEMS: [&str; 2] = ["items", "http://www.opengis.net/def/rel/ogc/1.0/items"];
/// Records asked for alone in a row before a server that answers badly is given up.
const MAX_STREAK: u64 = 8;
/// Empty pages in a row before a listing that goes on is given up.
const MAX_EMPTY: u64 = 5;

/// A catalogue of OGC API - Records or of STAC.
#[derive(Debug, Clone)]
pub struct OgcRecords {
    config: Config,
    url: Url,
}

impl OgcRecords {
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let url = config.check()?;
        Ok(Self { config, url })
    }
}

impl Connector for OgcRecords {
    fn start(&self, _: Option<&Checkpoint>) -> Vec<Request> {
        let url = if self.url.path().trim_end_matches('/').ends_with("/items") {
            self.sized(&self.url)
        } else {
            self.url.clone()
        };
        vec![request(&url, &Cursor::first(url.as_str(), Vec::new()))]
    }

    fn read(&self, answer: &Response) -> Result<Page, ReadError> {
        let cursor = Cursor::of(&answer.request)?;
        let url = Url::parse(&answer.url)
            .map_err(|error| ReadError::Unexpected(format!("{}: {error}", answer.url)))?;
        let mut reader = Reader {
            connector: self,
            answer,
            url,
            cursor,
            page: Page::default(),
        };
        match answer::parse(&answer.body)? {
            Answer::Items {
                features,
                matched,
                links,
            } => reader.items(&features, matched, &links),
            Answer::Item(item) => {
                reader.record(item, RecordFormat::OgcRecord, "");
                reader.count();
            }
            Answer::Collections { collections, links } => {
                reader.collections(&collections, &links);
            }
            Answer::Collection(collection) => {
                reader.collection(collection, "", &mut Vec::new());
                reader.count();
            }
            Answer::Landing { links, is_stac } => reader.landing(&links, is_stac)?,
        }
        Finding::on_page(&mut reader.page.findings, &answer.url, "");
        Ok(reader.page)
    }

    fn coverage(&self, _: Option<&Checkpoint>) -> Coverage {
        Coverage::Full
    }

    fn recover(&self, request: &Request, failure: &Failure<'_>) -> Option<Vec<Request>> {
        let may_be_smaller = match failure {
            Failure::Fetch { status, .. } => {
                status.is_none_or(|status| status == 413 || status >= 500)
            }
            Failure::Read(error) => matches!(error, ReadError::Malformed { .. }),
        };
        let cursor = Cursor::of(request).ok()?;
        let url = Url::parse(&request.url).ok()?;
        let size = address::number(&url, "limit")?;
        if !may_be_smaller || cursor.alone || size < 2 {
            return None;
        }
        if size > 2 {
            let half = address::with_number(&url, "limit", size / 2);
            return Some(vec![self::request(&half, &cursor)]);
        }
        let (name, from) = address::offset(&url)?;
        if cursor.streak >= MAX_STREAK {
            return None;
        }
        let at = |offset: u64, size: u64| {
            address::with_number(&address::with_number(&url, name, offset), "limit", size)
        };
        let alone = Cursor {
            alone: true,
            ..cursor.clone()
        };
        let behind = Cursor {
            streak: cursor.streak + 2,
            page: cursor.page.saturating_add(1),
            ..cursor
        };
        Some(vec![
            self::request(&at(from, 1), &alone).records(1),
            self::request(&at(from.saturating_add(1), 1), &alone).records(1),
            self::request(&at(from.saturating_add(2), self.config.page_size), &behind),
        ])
    }
}

impl OgcRecords {
    /// The address of a page of items, with the size that is asked for.
    fn sized(&self, url: &Url) -> Url {
        address::with_number(url, "limit", self.config.page_size)
    }

    fn wants(&self, id: Option<&str>) -> bool {
        let wanted = &self.config.collections;
        wanted.is_empty() || id.is_some_and(|id| wanted.iter().any(|wanted| wanted == id))
    }
}

fn request(url: &Url, cursor: &Cursor) -> Request {
    // A cursor is made of numbers and texts: it always has a JSON form.
    let state = serde_json::to_value(cursor).unwrap_or_default();
    Request::get(url.as_str(), ACCEPT).cursor(state)
}

struct Reader<'r> {
    connector: &'r OgcRecords,
    answer: &'r Response,
    url: Url,
    cursor: Cursor,
    page: Page,
}

impl Reader<'_> {
    fn items(&mut self, features: &[&RawValue], matched: Option<u64>, links: &[Link]) {
        // A server that ignores the size of a page must not answer for the neighbours of a single record.
        let shown = if self.cursor.alone { 1 } else { features.len() };
        for (index, feature) in features.iter().take(shown).enumerate() {
            self.record(
                feature,
                RecordFormat::OgcRecord,
                &format!("/features/{index}"),
            );
        }
        if self.cursor.alone {
            return;
        }
        self.page.announced = matched;
        self.cursor.empty = if features.is_empty() {
            self.cursor.empty + 1
        } else {
            0
        };
        self.next(links, features.len());
    }

    /// The record of an item, which shares the bytes of the answer.
    fn record(&mut self, item: &RawValue, format: RecordFormat, place: &str) {
        match answer::identifier_of(item) {
            Some(id) => self.page.records.push(RawRecord {
                id,
                format,
                body: self.answer.body.slice_ref(item.get().as_bytes()),
            }),
            None => {
                self.page.refused += 1;
                self.page.findings.push(
                    Finding::new(
                        "record/no-identifier",
                        Severity::Error,
                        Stage::Read,
                        "the item has no `id`: left out",
                    )
                    .place(format!("{place}/id"))
                    .value(item.get())
                    .hint("give each record an `id` that is unique and lasts"),
                );
            }
        }
    }

    fn next(&mut self, links: &[Link], count: usize) {
        let Some(href) = link(links, &["next"]) else {
            return;
        };
        let next = match follow(&self.url, href) {
            Lead::Here(next) => next,
            Lead::Away(next) => {
                let message = "the next page is on another host: it was not asked for";
                return self.broken("paging/foreign-next-page", message, &next);
            }
            Lead::Nowhere => {
                let message = "the link to the next page is no address: the listing ends here";
                return self.broken("paging/foreign-next-page", message, href);
            }
        };
        // A page that was asked for in halves is followed by whole ones.
        let next = match address::number(&next, "limit") {
            Some(size) if size < self.connector.config.page_size && self.cursor.streak == 0 => {
                self.connector.sized(&next)
            }
            _ => next,
        };
        if count == 0 && self.cursor.empty >= MAX_EMPTY {
            let message = "the listing goes on with empty pages: it was given up";
            return self.broken("paging/empty-pages", message, next.as_str());
        }
        if self.cursor.page >= MOST_PAGES {
            let message = "the listing has no end: it was given up";
            return self.broken("paging/endless", message, next.as_str());
        }
        match self.cursor.after(self.url.as_str(), next.as_str()) {
            Some(cursor) => self.page.next.push(request(&next, &cursor)),
            None => {
                let message = "the next page is one that was read already: the listing ends here";
                self.broken("paging/loop", message, next.as_str());
            }
        }
    }

    /// Records may be missing: the run is partial.
    fn broken(&mut self, rule: &'static str, message: &str, value: &str) {
        self.page.findings.push(
            Finding::new(rule, Severity::Error, Stage::Read, message)
                .place(self.answer.url.clone())
                .value(value)
                .hint("mend the link `rel=next` of the page (OGC API - Records, 7.8)"),
        );
    }

    fn collections(&mut self, collections: &[&RawValue], links: &[Link]) {
        let mut others = Vec::new();
        for (index, collection) in collections.iter().enumerate() {
            self.collection(collection, &format!("/collections/{index}"), &mut others);
        }
        if !others.is_empty() {
            self.page.findings.push(
                Finding::new(
                    "record/unsupported-format",
                    Severity::Info,
                    Stage::Read,
                    format!(
                        "{} collections hold features, not records: they were not read",
                        others.len()
                    ),
                )
                .place(self.answer.url.clone())
                .value(&others.join(", ")),
            );
        }
        // Collections of STAC are counted page by page: nobody announces them.
        self.count();
        self.next(links, collections.len());
        for next in &mut self.page.next {
            if let Some(listing) = next.cursor.get_mut("listing") {
                *listing = next.url.clone().into();
            }
        }
    }

    /// What the answer holds is all that there is of it.
    fn count(&mut self) {
        let records = self.page.records.len() as u64;
        self.page.announced = Some(records + self.page.refused);
    }

    fn collection(&mut self, item: &RawValue, place: &str, others: &mut Vec<String>) {
        let Some(collection) = answer::collection(item) else {
            return self.record(item, RecordFormat::StacCollection, place);
        };
        let id = collection.id.as_ref().map(RecordId::as_str);
        if !self.connector.wants(id) {
            return;
        }
        if collection.is_stac {
            return self.record(item, RecordFormat::StacCollection, place);
        }
        if !collection.holds_records {
            return others.push(id.unwrap_or("?").to_owned());
        }
        let items = match link(&collection.links, &ITEMS) {
            Some(href) => follow(&self.url, href),
            None => self.items_below(id),
        };
        self.descend(items, true);
    }

    /// Where the items of a collection are, that does not link to them.
    fn items_below(&self, id: Option<&str>) -> Lead {
        let path = self.url.path().trim_end_matches('/');
        let url = match id {
            Some(id) if path.ends_with("/collections") => below(&self.url, &[id, "items"]),
            _ => below(&self.url, &["items"]),
        };
        url.map_or(Lead::Nowhere, Lead::Here)
    }

    fn landing(&mut self, links: &[Link], is_stac: bool) -> Result<(), ReadError> {
        if let Some(href) = link(links, &DATA) {
            self.descend(follow(&self.url, href), false);
            return Ok(());
        }
        let children: Vec<&str> = links
            .iter()
            .filter(|link| link.rel.as_deref() == Some("child"))
            .filter_map(|link| link.href.as_deref())
            .collect();
        if is_stac {
            for child in children {
                self.descend(follow(&self.url, child), false);
            }
            return Ok(());
        }
        if !self.cursor.trail.is_empty() {
            return Err(ReadError::Unexpected(
                "the answer has neither records nor collections: is this address an OGC API - Records?".to_owned(),
            ));
        }
        let collections = below(&self.url, &["collections"]);
        self.descend(collections.map_or(Lead::Nowhere, Lead::Here), false);
        Ok(())
    }

    /// Asks for what is below: a listing of its own.
    fn descend(&mut self, lead: Lead, items: bool) {
        match lead {
            Lead::Here(url) if self.cursor.trail.iter().any(|known| known == url.as_str()) => {
                self.page.findings.push(
                    Finding::new(
                        "paging/loop",
                        Severity::Warning,
                        Stage::Read,
                        "the link leads back to a catalogue that led here: it was not followed",
                    )
                    .place(self.answer.url.clone())
                    .value(url.as_str()),
                );
            }
            Lead::Here(url) if self.cursor.trail.len() < MOST_DEPTH => {
                let url = if items {
                    self.connector.sized(&url)
                } else {
                    url
                };
                let mut trail = self.cursor.trail.clone();
                trail.push(self.url.to_string());
                let cursor = Cursor::first(url.as_str(), trail);
                self.page.next.push(request(&url, &cursor));
            }
            Lead::Here(url) => self.broken(
                "paging/loop",
                "catalogues lead to catalogues without end: this one was not read",
                url.as_str(),
            ),
            Lead::Away(url) => self.broken(
                "paging/foreign-next-page",
                "the link leads to another host: it was not followed",
                &url,
            ),
            Lead::Nowhere => self.broken(
                "paging/foreign-next-page",
                "the link is no address: it was not followed",
                "",
            ),
        }
    }
}
