//! A server on loopback that says whatever a test wants, byte for byte, and changes its mind.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fetch::{Fetcher, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub body: String,
}

impl Asked {
    /// A number of the query, or of an attribute of what is posted.
    pub fn number(&self, name: &str) -> u64 {
        let after = |text: &str, key: &str| -> Option<u64> {
            let rest = text.split_once(key)?.1;
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            rest[..end].parse().ok()
        };
        let (first, other) = (format!("?{name}="), format!("&{name}="));
        after(&self.path, &first)
            .or_else(|| after(&self.path, &other))
            .or_else(|| after(&self.body, &format!(" {name}=\"")))
            .unwrap_or(1)
    }
}

type Answer = Pin<Box<dyn Future<Output = ()> + Send>>;
type Handler = Arc<dyn Fn(Asked, TcpStream) -> Answer + Send + Sync>;

pub struct Server {
    pub port: u16,
    handler: Arc<Mutex<Handler>>,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let nothing: Handler = Arc::new(|_, _| Box::pin(async {}));
        let handler = Arc::new(Mutex::new(nothing));
        let shared = Arc::clone(&handler);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let handler = Arc::clone(&shared.lock().unwrap_or_else(PoisonError::into_inner));
                tokio::spawn(async move {
                    if let Some(asked) = read(&mut stream).await {
                        handler(asked, stream).await;
                    }
                });
            }
        });
        Self { port, handler }
    }

    /// From now on, a connection is answered by this handler, and closed.
    pub fn handle<F>(&self, handler: impl Fn(Asked, TcpStream) -> F + Send + Sync + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let boxed: Handler = Arc::new(move |asked, stream| Box::pin(handler(asked, stream)));
        *self.handler.lock().unwrap_or_else(PoisonError::into_inner) = boxed;
    }

    /// From now on, a request is answered with these bytes.
    pub fn say(&self, answer: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) {
        self.handle(move |asked, mut stream| {
            let answer = answer(&asked);
            async move { send(&mut stream, &answer).await }
        });
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }
}

/// The real fetcher, allowed to reach loopback, and impatient.
pub fn fetcher() -> Fetcher {
    Fetcher::new(Settings {
        allow_private: vec!["127.0.0.1".to_owned()],
        connect_timeout: Duration::from_secs(1),
        read_timeout: Duration::from_millis(500),
        total_timeout: Duration::from_secs(2),
        retries: 1,
        backoff: Duration::from_millis(5),
        delay: Duration::ZERO,
        ..Settings::default()
    })
    .expect("good settings")
}

/// A whole answer. `head` is the status line after `HTTP/1.1 `, and headers.
pub fn answer(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = head.replace('\n', "\r\n");
    let length = body.len();
    let mut bytes =
        format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")
            .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Sends, and does not mind a client that has gone.
pub async fn send(stream: &mut TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes).await;
    let _ = stream.flush().await;
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let first = String::from_utf8_lossy(&bytes[..end]).into_owned();
    Some(Asked {
        path: first.split(' ').nth(1)?.to_owned(),
        body: String::from_utf8_lossy(&bytes[end..]).into_owned(),
    })
}
