//! Titles: whether two of them name the same thing.

use std::collections::BTreeSet;

/// Words that carry no meaning of their own.
const EMPTY: [&str; 32] = [
    "a", "au", "aux", "avec", "ce", "d", "dans", "de", "des", "du", "en", "et", "for", "in", "l",
    "la", "le", "les", "of", "on", "ou", "par", "pour", "s", "sur", "the", "to", "un", "une",
    "donnees", "jeu", "data",
];
/// Letters of a word that count: what follows is mostly its ending.
const STEM: usize = 7;
/// Words of a title that are looked at.
const MOST: usize = 40;

/// The words of a title without case, accents, endings and words that carry no meaning: in order, with spaces between.
pub fn fold_title(title: &str) -> String {
    let cut: String = title.chars().take(500).collect();
    let folded = vocab::fold(&cut);
    let mut words: Vec<&str> = folded
        .split(' ')
        .filter(|word| !word.is_empty() && !EMPTY.contains(word))
        .take(MOST)
        .collect();
    // « Type A » is not « type C »: a letter that closes a title is a number.
    let last = folded.rsplit(' ').next().unwrap_or_default();
    if last.len() == 1 && EMPTY.contains(&last) {
        words.push(last);
    }
    if words.is_empty() {
        words = folded.split(' ').take(MOST).collect();
    }
    words.into_iter().map(stem).collect::<Vec<_>>().join(" ")
}

fn stem(word: &str) -> &str {
    if word.bytes().any(|byte| byte.is_ascii_digit()) {
        return word;
    }
    let word = match word.strip_suffix('s').or_else(|| word.strip_suffix('x')) {
        Some(singular) if singular.len() >= 3 => singular,
        _ => word,
    };
    word.char_indices()
        .nth(STEM)
        .map_or(word, |(end, _)| word.get(..end).unwrap_or(word))
}

/// What many datasets of one publisher are called.
const KINDS: [&str; 31] = [
    "actuali", "arrete", "atla", "base", "carte", "catalog", "chiffre", "couche", "decisio",
    "deliber", "divers", "documen", "dossier", "export", "extract", "fichier", "image", "indicat",
    "interac", "liste", "ouverte", "plan", "public", "rapport", "recueil", "donnee", "statist",
    "table", "tableau", "test", "archive",
];

/// Whether a folded title says what a dataset is about.
pub(crate) fn is_telling(title: &str) -> bool {
    title.split_whitespace().any(|word| {
        word.len() > 2
            && !EMPTY.contains(&word)
            && !KINDS.contains(&word)
            && !word.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// How alike two folded titles are, from 0 to 1: 0 where their numbers differ, since « Budget 2022 » is not « Budget 2023 »,
/// nor the lot 1 the lot 2.
pub fn likeness(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let (a, b) = (words(a), words(b));
    if numbers(&a) != numbers(&b) {
        return 0.0;
    }
    let common = a.intersection(&b).count();
    let all = a.len() + b.len();
    if all == 0 {
        0.0
    } else {
        2.0 * common as f64 / all as f64
    }
}

/// Whether one folded title says all that the other says, and more: « Zones humides » and « Zones humides de l'Oise ».
pub(crate) fn contains(a: &str, b: &str) -> bool {
    let (a, b) = (words(a), words(b));
    let (small, large) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    !small.is_empty() && small.is_subset(&large)
}

pub(crate) fn words(title: &str) -> BTreeSet<&str> {
    title.split(' ').filter(|word| !word.is_empty()).collect()
}

fn numbers<'a>(words: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    words
        .iter()
        .copied()
        .filter(|word| word.len() == 1 || word.bytes().any(|byte| byte.is_ascii_digit()))
        .collect()
}

/// How many signatures a title has.
const SIGNATURES: u64 = 5;

/// Short marks of a folded title and its publisher: titles that share two thirds of their words share one of their marks nearly
/// always (MinHash: Broder, 1997). They find the pairs that are worth comparing.
pub fn signatures(title: &str, publisher: &str) -> Vec<String> {
    let words = words(title);
    if words.is_empty() {
        return Vec::new();
    }
    (0..SIGNATURES)
        .map(|seed| {
            let least = words
                .iter()
                .map(|word| crate::facts::hash(&[&seed.to_string(), word]))
                .min()
                .unwrap_or_default();
            format!("{seed}:{least:x}:{publisher}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(a: &str, b: &str) -> f64 {
        likeness(&fold_title(a), &fold_title(b))
    }

    #[test]
    fn what_is_alike() {
        assert_eq!(
            like("Zones humides de l'Oise", "ZONES  HUMIDES DE L’OISE"),
            1.0
        );
        assert_eq!(like("Zone humide - Oise", "Zones humides de l'Oise"), 1.0);
        assert!(
            like(
                "Inventaire des zones humides de l'Oise",
                "Zones humides de l'Oise"
            ) > 0.8
        );
        assert!(like("Budget primitif 2022", "Budget primitif 2023") == 0.0);
        assert!(like("Cartes de bruit, type A", "Cartes de bruit, type C") == 0.0);
        assert!(like("Zones humides de l'Oise", "Zones humides de la Somme") < 0.8);
        assert!(like("Mares", "Forêts") == 0.0);
        assert_eq!(like("", ""), 1.0);
    }

    #[test]
    fn a_title_that_names_a_kind_of_document_tells_nothing() {
        for title in [
            "Données",
            "Arrêtés 2023",
            "Liste des documents",
            "Carte interactive",
            "Statistiques",
        ] {
            assert!(!is_telling(&fold_title(title)), "{title}");
        }
        for title in ["Mares", "Liste des mares", "Plan de gestion"] {
            assert!(is_telling(&fold_title(title)), "{title}");
        }
    }

    #[test]
    fn like_titles_share_a_signature() {
        let of = |title: &str| signatures(&fold_title(title), "dreal");
        let shared = |a: &str, b: &str| of(a).iter().any(|one| of(b).contains(one));
        assert!(shared("Zones humides de l'Oise", "Zones humides de l’Oise"));
        assert!(shared(
            "Inventaire des zones humides de l'Oise",
            "Zones humides de l'Oise"
        ));
        assert!(!shared("Mares et étangs", "Arrêts de bus du réseau"));
        assert!(of("").is_empty());
    }
}
