//! Where a request stands in a listing, and the pieces into which a listing is cut that is too long for the API.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use model::{ReadError, Request};
use serde::{Deserialize, Serialize};

/// The API refuses what lies behind: « offset + limit must be less than 10 000 ».
pub const REACH: u64 = 9_999;

/// The listing of a portal that need not be cut.
pub const WHOLE: &str = "datasets";

/// The versions of the API that are known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Api {
    /// Explore API, version 2.1.
    #[serde(rename = "2.1")]
    V2,
    /// Search API, version 1.0: for portals that have no other.
    #[serde(rename = "1.0")]
    V1,
}

/// A piece of the listing, by the date on which datasets were modified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// What has no date.
    Undated,
    /// From the first date to just before the second.
    Dated {
        from: Option<DateTime<Utc>>,
        to: Option<DateTime<Utc>>,
    },
}

/// The state of the crawl of one listing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    pub listing: String,
    pub api: Api,
    pub offset: u64,
    pub size: u64,
    /// The size that pages grow back to behind a fault.
    pub full_size: u64,
    /// A record of its own: nothing follows it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub alone: bool,
    /// The portal does not know the order that is asked for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unsorted: bool,
    /// Only what changed since.
    #[serde(default, skip_serializing_if = "is_default")]
    pub since: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub window: Option<Window>,
    /// Into how many more windows this one may be cut.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fuel: u64,
    /// The request asks for one record in the middle of the listing, whose date says where to cut it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub probe: bool,
    /// Where to cut if that gives no date.
    #[serde(default, skip_serializing_if = "is_default")]
    pub middle: Option<DateTime<Utc>>,
    /// The listing cannot be cut: it is read as far as the API goes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub uncut: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub total: Option<u64>,
    /// The greatest count so far: a lower one that comes later does not say that less is lacking.
    #[serde(default, skip_serializing_if = "is_default")]
    pub most: Option<u64>,
    /// Whether a page of this portal was read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub proven: bool,
    /// Records that had to be asked for alone since the last good page.
    #[serde(default, skip_serializing_if = "is_default")]
    pub streak: u64,
    /// Empty pages in a row.
    #[serde(default, skip_serializing_if = "is_default")]
    pub empty: u8,
    /// A checksum of the page before, and how often it came in a row.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mark: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub repeats: u8,
    /// The rules already reported, each once a listing.
    #[serde(default, skip_serializing_if = "is_default")]
    pub noted: Vec<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Cursor {
    pub fn first(api: Api, size: u64, since: Option<DateTime<Utc>>) -> Self {
        Self {
            listing: WHOLE.to_owned(),
            api,
            offset: 0,
            size,
            full_size: size,
            alone: false,
            unsorted: false,
            since,
            window: None,
            fuel: 0,
            probe: false,
            middle: None,
            uncut: false,
            total: None,
            most: None,
            proven: false,
            streak: 0,
            empty: 0,
            mark: None,
            repeats: 0,
            noted: Vec::new(),
        }
    }

    pub fn of(request: &Request) -> Result<Self, ReadError> {
        let cursor: Self = serde_json::from_value(request.cursor.clone()).map_err(|error| {
            ReadError::Unexpected(format!("the request is not one of this connector: {error}"))
        })?;
        if cursor.size == 0 || cursor.full_size == 0 || cursor.offset >= REACH {
            return Err(ReadError::Unexpected(
                "the request is not one of this connector: empty page".to_owned(),
            ));
        }
        Ok(cursor)
    }

    /// How many records are asked for: a page, or what is left of what can be reached.
    pub fn limit(&self) -> u64 {
        self.size.min(REACH.saturating_sub(self.offset))
    }

    /// The page that begins there, grown back a step if it was made smaller.
    #[must_use]
    pub fn at(&self, offset: u64) -> Self {
        Self {
            offset,
            size: self.size.saturating_mul(STEP).min(self.full_size),
            ..self.clone()
        }
    }

    /// True the first time that this listing asks.
    pub fn note(&mut self, rule: &str) -> bool {
        let new = !self.noted.iter().any(|noted| noted == rule);
        if new {
            self.noted.push(rule.to_owned());
        }
        new
    }

    /// The pages that stand for this one: a smaller one, that goes on by itself; or each of its records, which do not.
    pub fn smaller(&self) -> (Vec<Self>, bool) {
        const ALONE: u64 = 10;
        let left = self
            .total
            .map_or(u64::MAX, |total| total.saturating_sub(self.offset));
        let size = self.limit().min(left.max(1));
        if size > ALONE {
            let part = Self {
                size: size.div_ceil(STEP),
                ..self.clone()
            };
            return (vec![part], false);
        }
        let single = |at| Self {
            offset: self.offset.saturating_add(at),
            size: 1,
            alone: true,
            ..self.clone()
        };
        ((0..size).map(single).collect(), true)
    }

    /// The request that tells where to cut a listing of this total, if it can be cut. The dates are those of its first page.
    pub fn probe(&self, total: u64, dates: &[DateTime<Utc>]) -> Option<Self> {
        let fuel = match &self.window {
            None => fuel_for(total),
            Some(Window::Dated { .. }) => self.fuel,
            Some(Window::Undated) => 0,
        };
        let mut dates = dates.to_vec();
        dates.sort_unstable();
        (fuel >= 2 && !self.uncut).then(|| Self {
            probe: true,
            fuel,
            middle: dates.get(dates.len() / 2).copied(),
            offset: (total / 2).min(REACH - REACH / 10),
            size: 1,
            proven: true,
            ..self.clone()
        })
    }

    /// The windows that a listing is cut into, where the probe says; or the listing itself, if no date parts it.
    pub fn cut(&self, found: Option<DateTime<Utc>>) -> Vec<Self> {
        let fresh = Self {
            probe: false,
            middle: None,
            offset: 0,
            size: self.full_size,
            ..self.clone()
        };
        let (from, to) = match &self.window {
            Some(Window::Dated { from, to }) => (*from, *to),
            _ => (None, None),
        };
        let Some(pivot) = pivot(from, to, [found, self.middle]) else {
            return vec![Self {
                uncut: true,
                ..fresh
            }];
        };
        let (before, behind) = (Some(pivot), Some(pivot));
        let mut windows = vec![
            Window::Dated { from, to: before },
            Window::Dated { from: behind, to },
        ];
        if self.window.is_none() {
            windows.push(Window::Undated);
        }
        let part = |window: Window| Self {
            listing: window.name(),
            most: None,
            window: Some(window),
            fuel: (self.fuel.saturating_sub(1)) / 2,
            ..fresh.clone()
        };
        windows.into_iter().map(part).collect()
    }
}

/// Pages are made smaller, and grow again, by this factor.
const STEP: u64 = 4;

/// Windows that a listing may be cut into: enough for cuts that are far from even, and an end to cuts that lead nowhere.
fn fuel_for(total: u64) -> u64 {
    const MOST: u64 = 1_024;
    total.div_ceil(REACH).saturating_mul(64).min(MOST)
}

/// The first of these dates that parts the window; else the moment after the window's beginning, where they all crowd.
fn pivot(
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    dates: [Option<DateTime<Utc>>; 2],
) -> Option<DateTime<Utc>> {
    let inside = |date: &DateTime<Utc>| {
        from.is_none_or(|from| from < *date) && to.is_none_or(|to| *date < to)
    };
    let next = from.and_then(|from| from.checked_add_signed(TimeDelta::seconds(1)));
    let dates = dates.map(|date| date.map(|date| date.trunc_subsecs(0)));
    dates.into_iter().chain([next]).flatten().find(inside)
}

impl Window {
    /// The name of the listing that it makes.
    fn name(&self) -> String {
        let date = |date: &Option<DateTime<Utc>>| date.as_ref().map_or("..".to_owned(), literal);
        match self {
            Self::Undated => format!("{WHOLE} undated"),
            Self::Dated { from, to } => format!("{WHOLE} {}/{}", date(from), date(to)),
        }
    }

    /// The window in ODSQL.
    pub fn expression(&self) -> String {
        let (from, to) = match self {
            Self::Undated => return "modified is null".to_owned(),
            Self::Dated { from, to } => (from, to),
        };
        let bound = |sign: &str, date: &Option<DateTime<Utc>>| {
            date.as_ref()
                .map(|date| format!("modified {sign} date'{}'", literal(date)))
        };
        let bounds: Vec<String> = [bound(">=", from), bound("<", to)]
            .into_iter()
            .flatten()
            .collect();
        bounds.join(" and ")
    }
}

/// A date as ODSQL has it. Without an offset it is in UTC, which is the API's time unless another is asked for.
pub fn literal(date: &DateTime<Utc>) -> String {
    date.format("%Y-%m-%dT%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(day * 86_400, 0).expect("a date")
    }

    #[test]
    fn smaller_pages_cover_the_same_records() {
        for size in [1, 2, 7, 10] {
            let mut cursor = Cursor::first(Api::V2, size, None);
            cursor.offset = 40;
            let (pages, single) = cursor.smaller();
            assert!(single && pages.len() as u64 == size);
            assert!(pages.iter().all(|page| page.limit() == 1));
            assert_eq!(pages.last().map(|page| page.offset), Some(39 + size));
        }
        let (pages, single) = Cursor::first(Api::V2, 100, None).smaller();
        assert!(!single);
        assert_eq!((pages[0].offset, pages[0].size), (0, 25));
    }

    #[test]
    fn nothing_is_asked_for_behind_what_can_be_reached() {
        let cursor = Cursor::first(Api::V2, 100, None).at(9_900);
        assert_eq!(cursor.offset + cursor.limit(), REACH);
    }

    #[test]
    fn windows_part_what_they_are_cut_from() {
        let root = Cursor::first(Api::V2, 100, None);
        let probe = root
            .probe(25_000, &[date(9), date(1), date(2)])
            .expect("one");
        assert_eq!((probe.offset, probe.limit()), (9_000, 1));
        let parts = probe.cut(Some(date(3)));
        let expressions: Vec<String> = parts
            .iter()
            .filter_map(|part| part.window.as_ref().map(Window::expression))
            .collect();
        assert_eq!(
            expressions,
            [
                "modified < date'1970-01-04T00:00:00'",
                "modified >= date'1970-01-04T00:00:00'",
                "modified is null"
            ]
        );
        // All of one moment: it is parted from what follows, and then cannot be cut.
        let probe = parts[1].probe(20_000, &[date(3); 9]).expect("one");
        let crowd = probe.cut(Some(date(3)));
        let to = Some(date(3) + TimeDelta::seconds(1));
        let from = Some(date(3));
        assert_eq!(crowd[0].window, Some(Window::Dated { from, to }));
        let whole = crowd[0].probe(20_000, &[]).expect("one").cut(None);
        assert!(whole.len() == 1 && whole[0].uncut && whole[0].window == crowd[0].window);
        assert_eq!(whole[0].probe(20_000, &[]), None);
        assert_eq!(parts[2].probe(20_000, &[]), None);
    }

    #[test]
    fn cuts_that_lead_nowhere_end() {
        let mut windows = vec![Cursor::first(Api::V2, 100, None)];
        let mut cuts = 0;
        while let Some(window) = windows.pop() {
            if let Some(probe) = window.probe(u64::MAX, &[]) {
                cuts += 1;
                let at = match &window.window {
                    Some(Window::Dated { from: Some(at), .. }) => *at + TimeDelta::days(1),
                    _ => date(10),
                };
                windows.extend(probe.cut(Some(at)));
            }
        }
        assert!(cuts < 1_024, "{cuts}");
    }
}
