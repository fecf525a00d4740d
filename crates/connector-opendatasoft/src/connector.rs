//! The crawl.

use model::{Checkpoint, Connector, Coverage, Page, ReadError, Request, Response};

use crate::{Config, ConfigError};

#[derive(Debug, Clone)]
pub struct Opendatasoft {
    #[expect(dead_code)]
    config: Config,
}

impl Opendatasoft {
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        Ok(Self { config })
    }
}

impl Connector for Opendatasoft {
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
