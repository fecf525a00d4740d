//! When a source is harvested: a cron expression in a time zone, with jitter.

use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use model::SourceId;

/// A schedule: `second minute hour day-of-month month day-of-week`; the crontab form of five fields begins at second 0.
#[derive(Debug, Clone)]
pub struct Schedule {
    cron: cron::Schedule,
    zone: Tz,
    jitter: Duration,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ScheduleError {
    #[error(
        "`{expression}` is not a schedule ({message}); write `second minute hour day month weekday`, for example `0 15 3 * * *` for every night at 3:15"
    )]
    Expression { expression: String, message: String },
    #[error("`{0}` is not a time zone; write a name of the tz database such as Europe/Paris")]
    Zone(String),
}

impl Schedule {
    /// `jitter` is the longest time by which a run is put off, so that all sources of all portals do not begin at once.
    pub fn new(expression: &str, zone: &str, jitter: Duration) -> Result<Self, ScheduleError> {
        let zone = Tz::from_str(zone).map_err(|_| ScheduleError::Zone(zone.to_owned()))?;
        let cron = cron::Schedule::from_str(&with_seconds(expression)).map_err(|error| {
            ScheduleError::Expression {
                expression: expression.to_owned(),
                message: error.to_string(),
            }
        })?;
        Ok(Self { cron, zone, jitter })
    }

    /// The next time after `now` at which a source is to be harvested. A source's jitter is always the same.
    pub fn next(&self, source: &SourceId, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let delay = self.delay(source);
        let next = self
            .cron
            .after(&(now - delay).with_timezone(&self.zone))
            .next()?;
        Some(next.with_timezone(&Utc) + delay)
    }

    fn delay(&self, source: &SourceId) -> TimeDelta {
        let hash = blake3::hash(source.as_str().as_bytes());
        let [a, b, c, d, ..] = *hash.as_bytes();
        let share = f64::from(u32::from_le_bytes([a, b, c, d])) / f64::from(u32::MAX);
        TimeDelta::seconds((self.jitter.as_secs_f64() * share) as i64)
    }
}

/// What people write in crontabs, as the `cron` crate reads it: with seconds, and with days of the week that begin at
/// Sunday = 1 there and at Sunday = 0 (or 7) in crontabs of five fields.
fn with_seconds(expression: &str) -> String {
    let fields: Vec<&str> = expression.split_whitespace().collect();
    match fields.as_slice() {
        [minute, hour, day, month, weekday] => format!(
            "0 {minute} {hour} {day} {month} {}",
            crontab_weekday(weekday)
        ),
        _ => expression.to_owned(),
    }
}

fn crontab_weekday(field: &str) -> String {
    field
        .split(',')
        .map(|part| {
            let (range, step) = part
                .split_once('/')
                .map_or((part, None), |(range, step)| (range, Some(step)));
            let days: Vec<String> = range.split('-').map(day_name).collect();
            // `5-7` ends on Sunday, which comes first for the crate.
            let range = if days.len() == 2 && days[1] == "SUN" && days[0] != "SUN" {
                format!("{}-SAT,SUN", days[0])
            } else {
                days.join("-")
            };
            step.map_or(range.clone(), |step| format!("{range}/{step}"))
        })
        .collect::<Vec<_>>()
        .join(",")
}

fn day_name(day: &str) -> String {
    const NAMES: [&str; 8] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
    day.parse::<usize>()
        .ok()
        .and_then(|n| NAMES.get(n))
        .map_or_else(|| day.to_owned(), |name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> DateTime<Utc> {
        time.parse().unwrap()
    }

    fn next(expression: &str, now: &str) -> String {
        let source = SourceId::new("s").unwrap();
        Schedule::new(expression, "Europe/Paris", Duration::ZERO)
            .unwrap()
            .next(&source, at(now))
            .unwrap()
            .to_rfc3339()
    }

    #[test]
    fn local_time_is_kept_over_the_change_of_clocks() {
        assert_eq!(
            next("0 15 3 * * *", "2026-01-10T12:00:00Z"),
            "2026-01-11T02:15:00+00:00"
        );
        assert_eq!(
            next("0 15 3 * * *", "2026-07-10T12:00:00Z"),
            "2026-07-11T01:15:00+00:00"
        );
    }

    #[test]
    fn crontabs_of_five_fields_mean_what_they_mean_there() {
        assert_eq!(
            next("15 3 * * *", "2026-01-10T12:00:00Z"),
            "2026-01-11T02:15:00+00:00"
        );
        // 2026-01-11 is a Sunday.
        for sunday in ["0 6 * * 0", "0 6 * * 7", "0 6 * * SUN"] {
            assert_eq!(
                next(sunday, "2026-01-10T12:00:00Z"),
                "2026-01-11T05:00:00+00:00",
                "{sunday}"
            );
        }
        assert_eq!(
            next("0 6 * * 1-5", "2026-01-10T12:00:00Z"),
            "2026-01-12T05:00:00+00:00"
        );
        assert_eq!(
            next("0 6 * * 5-7", "2026-01-10T12:00:00Z"),
            "2026-01-11T05:00:00+00:00"
        );
    }

    #[test]
    fn jitter_is_bounded_and_steady() {
        let schedule =
            Schedule::new("0 0 3 * * *", "Europe/Paris", Duration::from_secs(600)).unwrap();
        let (a, b) = (SourceId::new("a").unwrap(), SourceId::new("b").unwrap());
        let now = at("2026-01-10T12:00:00Z");
        let delay = |source| {
            (schedule.next(source, now).unwrap() - at("2026-01-11T02:00:00Z")).num_seconds()
        };
        assert!((0..=600).contains(&delay(&a)));
        assert_ne!(delay(&a), delay(&b));
        // Put off past the hour, the run of today is still to come.
        let source_next = schedule.next(&a, at("2026-01-11T02:00:00Z")).unwrap();
        assert_eq!(
            (source_next - at("2026-01-11T02:00:00Z")).num_seconds(),
            delay(&a)
        );
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(matches!(
            Schedule::new("tous les jours", "Europe/Paris", Duration::ZERO),
            Err(ScheduleError::Expression { .. })
        ));
        assert_eq!(
            Schedule::new("0 0 3 * * *", "Paris", Duration::ZERO).unwrap_err(),
            ScheduleError::Zone("Paris".to_owned())
        );
    }
}
