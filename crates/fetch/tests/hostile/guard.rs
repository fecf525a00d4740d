//! Addresses that sources must not make us reach, and secrets that others must not see.

use fetch::{Credentials, Fetcher, Settings};
use model::Request;

use crate::server::{Server, answer, redirect};
use crate::{get, settings};

fn allowing(entries: &[&str]) -> Settings {
    Settings {
        allow_private: entries.iter().map(|entry| (*entry).to_owned()).collect(),
        ..settings()
    }
}

#[tokio::test]
async fn private_addresses_are_refused_by_default() {
    let server = Server::saying(|_| answer("200 OK", "secret")).await;
    let port = server.port;
    for url in [
        server.url("/"),
        format!("http://127.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://LOCALHOST:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
    ] {
        let error = get(allowing(&[]), &url).await.unwrap_err();
        assert_eq!(error.rule(), "fetch/forbidden-address", "{url}: {error}");
        assert!(error.to_string().contains("allow_private"), "{error}");
        assert!(!error.is_temporary());
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn names_are_allowed_by_name_or_by_address() {
    let server = Server::saying(|_| answer("200 OK", "ouvert")).await;
    let port = server.port;
    let url = format!("http://localhost:{port}/");
    for entry in [
        "localhost",
        "127.0.0.1",
        "127.0.0.0/8",
        &format!("localhost:{port}"),
    ] {
        let response = get(allowing(&[entry]), &url).await;
        assert!(response.is_ok(), "{entry}: {response:?}");
    }
    for entry in [
        "localhost:1",
        "10.0.0.0/8",
        "host",
        &format!("127.0.0.1:{port}"),
    ] {
        let error = get(allowing(&[entry]), &url).await.unwrap_err();
        assert_eq!(error.rule(), "fetch/forbidden-address", "{entry}: {error}");
    }
}

#[tokio::test]
async fn a_redirect_does_not_lead_past_the_guard() {
    let inner = Server::saying(|_| answer("200 OK", "secret")).await;
    let port = inner.port;
    let outer = Server::saying(move |seen| match seen.path.as_str() {
        "/ip" => redirect(302, &format!("http://127.0.0.1:{port}/")),
        "/name" => redirect(307, &format!("//localhost:{port}/")),
        _ => redirect(301, "http://[fd00::1]/"),
    })
    .await;
    let settings = allowing(&[&format!("127.0.0.1:{}", outer.port)]);
    for path in ["/ip", "/name", "/ula"] {
        let error = get(settings.clone(), &outer.url(path)).await.unwrap_err();
        assert_eq!(error.rule(), "fetch/forbidden-address", "{path}: {error}");
    }
    assert_eq!(outer.seen().len(), 3);
    assert!(inner.seen().is_empty());
}

#[tokio::test]
async fn credentials_stay_with_their_origin() {
    let other = Server::saying(|_| answer("200 OK", "ailleurs")).await;
    let elsewhere = other.url("/");
    let own = Server::saying(move |seen| match seen.path.as_str() {
        "/near" => redirect(302, "/end"),
        "/far" => redirect(302, &elsewhere),
        _ => answer("200 OK", "ici"),
    })
    .await;
    let base = own.url("/");
    let fetcher = Fetcher::new(settings()).unwrap();
    let with = fetcher.with_credentials([
        Credentials::basic(&base, "moisson", "sesame").unwrap(),
        Credentials::header(&base, "X-API-KEY", "cle").unwrap(),
    ]);
    for path in ["/near", "/far"] {
        with.fetch(&Request::get(own.url(path), "*/*"))
            .await
            .unwrap();
    }
    assert_eq!(own.seen().len(), 3);
    for seen in own.seen() {
        assert!(seen.head.contains("authorization: basic "), "{}", seen.head);
        assert!(seen.head.contains("x-api-key: cle"), "{}", seen.head);
    }
    let head = &other.seen()[0].head;
    assert!(
        !head.contains("authorization") && !head.contains("x-api-key"),
        "{head}"
    );

    fetcher
        .fetch(&Request::get(own.url("/end"), "*/*"))
        .await
        .unwrap();
    assert!(!own.seen().pop().unwrap().head.contains("authorization"));
}

#[tokio::test]
async fn no_secret_is_in_an_error() {
    let server =
        Server::saying(|seen| answer("403 Forbidden\nContent-Type: text/plain", &seen.head)).await;
    let fetcher = Fetcher::new(settings())
        .unwrap()
        .with_credentials([Credentials::bearer(&server.url("/"), "sesame").unwrap()]);
    let url = server.url("/x?api_key=sesame");
    let error = fetcher.fetch(&Request::get(url, "*/*")).await.unwrap_err();
    assert_eq!(error.status(), Some(403));
    assert!(
        !format!("{error} {error:?}").contains("sesame"),
        "{error:?}"
    );
    assert!(!error.finding().message.contains("sesame"));
    let url = server.url("/x?api_key=cle-secrete");
    let error = get(settings(), &url).await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains("403: get /x?api_key=*** http/1.1"),
        "{error}"
    );
    let error = get(settings(), "http://moi:sesame@127.0.0.1/")
        .await
        .unwrap_err();
    assert_eq!(error.rule(), "fetch/bad-url");
    assert!(
        !format!("{error} {error:?}").contains("sesame"),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_does_not_speak_tls_is_not_trusted() {
    // A handshake is no request that `Server` could read.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            crate::server::send(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let error = get(settings(), &format!("https://127.0.0.1:{port}/"))
        .await
        .unwrap_err();
    assert_eq!(error.rule(), "fetch/tls", "{error:?}");
}
