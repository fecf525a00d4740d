#![doc = include_str!("../README.md")]

mod address;
mod compose;
mod extent;
mod facts;
mod identifier;
mod judge;
mod keys;
mod organisation;
mod own;
mod pair;
mod partition;
mod stated;
mod text;
mod title;

pub use address::{page, resource};
pub use compose::{Composed, Statement, compose, rebase};
pub use extent::Extent;
pub use facts::{Facts, Key, KeyKind};
pub use identifier::global;
pub use judge::{Evidence, Rule, Verdict, judge};
pub use own::{own_iri, own_service};
pub use pair::{contradict, may_be_twice};
pub use partition::{Edge, Node, Will, partition};
pub use text::Text;
pub use title::{fold_title, likeness, signatures};
