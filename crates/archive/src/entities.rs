//! Entities: made to stand as given, or withdrawn; with what they state of IRIs that they do not own.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use model::{Checksum, EntityKind, SourceId};
use sqlx::{QueryBuilder, Row};
use uuid::Uuid;

use crate::EntityKey;
use crate::commit::{Content, NamedLink, Sealed};
use crate::db::{ArchiveError, Db, MAX_ROWS, Transaction, seconds};
use crate::links::{log_links, resolved_links};
use crate::log::{Log, text_diff};
use crate::pack::Packed;
use crate::read::What;
use crate::rows::{checksum, entity_id, push_keys};
use crate::stamps::parts_told;

/// An entity that is to stand as given.
pub(crate) struct Put {
    pub(crate) key: EntityKey,
    pub(crate) kind: EntityKind,
    /// The source of the record that it is made of, or of the most trusted one.
    pub(crate) source: SourceId,
    pub(crate) content: Content,
    pub(crate) aliases: Vec<Named<String>>,
    pub(crate) links: Vec<Named<NamedLink>>,
}

/// A name that holds among the records of one source.
pub(crate) struct Named<T> {
    pub(crate) source: SourceId,
    pub(crate) name: T,
}

struct Old {
    public: bool,
    checksum: Checksum,
    graph: Packed,
}

impl Put {
    /// The entity of one record.
    pub(crate) fn of(sealed: Sealed, source: &SourceId) -> Self {
        fn named<T>(names: Vec<T>, source: &SourceId) -> Vec<Named<T>> {
            names
                .into_iter()
                .map(|name| Named {
                    source: source.clone(),
                    name,
                })
                .collect()
        }
        Self {
            key: sealed.key,
            kind: sealed.kind,
            source: source.clone(),
            content: sealed.content,
            aliases: named(sealed.aliases, source),
            links: named(sealed.links, source),
        }
    }
}

/// Makes entities stand as given: compares with what is kept, writes what differs (all, where forced), logs each change.
pub(crate) async fn put_entities(
    transaction: &mut Transaction,
    puts: Vec<Put>,
    force: bool,
    log: &mut Log,
) -> Result<(), ArchiveError> {
    let keys: Vec<EntityKey> = puts.iter().map(|put| put.key).collect();
    let old = old_entities(transaction, &keys).await?;
    let puts: Vec<Put> = puts
        .into_iter()
        .filter(|put| {
            force
                || !old
                    .get(&put.key.id)
                    .is_some_and(|old| old.public && old.checksum == put.content.checksum)
        })
        .collect();
    if puts.is_empty() {
        return Ok(());
    }
    let keys: Vec<EntityKey> = puts.iter().map(|put| put.key).collect();
    let known: Vec<EntityKey> = keys
        .iter()
        .copied()
        .filter(|key| old.contains_key(&key.id))
        .collect();
    let links_before = resolved_links(transaction, &known).await?;
    let shared_before = take_shared(transaction, &known).await?;
    let mut dropped = Vec::new();
    for put in &puts {
        let before = shared_before.get(&put.key.id);
        match old.get(&put.key.id) {
            Some(old) if old.public => {
                log.add(
                    put.key,
                    What::Updated,
                    text_diff(&old.graph.unpack_text()?, &put.content.text),
                );
                dropped.extend(
                    before
                        .into_iter()
                        .flatten()
                        .filter(|line| !put.content.shared.contains(line))
                        .map(|line| (put.key, line.clone())),
                );
            }
            Some(_) => log.add(put.key, What::Restored, []),
            None => log.add(put.key, What::Created, []),
        }
        let added = put
            .content
            .shared
            .iter()
            .filter(|line| !before.is_some_and(|before| before.contains(*line)))
            .map(|line| format!("+{line}"));
        log.add(put.key, What::Updated, added);
    }
    write_entities(transaction, &puts, log.at).await?;
    write_beside(transaction, &puts, &known).await?;
    write_parts(transaction, &log.base, &puts, &known).await?;
    log_dropped(transaction, dropped, log).await?;
    let links_after = resolved_links(transaction, &keys).await?;
    log_links(log, &links_before, &links_after);
    Ok(())
}

async fn old_entities(
    transaction: &mut Transaction,
    keys: &[EntityKey],
) -> Result<HashMap<Uuid, Old>, ArchiveError> {
    let mut old = HashMap::new();
    for some in keys.chunks(MAX_ROWS) {
        let mut query =
            QueryBuilder::<Db>::new("SELECT id, state, checksum, graph FROM entity WHERE id IN ");
        push_keys(
            &mut query,
            some.iter().map(|key| key.id.as_bytes().as_slice()),
        );
        for row in query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .fetch_all(&mut **transaction)
            .await?
        {
            let state: String = row.try_get("state")?;
            old.insert(
                entity_id(&row, "id")?,
                Old {
                    public: state == "public",
                    checksum: checksum(&row, "checksum")?,
                    graph: Packed::from_stored(row.try_get("graph")?),
                },
            );
        }
    }
    Ok(old)
}

async fn write_entities(
    transaction: &mut Transaction,
    puts: &[Put],
    at: DateTime<Utc>,
) -> Result<(), ArchiveError> {
    for some in puts.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(
            "INSERT INTO entity (id, minted, kind, state, source, checksum, graph, changed) ",
        );
        query.push_values(some, |mut row, put| {
            row.push_bind(put.key.id.as_bytes().to_vec())
                .push_bind(put.key.minted.segment())
                .push_bind(put.kind.segment())
                .push("'public'")
                .push_bind(put.source.as_str())
                .push_bind(put.content.checksum.as_bytes())
                .push_bind(put.content.graph.0.as_slice())
                .push_bind(seconds(at));
        });
        query.push(
            " ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, state = 'public', source = excluded.source, checksum = excluded.checksum,
             graph = excluded.graph, changed = excluded.changed",
        );
        query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Replaces the shared lines, aliases and links of entities.
async fn write_beside(
    transaction: &mut Transaction,
    puts: &[Put],
    known: &[EntityKey],
) -> Result<(), ArchiveError> {
    for table in ["alias", "link"] {
        delete_of(transaction, table, known).await?;
    }
    let shared: Vec<(&EntityKey, &String)> = puts
        .iter()
        .flat_map(|put| put.content.shared.iter().map(move |line| (&put.key, line)))
        .collect();
    for some in shared.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("INSERT INTO shared (entity, line) ");
        query.push_values(some, |mut row, (key, line)| {
            row.push_bind(key.id.as_bytes().to_vec())
                .push_bind(line.as_str());
        });
        query
            .push(" ON CONFLICT DO NOTHING")
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    let aliases: Vec<(&Put, &Named<String>)> = puts
        .iter()
        .flat_map(|put| put.aliases.iter().map(move |alias| (put, alias)))
        .collect();
    for some in aliases.chunks(MAX_ROWS) {
        let mut query =
            QueryBuilder::<Db>::new("INSERT INTO alias (entity, minted, kind, source, name) ");
        query.push_values(some, |mut row, (put, alias)| {
            row.push_bind(put.key.id.as_bytes().to_vec())
                .push_bind(put.key.minted.segment())
                .push_bind(put.kind.segment())
                .push_bind(alias.source.as_str())
                .push_bind(alias.name.as_str());
        });
        query
            .push(" ON CONFLICT DO NOTHING")
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    let links: Vec<(&EntityKey, &Named<NamedLink>)> = puts
        .iter()
        .flat_map(|put| put.links.iter().map(move |link| (&put.key, link)))
        .collect();
    for some in links.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(
            "INSERT INTO link (entity, subject, predicate, source, target, kind) ",
        );
        query.push_values(some, |mut row, (key, link)| {
            row.push_bind(key.id.as_bytes().to_vec())
                .push_bind(link.name.subject.as_str())
                .push_bind(link.name.predicate.as_str())
                .push_bind(link.source.as_str())
                .push_bind(link.name.target.as_str())
                .push_bind(link.name.kind.segment());
        });
        query
            .push(" ON CONFLICT DO NOTHING")
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Replaces what is noted of the parts of the catalogue to which entities belong.
async fn write_parts(
    transaction: &mut Transaction,
    base: &str,
    puts: &[Put],
    known: &[EntityKey],
) -> Result<(), ArchiveError> {
    delete_of(transaction, "belongs", known).await?;
    let parts: Vec<(EntityKey, &'static str, String)> = puts
        .iter()
        .flat_map(|put| {
            let told = parts_told(base, put.key, &put.content.text);
            told.into_iter().map(|(part, name)| (put.key, part, name))
        })
        .collect();
    for some in parts.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("INSERT INTO belongs (entity, part, name) ");
        query.push_values(some, |mut row, (key, part, name)| {
            row.push_bind(key.id.as_bytes().to_vec())
                .push_bind(*part)
                .push_bind(name.as_str());
        });
        query
            .push(" ON CONFLICT DO NOTHING")
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Takes the shared lines of entities out of the table, and gives them.
pub(crate) async fn take_shared(
    transaction: &mut Transaction,
    keys: &[EntityKey],
) -> Result<HashMap<Uuid, BTreeSet<String>>, ArchiveError> {
    let mut taken: HashMap<Uuid, BTreeSet<String>> = HashMap::new();
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("DELETE FROM shared WHERE entity IN ");
        push_keys(
            &mut query,
            some.iter().map(|key| key.id.as_bytes().as_slice()),
        );
        query.push(" RETURNING entity, line");
        for row in query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .fetch_all(&mut **transaction)
            .await?
        {
            taken
                .entry(entity_id(&row, "entity")?)
                .or_default()
                .insert(row.try_get("line")?);
        }
    }
    Ok(taken)
}

/// Logs the removal of shared lines from the entities that stated them, of those that no entity states any more.
pub(crate) async fn log_dropped(
    transaction: &mut Transaction,
    dropped: Vec<(EntityKey, String)>,
    log: &mut Log,
) -> Result<(), ArchiveError> {
    let mut stated: HashSet<String> = HashSet::new();
    for some in dropped.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("SELECT DISTINCT line FROM shared WHERE line IN (");
        let mut list = query.separated(", ");
        for (_, line) in some {
            list.push_bind(line.as_str());
        }
        list.push_unseparated(")");
        for row in query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .fetch_all(&mut **transaction)
            .await?
        {
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

/// Takes entities out of the catalogue. Their last graphs are kept, for tombstones and for their return.
pub(crate) async fn withdraw_entities(
    transaction: &mut Transaction,
    keys: &[EntityKey],
    log: &mut Log,
) -> Result<(), ArchiveError> {
    let old = old_entities(transaction, keys).await?;
    let keys: Vec<EntityKey> = keys
        .iter()
        .copied()
        .filter(|key| old.get(&key.id).is_some_and(|old| old.public))
        .collect();
    let links_before = resolved_links(transaction, &keys).await?;
    let shared = take_shared(transaction, &keys).await?;
    for table in ["alias", "link"] {
        delete_of(transaction, table, &keys).await?;
    }
    for some in keys.chunks(MAX_ROWS) {
        let mut query =
            QueryBuilder::<Db>::new("UPDATE entity SET state = 'withdrawn', changed = ");
        query.push_bind(seconds(log.at)).push(" WHERE id IN ");
        push_keys(
            &mut query,
            some.iter().map(|key| key.id.as_bytes().as_slice()),
        );
        query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    let mut dropped = Vec::new();
    for key in &keys {
        if let Some(old) = old.get(&key.id) {
            log.add(
                *key,
                What::Withdrawn,
                old.graph
                    .unpack_text()?
                    .lines()
                    .map(|line| format!("-{line}")),
            );
        }
        dropped.extend(
            shared
                .get(&key.id)
                .into_iter()
                .flatten()
                .map(|line| (*key, line.clone())),
        );
    }
    log_dropped(transaction, dropped, log).await?;
    log_links(log, &links_before, &BTreeSet::new());
    Ok(())
}

async fn delete_of(
    transaction: &mut Transaction,
    table: &'static str,
    keys: &[EntityKey],
) -> Result<(), ArchiveError> {
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new("DELETE FROM ");
        query.push(table).push(" WHERE entity IN ");
        push_keys(
            &mut query,
            some.iter().map(|key| key.id.as_bytes().as_slice()),
        );
        query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}
