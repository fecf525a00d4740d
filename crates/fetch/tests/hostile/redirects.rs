//! Redirects that circle, go on for ever, and change the method.

use fetch::Fetcher;
use model::Request;

use crate::server::{Server, answer, redirect};
use crate::{get, settings};

#[tokio::test]
async fn a_circle_is_seen_at_once() {
    let server = Server::saying(|seen| match seen.path.as_str() {
        "/a" => redirect(302, "/b"),
        "/b" => redirect(302, "/a#again"),
        _ => redirect(302, "/self"),
    })
    .await;
    let error = get(settings(), &server.url("/a")).await.unwrap_err();
    assert_eq!(error.rule(), "fetch/redirect-loop");
    assert!(error.to_string().contains("circle"), "{error}");
    assert_eq!(server.seen().len(), 2);
    let error = get(settings(), &server.url("/self")).await.unwrap_err();
    assert_eq!(error.rule(), "fetch/redirect-loop");
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn an_endless_chain_is_left() {
    let server = Server::saying(|seen| redirect(302, &format!("/page/{}", seen.number + 1))).await;
    let error = get(settings(), &server.url("/page/0")).await.unwrap_err();
    assert_eq!(error.rule(), "fetch/redirect-loop");
    assert!(error.to_string().contains("more than 5 times"), "{error}");
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test]
async fn no_redirect_leads_to_a_file_of_this_machine() {
    let folder = tempfile::tempdir().expect("a directory");
    std::fs::write(folder.path().join("a.csv"), "secret").expect("a file");
    let address = format!("file://{}/a.csv", folder.path().display());
    let location = address.clone();
    let server = Server::saying(move |_| redirect(302, &location)).await;
    // Not even to one that the source may read.
    let fetcher = Fetcher::new(settings())
        .expect("a fetcher")
        .with_local(folder.path(), std::slice::from_ref(&address));
    let local = fetcher.fetch(&Request::get(&address, "")).await;
    assert_eq!(local.expect("a file").body, "secret");
    let error = fetcher.fetch(&Request::get(server.url("/"), "")).await;
    assert_eq!(error.expect_err("a redirect").rule(), "fetch/bad-url");
    let other = Fetcher::new(settings()).expect("a fetcher");
    let error = other.fetch(&Request::get(&address, "")).await;
    assert_eq!(error.expect_err("a file").rule(), "fetch/forbidden-path");
}

#[tokio::test]
async fn the_answer_names_the_last_address() {
    let server = Server::saying(|seen| match seen.path.as_str() {
        "/old" => redirect(301, "new/?x=1"),
        _ => answer("200 OK", "ici"),
    })
    .await;
    let response = get(settings(), &server.url("/old")).await.unwrap();
    assert_eq!(response.url, server.url("/new/?x=1"));
    assert_eq!(response.request.url, server.url("/old"));
}

#[tokio::test]
async fn a_post_stays_one_where_the_status_says_so() {
    let server = Server::saying(|seen| match seen.path.as_str() {
        "/end" => answer("200 OK", "fin"),
        path => redirect(path.trim_start_matches('/').parse().unwrap(), "/end"),
    })
    .await;
    let fetcher = Fetcher::new(settings()).unwrap();
    for (status, stays) in [
        (301, false),
        (302, false),
        (303, false),
        (307, true),
        (308, true),
    ] {
        let url = server.url(&format!("/{status}"));
        let request = Request::post(url, "application/xml", "<GetRecords/>".into(), "*/*");
        fetcher.fetch(&request).await.unwrap();
        let last = server.seen().pop().unwrap();
        match stays {
            true => {
                assert!(last.head.starts_with("post /end"), "{status}");
                assert!(last.head.contains("content-type: application/xml"));
                assert_eq!(last.body, "<GetRecords/>");
            }
            false => {
                assert!(last.head.starts_with("get /end"), "{status}");
                assert!(!last.head.contains("content-type"), "{status}");
                assert_eq!(last.body, "");
            }
        }
    }
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_a_status() {
    let server = Server::saying(|seen| match seen.path.as_str() {
        "/none" => answer("302 Found", ""),
        "/304" => answer("304 Not Modified", ""),
        _ => redirect(302, "file:///etc/passwd"),
    })
    .await;
    let error = get(settings(), &server.url("/none")).await.unwrap_err();
    assert_eq!(error.status(), Some(302));
    let error = get(settings(), &server.url("/304")).await.unwrap_err();
    assert_eq!(error.status(), Some(304));
    let error = get(settings(), &server.url("/file")).await.unwrap_err();
    assert_eq!(error.rule(), "fetch/bad-url");
}
