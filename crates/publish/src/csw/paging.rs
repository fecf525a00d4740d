//! Pages of one search, of one state of the catalogue: what a client goes on with is what it began with.
//!
//! CSW 2.0.2 has no name for a crawl. A page is the next one of those before if it asks the same, and begins where one of them said
//! that the next begins.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use model::Checksum;
use search::{Cursor, Index, Search, Snapshot, SnapshotId};

use super::request::GetRecords;

/// Pages that are waited for.
const MOST: usize = 2_000;

/// Who asks, as well as can be told: two that walk through the same search do not disturb each other.
pub(crate) struct Client(String);

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let mut client = format!("{:?}", peer.map(|ConnectInfo(peer)| peer.ip()));
        for name in ["user-agent", "forwarded", "x-forwarded-for", "x-real-ip"] {
            client.push_str(&format!("\n{:?}", parts.headers.get(name)));
        }
        Ok(Self(client))
    }
}

/// What a search is, whatever its page: as a client asks it, and as anyone does.
pub(super) struct Walk {
    own: Checksum,
    any: Checksum,
}

/// The pages that may come next.
#[derive(Default)]
pub(crate) struct Pages(Mutex<Known>);

#[derive(Default)]
struct Known {
    next: HashMap<(Checksum, usize), (u64, SnapshotId, Option<Cursor>)>,
    count: u64,
}

impl Pages {
    pub(super) fn walk(scope: &str, asked: &GetRecords, client: &Client) -> Walk {
        let what = format!(
            "{scope}\n{:?}\n{:?}\n{:?}\n{:?}",
            asked.schema, asked.elements, asked.filter, asked.sort
        );
        Walk {
            own: Checksum::of(format!("{}\n{what}", client.0).as_bytes()),
            any: Checksum::of(what.as_bytes()),
        }
    }

    /// The state to search in, and where in it: that of the page before, else the current one. A cursor holds its place in any.
    pub(super) fn continued(
        &self,
        index: &Index,
        walk: &Walk,
        start: usize,
        search: &mut Search,
    ) -> Snapshot {
        let known = match start {
            1 => None,
            _ => {
                let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                // The address of a client may change on its way.
                let next = [walk.own, walk.any].map(|key| known.next.get(&(key, start)));
                next.into_iter().flatten().next().cloned()
            }
        };
        search.offset = start - 1;
        let Some((_, id, cursor)) = known else {
            return index.snapshot();
        };
        if let Some(cursor) = cursor {
            search.offset = 0;
            search.after = Some(cursor);
        }
        index.kept(id).unwrap_or_else(|| index.snapshot())
    }

    /// Where the next page begins: where the answer says, or after as many records as it had, as some clients count.
    pub(super) fn remember(
        &self,
        index: &Index,
        snapshot: &Snapshot,
        walk: Walk,
        (next, counted): (usize, usize),
        cursor: Option<Cursor>,
    ) {
        let id = index.keep(snapshot);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in [walk.own, walk.any] {
            for start in [counted, next] {
                known.count += 1;
                let value = (known.count, id, cursor.clone());
                known.next.insert((key, start), value);
            }
        }
        if known.next.len() > MOST {
            let oldest = known.count.saturating_sub(MOST as u64 / 2);
            known.next.retain(|_, (count, _, _)| *count > oldest);
        }
    }
}
