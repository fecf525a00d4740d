//! The evaluation of one query on one store, whoever does it.

use std::io::{self, Write};

use oxigraph::io::RdfSerializer;
use oxigraph::model::{GraphName, NamedNode, NamedOrBlankNode};
use oxigraph::sparql::results::QueryResultsSerializer;
use oxigraph::sparql::{
    CancellationToken, DefaultServiceHandler, QueryDataset, QueryEvaluationError, QueryResults,
    QuerySolutionIter, QueryTripleIter, SparqlEvaluator,
};
use oxigraph::store::Store;
use oxiri::Iri;
use spargebra::algebra::GraphPattern;

use super::syntax::syntax_error;
use super::{Access, Head, Limits, Query, QueryError, Results, scan, too_many_bytes};

/// Other crates may turn on the feature of Oxigraph that calls other endpoints: this takes the place of its client.
/// [`scan`] has refused `SERVICE` already.
struct NoService;

impl DefaultServiceHandler for NoService {
    type Error = QueryEvaluationError;

    fn handle(
        &self,
        service: &NamedNode,
        _: &GraphPattern,
        _: Option<&Iri<String>>,
    ) -> Result<QuerySolutionIter<'static>, QueryEvaluationError> {
        Err(QueryEvaluationError::UnsupportedService(service.clone()))
    }
}

/// Where an answer goes.
pub(crate) trait Output {
    fn head(&mut self, head: Head) -> io::Result<()>;
    /// Not empty, and not longer than 64 kB.
    fn data(&mut self, bytes: &[u8]) -> io::Result<()>;
}

pub(crate) fn evaluate(
    store: &Store,
    access: &Access,
    query: &Query,
    limits: &Limits,
    token: CancellationToken,
    output: &mut impl Output,
) -> Result<(), QueryError> {
    let scan = scan(&query.text, limits)?;
    let evaluator = SparqlEvaluator::new()
        .with_default_service_handler(NoService)
        .with_cancellation_token(token);
    let evaluator = match &query.base {
        Some(base) => evaluator
            .with_base_iri(base)
            .map_err(|error| QueryError::BadIri(format!("{base}: {error}")))?,
        None => evaluator,
    };
    let parse = |text: &str| evaluator.clone().parse_query(text);
    let mut prepared = parse(&query.text).map_err(|error| {
        let again = |text: &str| parse(text).err().map(|error| error.to_string());
        syntax_error(&query.text, again, error.to_string())
    })?;
    restrict(prepared.dataset_mut(), access, query)?;
    let results = prepared
        .on_store(store)
        .execute()
        .map_err(evaluation_error)?;

    let (kind, format) = match &results {
        QueryResults::Solutions(_) => (Results::Solutions, query.formats.solutions),
        QueryResults::Boolean(_) => (Results::Boolean, query.formats.boolean),
        QueryResults::Graph(_) => (Results::Graph, query.formats.graph),
    };
    let format = format.ok_or(QueryError::NotAcceptable { results: kind })?;
    output
        .head(Head {
            results: kind,
            format,
            volatile: scan.volatile,
        })
        .map_err(client_gone)?;
    let mut writer = Bounded {
        output,
        buffer: Vec::with_capacity(PART),
        left: limits.max_bytes,
        limit: limits.max_bytes,
        failure: None,
    };
    let mismatch = || QueryError::Internal(format!("{kind:?} results in {format:?}"));
    let written = match results {
        QueryResults::Solutions(solutions) => {
            let format = format.table().ok_or_else(mismatch)?;
            let serializer = QueryResultsSerializer::from_format(format);
            write_solutions(solutions, serializer, limits, &mut writer)
        }
        QueryResults::Boolean(value) => {
            let format = format.table().ok_or_else(mismatch)?;
            QueryResultsSerializer::from_format(format)
                .serialize_boolean_to_writer(&mut writer, value)
                .map(drop)
                .map_err(client_gone)
        }
        QueryResults::Graph(triples) => {
            let format = format.graph().ok_or_else(mismatch)?;
            write_graph(
                triples,
                RdfSerializer::from_format(format),
                limits,
                &mut writer,
            )
        }
    };
    // The writer knows better why it failed than the serialiser that it interrupted.
    let written = written.and_then(|()| writer.flush().map_err(client_gone));
    match writer.failure {
        Some(failure) => Err(failure),
        None => written,
    }
}

fn write_solutions(
    solutions: QuerySolutionIter<'_>,
    serializer: QueryResultsSerializer,
    limits: &Limits,
    writer: impl Write,
) -> Result<(), QueryError> {
    let mut serializer = serializer
        .serialize_solutions_to_writer(writer, solutions.variables().to_vec())
        .map_err(client_gone)?;
    for (row, solution) in solutions.enumerate() {
        check_rows(row, limits)?;
        serializer
            .serialize(&solution.map_err(evaluation_error)?)
            .map_err(client_gone)?;
    }
    serializer.finish().map(drop).map_err(client_gone)
}

fn write_graph(
    triples: QueryTripleIter<'_>,
    mut serializer: RdfSerializer,
    limits: &Limits,
    writer: impl Write,
) -> Result<(), QueryError> {
    for (prefix, namespace) in PREFIXES {
        serializer = serializer
            .with_prefix(prefix, namespace)
            .map_err(|error| QueryError::Internal(error.to_string()))?;
    }
    let mut serializer = serializer.for_writer(writer);
    for (row, triple) in triples.enumerate() {
        check_rows(row, limits)?;
        serializer
            .serialize_triple(&triple.map_err(evaluation_error)?)
            .map_err(client_gone)?;
    }
    serializer.finish().map(drop).map_err(client_gone)
}

fn check_rows(row: usize, limits: &Limits) -> Result<(), QueryError> {
    match limits.max_rows {
        Some(max) if row as u64 >= max => Err(QueryError::TooLarge {
            limit: format!("{max} rows"),
        }),
        _ => Ok(()),
    }
}

/// Sets the dataset of the query: what it asks for, as far as everybody may read it. Graphs that are unknown, and
/// graphs that are not public, are empty: nobody can tell one from the other.
fn restrict(dataset: &mut QueryDataset, access: &Access, query: &Query) -> Result<(), QueryError> {
    let public = |name: &NamedNode| access.public.iter().any(|graph| graph == name.as_str());
    let stated = !dataset.is_default_dataset();
    let by_protocol = !query.default_graphs.is_empty() || !query.named_graphs.is_empty();
    let (default, named) = if by_protocol {
        (names(&query.default_graphs)?, names(&query.named_graphs)?)
    } else if stated {
        stated_names(dataset)
    } else {
        dataset.set_available_named_graphs(
            names(&access.public)?.into_iter().map(Into::into).collect(),
        );
        return Ok(());
    };
    let default = default.into_iter().filter_map(|name| {
        if access.catalogue.as_deref() == Some(name.as_str()) {
            Some(GraphName::DefaultGraph)
        } else {
            public(&name).then(|| name.into())
        }
    });
    dataset.set_default_graph(default.collect());
    dataset.set_available_named_graphs(
        named
            .into_iter()
            .filter(public)
            .map(NamedOrBlankNode::from)
            .collect(),
    );
    Ok(())
}

fn names(iris: &[String]) -> Result<Vec<NamedNode>, QueryError> {
    iris.iter()
        .map(|iri| {
            NamedNode::new(iri).map_err(|error| QueryError::BadIri(format!("{iri}: {error}")))
        })
        .collect()
}

/// The graphs of the clauses `FROM` and `FROM NAMED`.
fn stated_names(dataset: &QueryDataset) -> (Vec<NamedNode>, Vec<NamedNode>) {
    let default = dataset.default_graph_graphs().unwrap_or_default();
    let named = dataset.available_named_graphs().unwrap_or_default();
    (
        default
            .iter()
            .filter_map(|graph| match graph {
                GraphName::NamedNode(name) => Some(name.clone()),
                _ => None,
            })
            .collect(),
        named
            .iter()
            .filter_map(|graph| match graph {
                NamedOrBlankNode::NamedNode(name) => Some(name.clone()),
                NamedOrBlankNode::BlankNode(_) => None,
            })
            .collect(),
    )
}

fn evaluation_error(error: QueryEvaluationError) -> QueryError {
    match error {
        QueryEvaluationError::Cancelled => QueryError::Timeout { seconds: 0 },
        QueryEvaluationError::Dataset(error) => QueryError::Internal(error.to_string()),
        other => QueryError::Evaluation(other.to_string()),
    }
}

/// Nobody reads this: the reader is the one who is gone.
fn client_gone(error: io::Error) -> QueryError {
    QueryError::Internal(error.to_string())
}

/// Collects parts, and counts them.
struct Bounded<'a, O> {
    output: &'a mut O,
    buffer: Vec<u8>,
    left: u64,
    limit: u64,
    failure: Option<QueryError>,
}

impl<O: Output> Write for Bounded<'_, O> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() >= PART {
            self.flush()?;
        }
        let taken = bytes.len().min(PART - self.buffer.len());
        if taken as u64 > self.left {
            return Err(self.fail());
        }
        self.left -= taken as u64;
        self.buffer.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.buffer.is_empty() {
            self.output.data(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }
}

impl<O> Bounded<'_, O> {
    fn fail(&mut self) -> io::Error {
        self.failure = Some(too_many_bytes(self.limit));
        io::Error::other("the answer is too large")
    }
}

const PART: usize = 64 * 1024;

/// Prefixes that make graphs readable.
const PREFIXES: [(&str, &str); 12] = [
    ("adms", "http://www.w3.org/ns/adms#"),
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("dcatap", "http://data.europa.eu/r5r/"),
    ("dct", "http://purl.org/dc/terms/"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("geodcatap", "http://data.europa.eu/930/"),
    ("locn", "http://www.w3.org/ns/locn#"),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("vcard", "http://www.w3.org/2006/vcard/ns#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];
