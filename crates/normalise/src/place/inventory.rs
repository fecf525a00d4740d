//! Rows of inventories: a sheet and a column.

use model::ns::{dcat, dcterms, vcard};
use oxrdf::NamedNodeRef;

/// Property and header of a spreadsheet, as the template of inventories has it.
const HEADERS: &[(NamedNodeRef<'static>, &str)] = &[
    (dcterms::TITLE, "Titre"),
    (dcterms::DESCRIPTION, "Description"),
    (dcterms::IDENTIFIER, "Identifiant"),
    (dcterms::LICENSE, "Licence"),
    (dcterms::RIGHTS, "Conditions"),
    (dcterms::ACCESS_RIGHTS, "Statut"),
    (dcterms::ACCRUAL_PERIODICITY, "Fréquence de mise à jour"),
    (dcterms::FORMAT, "Format"),
    (dcat::MEDIA_TYPE, "Format"),
    (dcat::KEYWORD, "Mots-clés"),
    (dcat::THEME, "Thème"),
    (dcat::ACCESS_URL, "Lien"),
    (dcat::DOWNLOAD_URL, "Lien"),
    (dcat::LANDING_PAGE, "Page d'information"),
    (dcterms::ISSUED, "Date de publication"),
    (dcterms::MODIFIED, "Date de mise à jour"),
    (dcat::START_DATE, "Début de la période"),
    (dcat::END_DATE, "Fin de la période"),
    (dcterms::SPATIAL, "Couverture géographique"),
    (vcard::FN, "Contact : nom"),
    (vcard::HAS_EMAIL, "Contact : courriel"),
    (vcard::HAS_TELEPHONE, "Contact : téléphone"),
];

/// The column of a row, where `origin` is a sheet, or a column already.
pub fn of(origin: &str, predicate: NamedNodeRef<'_>) -> Option<String> {
    if !origin.starts_with("feuille ") && !origin.starts_with("tableau") {
        return None;
    }
    let header = HEADERS.iter().find(|(known, _)| *known == predicate);
    Some(match header {
        Some((_, header)) if !origin.contains(", colonne ") => {
            format!("{origin}, colonne « {header} »")
        }
        _ => origin.to_owned(),
    })
}
