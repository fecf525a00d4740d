//! Dates and times as people read them in France.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Europe::Paris;
use serde::Serialize;

/// A moment, for `<time datetime>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Moment {
    pub machine: String,
    pub text: String,
}

pub(crate) fn moment(at: DateTime<Utc>) -> Moment {
    let local = at.with_timezone(&Paris);
    Moment {
        machine: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        text: format!("{} à {}", french(local.date_naive()), local.format("%H:%M")),
    }
}

/// A lexical date, dateTime, gYearMonth or gYear; what is none of them stays as it is.
pub(crate) fn date(lexical: &str) -> String {
    let day = lexical.get(..10).unwrap_or(lexical);
    if let Ok(date) = NaiveDate::parse_from_str(day, "%Y-%m-%d")
        && lexical
            .get(10..11)
            .is_none_or(|next| matches!(next, "T" | "Z" | "+" | "-"))
    {
        return french(date);
    }
    if lexical.len() == 7
        && let Ok(date) = NaiveDate::parse_from_str(&format!("{lexical}-01"), "%Y-%m-%d")
    {
        return spelled(date, false);
    }
    lexical.to_owned()
}

fn french(date: NaiveDate) -> String {
    spelled(date, true)
}

fn spelled(date: NaiveDate, with_day: bool) -> String {
    let month = MONTHS
        .get(date.month0() as usize)
        .copied()
        .unwrap_or_default();
    match (with_day, date.day()) {
        (false, _) => format!("{month} {}", date.year()),
        (true, 1) => format!("1er {month} {}", date.year()),
        (true, day) => format!("{day} {month} {}", date.year()),
    }
}

const MONTHS: [&str; 12] = [
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

/// How long something took.
pub(crate) fn duration(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    let seconds = (to - from).num_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A number with a narrow no-break space between thousands.
pub(crate) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A size in bytes.
pub(crate) fn size(bytes: f64) -> String {
    if !bytes.is_finite() || bytes < 0.0 {
        return String::new();
    }
    let (value, unit) = match bytes {
        b if b < 1e3 => return format!("{b:.0} octets"),
        b if b < 1e6 => (b / 1e3, "ko"),
        b if b < 1e9 => (b / 1e6, "Mo"),
        b if b < 1e12 => (b / 1e9, "Go"),
        b => (b / 1e12, "To"),
    };
    format!("{value:.1} {unit}").replace('.', ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_every_precision() {
        for (lexical, text) in [
            ("2024-03-01", "1er mars 2024"),
            ("2024-03-05T10:00:00Z", "5 mars 2024"),
            ("2024-08", "août 2024"),
            ("2024", "2024"),
            ("hier", "hier"),
            ("2024-13-45", "2024-13-45"),
            ("é024-03-05", "é024-03-05"),
        ] {
            assert_eq!(date(lexical), text);
        }
    }

    #[test]
    fn summer_time() {
        let at = DateTime::from_timestamp(1_720_000_000, 0).expect("a time");
        assert_eq!(moment(at).text, "3 juillet 2024 à 11:46");
    }

    #[test]
    fn figures() {
        assert_eq!(number(75_000), "75\u{202f}000");
        assert_eq!(number(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(number(12), "12");
        assert_eq!(size(1_530_000.0), "1,5 Mo");
    }
}
