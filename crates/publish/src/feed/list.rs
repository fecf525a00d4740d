//! The entities of a page.
//!
//! The whole catalogue is read from the archive, in the order of its index of IRIs. A part, or what changed since, is found in the search
//! index: the archive would have to look at every entity for it.

use archive::{ArchiveError, EntityKey, PublishedEntity};
use chrono::{DateTime, SecondsFormat, Utc};
use model::EntityKind;
use search::{Cursor, Field, Filter, Op, Search, Snapshot};

use super::LISTED;
use super::asked::Asked;
use crate::failure::Failure;
use crate::ogc;
use crate::router::App;

/// Where the entities of a page come from.
pub(super) enum Listing {
    Archive,
    Index(Snapshot),
}

pub(super) struct Listed {
    pub entities: Vec<PublishedEntity>,
    /// After which the next page begins.
    pub next: Option<EntityKey>,
    pub total: u64,
    /// The time of the last change that what was searched has followed.
    pub followed: Option<DateTime<Utc>>,
}

impl Listing {
    pub fn of(app: &App, asked: &Asked<'_>) -> Result<Self, Failure> {
        let is_all = asked.is_whole() && !asked.profile.is_of_high_value();
        if is_all && asked.since.is_none() {
            return Ok(Self::Archive);
        }
        Ok(Self::Index(ogc::index(app)?.snapshot()))
    }

    pub fn is_of_index(&self) -> bool {
        matches!(self, Self::Index(_))
    }

    /// What tells the state that is listed from any other.
    pub fn state(&self) -> String {
        match self {
            Self::Archive => String::new(),
            Self::Index(snapshot) => format!("{:?}", snapshot.id()),
        }
    }

    pub async fn list(self, app: &App, asked: &Asked<'_>) -> Result<Listed, Failure> {
        match self {
            Self::Archive => {
                let counts = app.counts().await?;
                let (mut entities, next) = of_archive(app, asked).await?;
                entities.retain(|entity| asked.profile.has(entity.kind));
                let series = match asked.profile.has(EntityKind::DatasetSeries) {
                    true => counts.series,
                    false => 0,
                };
                Ok(Listed {
                    entities,
                    next,
                    total: counts.datasets + series + counts.services,
                    followed: None,
                })
            }
            Self::Index(snapshot) => of_index(app, snapshot, asked).await,
        }
    }
}

async fn of_archive(
    app: &App,
    asked: &Asked<'_>,
) -> Result<(Vec<PublishedEntity>, Option<EntityKey>), ArchiveError> {
    let wanted = asked.size as usize + 1;
    let mut entities: Vec<PublishedEntity> = Vec::with_capacity(wanted);
    for kind in LISTED {
        let after = match asked.after {
            Some(after) if kind.segment() < after.minted.segment() => continue,
            Some(after) if kind == after.minted => Some(after.id),
            _ => None,
        };
        let room = u32::try_from(wanted - entities.len()).unwrap_or(0);
        if room > 0 {
            entities.extend(app.site.archive.page(kind, after, room).await?);
        }
    }
    let more = entities.len() == wanted;
    entities.truncate(asked.size as usize);
    let next = entities.last().map(|last| last.key).filter(|_| more);
    Ok((entities, next))
}

/// What was withdrawn since the index looked is left out: a page may be shorter than others.
async fn of_index(app: &App, snapshot: Snapshot, asked: &Asked<'_>) -> Result<Listed, Failure> {
    let followed = match snapshot.position() {
        Some(seq) => {
            let change = app.site.archive.changes_after(seq - 1, 1).await?;
            change.first().map(|change| change.at)
        }
        None => None,
    };
    let mut filter = asked.scope.filter.clone();
    if !asked.profile.has(EntityKind::DatasetSeries) {
        let series = EntityKind::DatasetSeries.segment();
        filter = filter.and(Filter::Not(Box::new(Filter::eq(Field::Kind, series))));
    }
    if asked.profile.is_of_high_value() {
        filter = filter.and(Filter::eq(Field::Hvd, "true"));
    }
    if let Some(since) = asked.since {
        filter = filter.and(Filter::Compare {
            field: Field::Changed,
            op: Op::Ge,
            value: since.to_rfc3339_opts(SecondsFormat::Secs, true),
            match_case: false,
        });
    }
    let mut search = Search::new(filter, Utc::now());
    search.limit = asked.size as usize;
    search.after = asked.after.map(Cursor::behind);
    let found = tokio::task::spawn_blocking(move || snapshot.search(&search)).await;
    let found = found.map_err(|error| Failure::internal(&error))?;
    let found = found.map_err(|error| Failure::internal(&error))?;
    let keys: Vec<EntityKey> = found.hits.iter().map(|hit| hit.key).collect();
    Ok(Listed {
        entities: app.site.archive.entities(&keys).await?,
        next: keys.last().copied().filter(|_| found.next.is_some()),
        total: u64::try_from(found.total).unwrap_or(u64::MAX),
        followed,
    })
}
