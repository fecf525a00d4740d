//! Values that are recognised by what stands in them: access rights and frequencies in prose, EPSG numbers.

use oxrdf::NamedNode;

use crate::fold::fold;
use crate::table::cut;
use crate::{How, Match, Scheme, Vocab};

/// Texts longer than this say more than one thing.
const SHORT: usize = 160;

/// What takes back or limits what is said before.
const EXCEPTIONS: [&str; 27] = [
    "sauf",
    "hormis",
    "hors",
    "exception",
    "excepte",
    "mais",
    "except",
    "unless",
    "but",
    "excluding",
    "uniquement",
    "only",
    "seulement",
    "reserve",
    "condition",
    "conditions",
    "inscription",
    "authentification",
    "demande",
    "service",
    "services",
    "agents",
    "partenaires",
    "membres",
    "ayants",
    "interne",
    "encore",
];

/// Words of a phrase that says who has access, by its beginning. `Accès public` alone may go on with `restreint`.
const ACCESS_PHRASES: [&str; 14] = [
    "pas de ",
    "aucune ",
    "sans restriction",
    "no ",
    "geen ",
    "access constraints none",
    "acces libre",
    "libre acces",
    "acces restreint",
    "acces limite",
    "acces reserve",
    "acces soumis",
    "diffusion restreinte",
    "restricted access",
];

/// Numbers and alternatives make another frequency of the word beside them.
const COUNTS: [&str; 13] = [
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "plusieurs",
    "two",
    "three",
    "several",
    "ou",
    "or",
    "pas",
    "non",
];

impl Vocab {
    /// The limitation on public access that a text states: the INSPIRE article, wherever it stands.
    pub fn public_access(&self, text: &str) -> Option<Match<'_>> {
        let limitations = self.scheme(Scheme::PublicAccess);
        if let Some(found) = limitations.resolve(text) {
            return Some(found);
        }
        let folded = fold(cut(text, 4096));
        let named = limitations.names_in(&folded, |_, _| true);
        let first = named.first()?.found;
        // Two articles are no one article, and an exception is none of them.
        let one = named
            .iter()
            .all(|named| named.found.concept.iri == first.concept.iri)
            && !(first.concept.code == "noLimitations" && has_exception(&folded));
        one.then_some(Match {
            confidence: first.confidence.min(0.85),
            ..first
        })
    }

    /// The access right that a text states: as a whole, or by a phrase in a short text.
    pub fn access_right(&self, text: &str) -> Option<Match<'_>> {
        let table = self.scheme(Scheme::AccessRight);
        if let Some(found) = table.resolve(text) {
            return Some(found);
        }
        let folded = fold(cut(text, 4096));
        if folded.len() > SHORT || text.contains("://") {
            return None;
        }
        let named: Vec<_> = table
            .names_in(&folded, |_, _| true)
            .into_iter()
            .filter(|named| {
                ACCESS_PHRASES
                    .iter()
                    .any(|phrase| named.key.starts_with(phrase))
            })
            .collect();
        let first = named.first()?.found;
        // That access is free but for somebody is not that it is free.
        let free = first.concept.code == "PUBLIC";
        named
            .iter()
            .all(|named| {
                named.found.concept.iri == first.concept.iri && !(free && has_exception(&folded))
            })
            .then_some(Match {
                confidence: first.confidence.min(0.7),
                ..first
            })
    }

    /// The frequency that a value states: an IRI or a code of any of the lists in use, a spelling, or a word in a short text.
    pub fn frequency(&self, value: &str) -> Option<Match<'_>> {
        let table = self.scheme(Scheme::Frequency);
        if let Some(found) = table.resolve(value) {
            return Some(found);
        }
        let value = value.trim();
        let lower = value.to_ascii_lowercase();
        let listed = ["freq", "codelist", "cld/"]
            .iter()
            .any(|list| lower.contains(list));
        if value.contains("://") || (listed && value.contains(':') && !value.contains(' ')) {
            // `.../MaintenanceFrequency/annually`, `...#freq-W`, `nal-frequency:ANNUAL`.
            let code = value.rsplit(['#', '/', ':']).next()?;
            return table
                .by_folded(&fold(code))
                .filter(|_| listed)
                .map(|found| Match {
                    how: How::Pattern,
                    ..found
                });
        }
        self.frequency_in(&fold(cut(value, 400)))
            .or_else(|| table.resolve_nearly(value))
    }

    /// `mise à jour annuelle`, `annuelle (septembre)`; not `deux mises à jour annuelles`, not `annuelle ou semestrielle`.
    fn frequency_in(&self, folded: &str) -> Option<Match<'_>> {
        if folded.len() > SHORT {
            return None;
        }
        let table = self.scheme(Scheme::Frequency);
        let periodic = |found: &Match<'_>| {
            !matches!(
                found.concept.code.as_str(),
                "OTHER" | "UNKNOWN" | "NEVER" | "NOT_PLANNED" | "AS_NEEDED"
            )
        };
        let named = table.names_in(folded, |_, _| true);
        let mut rest = folded.to_owned();
        for name in &named {
            rest = rest.replacen(name.key, " ", 1);
        }
        let year =
            |word: &str| word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
        if rest.split(' ').any(|word| {
            COUNTS.contains(&word) || (word.bytes().any(|b| b.is_ascii_digit()) && !year(word))
        }) {
            return None;
        }
        let words = rest
            .split(' ')
            .filter(|word| word.len() >= 6)
            .filter_map(|word| table.by_folded(word))
            .collect::<Vec<_>>();
        let mut found = named
            .into_iter()
            .map(|named| named.found)
            .chain(words)
            .filter(periodic);
        let first = found.next()?;
        found
            .all(|other| other.concept.iri == first.concept.iri)
            .then_some(Match {
                how: How::Pattern,
                confidence: 0.7,
                ..first
            })
    }

    /// The coordinate reference system that a text states, as an IRI of the OGC definitions server.
    pub fn crs(&self, text: &str) -> Option<NamedNode> {
        let text = cut(text.trim(), 400);
        if let Some(number) = epsg(text) {
            return Some(NamedNode::new_unchecked(format!(
                "http://www.opengis.net/def/crs/EPSG/0/{number}"
            )));
        }
        self.scheme(Scheme::Crs)
            .resolve(text)
            .map(|found| found.concept.iri.clone())
    }
}

fn has_exception(folded: &str) -> bool {
    folded.split(' ').any(|word| EXCEPTIONS.contains(&word))
}

/// `EPSG:2154`, `urn:ogc:def:crs:EPSG:6.9:4326`, `http://www.opengis.net/def/crs/EPSG/0/4326`, `RGF93 (EPSG 2154)`.
fn epsg(text: &str) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    let (_, after) = lower.split_once("epsg")?;
    let end = after
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '/' | '.' | ' ' | '_' | 'v')))
        .unwrap_or(after.len());
    after[..end]
        .split(|c: char| !c.is_ascii_digit())
        .rev()
        .find(|group| (4..=6).contains(&group.len()))
        .and_then(|group| group.parse().ok())
        .filter(|number| *number >= 1024)
}
