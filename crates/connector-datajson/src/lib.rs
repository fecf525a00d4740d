#![doc = include_str!("../README.md")]

mod config;
mod connector;
mod document;
#[cfg(test)]
mod tests;

pub use config::{Config, ConfigError};
pub use connector::DataJson;
