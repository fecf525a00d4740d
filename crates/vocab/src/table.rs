//! One table: the concepts of a scheme, and what finds them.

use std::collections::HashMap;

use oxrdf::NamedNode;

use crate::fold::{MAX_KEY, fold, fold_iri};
use crate::{Scheme, parse};

/// A concept of a controlled vocabulary.
#[derive(Debug, Clone)]
pub struct Concept {
    pub scheme: Scheme,
    pub iri: NamedNode,
    /// The code in its scheme: the end of its IRI, unless that is another authority's.
    pub code: String,
    /// Codes of other lists (ISO 639, ISO 19115, udata, SPDX).
    pub codes: Vec<String>,
    pub fr: Option<String>,
    pub en: Option<String>,
    /// Other IRIs of the same concept; the first ones are published as `skos:exactMatch`.
    pub exact: Vec<NamedNode>,
    /// Codes of the concepts of another scheme that follow from this one: themes, access rights, media types.
    pub maps: Vec<String>,
    /// Whether [`Concept::maps`] also holds the other way.
    pub both_ways: bool,
    pub extensions: Vec<String>,
    /// Of a licence: whether French administrations may give it to their data; `None` where that is not settled.
    pub homologated: Option<bool>,
}

impl Concept {
    /// What to show: the French label, else the English one, else the code.
    pub fn label(&self) -> &str {
        self.fr
            .as_deref()
            .or(self.en.as_deref())
            .unwrap_or(&self.code)
    }
}

/// By what a value was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Iri,
    Code,
    Label,
    /// A spelling in use, listed in the table.
    Alias,
    /// Something in the value: an address within prose, a packaging suffix, a number.
    Pattern,
    /// Nearly a code, a label or an alias.
    Fuzzy,
}

#[derive(Debug, Clone, Copy)]
pub struct Match<'a> {
    pub concept: &'a Concept,
    pub how: How,
    /// From 0 to 1.
    pub confidence: f32,
}

impl Match<'_> {
    /// Whether the value can only mean this concept.
    pub fn is_certain(&self) -> bool {
        self.confidence >= 0.9
    }

    /// Whether the value is the concept's IRI itself or one of its codes or labels: nothing to tell the source.
    pub fn is_exact(&self) -> bool {
        matches!(self.how, How::Iri | How::Code | How::Label)
    }
}

/// A key that stands in prose.
#[derive(Debug)]
pub(crate) struct Named<'t, 'p> {
    pub key: &'t str,
    pub found: Match<'t>,
    /// What follows it.
    pub after: &'p str,
}

#[derive(Debug, Clone, Copy)]
struct Key {
    concept: usize,
    how: How,
    confidence: f32,
}

/// A scheme: its own description, its concepts, and their keys.
#[derive(Debug)]
pub struct Table {
    pub scheme: Scheme,
    pub version: String,
    /// The concept scheme's IRI, if an authority gave it one.
    pub iri: Option<NamedNode>,
    pub base: String,
    pub title_fr: String,
    pub title_en: String,
    /// The classes of every concept, besides `skos:Concept`.
    pub classes: Vec<NamedNode>,
    /// The `dct:type` of every concept.
    pub dct_type: Option<NamedNode>,
    concepts: Vec<Concept>,
    iris: HashMap<String, usize>,
    keys: HashMap<String, Key>,
    /// By first word, the keys of several words, longest first.
    phrases: HashMap<String, Vec<String>>,
    extensions: HashMap<String, usize>,
}

impl Table {
    pub(crate) fn new(scheme: Scheme, parsed: parse::Parsed) -> Self {
        let mut table = Self {
            scheme,
            version: parsed.version,
            iri: parsed.iri,
            base: parsed.base,
            title_fr: parsed.title_fr,
            title_en: parsed.title_en,
            classes: parsed.classes,
            dct_type: parsed.dct_type,
            concepts: Vec::with_capacity(parsed.rows.len()),
            iris: HashMap::new(),
            keys: HashMap::new(),
            phrases: HashMap::new(),
            extensions: HashMap::new(),
        };
        let rows = parsed.rows;
        // Codes come before labels, and labels before aliases, whichever row they stand in.
        for (at, row) in rows.iter().enumerate() {
            table.iris.insert(fold_iri(row.concept.iri.as_str()), at);
            table.key(&row.concept.code, at, How::Code, 1.0);
        }
        for (at, row) in rows.iter().enumerate() {
            for iri in &row.concept.exact {
                table.iris.entry(fold_iri(iri.as_str())).or_insert(at);
            }
            for code in &row.concept.codes {
                table.key(code, at, How::Code, 1.0);
            }
        }
        for (at, row) in rows.iter().enumerate() {
            for label in [&row.concept.fr, &row.concept.en].into_iter().flatten() {
                table.key(label, at, How::Label, 1.0);
            }
        }
        for (at, row) in rows.iter().enumerate() {
            for (alias, doubtful) in &row.aliases {
                table.key(alias, at, How::Alias, if *doubtful { 0.7 } else { 0.95 });
            }
            for extension in &row.concept.extensions {
                table.extensions.entry(extension.clone()).or_insert(at);
                table.key(extension, at, How::Code, 1.0);
            }
        }
        table.concepts = rows.into_iter().map(|row| row.concept).collect();
        for key in table.keys.keys() {
            if let Some((first, _)) = key.split_once(' ') {
                table
                    .phrases
                    .entry(first.to_owned())
                    .or_default()
                    .push(key.clone());
            }
        }
        for phrases in table.phrases.values_mut() {
            phrases.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        }
        table
    }

    fn key(&mut self, value: &str, concept: usize, how: How, confidence: f32) {
        let key = fold(value);
        if !key.is_empty() {
            self.keys.entry(key).or_insert(Key {
                concept,
                how,
                confidence,
            });
        }
    }

    pub fn concepts(&self) -> &[Concept] {
        &self.concepts
    }

    /// The concept with this code of the scheme, as the table writes it.
    pub fn get(&self, code: &str) -> Option<&Concept> {
        let iri = if code.contains("://") {
            fold_iri(code)
        } else {
            fold_iri(&format!("{}{code}", self.base))
        };
        self.iris
            .get(&iri)
            .and_then(|at| self.concepts.get(*at))
            .filter(|concept| concept.code == code)
    }

    /// The concept with this extension of file names, in lower case and without the dot.
    pub fn by_extension(&self, extension: &str) -> Option<&Concept> {
        self.extensions
            .get(extension)
            .and_then(|at| self.concepts.get(*at))
    }

    /// The concept with this IRI, as the table or another authority writes it.
    pub fn by_iri(&self, iri: &str) -> Option<Match<'_>> {
        let concept = self
            .iris
            .get(&fold_iri(iri))
            .and_then(|at| self.concepts.get(*at))?;
        Some(Match {
            concept,
            how: How::Iri,
            confidence: 1.0,
        })
    }

    /// The concept that a value means, by its IRI, a code, a label or a listed spelling.
    pub fn resolve(&self, value: &str) -> Option<Match<'_>> {
        let value = value.trim();
        if value.is_empty() || value.len() > MAX_KEY {
            return None;
        }
        let address = value.contains("://") || value.starts_with("www.");
        if address && !value.contains(char::is_whitespace) {
            if let Some(found) = self.by_iri(value) {
                return Some(found);
            }
            // `.../language/FRE`: the authority's list, and a code that is another list's.
            let local = fold_iri(value)
                .strip_prefix(&fold_iri(&self.base))
                .filter(|_| self.base.len() > 1)
                .map(|local| self.by_key(&fold(local), How::Pattern))?;
            return local;
        }
        self.by_key(&fold(value), How::Alias)
    }

    /// Like [`Table::resolve`], and where that finds nothing the one concept whose code, label or alias is nearly the value.
    pub fn resolve_nearly(&self, value: &str) -> Option<Match<'_>> {
        self.resolve(value).or_else(|| self.nearly(value))
    }

    pub(crate) fn by_folded(&self, key: &str) -> Option<Match<'_>> {
        self.by_key(key, How::Alias)
    }

    fn by_key(&self, key: &str, weakest: How) -> Option<Match<'_>> {
        let found = self.keys.get(key)?;
        let concept = self.concepts.get(found.concept)?;
        Some(Match {
            concept,
            how: if weakest == How::Pattern {
                How::Pattern
            } else {
                found.how
            },
            confidence: if weakest == How::Pattern {
                found.confidence * 0.95
            } else {
                found.confidence
            },
        })
    }

    /// The concepts that prose names by keys of several words, from left to right: at each place the longest key. `accept` is shown
    /// each with what follows it.
    pub(crate) fn names_in<'t, 'p>(
        &'t self,
        folded: &'p str,
        accept: impl Fn(&str, &str) -> bool,
    ) -> Vec<Named<'t, 'p>> {
        let mut found = Vec::new();
        let mut rest = folded;
        while !rest.is_empty() {
            let first = rest.split(' ').next().unwrap_or(rest);
            let named = self
                .phrases
                .get(first)
                .into_iter()
                .flatten()
                .find_map(|key| {
                    let after = rest.strip_prefix(key.as_str())?;
                    // Words end, and a version that no key has is another licence.
                    let ends = after.is_empty() || (after.starts_with(' ') && !is_version(after));
                    let known = self
                        .by_key(key, How::Pattern)
                        .filter(|_| ends && accept(key, after))?;
                    Some(Named {
                        key,
                        found: Match {
                            confidence: known.confidence.min(0.85),
                            ..known
                        },
                        after,
                    })
                });
            rest = match named {
                Some(named) => {
                    let after = named.after;
                    found.push(named);
                    after.trim_start()
                }
                None => rest.split_once(' ').map_or("", |(_, after)| after),
            };
        }
        found
    }

    fn nearly(&self, value: &str) -> Option<Match<'_>> {
        if value.contains("://") {
            return None;
        }
        let wanted = fold(value);
        let allowed = match wanted.len() {
            ..8 => return None,
            8..14 => 1,
            14..80 => 2,
            _ => return None,
        };
        let mut best: Option<(usize, &str, Key)> = None;
        for (key, found) in &self.keys {
            if key.len().abs_diff(wanted.len()) > allowed || !same_digits(key, &wanted) {
                continue;
            }
            let Some(distance) = distance(key, &wanted, allowed) else {
                continue;
            };
            // The least distance, then the first key: the same answer on every machine.
            if best.is_none_or(|(d, k, _)| (distance, key.as_str()) < (d, k)) {
                best = Some((distance, key, *found));
            }
        }
        let (_, _, key) = best?;
        Some(Match {
            concept: self.concepts.get(key.concept)?,
            how: How::Fuzzy,
            confidence: 0.7,
        })
    }
}

/// Whether a text goes on with the number of a version: ` 9 0`, ` v3`, ` version 3`.
pub(crate) fn is_version(after: &str) -> bool {
    let mut words = after
        .trim_start()
        .split(' ')
        .skip_while(|word| matches!(*word, "version" | "v"));
    let word = words.next().unwrap_or_default();
    let number = word.strip_prefix('v').unwrap_or(word);
    (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
}

/// At most `max` bytes of a text, cut between characters.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let end = (0..=max)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    &text[..end]
}

/// Versions are no spelling mistakes.
fn same_digits(a: &str, b: &str) -> bool {
    let digits = |s: &str| s.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
    digits(a) == digits(b)
}

/// The edit distance in bytes (insertion, deletion, replacement, exchange of neighbours), when it is at most `max`.
fn distance(a: &str, b: &str, max: usize) -> Option<usize> {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut value = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                value = value.min(before[j - 2] + 1);
            }
            row[j] = value;
        }
        if row.iter().min().is_some_and(|least| *least > max) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|distance| *distance <= max)
}
