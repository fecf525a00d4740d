//! Runs as people steer them: stopped from another terminal, undone, resumed.

mod common;

use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::Duration;

use common::Instance;

#[test]
fn a_run_is_undone_and_its_source_waits_for_a_person() {
    let instance = Instance::new();
    instance.configure(
        "sources/inventaires.toml",
        "title = \"I\"\n[connector.inventory]\npath = \"inventaires\"\n",
    );
    let folder = instance.data().with_file_name("config").join("inventaires");
    std::fs::create_dir(&folder).unwrap();
    let keep = |rows: &str| {
        let table = format!("Identifiant;Titre;Service;Statut\n{rows}");
        std::fs::write(folder.join("eau.csv"), table).unwrap();
    };
    keep("E1;Captages de Valmer;DDT;diffusé\nE2;Forages de Valmer;DDT;diffusé\n");
    instance.expect(0, &["harvest", "inventaires"]);
    let before = instance.expect(0, &["export", "--format", "nt"]);
    keep("E1;Captages;DDT;diffusé\nE2;Forages de Valmer;DDT;diffusé\nE3;Puits;DDT;diffusé\n");
    instance.expect(0, &["harvest", "inventaires"]);
    let after = instance.expect(0, &["export", "--format", "nt"]);
    assert_ne!(before, after);

    let text = instance.expect(2, &["undo", "1"]);
    assert!(
        text.contains("undo them first") && text.contains(": 2"),
        "{text}"
    );
    let plan = instance.json(0, &["undo", "2", "--dry-run", "--json"]);
    assert_eq!(
        (&plan["earlier"], &plan["withdraw"], &plan["return"]),
        (&1.into(), &1.into(), &0.into()),
        "{plan}"
    );
    let text = instance.expect(0, &["undo", "2", "--dry-run"]);
    assert!(text.contains("nothing written"), "{text}");
    assert_eq!(instance.expect(0, &["export", "--format", "nt"]), after);
    let report = instance.json(0, &["undo", "2", "--json"]);
    assert_eq!(
        (&report["outcome"], &report["updated"], &report["withdrawn"]),
        (&"complete".into(), &1.into(), &1.into()),
        "{report}"
    );
    assert_eq!(instance.expect(0, &["export", "--format", "nt"]), before);

    let sources = instance.json(0, &["sources", "--json"]);
    let reason = sources[0]["paused"]["reason"].as_str().unwrap();
    assert!(reason.contains("run 2 was undone"), "{sources}");
    let text = instance.expect(0, &["sources"]);
    assert!(text.contains("moisson resume inventaires"), "{text}");
    let text = instance.expect(0, &["runs", "--run", "2"]);
    assert!(text.contains("undone by run 3"), "{text}");
    let text = instance.expect(2, &["harvest", "inventaires"]);
    assert!(text.contains("moisson resume inventaires"), "{text}");
    // Without a name, those that are paused are left out.
    assert_eq!(instance.expect(0, &["harvest"]), "");
    let planned = instance.expect(0, &["harvest", "inventaires", "--dry-run"]);
    assert!(
        planned.contains("dataset: 1 changed, 1 restored"),
        "{planned}"
    );
    instance.expect(0, &["resume", "inventaires"]);
    let text = instance.expect(2, &["resume", "inventaires"]);
    assert!(text.contains("not paused"), "{text}");
    instance.expect(0, &["harvest", "inventaires"]);
    assert_eq!(instance.expect(0, &["export", "--format", "nt"]), after);
}

#[test]
fn the_daemon_undoes_a_run_that_it_carried_out() {
    let instance = Instance::new();
    let port = common::free_port();
    instance.configure(
        "moisson.toml",
        &format!(
            "base = \"https://donnees.example.org/\"\n[server]\nlisten = \"127.0.0.1:{port}\"\n"
        ),
    );
    instance.configure(
        "sources/inventaires.toml",
        "title = \"I\"\n[connector.inventory]\npath = \"inventaires\"\n",
    );
    let folder = instance.data().with_file_name("config").join("inventaires");
    std::fs::create_dir(&folder).unwrap();
    let keep = |title: &str| {
        let table = format!("Identifiant;Titre;Service;Statut\nE1;{title};DDT;diffusé\n");
        std::fs::write(folder.join("eau.csv"), table).unwrap();
    };
    instance.expect(0, &["runs"]);
    let mut daemon = instance
        .command(&["run", "--json", "--log", "warn"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let token = instance.data().join("admin.token");
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() || !token.exists() {
        std::thread::sleep(Duration::from_millis(50));
    }
    let token = common::read(&token);
    let post = |path: &str| post(port, &token, path);

    keep("Captages");
    assert_eq!(post("/admin/sources/inventaires/run"), 202);
    wait_for_end(&instance, 1);
    let before = instance.expect(0, &["export", "--format", "nt"]);
    keep("Puits");
    // The run has ended a moment before its place is free.
    while post("/admin/sources/inventaires/run") != 202 {
        std::thread::sleep(Duration::from_millis(50));
    }
    wait_for_end(&instance, 2);
    assert_ne!(instance.expect(0, &["export", "--format", "nt"]), before);
    assert_eq!(post("/admin/runs/1/undo"), 409);
    assert_eq!(post("/admin/runs/9/undo"), 404);
    assert_eq!(post("/admin/runs/2/undo"), 202);
    wait_for_end(&instance, 3);
    assert_eq!(instance.expect(0, &["export", "--format", "nt"]), before);
    assert_eq!(post("/admin/runs/3/stop"), 409);
    assert_eq!(post("/admin/sources/inventaires/resume"), 200);
    assert_eq!(post("/admin/sources/inventaires/resume"), 409);
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}

/// The status of the answer.
fn post(port: u16, token: &str, path: &str) -> u16 {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        token.trim()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    status.unwrap_or_else(|| panic!("{answer}"))
}

/// Waits until a run is complete.
fn wait_for_end(instance: &Instance, run: i64) {
    loop {
        let runs = instance.json(0, &["runs", "--json"]);
        if runs[0]["run"] == run && runs[0]["outcome"] != "running" {
            assert_eq!(runs[0]["outcome"], "complete", "{runs}");
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_run_is_stopped_from_another_terminal() {
    let instance = Instance::new();
    // A server that takes connections and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    instance.configure(
        "sources/portail.toml",
        &format!("title = \"P\"\n[connector.udata]\nurl = \"http://{address}/\"\n"),
    );
    let begun = || -> Child {
        instance
            .command(&["harvest", "portail", "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    instance.expect(0, &["runs"]);
    let child = begun();
    wait_for(&instance, 1);
    let text = instance.expect(2, &["harvest", "portail"]);
    assert!(
        text.contains("in use") && text.contains("moisson stop"),
        "{text}"
    );
    let text = instance.expect(2, &["stop", "7"]);
    assert!(text.contains("no run 7"), "{text}");
    let asked = instance.json(0, &["stop", "1", "--json"]);
    assert_eq!(asked["asked"], true, "{asked}");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["outcome"], &report["reason"]),
        (&"partial".into(), &"stopped by a person".into())
    );
    let text = instance.expect(2, &["stop", "1"]);
    assert!(text.contains("has ended: partial"), "{text}");

    // A run whose program is gone is not left running either.
    let mut child = begun();
    wait_for(&instance, 2);
    child.kill().unwrap();
    child.wait().unwrap();
    let text = instance.expect(0, &["stop", "2"]);
    assert!(text.contains("gone already"), "{text}");
    let runs = instance.json(0, &["runs", "--json"]);
    assert_eq!(runs[0]["outcome"], "failed", "{runs}");
}

fn wait_for(instance: &Instance, run: i64) {
    loop {
        let runs = instance.json(0, &["runs", "--json"]);
        if runs[0]["run"] == run {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
