//! Spreadsheets in the manner of real ones, the same bytes each time they are made.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError,
};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// As the template has it, three public rows.
pub const CSV_PLAIN: &str = "\u{feff}Identifiant;Titre;Description;Direction;Service;SIRET du service;Thème;Mots-clés;Origine;Acquise auprès de;Statut;Données personnelles;Fréquence de mise à jour;Date de publication;Date de mise à jour;Contact : nom;Contact : courriel;Contact : téléphone;Couverture géographique;Début de la période;Fin de la période;Licence;Format;Lien;Page d'information\r
VAL-001;Prélèvements d'eau;\"Volumes prélevés par commune.\r\nDonnées déclarées par les exploitants.\";Direction de l'environnement de Valmer;Service eau;55208131766522;Environnement;\"eau ; prélèvements\";produite en interne;;diffusé;non;annuel;2021-05-04;2024-03-01;Pôle données;donnees@valmer.example;03 20 00 00 00;Valmer;2012;2023;Licence Ouverte 2.0;CSV;https://donnees.valmer.example/eau.csv;https://donnees.valmer.example/eau\r
VAL-002;Trafic routier;Comptages aux postes fixes.;Direction des routes de Valmer;;;Transports;\"routes ; comptages\";partenaire;Autoroutes de Valmer;diffusé;non;mensuel;2020-01-15;2024-06-30;;routes@valmer.example;;\"80 ; 02\";2015;;Licence Ouverte 2.0;\"CSV ; GeoJSON\";\"https://donnees.valmer.example/trafic.csv ; https://donnees.valmer.example/trafic.geojson\";\r
VAL-003;Logements sociaux;Parc des bailleurs au 1er janvier.;;Service habitat de Valmer;;Population et société;logement;acquise;Bailleurs de Valmer;diffusé;oui;annuel;;2023-01-01;Service habitat;;;Valmer;;;Licence Ouverte 2.0;;;https://donnees.valmer.example/logement\r
";

const HEADERS: [&str; 17] = [
    "Service ",
    "Code",
    "TITRE *",
    "Résumé",
    "Mots clefs",
    "Statut de diffusion",
    "Fréquence",
    "Date MAJ",
    "Licence",
    "URL",
    "Format",
    "N° SIRET",
    "Observations",
    "Courriel",
    "Contact",
    "Couverture géo.",
    "Période couverte (années)",
];

/// Logos above the table, merged and hidden things, totals, errors, rows that are not public: what services send.
pub fn xlsx_messy() -> Vec<u8> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2024, 3, 12).expect("a date");
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let mut notice = Worksheet::new();
    notice
        .set_name("Notice")
        .and_then(|sheet| sheet.write(0, 0, "Remplir une ligne par jeu de données"))
        .expect("a notice");
    workbook.push_worksheet(notice);
    let mut draft = Worksheet::new();
    draft
        .set_name("Brouillon")
        .expect("a name")
        .set_hidden(true);
    workbook.push_worksheet(draft);
    let mut data = Worksheet::new();
    messy_data(&mut data).expect("a sheet");
    workbook.push_worksheet(data);
    let mut other = Worksheet::new();
    other
        .set_name("Suivi 2023")
        .and_then(|sheet| sheet.write(0, 0, "Titre"))
        .expect("a sheet");
    workbook.push_worksheet(other);
    workbook.save_to_buffer().expect("a workbook")
}

fn messy_data(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let (plain, day) = (Format::new(), Format::new().set_num_format("dd/mm/yyyy"));
    sheet.set_name("donnees")?;
    sheet.merge_range(
        0,
        0,
        0,
        9,
        "Direction de l'environnement de Valmer – inventaire des données",
        &plain,
    )?;
    sheet.write(2, 0, "Mis à jour le 12/03/2024")?;
    sheet.write_row(4, 0, HEADERS)?;
    sheet.merge_range(5, 0, 7, 0, "Service eau", &plain)?;
    sheet.write_row(
        5,
        1,
        [
            "EAU-1",
            "Prélèvements d'eau",
            "Volumes par commune.",
            "eau, prélèvements",
            "Diffusé",
            "annuelle",
        ],
    )?;
    sheet.write_with_format(5, 7, &ExcelDateTime::from_ymd(2024, 3, 1)?, &day)?;
    sheet.write_row(
        5,
        8,
        [
            "Licence Ouverte 2.0",
            "https://donnees.valmer.example/eau.csv",
            "CSV",
        ],
    )?;
    sheet
        .write(5, 11, 55_208_131_766_522_u64)?
        .write(5, 12, "à revoir avec le service")?;
    sheet.write_row(
        5,
        13,
        ["eau@valmer.example", "Pôle eau", "Valmer", "2012-2023"],
    )?;
    sheet.write_row(
        6,
        1,
        [
            "EAU-2",
            "Captages protégés",
            "Coordonnées exactes.",
            "",
            "Confidentiel",
        ],
    )?;
    sheet.write_formula(6, 3, Formula::new("=Feuille!A1").set_result("#REF!"))?;
    sheet.write(7, 2, "Qualité des rivières")?;
    sheet.write_formula(7, 3, Formula::new("=Feuille!A1").set_result("#REF!"))?;
    sheet.write_row(7, 4, ["", "Diffusée", "tous les 6 mois"])?;
    sheet.write(7, 7, 45_352)?.write(7, 9, "voir le site")?;
    sheet.write(9, 0, "Service biodiversité")?;
    sheet.write_row(
        10,
        0,
        [
            "Service biodiversité",
            "BIO-1",
            "",
            "Une ligne sans titre.",
            "",
            "Diffusé",
        ],
    )?;
    sheet.write_row(
        11,
        0,
        ["Service biodiversité", "EAU-1", "Copie", "", "", "Diffusé"],
    )?;
    sheet.write_row(
        12,
        0,
        [
            "Service biodiversité",
            "BIO-3",
            "Espèces sensibles",
            "",
            "",
            "à diffuser",
        ],
    )?;
    sheet.write_row(
        13,
        0,
        ["Service biodiversité", "BIO-4", "Inventaires en cours"],
    )?;
    sheet.write_row(
        14,
        0,
        [
            "Service biodiversité",
            "BIO-2",
            "Zones humides",
            "Contours des zones.",
            "zones humides",
            "Diffusé",
            "de temps en temps",
            "03/2022",
            "Licence maison",
        ],
    )?;
    sheet.write(14, 9, "https://donnees.valmer.example/zh.shp.zip\nhttps://carto.valmer.example/wfs?service=WFS&request=GetCapabilities")?;
    sheet.write_row(
        14,
        10,
        [
            "SHP ; WFS",
            "1234",
            "",
            "voir l'annuaire",
            "",
            "Valmer ; 80001",
            "depuis 2019",
        ],
    )?;
    sheet.write(14, 18, "hors tableau")?;
    sheet.write_row(15, 0, HEADERS)?;
    sheet.write(16, 0, "TOTAL")?.write(16, 2, 7)?;
    // A cell that somebody coloured once.
    sheet.write_blank(1_048_575, 16_383, &day)?;
    Ok(())
}

/// Repeated and covered cells, comments, dates, booleans, a formula without a result, a sheet that is not shown.
pub fn ods() -> Vec<u8> {
    let text = |text: &str| {
        format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
        )
    };
    let row = |cells: String| format!("<table:table-row>{cells}</table:table-row>");
    let texts = |values: &[&str]| values.iter().map(|value| text(value)).collect::<String>();
    let header = texts(&[
        "Identifiant",
        "Titre",
        "Description",
        "Statut",
        "Données personnelles",
        "Date de mise à jour",
        "SIRET du service",
        "Lien",
        "Service",
    ]);
    let first = texts(&[
        "R-1",
        "Routes &amp; chemins",
        "Tronçons<text:s/>et<text:line-break/>carrefours",
        "diffusé",
    ]) + "<table:table-cell office:value-type=\"boolean\" office:boolean-value=\"false\"><text:p>FAUX</text:p></table:table-cell>"
        + "<table:table-cell office:value-type=\"date\" office:date-value=\"2024-03-01\"><office:annotation><text:p>à vérifier</text:p></office:annotation><text:p>01/03/24</text:p></table:table-cell>"
        + "<table:table-cell office:value-type=\"float\" office:value=\"55208131766522\"><text:p>5,52E+13</text:p></table:table-cell>"
        + &text("https://donnees.valmer.example/routes.gpkg")
        + "<table:table-cell table:number-rows-spanned=\"2\" office:value-type=\"string\"><text:p>Service routes</text:p></table:table-cell>";
    let second = texts(&["R-2", "Ponts"])
        + "<table:table-cell table:formula=\"of:=[.#REF!]\" office:value-type=\"float\" office:value=\"0\"><text:p>#REF!</text:p></table:table-cell>"
        + &text("diffusé")
        + "<table:table-cell table:number-columns-repeated=\"4\"/><table:covered-table-cell/>";
    let third = texts(&["R-3", "Projets", "En cours", "restreint"]);
    let body = format!(
        "<table:table table:name=\"Caché\" table:style-name=\"ta2\"><table:table-row>{header}</table:table-row></table:table><table:table table:name=\"Inventaire\" table:style-name=\"ta1\"><table:table-column table:number-columns-repeated=\"16384\"/>{}<table:table-row table:number-rows-repeated=\"2\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>{}{}{}{}<table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row></table:table>",
        row(text("Inventaire des données routières")),
        row(header.clone()),
        row(first),
        row(second),
        row(third),
    );
    ods_package(&body)
}

/// A spreadsheet of these tables.
pub fn ods_package(tables: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" office:version=\"1.2\"><office:automatic-styles><style:style style:name=\"ta1\" style:family=\"table\"><style:table-properties table:display=\"true\"/></style:style><style:style style:name=\"ta2\" style:family=\"table\"><style:table-properties table:display=\"false\"/></style:style></office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    package(&[
        (
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet",
        ),
        ("content.xml", content.as_bytes()),
    ])
}

pub fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("an entry");
        writer.write_all(content).expect("an entry");
    }
    writer.finish().expect("a package").into_inner()
}
