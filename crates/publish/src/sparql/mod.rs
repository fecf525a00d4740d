//! `/sparql`: the [SPARQL 1.1 Protocol](https://www.w3.org/TR/sparql11-protocol/), for queries.
//!
//! | what goes wrong | answer |
//! | --- | --- |
//! | syntax error, `SERVICE`, bad graph name, not exactly one `query` | 400, with line and column |
//! | an update | 403 |
//! | other methods, media types, formats | 405, 415, 406 |
//! | query too long | 413 |
//! | too many queries at once | 503 with `Retry-After` |
//! | out of time, out of memory | 504, 507 |
//! | any of these after the first byte, answer too large | the connection breaks off: what was received is not an answer |

mod accept;
mod answer;
mod description;
mod gate;
mod problem;
mod request;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::routing::any;
use graph::{Limits, Query, QueryService};
use oxrdf::Term;

use accept::{Accept, Choices};
use answer::Validators;
use gate::Gate;
use request::Asked;

pub(crate) use accept::named;
pub(crate) use problem::Problem;
pub(crate) use request::parameters;

/// What the endpoint allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SparqlSettings {
    /// The time for the evaluation of a query.
    pub timeout: Duration,
    /// The time for a whole answer, when the client reads slowly.
    pub transfer: Duration,
    pub max_result_bytes: u64,
    /// Solutions, or triples.
    pub max_rows: Option<u64>,
    pub max_query_bytes: usize,
    /// How many queries are evaluated at once. A pool must have as many workers.
    pub workers: usize,
    /// The memory of one worker, in bytes.
    pub worker_memory: u64,
    /// How many queries may wait for a worker, for `timeout` at most.
    pub queue: usize,
}

impl Default for SparqlSettings {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            timeout: limits.timeout,
            transfer: limits.transfer,
            max_result_bytes: limits.max_bytes,
            max_rows: limits.max_rows,
            max_query_bytes: limits.max_query_bytes,
            workers: 2,
            worker_memory: 512 * 1024 * 1024,
            queue: 16,
        }
    }
}

impl SparqlSettings {
    fn limits(&self) -> Limits {
        Limits {
            timeout: self.timeout,
            transfer: self.transfer,
            max_bytes: self.max_result_bytes,
            max_rows: self.max_rows,
            max_query_bytes: self.max_query_bytes,
            ..Limits::default()
        }
    }
}

/// The endpoint. Clones share it.
#[derive(Clone)]
pub struct SparqlService(Arc<Endpoint>);

struct Endpoint {
    queries: QueryService,
    limits: Limits,
    gate: Gate,
    /// Its public address.
    address: String,
    /// The page for browsers that come without a query.
    page: Option<String>,
    /// The named graphs that are told of in the service description.
    graphs: Vec<String>,
}

impl SparqlService {
    /// `address` is the public address of the endpoint: relative IRIs are resolved against it.
    pub fn new(queries: QueryService, address: &str, settings: &SparqlSettings) -> Self {
        Self(Arc::new(Endpoint {
            queries,
            limits: settings.limits(),
            gate: Gate::new(settings.workers, settings.queue, settings.timeout),
            address: address.to_owned(),
            page: None,
            graphs: Vec::new(),
        }))
    }

    pub(crate) fn names(&self, graph: &str) -> bool {
        self.0.graphs.iter().any(|name| name == graph)
    }

    /// Answers a query that is kept, with its values, as if a client had asked it: in these formats, or in those that the
    /// client accepts.
    pub(crate) async fn saved(
        &self,
        query: &str,
        values: &[(&str, Term)],
        formats: Option<Choices>,
        bom: bool,
        headers: &HeaderMap,
    ) -> Result<Response<Body>, Problem> {
        let endpoint = &self.0;
        let asked = Asked {
            query: graph::bind(query, values, &endpoint.limits)?,
            bom,
            ..Asked::default()
        };
        let choices = formats.unwrap_or_else(|| accept::choose(&accept::header(headers), None));
        endpoint.answer(asked, choices, headers, true).await
    }

    /// Names the named graphs that queries can reach.
    #[must_use]
    pub fn with_graphs(self, graphs: &[String]) -> Self {
        Self(Arc::new(Endpoint {
            graphs: graphs.to_vec(),
            ..self.0.copied()
        }))
    }

    /// Sets the HTML page that browsers get who come without a query; others get the service description.
    #[must_use]
    pub fn with_page(self, html: String) -> Self {
        Self(Arc::new(Endpoint {
            page: Some(html),
            ..self.0.copied()
        }))
    }
}

/// The routes of the endpoint: `/sparql`, with or without a slash at the end.
pub fn router(service: SparqlService) -> Router {
    Router::new()
        .route("/sparql", any(handle))
        .route("/sparql/", any(handle))
        .with_state(service)
}

async fn handle(State(service): State<SparqlService>, request: Request) -> Response<Body> {
    let endpoint = &service.0;
    match endpoint.respond(request).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

impl Endpoint {
    fn copied(&self) -> Self {
        Self {
            queries: self.queries.clone(),
            limits: self.limits.clone(),
            gate: self.gate.clone(),
            address: self.address.clone(),
            page: self.page.clone(),
            graphs: self.graphs.clone(),
        }
    }

    async fn respond(&self, request: Request) -> Result<Response<Body>, Problem> {
        let (parts, body) = request.into_parts();
        let accept = accept::header(&parts.headers);
        let asked = match parts.method {
            Method::GET | Method::HEAD => request::from_url(parts.uri.query())?,
            Method::POST => {
                let body = request::read(body, &parts.headers, &self.limits).await?;
                Some(request::from_body(
                    parts.uri.query(),
                    &parts.headers,
                    &body,
                )?)
            }
            Method::OPTIONS => return Ok(options()),
            _ => return Err(Problem::method_not_allowed()),
        };
        let Some(asked) = asked else {
            return self.describe(&accept, &parts.headers);
        };
        let choices = accept::choose(&accept, asked.format.as_deref());
        let is_safe = parts.method != Method::POST;
        self.answer(asked, choices, &parts.headers, is_safe).await
    }

    async fn answer(
        &self,
        asked: Asked,
        choices: Choices,
        headers: &HeaderMap,
        is_safe: bool,
    ) -> Result<Response<Body>, Problem> {
        let validators = Validators::of(&asked, &choices, &self.address);
        if is_safe && answer::is_conditional(headers) {
            let generation = answer::generation(&self.queries).await?;
            if validators.hold(headers, generation) {
                return Ok(validators.not_modified(generation));
            }
        }
        let permit = self.gate.enter().await.ok_or_else(Problem::busy)?;
        let bom = asked.bom;
        let query = self.query(asked, &choices);
        let started = answer::start(&self.queries, query, &self.limits, permit).await?;
        let started = if bom { started.with_bom() } else { started };
        let (head, generation) = (started.head, started.generation);
        let mut response = started.into_response(&choices)?;
        if is_safe && !head.volatile {
            validators.set(response.headers_mut(), generation);
        }
        Ok(response)
    }

    fn describe(&self, accept: &Accept, headers: &HeaderMap) -> Result<Response<Body>, Problem> {
        if let Some(page) = &self.page
            && accept.prefers_html()
        {
            return Ok(answer::fixed(
                "text/html; charset=utf-8",
                page.clone(),
                headers,
            ));
        }
        let choices = accept::choose(accept, None);
        let chosen = choices
            .graph
            .ok_or_else(|| Problem::not_acceptable(&graph::Format::GRAPHS))?;
        let body = description::write(&self.address, &self.graphs, chosen.format)
            .map_err(|error| Problem::internal(&error.to_string()))?;
        Ok(answer::fixed(chosen.content_type, body, headers))
    }

    fn query(&self, asked: Asked, choices: &Choices) -> Query {
        Query {
            text: asked.query,
            base: Some(self.address.clone()),
            default_graphs: asked.default_graphs,
            named_graphs: asked.named_graphs,
            formats: choices.formats(),
        }
    }
}

/// What the endpoint can be asked to do.
fn options() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static(METHODS));
    headers.insert("accept-post", HeaderValue::from_static(request::POSTED));
    response
}

const METHODS: &str = "GET, HEAD, POST, OPTIONS";

#[cfg(test)]
mod tests;
