//! Plans as people and scripts see them: shown, saved, applied, refused.

mod common;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use common::Instance;
use serde_json::Value;

/// An instance with inventories in a folder.
struct Inventories {
    instance: Instance,
    folder: PathBuf,
}

impl Inventories {
    fn new() -> Self {
        let instance = Instance::new();
        instance.configure(
            "sources/inventaires.toml",
            "title = \"I\"\n[connector.inventory]\npath = \"inventaires\"\n",
        );
        let folder = instance.data().with_file_name("config").join("inventaires");
        std::fs::create_dir(&folder).unwrap();
        Self { instance, folder }
    }

    fn keep(&self, rows: &str) {
        let table = format!("Identifiant;Titre;Service;Statut\n{rows}");
        std::fs::write(self.folder.join("eau.csv"), table).unwrap();
    }

    fn file(&self, name: &str) -> String {
        let file = self.instance.data().with_file_name(name);
        file.to_string_lossy().into_owned()
    }

    fn export(&self) -> String {
        self.instance.expect(0, &["export", "--format", "nt"])
    }

    /// The lines of a plan.
    fn lines(&self, arguments: &[&str]) -> Vec<Value> {
        let text = self.instance.expect(0, arguments);
        let parse =
            |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        text.lines().map(parse).collect()
    }

    /// Nothing is left of copies of the archive.
    fn assert_no_copy_left(&self) {
        let left: Vec<_> = std::fs::read_dir(self.instance.data())
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .filter(|name| name.starts_with("plan-"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

const BEFORE: &str = "E1;Captages de Valmer;DDT;diffusé\nE2;Forages de Valmer;DDT;diffusé\n";
const AFTER: &str = "E1;Captages;DDT;diffusé\nE3;Puits;DDT;diffusé\n";

#[test]
fn a_plan_is_shown_saved_and_applied() {
    let world = Inventories::new();
    let instance = &world.instance;
    world.keep(BEFORE);
    let text = instance.expect(0, &["harvest", "inventaires", "--dry-run"]);
    for wanted in [
        "+ dataset \"Captages de Valmer\", ",
        "dataset: 2 created",
        "run 1 of inventaires: complete (dry run, nothing written), 2",
    ] {
        assert!(text.contains(wanted), "{wanted:?} is not in\n{text}");
    }
    assert!(
        !text.contains("+ dct:title") && !text.contains('\u{1b}'),
        "{text}"
    );
    let text = instance.expect(0, &["harvest", "inventaires", "--dry-run", "--verbose"]);
    assert!(
        text.contains("    + dct:title \"Captages de Valmer\"@fr"),
        "{text}"
    );
    assert_eq!(instance.expect(0, &["runs", "--json"]).trim(), "[]");
    instance.expect(0, &["harvest", "inventaires"]);
    let before = world.export();

    world.keep(AFTER);
    let text = instance.expect(0, &["harvest", "inventaires", "--dry-run"]);
    for wanted in [
        "~ dataset \"Captages\"\n",
        "    - dct:title \"Captages de Valmer\"@fr\n    + dct:title \"Captages\"@fr\n",
        "+ dataset \"Puits\"",
        "= inventaires/",
        "the deletion guard holds it",
    ] {
        assert!(text.contains(wanted), "{wanted:?} is not in\n{text}");
    }
    let lines = world.lines(&["harvest", "inventaires", "--dry-run", "--json"]);
    let (summary, entries) = lines.split_last().unwrap();
    assert_eq!(summary["type"], "summary");
    assert_eq!(
        (
            &summary["entities"]["dataset"]["updated"],
            &summary["run"]["held"]
        ),
        (&1.into(), &1.into()),
        "{summary}"
    );
    let updated = entries
        .iter()
        .find(|entry| entry["change"] == "updated")
        .unwrap();
    let title = updated["properties"].as_array().unwrap();
    let title = title
        .iter()
        .find(|property| property["path"] == "dct:title")
        .unwrap();
    assert_eq!(title["added"][0], "\"Captages\"@fr");

    let file = world.file("plan.moisson");
    let text = instance.expect(0, &["harvest", "inventaires", "--save-plan", &file]);
    assert!(text.contains(&format!("moisson apply {file}")), "{text}");
    assert_eq!(world.export(), before);
    let text = instance.expect(2, &["harvest", "inventaires", "--save-plan", &file]);
    assert!(text.contains("nothing is overwritten"), "{text}");
    let text = instance.expect(2, &["harvest", "--save-plan", &world.file("autre")]);
    assert!(text.contains("of one source"), "{text}");

    // The source is not asked again.
    std::fs::remove_dir_all(&world.folder).unwrap();
    let text = instance.expect(0, &["apply", &file, "--dry-run"]);
    assert!(text.contains("+ dataset \"Puits\""), "{text}");
    assert_eq!(world.export(), before);
    let report = instance.json(0, &["apply", &file, "--json"]);
    assert_eq!(
        (
            &report["run"],
            &report["created"],
            &report["updated"],
            &report["held"]
        ),
        (&2.into(), &1.into(), &1.into(), &1.into()),
        "{report}"
    );
    let after = world.export();
    assert!(after.contains("\"Puits\"") && after.contains("Forages de Valmer"));
    let text = instance.expect(3, &["apply", &file]);
    assert!(text.is_empty(), "{text}");
    let output = instance.run(&["apply", &file]);
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        why.contains("run 2 of source `inventaires` came after it")
            && why.contains("moisson harvest inventaires --save-plan FILE"),
        "{why}"
    );
    instance.expect(0, &["undo", "2"]);
    assert_eq!(world.export(), before);
    world.assert_no_copy_left();
}

#[test]
fn a_plan_that_is_no_longer_true_or_damaged_is_refused() {
    let world = Inventories::new();
    let instance = &world.instance;
    world.keep(BEFORE);
    instance.expect(0, &["harvest", "inventaires"]);
    world.keep(AFTER);
    let file = world.file("plan.moisson");
    instance.expect(
        0,
        &["harvest", "inventaires", "--save-plan", &file, "--json"],
    );
    let before = world.export();
    let refused = |code: i32, file: &str, wanted: &str| {
        let output = instance.run(&["apply", file]);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains(wanted), "{wanted:?} is not in {text}");
    };

    let whole = std::fs::read(&file).unwrap();
    let damaged = world.file("damaged");
    std::fs::write(&damaged, &whole[..whole.len() / 2]).unwrap();
    refused(2, &damaged, "is damaged");
    std::fs::write(&damaged, "title = \"I\"\n").unwrap();
    refused(2, &damaged, "is no plan");
    refused(2, &world.file("nowhere"), "nowhere");

    let config =
        "title = \"I\"\n[guard]\nshare = 0.9\n[connector.inventory]\npath = \"inventaires\"\n";
    instance.configure("sources/inventaires.toml", config);
    refused(3, &file, "the configuration of source `inventaires`");
    instance.configure(
        "sources/inventaires.toml",
        "title = \"I\"\n[connector.inventory]\npath = \"inventaires\"\n",
    );
    // Another archive in the same place.
    let (data, away) = (instance.data(), instance.data().with_file_name("away"));
    std::fs::rename(&data, &away).unwrap();
    instance.expect(0, &["runs"]);
    refused(3, &file, "another archive");
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::rename(&away, &data).unwrap();

    assert_eq!(world.export(), before);
    instance.expect(0, &["apply", &file]);
    assert_ne!(world.export(), before);
    world.assert_no_copy_left();
}

#[test]
fn what_a_killed_program_left_is_removed() {
    let world = Inventories::new();
    world.keep(BEFORE);
    world.instance.expect(0, &["runs"]);
    let left = world.instance.data().join("plan-abc");
    std::fs::create_dir(&left).unwrap();
    std::fs::write(left.join("lock"), "1").unwrap();
    std::fs::write(left.join("archive.sqlite"), "x").unwrap();
    world
        .instance
        .expect(0, &["harvest", "inventaires", "--dry-run"]);
    world.assert_no_copy_left();
}

/// A daemon, killed when the test ends.
struct Daemon(std::process::Child);

impl Daemon {
    fn start(instance: &Instance, command: &str) -> Self {
        let address = instance.data().join("admin.address");
        let child = instance
            .command(&[command, "--json", "--log", "warn"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while !address.exists() {
            std::thread::sleep(Duration::from_millis(50));
        }
        Self(child)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Two sources with a dataset each that no rule would take for one.
fn two() -> (Instance, String, String) {
    let instance = Instance::new();
    let config = instance.data().with_file_name("config");
    for (source, title) in [("un", "Captages"), ("deux", "Zones humides")] {
        let text = format!("title = \"{source}\"\n[connector.inventory]\npath = \"{source}\"\n");
        instance.configure(&format!("sources/{source}.toml"), &text);
        std::fs::create_dir(config.join(source)).unwrap();
        let table = format!(
            "Identifiant;Titre;Service;Statut\n{source}-1;{title};DDT de {source};diffusé\n"
        );
        std::fs::write(config.join(source).join("a.csv"), table).unwrap();
    }
    instance.expect(0, &["harvest", "un", "deux"]);
    let iris = datasets(&instance);
    let [one, other] = iris.as_slice() else {
        panic!("{iris:?}")
    };
    (instance, one.clone(), other.clone())
}

fn datasets(instance: &Instance) -> Vec<String> {
    let dump = instance.expect(0, &["export", "--format", "nt"]);
    let listed = "<https://donnees.example.org/catalogue> <http://www.w3.org/ns/dcat#dataset> <";
    dump.lines()
        .filter_map(|line| line.strip_prefix(listed))
        .map(|line| line.trim_end_matches("> .").to_owned())
        .collect()
}

/// Merges, looks, splits, with and without a daemon alike.
fn merge_and_split(instance: &Instance, one: &str, other: &str) {
    let reason = ["--reason", "les mêmes"];
    let merge =
        |code, a: &str, b: &str| instance.expect(code, &["merge", a, b, reason[0], reason[1]]);
    let refused = merge(2, one, one);
    assert!(refused.contains("named twice"), "{refused}");
    let refused = merge(2, one, "https://ailleurs.example/x");
    assert!(
        refused.contains("is no entity of this catalogue"),
        "{refused}"
    );
    let nobody = "https://donnees.example.org/dataset/00000000-0000-4000-8000-000000000000";
    let refused = merge(2, one, nobody);
    assert!(
        refused.contains("is no dataset, series or service"),
        "{refused}"
    );
    assert_eq!(datasets(instance).len(), 2);

    let merged = instance.json(0, &["merge", one, other, reason[0], reason[1], "--json"]);
    let entity = merged["entity"].as_str().unwrap().to_owned();
    assert_eq!(datasets(instance), std::slice::from_ref(&entity));
    let decided = instance.json(0, &["decisions", &entity, "--json"]);
    assert_eq!(
        (&decided[0]["relation"], &decided[0]["reason"]),
        (&"same".into(), &"les mêmes".into()),
        "{decided}"
    );
    let records = decided[0]["records"].as_array().unwrap();
    let deux = records
        .iter()
        .find(|record| record["source"] == "deux")
        .unwrap();
    let record = format!("deux/{}", deux["record"].as_str().unwrap());

    let split = |code, record: &str| {
        instance.expect(
            code,
            &["split", &entity, record, "--reason", "deux millésimes"],
        )
    };
    let refused = split(2, "deux");
    assert!(refused.contains("SOURCE/IDENTIFIER"), "{refused}");
    let refused = split(2, "deux/inconnu");
    assert!(refused.contains("has no record deux/inconnu"), "{refused}");
    let parted = split(0, &record);
    assert!(
        parted
            .trim()
            .starts_with("https://donnees.example.org/dataset/"),
        "{parted}"
    );
    assert_eq!(datasets(instance).len(), 2);
    let decided = instance.json(0, &["decisions", "--show", "apart", "--json"]);
    assert_eq!(decided[0]["reason"], "deux millésimes", "{decided}");
}

#[test]
fn a_person_merges_and_splits() {
    let (instance, one, other) = two();
    merge_and_split(&instance, &one, &other);
}

#[test]
fn a_person_merges_and_splits_while_the_daemon_runs() {
    let (instance, one, other) = two();
    let daemon = Daemon::start(&instance, "run");
    merge_and_split(&instance, &one, &other);
    // Plans are made beside it, and applied without it.
    let text = instance.expect(0, &["harvest", "un", "--dry-run"]);
    assert!(
        text.contains("nothing in the catalogue would change"),
        "{text}"
    );
    let file = instance.data().with_file_name("plan");
    let file = file.to_string_lossy();
    instance.expect(0, &["harvest", "un", "--save-plan", &file]);
    let text = instance.expect(2, &["apply", &file]);
    assert!(text.contains("in use by another moisson"), "{text}");
    drop(daemon);
    // Its address is still written down; nobody answers there, and nobody has the directory.
    instance.expect(0, &["merge", &one, &other, "--reason", "les mêmes"]);
    assert_eq!(datasets(&instance).len(), 1);
}

#[test]
fn a_server_that_does_not_harvest_decides_nothing() {
    let (instance, one, other) = two();
    let _server = Daemon::start(&instance, "serve");
    let text = instance.expect(2, &["merge", &one, &other, "--reason", "x"]);
    assert!(text.contains("in use by a `moisson serve`"), "{text}");
    assert_eq!(datasets(&instance).len(), 2);
}

#[test]
fn a_harvest_that_goes_on_is_not_a_daemon() {
    let (instance, one, other) = two();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    instance.configure(
        "sources/portail.toml",
        &format!("title = \"P\"\n[connector.udata]\nurl = \"http://{address}/\"\n"),
    );
    let mut child = instance
        .command(&["harvest", "portail", "--json"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while instance.json(0, &["runs", "portail", "--json"]) == serde_json::json!([]) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let text = instance.expect(2, &["merge", &one, &other, "--reason", "x"]);
    assert!(text.contains("in use by another moisson"), "{text}");
    let text = instance.expect(2, &["harvest", "portail", "--dry-run"]);
    assert!(text.contains("is going on"), "{text}");
    child.kill().unwrap();
    child.wait().unwrap();
}
