//! One answer of the API, taken apart without reading what its records say.

use std::borrow::Cow;

use bytes::Bytes;
use json_records::{Items, excerpt, identifier, json, number, read_error, small, told};
use model::{Finding, Page, RawRecord, ReadError, RecordFormat, RecordId, Severity, Stage};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::cursor::Action;

/// What an answer holds: datasets, or the names of datasets.
pub struct Answer<'a> {
    pub items: Vec<&'a RawValue>,
    pub total: Option<u64>,
    /// The way to the items, as a JSON pointer.
    place: &'static str,
}

impl<'a> Answer<'a> {
    pub fn parse(body: &'a [u8], action: Action) -> Result<Self, ReadError> {
        let body = json(body)?;
        let envelope: Envelope<'a> = serde_json::from_slice(body).map_err(unread)?;
        if let Some(Value::Bool(false)) = envelope.success {
            return Err(refusal(envelope.error.as_ref()));
        }
        let Some(result) = envelope.result else {
            return Err(match envelope.error {
                Some(error) => refusal(Some(&error)),
                None => ReadError::Unexpected(
                    "the answer has no `result`: is this address the API of a CKAN portal?"
                        .to_owned(),
                ),
            });
        };
        Self::of(result, action)
    }

    fn of(result: &'a RawValue, action: Action) -> Result<Self, ReadError> {
        let is_list = result.get().starts_with('[');
        let (items, total, place) = match action {
            Action::Search if !is_list => {
                let found: Found<'a> = serde_json::from_str(result.get()).map_err(unread)?;
                let Some(Items(items)) = found.results else {
                    return Err(ReadError::Unexpected(
                        "the answer has no `result.results`: it is not one of `package_search`"
                            .to_owned(),
                    ));
                };
                (
                    items,
                    found.count.as_ref().and_then(number),
                    "/result/results",
                )
            }
            Action::Show if !is_list => (vec![result], None, "/result"),
            _ => {
                let Items(items): Items<'a> = serde_json::from_str(result.get()).map_err(unread)?;
                // DKAN wraps the list in a list.
                match items.as_slice() {
                    [inner] if inner.get().starts_with('[') => {
                        let Items(items): Items<'a> =
                            serde_json::from_str(inner.get()).map_err(unread)?;
                        (items, None, "/result/0")
                    }
                    _ => (items, None, "/result"),
                }
            }
        };
        Ok(Self {
            items,
            total,
            place,
        })
    }

    /// The names of a `package_list`; each that is none is refused.
    pub fn names(&self, page: &mut Page) -> Vec<String> {
        let mut names = Vec::with_capacity(self.items.len());
        for (index, item) in self.items.iter().enumerate() {
            match serde_json::from_str::<Value>(item.get()) {
                Ok(name @ Value::String(_)) if identifier(&name).is_some() => {
                    names.extend(name.as_str().map(|name| name.trim().to_owned()));
                }
                _ => self.refuse(
                    page,
                    index,
                    item,
                    "the item of the list is no name of a dataset; it was left out".to_owned(),
                ),
            }
        }
        names
    }

    /// Sorts the items into records, gone and refused. `shown` is how many of them count.
    pub fn collect(&self, shown: usize, body: &Bytes, include_private: bool, page: &mut Page) {
        page.records.reserve(shown);
        for (index, item) in self.items.iter().take(shown).enumerate() {
            let head = match serde_json::from_str::<Head<'_>>(item.get()) {
                Ok(head) => head,
                Err(error) => {
                    let message = format!("the item of the page cannot be read: {error}");
                    self.refuse(page, index, item, message);
                    continue;
                }
            };
            let Some(id) = head.identifier() else {
                let message = "the item of the page has no `id`; it was left out".to_owned();
                self.refuse(page, index, item, message);
                continue;
            };
            let left_out = |rule, message: &str, member: &str| {
                Finding::new(rule, Severity::Info, Stage::Read, message)
                    .record(&id)
                    .place(format!("{}/{index}/{member}", self.place))
            };
            if head.is_gone() {
                page.gone.push(id);
            } else if head.is_private() && !include_private {
                page.findings.push(left_out(
                    "record/private",
                    "the portal says that this record is private; it was left out",
                    "private",
                ));
                page.withheld.push(id.clone());
                page.gone.push(id);
            } else if let Some(kind) = head.foreign_kind() {
                page.findings.push(
                    left_out(
                        "record/not-a-dataset",
                        "the portal lists something among its datasets that is none; it was left out",
                        "type",
                    )
                    .value(kind),
                );
                page.gone.push(id);
            } else {
                // The item was borrowed from the body: the record shares its bytes.
                let body = body.slice_ref(item.get().as_bytes());
                page.records.push(RawRecord {
                    id,
                    format: RecordFormat::CkanPackage,
                    body,
                });
            }
        }
    }

    fn refuse(&self, page: &mut Page, index: usize, item: &RawValue, message: String) {
        page.refused += 1;
        page.findings.push(
            Finding::new(
                "record/no-identifier",
                Severity::Error,
                Stage::Read,
                message,
            )
            .place(format!("{}/{index}/id", self.place))
            .value(item.get())
            .hint("Give each item of the listing a unique and lasting `id`."),
        );
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default, deserialize_with = "small")]
    success: Option<Value>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(default, deserialize_with = "told")]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Found<'a> {
    #[serde(default, deserialize_with = "small")]
    count: Option<Value>,
    #[serde(borrow)]
    results: Option<Items<'a>>,
}

/// What extensions of CKAN keep as packages, though it is no data: sources of harvesting, reuses, pages.
const FOREIGN_KINDS: [&str; 6] = [
    "harvest",
    "showcase",
    "application",
    "reuse",
    "page",
    "issue",
];

/// What a record says of itself as a record.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(default, deserialize_with = "small")]
    id: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    name: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    private: Option<Value>,
    #[serde(borrow)]
    state: Option<Cow<'a, str>>,
    #[serde(rename = "type", borrow)]
    kind: Option<Cow<'a, str>>,
}

impl Head<'_> {
    fn identifier(&self) -> Option<RecordId> {
        let ids = [&self.id, &self.name];
        ids.into_iter().flatten().find_map(identifier)
    }

    /// DKAN gives under `private` whether the dataset is published. Its `state` is `Active`, where CKAN's is `active`.
    fn is_private(&self) -> bool {
        let private = match &self.private {
            Some(Value::Bool(private)) => *private,
            Some(Value::String(text)) => text.trim().eq_ignore_ascii_case("true"),
            _ => false,
        };
        private && self.state.as_deref() != Some("Active")
    }

    fn is_gone(&self) -> bool {
        self.state.as_deref().is_some_and(|state| {
            ["deleted", "draft", "draft-deleted", "inactive"]
                .iter()
                .any(|gone| state.eq_ignore_ascii_case(gone))
        })
    }

    fn foreign_kind(&self) -> Option<&str> {
        self.kind
            .as_deref()
            .filter(|kind| FOREIGN_KINDS.contains(kind))
    }
}

/// `{"__type": "Search Query Error", "message": …}`, a text, or fields with lists of messages.
fn refusal(error: Option<&Value>) -> ReadError {
    let code = error.and_then(|error| error.get("__type")).map(excerpt);
    let message = error.map(|error| match error.get("message") {
        Some(message) => excerpt(message),
        None => excerpt(error),
    });
    ReadError::Refused {
        code: code.unwrap_or_else(|| "success: false".to_owned()),
        message: message.unwrap_or_else(|| "it does not say why".to_owned()),
    }
}

fn unread(error: serde_json::Error) -> ReadError {
    read_error(&error, "one of CKAN")
}
