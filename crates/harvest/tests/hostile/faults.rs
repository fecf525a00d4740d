//! Portals that were good and that lie or break: one fault at a time, in both protocols, night after night. Nothing is taken for
//! deleted that is not, and the report names the cause in words that the owner of the portal understands.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use model::Outcome;
use report::{Card, Lang};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use crate::instance::Run;
use crate::server::{Asked, answer, send};
use crate::world::*;

const RECORDS: u64 = 200;
const SIZE: u64 = 10;
/// More than agree before the guard lets go what it holds.
const NIGHTS: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Udata,
    Csw,
}

const BOTH: [Protocol; 2] = [Protocol::Udata, Protocol::Csw];

/// What is asked for: records from here on, counted from 0.
#[derive(Debug, Clone, Copy)]
struct Part {
    from: u64,
    size: u64,
}

impl Part {
    fn has(self, wanted: std::ops::Range<u64>) -> bool {
        self.from < wanted.end && wanted.start < self.from + self.size
    }

    /// The seventh of the twenty pages, or a part of it.
    fn is_seventh(self) -> bool {
        self.has(60..70)
    }
}

impl Protocol {
    async fn world(self) -> World {
        let good = move |asked: &Asked| self.listing(asked, &all(), RECORDS);
        match self {
            Self::Udata => {
                let config =
                    |url: &str| format!("[connector.udata]\nurl = \"{url}\"\npage_size = 10\n");
                World::of(RECORDS, config, good).await
            }
            Self::Csw => {
                let config =
                    |url: &str| format!("[connector.csw]\nurl = \"{url}\"\npage_size = 10\n");
                World::of(RECORDS, config, good).await
            }
        }
    }

    /// The part of the listing that is asked for; `None` for questions that are about no records.
    fn part(self, asked: &Asked) -> Option<Part> {
        match self {
            Self::Udata if is_services(asked) => None,
            Self::Csw if is_capabilities(asked) => None,
            Self::Udata => {
                let size = asked.number("page_size");
                Some(Part {
                    from: (asked.number("page") - 1) * size,
                    size,
                })
            }
            Self::Csw => Some(Part {
                from: asked.number("startPosition") - 1,
                size: asked.number("maxRecords"),
            }),
        }
    }

    /// An answer of a portal that has these records, and says that it has so many.
    fn listing(self, asked: &Asked, records: &[u64], total: u64) -> Vec<u8> {
        let Some(part) = self.part(asked) else {
            return match self {
                Self::Udata => answer("404 Not Found", "{}"),
                Self::Csw => capabilities(),
            };
        };
        let shown: Vec<u64> = records
            .iter()
            .copied()
            .skip(part.from as usize)
            .take(part.size as usize)
            .collect();
        let more = part.from + part.size < records.len() as u64;
        self.page(part, &shown, total, more)
    }

    fn page(self, part: Part, shown: &[u64], total: u64, more: bool) -> Vec<u8> {
        match self {
            Self::Udata => {
                let data: Vec<Value> = shown.iter().copied().map(dataset).collect();
                let (page, size) = (part.from / part.size + 1, part.size);
                let next = more.then(|| {
                    format!(
                        "/api/1/datasets/?page={}&page_size={size}&sort=created",
                        page + 1
                    )
                });
                let body = json!({ "data": data, "page": page, "page_size": size, "total": total, "next_page": next });
                answer(JSON, body.to_string())
            }
            Self::Csw => {
                let records: String = shown
                    .iter()
                    .map(|n| iso(&format!("fiche-{n}"), &format!("Fiche {n}")))
                    .collect();
                let next = if more { part.from + part.size + 1 } else { 0 };
                answer(XML, results(&records, total, shown.len() as u64, next))
            }
        }
    }
}

fn all() -> Vec<u64> {
    (0..RECORDS).collect()
}

/// From now on the portal answers what is about records like this.
fn bend(
    world: &World,
    protocol: Protocol,
    bent: impl Fn(&Asked, Part) -> Vec<u8> + Send + Sync + 'static,
) {
    world.server.say(move |asked| match protocol.part(asked) {
        Some(part) => bent(asked, part),
        None => protocol.listing(asked, &[], 0),
    });
}

/// What the owner reads, in both forms.
async fn told(world: &World) -> String {
    let archive = &world.instance.workshop.archive;
    let card = Card {
        id: world.source.id.clone(),
        title: "Portail de Valmer".to_owned(),
    };
    let now = (world.instance.workshop.clock)();
    let report = report::gather(archive, &card, now).await.expect("a report");
    let root = "https://donnees.example.org";
    let text = report::plain(&report, None, Lang::Fr, root).expect("text");
    let page = report::page(&report, Lang::Fr, root).expect("a page");
    let cause = report.cause().unwrap_or_default();
    assert!(text.contains(&cause), "{text}");
    assert_eq!(page.contains("<strong>Cause</strong>"), !cause.is_empty());
    cause
}

/// One night after the other, more than agree before the guard gives way: nothing leaves, and the owner reads these words.
async fn nights(world: &World, outcome: Outcome, words: &[&str]) {
    for night in 1..=NIGHTS {
        let run = world.run().await;
        assert_eq!(run.outcome(), outcome, "night {night}: {run:#?}");
        assert_eq!(
            (run.report.missing, run.report.withdrawn),
            (0, 0),
            "night {night}: {run:#?}"
        );
        let cause = told(world).await;
        for word in words {
            assert!(cause.contains(word), "`{word}` is not in: {cause}");
        }
    }
}

/// The portal is well again: all is as it was, and nobody is told anything.
async fn mended(world: &World, protocol: Protocol) {
    world
        .server
        .say(move |asked| protocol.listing(asked, &all(), RECORDS));
    let run = world.run().await;
    let report = &run.report;
    assert_eq!(
        (
            report.outcome,
            report.unchanged,
            report.held,
            report.missing
        ),
        (Outcome::Complete, RECORDS, 0, 0),
        "{run:#?}"
    );
    assert_eq!(told(world).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_feed_after_a_full_one() {
    for protocol in BOTH {
        let world = protocol.world().await;
        bend(&world, protocol, move |asked, _| {
            protocol.listing(asked, &[], 0)
        });
        let words = [
            "La source n'a donné aucune fiche",
            "200 fiches absentes restent au catalogue",
        ];
        nights(&world, Outcome::Complete, &words).await;
        mended(&world, protocol).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_of_79_percent_whose_count_agrees() {
    for protocol in BOTH {
        let world = protocol.world().await;
        bend(&world, protocol, move |asked, _| {
            protocol.listing(asked, &all()[..158], 158)
        });
        for night in 1..=2 {
            let run = world.run().await;
            assert_eq!((run.outcome(), run.report.held), (Outcome::Complete, 42));
            let cause = told(&world).await;
            let words = "42 fiches du catalogue ne sont plus dans la liste";
            assert!(cause.contains(words), "night {night}: {cause}");
        }
        // The third that agrees is believed, and the days of grace begin.
        let run = world.run().await;
        assert_eq!((run.report.held, run.report.missing), (0, 42), "{run:#?}");
        mended(&world, protocol).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_of_79_percent_whose_count_does_not_agree() {
    for protocol in BOTH {
        let world = protocol.world().await;
        bend(&world, protocol, move |asked, _| {
            protocol.listing(asked, &all()[..158], RECORDS)
        });
        let words = ["La source annonce 200 fiches et n'en a donné que 158"];
        nights(&world, Outcome::Partial, &words).await;
        mended(&world, protocol).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_seventh_page_fails_for_ever() {
    for protocol in BOTH {
        let world = protocol.world().await;
        bend(&world, protocol, move |asked, part| {
            match part.is_seventh() {
                true => answer(
                    "500 Internal Server Error",
                    "java.lang.NullPointerException",
                ),
                false => protocol.listing(asked, &all(), RECORDS),
            }
        });
        let run = world.run().await;
        let words = ["serveur est en panne (réponse 500)"];
        nights(&world, run.outcome(), &words).await;
        mended(&world, protocol).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_seventh_page_fails_once() {
    for protocol in BOTH {
        for failure in [
            "500 Internal Server Error",
            "503 Service Unavailable\nRetry-After: 0",
            "429 Too Many Requests\nRetry-After: Mon, 05 Jan 1998 10:01:30 GMT",
            "429 Too Many Requests\nRetry-After: bientot",
        ] {
            let world = protocol.world().await;
            let failed = AtomicU32::new(0);
            bend(&world, protocol, move |asked, part| {
                match part.is_seventh() && failed.fetch_add(1, Ordering::SeqCst) == 0 {
                    true => answer(failure, ""),
                    false => protocol.listing(asked, &all(), RECORDS),
                }
            });
            let run = world.run().await;
            assert_eq!(
                (run.outcome(), run.report.unchanged),
                (Outcome::Complete, RECORDS),
                "{failure}: {run:#?}"
            );
            assert_eq!(told(&world).await, "");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_is_cut_within_the_seventh_page() {
    for protocol in BOTH {
        for times in [1, u32::MAX] {
            let world = protocol.world().await;
            let cut = Arc::new(AtomicU32::new(0));
            world.server.handle(move |asked, mut stream| {
                let whole = protocol.listing(&asked, &all(), RECORDS);
                let cuts = protocol.part(&asked).is_some_and(Part::is_seventh)
                    && cut.fetch_add(1, Ordering::SeqCst) < times;
                let end = if cuts {
                    whole.len() * 2 / 3
                } else {
                    whole.len()
                };
                async move { send(&mut stream, &whole[..end]).await }
            });
            if times == 1 {
                mended_run(&world).await;
            } else {
                let words = ["Le serveur a coupé sa réponse avant la fin"];
                nights(&world, Outcome::Partial, &words).await;
                mended(&world, protocol).await;
            }
        }
    }
}

async fn mended_run(world: &World) {
    let run = world.run().await;
    let found = (run.outcome(), run.report.unchanged);
    assert_eq!(found, (Outcome::Complete, RECORDS), "{run:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_is_too_high() {
    for protocol in BOTH {
        let world = protocol.world().await;
        // Five records have really gone: as long as the count does not say so, they stay.
        bend(&world, protocol, move |asked, _| {
            protocol.listing(asked, &all()[..195], 250)
        });
        let words = ["La source annonce 250 fiches et n'en a donné que 195"];
        nights(&world, Outcome::Partial, &words).await;
        mended(&world, protocol).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_is_too_low_lets_nothing_go() {
    for protocol in BOTH {
        let world = protocol.world().await;
        // Everything is there, behind what is announced.
        bend(&world, protocol, move |asked, _| {
            protocol.listing(asked, &all(), 190)
        });
        let run = world.run().await;
        assert_eq!(run.report.unchanged, RECORDS, "{run:#?}");
        let words = "annonce 190 fiches et en a donné 200 : son compte est faux";
        assert!(told(&world).await.contains(words), "{run:#?}");
        // A fifth and more seem gone, and the count is wrong: no number of nights proves anything.
        bend(&world, protocol, move |asked, _| {
            protocol.listing(asked, &all()[..158], 150)
        });
        let words = ["annonce 150 fiches et en a donné 158", "42 fiches absentes"];
        nights(&world, Outcome::Complete, &words).await;
        // Far too low: what lies behind is not taken for gone because it is not read.
        bend(&world, protocol, move |asked, _| {
            protocol.listing(asked, &all(), 50)
        });
        for _ in 0..NIGHTS {
            let run = world.run().await;
            assert_eq!((run.report.missing, run.report.held), (0, 0), "{run:#?}");
            assert_ne!(told(&world).await, "");
        }
        mended(&world, protocol).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_changes_from_page_to_page() {
    for protocol in BOTH {
        let world = protocol.world().await;
        bend(&world, protocol, move |asked, part| {
            let total = [200, 230, 190, 210][(part.from / SIZE) as usize % 4];
            protocol.listing(asked, &all(), total)
        });
        let words = ["La source annonce 230 fiches et n'en a donné que 200"];
        nights(&world, Outcome::Partial, &words).await;
        mended(&world, protocol).await;
    }
}

/// Each page is of a list in another order, the same night after night: some records never come.
fn shuffled(part: Part) -> Vec<u64> {
    let page = part.from / SIZE;
    let mut records = all();
    records.sort_by_key(|n| blake(*n, page));
    records
}

fn blake(n: u64, salt: u64) -> u64 {
    let mixed =
        (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed ^ (mixed >> 29)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 7
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_changes_from_page_to_page() {
    for protocol in BOTH {
        let world = protocol.world().await;
        bend(&world, protocol, move |asked, part| {
            protocol.listing(asked, &shuffled(part), RECORDS)
        });
        let words = ["L'ordre de la liste change d'une page à l'autre"];
        nights(&world, Outcome::Partial, &words).await;
        // Only the last two pages overlap, and what they hide is as many as came twice.
        bend(&world, protocol, move |asked, part| {
            let mut records = all();
            if part.from >= 190 {
                records.copy_within(180..190, 190);
            }
            protocol.listing(asked, &records, RECORDS)
        });
        nights(&world, Outcome::Partial, &words).await;
        mended(&world, protocol).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_to_death() {
    for protocol in BOTH {
        let mut world = protocol.world().await;
        world.source.limits.stalled = Duration::from_secs(3);
        world.server.handle(move |asked, mut stream| async move {
            let whole = protocol.listing(&asked, &all(), RECORDS);
            if !protocol.part(&asked).is_some_and(Part::is_seventh) {
                return send(&mut stream, &whole).await;
            }
            for byte in whole {
                if stream.write_all(&[byte]).await.is_err() {
                    return;
                }
                sleep(Duration::from_millis(300)).await;
            }
        });
        for _ in 0..2 {
            let run = world.run().await;
            assert_eq!(
                (run.outcome(), run.report.missing, run.report.seen),
                (Outcome::Partial, 0, 60),
                "{run:#?}"
            );
            let cause = told(&world).await;
            let words = "Le serveur n'a pas répondu à temps, ou a envoyé sa réponse trop lentement";
            assert!(cause.contains(words), "{cause}");
        }
        mended(&world, protocol).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_nobody_can_wait_for() {
    for protocol in BOTH {
        for (pause, words) in [
            ("86400", "attendre 86\u{202f}400 secondes"),
            ("99999999999999999999", "attendre"),
            ("Sat, 05 Jan 2199 10:00:00 GMT", "attendre"),
            ("-12", "demande de ralentir (réponse 429)"),
        ] {
            let world = protocol.world().await;
            bend(&world, protocol, move |asked, part| {
                match part.is_seventh() {
                    true => answer(&format!("429 Too Many Requests\nRetry-After: {pause}"), ""),
                    false => protocol.listing(asked, &all(), RECORDS),
                }
            });
            for _ in 0..2 {
                let run = world.run().await;
                assert_eq!((run.outcome(), run.report.missing), (Outcome::Partial, 0));
                let cause = told(&world).await;
                for words in ["serveur demande de ralentir (réponse 429)", words] {
                    assert!(cause.contains(words), "{pause}: {cause}");
                }
            }
            mended(&world, protocol).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nothing_changed_to_who_did_not_ask() {
    for protocol in BOTH {
        let world = protocol.world().await;
        bend(&world, protocol, move |asked, part| {
            match part.is_seventh() {
                true => answer("304 Not Modified\nETag: \"1\"", ""),
                false => protocol.listing(asked, &all(), RECORDS),
            }
        });
        let words = ["répond que rien n'a changé, sans qu'on le lui ait demandé"];
        nights(&world, Outcome::Partial, &words).await;
        bend(&world, protocol, |_, _| answer("304 Not Modified", ""));
        nights(&world, Outcome::Failed, &words).await;
        mended(&world, protocol).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_stays_while_the_content_changes() {
    for protocol in BOTH {
        let tagged = move |asked: &Asked, title: &str| -> Vec<u8> {
            let bytes = protocol.listing(asked, &all(), RECORDS);
            let text = String::from_utf8(bytes).expect("text");
            let (head, body) = text.split_once("\r\n\r\n").expect("a head");
            let status = match head.contains("404") {
                true => "404 Not Found",
                false if protocol == Protocol::Udata => JSON,
                false => XML,
            };
            let body = body
                .replace("Jeu 7\"", &format!("{title}\""))
                .replace("Fiche 7<", &format!("{title}<"));
            answer(
                &format!(
                    "{status}\nETag: \"le-meme\"\nLast-Modified: Mon, 05 Jan 2015 10:00:00 GMT"
                ),
                body,
            )
        };
        let world = protocol.world().await;
        for (title, updated) in [("Premier", 1), ("Premier", 0), ("Second", 1)] {
            world.server.say(move |asked| tagged(asked, title));
            world.instance.advance(TimeDelta::days(1));
            let run: Run = world.instance.run(&world.source).await;
            let found = (run.outcome(), run.report.updated, run.report.unchanged);
            assert_eq!(
                found,
                (Outcome::Complete, updated, RECORDS - updated),
                "{run:#?}"
            );
            assert!(world.instance.dump().await.contains(title));
        }
    }
}
