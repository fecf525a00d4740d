//! ODS (OpenDocument 1.2, part 1, 9), as a stream: rows and cells are repeated by a number that the file chooses.

use std::io::{BufReader, Cursor, Read};

use model::ReadError;
use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use crate::grid::{Grid, Kind, MAX_CELL, MAX_COLUMNS, Merge, check_weight, number};
use crate::package::broken;
use crate::workbook::{Sheet, Workbook};

/// Elements nested deeper than in any document.
const MAX_DEPTH: usize = 256;
const MAX_SHEETS: usize = 1_000;
/// Times that a row with content is repeated: spreadsheet programs repeat equal rows.
const MAX_REPEATED: u32 = 1_000;

pub struct OdsFile {
    sheets: Vec<Sheet>,
    grids: Vec<Grid>,
}

impl OdsFile {
    /// All sheets are read at once: they stand in one part.
    pub fn open(body: &[u8]) -> Result<Self, ReadError> {
        let mut archive = ZipArchive::new(Cursor::new(body)).map_err(|error| broken(&error))?;
        let content = archive
            .by_name("content.xml")
            .map_err(|error| broken(&error))?;
        read(BufReader::new(content))
    }
}

impl Workbook for OdsFile {
    fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    fn grid(&mut self, name: &str, rows: u32) -> Result<Grid, ReadError> {
        let at = self.sheets.iter().position(|sheet| sheet.name == name);
        let Some(grid) = at.and_then(|at| self.grids.get_mut(at)) else {
            return Ok(Grid::default());
        };
        if rows < u32::MAX {
            // A look at its beginning.
            return Ok(grid.beginning(rows));
        }
        Ok(std::mem::take(grid))
    }
}

fn read(content: BufReader<impl Read>) -> Result<OdsFile, ReadError> {
    let mut reader = Reader::from_reader(content);
    let mut buffer = Vec::new();
    let mut state = State::default();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(|error| {
            let at = format!("byte {} of content.xml", reader.error_position());
            malformed(
                format!("its content is not well-formed XML, or protected by a password: {error}"),
                at,
            )
        })?;
        match event {
            Event::Start(element) => {
                state.depth += 1;
                if state.depth > MAX_DEPTH {
                    let at = format!("byte {} of content.xml", reader.buffer_position());
                    return Err(malformed(
                        format!("elements nest more than {MAX_DEPTH} deep"),
                        at,
                    ));
                }
                state.open(&element)?;
            }
            Event::Empty(element) => {
                state.depth += 1;
                state.open(&element)?;
                state.close(element.local_name().as_ref())?;
                state.depth -= 1;
            }
            Event::End(element) => {
                state.close(element.local_name().as_ref())?;
                state.depth = state.depth.saturating_sub(1);
            }
            Event::Text(words) => state.text(&words.xml10_content()),
            Event::CData(words) => state.text(&words.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => state.text(character.encode_utf8(&mut [0; 4])),
                _ => state.text(
                    resolve_predefined_entity(&reference.xml10_content()).unwrap_or_default(),
                ),
            },
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) => {}
        }
    }
    let State { sheets, grids, .. } = state;
    Ok(OdsFile { sheets, grids })
}

fn malformed(message: String, at: String) -> ReadError {
    ReadError::Malformed {
        message: format!("the spreadsheet cannot be read: {message}"),
        at: Some(at),
    }
}

#[derive(Default)]
struct State {
    depth: usize,
    sheets: Vec<Sheet>,
    grids: Vec<Grid>,
    /// Of all sheets that were read.
    weight: usize,
    /// Names of the styles of sheets that are not shown.
    hidden: Vec<String>,
    style: Option<String>,
    /// The depth of the table that is read: tables within cells are none of the sheet.
    table: Option<usize>,
    row: u32,
    column: u32,
    /// How often the row stands there, and its cells, which are put there once it is known that it ends.
    repeated: u32,
    cells: Vec<(u32, Kind, String)>,
    cell: Option<OpenCell>,
    /// The depth of a comment.
    aside: Option<usize>,
}

struct OpenCell {
    depth: usize,
    repeated: u32,
    kind: Kind,
    /// The value, where it is not what is shown.
    value: Option<String>,
    shown: String,
    link: Option<String>,
    paragraphs: u32,
}

impl State {
    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), ReadError> {
        match element.local_name().as_ref() {
            "style" => self.style = attribute(element, "name"),
            "table-properties" if attribute(element, "display").as_deref() == Some("false") => {
                self.hidden.extend(self.style.take());
            }
            "table" if self.table.is_none() => self.open_table(element)?,
            "table-row" if self.table.is_some() && self.cell.is_none() => {
                self.repeated = count(element, "number-rows-repeated");
                self.column = 0;
                self.cells.clear();
            }
            "table-cell" | "covered-table-cell" if self.table.is_some() && self.cell.is_none() => {
                self.open_cell(element);
            }
            "a" if self.aside.is_none() => {
                if let Some(cell) = self.cell.as_mut().filter(|cell| cell.link.is_none()) {
                    cell.link = attribute(element, "href");
                }
            }
            "annotation" if self.aside.is_none() => self.aside = Some(self.depth),
            "p" | "h" if self.aside.is_none() => {
                if let Some(cell) = &mut self.cell {
                    if cell.paragraphs > 0 {
                        cell.shown.push('\n');
                    }
                    cell.paragraphs = cell.paragraphs.saturating_add(1);
                }
            }
            "s" => self.text(" "),
            "tab" => self.text(" "),
            "line-break" => self.text("\n"),
            _ => {}
        }
        Ok(())
    }

    fn open_table(&mut self, element: &BytesStart<'_>) -> Result<(), ReadError> {
        if self.sheets.len() >= MAX_SHEETS {
            return Err(ReadError::Unexpected(format!(
                "the spreadsheet has more than {MAX_SHEETS} sheets"
            )));
        }
        let style = attribute(element, "style-name");
        self.sheets.push(Sheet {
            name: attribute(element, "name").unwrap_or_default(),
            hidden: style.is_some_and(|style| self.hidden.contains(&style)),
        });
        self.grids.push(Grid::default());
        self.table = Some(self.depth);
        self.row = 0;
        Ok(())
    }

    fn open_cell(&mut self, element: &BytesStart<'_>) {
        let value = |name: &str| attribute(element, name);
        let (kind, stated) = match value("value-type").as_deref() {
            Some("float") => {
                let exact = value("value")
                    .and_then(|text| text.parse::<f64>().ok())
                    .map(number);
                (Kind::Number, exact)
            }
            Some("date") => (
                Kind::Date,
                value("date-value").map(|date| date.trim_end_matches("T00:00:00").to_owned()),
            ),
            Some("boolean") => {
                let yes = value("boolean-value").as_deref() == Some("true");
                (Kind::Text, Some(if yes { "oui" } else { "non" }.to_owned()))
            }
            _ => (Kind::Text, None),
        };
        self.merged(
            count(element, "number-rows-spanned"),
            count(element, "number-columns-spanned"),
        );
        self.cell = Some(OpenCell {
            depth: self.depth,
            repeated: count(element, "number-columns-repeated"),
            kind,
            value: stated,
            shown: String::new(),
            link: None,
            paragraphs: 0,
        });
    }

    fn merged(&mut self, rows: u32, columns: u32) {
        let Some(grid) = self.grids.last_mut().filter(|_| rows > 1 || columns > 1) else {
            return;
        };
        grid.merge(Merge {
            rows: (self.row, self.row.saturating_add(rows - 1)),
            columns: (self.column, self.column.saturating_add(columns - 1)),
        });
    }

    fn close(&mut self, name: &str) -> Result<(), ReadError> {
        if self.aside == Some(self.depth) {
            self.aside = None;
        }
        if self
            .cell
            .as_ref()
            .is_some_and(|cell| cell.depth == self.depth)
            && let Some(cell) = self.cell.take()
        {
            self.close_cell(cell);
        } else if name == "table-row" && self.table.is_some() && self.cell.is_none() {
            self.close_row()?;
        } else if self.table == Some(self.depth) {
            self.table = None;
            let weight = self.grids.last().map_or(0, Grid::weight);
            self.weight = self.weight.saturating_add(weight);
            check_weight(self.weight)?;
        }
        Ok(())
    }

    fn close_cell(&mut self, cell: OpenCell) {
        // What is shown says whether the formula has a result.
        let shown = cell.shown.trim();
        let failed = shown.starts_with('#') || shown.starts_with("Err:");
        let text = cell.value.filter(|_| !failed).unwrap_or(cell.shown);
        let end = self.column.saturating_add(cell.repeated);
        if let (Some(grid), Some(link)) = (self.grids.last_mut(), &cell.link) {
            grid.link(self.row, self.column, link);
        }
        if !text.trim().is_empty() {
            for column in self.column..end.min(MAX_COLUMNS + 1) {
                self.cells.push((column, cell.kind, text.clone()));
            }
        }
        self.column = end;
    }

    fn close_row(&mut self) -> Result<(), ReadError> {
        let next = self.row.saturating_add(self.repeated);
        if let Some(grid) = self.grids.last_mut().filter(|_| !self.cells.is_empty()) {
            if self.repeated > MAX_REPEATED {
                return Err(ReadError::Unexpected(format!(
                    "the sheet has the same row {} times (row {})",
                    self.repeated,
                    self.row + 1
                )));
            }
            for row in self.row..next {
                for (column, kind, text) in &self.cells {
                    grid.put(row, *column, *kind, text)?;
                }
            }
        }
        self.cells.clear();
        self.row = next;
        Ok(())
    }

    /// Text of a cell, which is not taken in beyond what a cell may have.
    fn text(&mut self, text: &str) {
        if self.aside.is_none()
            && let Some(cell) = &mut self.cell
            && cell.paragraphs > 0
            && cell.shown.len() <= 4 * MAX_CELL
        {
            cell.shown.push_str(text);
        }
    }
}

fn count(element: &BytesStart<'_>, name: &str) -> u32 {
    let stated = attribute(element, name).and_then(|text| text.trim().parse().ok());
    stated.unwrap_or(1).max(1)
}

/// The value of an attribute by its local name.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(
        unescape(&attribute.value)
            .map_or_else(|_| attribute.value.to_string(), |value| value.into_owned()),
    )
}
