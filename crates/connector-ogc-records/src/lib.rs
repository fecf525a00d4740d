#![doc = include_str!("../README.md")]

mod address;
mod answer;
mod config;
mod connector;
mod cursor;
#[cfg(test)]
mod tests;

pub use config::Config;
pub use connector::OgcRecords;
