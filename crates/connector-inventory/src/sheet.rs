//! One workbook: which sheet has the inventory, and what is to be said of the sheet as a whole.

use std::collections::BTreeSet;

use model::{Finding, Page, ReadError, Severity, Stage};

use crate::columns::{DATA_SHEET, LISTS_SHEET, NOTICE_SHEET};
use crate::config::Config;
use crate::grid::{Grid, MAX_COLUMNS, letters};
use crate::header::{self, Header};
use crate::row::Rows;
use crate::words::fold;
use crate::workbook::{Sheet, Workbook};

pub fn read(workbook: &mut dyn Workbook, config: &Config, file: &str) -> Result<Page, ReadError> {
    let chosen = choose(workbook, config)?;
    let grid = workbook.grid(&chosen, u32::MAX)?;
    let header = header::find(&grid).ok_or_else(|| no_header(workbook.sheets()))?;
    header::refuse_foreign(&header)?;
    let place = Place {
        file,
        sheet: &chosen,
        header: &header,
    };
    let mut notes = Notes::default();
    if workbook.recoded() {
        let message = "the file is not in UTF-8: it was read as Windows-1252";
        notes.add(place.find("page/wrong-charset", Severity::Info, message, None, None));
    }
    other_sheets(workbook.sheets(), &chosen, file, &mut notes);
    columns(&grid, place, workbook.is_text(), &mut notes);
    let mut rows = Rows::new(config, &grid, place, workbook.is_text(), notes);
    for (row, cells) in grid.rows.range(header.row.saturating_add(1)..) {
        rows.read(*row, cells);
    }
    Ok(rows.finish())
}

/// The sheet that the configuration names; *Données*; or the first one that has the columns.
fn choose(workbook: &mut dyn Workbook, config: &Config) -> Result<String, ReadError> {
    let sheets = workbook.sheets().to_vec();
    if let Some(wanted) = &config.sheet {
        let found = sheets
            .iter()
            .find(|sheet| fold(&sheet.name) == fold(wanted));
        return found.map(|sheet| sheet.name.clone()).ok_or_else(|| {
            ReadError::Unexpected(format!(
                "the file has no sheet « {wanted} »; it has: {}",
                names(&sheets)
            ))
        });
    }
    let shown = || sheets.iter().filter(|sheet| !sheet.hidden);
    let data = fold(DATA_SHEET);
    if let Some(sheet) = shown().find(|sheet| fold(&sheet.name) == data) {
        return Ok(sheet.name.clone());
    }
    for sheet in shown() {
        let beginning = workbook.grid(&sheet.name, header::SEARCHED)?;
        if header::find(&beginning).is_some() {
            return Ok(sheet.name.clone());
        }
    }
    Err(no_header(&sheets))
}

fn no_header(sheets: &[Sheet]) -> ReadError {
    let shown = names(sheets);
    let of = if shown.is_empty() {
        String::new()
    } else {
        format!(" (sheets: {shown})")
    };
    ReadError::Unexpected(format!(
        "no row among the first {} has the headers of an inventory, such as « Titre » and « Service »{of}; `moisson template` writes a file that has them",
        header::SEARCHED
    ))
}

fn names(sheets: &[Sheet]) -> String {
    let names: Vec<&str> = sheets
        .iter()
        .take(20)
        .map(|sheet| sheet.name.as_str())
        .filter(|name| !name.is_empty())
        .collect();
    names.join(", ")
}

fn other_sheets(sheets: &[Sheet], chosen: &str, file: &str, notes: &mut Notes) {
    let own = [LISTS_SHEET, NOTICE_SHEET].map(fold);
    for sheet in sheets
        .iter()
        .filter(|sheet| sheet.name != chosen && !own.contains(&fold(&sheet.name)))
    {
        let message = match sheet.hidden {
            true => "the sheet is hidden: it was left aside",
            false => "another sheet has the inventory: this one was left aside",
        };
        let place = match file {
            "" => format!("feuille {}", sheet.name),
            file => format!("{file}, feuille {}", sheet.name),
        };
        let hint = "put the rows of the inventory into one sheet, named « Données »";
        notes.add(
            Finding::new(
                "inventory/sheet-skipped",
                Severity::Info,
                Stage::Read,
                message,
            )
            .place(place)
            .hint(hint),
        );
    }
}

/// What the headers say that is not understood, or said twice.
fn columns(grid: &Grid, place: Place<'_>, text: bool, notes: &mut Notes) {
    let mut seen = BTreeSet::new();
    for (column, heading) in &place.header.columns {
        let row = Some(place.header.row);
        let finding = match heading.meaning {
            None => place
                .find(
                    "inventory/unknown-column",
                    Severity::Info,
                    "the header is none that is known: the column was left out",
                    row,
                    Some(*column),
                )
                .hint("use the headers of the template that `moisson template` writes"),
            Some(known) if !seen.insert(known.key) => {
                let message = format!(
                    "another column is « {} » too: where both are filled, the first one was taken",
                    known.label
                );
                place
                    .find(
                        "inventory/duplicate-column",
                        Severity::Warning,
                        &message,
                        row,
                        Some(*column),
                    )
                    .hint("keep one of the columns, or give the other one another header")
            }
            Some(_) => continue,
        };
        notes.add(finding.value(&heading.text));
    }
    let below = grid.rows.range(place.header.row.saturating_add(1)..);
    let headless: BTreeSet<u32> = below
        .flat_map(|(_, cells)| cells.keys().copied())
        .filter(|column| !place.header.columns.contains_key(column))
        // Behind the headers of a text, a cell shows that its row is shifted.
        .filter(|column| !text || place.header.columns.range(column..).next().is_some())
        .collect();
    for column in headless {
        let message = "the column has values and no header: it was left out";
        notes.add(
            place
                .find(
                    "inventory/unknown-column",
                    Severity::Info,
                    message,
                    Some(place.header.row),
                    Some(column),
                )
                .hint("give the column a header, or empty it"),
        );
    }
    for (row, column) in &grid.cut {
        let message = "the cell is longer than a spreadsheet allows: its end was cut off";
        notes.add(place.find(
            "inventory/cut",
            Severity::Warning,
            message,
            Some(*row),
            Some(*column),
        ));
    }
    if grid.wide {
        let message =
            format!("the sheet has more than {MAX_COLUMNS} columns: those beyond were left out");
        notes.add(place.find("inventory/cut", Severity::Warning, &message, None, None));
    }
}

/// Where a finding is: in words of those who have the file before them.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The name of the file in its folder.
    pub file: &'a str,
    pub sheet: &'a str,
    pub header: &'a Header,
}

impl Place<'_> {
    pub fn at(&self, row: Option<u32>, column: Option<u32>) -> String {
        let mut parts = Vec::new();
        if !self.file.is_empty() {
            parts.push(self.file.to_owned());
        }
        if !self.sheet.is_empty() {
            parts.push(format!("feuille {}", self.sheet));
        }
        parts.extend(row.map(|row| format!("ligne {}", row.saturating_add(1))));
        parts.extend(column.map(|column| match self.header.columns.get(&column) {
            Some(heading) => {
                let text: String = heading.text.chars().take(60).collect();
                format!("colonne {} « {text} »", letters(column))
            }
            None => format!("colonne {}", letters(column)),
        }));
        parts.join(", ")
    }

    pub fn find(
        &self,
        rule: &'static str,
        severity: Severity,
        message: &str,
        row: Option<u32>,
        column: Option<u32>,
    ) -> Finding {
        let finding = Finding::new(rule, severity, Stage::Read, message);
        match self.at(row, column) {
            place if place.is_empty() => finding,
            place => finding.place(place),
        }
    }
}

/// Findings about a file: beyond some of a rule, only their number is said.
#[derive(Default)]
pub struct Notes {
    findings: Vec<Finding>,
    counts: Vec<(Finding, usize)>,
}

impl Notes {
    const MOST: usize = 200;

    pub fn add(&mut self, finding: Finding) {
        let known = self
            .counts
            .iter_mut()
            .find(|(first, _)| first.rule == finding.rule);
        match known {
            Some((_, count)) => {
                *count += 1;
                if *count > Self::MOST {
                    return;
                }
            }
            None => self.counts.push((finding.clone(), 1)),
        }
        self.findings.push(finding);
    }

    pub fn finish(mut self) -> Vec<Finding> {
        for (first, count) in self
            .counts
            .into_iter()
            .filter(|(_, count)| *count > Self::MOST)
        {
            let message = format!(
                "{} more of these findings were made, and are not listed",
                count - Self::MOST
            );
            self.findings.push(Finding {
                message,
                record: None,
                place: None,
                value: None,
                ..first
            });
        }
        self.findings
    }
}
