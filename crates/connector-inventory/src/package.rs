//! The ZIP package that XLSX and ODS are, looked through before it is opened: what is small may be enormous once inflated.

use std::io::{Cursor, Read};

use model::ReadError;
use zip::ZipArchive;

/// Entries of a package.
const MAX_ENTRIES: usize = 5_000;
/// Inflated bytes of the sheets of XLSX, which are read as a stream.
const MAX_SHEETS: u64 = 512 * 1024 * 1024;
/// Inflated bytes of any other part: texts, styles, relations; the sheets of ODS.
const MAX_PART: u64 = 64 * 1024 * 1024;
/// Of all these together.
const MAX_PARTS: u64 = 192 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Xlsx,
    Ods,
}

/// What a package is, once each part has been inflated to nowhere. What the package says of the sizes is
/// not relied upon.
pub fn inspect(body: &[u8]) -> Result<Kind, ReadError> {
    let mut archive = ZipArchive::new(Cursor::new(body)).map_err(|error| broken(&error))?;
    if archive.len() > MAX_ENTRIES {
        return Err(ReadError::Unexpected(format!(
            "the file is a ZIP with {} entries: that is no spreadsheet",
            archive.len()
        )));
    }
    let mut kind = None;
    let (mut sheets, mut parts) = (0_u64, 0_u64);
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| broken(&error))?;
        let name = entry
            .name()
            .map_err(|error| broken(&error))?
            .to_ascii_lowercase();
        match name.as_str() {
            "xl/workbook.xml" => kind = Some(Kind::Xlsx),
            "content.xml" if kind.is_none() => kind = Some(Kind::Ods),
            _ => {}
        }
        // A relation may name any part as a sheet: none is passed over.
        let sheet = name.starts_with("xl/worksheets/") && name.ends_with(".xml");
        let left = if sheet {
            MAX_SHEETS.saturating_sub(sheets)
        } else {
            MAX_PART.min(MAX_PARTS.saturating_sub(parts))
        };
        let inflated = std::io::copy(&mut entry.take(left + 1), &mut std::io::sink())
            .map_err(|error| broken(&error))?;
        if inflated > left {
            return Err(ReadError::Unexpected(format!(
                "the file is far greater once unpacked than an inventory is (`{name}`): copy its rows into a new file, without the empty formatted ones"
            )));
        }
        *if sheet { &mut sheets } else { &mut parts } += inflated;
    }
    kind.ok_or_else(|| {
        ReadError::Unexpected(
            "the file is a ZIP, and no spreadsheet: save it as .xlsx, .ods or .csv".to_owned(),
        )
    })
}

pub fn broken(error: &dyn std::fmt::Display) -> ReadError {
    ReadError::Malformed {
        message: format!("the spreadsheet cannot be unpacked: {error}"),
        at: None,
    }
}
