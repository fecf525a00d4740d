//! The portals over real sockets, as a harvester meets them.

use std::collections::BTreeSet;

use demo::{World, csw_portal, serve_world, udata_portal};
use mapping::MapContext;
use model::{Base, Minter, RawRecord, RecordFormat, RecordId, SourceId};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// The status and the body of an answer; a body to send makes it a POST.
async fn ask(url: &str, body: Option<&str>) -> (u16, String) {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let method = if body.is_some() { "POST" } else { "GET" };
    let body = body.unwrap_or_default();
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/xml\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

async fn json(url: &str) -> Value {
    let (status, body) = ask(url, None).await;
    assert_eq!(status, 200, "{url}: {body}");
    serde_json::from_str(&body).unwrap()
}

/// Every record of a listing, page by page, and the total that each page announced.
async fn crawl(first: String) -> (Vec<Value>, Value) {
    let (mut records, mut next, mut total) = (Vec::new(), Some(first), Value::Null);
    while let Some(url) = next {
        let page = json(&url).await;
        records.extend(page["data"].as_array().unwrap().iter().cloned());
        total = page["total"].clone();
        next = page["next_page"].as_str().map(str::to_owned);
    }
    (records, total)
}

fn rule_of(format: RecordFormat, body: String) -> Option<&'static str> {
    let minter = Minter::new(Base::new("https://donnees.example.org/").unwrap());
    let source = SourceId::new("demo").unwrap();
    let record = RawRecord {
        id: RecordId::new("x"),
        format,
        body: body.into(),
    };
    let context = MapContext {
        source: &source,
        minter: &minter,
        minted: None,
        language: "fr",
    };
    mapping::map(&record, &context)
        .err()
        .map(|error| error.rule)
}

#[tokio::test]
async fn the_udata_portal_pages_sorts_and_filters() {
    let portal = udata_portal(listener().await).await.unwrap();
    let datasets = format!("{}api/1/datasets/", portal.url());
    let (records, total) = crawl(format!("{datasets}?page_size=7")).await;
    assert_eq!(total, records.len());
    let ids: BTreeSet<String> = records
        .iter()
        .map(|record| record["id"].to_string())
        .collect();
    assert_eq!(ids.len(), records.len());

    let (sorted, _) = crawl(format!("{datasets}?page_size=7&sort=-last_update")).await;
    assert_eq!(sorted.len(), records.len());
    assert!(sorted.is_sorted_by(|a, b| a["last_update"].as_str() >= b["last_update"].as_str()));

    let (of_zone, _) = crawl(format!("{datasets}?geozone=fr:region:32")).await;
    assert!(!of_zone.is_empty() && of_zone.len() < records.len());

    let id = records[3]["id"].as_str().unwrap();
    assert_eq!(json(&format!("{datasets}{id}/")).await, records[3]);
    for (query, status) in [
        ("?page=99", 404),
        ("?page=0", 400),
        ("?sort=colour", 400),
        ("nowhere/", 404),
    ] {
        assert_eq!(
            ask(&format!("{datasets}{query}"), None).await.0,
            status,
            "{query}"
        );
    }
}

#[tokio::test]
async fn one_dataset_of_the_udata_portal_is_refused() {
    let portal = udata_portal(listener().await).await.unwrap();
    let (datasets, _) = crawl(format!("{}api/1/datasets/", portal.url())).await;
    let refused: Vec<_> = datasets
        .iter()
        .filter_map(|record| rule_of(RecordFormat::UdataDataset, record.to_string()))
        .collect();
    assert_eq!(refused, ["record/no-title"]);
    let (services, _) = crawl(format!("{}api/1/dataservices/", portal.url())).await;
    assert_eq!(services.len(), 4);
    for service in services {
        assert_eq!(
            rule_of(RecordFormat::UdataDataservice, service.to_string()),
            None
        );
    }
}

fn attribute(xml: &str, name: &str) -> usize {
    let (_, rest) = xml.split_once(&format!("{name}=\"")).unwrap();
    rest.split('"').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn the_csw_portal_pages_by_post() {
    let portal = csw_portal(listener().await).await.unwrap();
    let (mut start, mut titles, mut matched) = (1, 0, 0);
    let mut refused = Vec::new();
    while start > 0 {
        let request = format!(
            r#"<csw:GetRecords xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" service="CSW" version="2.0.2" resultType="results" startPosition="{start}" maxRecords="50" outputSchema="http://www.isotc211.org/2005/gmd"><csw:Query typeNames="gmd:MD_Metadata"><csw:ElementSetName>full</csw:ElementSetName></csw:Query></csw:GetRecords>"#
        );
        let (status, xml) = ask(portal.url(), Some(&request)).await;
        assert_eq!(status, 200);
        matched = attribute(&xml, "numberOfRecordsMatched");
        let returned = attribute(&xml, "numberOfRecordsReturned");
        let here = xml.matches("<gmd:fileIdentifier>").count()
            + xml.matches("<gfc:FC_FeatureCatalogue ").count();
        assert_eq!(here, returned);
        titles += here;
        for record in xml.split("<gmd:MD_Metadata ").skip(1) {
            let (record, _) = record.split_once("</gmd:MD_Metadata>").unwrap();
            let record = format!("<gmd:MD_Metadata {record}</gmd:MD_Metadata>");
            refused.extend(rule_of(RecordFormat::Iso19139, record));
        }
        start = attribute(&xml, "nextRecord");
    }
    assert_eq!(titles, matched);
    // One has no identification.
    assert_eq!(refused, ["record/no-title"]);
    let (_, xml) = ask(
        &format!("{}?service=CSW&request=GetCapabilities", portal.url()),
        None,
    )
    .await;
    assert!(xml.contains("GetRecords"), "{xml}");
    let (_, xml) = ask(portal.url(), Some("<GetRecords")).await;
    assert!(xml.contains("ExceptionReport"), "{xml}");
}

#[tokio::test]
async fn a_world_is_served_and_turns() {
    let dir = tempfile::tempdir().unwrap();
    let listener = listener().await;
    let root = format!("http://{}", listener.local_addr().unwrap());
    let folder = dir.path().to_owned();
    let server =
        tokio::spawn(async move { serve_world(listener, World::new(250, 4), &folder).await });
    let listing = format!("{root}/api/1/datasets/?page_size=100&sort=created");
    let (before, total) = crawl(listing.clone()).await;
    assert_eq!((before.len(), total), (250, 250.into()));
    assert_eq!(
        ask(&format!("{root}/-/generation/1"), Some("")).await.0,
        204
    );
    let (after, _) = crawl(listing).await;
    let changed = before
        .iter()
        .zip(&after)
        .filter(|(old, new)| old != new)
        .count();
    assert!((2..=3).contains(&changed), "{changed}");
    let latest = json(&format!(
        "{root}/api/1/datasets/?page_size=30&sort=-last_update"
    ))
    .await;
    assert!(!before.contains(&latest["data"][0]));
    let services = json(&format!("{root}/api/1/dataservices/")).await;
    assert_eq!(services["total"], 0);
    for dataset in &after {
        assert_eq!(
            rule_of(RecordFormat::UdataDataset, dataset.to_string()),
            None
        );
    }
    server.abort();
}
