#![doc = include_str!("../README.md")]

mod address;
mod credentials;
mod error;
mod exchange;
mod fetcher;
mod gate;
mod guard;
mod local;
mod redact;
mod redirect;
mod replay;
mod retry;
mod settings;

use std::future::Future;
use std::sync::Arc;

use model::{Request, Response};

pub use credentials::Credentials;
pub use error::{FetchError, Phase};
pub use fetcher::Fetcher;
pub use redact::secrets;
pub use replay::{Recorder, Replay};
pub use settings::Settings;

/// What answers the requests of a crawl: the network, or a recording of it.
pub trait Fetch: Send + Sync {
    fn fetch(&self, request: &Request)
    -> impl Future<Output = Result<Response, FetchError>> + Send;
}

impl<F: Fetch> Fetch for Arc<F> {
    async fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        F::fetch(self, request).await
    }
}
