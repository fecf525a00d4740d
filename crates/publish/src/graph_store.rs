//! `/rdf-graph-store`: whole graphs, by the reading half of the
//! [SPARQL 1.1 Graph Store HTTP Protocol](https://www.w3.org/TR/sparql11-http-rdf-update/).
//!
//! Graphs are read from the archive, some entities at a time, so that neither their size nor a slow client holds
//! memory, or a transaction of the archive.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use ::provenance::SourceName;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use model::{Checksum, EntityKind, RunId, SourceId};
use oxrdf::Triple;
use tokio::sync::mpsc::{Sender, channel};
use tokio::time::timeout;
use vocab::Vocab;

use crate::cache::Validators;
use crate::export::Spill;
use crate::failure::Failure;
use crate::provenance::nodes;
use crate::rdf::{Format, Writer};
use crate::router::App;
use crate::{feed, lines, negotiate, stream};

/// A graph that everybody may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Graph {
    /// The default graph.
    Catalogue,
    Provenance,
}

pub(crate) async fn get(
    State(app): State<Arc<App>>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response<Body>, Failure> {
    let graph = asked(&app, query.as_deref().unwrap_or_default())?;
    let format =
        negotiate::best(&headers, negotiate::GRAPHS).ok_or_else(negotiate::not_acceptable_graph)?;
    let validators = match graph {
        Graph::Catalogue => Some(catalogue_validators(&app, format).await?),
        // What is due to be told of provenance has no place in the log of changes.
        Graph::Provenance => None,
    };
    if let Some(validators) = &validators
        && validators.hold(&headers)
    {
        return Ok(validators.not_modified());
    }
    let body = match method {
        Method::HEAD => Body::empty(),
        _ => streamed(app, graph, format)?,
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(format.content_type()),
    );
    match validators {
        Some(validators) => validators.set(headers),
        None => {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        }
    }
    Ok(response)
}

/// Every other method.
pub(crate) async fn refuse(method: Method) -> Response<Body> {
    if method == Method::OPTIONS {
        return (StatusCode::NO_CONTENT, [(header::ALLOW, METHODS)]).into_response();
    }
    Failure::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("graphs can be read here, not written: the catalogue is what its sources say, and changes when they are harvested. The methods are {METHODS}"),
        "Les graphes se lisent ici, mais ne s’écrivent pas : le catalogue change quand ses sources sont moissonnées.",
    )
    .with(header::ALLOW, METHODS)
    .into_response()
}

fn asked(app: &App, query: &str) -> Result<Graph, Failure> {
    let (mut default, mut named) = (0, Vec::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "default" => default += 1,
            "graph" => named.push(value.into_owned()),
            // Clients send parameters of other servers, which do no harm.
            _ => {}
        }
    }
    let base = app.site.minter.base();
    match (default, named.as_slice()) {
        (1, []) => Ok(Graph::Catalogue),
        (0, [name]) if *name == app.site.minter.catalogue().as_str() => Ok(Graph::Catalogue),
        (0, [name])
            if app.site.sparql.names(name)
                && *name == ::provenance::Names::new(base).graph().as_str() =>
        {
            Ok(Graph::Provenance)
        }
        (0, [_]) => Err(Failure::new(
            StatusCode::NOT_FOUND,
            format!(
                "there is no such graph that is public: the service description at {base}sparql lists them"
            ),
            "Aucun graphe public ne porte ce nom.",
        )),
        _ => Err(Failure::bad_request(
            "say which graph: either `?default` for the catalogue, or `?graph=` with the IRI of one named graph",
        )),
    }
}

async fn catalogue_validators(app: &App, format: Format) -> Result<Validators, Failure> {
    // Read before the data: an answer may be newer than its tag says, never older.
    let (seq, changed) = match app.site.archive.last_change().await? {
        Some((seq, at)) => (seq, Some(at)),
        None => (0, None),
    };
    let state = format!("graph\n{seq}\n{}\n{}", format.extension(), app.edition);
    Ok(Validators::new(Checksum::of(state.as_bytes()), changed))
}

/// The graph, written while it is sent.
fn streamed(app: Arc<App>, graph: Graph, format: Format) -> Result<Body, Failure> {
    let permit = app.graphs.clone().try_acquire_owned();
    let permit = permit.map_err(|_| Failure::busy())?;
    let (sender, receiver) = channel(2);
    tokio::spawn(async move {
        let _permit = permit;
        let mut out = Out::new(sender.clone(), format);
        let sent = timeout(TRANSFER, async {
            match graph {
                Graph::Catalogue => catalogue(&app, &mut out).await?,
                Graph::Provenance => provenance(&app, &mut out).await?,
            }
            out.finish().await
        });
        let failed = match sent.await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(_) => io::ErrorKind::TimedOut.into(),
        };
        tracing::debug!(error = %failed, "a graph was broken off");
        // Breaks the connection off, so that no client takes a part of a graph for the whole.
        let _ = timeout(SILENCE, sender.send(Err(failed))).await;
    });
    Ok(stream::of_parts(receiver))
}

/// What the default graph of the endpoint holds.
async fn catalogue(app: &App, out: &mut Out) -> io::Result<()> {
    let archive = &app.site.archive;
    out.write(lines::joined(feed::catalogue(app))).await?;
    let mut kinds = EntityKind::ALL;
    kinds.sort_unstable_by_key(|kind| kind.segment());
    for kind in kinds {
        let mut after = None;
        loop {
            let page = archive.page(kind, after, ENTITIES).await;
            let page = page.map_err(io::Error::other)?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.id);
            let documents = archive.documents(page).await.map_err(io::Error::other)?;
            let text = documents.iter().map(|told| told.text.as_str()).collect();
            out.write(text).await?;
        }
    }
    out.triples(&Vocab::bundled().triples()).await
}

/// What the named graph of provenance holds.
async fn provenance(app: &App, out: &mut Out) -> io::Result<()> {
    let (archive, names) = (&app.site.archive, nodes::names(app));
    let mut after = None;
    loop {
        let keys = archive.traceable(after, ENTITIES).await;
        let keys = keys.map_err(io::Error::other)?;
        let Some(last) = keys.last() else { break };
        after = Some(last.id);
        let traces = archive.traces(&keys).await.map_err(io::Error::other)?;
        let told = traces
            .iter()
            .flat_map(|trace| ::provenance::entity(&names, trace));
        out.triples(&told.collect::<Vec<_>>()).await?;
    }
    let known = app.site.sources.iter().map(|card| card.id.clone());
    let mut sources: BTreeSet<SourceId> = known.collect();
    let mut versions = BTreeSet::new();
    let mut after = RunId(0);
    loop {
        let runs = archive.traced_runs(after, RUNS).await;
        let runs = runs.map_err(io::Error::other)?;
        let Some(last) = runs.last() else { break };
        after = last.run;
        let told = runs.iter().flat_map(|run| ::provenance::run(&names, run));
        out.triples(&told.collect::<Vec<_>>()).await?;
        for run in runs {
            sources.insert(run.source);
            versions.extend(run.software);
        }
    }
    for id in sources {
        let title = nodes::source_title(app, &id).to_owned();
        let name = SourceName { id, title };
        out.triples(&::provenance::source(&names, &name)).await?;
    }
    let versions = versions.iter().map(String::as_str);
    out.triples(&::provenance::agents(&names, versions)).await?;
    out.triples(&::provenance::rules(&names)).await
}

/// The way to the client.
struct Out {
    sender: Sender<io::Result<Bytes>>,
    /// None where lines are sent as they are.
    writer: Option<Writer<Spill>>,
    spill: Spill,
}

impl Out {
    fn new(sender: Sender<io::Result<Bytes>>, format: Format) -> Self {
        let spill = Spill::default();
        let writer = (!format.is_lines()).then(|| Writer::new(format, spill.clone()));
        Self {
            sender,
            writer,
            spill,
        }
    }

    async fn triples<'a>(
        &mut self,
        triples: impl IntoIterator<Item = &'a Triple>,
    ) -> io::Result<()> {
        let text = triples.into_iter().map(|triple| format!("{triple} .\n"));
        self.write(text.collect()).await
    }

    /// Whole lines.
    async fn write(&mut self, text: String) -> io::Result<()> {
        let Some(mut writer) = self.writer.take() else {
            return self.send(text.into_bytes()).await;
        };
        let written = tokio::task::spawn_blocking(move || {
            writer.write(&text)?;
            Ok::<_, io::Error>(writer)
        });
        self.writer = Some(written.await.map_err(io::Error::other)??);
        self.send(self.spill.take()).await
    }

    async fn finish(&mut self) -> io::Result<()> {
        if let Some(writer) = self.writer.take() {
            writer.finish()?;
        }
        self.send(self.spill.take()).await
    }

    async fn send(&self, bytes: Vec<u8>) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        match timeout(SILENCE, self.sender.send(Ok(bytes.into()))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

const METHODS: &str = "GET, HEAD, OPTIONS";
/// Entities that are in memory at once.
const ENTITIES: u32 = 50;
const RUNS: u32 = 500;
/// How long a client may take for one part.
const SILENCE: Duration = Duration::from_secs(60);
/// The time for a whole graph: a gigabyte at 3 Mbit/s.
const TRANSFER: Duration = Duration::from_secs(3600);
