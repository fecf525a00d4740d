#![doc = include_str!("../README.md")]

mod answer;
mod config;
mod connector;
mod formats;
mod paging;
mod position;
mod record;
mod recovery;
mod salvage;
#[cfg(test)]
mod tests;

pub use config::Config;
pub use connector::OaiPmh;
