#![doc = include_str!("../README.md")]

mod config;
mod connector;

pub use config::{Config, ConfigError};
pub use connector::Rdf;
