//! One transaction a batch: records, the entities made of them, and the changes that projections have to follow.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use model::{Checksum, EntityKind, Finding, RecordFormat, RecordId, RunId, RunReport, SourceId};
use sqlx::{QueryBuilder, Row};
use uuid::Uuid;

use crate::db::{Archive, ArchiveError, Db, MAX_ROWS, Transaction, seconds, unknown};
use crate::pack::Packed;
use crate::read::{Change, What};
use crate::runs::{insert_findings, save_run};
use crate::{EntityKey, RecordKey};

/// What a page, or a part of one, changes.
#[derive(Debug)]
pub struct Batch {
    pub source: SourceId,
    pub run: RunId,
    pub at: DateTime<Utc>,
    /// Records that are as they were.
    pub unchanged: Vec<RecordKey>,
    pub writes: Vec<RecordWrite>,
    pub findings: Vec<Finding>,
}

#[derive(Debug)]
pub struct RecordWrite {
    pub key: RecordKey,
    pub id: RecordId,
    pub format: RecordFormat,
    pub checksum: Checksum,
    pub body: Packed,
    pub verdict: Verdict,
}

#[derive(Debug)]
pub enum Verdict {
    Accepted { primary: Box<Sealed>, agents: Vec<Sealed> },
    /// It could not be mapped. Its body is kept, unless an earlier one could be mapped: then that one and its entity are.
    Refused { accepted_before: bool },
}

/// An entity as it is kept and compared.
#[derive(Debug, Clone)]
pub struct Sealed {
    pub key: EntityKey,
    pub kind: EntityKind,
    pub rank: String,
    pub content: Content,
    /// Names by which other records of the source point at it.
    pub aliases: Vec<String>,
    /// Subject, predicate, name of the target, kind that the target must have.
    pub links: Vec<(String, String, String, EntityKind)>,
}

#[derive(Debug, Clone)]
pub struct Content {
    /// Of all that is kept of the entity; equal checksums mean that nothing changed.
    pub checksum: Checksum,
    /// Sorted canonical N-Triples, a line each.
    pub text: String,
    pub graph: Packed,
    /// Triples about IRIs that the entity does not own, sorted.
    pub shared: Vec<String>,
}

/// An entity that is to stand as given.
pub(crate) struct Put {
    key: EntityKey,
    kind: EntityKind,
    content: Content,
    aliases: Vec<String>,
    links: Vec<(String, String, String, EntityKind)>,
}

struct Old {
    public: bool,
    checksum: Checksum,
    graph: Packed,
}

impl Archive {
    /// Writes a batch. Adds to the report what became of its records; gives the changes for the projections.
    pub async fn commit(&self, batch: Batch, report: &mut RunReport) -> Result<Vec<Change>, ArchiveError> {
        let mut transaction = self.writer.begin().await?;
        let mut log = Log::begin(&mut transaction, &self.base, batch.run, batch.at).await?;
        let mut figures = report.clone();
        figures.unchanged += batch.unchanged.len() as u64;
        let (kept, written): (Vec<RecordWrite>, Vec<RecordWrite>) =
            batch.writes.into_iter().partition(|write| matches!(write.verdict, Verdict::Refused { accepted_before: true }));
        figures.refused += kept.len() as u64;
        let mut seen = batch.unchanged;
        seen.extend(kept.iter().map(|write| write.key));
        mark_seen(&mut transaction, &seen, batch.run).await?;

        write_records(&mut transaction, &batch.source, batch.run, batch.at, &written).await?;
        let mut puts = Vec::with_capacity(written.len());
        let mut descriptions = Vec::new();
        for write in written {
            match write.verdict {
                Verdict::Refused { .. } => figures.refused += 1,
                Verdict::Accepted { primary, agents } => {
                    puts.push(put(*primary));
                    descriptions.push((write.key, agents));
                }
            }
        }
        let primaries: Vec<EntityKey> = puts.iter().map(|put| put.key).collect();
        put_entities(&mut transaction, &batch.source, puts, false, &mut log).await?;
        describe_agents(&mut transaction, &batch.source, descriptions, false, &mut log).await?;
        for key in primaries {
            match log.what(key) {
                Some(What::Created | What::Restored) => figures.created += 1,
                Some(_) => figures.updated += 1,
                None => figures.unchanged += 1,
            }
        }
        insert_findings(&mut transaction, &batch.source, batch.run, &batch.findings).await?;
        let changes = log.write(&mut transaction).await?;
        save_run(&mut transaction, &figures).await?;
        transaction.commit().await?;
        *report = figures;
        Ok(changes)
    }
}

pub(crate) fn put(sealed: Sealed) -> Put {
    Put { key: sealed.key, kind: sealed.kind, content: sealed.content, aliases: sealed.aliases, links: sealed.links }
}

/// The changes of one transaction.
pub(crate) struct Log {
    base: Arc<str>,
    run: RunId,
    at: DateTime<Utc>,
    seq: i64,
    changes: BTreeMap<EntityKey, (What, Vec<String>)>,
}

impl Log {
    pub(crate) async fn begin(transaction: &mut Transaction, base: &Arc<str>, run: RunId, at: DateTime<Utc>) -> Result<Self, ArchiveError> {
        let (seq,): (i64,) = sqlx::query_as("SELECT COALESCE(MAX(seq), 0) FROM change").fetch_one(&mut **transaction).await?;
        Ok(Self { base: base.clone(), run, at, seq, changes: BTreeMap::new() })
    }

    fn what(&self, key: EntityKey) -> Option<What> {
        self.changes.get(&key).filter(|(what, lines)| *what != What::Updated || !lines.is_empty()).map(|(what, _)| *what)
    }

    /// Adds `-line` and `+line` to what happened to an entity. A creation is not overruled by an update.
    pub(crate) fn add(&mut self, key: EntityKey, what: What, lines: impl IntoIterator<Item = String>) {
        let entry = self.changes.entry(key).or_insert((what, Vec::new()));
        if what != What::Updated {
            entry.0 = what;
        }
        entry.1.extend(lines);
    }

    pub(crate) async fn write(self, transaction: &mut Transaction) -> Result<Vec<Change>, ArchiveError> {
        let mut seq = self.seq;
        let changes: Vec<Change> = self
            .changes
            .into_iter()
            .filter(|(_, (what, lines))| *what != What::Updated || !lines.is_empty())
            .map(|(key, (what, lines))| {
                seq += 1;
                Change { seq, run: self.run, at: self.at, key, what, lines }
            })
            .collect();
        for some in changes.chunks(MAX_ROWS) {
            let mut query = QueryBuilder::<Db>::new("INSERT INTO change (seq, run, at, minted, entity, what, diff) ");
            query.push_values(some, |mut row, change| {
                let diff = (!change.what.is_whole()).then(|| Packed::new(change.lines.join("\n").as_bytes()).0);
                row.push_bind(change.seq)
                    .push_bind(change.run.0)
                    .push_bind(seconds(change.at))
                    .push_bind(change.key.minted.segment())
                    .push_bind(change.key.id.as_bytes().to_vec())
                    .push_bind(change.what.as_str())
                    .push_bind(diff);
            });
            query.build().persistent(false).execute(&mut **transaction).await?;
        }
        Ok(changes)
    }
}

async fn mark_seen(transaction: &mut Transaction, keys: &[RecordKey], run: RunId) -> Result<(), ArchiveError> {
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("UPDATE record SET state = 'present', missing_since = NULL, seen_run = ");
        query.push_bind(run.0).push(" WHERE key IN ");
        push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
        query.build().persistent(false).execute(&mut **transaction).await?;
    }
    Ok(())
}

pub(crate) async fn mark_mapped(transaction: &mut Transaction, keys: &[RecordKey], run: RunId) -> Result<(), ArchiveError> {
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("UPDATE record SET mapped_run = ");
        query.push_bind(run.0).push(" WHERE key IN ");
        push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
        query.build().persistent(false).execute(&mut **transaction).await?;
    }
    Ok(())
}

/// Notes whether a record could be mapped. The IRI that its entity has once been given stays its own.
pub(crate) async fn set_accepted(transaction: &mut Transaction, key: RecordKey, entity: Option<EntityKey>) -> Result<(), ArchiveError> {
    sqlx::query("UPDATE record SET accepted = $1, minted = COALESCE(minted, $2), entity = COALESCE(entity, $3) WHERE key = $4")
        .bind(i64::from(entity.is_some()))
        .bind(entity.map(|entity| entity.minted.segment()))
        .bind(entity.map(|entity| entity.id.as_bytes().to_vec()))
        .bind(key.as_bytes())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn write_records(transaction: &mut Transaction, source: &SourceId, run: RunId, at: DateTime<Utc>, writes: &[RecordWrite]) -> Result<(), ArchiveError> {
    for some in writes.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(
            "INSERT INTO record (key, source, id, format, checksum, state, accepted, minted, entity, first_seen, fetched, seen_run, mapped_run) ",
        );
        query.push_values(some, |mut row, write| {
            let primary = match &write.verdict {
                Verdict::Accepted { primary, .. } => Some(primary.key),
                Verdict::Refused { .. } => None,
            };
            row.push_bind(write.key.as_bytes())
                .push_bind(source.as_str())
                .push_bind(write.id.as_str())
                .push_bind(write.format.as_str())
                .push_bind(write.checksum.as_bytes())
                .push("'present'")
                .push_bind(i64::from(primary.is_some()))
                .push_bind(primary.map(|key| key.minted.segment()))
                .push_bind(primary.map(|key| key.id.as_bytes().to_vec()))
                .push_bind(seconds(at))
                .push_bind(seconds(at))
                .push_bind(run.0)
                .push_bind(run.0);
        });
        query.push(
            " ON CONFLICT (key) DO UPDATE SET state = 'present', missing_since = NULL, seen_run = excluded.seen_run, mapped_run = excluded.mapped_run,
             format = excluded.format, checksum = excluded.checksum, fetched = excluded.fetched, accepted = excluded.accepted,
             minted = COALESCE(record.minted, excluded.minted), entity = COALESCE(record.entity, excluded.entity)",
        );
        query.build().persistent(false).execute(&mut **transaction).await?;

        let mut query = QueryBuilder::<Db>::new("INSERT INTO body (key, zstd) ");
        query.push_values(some, |mut row, write| {
            row.push_bind(write.key.as_bytes()).push_bind(write.body.0.as_slice());
        });
        query.push(" ON CONFLICT (key) DO UPDATE SET zstd = excluded.zstd").build().persistent(false).execute(&mut **transaction).await?;
    }
    Ok(())
}

/// Makes entities stand as given: compares with what is kept, writes what differs (all, where forced), logs each change.
pub(crate) async fn put_entities(transaction: &mut Transaction, source: &SourceId, puts: Vec<Put>, force: bool, log: &mut Log) -> Result<(), ArchiveError> {
    let keys: Vec<EntityKey> = puts.iter().map(|put| put.key).collect();
    let old = old_entities(transaction, &keys).await?;
    let puts: Vec<Put> = puts
        .into_iter()
        .filter(|put| force || !old.get(&put.key.id).is_some_and(|old| old.public && old.checksum == put.content.checksum))
        .collect();
    if puts.is_empty() {
        return Ok(());
    }
    let keys: Vec<EntityKey> = puts.iter().map(|put| put.key).collect();
    let known: Vec<EntityKey> = keys.iter().copied().filter(|key| old.contains_key(&key.id)).collect();
    let links_before = resolved_links(transaction, &known).await?;
    let shared_before = take_shared(transaction, &known).await?;
    let mut dropped = Vec::new();
    for put in &puts {
        let before = shared_before.get(&put.key.id);
        match old.get(&put.key.id) {
            Some(old) if old.public => {
                log.add(put.key, What::Updated, text_diff(&old.graph.unpack_text()?, &put.content.text));
                dropped.extend(before.into_iter().flatten().filter(|line| !put.content.shared.contains(line)).map(|line| (put.key, line.clone())));
            }
            Some(_) => log.add(put.key, What::Restored, []),
            None => log.add(put.key, What::Created, []),
        }
        let added = put.content.shared.iter().filter(|line| !before.is_some_and(|before| before.contains(*line))).map(|line| format!("+{line}"));
        log.add(put.key, What::Updated, added);
    }
    write_entities(transaction, source, &puts, log.at).await?;
    write_beside(transaction, source, &puts, &known).await?;
    log_dropped(transaction, dropped, log).await?;
    let links_after = resolved_links(transaction, &keys).await?;
    log_links(log, &links_before, &links_after);
    Ok(())
}

async fn old_entities(transaction: &mut Transaction, keys: &[EntityKey]) -> Result<HashMap<Uuid, Old>, ArchiveError> {
    let mut old = HashMap::new();
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("SELECT id, state, checksum, graph FROM entity WHERE id IN ");
        push_keys(&mut query, some.iter().map(|key| key.id.as_bytes().as_slice()));
        for row in query.build().persistent(false).fetch_all(&mut **transaction).await? {
            let state: String = row.try_get("state")?;
            old.insert(
                entity_id(&row, "id")?,
                Old { public: state == "public", checksum: checksum(&row, "checksum")?, graph: Packed::from_stored(row.try_get("graph")?) },
            );
        }
    }
    Ok(old)
}

async fn write_entities(transaction: &mut Transaction, source: &SourceId, puts: &[Put], at: DateTime<Utc>) -> Result<(), ArchiveError> {
    for some in puts.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("INSERT INTO entity (id, minted, kind, state, source, checksum, graph, changed) ");
        query.push_values(some, |mut row, put| {
            row.push_bind(put.key.id.as_bytes().to_vec())
                .push_bind(put.key.minted.segment())
                .push_bind(put.kind.segment())
                .push("'public'")
                .push_bind(source.as_str())
                .push_bind(put.content.checksum.as_bytes())
                .push_bind(put.content.graph.0.as_slice())
                .push_bind(seconds(at));
        });
        query.push(
            " ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, state = 'public', source = excluded.source, checksum = excluded.checksum,
             graph = excluded.graph, changed = excluded.changed",
        );
        query.build().persistent(false).execute(&mut **transaction).await?;
    }
    Ok(())
}

/// Replaces the shared lines, aliases and links of entities.
async fn write_beside(transaction: &mut Transaction, source: &SourceId, puts: &[Put], known: &[EntityKey]) -> Result<(), ArchiveError> {
    for table in ["alias", "link"] {
        delete_of(transaction, table, known).await?;
    }
    let shared: Vec<(&EntityKey, &String)> = puts.iter().flat_map(|put| put.content.shared.iter().map(move |line| (&put.key, line))).collect();
    for some in shared.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("INSERT INTO shared (entity, line) ");
        query.push_values(some, |mut row, (key, line)| {
            row.push_bind(key.id.as_bytes().to_vec()).push_bind(line.as_str());
        });
        query.push(" ON CONFLICT DO NOTHING").build().persistent(false).execute(&mut **transaction).await?;
    }
    let aliases: Vec<(&Put, &String)> = puts.iter().flat_map(|put| put.aliases.iter().map(move |alias| (put, alias))).collect();
    for some in aliases.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("INSERT INTO alias (entity, minted, kind, source, name) ");
        query.push_values(some, |mut row, (put, alias)| {
            row.push_bind(put.key.id.as_bytes().to_vec())
                .push_bind(put.key.minted.segment())
                .push_bind(put.kind.segment())
                .push_bind(source.as_str())
                .push_bind(alias.as_str());
        });
        query.push(" ON CONFLICT DO NOTHING").build().persistent(false).execute(&mut **transaction).await?;
    }
    let links: Vec<(&EntityKey, &(String, String, String, EntityKind))> = puts.iter().flat_map(|put| put.links.iter().map(move |link| (&put.key, link))).collect();
    for some in links.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("INSERT INTO link (entity, subject, predicate, source, target, kind) ");
        query.push_values(some, |mut row, (key, (subject, predicate, target, kind))| {
            row.push_bind(key.id.as_bytes().to_vec())
                .push_bind(subject.as_str())
                .push_bind(predicate.as_str())
                .push_bind(source.as_str())
                .push_bind(target.as_str())
                .push_bind(kind.segment());
        });
        query.push(" ON CONFLICT DO NOTHING").build().persistent(false).execute(&mut **transaction).await?;
    }
    Ok(())
}

/// Takes the shared lines of entities out of the table, and gives them.
pub(crate) async fn take_shared(transaction: &mut Transaction, keys: &[EntityKey]) -> Result<HashMap<Uuid, BTreeSet<String>>, ArchiveError> {
    let mut taken: HashMap<Uuid, BTreeSet<String>> = HashMap::new();
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("DELETE FROM shared WHERE entity IN ");
        push_keys(&mut query, some.iter().map(|key| key.id.as_bytes().as_slice()));
        query.push(" RETURNING entity, line");
        for row in query.build().persistent(false).fetch_all(&mut **transaction).await? {
            taken.entry(entity_id(&row, "entity")?).or_default().insert(row.try_get("line")?);
        }
    }
    Ok(taken)
}

/// Logs the removal of shared lines from the entities that stated them, of those that no entity states any more.
pub(crate) async fn log_dropped(transaction: &mut Transaction, dropped: Vec<(EntityKey, String)>, log: &mut Log) -> Result<(), ArchiveError> {
    let mut stated: HashSet<String> = HashSet::new();
    for some in dropped.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("SELECT DISTINCT line FROM shared WHERE line IN (");
        let mut list = query.separated(", ");
        for (_, line) in some {
            list.push_bind(line.as_str());
        }
        list.push_unseparated(")");
        for row in query.build().persistent(false).fetch_all(&mut **transaction).await? {
            stated.insert(row.try_get("line")?);
        }
    }
    for (key, line) in dropped {
        if !stated.contains(&line) {
            log.add(key, What::Updated, [format!("-{line}")]);
        }
    }
    Ok(())
}

/// The statements between entities that hold now, and that these entities make or receive: who makes it, and its line.
pub(crate) async fn resolved_links(transaction: &mut Transaction, keys: &[EntityKey]) -> Result<BTreeSet<ResolvedLink>, ArchiveError> {
    let mut resolved = BTreeSet::new();
    for some in keys.chunks(MAX_ROWS) {
        for side in ["link.entity", "alias.entity"] {
            let mut query = QueryBuilder::<Db>::new(
                "SELECT link.entity AS maker, maker.minted AS maker_minted, link.subject, link.predicate, alias.minted, alias.entity
                 FROM link JOIN alias ON alias.source = link.source AND alias.name = link.target AND alias.kind = link.kind
                 JOIN entity AS maker ON maker.id = link.entity WHERE ",
            );
            query.push(side).push(" IN ");
            push_keys(&mut query, some.iter().map(|key| key.id.as_bytes().as_slice()));
            for row in query.build().persistent(false).fetch_all(&mut **transaction).await? {
                resolved.insert(ResolvedLink {
                    maker: entity_key(&row, "maker_minted", "maker")?,
                    subject: row.try_get("subject")?,
                    predicate: row.try_get("predicate")?,
                    target: entity_key(&row, "minted", "entity")?,
                });
            }
        }
    }
    Ok(resolved)
}

/// A statement about the entity of another record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ResolvedLink {
    maker: EntityKey,
    subject: String,
    predicate: String,
    target: EntityKey,
}

pub(crate) fn log_links(log: &mut Log, before: &BTreeSet<ResolvedLink>, after: &BTreeSet<ResolvedLink>) {
    for (sign, links) in [("-", before.difference(after)), ("+", after.difference(before))] {
        for link in links {
            log.add(link.maker, What::Updated, [format!("{sign}{}", link.line(&log.base))]);
        }
    }
}

impl ResolvedLink {
    pub(crate) fn line(&self, base: &str) -> String {
        format!("<{}> <{}> <{}> .", self.subject, self.predicate, self.target.iri(base))
    }
}

/// Makes agents stand as the best of the descriptions that records give of them.
pub(crate) async fn describe_agents(
    transaction: &mut Transaction,
    source: &SourceId,
    records: Vec<(RecordKey, Vec<Sealed>)>,
    force: bool,
    log: &mut Log,
) -> Result<(), ArchiveError> {
    let keys: Vec<RecordKey> = records.iter().map(|(key, _)| *key).collect();
    let mut before = descriptions_of(transaction, &keys).await?;
    let mut added: Vec<(RecordKey, EntityKey, String, Checksum)> = Vec::new();
    let mut contents: HashMap<Checksum, (EntityKind, Content)> = HashMap::new();
    let mut affected: BTreeSet<EntityKey> = BTreeSet::new();
    let named: BTreeSet<EntityKey> = records.iter().flat_map(|(_, agents)| agents.iter().map(|agent| agent.key)).collect();
    let published = published_checksums(transaction, &named.into_iter().collect::<Vec<_>>()).await?;
    for (record, agents) in records {
        for agent in agents {
            let previous = before.remove(&(record, agent.key.id)).map(|(_, rank, checksum)| (rank, checksum));
            let says_the_same = previous.as_ref().is_none_or(|(_, checksum)| *checksum == agent.content.checksum);
            if previous.is_none_or(|(rank, checksum)| rank != agent.rank || checksum != agent.content.checksum) {
                // One more record that says what is published already, as nearly all do, cannot change the best.
                if force || !says_the_same || published.get(&agent.key.id) != Some(&agent.content.checksum) {
                    affected.insert(agent.key);
                }
                added.push((record, agent.key, agent.rank, agent.content.checksum));
                contents.entry(agent.content.checksum).or_insert((agent.kind, agent.content));
            }
        }
    }
    // What is left was said by an earlier version of a record and is said no more.
    let dropped: Vec<(RecordKey, EntityKey)> = before.into_iter().map(|((record, _), (key, _, _))| (record, key)).collect();
    affected.extend(dropped.iter().map(|(_, key)| *key));
    write_contents(transaction, source, &contents).await?;
    write_descriptions(transaction, &added).await?;
    delete_descriptions(transaction, &dropped).await?;
    settle_agents(transaction, &affected.into_iter().collect::<Vec<_>>(), &contents, log).await
}

async fn published_checksums(transaction: &mut Transaction, keys: &[EntityKey]) -> Result<HashMap<Uuid, Checksum>, ArchiveError> {
    let mut found = HashMap::new();
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("SELECT id, checksum FROM entity WHERE state = 'public' AND id IN ");
        push_keys(&mut query, some.iter().map(|key| key.id.as_bytes().as_slice()));
        for row in query.build().persistent(false).fetch_all(&mut **transaction).await? {
            found.insert(entity_id(&row, "id")?, checksum(&row, "checksum")?);
        }
    }
    Ok(found)
}

type Descriptions = HashMap<(RecordKey, Uuid), (EntityKey, String, Checksum)>;

async fn descriptions_of(transaction: &mut Transaction, records: &[RecordKey]) -> Result<Descriptions, ArchiveError> {
    let mut found = HashMap::new();
    for some in records.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("SELECT record, entity, rank, checksum FROM description WHERE record IN ");
        push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
        for row in query.build().persistent(false).fetch_all(&mut **transaction).await? {
            let id = entity_id(&row, "entity")?;
            let key = EntityKey { minted: EntityKind::Organisation, id };
            found.insert((record_key(&row, "record")?, id), (key, row.try_get("rank")?, checksum(&row, "checksum")?));
        }
    }
    Ok(found)
}

async fn write_contents(transaction: &mut Transaction, source: &SourceId, contents: &HashMap<Checksum, (EntityKind, Content)>) -> Result<(), ArchiveError> {
    let contents: Vec<_> = contents.values().collect();
    for some in contents.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("INSERT INTO content (checksum, kind, source, graph, shared) ");
        query.push_values(some, |mut row, (kind, content)| {
            row.push_bind(content.checksum.as_bytes())
                .push_bind(kind.segment())
                .push_bind(source.as_str())
                .push_bind(content.graph.0.as_slice())
                .push_bind(content.shared.iter().flat_map(|line| [line.as_str(), "
"]).collect::<String>());
        });
        query.push(" ON CONFLICT (checksum) DO NOTHING").build().persistent(false).execute(&mut **transaction).await?;
    }
    Ok(())
}

async fn write_descriptions(transaction: &mut Transaction, added: &[(RecordKey, EntityKey, String, Checksum)]) -> Result<(), ArchiveError> {
    for some in added.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("INSERT INTO description (entity, record, rank, checksum) ");
        query.push_values(some, |mut row, (record, agent, rank, checksum)| {
            row.push_bind(agent.id.as_bytes().to_vec())
                .push_bind(record.as_bytes())
                .push_bind(rank.as_str())
                .push_bind(checksum.as_bytes());
        });
        query.push(" ON CONFLICT (record, entity) DO UPDATE SET rank = excluded.rank, checksum = excluded.checksum");
        query.build().persistent(false).execute(&mut **transaction).await?;
    }
    Ok(())
}

async fn delete_descriptions(transaction: &mut Transaction, dropped: &[(RecordKey, EntityKey)]) -> Result<(), ArchiveError> {
    for (record, agent) in dropped {
        sqlx::query("DELETE FROM description WHERE record = $1 AND entity = $2")
            .bind(record.as_bytes())
            .bind(agent.id.as_bytes().to_vec())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Gives each agent the description with the greatest rank (of equal ones, the least checksum, so that the order of
/// arrival does not matter), and withdraws those that nobody names any more.
pub(crate) async fn settle_agents(
    transaction: &mut Transaction,
    agents: &[EntityKey],
    known: &HashMap<Checksum, (EntityKind, Content)>,
    log: &mut Log,
) -> Result<(), ArchiveError> {
    let mut by_source: BTreeMap<SourceId, Vec<Put>> = BTreeMap::new();
    let mut orphans = Vec::new();
    for key in agents {
        let best = sqlx::query("SELECT checksum FROM description WHERE entity = $1 ORDER BY rank DESC, checksum LIMIT 1")
            .bind(key.id.as_bytes().to_vec())
            .fetch_optional(&mut **transaction)
            .await?;
        let Some(best) = best else {
            orphans.push(*key);
            continue;
        };
        let best = checksum(&best, "checksum")?;
        let current = sqlx::query("SELECT checksum FROM entity WHERE id = $1 AND state = 'public'")
            .bind(key.id.as_bytes().to_vec())
            .fetch_optional(&mut **transaction)
            .await?;
        if current.is_some_and(|row| checksum(&row, "checksum").is_ok_and(|current| current == best)) {
            continue;
        }
        let (source, kind, content) = content_of(transaction, best, known).await?;
        by_source.entry(source).or_default().push(Put { key: *key, kind, content, aliases: Vec::new(), links: Vec::new() });
    }
    for (source, puts) in by_source {
        put_entities(transaction, &source, puts, false, log).await?;
    }
    withdraw_entities(transaction, &orphans, log).await
}

async fn content_of(
    transaction: &mut Transaction,
    wanted: Checksum,
    known: &HashMap<Checksum, (EntityKind, Content)>,
) -> Result<(SourceId, EntityKind, Content), ArchiveError> {
    let row = sqlx::query("SELECT kind, source, graph, shared FROM content WHERE checksum = $1")
        .bind(wanted.as_bytes())
        .fetch_one(&mut **transaction)
        .await?;
    let (kind, source): (String, String) = (row.try_get("kind")?, row.try_get("source")?);
    let Ok(source) = SourceId::new(&source) else { return unknown("content.source", &source) };
    if let Some((kind, content)) = known.get(&wanted) {
        return Ok((source, *kind, content.clone()));
    }
    let Some(kind) = EntityKind::from_segment(&kind) else { return unknown("content.kind", &kind) };
    let graph = Packed::from_stored(row.try_get("graph")?);
    let shared = row.try_get::<String, _>("shared")?.lines().map(str::to_owned).collect();
    Ok((source, kind, Content { checksum: wanted, text: graph.unpack_text()?, graph, shared }))
}

/// Takes entities out of the catalogue. Their last graphs are kept, for tombstones and for their return.
pub(crate) async fn withdraw_entities(transaction: &mut Transaction, keys: &[EntityKey], log: &mut Log) -> Result<(), ArchiveError> {
    let old = old_entities(transaction, keys).await?;
    let keys: Vec<EntityKey> = keys.iter().copied().filter(|key| old.get(&key.id).is_some_and(|old| old.public)).collect();
    let links_before = resolved_links(transaction, &keys).await?;
    let shared = take_shared(transaction, &keys).await?;
    for table in ["alias", "link"] {
        delete_of(transaction, table, &keys).await?;
    }
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("UPDATE entity SET state = 'withdrawn', changed = ");
        query.push_bind(seconds(log.at)).push(" WHERE id IN ");
        push_keys(&mut query, some.iter().map(|key| key.id.as_bytes().as_slice()));
        query.build().persistent(false).execute(&mut **transaction).await?;
    }
    let mut dropped = Vec::new();
    for key in &keys {
        if let Some(old) = old.get(&key.id) {
            log.add(*key, What::Withdrawn, old.graph.unpack_text()?.lines().map(|line| format!("-{line}")));
        }
        dropped.extend(shared.get(&key.id).into_iter().flatten().map(|line| (*key, line.clone())));
    }
    log_dropped(transaction, dropped, log).await?;
    log_links(log, &links_before, &BTreeSet::new());
    Ok(())
}

async fn delete_of(transaction: &mut Transaction, table: &'static str, keys: &[EntityKey]) -> Result<(), ArchiveError> {
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("DELETE FROM ");
        query.push(table).push(" WHERE entity IN ");
        push_keys(&mut query, some.iter().map(|key| key.id.as_bytes().as_slice()));
        query.build().persistent(false).execute(&mut **transaction).await?;
    }
    Ok(())
}

/// `(?, ?, ...)`
pub(crate) fn push_keys<'a>(query: &mut QueryBuilder<Db>, keys: impl Iterator<Item = &'a [u8]>) {
    query.push("(");
    let mut list = query.separated(", ");
    for key in keys {
        list.push_bind(key.to_vec());
    }
    list.push_unseparated(")");
}

/// The lines that two sorted texts do not share, with `-` and `+`.
pub(crate) fn text_diff(old: &str, new: &str) -> Vec<String> {
    let (mut old, mut new) = (old.lines().peekable(), new.lines().peekable());
    let mut diff = Vec::new();
    loop {
        match (old.peek(), new.peek()) {
            (Some(a), Some(b)) if a == b => {
                old.next();
                new.next();
            }
            (Some(a), Some(b)) if a < b => diff.extend(old.next().map(|line| format!("-{line}"))),
            (Some(_), None) => diff.extend(old.next().map(|line| format!("-{line}"))),
            (_, Some(_)) => diff.extend(new.next().map(|line| format!("+{line}"))),
            (None, None) => return diff,
        }
    }
}

pub(crate) fn checksum(row: &sqlx::sqlite::SqliteRow, column: &'static str) -> Result<Checksum, ArchiveError> {
    let bytes: Vec<u8> = row.try_get(column)?;
    Checksum::from_slice(&bytes).map_or_else(|| unknown(column, &format!("{bytes:?}")), Ok)
}

pub(crate) fn record_key(row: &sqlx::sqlite::SqliteRow, column: &'static str) -> Result<RecordKey, ArchiveError> {
    let bytes: Vec<u8> = row.try_get(column)?;
    RecordKey::from_slice(&bytes).map_or_else(|| unknown(column, &format!("{bytes:?}")), Ok)
}

pub(crate) fn entity_id(row: &sqlx::sqlite::SqliteRow, column: &'static str) -> Result<Uuid, ArchiveError> {
    let bytes: Vec<u8> = row.try_get(column)?;
    Uuid::from_slice(&bytes).or_else(|_| unknown(column, &format!("{bytes:?}")))
}

pub(crate) fn entity_key(row: &sqlx::sqlite::SqliteRow, minted: &'static str, id: &'static str) -> Result<EntityKey, ArchiveError> {
    let segment: String = row.try_get(minted)?;
    let Some(minted) = EntityKind::from_segment(&segment) else { return unknown(minted, &segment) };
    Ok(EntityKey { minted, id: entity_id(row, id)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_diff_of_sorted_texts_says_what_differs() {
        assert_eq!(text_diff("a\nb\nd\n", "b\nc\nd\ne\n"), ["-a", "+c", "+e"]);
        assert!(text_diff("", "").is_empty());
        assert_eq!(text_diff("", "a"), ["+a"]);
        assert_eq!(text_diff("a\nb", ""), ["-a", "-b"]);
    }
}
