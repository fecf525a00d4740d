//! When to try again.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

use crate::error::{FetchError, Phase};
use crate::settings::Settings;

/// No doubled pause is longer.
const MAX_BACKOFF: Duration = Duration::from_secs(60);

/// How long to wait before the next attempt, or `None` if there is none.
pub(crate) fn pause(settings: &Settings, error: &FetchError, attempt: u32) -> Option<Duration> {
    if attempt >= settings.retries || !is_worth_repeating(error) {
        return None;
    }
    let backoff = jittered(backoff(settings.backoff, attempt));
    match error {
        FetchError::HttpStatus {
            retry_after: Some(asked),
            ..
        } => (*asked <= settings.max_retry_after).then(|| backoff.max(*asked)),
        _ => Some(backoff),
    }
}

fn is_worth_repeating(error: &FetchError) -> bool {
    let used_up = matches!(
        error,
        FetchError::Timeout {
            phase: Phase::Total,
            ..
        }
    );
    error.is_temporary() && !used_up
}

fn backoff(first: Duration, attempt: u32) -> Duration {
    first
        .saturating_mul(2_u32.saturating_pow(attempt))
        .min(MAX_BACKOFF)
}

/// Between half of the pause and the whole, so that fetchers that failed together do not come back together.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// The `Retry-After` of a 429 or 503: seconds, or a date, which is compared with the server's own clock if it shows it.
pub(crate) fn retry_after(status: u16, headers: &HeaderMap) -> Option<Duration> {
    if !matches!(status, 429 | 503) {
        return None;
    }
    let value = text(headers, RETRY_AFTER)?;
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let now = text(headers, DATE)
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or_else(SystemTime::now);
    Some(until.duration_since(now).unwrap_or_default())
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let seconds = headers(&[(RETRY_AFTER, "7")]);
        assert_eq!(retry_after(429, &seconds), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(500, &seconds), None);
        let date = headers(&[
            (DATE, "Mon, 05 Jan 2026 10:00:00 GMT"),
            (RETRY_AFTER, "Mon, 05 Jan 2026 10:01:30 GMT"),
        ]);
        assert_eq!(retry_after(503, &date), Some(Duration::from_secs(90)));
        let past = headers(&[(RETRY_AFTER, "Mon, 05 Jan 1998 10:01:30 GMT")]);
        assert_eq!(retry_after(503, &past), Some(Duration::ZERO));
        let forever = headers(&[(RETRY_AFTER, "99999999999999999999")]);
        assert_eq!(
            retry_after(503, &forever),
            Some(Duration::from_secs(u64::MAX))
        );
        for unreadable in ["soon", "-1", ""] {
            let headers = headers(&[(RETRY_AFTER, unreadable)]);
            assert_eq!(retry_after(503, &headers), None);
        }
    }

    #[test]
    fn pauses_double_up_to_a_cap() {
        let first = Duration::from_millis(500);
        assert_eq!(backoff(first, 0), first);
        assert_eq!(backoff(first, 3), first * 8);
        assert_eq!(backoff(first, 4_000_000), MAX_BACKOFF);
        let pause = jittered(first);
        assert!(pause >= first / 2 && pause <= first);
    }

    #[test]
    fn a_pause_too_long_is_not_waited_for() {
        let settings = Settings::default();
        let asked = |seconds| FetchError::HttpStatus {
            url: String::new(),
            status: 503,
            excerpt: String::new(),
            retry_after: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(
            pause(&settings, &asked(120), 0),
            Some(Duration::from_secs(120))
        );
        assert_eq!(pause(&settings, &asked(121), 0), None);
        assert_eq!(pause(&settings, &asked(1), settings.retries), None);
    }
}
