//! Mail, against a server of a few lines.

use std::time::Duration;

use archive::Mailed;
use lettre::message::Mailbox;
use model::{Outcome, Severity, Stage};
use report::{Change, Lang, Letter, MailSettings, Mailer, Notice, When};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::fixture::{Fixture, ROOT, at, found};

/// What the server was told, line by line.
struct Post {
    url: String,
    received: UnboundedReceiver<String>,
}

/// Takes mail for anybody, or for nobody.
async fn post(refusing: bool) -> Post {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("smtp://{}", listener.local_addr().expect("an address"));
    let (sender, received) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(attend(stream, refusing, sender.clone()));
        }
    });
    Post { url, received }
}

async fn attend(
    mut stream: TcpStream,
    refusing: bool,
    sender: UnboundedSender<String>,
) -> std::io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 valmer.example\r\n").await?;
    let mut in_data = false;
    while let Some(line) = lines.next_line().await? {
        let answer = match line.as_str() {
            "." if in_data => {
                in_data = false;
                "250 taken\r\n"
            }
            _ if in_data => "",
            "DATA" => {
                in_data = true;
                "354 go on\r\n"
            }
            "QUIT" => "221 bye\r\n",
            line if line.starts_with("EHLO") => "250-valmer.example\r\n250 8BITMIME\r\n",
            line if line.starts_with("RCPT") && refusing => "550 nobody here\r\n",
            _ => "250 ok\r\n",
        };
        let _ = sender.send(line);
        writer.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

fn settings(url: &str) -> MailSettings {
    MailSettings {
        url: url.to_owned(),
        from: "Catalogue régional <catalogue@donnees.example>".to_owned(),
        credentials: None,
    }
}

fn owners() -> Vec<Mailbox> {
    ["Géomatique <sig@valmer.example>", "donnees@valmer.example"]
        .map(|text| report::address(text).expect("an address"))
        .to_vec()
}

async fn letter(fixture: &Fixture) -> (archive::ReportRow, Letter) {
    let report = fixture.report().await;
    let now = report::note(&fixture.archive, &report)
        .await
        .expect("noted")
        .expect("a run");
    let change = Change::between(None, &now);
    (
        now,
        report::letter(&report, &change, Lang::Fr, ROOT).expect("a letter"),
    )
}

async fn all(post: &mut Post) -> String {
    let mut text = String::new();
    while let Ok(Some(line)) =
        tokio::time::timeout(Duration::from_secs(20), post.received.recv()).await
    {
        text.push_str(&line);
        text.push('\n');
        if line == "." {
            break;
        }
    }
    text
}

#[tokio::test]
async fn the_owners_get_text_and_html() {
    let fixture = Fixture::new().await;
    let mut post = post(false).await;
    let (_, letter) = letter(&fixture).await;
    assert_eq!(
        letter.subject,
        "Portail de Valmer & <ses communes> : moissonnage partiel, 6 nouveaux problèmes"
    );
    let mailer = Mailer::new(&settings(&post.url)).expect("a mailer");
    mailer.send(&letter, &owners()).await.expect("sent");
    let text = all(&mut post).await;
    for wanted in [
        "MAIL FROM:<catalogue@donnees.example>",
        "RCPT TO:<sig@valmer.example>",
        "RCPT TO:<donnees@valmer.example>",
        "Auto-Submitted: auto-generated",
        "Content-Type: multipart/alternative;",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
        "Message-ID: <",
        "Date: ",
    ] {
        assert!(text.contains(wanted), "{wanted:?} is not in\n{text}");
    }
    assert!(
        letter.text.contains("CE QUI A CHANGÉ") && letter.text.contains("libre d’usage"),
        "{}",
        letter.text
    );
    assert!(
        letter
            .text
            .contains("https://donnees.example/sources/portail-valmer/report.html?lang=fr"),
        "{}",
        letter.text
    );
}

/// As the daemon does: what could not be sent is not noted, so that it is due again.
#[tokio::test]
async fn what_is_refused_is_due_again_until_it_is_taken() {
    let fixture = Fixture::new().await;
    let source = &fixture.card.id;
    let (now, letter) = letter(&fixture).await;
    let bad = post(true).await;
    let refused = Mailer::new(&settings(&bad.url))
        .expect("a mailer")
        .send(&letter, &owners())
        .await;
    assert!(refused.is_err_and(|error| error.to_string().contains("nobody here")));
    let mailed = fixture.archive.mailed(source).await.expect("read");
    assert_eq!(mailed, None);
    let Notice::Send(digest) = report::decide(When::OnChange, &now, mailed.as_ref()) else {
        panic!("it is due")
    };
    let mut good = post(false).await;
    Mailer::new(&settings(&good.url))
        .expect("a mailer")
        .send(&letter, &owners())
        .await
        .expect("sent");
    assert!(all(&mut good).await.ends_with("\n.\n"));
    let sent = Mailed {
        run: now.run,
        digest,
        at: at(0),
    };
    fixture
        .archive
        .set_mailed(source, &sent)
        .await
        .expect("written");
    let mailed = fixture.archive.mailed(source).await.expect("read");
    assert_eq!(mailed.as_ref(), Some(&sent));
    assert_eq!(
        report::decide(When::OnChange, &now, mailed.as_ref()),
        Notice::Nothing
    );
    let worse = found(
        "fetch/connection",
        Severity::Error,
        Stage::Fetch,
        "nobody is there",
    );
    fixture.run(3, Outcome::Failed, &[], &[], vec![worse]).await;
    let report = fixture.report().await;
    let next = report::note(&fixture.archive, &report)
        .await
        .expect("noted")
        .expect("a run");
    assert!(matches!(
        report::decide(When::OnChange, &next, mailed.as_ref()),
        Notice::Send(_)
    ));
}
