//! The fetcher against servers on loopback that misbehave.

mod bodies;
mod guard;
mod redirects;
mod replay;
mod retries;
mod server;

use std::time::Duration;

use fetch::{FetchError, Fetcher, Settings};
use model::{Request, Response};

/// Quick to give up, and on speaking terms with loopback.
fn settings() -> Settings {
    Settings {
        allow_private: vec!["127.0.0.1".into()],
        connect_timeout: Duration::from_secs(2),
        read_timeout: Duration::from_secs(2),
        total_timeout: Duration::from_secs(5),
        max_body: 1024 * 1024,
        max_redirects: 5,
        retries: 0,
        backoff: Duration::from_millis(5),
        delay: Duration::ZERO,
        ..Settings::default()
    }
}

async fn get(settings: Settings, url: &str) -> Result<Response, FetchError> {
    Fetcher::new(settings)?
        .fetch(&Request::get(url, "*/*"))
        .await
}
