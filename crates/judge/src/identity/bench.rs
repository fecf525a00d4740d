//! Records on their real way into the catalogue: mapped, cleaned, committed to an archive, source after source.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, ensure};
use archive::{Archive, Decided, EntityKey, Guard, RecordKey, Relation};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use fetch::{Fetch, FetchError};
use harvest::{Limits, RunOptions, Source, Workshop};
use identity::Facts;
use mapping::MapContext;
use model::{
    Base, Checkpoint, Connector, Coverage, Minter, Page, RawRecord, ReadError, Request, Response,
    SourceId,
};
use vocab::Vocab;

/// The records of one source, in the order in which it lists them.
pub struct Shelf {
    pub source: SourceId,
    pub records: Vec<RawRecord>,
}

impl Shelf {
    pub fn new(name: &str, records: Vec<RawRecord>) -> Result<Self> {
        Ok(Self {
            source: SourceId::new(name)?,
            records,
        })
    }
}

/// What came of it.
pub struct Harvested {
    entities: HashMap<RecordKey, EntityKey>,
    pub same: Vec<Decided>,
    pub perhaps: Vec<Decided>,
    pub refused: u64,
}

impl Harvested {
    /// The entity of a record; none if it was refused.
    pub fn entity(&self, source: &SourceId, record: &RawRecord) -> Option<EntityKey> {
        self.entities
            .get(&RecordKey::new(source, &record.id))
            .copied()
    }
}

/// A connector whose one page is all records.
struct Whole(Vec<RawRecord>);

impl std::fmt::Debug for Whole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} records", self.0.len())
    }
}

impl Connector for Whole {
    fn start(&self, _since: Option<&Checkpoint>) -> Vec<Request> {
        vec![Request::get("https://portail.example/", "*/*")]
    }

    fn read(&self, _answer: &Response) -> Result<Page, ReadError> {
        Ok(Page {
            records: self.0.clone(),
            announced: Some(self.0.len() as u64),
            ..Page::default()
        })
    }

    fn coverage(&self, _since: Option<&Checkpoint>) -> Coverage {
        Coverage::Full
    }
}

/// A network that says nothing.
struct Silence;

impl Fetch for Silence {
    async fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        Ok(Response {
            request: request.clone(),
            url: request.url.clone(),
            status: 200,
            content_type: None,
            etag: None,
            last_modified: None,
            body: Bytes::new(),
        })
    }
}

/// No record is from the future of this day.
fn now() -> Result<DateTime<Utc>> {
    DateTime::from_timestamp(1_900_000_000, 0).context("a date")
}

fn minter() -> Result<Minter> {
    let base = Base::new("https://donnees.example.org/").map_err(|error| anyhow!(error))?;
    Ok(Minter::new(base))
}

pub async fn harvest(shelves: &[Shelf]) -> Result<Harvested> {
    let directory = tempfile::tempdir()?;
    let minter = minter()?;
    let archive = Archive::open(&directory.path().join("archive.sqlite"), minter.base()).await?;
    let at = now()?;
    let workshop = Workshop {
        archive: archive.clone(),
        projector: None,
        minter,
        vocab: Vocab::bundled(),
        clock: Arc::new(move || at),
    };
    let mut refused = 0;
    let mut entities = HashMap::new();
    for shelf in shelves {
        let source = Source {
            id: shelf.source.clone(),
            connector: Arc::new(Whole(shelf.records.clone())),
            fetcher: Silence,
            guard: Guard {
                share: 0.2,
                agree: 3,
                grace: TimeDelta::days(7),
            },
            limits: Limits::default(),
            language: "fr".to_owned(),
            full_every: TimeDelta::days(7),
            full_at: None,
            resume_within: TimeDelta::zero(),
        };
        let report = harvest::run(&workshop, &source, RunOptions::default(), |_| {})
            .await?
            .report;
        ensure!(
            report.seen == shelf.records.len() as u64,
            "{}: {:?}",
            shelf.source,
            report.reason
        );
        refused += report.refused;
    }
    for shelf in shelves {
        let keys: Vec<RecordKey> = shelf
            .records
            .iter()
            .map(|record| RecordKey::new(&shelf.source, &record.id))
            .collect();
        for (key, known) in archive.known(&keys).await? {
            entities.extend(known.entity.map(|entity| (key, entity)));
        }
    }
    Ok(Harvested {
        entities,
        same: archive.decisions(Relation::Same, u32::MAX).await?,
        perhaps: archive.decisions(Relation::Perhaps, u32::MAX).await?,
        refused,
    })
}

/// What the rules compare of a record; none if it is refused.
pub fn facts(source: &SourceId, record: &RawRecord) -> Result<Option<Facts>> {
    let minter = minter()?;
    let context = MapContext {
        source,
        minter: &minter,
        minted: None,
        language: "fr",
    };
    let Ok(mut mapped) = mapping::map(record, &context) else {
        return Ok(None);
    };
    let context = normalise::Context {
        vocab: Vocab::bundled(),
        record: &record.id,
        fetched: now()?,
    };
    normalise::normalise(&mut mapped, &context);
    Ok(Facts::of(&mapped.entities))
}

/// Facts for the eye: title, publisher, extent, and each key.
pub fn told(facts: &Facts) -> String {
    let keys: Vec<String> = facts
        .keys
        .iter()
        .filter(|key| {
            !matches!(
                key.kind,
                identity::KeyKind::Signature | identity::KeyKind::Title
            )
        })
        .map(|key| format!("{:?} {}", key.kind, key.value).to_lowercase())
        .collect();
    let extent = facts.extent.map_or_else(String::new, |extent| {
        format!(
            " [{} {} {} {}]",
            extent.west, extent.south, extent.east, extent.north
        )
    });
    format!(
        "« {} » / {}{extent}; {}",
        facts.title,
        facts.publisher,
        keys.join("; ")
    )
}
