#![doc = include_str!("../README.md")]

mod config;
mod connector;
mod document;
#[cfg(test)]
mod tests;

pub use config::Config;
pub use connector::DataJson;
