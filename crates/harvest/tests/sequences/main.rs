//! Whatever happens at the sources, in whatever order: nothing is lost, doubled or wrongly withdrawn, and IRIs stay.
//!
//! A simple model says which datasets have to be in the catalogue. `PROPTEST_CASES` says how many sequences are tried; with
//! `TMPDIR` in memory and `CARGO_PROFILE_DEV_OPT_LEVEL=1`, many in little time.

mod event;
mod model;
#[path = "../portal/mod.rs"]
mod portal;
mod run;

use proptest::prelude::*;

use event::{Event, GUARDED, event};
use run::Run;

fn cases() -> u32 {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    wanted.and_then(|cases| cases.parse().ok()).unwrap_or(40)
}

async fn live(events: Vec<Event>) {
    let mut run = Run::new().await;
    for event in events {
        run.happen(event).await;
        if event.reaches_the_catalogue() {
            run.check().await;
        }
    }
    run.check().await;
    run.world.check().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_doubled_or_wrongly_withdrawn(events in prop::collection::vec(event(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(live(events));
    }
}

/// Found by chance: the guard holds the old record beside the new one, and both go together.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_stood_beside_each_other_are_absent_together() {
    live(vec![
        Event::Appear(GUARDED, 1),
        Event::Lie(GUARDED),
        Event::Rename(GUARDED, 1, 1),
        Event::Run(GUARDED),
        Event::Release(GUARDED),
        Event::Vanish(GUARDED, 1),
        Event::Run(GUARDED),
    ])
    .await;
}

/// Found by chance: a merge moves a record, and its findings are told with the entity that it goes to while that which it leaves is
/// told anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn findings_move_with_their_record() {
    live(vec![
        Event::Jump(-3650),
        Event::Appear(2, 0),
        Event::Appear(2, 2),
        Event::Run(2),
        Event::Merge(2, 0),
    ])
    .await;
}
