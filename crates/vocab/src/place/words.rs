//! The words around names: what kind of territory is meant, and what leads to its name.

use super::Kind;

pub(super) const ARTICLES: &[&str] = &["le", "la", "les", "l"];
pub(super) const CONNECTORS: &[&str] = &[
    "de la", "de l", "du", "des", "de", "d", "le", "la", "les", "l",
];

/// What a text says the territory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Only(&'static [Kind]),
    /// A territory of a kind that is in no table: a canton, a park, a basin.
    Other,
    /// The word says nothing of the kind.
    Any,
}

const REGION: Wanted = Wanted::Only(&[Kind::Region]);
const DEPARTMENT: Wanted = Wanted::Only(&[Kind::Department]);
const DISTRICT: Wanted = Wanted::Only(&[Kind::District]);
const COMMUNE: Wanted = Wanted::Only(&[
    Kind::Commune,
    Kind::Delegate,
    Kind::Associate,
    Kind::CityDistrict,
]);
const DELEGATE: Wanted = Wanted::Only(&[Kind::Delegate]);
const ASSOCIATE: Wanted = Wanted::Only(&[Kind::Associate]);
const INTERCOMMUNALITY: Wanted = Wanted::Only(&[Kind::Intercommunality, Kind::ParisTerritory]);

/// Folded; of those that begin alike the longer comes first.
const PREFIXES: &[(&str, Wanted)] = &[
    ("departement", DEPARTMENT),
    ("departements", DEPARTMENT),
    ("dept", DEPARTMENT),
    ("dpt", DEPARTMENT),
    ("dep", DEPARTMENT),
    ("ancienne region", REGION),
    ("anciennes regions", REGION),
    ("ex region", REGION),
    ("region administrative", REGION),
    ("region", REGION),
    ("regions", REGION),
    ("commune deleguee", DELEGATE),
    ("commune associee", ASSOCIATE),
    ("commune nouvelle", COMMUNE),
    ("commune", COMMUNE),
    ("communes", COMMUNE),
    ("ville", COMMUNE),
    ("mairie", COMMUNE),
    ("municipalite", COMMUNE),
    ("arrondissement", DISTRICT),
    ("communaute de communes", INTERCOMMUNALITY),
    ("communaute des communes", INTERCOMMUNALITY),
    ("com de com", INTERCOMMUNALITY),
    ("comcom", INTERCOMMUNALITY),
    ("cdc", INTERCOMMUNALITY),
    ("cc", INTERCOMMUNALITY),
    ("communaute d agglomeration", INTERCOMMUNALITY),
    ("communaute agglomeration", INTERCOMMUNALITY),
    ("communaute d agglo", INTERCOMMUNALITY),
    ("agglomeration", INTERCOMMUNALITY),
    ("agglo", INTERCOMMUNALITY),
    ("ca", INTERCOMMUNALITY),
    ("communaute urbaine", INTERCOMMUNALITY),
    ("cu", INTERCOMMUNALITY),
    ("etablissement public territorial", INTERCOMMUNALITY),
    ("ept", INTERCOMMUNALITY),
    ("epci", INTERCOMMUNALITY),
    ("intercommunalite", INTERCOMMUNALITY),
    ("metropole", INTERCOMMUNALITY),
    ("canton", Wanted::Other),
    ("pays", Wanted::Other),
    ("bassin", Wanted::Other),
    ("baie", Wanted::Other),
    ("foret", Wanted::Other),
    ("vallee", Wanted::Other),
    ("port", Wanted::Other),
    ("parc naturel regional", Wanted::Other),
    ("parc national", Wanted::Other),
    ("academie", Wanted::Other),
    ("quartier", Wanted::Other),
    ("centre", Wanted::Other),
    ("aeroport", Wanted::Other),
    ("territoire communal", COMMUNE),
    ("territoire departemental", DEPARTMENT),
    ("territoire regional", REGION),
    ("territoire", Wanted::Any),
    ("emprise geographique", Wanted::Any),
    ("emprise", Wanted::Any),
    ("perimetre", Wanted::Any),
    ("ensemble", Wanted::Any),
];

/// The kind that a key begins with, and what follows.
pub(super) fn prefix(key: &str) -> Option<(Wanted, &str)> {
    PREFIXES
        .iter()
        .filter_map(|(phrase, wanted)| {
            let rest = key.strip_prefix(phrase)?.strip_prefix(' ')?;
            (!rest.is_empty()).then_some((phrase.len(), *wanted, rest))
        })
        .max_by_key(|(length, _, _)| *length)
        .map(|(_, wanted, rest)| (wanted, rest))
}
