//! The columns of an inventory: the one table from which headers are read and the template is written.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::words::{before_parenthesis, key};

/// The sheet of the template that has the rows.
pub const DATA_SHEET: &str = "Données";
/// The sheet of the template that has the values to choose from.
pub const LISTS_SHEET: &str = "Listes";
/// The sheet of the template that explains it.
pub const NOTICE_SHEET: &str = "Notice";

/// Statuses of the template. Only what is at the first is published.
pub const STATUSES: [&str; 4] = ["diffusé", "à diffuser", "restreint", "confidentiel"];

/// Words for "published" in the column of the status, folded.
const PUBLIC: [&str; 26] = [
    "diffuse",
    "diffusee",
    "diffuses",
    "diffusees",
    "deja diffuse",
    "deja diffusee",
    "publie",
    "publiee",
    "publies",
    "publiees",
    "public",
    "publique",
    "publics",
    "publiques",
    "ouvert",
    "ouverte",
    "ouverts",
    "ouvertes",
    "open",
    "open data",
    "opendata",
    "en open data",
    "en ligne",
    "donnees ouvertes",
    "donnee ouverte",
    "non restreint",
];

/// Whether a status says that the data are public.
pub fn is_public(status: &str) -> bool {
    PUBLIC.contains(&crate::words::fold(status).as_str())
}

/// Words that say that the data must not be seen by everybody, folded: the status begins with one of them.
const CLOSED: [&str; 20] = [
    "confidentiel",
    "secret",
    "tres secret",
    "restreint",
    "diffusion restreinte",
    "acces restreint",
    "interne",
    "usage interne",
    "diffusion interne",
    "prive",
    "reserve",
    "sensible",
    "non public",
    "non diffus",
    "non communicable",
    "non publie",
    "ne pas diffuser",
    "ne pas publier",
    "pas diffus",
    "limite",
];

/// Whether a status says that the data are not for the public. What says neither this nor that they are public (`à diffuser`, a word nobody knows,
/// a cell that was damaged) does not.
pub fn is_closed(status: &str) -> bool {
    let status = crate::words::fold(status);
    CLOSED.iter().any(|word| status.starts_with(word))
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// A day; a number in it is a day too, as spreadsheets count them.
    Date,
    /// One of these values.
    Choice(&'static [&'static str]),
    /// A frequency of the EU's list, by its French label.
    Frequency,
    /// One of the data themes of DCAT-AP, by its French label.
    Theme,
    /// A licence by its French label.
    Licence,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in records.
    pub key: &'static str,
    /// Its header in the template.
    pub label: &'static str,
    pub kind: Kind,
    /// What to enter, in French; nothing where the template has no such column.
    pub help: &'static str,
    /// Other headers, in any case, with or without accents, articles and plurals.
    aliases: &'static [&'static str],
}

const fn column(
    key: &'static str,
    label: &'static str,
    kind: Kind,
    help: &'static str,
    aliases: &'static [&'static str],
) -> Column {
    Column {
        key,
        label,
        kind,
        help,
        aliases,
    }
}

const YES_NO: Kind = Kind::Choice(&["oui", "non"]);
const DPIA: Kind = Kind::Choice(&["oui", "non", "sans objet"]);
const ORIGIN: Kind = Kind::Choice(&["produite en interne", "acquise", "partenaire"]);

/// Columns for the service alone: they stay in its workbook.
const INTERNAL: [&str; 5] = ["hosting", "host_operator", "quality", "tools", "volume"];

/// Whether what a column holds is not for the catalogue.
pub fn is_internal(column: &Column) -> bool {
    INTERNAL.contains(&column.key)
}

/// In the order of the template.
#[rustfmt::skip]
pub static COLUMNS: [Column; 38] = [
    column("identifier", "Identifiant", Kind::Text, "Un code qui ne change jamais et que n'a aucune autre ligne, par exemple DREAL-001. Sans lui, changer le titre ou le service fait une nouvelle fiche.",
        &["id", "identifiant unique", "identifiant du jeu de données", "id jeu", "id donnee", "code", "référence", "identifier", "uuid", "datasetid", "dataset id", "id alt orga", "resource fileid", "inspire file identifier"]),
    column("title", "Titre", Kind::Text, "Obligatoire. Le nom du jeu de données, compréhensible hors du service.",
        &["titre du jeu de données", "nom du jeu de données", "intitulé du jeu de données", "nom de la donnée", "intitulé de la donnée", "nom", "intitulé", "libellé", "jeu de données", "donnée", "title", "name", "resource title"]),
    column("description", "Description", Kind::Text, "Ce que contiennent les données, comment elles sont produites, à quoi elles servent.",
        &["résumé", "descriptif", "présentation", "contenu", "abstract", "summary"]),
    column("direction", "Direction", Kind::Text, "L'administration dont relève le service, par exemple DREAL Hauts-de-France.",
        &["organisation", "organisme", "administration", "structure", "collectivité", "coll nom", "nom orga", "nom organisation", "organization", "provider", "responsible organization"]),
    column("service", "Service", Kind::Text, "Le service responsable des données.",
        &["nom du service", "service producteur", "service responsable", "producteur", "producteur nom", "publisher", "département ou service"]),
    column("siret", "SIRET du service", Kind::Text, "Quatorze chiffres.",
        &["siret", "siret orga", "siret organisation", "numéro siret", "n siret", "no siret", "coll siret", "producteur siret"]),
    column("category", "Catégorie", Kind::Text, "La grande catégorie de données à laquelle elles appartiennent dans le service.",
        &["catégorie de données", "grande catégorie", "type de données", "famille", "category"]),
    column("theme", "Thème", Kind::Theme, "À choisir dans la liste.",
        &["thématique", "domaine", "theme"]),
    column("keywords", "Mots-clés", Kind::Text, "Séparés par des points-virgules.",
        &["mots clefs", "tags", "étiquettes", "keyword", "keywords"]),
    column("policy", "Politique publique", Kind::Text, "La politique publique que les données servent.",
        &["politiques publiques", "politique prioritaire"]),
    column("origin", "Origine", ORIGIN, "Produite en interne, acquise, ou reçue d'un partenaire.",
        &["origine des données", "provenance", "mode d'obtention", "produite ou acquise"]),
    column("acquired_from", "Acquise auprès de", Kind::Text, "Le fournisseur ou le partenaire, si les données ne sont pas produites en interne.",
        &["fournisseur", "partenaire", "acquis auprès de", "fournie par", "source"]),
    column("conditions", "Conditions", Kind::Text, "Les conditions d'acquisition ou de réutilisation : convention, abonnement, mentions.",
        &["conditions d'acquisition", "conditions d'accès", "conditions d'utilisation", "conditions de réutilisation", "rights", "access level comment", "accesslevelcomment"]),
    column("status", "Statut", Kind::Choice(&STATUSES), "Obligatoire. Seules les lignes « diffusé » sont publiées.",
        &["statut de diffusion", "diffusion", "état de diffusion", "niveau d'accès", "statut des données", "confidentialité", "accesslevel", "access level", "droits d'accès", "access rights", "accessrights"]),
    column("withheld_reason", "Motif de non-diffusion", Kind::Text, "Pourquoi les données ne sont pas diffusées : secret, propriété intellectuelle, qualité…",
        &["motif", "motif de non publication", "raison de non diffusion"]),
    column("personal_data", "Données personnelles", YES_NO, "Les données permettent-elles d'identifier des personnes ?",
        &["données à caractère personnel", "dcp", "contient des données personnelles", "rgpd"]),
    column("legal_basis", "Base légale (RGPD)", Kind::Text, "La base légale du traitement, si les données sont personnelles.",
        &["base légale", "base légale rgpd", "base juridique"]),
    column("dpia", "AIPD", DPIA, "Une analyse d'impact relative à la protection des données est-elle faite ?",
        &["aipd réalisée", "analyse d'impact", "pia"]),
    column("hosting", "Hébergement", Kind::Text, "Où les données sont hébergées.",
        &["lieu d'hébergement", "localisation des données", "hébergé à"]),
    column("host_operator", "Opérateur de l'hébergement", Kind::Text, "Qui les héberge.",
        &["hébergeur", "opérateur", "opérateur hébergement"]),
    column("quality", "Qualité", Kind::Text, "Ce que l'on sait de l'exactitude, de la complétude, de la fraîcheur.",
        &["qualité des données", "fiabilité", "dataquality", "data quality"]),
    column("frequency", "Fréquence de mise à jour", Kind::Frequency, "À choisir dans la liste.",
        &["fréquence", "freq maj", "périodicité", "rythme de mise à jour", "fréquence d'actualisation", "frequency", "accrualperiodicity", "dcat accrualperiodicity"]),
    column("issued", "Date de publication", Kind::Date, "Le jour de la première publication.",
        &["date publ", "date pub", "date de première publication", "publié le", "issued", "dcat issued", "dateadded", "created at"]),
    column("modified", "Date de mise à jour", Kind::Date, "Le jour de la dernière mise à jour des données.",
        &["date maj", "dernière mise à jour", "date de dernière mise à jour", "mise à jour", "mis à jour le", "date d'actualisation", "modified", "last modified", "dateupdated"]),
    column("tools", "Outils", Kind::Text, "Les outils qui produisent ou exploitent les données.",
        &["outil", "logiciel", "application", "outils utilisés", "si", "système d'information"]),
    column("contact_name", "Contact : nom", Kind::Text, "De préférence celui d'un service : ce contact est publié.",
        &["contact", "nom du contact", "point de contact", "contact personne", "contact service", "référent", "personne à contacter", "contactpoint", "contact point", "fn", "maintainer"]),
    column("contact_email", "Contact : courriel", Kind::Text, "De préférence celui d'un service : ce courriel est publié.",
        &["courriel", "email", "e-mail", "mail", "adresse mail", "courriel du contact", "contact mail", "contact email", "mél", "mbox", "hasemail", "contact name email"]),
    column("contact_phone", "Contact : téléphone", Kind::Text, "De préférence celui d'un standard : ce numéro est publié.",
        &["téléphone", "tél", "téléphone du contact", "numéro de téléphone", "contact tél"]),
    column("spatial", "Couverture géographique", Kind::Text, "Le territoire couvert : nom, ou code officiel géographique. Plusieurs sont séparés par des points-virgules.",
        &["couverture géo", "couverture spatiale", "territoire", "zone géographique", "périmètre géographique", "emprise", "couv spat nom", "couv geo", "spatial", "areaserved", "area served", "dcat spatial", "spatial zones"]),
    column("spatial_level", "Maille géographique", Kind::Text, "",
        &["maille", "granularité", "couv spat maille", "spatial granularity", "dcat granularity"]),
    column("temporal", "Période", Kind::Text, "",
        &["période couverte", "couverture temporelle", "temporal", "dcat temporal"]),
    column("temporal_start", "Début de la période", Kind::Date, "La date ou l'année à laquelle les données commencent.",
        &["date de début", "couv temp debut", "début", "startdate", "start date", "temporal coverage start", "date start"]),
    column("temporal_end", "Fin de la période", Kind::Date, "La date ou l'année à laquelle elles finissent ; rien si elles continuent.",
        &["date de fin", "couv temp fin", "fin", "enddate", "end date", "temporal coverage end", "date end"]),
    column("licence", "Licence", Kind::Licence, "À choisir dans la liste, pour les données diffusées.",
        &["license", "licence de réutilisation", "licence de diffusion"]),
    column("formats", "Format", Kind::Text, "CSV, XLSX, SHP… Plusieurs sont séparés par des points-virgules, dans l'ordre des liens.",
        &["formats", "format ressources", "format des fichiers", "resources formats", "mediatype", "media type"]),
    column("links", "Lien", Kind::Text, "L'adresse à laquelle les données sont diffusées. Plusieurs sont séparées par des points-virgules ou des retours à la ligne.",
        &["liens", "url", "lien de publication", "url de publication", "adresse", "lien de téléchargement", "url de téléchargement", "lien vers les données", "accessurl", "access url", "downloadurl", "download url", "download link"]),
    column("landing_page", "Page d'information", Kind::Text, "L'adresse d'une page qui présente les données.",
        &["page", "page web", "fiche", "landingpage", "landing page"]),
    column("volume", "Volume", Kind::Text, "Le nombre d'enregistrements, ou la taille.",
        &["volumétrie", "taille", "nombre d'enregistrements", "records count"]),
];

/// The column that a header names.
pub fn by_header(header: &str) -> Option<&'static Column> {
    static KEYS: OnceLock<HashMap<String, usize>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let spellings = COLUMNS.iter().enumerate().flat_map(|(at, column)| {
            let own = [column.label, column.key];
            own.into_iter()
                .chain(column.aliases.iter().copied())
                .map(move |spelling| (key(spelling), at))
        });
        spellings.collect()
    });
    let found = keys
        .get(&key(header))
        .or_else(|| keys.get(&key(before_parenthesis(header)?)));
    COLUMNS.get(*found?)
}

pub fn by_key(key: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|column| column.key == key)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn no_header_means_two_columns() {
        let mut seen: HashMap<String, &str> = HashMap::new();
        for column in &COLUMNS {
            for spelling in [column.label, column.key].iter().chain(column.aliases) {
                let known = seen.insert(key(spelling), column.key);
                assert!(known.is_none_or(|known| known == column.key), "{spelling}");
                assert_eq!(by_header(spelling), Some(column), "{spelling}");
            }
        }
    }

    #[test]
    fn headers_are_read_as_people_write_them() {
        for (header, wanted) in [
            ("TITRE", "title"),
            (" Titre * ", "title"),
            ("Intitulé (obligatoire)", "title"),
            ("Mots clés", "keywords"),
            ("MOTS_CLES", "keywords"),
            ("Date de la mise à jour", "modified"),
            ("Acquise  auprès de\u{a0}:", "acquired_from"),
            ("Base légale RGPD", "legal_basis"),
            ("COUV_SPAT_NOM", "spatial"),
            ("accessLevel", "status"),
        ] {
            let found = by_header(header).map(|column| column.key);
            assert_eq!(found, Some(wanted), "{header}");
        }
        for header in ["", "Observations", "Total", "42"] {
            assert_eq!(by_header(header), None, "{header}");
        }
    }

    #[test]
    fn what_is_closed_says_so() {
        for yes in [
            "confidentiel",
            "Restreinte",
            "NON DIFFUSÉ",
            "Interne (DREAL)",
            "secret statistique",
        ] {
            assert!(is_closed(yes) && !is_public(yes), "{yes}");
        }
        for no in [
            "",
            "à diffuser",
            "diffusé",
            "diff\u{7f}sé",
            "oui",
            "en cours",
        ] {
            assert!(!is_closed(no), "{no}");
        }
    }

    #[test]
    fn only_words_for_published_are_public() {
        for yes in ["diffusé", "Diffusée ", "PUBLIC", "Open-data"] {
            assert!(is_public(yes), "{yes}");
        }
        for no in [
            "",
            "à diffuser",
            "restreint",
            "confidentiel",
            "non diffusé",
            "restricted public",
            "non-public",
            "diffusé ?non",
            "partiellement diffusé",
        ] {
            assert!(!is_public(no), "{no}");
        }
    }
}
