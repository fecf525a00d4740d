//! Health, figures, and what pages of other sites may do.

use std::sync::Arc;

use crate::Place;
use crate::fixture::Late;

#[tokio::test]
async fn alive_and_ready() {
    let mut place = Place::new().await;
    assert_eq!(place.get("/health").await.text(), "ok\n");
    assert_eq!(place.get("/ready").await.json()["ready"], true);
    let mut site = place.fixture.site();
    site.readiness = Some(Arc::new(Late));
    place.app = publish::app(site);
    let late = place.browse("/ready").await;
    assert_eq!(
        (late.status, late.json()["reason"].as_str()),
        (503, Some("the graph is being rebuilt"))
    );
}

#[tokio::test]
async fn figures_are_those_of_the_archive_and_of_the_requests() {
    let place = Place::new().await;
    place.get("/catalog.ttl").await;
    place.get("/dataset/x").await;
    place.get("/nowhere").await;
    let answer = place.get("/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4");
    for figure in [
        "moisson_entities{kind=\"dataset\"} 20",
        "moisson_entities{kind=\"organisation\"} 1",
        "moisson_records{source=\"geoportail\",state=\"present\"} 25",
        "moisson_last_run_outcome{outcome=\"complete\",source=\"geoportail\"} 1",
        "moisson_last_run_duration_seconds{source=\"geoportail\"} 75",
        "moisson_projection_lag_changes{projection=\"graph\"} 26",
        "moisson_http_requests_total{route=\"/catalog.ttl\",status=\"2xx\"} 1",
        "moisson_http_requests_total{route=\"/dataset/{id}\",status=\"4xx\"} 1",
        "moisson_http_requests_total{route=\"other\",status=\"4xx\"} 1",
        "moisson_http_request_duration_seconds_count{route=\"/catalog.ttl\"} 1",
        "process_resident_memory_bytes",
    ] {
        assert!(
            answer.text().contains(figure),
            "no {figure} in {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn pages_of_other_sites_may_ask() {
    let place = Place::new().await;
    let origin = ("origin", "https://other.example");
    let answer = place
        .ask(
            "OPTIONS",
            "/sparql",
            &[origin, ("access-control-request-method", "POST")],
        )
        .await;
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (204, "*")
    );
    assert!(
        answer
            .header("access-control-allow-methods")
            .contains("POST")
    );
    let admin = place
        .ask(
            "OPTIONS",
            "/admin/status",
            &[origin, ("access-control-request-method", "GET")],
        )
        .await;
    assert_eq!(
        (admin.status, admin.header("access-control-allow-origin")),
        (405, "")
    );
}

#[tokio::test]
async fn the_socket_knows_its_peers_and_stops() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let place = Place::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(publish::serve(listener, place.fixture.site(), async move {
        let _ = stopped.await;
    }));
    let mut stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("a connection");
    let token = crate::fixture::TOKEN;
    let request = format!(
        "GET /admin/status HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answered");
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("{\"runs\":0}"),
        "{answer}"
    );
    stop.send(()).expect("running");
    let ended = tokio::time::timeout(std::time::Duration::from_secs(5), server).await;
    assert!(ended.expect("in time").expect("no panic").is_ok());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
