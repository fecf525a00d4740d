//! From two states of the archive to what differs between them, some entities at a time.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::vec::IntoIter;

use archive::{
    Archive, Decided, EntityKey, EntityRecord, MovedRecord, NamedRecord, Party, RecordKey,
    RecordState, Relation,
};
use model::RunReport;

use super::Plan;
use super::entry::{
    Because, EntityChange, EntityEntry, Entry, Joined, Left, RecordChange, RecordEntry, Summary,
};
use super::property::{count, properties, title};
use crate::HarvestError;

/// Entities looked at together.
const TOGETHER: usize = 200;

/// Goes through a plan. Nothing but the keys of what changes is held.
pub struct Walk<'a> {
    plan: &'a Plan,
    whole: bool,
    entities: IntoIter<EntityKey>,
    records: IntoIter<(RecordChange, NamedRecord)>,
    summary: Summary,
}

/// Some entities in one of two states.
struct Side {
    /// All that is said of those that are public, with the checksum.
    public: HashMap<EntityKey, (String, String)>,
    withdrawn: HashSet<EntityKey>,
    members: HashMap<EntityKey, Vec<EntityRecord>>,
}

impl Side {
    async fn of(archive: &Archive, keys: &[EntityKey]) -> Result<Self, HarvestError> {
        let entities = archive.entities(keys).await?;
        let documents = archive.documents(entities).await?;
        Ok(Self {
            public: documents
                .into_iter()
                .map(|document| {
                    let checksum = document.entity.checksum.to_string();
                    (document.entity.key, (document.text, checksum))
                })
                .collect(),
            withdrawn: archive.withdrawn(keys).await?,
            members: archive.members_of_each(keys).await?,
        })
    }

    fn text(&self, key: &EntityKey) -> Option<&str> {
        self.public.get(key).map(|(text, _)| text.as_str())
    }

    fn members(&self, key: &EntityKey) -> &[EntityRecord] {
        self.members.get(key).map_or(&[], Vec::as_slice)
    }
}

impl<'a> Walk<'a> {
    pub(super) async fn begin(plan: &'a Plan, whole: bool) -> Result<Self, HarvestError> {
        let report = &plan.report;
        let touched = plan
            .copy
            .touched(&report.source, report.run, plan.since)
            .await?;
        let mut records = Vec::new();
        for MovedRecord { named, was, is } in plan.copy.moved_records(report.run).await? {
            match (was, is) {
                (_, RecordState::Missing) => records.push((RecordChange::Missing, named)),
                (RecordState::Missing, RecordState::Present) => {
                    records.push((RecordChange::Back, named));
                }
                _ => {}
            }
        }
        let held = plan.copy.named(&plan.held).await?;
        records.extend(held.into_iter().map(|named| (RecordChange::Held, named)));
        let proposed = plan.copy.proposed().await?;
        let before = plan.archive.proposed().await?;
        Ok(Self {
            plan,
            whole,
            entities: touched.into_iter(),
            records: records.into_iter(),
            summary: Summary {
                run: RunReport {
                    finished: None,
                    ..report.clone()
                },
                entities: BTreeMap::new(),
                records: BTreeMap::new(),
                triples_added: 0,
                triples_removed: 0,
                joined: 0,
                proposed: proposed.saturating_sub(before),
            },
        })
    }

    /// The next entries; none when there are no more.
    pub async fn next(&mut self) -> Result<Vec<Entry>, HarvestError> {
        loop {
            let keys: Vec<EntityKey> = self.entities.by_ref().take(TOGETHER).collect();
            if keys.is_empty() {
                break;
            }
            let entries = self.entities(&keys).await?;
            if !entries.is_empty() {
                return Ok(entries);
            }
        }
        let records: Vec<_> = self.records.by_ref().take(TOGETHER).collect();
        self.records(records).await
    }

    /// Everything in figures, once all entries were given.
    pub fn summary(self) -> Summary {
        self.summary
    }

    async fn entities(&mut self, keys: &[EntityKey]) -> Result<Vec<Entry>, HarvestError> {
        let plan = self.plan;
        let before = Side::of(&plan.archive, keys).await?;
        if plan.archive.changed_since(plan.since, keys).await? {
            let why = "another run changed what the plan is about while it was made; make it again";
            return Err(HarvestError::Stale(why.to_owned()));
        }
        let after = Side::of(&plan.copy, keys).await?;
        let mut entries = Vec::new();
        for key in keys {
            let entry = self.entity(*key, &before, &after).await?;
            entries.extend(entry.map(Entry::Entity));
        }
        Ok(entries)
    }

    async fn entity(
        &mut self,
        key: EntityKey,
        before: &Side,
        after: &Side,
    ) -> Result<Option<EntityEntry>, HarvestError> {
        let (old, new) = (before.text(&key), after.text(&key));
        let Some(text) = new.or(old) else {
            return Ok(None);
        };
        let (was, is) = (before.members(&key), after.members(&key));
        let came: Vec<&EntityRecord> = is.iter().filter(|one| !has(was, one.key)).collect();
        let went: Vec<&EntityRecord> = was.iter().filter(|one| !has(is, one.key)).collect();
        let (came_from, went_to) = self.ways(key, &came, &went).await?;
        let iri = key.iri(&self.plan.base);
        let change = match (old, new) {
            (Some(_), Some(_)) => EntityChange::Updated,
            (Some(_), None) if went_to.is_empty() => EntityChange::Withdrawn,
            (Some(_), None) => EntityChange::Merged,
            (None, _) if !came_from.is_empty() => EntityChange::Separated,
            (None, _) if before.withdrawn.contains(&key) => EntityChange::Restored,
            (None, _) => EntityChange::Created,
        };
        let into = (change == EntityChange::Merged)
            .then(|| went_to.first())
            .flatten();
        let mut entry = EntityEntry {
            change,
            into: into.map(|left| left.to.clone()),
            kind: key.minted.segment().to_owned(),
            title: title(text, &iri),
            records: (if new.is_some() { is } else { was })
                .iter()
                .map(name)
                .collect(),
            triples: text.lines().count() as u64,
            content: after.public.get(&key).map(|(_, checksum)| checksum.clone()),
            from: came_from,
            joined: Vec::new(),
            left: went_to,
            properties: Vec::new(),
            iri,
        };
        if is.len() > 1 && new.is_some() {
            entry.joined = self.joined(key, &came).await?;
        }
        self.tell(&mut entry, old, new);
        let nothing = entry.change == EntityChange::Updated
            && entry.properties.is_empty()
            && entry.joined.is_empty()
            && entry.left.is_empty();
        if nothing {
            return Ok(None);
        }
        self.count(&entry);
        Ok(Some(entry))
    }

    /// From which entities records came, and to which they went.
    async fn ways(
        &self,
        key: EntityKey,
        came: &[&EntityRecord],
        went: &[&EntityRecord],
    ) -> Result<(Vec<String>, Vec<Left>), HarvestError> {
        let (plan, base) = (self.plan, &self.plan.base);
        let keys = |records: &[&EntityRecord]| -> Vec<RecordKey> {
            records.iter().map(|record| record.key).collect()
        };
        let mut from: Vec<String> = plan
            .archive
            .known(&keys(came))
            .await?
            .values()
            .filter_map(|known| known.entity.filter(|entity| *entity != key))
            .map(|entity| entity.iri(base))
            .collect();
        from.sort_unstable();
        from.dedup();
        let now = plan.copy.known(&keys(went)).await?;
        let mut left: Vec<Left> = went
            .iter()
            .filter_map(|record| {
                let to = now.get(&record.key)?.entity?.iri(base);
                Some(Left {
                    record: name(record),
                    to,
                })
            })
            .collect();
        left.sort_unstable();
        Ok((from, left))
    }

    /// Why records become a part of an entity.
    async fn joined(
        &self,
        key: EntityKey,
        came: &[&EntityRecord],
    ) -> Result<Vec<Joined>, HarvestError> {
        if came.is_empty() {
            return Ok(Vec::new());
        }
        let decided = self.plan.copy.decisions_about(key).await?;
        let mut joined: Vec<Joined> = came
            .iter()
            .map(|record| Joined {
                record: name(record),
                because: because(record, key, &decided),
            })
            .collect();
        joined.sort_by(|a, b| a.record.cmp(&b.record));
        Ok(joined)
    }

    /// Notes what an entity says otherwise.
    fn tell(&mut self, entry: &mut EntityEntry, old: Option<&str>, new: Option<&str>) {
        let both = old.is_some() && new.is_some();
        if both || self.whole {
            entry.properties =
                properties(old.unwrap_or_default(), new.unwrap_or_default(), &entry.iri);
        }
        if both {
            let (gone, come) = count(&entry.properties);
            self.summary.triples_removed += gone;
            self.summary.triples_added += come;
        }
    }

    fn count(&mut self, entry: &EntityEntry) {
        let kind = self.summary.entities.entry(entry.kind.clone());
        *kind.or_default().entry(entry.change).or_default() += 1;
        self.summary.joined += entry.joined.len() as u64;
    }

    async fn records(
        &mut self,
        records: Vec<(RecordChange, NamedRecord)>,
    ) -> Result<Vec<Entry>, HarvestError> {
        let mut keys: Vec<EntityKey> = (records.iter())
            .filter_map(|(_, named)| named.entity)
            .collect();
        keys.sort_unstable();
        keys.dedup();
        let entities = self.plan.copy.entities(&keys).await?;
        let mut titles = HashMap::new();
        for entity in entities {
            let iri = entity.key.iri(&self.plan.base);
            titles.insert(entity.key, (title(&entity.text()?, &iri), iri));
        }
        let source = &self.plan.report.source;
        let mut entries = Vec::with_capacity(records.len());
        for (change, named) in records {
            *self.summary.records.entry(change).or_default() += 1;
            let told = named.entity.and_then(|key| titles.get(&key));
            entries.push(Entry::Record(RecordEntry {
                change,
                record: format!("{source}/{}", named.record),
                title: told.and_then(|(title, _)| title.clone()),
                iri: told.map(|(_, iri)| iri.clone()),
            }));
        }
        Ok(entries)
    }
}

fn has(members: &[EntityRecord], key: RecordKey) -> bool {
    members.iter().any(|member| member.key == key)
}

fn name(record: &EntityRecord) -> String {
    format!("{}/{}", record.source, record.record)
}

/// The rules by which a record is one with others of an entity.
fn because(record: &EntityRecord, key: EntityKey, decided: &[Decided]) -> Vec<Because> {
    let is_it = |party: &Party| party.source == record.source && party.record == record.record;
    let mut because: Vec<Because> = decided
        .iter()
        .filter(|one| one.relation == Relation::Same)
        .filter(|one| one.a.entity == key && one.b.entity == key)
        .filter_map(|one| {
            let with = match (is_it(&one.a), is_it(&one.b)) {
                (true, false) => &one.b,
                (false, true) => &one.a,
                _ => return None,
            };
            Some(Because {
                rule: one.rule.name().to_owned(),
                with: format!("{}/{}", with.source, with.record),
                shared: one.shared.clone(),
            })
        })
        .collect();
    because.sort_unstable();
    because
}
