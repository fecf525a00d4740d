//! Which page of which feed is asked for, and its address.

use archive::EntityKey;
use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};
use model::EntityKind;
use serde::Deserialize;
use uuid::Uuid;

use super::LISTED;
use crate::csw::scope::Scope;
use crate::failure::Failure;
use crate::profile::Profile;
use crate::rdf::Format;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    page_size: Option<String>,
    after: Option<String>,
    modified_since: Option<String>,
    pub profile: Option<String>,
}

/// A page of the feed of the catalogue, or of a part of it.
#[derive(Clone, Copy)]
pub(super) struct Asked<'s> {
    pub scope: &'s Scope,
    pub size: u32,
    pub after: Option<EntityKey>,
    /// Only what changed since.
    pub since: Option<DateTime<Utc>>,
    pub profile: Profile,
}

const DEFAULT_SIZE: u32 = 100;
const MAX_SIZE: u32 = 1000;

impl<'s> Asked<'s> {
    pub fn of(scope: &'s Scope, wanted: &Wanted, profile: Profile) -> Result<Self, Failure> {
        let size = match wanted.page_size.as_deref() {
            None => DEFAULT_SIZE,
            Some(size) => match size.parse::<u32>() {
                Ok(size) if size > 0 => size.min(MAX_SIZE),
                _ => {
                    let detail = format!("`page_size` has to be a number from 1 to {MAX_SIZE}");
                    return Err(Failure::bad_request(detail));
                }
            },
        };
        let after = match wanted.after.as_deref() {
            None => None,
            Some(after) => Some(cursor(after).ok_or_else(|| {
                Failure::bad_request("`after` has to be the cursor of a page's hydra:next")
            })?),
        };
        let since = match wanted.modified_since.as_deref() {
            None => None,
            Some(since) => Some(moment(since).ok_or_else(|| {
                let detail = "`modified_since` has to be a date such as 2026-01-31 (from its beginning, in UTC) or a date-time such as 2026-01-31T08:00:00Z";
                Failure::bad_request(detail)
            })?),
        };
        Ok(Self {
            scope,
            size,
            after,
            since,
            profile,
        })
    }

    /// Whether all of the catalogue is asked for.
    pub fn is_whole(&self) -> bool {
        self.scope.path.is_empty()
    }

    pub fn page(self, after: Option<EntityKey>) -> Self {
        Self { after, ..self }
    }

    /// The first page in a profile: what comes after it depends on what that has.
    pub fn in_profile(self, profile: Profile) -> Self {
        let after = self.after.filter(|_| profile == self.profile);
        Self {
            profile,
            after,
            ..self
        }
    }

    /// The address of this page, under a base that ends with a slash.
    pub fn address(&self, base: &str, format: Format) -> String {
        let mut address = format!("{base}catalog{}.{}", self.scope.path, format.extension());
        let after = self
            .after
            .map(|after| format!("{}/{}", after.minted.segment(), after.id));
        let since = self
            .since
            .map(|since| since.to_rfc3339_opts(SecondsFormat::Secs, true));
        let size = Some(self.size).filter(|size| *size != DEFAULT_SIZE);
        let pairs = [
            ("profile", self.profile.name().map(str::to_owned)),
            ("page_size", size.map(|size| size.to_string())),
            ("modified_since", since),
            ("after", after),
        ];
        let mut mark = '?';
        for (name, value) in pairs {
            if let Some(value) = value {
                address.push_str(&format!("{mark}{name}={value}"));
                mark = '&';
            }
        }
        address
    }
}

fn cursor(after: &str) -> Option<EntityKey> {
    let (segment, id) = after.split_once('/')?;
    let minted = EntityKind::from_segment(segment).filter(|kind| LISTED.contains(kind))?;
    let id = Uuid::try_parse(id).ok()?;
    Some(EntityKey { minted, id })
}

/// A date or a date-time of RFC 3339. The plus of an offset that was not escaped has become a blank.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim().replace(' ', "+");
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Some(date.and_time(NaiveTime::MIN).and_utc());
    }
    let moment = DateTime::parse_from_rfc3339(&text).ok()?.to_utc();
    // What an address says has four digits of a year, and seconds: as a moment is kept.
    let is_said = (0..=9999).contains(&chrono::Datelike::year(&moment));
    DateTime::from_timestamp(moment.timestamp(), 0).filter(|_| is_said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(page_size: &str, after: &str, since: &str) -> Wanted {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Wanted {
            page_size: given(page_size),
            after: given(after),
            modified_since: given(since),
            profile: None,
        }
    }

    #[test]
    fn an_address_says_what_it_was_made_of() {
        let after = "dataset/00000000-0000-4000-8000-000000000001";
        let wanted = wanted("5000", after, "2026-01-31T09:00:00.5 01:00");
        let (whole, hvd) = (Scope::whole(), Scope::hvd());
        let asked = Asked::of(&whole, &wanted, Profile::default()).expect("a page");
        assert_eq!(asked.size, MAX_SIZE);
        let query = format!("?page_size=1000&modified_since=2026-01-31T08:00:00Z&after={after}");
        let base = "https://a.example/";
        let address = asked.address(base, Format::Turtle);
        assert_eq!(address, format!("{base}catalog.ttl{query}"));
        let address = Asked::of(&hvd, &wanted, Profile::default())
            .map(|asked| asked.address(base, Format::JsonLd));
        let expected = format!("{base}catalog/hvd.jsonld{query}");
        assert_eq!(address.expect("a page"), expected);
    }

    #[test]
    fn what_is_no_cursor_and_no_date_is_refused() {
        let whole = Scope::whole();
        for (after, since) in [
            ("dataset", ""),
            ("dataset/1", ""),
            ("organisation/00000000-0000-4000-8000-000000000001", ""),
            ("", "hier"),
            ("", "2026-02-30"),
            ("", "2026-01-31T08:00:00"),
            ("", "1769846400"),
        ] {
            let wanted = wanted("", after, since);
            assert!(
                Asked::of(&whole, &wanted, Profile::default()).is_err(),
                "{after} {since}"
            );
        }
        let wanted = Wanted {
            modified_since: Some(String::new()),
            ..Wanted::default()
        };
        assert!(Asked::of(&whole, &wanted, Profile::default()).is_err());
    }
}
