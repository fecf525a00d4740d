//! How a fetcher behaves: its name, its limits and its manners.

use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The `User-Agent` header. An operator who is disturbed should find an address in it.
    pub user_agent: String,
    /// What may be fetched although it is in a private range: host names, IPs (both with `:port` if need be), networks (`10.1.0.0/16`).
    pub allow_private: Vec<String>,
    /// Resolving the name, connecting, and the TLS handshake.
    pub connect_timeout: Duration,
    /// The longest silence, before the answer and within it.
    pub read_timeout: Duration,
    /// One attempt with its redirects, waits at the gate left out.
    pub total_timeout: Duration,
    /// The longest body, in decompressed bytes.
    pub max_body: u64,
    pub max_redirects: usize,
    /// How often a request is repeated after a failure that may pass.
    pub retries: u32,
    /// The first pause before a repetition. It is doubled each time.
    pub backoff: Duration,
    /// The longest `Retry-After` that is waited for.
    pub max_retry_after: Duration,
    /// How many requests to a host and port may be under way at once.
    pub per_host: usize,
    /// The least time between the beginnings of two requests to a host and port.
    pub delay: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user_agent: concat!("Moisson/", env!("CARGO_PKG_VERSION")).to_owned(),
            allow_private: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            // A geographic catalogue may think for a while about a first page.
            read_timeout: Duration::from_secs(60),
            total_timeout: Duration::from_secs(300),
            max_body: 64 * 1024 * 1024,
            max_redirects: 10,
            retries: 3,
            backoff: Duration::from_secs(1),
            max_retry_after: Duration::from_secs(120),
            per_host: 2,
            delay: Duration::from_millis(100),
        }
    }
}
