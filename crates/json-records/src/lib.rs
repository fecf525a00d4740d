#![doc = include_str!("../README.md")]

use std::fmt;

use model::{ReadError, RecordId};
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::error::Category;
use serde_json::value::RawValue;

/// Items of a page, many times what is ever asked for at most: each that is no record costs a finding.
pub const MAX_ITEMS: usize = 50_000;
/// Bytes of an identifier; anything longer is a text in the wrong place.
pub const MAX_IDENTIFIER: usize = 1024;
/// Bytes of a text, a number or another little thing.
const MAX_SMALL: usize = 4_096;
/// Bytes of what a server says of itself, be it an object of messages.
const MAX_TOLD: usize = 65_536;
/// Characters of a server's own words that a message repeats.
const MAX_EXCERPT: usize = 500;

/// The JSON of an answer, without a byte order mark and space before it.
///
/// # Errors
/// When the answer is a page of HTML or XML.
pub fn json(body: &[u8]) -> Result<&[u8], ReadError> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let body = body.trim_ascii_start();
    if body.starts_with(b"<") {
        return Err(ReadError::Unexpected(format!(
            "a page of HTML or XML came instead of JSON; it begins with `{}`",
            beginning(body)
        )));
    }
    Ok(body)
}

/// What an answer begins with, for a message.
pub fn beginning(body: &[u8]) -> String {
    String::from_utf8_lossy(body.get(..80).unwrap_or(body)).into_owned()
}

/// A list of at most `MAX` items, as slices of the document that it stands in.
#[derive(Debug)]
pub struct Items<'a, const MAX: usize = MAX_ITEMS>(pub Vec<&'a RawValue>);

impl<'de: 'a, 'a, const MAX: usize> Deserialize<'de> for Items<'a, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsVisitor<const MAX: usize>;
        impl<'de, const MAX: usize> Visitor<'de> for ItemsVisitor<MAX> {
            type Value = Vec<&'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {MAX} items")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    if items.len() >= MAX {
                        return Err(de::Error::invalid_length(items.len() + 1, &self));
                    }
                    items.push(item);
                }
                Ok(items)
            }
        }
        deserializer.deserialize_seq(ItemsVisitor::<MAX>).map(Self)
    }
}

/// A member that is a little thing, for `#[serde(default, deserialize_with = "small")]`. A longer one is not built: as a [`Value`] it would
/// take forty times its bytes. It counts as an empty list, which is none of what is looked for and still something.
///
/// # Errors
/// When the document is not well-formed.
pub fn small<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    bounded(deserializer, MAX_SMALL)
}

/// Like [`small`], for what a server says of itself.
///
/// # Errors
/// When the document is not well-formed.
pub fn told<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    bounded(deserializer, MAX_TOLD)
}

fn bounded<'de, D: Deserializer<'de>>(
    deserializer: D,
    most: usize,
) -> Result<Option<Value>, D::Error> {
    match Option::<&RawValue>::deserialize(deserializer)? {
        Some(long) if long.get().len() > most => Ok(Some(Value::Array(Vec::new()))),
        Some(value) => serde_json::from_str(value.get())
            .map(Some)
            .map_err(de::Error::custom),
        None => Ok(None),
    }
}

/// Why an answer could not be read; `wanted` is what it should be: `a page of udata`.
pub fn read_error(error: &serde_json::Error, wanted: &str) -> ReadError {
    match error.classify() {
        Category::Data => ReadError::Unexpected(format!("the answer is not {wanted}: {error}")),
        _ => ReadError::Malformed {
            message: format!("the answer is not well-formed JSON: {error}"),
            at: Some(format!("line {} column {}", error.line(), error.column())),
        },
    }
}

/// An identifier: a text or a number.
pub fn identifier(value: &Value) -> Option<RecordId> {
    let id = match value {
        Value::String(id) => id.trim().to_owned(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    (!id.is_empty() && id.len() <= MAX_IDENTIFIER).then(|| RecordId::new(id))
}

/// A whole number, be it written as a text.
pub fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The beginning of what a server says of itself.
pub fn excerpt(value: &Value) -> String {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    text.chars().take(MAX_EXCERPT).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_json_says_what_it_is() {
        assert_eq!(json("\u{feff} {}".as_bytes()).unwrap(), b"{}");
        let error = json(b"\n<!doctype html>").unwrap_err();
        assert!(error.to_string().contains("begins with `<!doctype html>`"));
        let cut = serde_json::from_str::<Value>("{\n\"a\":").unwrap_err();
        let ReadError::Malformed { at, .. } = read_error(&cut, "a page") else {
            panic!("a document that is cut off is malformed");
        };
        assert_eq!(at.as_deref(), Some("line 2 column 4"));
    }

    #[test]
    fn items_are_slices_and_bounded() {
        let Items::<3>(items) = serde_json::from_str(r#"[1, {"a": [2]}, "x"]"#).unwrap();
        assert_eq!(items[1].get(), r#"{"a": [2]}"#);
        let error = serde_json::from_str::<Items<'_, 2>>("[1, 2, 3, 4]").unwrap_err();
        assert!(error.to_string().contains("at most 2 items"), "{error}");
        assert!(matches!(
            read_error(&error, "a page"),
            ReadError::Unexpected(_)
        ));
    }

    #[test]
    fn what_should_be_little_is_not_built_where_it_is_long() {
        #[derive(Deserialize)]
        struct Head {
            #[serde(default, deserialize_with = "small")]
            total: Option<Value>,
            #[serde(default, deserialize_with = "told")]
            message: Option<Value>,
        }
        let read = |total: &str, message: &str| -> Head {
            let head = format!(r#"{{"total": {total}, "message": {message}}}"#);
            serde_json::from_str(&head).unwrap()
        };
        let long = format!("[{}[0]]", "[0],".repeat(2_000));
        let head = read(&long, &long);
        assert_eq!(head.total, Some(json!([])));
        assert_eq!(head.message.unwrap().as_array().unwrap().len(), 2_001);
        let head = read("12", "null");
        assert_eq!((head.total, head.message), (Some(json!(12)), None));
        assert!(serde_json::from_str::<Head>("{}").unwrap().total.is_none());
    }

    #[test]
    fn identifiers_and_numbers_in_the_wrong_dress() {
        let of = |value: Value| identifier(&value).map(|id| id.to_string());
        assert_eq!(of(json!(" a ")).as_deref(), Some("a"));
        assert_eq!(of(json!(7)).as_deref(), Some("7"));
        for none in [
            json!(" "),
            json!(null),
            json!(["a"]),
            json!("x".repeat(1025)),
        ] {
            assert_eq!(of(none.clone()), None, "{none}");
        }
        assert_eq!(
            (number(&json!("12 ")), number(&json!(-1))),
            (Some(12), None)
        );
        assert_eq!(excerpt(&json!("é".repeat(600))).chars().count(), 500);
    }
}
