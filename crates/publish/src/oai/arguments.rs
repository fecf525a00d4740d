//! Requests: <https://www.openarchives.org/OAI/openarchivesprotocol.html#HTTPRequestFormat>

use archive::{Part, Window};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::error::Refusal;
use super::format::Format;
use super::sets;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    Identify,
    ListMetadataFormats(Option<String>),
    ListSets(Option<String>),
    List(What, Asked),
    GetRecord(String, Format),
}

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Records,
    Identifiers,
}

/// A list from its beginning, or where a token goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    Anew(Listing),
    Resumed(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listing {
    pub format: Format,
    pub from: Option<Moment>,
    pub until: Option<Moment>,
    pub set: Option<Part>,
}

/// A UTCdatetime, of a day or of a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Day(NaiveDate),
    Second(DateTime<Utc>),
}

/// The arguments of a request, each once.
pub(super) struct Arguments(Vec<(String, String)>);

/// No request has so many.
const MOST: usize = 16;

impl Arguments {
    /// Of a query, or of a form that was posted.
    pub fn read(encoded: &[u8]) -> Result<Self, Refusal> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(encoded) {
            let verb = name == "verb";
            if pairs.iter().any(|(known, _)| *known == name) {
                let text = format!("the argument `{name}` is there twice");
                return Err(match verb {
                    true => Refusal::verb(text),
                    false => Refusal::argument(text),
                });
            }
            if pairs.len() == MOST {
                return Err(Refusal::argument("these are too many arguments"));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(pairs))
    }

    /// The arguments of a request that is in order, for its answer to repeat.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub fn request(&self) -> Result<Request, Refusal> {
        let verb = self.get("verb").ok_or_else(|| {
            Refusal::verb(format!("the argument `verb` is missing: there are {VERBS}"))
        })?;
        match verb {
            "Identify" => {
                self.only(&[])?;
                Ok(Request::Identify)
            }
            "ListMetadataFormats" => {
                self.only(&["identifier"])?;
                Ok(Request::ListMetadataFormats(self.owned("identifier")))
            }
            "ListSets" => {
                self.only(&["resumptionToken"])?;
                Ok(Request::ListSets(self.owned("resumptionToken")))
            }
            "ListRecords" => Ok(Request::List(What::Records, self.list()?)),
            "ListIdentifiers" => Ok(Request::List(What::Identifiers, self.list()?)),
            "GetRecord" => {
                self.only(&["identifier", "metadataPrefix"])?;
                let identifier = self.required("identifier")?;
                Ok(Request::GetRecord(identifier.to_owned(), self.format()?))
            }
            other => Err(Refusal::verb(format!(
                "`{other}` is no verb: there are {VERBS}"
            ))),
        }
    }

    fn list(&self) -> Result<Asked, Refusal> {
        if let Some(token) = self.owned("resumptionToken") {
            self.only(&["resumptionToken"])?;
            return Ok(Asked::Resumed(token));
        }
        self.only(&["metadataPrefix", "from", "until", "set"])?;
        let (from, until) = (self.moment("from")?, self.moment("until")?);
        if let (Some(from), Some(until)) = (from, until) {
            if matches!(from, Moment::Day(_)) != matches!(until, Moment::Day(_)) {
                return Err(Refusal::argument(
                    "`from` and `until` have to be of one granularity",
                ));
            }
            if from.first() > until.last() {
                return Err(Refusal::argument("`from` is later than `until`"));
            }
        }
        let set = match self.get("set") {
            None => None,
            Some(spec) => Some(sets::part(spec).ok_or_else(|| {
                Refusal::argument(format!("`{spec}` is no set: ListSets lists them"))
            })?),
        };
        Ok(Asked::Anew(Listing {
            format: self.format()?,
            from,
            until,
            set,
        }))
    }

    fn format(&self) -> Result<Format, Refusal> {
        let prefix = self.required("metadataPrefix")?;
        Format::parse(prefix).ok_or_else(|| Refusal::format(prefix))
    }

    fn moment(&self, name: &str) -> Result<Option<Moment>, Refusal> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let moment = Moment::parse(text);
        moment.map(Some).ok_or_else(|| {
            Refusal::argument(format!(
                "`{name}` has to be as 2026-02-28 or 2026-02-28T12:00:00Z"
            ))
        })
    }

    fn only(&self, allowed: &[&str]) -> Result<(), Refusal> {
        let other = self
            .pairs()
            .find(|(name, _)| *name != "verb" && !allowed.contains(name));
        match other {
            None => Ok(()),
            Some((name, _)) => Err(Refusal::argument(format!(
                "`{name}` is no argument of this request"
            ))),
        }
    }

    fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name)
            .ok_or_else(|| Refusal::argument(format!("the argument `{name}` is missing")))
    }

    fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.pairs()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }
}

impl Listing {
    pub fn window(&self) -> Window {
        Window {
            from: self.from.map(Moment::first),
            until: self.until.map(Moment::last),
            part: self.set.clone(),
        }
    }
}

impl Moment {
    pub fn parse(text: &str) -> Option<Self> {
        // Years of five digits and signs are not of the protocol.
        if !text.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        match text.len() {
            10 => NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .ok()
                .map(Self::Day),
            20 => NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%SZ")
                .ok()
                // A leap second is none that a change is dated by.
                .filter(|at| at.and_utc().timestamp_subsec_nanos() == 0)
                .map(|at| Self::Second(at.and_utc())),
            _ => None,
        }
        .filter(|moment| moment.text() == text)
    }

    pub fn text(self) -> String {
        match self {
            Self::Day(day) => day.format("%Y-%m-%d").to_string(),
            Self::Second(at) => datestamp(at),
        }
    }

    fn first(self) -> DateTime<Utc> {
        match self {
            Self::Day(day) => day.and_time(chrono::NaiveTime::MIN).and_utc(),
            Self::Second(at) => at,
        }
    }

    /// Its last second.
    fn last(self) -> DateTime<Utc> {
        match self {
            Self::Day(_) => self.first() + chrono::TimeDelta::seconds(86_399),
            Self::Second(at) => at,
        }
    }
}

pub(super) fn datestamp(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

const VERBS: &str =
    "Identify, ListMetadataFormats, ListSets, ListIdentifiers, ListRecords and GetRecord";

#[cfg(test)]
mod tests {
    use super::super::error::Code;
    use super::*;

    fn refused(query: &str) -> Code {
        match Arguments::read(query.as_bytes()).and_then(|arguments| arguments.request()) {
            Err(Refusal::Told(code, _)) => code,
            other => panic!("{query}: {other:?}"),
        }
    }

    #[test]
    fn what_is_wrong_is_told_in_the_terms_of_the_protocol() {
        for (query, code) in [
            ("", Code::BadVerb),
            ("verb=", Code::BadVerb),
            ("verb=identify", Code::BadVerb),
            ("verb=Identify&verb=Identify", Code::BadVerb),
            ("verb=Identify&set=theme", Code::BadArgument),
            ("verb=GetRecord&metadataPrefix=oai_dc", Code::BadArgument),
            ("verb=GetRecord&identifier=x", Code::BadArgument),
            (
                "verb=GetRecord&identifier=x&metadataPrefix=marc",
                Code::CannotDisseminateFormat,
            ),
            ("verb=ListRecords", Code::BadArgument),
            (
                "verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc",
                Code::BadArgument,
            ),
            (
                "verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x",
                Code::BadArgument,
            ),
            (
                "verb=ListRecords&metadataPrefix=oai_dc&from=2026-1-1",
                Code::BadArgument,
            ),
            (
                "verb=ListRecords&metadataPrefix=oai_dc&from=2026-02-30",
                Code::BadArgument,
            ),
            (
                "verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01T00:00:00",
                Code::BadArgument,
            ),
            (
                "verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01T00:00:60Z",
                Code::BadArgument,
            ),
            (
                "verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&until=2026-01-01T00:00:00Z",
                Code::BadArgument,
            ),
            (
                "verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-02&until=2026-01-01",
                Code::BadArgument,
            ),
            (
                "verb=ListRecords&metadataPrefix=oai_dc&set=none",
                Code::BadArgument,
            ),
            ("verb=ListIdentifiers&from=2026-01-01", Code::BadArgument),
        ] {
            assert_eq!(refused(query), code, "{query}");
        }
        let many: Vec<String> = (0..100).map(|n| format!("a{n}=1")).collect();
        assert_eq!(refused(&many.join("&")), Code::BadArgument);
    }

    #[test]
    fn a_day_ends_with_its_last_second() {
        let query = b"verb=ListRecords&metadataPrefix=dcat_ap&from=2026-01-01&until=2026-01-01&set=theme%3AENVI";
        let request = Arguments::read(query).and_then(|arguments| arguments.request());
        let Ok(Request::List(What::Records, Asked::Anew(listing))) = request else {
            panic!("{request:?}");
        };
        let window = listing.window();
        assert_eq!(
            window.from.map(datestamp).as_deref(),
            Some("2026-01-01T00:00:00Z")
        );
        assert_eq!(
            window.until.map(datestamp).as_deref(),
            Some("2026-01-01T23:59:59Z")
        );
    }
}
