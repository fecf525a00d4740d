//! A udata in this process, that a test can change.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Clones are the same portal. It serves for as long as the test lasts.
#[derive(Clone)]
pub struct Portal {
    pub url: String,
    datasets: Arc<Mutex<Vec<String>>>,
}

impl Portal {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let portal = Self {
            url: format!("http://{}/", listener.local_addr().unwrap()),
            datasets: Arc::default(),
        };
        let served = portal.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let served = served.clone();
                // One that goes away in the midst of an answer is what these tests are about.
                std::thread::spawn(move || served.answer(&stream.unwrap()));
            }
        });
        portal
    }

    /// From now on it has these, each a JSON object.
    pub fn set(&self, datasets: impl Iterator<Item = String>) {
        *self.datasets.lock().unwrap() = datasets.collect();
    }

    fn answer(&self, stream: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        let mut first = String::new();
        reader.read_line(&mut first)?;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 || line == "\r\n" {
                break;
            }
        }
        let number = |key: &str| -> usize {
            let after = first.split_once(&format!("{key}=")).map(|(_, after)| after);
            let digits = after.and_then(|after| after.split(|c: char| !c.is_ascii_digit()).next());
            digits.and_then(|digits| digits.parse().ok()).unwrap_or(1)
        };
        let (page, size) = (number("?page"), number("page_size"));
        let (status, body) = if first.contains("/datasets/") {
            let datasets = self.datasets.lock().unwrap();
            let shown: Vec<&str> = datasets
                .iter()
                .skip((page - 1) * size)
                .take(size)
                .map(String::as_str)
                .collect();
            let total = datasets.len();
            let body = format!(
                "{{\"data\":[{}],\"page\":{page},\"page_size\":{size},\"total\":{total}}}",
                shown.join(",")
            );
            ("200 OK", body)
        } else {
            ("404 Not Found", "{}".to_owned())
        };
        let mut writer = stream;
        write!(
            writer,
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    }
}

/// What a server on loopback answers: the status, and all that came.
pub fn ask(port: u16, request: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream
        .set_read_timeout(Some(std::time::Duration::from_secs(60)))
        .ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some((answer.split(' ').nth(1)?.parse().ok()?, answer))
}

/// How many triples SPARQL counts; `None` if the server does not answer yet.
pub fn triples(port: u16) -> Option<u64> {
    let query = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }";
    let request = format!(
        "POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/sparql-query\r\nAccept: text/csv\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{query}",
        query.len()
    );
    let (status, answer) = ask(port, &request)?;
    assert_eq!(status, 200, "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n")?;
    body.lines()
        .find_map(|line| line.trim().parse().ok().filter(|n| *n > 1_000))
}
