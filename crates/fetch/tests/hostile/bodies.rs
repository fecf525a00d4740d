//! Bodies too long, too slow, broken off, and falsely compressed.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fetch::{FetchError, Fetcher, Phase, Settings};
use flate2::Compression;
use flate2::write::GzEncoder;
use model::{Request, Validators};
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use crate::server::{Server, answer, send};
use crate::{get, settings};

const TWO_GIGABYTES: u64 = 2 * 1024 * 1024 * 1024;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_good_answer_comes_with_its_validators() {
    let server = Server::saying(|_| {
        let head = "200 OK\nContent-Type: application/json; charset=utf-8\nETag: \"a1\"\nLast-Modified: Mon, 05 Jan 2026 10:00:00 GMT";
        answer(head, "{\"données\":[]}")
    })
    .await;
    let url = server.url("/api?page=1");
    let response = get(settings(), &url).await.unwrap();
    assert_eq!(response.body, "{\"données\":[]}");
    assert_eq!((response.status, response.url), (200, url));
    assert_eq!(response.etag.as_deref(), Some("\"a1\""));
    assert_eq!(
        response.content_type.as_deref(),
        Some("application/json; charset=utf-8")
    );
    assert!(response.last_modified.is_some());
    let head = &server.seen()[0].head;
    assert!(head.contains("user-agent: moisson/"), "{head}");
}

#[tokio::test]
async fn what_is_known_is_not_sent_again_and_only_then_is_that_an_answer() {
    let server = Server::saying(|seen| match seen.head.contains("if-none-match: \"a1\"") {
        true => answer("304 Not Modified\nETag: \"a1\"", ""),
        false => answer("200 OK\nETag: \"a1\"", "{}"),
    })
    .await;
    let mut request = Request::get(server.url("/data.json"), "*/*");
    request.validators = Some(Validators {
        etag: Some("\"a1\"".to_owned()),
        // No header can hold it: a server said it.
        last_modified: Some("hier\r\nX-A: b".to_owned()),
    });
    let fetcher = Fetcher::new(settings()).unwrap();
    let response = fetcher.fetch(&request).await.unwrap();
    assert_eq!((response.status, response.body.len()), (304, 0));
    assert!(!server.seen()[0].head.contains("if-modified-since"));

    let server = Server::saying(|_| answer("304 Not Modified", "")).await;
    let error = get(settings(), &server.url("/")).await.unwrap_err();
    assert_eq!(error.status(), Some(304));
}

#[tokio::test]
async fn two_gigabytes_announced_are_refused_before_the_first() {
    let server = Server::start(|_, mut stream| async move {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {TWO_GIGABYTES}\r\n\r\n");
        send(&mut stream, head.as_bytes()).await;
        sleep(Duration::from_secs(10)).await;
    })
    .await;
    let begun = Instant::now();
    let error = get(settings(), &server.url("/")).await.unwrap_err();
    assert_eq!(error.rule(), "fetch/too-large");
    assert!(error.to_string().contains("max_body"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn two_gigabytes_without_a_length_are_cut_off() {
    for chunked in [false, true] {
        let sent = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&sent);
        let server = Server::start(move |_, mut stream| {
            let count = Arc::clone(&count);
            async move {
                let (head, block) = match chunked {
                    true => (
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                        format!("10000\r\n{}\r\n", "x".repeat(0x10000)),
                    ),
                    false => ("HTTP/1.1 200 OK\r\n\r\n", "x".repeat(0x10000)),
                };
                send(&mut stream, head.as_bytes()).await;
                while count.load(Ordering::SeqCst) < TWO_GIGABYTES
                    && stream.write_all(block.as_bytes()).await.is_ok()
                {
                    count.fetch_add(block.len() as u64, Ordering::SeqCst);
                }
            }
        })
        .await;
        let error = get(settings(), &server.url("/")).await.unwrap_err();
        assert_eq!(error.rule(), "fetch/too-large");
        sleep(Duration::from_millis(50)).await;
        // The limit, and what the buffers of two sockets hold.
        assert!(sent.load(Ordering::SeqCst) < 32 * 1024 * 1024);
    }
}

#[tokio::test]
async fn a_body_of_just_the_limit_is_taken() {
    let server = Server::saying(|_| answer("200 OK", vec![b'x'; 1024])).await;
    let at = |max_body| Settings {
        max_body,
        ..settings()
    };
    assert!(get(at(1024), &server.url("/")).await.is_ok());
    assert!(get(at(1023), &server.url("/")).await.is_err());
}

#[tokio::test]
async fn a_compressed_bomb_stops_at_the_limit() {
    let bomb = gzip(&vec![0; 32 * 1024 * 1024]);
    assert!(bomb.len() < 1024 * 1024, "the bomb has to fit on the wire");
    let server = Server::saying(move |_| answer("200 OK\nContent-Encoding: gzip", &bomb)).await;
    let error = get(settings(), &server.url("/")).await.unwrap_err();
    assert_eq!(error.rule(), "fetch/too-large");
}

#[tokio::test]
async fn compressed_bodies_are_decoded() {
    let body = gzip("éà".as_bytes());
    let server = Server::saying(move |_| answer("200 OK\nContent-Encoding: gzip", &body)).await;
    let response = get(settings(), &server.url("/")).await.unwrap();
    assert_eq!(response.body, "éà");
    let head = &server.seen()[0].head;
    assert!(head.contains("accept-encoding: gzip\r\n"), "{head}");
}

#[tokio::test]
async fn what_is_not_compressed_as_it_says_is_refused() {
    let server = Server::saying(|seen| {
        let encoding = seen.path.trim_start_matches('/');
        answer(
            &format!("200 OK\nContent-Encoding: {encoding}"),
            "{\"data\": []}",
        )
    })
    .await;
    for path in ["/gzip", "/compress", "/br"] {
        let error = get(settings(), &server.url(path)).await.unwrap_err();
        assert_eq!(error.rule(), "fetch/bad-encoding", "{error}");
    }
}

#[tokio::test]
async fn a_body_broken_off_is_an_error() {
    let compressed = gzip(&[b'x'; 5000]);
    let server = Server::start(move |seen, mut stream| {
        let answer = match seen.path.as_str() {
            "/length" => b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789".to_vec(),
            "/chunks" => {
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n".to_vec()
            }
            _ => answer(
                "200 OK\nContent-Encoding: gzip",
                &compressed[..compressed.len() / 2],
            ),
        };
        async move { send(&mut stream, &answer).await }
    })
    .await;
    for path in ["/length", "/chunks", "/gzip"] {
        let error = get(settings(), &server.url(path)).await.unwrap_err();
        assert_eq!(error.rule(), "fetch/truncated", "{path}: {error}");
        assert!(error.is_temporary());
    }
    let error = get(settings(), &server.url("/length")).await.unwrap_err();
    assert!(
        error.to_string().contains("after 10 of 1000 bytes"),
        "{error}"
    );
}

#[tokio::test]
async fn a_drop_at_a_time_runs_out_of_time() {
    let server = Server::start(|_, mut stream| async move {
        send(
            &mut stream,
            b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        )
        .await;
        for _ in 0..1000 {
            send(&mut stream, b"x").await;
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let settings = Settings {
        read_timeout: Duration::from_millis(300),
        total_timeout: Duration::from_millis(400),
        retries: 3,
        ..settings()
    };
    let error = get(settings, &server.url("/")).await.unwrap_err();
    let total = matches!(
        error,
        FetchError::Timeout {
            phase: Phase::Total,
            ..
        }
    );
    assert!(total, "{error:?}");
    assert_eq!(server.seen().len(), 1, "a used-up attempt is not repeated");
}

#[tokio::test]
async fn silence_is_not_waited_out() {
    let server = Server::start(|seen, mut stream| async move {
        if seen.path == "/body" {
            send(
                &mut stream,
                b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            )
            .await;
        }
        sleep(Duration::from_secs(10)).await;
    })
    .await;
    for path in ["/body", "/head"] {
        let settings = Settings {
            read_timeout: Duration::from_millis(100),
            ..settings()
        };
        let error = get(settings, &server.url(path)).await.unwrap_err();
        let silence = matches!(
            error,
            FetchError::Timeout {
                phase: Phase::Silence,
                ..
            }
        );
        assert!(silence, "{path}: {error:?}");
    }
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_left() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let settings = Settings {
        connect_timeout: Duration::from_millis(100),
        ..settings()
    };
    let error = get(settings, &format!("https://127.0.0.1:{port}/"))
        .await
        .unwrap_err();
    let connect = matches!(
        error,
        FetchError::Timeout {
            phase: Phase::Connect,
            ..
        }
    );
    assert!(connect, "{error:?}");
}

#[tokio::test]
async fn a_slow_error_page_does_not_hide_the_status() {
    let server = Server::start(|_, mut stream| async move {
        let head = b"HTTP/1.1 404 Not Found\r\nContent-Length: 1000\r\n\r\nrien";
        send(&mut stream, head).await;
        sleep(Duration::from_secs(10)).await;
    })
    .await;
    let error = get(settings(), &server.url("/")).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
    assert!(error.to_string().contains("404: rien"), "{error}");
}

#[tokio::test]
async fn what_is_not_http_is_an_error() {
    let server = Server::start(|seen, mut stream| async move {
        if seen.path == "/headers" {
            send(&mut stream, b"HTTP/1.1 200 OK\r\n").await;
            for number in 0..1_000_000 {
                let header = format!("X-{number}: {}\r\n", "x".repeat(1000));
                if stream.write_all(header.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
        send(&mut stream, b"SSH-2.0-OpenSSH_9.6\r\n\r\n").await;
    })
    .await;
    for path in ["/headers", "/ssh"] {
        let error = get(settings(), &server.url(path)).await.unwrap_err();
        assert_eq!(error.rule(), "fetch/connection", "{error}");
    }
}
