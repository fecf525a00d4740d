//! What follows a page.

use model::{Page, Response, Severity};
use url::Url;

use crate::connector::{Rdf, at};
use crate::cursor::Cursor;
use crate::hydra::Paging;

/// Pages without a dataset after which nothing more is expected.
const MAX_EMPTY: u64 = 3;

impl Rdf {
    /// Adds the next page to `page.next`, unless the catalogue ends here.
    pub(crate) fn go_on(
        &self,
        cursor: Cursor,
        paging: &Paging,
        answer: &Response,
        page: &mut Page,
    ) {
        // A total may count services, or not; agents it never counts.
        page.announced = paging.total.map(|total| {
            total
                .max(cursor.counted)
                .saturating_add(cursor.counted_agents)
        });
        let Some(written) = &paging.next else {
            return;
        };
        if paging.ambiguous {
            page.findings.push(
                at(
                    answer,
                    "paging/counts-disagree",
                    Severity::Error,
                    "the page names several next pages; the first was taken, and what the others lead to was not read",
                )
                .value(written),
            );
        }
        let Some(next) = self.next_address(written, answer, page) else {
            return;
        };
        let doubtful = end(&cursor, paging);
        if next == answer.url || next == answer.request.url {
            page.findings.push(
                at(
                    answer,
                    "paging/loop",
                    doubtful_end(&cursor, paging, doubtful),
                    "the page names itself as the next one; the catalogue ends here",
                )
                .value(written),
            );
        } else if cursor.has_visited(&next) {
            page.findings.push(
                at(
                    answer,
                    "paging/loop",
                    doubtful,
                    "the next page is one that was read before; the catalogue ends here",
                )
                .value(written),
            );
        } else if cursor.empty >= MAX_EMPTY {
            page.findings.push(at(answer, "paging/empty-pages", doubtful, "three pages in a row describe no dataset, and name a next one; the catalogue was given up here"));
        } else if cursor.page >= self.config.page_limit {
            page.findings.push(
                at(answer, "paging/endless", doubtful, format!("the catalogue does not end; it was given up after {} pages", cursor.page))
                    .hint("If the catalogue really is that long, raise `page_limit` in the source's file."),
            );
        } else {
            let cursor = cursor.next(&next);
            page.next.push(self.request(next, &cursor));
        }
    }

    /// The address of the next page on the catalogue's own server. One that leads elsewhere is taken for a wrong name of this server where
    /// nothing but the query differs.
    fn next_address(&self, written: &str, answer: &Response, page: &mut Page) -> Option<String> {
        let here = Url::parse(&answer.url)
            .ok()
            .unwrap_or_else(|| self.address.clone());
        let Ok(mut next) = here.join(written) else {
            page.findings.push(
                at(
                    answer,
                    "paging/foreign-next-page",
                    Severity::Error,
                    "the next page has no address that can be asked for; the catalogue was given up here",
                )
                .value(written),
            );
            return None;
        };
        next.set_fragment(None);
        if next.origin() == here.origin() || next.origin() == self.address.origin() {
            return Some(next.into());
        }
        let same_path = next.path() == here.path() || next.path() == self.address.path();
        let severity = if same_path {
            Severity::Warning
        } else {
            Severity::Error
        };
        let what = if same_path {
            "the next page is said to be on another server; it was asked for on this one"
        } else {
            "the next page is said to be on another server; it was not followed"
        };
        page.findings.push(
            at(answer, "paging/foreign-next-page", severity, what)
                .value(written)
                .hint("Set the public address of the portal in its configuration."),
        );
        let mut own = here;
        own.set_path(next.path());
        own.set_query(next.query());
        own.set_fragment(None);
        same_path.then(|| own.into())
    }
}

/// How bad it is to stop here: nothing is lost once the total was reached.
pub fn end(cursor: &Cursor, paging: &Paging) -> Severity {
    let all_read = paging.total.is_some_and(|total| cursor.counted >= total);
    if all_read {
        Severity::Warning
    } else {
        Severity::Error
    }
}

/// A last page that names itself is a common slip where pages came before it or no total contradicts.
fn doubtful_end(cursor: &Cursor, paging: &Paging, otherwise: Severity) -> Severity {
    if paging.total.is_none() && cursor.page > 1 {
        Severity::Warning
    } else {
        otherwise
    }
}
