//! `moisson template`: the workbook in which services write their inventory. Its columns are those that the connector reads.

use std::path::Path;

use anyhow::{Context, bail};
use connector_inventory::{COLUMNS, Column, DATA_SHEET, Kind, LISTS_SHEET, NOTICE_SHEET};
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatAlign, Formula, Note, Workbook,
    Worksheet, XlsxError,
};
use vocab::{Scheme, Vocab};

use crate::cli::TemplateFormat;
use crate::{DONE, output};

/// Rows in which values can be chosen from lists.
const ROWS: u32 = 5_000;

/// What is offered of longer vocabularies: the others are read too.
const FREQUENCIES: [&str; 14] = [
    "CONT",
    "HOURLY",
    "DAILY",
    "WEEKLY",
    "BIWEEKLY",
    "MONTHLY",
    "BIMONTHLY",
    "QUARTERLY",
    "ANNUAL_2",
    "ANNUAL",
    "BIENNIAL",
    "IRREG",
    "NEVER",
    "UNKNOWN",
];
const LICENCES: [&str; 5] = ["ETALAB_2_0", "ODC_BL", "CC_BY_4_0", "CC_BYSA_4_0", "CC0"];

const NOTICE: [&str; 13] = [
    "Inventaire des données",
    "",
    "Une ligne de la feuille « Données » décrit un jeu de données du service. Ne changez pas les en-têtes ; l'ordre des colonnes et des lignes est libre.",
    "Deux colonnes sont obligatoires : le titre et le statut.",
    "Seules les lignes dont le statut est « diffusé » sont publiées. Des autres, rien n'est gardé ni montré : ni titre, ni contact.",
    "Quand une ligne publiée devient « restreint » ou « confidentiel », sa fiche est retirée au moissonnage suivant. Pour un autre statut, ce peut être un peu plus tard.",
    "Donnez à chaque ligne un identifiant qui ne change jamais : la fiche garde ainsi son adresse quand le titre ou le service changent.",
    "Les valeurs des listes sont conseillées : d'autres mots sont lus aussi, et le rapport dit ce qui n'a pas été compris.",
    "Évitez les cellules fusionnées, les lignes de total et les couleurs qui ont un sens : seul le texte est lu.",
    "Le nom, le courriel et le téléphone du contact sont publiés : préférez ceux d'un service à ceux d'une personne.",
    "Hébergement, opérateur, outils, qualité et volume restent dans le tableau : ils ne sont ni repris, ni publiés.",
    "Déposez le fichier dans le dossier que lit la plateforme, ou donnez son adresse à qui la gère.",
    "",
];

pub fn template(file: &Path, format: Option<TemplateFormat>) -> anyhow::Result<u8> {
    let by_name = file
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let format = format.unwrap_or(if by_name {
        TemplateFormat::Csv
    } else {
        TemplateFormat::Xlsx
    });
    if file.exists() {
        bail!(
            "{} exists, and may be filled: give another name with --output",
            file.display()
        );
    }
    let content = match format {
        TemplateFormat::Xlsx => workbook()?.save_to_buffer()?,
        TemplateFormat::Csv => csv().into_bytes(),
    };
    std::fs::write(file, content).with_context(|| file.display().to_string())?;
    output::print(&format!(
        "{} written; a source reads it with\n  [connector.inventory]\n  path = \"the file, or its folder\"\n",
        file.display()
    ))?;
    Ok(DONE)
}

fn columns() -> impl Iterator<Item = &'static Column> {
    COLUMNS.iter().filter(|column| !column.help.is_empty())
}

/// The headers alone, as spreadsheet programs in France open them: UTF-8 with its mark, semicolons.
fn csv() -> String {
    let headers: Vec<&str> = columns().map(|column| column.label).collect();
    format!("\u{feff}{}\r\n", headers.join(";"))
}

fn workbook() -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    notice(workbook.add_worksheet())?;
    let mut lists = Worksheet::new();
    data(workbook.add_worksheet(), lists.set_name(LISTS_SHEET)?)?;
    workbook.push_worksheet(lists);
    // It opens where rows are written.
    workbook.worksheet_from_name(DATA_SHEET)?.set_active(true);
    Ok(workbook)
}

fn notice(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let title = Format::new().set_bold().set_font_size(16);
    let name = Format::new().set_bold().set_align(FormatAlign::Top);
    let text = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet
        .set_name(NOTICE_SHEET)?
        .set_column_width(0, 30)?
        .set_column_width(1, 100)?;
    let mut row = 0;
    for line in NOTICE {
        let format = if row == 0 { &title } else { &text };
        sheet.write_with_format(row, if row == 0 { 0 } else { 1 }, line, format)?;
        row += 1;
    }
    for column in columns() {
        sheet
            .write_with_format(row, 0, column.label, &name)?
            .write_with_format(row, 1, column.help, &text)?;
        row += 1;
    }
    Ok(())
}

fn data(sheet: &mut Worksheet, lists: &mut Worksheet) -> Result<(), XlsxError> {
    let header = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Top)
        .set_background_color(Color::RGB(0x00D9_E2F3));
    // A SIRET is no number, and its first zero counts.
    let text = Format::new()
        .set_num_format("@")
        .set_text_wrap()
        .set_align(FormatAlign::Top);
    let day = Format::new()
        .set_num_format("dd/mm/yyyy")
        .set_align(FormatAlign::Top);
    sheet.set_name(DATA_SHEET)?.set_freeze_panes(1, 2)?;
    let mut list = 0;
    for (at, column) in (0_u16..).zip(columns()) {
        let format = if column.kind == Kind::Date {
            &day
        } else {
            &text
        };
        sheet
            .set_column_format(at, format)?
            .set_column_width(at, width(column))?
            .write_with_format(0, at, column.label, &header)?
            .insert_note(0, at, &Note::new(column.help).set_author("Moisson"))?;
        let values = values(column.kind);
        if values.is_empty() {
            continue;
        }
        lists
            .set_column_width(list, 40)?
            .write_with_format(0, list, column.label, &header)?;
        let mut last = 1;
        for value in &values {
            lists.write(last, list, value)?;
            last += 1;
        }
        let letter = rust_xlsxwriter::utility::column_number_to_name(list);
        let cells = Formula::new(format!("={LISTS_SHEET}!${letter}$2:${letter}${last}"));
        // Another word is doubtful, and not forbidden.
        let validation = DataValidation::new()
            .allow_list_formula(cells)
            .set_error_style(DataValidationErrorStyle::Warning)
            .set_error_title(column.label)?
            .set_error_message("Cette valeur n'est pas dans la feuille « Listes ».")?;
        sheet.add_data_validation(1, at, ROWS, at, &validation)?;
        list += 1;
    }
    Ok(())
}

fn width(column: &Column) -> f64 {
    match column.key {
        "title" | "links" | "landing_page" => 40.0,
        "description" => 60.0,
        _ => 22.0,
    }
}

/// What can be chosen, in French.
fn values(kind: Kind) -> Vec<String> {
    let labels = |scheme: Scheme, codes: &[&str]| {
        let table = Vocab::bundled().scheme(scheme);
        let concepts = codes.iter().filter_map(|code| table.get(code));
        concepts.map(|concept| concept.label().to_owned()).collect()
    };
    match kind {
        Kind::Text | Kind::Date => Vec::new(),
        Kind::Choice(values) => values.iter().map(|value| (*value).to_owned()).collect(),
        Kind::Frequency => labels(Scheme::Frequency, &FREQUENCIES),
        Kind::Licence => labels(Scheme::Licence, &LICENCES),
        Kind::Theme => {
            let themes = Vocab::bundled().scheme(Scheme::DataTheme).concepts();
            themes
                .iter()
                .map(|concept| concept.label().to_owned())
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use connector_inventory::{Config, Inventory, is_internal};
    use model::{Connector, Page, Response};
    use rust_xlsxwriter::ExcelDateTime;

    use super::*;

    fn read(body: Vec<u8>) -> Page {
        let config = Config {
            url: Some("https://valmer.example/inventaire.xlsx".to_owned()),
            ..Config::default()
        };
        let connector = Inventory::new(config).expect("a connector");
        let request = connector.start(None).remove(0);
        let answer = Response {
            url: request.url.clone(),
            request,
            status: 200,
            content_type: None,
            etag: None,
            last_modified: None,
            body: body.into(),
        };
        connector.read(&answer).expect("a page")
    }

    /// A value that the column wants.
    fn value(column: &Column) -> String {
        match column.key {
            "status" => "diffusé".to_owned(),
            _ => values(column.kind)
                .pop()
                .unwrap_or_else(|| format!("Valeur de {}", column.key)),
        }
    }

    #[test]
    fn the_template_filled_in_is_read_without_a_finding_and_without_what_is_internal() {
        let mut workbook = workbook().expect("a workbook");
        let sheet = workbook.worksheet_from_name(DATA_SHEET).expect("a sheet");
        for (at, column) in (0_u16..).zip(columns()) {
            if column.kind == Kind::Date {
                let date = ExcelDateTime::from_ymd(2024, 3, 1).expect("a date");
                sheet.write(1, at, &date).expect("a cell");
            } else {
                sheet.write(1, at, value(column)).expect("a cell");
            }
        }
        let page = read(workbook.save_to_buffer().expect("a file"));
        assert!(page.findings.is_empty(), "{:?}", page.findings);
        assert_eq!(page.records.len(), 1);
        let body: serde_json::Value = serde_json::from_slice(&page.records[0].body).expect("JSON");
        for column in columns() {
            let wanted = if column.kind == Kind::Date {
                "2024-03-01".to_owned()
            } else {
                value(column)
            };
            let found = body["columns"][column.key].as_str();
            let wanted = (!is_internal(column)).then_some(wanted.as_str());
            assert_eq!(found, wanted, "{}", column.key);
        }
        assert!(body.get("others").is_none());
    }

    #[test]
    fn the_empty_template_is_an_empty_inventory() {
        for body in [
            workbook()
                .expect("a workbook")
                .save_to_buffer()
                .expect("a file"),
            csv().into_bytes(),
        ] {
            let page = read(body);
            assert!(
                page.records.is_empty() && page.findings.is_empty(),
                "{:?}",
                page.findings
            );
        }
    }

    #[test]
    fn what_is_offered_is_understood() {
        let lists: [(Scheme, Kind, usize); 3] = [
            (Scheme::Frequency, Kind::Frequency, FREQUENCIES.len()),
            (Scheme::Licence, Kind::Licence, LICENCES.len()),
            (Scheme::DataTheme, Kind::Theme, 13),
        ];
        for (scheme, kind, count) in lists {
            let offered = values(kind);
            assert_eq!(offered.len(), count, "{scheme:?}");
            for label in offered {
                let found = Vocab::bundled().scheme(scheme).resolve(&label);
                assert!(found.is_some_and(|found| found.is_exact()), "{label}");
            }
        }
    }
}
