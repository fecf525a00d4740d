//! Records: their headers, and what is told in each format.

use std::collections::{BTreeSet, HashMap};

use archive::{EntityKey, Part, Stamp};
use represent::{Context, Graph, Xml, dublin_core};

use super::arguments::datestamp;
use super::error::Refusal;
use super::format::Format;
use super::{identifier, sets};
use crate::failure::Failure;
use crate::router::App;
use crate::{csw, document, rdf};

/// The last change of the entity that an identifier names.
pub(super) async fn find(app: &App, identifier: &str) -> Result<Stamp, Refusal> {
    let unknown = || Refusal::unknown(identifier);
    let key = identifier::key(app.site.minter.base(), identifier).ok_or_else(unknown)?;
    app.site.archive.stamp(key).await?.ok_or_else(unknown)
}

/// `<record>` of each, in their order.
pub(super) async fn write(app: &App, format: Format, stamps: &[Stamp]) -> Result<String, Refusal> {
    let present: Vec<EntityKey> = stamps
        .iter()
        .filter(|stamp| !stamp.gone)
        .map(|stamp| stamp.key)
        .collect();
    let entities = app.site.archive.entities(&present).await?;
    let published: BTreeSet<EntityKey> = entities.iter().map(|entity| entity.key).collect();
    let mut told: HashMap<EntityKey, String> = HashMap::new();
    if format == Format::Iso19139 {
        let keys: Vec<EntityKey> = present
            .iter()
            .copied()
            .filter(|key| published.contains(key))
            .collect();
        told = csw::iso_records(app, &keys).await?;
    } else {
        for entity in entities {
            let key = entity.key;
            told.extend(metadata(app, format, entity).await?.map(|xml| (key, xml)));
        }
    }
    let parts = app.site.archive.parts_of(&keys_of(stamps)).await?;
    let mut xml = Xml::new();
    for stamp in stamps {
        // It may have been withdrawn since its stamp was read.
        let gone = !published.contains(&stamp.key);
        let metadata = told.get(&stamp.key);
        if !gone && metadata.is_none() {
            continue;
        }
        xml.within("record", &[], |xml| {
            header(xml, app, stamp, gone, parts.get(&stamp.key));
            if let Some(metadata) = metadata {
                xml.within("metadata", &[], |xml| xml.raw(metadata));
            }
        });
    }
    Ok(xml.finish())
}

/// `<header>` of each, in their order.
pub(super) async fn headers(app: &App, stamps: &[Stamp]) -> Result<String, Refusal> {
    let parts = app.site.archive.parts_of(&keys_of(stamps)).await?;
    let mut xml = Xml::new();
    for stamp in stamps {
        header(&mut xml, app, stamp, stamp.gone, parts.get(&stamp.key));
    }
    Ok(xml.finish())
}

fn keys_of(stamps: &[Stamp]) -> Vec<EntityKey> {
    stamps.iter().map(|stamp| stamp.key).collect()
}

fn header(xml: &mut Xml, app: &App, stamp: &Stamp, gone: bool, parts: Option<&BTreeSet<Part>>) {
    let status: &[(&str, &str)] = match gone {
        true => &[("status", "deleted")],
        false => &[],
    };
    let specs: BTreeSet<String> = parts
        .into_iter()
        .flatten()
        .map(|part| match part {
            // Those that are configured no more are not listed.
            Part::Source(id) if !app.site.sources.iter().any(|card| card.id == *id) => {
                sets::spec(&Part::Sources)
            }
            part => sets::spec(part),
        })
        .collect();
    xml.within("header", status, |xml| {
        let identifier = identifier::identifier(app.site.minter.base(), stamp.key);
        xml.leaf("identifier", &[], &identifier);
        xml.leaf("datestamp", &[], &datestamp(stamp.place.at()));
        for spec in &specs {
            xml.leaf("setSpec", &[], spec);
        }
    });
}

/// An entity with what it names, as one XML element.
async fn metadata(
    app: &App,
    format: Format,
    entity: archive::PublishedEntity,
) -> Result<Option<String>, Refusal> {
    let site = &app.site;
    let base = site.minter.base();
    let (iri, changed) = (entity.key.iri(base), datestamp(entity.changed));
    let mut gathered = document::gather(&site.archive, base, vec![entity]).await?;
    // That it is of the catalogue, where it is read: whoever reads one record of it learns nothing else of the catalogue.
    let catalogue = format!("{} ", site.minter.catalogue());
    gathered.lines.retain(|line| !line.starts_with(&catalogue));
    let text = gathered.into_text();
    if format == Format::DcatAp {
        let xml = rdf::element(&text).map_err(|error| Failure::internal(&error))?;
        return Ok(Some(xml));
    }
    let context = Context {
        identifier: &iri,
        changed: Some(&changed),
        language: &site.language,
        publisher: &site.publisher,
        home: base,
        linked: &|_| None,
    };
    Ok(dublin_core::oai_dc(&Graph::read(&text), &iri, &context))
}
