//! A target that the daemon pushes to.

use chrono::{DateTime, Utc};
use harvest::Schedule;
use push::Catalogue;

use crate::command::push::{catalogue, push_to};
use crate::config::{Fetch, TargetFile};
use crate::instance::{Instance, Layout};

pub struct Supply {
    layout: Layout,
    fetch: Fetch,
    catalogue: Catalogue,
    file: TargetFile,
    schedule: Option<Schedule>,
}

impl Supply {
    pub fn new(instance: &Instance, file: &TargetFile) -> Self {
        let main = &instance.loaded.main;
        Self {
            layout: instance.layout.clone(),
            fetch: main.fetch.clone(),
            catalogue: catalogue(instance.archive().clone(), &instance.loaded),
            file: file.clone(),
            schedule: file.schedule(&main.schedule),
        }
    }

    pub fn is_scheduled(&self) -> bool {
        self.follows_runs() || self.schedule.is_some()
    }

    pub fn follows_runs(&self) -> bool {
        self.file.is_after_runs()
    }

    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        self.schedule.as_ref()?.next(&self.file.id, Utc::now())
    }

    /// What fails is logged, and made up for by the next push.
    pub async fn push(&self) {
        let id = &self.file.id;
        let (layout, catalogue) = (&self.layout, &self.catalogue);
        match push_to(layout, &self.fetch, catalogue, &self.file, false, |_| {}).await {
            Ok(report) => tracing::info!(
                to = %id,
                outcome = report.outcome.as_str(),
                created = report.created,
                updated = report.updated,
                deleted = report.deleted,
                unchanged = report.unchanged,
                refused = report.refused,
                held = report.held,
                reason = report.reason,
                "pushed"
            ),
            Err(error) => {
                tracing::error!(to = %id, error = format!("{error:#}"), "the push could not be made; the next one makes up for it");
            }
        }
    }
}
