//! What a person says of identity, as it is written: IRIs of entities, and SOURCE/IDENTIFIER.

use archive::EntityKey;
use harvest::{DecideError, Workshop};
use model::{RecordId, SourceId};
use publish::{Merge, Split};

/// Makes entities one, and gives the IRI of the one that they are.
pub async fn merge(workshop: &Workshop, said: &Merge) -> Result<String, DecideError> {
    let base = workshop.minter.base();
    let keys = said
        .entities
        .iter()
        .map(|entity| key(base, entity).map_err(DecideError::Refused))
        .collect::<Result<Vec<_>, _>>()?;
    let entity = harvest::merge(workshop, &keys, &said.reason).await?;
    Ok(entity.iri(base))
}

/// Parts a record from an entity, and gives the IRI of the entity that it is.
pub async fn split(workshop: &Workshop, said: &Split) -> Result<String, DecideError> {
    let base = workshop.minter.base();
    let key = key(base, &said.entity).map_err(DecideError::Refused)?;
    let (source, record) = record(&said.record).map_err(DecideError::Refused)?;
    let entity = harvest::split(workshop, key, &source, &record, &said.reason).await?;
    Ok(entity.iri(base))
}

/// An entity by its IRI, or by what follows the base in it.
pub fn key(base: &str, entity: &str) -> Result<EntityKey, String> {
    let path = entity
        .strip_prefix(base)
        .unwrap_or(entity)
        .trim_start_matches('/');
    EntityKey::of_iri(base, &format!("{base}{path}")).ok_or_else(|| {
        format!("`{entity}` is no entity of this catalogue: write its IRI, such as {base}dataset/513f7218-d62e-584f-9bbc-3438ea7ac371")
    })
}

fn record(record: &str) -> Result<(SourceId, RecordId), String> {
    let Some((source, id)) = record.split_once('/') else {
        return Err(format!(
            "`{record}` names no record: write SOURCE/IDENTIFIER, as `moisson decisions ENTITY` shows them"
        ));
    };
    let source = SourceId::new(source).map_err(|error| error.to_string())?;
    Ok((source, RecordId::new(id)))
}
