//! What another catalogue can be sent.

use std::collections::HashMap;

use archive::{Archive, ArchiveError, CATALOGUE, EntityKey};
use futures::future::BoxFuture;
use model::EntityKind;

use crate::failure::Failure;

/// The catalogue that is pushed, and what it says of itself.
#[derive(Clone)]
pub struct Catalogue {
    pub archive: Archive,
    /// Under which IRIs are minted.
    pub base: String,
    pub language: String,
    pub publisher: String,
}

/// An entity on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub key: EntityKey,
    pub iri: String,
    /// What is sent; empty where it is deleted.
    pub text: String,
    /// By which the target knows it; without it, it is not there yet.
    pub remote: Option<String>,
}

/// A catalogue of someone else. It writes and reads there; what is to be sent, others decide. What is not said otherwise holds of stores
/// of RDF: they take all that we publish, as it is, and to write it twice is as to write it once.
pub trait Target: Send + Sync {
    /// Whether it can hold entities of this kind.
    fn carries(&self, _: EntityKind) -> bool {
        true
    }

    /// Whether it can hold what is said of the catalogue itself.
    fn carries_catalogue(&self) -> bool {
        true
    }

    /// How many entities go at a time.
    fn batch(&self) -> usize;

    /// What is sent of entities, without those that are withdrawn or that it cannot carry.
    fn write<'a>(
        &'a self,
        catalogue: &'a Catalogue,
        keys: &'a [EntityKey],
    ) -> BoxFuture<'a, Result<Vec<(EntityKey, String)>, ArchiveError>> {
        Box::pin(catalogue.graphs(keys))
    }

    /// Those that it has already, which came from us, by the names that it knows them by. Nothing, where sending twice is as sending once.
    fn find<'a>(
        &'a self,
        _: &'a [Item],
    ) -> BoxFuture<'a, Result<HashMap<EntityKey, String>, Failure>> {
        Box::pin(async { Ok(HashMap::new()) })
    }

    /// Creates those without a name there, replaces the others, and gives the names of all in their order. Where it fails, some may be
    /// there all the same.
    fn put<'a>(&'a self, items: &'a [Item]) -> BoxFuture<'a, Result<Vec<String>, Failure>>;

    /// Deletes them; those that are gone already are no failure.
    fn delete<'a>(&'a self, items: &'a [Item]) -> BoxFuture<'a, Result<(), Failure>>;
}

impl Catalogue {
    /// The IRI of an entity, or of the catalogue.
    pub fn iri(&self, key: EntityKey) -> String {
        match key == CATALOGUE {
            true => format!("{}catalog", self.base),
            false => key.iri(&self.base),
        }
    }

    /// All that the catalogue says of entities, as sorted canonical N-Triples.
    pub(crate) async fn graphs(
        &self,
        keys: &[EntityKey],
    ) -> Result<Vec<(EntityKey, String)>, ArchiveError> {
        let entities = self.archive.entities(keys).await?;
        let documents = self.archive.documents(entities).await?;
        let mut graphs: Vec<(EntityKey, String)> = documents
            .into_iter()
            .map(|document| (document.entity.key, document.text))
            .collect();
        if keys.contains(&CATALOGUE) {
            graphs.push((CATALOGUE, self.archive.catalogue_text().await?));
        }
        Ok(graphs)
    }
}
