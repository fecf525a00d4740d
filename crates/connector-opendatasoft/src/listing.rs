//! One answer of a listing, taken apart without reading what its records say.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use json_records::{Items, beginning, excerpt, identifier, json, number, read_error, small, told};
use model::{Finding, Page, RawRecord, ReadError, RecordFormat, RecordId, Severity, Stage};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The envelope of a page, of whatever version.
pub struct Answer<'a> {
    pub items: Vec<&'a RawValue>,
    pub total: Option<u64>,
    /// The name of the list.
    list: &'static str,
}

/// What the connector does with the items.
pub struct Reader<'a> {
    /// The address of the portal, without a slash at its end.
    pub portal: &'a str,
    pub federated: bool,
}

impl<'a> Answer<'a> {
    pub fn parse(body: &'a [u8]) -> Result<Self, ReadError> {
        let body = json(body)?;
        if !body.is_empty() && !body.starts_with(b"{") {
            return Err(ReadError::Unexpected(format!(
                "something else came instead of a JSON object; it begins with `{}`",
                beginning(body)
            )));
        }
        let mut envelope: Envelope<'a> = serde_json::from_slice(body)
            .map_err(|error| read_error(&error, "a page of Opendatasoft's API"))?;
        let list = if envelope.results.is_some() {
            "results"
        } else {
            "datasets"
        };
        let total = envelope.total_count.as_ref().or(envelope.nhits.as_ref());
        let total = total.and_then(number);
        let items = envelope.results.take();
        match items.or_else(|| envelope.datasets.take()) {
            Some(Items(items)) => Ok(Self { items, total, list }),
            None => Err(envelope.error()),
        }
    }

    /// When each item was modified, of those that say so.
    pub fn dates(&self) -> Vec<DateTime<Utc>> {
        let heads = self.items.iter().filter_map(|item| Head::read(item).ok());
        heads.filter_map(|head| head.modified).collect()
    }
}

/// Sorts the first items into records, gone and refused.
pub fn collect(answer: &Answer<'_>, shown: usize, reader: &Reader<'_>, page: &mut Page) {
    let items = answer.items.iter().take(shown);
    page.records.reserve(items.len());
    for (index, item) in items.enumerate() {
        let place = format!("/{}/{index}", answer.list);
        let head = match Head::read(item) {
            Ok(head) => head,
            Err(error) => {
                let message = match item.get().starts_with('{') {
                    true => format!("the item of the page cannot be read: {error}"),
                    false => "the item of the page is no object; it was left out".to_owned(),
                };
                refuse(page, place, item, message);
                continue;
            }
        };
        let Some(id) = head.id else {
            let message = "the item of the page has no `dataset_id`; it was left out";
            refuse(page, place, item, message.to_owned());
            continue;
        };
        if head.restricted {
            page.findings.push(
                Finding::new(
                    "record/private",
                    Severity::Info,
                    Stage::Read,
                    "the portal shows this dataset to some of its users only; it was left out",
                )
                .record(&id)
                .place(format!("{place}/visibility")),
            );
            page.withheld.push(id.clone());
            page.gone.push(id);
        } else if head.federated && !reader.federated {
            page.gone.push(id);
        } else {
            page.records.push(RawRecord {
                id,
                format: RecordFormat::Opendatasoft,
                body: wrap(reader.portal, item),
            });
        }
    }
}

/// An item with the address of its portal, which nothing in it says.
fn wrap(portal: &str, item: &RawValue) -> Bytes {
    let portal = Value::from(portal);
    format!("{{\"portal\":{portal},\"dataset\":{}}}", item.get()).into()
}

fn refuse(page: &mut Page, place: String, item: &RawValue, message: String) {
    page.refused += 1;
    page.findings.push(
        Finding::new(
            "record/no-identifier",
            Severity::Error,
            Stage::Read,
            message,
        )
        .place(place)
        .value(item.get())
        .hint("Give each dataset of the portal a unique and lasting identifier."),
    );
}

#[derive(Deserialize)]
struct Envelope<'a> {
    /// Version 2.1.
    #[serde(borrow)]
    results: Option<Items<'a>>,
    /// Versions 2.0 and 1.0.
    #[serde(borrow)]
    datasets: Option<Items<'a>>,
    #[serde(default, deserialize_with = "small")]
    total_count: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    nhits: Option<Value>,
    #[serde(default, deserialize_with = "told")]
    error_code: Option<Value>,
    #[serde(default, deserialize_with = "told")]
    errorcode: Option<Value>,
    #[serde(default, deserialize_with = "told")]
    error: Option<Value>,
    #[serde(default, deserialize_with = "told")]
    message: Option<Value>,
}

impl Envelope<'_> {
    fn error(self) -> ReadError {
        match (
            self.message.or(self.error),
            self.error_code.or(self.errorcode),
        ) {
            (None, None) => ReadError::Unexpected(
                "the answer lists no datasets: is this address a portal of Opendatasoft?"
                    .to_owned(),
            ),
            (message, code) => ReadError::Refused {
                code: code.as_ref().map_or("error".to_owned(), excerpt),
                message: message.as_ref().map(excerpt).unwrap_or_default(),
            },
        }
    }
}

/// What a record says of itself as a record.
#[derive(Default)]
struct Head {
    id: Option<RecordId>,
    restricted: bool,
    federated: bool,
    modified: Option<DateTime<Utc>>,
}

/// An item of any version: `dataset_id` (2.1), `dataset.dataset_id` (2.0), `datasetid` (1.0).
#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    dataset: Option<&'a RawValue>,
    #[serde(default, deserialize_with = "small")]
    dataset_id: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    datasetid: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    visibility: Option<Value>,
    #[serde(borrow)]
    metas: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Metas<'a> {
    /// From version 2.0.
    #[serde(borrow)]
    default: Option<&'a RawValue>,
    #[serde(default, deserialize_with = "small")]
    federated: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    modified: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    visibility: Option<Value>,
}

impl Head {
    fn read(item: &RawValue) -> Result<Self, serde_json::Error> {
        let mut read: Item<'_> = serde_json::from_str(item.get())?;
        if read.dataset_id.is_none()
            && read.datasetid.is_none()
            && let Some(inner) = read.dataset
        {
            read = serde_json::from_str(inner.get())?;
        }
        let metas: Metas<'_> = lenient(read.metas);
        let inner: Metas<'_> = lenient(metas.default);
        let id = [&read.dataset_id, &read.datasetid];
        let restricted = [&read.visibility, &metas.visibility];
        let modified = inner.modified.as_ref().or(metas.modified.as_ref());
        Ok(Self {
            id: id.into_iter().flatten().find_map(identifier),
            restricted: restricted
                .into_iter()
                .flatten()
                .any(|visibility| visibility.as_str() == Some("restricted")),
            federated: [&inner.federated, &metas.federated]
                .into_iter()
                .flatten()
                .any(|federated| *federated == true || federated.as_str() == Some("true")),
            modified: modified
                .and_then(Value::as_str)
                .and_then(|text| DateTime::parse_from_rfc3339(text.trim()).ok())
                .map(|date| date.to_utc()),
        })
    }
}

/// What cannot be read says nothing: only the identifier is needed.
fn lenient<'a, T: Default + Deserialize<'a>>(value: Option<&'a RawValue>) -> T {
    value
        .and_then(|value| serde_json::from_str(value.get()).ok())
        .unwrap_or_default()
}
