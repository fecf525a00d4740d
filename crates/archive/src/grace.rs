//! The period of grace of missing records, where clocks are set.

use chrono::{DateTime, TimeDelta, Utc};
use model::{RunId, SourceId};

use crate::RecordKey;
use crate::db::{ArchiveError, Transaction, seconds};
use crate::history::{Kept, remember};
use crate::rows::record_key;

/// Where nothing ran for longer than this, nobody knows whether time passed or the clock was set.
const UNWATCHED: TimeDelta = TimeDelta::days(31);
/// But for sources that are harvested more seldom, up to this.
const SELDOM: TimeDelta = TimeDelta::days(400);

/// Lets the period of grace begin anew, for records that are missing since a time that is still to come, and for all of them where
/// the clock perhaps jumped: a record has its days whatever the clock does.
pub(crate) async fn begin_anew(
    transaction: &mut Transaction,
    source: &SourceId,
    run: RunId,
    at: DateTime<Utc>,
) -> Result<(), ArchiveError> {
    let last = match is_watched(transaction, source, run, at).await? {
        true => at,
        false => DateTime::UNIX_EPOCH,
    };
    let rows = sqlx::query(
        "SELECT key FROM record WHERE source = $1 AND state = 'missing' AND missing_since > $2 AND missing_since <> $3 ORDER BY key",
    )
    .bind(source.as_str())
    .bind(seconds(last))
    .bind(seconds(at))
    .fetch_all(&mut **transaction)
    .await?;
    let keys = rows
        .iter()
        .map(|row| record_key(row, "key"))
        .collect::<Result<Vec<RecordKey>, _>>()?;
    if keys.is_empty() {
        return Ok(());
    }
    tracing::warn!(%source, %run, records = keys.len(), "the clock was set, or nothing ran for long: the period of grace of missing records begins anew");
    remember(transaction, run, &keys, Kept::Row).await?;
    crate::lifecycle::set_missing(transaction, &keys, at).await
}

/// Whether runs, of whatever source, followed one another since the source was last seen whole in such a way that the clock can
/// be believed.
async fn is_watched(
    transaction: &mut Transaction,
    source: &SourceId,
    run: RunId,
    at: DateTime<Utc>,
) -> Result<bool, ArchiveError> {
    let whole: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT id, started FROM run WHERE source = $1 AND id < $2 AND outcome = 'complete' AND whole = 1 ORDER BY id DESC LIMIT 2",
    )
    .bind(source.as_str())
    .bind(run.0)
    .fetch_all(&mut **transaction)
    .await?;
    let Some((since, _)) = whole.first() else {
        return Ok(true);
    };
    let (gap, last): (Option<i64>, Option<i64>) = sqlx::query_as(
        "SELECT MAX(gap), MAX(CASE WHEN id = $2 THEN started END) FROM
         (SELECT id, started, started - LAG(started) OVER (ORDER BY id) AS gap FROM run WHERE id >= $1 AND id <= $2) AS runs",
    )
    .bind(since)
    .bind(run.0)
    .fetch_one(&mut **transaction)
    .await?;
    // The clock may jump within a run.
    let within = last.map_or(0, |started| seconds(at) - started);
    let gap = gap.unwrap_or(0).max(within);
    if gap <= UNWATCHED.num_seconds() {
        return Ok(true);
    }
    let usual = match whole.as_slice() {
        [(_, last), (_, before)] => last.saturating_sub(*before),
        _ => 0,
    };
    Ok(gap <= SELDOM.num_seconds() && gap <= usual.saturating_mul(2))
}
