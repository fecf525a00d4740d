//! Notices when a run hangs: neither a page nor a batch for longer than it may take.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::HarvestError;

/// What each part of a run did last.
pub(crate) struct Watchdog {
    limit: Duration,
    state: Mutex<State>,
}

struct State {
    last: Instant,
    crawl: String,
    write: &'static str,
}

impl Watchdog {
    pub(crate) fn new(limit: Duration) -> Self {
        Self {
            limit,
            state: Mutex::new(State {
                last: Instant::now(),
                crawl: "had asked for nothing".to_owned(),
                write: "had written nothing",
            }),
        }
    }

    /// The crawl goes on.
    pub(crate) fn crawls(&self, what: String) {
        self.note(|state| state.crawl = what);
    }

    /// The writing goes on.
    pub(crate) fn writes(&self, what: &'static str) {
        self.note(|state| state.write = what);
    }

    fn note(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.last = Instant::now();
        change(&mut state);
    }

    /// Waits until nothing has gone on for the limit, and says where it hangs.
    pub(crate) async fn barks(&self) -> HarvestError {
        loop {
            let left = {
                let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                let left = self.limit.saturating_sub(state.last.elapsed());
                if left.is_zero() {
                    return HarvestError::Hung(format!(
                        "nothing went on for {} s: the crawl {}, the writer {}",
                        self.limit.as_secs(),
                        state.crawl,
                        state.write
                    ));
                }
                left
            };
            tokio::time::sleep(left).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_run_that_hangs_is_told_with_the_place() {
        let watchdog = Watchdog::new(Duration::ZERO);
        watchdog.crawls("was asking for https://portail.example/?page=7".to_owned());
        watchdog.writes("was waiting for the graph store");
        let said = watchdog.barks().await.to_string();
        assert!(
            said.contains("page=7") && said.contains("graph store"),
            "{said}"
        );
    }
}
