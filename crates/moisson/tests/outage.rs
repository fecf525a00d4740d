//! The daemon where the disk is full, and two daemons on one directory.

mod common;
#[path = "common/portal.rs"]
mod portal;

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use common::Instance;
use portal::{Portal, ask};

const PATIENCE: Duration = Duration::from_secs(180);

fn dataset(n: u64, title: &str) -> String {
    serde_json::json!({
        "id": format!("{n:024x}"),
        "title": format!("{title} {n}"),
        "description": format!("{title}, une description assez longue pour prendre de la place. ").repeat(40),
        "page": format!("https://portail.example/datasets/{n}/"),
        "license": "lov2",
        "organization": { "id": "534fff75a3a7292c64a77de4", "name": "Syndicat du Valmer", "page": "https://valmer.example/" },
        "resources": [{ "id": format!("00000000-0000-4000-8000-{n:012}"), "title": "Données", "url": format!("https://fichiers.example/{n}.csv"), "format": "csv" }],
    })
    .to_string()
}

/// An instance with one source, and the port at which its daemon answers.
fn instance(portal: &Portal) -> (Instance, u16) {
    let instance = Instance::new();
    let port = common::free_port();
    instance.configure(
        "moisson.toml",
        &format!("base = \"https://donnees.example.org/\"\n[server]\nlisten = \"127.0.0.1:{port}\"\n[fetch]\nallow_private = [\"127.0.0.1\"]\ndelay = \"0s\"\n"),
    );
    let url = &portal.url;
    instance.configure(
        "sources/portail.toml",
        &format!("title = \"P\"\n[connector.udata]\nurl = \"{url}\"\npage_size = 50\n"),
    );
    (instance, port)
}

/// A daemon whose data lie on a small file system of their own, in a namespace: no right of an administrator is needed.
struct Daemon {
    child: Child,
    port: u16,
    data: PathBuf,
    log: Receiver<String>,
}

impl Daemon {
    /// `None` where the machine gives no namespaces.
    fn start(instance: &Instance, port: u16, megabytes: u32) -> Option<Self> {
        let data = instance.data();
        std::fs::create_dir_all(&data).unwrap();
        let script = format!("mount -t tmpfs -o size={megabytes}m tmpfs \"$0\" && exec \"$@\"");
        let inside = |command: &Command| {
            let mut outer = Command::new("unshare");
            outer.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
            outer.arg(&data).arg(command.get_program());
            outer.args(command.get_args());
            outer
        };
        match inside(&Command::new("true")).status() {
            Ok(status) if status.success() => {}
            _ => return None,
        }
        let mut child = inside(&instance.command(&["run", "--json", "--log", "info"]))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, log) = channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let data = PathBuf::from(format!("/proc/{}/root{}", child.id(), data.display()));
        let daemon = Self {
            child,
            port,
            data,
            log,
        };
        let deadline = Instant::now() + PATIENCE;
        while daemon.get("/health") != Some(200) || !daemon.data.join("admin.token").exists() {
            assert!(Instant::now() < deadline, "the daemon does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(daemon)
    }

    fn get(&self, path: &str) -> Option<u16> {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        ask(self.port, &request).map(|(status, _)| status)
    }

    /// Asks for a run, as soon as none goes on.
    fn harvest(&self) {
        let token = common::read(&self.data.join("admin.token"));
        let request = format!(
            "POST /admin/sources/portail/run HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            token.trim()
        );
        while ask(self.port, &request).is_none_or(|(status, _)| status != 202) {
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits for a line of the log.
    fn says(&self, words: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.log.recv_timeout(left);
            let line = line.unwrap_or_else(|_| panic!("the daemon never says `{words}`"));
            if line.contains(words) {
                return line;
            }
        }
    }

    /// What a command prints that reads beside the daemon.
    fn reads(&self, instance: &Instance, arguments: &[&str]) -> String {
        // SQLite follows links in paths, and so would leave the namespace.
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.child.id().to_string()]);
        command.args(["--user", "--mount", "--preserve-credentials"]);
        let inside = instance.command(arguments);
        command.arg(inside.get_program()).args(inside.get_args());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn runs(&self, instance: &Instance) -> Vec<serde_json::Value> {
        serde_json::from_str(&self.reads(instance, &["runs", "--json"])).unwrap()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It is gone already where a test went wrong.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is left for a run to begin, and too little for it to end.
const LEFT: u64 = 400 << 10;

/// Fills a file system, but for what is left.
fn fill(directory: &Path) -> PathBuf {
    let path = directory.join("filler");
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .unwrap();
    for block in [vec![0_u8; 1 << 20], vec![0; 4096], vec![0; 1]] {
        while file.write_all(&block).is_ok() {}
    }
    let length = file.metadata().unwrap().len();
    file.set_len(length - LEFT).unwrap();
    path
}

#[test]
fn a_daemon_whose_disk_is_full_goes_on_when_there_is_room_again() {
    let portal = Portal::new();
    let (instance, port) = self::instance(&portal);
    let Some(daemon) = Daemon::start(&instance, port, 512) else {
        eprintln!("SKIPPED: this machine gives no user namespaces (unshare --user --mount)");
        return;
    };
    portal.set((0..100).map(|n| dataset(n, "Titre")));
    daemon.harvest();
    daemon.says("run ends");
    portal.set((0..300).map(|n| dataset(n, "Autre titre")));
    let filler = fill(&daemon.data);
    daemon.harvest();
    let line = daemon.says("could not be carried out");
    assert!(line.contains("make room"), "{line}");
    assert_eq!(daemon.get("/health"), Some(200));
    assert_eq!(daemon.get("/datasets"), Some(200));
    std::fs::remove_file(filler).unwrap();

    daemon.harvest();
    let line = daemon.says("run ends");
    assert!(line.contains("complete"), "{line}");
    let runs = daemon.runs(&instance);
    assert_eq!(runs[0]["outcome"], "complete", "{runs:?}");
    assert!(
        runs.iter().all(|run| run["outcome"] != "running"),
        "{runs:?}"
    );
    // It was noted as soon as it could be, unless the run had gone on by then.
    let failed = runs.iter().find(|run| run["outcome"] == "failed");
    let reason = failed.map(|run| run["reason"].to_string());
    assert!(
        runs[0]["resumed"] == 1 || reason.is_some_and(|reason| reason.contains("make room")),
        "{runs:?}"
    );
    assert_eq!(daemon.get("/ready"), Some(200));
    let dump = daemon.reads(&instance, &["export", "--format", "nt"]);

    let (alone, _) = self::instance(&portal);
    alone.expect(0, &["harvest"]);
    assert!(
        alone.expect(0, &["export", "--format", "nt"]) == dump,
        "the dump differs"
    );
    // Triples as the store holds them, which may be fewer than lines.
    let followed = portal::triples(port);
    drop(daemon);
    let Some(fresh) = Daemon::start(&instance, port, 512) else {
        return;
    };
    fresh.harvest();
    fresh.says("run ends");
    assert_eq!(portal::triples(port), followed);
}

#[test]
fn a_second_daemon_is_told_who_has_the_directory_and_the_first_goes_on() {
    let portal = Portal::new();
    portal.set((0..20).map(|n| dataset(n, "Titre")));
    let (instance, port) = self::instance(&portal);
    instance.expect(0, &["harvest"]);
    let mut first = instance
        .command(&["run", "--json", "--log", "error"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + PATIENCE;
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "the daemon does not answer");
        std::thread::sleep(Duration::from_millis(50));
    }
    // The same port first, then another: it is the directory that counts.
    let text = instance.expect(2, &["run"]);
    assert!(text.contains("is another program there"), "{text}");
    let other = common::free_port();
    let main = instance
        .data()
        .with_file_name("config")
        .join("moisson.toml");
    let config = common::read(&main).replace(&port.to_string(), &other.to_string());
    instance.configure("moisson.toml", &config);
    let text = instance.expect(2, &["run"]);
    assert!(
        text.contains("in use by another moisson") && text.contains(&first.id().to_string()),
        "{text}"
    );
    assert!(first.try_wait().unwrap().is_none());
    let counted = portal::triples(port);
    assert!(counted.is_some());
    first.kill().unwrap();
    first.wait().unwrap();
}
