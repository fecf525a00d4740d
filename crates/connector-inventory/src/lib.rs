#![doc = include_str!("../README.md")]

mod columns;
mod config;
mod connector;
mod grid;
mod header;
mod ods;
mod package;
mod row;
mod sheet;
mod table;
mod words;
mod workbook;
mod xlsx;

pub use columns::{
    COLUMNS, Column, DATA_SHEET, Kind, LISTS_SHEET, NOTICE_SHEET, STATUSES, by_key, is_internal,
};
pub use config::Config;
pub use connector::Inventory;
