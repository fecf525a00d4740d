//! What is said in French and in English: outcomes, severities, dates, figures.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Europe::Paris;
use model::{Outcome, Severity};
use serde::{Deserialize, Serialize};

/// The language of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    #[default]
    Fr,
    En,
}

impl Lang {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The one of two texts that is in this language.
    pub fn of<T>(self, french: T, english: T) -> T {
        match self {
            Self::Fr => french,
            Self::En => english,
        }
    }

    pub fn outcome(self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Running => self.of("en cours", "running"),
            Outcome::Complete => self.of("complet", "complete"),
            Outcome::Partial => self.of("partiel", "partial"),
            Outcome::Failed => self.of("échoué", "failed"),
        }
    }

    pub fn severity(self, severity: Severity) -> &'static str {
        match severity {
            Severity::Error => self.of("erreur", "error"),
            Severity::Warning => self.of("avertissement", "warning"),
            Severity::Info => self.of("information", "information"),
        }
    }

    /// A number with its thousands apart.
    pub fn number(self, n: u64) -> String {
        let digits = n.to_string();
        let mut text = String::with_capacity(digits.len() * 2);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(self.of('\u{202f}', ','));
            }
            text.push(digit);
        }
        text
    }

    /// So many records.
    pub fn records(self, n: u64) -> String {
        self.counted(n, ("fiche", "fiches"), ("record", "records"))
    }

    /// So many findings.
    pub fn findings(self, n: u64) -> String {
        self.counted(n, ("constat", "constats"), ("finding", "findings"))
    }

    fn counted(self, n: u64, french: (&str, &str), english: (&str, &str)) -> String {
        // In French, nothing is singular.
        let is_one = self.of(n < 2, n == 1);
        let (one, many) = self.of(french, english);
        format!("{} {}", self.number(n), if is_one { one } else { many })
    }

    /// A share from 0 to 1 as a percentage. What is little is not nothing, and what is nearly all is not all.
    pub fn share(self, share: f64) -> String {
        let percent = match share * 100.0 {
            p if p > 0.0 && p < 0.1 => return self.of("< 0,1 %", "< 0.1%").to_owned(),
            p if p < 100.0 => p.min(99.9),
            _ => return self.of("100 %", "100%").to_owned(),
        };
        let figure = format!("{percent:.1}");
        let figure = figure.strip_suffix(".0").unwrap_or(&figure);
        match self {
            Self::Fr => format!("{} %", figure.replace('.', ",")),
            Self::En => format!("{figure}%"),
        }
    }

    /// Day and time in France.
    pub fn moment(self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&Paris);
        let (months, day, time) = (self.of(&MOIS, &MONTHS), local.day(), local.format("%H:%M"));
        let month = months
            .get(local.month0() as usize)
            .copied()
            .unwrap_or_default();
        match self {
            Self::Fr if day == 1 => format!("1er {month} {} à {time}", local.year()),
            Self::Fr => format!("{day} {month} {} à {time}", local.year()),
            Self::En => format!("{day} {month} {} at {time}", local.year()),
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Lang {
    type Err = String;

    /// A tag of BCP 47, by its first part.
    fn from_str(tag: &str) -> Result<Self, String> {
        match tag.split(['-', '_']).next().unwrap_or_default() {
            "fr" => Ok(Self::Fr),
            "en" => Ok(Self::En),
            _ => Err(format!("there is no report in `{tag}`; write fr or en")),
        }
    }
}

pub(crate) fn machine(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

const MOIS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_neither_rounded_to_nothing_nor_to_all() {
        for (share, french, english) in [
            (0.0, "0 %", "0%"),
            (0.000_01, "< 0,1 %", "< 0.1%"),
            (0.125, "12,5 %", "12.5%"),
            (0.999_99, "99,9 %", "99.9%"),
            (1.0, "100 %", "100%"),
        ] {
            assert_eq!(Lang::Fr.share(share), french);
            assert_eq!(Lang::En.share(share), english);
        }
    }

    #[test]
    fn moments_are_those_of_france() {
        let at = DateTime::from_timestamp(1_720_000_000, 0).unwrap_or_default();
        assert_eq!(Lang::Fr.moment(at), "3 juillet 2024 à 11:46");
        assert_eq!(Lang::En.moment(at), "3 July 2024 at 11:46");
    }
}
