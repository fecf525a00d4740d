//! Whether a run was complete.

use model::{Finding, Outcome, RunReport, Severity, Stage};

use crate::crawl::{CrawlEnd, STOPPED};

/// Whether everything was had that there was to have.
pub(super) fn judge(
    end: &CrawlEnd,
    report: &RunReport,
    nameless: u64,
    gone: u64,
    full: bool,
    findings: &mut Vec<Finding>,
) -> (Outcome, Option<String>) {
    if end.stopped {
        return (Outcome::Partial, Some(STOPPED.to_owned()));
    }
    let lacking = end.tally.lost_pages > 0 || end.broken_off.is_some();
    // Records of which nobody knows which they are may be none at all.
    if end.tally.pages == 0 || (lacking && report.seen == nameless) {
        let why = end.broken_off.clone().unwrap_or_else(|| {
            "no record of the source could be read; the findings say why".to_owned()
        });
        return (Outcome::Failed, Some(why));
    }
    if let Some(why) = &end.broken_off {
        findings.push(Finding::new(
            "run/broken-off",
            Severity::Error,
            Stage::Fetch,
            why.clone(),
        ));
        return (Outcome::Partial, Some(why.clone()));
    }
    if end.tally.lost_pages > 0 {
        return (
            Outcome::Partial,
            Some(format!("{} pages could not be read", end.tally.lost_pages)),
        );
    }
    if let Some(why) = &end.tally.incomplete {
        return (Outcome::Partial, Some(why.clone()));
    }
    if let Some(announced) = end
        .announced
        .filter(|announced| full && report.seen + gone < *announced)
    {
        let why = format!(
            "the source announces {announced} records and gave {}",
            report.seen
        );
        findings.push(
            Finding::new("run/fewer-than-announced", Severity::Error, Stage::Reconcile, format!("{why}; nothing is taken for deleted"))
                .hint("the source perhaps changed while it was read, or its pages leave records out: compare its count with its listing"),
        );
        return (Outcome::Partial, Some(why));
    }
    (Outcome::Complete, None)
}
