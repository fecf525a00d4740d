//! The crawl: what is asked first, what after an answer, what after a failure.

use chrono::{DateTime, TimeDelta, Utc};
use model::{
    Checkpoint, ConfigError, Connector, Coverage, Failure, Finding, Incremental, Page, ReadError,
    Request, Response, Severity, Stage,
};
use url::Url;
use xml_records::{Page as Text, decode, wrong_charset};

use crate::answer::{Answer, NO_MATCH};
use crate::config::Config;
use crate::formats::{REQUIRED, prefixes};
use crate::paging;
use crate::position::{Cursor, Position, Told};
use crate::recovery::reason;
use crate::salvage::salvage;

/// A repository that speaks OAI-PMH 2.0.
#[derive(Debug, Clone)]
pub struct OaiPmh {
    config: Config,
    base: Url,
}

impl OaiPmh {
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let base = config.base()?;
        Ok(Self { config, base })
    }
}

const ACCEPT: &str = "text/xml, application/xml;q=0.9, */*;q=0.1";

impl Connector for OaiPmh {
    fn start(&self, since: Option<&Checkpoint>) -> Vec<Request> {
        vec![match since.filter(|_| self.config.incremental.asks()) {
            Some(since) => {
                let since = since.started;
                self.ask(&[("verb", "Identify")], &Cursor::Identify { since })
            }
            None => self.list(None),
        }]
    }

    fn read(&self, answer: &Response) -> Result<Page, ReadError> {
        let cursor = Cursor::of(&answer.request)?;
        let decoded = decode(&answer.body, answer.content_type.as_deref());
        let text = Text::new(&decoded, &answer.body);
        let mut page = match cursor {
            Cursor::Identify { since } => self.read_identify(text, since, &answer.url),
            Cursor::Formats { from } => self.read_formats(text, from),
            Cursor::Records(position) => self.read_records(&position, text, &answer.url),
        }?;
        if decoded.repaired {
            page.findings.push(wrong_charset(&answer.url));
        }
        Ok(page)
    }

    fn coverage(&self, since: Option<&Checkpoint>) -> Coverage {
        if self.config.incremental.asks() && since.is_some() {
            Coverage::Delta
        } else {
            Coverage::Full
        }
    }

    fn incremental(&self) -> Incremental {
        self.config.incremental
    }

    /// Every repository takes days, and has Dublin Core.
    fn probe(&self, since: Option<&Checkpoint>) -> Option<Request> {
        let prefix = self.config.metadata_prefix.as_deref().unwrap_or(REQUIRED);
        let from = since.map(|since| since.started.format("%Y-%m-%d").to_string());
        let mut pairs = vec![
            ("verb", "ListIdentifiers"),
            ("metadataPrefix", prefix.trim()),
        ];
        pairs.extend(self.config.set.as_deref().map(|set| ("set", set.trim())));
        pairs.extend(from.as_deref().map(|from| ("from", from)));
        let mut url = self.base.clone();
        url.query_pairs_mut().extend_pairs(pairs);
        Some(Request::get(url, ACCEPT))
    }

    fn counted(&self, answer: &Response) -> Result<Option<u64>, ReadError> {
        let decoded = decode(&answer.body, answer.content_type.as_deref());
        let answer = parse(Text::new(&decoded, &answer.body))?;
        if answer.matches_nothing() {
            return Ok(Some(0));
        }
        if answer.verb != "ListIdentifiers" {
            return Err(ReadError::Unexpected(
                "the answer has no ListIdentifiers".to_owned(),
            ));
        }
        Ok(match answer.token {
            Some(token) if token.total.is_some() || !token.value.is_empty() => token.total,
            _ => Some(answer.headers),
        })
    }

    fn recover(&self, request: &Request, failure: &Failure<'_>) -> Option<Vec<Request>> {
        let away = matches!(
            failure,
            Failure::Fetch {
                status: None | Some(401 | 403 | 404 | 410 | 503),
                ..
            }
        );
        match Cursor::of(request).ok()? {
            _ if away && !has_token(request) => None,
            // Every repository takes days.
            Cursor::Identify { since } => Some(vec![self.list(Some(day(since)))]),
            Cursor::Formats { from } => {
                let position = Position {
                    told: vec![Told::Formats(reason(failure))],
                    ..Position::first(vec![REQUIRED.to_owned()], from)
                };
                Some(vec![self.records(position)])
            }
            Cursor::Records(position) => self.recover_records(*position, failure),
        }
    }
}

impl OaiPmh {
    fn ask(&self, pairs: &[(&str, &str)], cursor: &Cursor) -> Request {
        let mut url = self.base.clone();
        url.query_pairs_mut().extend_pairs(pairs);
        // A cursor is made of numbers and words: it always has a JSON form.
        Request::get(url, ACCEPT).cursor(serde_json::to_value(cursor).unwrap_or_default())
    }

    /// The list of records from its beginning; first that of formats, where none is configured.
    fn list(&self, from: Option<String>) -> Request {
        match &self.config.metadata_prefix {
            Some(prefix) => {
                let prefix = prefix.trim().to_owned();
                self.records(Position::first(vec![prefix], from))
            }
            None => self.ask(
                &[("verb", "ListMetadataFormats")],
                &Cursor::Formats { from },
            ),
        }
    }

    pub(crate) fn records(&self, position: Position) -> Request {
        let prefix = position.prefixes.first().map_or(REQUIRED, String::as_str);
        let mut pairs = vec![("verb", "ListRecords")];
        match &position.token {
            Some(token) => {
                pairs.push(("resumptionToken", token));
                if position.with_prefix {
                    pairs.push(("metadataPrefix", prefix));
                }
            }
            None => {
                pairs.push(("metadataPrefix", prefix));
                pairs.extend(self.config.set.as_deref().map(|set| ("set", set.trim())));
                pairs.extend(position.from.as_deref().map(|from| ("from", from)));
            }
        }
        self.ask(&pairs, &Cursor::Records(Box::new(position.clone())))
    }

    fn read_identify(
        &self,
        text: Text<'_>,
        since: DateTime<Utc>,
        url: &str,
    ) -> Result<Page, ReadError> {
        let answer = parse(text)?;
        let from = if answer.granularity.contains("hh") {
            since_with_overlap(since)
                .format("%Y-%m-%dT%H:%M:%SZ")
                .to_string()
        } else {
            day(since)
        };
        let mut page = Page {
            next: vec![self.list(Some(from))],
            ..Page::default()
        };
        if answer.deleted_record.eq_ignore_ascii_case("no") {
            page.findings.push(
                Finding::new("oai-pmh/no-deletions", Severity::Warning, Stage::Read, "the repository does not keep track of deleted records: a crawl of what changed does not see them, only the next full one does")
                    .place(url)
                    .hint("Set `incremental = false` for this source, or have the repository keep its deletions."),
            );
        }
        Ok(page)
    }

    fn read_formats(&self, text: Text<'_>, from: Option<String>) -> Result<Page, ReadError> {
        let answer = parse(text)?;
        if answer.verb != "ListMetadataFormats" {
            return Err(ReadError::Unexpected(
                "the answer has no ListMetadataFormats".to_owned(),
            ));
        }
        let position = Position::first(prefixes(&answer.formats), from);
        Ok(Page {
            next: vec![self.records(position)],
            ..Page::default()
        })
    }

    fn read_records(
        &self,
        position: &Position,
        text: Text<'_>,
        url: &str,
    ) -> Result<Page, ReadError> {
        let mut answer = match parse(text) {
            Err(error @ ReadError::Malformed { .. }) => salvage(text.text).ok_or(error)?,
            other => other?,
        };
        if answer.verb != "ListRecords" && !answer.matches_nothing() {
            return Err(ReadError::Unexpected(
                "the answer has no ListRecords".to_owned(),
            ));
        }
        // A token continues a list: where nothing matches any more, the list broke off, and that is not its end.
        if answer.matches_nothing() && position.token.is_some() {
            return Err(ReadError::Refused {
                code: NO_MATCH.to_owned(),
                message: "in answer to a token".to_owned(),
            });
        }
        Finding::on_page(&mut answer.findings, url, "");
        let mut page = Page {
            records: std::mem::take(&mut answer.records),
            gone: std::mem::take(&mut answer.gone),
            refused: answer.refused,
            findings: std::mem::take(&mut answer.findings),
            ..Page::default()
        };
        page.findings
            .extend(position.told.iter().map(|told| tell(told, url)));
        // Paging knows pages by their identifiers.
        answer.records.clone_from(&page.records);
        answer.gone.clone_from(&page.gone);
        let next = paging::next(position, &answer, url, &mut page);
        page.next.extend(next.map(|next| self.records(next)));
        if answer.matches_nothing() {
            page.announced = Some(0);
        }
        Ok(page)
    }
}

fn parse(text: Text<'_>) -> Result<Answer, ReadError> {
    let answer = Answer::parse(text)?;
    match answer.refusal() {
        Some(refusal) => Err(refusal),
        None => Ok(answer),
    }
}

fn has_token(request: &Request) -> bool {
    matches!(Cursor::of(request), Ok(Cursor::Records(position)) if position.token.is_some())
}

/// A day more than was asked for costs little, and clocks differ.
fn since_with_overlap(since: DateTime<Utc>) -> DateTime<Utc> {
    since
        .checked_sub_signed(TimeDelta::days(1))
        .unwrap_or(since)
}

fn day(since: DateTime<Utc>) -> String {
    since_with_overlap(since).format("%Y-%m-%d").to_string()
}

fn tell(told: &Told, url: &str) -> Finding {
    let (rule, message) = match told {
        Told::Formats(why) => (
            "oai-pmh/formats-unreadable",
            format!("the list of formats could not be had ({why}); {REQUIRED} was asked for"),
        ),
        Told::Refused(prefix, why) => (
            "oai-pmh/format-refused",
            format!(
                "the repository lists the format {prefix} and refuses it ({why}); another one was asked for"
            ),
        ),
        Told::Restarted(why) => (
            "oai-pmh/list-restarted",
            format!(
                "the list broke off in the middle ({why}); it was read again from its beginning"
            ),
        ),
    };
    Finding::new(rule, Severity::Warning, Stage::Read, message).place(url)
}
