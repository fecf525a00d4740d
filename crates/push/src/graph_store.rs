//! A store of RDF by the Graph Store Protocol: a named graph an entity.

use futures::future::BoxFuture;
use model::Request;
use url::Url;

use crate::failure::Failure;
use crate::sender::Sender;
use crate::target::{Item, Target};

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
    fn batch(&self) -> usize {
        20
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
