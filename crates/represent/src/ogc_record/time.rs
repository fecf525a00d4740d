//! `time`: the period that a resource covers, as dates or as instants in UTC.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use model::ns::{dcat, dcterms};
use serde_json::{Map, Value, json};

use super::MOST;
use crate::graph::Node;

/// All periods of a resource as one, since a record has room for one: from where the first begins to where the last ends.
pub(super) fn of(node: Node<'_>) -> Value {
    let periods: Vec<Node<'_>> = node.nodes(dcterms::TEMPORAL).take(MOST).collect();
    let starts = periods
        .iter()
        .flat_map(|period| period.objects(dcat::START_DATE));
    let ends = periods
        .iter()
        .flat_map(|period| period.objects(dcat::END_DATE));
    let start = starts
        .filter_map(|date| Side::first(date.as_str()))
        .min_by_key(|side| side.at);
    let end = ends
        .filter_map(|date| Side::last(date.as_str()))
        .max_by_key(|side| side.at);
    let mut time = Map::new();
    if start.is_some() || end.is_some() {
        // Both are of one kind.
        let exact = [start, end].iter().flatten().all(|side| side.exact);
        let sides =
            [start, end].map(|side| side.map_or_else(|| "..".to_owned(), |side| side.text(exact)));
        time.insert("interval".into(), json!(sides));
    }
    if let Some(resolution) = node.value(dcat::TEMPORAL_RESOLUTION) {
        time.insert("resolution".into(), json!(resolution));
    }
    match time.is_empty() {
        true => Value::Null,
        false => Value::Object(time),
    }
}

/// A date or an instant as `date-time` of RFC 3339, in UTC.
pub(super) fn moment(text: &str) -> Option<String> {
    Side::first(text).map(|side| side.text(true))
}

/// One end of a period.
#[derive(Debug, Clone, Copy)]
struct Side {
    at: DateTime<Utc>,
    /// To the second, and not to the day.
    exact: bool,
}

impl Side {
    fn first(text: &str) -> Option<Self> {
        Self::instant(text).or_else(|| Some(Self::day(days(text)?.0)))
    }

    fn last(text: &str) -> Option<Self> {
        Self::instant(text).or_else(|| Some(Self::day(days(text)?.1)))
    }

    fn day(day: NaiveDate) -> Self {
        Self {
            at: day.and_time(chrono::NaiveTime::MIN).and_utc(),
            exact: false,
        }
    }

    fn instant(text: &str) -> Option<Self> {
        let zoned = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
        let local = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
        let at = zoned.or_else(|_| local().map(|at| at.and_utc())).ok()?;
        (0..=9999)
            .contains(&at.year())
            .then_some(Self { at, exact: true })
    }

    fn text(self, exact: bool) -> String {
        match exact {
            true => self.at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            false => self.at.format("%Y-%m-%d").to_string(),
        }
    }
}

/// The first and the last day of a year, a month or a day, of the four digits that RFC 3339 gives a year.
fn days(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    let text = text.trim().trim_end_matches('Z');
    let first = |padded: &str| NaiveDate::parse_from_str(padded, "%Y-%m-%d").ok();
    let digits = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-');
    if !digits || text.starts_with('-') {
        return None;
    }
    match text.len() {
        4 => {
            let start = first(&format!("{text}-01-01"))?;
            Some((start, first(&format!("{text}-12-31"))?))
        }
        7 => {
            let start = first(&format!("{text}-01"))?;
            let end = start.checked_add_months(Months::new(1))?;
            Some((start, end.checked_sub_days(Days::new(1))?))
        }
        10 => first(text).map(|day| (day, day)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_dates_are_their_first_and_last_day() {
        let shown = |text: &str| {
            let side =
                |side: Option<Side>| side.map(|side| side.text(side.exact)).unwrap_or_default();
            format!("{} {}", side(Side::first(text)), side(Side::last(text)))
        };
        for (text, wanted) in [
            ("2019", "2019-01-01 2019-12-31"),
            ("2024-02", "2024-02-01 2024-02-29"),
            ("2024-02-03", "2024-02-03 2024-02-03"),
            (
                "2024-02-03T04:05:06+02:00",
                "2024-02-03T02:05:06Z 2024-02-03T02:05:06Z",
            ),
            (
                "2024-02-03T04:05:06",
                "2024-02-03T04:05:06Z 2024-02-03T04:05:06Z",
            ),
            ("hier", " "),
            ("2024-13", " "),
            ("é-é-", " "),
            ("-044", " "),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }
}
