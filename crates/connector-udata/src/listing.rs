//! One answer of a listing, taken apart without reading what its records say.

use std::borrow::Cow;

use bytes::Bytes;
use chrono::{DateTime, NaiveDateTime, Utc};
use json_records::{Items, excerpt, identifier, json, number, read_error, small, told};
use model::{Finding, Page, RawRecord, ReadError, RecordFormat, RecordId, Severity, Stage};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::paging::Listing;

/// The envelope of a page.
pub struct Answer<'a> {
    pub items: Vec<&'a RawValue>,
    pub total: Option<u64>,
    pub page_size: Option<u64>,
    pub next_page: Option<String>,
}

/// The date of each item that has one, in the order of the page.
pub type Dates = Vec<Option<DateTime<Utc>>>;

impl<'a> Answer<'a> {
    pub fn parse(body: &'a [u8]) -> Result<Self, ReadError> {
        let body = json(body)?;
        let envelope: Envelope<'a> =
            serde_json::from_slice(body).map_err(|error| read_error(&error, "a page of udata"))?;
        let Some(Items(items)) = envelope.data else {
            return Err(match envelope.message {
                Some(message) => ReadError::Refused {
                    code: "message".to_owned(),
                    message: excerpt(&message),
                },
                None => ReadError::Unexpected(
                    "the answer has no `data`: is this address the API of a udata portal?"
                        .to_owned(),
                ),
            });
        };
        let number = |value: Option<Value>| value.as_ref().and_then(number);
        Ok(Self {
            items,
            total: number(envelope.total),
            page_size: number(envelope.page_size).filter(|size| *size > 0),
            next_page: match envelope.next_page {
                Some(Value::String(url)) if !url.trim().is_empty() => Some(url.trim().to_owned()),
                _ => None,
            },
        })
    }
}

/// Sorts the items into records, gone and refused, and tells when each was last updated.
pub fn collect(items: &[&RawValue], body: &Bytes, listing: Listing, page: &mut Page) -> Dates {
    let format = match listing {
        Listing::Datasets => RecordFormat::UdataDataset,
        Listing::Dataservices => RecordFormat::UdataDataservice,
    };
    page.records.reserve(items.len());
    let mut dates = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let head = match serde_json::from_str::<Head<'_>>(item.get()) {
            Ok(head) => head,
            Err(error) => {
                refuse(
                    page,
                    index,
                    item,
                    format!("the item of the page cannot be read: {error}"),
                );
                dates.push(None);
                continue;
            }
        };
        dates.push(head.last_update.as_deref().and_then(date));
        let Some(id) = head.identifier() else {
            refuse(
                page,
                index,
                item,
                "the item of the page has no `id`; it was left out".to_owned(),
            );
            continue;
        };
        if head.is_private() {
            page.findings.push(
                Finding::new(
                    "record/private",
                    Severity::Info,
                    Stage::Read,
                    "the portal says that this record is private; it was left out",
                )
                .record(&id)
                .place(format!("/data/{index}/private")),
            );
            page.withheld.push(id.clone());
            page.gone.push(id);
        } else if head.is_gone() {
            page.gone.push(id);
        } else {
            // The item was borrowed from the body: the record shares its bytes.
            let body = body.slice_ref(item.get().as_bytes());
            page.records.push(RawRecord { id, format, body });
        }
    }
    dates
}

fn refuse(page: &mut Page, index: usize, item: &RawValue, message: String) {
    page.refused += 1;
    page.findings.push(
        Finding::new(
            "record/no-identifier",
            Severity::Error,
            Stage::Read,
            message,
        )
        .place(format!("/data/{index}/id"))
        .value(item.get())
        .hint("Give each item of the listing a unique and lasting `id`."),
    );
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Option<Items<'a>>,
    #[serde(default, deserialize_with = "small")]
    total: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    page_size: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    next_page: Option<Value>,
    #[serde(default, deserialize_with = "told")]
    message: Option<Value>,
}

/// What a record says of itself as a record.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(default, deserialize_with = "small")]
    id: Option<Value>,
    #[serde(default, rename = "_id", deserialize_with = "small")]
    object_id: Option<Value>,
    #[serde(borrow)]
    last_update: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "small")]
    private: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    deleted: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    deleted_at: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    archived: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    archived_at: Option<Value>,
}

impl Head<'_> {
    fn identifier(&self) -> Option<RecordId> {
        let ids = [&self.id, &self.object_id];
        ids.into_iter().flatten().find_map(|value| match value {
            // An ObjectId as MongoDB's extended JSON writes it.
            Value::Object(object) => identifier(object.get("$oid")?),
            _ => identifier(value),
        })
    }

    fn is_private(&self) -> bool {
        says_yes(&self.private)
    }

    fn is_gone(&self) -> bool {
        [
            &self.deleted,
            &self.deleted_at,
            &self.archived,
            &self.archived_at,
        ]
        .into_iter()
        .any(says_yes)
    }
}

/// udata writes a date, or nothing; others write a boolean.
fn says_yes(value: &Option<Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(yes)) => *yes,
        Some(Value::String(date)) => !date.is_empty(),
        Some(_) => true,
    }
}

/// Dates are naive (older portals, in UTC) or carry an offset.
fn date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    DateTime::parse_from_rfc3339(text)
        .map(|date| date.with_timezone(&Utc))
        .or_else(|_| {
            NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|date| date.and_utc())
        })
        .ok()
}
