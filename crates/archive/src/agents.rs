//! Agents: of all that records say of one, the best description is its graph.

use std::collections::{BTreeSet, HashMap};

use model::{Checksum, EntityKind, SourceId};
use sqlx::{QueryBuilder, Row};
use uuid::Uuid;

use crate::commit::{Content, Sealed};
use crate::db::{ArchiveError, Db, MAX_ROWS, Transaction, unknown};
use crate::entities::{Put, put_entities, withdraw_entities};
use crate::log::Log;
use crate::pack::Packed;
use crate::rows::{checksum, entity_id, push_keys, record_key};
use crate::{EntityKey, RecordKey};

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
    let named: BTreeSet<EntityKey> = records
        .iter()
        .flat_map(|(_, agents)| agents.iter().map(|agent| agent.key))
        .collect();
    let published =
        published_checksums(transaction, &named.into_iter().collect::<Vec<_>>()).await?;
    for (record, agents) in records {
        for agent in agents {
            let previous = before
                .remove(&(record, agent.key.id))
                .map(|(_, rank, checksum)| (rank, checksum));
            let says_the_same = previous
                .as_ref()
                .is_none_or(|(_, checksum)| *checksum == agent.content.checksum);
            if previous.is_none_or(|(rank, checksum)| {
                rank != agent.rank || checksum != agent.content.checksum
            }) {
                // One more record that says what is published already, as nearly all do, cannot change the best.
                if force
                    || !says_the_same
                    || published.get(&agent.key.id) != Some(&agent.content.checksum)
                {
                    affected.insert(agent.key);
                }
                added.push((record, agent.key, agent.rank, agent.content.checksum));
                contents
                    .entry(agent.content.checksum)
                    .or_insert((agent.kind, agent.content));
            }
        }
    }
    // What is left was said by an earlier version of a record and is said no more.
    let dropped: Vec<(RecordKey, EntityKey)> = before
        .into_iter()
        .map(|((record, _), (key, _, _))| (record, key))
        .collect();
    affected.extend(dropped.iter().map(|(_, key)| *key));
    write_contents(transaction, source, &contents).await?;
    write_descriptions(transaction, &added).await?;
    delete_descriptions(transaction, &dropped).await?;
    settle_agents(
        transaction,
        &affected.into_iter().collect::<Vec<_>>(),
        &contents,
        log,
    )
    .await
}

async fn published_checksums(
    transaction: &mut Transaction,
    keys: &[EntityKey],
) -> Result<HashMap<Uuid, Checksum>, ArchiveError> {
    let mut found = HashMap::new();
    for some in keys.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(
            "SELECT id, checksum FROM entity WHERE state = 'public' AND id IN ",
        );
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
            found.insert(entity_id(&row, "id")?, checksum(&row, "checksum")?);
        }
    }
    Ok(found)
}

type Descriptions = HashMap<(RecordKey, Uuid), (EntityKey, String, Checksum)>;

async fn descriptions_of(
    transaction: &mut Transaction,
    records: &[RecordKey],
) -> Result<Descriptions, ArchiveError> {
    let mut found = HashMap::new();
    for some in records.chunks(MAX_ROWS) {
        let mut query = QueryBuilder::<Db>::new(
            "SELECT record, entity, rank, checksum FROM description WHERE record IN ",
        );
        push_keys(&mut query, some.iter().map(RecordKey::as_bytes));
        for row in query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .fetch_all(&mut **transaction)
            .await?
        {
            let id = entity_id(&row, "entity")?;
            let key = EntityKey {
                minted: EntityKind::Organisation,
                id,
            };
            found.insert(
                (record_key(&row, "record")?, id),
                (key, row.try_get("rank")?, checksum(&row, "checksum")?),
            );
        }
    }
    Ok(found)
}

async fn write_contents(
    transaction: &mut Transaction,
    source: &SourceId,
    contents: &HashMap<Checksum, (EntityKind, Content)>,
) -> Result<(), ArchiveError> {
    let contents: Vec<_> = contents.values().collect();
    for some in contents.chunks(MAX_ROWS) {
        let mut query =
            QueryBuilder::<Db>::new("INSERT INTO content (checksum, kind, source, graph, shared) ");
        query.push_values(some, |mut row, (kind, content)| {
            row.push_bind(content.checksum.as_bytes())
                .push_bind(kind.segment())
                .push_bind(source.as_str())
                .push_bind(content.graph.0.as_slice())
                .push_bind(
                    content
                        .shared
                        .iter()
                        .flat_map(|line| {
                            [
                                line.as_str(),
                                "
",
                            ]
                        })
                        .collect::<String>(),
                );
        });
        query
            .push(" ON CONFLICT (checksum) DO NOTHING")
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

async fn write_descriptions(
    transaction: &mut Transaction,
    added: &[(RecordKey, EntityKey, String, Checksum)],
) -> Result<(), ArchiveError> {
    for some in added.chunks(MAX_ROWS) {
        let mut query =
            QueryBuilder::<Db>::new("INSERT INTO description (entity, record, rank, checksum) ");
        query.push_values(some, |mut row, (record, agent, rank, checksum)| {
            row.push_bind(agent.id.as_bytes().to_vec())
                .push_bind(record.as_bytes())
                .push_bind(rank.as_str())
                .push_bind(checksum.as_bytes());
        });
        query.push(" ON CONFLICT (record, entity) DO UPDATE SET rank = excluded.rank, checksum = excluded.checksum");
        query
            .build()
            .persistent(some.len() == MAX_ROWS)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

async fn delete_descriptions(
    transaction: &mut Transaction,
    dropped: &[(RecordKey, EntityKey)],
) -> Result<(), ArchiveError> {
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
    let mut puts = Vec::new();
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
        if current
            .is_some_and(|row| checksum(&row, "checksum").is_ok_and(|current| current == best))
        {
            continue;
        }
        let (source, kind, content) = content_of(transaction, best, known).await?;
        puts.push(Put {
            key: *key,
            kind,
            source,
            content,
            aliases: Vec::new(),
            links: Vec::new(),
        });
    }
    put_entities(transaction, puts, false, log).await?;
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
    let Ok(source) = SourceId::new(&source) else {
        return unknown("content.source", &source);
    };
    if let Some((kind, content)) = known.get(&wanted) {
        return Ok((source, *kind, content.clone()));
    }
    let Some(kind) = EntityKind::from_segment(&kind) else {
        return unknown("content.kind", &kind);
    };
    let graph = Packed::from_stored(row.try_get("graph")?);
    let shared = row
        .try_get::<String, _>("shared")?
        .lines()
        .map(str::to_owned)
        .collect();
    Ok((
        source,
        kind,
        Content {
            checksum: wanted,
            text: graph.unpack_text()?,
            graph,
            shared,
        },
    ))
}
