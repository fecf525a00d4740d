#![doc = include_str!("../README.md")]

mod csw;
mod portal;
mod udata;
mod world;

pub use csw::csw_portal;
pub use portal::{DemoError, Portal};
pub use udata::udata_portal;
pub use world::{Order, World, serve_world};
