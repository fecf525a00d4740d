//! Records of ISO 19139 that stand alone, for catalogues that are sent them.

use archive::{Archive, ArchiveError, Document, EntityKey};
use chrono::SecondsFormat;
use model::RecordFormat;
use represent::{Context, Graph, Linked, iso19139};

use crate::csw::raw;
use crate::document::Texts;

/// What records say of the catalogue that they come from.
#[derive(Debug, Clone, Copy)]
pub struct Describing<'a> {
    pub base: &'a str,
    /// Of texts that do not say theirs.
    pub language: &'a str,
    pub publisher: &'a str,
}

/// The records of entities, as their owners wrote them where they can stand so, else made of what is published. Each is known by the
/// UUID that we gave, whoever else has a record of its owner: `gmd:fileIdentifier`. Without those that are withdrawn, and those that
/// the format cannot carry.
pub async fn iso19139(
    archive: &Archive,
    describing: Describing<'_>,
    keys: &[EntityKey],
) -> Result<Vec<(EntityKey, String)>, ArchiveError> {
    let texts = Texts::read(archive, describing.base, keys).await?;
    let mut records = Vec::with_capacity(keys.len());
    for key in keys {
        let Some(document) = texts.documents.get(key) else {
            continue;
        };
        let record = match owner(archive, *key).await? {
            Some(record) => Some(record),
            None => made(document, &texts, describing),
        };
        records.extend(record.map(|record| (*key, record)));
    }
    Ok(records)
}

async fn owner(archive: &Archive, key: EntityKey) -> Result<Option<String>, ArchiveError> {
    let row = archive.original(key, None).await?;
    let Some(row) = row.filter(|row| row.format == RecordFormat::Iso19139) else {
        return Ok(None);
    };
    Ok(raw::record(&row.body.unpack()?, &key.id.to_string()))
}

fn made(document: &Document, texts: &Texts, describing: Describing<'_>) -> Option<String> {
    let Describing {
        base,
        language,
        publisher,
    } = describing;
    let entity = &document.entity;
    let changed = entity.changed.to_rfc3339_opts(SecondsFormat::Secs, true);
    let linked = |iri: &str| {
        Some(Linked {
            identifier: EntityKey::of_iri(base, iri)?.id.to_string(),
            address: Some(iri.to_owned()),
        })
    };
    let context = Context {
        identifier: &entity.key.id.to_string(),
        changed: Some(&changed),
        language,
        publisher,
        home: base,
        linked: &linked,
    };
    let text = texts.of(base, document);
    let graph = Graph::read(&text);
    iso19139::record(&graph, &entity.key.iri(base), &context)
}
