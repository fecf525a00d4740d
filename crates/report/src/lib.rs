#![doc = include_str!("../README.md")]

mod atom;
mod cause;
mod change;
mod csv;
mod gather;
mod html;
mod json;
mod mail;
mod notice;
mod rule;
mod shown;
mod text;
mod turtle;
mod words;

pub use change::{Change, Moved, note};
pub use gather::{Card, Example, Records, Report, Rule, gather};
pub use lettre::message::Mailbox;
pub use mail::{Letter, MailError, MailSettings, Mailer, address, letter};
pub use notice::{Notice, When, decide};
pub use words::Lang;

pub use atom::atom;
pub use csv::csv;
pub use html::{content, page, plain};
pub use json::json;
pub use turtle::turtle;

/// Parts of a report that is written while it is read, so that it may be of any length.
pub type Parts = futures::stream::BoxStream<'static, Result<bytes::Bytes, ReportError>>;

#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error(transparent)]
    Archive(#[from] archive::ArchiveError),
    #[error("the report cannot be written: {0}")]
    Write(#[from] std::io::Error),
    #[error("the report cannot be written: {0}")]
    Csv(#[from] ::csv::Error),
    #[error("the report cannot be rendered: {0:#}")]
    Template(#[from] minijinja::Error),
}
