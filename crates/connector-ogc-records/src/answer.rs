//! One answer, taken apart without reading what its records say.

use json_records::{Items, excerpt, identifier, json, read_error, small, told};
use model::{ReadError, RecordId};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

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
    #[serde(default, rename = "type", deserialize_with = "small")]
    kind: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    stac_version: Option<Value>,
    #[serde(default, rename = "itemType", deserialize_with = "small")]
    item_type: Option<Value>,
    #[serde(borrow)]
    features: Option<Items<'a>>,
    #[serde(borrow)]
    collections: Option<Items<'a>>,
    #[serde(borrow)]
    links: Option<&'a RawValue>,
    extent: Option<serde::de::IgnoredAny>,
    #[serde(default, rename = "numberMatched", deserialize_with = "small")]
    matched: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    id: Option<Value>,
    #[serde(default, deserialize_with = "told")]
    code: Option<Value>,
    #[serde(default, deserialize_with = "told")]
    description: Option<Value>,
}

pub(crate) fn parse(body: &[u8]) -> Result<Answer<'_>, ReadError> {
    let whole: &RawValue = serde_json::from_slice(json(body)?).map_err(unread)?;
    let head: Head<'_> = serde_json::from_str(whole.get()).map_err(unread)?;
    let links = links(head.links);
    if let Some(Items(features)) = head.features {
        return Ok(Answer::Items {
            features,
            matched: head.matched.as_ref().and_then(Value::as_u64),
            links,
        });
    }
    if let Some(Items(collections)) = head.collections {
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
    match (code.map(excerpt), description.map(excerpt)) {
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
    let Items(items) = list
        .and_then(|list| serde_json::from_str::<Items<'_>>(list.get()).ok())
        .unwrap_or(Items(Vec::new()));
    items
        .into_iter()
        .filter_map(|item| serde_json::from_str(item.get()).ok())
        .collect()
}

/// What a collection says of itself.
pub(crate) struct Collection {
    pub id: Option<RecordId>,
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
pub(crate) fn identifier_of(item: &RawValue) -> Option<RecordId> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(default, deserialize_with = "small")]
        id: Option<Value>,
    }
    let named: Named = serde_json::from_str(item.get()).ok()?;
    identifier(&named.id?)
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

fn unread(error: serde_json::Error) -> ReadError {
    read_error(&error, "of OGC API - Records")
}
