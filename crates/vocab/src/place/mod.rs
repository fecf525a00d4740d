//! Territories: the official geographic code of INSEE, intercommunalities, countries. Forty thousand rows, so they are
//! read when the first place is asked for, borrow from the tables that are compiled in, and are found by hash.

mod iri;
mod names;
mod resolve;
mod table;
mod words;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use oxrdf::NamedNode;

pub use resolve::Reading;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    World,
    Continent,
    Country,
    /// A part of France that no authority gave an address: `France métropolitaine`.
    Zone,
    Region,
    /// A collectivity beyond the sea that is no region: Polynésie française.
    Overseas,
    Department,
    /// An arrondissement of a département.
    District,
    /// An EPCI with its own taxes: communauté de communes, d'agglomération, urbaine, métropole.
    Intercommunality,
    /// A territory of the Métropole du Grand Paris.
    ParisTerritory,
    Commune,
    /// Part of a commune that was a commune: `commune déléguée`, `commune associée`.
    Delegate,
    Associate,
    /// An arrondissement of Paris, Lyon or Marseille.
    CityDistrict,
}

/// West, south, east and north in degrees (CRS84); it holds the whole territory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    pub west: f64,
    pub south: f64,
    pub east: f64,
    pub north: f64,
}

#[derive(Debug, Clone)]
pub struct Territory {
    pub kind: Kind,
    pub code: &'static str,
    pub name: &'static str,
    /// What it is part of (region of a département, commune of a `commune déléguée`); what took its place, if it is no more.
    pub of: &'static str,
    /// It is no more.
    pub ended: bool,
    pub bounds: Option<Bounds>,
    /// Other names and codes, as the table has them.
    others: &'static str,
    /// The départements of an intercommunality.
    departments: &'static str,
}

impl Territory {
    /// The authority's address: INSEE's for France (the form by code, which metadata use: INSEE's own SPARQL endpoint now
    /// names versions of territories by UUID), the EU's for countries.
    pub fn iri(&self) -> Option<NamedNode> {
        iri::of(self)
    }

    /// The name with what tells it from its namesakes: `Saint-Denis (93)`.
    pub fn full_name(&self) -> String {
        match (self.kind, self.department()) {
            (
                Kind::Commune | Kind::Delegate | Kind::Associate | Kind::CityDistrict,
                Some(department),
            ) => format!("{} ({department})", self.name),
            (Kind::Department, _) => format!("{} (département)", self.name),
            _ => self.name.to_owned(),
        }
    }

    /// The code of the département of a commune or of an arrondissement.
    pub fn department(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Commune | Kind::Delegate | Kind::Associate | Kind::CityDistrict => {
                let length = if self.code.starts_with("97") || self.code.starts_with("98") {
                    3
                } else {
                    2
                };
                self.code.get(..length)
            }
            Kind::District => Some(self.of),
            Kind::Department => Some(self.code),
            _ => None,
        }
    }

    /// The codes of the départements in which it lies.
    fn departments(&self) -> Vec<&'static str> {
        match self.kind {
            Kind::Intercommunality | Kind::ParisTerritory => {
                let codes = self.departments.split(' ');
                codes.filter(|code| !code.is_empty()).collect()
            }
            _ => self.department().into_iter().collect(),
        }
    }

    fn is_french(&self) -> bool {
        !matches!(self.kind, Kind::World | Kind::Continent | Kind::Country)
            || (self.kind == Kind::Country && self.code == "FRA")
    }
}

/// All territories, and what finds them.
#[derive(Debug)]
pub struct Places {
    territories: Vec<Territory>,
    codes: HashMap<(Kind, &'static str), u32>,
    /// Hash of a key and the territory that bears it, sorted.
    names: Vec<(u64, u32)>,
    /// Names of intercommunalities without what kind they are: `Creil Sud Oise`.
    cores: Vec<(u64, u32)>,
    /// By codes of ISO 3166 and NUTS.
    foreign: HashMap<&'static str, u32>,
    aliases: HashMap<String, table::Alias>,
}

impl Places {
    /// The territories that are part of the program; read when they are first asked for.
    pub fn bundled() -> &'static Self {
        static BUNDLED: OnceLock<Places> = OnceLock::new();
        BUNDLED.get_or_init(Self::load)
    }

    fn load() -> Self {
        let territories = table::territories();
        let mut places = Self {
            codes: HashMap::with_capacity(territories.len()),
            names: Vec::with_capacity(territories.len() * 3 / 2),
            cores: Vec::with_capacity(4096),
            foreign: HashMap::with_capacity(1024),
            territories,
            aliases: table::aliases(),
        };
        for (at, territory) in (0..).zip(&places.territories) {
            places
                .codes
                .entry((territory.kind, territory.code))
                .and_modify(|known: &mut u32| {
                    // A code that is in use comes before the same code in the past.
                    if !territory.ended {
                        *known = at;
                    }
                })
                .or_insert(at);
            let foreign = match territory.kind {
                Kind::Region | Kind::Department | Kind::Overseas | Kind::Zone => territory.others,
                Kind::Country => territory.departments,
                _ => "",
            };
            for code in foreign.split(' ').filter(|code| !code.is_empty()) {
                places.foreign.entry(code).or_insert(at);
            }
            names::keys(territory, &mut |key| places.names.push((hash(key), at)));
            names::cores(territory, &mut |key| places.cores.push((hash(key), at)));
        }
        places.names.sort_unstable();
        places.names.dedup();
        places.cores.sort_unstable();
        places.cores.dedup();
        places
    }

    pub fn territories(&self) -> &[Territory] {
        &self.territories
    }

    /// The territory of this kind with this code.
    pub fn get(&self, kind: Kind, code: &str) -> Option<&Territory> {
        // The map's keys live as long as the program; a key to ask with need not.
        let found = self.codes.get(&(kind, code))?;
        self.at(*found)
    }

    /// The territory that an authority's address means.
    pub fn by_iri(&self, address: &str) -> Option<&Territory> {
        iri::read(self, address)
    }

    /// What took the place of a territory that is no more.
    pub fn successor(&self, territory: &Territory) -> Option<&Territory> {
        let kind = match territory.kind {
            Kind::Delegate | Kind::Associate => Kind::Commune,
            kind => kind,
        };
        (territory.ended && !territory.of.is_empty())
            .then(|| self.get(kind, territory.of))
            .flatten()
    }

    /// The box of a territory; one for each part of France, which a single box would draw around the Atlantic.
    pub fn boxes(&self, territory: &Territory) -> Vec<Bounds> {
        if territory.kind == Kind::Country && territory.code == "FRA" {
            let overseas = ["01", "02", "03", "04", "06"];
            return self
                .get(Kind::Zone, "metropole")
                .into_iter()
                .chain(
                    overseas
                        .iter()
                        .filter_map(|code| self.get(Kind::Region, code)),
                )
                .filter_map(|part| part.bounds)
                .collect();
        }
        territory.bounds.into_iter().collect()
    }

    /// Whether a territory is part of another, or the same.
    pub fn within(&self, inner: &Territory, outer: &Territory) -> bool {
        if (inner.kind, inner.code) == (outer.kind, outer.code) {
            return true;
        }
        let departments = inner.departments();
        match outer.kind {
            Kind::World => true,
            Kind::Country => inner.is_french() && outer.code == "FRA",
            Kind::Continent => outer.code == "EUROPE" && inner.is_french(),
            Kind::Zone => {
                inner.is_french()
                    && inner.kind != Kind::Country
                    && !departments
                        .iter()
                        .any(|code| code.starts_with('9') && code.len() == 3)
            }
            Kind::Department => departments.contains(&outer.code),
            Kind::Region if inner.kind == Kind::Region => inner.ended && inner.of == outer.code,
            Kind::Region => departments.iter().any(|code| self.region_has(outer, code)),
            Kind::Overseas => departments.contains(&outer.code),
            Kind::Commune => {
                matches!(
                    inner.kind,
                    Kind::Delegate | Kind::Associate | Kind::CityDistrict
                ) && inner.of == outer.code
            }
            _ => false,
        }
    }

    /// The communes, départements and regions of today that a territory is part of, without itself. Which commune is in which
    /// intercommunality is not known.
    pub fn around(&self, territory: &Territory) -> Vec<&Territory> {
        let commune = match territory.kind {
            Kind::Delegate | Kind::Associate | Kind::CityDistrict => {
                self.get(Kind::Commune, territory.of)
            }
            _ => None,
        };
        let mut around: Vec<&Territory> = commune.into_iter().collect();
        for code in territory.departments() {
            let department = self.get(Kind::Department, code);
            around.extend(department);
            around.extend(self.get(Kind::Overseas, code));
            around.extend(department.and_then(|department| self.get(Kind::Region, department.of)));
        }
        if territory.kind == Kind::Region {
            around.extend(self.successor(territory));
        }
        around.retain(|outer| (outer.kind, outer.code) != (territory.kind, territory.code));
        around.sort_by_key(|outer| (outer.kind, outer.code));
        around.dedup_by_key(|outer| (outer.kind, outer.code));
        around
    }

    /// Former regions keep their départements by their boxes: no département was parted between two.
    fn region_has(&self, region: &Territory, department: &str) -> bool {
        let Some(department) = self.get(Kind::Department, department) else {
            return false;
        };
        if region.ended {
            department.of == region.of
                && matches!((department.bounds, region.bounds), (Some(inner), Some(outer)) if outer.holds(&inner))
        } else {
            department.of == region.code
        }
    }

    fn at(&self, at: u32) -> Option<&Territory> {
        self.territories.get(at as usize)
    }

    /// The territories that bear a name, by its key.
    fn named<'a>(&'a self, key: &str) -> Vec<&'a Territory> {
        self.look(&self.names, key, names::keys)
    }

    fn with_core<'a>(&'a self, key: &str) -> Vec<&'a Territory> {
        self.look(&self.cores, key, names::cores)
    }

    fn look<'a>(
        &'a self,
        index: &[(u64, u32)],
        key: &str,
        keys: impl Fn(&Territory, &mut dyn FnMut(&str)),
    ) -> Vec<&'a Territory> {
        let wanted = hash(key);
        let from = index.partition_point(|(hash, _)| *hash < wanted);
        index
            .iter()
            .skip(from)
            .take_while(|(hash, _)| *hash == wanted)
            .filter_map(|(_, at)| self.at(*at))
            .filter(|territory| {
                let mut same = false;
                keys(territory, &mut |own| same |= own == key);
                same
            })
            .collect()
    }
}

impl Bounds {
    pub fn holds(&self, other: &Self) -> bool {
        self.west <= other.west
            && self.south <= other.south
            && self.east >= other.east
            && self.north >= other.north
    }

    pub fn meets(&self, other: &Self) -> bool {
        self.west <= other.east
            && other.west <= self.east
            && self.south <= other.north
            && other.south <= self.north
    }

    /// Square degrees: good enough to compare boxes in one place.
    pub fn area(&self) -> f64 {
        (self.east - self.west).max(0.0) * (self.north - self.south).max(0.0)
    }

    /// How much two boxes have in common, from 0 to 1.
    pub fn likeness(&self, other: &Self) -> f64 {
        let common = Self {
            west: self.west.max(other.west),
            south: self.south.max(other.south),
            east: self.east.min(other.east),
            north: self.north.min(other.north),
        };
        if !self.meets(other) {
            return 0.0;
        }
        let common = common.area();
        let all = self.area() + other.area() - common;
        if all > 0.0 { common / all } else { 0.0 }
    }

    pub fn wkt(&self) -> String {
        format!("POLYGON({})", self.ring())
    }

    pub fn ring(&self) -> String {
        let Self {
            west,
            south,
            east,
            north,
        } = self;
        format!("({west} {south},{east} {south},{east} {north},{west} {north},{west} {south})")
    }
}

fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
