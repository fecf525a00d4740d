use crate::{Found, Search, SearchError, Snapshot};
use model::EntityKey;

pub(crate) fn search(_snapshot: &Snapshot, search: &Search) -> Result<Found, SearchError> {
    search.filter.check()?;
    Ok(Found::default())
}

pub(crate) fn naming(
    _snapshot: &Snapshot,
    _agent: EntityKey,
) -> Result<Vec<EntityKey>, SearchError> {
    Ok(Vec::new())
}
