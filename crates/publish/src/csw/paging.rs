//! Pages of one search, of one state of the catalogue: what a client goes on with is what it began with.
//!
//! CSW 2.0.2 has no name for a crawl. A page is the next one of those before if it asks the same, and begins where one of them said
//! that the next begins.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use model::Checksum;
use search::{Cursor, Index, Search, Snapshot, SnapshotId};

use super::request::GetRecords;

/// Pages that are waited for.
const MOST: usize = 1_000;

/// The pages that may come next.
#[derive(Default)]
pub(crate) struct Pages(Mutex<Known>);

#[derive(Default)]
struct Known {
    next: HashMap<(Checksum, usize), (u64, SnapshotId, Option<Cursor>)>,
    count: u64,
}

impl Pages {
    /// What a search is, whatever its page.
    pub(super) fn key(&self, scope: &str, asked: &GetRecords) -> Checksum {
        let what = format!(
            "{scope}\n{:?}\n{:?}\n{:?}\n{:?}",
            asked.schema, asked.elements, asked.filter, asked.sort
        );
        Checksum::of(what.as_bytes())
    }

    /// The state to search in, and where in it: that of the page before, else the current one.
    pub(super) fn continued(
        &self,
        index: &Index,
        key: &Checksum,
        start: usize,
        search: &mut Search,
    ) -> Snapshot {
        let known = match start {
            1 => None,
            _ => self
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next
                .get(&(*key, start))
                .cloned(),
        };
        search.offset = start - 1;
        if let Some((_, id, cursor)) = known
            && let Some(snapshot) = index.kept(id)
        {
            if let Some(cursor) = cursor {
                search.offset = 0;
                search.after = Some(cursor);
            }
            return snapshot;
        }
        index.snapshot()
    }

    /// Where the next page begins: where the answer says, or after as many records as it had, as some clients count.
    pub(super) fn remember(
        &self,
        index: &Index,
        snapshot: &Snapshot,
        key: Checksum,
        (next, counted): (usize, usize),
        cursor: Option<Cursor>,
    ) {
        let id = index.keep(snapshot);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.count += 1;
        let count = known.count;
        if counted != next {
            known.next.insert((key, counted), (count, id, None));
        }
        known.next.insert((key, next), (count, id, cursor));
        if known.next.len() > MOST {
            let oldest = known.count.saturating_sub(MOST as u64 / 2);
            known.next.retain(|_, (count, _, _)| *count > oldest);
        }
    }
}
