//! A file with sheets, whatever its format.

use model::ReadError;

use crate::grid::Grid;
use crate::ods::OdsFile;
use crate::package::{self, Kind};
use crate::table::CsvFile;
use crate::xlsx::XlsxFile;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Empty where the file is one table without a name.
    pub name: String,
    pub hidden: bool,
}

pub trait Workbook {
    fn sheets(&self) -> &[Sheet];

    /// The sheet's cells in its first rows, this many.
    fn grid(&mut self, name: &str, rows: u32) -> Result<Grid, ReadError>;

    /// Whether cells are told apart by separators, so that a stray one shifts those behind it.
    fn is_text(&self) -> bool {
        false
    }

    /// Whether the text had to be read in another charset than UTF-8.
    fn recoded(&self) -> bool {
        false
    }
}

/// Opens what the bytes are, whatever the file is called.
pub fn open(body: &[u8]) -> Result<Box<dyn Workbook + '_>, ReadError> {
    if body.starts_with(b"PK\x03\x04") || body.starts_with(b"PK\x05\x06") {
        return Ok(match package::inspect(body)? {
            Kind::Xlsx => Box::new(XlsxFile::open(body)?),
            Kind::Ods => Box::new(OdsFile::open(body)?),
        });
    }
    if body.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(ReadError::Unexpected(
            "the file is of the old format .xls, or protected by a password: save it as .xlsx without a password"
                .to_owned(),
        ));
    }
    Ok(Box::new(CsvFile::open(body)?))
}
