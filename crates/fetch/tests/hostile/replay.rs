//! What was recorded is answered again.

use fetch::{Fetch, Fetcher, Recorder, Replay};
use model::Request;

use crate::server::{Server, answer};
use crate::settings;

fn requests(server: &Server) -> Vec<Request> {
    let csw = server.url("/csw");
    let post = |body: &str| Request::post(&csw, "application/xml", body.into(), "*/*");
    vec![
        post("<page n='1'/>"),
        post("<page n='2'/>"),
        Request::get(server.url("/api?page=1&token=sesame"), "application/json"),
        Request::get(server.url("/api?page=1&token=sesame"), "application/json"),
        Request::get(server.url("/broken"), "*/*"),
    ]
}

async fn outcome(fetch: &impl Fetch, request: &Request) -> String {
    match fetch.fetch(request).await {
        Ok(response) => format!(
            "{} {:?} {:?} {:?}",
            response.status, response.content_type, response.etag, response.body
        ),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_recording_answers_as_the_server_did() {
    let server = Server::saying(|seen| match seen.path.as_str() {
        "/broken" => answer("500 Oh\nContent-Type: text/plain", "cassé"),
        _ => answer(
            &format!("200 OK\nContent-Type: text/xml\nETag: \"{}\"", seen.number),
            format!("{}{}", seen.number, seen.body),
        ),
    })
    .await;
    let directory = tempfile::tempdir().unwrap();
    let pages = directory.path().join("pages");
    let recorder = Recorder::create(Fetcher::new(settings()).unwrap(), &pages).unwrap();
    let mut live = Vec::new();
    for request in requests(&server) {
        live.push(outcome(&recorder, &request).await);
    }
    assert!(
        Recorder::create(recorder, &pages).is_err(),
        "nothing is overwritten"
    );

    let replay = Replay::open(&pages).unwrap();
    assert_eq!(replay.unused().len(), 5);
    for (request, live) in requests(&server).iter().zip(&live) {
        assert_eq!(outcome(&replay, request).await, *live);
    }
    assert!(replay.unused().is_empty());
    let unknown = Request::get(server.url("/api?page=2"), "*/*");
    let error = replay.fetch(&unknown).await.unwrap_err();
    assert_eq!(error.rule(), "fetch/replay");
    // The last answer to a request is repeated.
    assert_eq!(outcome(&replay, &requests(&server)[3]).await, live[3]);

    for entry in std::fs::read_dir(&pages).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains("sesame"), "{text}");
    }
}

#[tokio::test]
async fn pages_can_be_written_by_hand() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(directory.path().join(name), text).unwrap();
    };
    write(
        "1.meta.json",
        r#"{"url": "https://portail.example.org/api"}"#,
    );
    write("1.body", "[]");
    let replay = Replay::open(directory.path()).unwrap();
    let request = Request::get("https://portail.example.org/api", "*/*");
    let response = replay.fetch(&request).await.unwrap();
    assert_eq!((response.status, response.url), (200, request.url));
    assert_eq!(response.body, "[]");

    write(
        "2.meta.json",
        r#"{"url": "https://portail.example.org/api", "etga": ""}"#,
    );
    let error = Replay::open(directory.path()).err().unwrap();
    assert!(error.to_string().contains("etga"), "{error}");
}
