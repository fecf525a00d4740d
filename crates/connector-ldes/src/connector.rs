//! The crawl: from the root from node to node, one after the other.

use chrono::{DateTime, TimeDelta, Utc};
use model::{
    Checkpoint, ConfigError, Connector, Coverage, Finding, Incremental, Page, ReadError, Request,
    Response, Severity, Stage,
};
use rdf_split::{Document, Source};
use url::Url;

use crate::config::Config;
use crate::cursor::{Cursor, REMEMBERED};
use crate::member::{Member, Taker, members};
use crate::node::{Link, Node, text};

/// An event stream of DCAT.
#[derive(Debug, Clone)]
pub struct Ldes {
    config: Config,
    address: Url,
}

impl Ldes {
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let address = config.address()?;
        Ok(Self { config, address })
    }
}

const ACCEPT: &str = "application/trig, application/n-quads;q=0.9, application/ld+json;q=0.8, text/turtle;q=0.6, application/n-triples;q=0.5, */*;q=0.1";

/// The longest address of a node: they are kept with each request.
const MAX_ADDRESS: usize = 2_000;
/// All of them together.
const MAX_ADDRESSES: usize = 1_000_000;

impl Connector for Ldes {
    fn start(&self, since: Option<&Checkpoint>) -> Vec<Request> {
        let since = since.filter(|_| self.config.incremental.asks());
        // A day more than was asked for costs little, and clocks differ.
        let since = since.map(|since| {
            let started = since.started;
            let earlier = started.checked_sub_signed(TimeDelta::days(1));
            earlier.unwrap_or(started)
        });
        let mut address = self.address.clone();
        address.set_fragment(None);
        vec![request(&Cursor::first(address.as_str(), since))]
    }

    fn read(&self, answer: &Response) -> Result<Page, ReadError> {
        let mut cursor = Cursor::of(&answer.request)?;
        let document = Document::read_named(Source {
            body: &answer.body,
            content_type: answer.content_type.as_deref(),
            url: &answer.url,
            syntax: None,
        })?;
        let node = Node::of(document.graph());
        if document.is_whole() && !node.is_stream() {
            return Err(ReadError::Unexpected(
                "the document is no node of an event stream: it has no ldes:EventStream, tree:member, tree:relation or tree:view; of a catalogue in files, write [connector.rdf] instead".to_owned(),
            ));
        }
        let before = cursor.stream.window;
        node.tell(&mut cursor.stream);
        let mut page = Page::default();
        page.findings.extend(document.findings().iter().cloned());
        if cursor.stream.window && !before && cursor.since.is_none() {
            page.findings.push(
                at(answer, "paging/retention", "the stream keeps its members for a time only: what it no longer has is not taken for deleted")
                    .hint("Nothing has to be done: deletions are those that the stream tells."),
            );
        }
        if !cursor.again {
            self.follow(&node, &mut cursor, answer, &mut page);
        }
        let (found, lost) = members(&node, &cursor.stream);
        // Members without a time are the oldest.
        let last = found
            .iter()
            .map(|member| member.at.unwrap_or(DateTime::<Utc>::MIN_UTC))
            .max();
        // One that is broken does not wait: when it comes whole the second time, nobody would follow the relations that it lacks now.
        let waits = !cursor.again && document.is_whole();
        let put_off = last.filter(|last| waits && cursor.has_later(*last));
        match put_off {
            Some(last) => {
                // What there is to say of the page is said when it is read.
                page.findings
                    .retain(|finding| finding.rule.starts_with("paging/"));
                let url = cursor.url.clone();
                cursor.deferred.push(crate::cursor::Deferred { url, last });
            }
            None if document.is_whole() => {
                nameless(&lost, answer, &mut page);
                take(&node, found, &mut cursor, answer, &mut page);
            }
            // Half a description is not to replace a whole one, nor is an earlier version.
            None => {
                for member in &found {
                    cursor.is_new(text(member.object));
                }
                page.refused = (found.len() + lost.len()) as u64;
            }
        }
        page.next.extend(cursor.next().as_ref().map(request));
        Ok(page)
    }

    fn coverage(&self, since: Option<&Checkpoint>) -> Coverage {
        match self.config.incremental.asks() && since.is_some() {
            true => Coverage::Delta,
            false => Coverage::Full,
        }
    }

    fn incremental(&self) -> Incremental {
        self.config.incremental
    }
}

impl Ldes {
    /// Takes up the nodes that this one leads to.
    fn follow(&self, node: &Node<'_>, cursor: &mut Cursor, answer: &Response, page: &mut Page) {
        let here = Url::parse(&answer.url).map(|url| url.origin()).ok();
        let mut room = MAX_ADDRESSES.saturating_sub(cursor.weight());
        let mut foreign = 0;
        for link in node.links(&cursor.stream) {
            let url = Url::parse(&link.url).ok();
            let own = url.filter(|url| {
                let near = url.origin() == self.address.origin() || Some(url.origin()) == here;
                near && url.as_str().len() <= MAX_ADDRESS
            });
            let Some(mut url) = own else {
                foreign += 1;
                if foreign > Finding::MAX_ON_PAGE {
                    continue;
                }
                page.findings.push(
                    at(answer, "paging/foreign-next-page", "a relation leads to a node on another server, or to no address: it was not followed")
                        .value(&link.url),
                );
                continue;
            };
            url.set_fragment(None);
            let link = Link {
                url: url.into(),
                ..link
            };
            let rest = room.checked_sub(link.url.len());
            if rest.is_none() || !cursor.find(link, self.config.node_limit) {
                page.findings.push(
                    at(answer, "paging/endless", "the stream has more nodes than `node_limit` allows to ask for, or their addresses are too long to be kept; the rest was not read")
                        .hint("Raise `node_limit` in the source's file."),
                );
                return;
            }
            room = rest.unwrap_or_default();
        }
    }
}

fn take<'g>(
    node: &Node<'g>,
    found: Vec<Member<'g>>,
    cursor: &mut Cursor,
    answer: &Response,
    page: &mut Page,
) {
    let mut taker = Taker::new(node, &found, &answer.url);
    for member in found {
        let old = member.arrived.zip(cursor.since).is_some_and(|(a, b)| a < b);
        if !old && cursor.is_new(text(member.object)) {
            taker.take(member, &cursor.stream, page);
        }
    }
    if cursor.objects.len() >= REMEMBERED && !cursor.stream.latest_only {
        page.findings.push(at(
            answer,
            "paging/endless",
            "the stream keeps all versions of more objects than can be told apart: an earlier version of one may be taken for another record",
        ));
    }
}

fn nameless(lost: &[&oxrdf::Term], answer: &Response, page: &mut Page) {
    page.refused += lost.len() as u64;
    for member in lost.iter().take(Finding::MAX_ON_PAGE) {
        page.findings.push(
            at(
                answer,
                "record/no-identifier",
                "a member of the stream does not say which object it tells of; it was left out",
            )
            .value(text(member)),
        );
    }
}

fn request(cursor: &Cursor) -> Request {
    // A cursor is made of numbers, times and words: it always has a JSON form.
    let state = serde_json::to_value(cursor).unwrap_or_default();
    Request::get(cursor.url.clone(), ACCEPT).cursor(state)
}

fn at(answer: &Response, rule: &'static str, message: &str) -> Finding {
    Finding::new(rule, Severity::Error, Stage::Read, message).place(answer.url.clone())
}
