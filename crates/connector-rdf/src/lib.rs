#![doc = include_str!("../README.md")]

mod config;
mod connector;
mod cursor;
mod hydra;
mod next;
#[cfg(test)]
mod tests;

pub use config::Config;
pub use connector::Rdf;
