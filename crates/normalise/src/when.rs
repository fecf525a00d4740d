//! Dates as people and machines write them.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use oxrdf::Literal;
use oxrdf::vocab::xsd;

/// A date with the precision that the source gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Year(i32),
    Month(i32, u32),
    Day(NaiveDate),
    /// Without a time zone.
    Local(NaiveDateTime),
    Instant(DateTime<Utc>),
}

/// A date, and whether it was written in another way than ISO 8601 has it.
pub fn parse(value: &str) -> Option<(When, bool)> {
    let value = value.trim();
    if value.is_empty() || value.len() > 100 {
        return None;
    }
    if let Some(when) = iso(value) {
        return Some((when, false));
    }
    other(value).map(|when| (when, true))
}

impl When {
    pub fn literal(self) -> Literal {
        let (text, datatype) = match self {
            Self::Year(year) => (format!("{year:04}"), xsd::G_YEAR),
            Self::Month(year, month) => (format!("{year:04}-{month:02}"), xsd::G_YEAR_MONTH),
            // `NaiveDate` displays itself as ISO 8601, with four digits for the years that are read here.
            Self::Day(day) => (day.to_string(), xsd::DATE),
            Self::Local(at) => (date_time(at), xsd::DATE_TIME),
            Self::Instant(at) => (format!("{}Z", date_time(at.naive_utc())), xsd::DATE_TIME),
        };
        Literal::new_typed_literal(text, datatype)
    }

    /// The first instant that it may mean.
    pub fn earliest(self) -> Option<NaiveDateTime> {
        let day = match self {
            Self::Year(year) => NaiveDate::from_ymd_opt(year, 1, 1)?,
            Self::Month(year, month) => NaiveDate::from_ymd_opt(year, month, 1)?,
            Self::Day(day) => day,
            Self::Local(at) => return Some(at),
            Self::Instant(at) => return Some(at.naive_utc()),
        };
        Some(day.and_time(NaiveTime::MIN))
    }

    /// The year, where nothing else is given; to compare periods at the lesser precision.
    pub fn is_after(self, other: Self) -> bool {
        let (Some(a), Some(b)) = (self.earliest(), other.earliest()) else {
            return false;
        };
        match (self, other) {
            (Self::Year(_), _) | (_, Self::Year(_)) => a.year() > b.year(),
            (Self::Month(..), _) | (_, Self::Month(..)) => {
                (a.year(), a.month()) > (b.year(), b.month())
            }
            (Self::Day(_), _) | (_, Self::Day(_)) => a.date() > b.date(),
            _ => a > b,
        }
    }
}

fn date_time(at: NaiveDateTime) -> String {
    let mut text = format!(
        "{}T{:02}:{:02}:{:02}",
        at.date(),
        at.hour(),
        at.minute(),
        at.second()
    );
    if at.nanosecond() > 0 {
        let fraction = format!("{:09}", at.nanosecond() % 1_000_000_000);
        text.push('.');
        text.push_str(fraction.trim_end_matches('0'));
    }
    text
}

fn iso(value: &str) -> Option<When> {
    if !value.is_ascii() {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<u32> {
        let part = value.get(from..to)?;
        part.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| part.parse().ok())
            .flatten()
    };
    let year = i32::try_from(number(0, 4)?).ok().filter(|year| *year > 0)?;
    let rest = value.get(4..)?;
    if rest.is_empty() || is_zone(rest) {
        return Some(When::Year(year));
    }
    let other_calendar = match (value.len(), value.contains('W')) {
        (8, false) if rest.starts_with('-') => Some("%Y-%j"),
        (10, true) => Some("%G-W%V-%u"),
        _ => None,
    };
    if let Some(format) = other_calendar {
        return NaiveDate::parse_from_str(value, format).ok().map(When::Day);
    }
    if !rest.starts_with('-') {
        // Basic format: 20190131, 20190131T120000Z
        let day = NaiveDate::from_ymd_opt(year, number(4, 6)?, number(6, 8)?)?;
        return with_time(day, value.get(8..)?);
    }
    let month = number(5, 7)?;
    match value.get(7..)? {
        zone if zone.is_empty() || zone == "Z" => (1..=12)
            .contains(&month)
            .then_some(When::Month(year, month)),
        rest if rest.starts_with('-') => {
            let day = NaiveDate::from_ymd_opt(year, month, number(8, 10)?)?;
            with_time(day, value.get(10..)?)
        }
        _ => None,
    }
}

fn is_zone(text: &str) -> bool {
    text == "Z"
        || (text.len() == 6
            && text.starts_with(['+', '-'])
            && text.get(3..4) == Some(":")
            && text.bytes().filter(u8::is_ascii_digit).count() == 4)
}

/// What stands after a day: nothing, a time zone, or a time.
fn with_time(day: NaiveDate, rest: &str) -> Option<When> {
    let rest = rest.trim_end();
    if rest.is_empty() || is_zone(rest) {
        // The zone of a day changes at most which hours it has.
        return Some(When::Day(day));
    }
    let time = rest.strip_prefix(['T', 't', ' '])?.trim_start();
    let end = time.find(['Z', 'z', '+', '-', ' ']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(end);
    let local = day.and_time(clock_time(clock)?);
    let zone = zone.trim();
    if zone.is_empty() {
        return Some(When::Local(local));
    }
    let minutes = offset(zone)?;
    local
        .checked_sub_signed(chrono::TimeDelta::minutes(minutes))
        .filter(|at| (1..=9999).contains(&at.year()))
        .map(|at| When::Instant(at.and_utc()))
}

/// `10:11:12.5`, `10:11`, `101112`, `10`. A leap second cannot be written by a store: it is the second before.
fn clock_time(clock: &str) -> Option<NaiveTime> {
    let (whole, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let digits: String = if whole.contains(':') {
        let parts: Vec<&str> = whole.split(':').collect();
        if parts.len() > 3
            || parts
                .iter()
                .any(|part| part.len() != 2 && (part.len() != 1))
        {
            return None;
        }
        parts.iter().map(|part| format!("{part:0>2}")).collect()
    } else {
        whole.to_owned()
    };
    if !matches!(digits.len(), 2 | 4 | 6) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| {
        digits
            .get(from..from + 2)
            .map_or(Some(0), |part| part.parse::<u32>().ok())
    };
    if !fraction.bytes().all(|b| b.is_ascii_digit()) || (!fraction.is_empty() && digits.len() < 6) {
        return None;
    }
    let nanos = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    NaiveTime::from_hms_nano_opt(part(0)?, part(2)?, part(4)?.min(59), nanos)
        .filter(|_| part(4).is_some_and(|seconds| seconds <= 60))
}

/// Minutes east of UTC: `Z`, `+01:00`, `+0100`, `+01`, `UTC`, `GMT`.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z" | "UTC" | "GMT") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits = zone.strip_prefix(['+', '-'])?.replace(':', "");
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = digits
        .get(2..)
        .filter(|m| !m.is_empty())
        .map_or(Some(0), |m| m.parse().ok())?;
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

const MONTHS: [(&str, u32); 40] = [
    ("janvier", 1),
    ("fevrier", 2),
    ("mars", 3),
    ("avril", 4),
    ("mai", 5),
    ("juin", 6),
    ("juillet", 7),
    ("aout", 8),
    ("septembre", 9),
    ("octobre", 10),
    ("novembre", 11),
    ("decembre", 12),
    ("janv", 1),
    ("fevr", 2),
    ("avr", 4),
    ("juil", 7),
    ("sept", 9),
    ("january", 1),
    ("february", 2),
    ("march", 3),
    ("april", 4),
    ("may", 5),
    ("june", 6),
    ("july", 7),
    ("august", 8),
    ("september", 9),
    ("october", 10),
    ("november", 11),
    ("december", 12),
    ("jan", 1),
    ("feb", 2),
    ("fev", 2),
    ("mar", 3),
    ("apr", 4),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("oct", 10),
    ("nov", 11),
    ("dec", 12),
];

/// `08/09/2014`, `8 septembre 2014`, `septembre 2014`, `jeu, 19/12/2019 - 03:00`, `2014/09/08`, `Mon, 08 Sep 2014 10:00:00 GMT`.
fn other(value: &str) -> Option<When> {
    if let Ok(at) = DateTime::parse_from_rfc2822(value) {
        return Some(When::Instant(at.with_timezone(&Utc)));
    }
    // Milliseconds since 1970, as ArcGIS writes them: of this century, 12 or 13 digits.
    if matches!(value.len(), 12 | 13) && value.bytes().all(|b| b.is_ascii_digit()) {
        return DateTime::from_timestamp_millis(value.parse().ok()?)
            .filter(|at| (2001..2100).contains(&at.year()))
            .map(When::Instant);
    }
    // `mar, 10/12/2019`: a day of the week there, no month.
    if value.matches('/').count() == 2
        && let Some(when) = numeric(value)
    {
        return Some(when);
    }
    let folded = vocab::fold(value);
    let words: Vec<&str> = folded.split(' ').collect();
    if let Some((at, month)) = words.iter().enumerate().find_map(|(at, word)| {
        MONTHS
            .iter()
            .find(|(name, _)| name == word)
            .map(|(_, month)| (at, *month))
    }) {
        let number = |word: &&str| word.trim_end_matches("er").parse::<u32>().ok();
        let day = at
            .checked_sub(1)
            .and_then(|at| words.get(at))
            .and_then(number)
            // `May 27, 2016`
            .or_else(|| words.get(at + 1).and_then(number).filter(|day| *day < 32));
        let year = words
            .get(at + 1..)?
            .iter()
            .find(|word| word.len() == 4)?
            .parse::<i32>()
            .ok()?;
        return match day {
            Some(day) => NaiveDate::from_ymd_opt(year, month, day).map(When::Day),
            None => Some(When::Month(year, month)),
        };
    }
    numeric(value)
}

/// Days with slashes or dots, the year first or last; a time may follow. Of day and month the day comes first, unless that cannot be.
fn numeric(value: &str) -> Option<When> {
    let start = value.find(|c: char| c.is_ascii_digit())?;
    let value = value.get(start..)?;
    let end = value
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '/' | '.' | '-')))
        .unwrap_or(value.len());
    let (date, rest) = value.split_at(end);
    let parts: Vec<&str> = date
        .trim_end_matches(['-', '.', '/'])
        .split(['/', '.', '-'])
        .collect();
    let number = |part: &str| {
        (part.len() <= 2)
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    let year = |part: &str| {
        (part.len() == 4)
            .then(|| part.parse::<i32>().ok())
            .flatten()
            .filter(|year| *year > 0)
    };
    let day = match parts[..] {
        // A day or a month that is not known.
        [y, "00", "00"] if y.len() == 4 => return year(y).map(When::Year),
        [y, m, "00"] if y.len() == 4 => {
            let month = number(m).filter(|month| (1..=12).contains(month))?;
            return Some(When::Month(year(y)?, month));
        }
        [y, m, d] if y.len() == 4 => NaiveDate::from_ymd_opt(year(y)?, number(m)?, number(d)?)?,
        [d, m, y] if y.len() == 4 => NaiveDate::from_ymd_opt(year(y)?, number(m)?, number(d)?)
            .or_else(|| NaiveDate::from_ymd_opt(year(y)?, number(d)?, number(m)?))?,
        [m, y] if y.len() == 4 => {
            let month = number(m).filter(|month| (1..=12).contains(month))?;
            return Some(When::Month(year(y)?, month));
        }
        [y, m] if y.len() == 4 => {
            let month = number(m).filter(|month| (1..=12).contains(month))?;
            return Some(When::Month(year(y)?, month));
        }
        _ => return None,
    };
    let rest = rest
        .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | 'T' | 'à'))
        .trim();
    if rest.is_empty() {
        return Some(When::Day(day));
    }
    let rest = rest.replace('h', ":");
    with_time(day, &format!("T{}", rest.trim_end_matches(':'))).or(Some(When::Day(day)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Option<(String, String, bool)> {
        let (when, rewritten) = parse(value)?;
        let literal = when.literal();
        let datatype = literal.datatype().as_str();
        let datatype = datatype.rsplit('#').next().unwrap_or_default().to_owned();
        Some((literal.value().to_owned(), datatype, rewritten))
    }

    #[test]
    fn iso_dates_keep_their_precision() {
        for (given, text, datatype) in [
            ("2014-09-08", "2014-09-08", "date"),
            ("2014-09-08Z", "2014-09-08", "date"),
            ("2014-09-08+02:00", "2014-09-08", "date"),
            ("2008", "2008", "gYear"),
            ("2004-02", "2004-02", "gYearMonth"),
            ("20190131", "2019-01-31", "date"),
            ("1990-001", "1990-01-01", "date"),
            ("2004-W53-6", "2005-01-01", "date"),
            ("2014-09-08T10:11:12", "2014-09-08T10:11:12", "dateTime"),
            ("2014-09-08T10:11", "2014-09-08T10:11:00", "dateTime"),
            ("2014-09-08 10:11:12", "2014-09-08T10:11:12", "dateTime"),
            ("2014-09-08T10:11:12Z", "2014-09-08T10:11:12Z", "dateTime"),
            (
                "2014-09-08T10:11:12+02:00",
                "2014-09-08T08:11:12Z",
                "dateTime",
            ),
            (
                "2014-09-08T10:11:12+0200",
                "2014-09-08T08:11:12Z",
                "dateTime",
            ),
            (
                "2014-09-08T10:11:12.120000+00:00",
                "2014-09-08T10:11:12.12Z",
                "dateTime",
            ),
            (
                "2014-09-08T10:11:12.000Z",
                "2014-09-08T10:11:12Z",
                "dateTime",
            ),
            (
                "2014-09-08T23:30:00-02:00",
                "2014-09-09T01:30:00Z",
                "dateTime",
            ),
            (" 2014-09-08 ", "2014-09-08", "date"),
        ] {
            assert_eq!(
                of(given),
                Some((text.to_owned(), datatype.to_owned(), false)),
                "{given}"
            );
        }
    }

    #[test]
    fn other_forms_are_read() {
        for (given, text, datatype) in [
            ("08/09/2014", "2014-09-08", "date"),
            ("8/9/2014", "2014-09-08", "date"),
            ("09/25/2014", "2014-09-25", "date"),
            ("08-09-2014", "2014-09-08", "date"),
            ("08.09.2014", "2014-09-08", "date"),
            ("2014/09/08", "2014-09-08", "date"),
            ("09/2014", "2014-09", "gYearMonth"),
            ("8 septembre 2014", "2014-09-08", "date"),
            ("1er janvier 2015", "2015-01-01", "date"),
            ("Août 2016", "2016-08", "gYearMonth"),
            ("lundi 8 septembre 2014", "2014-09-08", "date"),
            ("jeu, 19/12/2019 - 03:00", "2019-12-19T03:00:00", "dateTime"),
            ("mar, 10/12/2019 - 09:23", "2019-12-10T09:23:00", "dateTime"),
            (
                "Date changed  jeu, 19/12/2019 - 03:00",
                "2019-12-19T03:00:00",
                "dateTime",
            ),
            (
                "Thu, 19 Dec 2019 03:00:00 GMT",
                "2019-12-19T03:00:00Z",
                "dateTime",
            ),
            ("19/12/2019 à 14h30", "2019-12-19T14:30:00", "dateTime"),
            ("2014-09-08T25:00:00", "2014-09-08", "date"),
            ("May 27, 2016", "2016-05-27", "date"),
            ("1990-10-00", "1990-10", "gYearMonth"),
            ("2009-00-00", "2009", "gYear"),
            ("1470311181000", "2016-08-04T11:46:21Z", "dateTime"),
            ("8 sept. 2014", "2014-09-08", "date"),
            ("08-sept.-2014", "2014-09-08", "date"),
            ("le 8 septembre 2014", "2014-09-08", "date"),
        ] {
            assert_eq!(
                of(given),
                Some((text.to_owned(), datatype.to_owned(), true)),
                "{given}"
            );
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for bad in [
            "",
            "non renseigné",
            "Unknown",
            "2014-13-01",
            "2014-02-30",
            "32/01/2014",
            "20115-09-08",
            "0000",
            "9999 - 9999",
            "12",
            "1/2/3",
            "-",
            "14/09/08",
            "201",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    #[test]
    fn periods_are_compared_at_the_lesser_precision() {
        let when = |value: &str| parse(value).map(|(when, _)| when).unwrap();
        assert!(when("2015").is_after(when("2014-12-31")));
        assert!(!when("2014").is_after(when("2014-01-01")));
        assert!(!when("2014-12-31").is_after(when("2014")));
        assert!(when("2014-09-08").is_after(when("2014-09-07T23:59:59Z")));
    }
}
