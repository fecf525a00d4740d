#![doc = include_str!("../README.md")]

mod capabilities;
mod condition;
mod config;
mod connector;
mod exception;
mod page;
mod paging;
mod plan;
mod position;
mod record;
#[cfg(test)]
mod tests;

pub use config::{Binding, Config, Prefer};
pub use connector::Csw;
