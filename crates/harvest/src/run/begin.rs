//! How a run begins: anew, with changes only or with everything, or where an interrupted one stood.

use archive::{KnownDocument, Purpose, SourceState};
use chrono::{DateTime, Utc};
use fetch::Fetch;
use model::{Checkpoint, Checksum, Coverage, Finding, RunReport};

use super::{RunOptions, Source, fail};
use crate::crawl::Beginning;
use crate::lease::{self, Heart};
use crate::progress::Progress;
use crate::resume::{Earlier, Keeper, Resumed};
use crate::{HarvestError, Workshop, document};

/// A run that has begun, or goes on. A dry one has no heart.
pub(super) struct Begun {
    pub(super) report: RunReport,
    pub(super) heart: Option<Heart>,
    pub(super) work: Work,
}

/// What a run begins with.
pub(super) struct Work {
    pub(super) configuration: Checksum,
    pub(super) beginning: Beginning,
    pub(super) earlier: Earlier,
    pub(super) keeper: Keeper,
    pub(super) document: Option<KnownDocument>,
    /// What is to be told of the source beside what it gives.
    pub(super) told: Option<Finding>,
}

impl Begun {
    pub(super) fn again(resumed: Resumed) -> Self {
        Self {
            report: resumed.report,
            heart: Some(resumed.heart),
            work: Work {
                configuration: resumed.configuration,
                beginning: resumed.beginning,
                earlier: resumed.earlier,
                keeper: resumed.keeper,
                document: None,
                told: None,
            },
        }
    }
}

pub(super) async fn begin<F: Fetch>(
    workshop: &Workshop,
    source: &Source<F>,
    since: Option<Checkpoint>,
    configuration: Checksum,
    started: DateTime<Utc>,
    options: RunOptions,
) -> Result<Begun, HarvestError> {
    let full = source.connector.coverage(since.as_ref()) == Coverage::Full;
    let progress = Progress::begin(source.connector.start(since.as_ref()));
    let mut work = Work {
        configuration,
        beginning: Beginning {
            progress,
            ..Beginning::default()
        },
        earlier: Earlier::default(),
        keeper: Keeper::none(),
        document: None,
        told: None,
    };
    if options.dry_run {
        let next = workshop.archive.next_run().await?;
        let mut report = RunReport::new(source.id.clone(), next, started);
        (report.full, report.dry_run) = (full, true);
        return Ok(Begun {
            report,
            heart: None,
            work,
        });
    }
    // Looked up before this run is the last one.
    work.document = document::known(workshop, source, since.as_ref(), configuration).await?;
    let known = work.document.as_ref();
    work.beginning.known = known.map(|known| (known.request, known.validators.clone()));
    let beat = source.limits.beat;
    let (report, heart) = lease::begin(workshop, &source.id, full, Purpose::Harvest, beat).await?;
    match Keeper::begin(workshop, source, configuration, since.as_ref(), &report).await {
        Ok(keeper) => work.keeper = keeper,
        Err(error) => {
            fail(workshop, &source.id, (report.run, 0), &error).await;
            return Err(error);
        }
    }
    Ok(Begun {
        report,
        heart: Some(heart),
        work,
    })
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
