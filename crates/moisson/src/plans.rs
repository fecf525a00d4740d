//! When a source is due.

use archive::Archive;
use chrono::{DateTime, Utc};
use harvest::Schedule;
use model::SourceId;

use crate::config::{Loaded, SourceFile};

/// When a source is harvested, and when every record of it is seen.
pub struct Plans {
    runs: Option<Schedule>,
    full: Option<Schedule>,
}

impl Plans {
    pub fn new(loaded: &Loaded, file: &SourceFile) -> Self {
        let (runs, full) = file.plans(&loaded.main.schedule);
        Self { runs, full }
    }

    /// The first time after another. A run is one that sees every record whenever such a one is due by then.
    pub fn next(&self, id: &SourceId, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let plans = self.runs.iter().chain(&self.full);
        plans.filter_map(|plan| plan.next(id, after)).min()
    }

    /// When the source is due: from its last run on, so that one that was due while the program was down is made up for. A source
    /// that was never harvested is due now.
    pub async fn next_due(&self, archive: &Archive, id: &SourceId) -> Option<DateTime<Utc>> {
        if self.runs.is_none() && self.full.is_none() {
            return None;
        }
        let now = Utc::now();
        match archive.runs(Some(id), 1).await {
            Ok(runs) => match runs.first() {
                Some(last) => self.next(id, last.started.min(now)),
                None => Some(now),
            },
            Err(error) => {
                tracing::error!(source = %id, %error, "the last run cannot be read");
                self.next(id, now)
            }
        }
    }
}
