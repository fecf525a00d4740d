//! One answer, taken apart without reading what its records say.

use model::ReadError;
use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;
use serde_json::value::RawValue;

/// Items of one page, many times what is ever asked for at most.
const MOST_ITEMS: usize = 50_000;

/// What an answer is.
pub(crate) enum Answer<'a> {
    /// A page of records.
    Items {
        features: Vec<&'a RawValue>,
        matched: Option<u64>,
        links: Vec<Link>,
    },
    /// One record.
    Item(&'a RawValue),
    /// A list of collections.
    Collections {
        collections: Vec<&'a RawValue>,
        links: Vec<Link>,
    },
    /// A collection by itself.
    Collection(&'a RawValue),
    /// A landing page, or a catalogue of STAC.
    Landing { links: Vec<Link>, is_stac: bool },
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Link {
    pub href: Option<String>,
    pub rel: Option<String>,
    #[serde(rename = "type")]
    pub media_type: Option<String>,
}

/// What tells the kinds of answer, and of collection, apart.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type")]
    kind: Option<Value>,
    stac_version: Option<Value>,
    #[serde(rename = "itemType")]
    item_type: Option<Value>,
    #[serde(borrow)]
    features: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    collections: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    links: Option<&'a RawValue>,
    extent: Option<serde::de::IgnoredAny>,
    #[serde(rename = "numberMatched")]
    matched: Option<Value>,
    id: Option<Value>,
    code: Option<Value>,
    description: Option<Value>,
}

pub(crate) fn parse(body: &[u8]) -> Result<Answer<'_>, ReadError> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let start = body.trim_ascii_start();
    if start.starts_with(b"<") {
        let beginning = String::from_utf8_lossy(start.get(..80).unwrap_or(start)).into_owned();
        return Err(ReadError::Unexpected(format!(
            "a page of HTML or XML came instead of JSON; it begins with `{beginning}`"
        )));
    }
    let whole: &RawValue = serde_json::from_slice(start).map_err(json_error)?;
    let head: Head<'_> = serde_json::from_str(whole.get()).map_err(json_error)?;
    let links = links(head.links);
    for list in [&head.features, &head.collections].into_iter().flatten() {
        if list.len() > MOST_ITEMS {
            return Err(ReadError::Unexpected(format!(
                "the page has {} items: no server was asked for more than 1000",
                list.len()
            )));
        }
    }
    if let Some(features) = head.features {
        return Ok(Answer::Items {
            features,
            matched: head.matched.as_ref().and_then(Value::as_u64),
            links,
        });
    }
    if let Some(collections) = head.collections {
        return Ok(Answer::Collections { collections, links });
    }
    let kind = head
        .kind
        .as_ref()
        .and_then(Value::as_str)
        .unwrap_or_default();
    match kind {
        "Feature" => Ok(Answer::Item(whole)),
        "FeatureCollection" => Err(ReadError::Unexpected(
            "the page of records has no list `features`".to_owned(),
        )),
        "Catalog" if head.stac_version.is_some() => Ok(Answer::Landing {
            links,
            is_stac: true,
        }),
        _ if head.id.is_some() && (head.item_type.is_some() || head.extent.is_some()) => {
            Ok(Answer::Collection(whole))
        }
        _ if !links.is_empty() => Ok(Answer::Landing {
            links,
            is_stac: false,
        }),
        _ => Err(refusal(head.code.as_ref(), head.description.as_ref())),
    }
}

/// An exception as OGC API - Common has it, or a document of another kind.
fn refusal(code: Option<&Value>, description: Option<&Value>) -> ReadError {
    let text = |value: Option<&Value>| {
        value.map(|value| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            text.chars().take(500).collect::<String>()
        })
    };
    match (text(code), text(description)) {
        (Some(code), message) => ReadError::Refused {
            code,
            message: message.unwrap_or_default(),
        },
        (None, _) => ReadError::Unexpected(
            "the answer has neither records, nor collections, nor links: is this address an OGC API - Records or STAC?"
                .to_owned(),
        ),
    }
}

fn links(list: Option<&RawValue>) -> Vec<Link> {
    const MOST_LINKS: usize = 20_000;
    let items: Vec<&RawValue> = list
        .and_then(|list| serde_json::from_str(list.get()).ok())
        .unwrap_or_default();
    items
        .into_iter()
        .take(MOST_LINKS)
        .filter_map(|item| serde_json::from_str(item.get()).ok())
        .collect()
}

/// What a collection says of itself.
pub(crate) struct Collection {
    pub id: Option<String>,
    pub is_stac: bool,
    pub holds_records: bool,
    pub links: Vec<Link>,
}

pub(crate) fn collection(item: &RawValue) -> Option<Collection> {
    let head: Head<'_> = serde_json::from_str(item.get()).ok()?;
    let item_types: Vec<&str> = match &head.item_type {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one],
        _ => Vec::new(),
    };
    let is_stac = head.stac_version.is_some();
    Some(Collection {
        id: head.id.as_ref().and_then(identifier),
        is_stac,
        holds_records: !is_stac
            && item_types.iter().any(|kind| {
                kind.eq_ignore_ascii_case("record") || kind.eq_ignore_ascii_case("catalog")
            }),
        links: links(head.links),
    })
}

/// The identifier of a feature or of a collection.
pub(crate) fn identifier_of(item: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        id: Option<Value>,
    }
    let named: Named = serde_json::from_str(item.get()).ok()?;
    identifier(&named.id?)
}

fn identifier(value: &Value) -> Option<String> {
    const LONGEST: usize = 1024;
    let id = match value {
        Value::String(id) => id.trim().to_owned(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    (!id.is_empty() && id.len() <= LONGEST).then_some(id)
}

/// The link of a relation, in JSON where there is a choice. `names` are the relation and its synonyms.
pub(crate) fn link<'l>(links: &'l [Link], names: &[&str]) -> Option<&'l str> {
    let of = |json: bool| {
        links.iter().find_map(|link| {
            let named = names.contains(&link.rel.as_deref()?);
            let media_type = link.media_type.as_deref();
            let fits = !json || media_type.is_none_or(|media_type| media_type.contains("json"));
            link.href.as_deref().filter(|_| named && fits)
        })
    };
    of(true).or_else(|| of(false))
}

fn json_error(error: serde_json::Error) -> ReadError {
    match error.classify() {
        Category::Data => {
            ReadError::Unexpected(format!("the answer is not of OGC API - Records: {error}"))
        }
        _ => ReadError::Malformed {
            message: format!("the answer is not well-formed JSON: {error}"),
            at: Some(format!("line {} column {}", error.line(), error.column())),
        },
    }
}
