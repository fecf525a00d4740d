//! A store of RDF by the Graph Store Protocol: a named graph an entity.

use std::collections::HashMap;

use archive::{ArchiveError, EntityKey};
use futures::future::BoxFuture;
use model::{EntityKind, Request};
use url::Url;

use crate::failure::Failure;
use crate::sender::Sender;
use crate::target::{Catalogue, Item, Target};

pub struct GraphStoreTarget {
    url: Url,
    sender: Sender,
}

impl GraphStoreTarget {
    /// `url` is the address of the protocol's service, without `?graph=`.
    pub fn new(url: Url, sender: Sender) -> Self {
        Self { url, sender }
    }

    fn address(&self, item: &Item) -> String {
        let mut url = self.url.clone();
        url.query_pairs_mut().append_pair("graph", &item.iri);
        url.to_string()
    }
}

impl Target for GraphStoreTarget {
    fn carries(&self, _: EntityKind) -> bool {
        true
    }

    fn carries_catalogue(&self) -> bool {
        true
    }

    fn batch(&self) -> usize {
        20
    }

    fn write<'a>(
        &'a self,
        catalogue: &'a Catalogue,
        keys: &'a [EntityKey],
    ) -> BoxFuture<'a, Result<Vec<(EntityKey, String)>, ArchiveError>> {
        Box::pin(catalogue.graphs(keys))
    }

    fn find<'a>(
        &'a self,
        _: &'a [Item],
    ) -> BoxFuture<'a, Result<HashMap<EntityKey, String>, Failure>> {
        Box::pin(async { Ok(HashMap::new()) })
    }

    fn put<'a>(&'a self, items: &'a [Item]) -> BoxFuture<'a, Result<Vec<String>, Failure>> {
        Box::pin(async move {
            for item in items {
                // N-Triples are Turtle, which every store reads.
                let request =
                    Request::put(self.address(item), "text/turtle", item.text.clone(), "");
                self.sender.send(&request).await?;
            }
            Ok(items.iter().map(|item| item.iri.clone()).collect())
        })
    }

    fn delete<'a>(&'a self, items: &'a [Item]) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            for item in items {
                match self
                    .sender
                    .send(&Request::delete(self.address(item), ""))
                    .await
                {
                    Ok(_) => {}
                    Err(error) if matches!(error.status(), Some(404 | 410)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(())
        })
    }
}
