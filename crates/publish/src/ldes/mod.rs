//! An event stream of the catalogue, as DCAT-AP Feeds have it: <https://semiceu.github.io/LDES-DCAT-AP-feeds/>
//!
//! The stream keeps the last change of each entity, and says so (`ldes:LatestVersionSubset`). A page is a stretch of the change log: once
//! the log has gone beyond it nothing enters it any more, and what changes again leaves it for a later one. So nothing has to be kept but
//! what the archive has.

mod page;
mod terms;

use std::sync::Arc;

use archive::Span;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Response, header};
use chrono::{DateTime, Utc};
use model::Checksum;
use model::ns::dcterms;
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, NamedNodeRef};
use tokio::sync::OwnedSemaphorePermit;

use crate::cache::Validators;
use crate::failure::Failure;
use crate::lines::{joined, line};
use crate::negotiate;
use crate::rdf::Format;
use crate::router::App;
use crate::stream;
use terms::{activity, ldes, tree};

/// Changes of a page, and pages of an index.
const PAGE: i64 = 100;
const INDEX: i64 = 100;

const OFFERS: &[(&str, Format)] = &[
    ("application/trig", Format::TriG),
    ("application/ld+json", Format::JsonLd),
    ("application/n-quads", Format::NQuads),
    ("text/turtle", Format::Turtle),
    ("application/n-triples", Format::NTriples),
    ("application/json", Format::JsonLd),
];

/// `/feed`: the root, from which everything is reached.
pub(crate) async fn root(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response<Body>, Failure> {
    let node = Node::Root;
    let (last, changed) = last(&app).await?;
    let asked = Asked::of(&app, &headers, node, last, changed)?;
    if asked.validators.hold(&headers) {
        return Ok(asked.validators.not_modified());
    }
    let permit = permit(&app).await?;
    let spans = app.site.archive.spans(0, last, PAGE * INDEX).await?;
    let mut lines = stream_lines(&app);
    lines.extend(view_lines(&app));
    for span in &spans {
        let closed = (span.number + 1) * PAGE * INDEX <= last;
        lines.extend(relations(
            &app,
            node,
            Node::Index(span.number),
            span,
            closed,
        ));
    }
    asked.answer(joined(lines), permit)
}

/// `/feed/index/N`: pages of a longer stretch of the log.
pub(crate) async fn index(
    State(app): State<Arc<App>>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Response<Body>, Failure> {
    let number = numbered(&number)?;
    let node = Node::Index(number);
    let (last, changed) = last(&app).await?;
    let after = number * PAGE * INDEX;
    if after >= last {
        return Err(Failure::not_found());
    }
    let asked = Asked::of(&app, &headers, node, last, changed)?;
    if asked.validators.hold(&headers) {
        return Ok(asked.validators.not_modified());
    }
    let permit = permit(&app).await?;
    let to = last.min(after + PAGE * INDEX);
    let spans = app.site.archive.spans(after, to, PAGE).await?;
    let mut lines = stream_lines(&app);
    lines.push(line(node.iri(&app).as_ref(), rdf::TYPE, tree::NODE));
    for span in &spans {
        let closed = (span.number + 1) * PAGE <= last;
        lines.extend(relations(&app, node, Node::Page(span.number), span, closed));
    }
    asked.answer(joined(lines), permit)
}

pub(crate) use page::page;

/// A node of the tree of which the view is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Root,
    Index(i64),
    Page(i64),
}

impl Node {
    fn iri(self, app: &App) -> NamedNode {
        let base = app.site.minter.base();
        NamedNode::new_unchecked(match self {
            Self::Root => format!("{base}feed"),
            Self::Index(number) => format!("{base}feed/index/{number}"),
            Self::Page(number) => format!("{base}feed/page/{number}"),
        })
    }
}

fn stream_iri(app: &App) -> NamedNode {
    NamedNode::new_unchecked(format!("{}feed#stream", app.site.minter.base()))
}

/// A number as it is written in addresses, so that each page has one.
fn numbered(text: &str) -> Result<i64, Failure> {
    let number = text.parse::<i64>().ok();
    number
        .filter(|number| {
            (0..=i64::MAX / (4 * PAGE * INDEX)).contains(number) && number.to_string() == text
        })
        .ok_or_else(Failure::not_found)
}

/// The number and the time of the last change. Read before what is told: an answer may be newer than its tag says, never older.
async fn last(app: &App) -> Result<(i64, Option<DateTime<Utc>>), Failure> {
    let last = app.site.archive.last_change().await?;
    Ok(last.map_or((0, None), |(seq, at)| (seq, Some(at))))
}

/// What is said of the stream on each page.
fn stream_lines(app: &App) -> Vec<String> {
    let (stream, root) = (stream_iri(app), Node::Root.iri(app));
    let own = stream.as_ref();
    vec![
        line(own, rdf::TYPE, ldes::EVENT_STREAM),
        line(own, ldes::TIMESTAMP_PATH, activity::PUBLISHED),
        line(own, ldes::VERSION_OF_PATH, activity::OBJECT),
        line(own, tree::SHAPE, terms::SHAPE),
        line(own, tree::VIEW, &root),
    ]
}

/// What is said of the stream and of its only view at its root: what it keeps.
fn view_lines(app: &App) -> Vec<String> {
    let (stream, root) = (stream_iri(app), Node::Root.iri(app));
    let base = app.site.minter.base();
    let source = NamedNode::new_unchecked(format!("{base}feed#source"));
    let kept = NamedNode::new_unchecked(format!("{base}feed#retention"));
    let title = Literal::new_language_tagged_literal(&app.site.title, &app.site.language)
        .unwrap_or_else(|_| Literal::new_simple_literal(&app.site.title));
    let one = Literal::new_typed_literal("1", xsd::INTEGER);
    vec![
        line(stream.as_ref(), dcterms::TITLE, &title),
        line(root.as_ref(), rdf::TYPE, tree::NODE),
        line(root.as_ref(), tree::VIEW_DESCRIPTION, &source),
        line(source.as_ref(), rdf::TYPE, ldes::EVENT_SOURCE),
        line(source.as_ref(), ldes::RETENTION_POLICY, &kept),
        line(kept.as_ref(), rdf::TYPE, ldes::LATEST_VERSION_SUBSET),
        line(kept.as_ref(), ldes::AMOUNT, &one),
    ]
}

/// From a node to one under it, by the times of its members; of one that still grows, only from when on.
fn relations(app: &App, from: Node, to: Node, span: &Span, closed: bool) -> Vec<String> {
    let mut lines = relation(app, from, to, tree::GREATER_THAN_OR_EQUAL_TO, span.first);
    if closed {
        let until = relation(app, from, to, tree::LESS_THAN_OR_EQUAL_TO, span.last);
        lines.extend(until);
    }
    lines
}

fn relation(
    app: &App,
    from: Node,
    to: Node,
    kind: NamedNodeRef<'_>,
    value: DateTime<Utc>,
) -> Vec<String> {
    let (from, to) = (from.iri(app), to.iri(app));
    let (_, number) = to.as_str().rsplit_once('/').unwrap_or_default();
    let end = match kind == tree::LESS_THAN_OR_EQUAL_TO {
        true => "until",
        false => "from",
    };
    let own = NamedNode::new_unchecked(format!("{}#{end}-{number}", from.as_str()));
    vec![
        line(from.as_ref(), tree::RELATION, &own),
        line(own.as_ref(), rdf::TYPE, kind),
        line(own.as_ref(), tree::NODE_PROPERTY, &to),
        line(own.as_ref(), tree::PATH, activity::PUBLISHED),
        line(own.as_ref(), tree::VALUE, &time(value)),
    ]
}

fn time(at: DateTime<Utc>) -> Literal {
    let text = at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    Literal::new_typed_literal(text, xsd::DATE_TIME)
}

/// A request for a node, in a format.
struct Asked {
    format: Format,
    validators: Validators,
}

impl Asked {
    /// For what holds as long as nothing changes in the catalogue.
    fn of(
        app: &App,
        headers: &HeaderMap,
        node: Node,
        last: i64,
        changed: Option<DateTime<Utc>>,
    ) -> Result<Self, Failure> {
        let format = chosen(headers)?;
        let what = format!(
            "{}\n{}\n{last}\n{}",
            node.iri(app),
            format.extension(),
            app.edition
        );
        Ok(Self {
            format,
            validators: Validators::new(Checksum::of(what.as_bytes()), changed),
        })
    }

    fn answer(
        &self,
        text: String,
        permit: OwnedSemaphorePermit,
    ) -> Result<Response<Body>, Failure> {
        let mut response = Response::new(stream::body(text, self.format, Some(permit)));
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.format.content_type()),
        );
        self.validators.set(headers);
        Ok(response)
    }
}

/// Each answer may hold some megabytes, and read much of an index.
async fn permit(app: &App) -> Result<OwnedSemaphorePermit, Failure> {
    let permit = app.feeds.clone().acquire_owned().await;
    permit.map_err(|error| Failure::internal(&error))
}

fn chosen(headers: &HeaderMap) -> Result<Format, Failure> {
    negotiate::best(headers, OFFERS).ok_or_else(|| {
        Failure::new(
            axum::http::StatusCode::NOT_ACCEPTABLE,
            "this is offered as application/trig, application/ld+json, application/n-quads, text/turtle and application/n-triples",
            "Ce flux existe en TriG, JSON-LD, N-Quads, Turtle et N-Triples.",
        )
    })
}
