//! Keys by which names are found.

use super::words::{self, ARTICLES, CONNECTORS};
use super::{Kind, Territory};

/// The key of a name: without case, accents and punctuation, `st` and `ste` written out.
pub(super) fn key(name: &str) -> String {
    let folded = crate::fold(name);
    let mut key = String::with_capacity(folded.len() + 8);
    for (at, word) in folded.split(' ').enumerate() {
        if at > 0 {
            key.push(' ');
        }
        key.push_str(match word {
            "st" => "saint",
            "ste" => "sainte",
            "sts" => "saints",
            "stes" => "saintes",
            // « Boulogne s/ Mer »
            "s" if at > 0 => "sur",
            word => word,
        });
    }
    key
}

/// Every key of a territory's names, with and without the article.
pub(super) fn keys(territory: &Territory, each: &mut dyn FnMut(&str)) {
    let others = territory.others.split(" | ").filter(|_| {
        matches!(
            territory.kind,
            Kind::Commune | Kind::Intercommunality | Kind::Country
        )
    });
    for name in std::iter::once(territory.name).chain(others) {
        if name.is_empty() {
            continue;
        }
        let key = match territory.kind {
            Kind::Intercommunality => key(without_acronym(name)),
            _ => key(name),
        };
        if let Some(bare) = without_first(&key, ARTICLES) {
            each(bare);
        }
        each(&key);
    }
    if let Some(acronym) = acronym(territory) {
        each(&acronym);
    }
}

/// The keys of an intercommunality's names without what kind it is.
pub(super) fn cores(territory: &Territory, each: &mut dyn FnMut(&str)) {
    if !matches!(
        territory.kind,
        Kind::Intercommunality | Kind::ParisTerritory
    ) {
        return;
    }
    for name in [territory.name, territory.others] {
        let key = key(without_acronym(name));
        let rest = words::prefix(&key).map_or(key.as_str(), |(_, rest)| rest);
        let mut rest = without_first(rest, CONNECTORS).unwrap_or(rest);
        // « Valenciennes Métropole », « Métropole Rouen Normandie »
        for word in ["metropole", "agglomeration", "communaute"] {
            let end = rest
                .strip_suffix(word)
                .and_then(|rest| rest.strip_suffix(' '));
            rest = end.unwrap_or(rest);
        }
        if !rest.is_empty() {
            each(rest);
        }
    }
}

/// `CA Intercommunale du Nord de la Réunion (CINOR)`: the name, and the short one.
fn without_acronym(name: &str) -> &str {
    name.strip_suffix(')')
        .and_then(|name| name.rsplit_once(" ("))
        .map_or(name, |(name, _)| name)
}

fn acronym(territory: &Territory) -> Option<String> {
    if territory.kind != Kind::Intercommunality {
        return None;
    }
    [territory.name, territory.others].iter().find_map(|name| {
        let (_, acronym) = name.strip_suffix(')')?.rsplit_once(" (")?;
        let key = key(acronym);
        ((3..=12).contains(&key.len()) && !key.contains(' ')).then_some(key)
    })
}

/// A key without the first of these phrases that it begins with.
pub(super) fn without_first<'k>(key: &'k str, phrases: &[&str]) -> Option<&'k str> {
    phrases.iter().find_map(|phrase| {
        key.strip_prefix(phrase)
            .and_then(|rest| rest.strip_prefix(' '))
            .filter(|rest| !rest.is_empty())
    })
}
