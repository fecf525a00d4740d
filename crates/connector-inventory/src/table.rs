//! CSV, in whatever charset and with whatever separator.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use model::ReadError;

use crate::grid::{Grid, Kind, MAX_COLUMNS};
use crate::header;
use crate::workbook::{Sheet, Workbook};

const SEPARATORS: [u8; 4] = [b';', b',', b'\t', b'|'];

pub struct CsvFile<'b> {
    text: Cow<'b, str>,
    separator: u8,
    recoded: bool,
    sheets: [Sheet; 1],
}

impl<'b> CsvFile<'b> {
    pub fn open(body: &'b [u8]) -> Result<Self, ReadError> {
        let (text, recoded) = decode(body);
        let start = text.trim_start();
        if start.starts_with('<') {
            let beginning: String = start.chars().take(80).collect();
            return Err(ReadError::Unexpected(format!(
                "a page of HTML or XML came instead of a spreadsheet; it begins with `{beginning}`"
            )));
        }
        if text.contains('\0') {
            return Err(ReadError::Unexpected(
                "the file is no spreadsheet: save it as .xlsx, .ods or .csv".to_owned(),
            ));
        }
        let separator = separator(&text)?;
        Ok(Self {
            text,
            separator,
            recoded,
            sheets: [Sheet {
                name: String::new(),
                hidden: false,
            }],
        })
    }
}

impl Workbook for CsvFile<'_> {
    fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    fn grid(&mut self, _: &str, rows: u32) -> Result<Grid, ReadError> {
        grid(&self.text, self.separator, rows)
    }

    fn is_text(&self) -> bool {
        true
    }

    fn recoded(&self) -> bool {
        self.recoded
    }
}

/// By BOM; as UTF-8 if the bytes are that; else as spreadsheet programs of western Europe write. The second is whether it is neither
/// of the first two.
fn decode(body: &[u8]) -> (Cow<'_, str>, bool) {
    if let Some((encoding, length)) = Encoding::for_bom(body) {
        let rest = body.get(length..).unwrap_or_default();
        let (text, broken) = encoding.decode_without_bom_handling(rest);
        if !broken || encoding != UTF_8 {
            return (text, broken);
        }
    }
    match std::str::from_utf8(body) {
        Ok(text) => (Cow::Borrowed(text), false),
        Err(_) => {
            let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
            (WINDOWS_1252.decode_without_bom_handling(body).0, true)
        }
    }
}

/// The separator by which the most columns of an inventory are found; else by which the first rows have the most cells.
fn separator(text: &str) -> Result<u8, ReadError> {
    let mut best = (0, 0, b';');
    for separator in SEPARATORS {
        // A quote that is never closed shows when the whole file is read, with its line.
        let Ok(grid) = read(text, separator, header::SEARCHED) else {
            continue;
        };
        let found = header::find(&grid).map_or(0, |header| header.recognised());
        let cells = grid.rows.values().map(|row| row.len()).max().unwrap_or(0);
        if (found, cells) > (best.0, best.1) {
            best = (found, cells, separator);
        }
    }
    Ok(best.2)
}

fn grid(text: &str, separator: u8, rows: u32) -> Result<Grid, ReadError> {
    let grid = read(text, separator, rows)?;
    // A quote that opens and never closes swallows the rest of the file.
    let unpaired = text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;
    let last = grid.rows.iter().next_back();
    if unpaired
        && let Some((row, cells)) = last
        && cells
            .iter()
            .next_back()
            .is_some_and(|(_, cell)| cell.text.contains('\n'))
    {
        return Err(ReadError::Malformed {
            message: "a quotation mark opens a cell and none closes it: the rows behind it cannot be told apart".to_owned(),
            at: Some(format!("row {}", row + 1)),
        });
    }
    Ok(grid)
}

fn read(text: &str, separator: u8, rows: u32) -> Result<Grid, ReadError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut grid = Grid::default();
    let mut record = csv::StringRecord::new();
    // Lines up to a byte of the text; of these, the ones within quotation marks are none of the sheet.
    let (mut scanned, mut lines, mut within) = (0, 0, 0);
    loop {
        let more = reader
            .read_record(&mut record)
            .map_err(|error| ReadError::Malformed {
                message: format!("the file is no CSV: {error}"),
                at: None,
            })?;
        if !more {
            return Ok(grid);
        }
        let begins = record.position().map_or(0, csv::Position::byte);
        let begins = usize::try_from(begins).unwrap_or(usize::MAX);
        // Empty lines, and what is left of the end of the last one, come before the row.
        let rest = text.as_bytes().get(begins..).unwrap_or_default();
        let empty = rest
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let start = begins.saturating_add(empty);
        lines += line_ends(text.as_bytes().get(scanned..start).unwrap_or_default());
        scanned = start;
        let row = u32::try_from(lines.saturating_sub(within)).unwrap_or(u32::MAX);
        if row >= rows {
            return Ok(grid);
        }
        for (column, cell) in record.iter().enumerate() {
            within += line_ends(cell.as_bytes());
            let column = u32::try_from(column).unwrap_or(MAX_COLUMNS);
            grid.put(row, column, Kind::Text, cell)?;
        }
    }
}

/// `\n`, `\r\n` and `\r` each end a line.
fn line_ends(bytes: &[u8]) -> usize {
    let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    ends.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(body: &[u8]) -> Vec<(u32, Vec<String>)> {
        let mut file = CsvFile::open(body).expect("a table");
        let grid = file.grid("", u32::MAX).expect("cells");
        let texts = |row: &std::collections::BTreeMap<u32, crate::grid::Cell>| {
            row.values().map(|cell| cell.text.clone()).collect()
        };
        grid.rows
            .iter()
            .map(|(row, cells)| (*row, texts(cells)))
            .collect()
    }

    #[test]
    fn separators_and_charsets_are_found() {
        let wanted = vec![
            (0, vec!["Titre".to_owned(), "Résumé".to_owned()]),
            (1, vec!["Eau, bois".to_owned(), "à faire".to_owned()]),
        ];
        assert_eq!(rows("Titre;Résumé\nEau, bois;à faire\n".as_bytes()), wanted);
        assert_eq!(
            rows("\u{feff}Titre,Résumé\r\n\"Eau, bois\",à faire".as_bytes()),
            wanted
        );
        assert_eq!(rows("Titre\tRésumé\nEau, bois\tà faire".as_bytes()), wanted);
        assert_eq!(rows(b"Titre;R\xE9sum\xE9\nEau, bois;\xE0 faire"), wanted);
        let wide: Vec<u8> = "\u{feff}Titre;Résumé\nEau, bois;à faire"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(rows(&wide), wanted);
    }

    #[test]
    fn rows_are_counted_as_a_spreadsheet_shows_them() {
        let found = rows("Titre;Service\n\n\"a\nb\nc\";x\nd;y\n".as_bytes());
        let numbers: Vec<u32> = found.iter().map(|(row, _)| *row).collect();
        assert_eq!(numbers, [0, 2, 3]);
        for end in ["\n", "\r\n", "\r"] {
            let text = "Titre;Service\n\n\"a\nb\";x\nd;y\n\ne;z".replace('\n', end);
            let found = rows(text.as_bytes());
            let numbers: Vec<u32> = found.iter().map(|(row, _)| *row).collect();
            assert_eq!(numbers, [0, 2, 3, 5], "{end:?}");
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_is_named() {
        let mut file = CsvFile::open("Titre;Service\n\"a;x\nb;y\n".as_bytes()).expect("a table");
        assert!(matches!(
            file.grid("", u32::MAX),
            Err(ReadError::Malformed { at: Some(at), .. }) if at == "row 2"
        ));
        // An inch within a cell is none.
        assert_eq!(rows("Titre;Service\nÉcran 12\";x\n".as_bytes()).len(), 2);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for body in [&b"<!DOCTYPE html>"[..], b"\x89PNG\0\0\0", b"  \n<rdf/>"] {
            assert!(CsvFile::open(body).is_err());
        }
        assert!(rows(b"").is_empty());
    }
}
