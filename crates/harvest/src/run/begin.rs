//! How a run begins: anew, with changes only or with everything, or where an interrupted one stood.

use archive::{Purpose, SourceState};
use chrono::{DateTime, Utc};
use fetch::Fetch;
use model::{Checkpoint, Checksum, Coverage, Finding, RunReport, reason};
use tokio::sync::mpsc;

use super::{Feed, RunOptions, Source, Terms};
use crate::crawl::{Beginning, Crawled, crawl};
use crate::document::Condition;
use crate::lease::{self, Heart, Wishes};
use crate::progress::{Progress, Step};
use crate::resume::{self, Earlier, Keeper, Resumed};
use crate::watchdog::Watchdog;
use crate::{HarvestError, Workshop, probe};

/// A run that has begun, or goes on.
pub(super) struct Begun {
    pub(super) report: RunReport,
    pub(super) heart: Heart,
    pub(super) work: Work,
}

/// What a run begins with.
pub(super) struct Work {
    pub(super) earlier: Earlier,
    pub(super) keeper: Keeper,
    pub(super) condition: Condition,
}

impl Begun {
    /// One that is not gone on with when it is cut off, and that remembers nothing of how it was read.
    pub(super) async fn plain(workshop: &Workshop, terms: &Terms) -> Result<Self, HarvestError> {
        let beat = terms.limits.beat;
        let (report, heart) =
            lease::begin(workshop, &terms.id, terms.full, Purpose::Harvest, beat).await?;
        Ok(Self {
            report,
            heart,
            work: Work {
                earlier: Earlier::default(),
                keeper: Keeper::none(),
                condition: Condition::default(),
            },
        })
    }

    /// One that goes on.
    pub(super) fn again<F: Fetch>(
        source: &Source<F>,
        configuration: Checksum,
        resumed: Resumed,
    ) -> (Self, Crawling<'_, F>) {
        let begun = Self {
            report: resumed.report,
            heart: resumed.heart,
            work: Work {
                earlier: resumed.earlier,
                keeper: resumed.keeper,
                condition: Condition::none(source, configuration),
            },
        };
        let beginning = resumed.beginning;
        (begun, Crawling { source, beginning })
    }

    /// One that asks for what changed since a checkpoint, or for everything.
    pub(super) async fn anew<'a, F: Fetch>(
        workshop: &Workshop,
        source: &'a Source<F>,
        configuration: Checksum,
        (since, told): (Option<Checkpoint>, Option<Finding>),
    ) -> Result<(Self, Crawling<'a, F>), HarvestError> {
        let since = since.as_ref();
        let (mut feed, full) = Crawling::since(source, since, told);
        let condition = Condition::of(workshop, source, since, configuration).await?;
        feed.beginning.known = condition.known();
        let mut begun = Self::plain(workshop, &Terms::of(source, full)).await?;
        begun.work.condition = condition;
        let report = &begun.report;
        match Keeper::begin(workshop, source, configuration, since, report).await {
            Ok(keeper) => begun.work.keeper = keeper,
            Err(error) => {
                let reason = format!("{}: {error}", reason::NOT_CARRIED_OUT);
                lease::give_up(workshop, (report.run, report.resumed), reason).await;
                return Err(error);
            }
        }
        Ok((begun, feed))
    }
}

/// The source itself.
pub(crate) struct Crawling<'a, F> {
    pub(super) source: &'a Source<F>,
    beginning: Beginning,
}

impl<'a, F: Fetch> Crawling<'a, F> {
    fn since(
        source: &'a Source<F>,
        since: Option<&Checkpoint>,
        told: Option<Finding>,
    ) -> (Self, bool) {
        let full = source.connector.coverage(since) == Coverage::Full;
        let beginning = Beginning {
            progress: Progress::begin(source.connector.start(since)),
            told,
            ..Beginning::default()
        };
        (Self { source, beginning }, full)
    }

    /// What a plan asks the source for now, and whether that is every record. It asks for nothing that a plan could not hold: it
    /// probes nothing, goes on with nothing, and makes no condition.
    pub(crate) async fn planned(
        copy: &Workshop,
        source: &'a Source<F>,
        options: RunOptions,
        now: DateTime<Utc>,
    ) -> Result<(Self, bool), HarvestError> {
        let state = copy.archive.source_state(&source.id).await?;
        let configuration = resume::configuration(source);
        let since = since(&state, source, options, now);
        let (since, told) = probe::checked(copy, source, since, configuration, false).await?;
        Ok(Self::since(source, since.as_ref(), told))
    }
}

impl<F: Fetch> Feed for Crawling<'_, F> {
    async fn feed(self, wishes: Wishes, watchdog: &Watchdog, out: mpsc::Sender<(Crawled, Step)>) {
        let (source, beginning) = (self.source, self.beginning);
        let connector = &*source.connector;
        let (fetcher, limits) = (&source.fetcher, source.limits);
        crawl(connector, fetcher, limits, beginning, wishes, watchdog, out).await;
    }
}

/// The checkpoint to begin from, unless the run has to see every record.
pub(super) fn since<F>(
    state: &SourceState,
    source: &Source<F>,
    options: RunOptions,
    now: DateTime<Utc>,
) -> Option<Checkpoint> {
    if options.full || is_due(state.last_full, source, now) {
        return None;
    }
    // Nothing changed after a time that is still to come: a clock was ahead, and nobody knows since when.
    let known = state.last_complete.filter(|started| *started <= now);
    known.map(|started| Checkpoint { started })
}

fn is_due<F>(last_full: Option<DateTime<Utc>>, source: &Source<F>, now: DateTime<Utc>) -> bool {
    let Some(last) = last_full.filter(|last| *last <= now) else {
        return true;
    };
    match &source.full_at {
        // One that was missed is made up for.
        Some(plan) => (plan.next(&source.id, last)).is_some_and(|next| next <= now),
        None => now - last >= source.full_every,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use archive::Guard;
    use chrono::TimeDelta;
    use model::SourceId;

    use super::*;
    use crate::{Limits, Schedule};

    #[test]
    fn every_record_is_seen_when_it_is_time_and_when_the_clock_was_ahead() {
        let now: DateTime<Utc> = "2026-03-01T03:00:00Z".parse().unwrap();
        let week = TimeDelta::days(7);
        let mut source = source(week);
        assert!(is_due(None, &source, now));
        assert!(is_due(Some(now - week), &source, now));
        assert!(!is_due(Some(now - TimeDelta::days(6)), &source, now));
        assert!(is_due(Some(now + TimeDelta::days(3650)), &source, now));

        // 2026-03-01 is a Sunday.
        let plan = |text| Schedule::new(text, "UTC", Duration::ZERO).unwrap();
        source.full_at = Some(plan("0 0 2 * * SUN"));
        assert!(is_due(Some(now - TimeDelta::days(1)), &source, now));
        assert!(!is_due(Some(now - TimeDelta::minutes(1)), &source, now));
        source.full_at = Some(plan("0 0 4 * * SUN"));
        assert!(!is_due(Some(now - TimeDelta::days(6)), &source, now));
        assert!(is_due(Some(now - TimeDelta::days(7)), &source, now));
    }

    fn source(full_every: TimeDelta) -> Source<()> {
        let config = r#"{ "datajson": { "url": "https://portail.example/data.json" } }"#;
        let config: crate::ConnectorConfig = serde_json::from_str(config).unwrap();
        Source {
            id: SourceId::new("portail").unwrap(),
            connector: config.build().unwrap().into(),
            fetcher: (),
            guard: Guard {
                share: 0.2,
                agree: 3,
                grace: TimeDelta::days(7),
            },
            limits: Limits::default(),
            language: "fr".to_owned(),
            full_every,
            full_at: None,
            resume_within: TimeDelta::zero(),
        }
    }
}
