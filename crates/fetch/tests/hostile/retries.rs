//! Servers that fail, and may recover.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fetch::{Fetcher, Settings};
use model::Request;
use tokio::time::sleep;

use crate::server::{Server, answer, send};
use crate::{get, settings};

fn retrying(retries: u32) -> Settings {
    Settings {
        retries,
        ..settings()
    }
}

#[tokio::test]
async fn too_many_requests_are_answered_by_patience() {
    let server = Server::saying(|seen| match seen.number {
        0 => answer("429 Too Many Requests\nRetry-After: 1", "doucement"),
        _ => answer("200 OK", "voilà"),
    })
    .await;
    let begun = Instant::now();
    let response = get(retrying(1), &server.url("/")).await.unwrap();
    assert_eq!(response.body, "voilà");
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn others_wait_for_a_host_that_asks_for_a_pause() {
    let server = Server::saying(|seen| match seen.path.as_str() {
        "/busy" => answer("503 Service Unavailable\nRetry-After: 1", ""),
        _ => answer("200 OK", ""),
    })
    .await;
    let fetcher = Fetcher::new(settings()).unwrap();
    let get = |path| Request::get(server.url(path), "*/*");
    fetcher.fetch(&get("/busy")).await.unwrap_err();
    let begun = Instant::now();
    fetcher.clone().fetch(&get("/")).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(900));
}

#[tokio::test]
async fn a_pause_beyond_measure_ends_the_request() {
    let server =
        Server::saying(|_| answer("503 Service Unavailable\nRetry-After: 86400", "demain")).await;
    let error = get(retrying(3), &server.url("/")).await.unwrap_err();
    assert!(error.to_string().contains("retry after 86400 s"), "{error}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn unavailable_for_ever_is_an_error_with_an_excerpt() {
    let page = format!(
        "<html>\n  <p>Maintenance\u{7}</p> {}</html>",
        "é".repeat(9000)
    );
    let server =
        Server::saying(move |_| answer("503 Service Unavailable\nContent-Type: text/html", &page))
            .await;
    let error = get(retrying(2), &server.url("/csw")).await.unwrap_err();
    assert_eq!(server.seen().len(), 3);
    assert_eq!(
        (error.status(), error.rule()),
        (Some(503), "fetch/http-status")
    );
    assert!(error.is_temporary());
    let text = error.to_string();
    assert!(
        text.contains("answers 503: <html> <p>Maintenance </p> é"),
        "{text}"
    );
    assert!(text.chars().count() < 600);
    let finding = error.finding();
    assert_eq!(finding.place.as_deref(), Some(server.url("/csw").as_str()));
    assert!(!finding.message.contains(finding.hint.as_deref().unwrap()));
}

#[tokio::test]
async fn only_what_may_pass_is_repeated() {
    let server = Server::saying(|seen| {
        let status = seen.path.trim_start_matches('/');
        answer(&format!("{status} Status"), [0_u8, 159, 146, 150])
    })
    .await;
    for (status, requests) in [
        (400, 1),
        (401, 1),
        (404, 1),
        (408, 2),
        (410, 1),
        (425, 2),
        (429, 2),
        (500, 2),
        (501, 1),
        (502, 2),
        (504, 2),
    ] {
        let before = server.seen().len();
        let error = get(retrying(1), &server.url(&format!("/{status}")))
            .await
            .unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert_eq!(server.seen().len() - before, requests, "{status}");
    }
}

#[tokio::test]
async fn a_post_broken_off_is_asked_again() {
    let server = Server::start(|seen, mut stream| async move {
        match seen.number {
            // Nothing at all, then a part.
            0 => {}
            1 => {
                send(
                    &mut stream,
                    b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
                )
                .await
            }
            _ => send(&mut stream, &answer("200 OK", "abcdefghi")).await,
        }
    })
    .await;
    let request = Request::post(server.url("/"), "text/xml", "<q/>".into(), "*/*");
    let fetcher = Fetcher::new(retrying(2)).unwrap();
    assert_eq!(fetcher.fetch(&request).await.unwrap().body, "abcdefghi");
    assert!(server.seen().iter().all(|seen| seen.body == "<q/>"));
}

#[tokio::test]
async fn nobody_there_is_a_connection_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = get(retrying(1), &format!("http://127.0.0.1:{port}/"))
        .await
        .unwrap_err();
    assert_eq!(error.rule(), "fetch/connection", "{error:?}");
    // Reserved for names that do not exist: RFC 2606.
    let error = get(settings(), "http://portail.invalid/")
        .await
        .unwrap_err();
    assert_eq!(error.rule(), "fetch/connection", "{error:?}");
    assert!(error.to_string().contains("cannot be resolved"), "{error}");
}

#[tokio::test]
async fn a_host_is_not_crowded() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (here, peak) = (Arc::clone(&now), Arc::clone(&most));
    let server = Server::start(move |_, mut stream| {
        let (here, peak) = (Arc::clone(&here), Arc::clone(&peak));
        async move {
            peak.fetch_max(here.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            sleep(Duration::from_millis(30)).await;
            here.fetch_sub(1, Ordering::SeqCst);
            send(&mut stream, &answer("200 OK", "")).await;
        }
    })
    .await;
    let fetcher = Fetcher::new(Settings {
        per_host: 2,
        ..settings()
    })
    .unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (fetcher, request) = (fetcher.clone(), Request::get(server.url("/"), "*/*"));
            tokio::spawn(async move { fetcher.fetch(&request).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
}
