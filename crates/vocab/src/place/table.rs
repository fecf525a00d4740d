//! The tables of `vocab/places/`, read.

use std::collections::HashMap;

use super::{Bounds, Kind, Territory, names};

const COMMUNES: &str = include_str!("../../../../vocab/places/communes.tsv");
const INTERCOMMUNALITIES: &str = include_str!("../../../../vocab/places/intercommunalities.tsv");
const ZONES: &str = include_str!("../../../../vocab/places/zones.tsv");
const COUNTRIES: &str = include_str!("../../../../vocab/places/countries.tsv");
const ALIASES: &str = include_str!("../../../../vocab/places/aliases.tsv");

/// What a spelling means: all of these places, or one of them.
#[derive(Debug, Clone)]
pub(super) struct Alias {
    pub places: Vec<(Kind, &'static str)>,
    pub one_of: bool,
}

/// The cells of the rows, without comments and the row of headings.
fn rows(table: &'static str) -> impl Iterator<Item = [&'static str; 7]> {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .map(|line| {
            let mut cells = [""; 7];
            for (cell, written) in cells.iter_mut().zip(line.split('\t')) {
                *cell = written;
            }
            cells
        })
}

pub(super) fn territories() -> Vec<Territory> {
    let mut all = Vec::with_capacity(45_000);
    for [kind, code, name, of, bounds, codes, _] in rows(ZONES) {
        let kind_of = match kind {
            "region" | "former-region" => Kind::Region,
            "departement" => Kind::Department,
            "arrondissement" => Kind::District,
            "com" => Kind::Overseas,
            _ => Kind::Zone,
        };
        let ended = kind == "former-region";
        all.push(territory(kind_of, code, name, of, ended, bounds, codes));
    }
    for [code, kind, name, of, bounds, former, _] in rows(COMMUNES) {
        let kind_of = match kind {
            "D" => Kind::Delegate,
            "A" => Kind::Associate,
            "M" => Kind::CityDistrict,
            _ => Kind::Commune,
        };
        all.push(territory(
            kind_of,
            code,
            name,
            of,
            kind == "X",
            bounds,
            former,
        ));
    }
    for [code, kind, name, of, departments, bounds, other] in rows(INTERCOMMUNALITIES) {
        let kind_of = match kind {
            "EPT" => Kind::ParisTerritory,
            _ => Kind::Intercommunality,
        };
        let mut row = territory(kind_of, code, name, of, kind == "X", bounds, other);
        row.departments = departments;
        all.push(row);
    }
    for [code, fr, en, codes, ..] in rows(COUNTRIES) {
        let mut row = territory(Kind::Country, code, fr, codes, false, "", en);
        row.of = "";
        row.departments = codes;
        all.push(row);
    }
    for (kind, code, name) in [
        (Kind::Country, "EUR", "Union européenne"),
        (Kind::Continent, "EUROPE", "Europe"),
        (Kind::World, "6295630", "Monde"),
    ] {
        all.push(territory(kind, code, name, "", false, "", ""));
    }
    all
}

fn territory(
    kind: Kind,
    code: &'static str,
    name: &'static str,
    of: &'static str,
    ended: bool,
    bounds: &str,
    others: &'static str,
) -> Territory {
    let mut sides = bounds.split(' ').map_while(|side| side.parse().ok());
    let mut side = || sides.next();
    let bounds = match (side(), side(), side(), side()) {
        (Some(west), Some(south), Some(east), Some(north)) => Some(Bounds {
            west,
            south,
            east,
            north,
        }),
        _ => None,
    };
    Territory {
        kind,
        code,
        name,
        of,
        ended,
        bounds,
        others,
        departments: "",
    }
}

pub(super) fn aliases() -> HashMap<String, Alias> {
    rows(ALIASES)
        .map(|[spelling, places, ..]| {
            let one_of = places.contains(" ? ");
            let places = places
                .split([' ', '+', '?'])
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .chunks_exact(2)
                .filter_map(|pair| Some((kind(pair.first()?)?, *pair.get(1)?)))
                .collect();
            (names::key(spelling), Alias { places, one_of })
        })
        .collect()
}

fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "world" => Kind::World,
        "continent" => Kind::Continent,
        "country" => Kind::Country,
        "zone" => Kind::Zone,
        "region" => Kind::Region,
        "com" => Kind::Overseas,
        "departement" => Kind::Department,
        "arrondissement" => Kind::District,
        "epci" => Kind::Intercommunality,
        "commune" => Kind::Commune,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Places;
    use super::*;

    #[test]
    fn every_row_is_whole_and_every_reference_leads_somewhere() {
        let places = Places::bundled();
        assert!(places.territories().len() > 40_000);
        for territory in places.territories() {
            assert!(
                !territory.code.is_empty() && !territory.name.is_empty(),
                "{territory:?}"
            );
            if let Some(bounds) = territory.bounds {
                assert!(
                    bounds.west < bounds.east && bounds.south < bounds.north,
                    "{territory:?}"
                );
                assert!(
                    bounds.west >= -180.0 && bounds.north <= 90.0,
                    "{territory:?}"
                );
            }
            if territory.ended && !territory.of.is_empty() {
                assert!(places.successor(territory).is_some(), "{territory:?}");
            }
        }
        for (spelling, alias) in aliases() {
            assert!(!alias.places.is_empty(), "{spelling}");
            for (kind, code) in alias.places {
                assert!(
                    places.get(kind, code).is_some(),
                    "{spelling}: {kind:?} {code}"
                );
            }
        }
    }

    #[test]
    fn what_is_in_use_outnumbers_what_should_be() {
        let count = |kind, ended| {
            let all = Places::bundled().territories();
            all.iter()
                .filter(|t| t.kind == kind && t.ended == ended)
                .count()
        };
        assert_eq!(count(Kind::Region, false), 18);
        assert_eq!(count(Kind::Region, true), 16);
        assert_eq!(count(Kind::Department, false), 101);
        assert!((34_700..35_100).contains(&count(Kind::Commune, false)));
        assert!((1_200..1_300).contains(&count(Kind::Intercommunality, false)));
    }
}
