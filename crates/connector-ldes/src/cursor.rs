//! Where a request stands in a stream: what is known of it, and which nodes are left to read in which order.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use model::{Checksum, ReadError, Request};
use serde::{Deserialize, Serialize};

use crate::node::Link;

/// Objects that are remembered where a stream may tell of one of them several times.
pub const REMEMBERED: usize = 20_000;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    /// The number of the request, from 1.
    pub page: u64,
    /// The node that is asked for.
    pub url: String,
    /// Only what may be as late as this.
    #[serde(default, skip_serializing_if = "is_default")]
    pub since: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub stream: Stream,
    /// Nodes that were not read yet.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pending: Vec<Link>,
    /// Nodes with members that wait until those that may hold later ones were read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deferred: Vec<Deferred>,
    /// The node was read before, and put off.
    #[serde(default, skip_serializing_if = "is_default")]
    pub again: bool,
    /// Marks of the addresses that were found, this one among them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub found: BTreeSet<String>,
    /// Marks of the objects whose last version was read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub objects: BTreeSet<String>,
}

/// What the stream says of itself, mostly at its root only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// `ldes:timestampPath`
    #[serde(default, skip_serializing_if = "is_default")]
    pub timestamp: Option<String>,
    /// `ldes:versionOfPath`
    #[serde(default, skip_serializing_if = "is_default")]
    pub version_of: Option<String>,
    /// It keeps one version of each object (`ldes:LatestVersionSubset`).
    #[serde(default, skip_serializing_if = "is_default")]
    pub latest_only: bool,
    /// It keeps its members for a time only (`ldes:DurationAgoPolicy`, `ldes:PointInTimePolicy`).
    #[serde(default, skip_serializing_if = "is_default")]
    pub window: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deferred {
    pub url: String,
    /// The time of its last member.
    pub last: DateTime<Utc>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Cursor {
    pub fn first(url: &str, since: Option<DateTime<Utc>>) -> Self {
        Self {
            page: 1,
            url: url.to_owned(),
            since,
            found: BTreeSet::from([mark(url)]),
            ..Self::default()
        }
    }

    pub fn of(request: &Request) -> Result<Self, ReadError> {
        serde_json::from_value(request.cursor.clone()).map_err(|error| {
            ReadError::Unexpected(format!("the request is not one of this connector: {error}"))
        })
    }

    /// Takes a node up, unless it is known or too old; `false` where the stream has too many.
    pub fn find(&mut self, link: Link, limit: usize) -> bool {
        let mark = mark(&link.url);
        if self.found.contains(&mark) {
            return true;
        }
        if self.found.len() >= limit {
            return false;
        }
        self.found.insert(mark);
        let old = link.until.zip(self.since).is_some_and(|(a, b)| a < b);
        if !old {
            self.pending.push(link);
        }
        true
    }

    /// How long the addresses of what is left are.
    pub fn weight(&self) -> usize {
        let pending = self.pending.iter().map(|link| link.url.len());
        let deferred = self.deferred.iter().map(|node| node.url.len());
        pending.chain(deferred).sum()
    }

    /// Whether a node that is left may hold members later than this.
    pub fn has_later(&self, last: DateTime<Utc>) -> bool {
        self.pending.iter().any(|link| link.may_exceed(last))
            || self.deferred.iter().any(|other| other.last > last)
    }

    /// The cursor of what is read next: the newest nodes first, so that the first version of an object that comes is its last. A stream may
    /// say that it keeps the last version only, and still have earlier ones that it has not taken away yet.
    pub fn next(mut self) -> Option<Self> {
        let latest = |at: &usize| {
            let link = self.pending.get(*at);
            link.map(|link| (link.until.unwrap_or(DateTime::<Utc>::MAX_UTC), link.from))
        };
        let place = (0..self.pending.len()).max_by_key(latest);
        let waiting = (0..self.deferred.len())
            .max_by_key(|at| self.deferred.get(*at).map(|other| other.last));
        let limit = waiting.and_then(|at| self.deferred.get(at)).map(|d| d.last);
        let pending = place.filter(|at| {
            let link = self.pending.get(*at);
            limit.is_none_or(|limit| link.is_some_and(|link| link.may_exceed(limit)))
        });
        (self.url, self.again) = match (pending, waiting) {
            (Some(at), _) => (self.pending.swap_remove(at).url, false),
            (None, Some(at)) => (self.deferred.swap_remove(at).url, true),
            (None, None) => return None,
        };
        self.page = self.page.saturating_add(1);
        Some(self)
    }

    /// True the first time that an object comes.
    pub fn is_new(&mut self, object: &str) -> bool {
        let mark = mark(object);
        let new = !self.objects.contains(&mark);
        if new && self.objects.len() < REMEMBERED {
            self.objects.insert(mark);
        }
        new
    }
}

fn mark(text: &str) -> String {
    let mut mark = Checksum::of(text.as_bytes()).to_string();
    mark.truncate(12);
    mark
}
