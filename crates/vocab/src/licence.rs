//! Licences in what people write: codes, titles, addresses, prose.

use oxrdf::NamedNode;

use crate::fold::fold;
use crate::table::{cut, is_version};
use crate::{Concept, How, Match, Scheme, Vocab};

/// Single words that name a licence in prose. Other codes of one word (`MIT`, `FAIR`, `ISC`) are words or names too.
const WORDS: [&str; 4] = ["odbl", "etalab", "pddl", "cc0"];

/// After the name of a Creative Commons licence: it is another one.
const MORE_CONDITIONS: [&str; 13] = [
    "nc",
    "nd",
    "sa",
    "non",
    "noncommercial",
    "no",
    "noderivs",
    "noderivatives",
    "share",
    "sharealike",
    "pas",
    "partage",
    "igo",
];

impl Vocab {
    /// The one licence that a text states: by IRI, code, label or alias as a whole; else by an address or a name within it;
    /// else nearly.
    pub fn licence(&self, text: &str) -> Option<Match<'_>> {
        match self.licences(text).as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The licences that a text names. If it names several, nobody but its author knows which one holds.
    pub fn licences(&self, text: &str) -> Vec<Match<'_>> {
        let table = self.scheme(Scheme::Licence);
        if fold(text) == "fair" {
            // Who writes so means principles, and not the licence of that name.
            return Vec::new();
        }
        if let Some(found) = table.resolve(text) {
            return vec![found];
        }
        let text = &entities(cut(text.trim(), 4096));
        if is_address(text) {
            return table
                .by_iri(text)
                .or_else(|| self.etalab(text))
                .into_iter()
                .collect();
        }
        let mut found: Vec<(Match<'_>, bool)> = addresses(text)
            .filter_map(|address| Some((table.by_iri(address)?, has_digit(address))))
            .map(|(found, versioned)| {
                let pattern = Match {
                    how: How::Pattern,
                    confidence: 0.9,
                    ..found
                };
                (pattern, versioned)
            })
            .collect();
        found.extend(self.named_licences(&fold(text)));
        let found = settled(found);
        if found.is_empty() && !fold(text).starts_with("cc ") {
            // `cc by nc` and `cc by nd` are one letter apart: no spelling mistakes there.
            return table.resolve_nearly(text).into_iter().collect();
        }
        found
    }

    /// By phrases and by single words; what a licence says it is compatible with is not the licence.
    fn named_licences(&self, folded: &str) -> Vec<(Match<'_>, bool)> {
        let table = self.scheme(Scheme::Licence);
        let named = |text: &str| {
            let mut found: Vec<(Match<'_>, bool)> = table
                .names_in(text, names_no_other)
                .into_iter()
                .filter(|named| {
                    let end = text.len() - named.after.len();
                    let before = text.get(..end - named.key.len());
                    !is_denied(before.unwrap_or_default(), named.after)
                })
                .map(|named| (named.found, has_digit(named.key)))
                .collect();
            for word in WORDS.iter().filter(|word| stands_alone(text, word)) {
                found.extend(table.resolve(word).map(|found| {
                    let pattern = Match {
                        how: How::Pattern,
                        confidence: found.confidence.min(0.8),
                        ..found
                    };
                    (pattern, false)
                }));
            }
            found
        };
        match folded.split_once("compatible") {
            Some((before, _)) => named(before),
            None => named(folded),
        }
    }

    /// The Licence Ouverte has stood at many addresses of the State.
    fn etalab(&self, address: &str) -> Option<Match<'_>> {
        let folded = fold(address);
        let host = address.split("://").nth(1)?.split('/').next()?;
        let ours = ["etalab.gouv.fr", "data.gouv.fr", "numerique.gouv.fr"]
            .iter()
            .any(|known| host == *known || host.ends_with(&format!(".{known}")));
        let named = ["licence ouverte", "open licence", "open license"]
            .iter()
            .any(|name| folded.contains(name));
        if !ours || !named {
            return None;
        }
        let (code, confidence) = if folded.contains("v2") || folded.contains("2 0") {
            ("etalab-2.0", 0.85)
        } else if folded.contains("v1") || folded.contains("1 0") {
            ("etalab-1.0", 0.85)
        } else {
            ("etalab-2.0", 0.7)
        };
        let found = self.scheme(Scheme::Licence).resolve(code)?;
        Some(Match {
            how: How::Pattern,
            confidence,
            ..found
        })
    }
}

/// A Creative Commons licence that no table has, a national port: its own IRI, without the language of its page.
pub fn creative_commons(iri: &str) -> Option<NamedNode> {
    let folded = crate::fold_iri(iri);
    let rest = folded.strip_prefix("creativecommons.org/licenses/")?;
    let parts: Vec<&str> = rest.split('/').collect();
    let (kind, version, port) = match parts.as_slice() {
        [kind, version] => (*kind, *version, None),
        [kind, version, port] => (*kind, *version, Some(*port)),
        _ => return None,
    };
    let known = matches!(
        kind,
        "by" | "by-sa"
            | "by-nc"
            | "by-nd"
            | "by-nc-sa"
            | "by-nc-nd"
            | "by-nd-nc"
            | "sa"
            | "nc"
            | "nd"
            | "nc-sa"
    ) && matches!(version, "1.0" | "2.0" | "2.1" | "2.5" | "3.0" | "4.0")
        && port.is_none_or(|port| {
            port == "igo"
                || port == "scotland"
                || (port.len() == 2 && port.bytes().all(|b| b.is_ascii_lowercase()))
        });
    if !known {
        return None;
    }
    let port = port.map(|port| format!("{port}/")).unwrap_or_default();
    Some(NamedNode::new_unchecked(format!(
        "http://creativecommons.org/licenses/{kind}/{version}/{port}"
    )))
}

/// Whether a word stands in a text, and no other version after it: `odbl`, `odbl 1.0`, not `odbl 2.0`.
fn stands_alone(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + word.len()..).unwrap_or_default();
        !is_denied(before, after)
            && (before.is_empty() || before.ends_with(' '))
            && (after.is_empty() || after.starts_with(' '))
            && (!is_version(after) || after.starts_with(" 1") || after.starts_with(" v1"))
    })
}

/// Whether a folded text says that what is named between these two does not hold: « ne sont pas sous », « hors », « not », « ne
/// s'applique pas ». « Pas de restriction » denies no licence.
fn is_denied(before: &str, after: &str) -> bool {
    const NEAR: usize = 8;
    let denies = |words: &[&str]| {
        words.iter().enumerate().any(|(at, word)| {
            matches!(*word, "ne" | "n")
                && words
                    .iter()
                    .skip(at + 1)
                    .take(4)
                    .any(|word| matches!(*word, "pas" | "plus" | "point"))
        })
    };
    let mut last: Vec<&str> = before
        .rsplit(' ')
        .filter(|word| !word.is_empty())
        .take(NEAR)
        .collect();
    last.reverse();
    let next: Vec<&str> = after
        .split(' ')
        .filter(|word| !word.is_empty())
        .take(NEAR)
        .collect();
    let nearest = last.iter().rev().take(3);
    denies(&last)
        || (matches!(next.first(), Some(&"ne" | &"n")) && denies(&next))
        || matches!(next.as_slice(), ["does" | "do" | "is" | "are", "not", ..])
        || nearest.into_iter().any(|word| {
            matches!(
                *word,
                "not" | "hors" | "sauf" | "excepte" | "except" | "without"
            )
        })
}

/// Unless a name goes on: `CC BY` and `NC`, `Open Government Licence` and `Canada`, or is taken back.
fn names_no_other(key: &str, after: &str) -> bool {
    let next = after.trim_start().split(' ').next().unwrap_or_default();
    if ["cc by", "cc nc", "creative commons", "attribution"]
        .iter()
        .any(|name| key.contains(name))
        && MORE_CONDITIONS.contains(&next)
    {
        return false;
    }
    if key.contains("open government") && !has_digit(key) && !key.contains("canada") {
        return matches!(next, "" | "uk" | "united" | "ogl" | "http" | "https");
    }
    !matches!(next, "non" | "exclue" | "exclu")
}

/// Of one family the surest: a version that is said before one that is not, and no conditions before a licence.
fn settled<'a>(mut found: Vec<(Match<'a>, bool)>) -> Vec<Match<'a>> {
    if found
        .iter()
        .any(|(found, _)| found.concept.homologated.is_some())
    {
        found.retain(|(found, _)| !found.concept.iri.as_str().contains("ConditionsApplying"));
    }
    let mut kept: Vec<(Match<'a>, bool)> = Vec::new();
    for (one, versioned) in found {
        let same = kept
            .iter_mut()
            .find(|(known, _)| family(known.concept) == family(one.concept));
        match same {
            None => kept.push((one, versioned)),
            Some((known, _)) if known.concept.iri == one.concept.iri => {}
            Some(known) => match (known.1, versioned) {
                (false, true) => *known = (doubtful(one), true),
                (true, false) => {}
                // Two versions, neither of which is said: the surer one.
                (false, false) if one.confidence > known.0.confidence => *known = (one, false),
                (false, false) => {}
                // Two versions, and both are said.
                (true, true) => kept.push((one, true)),
            },
        }
    }
    kept.into_iter().map(|(found, _)| found).collect()
}

fn doubtful(found: Match<'_>) -> Match<'_> {
    Match {
        confidence: found.confidence.min(0.7),
        ..found
    }
}

/// The letters of the end of its IRI, by which the versions of a licence are known to belong together.
fn family(concept: &Concept) -> String {
    let code = concept.iri.as_str().trim_end_matches('/');
    let last = code.rsplit('/').next().unwrap_or(code).to_lowercase();
    if last.contains("licence_ouverte") {
        return "etalab".to_owned();
    }
    last.chars().filter(char::is_ascii_alphabetic).collect()
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Character references that stand between the words of pasted HTML.
fn entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    [
        ("&nbsp;", " "),
        ("&#160;", " "),
        ("&#39;", "'"),
        ("&rsquo;", "'"),
        ("&quot;", "\""),
        ("&eacute;", "é"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Whether a value is one address and nothing else.
fn is_address(value: &str) -> bool {
    !value.contains(char::is_whitespace)
        && (value.contains("://") || value.starts_with("www."))
        && !value.contains(['<', '"'])
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
    .filter(|word| {
        word.contains("://") || word.starts_with("www.") || word.starts_with("creativecommons.org/")
    })
    .map(|word| word.trim_matches(|c: char| matches!(c, '.' | ',' | ';' | ':' | '!')))
    .take(20)
}
