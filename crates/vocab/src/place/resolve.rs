//! From what a source wrote to territories. No guess: several that fit are `Ambiguous`.

use super::words::{self, ARTICLES, CONNECTORS, Wanted};
use super::{Kind, Places, Territory, names};
use crate::table::cut;

/// Longer texts are prose.
const LONGEST: usize = 4_000;
/// A longer name is none.
const LONGEST_NAME: usize = 200;
const MOST_PARTS: usize = 200;
const SEPARATORS: [char; 6] = [';', '|', '\n', ',', '/', '>'];

/// What a text says.
#[derive(Debug, Clone)]
pub enum Reading<'p> {
    Found {
        territories: Vec<&'p Territory>,
        /// The text can mean nothing else.
        certain: bool,
        /// Parts of a list that were not understood.
        rest: Vec<String>,
    },
    /// One of these.
    Ambiguous(Vec<&'p Territory>),
    Unknown,
}

impl<'p> Reading<'p> {
    fn certain(territory: &'p Territory) -> Self {
        Self::found(vec![territory], true)
    }

    fn found(territories: Vec<&'p Territory>, certain: bool) -> Self {
        if territories.is_empty() {
            return Self::Unknown;
        }
        Self::Found {
            territories,
            certain,
            rest: Vec::new(),
        }
    }

    fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        if self.is_unknown() { other() } else { self }
    }

    fn single(&self) -> Option<&'p Territory> {
        match self {
            Self::Found { territories, .. } => match territories.as_slice() {
                [one] => Some(one),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Places {
    /// The territories that a text names: an address, a code, a name, or a list of them.
    pub fn resolve(&self, text: &str) -> Reading<'_> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Reading::Unknown;
        }
        if text.contains("://") {
            return self.by_iri(text).map_or(Reading::Unknown, Reading::certain);
        }
        // « Nogent/Oise » is one name, where there is such a place.
        if text.contains('/') && !text.contains(" / ") {
            let whole = self.one(&text.replacen('/', " sur ", 1));
            if !whole.is_unknown() {
                return whole;
            }
        }
        // « Nord, Pas-de-Calais » is a list, and no spelling of Nord-Pas-de-Calais: where every part says a place.
        let listed = if text.contains(SEPARATORS) {
            self.list(text)
        } else {
            Reading::Unknown
        };
        match &listed {
            Reading::Found { rest, .. } if rest.is_empty() => listed,
            _ => self
                .one(text)
                .or_else(|| listed)
                .or_else(|| self.list(text)),
        }
    }

    pub(super) fn alias_of(&self, spelling: &str) -> Option<&Territory> {
        let alias = self.aliases.get(spelling)?;
        let (kind, code) = alias.places.first()?;
        self.get(*kind, code)
    }

    /// A code of ISO 3166 or NUTS, in capitals.
    pub(super) fn by_foreign_code(&self, code: &str) -> Option<&Territory> {
        self.foreign.get(code).and_then(|at| self.at(*at))
    }

    fn one(&self, text: &str) -> Reading<'_> {
        let text = text.trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, '"' | '\'' | '«' | '»' | '.' | ':' | ';' | ',')
        });
        if text.is_empty() || text.len() > LONGEST_NAME {
            return Reading::Unknown;
        }
        if let Some(reading) = self.geoid(text) {
            return reading;
        }
        let key = names::key(text);
        if key.is_empty() {
            return Reading::Unknown;
        }
        self.alias(&key)
            .or_else(|| self.code(text))
            .or_else(|| self.by_name(&key, Wanted::Any, None, 0))
            .or_else(|| self.in_parentheses(text))
            .or_else(|| self.beside_code(text))
            .or_else(|| self.nameless_kind(&key))
    }

    fn alias(&self, key: &str) -> Reading<'_> {
        let Some(alias) = self.aliases.get(key) else {
            return Reading::Unknown;
        };
        let places = alias
            .places
            .iter()
            .filter_map(|(kind, code)| self.get(*kind, code))
            .collect();
        if alias.one_of {
            Reading::Ambiguous(places)
        } else {
            Reading::found(places, true)
        }
    }

    /// The identifiers of udata: `fr:commune:59350@1942-01-01`, `country:fr`, `country-subset:fr:metro`.
    fn geoid(&self, text: &str) -> Option<Reading<'_>> {
        let (level, code) = text.split('@').next()?.rsplit_once(':')?;
        let code = code.to_ascii_uppercase();
        let of = |kinds: &[Kind]| kinds.iter().find_map(|kind| self.get(*kind, &code));
        let found = match level.to_ascii_lowercase().as_str() {
            "fr:commune" | "fr:arrondissement-municipal" => of(&[
                Kind::Commune,
                Kind::CityDistrict,
                Kind::Delegate,
                Kind::Associate,
            ]),
            "fr:departement" => of(&[Kind::Department, Kind::Overseas]),
            "fr:region" => of(&[Kind::Region, Kind::Overseas]),
            "fr:collectivite" => of(&[Kind::Overseas, Kind::Department]),
            "fr:arrondissement" => of(&[Kind::District, Kind::CityDistrict]),
            "fr:epci" => of(&[Kind::Intercommunality, Kind::ParisTerritory]),
            "country" => self.by_foreign_code(&code),
            "country-group" => match code.as_str() {
                "UE" => self.get(Kind::Country, "EUR"),
                "WORLD" => self.get(Kind::World, "6295630"),
                _ => None,
            },
            "country-subset:fr" => match code.as_str() {
                "METRO" => self.get(Kind::Zone, "metropole"),
                "DROM" => return Some(self.alias("drom")),
                "DROMCOM" => return Some(self.beyond_the_sea()),
                _ => None,
            },
            "fr:canton" | "fr:iris" | "fr:circonscription" => None,
            _ => return None,
        };
        Some(found.map_or(Reading::Unknown, Reading::certain))
    }

    fn beyond_the_sea(&self) -> Reading<'_> {
        let all = self.territories.iter().filter(|territory| {
            territory.kind == Kind::Overseas
                || (territory.kind == Kind::Region
                    && !territory.ended
                    && territory.code.starts_with('0'))
        });
        Reading::found(all.collect(), true)
    }

    /// A code alone: `59`, `2A`, `R32`, `59350`, `200093201`, `FR-59`, `FRE1`, `FRA`.
    fn code(&self, text: &str) -> Reading<'_> {
        let code = text.to_ascii_uppercase();
        if let Some(found) = self.insee_code(&code) {
            return found;
        }
        // Words are no codes: only what is written in capitals.
        if code != text || !(2..=6).contains(&code.len()) {
            return Reading::Unknown;
        }
        match self.by_foreign_code(&code) {
            Some(found) => {
                let sure = found.is_french() || code.contains('-') || found.kind != Kind::Country;
                Reading::found(vec![found], sure)
            }
            None => Reading::Unknown,
        }
    }

    fn insee_code(&self, code: &str) -> Option<Reading<'_>> {
        let code: String = code.chars().filter(|c| *c != ' ').collect();
        for (prefix, kind) in [
            ("REG", Kind::Region),
            ("R", Kind::Region),
            ("DEP", Kind::Department),
            ("D", Kind::Department),
            ("COM", Kind::Commune),
            ("FR_", Kind::Commune),
        ] {
            let rest = code
                .strip_prefix(prefix)
                .map(|rest| rest.trim_start_matches(['-', '_', ':']));
            if let Some(found) = rest.and_then(|rest| self.get(kind, rest)) {
                return Some(Reading::certain(found));
            }
        }
        if !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let kinds: &[Kind] = match code.len() {
            2 | 3 => &[Kind::Department, Kind::Overseas],
            5 => &[
                Kind::Commune,
                Kind::CityDistrict,
                Kind::Associate,
                Kind::Delegate,
            ],
            9 => &[Kind::Intercommunality, Kind::ParisTerritory],
            _ => return None,
        };
        let found = kinds.iter().find_map(|kind| self.get(*kind, &code))?;
        // Five digits may be a postal code: nearly all of those end in a zero, and a tenth of the communes' codes.
        let sure = code.len() != 5 || !code.ends_with('0');
        Some(Reading::found(vec![found], sure))
    }

    /// The territories that bear a name, of the kind that is wanted, within another.
    fn by_name<'p>(
        &'p self,
        key: &str,
        wanted: Wanted,
        within: Option<&Territory>,
        depth: u8,
    ) -> Reading<'p> {
        let mut candidates = self.named(key);
        if matches!(wanted, Wanted::Only(kinds) if kinds.contains(&Kind::Intercommunality)) {
            candidates.extend(self.with_core(key));
        }
        let reading = self.choose(candidates, wanted, within);
        if !reading.is_unknown() || depth > 3 {
            return reading;
        }
        if wanted == Wanted::Any
            && let Some((kind, rest)) = words::prefix(key)
        {
            if kind == Wanted::Other {
                return Reading::Unknown;
            }
            let bare = names::without_first(rest, CONNECTORS);
            return self
                .by_name(rest, kind, within, depth + 1)
                .or_else(|| match bare {
                    Some(bare) => self.by_name(bare, kind, within, depth + 1),
                    None => Reading::Unknown,
                })
                .or_else(|| self.by_core_after(rest, kind, within));
        }
        if wanted == Wanted::Any {
            return self.by_core(key, within);
        }
        Reading::Unknown
    }

    /// « métropole européenne », where the table has « métropole européenne de Lille » only, is not looked for: a core is
    /// the whole of what follows the kind.
    fn by_core_after<'p>(
        &'p self,
        rest: &str,
        kind: Wanted,
        within: Option<&Territory>,
    ) -> Reading<'p> {
        match kind {
            Wanted::Any => self.by_core(rest, within),
            _ => Reading::Unknown,
        }
    }

    /// An intercommunality by its name without its kind, or with its kind behind: `Creil Sud Oise`, `Béthune agglo`.
    fn by_core<'p>(&'p self, key: &str, within: Option<&Territory>) -> Reading<'p> {
        let behind = [" metropole", " agglomeration", " agglo", " communaute"]
            .iter()
            .find_map(|kind| key.strip_suffix(kind));
        if behind.is_none() && key.len() < 6 {
            return Reading::Unknown;
        }
        let candidates = self.with_core(behind.unwrap_or(key));
        match self.choose(candidates, Wanted::Any, within) {
            Reading::Found { territories, .. } => Reading::found(territories, behind.is_some()),
            other => other,
        }
    }

    fn choose<'p>(
        &'p self,
        candidates: Vec<&'p Territory>,
        wanted: Wanted,
        within: Option<&Territory>,
    ) -> Reading<'p> {
        let mut fit: Vec<&Territory> = candidates
            .into_iter()
            .filter(|territory| match wanted {
                Wanted::Only(kinds) => kinds.contains(&territory.kind),
                Wanted::Any => territory.kind != Kind::District,
                Wanted::Other => false,
            })
            .filter(|territory| within.is_none_or(|outer| self.within(territory, outer)))
            .collect();
        fit.sort_by_key(|territory| (rank(territory), territory.kind, territory.code));
        fit.dedup_by_key(|territory| (territory.kind, territory.code));
        let Some(best) = fit.first().map(|territory| rank(territory)) else {
            return Reading::Unknown;
        };
        let mut top: Vec<&Territory> = fit
            .iter()
            .copied()
            .filter(|territory| rank(territory) == best)
            .collect();
        // The same commune before and after it was merged, under one code.
        top.dedup_by_key(|territory| territory.code);
        let Some(first) = top.first() else {
            return Reading::Unknown;
        };
        // Saint-Martin and Saint-Barthélemy, beyond the sea and in many a département.
        let elsewhere = first.kind == Kind::Overseas
            && fit
                .iter()
                .any(|territory| territory.kind == Kind::Commune && !self.within(territory, first));
        // Grenade, Soudan, Argentine are countries, and communes of France.
        let namesake = first.kind == Kind::Country
            && fit.iter().any(|territory| territory.kind == Kind::Commune);
        if elsewhere || namesake {
            return Reading::Ambiguous(fit);
        }
        if top.len() > 1 {
            return Reading::Ambiguous(top);
        }
        // A commune with namesakes that were communes: the one in use is meant, most likely.
        let alone = rank(first) != RANK_COMMUNE
            || fit
                .iter()
                .all(|other| rank(other) == RANK_COMMUNE || other.of == first.code);
        Reading::found(vec![first], alone)
    }

    /// `Lille (59)`, `Abergement-de-Varey (L')`, `Vienne (département)`, `Saint-Denis (La Réunion)`.
    fn in_parentheses(&self, text: &str) -> Reading<'_> {
        let Some((head, inner)) = text
            .strip_suffix(')')
            .and_then(|text| text.rsplit_once('('))
            .map(|(head, inner)| (head.trim(), inner.trim()))
        else {
            return Reading::Unknown;
        };
        let (head_key, inner_key) = (names::key(head), names::key(inner));
        if head_key.is_empty() {
            return Reading::Unknown;
        }
        if ARTICLES.contains(&inner_key.as_str()) {
            return self.by_name(&format!("{inner_key} {head_key}"), Wanted::Any, None, 0);
        }
        // A kind by itself: `prefix` wants a name behind it.
        if let Some((kind @ Wanted::Only(_), _)) = words::prefix(&format!("{inner_key} x")) {
            return self.by_name(&head_key, kind, None, 0);
        }
        let with = self.with_qualifier(&head_key, inner);
        let is_intercommunality = matches!(words::prefix(&head_key), Some((Wanted::Only(kinds), _)) if kinds.contains(&Kind::Intercommunality));
        with.or_else(|| {
            // The acronym of an intercommunality.
            if is_intercommunality && !inner.bytes().any(|byte| byte.is_ascii_digit()) {
                self.by_name(&head_key, Wanted::Any, None, 0)
            } else {
                Reading::Unknown
            }
        })
    }

    /// `59 - Nord`, `Nord - 59`, `59350 Lille`, `Lille, 59000`.
    fn beside_code(&self, text: &str) -> Reading<'_> {
        let between = |c: char| {
            c.is_whitespace() || matches!(c, '-' | '–' | '—' | ',' | ':' | '_' | '/' | '*')
        };
        let of = |code: &str, name: &str| {
            let code = code.trim_matches(between);
            let is_code = (2..=9).contains(&code.len())
                && code.starts_with(|c: char| c.is_ascii_digit() || c == 'R')
                && code.bytes().any(|byte| byte.is_ascii_digit());
            let name = names::key(name.trim_matches(between));
            if is_code && !name.is_empty() {
                self.with_qualifier(&name, code)
            } else {
                Reading::Unknown
            }
        };
        let first = text.split_once(between);
        let last = text.rsplit_once(between);
        first
            .map_or(Reading::Unknown, |(code, name)| of(code, name))
            .or_else(|| last.map_or(Reading::Unknown, |(name, code)| of(code, name)))
    }

    /// A name that a code, or the name of what surrounds it, makes certain.
    fn with_qualifier(&self, name: &str, qualifier: &str) -> Reading<'_> {
        let code: String = qualifier
            .to_ascii_uppercase()
            .chars()
            .filter(|c| *c != ' ')
            .collect();
        let bare = match code.strip_prefix('R') {
            Some(rest) if rest.len() == 2 => rest,
            _ => &code,
        };
        // The code is the place's own.
        let all = self.named(name).into_iter().chain(self.cores_named(name));
        let own: Vec<&Territory> = all
            .filter(|territory| territory.code == bare && territory.kind != Kind::District)
            .collect();
        if let Some(found) = own.iter().min_by_key(|territory| rank(territory)) {
            return Reading::certain(found);
        }
        let department = match code.len() {
            2 | 3 => code.as_str(),
            // A postal code begins with its département, but in Corsica.
            5 if code.starts_with("97") || code.starts_with("98") => code.get(..3).unwrap_or(""),
            5 if code.starts_with("20") => {
                return self.by_name(name, Wanted::Any, self.get(Kind::Region, "94"), 0);
            }
            5 => code.get(..2).unwrap_or(""),
            _ => "",
        };
        let outer = self
            .get(Kind::Department, department)
            .or_else(|| self.get(Kind::Overseas, department));
        let digits = code.bytes().any(|byte| byte.is_ascii_digit());
        let outer = match outer {
            Some(outer) => Some(outer),
            None if digits => None,
            None => self.one(qualifier).single(),
        };
        match outer {
            Some(outer) => self.by_name(name, Wanted::Any, Some(outer), 0),
            None => Reading::Unknown,
        }
    }

    fn cores_named(&self, name: &str) -> Vec<&Territory> {
        let rest = words::prefix(name).map_or(name, |(_, rest)| rest);
        let rest = names::without_first(rest, CONNECTORS).unwrap_or(rest);
        let mut found = self.with_core(rest);
        found.extend(self.named(rest));
        found
    }

    /// A kind and a code: `département 59`, `région 32`, `commune 59350`.
    fn nameless_kind(&self, key: &str) -> Reading<'_> {
        let Some((Wanted::Only(kinds), code)) = words::prefix(key) else {
            return Reading::Unknown;
        };
        let code = code.to_ascii_uppercase();
        kinds
            .iter()
            .find_map(|kind| self.get(*kind, &code))
            .map_or(Reading::Unknown, Reading::certain)
    }

    /// Several names: a list of places, or one place and what surrounds it.
    fn list(&self, text: &str) -> Reading<'_> {
        let strong = text.contains([';', '|', '\n']);
        let mut parts: Vec<&str> = text
            .split(SEPARATORS)
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect();
        // More than these are not looked up, and told with what is not known.
        let more = parts.split_off(MOST_PARTS.min(parts.len()));
        if parts.len() < 2 || parts.iter().any(|part| self.one(part).is_unknown()) {
            parts = parts
                .into_iter()
                .flat_map(|part| match self.one(part) {
                    Reading::Unknown => split_and(part),
                    _ => vec![part],
                })
                .collect();
        }
        // « 01 02 03 2A »
        let words: Vec<&str> = text.split_whitespace().take(MOST_PARTS).collect();
        if parts.len() < 2
            && words.len() > 1
            && words
                .iter()
                .all(|word| self.get(Kind::Department, word).is_some())
        {
            parts = words;
        }
        if parts.len() < 2 {
            return Reading::Unknown;
        }
        let read: Vec<(&str, Reading<'_>)> = parts
            .into_iter()
            .map(|part| (cut(part, LONGEST_NAME), self.one(part)))
            .collect();
        let told = self
            .nested(&read)
            .filter(|_| more.is_empty())
            .map_or_else(|| gather(&read, strong), Reading::certain);
        match told {
            Reading::Found {
                territories,
                certain,
                mut rest,
            } => {
                rest.extend(more.into_iter().map(str::to_owned));
                Reading::Found {
                    territories,
                    certain,
                    rest,
                }
            }
            other => other,
        }
    }

    /// `Lille, Nord, Hauts-de-France`, or the other way round: the innermost place is meant.
    fn nested<'p>(&'p self, read: &[(&str, Reading<'p>)]) -> Option<&'p Territory> {
        let inwards = |order: &[&Reading<'p>]| -> Option<&'p Territory> {
            let (first, outer) = order.split_first()?;
            let outer: Option<Vec<&Territory>> =
                outer.iter().map(|reading| reading.single()).collect();
            let outer = outer?;
            let nearest = outer.first()?;
            let chain = outer
                .iter()
                .zip(outer.iter().skip(1))
                .all(|(inner, outer)| self.within(inner, outer));
            let candidates: Vec<&'p Territory> = match first {
                Reading::Found { .. } => first.single().into_iter().collect(),
                Reading::Ambiguous(candidates) => candidates.clone(),
                Reading::Unknown => return None,
            };
            let inside: Vec<&'p Territory> = candidates
                .into_iter()
                .filter(|inner| self.within(inner, nearest))
                .collect();
            match inside.as_slice() {
                [one] if chain => Some(one),
                _ => None,
            }
        };
        let mut order: Vec<&Reading<'p>> = read.iter().map(|(_, reading)| reading).collect();
        inwards(&order).or_else(|| {
            order.reverse();
            inwards(&order)
        })
    }
}

fn gather<'p>(read: &[(&str, Reading<'p>)], strong: bool) -> Reading<'p> {
    let mut all: Vec<&Territory> = Vec::new();
    let mut sure = true;
    let mut left = Vec::new();
    for (part, reading) in read {
        match reading {
            Reading::Found {
                territories,
                certain,
                ..
            } => {
                sure &= *certain;
                for territory in territories {
                    if !all
                        .iter()
                        .any(|known| (known.kind, known.code) == (territory.kind, territory.code))
                    {
                        all.push(territory);
                    }
                }
            }
            _ => left.push((*part).to_owned()),
        }
    }
    // After a comma may stand anything: « quai nord, Lille » is not Lille.
    if all.is_empty() || (!left.is_empty() && !strong) {
        return Reading::Unknown;
    }
    Reading::Found {
        territories: all,
        certain: sure,
        rest: left,
    }
}

fn split_and(part: &str) -> Vec<&str> {
    for word in [" et ", " & ", " + ", " ET ", " and "] {
        if part.contains(word) {
            return part.split(word).map(str::trim).collect();
        }
    }
    vec![part]
}

const RANK_COMMUNE: u8 = 5;

/// Of territories that bear one name, those of the least rank are meant.
fn rank(territory: &Territory) -> u8 {
    match territory.kind {
        Kind::World | Kind::Continent | Kind::Country | Kind::Zone => 0,
        Kind::Region => 1,
        Kind::Overseas => 2,
        Kind::Department => 3,
        Kind::Intercommunality | Kind::ParisTerritory if !territory.ended => 4,
        Kind::Commune if !territory.ended => RANK_COMMUNE,
        Kind::CityDistrict | Kind::Delegate | Kind::Associate => 6,
        Kind::Commune => 6,
        _ => 7,
    }
}
