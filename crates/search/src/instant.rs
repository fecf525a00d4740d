//! Dates as sources write them: a year, a month, a day, a time.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime};

/// From the first to the last millisecond, since 1970, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) first: i64,
    pub(crate) last: i64,
}

/// The interval that a date of ISO 8601 or XML Schema names. A time without a zone is one of UTC.
pub(crate) fn interval(text: &str) -> Option<Interval> {
    let text = text.trim();
    if text.len() > 64 || !text.is_ascii() {
        return None;
    }
    match text.split_once(['T', ' ']) {
        Some((date, time)) => moment(&format!("{date}T{time}")),
        None => whole(text),
    }
}

/// A year, a month or a day.
fn whole(text: &str) -> Option<Interval> {
    // XML Schema allows days a zone; it is left out: a day is a day.
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let mut parts = digits.split('-');
    let year = parts.next().filter(|year| year.len() >= 4)?;
    let year: i32 = sign * number(year)?;
    let (month, day) = (parts.next(), parts.next());
    if parts.next().is_some() {
        return None;
    }
    let first = NaiveDate::from_ymd_opt(
        year,
        month.map_or(Some(1), two)?,
        day.map(|day| day.get(..2).unwrap_or(day))
            .map_or(Some(1), two)?,
    )?;
    let after = match (month, day) {
        (None, _) => first.with_year(first.year().checked_add(1)?)?,
        (Some(_), None) => first.checked_add_months(Months::new(1))?,
        (Some(_), Some(_)) => first.checked_add_days(Days::new(1))?,
    };
    let start = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
    Some(Interval {
        first: start(first),
        last: start(after) - 1,
    })
}

fn moment(text: &str) -> Option<Interval> {
    let first = DateTime::parse_from_rfc3339(text)
        .map(|time| time.timestamp_millis())
        .or_else(|_| {
            [
                "%Y-%m-%dT%H:%M:%S%.f",
                "%Y-%m-%dT%H:%M",
                "%Y-%m-%dT%H:%M:%S%.fZ",
                "%Y-%m-%dT%H:%MZ",
            ]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
            .map(|time| time.and_utc().timestamp_millis())
            .ok_or(())
        })
        .ok()?;
    let length = match text.contains('.') {
        true => 0,
        false => 999,
    };
    Some(Interval {
        first,
        last: first.checked_add(length)?,
    })
}

fn number(text: &str) -> Option<i32> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

fn two(text: &str) -> Option<u32> {
    number(text)
        .filter(|_| text.len() == 2)
        .and_then(|number| u32::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<(String, String)> {
        let show = |millis| {
            DateTime::from_timestamp_millis(millis).map(|time| time.format("%FT%T%.3f").to_string())
        };
        let interval = interval(text)?;
        Some((show(interval.first)?, show(interval.last)?))
    }

    #[test]
    fn partial_dates_are_intervals() {
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        for (text, expected) in [
            (
                "2010",
                pair("2010-01-01T00:00:00.000", "2010-12-31T23:59:59.999"),
            ),
            (
                "2010-02",
                pair("2010-02-01T00:00:00.000", "2010-02-28T23:59:59.999"),
            ),
            (
                "2010-02-03",
                pair("2010-02-03T00:00:00.000", "2010-02-03T23:59:59.999"),
            ),
            (
                "2010-02-03Z",
                pair("2010-02-03T00:00:00.000", "2010-02-03T23:59:59.999"),
            ),
            (
                "2010-02-03T04:05:06+02:00",
                pair("2010-02-03T02:05:06.000", "2010-02-03T02:05:06.999"),
            ),
            (
                "2010-02-03 04:05:06.5",
                pair("2010-02-03T04:05:06.500", "2010-02-03T04:05:06.500"),
            ),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for bad in [
            "",
            "10",
            "2010-13",
            "2010-02-30",
            "2010-2-3",
            "hier",
            "20é0",
            "2010-",
            "999999999",
            "-",
            "2010-02-03T",
        ] {
            assert_eq!(interval(bad), None, "{bad}");
        }
        assert!(interval("-0044-03-15").is_some());
    }
}
