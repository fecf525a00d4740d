//! Patterns with wildcards, matched in time that grows with the text and not with the pattern.

use serde::{Deserialize, Serialize};
use tantivy_fst::Automaton;

use crate::{SearchError, analysis};

/// Part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    Literal(String),
    /// Any number of characters, also none.
    AnyString,
    /// One character.
    AnyChar,
}

/// Literal text and wildcards; the whole value has to match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Piece>", into = "Vec<Piece>")]
pub struct Pattern(Vec<Piece>);

/// Longer patterns are refused, in bytes.
pub const MAX_PATTERN: usize = 400;

impl Pattern {
    /// Neighbours of one kind become one.
    pub fn new(pieces: impl IntoIterator<Item = Piece>) -> Result<Self, SearchError> {
        let mut kept: Vec<Piece> = Vec::new();
        let mut length = 0;
        for piece in pieces {
            length += match &piece {
                Piece::Literal(text) => text.len(),
                // The bytes of one character are two steps.
                Piece::AnyChar => 2,
                Piece::AnyString => 1,
            };
            if length > MAX_PATTERN {
                return Err(SearchError::LongPattern(MAX_PATTERN));
            }
            match (kept.last_mut(), piece) {
                (Some(Piece::AnyString), Piece::AnyString) => length -= 1,
                (_, Piece::Literal(text)) if text.is_empty() => {}
                (Some(Piece::Literal(before)), Piece::Literal(text)) => before.push_str(&text),
                (_, piece) => kept.push(piece),
            }
        }
        Ok(Self(kept))
    }

    /// From text in which some characters are wildcards and one takes its meaning from what follows: `*`, `?`, `\`.
    pub fn parse(
        text: &str,
        any_string: char,
        any_char: Option<char>,
        escape: Option<char>,
    ) -> Result<Self, SearchError> {
        let mut characters = text.chars();
        let pieces = std::iter::from_fn(|| {
            let c = characters.next()?;
            Some(if Some(c) == escape {
                Piece::Literal(characters.next().unwrap_or(c).to_string())
            } else if c == any_string {
                Piece::AnyString
            } else if Some(c) == any_char {
                Piece::AnyChar
            } else {
                Piece::Literal(c.to_string())
            })
        });
        Self::new(pieces)
    }

    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Whether a text is as the pattern says, by case.
    pub fn fits(&self, text: &str) -> bool {
        self.matcher().matches(text)
    }

    /// Whether it has wildcards; anything at all is no pattern either.
    pub(crate) fn is_wild(&self) -> bool {
        let wild = |piece: &Piece| !matches!(piece, Piece::Literal(_));
        self.0.iter().any(wild) && self.0 != [Piece::AnyString]
    }

    pub(crate) fn to_lowercase(&self) -> Self {
        Self(
            self.0
                .iter()
                .map(|piece| match piece {
                    Piece::Literal(text) => Piece::Literal(analysis::lower(text)),
                    other => other.clone(),
                })
                .collect(),
        )
    }

    pub(crate) fn matcher(&self) -> Matcher {
        Matcher::new(self)
    }
}

impl TryFrom<Vec<Piece>> for Pattern {
    type Error = SearchError;

    fn try_from(pieces: Vec<Piece>) -> Result<Self, SearchError> {
        Self::new(pieces)
    }
}

impl From<Pattern> for Vec<Piece> {
    fn from(pattern: Pattern) -> Self {
        pattern.0
    }
}

/// More than a pattern has places, be it longer in lower case.
const WORDS: usize = 10;

/// Places in a pattern, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Places([u64; WORDS]);

/// A pattern as an automaton over bytes that is at several places at once (Shift-And).
#[derive(Debug, Clone)]
pub(crate) struct Matcher {
    /// By byte, the places from which it leads to the next.
    next: Box<[Places; 256]>,
    /// By byte, the places at which it stays.
    stay: Box<[Places; 256]>,
    /// Places that lead to the next without a byte.
    free: Places,
    end: usize,
}

impl Places {
    const NONE: Self = Self([0; WORDS]);

    fn set(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    fn has(&self, place: usize) -> bool {
        self.0
            .get(place / 64)
            .is_some_and(|word| word & (1 << (place % 64)) != 0)
    }

    fn and(mut self, other: &Self) -> Self {
        for (word, other) in self.0.iter_mut().zip(other.0) {
            *word &= other;
        }
        self
    }

    fn or(mut self, other: &Self) -> Self {
        for (word, other) in self.0.iter_mut().zip(other.0) {
            *word |= other;
        }
        self
    }

    fn up(mut self) -> Self {
        let mut carried = 0;
        for word in &mut self.0 {
            let carry = *word >> 63;
            *word = (*word << 1) | carried;
            carried = carry;
        }
        self
    }
}

impl Matcher {
    fn new(pattern: &Pattern) -> Self {
        let mut matcher = Self {
            next: Box::new([Places::NONE; 256]),
            stay: Box::new([Places::NONE; 256]),
            free: Places::NONE,
            end: 0,
        };
        for piece in &pattern.0 {
            match piece {
                Piece::Literal(text) => text.bytes().for_each(|byte| matcher.step(|b| b == byte)),
                Piece::AnyString => matcher.repeat(|_| true),
                Piece::AnyChar => {
                    matcher.step(|byte| !is_continuation(byte));
                    matcher.repeat(is_continuation);
                }
            }
        }
        matcher
    }

    fn step(&mut self, takes: impl Fn(u8) -> bool) {
        mark(&mut self.next, self.end, takes);
        self.end += 1;
    }

    fn repeat(&mut self, takes: impl Fn(u8) -> bool) {
        mark(&mut self.stay, self.end, takes);
        self.free.set(self.end);
        self.end += 1;
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        let mut places = self.start();
        for byte in text.bytes() {
            places = self.accept(&places, byte);
            if places == Places::NONE {
                return false;
            }
        }
        self.is_match(&places)
    }

    /// Neighbours that repeat are two at most: the rest of a character, and any string.
    fn settle(&self, places: Places) -> Places {
        let once = places.or(&places.and(&self.free).up());
        once.or(&once.and(&self.free).up())
    }
}

fn mark(table: &mut [Places; 256], place: usize, takes: impl Fn(u8) -> bool) {
    for (byte, places) in (0..=u8::MAX).zip(table.iter_mut()) {
        if takes(byte) {
            places.set(place);
        }
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

impl Automaton for Matcher {
    type State = Places;

    fn start(&self) -> Places {
        let mut places = Places::NONE;
        places.set(0);
        self.settle(places)
    }

    fn is_match(&self, state: &Places) -> bool {
        state.has(self.end)
    }

    fn can_match(&self, state: &Places) -> bool {
        *state != Places::NONE
    }

    fn accept(&self, state: &Places, byte: u8) -> Places {
        let byte = usize::from(byte);
        let (Some(next), Some(stay)) = (self.next.get(byte), self.stay.get(byte)) else {
            return Places::NONE;
        };
        self.settle(state.and(next).up().or(&state.and(stay)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn like(pattern: &str, text: &str) -> bool {
        Pattern::parse(pattern, '%', Some('_'), Some('\\'))
            .unwrap()
            .matcher()
            .matches(text)
    }

    #[test]
    fn wildcards_stand_for_characters() {
        assert!(like("", "") && !like("", "a") && like("%", "") && like("%%", "é"));
        assert!(like("l'%u", "l'eau") && !like("l'%u", "l'eaux"));
        assert!(like("_t_", "été") && !like("_", "") && !like("_", "ab") && like("_", "🌊"));
        assert!(like("_%", "é") && !like("_%", "") && like("%_%_%", "éé"));
        assert!(like("100\\%", "100%") && !like("100\\%", "1000"));
    }

    #[test]
    fn a_hostile_pattern_costs_no_more_than_another() {
        let pattern = Pattern::parse(&"%a".repeat(200), '%', None, None).unwrap();
        assert!(!pattern.matcher().matches(&"a".repeat(199)));
        assert!(
            pattern
                .matcher()
                .matches(&"ab".repeat(30_000).replace('b', "ba"))
        );
        let any = Pattern::parse(&"_".repeat(200), '%', Some('_'), None).unwrap();
        assert!(
            any.matcher().matches(&"é".repeat(200)) && !any.matcher().matches(&"é".repeat(201))
        );
        assert!(matches!(
            Pattern::parse(&"_".repeat(201), '%', Some('_'), None),
            Err(SearchError::LongPattern(_))
        ));
        assert!(Pattern::parse(&"%".repeat(100_000), '%', None, None).is_ok());
    }

    /// By trying everything.
    fn slow(pieces: &[char], text: &[char]) -> bool {
        match (pieces.split_first(), text.split_first()) {
            (None, None) => true,
            (Some(('%', rest)), _) => {
                (0..=text.len()).any(|taken| slow(rest, text.get(taken..).unwrap_or_default()))
            }
            (Some(('_', rest)), Some((_, left))) => slow(rest, left),
            (Some((c, rest)), Some((d, left))) => c == d && slow(rest, left),
            _ => false,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn matching_agrees_with_trying_everything(pattern in "[ab%_é]{0,10}", text in "[abé]{0,10}") {
            let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(like(&pattern, &text), slow(&p, &t));
        }
    }
}
