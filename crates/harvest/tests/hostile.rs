//! Sources that are broken or mean harm, over real sockets: a run ends within seconds, says why, and takes nothing
//! out of the catalogue that was there before.

mod instance;
mod server;

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use fetch::Fetcher;
use harvest::Source;
use model::Outcome;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use instance::{Instance, Run, connector, source};
use server::{Asked, Server, answer, fetcher, send};

/// The longest time for one run.
const PATIENCE: Duration = Duration::from_secs(15);
/// The most that the whole test program may ever hold: tests run beside one another.
const MEMORY: u64 = 900 * 1024 * 1024;
const TWO_GIGABYTES: u64 = 2 * 1024 * 1024 * 1024;
const KNOWN: u64 = 10;

const JSON: &str = "200 OK\nContent-Type: application/json";
const XML: &str = "200 OK\nContent-Type: application/xml";
const HTML: &str =
    "<!DOCTYPE html><html><head><title>Panne</title></head><body>Revenez plus tard</body></html>";

/// A server that was good once, and the instance that harvested it then.
struct World {
    server: Server,
    instance: Instance,
    source: Source<Fetcher>,
    before: String,
}

impl World {
    async fn udata() -> Self {
        let config = |url: &str| format!("[connector.udata]\nurl = \"{url}\"\npage_size = 10\n");
        Self::new(config, good_udata).await
    }

    async fn csw() -> Self {
        let config = |url: &str| format!("[connector.csw]\nurl = \"{url}\"\npage_size = 10\n");
        Self::new(config, good_csw).await
    }

    async fn new(config: impl Fn(&str) -> String, good: fn(&Asked) -> Vec<u8>) -> Self {
        let server = Server::start().await;
        server.say(good);
        let source = source("mauvais", connector(&config(&server.url())), fetcher());
        let instance = Instance::new().await;
        let run = instance.run(&source).await;
        let report = &run.report;
        assert_eq!(
            (report.outcome, report.created),
            (Outcome::Complete, KNOWN),
            "{run:#?}"
        );
        let before = instance.dump().await;
        Self {
            server,
            instance,
            source,
            before,
        }
    }

    /// A run a month later, when every period of grace is over.
    async fn run(&self) -> Run {
        self.instance.advance(TimeDelta::days(30));
        let began = Instant::now();
        let run = tokio::time::timeout(PATIENCE, self.instance.run(&self.source)).await;
        let run = run.expect("the run ends");
        let took = began.elapsed();
        let after = self.instance.dump().await;
        let mut lines: Vec<&str> = after.lines().collect();
        lines.sort_unstable();
        for line in self.before.lines() {
            assert!(
                lines.binary_search(&line).is_ok(),
                "lost {line} after {took:?} in {run:#?}"
            );
        }
        assert_eq!(run.report.withdrawn, 0, "{run:#?}");
        let peak = peak_memory();
        assert!(peak < MEMORY, "{} MB after {run:#?}", peak >> 20);
        run
    }

    /// A run that can read nothing: it fails, and this rule says why at a place.
    async fn fails(&self, rule: &str, said: &str) {
        let run = self.run().await;
        assert_eq!(run.outcome(), Outcome::Failed, "{run:#?}");
        assert!(run.report.reason.is_some());
        assert_said(&run, rule, said);
    }
}

/// Some finding of this rule names its place and says these words.
fn assert_said(run: &Run, rule: &str, said: &str) {
    let mut of_rule = run.findings.iter().filter(|finding| finding.rule == rule);
    let speaks = of_rule.any(|finding| finding.message.contains(said) && finding.place.is_some());
    assert!(speaks, "no {rule} says `{said}` at a place: {run:#?}");
}

fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or_default();
    let kilobytes: u64 = peak
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap_or_default();
    kilobytes * 1024
}

fn dataset(n: u64) -> Value {
    json!({
        "id": format!("{n:024x}"), "title": format!("Jeu {n}"), "description": "Une description.",
        "page": format!("https://portail.example/datasets/{n}/"), "license": "lov2", "frequency": "annual",
        "last_modified": "2025-05-06T07:08:09+00:00", "last_update": "2025-05-06T07:08:09+00:00", "created_at": "2024-01-02T03:04:05+00:00",
        "organization": { "id": "5f0c1a2b3c4d5e6f70819201", "name": "Une ville", "page": "https://portail.example/organizations/ville/" },
        "resources": [{ "id": format!("00000000-0000-4000-8000-{n:012}"), "title": "Fichier", "url": format!("https://fichiers.example/{n}.csv"), "format": "csv" }],
    })
}

fn listing(data: &[Value], total: u64) -> String {
    json!({ "data": data, "page": 1, "page_size": 10, "total": total, "next_page": null })
        .to_string()
}

fn good_page() -> String {
    listing(&(0..KNOWN).map(dataset).collect::<Vec<_>>(), KNOWN)
}

fn is_services(asked: &Asked) -> bool {
    asked.path.contains("/dataservices/")
}

fn good_udata(asked: &Asked) -> Vec<u8> {
    match is_services(asked) {
        true => answer("404 Not Found", "{}"),
        false => answer(JSON, good_page()),
    }
}

type Saying = Box<dyn Fn(&Asked) -> Vec<u8> + Send + Sync>;

/// A udata whose listing of datasets is this text.
fn udata_saying(body: impl AsRef<[u8]>) -> Saying {
    let whole = answer(JSON, body);
    Box::new(move |asked| match is_services(asked) {
        true => answer("404 Not Found", "{}"),
        false => whole.clone(),
    })
}

/// One more record beside the good ones, as text that JSON libraries would not write.
fn udata_with(record: &str) -> Saying {
    let good = good_page();
    udata_saying(
        good.replacen("[{", &format!("[{record},{{"), 1)
            .replace("\"total\":10", "\"total\":11"),
    )
}

const ROOT: &str = r#"<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco">"#;

fn is_capabilities(asked: &Asked) -> bool {
    asked.path.contains("GetCapabilities")
}

fn capabilities() -> Vec<u8> {
    answer(
        XML,
        r#"<csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"/>"#,
    )
}

fn iso(id: &str, title: &str) -> String {
    let text = |name: &str, value: &str| {
        format!("<gmd:{name}><gco:CharacterString>{value}</gco:CharacterString></gmd:{name}>")
    };
    format!(
        "<gmd:MD_Metadata>{}<gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation>{}</gmd:CI_Citation></gmd:citation>{}</gmd:MD_DataIdentification></gmd:identificationInfo></gmd:MD_Metadata>",
        text("fileIdentifier", id),
        text("title", title),
        text("abstract", "Un résumé."),
    )
}

fn results(records: &str, matched: u64, returned: u64, next: u64) -> String {
    format!(
        "{ROOT}<csw:SearchResults numberOfRecordsMatched=\"{matched}\" numberOfRecordsReturned=\"{returned}\" nextRecord=\"{next}\">{records}</csw:SearchResults></csw:GetRecordsResponse>"
    )
}

fn good_records() -> String {
    (0..KNOWN)
        .map(|n| iso(&format!("fiche-{n}"), &format!("Fiche {n}")))
        .collect()
}

fn good_csw(asked: &Asked) -> Vec<u8> {
    match is_capabilities(asked) {
        true => capabilities(),
        false => answer(XML, results(&good_records(), KNOWN, KNOWN, 0)),
    }
}

/// A CSW whose GetRecords is answered with this text.
fn csw_saying(body: impl AsRef<[u8]>) -> Saying {
    let whole = answer(XML, body);
    Box::new(move |asked| match is_capabilities(asked) {
        true => capabilities(),
        false => whole.clone(),
    })
}

/// One more record behind the good ones; asked for alone, it comes alone.
fn csw_with(record: String) -> impl Fn(&Asked) -> Vec<u8> {
    move |asked| {
        if is_capabilities(asked) {
            return capabilities();
        }
        let (start, size) = (asked.number("startPosition"), asked.number("maxRecords"));
        let end = (start + size).min(KNOWN + 2);
        let records: String = (start..end)
            .map(|position| match position - 1 {
                n if n < KNOWN => iso(&format!("fiche-{n}"), &format!("Fiche {n}")),
                _ => record.clone(),
            })
            .collect();
        answer(
            XML,
            results(&records, KNOWN + 1, end.saturating_sub(start), end),
        )
    }
}

// What is no answer at all.

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

// Pages without end.

#[tokio::test(flavor = "multi_thread")]
async fn next_page_for_ever() {
    let world = World::udata().await;
    let url = world.server.url();
    world.server.say(move |asked| {
        let page = asked.number("page");
        let data: Vec<Value> = (page * 10..page * 10 + 10).map(dataset).collect();
        let next = format!(
            "{url}api/1/datasets/?page={}&page_size=10&sort=created",
            page + 1
        );
        let body =
            json!({ "data": data, "page": page, "page_size": 10, "total": 20, "next_page": next });
        answer(
            if is_services(asked) {
                "404 Not Found"
            } else {
                JSON
            },
            body.to_string(),
        )
    });
    let run = world.run().await;
    assert_said(&run, "paging/endless", "does not end");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_page_for_ever() {
    let world = World::udata().await;
    world.server.say(move |asked| {
        let data: Vec<Value> = (0..KNOWN).map(dataset).collect();
        let body = json!({ "data": data, "page": asked.number("page"), "page_size": 10, "total": 1_000_000, "next_page": null });
        answer(if is_services(asked) { "404 Not Found" } else { JSON }, body.to_string())
    });
    let run = world.run().await;
    assert_eq!(run.outcome(), Outcome::Partial, "{run:#?}");
    assert_said(&run, "paging/repeated-page", "same records");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_that_grows_faster_than_it_is_read() {
    let world = World::csw().await;
    world.server.say(|asked| {
        if is_capabilities(asked) {
            return capabilities();
        }
        let start = asked.number("startPosition");
        // Pages of a thousand, whatever was asked for; and there is always another.
        let records: String = (start..start + 1000)
            .map(|n| iso(&format!("sans-fin-{n}"), "Titre"))
            .collect();
        answer(XML, results(&records, start + 1000, 1000, start + 1000))
    });
    let run = world.run().await;
    assert_eq!(run.outcome(), Outcome::Partial);
    assert_said(&run, "paging/endless", "does not end");
    assert!(run.report.created < 15_000);
}

// What is broken within an answer.

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
    world.fails("record/unreadable", "not well-formed XML").await;
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

#[tokio::test(flavor = "multi_thread")]
async fn entity_bombs() {
    let mut laughs = String::from("<!DOCTYPE lolz [<!ENTITY a0 \"lol\">");
    for n in 1..=10 {
        let reference = format!("&a{};", n - 1).repeat(10);
        laughs.push_str(&format!("<!ENTITY a{n} \"{reference}\">"));
    }
    laughs.push_str("]>");
    let external = "<!DOCTYPE x [<!ENTITY xxe SYSTEM \"file:///etc/passwd\">]>".to_owned();
    for (doctype, reference) in [(laughs, "&a10;"), (external, "&xxe;")] {
        let world = World::csw().await;
        let record = iso("bombe", reference);
        let page = results(&record, 1, 1, 0);
        world.server.say(csw_saying(format!("{doctype}{page}")));
        let run = world.run().await;
        let dump = world.instance.dump().await;
        assert!(
            !dump.contains("lollol") && !dump.contains("root:"),
            "{dump}"
        );
        assert_said(&run, "record/unreadable", "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_nesting() {
    const DEEP: usize = 100_000;
    let world = World::udata().await;
    let deep = format!(
        "{{\"id\":\"profond\",\"title\":\"x\",\"extras\":{}{}}}",
        "[".repeat(DEEP),
        "]".repeat(DEEP)
    );
    world.server.say(udata_with(&deep));
    let run = world.run().await;
    assert!(run.report.refused > 0, "{run:#?}");
    assert_said(&run, "record/unreadable", "recursion");

    let world = World::csw().await;
    let deep = iso(
        "profond",
        &format!("{}{}", "<gmd:x>".repeat(DEEP), "</gmd:x>".repeat(DEEP)),
    );
    world.server.say(csw_with(deep));
    let run = world.run().await;
    assert!(run.report.refused > 0, "{run:#?}");
    assert_said(&run, "record/unreadable", "deep");
}

#[tokio::test(flavor = "multi_thread")]
async fn records_with_too_much_of_everything() {
    let many = |item: &str| format!("[{}{item}]", format!("{item},").repeat(100_000));
    let fields = [
        ("tags", many("\"mot\"")),
        ("tags", many("{}")),
        ("resources", many("{}")),
        (
            "resources",
            many(r#"{"id":"1","url":"https://a.example/"}"#),
        ),
        ("contact_points", many(r#"{"name":"a"}"#)),
        ("badges", many("3")),
        (
            "spatial",
            format!("{{\"zones\":{}}}", many("\"fr:commune:1\"")),
        ),
        (
            "spatial",
            format!(
                "{{\"geom\":{{\"type\":\"MultiPoint\",\"coordinates\":{}}}}}",
                many("[1,2]")
            ),
        ),
        ("description", format!("\"{}\"", "<b>&amp;".repeat(500_000))),
        ("title", format!("\"{}\"", "é".repeat(2_000_000))),
        (
            "license",
            format!("\"{}\"", "licence ouverte ".repeat(100_000)),
        ),
        (
            "page",
            format!("\"https://a.example/{}\"", "%zz [".repeat(200_000)),
        ),
    ];
    for (number, (field, value)) in fields.into_iter().enumerate() {
        let world = World::udata().await;
        let record = format!("{{\"id\":\"trop\",\"title\":\"Trop\",\"{field}\":{value}}}");
        world.server.say(udata_with(&record));
        let run = world.run().await;
        let report = &run.report;
        assert_eq!(report.unchanged, KNOWN, "{number} {field}: {report:?}");
        assert_eq!(
            report.created + report.refused,
            1,
            "{number} {field}: {report:?}"
        );
        assert!(
            run.findings.len() < 1000,
            "{number} {field}: {} findings",
            run.findings.len()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_with_too_many_things_that_are_no_records() {
    const MANY: usize = 2_000_000;
    let world = World::udata().await;
    let page = format!("{{\"data\":[{}0]}}", "0,".repeat(MANY));
    world.server.say(udata_saying(page));
    world.fails("page/unreadable", "50000 items").await;
    let world = World::csw().await;
    let page = results(&"<a/>".repeat(MANY), 1, 1, 0);
    world.server.say(csw_saying(page));
    world.fails("page/unreadable", "50000 records").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_values() {
    let world = World::udata().await;
    let record = r#"{"id":"étrange 1/../..?#<>\"{}|\\^` [x]","title":"Titre \u0000 \u0007 \ud800 fin","description":"\u0001\u001b[31m \udfff","page":"https://a.example/é è/[x]<y>{z}|\\^` \u0000","created_at":1e999,"last_modified":-1e400,"last_update":"9999999999999-01-01","tags":["\ud800","\u0000"],
        "resources":[{"id":"\u0000","url":"https://a.example/a b[c]","filesize":1e999,"format":"\u0000"},{"id":" ","url":"javascript:alert(1)"},{"id":"3","url":"https://user:secret@a.example/"},{"id":"4","url":"http://[::1"},{"id":"5","url":"https://a.example/\u202egpj.exe"}],
        "frequency":"\ud83d","license":"\u0000","organization":{"id":"\ud800","name":"\u0000"},"temporal_coverage":{"start":"\u0000","end":1e999}}"#;
    world.server.say(udata_with(record));
    let run = world.run().await;
    assert_eq!(
        run.report.unchanged + run.report.refused,
        KNOWN + 1 - run.report.created,
        "{run:#?}"
    );
    assert_lines(&world.instance.dump().await);

    let world = World::csw().await;
    let record = iso(
        "\u{1}bizarre&#0; &#xD800; &#x1F;\u{7f}",
        "Titre &#0;\u{0}\u{b} &#xFFFE; fin",
    );
    world.server.say(csw_with(record));
    let run = world.run().await;
    assert!(run.report.unchanged >= KNOWN - 1, "{run:#?}");
    assert_lines(&world.instance.dump().await);
}

/// The dump is N-Triples, whatever came in.
fn assert_lines(dump: &str) {
    for triple in oxttl::NTriplesParser::new().for_slice(dump.as_bytes()) {
        triple.expect("the dump is N-Triples");
    }
}
