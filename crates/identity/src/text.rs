//! What a description says: enough of it is kept to know whether another says the same.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::facts::hash;
use crate::title::{fold_title, words};

/// Characters of a description that are looked at, and sentences that are kept.
const LONGEST: usize = 8_000;
const MOST: usize = 40;
/// Years that are kept.
const YEARS: usize = 20;
/// Words of its own of a sentence that tells a description from others.
const TELLING: usize = 4;
/// Words that two descriptions share beyond what title and publisher say already.
const SAID: u32 = 7;

/// The sentences of a description, in the order of their marks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// A mark of each sentence, its words, and those of them that are not in title and publisher.
    sentences: Vec<(u32, u16, u16)>,
    /// The years that it names.
    years: Vec<u16>,
}

impl Text {
    /// Also a mark of the sentences that tell most, if they tell enough: what finds other records with the same description.
    /// `known` is what title and publisher say already.
    pub(crate) fn of(description: &str, known: &[&str]) -> (Self, Option<u64>) {
        let text: String = description.chars().take(LONGEST).collect();
        let text = text.trim_end();
        let mut parts: Vec<&str> = text
            .split(['.', '!', '?', ';', ':', '\n', '…'])
            .filter(|part| !part.trim().is_empty())
            .collect();
        // What was cut off ends in the middle of a sentence.
        if text.ends_with('…') || text.ends_with("...") {
            parts.pop();
        }
        let known: BTreeSet<&str> = known.iter().flat_map(|text| words(text)).collect();
        let mut sentences = BTreeSet::new();
        let mut telling = BTreeSet::new();
        for part in parts.into_iter().take(MOST) {
            let folded = fold_title(part);
            let words = words(&folded);
            let own: Vec<&str> = words.difference(&known).copied().collect();
            let count = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
            sentences.insert((
                short(hash(&[&folded])),
                count(words.len()),
                count(own.len()),
            ));
            if own.len() >= TELLING {
                // A sentence in which each dataset of a portal puts its title is the same of all of them.
                telling.insert((own.len(), hash(&own)));
            }
        }
        let most: Vec<String> = telling
            .iter()
            .rev()
            .take(2)
            .map(|(_, mark)| format!("{mark:x}"))
            .collect();
        let most: Vec<&str> = most.iter().map(String::as_str).collect();
        let text = Self {
            sentences: sentences.into_iter().collect(),
            years: years(text),
        };
        (text, (!most.is_empty()).then(|| hash(&most)))
    }

    /// Whether both say the same: one all that the other says and little more, more than title and publisher say, and of the same years.
    pub(crate) fn says_what(&self, other: &Self) -> bool {
        if !self.agrees_with(other) {
            return false;
        }
        let (small, large) = if self.sentences.len() <= other.sentences.len() {
            (self, other)
        } else {
            (other, self)
        };
        let count = |text: &Self| -> u32 {
            text.sentences
                .iter()
                .map(|(_, words, _)| u32::from(*words))
                .sum()
        };
        let said: u32 = small
            .sentences
            .iter()
            .map(|(.., own)| u32::from(*own))
            .sum();
        said >= SAID && count(small) * 5 >= count(large) * 3
    }

    /// Whether one says all that the other says, and of the same years.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        let own = |text: &Self| -> BTreeSet<u32> {
            text.sentences.iter().map(|(mark, ..)| *mark).collect()
        };
        let (a, b) = (own(self), own(other));
        self.years == other.years && (a.is_subset(&b) || b.is_subset(&a))
    }

    /// Whether they name years, and none of them both.
    pub(crate) fn is_of_other_years(&self, other: &Self) -> bool {
        !self.years.is_empty()
            && !other.years.is_empty()
            && !self.years.iter().any(|year| other.years.contains(year))
    }
}

fn short(mark: u64) -> u32 {
    u32::try_from(mark >> 32).unwrap_or_default()
}

fn years(text: &str) -> Vec<u16> {
    let years: BTreeSet<u16> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 4)
        .filter_map(|digits| digits.parse().ok())
        .filter(|year| (1800..2100).contains(year))
        .collect();
    years.into_iter().take(YEARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MADE: &str = "Relevés de terrain menés par le bureau d’études, calés sur le parcellaire";

    fn of(description: &str) -> (Text, Option<u64>) {
        Text::of(description, &["zone humide", "dreal cap"])
    }

    fn same(a: &str, b: &str) -> bool {
        let (one, other) = (of(a).0, of(b).0);
        assert_eq!(one.says_what(&other), other.says_what(&one));
        one.says_what(&other)
    }

    #[test]
    fn what_was_copied_says_the_same() {
        let whole = format!("Zones humides. {MADE}.");
        for copy in [
            whole.to_uppercase(),
            format!("Zones humides.\n\n{MADE}"),
            format!("{whole} Fiche reprise par GéoCaps."),
            format!("{whole} Ceci n’est pas fini mais cou…"),
        ] {
            assert!(same(&whole, &copy), "{copy}");
            assert_eq!(of(&whole).1, of(&copy).1, "{copy}");
        }
    }

    #[test]
    fn what_differs_in_a_word_or_a_year_does_not() {
        let whole = format!("Zones humides. {MADE}.");
        for (one, other) in [
            (
                format!("{whole} Secteur nord."),
                format!("{whole} Secteur sud."),
            ),
            (whole.clone(), format!("{whole} État de 2015.")),
            (whole.clone(), "Zones humides.".to_owned()),
            (whole.clone(), MADE.replace("études", "experts")),
        ] {
            assert!(!same(&one, &other), "{one} / {other}");
        }
    }

    #[test]
    fn a_description_that_says_no_more_than_the_title_is_no_evidence() {
        for text in [
            "",
            "Zones humides.",
            "Zones humides de la DREAL des Caps.",
            "Données ouvertes.",
        ] {
            assert!(!same(text, text), "{text}");
            assert_eq!(of(text).1, None, "{text}");
        }
        assert!(
            of("Édition 2022.")
                .0
                .is_of_other_years(&of("Édition 2023.").0)
        );
        assert!(!of("Édition 2022.").0.is_of_other_years(&of("Édition.").0));
    }
}
