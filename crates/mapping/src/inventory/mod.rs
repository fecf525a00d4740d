//! A row of an inventory in a spreadsheet to DCAT-AP 3.
//!
//! The names of columns are those of `connector-inventory`. What no term of DCAT-AP can say (hosting, tools, quality, volume)
//! stays in the archive.

mod describe;
mod distribution;

#[cfg(test)]
mod tests;

use model::ns::{dcat, dcterms};
use model::{EntityKind, Mapped, RawRecord};

use crate::draft::{Draft, rank};
use crate::json::{Report, View};
use crate::{MapContext, MapError, json};

pub(crate) fn map(record: &RawRecord, context: &MapContext<'_>) -> Result<Mapped, MapError> {
    let body = json::text(&record.body)?;
    let document = json::document(&body, |_| false)?;
    let report = Report::default();
    let root = View::root(&document, &report);
    let columns = root.get("columns");
    let sheet = root.text_of("sheet").unwrap_or_default();
    if columns.text_of("title").is_none() {
        return Err(MapError {
            rule: "record/no-title",
            message: "the row has no title".to_owned(),
            place: Some(place(&sheet, "Titre")),
            hint: Some("give the data a title: DCAT-AP requires one".to_owned()),
        });
    }
    let mut draft = Draft::new(record, context, EntityKind::Dataset);
    let iri = draft.entity.iri.clone();
    draft.entity.rank = rank(&columns.text_of("modified").unwrap_or_default());
    // In words of the spreadsheet: the rules add the column. The row is told by the record's identifier, since rows move.
    draft.entity.origins.clear();
    draft.entity.set_origin(&iri, origin(&sheet));
    draft.entity.add_type(&iri, dcat::DATASET_CLASS);
    describe::map(&mut draft, columns, &sheet);
    let licence = columns.text_of("licence");
    let distributions = distribution::map(&mut draft, columns, &sheet, licence.as_deref());
    // DCAT-AP puts licences on distributions. A dataset that has none keeps its licence itself.
    if let Some(licence) = licence.filter(|_| distributions == 0) {
        draft
            .entity
            .add_text(&iri, dcterms::LICENSE, &licence, None);
    }
    let mut mapped = draft.finish(record, report);
    for finding in &mut mapped.findings {
        if finding.place.as_deref() == Some("/columns/siret") {
            finding.place = Some(place(&sheet, "SIRET du service"));
        }
    }
    Ok(mapped)
}

/// What stands for a row in a place.
fn origin(sheet: &str) -> String {
    match sheet {
        "" => "tableau".to_owned(),
        sheet => format!("feuille {sheet}"),
    }
}

/// A column of the row, by its header in the template.
fn place(sheet: &str, column: &str) -> String {
    format!("{}, colonne « {column} »", origin(sheet))
}

/// The parts of a cell that has several values: separated by semicolons or line breaks, or else by commas where these separate.
fn parts(text: &str, commas: bool) -> impl Iterator<Item = &str> {
    let strong = text.contains([';', '\n', '|']);
    let separates = move |c: char| match strong {
        true => matches!(c, ';' | '\n' | '|'),
        false => commas && c == ',',
    };
    text.split(separates)
        .map(str::trim)
        .filter(|part| !part.is_empty())
}
