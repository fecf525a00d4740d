//! The document, taken apart without reading what its records say.

use bytes::Bytes;
use model::{Finding, Page, RawRecord, ReadError, RecordFormat, RecordId, Severity, Stage};
use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Bytes of an identifier; anything longer is a text in the wrong place.
const MAX_IDENTIFIER: usize = 1024;
/// Catalogues within catalogues.
const MAX_DEPTH: usize = 8;
/// The lists of a catalogue that hold records.
const LISTS: [&str; 3] = ["dataset", "datasetSeries", "service"];

pub(crate) fn read(body: &Bytes) -> Result<Page, ReadError> {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let text = text.trim_ascii_start();
    if text.starts_with(b"<") {
        let beginning = String::from_utf8_lossy(text.get(..80).unwrap_or(text)).into_owned();
        return Err(ReadError::Unexpected(format!(
            "a page of HTML or XML came instead of JSON; it begins with `{beginning}`"
        )));
    }
    let mut reader = Reader {
        body,
        page: Page::default(),
    };
    if text.starts_with(b"[") {
        let items: Vec<&RawValue> = serde_json::from_slice(text).map_err(json_error)?;
        reader.list(&items, "");
    } else {
        let catalogue: Catalogue<'_> = serde_json::from_slice(text).map_err(json_error)?;
        if !reader.catalogue(&catalogue, "", 0) {
            return Err(ReadError::Unexpected(
                "the document has no list `dataset`: is this address a DCAT-US catalogue?"
                    .to_owned(),
            ));
        }
    }
    let mut page = reader.page;
    page.announced = Some(page.records.len() as u64 + page.refused + page.gone.len() as u64);
    Ok(page)
}

#[derive(Deserialize)]
struct Catalogue<'a> {
    #[serde(borrow)]
    dataset: Option<&'a RawValue>,
    #[serde(borrow, rename = "datasetSeries")]
    dataset_series: Option<&'a RawValue>,
    #[serde(borrow)]
    service: Option<&'a RawValue>,
    #[serde(borrow)]
    catalog: Option<&'a RawValue>,
}

struct Reader<'a> {
    body: &'a Bytes,
    page: Page,
}

impl Reader<'_> {
    /// Reads the lists of a catalogue, and says whether it has one.
    fn catalogue(&mut self, catalogue: &Catalogue<'_>, place: &str, depth: usize) -> bool {
        let lists = [
            catalogue.dataset,
            catalogue.dataset_series,
            catalogue.service,
        ];
        let mut found = false;
        for (name, list) in LISTS.into_iter().zip(lists) {
            let Some(list) = list else { continue };
            let place = format!("{place}/{name}");
            match serde_json::from_str::<Vec<&RawValue>>(list.get()) {
                Ok(items) => self.list(&items, &place),
                Err(_) if list.get() == "null" => continue,
                // A catalogue of one dataset may leave the list out.
                Err(_) => self.item(list, &place),
            }
            found = true;
        }
        let Some(nested) = catalogue.catalog else {
            return found;
        };
        let nested: Vec<&RawValue> =
            serde_json::from_str(nested.get()).unwrap_or_else(|_| vec![nested]);
        for (index, nested) in nested.into_iter().enumerate() {
            let place = format!("{place}/catalog/{index}");
            match serde_json::from_str::<Catalogue<'_>>(nested.get()) {
                Ok(inner) if depth < MAX_DEPTH => {
                    found |= self.catalogue(&inner, &place, depth + 1)
                }
                Ok(_) => self.refuse(nested, &place, "the catalogue is nested too deep: left out"),
                // An address: another document, with a crawl of its own.
                Err(_) => {}
            }
        }
        found
    }

    fn list(&mut self, items: &[&RawValue], place: &str) {
        for (index, item) in items.iter().enumerate() {
            self.item(item, &format!("{place}/{index}"));
        }
    }

    fn item(&mut self, item: &RawValue, place: &str) {
        let Ok(object) = serde_json::from_str::<Map<String, Value>>(item.get()) else {
            return self.refuse(item, place, "the item of the list is no object: left out");
        };
        let id = identifier(&object).or_else(|| {
            let id = address(&object)?;
            self.page.findings.push(
                Finding::new(
                    "record/no-identifier",
                    Severity::Warning,
                    Stage::Read,
                    "the dataset has no identifier: it is known by its address",
                )
                .record(&id)
                .place(format!("{place}/identifier"))
                .hint("give each dataset an `identifier` that is unique and lasts"),
            );
            Some(id)
        });
        let Some(id) = id else {
            return self.refuse(
                item,
                place,
                "the dataset has neither an identifier nor an address: left out",
            );
        };
        self.page.records.push(RawRecord {
            id,
            format: RecordFormat::DcatUs,
            // The item was borrowed from the body: the record shares its bytes.
            body: self.body.slice_ref(item.get().as_bytes()),
        });
    }

    fn refuse(&mut self, item: &RawValue, place: &str, message: &str) {
        self.page.refused += 1;
        self.page.findings.push(
            Finding::new(
                "record/no-identifier",
                Severity::Error,
                Stage::Read,
                message,
            )
            .place(place)
            .value(item.get())
            .hint("give each dataset an `identifier` that is unique and lasts"),
        );
    }
}

fn identifier(object: &Map<String, Value>) -> Option<RecordId> {
    ["identifier", "@id", "id"]
        .iter()
        .find_map(|key| id(object.get(*key)?))
}

fn id(value: &Value) -> Option<RecordId> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        // DCAT-US 3.0: {"@type": "Identifier", "@id": …, "notation": …}
        Value::Object(object) => {
            return ["@id", "notation"]
                .iter()
                .find_map(|key| id(object.get(*key)?));
        }
        Value::Array(list) => return id(list.first()?),
        _ => return None,
    };
    (!text.is_empty() && text.len() <= MAX_IDENTIFIER).then(|| RecordId::new(text))
}

/// What a dataset without an identifier is known by: an address that is its own.
fn address(object: &Map<String, Value>) -> Option<RecordId> {
    let own = ["landingPage", "accessURL", "downloadURL", "endpointURL"]
        .iter()
        .find_map(|key| id(object.get(*key)?));
    own.or_else(|| {
        let first = object
            .get("distribution")?
            .as_array()?
            .first()?
            .as_object()?;
        ["downloadURL", "accessURL"]
            .iter()
            .find_map(|key| id(first.get(*key)?))
    })
}

fn json_error(error: serde_json::Error) -> ReadError {
    match error.classify() {
        Category::Data => {
            ReadError::Unexpected(format!("the answer is not a DCAT-US catalogue: {error}"))
        }
        _ => ReadError::Malformed {
            message: format!("the answer is not well-formed JSON: {error}"),
            at: Some(format!("line {} column {}", error.line(), error.column())),
        },
    }
}
