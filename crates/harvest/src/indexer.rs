//! Follows the archive's change log in the search index: what changed is made anew from what the archive has now.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use archive::{Archive, Document as Text, EntityKey};
use model::EntityKind;
use rayon::prelude::*;
use search::{Agent, Context, Document, Index, Writer, agents_in};
use tokio::sync::{mpsc, oneshot};
use vocab::Vocab;

use crate::HarvestError;
use crate::project::blocking;

/// What a run commits is found after so long.
const TICK: Duration = Duration::from_secs(5);
/// Entities that are in memory at a time.
const CHUNK: u32 = 500;
/// Documents of one commit: fewer, and a first harvest would write segments only to merge them.
const COMMIT: usize = 20_000;

enum Message {
    Flush(oneshot::Sender<Result<(), String>>),
    Stop(oneshot::Sender<()>),
}

/// The one writer of the search index. Cheap to clone.
#[derive(Clone)]
pub struct Indexer {
    queue: mpsc::Sender<Message>,
    index: Index,
}

impl Indexer {
    /// Brings the index to where the archive stands, then follows it. Must be called within a tokio runtime.
    pub async fn start(archive: Archive, index: Index, base: &str) -> Result<Self, HarvestError> {
        let mut follower = Follower::new(archive, index.clone(), base)?;
        follower.catch_up().await?;
        let (queue, messages) = mpsc::channel(4);
        tokio::spawn(follower.follow(messages));
        Ok(Self { queue, index })
    }

    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The last change of the archive that is in the index, for good.
    pub fn applied(&self) -> i64 {
        self.index.position().unwrap_or(0)
    }

    /// Waits until everything that the archive has by now is in the index and on disk.
    pub async fn flush(&self) -> Result<(), HarvestError> {
        let (done, wait) = oneshot::channel();
        let gone = || HarvestError::Broken("the search index's writer is gone".to_owned());
        self.queue
            .send(Message::Flush(done))
            .await
            .map_err(|_| gone())?;
        wait.await
            .map_err(|_| gone())?
            .map_err(HarvestError::Broken)
    }

    /// Ends the writer once everything is in the index, and lets go of it, whatever the writer says.
    pub async fn stop(self) -> Result<(), HarvestError> {
        let flushed = self.flush().await;
        let (done, wait) = oneshot::channel();
        // A writer that is gone has let go of it.
        if self.queue.send(Message::Stop(done)).await.is_ok() {
            let _ = wait.await;
        }
        flushed
    }
}

struct Follower {
    archive: Archive,
    index: Index,
    /// None after a failure: the next attempt opens another.
    writer: Option<Arc<Mutex<Writer>>>,
    base: Arc<str>,
    /// The last change that is in the index or waits to be committed, with all those before it.
    handled: Option<i64>,
}

impl Follower {
    fn new(archive: Archive, index: Index, base: &str) -> Result<Self, HarvestError> {
        Ok(Self {
            writer: Some(Arc::new(Mutex::new(index.writer()?))),
            handled: index.position(),
            archive,
            index,
            base: base.into(),
        })
    }

    async fn follow(mut self, mut messages: mpsc::Receiver<Message>) {
        loop {
            match tokio::time::timeout(TICK, messages.recv()).await {
                Ok(Some(Message::Flush(done))) => {
                    // The asker may have gone away.
                    let _ = done.send(self.attempt().await);
                }
                Ok(Some(Message::Stop(done))) => {
                    drop(self);
                    let _ = done.send(());
                    return;
                }
                Ok(None) => {
                    // It is noted in the log.
                    let _ = self.attempt().await;
                    return;
                }
                Err(_) => {
                    let _ = self.attempt().await;
                }
            }
        }
    }

    /// A failure is mended by going on from the last commit: what was put twice is there once.
    async fn attempt(&mut self) -> Result<(), String> {
        let caught_up = self.catch_up().await;
        caught_up.map_err(|error| {
            tracing::error!(%error, "the search index cannot follow the archive; it is tried again");
            self.writer = None;
            error.to_string()
        })
    }

    async fn catch_up(&mut self) -> Result<(), HarvestError> {
        if self.writer.is_none() {
            self.writer = Some(Arc::new(Mutex::new(self.index.writer()?)));
            self.handled = self.index.position();
        }
        let last = self.archive.last_change().await?.map_or(0, |(seq, _)| seq);
        let mut handled = match self.handled {
            // An index that is ahead is one of another archive.
            Some(handled) if handled <= last => handled,
            _ => {
                self.fill(last).await?;
                last
            }
        };
        while let Some((last, keys)) = self.archive.changed_after(handled, CHUNK).await? {
            self.apply(keys).await?;
            handled = last;
            self.handled = Some(handled);
            if self.waiting() >= COMMIT {
                self.commit(Some(handled)).await?;
            }
        }
        if self.index.position() != Some(handled) {
            self.commit(Some(handled)).await?;
        }
        Ok(())
    }

    /// Fills an index from nothing, with what is published now.
    async fn fill(&mut self, last: i64) -> Result<(), HarvestError> {
        self.write(|writer| writer.clear()).await?;
        for kind in EntityKind::ALL {
            let mut after = None;
            loop {
                let entities = self.archive.page(kind, after, CHUNK).await?;
                let Some(end) = entities.last() else { break };
                after = Some(end.key.id);
                let texts = self.archive.documents(entities).await?;
                self.put(texts, None).await?;
                if self.waiting() >= COMMIT {
                    // Without a position: cut off here, it begins again.
                    self.commit(None).await?;
                }
            }
        }
        self.handled = Some(last);
        self.commit(Some(last)).await
    }

    /// Makes entities anew, and those that tell the name of an agent among them.
    async fn apply(&self, mut keys: BTreeSet<EntityKey>) -> Result<(), HarvestError> {
        let agents: Vec<EntityKey> = keys
            .iter()
            .copied()
            .filter(|key| key.minted == EntityKind::Organisation)
            .collect();
        let naming = self
            .write(move |writer| {
                let mut naming = BTreeSet::new();
                for agent in agents {
                    naming.extend(writer.naming(agent)?);
                }
                Ok(naming)
            })
            .await?;
        keys.extend(naming);
        let keys: Vec<EntityKey> = keys.into_iter().collect();
        for some in keys.chunks(CHUNK as usize) {
            let entities = self.archive.entities(some).await?;
            let public: BTreeSet<EntityKey> = entities.iter().map(|entity| entity.key).collect();
            let gone = some.iter().copied().filter(|key| !public.contains(key));
            let gone = Some(gone.collect());
            let texts = self.archive.documents(entities).await?;
            self.put(texts, gone).await?;
        }
        Ok(())
    }

    /// Puts documents of entities, and takes out those that are gone; none where nothing is in the index yet.
    async fn put(
        &self,
        texts: Vec<Text>,
        gone: Option<Vec<EntityKey>>,
    ) -> Result<(), HarvestError> {
        let keys: Vec<EntityKey> = texts.iter().map(|text| text.entity.key).collect();
        let sources = self.archive.sources_of(&keys).await?;
        let agents = self.agents(&texts).await?;
        let base = Arc::clone(&self.base);
        self.write(move |writer| {
            let is_new = gone.is_none();
            for key in gone.into_iter().flatten() {
                writer.remove(key);
            }
            let documents: Vec<Document> = texts
                .par_iter()
                .map(|text| {
                    let own: Vec<String> = sources
                        .get(&text.entity.key)
                        .into_iter()
                        .flatten()
                        .cloned()
                        .collect();
                    let context = Context {
                        key: text.entity.key,
                        kind: text.entity.kind,
                        base: &base,
                        sources: &own,
                        changed: text.entity.changed,
                        quality: None,
                        agents: &agents,
                        vocab: Vocab::bundled(),
                    };
                    Document::from_entity(&context, &text.text)
                })
                .collect::<Result<_, _>>()?;
            documents.iter().try_for_each(|document| match is_new {
                true => writer.add(document),
                false => writer.put(document),
            })
        })
        .await
    }

    /// The agents that entities name, as far as they are published.
    async fn agents(&self, texts: &[Text]) -> Result<HashMap<EntityKey, Agent>, HarvestError> {
        let keys: BTreeSet<EntityKey> = texts
            .iter()
            .flat_map(|text| agents_in(&self.base, &text.text))
            .collect();
        let keys: Vec<EntityKey> = keys.into_iter().collect();
        let mut agents = HashMap::with_capacity(keys.len());
        for entity in self.archive.entities(&keys).await? {
            let agent = Agent::from_lines(&entity.key.iri(&self.base), &entity.text()?)?;
            agents.insert(entity.key, agent);
        }
        Ok(agents)
    }

    fn waiting(&self) -> usize {
        self.writer.as_ref().map_or(0, |writer| {
            writer
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .waiting()
        })
    }

    async fn commit(&self, position: Option<i64>) -> Result<(), HarvestError> {
        self.write(move |writer| writer.commit(position)).await
    }

    /// Works on the writer, beside the runtime.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, search::SearchError> + Send + 'static,
    ) -> Result<T, HarvestError> {
        let Some(writer) = self.writer.clone() else {
            return Err(HarvestError::Broken(
                "the search index's writer is gone".to_owned(),
            ));
        };
        blocking(move || {
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(work(&mut writer)?)
        })
        .await
    }
}
