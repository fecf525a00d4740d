//! Keys under which values that mean the same are found together.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer values are prose, and no key of a table.
pub const MAX_KEY: usize = 400;

/// Lower case, without accents; every run of other characters is one space: `Licence ouverte (v2.0)` is `licence ouverte v2 0`.
pub fn fold(value: &str) -> String {
    let mut folded = String::with_capacity(value.len());
    let mut push = |c: char| {
        if c.is_alphanumeric() {
            folded.extend(c.to_lowercase());
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    };
    for c in value.chars() {
        match c {
            c if c.is_ascii() => push(c),
            // A soft hyphen or a zero-width space parts nothing.
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}' => {}
            c => std::iter::once(c)
                .nfkd()
                .filter(|c| !is_combining_mark(*c))
                .for_each(|c| match c {
                    'œ' | 'Œ' => "oe".chars().for_each(&mut push),
                    'æ' | 'Æ' => "ae".chars().for_each(&mut push),
                    'ß' | 'ẞ' => "ss".chars().for_each(&mut push),
                    c => push(c),
                }),
        }
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    folded
}

/// An IRI without what servers treat alike: scheme, `www.`, default port, case, final slash, the language of a Creative Commons
/// deed, the language of a page of data.gouv.fr, the serialisation of a licence's text.
pub fn fold_iri(iri: &str) -> String {
    let iri = iri.trim();
    let rest = iri
        .split_once("://")
        .map_or(iri, |(_, rest)| rest)
        .to_ascii_lowercase();
    let rest = rest.strip_prefix("www.").unwrap_or(&rest);
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host
        .strip_suffix(":80")
        .or_else(|| host.strip_suffix(":443"))
        .unwrap_or(host);
    let mut path = path.trim_end_matches(['/', '#', '.', ',', ';']);
    match host {
        "creativecommons.org" => path = creative_commons(path),
        "spdx.org" | "gnu.org" | "opensource.org" | "apache.org" | "opendatacommons.org" => {
            for suffix in [
                ".html", ".htm", ".json", ".txt", ".md", ".rdf", ".en", ".fr",
            ] {
                path = path.strip_suffix(suffix).unwrap_or(path);
            }
        }
        "data.gouv.fr" => {
            for language in ["/fr/", "/en/", "/es/"] {
                if path.starts_with(language) {
                    path = path.get(language.len() - 1..).unwrap_or(path);
                }
            }
        }
        _ => {}
    }
    format!("{host}{path}")
}

/// `/licenses/by/4.0/deed.fr`, `/licenses/by/4.0/legalcode`, and `/licenses/by/4.0/fr`: version 4.0 has no national ports.
fn creative_commons(mut path: &str) -> &str {
    for suffix in ["/deed", "/legalcode", "/rdf"] {
        if let Some(at) = path.rfind(suffix)
            && !path[at + 1..].contains('/')
        {
            path = &path[..at];
        }
    }
    match path.rsplit_once('/') {
        Some((before, language))
            if language.len() == 2
                && (before.ends_with("/4.0") || before.ends_with("/zero/1.0")) =>
        {
            before
        }
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_meet() {
        assert_eq!(fold("  Licence Ouverte (v2.0) "), "licence ouverte v2 0");
        assert_eq!(fold("Œuvres d’été"), "oeuvres d ete");
        assert_eq!(fold("e\u{301}te\u{301}"), "ete");
        assert_eq!(fold("***"), "");
        assert_eq!(
            fold_iri("HTTP://www.Creativecommons.org:80/licenses/by/4.0/deed.fr"),
            fold_iri("https://creativecommons.org/licenses/by/4.0/")
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn folding_a_key_changes_nothing(value in "\\PC{0,60}") {
            let key = fold(&value);
            prop_assert_eq!(fold(&key), key);
        }
    }
}
