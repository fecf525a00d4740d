#![doc = include_str!("../README.md")]

mod address;
mod compose;
mod extent;
mod facts;
mod identifier;
mod judge;
mod own;
mod partition;
mod title;

pub use address::{page, resource};
pub use compose::{Composed, Statement, compose, rebase};
pub use extent::Extent;
pub use facts::{Facts, Key, KeyKind};
pub use identifier::global;
pub use judge::{Evidence, Rule, Verdict, judge};
pub use own::own_iri;
pub use partition::{Edge, Node, Will, partition};
pub use title::{fold_title, likeness, signatures};
