//! A request from its first attempt to its answer: guard, gate, redirects, retries.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{Method, Request, Response};
use reqwest::Client;
use reqwest::redirect::Policy;
use tracing::{debug, warn};

use crate::Fetch;
use crate::credentials::Credentials;
use crate::error::{FetchError, Phase};
use crate::exchange::{Answer, Exchange};
use crate::gate::Gates;
use crate::guard::{Guard, GuardedResolver, Trust, parse};
use crate::local::{Local, is_local};
use crate::redact::hide_short;
use crate::redirect::{Chain, Hop};
use crate::retry;
use crate::settings::Settings;

/// Fetches requests. Clones share connections and gates, so all sources of a process should use clones of one.
#[derive(Clone)]
pub struct Fetcher {
    shared: Arc<Shared>,
    credentials: Arc<[Credentials]>,
    local: Arc<Local>,
}

struct Shared {
    settings: Settings,
    guard: Arc<Guard>,
    gates: Gates,
    guarded: Client,
    /// For hosts that `allow_private` names. A client of its own, because a resolver sees the name and not the port.
    named: Client,
}

impl Fetcher {
    pub fn new(settings: Settings) -> Result<Self, FetchError> {
        let guard = Arc::new(Guard::new(&settings.allow_private)?);
        let shared = Shared {
            guarded: client(&settings, &guard, Trust::Guarded)?,
            named: client(&settings, &guard, Trust::Named)?,
            gates: Gates::new(settings.per_host, settings.delay),
            guard,
            settings,
        };
        Ok(Self {
            shared: Arc::new(shared),
            credentials: Arc::default(),
            local: Arc::default(),
        })
    }

    /// The same fetcher for a source that wants credentials. Each is sent to its own origin only.
    #[must_use]
    pub fn with_credentials(&self, credentials: impl IntoIterator<Item = Credentials>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            credentials: credentials.into_iter().collect(),
            local: Arc::clone(&self.local),
        }
    }

    /// The same fetcher for a source whose configuration names files of this machine: it reads these and what is below them,
    /// and no other. The addresses begin with `file:`; paths in them that are not absolute begin at the root.
    #[must_use]
    pub fn with_local(&self, root: &Path, addresses: &[String]) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            credentials: Arc::clone(&self.credentials),
            local: Arc::new(Local::new(root, addresses)),
        }
    }

    pub async fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        if is_local(&request.url) {
            return self.read(request).await;
        }
        let first = Hop {
            url: parse(&request.url)?,
            posts: request.method != Method::Get,
        };
        let mut attempt = 0;
        loop {
            let error = match self.attempt(request, &first, attempt).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let Some(pause) = retry::pause(&self.shared.settings, &error, attempt) else {
                return Err(error);
            };
            tokio::time::sleep(pause).await;
            attempt = attempt.saturating_add(1);
        }
    }

    async fn read(&self, request: &Request) -> Result<Response, FetchError> {
        let (local, request) = (Arc::clone(&self.local), request.clone());
        let (url, limit) = (request.url.clone(), self.shared.settings.max_body);
        let reading = tokio::task::spawn_blocking(move || local.read(&request, limit));
        reading.await.unwrap_or_else(|error| {
            Err(FetchError::Local {
                url,
                reason: error.to_string(),
            })
        })
    }

    /// One attempt: the request and the redirects it meets, within the total time.
    async fn attempt(
        &self,
        request: &Request,
        first: &Hop,
        attempt: u32,
    ) -> Result<Response, FetchError> {
        let settings = &self.shared.settings;
        let mut left = settings.total_timeout;
        let mut chain = Chain::new(first, settings.max_redirects);
        let mut hop = first.clone();
        loop {
            let client = match self.shared.guard.check(&hop.url)? {
                Trust::Guarded => &self.shared.guarded,
                Trust::Named => &self.shared.named,
            };
            let pass = self.shared.gates.enter(&hop.url).await;
            let begun = Instant::now();
            let exchange = Exchange {
                client,
                settings,
                credentials: &self.credentials,
                request,
                hop: &hop,
            };
            let result = tokio::time::timeout(left, exchange.run())
                .await
                .unwrap_or_else(|_| {
                    Err(FetchError::Timeout {
                        url: hide_short(hop.url.as_str()),
                        phase: Phase::Total,
                        after: settings.total_timeout,
                    })
                });
            drop(pass);
            left = left.saturating_sub(begun.elapsed());
            log(&hop, &request.method, attempt, begun.elapsed(), &result);
            match result {
                Ok(Answer::Whole(response)) => return Ok(*response),
                Ok(Answer::Redirect { status, location }) => {
                    hop = chain.follow(&hop, status, &location)?;
                }
                Err(error) => {
                    self.heed(&hop, &error);
                    return Err(error);
                }
            }
        }
    }

    /// A host that asks for a pause gets it from all of us.
    fn heed(&self, hop: &Hop, error: &FetchError) {
        if let FetchError::HttpStatus {
            retry_after: Some(pause),
            ..
        } = error
            && *pause <= self.shared.settings.max_retry_after
        {
            self.shared.gates.hold_back(&hop.url, *pause);
        }
    }
}

impl Fetch for Fetcher {
    async fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        Self::fetch(self, request).await
    }
}

fn client(settings: &Settings, guard: &Arc<Guard>, trust: Trust) -> Result<Client, FetchError> {
    let builder = || {
        Client::builder()
            .user_agent(&settings.user_agent)
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            // Whatever features other rooms turn on: its decoder takes windows of 1 GiB, which no limit on the output bounds.
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .dns_resolver(Arc::new(GuardedResolver {
                guard: Arc::clone(guard),
                trust,
            }))
    };
    let error = match builder().build() {
        Ok(client) => return Ok(client),
        Err(error) => error,
    };
    // Without any certificate authority on this system https cannot work; http, and so the demonstration, can.
    let client = builder()
        .tls_certs_only([])
        .build()
        .map_err(|_| FetchError::BadSettings {
            reason: crate::exchange::reason(&error),
        })?;
    warn!(
        reason = crate::exchange::reason(&error),
        "no https: install the certificate authorities of this system (package ca-certificates)"
    );
    Ok(client)
}

fn log(
    hop: &Hop,
    method: &Method,
    attempt: u32,
    took: Duration,
    result: &Result<Answer, FetchError>,
) {
    let host = hop.url.host_str().unwrap_or_default();
    let method = if hop.posts { method.name() } else { "GET" };
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match result {
        Ok(Answer::Whole(response)) => debug!(
            host,
            method,
            attempt,
            status = response.status,
            bytes = response.body.len(),
            milliseconds,
            "answered"
        ),
        Ok(Answer::Redirect { status, .. }) => {
            debug!(host, method, attempt, status, milliseconds, "redirected");
        }
        Err(error) => debug!(
            host,
            method,
            attempt,
            status = error.status(),
            rule = error.rule(),
            milliseconds,
            "failed"
        ),
    }
}
