//! A sheet as rows of the cells that say something, within limits: what a spreadsheet may hold is far more than an inventory.

use std::collections::BTreeMap;

use model::ReadError;

/// Rows that say something.
pub const MAX_ROWS: usize = 100_000;
/// Columns that are looked at.
pub const MAX_COLUMNS: u32 = 500;
/// Characters of a cell: what a spreadsheet program allows.
pub const MAX_CELL: usize = 32_767;
const MAX_CELLS: usize = 2_000_000;
const MAX_TEXT: usize = 128 * 1024 * 1024;
const MAX_MERGES: usize = 20_000;
const MAX_LINKS: usize = 50_000;
/// Bytes of an address.
const MAX_LINK: usize = 8 * 1024;
/// Places that are kept of what was cut, for findings.
const MAX_CUTS: usize = 200;

#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub kind: Kind,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Date,
    /// A formula that has no result: `#REF!`.
    Error,
}

/// Cells shown as one; its value stands in the first one. Rows and columns from 0, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merge {
    pub rows: (u32, u32),
    pub columns: (u32, u32),
}

#[derive(Debug, Default)]
pub struct Grid {
    /// By row and column, from 0.
    pub rows: BTreeMap<u32, BTreeMap<u32, Cell>>,
    pub merges: Vec<Merge>,
    /// The web addresses that cells lead to, where they show another text.
    pub links: BTreeMap<(u32, u32), String>,
    /// Cells that were longer than [`MAX_CELL`].
    pub cut: Vec<(u32, u32)>,
    /// Whether there were cells beyond [`MAX_COLUMNS`].
    pub wide: bool,
    cells: usize,
    text: usize,
}

impl Grid {
    /// Adds a cell, unless it says nothing.
    pub fn put(&mut self, row: u32, column: u32, kind: Kind, text: &str) -> Result<(), ReadError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        if column >= MAX_COLUMNS {
            self.wide = true;
            return Ok(());
        }
        let end = text.char_indices().nth(MAX_CELL).map(|(at, _)| at);
        if end.is_some() && self.cut.len() < MAX_CUTS {
            self.cut.push((row, column));
        }
        let text = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
        self.cells += 1;
        self.text += text.len();
        if self.cells > MAX_CELLS || self.text > MAX_TEXT {
            return Err(too_large("more text than an inventory has"));
        }
        let kind = if is_error(text) { Kind::Error } else { kind };
        let cell = Cell {
            kind,
            text: text.to_owned(),
        };
        self.rows.entry(row).or_default().insert(column, cell);
        if self.rows.len() > MAX_ROWS {
            return Err(too_large(&format!("more than {MAX_ROWS} rows")));
        }
        Ok(())
    }

    pub fn link(&mut self, row: u32, column: u32, target: &str) {
        let web = target.starts_with("http://") || target.starts_with("https://");
        if web && target.len() <= MAX_LINK && self.links.len() < MAX_LINKS && column < MAX_COLUMNS {
            self.text += target.len();
            self.links.insert((row, column), target.to_owned());
        }
    }

    /// Its first rows alone.
    pub fn beginning(&self, rows: u32) -> Self {
        let first = self.rows.range(..rows);
        Self {
            rows: first.map(|(row, cells)| (*row, cells.clone())).collect(),
            ..Self::default()
        }
    }

    /// What it takes of memory, roughly.
    pub fn weight(&self) -> usize {
        self.text.saturating_add(self.cells.saturating_mul(64))
    }

    pub fn merge(&mut self, merge: Merge) {
        if self.merges.len() < MAX_MERGES && merge.columns.0 < MAX_COLUMNS {
            self.merges.push(merge);
        }
    }
}

/// Refuses sheets that are each within limits and not so together.
pub fn check_weight(weight: usize) -> Result<(), ReadError> {
    match weight > MAX_TEXT + MAX_CELLS * 64 {
        true => Err(too_large("more text than an inventory has")),
        false => Ok(()),
    }
}

fn too_large(what: &str) -> ReadError {
    ReadError::Unexpected(format!(
        "the sheet has {what}; split it into several files, and delete what is no row of the inventory"
    ))
}

/// What spreadsheet programs show for a formula without a result, also once it was exported as text.
fn is_error(text: &str) -> bool {
    const ERRORS: [&str; 9] = [
        "#REF!", "#NAME?", "#NOM?", "#VALUE!", "#VALEUR!", "#DIV/0!", "#N/A", "#NULL!", "#NUM!",
    ];
    let code = text
        .strip_prefix("Err:")
        .or_else(|| text.strip_prefix("Erreur :"));
    ERRORS.contains(&text)
        || code.is_some_and(|code| {
            let code = code.trim();
            code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit())
        })
}

/// A number as it is shown without a format.
pub fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        // It is whole and small enough to be exact.
        format!("{}", value as i64)
    } else {
        format!("{value}")
    }
}

/// The letters of a column: A, B… Z, AA.
pub fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    loop {
        letters.push(b'A' + u8::try_from(rest % 26).unwrap_or_default());
        rest /= 26;
        if rest == 0 {
            break;
        }
        rest -= 1;
    }
    letters
        .iter()
        .rev()
        .map(|letter| char::from(*letter))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_letters_of_spreadsheets() {
        for (column, wanted) in [
            (0, "A"),
            (2, "C"),
            (25, "Z"),
            (26, "AA"),
            (701, "ZZ"),
            (702, "AAA"),
            (16_383, "XFD"),
        ] {
            assert_eq!(letters(column), wanted);
        }
    }

    #[test]
    fn numbers_of_many_digits_keep_them() {
        assert_eq!(number(22_590_001_800_013.0), "22590001800013");
        assert_eq!(number(2.5), "2.5");
        assert_eq!(number(-3.0), "-3");
    }

    #[test]
    fn a_sheet_is_bounded() {
        let mut grid = Grid::default();
        for row in 0..100_000 {
            grid.put(row, 0, Kind::Text, "x").expect("a row");
        }
        assert!(grid.put(100_000, 0, Kind::Text, " ").is_ok());
        assert!(grid.put(100_000, 0, Kind::Text, "x").is_err());
        let mut grid = Grid::default();
        grid.put(0, 600, Kind::Text, "x").expect("a cell");
        assert!(grid.wide && grid.rows.is_empty());
        grid.put(0, 0, Kind::Text, &"é".repeat(40_000))
            .expect("a cell");
        assert_eq!(grid.cut, [(0, 0)]);
    }
}
