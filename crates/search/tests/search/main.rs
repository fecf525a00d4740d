//! The index as those who use it see it.

mod catalogue;
mod filters;
mod french;
mod order;
mod random;
mod writing;
