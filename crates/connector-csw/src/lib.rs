#![doc = include_str!("../README.md")]

mod capabilities;
mod config;
mod connector;
mod decode;
mod exception;
mod page;
mod paging;
mod plan;
mod position;
mod record;
#[cfg(test)]
mod tests;
mod xml;

pub use config::{Binding, Config, ConfigError, Prefer};
pub use connector::Csw;
