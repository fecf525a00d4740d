//! The kinds of source. To add one: a variant, its arm, and its name in [`CONNECTORS`]; CONTRIBUTING has the other steps.

use model::{ConfigError, Connector};
use serde::Deserialize;

/// The table `[connector.NAME]` of a source's file.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectorConfig {
    Ckan(connector_ckan::Config),
    Csw(connector_csw::Config),
    #[serde(rename = "datajson")]
    DataJson(connector_datajson::Config),
    Inventory(connector_inventory::Config),
    Ldes(connector_ldes::Config),
    OaiPmh(connector_oai_pmh::Config),
    OgcRecords(connector_ogc_records::Config),
    Opendatasoft(connector_opendatasoft::Config),
    Rdf(connector_rdf::Config),
    Sparql(connector_sparql::Config),
    Udata(connector_udata::Config),
}

/// The names of the kinds of source, as they stand in configuration files.
pub const CONNECTORS: [&str; 11] = [
    "ckan",
    "csw",
    "datajson",
    "inventory",
    "ldes",
    "oai-pmh",
    "ogc-records",
    "opendatasoft",
    "rdf",
    "sparql",
    "udata",
];

impl ConnectorConfig {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ckan(_) => "ckan",
            Self::Csw(_) => "csw",
            Self::DataJson(_) => "datajson",
            Self::Inventory(_) => "inventory",
            Self::Ldes(_) => "ldes",
            Self::OaiPmh(_) => "oai-pmh",
            Self::OgcRecords(_) => "ogc-records",
            Self::Opendatasoft(_) => "opendatasoft",
            Self::Rdf(_) => "rdf",
            Self::Sparql(_) => "sparql",
            Self::Udata(_) => "udata",
        }
    }

    pub fn build(self) -> Result<Box<dyn Connector>, ConfigError> {
        Ok(match self {
            Self::Ckan(config) => Box::new(connector_ckan::Ckan::new(config)?),
            Self::Csw(config) => Box::new(connector_csw::Csw::new(config)?),
            Self::DataJson(config) => Box::new(connector_datajson::DataJson::new(config)?),
            Self::Inventory(config) => Box::new(connector_inventory::Inventory::new(config)?),
            Self::Ldes(config) => Box::new(connector_ldes::Ldes::new(config)?),
            Self::OaiPmh(config) => Box::new(connector_oai_pmh::OaiPmh::new(config)?),
            Self::OgcRecords(config) => Box::new(connector_ogc_records::OgcRecords::new(config)?),
            Self::Opendatasoft(config) => {
                Box::new(connector_opendatasoft::Opendatasoft::new(config)?)
            }
            Self::Rdf(config) => Box::new(connector_rdf::Rdf::new(config)?),
            Self::Sparql(config) => Box::new(connector_sparql::Sparql::new(config)?),
            Self::Udata(config) => Box::new(connector_udata::Udata::new(config)?),
        })
    }
}
