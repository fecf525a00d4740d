#![doc = include_str!("../README.md")]

mod agent;
mod ckan;
mod datajson;
mod dcat;
mod draft;
mod dublin_core;
mod extent;
mod geojson;
mod inventory;
mod iso;
mod json;
mod ogc_records;
mod online;
mod opendatasoft;
mod stac;
#[cfg(test)]
mod testing;
mod udata;

use model::{Mapped, Minter, RawRecord, RecordFormat, SourceId};
use oxrdf::NamedNode;

/// What a mapping may know beside the record.
#[derive(Debug, Clone, Copy)]
pub struct MapContext<'a> {
    pub source: &'a SourceId,
    pub minter: &'a Minter,
    /// The IRI that the record's entity already has; `None` at first sight, when the mapping mints it by its kind
    /// with [`Minter::record`].
    pub minted: Option<&'a NamedNode>,
    /// The language of texts that do not say theirs, as a BCP 47 tag.
    pub language: &'a str,
}

/// Why a record cannot be mapped. It is then refused, with a finding that says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", place.as_ref().map(|place| format!(" (at {place})")).unwrap_or_default())]
pub struct MapError {
    /// The rule of the finding.
    pub rule: &'static str,
    pub message: String,
    /// A JSON pointer, an XPath, or line and column.
    pub place: Option<String>,
    pub hint: Option<String>,
}

/// Maps one record.
///
/// # Errors
/// When the body is not of its format, or says nothing that could be published (no entity, no title).
pub fn map(record: &RawRecord, context: &MapContext<'_>) -> Result<Mapped, MapError> {
    match record.format {
        RecordFormat::UdataDataset => udata::map_dataset(record, context),
        RecordFormat::UdataDataservice => udata::map_dataservice(record, context),
        RecordFormat::Iso19139 | RecordFormat::Iso19115_3 => iso::map(record, context),
        RecordFormat::Opendatasoft => opendatasoft::map(record, context),
        RecordFormat::CkanPackage => ckan::map(record, context),
        RecordFormat::Dcat | RecordFormat::DcatRdfXml => dcat::map(record, context),
        RecordFormat::DcatUs => datajson::map(record, context),
        RecordFormat::DublinCore => dublin_core::map(record, context),
        RecordFormat::OgcRecord => ogc_records::map(record, context),
        RecordFormat::StacCollection => stac::map(record, context),
        RecordFormat::InventoryRow => inventory::map(record, context),
    }
}
