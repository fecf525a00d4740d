//! What the texts and anchors of constraints are about, and which licences they name.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// Who may have the data.
    Access,
    /// A licence, by its name or its address.
    Licence,
    /// That nothing limits the use.
    NoCondition,
    /// Anything else that is said about the use.
    Use,
}

/// What the codes of a block say that its texts are about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block {
    Access,
    Use,
    Both,
}

/// What a text or an anchor in a block is about.
pub(crate) fn about(text: &str, address: Option<&str>, block: Block) -> About {
    let address = address.unwrap_or_default().to_lowercase();
    let folded: String = text
        .to_lowercase()
        .replace('’', "'")
        .replace(['é', 'è', 'ê'], "e");
    if address.contains("limitationsonpublicaccess") {
        return About::Access;
    }
    let no_condition = address.contains("noconditionsapply")
        || [
            "no conditions apply",
            "no condition applies",
            "aucune condition ne s'applique",
            "aucune condition",
        ]
        .iter()
        .any(|words| folded.starts_with(words));
    if no_condition {
        return About::NoCondition;
    }
    let licence = family(text).is_some()
        || family(&address).is_some()
        || address.contains("licen")
        || (folded.starts_with("http") && block == Block::Use)
        || (["licence", "license"]
            .iter()
            .any(|word| folded.contains(word))
            && block != Block::Access);
    if licence {
        return About::Licence;
    }
    let access = [
        "public access",
        "acces public",
        "access public",
        "l124-4",
        "l. 124-4",
        "article 13",
        "l311-",
        "articles de la loi",
        "no limitation",
        "pas de restriction",
        "aucune restriction",
    ]
    .iter()
    .any(|words| folded.contains(words));
    match block {
        Block::Access => About::Access,
        Block::Both | Block::Use if access => About::Access,
        Block::Both | Block::Use => About::Use,
    }
}

/// Families of licences that exclude one another, as texts and addresses name them.
pub(crate) fn family(text: &str) -> Option<&'static str> {
    let folded: String = text
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect();
    FAMILIES
        .iter()
        .find(|(_, names)| names.iter().any(|name| folded.contains(name)))
        .map(|(family, _)| *family)
}

const FAMILIES: &[(&str, &[&str])] = &[
    (
        "odbl",
        &[
            "odbl",
            "odbcl",
            "opendatabaselicense",
            "licenceodb",
            "opendatabaselicence",
        ],
    ),
    ("etalab", &["licenceouverte", "openlicence", "etalab"]),
    (
        "cc0",
        &["cc0", "publicdomainzero", "creativecommonsorgpublicdomain"],
    ),
    ("cc-by-nc", &["ccbync", "licensesbync"]),
    ("cc-by-sa", &["ccbysa", "licensesbysa"]),
    ("cc-by-nd", &["ccbynd", "licensesbynd"]),
    (
        "cc-by",
        &[
            "ccby",
            "licensesby",
            "creativecommonsattribution",
            "creativecommonsbyattribution",
            "creativecommons",
        ],
    ),
    ("ogl", &["opengovernmentlicence", "opengovernmentlicense"]),
    ("pddl", &["pddl", "publicdomaindedicationandlicense"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_constraints_are_about() {
        for (text, address, block, wanted) in [
            (
                "Pas de restriction d’accès public selon INSPIRE",
                Some(
                    "http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/noLimitations",
                ),
                Block::Access,
                About::Access,
            ),
            (
                "Pas de restriction d'accès publique",
                None,
                Block::Both,
                About::Access,
            ),
            ("Licence Ouverte 2.0", None, Block::Use, About::Licence),
            ("Licence OdBL", None, Block::Both, About::Licence),
            (
                "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
                None,
                Block::Use,
                About::Licence,
            ),
            (
                "Aucune condition ne s’applique",
                None,
                Block::Use,
                About::NoCondition,
            ),
            ("Mentionner la source", None, Block::Use, About::Use),
            ("Restreint au service", None, Block::Access, About::Access),
        ] {
            assert_eq!(about(text, address, block), wanted, "{text}");
        }
    }

    #[test]
    fn families_of_licences() {
        assert_eq!(
            family("Licence Ouverte / Open Licence Version 2.0"),
            Some("etalab")
        );
        assert_eq!(
            family("https://creativecommons.org/licenses/by-sa/4.0/"),
            Some("cc-by-sa")
        );
        assert_eq!(family("Licence ODbL mai 2013"), Some("odbl"));
        assert_eq!(family("voir les conditions"), None);
    }
}
