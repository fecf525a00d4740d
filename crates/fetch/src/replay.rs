//! Recordings of a crawl: a directory of numbered pages, each `NNN.meta.json` (what was asked, what was answered) and
//! `NNN.body` (the bytes).

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use model::{Request, Response};
use serde::{Deserialize, Serialize};

use crate::Fetch;
use crate::error::FetchError;
use crate::redact::{hide, hide_short};

const META: &str = ".meta.json";
const BODY: &str = ".body";

/// What is kept of a page beside its body. Optional keys make a page easy to write by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Meta {
    /// What was asked, secrets hidden.
    url: String,
    /// The text that was posted; without it, the request was a GET.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    post: Option<String>,
    #[serde(default = "ok")]
    status: u16,
    /// The address that answered, if it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answered_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_modified: Option<String>,
}

fn ok() -> u16 {
    200
}

/// What tells requests apart: the address without its secrets, and what is posted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    url: String,
    post: Option<String>,
}

impl Key {
    fn of(request: &Request) -> Self {
        Self {
            url: hide(&request.url),
            post: posted(request),
        }
    }
}

fn posted(request: &Request) -> Option<String> {
    request.method.body().map(|body| body.content.clone())
}

/// Answers from a recording. A request recorded several times is answered in that order, and then with the last answer.
pub struct Replay {
    pages: HashMap<Key, Vec<(Meta, PathBuf)>>,
    asked: Mutex<HashMap<Key, usize>>,
}

impl Replay {
    pub fn open(directory: impl AsRef<Path>) -> Result<Self, FetchError> {
        let directory = directory.as_ref();
        let failed = |path: &Path, reason: String| FetchError::Replay {
            url: path.display().to_string(),
            reason,
        };
        let listed = std::fs::read_dir(directory).map_err(|e| failed(directory, e.to_string()))?;
        let mut metas = BTreeMap::new();
        for entry in listed {
            let path = entry.map_err(|e| failed(directory, e.to_string()))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if let Some(number) = name.strip_suffix(META) {
                // By length first: page 1000 comes after page 999.
                metas.insert((number.len(), number.to_owned()), path);
            }
        }
        let mut pages: HashMap<_, Vec<_>> = HashMap::new();
        for ((_, number), path) in metas {
            let text = std::fs::read(&path).map_err(|e| failed(&path, e.to_string()))?;
            let meta: Meta =
                serde_json::from_slice(&text).map_err(|e| failed(&path, e.to_string()))?;
            let key = Key {
                url: hide(&meta.url),
                post: meta.post.clone(),
            };
            let body = directory.join(format!("{number}{BODY}"));
            pages.entry(key).or_default().push((meta, body));
        }
        Ok(Self {
            pages,
            asked: Mutex::default(),
        })
    }

    /// The addresses of pages that were never asked for. A golden case without use for a page has drifted from its connector.
    pub fn unused(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unused: Vec<_> = self
            .pages
            .iter()
            .flat_map(|(key, pages)| {
                let used = asked.get(key).copied().unwrap_or_default();
                pages.iter().skip(used).map(|(meta, _)| meta.url.clone())
            })
            .collect();
        unused.sort();
        unused
    }

    fn page(&self, request: &Request) -> Option<&(Meta, PathBuf)> {
        let key = Key::of(request);
        let pages = self.pages.get(&key)?;
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = asked.entry(key).or_default();
        let page = pages.get(*turn).or(pages.last());
        *turn = turn.saturating_add(1);
        page
    }
}

impl Fetch for Replay {
    async fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        let failed = |reason: String| FetchError::Replay {
            url: hide_short(&request.url),
            reason,
        };
        let (meta, path) = self
            .page(request)
            .ok_or_else(|| failed("no page has this address and this body".into()))?;
        let body = match std::fs::read(path) {
            Ok(body) => body,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(failed(format!("{}: {error}", path.display()))),
        };
        if !(200..300).contains(&meta.status) {
            return Err(FetchError::HttpStatus {
                url: hide_short(&request.url),
                status: meta.status,
                excerpt: String::from_utf8_lossy(&body).chars().take(300).collect(),
                retry_after: None,
            });
        }
        Ok(Response {
            request: request.clone(),
            url: meta.answered_by.as_ref().unwrap_or(&meta.url).clone(),
            status: meta.status,
            content_type: meta.content_type.clone(),
            etag: meta.etag.clone(),
            last_modified: meta.last_modified.clone(),
            body: Bytes::from(body),
        })
    }
}

/// Passes requests on and writes down what comes back: answers, and refusals with a status.
pub struct Recorder<F> {
    inner: F,
    directory: PathBuf,
    written: AtomicUsize,
}

impl<F: Fetch> Recorder<F> {
    /// Records into this directory, which is made if need be and must not hold a recording.
    pub fn create(inner: F, directory: impl Into<PathBuf>) -> Result<Self, FetchError> {
        let directory = directory.into();
        let failed = |reason: String| FetchError::Replay {
            url: directory.display().to_string(),
            reason,
        };
        std::fs::create_dir_all(&directory).map_err(|error| failed(error.to_string()))?;
        let mut listed =
            std::fs::read_dir(&directory).map_err(|error| failed(error.to_string()))?;
        if listed.next().is_some() {
            return Err(failed(
                "the directory for the recording is not empty".into(),
            ));
        }
        Ok(Self {
            inner,
            directory,
            written: AtomicUsize::new(0),
        })
    }

    async fn write(&self, meta: &Meta, body: &[u8]) -> Result<(), FetchError> {
        let number = self
            .written
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1);
        let path = |suffix| self.directory.join(format!("{number:03}{suffix}"));
        let json = serde_json::to_vec_pretty(meta).map_err(io::Error::other);
        let result = match json {
            Ok(json) => match tokio::fs::write(path(META), json).await {
                Ok(()) => tokio::fs::write(path(BODY), body).await,
                failed => failed,
            },
            Err(error) => Err(error),
        };
        result.map_err(|error| FetchError::Replay {
            url: hide_short(&meta.url),
            reason: format!("it cannot be written to {}: {error}", path(META).display()),
        })
    }
}

impl<F: Fetch> Fetch for Recorder<F> {
    async fn fetch(&self, request: &Request) -> Result<Response, FetchError> {
        let result = self.inner.fetch(request).await;
        let asked = Meta {
            url: hide(&request.url),
            post: posted(request),
            status: 0,
            answered_by: None,
            content_type: None,
            etag: None,
            last_modified: None,
        };
        match &result {
            Ok(response) => {
                let meta = Meta {
                    status: response.status,
                    answered_by: Some(hide(&response.url)).filter(|url| *url != asked.url),
                    content_type: response.content_type.clone(),
                    etag: response.etag.clone(),
                    last_modified: response.last_modified.clone(),
                    ..asked
                };
                self.write(&meta, &response.body).await?;
            }
            Err(FetchError::HttpStatus {
                status, excerpt, ..
            }) => {
                let meta = Meta {
                    status: *status,
                    ..asked
                };
                self.write(&meta, excerpt.as_bytes()).await?;
            }
            Err(_) => {}
        }
        result
    }
}
