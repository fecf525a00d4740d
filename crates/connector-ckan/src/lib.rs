#![doc = include_str!("../README.md")]

mod answer;
mod config;
mod connector;
mod cursor;
mod next;
#[cfg(test)]
mod tests;

pub use config::Config;
pub use connector::Ckan;
