#![doc = include_str!("../README.md")]

mod answer;
mod config;
mod connector;
mod cursor;
mod query;
#[cfg(test)]
mod tests;

pub use config::{Config, Sending};
pub use connector::Sparql;
