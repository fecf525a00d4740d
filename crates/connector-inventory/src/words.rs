//! Words as people write them: without accents, case, punctuation, plurals and articles.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer than any header or status.
const LONGEST: usize = 200;

const ARTICLES: [&str; 9] = ["de", "du", "des", "d", "la", "le", "les", "l", "et"];

/// Lower-case words, without accents and punctuation.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len().min(LONGEST));
    let plain = text.nfkd().take(LONGEST).filter(|c| !is_combining_mark(*c));
    for c in plain {
        match c {
            'œ' | 'Œ' => folded.push_str("oe"),
            'æ' | 'Æ' => folded.push_str("ae"),
            c if c.is_alphanumeric() => folded.extend(c.to_lowercase()),
            _ if !folded.is_empty() && !folded.ends_with(' ') => folded.push(' '),
            _ => {}
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// What two spellings of a header have in common: folded, in the singular, without articles.
pub fn key(text: &str) -> String {
    let folded = fold(text);
    let words: Vec<&str> = folded
        .split(' ')
        .filter(|word| !ARTICLES.contains(word))
        .map(|word| match word.strip_suffix(['s', 'x']) {
            Some(singular) if word.len() > 3 => singular,
            _ => word,
        })
        .collect();
    words.join(" ")
}

/// What stands before a parenthesis: `Titre (obligatoire)`.
pub fn before_parenthesis(text: &str) -> Option<&str> {
    let (before, _) = text.split_once('(')?;
    (!before.trim().is_empty()).then_some(before)
}

/// A part of an identifier: lower-case ASCII words joined by hyphens.
pub fn slug(text: &str, longest: usize) -> String {
    let mut slug: String = fold(text)
        .chars()
        .map(|c| if c == ' ' { '-' } else { c })
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(longest)
        .collect();
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}
