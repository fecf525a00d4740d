//! Keywords.

use model::Severity;
use model::ns::dcat;
use oxrdf::{Literal, Term, Triple};
use vocab::Scheme;

use crate::desk::{Desk, is_void, note, subject_of, text_of};

/// Keywords written in one string, parted by commas or semicolons.
pub fn split_joined(desk: &mut Desk<'_>) {
    let vocab = desk.context.vocab;
    let joined = desk.take(|triple| {
        triple.predicate == dcat::KEYWORD
            && matches!(&triple.object, Term::Literal(literal) if literal.value().contains([',', ';', '|']))
    });
    for triple in joined {
        let Term::Literal(literal) = triple.object.clone() else {
            continue;
        };
        let value = literal.value();
        let is_label = [
            Scheme::DataTheme,
            Scheme::InspireTheme,
            Scheme::HvdCategory,
            Scheme::TopicCategory,
        ]
        .into_iter()
        .any(|scheme| vocab.scheme(scheme).resolve(value).is_some());
        let parts = split(value);
        // « Copper, oxide » is one thing; a list has more than two, or another sign.
        let least = if value.contains([';', '|']) { 2 } else { 3 };
        if is_label || parts.len() < least || parts.iter().any(|part| part.chars().count() > 80) {
            desk.entity.triples.push(triple);
            continue;
        }
        let subject = subject_of(&triple).to_owned();
        for part in &parts {
            let part = match literal.language() {
                Some(tag) => Literal::new_language_tagged_literal_unchecked(*part, tag),
                None => Literal::new_simple_literal(*part),
            };
            desk.put(triple.clone(), part);
        }
        desk.find(
            note(
                "keyword/joined",
                Severity::Info,
                format!(
                    "{} keywords stand in one string: they were parted",
                    parts.len()
                ),
                "enter each keyword by itself",
            ),
            &subject,
            dcat::KEYWORD,
            value,
        );
    }
}

/// Keywords without their dress (quotes, a hash sign, a last comma), none that says nothing, and each once whatever its case.
pub fn tidy(desk: &mut Desk<'_>) {
    if !desk.has(&[dcat::KEYWORD]) {
        return;
    }
    let mut kept: Vec<(String, Triple)> = Vec::new();
    for triple in desk.take_literals(&[dcat::KEYWORD]) {
        let Term::Literal(literal) = &triple.object else {
            continue;
        };
        let word = undressed(literal.value());
        if is_void(word) {
            continue;
        }
        let literal = match literal.language() {
            Some(tag) => Literal::new_language_tagged_literal_unchecked(word, tag),
            None => Literal::new_simple_literal(word),
        };
        let key = format!(
            "{}\n{}\n{}",
            subject_of(&triple),
            literal.language().unwrap_or_default(),
            word.to_lowercase()
        );
        kept.push((
            key,
            Triple {
                object: literal.into(),
                ..triple
            },
        ));
    }
    // Of two that differ in case only, the one in small letters, which is the later one in the order of characters.
    kept.sort_by(|a, b| (&a.0, text_of(&b.1.object)).cmp(&(&b.0, text_of(&a.1.object))));
    kept.dedup_by(|a, b| a.0 == b.0);
    desk.entity
        .triples
        .extend(kept.into_iter().map(|(_, triple)| triple));
}

fn undressed(word: &str) -> &str {
    let mut word = word;
    loop {
        let trimmed = word.trim();
        // An abbreviation keeps its point.
        let abbreviation = trimmed
            .strip_suffix('.')
            .is_some_and(|rest| rest.contains('.') && !rest.ends_with(['.', ',', ';']));
        if abbreviation {
            return trimmed;
        }
        let bare = trimmed
            .trim_start_matches('#')
            .trim_end_matches([',', ';', '.'])
            .trim();
        let quoted = [('"', '"'), ('«', '»'), ('“', '”'), ('[', ']')]
            .into_iter()
            .find_map(|(open, close)| bare.strip_prefix(open)?.strip_suffix(close));
        let next = quoted.unwrap_or(bare);
        if next.len() == word.len() {
            return word;
        }
        word = next;
    }
}

/// Parts at commas, semicolons and bars; not at the comma of a number or within brackets.
fn split(value: &str) -> Vec<&str> {
    let bytes = value.as_bytes();
    let digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    // A path in a thesaurus (`A > B, C`) is one keyword.
    if value.contains('>') || value.contains("&gt;") {
        return vec![value];
    }
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, c) in value.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if digit(at.checked_sub(1)) && digit(Some(at + 1)) => {}
            ',' | ';' | '|' if depth == 0 => {
                parts.push(&value[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&value[start..]);
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::undressed;

    #[test]
    fn keywords_without_their_dress() {
        for (given, word) in [
            ("\"eau\"", "eau"),
            ("#openData", "openData"),
            (" eau, ", "eau"),
            ("« zone humide ».", "zone humide"),
            ("S.A.U.", "S.A.U."),
            ("eau", "eau"),
            ("\na.b", "a.b"),
            ("\"\na.b\"", "a.b"),
            ("C#", "C#"),
            ("", ""),
            ("#", ""),
        ] {
            assert_eq!(undressed(given), word, "{given}");
            assert_eq!(undressed(undressed(given)), undressed(given), "{given}");
        }
    }
}
