//! Politeness: how many requests a host gets at once, and how soon one after another.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use url::Url;

/// A source can redirect to any number of hosts; gates beyond this many are forgotten when they are idle.
const MAX_IDLE_GATES: usize = 1024;

/// One gate for each host and port.
pub(crate) struct Gates {
    per_host: usize,
    delay: Duration,
    gates: Mutex<HashMap<String, Arc<Gate>>>,
}

struct Gate {
    slots: Arc<Semaphore>,
    /// When the next request may begin.
    next: Mutex<Instant>,
}

/// The right to one request. It ends with this value.
pub(crate) struct Pass {
    _slot: Option<OwnedSemaphorePermit>,
    _gate: Arc<Gate>,
}

impl Gates {
    pub(crate) fn new(per_host: usize, delay: Duration) -> Self {
        Self {
            per_host: per_host.clamp(1, Semaphore::MAX_PERMITS),
            delay,
            gates: Mutex::default(),
        }
    }

    /// Waits until a request to this host may begin.
    pub(crate) async fn enter(&self, url: &Url) -> Pass {
        let gate = self.gate(url);
        // The semaphore is never closed, so there is always a slot to come.
        let slot = Arc::clone(&gate.slots).acquire_owned().await.ok();
        while let Some(at) = gate.reserve(self.delay) {
            sleep_until(at).await;
        }
        Pass {
            _slot: slot,
            _gate: gate,
        }
    }

    /// Lets no further request to this host begin for a while.
    pub(crate) fn hold_back(&self, url: &Url, pause: Duration) {
        let gate = self.gate(url);
        let mut next = lock(&gate.next);
        if let Some(until) = Instant::now().checked_add(pause) {
            *next = (*next).max(until);
        }
    }

    fn gate(&self, url: &Url) -> Arc<Gate> {
        let key = format!(
            "{}:{}",
            url.host_str().unwrap_or_default(),
            url.port_or_known_default().unwrap_or_default()
        );
        let mut gates = lock(&self.gates);
        if gates.len() >= MAX_IDLE_GATES {
            let now = Instant::now();
            gates.retain(|_, gate| Arc::strong_count(gate) > 1 || *lock(&gate.next) > now);
        }
        let gate = gates.entry(key).or_insert_with(|| {
            Arc::new(Gate {
                slots: Arc::new(Semaphore::new(self.per_host)),
                next: Mutex::new(Instant::now()),
            })
        });
        Arc::clone(gate)
    }
}

impl Gate {
    /// Takes the turn if it has come; otherwise says when to ask again.
    fn reserve(&self, delay: Duration) -> Option<Instant> {
        let now = Instant::now();
        let mut next = lock(&self.next);
        if *next > now {
            return Some(*next);
        }
        *next = now.checked_add(delay).unwrap_or(now);
        None
    }
}

/// A panic elsewhere leaves nothing half done here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[tokio::test]
    async fn requests_to_a_host_begin_apart() {
        let gates = Gates::new(4, Duration::from_millis(30));
        let begun = Instant::now();
        for _ in 0..3 {
            gates.enter(&url("http://a.example/x")).await;
        }
        assert!(begun.elapsed() >= Duration::from_millis(60));
        let begun = Instant::now();
        gates.enter(&url("http://b.example/")).await;
        assert!(begun.elapsed() < Duration::from_millis(30));
    }

    #[tokio::test]
    async fn a_host_that_asks_for_a_pause_gets_it() {
        let gates = Gates::new(1, Duration::ZERO);
        let begun = Instant::now();
        gates.hold_back(&url("http://a.example/"), Duration::from_millis(40));
        gates.enter(&url("http://a.example/")).await;
        assert!(begun.elapsed() >= Duration::from_millis(40));
    }

    #[tokio::test]
    async fn no_more_than_the_slots_at_once() {
        let gates = Gates::new(2, Duration::ZERO);
        let a = url("http://a.example/");
        let first = gates.enter(&a).await;
        let _second = gates.enter(&a).await;
        let soon = Duration::from_millis(20);
        assert!(tokio::time::timeout(soon, gates.enter(&a)).await.is_err());
        drop(first);
        assert!(tokio::time::timeout(soon, gates.enter(&a)).await.is_ok());
    }

    #[tokio::test]
    async fn idle_gates_are_forgotten() {
        let gates = Gates::new(1, Duration::ZERO);
        for number in 0..2 * MAX_IDLE_GATES {
            gates
                .enter(&url(&format!("http://h{number}.example/")))
                .await;
        }
        assert!(lock(&gates.gates).len() <= MAX_IDLE_GATES);
    }
}
