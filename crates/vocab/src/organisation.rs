//! Organisations that describe data in many a catalogue: their names, and what is certain of them.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::fold;

const TABLE: &str = include_str!("../../../vocab/organisations.tsv");

#[derive(Debug)]
pub struct Organisation {
    pub name: &'static str,
    pub acronym: &'static str,
    /// Empty where it is not certain.
    pub siren: &'static str,
    /// The code of its ADMS publisher type.
    pub kind: &'static str,
    pub domains: Vec<&'static str>,
}

/// All organisations of the table.
#[derive(Debug)]
pub struct Organisations {
    all: Vec<Organisation>,
    /// By folded name; `true` where it is its name or acronym of today.
    names: HashMap<String, (usize, bool)>,
}

impl Organisations {
    pub fn bundled() -> &'static Self {
        static BUNDLED: OnceLock<Organisations> = OnceLock::new();
        BUNDLED.get_or_init(Self::load)
    }

    fn load() -> Self {
        let mut organisations = Self {
            all: Vec::new(),
            names: HashMap::new(),
        };
        let rows = TABLE.lines().filter(|line| !line.starts_with('#')).skip(1);
        let mut others: Vec<(String, usize)> = Vec::new();
        for (at, row) in rows.enumerate() {
            let mut cells = row.split('\t').map(str::trim);
            let mut cell = || cells.next().unwrap_or_default();
            let (name, acronym, aliases) = (cell(), cell(), cell());
            let (siren, kind, domains) = (cell(), cell(), cell());
            let mut own = vec![fold(name), fold(acronym)];
            if !acronym.is_empty() {
                own.push(fold(&format!("{name} ({acronym})")));
                own.push(fold(&format!("{acronym} - {name}")));
            }
            for key in own.into_iter().filter(|key| !key.is_empty()) {
                organisations.names.entry(key).or_insert((at, true));
            }
            others.extend(aliases.split(" | ").map(|alias| (fold(alias), at)));
            organisations.all.push(Organisation {
                name,
                acronym,
                siren,
                kind,
                domains: domains
                    .split(' ')
                    .filter(|domain| !domain.is_empty())
                    .collect(),
            });
        }
        for (key, at) in others {
            if !key.is_empty() {
                organisations.names.entry(key).or_insert((at, false));
            }
        }
        organisations
    }

    pub fn all(&self) -> &[Organisation] {
        &self.all
    }

    /// The organisation that bears a name, and whether that is its name of today: a former name may have been another
    /// body's.
    pub fn by_name(&self, name: &str) -> Option<(&Organisation, bool)> {
        let (at, own) = self.names.get(&fold(name))?;
        Some((self.all.get(*at)?, *own))
    }

    pub fn by_siren(&self, siren: &str) -> Option<&Organisation> {
        self.all
            .iter()
            .find(|known| !siren.is_empty() && known.siren == siren)
    }

    /// The organisation whose domain an address has: a hint, since many write from a shared one.
    pub fn by_domain(&self, host: &str) -> Option<&Organisation> {
        let host = host.to_ascii_lowercase();
        self.all.iter().find(|known| {
            known.domains.iter().any(|domain| {
                host.strip_suffix(domain)
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            })
        })
    }
}

/// A SIREN (9 digits) or a SIRET (14) among spaces, if its key is right.
pub fn siren_or_siret(text: &str) -> Option<String> {
    let digits: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '\u{a0}'))
        .collect();
    if !matches!(digits.len(), 9 | 14) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let all: Vec<u32> = digits.chars().filter_map(|c| c.to_digit(10)).collect();
    // The establishments of La Poste are more than the key can count: their digits add up to a multiple of five.
    let post = digits.len() == 14 && digits.starts_with("356000000");
    let right = luhn(&all) || (post && all.iter().sum::<u32>() % 5 == 0);
    let first = digits.get(..9).unwrap_or_default();
    (right && first != "000000000" && (post || luhn(all.get(..9).unwrap_or(&all))))
        .then_some(digits)
}

fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match at % 2 {
            0 => *digit,
            _ => (digit * 2) / 10 + (digit * 2) % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scheme, Vocab};

    #[test]
    fn the_table_is_right() {
        let types = Vocab::bundled().scheme(Scheme::PublisherType);
        for known in Organisations::bundled().all() {
            assert!(!known.name.is_empty());
            assert!(
                known.siren.is_empty() || siren_or_siret(known.siren).is_some(),
                "{}: {}",
                known.name,
                known.siren
            );
            assert!(
                known.kind.is_empty() || types.get(known.kind).is_some(),
                "{}: {}",
                known.name,
                known.kind
            );
            assert!(
                known.domains.iter().all(|domain| domain.contains('.')),
                "{}",
                known.name
            );
        }
        assert!(Organisations::bundled().all().len() > 50);
    }

    #[test]
    fn keys_of_siren_and_siret() {
        for (given, wanted) in [
            ("120027016", Some("120027016")),
            ("200 093 201", Some("200093201")),
            ("120 027 016 00563", Some("12002701600563")),
            ("35600000000048", Some("35600000000048")),
            ("35600000049837", Some("35600000049837")),
            ("120027017", None),
            ("12002701600564", None),
            ("000000000", None),
            ("12345", None),
            ("FR120027016", None),
            ("", None),
        ] {
            assert_eq!(siren_or_siret(given).as_deref(), wanted, "{given}");
        }
    }
}
