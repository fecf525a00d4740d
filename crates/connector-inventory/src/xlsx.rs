//! XLSX, by calamine's stream of cells: its whole sheets are rectangles, and one cell at the far corner makes an enormous one.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{
    DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, open_workbook_from_rs,
};
use model::ReadError;

use crate::grid::{Grid, Kind, Merge, number};
use crate::workbook::{Sheet, Workbook};

pub struct XlsxFile<'b> {
    workbook: Xlsx<Cursor<&'b [u8]>>,
    sheets: Vec<Sheet>,
}

impl<'b> XlsxFile<'b> {
    pub fn open(body: &'b [u8]) -> Result<Self, ReadError> {
        guarded(|| {
            let workbook: Xlsx<_> =
                open_workbook_from_rs(Cursor::new(body)).map_err(|error| broken(&error))?;
            let sheets = workbook
                .sheets_metadata()
                .iter()
                .filter(|sheet| sheet.typ == SheetType::WorkSheet)
                .map(|sheet| Sheet {
                    name: sheet.name.clone(),
                    hidden: sheet.visible != SheetVisible::Visible,
                })
                .collect();
            Ok(Self { workbook, sheets })
        })
    }
}

impl Workbook for XlsxFile<'_> {
    fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    fn grid(&mut self, name: &str, rows: u32) -> Result<Grid, ReadError> {
        let workbook = &mut self.workbook;
        guarded(|| {
            let mut grid = Grid::default();
            let mut cells = workbook
                .worksheet_cells_reader(name)
                .map_err(|error| broken(&error))?;
            while let Some(cell) = cells.next_cell().map_err(|error| broken(&error))? {
                let (row, column) = cell.get_position();
                if row >= rows {
                    break;
                }
                put(&mut grid, row, column, cell.get_value())?;
            }
            drop(cells);
            // A sheet whose merged cells or links cannot be read is read without them.
            for merge in workbook.merge_cells_by_sheet_name(name).unwrap_or_default() {
                grid.merge(Merge {
                    rows: (merge.start.0, merge.end.0),
                    columns: (merge.start.1, merge.end.1),
                });
            }
            for link in workbook.hyperlinks_by_sheet_name(name).unwrap_or_default() {
                if let Some(target) = &link.target {
                    grid.link(link.range.start.0, link.range.start.1, target);
                }
            }
            Ok(grid)
        })
    }
}

fn put(grid: &mut Grid, row: u32, column: u32, value: &DataRef<'_>) -> Result<(), ReadError> {
    match value {
        DataRef::Empty => Ok(()),
        DataRef::Int(value) => grid.put(row, column, Kind::Number, &value.to_string()),
        DataRef::Float(value) => grid.put(row, column, Kind::Number, &number(*value)),
        DataRef::String(text) => grid.put(row, column, Kind::Text, text),
        DataRef::SharedString(text) => grid.put(row, column, Kind::Text, text),
        DataRef::Bool(value) => {
            grid.put(row, column, Kind::Text, if *value { "oui" } else { "non" })
        }
        DataRef::DateTime(date) => match day(date) {
            Some(date) => grid.put(row, column, Kind::Date, &date),
            None => grid.put(row, column, Kind::Number, &number(date.as_f64())),
        },
        DataRef::DateTimeIso(date) => grid.put(row, column, Kind::Date, date),
        DataRef::DurationIso(text) => grid.put(row, column, Kind::Text, text),
        DataRef::Error(error) => grid.put(row, column, Kind::Error, &error.to_string()),
    }
}

/// The date as ISO 8601 has it, with the time if it is not midnight.
fn day(date: &ExcelDateTime) -> Option<String> {
    // Beyond the year 9999 and before 1900 there is none.
    if !date.is_datetime() || !(1.0..2_958_466.0).contains(&date.as_f64()) {
        return None;
    }
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    let text = format!("{year:04}-{month:02}-{day:02}");
    Some(match (hour, minute, second) {
        (0, 0, 0) => text,
        _ => format!("{text}T{hour:02}:{minute:02}:{second:02}"),
    })
}

fn broken(error: &dyn std::fmt::Display) -> ReadError {
    ReadError::Malformed {
        message: format!("the workbook cannot be read: {error}"),
        at: None,
    }
}

/// A foreign parser must not end the run, whatever it is given.
fn guarded<T>(read: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(broken(&"its parts contradict one another")))
}
