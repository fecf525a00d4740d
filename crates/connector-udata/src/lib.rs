#![doc = include_str!("../README.md")]

mod config;
mod connector;
mod listing;
mod next;
mod paging;
#[cfg(test)]
mod tests;

pub use config::Config;
pub use connector::Udata;
