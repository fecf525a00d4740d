//! Admission: as many queries at once as there are workers, some waiting, and no more.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[derive(Clone)]
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    queue: usize,
    patience: Duration,
}

impl Gate {
    pub fn new(places: usize, queue: usize, patience: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places.max(1))),
            waiting: Arc::default(),
            queue,
            patience,
        }
    }

    /// A place, at once or after a time in the queue; none when the queue is full, or does not move.
    pub async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(permit);
        }
        let _waiting = Waiting::among(&self.waiting, self.queue)?;
        tokio::time::timeout(self.patience, Arc::clone(&self.places).acquire_owned())
            .await
            .ok()?
            .ok()
    }
}

/// A place in the queue, left when the client gives up as well.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn among(waiting: &'a AtomicUsize, most: usize) -> Option<Self> {
        waiting
            .try_update(Ordering::AcqRel, Ordering::Acquire, |count| {
                (count < most).then_some(count + 1)
            })
            .ok()
            .map(|_| Self(waiting))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_queue_is_bounded_in_length_and_time() {
        let gate = Gate::new(1, 1, Duration::from_millis(100));
        let place = gate.enter().await.expect("a place");
        let queued = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter().await.is_some() }
        });
        while gate.waiting.load(Ordering::Acquire) == 0 {
            tokio::task::yield_now().await;
        }
        assert!(gate.enter().await.is_none(), "the queue is full");
        assert!(!queued.await.expect("a task"), "nobody left in time");
        drop(place);
        assert!(gate.enter().await.is_some());
        assert_eq!(gate.waiting.load(Ordering::Acquire), 0);
    }
}
