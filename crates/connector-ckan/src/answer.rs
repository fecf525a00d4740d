//! One answer of the API, taken apart without reading what its records say.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use model::{Finding, Page, RawRecord, ReadError, RecordFormat, RecordId, Severity, Stage};
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::error::Category;
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
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        let start = body.trim_ascii_start();
        if start.starts_with(b"<") {
            let beginning = String::from_utf8_lossy(start.get(..80).unwrap_or(start)).into_owned();
            return Err(ReadError::Unexpected(format!(
                "a page of HTML or XML came instead of JSON; it begins with `{beginning}`"
            )));
        }
        let envelope: Envelope<'a> = serde_json::from_slice(body).map_err(json_error)?;
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
                let found: Found<'a> = serde_json::from_str(result.get()).map_err(json_error)?;
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
                let Items(items) = serde_json::from_str(result.get()).map_err(json_error)?;
                // DKAN wraps the list in a list.
                match items.as_slice() {
                    [inner] if inner.get().starts_with('[') => {
                        let Items(items) = serde_json::from_str(inner.get()).map_err(json_error)?;
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
                Ok(Value::String(name)) if is_identifier(name.trim()) => {
                    names.push(name.trim().to_owned());
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
    success: Option<Value>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Found<'a> {
    count: Option<Value>,
    #[serde(borrow)]
    results: Option<Items<'a>>,
}

/// The items of a page, many times what is ever asked for at most: each that is no record costs a finding.
struct Items<'a>(Vec<&'a RawValue>);

const MAX_ITEMS: usize = 50_000;

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsVisitor;
        impl<'de> Visitor<'de> for ItemsVisitor {
            type Value = Vec<&'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {MAX_ITEMS} items")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    if items.len() >= MAX_ITEMS {
                        return Err(de::Error::invalid_length(items.len() + 1, &self));
                    }
                    items.push(item);
                }
                Ok(items)
            }
        }
        deserializer.deserialize_seq(ItemsVisitor).map(Self)
    }
}

/// Bytes of an identifier; anything longer is a text in the wrong place.
const MAX_IDENTIFIER: usize = 1024;

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_IDENTIFIER
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
    id: Option<Value>,
    name: Option<Value>,
    private: Option<Value>,
    #[serde(borrow)]
    state: Option<Cow<'a, str>>,
    #[serde(rename = "type", borrow)]
    kind: Option<Cow<'a, str>>,
}

impl Head<'_> {
    fn identifier(&self) -> Option<RecordId> {
        [&self.id, &self.name]
            .into_iter()
            .flatten()
            .filter_map(|value| match value {
                Value::String(id) => Some(id.trim().to_owned()),
                Value::Number(id) => Some(id.to_string()),
                _ => None,
            })
            .find(|id| is_identifier(id))
            .map(RecordId::new)
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
    let text = |value: &Value| {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        text.chars().take(500).collect::<String>()
    };
    let code = error.and_then(|error| error.get("__type")).map(text);
    let message = error.map(|error| match error.get("message") {
        Some(message) => text(message),
        None => text(error),
    });
    ReadError::Refused {
        code: code.unwrap_or_else(|| "success: false".to_owned()),
        message: message.unwrap_or_else(|| "it does not say why".to_owned()),
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn json_error(error: serde_json::Error) -> ReadError {
    match error.classify() {
        Category::Data => ReadError::Unexpected(format!("the answer is not one of CKAN: {error}")),
        _ => ReadError::Malformed {
            message: format!("the answer is not well-formed JSON: {error}"),
            at: Some(format!("line {} column {}", error.line(), error.column())),
        },
    }
}
