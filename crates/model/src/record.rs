//! Sources, records, and what identifies them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// The identifier of a source: the name of its configuration file without `.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceId(Arc<str>);

#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` cannot name a source: use 1 to 64 lower-case letters, digits, `-` and `_`, beginning with a letter or a digit"
)]
pub struct InvalidSourceId(pub String);

impl SourceId {
    pub fn new(id: &str) -> Result<Self, InvalidSourceId> {
        let allowed =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        let starts_well = id.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        if id.len() <= 64 && starts_well && id.chars().all(allowed) {
            Ok(Self(id.into()))
        } else {
            Err(InvalidSourceId(id.to_owned()))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SourceId {
    type Err = InvalidSourceId;
    fn from_str(id: &str) -> Result<Self, InvalidSourceId> {
        Self::new(id)
    }
}

impl TryFrom<String> for SourceId {
    type Error = InvalidSourceId;
    fn try_from(id: String) -> Result<Self, InvalidSourceId> {
        Self::new(&id)
    }
}

impl From<SourceId> for String {
    fn from(id: SourceId) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The identifier that a source gives to one of its records.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(Arc<str>);

impl RecordId {
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The format of a record, independent of the protocol that carried it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RecordFormat {
    /// A dataset of udata's JSON API, version 1.
    #[serde(rename = "udata-dataset")]
    UdataDataset,
    /// A data service of udata's JSON API, version 1.
    #[serde(rename = "udata-dataservice")]
    UdataDataservice,
    /// `gmd:MD_Metadata`, ISO/TS 19139:2007 (also its profiles such as `che:CHE_MD_Metadata`).
    #[serde(rename = "iso19139")]
    Iso19139,
    /// `mdb:MD_Metadata`, ISO/TS 19115-3:2016.
    #[serde(rename = "iso19115-3")]
    Iso19115_3,
    /// A dataset of Opendatasoft's Explore API, version 2.1 or 1.0.
    #[serde(rename = "opendatasoft")]
    Opendatasoft,
    /// A package of CKAN's action API, version 3 (also DKAN's).
    #[serde(rename = "ckan-package")]
    CkanPackage,
    /// An entity of a DCAT graph, in N-Quads: the name of the graph is the node of the entity.
    #[serde(rename = "dcat")]
    Dcat,
    /// An `rdf:RDF` document (or a node element alone) that describes one entity of DCAT, as CSW and OAI-PMH carry it.
    #[serde(rename = "dcat-rdfxml")]
    DcatRdfXml,
    /// A dataset of a DCAT-US catalogue (Project Open Data, `data.json`).
    #[serde(rename = "dcat-us")]
    DcatUs,
    /// `csw:Record` or `oai_dc:dc`: elements of Dublin Core.
    #[serde(rename = "dublin-core")]
    DublinCore,
    /// A record of OGC API - Records, Part 1: a GeoJSON feature.
    #[serde(rename = "ogc-record")]
    OgcRecord,
    /// A collection of STAC.
    #[serde(rename = "stac-collection")]
    StacCollection,
    /// A row of an inventory in a spreadsheet: a JSON object of columns.
    #[serde(rename = "inventory-row")]
    InventoryRow,
}

impl RecordFormat {
    pub const ALL: [Self; 13] = [
        Self::UdataDataset,
        Self::UdataDataservice,
        Self::Iso19139,
        Self::Iso19115_3,
        Self::Opendatasoft,
        Self::CkanPackage,
        Self::Dcat,
        Self::DcatRdfXml,
        Self::DcatUs,
        Self::DublinCore,
        Self::OgcRecord,
        Self::StacCollection,
        Self::InventoryRow,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::UdataDataset => "udata-dataset",
            Self::UdataDataservice => "udata-dataservice",
            Self::Iso19139 => "iso19139",
            Self::Iso19115_3 => "iso19115-3",
            Self::Opendatasoft => "opendatasoft",
            Self::CkanPackage => "ckan-package",
            Self::Dcat => "dcat",
            Self::DcatRdfXml => "dcat-rdfxml",
            Self::DcatUs => "dcat-us",
            Self::DublinCore => "dublin-core",
            Self::OgcRecord => "ogc-record",
            Self::StacCollection => "stac-collection",
            Self::InventoryRow => "inventory-row",
        }
    }

    /// The media type of the bytes.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::UdataDataset
            | Self::UdataDataservice
            | Self::Opendatasoft
            | Self::CkanPackage
            | Self::DcatUs
            | Self::StacCollection
            | Self::InventoryRow => "application/json",
            Self::OgcRecord => "application/geo+json",
            Self::Iso19139 | Self::Iso19115_3 | Self::DublinCore => "application/xml",
            Self::DcatRdfXml => "application/rdf+xml",
            Self::Dcat => "application/n-quads",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }
}

/// One metadata record as the source sent it. A clone shares the bytes.
#[derive(Debug, Clone)]
pub struct RawRecord {
    pub id: RecordId,
    pub format: RecordFormat,
    pub body: Bytes,
}

impl RawRecord {
    /// The checksum that says whether the record changed: of its format and of its bytes.
    pub fn checksum(&self) -> Checksum {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.format.as_str().as_bytes());
        hasher.update(&[0]);
        hasher.update(&self.body);
        Checksum::from_hasher(&hasher)
    }
}

/// The first 128 bits of a BLAKE3 hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Checksum([u8; 16]);

impl Checksum {
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(bytes);
        Self::from_hasher(&hasher)
    }

    fn from_hasher(hasher: &blake3::Hasher) -> Self {
        let mut checksum = [0; 16];
        checksum.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(checksum)
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// `None` unless the slice has 16 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_ids_are_file_names_and_nothing_else() {
        for good in ["geo2france", "data-gouv-hdf", "9portail"] {
            assert!(SourceId::new(good).is_ok(), "{good}");
        }
        for bad in ["", "Géo", "../x", "a b", "-a", "a/b", &"x".repeat(65)] {
            assert!(SourceId::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_same_bytes_in_another_format_are_another_record() {
        let record = |format| RawRecord {
            id: RecordId::new("1"),
            format,
            body: Bytes::from_static(b"{}"),
        };
        assert_ne!(
            record(RecordFormat::UdataDataset).checksum(),
            record(RecordFormat::UdataDataservice).checksum()
        );
    }
}
