//! Who publishes: one organisation under the names that people give it.

use vocab::organisation::Organisations;

/// Names of kinds of bodies, as they begin names of organisations, and the one under which they are compared. The body of an
/// authority and the authority are one publisher. The longer of two that begin alike comes first.
const KINDS: [(&str, &str); 24] = [
    ("conseil departemental", "departement"),
    ("conseil general", "departement"),
    ("cd", "departement"),
    ("conseil regional", "region"),
    ("mairie", "commune"),
    ("ville", "commune"),
    ("communaute d agglomeration", "ca"),
    ("communaute de communes", "cc"),
    ("communaute urbaine", "cu"),
    ("parc naturel regional", "pnr"),
    ("parc national", "pn"),
    (
        "direction regionale de l environnement de l amenagement et du logement",
        "dreal",
    ),
    (
        "direction regionale de l alimentation de l agriculture et de la foret",
        "draaf",
    ),
    ("direction regionale des affaires culturelles", "drac"),
    (
        "direction departementale des territoires et de la mer",
        "ddtm",
    ),
    ("direction departementale des territoires", "ddt"),
    ("agence regionale de sante", "ars"),
    ("service departemental d incendie et de secours", "sdis"),
    ("chambre de commerce et d industrie", "cci"),
    ("chambre d agriculture", "ca agricole"),
    ("conservatoire d espaces naturels", "cen"),
    ("office de tourisme", "ot"),
    ("centre communal d action sociale", "ccas"),
    ("etablissement public foncier", "epf"),
];

const ARTICLES: [&str; 10] = ["d", "de", "des", "du", "en", "et", "l", "la", "le", "les"];

/// What many organisations are called: a name of these alone says of whom it is only to those who work there.
const COMMON: [&str; 64] = [
    "administration",
    "agence",
    "amenagement",
    "association",
    "bureau",
    "ca",
    "cabinet",
    "cartographie",
    "cc",
    "ccas",
    "cellule",
    "centre",
    "collectivite",
    "comite",
    "communaute",
    "commune",
    "communes",
    "communication",
    "conseil",
    "cu",
    "culture",
    "data",
    "ddt",
    "ddtm",
    "departement",
    "direction",
    "donnees",
    "dreal",
    "dsi",
    "eau",
    "education",
    "environnement",
    "equipe",
    "espaces",
    "finances",
    "general",
    "generale",
    "generaux",
    "geomatique",
    "geographique",
    "gestionnaire",
    "informatique",
    "information",
    "metropole",
    "mission",
    "mobilite",
    "mobilites",
    "office",
    "open",
    "ot",
    "pole",
    "prefecture",
    "publics",
    "region",
    "service",
    "services",
    "sig",
    "syndicat",
    "systeme",
    "technique",
    "techniques",
    "territoire",
    "urbanisme",
    "verts",
];

/// An organisation's name as it is compared: the known ones under their name of today, without articles, « Mairie de X » as
/// « Commune de X », in whatever order its words are written: « X Métropole » is « Métropole de X ». Former names are left: they may have been another body's, and those of its delegations.
pub(crate) fn organisation(name: &str) -> String {
    if let Some((known, true)) = Organisations::bundled().by_name(name) {
        return vocab::fold(known.name);
    }
    if name.contains("://") {
        return name.to_owned();
    }
    let folded = vocab::fold(name);
    let kind = KINDS.iter().find_map(|(long, short)| {
        let rest = folded.strip_prefix(long)?;
        (rest.is_empty() || rest.starts_with(' ')).then(|| format!("{short}{rest}"))
    });
    let folded = kind.unwrap_or(folded);
    let mut words: Vec<&str> = folded
        .split(' ')
        .filter(|word| !ARTICLES.contains(word))
        .collect();
    words.sort_unstable();
    words.join(" ")
}

/// Whether a name, as it is compared, can be one organisation's alone.
pub(crate) fn is_proper(organisation: &str) -> bool {
    organisation.len() >= 3
        && organisation
            .split(' ')
            .any(|word| !word.is_empty() && !COMMON.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_organisation_has_one_name() {
        for (one, other) in [
            ("Mairie d’Orsenne", "Ville d'Orsenne"),
            (
                "Conseil départemental de la Sorne",
                "DÉPARTEMENT DE LA SORNE",
            ),
            ("DREAL Caps", "DREAL des Caps"),
            ("Valmer Métropole", "Métropole de Valmer"),
            (
                "INSEE",
                "Institut national de la statistique et des études économiques",
            ),
        ] {
            assert_eq!(organisation(one), organisation(other), "{one}");
            assert!(is_proper(&organisation(one)), "{one}");
        }
    }

    #[test]
    fn different_organisations_have_different_names() {
        for (one, other) in [
            ("Ville d’Orsenne", "Métropole d’Orsenne"),
            ("Ville d’Orsenne", "Ville de Brumeval"),
            ("INSEE", "INSEE Hauts-de-France"),
            (
                "Communauté de communes du Val",
                "Communauté d’agglomération du Val",
            ),
        ] {
            assert_ne!(organisation(one), organisation(other), "{one}");
        }
    }

    #[test]
    fn what_services_are_called_is_no_name() {
        for name in [
            "",
            "Mairie",
            "Service urbanisme",
            "Pôle SIG",
            "Direction des espaces verts",
            "DDT",
        ] {
            assert!(!is_proper(&organisation(name)), "{name}");
        }
    }
}
