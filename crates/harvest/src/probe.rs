//! Whether a server tells what changed: it is asked, and held against what reading everything finds. It is never believed blindly.

use std::collections::{HashSet, VecDeque};

use archive::{Compared, Probe, RecordKey};
use chrono::{DateTime, TimeDelta, Utc};
use fetch::{Fetch, FetchError};
use model::{
    Checkpoint, Checksum, Coverage, Finding, Incremental, Outcome, Request, RunReport, Severity,
    Stage,
};

use crate::{HarvestError, Source, Workshop};

/// Requests by which changes are listed to be held against a run that read everything.
const MAX_REQUESTS: usize = 200;

/// Why a server gave no number.
enum NoCount {
    /// It did not answer: nobody knows.
    Silent,
    Refused(String),
}

/// The checkpoint, if the source can be asked for what changed since then; and if it cannot, what its owner is told. Where it may
/// not be probed, and nothing is known of it that is not too old, it is read whole.
pub(crate) async fn checked<F: Fetch>(
    workshop: &Workshop,
    source: &Source<F>,
    since: Option<Checkpoint>,
    configuration: Checksum,
    may_probe: bool,
) -> Result<(Option<Checkpoint>, Option<Finding>), HarvestError> {
    let incremental = source.connector.incremental();
    if !incremental.asks() {
        return Ok((since, None));
    }
    let now = (workshop.clock)();
    let kept = workshop.archive.probe(&source.id).await?;
    let kept = kept.filter(|probe| probe.configuration == configuration);
    let age = kept.as_ref().map(|probe| now - probe.at);
    let fresh = age.is_some_and(|age| age >= TimeDelta::zero() && age < source.full_every);
    let probe = match (kept, since.is_some()) {
        (kept, true) if !fresh && !may_probe => {
            return Ok((None, kept.and_then(|kept| told(&kept, incremental))));
        }
        (Some(kept), true) if !fresh => ask(source, configuration, now, kept.compared).await,
        (None, true) => ask(source, configuration, now, None).await,
        // Every record is to be seen anyhow.
        (kept, false) => return Ok((None, kept.and_then(|kept| told(&kept, incremental)))),
        (kept, true) => {
            let distrust = kept.as_ref().and_then(|kept| kept.distrust(incremental));
            let finding = kept.as_ref().and_then(|kept| told(kept, incremental));
            return Ok((since.filter(|_| distrust.is_none()), finding));
        }
    };
    let Some(probe) = probe else {
        return Ok((None, None));
    };
    workshop.archive.keep_probe(&source.id, &probe).await?;
    let distrust = probe.distrust(incremental);
    tracing::info!(source = %source.id, total = probe.total, past = probe.past, future = probe.future, distrust, "the source was asked whether it tells what changed");
    let finding = told(&probe, incremental);
    Ok((since.filter(|_| distrust.is_none()), finding))
}

/// Asks for the number of records in all, changed since long ago, and changed since a time to come. `None` if nobody answers.
async fn ask<F: Fetch>(
    source: &Source<F>,
    configuration: Checksum,
    now: DateTime<Utc>,
    compared: Option<Compared>,
) -> Option<Probe> {
    let mut probe = Probe {
        configuration,
        at: now,
        total: None,
        past: None,
        future: None,
        fault: None,
        compared,
    };
    let long_ago = DateTime::UNIX_EPOCH + TimeDelta::days(2);
    let to_come = now + TimeDelta::days(3650);
    let asked = async {
        // Where this cannot be had either, it is not the date that is refused.
        let total = count(source, None).await;
        probe.total = total.map_err(|_| NoCount::Silent)?;
        probe.past = count(source, Some(long_ago)).await?;
        probe.future = count(source, Some(to_come)).await?;
        if probe.past != probe.total {
            // A record came or went in between, perhaps.
            probe.total = count(source, None).await?;
        }
        Ok(())
    };
    match asked.await {
        Ok(()) => probe.fault = fault(&probe, source.connector.probe(None).is_some()),
        Err(NoCount::Refused(why)) => {
            probe.fault = Some(format!("it refuses to tell what changed: {why}"));
        }
        Err(NoCount::Silent) => return None,
    }
    Some(probe)
}

fn fault(probe: &Probe, was_asked: bool) -> Option<String> {
    if !was_asked {
        return None;
    }
    let number = |n: Option<u64>| n.map_or("some".to_owned(), |n| n.to_string());
    if probe.future != Some(0) {
        return Some(format!(
            "asked for what changed since a time that is still to come, it gives {} of {} records: it does not look at the date",
            number(probe.future),
            number(probe.total)
        ));
    }
    if let (Some(past), Some(total)) = (probe.past, probe.total)
        && past != total
    {
        return Some(format!(
            "asked for what changed since 1970, it gives {past} of {total} records: some have no date, or another one"
        ));
    }
    None
}

async fn count<F: Fetch>(
    source: &Source<F>,
    since: Option<DateTime<Utc>>,
) -> Result<Option<u64>, NoCount> {
    let since = since.map(|started| Checkpoint { started });
    let Some(request) = source.connector.probe(since.as_ref()) else {
        return Ok(None);
    };
    let limit = source.limits.progress;
    let answer = tokio::time::timeout(limit, source.fetcher.fetch(&request)).await;
    let response = answer
        .map_err(|_| NoCount::Silent)?
        .map_err(|error| no_count(&error))?;
    let counted = source.connector.counted(&response);
    counted.map_err(|error| NoCount::Refused(error.to_string()))
}

fn no_count(error: &FetchError) -> NoCount {
    match error.status() {
        Some(400..=428 | 431..=499 | 501) => NoCount::Refused(error.to_string()),
        _ => NoCount::Silent,
    }
}

fn told(probe: &Probe, incremental: Incremental) -> Option<Finding> {
    let why = probe.distrust(incremental)?;
    let missed = probe
        .compared
        .as_ref()
        .map_or(0, |compared| compared.missed);
    let rule = match (&probe.fault, missed) {
        (Some(_), _) => "incremental/not-honoured",
        (None, 0) => return None,
        (None, _) => "incremental/misses-changes",
    };
    Some(
        Finding::new(rule, Severity::Warning, Stage::Fetch, format!(
            "the source is not asked for changes only, and read whole each time: {why} (asked on {})",
            probe.at.format("%Y-%m-%d")
        ))
        .hint("give each record the date of its last change, and let requests choose by it; or set `incremental = false`"),
    )
}

/// Holds what a run found that read everything against what the source would have told of changes since the run before.
pub(crate) async fn compare<F: Fetch>(
    workshop: &Workshop,
    source: &Source<F>,
    before: Option<DateTime<Utc>>,
    configuration: Checksum,
    report: &RunReport,
) -> Result<(), HarvestError> {
    let whole = report.outcome == Outcome::Complete && report.full;
    let (Some(before), true, true) = (before, whole, source.connector.incremental().asks()) else {
        return Ok(());
    };
    let archive = &workshop.archive;
    let kept = archive.probe(&source.id).await?;
    let kept = kept.filter(|probe| probe.configuration == configuration && probe.fault.is_none());
    let now = (workshop.clock)();
    // Where no date is trusted every run reads everything, and not each is held against the source.
    let due = |compared: &Compared| now - compared.at >= source.full_every / 2 || compared.at > now;
    let Some(mut probe) = kept.filter(|probe| probe.compared.as_ref().is_none_or(due)) else {
        return Ok(());
    };
    let changed = archive.changed_in(&source.id, report.run).await?;
    if changed.is_empty() {
        return Ok(());
    }
    let Some(listed) = list(source, Checkpoint { started: before }).await else {
        tracing::info!(source = %source.id, "what the source tells of changes could not be listed");
        return Ok(());
    };
    let missed = changed.iter().filter(|key| !listed.contains(key)).count();
    tracing::info!(source = %source.id, changes = changed.len(), missed, "what the source tells of changes was held against all that it has");
    probe.compared = Some(Compared {
        at: now,
        changes: changed.len() as u64,
        missed: missed as u64,
    });
    archive.keep_probe(&source.id, &probe).await?;
    Ok(())
}

/// The records that the source tells of; `None` where a request fails, or they do not end.
async fn list<F: Fetch>(source: &Source<F>, since: Checkpoint) -> Option<HashSet<RecordKey>> {
    if source.connector.coverage(Some(&since)) != Coverage::Delta {
        return None;
    }
    let mut queue: VecDeque<Request> = source.connector.start(Some(&since)).into();
    let mut listed = HashSet::new();
    for _ in 0..MAX_REQUESTS {
        let Some(request) = queue.pop_front() else {
            return Some(listed);
        };
        let answer = tokio::time::timeout(source.limits.progress, source.fetcher.fetch(&request));
        let page = source.connector.read(&answer.await.ok()?.ok()?).ok()?;
        let ids = page.records.iter().map(|record| &record.id);
        listed.extend(
            ids.chain(&page.gone)
                .map(|id| RecordKey::new(&source.id, id)),
        );
        queue.extend(page.next);
    }
    queue.is_empty().then_some(listed)
}
