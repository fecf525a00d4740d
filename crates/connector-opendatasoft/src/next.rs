//! What follows a page of a listing.

use model::{Checksum, Finding, Page, Response, Severity, Stage};

use crate::Opendatasoft;
use crate::listing::Answer;
use crate::paging::{Cursor, REACH};

/// Empty pages in a row before a listing that announces more is given up.
const MOST_EMPTY: u8 = 3;

impl Opendatasoft {
    /// Adds the next page to `page.next`, unless the listing ends here.
    pub(crate) fn go_on(
        &self,
        cursor: &Cursor,
        parsed: &Answer<'_>,
        answer: &Response,
        page: &mut Page,
    ) {
        let mut after = after(cursor, parsed, page);
        if after.unsorted && after.note("paging/unsorted") {
            page.findings.push(finding("paging/unsorted", Severity::Warning, answer, "the portal refused the order asked for: records may be missed or seen twice where its listing changes meanwhile"));
        }
        if after.repeats >= 2 {
            page.findings.push(finding(
                "paging/repeated-page",
                Severity::Error,
                answer,
                "the portal answers every page with the same records; the listing was given up",
            ));
            return;
        }
        let count = parsed.items.len() as u64;
        if let (Some(total), None) = (parsed.total, after.total)
            && after.note("paging/counts-disagree")
        {
            page.findings.push(finding("paging/counts-disagree", Severity::Warning, answer, format!("the portal announces {total} datasets and gives more; pages are read until one is not full")));
        }
        let end = cursor
            .offset
            .saturating_add(if count == 0 { cursor.limit() } else { count });
        // Where a page is short, the portal gives less at once than it is asked for, if it announces more.
        let more = after
            .total
            .map_or(count >= cursor.limit(), |total| end < total);
        if after.empty > 0 && !self.skips(&after, answer, page) || !more {
            return;
        }
        if end >= REACH {
            page.findings.push(
                finding(
                    "paging/out-of-reach",
                    Severity::Error,
                    answer,
                    format!("the API lists {REACH} datasets at most, and the portal has more that no date tells apart; the others were not read"),
                )
                .hint("harvest the portal in parts: a source each, with `refine`, `exclude` or `where`"),
            );
            return;
        }
        page.next.push(self.request(&after.at(end)));
    }

    /// Whether the crawl goes on behind an empty page.
    fn skips(&self, after: &Cursor, answer: &Response, page: &mut Page) -> bool {
        let Some(total) = after.total.filter(|total| after.offset < *total) else {
            return false;
        };
        if after.empty < MOST_EMPTY {
            return true;
        }
        page.findings.push(finding(
            "paging/empty-pages",
            Severity::Error,
            answer,
            format!(
                "{MOST_EMPTY} pages in a row are empty although the portal announces {total} records; the listing was given up"
            ),
        ));
        false
    }
}

/// The cursor as this answer leaves it, still at its page.
fn after(cursor: &Cursor, parsed: &Answer<'_>, page: &Page) -> Cursor {
    let mark = mark(page);
    let count = parsed.items.len() as u64;
    let reached = cursor.offset.saturating_add(count);
    // A count below what was received counts nothing.
    let total = (parsed.total.or(cursor.total)).filter(|total| count == 0 || reached <= *total);
    Cursor {
        total,
        most: page.announced,
        proven: true,
        streak: 0,
        empty: if parsed.items.is_empty() {
            cursor.empty.saturating_add(1)
        } else {
            0
        },
        repeats: if mark.is_some() && cursor.mark == mark {
            cursor.repeats.saturating_add(1)
        } else {
            0
        },
        mark,
        ..cursor.clone()
    }
}

/// A checksum of the identifiers of a page.
fn mark(page: &Page) -> Option<String> {
    let records = page.records.iter().map(|record| &record.id);
    let ids: Vec<&str> = records.chain(&page.gone).map(|id| id.as_str()).collect();
    (!ids.is_empty()).then(|| Checksum::of(ids.join("\n").as_bytes()).to_string())
}

fn finding(
    rule: &'static str,
    severity: Severity,
    answer: &Response,
    message: impl Into<String>,
) -> Finding {
    Finding::new(rule, severity, Stage::Read, message).place(answer.url.clone())
}
