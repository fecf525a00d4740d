use bytes::Bytes;
use model::{Connector, Failure, Page, ReadError, Response, Severity};
use proptest::prelude::*;

use crate::{Config, DataJson};

fn source(url: &str) -> DataJson {
    DataJson::new(Config {
        url: url.to_owned(),
    })
    .unwrap()
}

fn read(body: &[u8]) -> Result<Page, ReadError> {
    let source = source("https://portail.example/data.json");
    let request = source.start(None).remove(0);
    source.read(&Response {
        url: request.url.clone(),
        request,
        status: 200,
        content_type: Some("application/json".to_owned()),
        etag: None,
        last_modified: None,
        body: Bytes::copy_from_slice(body),
    })
}

fn ids(page: &Page) -> Vec<&str> {
    page.records
        .iter()
        .map(|record| record.id.as_str())
        .collect()
}

#[test]
fn each_item_is_a_slice_of_the_document() {
    let page = read("\u{feff}{\"@type\": \"dcat:Catalog\", \"dataset\": [ {\"identifier\": \"a\", \"title\": \"É\"} , {\"identifier\": 7} ]}".as_bytes()).unwrap();
    assert_eq!(ids(&page), ["a", "7"]);
    assert_eq!(
        &page.records[0].body[..],
        "{\"identifier\": \"a\", \"title\": \"É\"}".as_bytes()
    );
    assert_eq!((page.announced, page.refused), (Some(2), 0));
}

#[test]
fn lists_of_every_version_are_read() {
    let page = read(br#"{"dataset": {"identifier": {"@id": "https://a.example/1"}}, "service": [{"@id": "s"}],
        "catalog": [{"dataset": [{"identifier": "n"}], "catalog": "https://elsewhere.example/"}, "https://other.example/data.json"]}"#).unwrap();
    assert_eq!(ids(&page), ["https://a.example/1", "s", "n"]);
    assert_eq!(ids(&read(br#"[{"identifier": "old"}]"#).unwrap()), ["old"]);
    assert_eq!(read(br#"{"dataset": []}"#).unwrap().announced, Some(0));
}

#[test]
fn a_dataset_without_identifier_is_known_by_its_address_or_refused() {
    let page = read(br#"{"dataset": [{"landingPage": "https://a.example/x"}, {"distribution": [{"downloadURL": "https://a.example/x.csv"}]}, {"title": "?"}, 3, {"identifier": " "}]}"#).unwrap();
    assert_eq!(
        ids(&page),
        ["https://a.example/x", "https://a.example/x.csv"]
    );
    assert_eq!((page.announced, page.refused), (Some(5), 3));
    let places: Vec<_> = page
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.place.as_deref().unwrap())
        .collect();
    assert_eq!(places, ["/dataset/2", "/dataset/3", "/dataset/4"]);
}

#[test]
fn what_is_no_catalogue_says_what_it_is() {
    assert!(matches!(
        read(b"<!doctype html>"),
        Err(ReadError::Unexpected(_))
    ));
    assert!(matches!(
        read(br#"{"error": "no"}"#),
        Err(ReadError::Unexpected(_))
    ));
    assert!(matches!(read(b"3"), Err(ReadError::Unexpected(_))));
    let Err(ReadError::Malformed { at, .. }) = read(b"{\"dataset\": [\n{\"identifier\": \"a\"},")
    else {
        panic!("a document that is cut short was read");
    };
    assert!(at.unwrap().starts_with("line 2"));
}

#[test]
fn catalogues_nested_without_end_are_refused_at_a_depth() {
    let mut body = String::from(r#"{"dataset": []"#);
    for _ in 0..20 {
        body.push_str(r#", "catalog": [{"dataset": []"#);
    }
    body.push_str(&"}]".repeat(20));
    body.push('}');
    let page = read(body.as_bytes()).unwrap();
    assert_eq!((page.records.len(), page.refused), (0, 1));
}

#[test]
fn a_catalogue_elsewhere_is_told_and_a_document_of_nothing_is_none() {
    let page =
        read(br#"{"dataset": [], "catalog": ["https://elsewhere.example/data.json"]}"#).unwrap();
    assert_eq!(page.findings[0].rule, "record/not-described");
    assert_eq!(page.findings[0].place.as_deref(), Some("/catalog/0"));
    let body = format!("[{}0]", "0,".repeat(20_000));
    assert!(matches!(
        read(body.as_bytes()),
        Err(ReadError::Unexpected(_))
    ));
}

#[test]
fn a_portal_is_asked_at_both_addresses_and_no_further() {
    let source = source("https://portail.example/");
    let first = source.start(None).remove(0);
    assert_eq!(first.url, "https://portail.example/data.json");
    let absent = Failure::Fetch {
        status: Some(404),
        message: "not found",
    };
    let second = source.recover(&first, &absent).unwrap().remove(0);
    assert_eq!(
        second.url,
        "https://portail.example/api/feed/dcat-us/1.1.json"
    );
    assert_eq!(source.recover(&second, &absent), None);
    let down = Failure::Fetch {
        status: Some(503),
        message: "later",
    };
    assert_eq!(source.recover(&first, &down), None);
}

#[test]
fn addresses_that_cannot_be_asked_are_refused() {
    for bad in ["", "data.json", "ftp://a.example/data.json"] {
        let url = bad.to_owned();
        assert!(DataJson::new(Config { url }).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn damaged_documents_do_no_harm(cut in 0usize..400, byte in any::<u8>()) {
        let mut body = br#"{"dataset": [{"identifier": "a", "distribution": [{"downloadURL": "https://a.example/1"}]}, {"identifier": {"@id": "b"}}], "catalog": [{"dataset": [{"@id": "c"}]}]}"#.to_vec();
        if let Some(at) = body.get_mut(cut) { *at = byte; } else { body.truncate(cut % 150); }
        if let Ok(page) = read(&body) {
            prop_assert_eq!(page.announced, Some(page.records.len() as u64 + page.refused));
        }
    }
}
