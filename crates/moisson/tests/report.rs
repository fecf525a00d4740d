//! Reports as their readers get them: from the command, and by mail from the daemon.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use common::Instance;

/// A server that takes mail for anybody, and gives each letter as it came.
fn post() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (sender, letters) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let sender = sender.clone();
            std::thread::spawn(move || attend(stream.unwrap(), &sender));
        }
    });
    (url, letters)
}

fn attend(stream: TcpStream, sender: &Sender<String>) {
    let mut writer = stream.try_clone().unwrap();
    let mut say = |text: &str| writer.write_all(text.as_bytes());
    if say("220 valmer.example\r\n").is_err() {
        return;
    }
    let (mut letter, mut in_data) = (String::new(), false);
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let answer = match line.as_str() {
            "." if in_data => {
                in_data = false;
                sender.send(std::mem::take(&mut letter)).unwrap();
                "250 taken\r\n"
            }
            line if in_data => {
                letter.push_str(line);
                letter.push('\n');
                ""
            }
            "DATA" => {
                in_data = true;
                "354 go on\r\n"
            }
            line => {
                letter.push_str(line);
                letter.push('\n');
                "250 ok\r\n"
            }
        };
        if say(answer).is_err() {
            return;
        }
    }
}

/// An instance with an inventory whose rows have faults, and a mail server.
fn instance(url: &str) -> Instance {
    let instance = Instance::new();
    let config = instance.data().with_file_name("config");
    let main = std::fs::read_to_string(config.join("moisson.toml")).unwrap();
    let mail = format!(
        "{main}[mail]\nurl = \"{url}\"\nfrom = \"Catalogue <catalogue@donnees.example>\"\n"
    );
    instance.configure("moisson.toml", &mail);
    instance.configure(
        "sources/valmer.toml",
        "title = \"Inventaire de Valmer\"\nschedule = \"0 0 4 * * *\"\n[report]\nto = [\"sig@valmer.example\"]\n[connector.inventory]\npath = \"eau.csv\"\n",
    );
    std::fs::write(
        config.join("eau.csv"),
        "Identifiant;Titre;Service;Statut;Fréquence de mise à jour\nE1;Captages;DDT;diffusé;quand la lune est pleine\n",
    )
    .unwrap();
    instance
}

#[test]
fn the_report_is_printed_written_and_sent() {
    let (url, letters) = post();
    let instance = instance(&url);
    let text = instance.expect(2, &["report", "valmer", "--mail"]);
    assert!(text.contains("no run has ended"), "{text}");
    instance.expect(0, &["harvest", "valmer"]);
    let text = instance.expect(0, &["report", "valmer"]);
    assert!(
        text.contains("quand la lune est pleine") && text.contains("CE QUI RESTE À CORRIGER"),
        "{text}"
    );
    let text = instance.expect(0, &["report", "valmer", "--lang", "en"]);
    assert!(text.contains("WHAT IS LEFT TO MEND"), "{text}");
    let json = instance.json(0, &["report", "valmer", "--json"]);
    assert_eq!(json["source"]["id"], "valmer");
    let file = instance.data().with_file_name("rapport.html");
    instance.expect(
        0,
        &["report", "valmer", "--output", &file.to_string_lossy()],
    );
    assert!(common::read(&file).starts_with("<!doctype html>"));
    for (format, wanted) in [
        ("csv", "moissonnage,étape"),
        ("ttl", "sh:ValidationReport"),
        ("atom", "premier rapport"),
    ] {
        let text = instance.expect(0, &["report", "valmer", "--format", format]);
        assert!(text.contains(wanted), "{format}: {text}");
    }
    let text = instance.expect(0, &["report", "valmer", "--mail"]);
    assert!(text.contains("recipients: 1"), "{text}");
    let letter = letters.recv_timeout(Duration::from_secs(30)).unwrap();
    assert!(letter.contains("RCPT TO:<sig@valmer.example>"), "{letter}");
    let text = instance.expect(2, &["report", "valmer", "--lang", "de"]);
    assert!(text.contains("write fr or en"), "{text}");
}

#[test]
fn the_daemon_tells_the_owner_and_bears_that_nobody_takes_it() {
    let (url, letters) = post();
    let instance = instance(&url);
    let mut daemon = instance.command(&["run"]).spawn().unwrap();
    // The source was never harvested: it is due at once.
    let letter = letters.recv_timeout(Duration::from_secs(60));
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    let letter = letter.unwrap();
    assert!(
        letter.contains("Subject: ") && letter.contains("multipart/alternative"),
        "{letter}"
    );
    // A server that is not there fails no run.
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let instance = self::instance(&format!("smtp://{gone}"));
    let mut daemon = instance
        .command(&["run"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = BufReader::new(daemon.stderr.take().unwrap()).lines();
    let told = log
        .map_while(Result::ok)
        .find(|line| line.contains("the report was not sent"));
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    assert!(told.is_some_and(|line| line.contains("tried again")));
    let runs = instance.json(0, &["runs", "valmer", "--json"]);
    assert_eq!(runs[0]["outcome"], "complete");
    let text = instance.expect(2, &["report", "valmer", "--mail"]);
    assert!(text.contains("not accepted"), "{text}");
}

#[test]
fn what_cannot_be_sent_is_a_fault_of_the_configuration() {
    let instance = instance("smtp://mail.valmer.example");
    instance.expect(0, &["check"]);
    let text = "base = \"https://donnees.example.org/\"\n[mail]\nurl = \"smtps://mail.valmer.example\"\nfrom = \"a@valmer.example\"\nuser = \"a\"\nsecret = { env = \"MOISSON_NOT_SET\" }\n";
    instance.configure("moisson.toml", text);
    let noted = instance.expect(0, &["check"]);
    assert!(noted.contains("MOISSON_NOT_SET is not set"), "{noted}");
    let source = |report: &str| {
        let text = format!(
            "title = \"V\"\n[report]\n{report}\n[connector.inventory]\npath = \"eau.csv\"\n"
        );
        instance.configure("sources/valmer.toml", &text);
        instance.run(&["check"])
    };
    for (report, wanted) in [
        (
            "to = [\"pas une adresse\"]",
            "valmer.toml:3:1: `pas une adresse`",
        ),
        ("when = \"always\"", "say to whom"),
        ("when = \"parfois\"", "on_change"),
        ("too = []", "too"),
        ("language = \"de\"", "expected `fr` or `en`"),
    ] {
        let output = source(report);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.code() == Some(2) && text.contains(wanted),
            "{report}: {text}"
        );
    }
    assert!(source("when = \"never\"").status.success());
    let main = |mail: &str| {
        let text = format!("base = \"https://donnees.example.org/\"\n{mail}");
        instance.configure("moisson.toml", &text);
        instance.expect(2, &["check"])
    };
    source("to = [\"sig@valmer.example\"]");
    assert!(main("").contains("[mail]"));
    let from = "from = \"a@b.example\"";
    for (mail, wanted) in [
        (
            format!("url = \"smtps://moi:secret@m.example\"\n{from}"),
            "`user`",
        ),
        (format!("url = \"https://m.example\"\n{from}"), "smtps://"),
        (
            format!(
                "url = \"smtp://m.example\"\nuser = \"moi\"\nsecret = {{ env = \"X\" }}\n{from}"
            ),
            "in clear",
        ),
        (
            format!("url = \"smtps://m.example\"\nuser = \"moi\"\n{from}"),
            "both",
        ),
    ] {
        let text = main(&format!("[mail]\n{mail}\n"));
        assert!(
            text.contains(wanted) && !text.contains("secret@"),
            "{mail}: {text}"
        );
    }
}
