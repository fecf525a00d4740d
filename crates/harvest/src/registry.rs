//! The kinds of source. To add one: a variant, its arm, and its name in [`CONNECTORS`]; CONTRIBUTING has the other steps.

use model::Connector;
use serde::Deserialize;

/// The table `[connector.NAME]` of a source's file.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectorConfig {
    Csw(connector_csw::Config),
    Udata(connector_udata::Config),
}

/// The names of the kinds of source, as they stand in configuration files.
pub const CONNECTORS: [&str; 2] = ["csw", "udata"];

#[derive(Debug, thiserror::Error)]
pub enum ConnectorError {
    #[error(transparent)]
    Csw(#[from] connector_csw::ConfigError),
    #[error(transparent)]
    Udata(#[from] connector_udata::ConfigError),
}

impl ConnectorConfig {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Csw(_) => "csw",
            Self::Udata(_) => "udata",
        }
    }

    pub fn build(self) -> Result<Box<dyn Connector>, ConnectorError> {
        Ok(match self {
            Self::Csw(config) => Box::new(connector_csw::Csw::new(config)?),
            Self::Udata(config) => Box::new(connector_udata::Udata::new(config)?),
        })
    }
}
