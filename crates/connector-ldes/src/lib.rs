#![doc = include_str!("../README.md")]

mod config;
mod connector;
mod cursor;
mod member;
mod node;
#[cfg(test)]
mod tests;

pub use config::Config;
pub use connector::Ldes;
