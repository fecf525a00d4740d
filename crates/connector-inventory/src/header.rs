//! Where the table begins in a sheet, and what its columns are. Titles, logos and explanations stand above many a table.

use std::collections::BTreeMap;

use model::ReadError;

use crate::columns::{Column, by_header};
use crate::grid::{Cell, Grid};
use crate::words::fold;

/// Rows in which the header is looked for.
pub const SEARCHED: u32 = 30;
/// A longer cell is no header.
const MAX_HEADER: usize = 120;
/// Headers that name a thing, of whatever kind: they need others beside them.
const WEAK: [&str; 6] = [
    "nom",
    "name",
    "intitule",
    "libelle",
    "donnee",
    "jeu de donnees",
];

#[derive(Debug)]
pub struct Header {
    /// From 0.
    pub row: u32,
    pub columns: BTreeMap<u32, Heading>,
}

#[derive(Debug)]
pub struct Heading {
    /// As the sheet has it.
    pub text: String,
    pub meaning: Option<&'static Column>,
}

impl Header {
    /// How many columns are understood.
    pub fn recognised(&self) -> usize {
        self.columns
            .values()
            .filter(|heading| heading.meaning.is_some())
            .count()
    }

    /// The first column of this name.
    pub fn column(&self, key: &str) -> Option<u32> {
        let is = |heading: &Heading| heading.meaning.is_some_and(|column| column.key == key);
        self.columns
            .iter()
            .find(|(_, heading)| is(heading))
            .map(|(column, _)| *column)
    }
}

/// The row that has the most headers of an inventory, the first one of several.
pub fn find(grid: &Grid) -> Option<Header> {
    let rows = grid.rows.range(..SEARCHED);
    let headers = rows.filter_map(|(row, cells)| read(*row, cells));
    headers.reduce(|best, other| {
        if other.recognised() > best.recognised() {
            other
        } else {
            best
        }
    })
}

fn read(row: u32, cells: &BTreeMap<u32, Cell>) -> Option<Header> {
    let heading = |cell: &Cell| Heading {
        text: cell.text.split_whitespace().collect::<Vec<_>>().join(" "),
        meaning: Some(&cell.text)
            .filter(|text| text.len() <= MAX_HEADER)
            .and_then(|text| by_header(text)),
    };
    let mut columns: BTreeMap<u32, Heading> = cells
        .iter()
        .map(|(column, cell)| (*column, heading(cell)))
        .collect();
    // In exports of udata, the address of a dataset is that of its page.
    if columns.values().any(|heading| heading.text == "slug") {
        for heading in columns.values_mut().filter(|heading| heading.text == "url") {
            heading.meaning = by_header("landing_page");
        }
    }
    let header = Header { row, columns };
    let title = header.columns.get(&header.column("title")?)?;
    let beside = ["title", "identifier", "links"];
    let telling = header
        .columns
        .values()
        .filter_map(|heading| heading.meaning)
        .filter(|column| !beside.contains(&column.key))
        .count();
    let weak = WEAK.contains(&fold(&title.text).as_str());
    let enough = telling >= if weak { 2 } else { 1 } || (!weak && header.recognised() >= 2);
    enough.then_some(header)
}

/// Tables that have a title too, and are none of datasets.
const FOREIGN: [(&str, &str); 4] = [
    (
        "dataset.id",
        "files, one a row; export its datasets instead",
    ),
    ("members_count", "organisations"),
    ("base_api_url", "data services"),
    ("remote_url", "reuses"),
];

/// Refuses an export of a portal that lists something else.
pub fn refuse_foreign(header: &Header) -> Result<(), ReadError> {
    let found = FOREIGN
        .iter()
        .find(|(name, _)| header.columns.values().any(|heading| heading.text == *name));
    match found {
        Some((name, what)) => Err(ReadError::Unexpected(format!(
            "the table is no inventory of datasets: by its column `{name}` it lists {what}"
        ))),
        None => Ok(()),
    }
}
