//! What a person says of identity: it wins over the rules, and stays.

use std::collections::HashMap;

use archive::{Decision, EntityKey, EntityRecord, RecordKey};
use model::{RecordId, SourceId};

use crate::project::Delivery;
use crate::{HarvestError, Workshop};

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    #[error(transparent)]
    Harvest(#[from] HarvestError),
    #[error("{0}")]
    Refused(String),
}

impl From<archive::ArchiveError> for DecideError {
    fn from(error: archive::ArchiveError) -> Self {
        Self::Harvest(error.into())
    }
}

/// Makes entities one. Gives the entity that they are now.
pub async fn merge(
    workshop: &Workshop,
    entities: &[EntityKey],
    reason: &str,
) -> Result<EntityKey, DecideError> {
    let mut parts: Vec<Vec<EntityRecord>> = Vec::new();
    for key in entities {
        let members = members(workshop, *key).await?;
        if parts
            .iter()
            .flatten()
            .any(|known| members.iter().any(|member| member.key == known.key))
        {
            return Err(DecideError::Refused(format!(
                "{} is named twice, or they are one already",
                iri(workshop, *key)
            )));
        }
        parts.push(members);
    }
    let kinds: Vec<&str> = parts
        .iter()
        .flatten()
        .map(|member| member.kind.segment())
        .collect();
    if let Some(other) = kinds.iter().find(|kind| Some(*kind) != kinds.first()) {
        return Err(DecideError::Refused(format!(
            "a {} and a {other} cannot be one",
            kinds.first().copied().unwrap_or_default()
        )));
    }
    let Some((first, others)) = parts.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Err(DecideError::Refused(
            "name at least two entities".to_owned(),
        ));
    };
    // Of each pair, so that what was said before of any of them holds no more.
    let decisions: Vec<Decision> = others
        .iter()
        .flatten()
        .flat_map(|other| {
            first.iter().map(|one| Decision {
                a: one.key,
                b: other.key,
                same: true,
                reason: reason.to_owned(),
            })
        })
        .collect();
    decide(workshop, &decisions).await?;
    let now: Vec<EntityKey> = entity_of(workshop, &parts).await?;
    match now.as_slice() {
        [one] => Ok(*one),
        several => Err(DecideError::Refused(format!(
            "they are still {} entities: an earlier decision keeps some of their records apart; `moisson decisions ENTITY` shows it",
            several.len()
        ))),
    }
}

/// Parts a record from the others of an entity, or keeps it apart from one that it might become a part of. Gives the entity that
/// the record is now.
pub async fn split(
    workshop: &Workshop,
    entity: EntityKey,
    source: &SourceId,
    record: &RecordId,
    reason: &str,
) -> Result<EntityKey, DecideError> {
    let members = members(workshop, entity).await?;
    let apart = RecordKey::new(source, record);
    let known = workshop.archive.known(&[apart]).await?;
    if known.get(&apart).is_none_or(|known| known.entity.is_none()) {
        let known: Vec<String> = members
            .iter()
            .map(|member| format!("{}/{}", member.source, member.record))
            .collect();
        return Err(DecideError::Refused(format!(
            "the catalogue has no record {source}/{record}; {} has {}",
            iri(workshop, entity),
            known.join(", ")
        )));
    }
    let decisions: Vec<Decision> = members
        .iter()
        .filter(|member| member.key != apart)
        .map(|member| Decision {
            a: apart,
            b: member.key,
            same: false,
            reason: reason.to_owned(),
        })
        .collect();
    if decisions.is_empty() {
        return Err(DecideError::Refused(format!(
            "{source}/{record} is the only record of {}",
            iri(workshop, entity)
        )));
    }
    decide(workshop, &decisions).await?;
    let now = workshop.archive.known(&[apart]).await?;
    now.get(&apart)
        .and_then(|known| known.entity)
        .ok_or_else(|| DecideError::Refused("the record is not in the catalogue".to_owned()))
}

async fn decide(workshop: &Workshop, decisions: &[Decision]) -> Result<(), DecideError> {
    let _turn = workshop.turn().await;
    let changes = workshop
        .archive
        .decide(decisions, (workshop.clock)())
        .await?;
    if let Some(projector) = &workshop.projector {
        let delivery = Delivery {
            changes,
            graphs: HashMap::new(),
        };
        projector.deliver(delivery).await?;
        projector.flush().await?;
    }
    Ok(())
}

async fn members(workshop: &Workshop, entity: EntityKey) -> Result<Vec<EntityRecord>, DecideError> {
    let members = workshop.archive.members_of(entity).await?;
    if members.is_empty() {
        return Err(DecideError::Refused(format!(
            "{} is no dataset, series or service of the catalogue",
            iri(workshop, entity)
        )));
    }
    Ok(members)
}

async fn entity_of(
    workshop: &Workshop,
    parts: &[Vec<EntityRecord>],
) -> Result<Vec<EntityKey>, DecideError> {
    let keys: Vec<_> = parts.iter().flatten().map(|member| member.key).collect();
    let known = workshop.archive.known(&keys).await?;
    let mut entities: Vec<EntityKey> = known.values().filter_map(|known| known.entity).collect();
    entities.sort_unstable();
    entities.dedup();
    Ok(entities)
}

fn iri(workshop: &Workshop, key: EntityKey) -> String {
    key.iri(workshop.minter.base())
}
