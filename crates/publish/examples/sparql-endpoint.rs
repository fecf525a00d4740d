//! Serves N-Triples files by `/sparql`, to try clients and protocol tests on it.
//!
//! `sparql-endpoint 127.0.0.1:8099 file.nt https://a.example/graph=other.nt`: without a name, a file is in the default
//! graph; with one, in a named graph that is public. Queries run in worker processes, as in the program; with the
//! feature `rocksdb` the graph is on disk.

use std::path::Path;
use std::time::Duration;

use graph::model::{NamedNode, Triple};
use graph::{Access, Graph, Pool, PoolSettings, QueryService};
use oxrdfio::{RdfFormat, RdfParser};
use publish::sparql::{SparqlService, SparqlSettings, router};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next().ok_or("say where to listen")?;
    if first == "sparql-worker" {
        let dir = arguments.next().ok_or("say where the checkpoints are")?;
        return Ok(graph::worker::run(
            dir.as_ref(),
            std::io::stdin(),
            std::io::stdout(),
        )?);
    }
    let dir = std::env::temp_dir().join(format!("sparql-endpoint-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    let graph = open(&dir)?;
    let mut access = Access::default();
    for argument in arguments {
        match argument.rsplit_once('=') {
            None => graph.bulk_insert(read(&argument)?.into_iter())?,
            Some((name, file)) => {
                graph.insert_named(&NamedNode::new(name)?, &read(file)?)?;
                access.public.push(name.to_owned());
            }
        }
    }
    let checkpoints = dir.join("checkpoints");
    let mut settings = PoolSettings::new(
        std::env::current_exe()?,
        vec!["sparql-worker".into(), checkpoints.clone().into()],
        checkpoints,
    );
    settings.access = access;
    let allowed = SparqlSettings {
        timeout: Duration::from_secs(10),
        ..SparqlSettings::default()
    };
    let queries = QueryService::Workers(Pool::new(graph, settings)?);
    let service = SparqlService::new(queries, &format!("http://{first}/sparql"), &allowed);
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = tokio::net::TcpListener::bind(&first).await?;
        println!("http://{}/sparql", listener.local_addr()?);
        axum::serve(listener, router(service)).await
    })?;
    Ok(())
}

#[cfg(feature = "rocksdb")]
fn open(dir: &Path) -> Result<Graph, Failure> {
    Ok(Graph::open(&dir.join("graph"))?)
}

#[cfg(not(feature = "rocksdb"))]
fn open(_: &Path) -> Result<Graph, Failure> {
    Ok(Graph::memory()?)
}

fn read(file: &str) -> Result<Vec<Triple>, Failure> {
    RdfParser::from_format(RdfFormat::NTriples)
        .for_reader(std::io::BufReader::new(std::fs::File::open(file)?))
        .map(|quad| Ok(Triple::from(quad?)))
        .collect()
}
