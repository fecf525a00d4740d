//! The whole site over a small archive, without a socket.

mod administration;
mod csw;
mod data;
mod feed;
mod fixture;
mod graphs;
mod identity;
mod ldes;
mod machines;
mod oai;
mod ogc;
mod people;
mod portals;
mod proposals;
mod provenance;
mod queries;
mod questions;
mod reports;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use fixture::Fixture;
use tempfile::TempDir;
use tower::ServiceExt;

const BASE: &str = "https://donnees.example/";
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A site and what it is made of.
struct Place {
    _dir: TempDir,
    fixture: Fixture,
    app: Router,
}

impl Place {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let fixture = Fixture::new(dir.path(), BASE).await;
        let app = publish::app(fixture.site());
        Self {
            _dir: dir,
            fixture,
            app,
        }
    }

    async fn get(&self, path: &str) -> Answered {
        self.ask("GET", path, &[]).await
    }

    /// As a browser does.
    async fn browse(&self, path: &str) -> Answered {
        self.ask("GET", path, &[("accept", BROWSER)]).await
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answered {
        let path = path
            .strip_prefix(BASE)
            .map_or(path.to_owned(), |rest| format!("/{rest}"));
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        answered(&self.app, request).await
    }
}

struct Answered {
    status: u16,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Answered {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("ASCII"))
    }

    fn all(&self, name: &str) -> String {
        let values = self.headers.get_all(name);
        values
            .iter()
            .map(|value| value.to_str().expect("ASCII"))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("UTF-8")
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).expect("JSON")
    }
}

async fn answered(app: &Router, request: Request<Body>) -> Answered {
    let response = app.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    Answered {
        status: parts.status.as_u16(),
        headers: parts.headers,
        bytes: to_bytes(body, usize::MAX).await.expect("a body").to_vec(),
    }
}
