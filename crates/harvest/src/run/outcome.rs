//! Whether a run was complete, and how far its word goes that records are absent.

use model::{Finding, Outcome, RunReport, Severity, Stage, reason};

use super::reader::Figures;
use crate::crawl::CrawlEnd;

/// What came of reading a source.
pub(super) struct Reading<'a> {
    pub(super) end: &'a CrawlEnd,
    pub(super) figures: &'a Figures,
    /// Records that the source says are deleted.
    pub(super) gone: u64,
    /// It was to see every record.
    pub(super) full: bool,
}

impl Reading<'_> {
    /// Whether everything was had that there was to have.
    pub(super) fn judge(
        &self,
        report: &RunReport,
        findings: &mut Vec<Finding>,
    ) -> (Outcome, Option<String>) {
        let end = self.end;
        if end.stopped {
            return (Outcome::Partial, Some(reason::STOPPED.to_owned()));
        }
        let lacking = end.tally.lost_pages > 0 || end.broken_off.is_some();
        // Records of which nobody knows which they are may be none at all.
        if end.tally.pages == 0 || (lacking && report.seen == self.figures.nameless) {
            let why = end.broken_off.clone().unwrap_or_else(|| {
                "no record of the source could be read; the findings say why".to_owned()
            });
            return (Outcome::Failed, Some(why));
        }
        if let Some(why) = &end.broken_off {
            let finding =
                Finding::new("run/broken-off", Severity::Error, Stage::Fetch, why.clone());
            findings.push(finding);
            return (Outcome::Partial, Some(why.clone()));
        }
        if end.tally.lost_pages > 0 {
            let why = format!("{} pages could not be read", end.tally.lost_pages);
            return (Outcome::Partial, Some(why));
        }
        let fewer = end
            .announced
            .filter(|announced| self.full && report.seen + self.gone < *announced)
            .map(|announced| self.fewer(report.seen, announced, findings));
        match end.tally.incomplete.clone().or(fewer) {
            Some(why) => (Outcome::Partial, Some(why)),
            None => (Outcome::Complete, None),
        }
    }

    fn fewer(&self, seen: u64, announced: u64, findings: &mut Vec<Finding>) -> String {
        let strayed = self.figures.strayed;
        if strayed > 0 {
            let why = format!(
                "the source announces {announced} records and gave {seen}, and {strayed} of them came on several pages: the order of its list changes from page to page"
            );
            findings.push(
                Finding::new("paging/unstable-order", Severity::Error, Stage::Reconcile, format!("{why}; nothing is taken for deleted"))
                    .hint("sort the list by something that is another for each record, such as its identifier"),
            );
            return why;
        }
        let why = format!("the source announces {announced} records and gave {seen}");
        findings.push(
            Finding::new("run/fewer-than-announced", Severity::Error, Stage::Reconcile, format!("{why}; nothing is taken for deleted"))
                .hint("the source perhaps changed while it was read, or its pages leave records out: compare its count with its listing"),
        );
        why
    }

    /// Whether some records cannot be told apart, so that one that seems absent may be among them.
    pub(super) fn doubt(&self) -> bool {
        self.figures.nameless > 0 || (self.figures.strayed > 0 && self.end.announced.is_none())
    }

    /// What keeps a run from proving that records are gone, however many runs say the same; each is a finding.
    pub(super) fn doubts(&self, report: &RunReport) -> Vec<Finding> {
        let mut doubts = Vec::new();
        let mut doubt = |rule: &'static str, message: String, hint: &'static str| {
            let finding = Finding::new(rule, Severity::Warning, Stage::Reconcile, message);
            doubts.push(finding.hint(hint));
        };
        if self.full && report.seen + self.gone == 0 {
            doubt(
                "run/empty",
                "the source gave no record at all".to_owned(),
                "open the list of the source in a browser: an index that was lost or rights that changed are the usual causes",
            );
        }
        if let Some(announced) = self.end.announced
            && self.full
            && self.end.all_announced
            && announced < report.seen
        {
            doubt(
                "run/more-than-announced",
                format!(
                    "the source announces {announced} records and gave {}",
                    report.seen
                ),
                "compare the count of the source with its listing: an index that is not up to date is the usual cause",
            );
        }
        if self.figures.strayed > 0 && self.end.announced.is_none() {
            doubt(
                "paging/unstable-order",
                format!(
                    "{} records came on several pages, and the source does not say how many it has: its list may have been read with gaps",
                    self.figures.strayed
                ),
                "sort the list by something that is another for each record, such as its identifier",
            );
        }
        doubts
    }
}
