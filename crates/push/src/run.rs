//! A push: what changed since the last one is sent, in batches, each noted before it is sent and when it is confirmed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use archive::{ArchiveError, CATALOGUE, Candidate, EntityKey, Pushed};
use chrono::Utc;
use model::Checksum;
use uuid::Uuid;

use crate::failure::Failure;
use crate::report::{Report, Work};
use crate::select::Selection;
use crate::target::{Catalogue, Item, Target};

/// After so many documents in a row that a target refused, it is left alone.
const PATIENCE: u32 = 10;

/// What keeps a target from being emptied because this catalogue is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guard {
    /// The share of what the target has, from 0 to 1, that may be deleted at once.
    pub share: f64,
    /// So many may always be deleted, unless nothing would be left.
    pub floor: u64,
}

/// A target, and what it is sent.
#[derive(Clone)]
pub struct Job {
    pub name: String,
    /// The protocol and the address of the target: another one has nothing yet of what this one confirmed.
    pub address: String,
    pub target: Arc<dyn Target>,
    pub selection: Selection,
    pub guard: Guard,
}

#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Target(#[from] Failure),
}

/// Sends what changed, or says what that would be. One push of a target at a time: whoever calls sees to it.
pub async fn push(
    catalogue: &Catalogue,
    job: &Job,
    dry_run: bool,
    progress: impl Fn(&Report),
) -> Result<Report, ArchiveError> {
    let mut pushing = Pushing {
        catalogue,
        job,
        report: Report::begin(&job.name, dry_run, Utc::now()),
        refusals: 0,
    };
    let reason = match pushing.work(progress).await {
        Ok(()) => None,
        Err(PushError::Archive(error)) => return Err(error),
        Err(PushError::Target(failure)) => {
            pushing
                .report
                .tell(failure.rule, None, failure.message.clone());
            Some(failure.message)
        }
    };
    let mut report = pushing.report;
    report.end(reason, Utc::now());
    Ok(report)
}

struct Pushing<'a> {
    catalogue: &'a Catalogue,
    job: &'a Job,
    report: Report,
    /// In a row.
    refusals: u32,
}

/// An entity to be sent, with what is noted of it.
struct Sending {
    item: Item,
    checksum: Checksum,
    told: i64,
    /// What was confirmed before.
    before: Option<Checksum>,
}

impl Pushing<'_> {
    async fn work(&mut self, progress: impl Fn(&Report)) -> Result<(), PushError> {
        let target = &*self.job.target;
        let state = self.state().await?;
        let sent = state.iter().map(|row| row.key.id).collect();
        let selection = &self.job.selection;
        let selected = selection.candidates(self.catalogue, target, &sent).await?;
        let gone = self.gone(&selected, &state);
        let state: HashMap<Uuid, Pushed> = state.into_iter().map(|row| (row.key.id, row)).collect();
        let mut due: Vec<(EntityKey, i64)> = selected
            .iter()
            .filter(|candidate| is_due(candidate, state.get(&candidate.key.id)))
            .map(|candidate| (candidate.key, candidate.told))
            .collect();
        self.report.unchanged += (selected.len() - due.len()) as u64;
        if target.carries_catalogue() && !selected.is_empty() {
            due.push((CATALOGUE, 0));
        }
        for some in due.chunks(target.batch().max(1)) {
            self.batch(some, &state).await?;
            progress(&self.report);
        }
        let gone = self.guarded(gone, &state, selected.is_empty()).await?;
        for some in gone.chunks(target.batch().max(1)) {
            self.delete(some).await?;
            progress(&self.report);
        }
        if self.report.released.is_some() && !self.report.dry_run {
            self.catalogue
                .archive
                .end_push_release(&self.job.name)
                .await?;
        }
        Ok(())
    }

    /// What the target has confirmed.
    async fn state(&mut self) -> Result<Vec<Pushed>, ArchiveError> {
        let (archive, job) = (&self.catalogue.archive, self.job);
        let before = archive.push_address(&job.name).await?;
        if before.as_ref() == Some(&job.address) {
            return archive.pushed(&job.name).await;
        }
        let left = archive.pushed(&job.name).await?;
        if let Some(before) = before.filter(|_| left.iter().any(|row| row.checksum.is_some())) {
            let message = format!(
                "the target was at {before}, and is at {} now: everything is sent there; what it had where it was stays",
                job.address
            );
            self.report.tell("push/moved", None, message);
        }
        if !self.report.dry_run {
            archive.move_push(&job.name, &job.address).await?;
        }
        Ok(Vec::new())
    }

    /// What the target has and is to have no more.
    fn gone(&self, selected: &[Candidate], state: &[Pushed]) -> Vec<Pushed> {
        let wanted: HashSet<Uuid> = selected.iter().map(|candidate| candidate.key.id).collect();
        let is_gone = |row: &&Pushed| !wanted.contains(&row.key.id) && row.key != CATALOGUE;
        state.iter().filter(is_gone).cloned().collect()
    }

    /// The deletions that may be made.
    async fn guarded(
        &mut self,
        gone: Vec<Pushed>,
        state: &HashMap<Uuid, Pushed>,
        empty: bool,
    ) -> Result<Vec<Pushed>, ArchiveError> {
        let known = state.values().filter(|row| row.key != CATALOGUE).count();
        if !holds(self.job.guard, gone.len(), known, empty) {
            return Ok(gone);
        }
        let name = &self.job.name;
        if let Some(reason) = self.catalogue.archive.push_release(name).await? {
            self.report.released = Some(reason);
            return Ok(gone);
        }
        self.report.held = gone.len() as u64;
        self.report.tell(
            "push/deletions-held",
            None,
            format!(
                "{} of the {known} entities that the target has are gone from what it is to be sent, more than its guard lets go at once; nothing was deleted. If that is right: moisson push --release {name} --reason TEXT",
                gone.len()
            ),
        );
        if self.report.dry_run {
            for row in &gone {
                self.report.plan(self.catalogue.iri(row.key), Work::Hold);
            }
        }
        Ok(Vec::new())
    }

    /// Writes some entities, and sends those that differ from what the target has.
    async fn batch(
        &mut self,
        some: &[(EntityKey, i64)],
        state: &HashMap<Uuid, Pushed>,
    ) -> Result<(), PushError> {
        let keys: Vec<EntityKey> = some.iter().map(|(key, _)| *key).collect();
        let written = self.job.target.write(self.catalogue, &keys).await?;
        let mut written: HashMap<EntityKey, String> = written.into_iter().collect();
        let (mut sending, mut same) = (Vec::new(), Vec::new());
        for (key, told) in some {
            let iri = self.catalogue.iri(*key);
            let Some(text) = written.remove(key) else {
                self.left_out(*key, &iri).await?;
                continue;
            };
            let (checksum, noted) = (Checksum::of(text.as_bytes()), state.get(&key.id));
            let before = noted.and_then(|row| row.checksum);
            if let Some(row) = noted.filter(|row| !row.pending && before == Some(checksum)) {
                self.report.unchanged += 1;
                same.extend((row.told != *told).then(|| Pushed {
                    told: *told,
                    ..row.clone()
                }));
                continue;
            }
            let remote = noted.map(|row| row.remote.clone());
            sending.push(Sending {
                item: Item {
                    key: *key,
                    iri,
                    text,
                    remote: remote.filter(|remote| before.is_some() && !remote.is_empty()),
                },
                checksum,
                told: *told,
                before,
            });
        }
        if self.report.dry_run {
            for one in sending {
                let (count, what) = match one.before {
                    Some(_) => (&mut self.report.updated, Work::Update),
                    None => (&mut self.report.created, Work::Create),
                };
                *count += 1;
                self.report.plan(one.item.iri, what);
            }
            return Ok(());
        }
        self.catalogue
            .archive
            .note_pushed(&self.job.name, &same)
            .await?;
        self.send(sending).await
    }

    /// Nothing can be written of an entity: it was withdrawn just now, or its format cannot carry it.
    async fn left_out(&mut self, key: EntityKey, iri: &str) -> Result<(), ArchiveError> {
        let row = self.catalogue.archive.entity(key).await?;
        if row.is_some_and(|row| row.public) {
            self.report.refused += 1;
            self.report.tell(
                "push/not-representable",
                Some(iri),
                "the format of the target cannot carry it; it was not sent",
            );
        }
        Ok(())
    }

    /// Sends a batch; where the target does not take it as a whole, one by one.
    async fn send(&mut self, mut sending: Vec<Sending>) -> Result<(), PushError> {
        if sending.is_empty() {
            return Ok(());
        }
        let failure = match self.try_send(&mut sending).await {
            Ok(()) => return Ok(()),
            Err(PushError::Target(failure)) if !failure.fatal => failure,
            Err(error) => return Err(error),
        };
        if sending.len() == 1 {
            return self.refused(&sending, &failure).await;
        }
        for one in sending {
            let mut one = [one];
            match self.try_send(&mut one).await {
                Ok(()) => {}
                Err(PushError::Target(failure)) if !failure.fatal => {
                    self.refused(&one, &failure).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn try_send(&mut self, sending: &mut [Sending]) -> Result<(), PushError> {
        let (name, archive) = (&self.job.name, &self.catalogue.archive);
        let unknown: Vec<Item> = sending
            .iter()
            .filter(|one| one.item.remote.is_none())
            .map(|one| one.item.clone())
            .collect();
        // A push that was cut off may have brought them, or one whose notes are lost.
        if !unknown.is_empty() {
            let mut found = self.job.target.find(&unknown).await?;
            for one in sending.iter_mut() {
                if one.item.remote.is_none() {
                    one.item.remote = found.remove(&one.item.key);
                }
            }
        }
        let rows: Vec<Pushed> = sending.iter().map(|one| one.row(None)).collect();
        archive.note_pushed(name, &rows).await?;
        let items: Vec<Item> = sending.iter().map(|one| one.item.clone()).collect();
        let remotes = self.job.target.put(&items).await?;
        let confirmed = sending.iter().zip(remotes);
        let rows: Vec<Pushed> = confirmed.map(|(one, name)| one.row(Some(name))).collect();
        archive.note_pushed(name, &rows).await?;
        for one in sending {
            match one.item.remote {
                Some(_) => self.report.updated += 1,
                None if one.before.is_some() => self.report.updated += 1,
                None => self.report.created += 1,
            }
        }
        self.refusals = 0;
        Ok(())
    }

    async fn refused(&mut self, sending: &[Sending], failure: &Failure) -> Result<(), PushError> {
        for one in sending {
            self.report.refused += 1;
            self.report
                .tell(failure.rule, Some(&one.item.iri), failure.message.clone());
            let key = one.item.key;
            if failure.sure && one.item.remote.is_none() && one.before.is_none() {
                self.catalogue
                    .archive
                    .forget_pushed(&self.job.name, &[key])
                    .await?;
            }
        }
        self.tire(failure)
    }

    fn tire(&mut self, failure: &Failure) -> Result<(), PushError> {
        self.refusals += 1;
        if self.refusals < PATIENCE {
            return Ok(());
        }
        Err(PushError::Target(Failure {
            message: format!(
                "the target refused {PATIENCE} entities in a row, the last with: {}",
                failure.message
            ),
            fatal: true,
            ..failure.clone()
        }))
    }

    async fn delete(&mut self, some: &[Pushed]) -> Result<(), PushError> {
        if self.report.dry_run {
            for row in some {
                self.report.deleted += 1;
                self.report.plan(self.catalogue.iri(row.key), Work::Delete);
            }
            return Ok(());
        }
        let failure = match self.try_delete(some).await {
            Ok(()) => return Ok(()),
            Err(PushError::Target(failure)) if !failure.fatal => failure,
            Err(error) => return Err(error),
        };
        if some.len() == 1 {
            return self.kept(some, &failure);
        }
        for row in some {
            let row = std::slice::from_ref(row);
            match self.try_delete(row).await {
                Ok(()) => {}
                Err(PushError::Target(failure)) if !failure.fatal => self.kept(row, &failure)?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn kept(&mut self, some: &[Pushed], failure: &Failure) -> Result<(), PushError> {
        for row in some {
            self.report.refused += 1;
            let iri = self.catalogue.iri(row.key);
            self.report
                .tell(failure.rule, Some(&iri), failure.message.clone());
        }
        self.tire(failure)
    }

    async fn try_delete(&mut self, some: &[Pushed]) -> Result<(), PushError> {
        let mut items: Vec<Item> = some.iter().map(|row| self.leaving(row)).collect();
        let unknown: Vec<Item> = items
            .iter()
            .filter(|item| item.remote.is_none())
            .cloned()
            .collect();
        if !unknown.is_empty() {
            let mut found = self.job.target.find(&unknown).await?;
            for item in &mut items {
                if item.remote.is_none() {
                    item.remote = found.remove(&item.key);
                }
            }
        }
        self.job.target.delete(&items).await?;
        let keys: Vec<EntityKey> = some.iter().map(|row| row.key).collect();
        let archive = &self.catalogue.archive;
        archive.forget_pushed(&self.job.name, &keys).await?;
        self.report.deleted += some.len() as u64;
        self.refusals = 0;
        Ok(())
    }

    fn leaving(&self, row: &Pushed) -> Item {
        Item {
            key: row.key,
            iri: self.catalogue.iri(row.key),
            text: String::new(),
            remote: Some(row.remote.clone()).filter(|remote| !remote.is_empty()),
        }
    }
}

impl Sending {
    /// What is noted: on its way, or confirmed under a name.
    fn row(&self, confirmed: Option<String>) -> Pushed {
        let pending = confirmed.is_none();
        Pushed {
            key: self.item.key,
            checksum: match pending {
                true => self.before,
                false => Some(self.checksum),
            },
            told: self.told,
            remote: confirmed
                .or_else(|| self.item.remote.clone())
                .unwrap_or_default(),
            pending,
        }
    }
}

/// Whether it has to be looked at again.
fn is_due(candidate: &Candidate, noted: Option<&Pushed>) -> bool {
    noted.is_none_or(|row| {
        row.pending || row.checksum.is_none() || row.told != candidate.told || row.told == 0
    })
}

/// Whether so many of those that are known are too many to be deleted at once.
fn holds(guard: Guard, gone: usize, known: usize, empty: bool) -> bool {
    if gone == 0 {
        return false;
    }
    empty || (gone as u64 > guard.floor && gone as f64 > guard.share * known as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_holds_what_is_too_much_and_ever_what_is_all() {
        let guard = Guard {
            share: 0.2,
            floor: 10,
        };
        assert!(!holds(guard, 0, 100, true));
        assert!(!holds(guard, 10, 12, false), "so few may always go");
        assert!(!holds(guard, 20, 100, false));
        assert!(holds(guard, 21, 100, false));
        assert!(holds(guard, 1, 1, true), "nothing would be left");
    }
}
