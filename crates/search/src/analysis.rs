//! From text to words: French, and plain.

use std::sync::OnceLock;

use tantivy::tokenizer::{
    Language, Stemmer, StopWordFilter, TextAnalyzer, Token, TokenStream, Tokenizer,
    TokenizerManager,
};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words without elided articles, accents, stop words and endings.
pub(crate) const FRENCH: &str = "french";
/// Runs of letters and digits in lower case, without accents.
pub(crate) const FOLDED: &str = "folded";
/// Runs of letters and digits in lower case.
pub(crate) const LOWER: &str = "lower";

pub(crate) fn register(tokenizers: &TokenizerManager) {
    tokenizers.register(FRENCH, french());
    tokenizers.register(FOLDED, TextAnalyzer::from(Words::new(Manner::Folded)));
    tokenizers.register(LOWER, TextAnalyzer::from(Words::new(Manner::Lower)));
}

/// Accents go before endings do: the stemmer would take `données` and `donnees` for different words otherwise.
fn french() -> TextAnalyzer {
    TextAnalyzer::builder(Words::new(Manner::French))
        .filter(StopWordFilter::remove(
            STOP_WORDS.split_whitespace().map(str::to_owned),
        ))
        .filter(Stemmer::new(Language::French))
        .build()
}

/// The words of a text with their places, in one of the manners above.
pub(crate) fn words(manner: &str, text: &str) -> Vec<(usize, String)> {
    static ANALYSERS: OnceLock<TokenizerManager> = OnceLock::new();
    let analysers = ANALYSERS.get_or_init(|| {
        let manager = TokenizerManager::new();
        register(&manager);
        manager
    });
    let mut words = Vec::new();
    if let Some(mut analyser) = analysers.get(manner) {
        analyser
            .token_stream(text)
            .process(&mut |token| words.push((token.position, token.text.clone())));
    }
    words
}

/// A word of a question: as it was asked, without accents, and what it is found by; nothing if it is a stop word.
pub(crate) struct Asked {
    pub(crate) folded: String,
    pub(crate) stem: Option<String>,
    pub(crate) position: usize,
}

pub(crate) fn asked(text: &str) -> Vec<Asked> {
    let mut asked = Vec::new();
    let mut tokenizer = Words::new(Manner::French);
    tokenizer.token_stream(text).process(&mut |token| {
        asked.push(Asked {
            folded: token.text.clone(),
            stem: None,
            position: token.position,
        });
    });
    for word in &mut asked {
        // What was elided and folded stays as it is when that is done again.
        word.stem = words(FRENCH, &word.folded)
            .into_iter()
            .map(|(_, stem)| stem)
            .next();
    }
    asked
}

/// Lower case, each character for itself: so a part of a text is in lower case what it is within the whole.
pub(crate) fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// To sort by: without accents, case and punctuation, so that `Éoliennes` stands between `eau` and `espaces`.
pub(crate) fn sort_key(text: &str) -> String {
    let mut key = String::new();
    for (_, word) in words(FOLDED, text) {
        if !key.is_empty() {
            key.push(' ');
        }
        key.push_str(&word);
        if key.len() >= MAX_SORT_KEY {
            break;
        }
    }
    cut(&key, MAX_SORT_KEY).to_owned()
}

const MAX_SORT_KEY: usize = 120;

/// Not more than so many bytes, of whole characters.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    French,
    Folded,
    Lower,
}

/// Longer words are cut: they are encoded data.
const MAX_WORD: usize = 64;
/// Patterns are looked for in whole words; Tantivy leaves longer ones out.
const MAX_TOKEN: usize = 65_000;

#[derive(Clone)]
struct Words {
    manner: Manner,
    token: Token,
}

struct WordStream<'a> {
    manner: Manner,
    text: &'a str,
    at: usize,
    token: &'a mut Token,
}

impl Words {
    fn new(manner: Manner) -> Self {
        Self {
            manner,
            token: Token::default(),
        }
    }
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.token.reset();
        WordStream {
            manner: self.manner,
            text,
            at: 0,
            token: &mut self.token,
        }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        while let Some((from, to)) = next_word(self.text, self.at, self.manner == Manner::French) {
            self.at = to;
            let word = self.text.get(from..to).unwrap_or_default();
            self.token.text.clear();
            match self.manner {
                Manner::Lower => self.token.text.push_str(&lower(word)),
                Manner::Folded => fold_into(word, &mut self.token.text),
                Manner::French => fold_into(elided(word), &mut self.token.text),
            }
            if self.token.text.is_empty() {
                continue;
            }
            let longest = match self.manner {
                Manner::Lower => MAX_TOKEN,
                _ => MAX_WORD,
            };
            let end = self.token.text.floor_char_boundary(longest);
            self.token.text.truncate(end);
            self.token.position = self.token.position.wrapping_add(1);
            (self.token.offset_from, self.token.offset_to) = (from, to);
            return true;
        }
        false
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

/// Letters, digits and what modifies them.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || (!c.is_ascii() && is_combining_mark(c))
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ' | '‘' | '´' | '＇')
}

/// The runs of letters and digits of a text: where they begin and end.
pub(crate) fn runs(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let run = next_word(text, at, false)?;
        at = run.1;
        Some(run)
    })
}

/// Where the next word begins and ends; with apostrophes in it, where that is asked for.
fn next_word(text: &str, from: usize, apostrophes: bool) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    let start = from + rest.find(is_word)?;
    let mut end = start;
    let mut characters = text.get(start..)?.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let inner = apostrophes
            && is_apostrophe(c)
            && characters.peek().is_some_and(|(_, next)| is_word(*next));
        if !(is_word(c) || inner) {
            break;
        }
        end = start + at + c.len_utf8();
    }
    Some((start, end))
}

/// What is left of `l’eau`, `jusqu'à`; `aujourd'hui` and `presqu'île` stay whole.
fn elided(word: &str) -> &str {
    let mut word = word;
    // `d'l'eau` is spoken, and is written at times: two are enough.
    for _ in 0..2 {
        let Some((at, c)) = word.char_indices().find(|(_, c)| is_apostrophe(*c)) else {
            return word;
        };
        let (before, after) = (
            word.get(..at).unwrap_or_default(),
            word.get(at + c.len_utf8()..).unwrap_or_default(),
        );
        let article = ELISIONS
            .iter()
            .any(|elision| before.eq_ignore_ascii_case(elision));
        if !article || after.is_empty() {
            return word;
        }
        word = after;
    }
    word
}

/// `presqu'` is left to `presqu'île` alone in French.
const ELISIONS: [&str; 14] = [
    "l", "d", "qu", "s", "n", "j", "m", "t", "c", "jusqu", "lorsqu", "puisqu", "quoiqu", "quelqu",
];

/// Lower case, without accents and apostrophes.
fn fold_into(word: &str, into: &mut String) {
    for c in word.chars() {
        if c.is_ascii() {
            if c != '\'' {
                into.push(c.to_ascii_lowercase());
            }
            continue;
        }
        for c in std::iter::once(c)
            .nfkd()
            .filter(|c| is_word(*c) && !is_combining_mark(*c))
        {
            match c {
                'œ' | 'Œ' => into.push_str("oe"),
                'æ' | 'Æ' => into.push_str("ae"),
                'ß' | 'ẞ' => into.push_str("ss"),
                c => into.extend(c.to_lowercase()),
            }
        }
    }
}

/// Words that say nothing of what a text is about, without accents. Not `est` and `été`, which are a direction and a season as
/// well, nor `nord` and the like.
const STOP_WORDS: &str = "
    a ai ait as au aux avaient avait avec avez avoir avons ayant car ce ceci cela celle celles celui ces cet cette ceux chaque ci
    comme d dans de des dont du elle elles en entre et etaient etait etant etc etre eux il ils je l la laquelle le lequel les
    lesquelles lesquels leur leurs lui ma mais me meme memes mes moi mon ne ni nos notre nous on ont ou par pas pour qu quand que
    quel quelle quelles quels qui quoi s sa sans se sera seront ses si soit son sont sous sur ta te tes toi ton tous tout toute
    toutes tu un une vers vos votre vous y
    an and are at by for from in is of on or that the this to with";

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(text: &str) -> Vec<String> {
        words(FRENCH, text)
            .into_iter()
            .map(|(_, word)| word)
            .collect()
    }

    #[test]
    fn french_words() {
        for (text, expected) in [
            ("L'eau, l’air & jusqu'à lorsqu'il", vec!["eau", "air"]),
            ("Aujourd'hui la presqu'île", vec!["aujourdhui", "presquil"]),
            ("d'l'eau", vec!["eau"]),
            ("communautés d'agglomération", vec!["communaut", "agglomer"]),
            ("COMMUNAUTES D’AGGLOMERATION", vec!["communaut", "agglomer"]),
            ("nord-est 2024", vec!["nord", "est", "2024"]),
            ("", vec![]),
            ("' l' d'", vec![]),
        ] {
            assert_eq!(stems(text), expected, "{text}");
        }
    }

    #[test]
    fn plain_words() {
        assert_eq!(
            words(LOWER, "L'Été_2024 Ⅻ"),
            [(0, "l"), (1, "été"), (2, "2024"), (3, "ⅻ")].map(|(at, word)| (at, word.to_owned()))
        );
        assert_eq!(sort_key("L'Été: Œuvres"), "l ete oeuvres");
        assert!(sort_key(&"é ".repeat(500)).len() <= MAX_SORT_KEY);
        assert_eq!(cut("éé", 3), "é");
        assert_eq!(words(FRENCH, &"x".repeat(500))[0].1.len(), MAX_WORD);
    }
}
