//! Values that are recognised by what stands in them: licences in prose, EPSG numbers.

use oxrdf::NamedNode;

use crate::table::cut;
use crate::{How, Match, Scheme, Vocab};

/// Single words that name a licence in prose. Other codes of one word (`MIT`, `FAIR`, `ISC`) are words or names too.
const LICENCE_WORDS: [&str; 4] = ["odbl", "etalab", "pddl", "cc0"];

impl Vocab {
    /// The licence that a text states: by IRI, code, label or alias as a whole; else by an address or a name within it; else nearly.
    pub fn licence(&self, text: &str) -> Option<Match<'_>> {
        let licences = self.scheme(Scheme::Licence);
        if let Some(found) = licences.resolve(text) {
            return Some(found);
        }
        let text = cut(text, 4096);
        addresses(text)
            .find_map(|address| licences.by_iri(address))
            .map(|found| Match {
                how: How::Pattern,
                confidence: 0.9,
                ..found
            })
            .or_else(|| licences.named_in(text))
            .or_else(|| {
                let folded = crate::fold(text);
                let word = LICENCE_WORDS
                    .iter()
                    .find(|known| folded.split(' ').any(|word| word == **known))?;
                licences.resolve(word).map(|found| Match {
                    how: How::Pattern,
                    confidence: 0.8,
                    ..found
                })
            })
            .or_else(|| licences.resolve_nearly(text))
    }

    /// The limitation on public access that a text states: the INSPIRE article, wherever it stands.
    pub fn public_access(&self, text: &str) -> Option<Match<'_>> {
        let limitations = self.scheme(Scheme::PublicAccess);
        limitations
            .resolve(text)
            .or_else(|| limitations.named_in(text))
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

/// The addresses in a text, without the punctuation around them.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '<' | '>' | '"' | '\'' | '(' | ')' | '[' | ']' | '«' | '»'
            )
    })
    .filter(|word| word.contains("://") || word.starts_with("www."))
    .map(|word| word.trim_matches(|c: char| matches!(c, '.' | ',' | ';' | ':' | '!')))
    .take(20)
}
