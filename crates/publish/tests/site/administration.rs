//! What the operator may ask, and nobody else.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;

use crate::fixture::TOKEN;
use crate::{Answered, Place, answered};

const LOCAL: &str = "127.0.0.1:5000";

async fn ask(place: &Place, method: &str, path: &str, peer: &str, token: &str) -> Answered {
    ask_with(place, method, path, peer, token, None).await
}

async fn ask_with(
    place: &Place,
    method: &str,
    path: &str,
    peer: &str,
    token: &str,
    forwarded: Option<&str>,
) -> Answered {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}").as_bytes());
    }
    if let Some(client) = forwarded {
        request = request.header("x-forwarded-for", client);
    }
    let mut request = request.body(Body::empty()).expect("a request");
    if let Ok(peer) = peer.parse::<SocketAddr>() {
        request.extensions_mut().insert(ConnectInfo(peer));
    }
    answered(&place.app, request).await
}

#[tokio::test]
async fn a_run_is_begun_by_the_operator_only() {
    let place = Place::new().await;
    let path = "/admin/sources/geoportail/run";
    for (peer, token, status) in [
        (LOCAL, "", 401),
        (LOCAL, "un autre jeton", 401),
        ("192.0.2.1:5000", TOKEN, 403),
        ("[2001:db8::1]:5000", TOKEN, 403),
        ("unknown", TOKEN, 403),
    ] {
        let answer = ask(&place, "POST", path, peer, token).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (status, "application/problem+json"),
            "{peer} {token}"
        );
    }
    let proxied = ask_with(&place, "POST", path, LOCAL, TOKEN, Some("192.0.2.1")).await;
    assert_eq!(proxied.status, 403);
    assert_eq!(
        ask(&place, "GET", "/admin/status", LOCAL, TOKEN)
            .await
            .json()["runs"],
        0
    );
    for peer in [LOCAL, "[::1]:5000", "[::ffff:127.0.0.1]:5000"] {
        let answer = ask(&place, "POST", path, peer, TOKEN).await;
        assert_eq!(
            (answer.status, answer.json()["source"].as_str()),
            (202, Some("geoportail"))
        );
    }
    assert_eq!(
        ask(&place, "GET", "/admin/status", LOCAL, TOKEN)
            .await
            .json()["runs"],
        3
    );
}

#[tokio::test]
async fn refusals_say_why() {
    let place = Place::new().await;
    for (path, status) in [
        ("/admin/sources/occupee/run", 409),
        ("/admin/sources/inconnue/run", 404),
        ("/admin/sources/PAS%20UN%20NOM/run", 404),
        ("/admin/sources/geoportail/release", 409),
        ("/admin/sources/inconnue/release", 404),
        ("/admin/sources/inconnue/resume", 404),
        ("/admin/sources/occupee/resume", 409),
        ("/admin/runs/1/stop", 409),
        ("/admin/runs/9/stop", 404),
        ("/admin/runs/un/stop", 404),
        ("/admin/runs/2/undo", 409),
        ("/admin/runs/9/undo", 404),
    ] {
        let answer = ask(&place, "POST", path, LOCAL, TOKEN).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(
            answer.json()["detail"]
                .as_str()
                .is_some_and(|detail| detail.len() > 10)
        );
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
    assert_eq!(
        ask(&place, "GET", "/admin/sources/geoportail/run", LOCAL, TOKEN)
            .await
            .status,
        405
    );
}

#[tokio::test]
async fn a_run_can_be_stopped_and_undone() {
    let place = Place::new().await;
    let why = "/admin/sources/geoportail/release?reason=le%20portail%20a%20ferm%C3%A9";
    for (path, status) in [
        ("/admin/runs/2/stop", 202),
        ("/admin/runs/1/undo", 202),
        ("/admin/sources/geoportail/resume", 200),
        (why, 200),
    ] {
        assert_eq!(ask(&place, "POST", path, LOCAL, "").await.status, 401);
        let answer = ask(&place, "POST", path, LOCAL, TOKEN).await;
        assert_eq!(answer.status, status, "{path}");
    }
}

#[tokio::test]
async fn what_the_operator_says_of_identity_stands_in_the_body() {
    let place = Place::new().await;
    let (merge, split) = ("/admin/identity/merge", "/admin/identity/split");
    let said = |path: &str, token: &str, body: &str| {
        let mut request = Request::post(path)
            .header("authorization", format!("Bearer {token}").as_bytes())
            .body(Body::from(body.to_owned()))
            .expect("a request");
        let peer: SocketAddr = LOCAL.parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(peer));
        answered(&place.app, request)
    };
    let two = r#"{"entities":["a","b"],"reason":"x"}"#;
    assert_eq!(said(merge, "un autre", two).await.status, 401);
    let answer = said(merge, TOKEN, two).await;
    assert_eq!(
        (answer.status, &answer.json()["entity"]),
        (200, &"a".into())
    );
    let one = r#"{"entities":["a"],"reason":"x"}"#;
    assert_eq!(said(merge, TOKEN, one).await.status, 409);
    let parted = r#"{"entity":"a","record":"s/1","reason":"x"}"#;
    let answer = said(split, TOKEN, parted).await;
    assert_eq!(
        (answer.status, &answer.json()["entity"]),
        (200, &"a without s/1".into())
    );
    for body in ["", "{}", r#"{"entities":"a","reason":"x"}"#, parted] {
        let answer = said(merge, TOKEN, body).await;
        assert_eq!(answer.status, 400, "{body}");
    }
    assert_eq!(said(merge, TOKEN, &"x".repeat(3 << 20)).await.status, 413);
}

#[tokio::test]
async fn without_a_token_there_is_no_administration() {
    let mut place = Place::new().await;
    for token in [None, Some(String::new())] {
        let mut site = place.fixture.site();
        site.token = token;
        place.app = publish::app(site);
        let answer = ask(&place, "POST", "/admin/sources/geoportail/run", LOCAL, "").await;
        assert!(matches!(answer.status, 401 | 404));
    }
}
