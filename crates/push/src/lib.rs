#![doc = include_str!("../README.md")]

mod csw;
mod failure;
mod graph_store;
mod report;
mod run;
mod select;
mod sender;
mod target;
mod update;

pub use csw::CswTarget;
pub use failure::Failure;
pub use graph_store::GraphStoreTarget;
pub use report::{Action, Report, Told, Work};
pub use run::{Guard, Job, PushError, push};
pub use select::Selection;
pub use sender::Sender;
pub use target::{Catalogue, Item, Target};
pub use update::UpdateTarget;
