//! What the administration routes of the server may ask of this process.

use std::collections::HashMap;
use std::sync::Arc;

use archive::{Archive, ArchiveError, NotUndoable, StopRequest};
use futures::future::BoxFuture;
use harvest::{DecideError, Workshop};
use model::{RunId, SourceId};
use publish::{AdminRefusal, Administration, Merge, Split};
use serde_json::{Map, Value, json};

use crate::config::Loaded;
use crate::daemon::Runs;
use crate::identity;

pub struct Administrator {
    archive: Archive,
    workshop: Workshop,
    runs: Arc<Runs>,
    /// Of each source's texts that do not say theirs.
    languages: HashMap<SourceId, String>,
    /// Of those of sources that are configured no more.
    language: String,
}

impl Administrator {
    pub fn new(workshop: Workshop, runs: Arc<Runs>, loaded: &Loaded) -> Self {
        let languages = loaded
            .sources
            .iter()
            .map(|file| (file.id.clone(), loaded.language_of(&file.id)))
            .collect();
        Self {
            archive: workshop.archive.clone(),
            workshop,
            runs,
            languages,
            language: loaded.main.catalogue.language.clone(),
        }
    }
}

impl Administration for Administrator {
    fn run_now(&self, source: &SourceId) -> Result<(), AdminRefusal> {
        match self.runs.state(source) {
            None => Err(AdminRefusal::Unknown),
            Some(state) if state.running => Err(AdminRefusal::Running),
            Some(state) if state.paused => Err(AdminRefusal::Paused),
            Some(_) => {
                self.runs.wake(source);
                Ok(())
            }
        }
    }

    fn release<'a>(
        &'a self,
        source: &'a SourceId,
        reason: Option<&'a str>,
    ) -> BoxFuture<'a, Result<(), AdminRefusal>> {
        Box::pin(async move {
            if self.runs.state(source).is_none() {
                return Err(AdminRefusal::Unknown);
            }
            match self.archive.release(source, reason).await {
                Ok(true) => Ok(()),
                Ok(false) => Err(AdminRefusal::NothingHeld),
                Err(error) => Err(AdminRefusal::Failed(error.to_string())),
            }
        })
    }

    fn stop(&self, run: RunId) -> BoxFuture<'_, Result<(), AdminRefusal>> {
        Box::pin(async move {
            match self.archive.ask_to_stop(run).await {
                Ok(StopRequest::Asked) => Ok(()),
                Ok(StopRequest::Ended(_)) => Err(AdminRefusal::Ended),
                Ok(StopRequest::Unknown) => Err(AdminRefusal::NoRun),
                Err(error) => Err(AdminRefusal::Failed(error.to_string())),
            }
        })
    }

    fn undo(&self, run: RunId) -> BoxFuture<'_, Result<(), AdminRefusal>> {
        Box::pin(async move {
            let plan = self.archive.undo_plan(run).await.map_err(refusal)?;
            if let Ok(Some(lease)) = self.archive.lease(&plan.source).await {
                return Err(refusal(ArchiveError::Leased(Box::new(lease))));
            }
            let language = self.languages.get(&plan.source).unwrap_or(&self.language);
            let (workshop, language) = (self.workshop.clone(), language.clone());
            // Whoever asked may go away: a run shows how it went.
            tokio::spawn(async move {
                match harvest::undo(&workshop, run, &language, |_| {}).await {
                    Ok(report) => tracing::info!(%run, by = %report.run, "a run was undone"),
                    Err(error) => tracing::error!(%run, %error, "a run could not be undone"),
                }
            });
            Ok(())
        })
    }

    fn resume<'a>(&'a self, source: &'a SourceId) -> BoxFuture<'a, Result<(), AdminRefusal>> {
        Box::pin(async move {
            match self.archive.resume(source).await {
                Ok(true) => {
                    self.runs.wake(source);
                    Ok(())
                }
                Ok(false) if self.runs.state(source).is_none() => Err(AdminRefusal::Unknown),
                Ok(false) => Err(AdminRefusal::NotPaused),
                Err(error) => Err(AdminRefusal::Failed(error.to_string())),
            }
        })
    }

    fn merge(&self, said: Merge) -> BoxFuture<'_, Result<String, AdminRefusal>> {
        let workshop = self.workshop.clone();
        decided(async move { identity::merge(&workshop, &said).await })
    }

    fn split(&self, said: Split) -> BoxFuture<'_, Result<String, AdminRefusal>> {
        let workshop = self.workshop.clone();
        decided(async move { identity::split(&workshop, &said).await })
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
                    json!({ "running": state.running, "paused": state.paused, "next": state.next, "last": last }),
                );
            }
            json!({ "sources": sources })
        })
    }
}

/// Decides, also where whoever asked goes away in the midst of it.
fn decided<'a>(
    decision: impl Future<Output = Result<String, DecideError>> + Send + 'static,
) -> BoxFuture<'a, Result<String, AdminRefusal>> {
    let decision = tokio::spawn(decision);
    Box::pin(async move {
        match decision.await {
            Ok(Ok(entity)) => Ok(entity),
            Ok(Err(DecideError::Refused(why))) => Err(AdminRefusal::Impossible(why)),
            Ok(Err(DecideError::Harvest(error))) => Err(AdminRefusal::Failed(error.to_string())),
            Err(error) => Err(AdminRefusal::Failed(error.to_string())),
        }
    })
}

fn refusal(error: ArchiveError) -> AdminRefusal {
    match error {
        ArchiveError::NotUndoable(NotUndoable::Unknown(_)) => AdminRefusal::NoRun,
        ArchiveError::NotUndoable(_) | ArchiveError::Leased(_) => {
            AdminRefusal::Impossible(error.to_string())
        }
        _ => AdminRefusal::Failed(error.to_string()),
    }
}
