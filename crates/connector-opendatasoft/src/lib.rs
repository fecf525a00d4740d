#![doc = include_str!("../README.md")]

mod config;
mod connector;
mod listing;
mod next;
mod paging;
#[cfg(test)]
mod tests;

pub use config::{Config, ConfigError, Facets, Values};
pub use connector::Opendatasoft;
