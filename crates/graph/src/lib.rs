#![doc = include_str!("../README.md")]

mod change;
mod query;
mod store;
pub mod worker;

pub use change::Change;
pub use query::{
    Access, Answer, Format, Formats, Generation, Head, Limits, Pool, PoolSettings, Query,
    QueryError, QueryService, Results, bind, check, has_variable,
};
pub use store::Graph;

/// The terms that the store takes, so that its users need not name the store.
pub use oxigraph::model;

#[derive(Debug, thiserror::Error)]
pub enum GraphError {
    #[error(
        "the graph store at {path} cannot be opened: {message} (is another Moisson running on it?)"
    )]
    Open { path: String, message: String },
    #[error(
        "the graph store failed: {0} (if it is damaged, stop the program and run `moisson rebuild`)"
    )]
    Store(#[from] oxigraph::store::StorageError),
    #[error("{path}: {source}")]
    Io {
        path: String,
        source: std::io::Error,
    },
}

impl GraphError {
    pub(crate) fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.display().to_string(),
            source,
        }
    }
}
