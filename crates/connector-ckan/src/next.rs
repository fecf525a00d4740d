//! What follows an answer.

use model::{Checksum, Finding, Page, Response, Severity, Stage};

use crate::Ckan;
use crate::answer::Answer;
use crate::cursor::{Action, Cursor};

/// Empty pages in a row before a listing is given up.
const MAX_EMPTIES: u64 = 3;
/// Pages read behind the announced end because they are full.
const SLACK_PAGES: u64 = 3;
/// Records of a listing that announces no total.
const MAX_RECORDS: u64 = 5_000_000;

impl Ckan {
    /// The names of all datasets: each is asked for by itself, unless a listing gave as many already.
    pub(crate) fn show_each(&self, cursor: &Cursor, parsed: &Answer<'_>, page: &mut Page) {
        let count = parsed.items.len() as u64;
        page.announced = Some(count);
        if cursor.listed > 0 && count <= cursor.listed {
            return;
        }
        let names = parsed.names(page);
        page.next = names
            .into_iter()
            .map(|name| {
                self.request(&Cursor {
                    action: Action::Show,
                    size: 1,
                    alone: true,
                    name: Some(name),
                    ..cursor.clone()
                })
            })
            .collect();
    }

    /// Adds the next page to `page.next`, unless the listing ends here.
    pub(crate) fn go_on(
        &self,
        cursor: Cursor,
        parsed: &Answer<'_>,
        answer: &Response,
        page: &mut Page,
    ) {
        let mut after = after(&cursor, parsed, page);
        if after.unsorted && after.note("paging/unsorted") {
            page.findings.push(finding("paging/unsorted", Severity::Warning, answer, "the portal refused the order asked for: records may be missed or seen twice where its listing changes meanwhile"));
        }
        let count = parsed.items.len() as u64;
        // A portal that does not know `limit` and `offset` gives everything at once, and again.
        if cursor.action == Action::Resources && after.repeats > 0 {
            // Whether that was everything, the names of all datasets tell.
            let names = Cursor {
                listed: cursor.start,
                ..cursor.by(Action::Names)
            };
            *page = Page {
                next: vec![self.request(&names)],
                ..Page::default()
            };
            return;
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
        let everything = cursor.action == Action::Resources && count > cursor.size;
        if everything || !has_more(&mut after, &cursor, count, answer, page) {
            return;
        }
        // What a page lacks may stand on the next one, where a portal gives fewer than it was asked for.
        after.start = match count {
            0 => cursor.end(),
            count => cursor.start.saturating_add(count),
        };
        page.next.push(self.request(&after));
    }
}

/// Whether anything stands behind this page, as far as can be told.
fn has_more(
    after: &mut Cursor,
    cursor: &Cursor,
    count: u64,
    answer: &Response,
    page: &mut Page,
) -> bool {
    let Some(total) = after.total else {
        return match count {
            0 => false,
            _ => !is_endless(cursor, count, answer, page),
        };
    };
    if count == 0 {
        return cursor.end() < total && skip_empty(after, total, answer, page);
    }
    let end = cursor.start.saturating_add(count);
    if end < total {
        return !is_endless(after, count, answer, page);
    }
    // More came than was announced, and as many as were asked for: there may be more still.
    let over = end > total && count >= cursor.size;
    if end > total && after.note("paging/counts-disagree") {
        page.findings.push(finding(
            "paging/counts-disagree",
            Severity::Warning,
            answer,
            format!("the portal announces {total} records and gives more; pages are read until one is not full"),
        ));
    }
    if over && end.saturating_sub(total) >= SLACK_PAGES.saturating_mul(cursor.size) {
        // Records that are not read are not gone, also those behind what was announced.
        page.findings.push(finding(
            "paging/endless",
            Severity::Error,
            answer,
            "the listing does not end; it was given up here",
        ));
        return false;
    }
    over
}

/// Whether to look behind an empty page.
fn skip_empty(after: &mut Cursor, total: u64, answer: &Response, page: &mut Page) -> bool {
    if after.empties >= MAX_EMPTIES {
        page.findings.push(finding(
            "paging/empty-pages",
            Severity::Error,
            answer,
            format!("{MAX_EMPTIES} pages in a row are empty although the portal announces {total} records; the listing was given up"),
        ));
        return false;
    }
    if after.note("paging/counts-disagree") {
        page.findings.push(finding(
            "paging/counts-disagree",
            Severity::Warning,
            answer,
            format!(
                "the page is empty although the portal announces {total} records; it was skipped"
            ),
        ));
    }
    true
}

fn is_endless(cursor: &Cursor, count: u64, answer: &Response, page: &mut Page) -> bool {
    let limit = cursor.first_total.map_or(MAX_RECORDS, |total| {
        total.saturating_mul(2).saturating_add(10_000)
    });
    let endless = cursor.start.saturating_add(count) >= limit;
    if endless {
        page.findings.push(finding(
            "paging/endless",
            Severity::Error,
            answer,
            "the listing does not end; it was given up here",
        ));
    }
    endless
}

/// The cursor as this answer leaves it, still at its page.
fn after(cursor: &Cursor, parsed: &Answer<'_>, page: &Page) -> Cursor {
    let count = parsed.items.len() as u64;
    let total = parsed.total.or(cursor.total);
    // A first page that is short of its total tells a limit of the server (`ckan.search.rows_max`).
    let lowered = !cursor.proven && count > 0 && count < cursor.size;
    let lowered = lowered && total.is_some_and(|total| cursor.start.saturating_add(count) < total);
    let full_size = if lowered { count } else { cursor.full_size };
    let mark = mark(page);
    Cursor {
        // Behind a fault pages grow again.
        size: cursor.size.saturating_mul(2).clamp(1, full_size),
        full_size,
        first_total: cursor.first_total.or(total),
        total,
        most: page.announced,
        proven: true,
        streak: 0,
        empties: match count {
            0 => cursor.empties.saturating_add(1),
            _ => 0,
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
    let ids = page
        .records
        .iter()
        .map(|record| &record.id)
        .chain(&page.gone);
    let ids: Vec<&str> = ids.map(|id| id.as_str()).collect();
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
