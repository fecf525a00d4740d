//! The document, taken apart without reading what its records say.

use bytes::Bytes;
use json_records::{Items, identifier, json, read_error, small};
use model::{Finding, Page, RawRecord, ReadError, RecordFormat, RecordId, Severity, Stage};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// Datasets of one document; the largest real ones have some ten thousand.
type List<'a> = Items<'a, 1_000_000>;

/// Items of a document that are refused one by one: a document with more of them is none.
const MAX_REFUSED: u64 = 10_000;
/// Catalogues within catalogues.
const MAX_DEPTH: usize = 8;
/// The lists of a catalogue that hold records.
const LISTS: [&str; 3] = ["dataset", "datasetSeries", "service"];

pub(crate) fn read(body: &Bytes) -> Result<Page, ReadError> {
    let text = json(body)?;
    let mut reader = Reader {
        body,
        page: Page::default(),
        fault: None,
    };
    if text.starts_with(b"[") {
        let items: List<'_> = serde_json::from_slice(text).map_err(unread)?;
        reader.list(&items.0, "");
    } else {
        let catalogue: Catalogue<'_> = serde_json::from_slice(text).map_err(unread)?;
        if !reader.catalogue(&catalogue, "", 0) {
            return Err(ReadError::Unexpected(
                "the document has no list `dataset`: is this address a DCAT-US catalogue?"
                    .to_owned(),
            ));
        }
    }
    if let Some(fault) = reader.fault {
        return Err(fault);
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
    /// Why the document cannot be taken for a catalogue after all.
    fault: Option<ReadError>,
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
            match serde_json::from_str::<List<'_>>(list.get()) {
                Ok(items) => self.list(&items.0, &place),
                Err(_) if list.get() == "null" => continue,
                Err(error) if list.get().starts_with('[') => {
                    self.fault.get_or_insert(unread(error));
                }
                // A catalogue of one dataset may leave the list out.
                Err(_) => self.item(list, &place),
            }
            found = true;
        }
        let Some(nested) = catalogue.catalog else {
            return found;
        };
        let nested = match serde_json::from_str::<List<'_>>(nested.get()) {
            Ok(list) => list.0,
            Err(error) if nested.get().starts_with('[') => {
                self.fault.get_or_insert(unread(error));
                return found;
            }
            Err(_) => vec![nested],
        };
        for (index, nested) in nested.into_iter().enumerate() {
            let place = format!("{place}/catalog/{index}");
            match serde_json::from_str::<Catalogue<'_>>(nested.get()) {
                Ok(inner) if depth < MAX_DEPTH => {
                    found |= self.catalogue(&inner, &place, depth + 1)
                }
                Ok(_) => self.refuse(nested, &place, "the catalogue is nested too deep: left out"),
                // An address: another document, which wants a source of its own.
                Err(_) => self.page.findings.push(
                    Finding::new(
                        "record/not-described",
                        Severity::Info,
                        Stage::Read,
                        "the document names a catalogue that it does not hold: it was not read",
                    )
                    .place(place)
                    .value(nested.get())
                    .hint("make it a source of its own"),
                ),
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
        if !item.get().starts_with('{') {
            return self.refuse(item, place, "the item of the list is no object: left out");
        }
        let head = match serde_json::from_str::<Head<'_>>(item.get()) {
            Ok(head) => head,
            Err(error) => {
                let message = format!("the item of the list cannot be read: {error}");
                return self.refuse(item, place, &message);
            }
        };
        let id = head.identifier().or_else(|| {
            let id = head.address()?;
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
        if self.page.refused > MAX_REFUSED {
            let message = format!("more than {MAX_REFUSED} items of the document are no datasets");
            self.fault.get_or_insert(ReadError::Unexpected(message));
            return;
        }
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

/// What a dataset is called, or known by.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(default, deserialize_with = "small")]
    identifier: Option<Value>,
    #[serde(default, rename = "@id", deserialize_with = "small")]
    iri: Option<Value>,
    #[serde(default, deserialize_with = "small")]
    id: Option<Value>,
    #[serde(default, rename = "landingPage", deserialize_with = "small")]
    landing_page: Option<Value>,
    #[serde(default, rename = "accessURL", deserialize_with = "small")]
    access_url: Option<Value>,
    #[serde(default, rename = "downloadURL", deserialize_with = "small")]
    download_url: Option<Value>,
    #[serde(default, rename = "endpointURL", deserialize_with = "small")]
    endpoint_url: Option<Value>,
    #[serde(borrow)]
    distribution: Option<&'a RawValue>,
}

fn id(value: &Value) -> Option<RecordId> {
    match value {
        // DCAT-US 3.0: {"@type": "Identifier", "@id": …, "notation": …}
        Value::Object(object) => ["@id", "notation"]
            .iter()
            .find_map(|key| id(object.get(*key)?)),
        Value::Array(list) => id(list.first()?),
        _ => identifier(value),
    }
}

/// A distribution, as far as it tells one dataset from another.
#[derive(Deserialize)]
struct File {
    #[serde(default, rename = "downloadURL", deserialize_with = "small")]
    download_url: Option<Value>,
    #[serde(default, rename = "accessURL", deserialize_with = "small")]
    access_url: Option<Value>,
}

impl Head<'_> {
    fn identifier(&self) -> Option<RecordId> {
        first([&self.identifier, &self.iri, &self.id])
    }

    /// What a dataset without an identifier is known by: an address that is its own.
    fn address(&self) -> Option<RecordId> {
        let own = [
            &self.landing_page,
            &self.access_url,
            &self.download_url,
            &self.endpoint_url,
        ];
        first(own).or_else(|| {
            let files: List<'_> = serde_json::from_str(self.distribution?.get()).ok()?;
            let file = files.0.first().filter(|file| file.get().starts_with('{'))?;
            let file: File = serde_json::from_str(file.get()).ok()?;
            first([&file.download_url, &file.access_url])
        })
    }
}

fn first<const N: usize>(values: [&Option<Value>; N]) -> Option<RecordId> {
    values.into_iter().flatten().find_map(id)
}

fn unread(error: serde_json::Error) -> ReadError {
    read_error(&error, "a DCAT-US catalogue")
}
