//! A store of RDF by SPARQL 1.1 Update: a named graph an entity, a batch a request.

use std::fmt::Write;

use futures::future::BoxFuture;
use model::Request;
use url::Url;

use crate::failure::Failure;
use crate::sender::Sender;
use crate::target::{Item, Target};

pub struct UpdateTarget {
    url: Url,
    sender: Sender,
}

impl UpdateTarget {
    /// `url` is the address that takes updates.
    pub fn new(url: Url, sender: Sender) -> Self {
        Self { url, sender }
    }

    async fn update(&self, update: String) -> Result<(), Failure> {
        let request = Request::post(
            self.url.as_str(),
            "application/sparql-update; charset=utf-8",
            update,
            "",
        );
        // What is replaced twice is as what is replaced once.
        self.sender.send(&request).await?;
        Ok(())
    }
}

impl Target for UpdateTarget {
    fn batch(&self) -> usize {
        50
    }

    fn put<'a>(&'a self, items: &'a [Item]) -> BoxFuture<'a, Result<Vec<String>, Failure>> {
        Box::pin(async move {
            self.update(replacing(items)).await?;
            Ok(items.iter().map(|item| item.iri.clone()).collect())
        })
    }

    fn delete<'a>(&'a self, items: &'a [Item]) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(self.update(dropping(items)))
    }
}

/// One request: a store carries it out as a whole, so that no reader finds an entity gone that is only replaced.
fn replacing(items: &[Item]) -> String {
    let mut update = String::new();
    for item in items {
        // Writing to a text does not fail. Lines of canonical N-Triples stand in SPARQL as they are.
        let _ = write!(
            update,
            "DROP SILENT GRAPH <{0}> ;\nINSERT DATA {{ GRAPH <{0}> {{\n{1}}} }} ;\n",
            item.iri, item.text
        );
    }
    update
}

fn dropping(items: &[Item]) -> String {
    let drop = |item: &Item| format!("DROP SILENT GRAPH <{}> ;\n", item.iri);
    items.iter().map(drop).collect()
}
