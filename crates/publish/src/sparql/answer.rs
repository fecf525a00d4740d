//! Answers: streamed as they are made, whole or visibly broken off.

use std::io;
use std::time::{Duration, Instant, SystemTime};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use futures::stream;
use graph::{Answer, Format, Generation, Head, Limits, Query, QueryError, QueryService};
use model::Checksum;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::accept::Choices;
use super::problem::Problem;
use super::request::Asked;

/// An answer whose first part is known: from here on, a failure can only break it off.
pub(crate) struct Started {
    pub head: Head,
    pub generation: Generation,
    first: Vec<u8>,
    /// What comes after the first part, if anything does.
    rest: Option<Receiver<Message>>,
}

enum Message {
    /// The first part, and whether it is all.
    First(Head, Generation, Vec<u8>, bool),
    Failed(QueryError),
    Part(Vec<u8>),
    /// An answer that ends without it is broken off.
    Done,
}

/// Begins a query, and waits for the first part of its answer. When the future is dropped, the query is stopped.
pub(crate) async fn start(
    queries: &QueryService,
    query: Query,
    limits: &Limits,
    permit: OwnedSemaphorePermit,
) -> Result<Started, Problem> {
    let (sender, mut receiver) = channel(PARTS);
    let (queries, limits, handle) = (queries.clone(), limits.clone(), Handle::current());
    tokio::task::spawn_blocking(move || {
        let client = Client {
            sender,
            handle,
            until: Instant::now() + limits.transfer,
        };
        let text = query.text.clone();
        if let Err(error) = answer(&queries, query, &limits, permit, &client) {
            log(&error, &text);
        }
    });
    match receiver.recv().await {
        Some(Message::First(head, generation, first, whole)) => Ok(Started {
            head,
            generation,
            first,
            rest: (!whole).then_some(receiver),
        }),
        Some(Message::Failed(error)) => Err(error.into()),
        _ => Err(Problem::internal("a query without an answer")),
    }
}

/// Evaluates the query for the client. The place is given back before the client hears of the end, so that whoever
/// comes again at once finds it free.
fn answer(
    queries: &QueryService,
    query: Query,
    limits: &Limits,
    permit: OwnedSemaphorePermit,
    client: &Client,
) -> Result<(), QueryError> {
    let sender = client.sender.clone();
    let wanted = move || !sender.is_closed();
    let begun = queries
        .query_while(query, limits, wanted)
        .and_then(|mut answer| {
            let (first, whole) = first_part(&mut answer)?;
            Ok((answer, first, whole))
        });
    let (mut answer, first, whole) = match begun {
        Ok(begun) => begun,
        Err(error) => {
            drop(permit);
            client.send(Message::Failed(error.clone()));
            return Err(error);
        }
    };
    let message = Message::First(answer.head, answer.generation, first, whole);
    if whole {
        drop(answer);
        drop(permit);
        client.send(message);
        return Ok(());
    }
    client.send(message);
    for part in &mut answer {
        if !client.send(Message::Part(part?)) {
            return Err(QueryError::Unwanted);
        }
    }
    drop(answer);
    drop(permit);
    client.send(Message::Done);
    Ok(())
}

/// The beginning of the answer, and whether it is all of it: an answer that fails early has a status that says so.
fn first_part(answer: &mut Answer) -> Result<(Vec<u8>, bool), QueryError> {
    let mut first = Vec::new();
    while first.len() < HELD_BACK {
        match answer.next() {
            Some(part) => first.extend(part?),
            None => return Ok((first, true)),
        }
    }
    Ok((first, false))
}

/// The way to the client, for a thread that may block.
struct Client {
    sender: Sender<Message>,
    handle: Handle,
    until: Instant,
}

impl Client {
    /// Whether the message was taken: it is not when the client has gone, or reads too slowly.
    fn send(&self, message: Message) -> bool {
        let left = self.until.saturating_duration_since(Instant::now());
        self.handle
            .block_on(self.sender.send_timeout(message, left))
            .is_ok()
    }
}

fn log(error: &QueryError, query: &str) {
    let query: String = query.chars().take(200).collect();
    match error {
        QueryError::Timeout { .. } | QueryError::Memory | QueryError::TooLarge { .. } => {
            tracing::warn!(%error, query, "a SPARQL query was stopped");
        }
        _ => tracing::debug!(%error, query, "a SPARQL query failed"),
    }
}

impl Started {
    /// Says to spreadsheets that CSV is UTF-8; other formats stay as they are.
    #[must_use]
    pub fn with_bom(mut self) -> Self {
        if self.head.format == Format::Csv {
            self.first.splice(0..0, BOM);
        }
        self
    }

    pub fn into_response(self, choices: &Choices) -> Result<Response<Body>, Problem> {
        let content_type = choices.content_type(self.head.format);
        let body = match self.rest {
            None => Body::from(self.first),
            Some(rest) => Body::from_stream(stream::unfold(
                Some((self.first, rest)),
                |state| async move {
                    let (part, mut rest) = state?;
                    if !part.is_empty() {
                        return Some((Ok(Bytes::from(part)), Some((Vec::new(), rest))));
                    }
                    match rest.recv().await {
                        Some(Message::Part(part)) => {
                            Some((Ok(Bytes::from(part)), Some((Vec::new(), rest))))
                        }
                        Some(Message::Done) => None,
                        // An error here closes the connection without the end that HTTP wants, so that no client
                        // takes a part of an answer for the whole.
                        _ => Some((Err(io::Error::other("the answer was broken off")), None)),
                    }
                },
            )),
        };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        common(headers);
        Ok(response)
    }
}

/// The state of the graph that a query begun now would see.
pub(crate) async fn generation(queries: &QueryService) -> Result<Generation, Problem> {
    let queries = queries.clone();
    tokio::task::spawn_blocking(move || queries.generation())
        .await
        .map_err(|error| Problem::internal(&error.to_string()))?
        .map_err(Problem::from)
}

/// Whether the client has an answer already, and asks whether it still holds.
pub(crate) fn is_conditional(headers: &HeaderMap) -> bool {
    headers.contains_key(header::IF_NONE_MATCH) || headers.contains_key(header::IF_MODIFIED_SINCE)
}

/// What tells one answer from another, besides the state of the graph.
pub(crate) struct Validators(Checksum);

impl Validators {
    pub fn of(asked: &Asked, choices: &Choices, address: &str) -> Self {
        let asked = format!("{asked:?} {choices:?} {address}");
        Self(Checksum::of(asked.as_bytes()))
    }

    /// A weak tag: solutions may come in another order.
    fn tag(&self, generation: Generation) -> String {
        let Generation { epoch, number, .. } = generation;
        format!("W/\"{epoch:x}-{number:x}-{}\"", self.0)
    }

    /// Whether the answer that the client has still holds.
    pub fn hold(&self, headers: &HeaderMap, generation: Generation) -> bool {
        if headers.contains_key(header::IF_NONE_MATCH) {
            return tag_matches(headers, &self.tag(generation));
        }
        headers
            .get(header::IF_MODIFIED_SINCE)
            .and_then(|value| httpdate::parse_http_date(value.to_str().ok()?).ok())
            .is_some_and(|since| generation.changed <= since && is_settled(generation))
    }

    pub fn set(&self, headers: &mut HeaderMap, generation: Generation) {
        if let Ok(tag) = HeaderValue::from_str(&self.tag(generation)) {
            headers.insert(header::ETAG, tag);
        }
        if is_settled(generation) {
            // Rounded up, since the header has no fractions.
            let modified = httpdate::fmt_http_date(generation.changed + Duration::from_secs(1));
            if let Ok(modified) = HeaderValue::from_str(&modified) {
                headers.insert(header::LAST_MODIFIED, modified);
            }
        }
    }

    pub fn not_modified(&self, generation: Generation) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        common(response.headers_mut());
        self.set(response.headers_mut(), generation);
        response
    }
}

/// A date tells states apart only when the graph has not changed for some seconds:
/// <https://www.rfc-editor.org/rfc/rfc9110#section-8.8.2.2>
fn is_settled(generation: Generation) -> bool {
    SystemTime::now()
        .duration_since(generation.changed)
        .is_ok_and(|age| age > SETTLED)
}

fn tag_matches(headers: &HeaderMap, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || opaque(known) == opaque(tag))
}

/// A document that does not depend on the graph.
pub(crate) fn fixed(
    content_type: &'static str,
    body: impl Into<Bytes>,
    headers: &HeaderMap,
) -> Response<Body> {
    let body = body.into();
    let tag = format!("W/\"{}\"", Checksum::of(&body));
    let mut response = Response::new(Body::empty());
    if tag_matches(headers, &tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = Body::from(body);
    }
    common(response.headers_mut());
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

fn common(headers: &mut HeaderMap) {
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
}

/// How much of an answer is known before the status is sent.
const HELD_BACK: usize = 64 * 1024;
/// Parts that wait for the client.
const PARTS: usize = 2;
/// U+FEFF in UTF-8.
const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];
const SETTLED: Duration = Duration::from_secs(3);
