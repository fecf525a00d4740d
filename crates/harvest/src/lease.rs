//! A run holds the lease of its source as long as its heart beats.

use std::future::Future;
use std::time::Duration;

use archive::{Archive, ArchiveError, Interrupted, Lease, Pulse, Purpose};
use chrono::{DateTime, Utc};
use model::{RunId, RunReport, SourceId};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use crate::{HarvestError, Workshop};

/// After so many periods without a beat a run is taken for dead: long enough for a machine that is busy.
const PERIODS: u32 = 12;

/// How often one asks anew for a lease that others take in the meantime.
const ATTEMPTS: usize = 3;

/// Beats until it is dropped.
pub(crate) struct Heart {
    task: JoinHandle<()>,
    pulse: watch::Receiver<Pulse>,
}

/// What a run is asked to do from outside. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Wishes(watch::Receiver<Pulse>);

/// Begins a run, once nobody else works on the source. A run whose holder is gone is ended; one that goes on is not disturbed.
pub(crate) async fn begin(
    workshop: &Workshop,
    source: &SourceId,
    full: bool,
    purpose: Purpose,
    period: Duration,
) -> Result<(RunReport, Heart), HarvestError> {
    let archive = &workshop.archive;
    let mut refused = None;
    for _ in 0..ATTEMPTS {
        let begun = archive
            .begin(source, (workshop.clock)(), full, purpose, period)
            .await;
        let lease = match begun {
            Ok(report) => {
                let heart = Heart::start(archive.clone(), &report, period);
                return Ok((report, heart));
            }
            Err(ArchiveError::Leased(lease)) => lease,
            Err(error) => return Err(error.into()),
        };
        if !is_dead(archive, &lease).await? {
            return Err(ArchiveError::Leased(lease).into());
        }
        let now: DateTime<Utc> = (workshop.clock)();
        if archive.end_dead_run(&lease, now).await? {
            tracing::warn!(%source, run = %lease.run, holder = lease.holder, "a run was dead: it is ended, and another takes its place");
        }
        refused = Some(lease);
    }
    // Others were quicker each time.
    Err(match refused {
        Some(lease) => ArchiveError::Leased(lease).into(),
        None => HarvestError::Broken("the lease of a source was never asked for".to_owned()),
    })
}

/// Ends the run that has a source, if its holder is gone.
///
/// # Errors
/// [`ArchiveError::Leased`] when it goes on.
pub(crate) async fn clear(workshop: &Workshop, source: &SourceId) -> Result<(), HarvestError> {
    let archive = &workshop.archive;
    let Some(lease) = archive.lease(source).await? else {
        return Ok(());
    };
    if !is_dead(archive, &lease).await? {
        return Err(ArchiveError::Leased(Box::new(lease)).into());
    }
    if archive.end_dead_run(&lease, (workshop.clock)()).await? {
        tracing::warn!(%source, run = %lease.run, holder = lease.holder, "a run was dead: it is ended");
    }
    Ok(())
}

/// Opens an interrupted run again.
pub(crate) async fn resume(
    workshop: &Workshop,
    interrupted: &Interrupted,
    period: Duration,
) -> Result<(RunReport, Heart), HarvestError> {
    let report = workshop.archive.take_up(interrupted, period).await?;
    let heart = Heart::start(workshop.archive.clone(), &report, period);
    Ok((report, heart))
}

/// Watches a lease for the time in which its holder has to beat. The time is counted here and not read from any clock, so that
/// setting one neither kills a run nor keeps a dead one.
async fn is_dead(archive: &Archive, watched: &Lease) -> Result<bool, ArchiveError> {
    for _ in 0..PERIODS {
        tokio::time::sleep(watched.period).await;
        match archive.lease(&watched.source).await? {
            Some(now) if now.run == watched.run && now.beat == watched.beat => {}
            // It has ended: whoever asks next gets the lease.
            None => return Ok(true),
            Some(_) => return Ok(false),
        }
    }
    Ok(true)
}

/// The pauses between attempts to note that a run failed: from the first, doubling, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Ends a run that could not be carried out. A full disk keeps this from being noted too: then it is tried until it can be, and
/// nobody waits for it. The run is given with how often it was resumed: one that was resumed since is another's.
pub(crate) async fn give_up(workshop: &Workshop, (run, resumed): (RunId, u64), reason: String) {
    let (archive, clock) = (workshop.archive.clone(), workshop.clock.clone());
    let resumed = Some(resumed);
    let noted = archive.fail_resumed(run, resumed, clock(), &reason).await;
    let Err(error) = noted else {
        return;
    };
    tracing::error!(%run, %error, reason, "the failure of the run cannot be noted yet; it is tried until it can");
    tokio::spawn(async move {
        let mut pause = FIRST_PAUSE;
        while !archive.is_closed() {
            tokio::time::sleep(pause).await;
            let noted = archive.fail_resumed(run, resumed, clock(), &reason).await;
            if noted.is_ok() {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    });
}

impl Heart {
    fn start(archive: Archive, report: &RunReport, period: Duration) -> Self {
        let (run, resumed) = (report.run, report.resumed);
        let (tell, pulse) = watch::channel(Pulse::Held);
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(period.max(Duration::from_millis(1)));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                match archive.beat(run, resumed).await {
                    Ok(pulse) => {
                        tell.send_if_modified(|told| std::mem::replace(told, pulse) != pulse);
                        if pulse == Pulse::Lost {
                            return;
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%run, %error, "the run cannot show that it is alive; it tries again");
                    }
                }
            }
        });
        Self { task, pulse }
    }

    pub(crate) fn wishes(&self) -> Wishes {
        Wishes(self.pulse.clone())
    }

    /// Does a run's work, unless the lease is lost on the way.
    pub(crate) async fn keep<T>(
        &self,
        run: RunId,
        work: impl Future<Output = Result<T, HarvestError>>,
    ) -> Result<T, HarvestError> {
        let mut pulse = self.pulse.clone();
        tokio::select! {
            biased;
            done = work => done,
            () = told(&mut pulse, Pulse::Lost) => Err(ArchiveError::Ended(run).into()),
        }
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Wishes {
    /// Whether a person asked the run to end.
    pub(crate) fn stop(&self) -> bool {
        *self.0.borrow() == Pulse::Stop
    }

    /// Waits until a person asks the run to end.
    pub(crate) async fn stopped(&mut self) {
        told(&mut self.0, Pulse::Stop).await;
    }
}

async fn told(pulse: &mut watch::Receiver<Pulse>, wanted: Pulse) {
    // A heart that is gone says nothing more.
    if pulse.wait_for(|pulse| *pulse == wanted).await.is_err() {
        std::future::pending::<()>().await;
    }
}
