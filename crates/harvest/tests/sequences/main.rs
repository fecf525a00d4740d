//! Whatever happens at the sources, in whatever order: nothing is lost, doubled or wrongly withdrawn, and IRIs stay.
//!
//! A simple model says which datasets have to be in the catalogue. `PROPTEST_CASES` says how many sequences are tried.

mod event;
mod model;
#[path = "../portal/mod.rs"]
mod portal;
mod run;

use proptest::prelude::*;

use event::event;
use run::Run;

fn cases() -> u32 {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    wanted.and_then(|cases| cases.parse().ok()).unwrap_or(40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_doubled_or_wrongly_withdrawn(events in prop::collection::vec(event(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut run = Run::new().await;
            for event in events {
                run.happen(event).await;
                run.check().await;
            }
            run.world.check().await;
        });
    }
}
