//! Sources that are broken or mean harm, over real sockets: a run ends within seconds, says why, and takes nothing
//! out of the catalogue that was there before.

#[path = "../instance/mod.rs"]
mod instance;
mod server;
mod world;

mod answers;
mod faults;
mod pages;
mod records;
