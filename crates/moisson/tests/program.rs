//! The program as scripts see it: exit codes, messages, JSON.

mod common;

use common::Instance;

#[test]
fn every_fault_of_the_configuration_is_named_with_its_place() {
    let instance = Instance::new();
    instance.configure(
        "moisson.toml",
        "base = \"pas une adresse\"\n[server]\nlisten = \"ici\"\n",
    );
    instance.configure("sources/a.toml", "title = \"A\"\nschedule = \"tous les jours\"\n[connector.udata]\nurl = \"https://a.example/\"\n");
    instance.configure(
        "sources/b.toml",
        "title = \"B\"\n[connector.csw]\nurl = \"https://b.example/csw\"\npage_sise = 10\n",
    );
    instance.configure(
        "sources/Mal nommé.toml",
        "title = \"C\"\n[connector.csw]\nurl = \"https://c.example/csw\"\n",
    );
    instance.configure(
        "sources/d.toml",
        "title = \"D\"\nfull_every = \"3d\"\nfull = \"0 0 2 * * SUN\"\n[connector.oai-pmh]\nurl = \"https://d.example/oai\"\nincremental = \"auto\"\n",
    );
    instance.configure(
        "sources/e.toml",
        "title = \"E\"\nfull = \"le dimanche\"\nresume_within = \"1h\"\n[connector.udata]\nurl = \"https://e.example/\"\n",
    );
    let text = instance.expect(2, &["check"]);
    for wanted in [
        "d.toml:2:14: give `full` or `full_every`",
        "e.toml:2:8: ",
        "moisson.toml:1:8: ",
        "moisson.toml:3:10: ",
        "a.toml:2:12: ",
        "b.toml:4:1: ",
        "page_sise",
        "Mal nommé.toml: ",
    ] {
        assert!(text.contains(wanted), "{wanted:?} is not in\n{text}");
    }
    let faults = instance.json(2, &["check", "--json"]);
    assert!(
        faults
            .as_array()
            .unwrap()
            .iter()
            .any(|fault| fault["line"] == 4 && fault["column"] == 1),
        "{faults}"
    );
}

#[test]
fn the_configuration_that_is_shipped_has_no_fault() {
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_moisson"))
        .args(["--config", config, "check"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let instance = Instance::new();
    instance.configure(
        "sources/portail.toml",
        "title = \"P\"\n[connector.udata]\nurl = \"https://p.example/\"\n",
    );
    let text = instance.expect(2, &["harvest", "portial"]);
    assert!(
        text.contains("no source `portial`") && text.contains("portail"),
        "{text}"
    );
    let text = instance.expect(2, &["explain", "no/rule"]);
    assert!(text.contains("moisson explain"), "{text}");
    let text = instance.expect(2, &["--config", "/nowhere", "sources"]);
    assert!(text.contains("--config"), "{text}");
    let text = instance.expect(2, &["release", "portail"]);
    assert!(text.contains("holds nothing"), "{text}");
}

#[test]
fn inventories_dropped_into_a_folder_are_harvested() {
    let instance = Instance::new();
    instance.configure(
        "sources/inventaires.toml",
        "title = \"I\"\n[connector.inventory]\npath = \"inventaires\"\n",
    );
    let config = instance.data().with_file_name("config");
    let folder = config.join("inventaires");
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("modele.csv");
    let written = file.to_string_lossy();
    instance.expect(0, &["template", "--output", &written]);
    let text = instance.expect(2, &["template", "--output", &written]);
    assert!(text.contains("exists"), "{text}");
    std::fs::write(
        folder.join("eau.csv"),
        "Identifiant;Titre;Service;Statut\nE1;Captages de Valmer;DDT;diffusé\nE2;Forages secrets;DDT;confidentiel\n",
    )
    .unwrap();
    let report = instance.json(0, &["harvest", "inventaires", "--json"]);
    assert_eq!(
        (&report["outcome"], &report["created"]),
        (&"complete".into(), &1.into()),
        "{report}"
    );
    let text = instance.expect(0, &["export"]);
    assert!(
        text.contains("Captages de Valmer") && !text.contains("Forages secrets"),
        "{text}"
    );
    // A row that becomes confidential is withdrawn at once, though it was the only one: the guard does not hold it.
    let table = "Identifiant;Titre;Service;Statut\nE1;Captages de Valmer;DDT;confidentiel\nE2;Forages secrets;DDT;confidentiel\n";
    std::fs::write(folder.join("eau.csv"), table).unwrap();
    let report = instance.json(0, &["harvest", "inventaires", "--json"]);
    assert_eq!(report["withdrawn"], 1, "{report}");
    assert!(!instance.expect(0, &["export"]).contains("Captages"));
    // What the folder does not have, a link in it cannot give.
    #[cfg(unix)]
    {
        let table = "Identifiant;Titre;Service;Statut\nE3;Routes;DDT;diffusé\n";
        std::fs::write(folder.join("eau.csv"), table).unwrap();
        std::os::unix::fs::symlink(config.join("moisson.toml"), folder.join("lien.csv")).unwrap();
        let report = instance.json(1, &["harvest", "inventaires", "--json"]);
        assert!(
            report["findings"]
                .to_string()
                .contains("fetch/forbidden-path"),
            "{report}"
        );
    }
}

#[test]
fn a_source_that_cannot_be_reached_fails_with_its_cause() {
    let instance = Instance::new();
    let port = common::free_port();
    instance.configure("sources/portail.toml", &format!("title = \"P\"\n[fetch]\nretries = 0\n[connector.udata]\nurl = \"http://127.0.0.1:{port}/\"\n"));
    let report = instance.json(2, &["harvest", "portail", "--json"]);
    assert_eq!(
        (&report["outcome"], &report["seen"]),
        (&"failed".into(), &0.into()),
        "{report}"
    );
    assert!(
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|finding| finding["rule"] == "fetch/connection"),
        "{report}"
    );
    assert!(report["reason"].is_string());
}

#[test]
fn the_demonstration_is_harvested_and_says_what_it_refused() {
    let instance = Instance::new();
    let text = instance.expect(0, &["demo", "--once"]);
    assert!(
        text.contains("run 1 of demo-csw: complete")
            && text.contains("run 2 of demo-udata: complete"),
        "{text}"
    );
    assert!(
        text.contains("error "),
        "one record of the demonstration cannot be mapped: {text}"
    );
    // The same once more: nothing changed.
    let text = instance.expect(0, &["demo", "--once"]);
    assert!(text.contains(" 0 created, 0 updated, "), "{text}");
}

#[test]
fn two_programs_do_not_write_in_one_directory() {
    let instance = Instance::new();
    let port = common::free_port();
    instance.configure(
        "moisson.toml",
        &format!(
            "base = \"https://donnees.example.org/\"\n[server]\nlisten = \"127.0.0.1:{port}\"\n"
        ),
    );
    let mut server = instance.command(&["serve", "--json"]).spawn().unwrap();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err()
        || !instance.data().join("admin.token").exists()
    {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    instance.configure(
        "sources/portail.toml",
        "title = \"P\"\n[connector.udata]\nurl = \"https://p.example/\"\n",
    );
    let text = instance.expect(2, &["harvest", "portail"]);
    // Who looks is not locked out.
    let runs = instance.expect(0, &["runs", "--json"]);
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(
        text.contains("in use") && text.contains("/admin/sources/"),
        "{text}"
    );
    assert_eq!(runs.trim(), "[]");
}

#[test]
fn a_base_once_used_cannot_be_changed() {
    let instance = Instance::new();
    instance.expect(0, &["runs"]);
    instance.configure("moisson.toml", "base = \"https://autre.example.org/\"\n");
    let text = instance.expect(2, &["runs"]);
    assert!(
        text.contains("https://donnees.example.org/")
            && text.contains("https://autre.example.org/"),
        "{text}"
    );
}

#[test]
fn secrets_are_not_shown() {
    let instance = Instance::new();
    let port = common::free_port();
    instance.configure(
        "sources/portail.toml",
        &format!("title = \"P\"\n[fetch]\nretries = 0\n[credentials]\nurl = \"http://127.0.0.1:{port}/\"\nuser = \"moi\"\nsecret.env = \"MOISSON_TEST_SECRET\"\n[connector.udata]\nurl = \"http://127.0.0.1:{port}/\"\n"),
    );
    let text = instance.expect(2, &["harvest", "portail"]);
    assert!(
        text.contains("MOISSON_TEST_SECRET"),
        "the variable that lacks is named: {text}"
    );
    let output = instance
        .command(&["harvest", "portail", "--json", "--log", "trace"])
        .env("MOISSON_TEST_SECRET", "tres-secret")
        .output()
        .unwrap();
    for stream in [&output.stdout, &output.stderr] {
        assert!(!String::from_utf8_lossy(stream).contains("tres-secret"));
    }
}
