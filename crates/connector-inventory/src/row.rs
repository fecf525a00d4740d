//! Rows and what they become: records, or reasons why not.

use std::collections::{BTreeMap, HashMap, HashSet};

use bytes::Bytes;
use chrono::{Days, NaiveDate};
use model::{Checksum, Finding, Page, RawRecord, RecordFormat, RecordId, Severity};
use serde::Serialize;

use crate::columns::{self, Column, is_closed, is_internal, is_public};
use crate::config::Config;
use crate::grid::{Cell, Grid, Kind};
use crate::sheet::{Notes, Place};
use crate::words::{fold, slug};

/// A longer identifier is a text in the wrong column.
const MAX_IDENTIFIER: usize = 512;
/// Columns in which the cells of several rows may hold a part each.
const LISTS: [&str; 3] = ["keywords", "links", "formats"];
/// Columns of addresses.
const ADDRESSES: [&str; 2] = ["links", "landing_page"];
/// The column that says who may see the data.
const STATUS: &str = "status";
/// Columns whose value is that of one row, even where its cell is merged with the next.
const OWN: [&str; 2] = ["title", "identifier"];

/// A row as it is archived. Its number is not part of it: rows may be sorted without any change.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    sheet: &'a str,
    columns: &'a BTreeMap<&'static str, String>,
}

pub struct Rows<'a> {
    config: &'a Config,
    place: Place<'a>,
    grid: &'a Grid,
    /// Whether a stray separator shifts cells.
    text: bool,
    /// Merged cells of several rows, by column and first row: the last row.
    merges: BTreeMap<(u32, u32), u32>,
    /// Cells of one row that are merged over three columns or more, as headings are.
    across: HashSet<(u32, u32)>,
    notes: Notes,
    page: Page,
    /// Identifiers, and the rows that have them.
    seen: HashMap<RecordId, u32>,
    unnamed: u64,
    without_status: u64,
    filled: u64,
}

impl<'a> Rows<'a> {
    pub fn new(
        config: &'a Config,
        grid: &'a Grid,
        place: Place<'a>,
        text: bool,
        notes: Notes,
    ) -> Self {
        let tall = grid
            .merges
            .iter()
            .filter(|merge| merge.rows.0 > place.header.row && merge.rows.1 > merge.rows.0);
        let across = grid.merges.iter().filter(|merge| {
            merge.rows.0 == merge.rows.1 && merge.columns.1 >= merge.columns.0.saturating_add(2)
        });
        Self {
            config,
            place,
            grid,
            text,
            merges: tall
                .map(|merge| ((merge.columns.0, merge.rows.0), merge.rows.1))
                .collect(),
            across: across
                .map(|merge| (merge.rows.0, merge.columns.0))
                .collect(),
            notes,
            page: Page::default(),
            seen: HashMap::new(),
            unnamed: 0,
            without_status: 0,
            filled: 0,
        }
    }

    pub fn read(&mut self, row: u32, cells: &BTreeMap<u32, Cell>) {
        if let Some(what) = self.is_no_record(row, cells) {
            self.notes.add(self.place.find(
                "inventory/row-skipped",
                Severity::Info,
                what,
                Some(row),
                None,
            ));
            return;
        }
        let width = self.place.header.columns.keys().next_back();
        if self.text && cells.keys().next_back() > width {
            self.page.refused += 1;
            let message = "the row has more cells than there are headers, so that its values may stand in wrong columns: it was refused";
            self.notes.add(
                self.place
                    .find(
                        "inventory/shifted-row",
                        Severity::Error,
                        message,
                        Some(row),
                        None,
                    )
                    .hint("put values that have a separator or a line break into quotation marks"),
            );
            return;
        }
        let mut read = Row::default();
        for (column, heading) in &self.place.header.columns {
            let own = cells.get(column);
            let merged = || {
                let may = heading
                    .meaning
                    .is_none_or(|known| !OWN.contains(&known.key));
                may.then(|| self.merged(row, *column)).flatten()
            };
            let linked = own.and_then(|cell| self.linked(row, *column, heading.meaning, cell));
            if let Some(cell) = linked.as_ref().or(own).or_else(merged) {
                self.filled += u64::from(own.is_none());
                read.take(self.place, row, *column, heading.meaning, cell);
            }
        }
        self.record(row, read);
    }

    pub fn finish(mut self) -> Page {
        let place = self.place;
        let mut sum = |rule, severity, count: u64, message: String, hint: &str| {
            if count > 0 {
                self.notes
                    .add(place.find(rule, severity, &message, None, None).hint(hint));
            }
        };
        sum(
            "record/not-public",
            Severity::Warning,
            self.without_status,
            format!(
                "the table has no column of the status: none of its {} rows is published",
                self.without_status
            ),
            "add the column « Statut », with « diffusé » where the data are public; or write `publish_all = true` in the source, if all of them are",
        );
        sum(
            "inventory/no-identifier",
            Severity::Info,
            self.unnamed,
            format!(
                "rows without an identifier: {}; one was made of the service and the title, and is another when these change",
                self.unnamed
            ),
            "give each row an identifier that never changes",
        );
        sum(
            "inventory/merged-cells",
            Severity::Info,
            self.filled,
            format!(
                "cells are merged over several rows: their value was taken for each of these rows ({} times)",
                self.filled
            ),
            "repeat the value in each row instead",
        );
        self.page.findings = self.notes.finish();
        self.page
    }

    /// The address that a cell of addresses leads to, where it shows another text: « ici ».
    fn linked(&self, row: u32, column: u32, meaning: Option<&Column>, cell: &Cell) -> Option<Cell> {
        let wanted = meaning.is_some_and(|known| ADDRESSES.contains(&known.key));
        if !wanted || cell.text.contains("://") || cell.text.starts_with("www.") {
            return None;
        }
        let target = self.grid.links.get(&(row, column))?;
        Some(Cell {
            kind: Kind::Text,
            text: target.clone(),
        })
    }

    /// The value of a cell that is merged with one above it.
    fn merged(&self, row: u32, column: u32) -> Option<&'a Cell> {
        let ((found, first), last) = self.merges.range(..(column, row)).next_back()?;
        (*found == column && *last >= row).then(|| self.grid.rows.get(first)?.get(&column))?
    }

    /// What the row is, if it is none of the inventory.
    fn is_no_record(&self, row: u32, cells: &BTreeMap<u32, Cell>) -> Option<&'static str> {
        let header = self.place.header;
        let mut texts = cells
            .iter()
            .map(|(column, cell)| (column, cell.text.as_str()));
        if texts.all(|(column, text)| {
            header
                .columns
                .get(column)
                .is_some_and(|heading| heading.text == text)
        }) {
            return Some("the row repeats the headers: it was skipped");
        }
        let (first, cell) = cells.iter().next()?;
        let beginning = fold(&cell.text);
        let total = ["total", "totaux", "sous total", "somme"]
            .iter()
            .any(|word| {
                beginning
                    .strip_prefix(word)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            });
        let numbers = |cell: &Cell| {
            cell.kind == Kind::Number
                || cell
                    .text
                    .replace([' ', '\u{a0}', '\u{202f}', ','], "")
                    .parse::<f64>()
                    .is_ok()
        };
        if total && cells.values().skip(1).all(numbers) {
            return Some("the row is a total: it was skipped");
        }
        let title = header.column("title");
        let across = self.across.contains(&(row, *first));
        if cells.len() == 1 && (title != Some(*first) || across) {
            return Some(
                "the row has one cell, and that is no title: it was taken for a heading, and skipped",
            );
        }
        None
    }

    fn record(&mut self, row: u32, mut read: Row) {
        let place = self.place;
        let cell = |key: &str| place.header.column(key);
        let Some(title) = read.columns.get("title").cloned() else {
            self.close(&read);
            self.page.refused += 1;
            self.notes.add(
                place
                    .find(
                        "record/no-title",
                        Severity::Error,
                        "the row has no title: it was refused",
                        Some(row),
                        cell("title"),
                    )
                    .hint("give the data a title, or delete the row"),
            );
            return;
        };
        let service = ["service", "direction"]
            .iter()
            .any(|key| read.columns.contains_key(key));
        if let Some(service) = self.config.service.as_deref().filter(|_| !service) {
            read.columns.insert("service", service.trim().to_owned());
        }
        let (id, named) = read.identifier(&title);
        let first = *self.seen.entry(id.clone()).or_insert(row);
        if first != row {
            // Nothing is said of what the rows are: one of them may not be public.
            self.page.refused += 1;
            let (what, column) = if named {
                ("identifier", "identifier")
            } else {
                ("service and title", "title")
            };
            let message = format!(
                "the row has the {what} of row {}: it was refused",
                first.saturating_add(1)
            );
            self.notes.add(
                place
                    .find(
                        "record/duplicate-identifier",
                        Severity::Error,
                        &message,
                        Some(row),
                        cell(column),
                    )
                    .hint("give each row an identifier of its own"),
            );
            return;
        }
        if !self.config.publish_all && !self.publishes(row, &read, &id) {
            return;
        }
        self.unnamed += u64::from(!named);
        for finding in read.findings {
            self.notes.add(finding.record(&id));
        }
        let body = Body {
            sheet: place.sheet,
            columns: &read.columns,
        };
        // Texts by texts always have a JSON form.
        let body = Bytes::from(serde_json::to_vec(&body).unwrap_or_default());
        self.page.records.push(RawRecord {
            id,
            format: RecordFormat::InventoryRow,
            body,
        });
    }

    /// A row that is refused may say all the same that its data are closed: what was published of it is withdrawn.
    fn close(&mut self, read: &Row) {
        let closed = read
            .columns
            .get(STATUS)
            .is_some_and(|status| is_closed(status));
        if closed
            && !self.config.publish_all
            && let Some(id) = read.given()
        {
            self.page.withheld.push(id);
        }
    }

    /// Whether the row says that its data are public. What does not leaves no trace but its place.
    fn publishes(&mut self, row: u32, read: &Row, id: &RecordId) -> bool {
        let Some(column) = self.place.header.column(STATUS) else {
            // The column may be lacking by accident: what was published before is kept for a while, as if the rows were missing.
            self.without_status += 1;
            return false;
        };
        let status = read
            .columns
            .get(STATUS)
            .map(String::as_str)
            .unwrap_or_default();
        if is_public(status) {
            return true;
        }
        let finding = match status {
            "" => self
                .place
                .find(
                    "record/not-public",
                    Severity::Warning,
                    "the row has no status: it is not published",
                    Some(row),
                    Some(column),
                )
                .hint("write « diffusé » if the data are public"),
            status => self
                .place
                .find(
                    "record/not-public",
                    Severity::Info,
                    "by its status the row is not public: it is not published",
                    Some(row),
                    Some(column),
                )
                .value(status),
        };
        self.notes.add(finding);
        // A status that nobody understands may be a damaged one: the guard stands before that.
        if is_closed(status) {
            self.page.withheld.push(id.clone());
        }
        self.page.gone.push(id.clone());
        false
    }
}

/// A row while it is read.
#[derive(Default)]
struct Row {
    columns: BTreeMap<&'static str, String>,
    findings: Vec<Finding>,
}

impl Row {
    fn take(
        &mut self,
        place: Place<'_>,
        row: u32,
        column: u32,
        meaning: Option<&'static Column>,
        cell: &Cell,
    ) {
        // Who can read a published record can read all of it: what is not to be published is not in it.
        let Some(known) = meaning.filter(|known| !is_internal(known)) else {
            return;
        };
        if cell.kind == Kind::Error {
            self.findings.push(
                place
                    .find(
                        "inventory/formula-error",
                        Severity::Warning,
                        "the formula of the cell has no result: it was left out",
                        Some(row),
                        Some(column),
                    )
                    .value(&cell.text)
                    .hint("mend the formula, or write its value in its place"),
            );
            // A status that nobody can read is none that publishes.
            if known.key == STATUS {
                self.state(&cell.text);
            }
            return;
        }
        let mut text = cell.text.clone();
        if known.kind == columns::Kind::Date
            && cell.kind != Kind::Date
            && let Some(date) = serial(&text)
        {
            self.findings.push(
                place
                    .find(
                        "date/repaired",
                        Severity::Info,
                        &format!("read as {date}, as spreadsheets count days"),
                        Some(row),
                        Some(column),
                    )
                    .value(&text)
                    .hint("give the cell the format of a date"),
            );
            text = date;
        }
        if known.key == STATUS {
            return self.state(&text);
        }
        match self.columns.get_mut(known.key) {
            None => {
                self.columns.insert(known.key, text);
            }
            Some(list) if LISTS.contains(&known.key) => {
                list.push_str("; ");
                list.push_str(&text);
            }
            Some(_) => {}
        }
    }

    /// Takes a status. Of several columns that say one (« Statut », « Confidentialité »), that which closes most holds.
    fn state(&mut self, status: &str) {
        let openness = |status: &str| (is_public(status), !is_closed(status));
        let known = self.columns.get(STATUS);
        if known.is_none_or(|known| openness(status) < openness(known)) {
            self.columns.insert(STATUS, status.to_owned());
        }
    }

    fn given(&self) -> Option<RecordId> {
        self.columns
            .get("identifier")
            .filter(|id| id.len() <= MAX_IDENTIFIER)
            .map(|id| RecordId::new(id.as_str()))
    }

    /// The identifier, and whether the row gives it.
    fn identifier(&self, title: &str) -> (RecordId, bool) {
        if let Some(id) = self.given() {
            return (id, true);
        }
        let of = |key: &str| {
            fold(
                self.columns
                    .get(key)
                    .map(String::as_str)
                    .unwrap_or_default(),
            )
        };
        let name = format!(
            "{}\0{}\0{}",
            of("direction"),
            of("service"),
            title.trim().to_lowercase()
        );
        let mut hash = Checksum::of(name.as_bytes()).to_string();
        hash.truncate(12);
        (RecordId::new(format!("{}-{hash}", slug(title, 60))), false)
    }
}

/// A day counted from 30 December 1899, where the number can only be that: 1954 to 2119.
fn serial(text: &str) -> Option<String> {
    let days: f64 = text.replace(',', ".").parse().ok()?;
    if !(20_000.0..80_000.0).contains(&days) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days as u64))?;
    Some(date.to_string())
}
