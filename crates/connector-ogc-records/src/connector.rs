//! The crawl.

use model::{Checkpoint, Connector, Coverage, Page, ReadError, Request, Response};

use crate::{Config, ConfigError};

#[derive(Debug, Clone)]
pub struct OgcRecords {
    #[expect(dead_code)]
    config: Config,
}

impl OgcRecords {
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        Ok(Self { config })
    }
}

impl Connector for OgcRecords {
    fn start(&self, _: Option<&Checkpoint>) -> Vec<Request> {
        Vec::new()
    }

    fn read(&self, _: &Response) -> Result<Page, ReadError> {
        Ok(Page::default())
    }

    fn coverage(&self, _: Option<&Checkpoint>) -> Coverage {
        Coverage::Full
    }
}
