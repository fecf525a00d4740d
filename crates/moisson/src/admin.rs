//! What the administration routes of the server may ask of this process.

use std::sync::Arc;

use archive::Archive;
use futures::future::BoxFuture;
use model::SourceId;
use publish::{AdminRefusal, Administration};
use serde_json::{Map, Value, json};

use crate::daemon::Runs;

pub struct Administrator {
    archive: Archive,
    runs: Arc<Runs>,
}

impl Administrator {
    pub fn new(archive: Archive, runs: Arc<Runs>) -> Self {
        Self { archive, runs }
    }
}

impl Administration for Administrator {
    fn run_now(&self, source: &SourceId) -> Result<(), AdminRefusal> {
        match self.runs.state(source) {
            None => Err(AdminRefusal::Unknown),
            Some(state) if state.running => Err(AdminRefusal::Running),
            Some(_) => {
                self.runs.wake(source);
                Ok(())
            }
        }
    }

    fn release<'a>(&'a self, source: &'a SourceId) -> BoxFuture<'a, Result<(), AdminRefusal>> {
        Box::pin(async move {
            if self.runs.state(source).is_none() {
                return Err(AdminRefusal::Unknown);
            }
            match self.archive.release(source).await {
                Ok(true) => Ok(()),
                Ok(false) => Err(AdminRefusal::NothingHeld),
                Err(error) => Err(AdminRefusal::Failed(error.to_string())),
            }
        })
    }

    fn status(&self) -> BoxFuture<'_, Value> {
        Box::pin(async move {
            let mut sources = Map::new();
            for (id, state) in self.runs.states() {
                let last = self
                    .archive
                    .runs(Some(id), 1)
                    .await
                    .ok()
                    .and_then(|runs| runs.into_iter().next());
                sources.insert(
                    id.to_string(),
                    json!({ "running": state.running, "next": state.next, "last": last }),
                );
            }
            json!({ "sources": sources })
        })
    }
}
