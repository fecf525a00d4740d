#![doc = include_str!("../README.md")]

mod closure;
mod contexts;
mod decode;
mod document;
mod graph;
mod jsonld;
mod label;
mod notes;
mod prefixes;
mod split;
mod syntax;
#[cfg(test)]
mod tests;
mod turtle;
mod xml;

pub use document::{Document, Source};
pub use graph::{Graph, Statement};
pub use notes::Notes;
pub use split::{Kind, Piece, Split};
pub use syntax::Syntax;
