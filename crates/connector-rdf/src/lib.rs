#![doc = include_str!("../README.md")]

mod config;
mod connector;
mod cursor;
mod hydra;
mod next;
#[cfg(test)]
mod tests;

pub use config::{Config, ConfigError};
pub use connector::Rdf;
