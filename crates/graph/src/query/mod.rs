//! Queries: what is asked, what comes back, and who evaluates it.

mod bind;
mod evaluate;
mod format;
mod local;
mod pool;
mod scan;
mod snapshot;
mod syntax;
mod wire;

use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

use crate::{Graph, GraphError};

pub use bind::{bind, check, has_variable};
pub(crate) use evaluate::{Output, evaluate};
pub use format::{Format, Formats};
pub use pool::{Pool, PoolSettings};
pub(crate) use scan::scan;
pub(crate) use wire::{Ask, Event, read_ask, write_event};

/// A SPARQL query as a client states it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Query {
    pub text: String,
    /// Relative IRIs of the query are resolved against it.
    pub base: Option<String>,
    /// The dataset that the protocol names (`default-graph-uri`, `named-graph-uri`); it has precedence over `FROM`.
    pub default_graphs: Vec<String>,
    pub named_graphs: Vec<String>,
    /// The formats that suit the client, for each kind of result.
    pub formats: Formats,
}

/// What a query may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The time for the evaluation. Time that is lost since the client does not read counts too, up to `transfer`.
    pub timeout: Duration,
    /// The time for the whole answer, however slowly the client reads.
    pub transfer: Duration,
    pub max_bytes: u64,
    /// Solutions, or triples.
    pub max_rows: Option<u64>,
    pub max_query_bytes: usize,
    /// How deeply brackets may be nested.
    pub max_nesting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            transfer: Duration::from_secs(180),
            max_bytes: 100 * 1024 * 1024,
            max_rows: None,
            max_query_bytes: 64 * 1024,
            max_nesting: 64,
        }
    }
}

/// Which graphs queries can reach. Whatever a query says, it sees the default graph of the store and these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The name under which a query may call the default graph, in `FROM` or `default-graph-uri`.
    pub catalogue: Option<String>,
    /// Named graphs that everybody may read. None, unless an installation has some.
    pub public: Vec<String>,
}

/// A state of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation {
    /// Tells one opening of the store from another.
    pub epoch: u64,
    pub number: u64,
    /// When the graph came into this state, as far as it is known.
    pub changed: SystemTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Results {
    Solutions,
    Boolean,
    Graph,
}

/// What is known of an answer before its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub results: Results,
    pub format: Format,
    /// Whether the same query on the same graph gives another answer each time (`NOW()`, `RAND()`, `UUID()`...).
    pub volatile: bool,
}

/// Why a query has no answer, or no complete one. Lines and columns begin at 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum QueryError {
    #[error("the query is not SPARQL 1.1: {message} (line {line}, column {column})")]
    Syntax {
        message: String,
        line: usize,
        column: usize,
    },
    #[error("{message} (line {line}, column {column})")]
    Refused {
        message: String,
        line: usize,
        column: usize,
    },
    #[error("the base IRI or a graph name is no absolute IRI: {0}")]
    BadIri(String),
    #[error("the query has {bytes} bytes; {limit} are allowed")]
    TooLong { bytes: usize, limit: usize },
    #[error("the query is too intricate to be evaluated: write it flatter, or as several queries")]
    TooIntricate,
    #[error("{results:?} results are not offered in any format that the client accepts")]
    NotAcceptable { results: Results },
    #[error("the query cannot be evaluated: {0}")]
    Evaluation(String),
    #[error("the query was stopped after {seconds} s: narrow it, or add a LIMIT")]
    Timeout { seconds: u64 },
    #[error(
        "the query was stopped: it needs more memory than a query may have; narrow it, or aggregate in a sub-select first"
    )]
    Memory,
    #[error(
        "the answer was broken off after {limit}: narrow the query, or page with LIMIT and OFFSET"
    )]
    TooLarge { limit: String },
    #[error("too many queries at once: try again in a moment")]
    Busy,
    #[error("nobody waits for the answer any more")]
    Unwanted,
    #[error("the query could not be run: {0}")]
    Internal(String),
}

impl From<GraphError> for QueryError {
    fn from(error: GraphError) -> Self {
        Self::Internal(error.to_string())
    }
}

/// Who evaluates queries.
#[derive(Clone)]
pub enum QueryService {
    /// This process. A hostile query can hold a thread and memory long after it was given up, so this is for tests
    /// and for graphs that are small.
    Local { graph: Graph, access: Access },
    /// Worker processes that can be killed, each reading a checkpoint of the graph.
    Workers(Pool),
}

impl QueryService {
    pub fn local(graph: Graph, access: Access) -> Self {
        Self::Local { graph, access }
    }

    /// The state of the graph that a query begun now would see.
    pub fn generation(&self) -> Result<Generation, QueryError> {
        match self {
            Self::Local { graph, .. } => Ok(graph.generation()),
            Self::Workers(pool) => pool.generation(),
        }
    }

    /// Evaluates a query, and blocks until its first results are known. It does not wait for a free worker: whoever
    /// calls sees to it that no more queries run at once than there are workers.
    pub fn query(&self, query: Query, limits: &Limits) -> Result<Answer, QueryError> {
        self.query_while(query, limits, || true)
    }

    /// As [`QueryService::query`], for as long as the answer is wanted: whoever asks may go away while the query is
    /// evaluated.
    pub fn query_while(
        &self,
        query: Query,
        limits: &Limits,
        wanted: impl Fn() -> bool + Send + 'static,
    ) -> Result<Answer, QueryError> {
        scan::check_length(&query.text, limits)?;
        let (source, generation) = match self {
            Self::Local { graph, access } => local::begin(graph, access, query, limits)?,
            Self::Workers(pool) => pool.begin(query, limits)?,
        };
        let events = Events {
            source,
            wanted: Box::new(wanted),
            begun: Instant::now(),
            waited: Duration::ZERO,
            bytes: 0,
            limits: limits.clone(),
        };
        Answer::begin(events, generation)
    }
}

/// An answer that is being made: an iterator over its parts, which blocks. An error ends it; an answer without error
/// is whole. When it is dropped early, the evaluation is stopped.
pub struct Answer {
    pub head: Head,
    pub generation: Generation,
    events: Events,
    done: bool,
}

/// Where the parts come from, and until when they are waited for.
struct Events {
    source: Source,
    wanted: Box<dyn Fn() -> bool + Send>,
    begun: Instant,
    waited: Duration,
    bytes: u64,
    limits: Limits,
}

enum Source {
    Worker(pool::Lease),
    Thread(local::Evaluation),
}

impl Answer {
    fn begin(mut events: Events, generation: Generation) -> Result<Self, QueryError> {
        match events.next()? {
            Event::Head(head) => Ok(Self {
                head,
                generation,
                events,
                done: false,
            }),
            Event::Failed(error) => {
                events.source.finished();
                Err(error)
            }
            Event::Data(_) | Event::Done => {
                Err(QueryError::Internal("an answer without a head".to_owned()))
            }
        }
    }

    fn advance(&mut self) -> Result<Option<Vec<u8>>, QueryError> {
        match self.events.next()? {
            Event::Data(bytes) => Ok(Some(bytes)),
            Event::Done => {
                self.events.source.finished();
                Ok(None)
            }
            Event::Failed(error) => {
                self.events.source.finished();
                Err(error)
            }
            Event::Head(_) => Err(QueryError::Internal("an answer with two heads".to_owned())),
        }
    }
}

impl Iterator for Answer {
    type Item = Result<Vec<u8>, QueryError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let part = self.advance().transpose();
        self.done = !matches!(part, Some(Ok(_)));
        part
    }
}

impl Events {
    fn next(&mut self) -> Result<Event, QueryError> {
        let event = loop {
            let left = self
                .limits
                .timeout
                .saturating_sub(self.waited)
                .min(self.limits.transfer.saturating_sub(self.begun.elapsed()));
            if left.is_zero() {
                let seconds = self.limits.timeout.as_secs();
                return Err(QueryError::Timeout { seconds });
            }
            if !(self.wanted)() {
                return Err(QueryError::Unwanted);
            }
            let from = Instant::now();
            let received = self.source.receive(left.min(PATIENCE));
            self.waited += from.elapsed();
            match received {
                Ok(event) => break event,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(self.source.cause_of_death()),
            }
        };
        if let Event::Data(bytes) = &event {
            self.bytes += bytes.len() as u64;
            // The worker counts too, but a worker is not believed.
            if self.bytes > self.limits.max_bytes {
                return Err(too_many_bytes(self.limits.max_bytes));
            }
        }
        Ok(event)
    }
}

impl Source {
    fn receive(&self, timeout: Duration) -> Result<Event, RecvTimeoutError> {
        match self {
            Self::Worker(lease) => lease.receive(timeout),
            Self::Thread(evaluation) => evaluation.events.recv_timeout(timeout),
        }
    }

    /// The query is over, and the worker is ready for another one.
    fn finished(&mut self) {
        if let Self::Worker(lease) = self {
            lease.give_back();
        }
    }

    fn cause_of_death(&mut self) -> QueryError {
        match self {
            Self::Worker(lease) => lease.cause_of_death(),
            Self::Thread(_) => QueryError::Internal("the evaluation broke down".to_owned()),
        }
    }
}

fn too_many_bytes(limit: u64) -> QueryError {
    QueryError::TooLarge {
        limit: format!("{limit} bytes"),
    }
}

/// How often it is checked whether an answer is still wanted.
const PATIENCE: Duration = Duration::from_millis(200);
