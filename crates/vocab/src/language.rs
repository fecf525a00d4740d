//! Languages: codes with what stands around them.

use crate::fold::{MAX_KEY, fold};
use crate::{How, Match, Scheme, Table, Vocab};

/// Lists of languages whose IRIs end in a code.
const LISTS: [&str; 7] = [
    "/authority/language/",
    "id.loc.gov/vocabulary/iso639",
    "lexvo.org/id/",
    "loc.gov/standards/iso639",
    "/iso639",
    "dbpedia.org/resource/iso_639",
    "languagecode",
];

impl Vocab {
    /// The language that a value states: an IRI, an ISO 639 code or a name, with or without a country: `fr-FR`, `eng; USA`,
    /// `fr_FR.UTF-8`, `English (Canada)`.
    pub fn language(&self, value: &str) -> Option<Match<'_>> {
        let table = self.scheme(Scheme::Language);
        let value = value.trim();
        if value.is_empty() || value.len() > MAX_KEY {
            return None;
        }
        if let Some(found) = table.resolve(value) {
            return Some(found);
        }
        if value.contains("://") {
            let lower = value.to_ascii_lowercase();
            let listed = LISTS.iter().any(|list| lower.contains(list));
            let code = value.rsplit(['/', '#', '=']).next()?;
            return of_code(table, code).filter(|_| listed);
        }
        of_code(table, value).or_else(|| {
            let (name, country) = value.split_once('(')?;
            let found = table.resolve(name)?;
            (country.trim_end().ends_with(')') && found.how == How::Label).then_some(Match {
                how: How::Pattern,
                confidence: 0.9,
                ..found
            })
        })
    }
}

/// A code of two or three letters, and a country, a script or an encoding after it.
fn of_code<'t>(table: &'t Table, value: &str) -> Option<Match<'t>> {
    let primary = value.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    if !(2..=3).contains(&primary.len()) {
        return None;
    }
    let rest = value.get(primary.len()..)?;
    let mut parts = rest
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty());
    // A tag goes on with `-` or `_`; other separators are followed by a country in capitals.
    let tag = rest.starts_with(['-', '_'])
        && rest
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@'))
        && parts.clone().all(|part| part.len() <= 8);
    let country = rest.starts_with([';', ':', ',', '-', '_'])
        && parts.all(|part| {
            (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_uppercase())
        });
    if !(rest.is_empty() || tag || country) {
        return None;
    }
    table
        .by_folded(&fold(primary))
        .filter(|found| found.how == How::Code)
}
