//! Pages without end, and pages of what are no records.

use model::Outcome;
use serde_json::{Value, json};

use crate::server::answer;
use crate::world::*;

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
            .map(|n| iso(&format!("sans-fin-{n}"), ""))
            .collect();
        answer(XML, results(&records, start + 1000, 1000, start + 1000))
    });
    let run = world.run().await;
    assert_eq!(run.outcome(), Outcome::Partial);
    assert_said(&run, "paging/endless", "does not end");
    assert!(run.report.seen < 15_000);
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
