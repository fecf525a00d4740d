//! What is no answer at all, or comes to no end, or is cut off.

use std::time::Duration;

use model::Outcome;
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use crate::server::{answer, send};
use crate::world::*;

const TWO_GIGABYTES: u64 = 2 * 1024 * 1024 * 1024;
const HTML: &str =
    "<!DOCTYPE html><html><head><title>Panne</title></head><body>Revenez plus tard</body></html>";

#[tokio::test(flavor = "multi_thread")]
async fn html_instead_of_data() {
    let world = World::udata().await;
    world
        .server
        .say(|_| answer("200 OK\nContent-Type: text/html", HTML));
    world.fails("page/unreadable", "HTML").await;
    let world = World::csw().await;
    world
        .server
        .say(|_| answer("200 OK\nContent-Type: text/html", HTML));
    world.fails("page/unreadable", "HTML").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_answers() {
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "42",
        "\"texte\"",
        "{\"data\":null}",
        "{\"data\":{}}",
    ] {
        let world = World::udata().await;
        world.server.say(udata_saying(body));
        let run = world.run().await;
        assert_eq!(run.outcome(), Outcome::Failed, "{body}: {run:#?}");
        run.finding("page/unreadable");
    }
    let world = World::csw().await;
    world.server.say(csw_saying(""));
    world.fails("page/unreadable", "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_in_a_circle() {
    let world = World::udata().await;
    world.server.say(|asked| {
        let next = format!("302 Found\nLocation: {}", asked.path);
        answer(&next, "")
    });
    world.fails("fetch/redirect-loop", "circle").await;
    let world = World::csw().await;
    world.server.say(|asked| {
        let next = format!("302 Found\nLocation: {}x", asked.path);
        answer(&next, "")
    });
    world.fails("fetch/redirect-loop", "more than").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_into_a_private_network() {
    let world = World::udata().await;
    let away = "302 Found\nLocation: http://169.254.169.254/latest/meta-data/";
    world.server.say(move |_| answer(away, ""));
    world.fails("fetch/forbidden-address", "169.254").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_and_slow_bodies() {
    let world = World::udata().await;
    world.server.handle(|_, stream| async move {
        sleep(Duration::from_secs(20)).await;
        drop(stream);
    });
    world.fails("fetch/timeout", "nothing").await;
    let world = World::csw().await;
    world.server.handle(|_, mut stream| async move {
        send(
            &mut stream,
            b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        )
        .await;
        while stream.write_all(b" ").await.is_ok() {
            sleep(Duration::from_millis(200)).await;
        }
    });
    world.fails("fetch/timeout", "finished").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_break_off() {
    let lies: [fn(usize) -> String; 2] = [
        |length| format!("Content-Length: {}", length + 1000),
        |_| "Transfer-Encoding: chunked".to_owned(),
    ];
    for lie in lies {
        let world = World::udata().await;
        world.server.handle(move |_, mut stream| async move {
            let body = good_page();
            let chunk = match lie(0).contains("chunked") {
                true => format!("{:x}\r\n{body}\r\n", body.len()),
                false => body.clone(),
            };
            let head = format!("HTTP/1.1 200 OK\r\n{}\r\n\r\n", lie(body.len()));
            send(&mut stream, (head + &chunk).as_bytes()).await;
        });
        world.fails("fetch/truncated", "broke off").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_length_that_is_too_short() {
    let world = World::udata().await;
    world.server.handle(|_, mut stream| async move {
        let body = good_page();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len() / 2
        );
        send(&mut stream, (head + &body).as_bytes()).await;
    });
    let run = world.run().await;
    assert_eq!(run.outcome(), Outcome::Failed, "{run:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gigabytes() {
    for announced in [true, false] {
        let world = World::csw().await;
        world.server.handle(move |_, mut stream| async move {
            let mut head = "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n".to_owned();
            if announced {
                head.push_str(&format!("Content-Length: {TWO_GIGABYTES}\r\n"));
            }
            send(&mut stream, (head + "\r\n").as_bytes()).await;
            let block = " ".repeat(1 << 20);
            for _ in 0..TWO_GIGABYTES >> 20 {
                if stream.write_all(block.as_bytes()).await.is_err() {
                    return;
                }
            }
        });
        world.fails("fetch/too-large", "bytes").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn truncated_answers() {
    let world = World::udata().await;
    let page = good_page();
    world.server.say(udata_saying(&page[..page.len() / 2]));
    let said = "not well-formed JSON";
    world.fails("record/unreadable", said).await;
    let world = World::csw().await;
    let page = results(&good_records(), KNOWN, KNOWN, 0);
    world.server.say(csw_saying(&page[..page.len() / 2]));
    world
        .fails("record/unreadable", "not well-formed XML")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_charsets() {
    let world = World::csw().await;
    let record = iso("accents", "For\u{ea}ts");
    let page = results(&(good_records() + &record), KNOWN + 1, KNOWN + 1, 0);
    let bytes: Vec<u8> = page
        .chars()
        .map(|c| u8::try_from(u32::from(c)).expect("Latin 1"))
        .collect();
    world.server.say(csw_saying(bytes));
    let run = world.run().await;
    assert_said(&run, "page/wrong-charset", "Windows-1252");
    assert!(world.instance.dump().await.contains("Forêts"));

    let world = World::udata().await;
    let mut bytes = good_page().into_bytes();
    let at = bytes.len() / 2;
    bytes.insert(at, 0xe9);
    world.server.say(udata_saying(bytes));
    let run = world.run().await;
    assert!(!run.findings.is_empty(), "{run:#?}");
}
