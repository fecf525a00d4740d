//! The program is killed at random moments of a run, and the next run ends where an undisturbed one does.

mod common;

use std::time::{Duration, Instant};

use common::Instance;

/// Kills a harvest, one instance after the other, at moments spread over the time that a whole one takes.
const KILLS: u32 = 20;
const KILLS_OF_ONE_INSTANCE: u32 = 5;
const DATASETS: u64 = 1_500;

#[test]
fn a_run_that_is_killed_ends_as_one_that_is_left_alone() {
    let url = portal();
    let source =
        format!("title = \"Portail\"\n[connector.udata]\nurl = \"{url}\"\npage_size = 100\n");
    let alone = Instance::new();
    alone.configure("sources/portail.toml", &source);
    let began = Instant::now();
    let report = alone.json(0, &["harvest", "portail", "--json"]);
    let whole = began.elapsed();
    assert_eq!(report["created"], DATASETS);
    let wanted = alone.expect(0, &["export", "--format", "nt"]);

    let mut moments = Moments(0x9E37_79B9_7F4A_7C15);
    let mut killed = 0;
    while killed < KILLS {
        let instance = Instance::new();
        instance.configure("sources/portail.toml", &source);
        for _ in 0..KILLS_OF_ONE_INSTANCE {
            let mut child = instance
                .command(&["harvest", "portail", "--json"])
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(whole.mul_f64(moments.next()));
            // SIGKILL; one that has ended already counts all the same, so that the test ends.
            child.kill().unwrap();
            child.wait().unwrap();
            killed += 1;
        }
        let report = instance.json(0, &["harvest", "portail", "--json"]);
        assert_eq!(report["outcome"], "complete");
        assert_eq!(report["seen"], DATASETS);
        assert!(
            instance.expect(0, &["export", "--format", "nt"]) == wanted,
            "the dump differs after {killed} kills"
        );
        let runs = instance.json(0, &["runs", "--json"]);
        assert!(
            runs.as_array()
                .unwrap()
                .iter()
                .all(|run| run["outcome"] != "running"),
            "{runs}"
        );
        // The graph store that was killed on its way says the same as one made from nothing.
        let followed = triples(&instance);
        assert_eq!(followed, triples(&alone));
        instance.expect(0, &["rebuild", "--json"]);
        assert!(
            instance.expect(0, &["export", "--format", "nt"]) == wanted,
            "the dump differs after a rebuild"
        );
    }
}

/// A portal in this process, for as long as the test lasts.
fn portal() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let pages = tempfile::tempdir().unwrap();
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            demo::serve_world(listener, demo::World::new(DATASETS, 7), pages.path())
                .await
                .unwrap();
        });
    });
    url
}

/// How many triples SPARQL counts, asked over HTTP.
fn triples(instance: &Instance) -> u64 {
    let port = common::free_port();
    instance.configure(
        "moisson.toml",
        &format!("base = \"https://donnees.example.org/\"\n[server]\nlisten = \"127.0.0.1:{port}\"\n[fetch]\nallow_private = [\"127.0.0.1\"]\ndelay = \"0s\"\n"),
    );
    let mut server = instance
        .command(&["serve", "--json"])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let query = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }";
    let deadline = Instant::now() + Duration::from_secs(60);
    let counted = loop {
        assert!(Instant::now() < deadline, "the server does not answer");
        if let Some(answer) = ask(port, query) {
            break answer;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    server.kill().unwrap();
    server.wait().unwrap();
    counted
}

fn ask(port: u16, query: &str) -> Option<u64> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .ok()?;
    write!(
        stream,
        "POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/sparql-query\r\nAccept: text/csv\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{query}",
        query.len()
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer
        .lines()
        .find_map(|line| line.trim().parse().ok().filter(|n| *n > 1_000))
}

/// Numbers from 0 to 1, always the same ones (SplitMix64).
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) as f64 / u64::MAX as f64
    }
}
