//! What follows a page of a listing.

use chrono::{DateTime, TimeDelta, Utc};
use model::{Checksum, Finding, Page, Response, Severity, Stage};
use url::Url;

use crate::Udata;
use crate::listing::{Answer, Dates};
use crate::paging::{Cursor, Sort};

/// A clock behind by that much does not lose a change.
const MARGIN: TimeDelta = TimeDelta::days(1);
/// Pages read behind the announced end because `next_page` insists.
const SLACK_PAGES: u64 = 3;
/// Records of a listing that announces no total.
const MAX_RECORDS: u64 = 5_000_000;

impl Udata {
    /// Adds the next page to `page.next`, unless the listing ends here.
    pub(crate) fn go_on(
        &self,
        cursor: Cursor,
        parsed: &Answer<'_>,
        dates: &Dates,
        answer: &Response,
        page: &mut Page,
    ) {
        let mut after = after(&cursor, parsed, page);
        if after.sort == Sort::Refused && after.note("paging/unsorted") {
            page.findings.push(finding("paging/unsorted", Severity::Warning, answer, "the portal refused the order asked for: records may be missed or seen twice where its listing changes meanwhile"));
        }
        let reached = self.check_order(&mut after, dates, answer, page);
        if parsed.items.is_empty() {
            if after.total.is_some_and(|total| {
                cursor.page.saturating_sub(1).saturating_mul(cursor.size) < total
            }) {
                page.findings.push(finding("paging/counts-disagree", Severity::Warning, answer, "the page is empty although the portal announces more records; the listing ends here"));
            }
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
        let end = after.end();
        if reached || !self.has_more(&mut after, parsed, answer, page) {
            return;
        }
        let next = after.at(end);
        let followed = (next.size == after.size)
            .then(|| self.follow(parsed.next_page.as_deref()?, &mut after, answer, page))
            .flatten();
        let next = Cursor {
            noted: after.noted.clone(),
            ..next
        };
        page.next.push(match followed {
            Some(url) => self.request_at(url, &next),
            None => self.request(&next),
        });
    }

    /// Whether everything of the page, and so everything behind it, is older than what is asked for.
    fn check_order(
        &self,
        cursor: &mut Cursor,
        dates: &Dates,
        answer: &Response,
        page: &mut Page,
    ) -> bool {
        const RULE: &str = "paging/order-not-honoured";
        let Some(since) = cursor.since else {
            return false;
        };
        let known: Vec<DateTime<Utc>> = cursor
            .previous
            .into_iter()
            .chain(dates.iter().copied().flatten())
            .collect();
        let descends = known.is_sorted_by(|earlier, later| earlier >= later);
        if (!descends || cursor.sort != Sort::LastUpdate) && cursor.note(RULE) {
            page.findings.push(finding(
                RULE,
                Severity::Warning,
                answer,
                "the listing is not in descending order of `last_update`: it is read to its end",
            ));
        }
        cursor.previous = known.last().copied();
        let limit = since.checked_sub_signed(MARGIN).unwrap_or(since);
        let all_older = !dates.is_empty()
            && dates
                .iter()
                .all(|date| date.is_some_and(|date| date < limit));
        all_older && !cursor.noted.iter().any(|rule| rule == RULE)
    }

    fn has_more(
        &self,
        after: &mut Cursor,
        parsed: &Answer<'_>,
        answer: &Response,
        page: &mut Page,
    ) -> bool {
        let linked = parsed.next_page.is_some();
        let end = after.end();
        let limit = after.first_total.map_or(MAX_RECORDS, |total| {
            total.saturating_mul(2).saturating_add(10_000)
        });
        let behind = after
            .total
            .map(|total| (after.page).saturating_sub(total.div_ceil(after.size)));
        let endless = end >= limit || behind.is_some_and(|pages| pages >= SLACK_PAGES);
        let announced = after.total.map(|total| end < total);
        if announced.unwrap_or(linked) != linked && after.note("paging/counts-disagree") {
            let said = if linked {
                "leads on behind"
            } else {
                "ends before"
            };
            page.findings.push(finding(
                "paging/counts-disagree",
                Severity::Warning,
                answer,
                format!(
                    "`next_page` {said} the {} records announced; pages are counted instead",
                    after.total.unwrap_or_default()
                ),
            ));
        }
        if !linked && announced != Some(true) {
            return false;
        }
        if endless {
            // Records that are not read are not gone, also those behind what was announced.
            page.findings.push(finding(
                "paging/endless",
                Severity::Error,
                answer,
                "the listing does not end; it was given up here",
            ));
        }
        !endless
    }

    /// The address that the portal gives for the next page, if it can be trusted to be that.
    fn follow(
        &self,
        next_page: &str,
        after: &mut Cursor,
        answer: &Response,
        page: &mut Page,
    ) -> Option<String> {
        let here = Url::parse(&answer.url).ok();
        let next = here.as_ref().unwrap_or(&self.api).join(next_page).ok();
        let at_home = next.as_ref().is_some_and(|next| {
            next.origin() == self.api.origin()
                || here
                    .as_ref()
                    .is_some_and(|here| here.origin() == next.origin())
        });
        let Some(next) = next.filter(|_| at_home) else {
            if after.note("paging/foreign-next-page") {
                page.findings.push(
                    finding("paging/foreign-next-page", Severity::Warning, answer, "`next_page` leads to another server; it was not followed, and the next address was built from the configured one")
                        .value(next_page)
                        .hint("Set the public address of the portal in udata's configuration (SERVER_NAME, PREFERRED_URL_SCHEME)."),
                );
            }
            return None;
        };
        let number = |key: &str| {
            next.query_pairs()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value.parse::<u64>().ok())
        };
        let grows = match number("page") {
            Some(page) => page == Some(after.page.saturating_add(1)),
            None => here.is_some_and(|here| here != next),
        };
        let same_size = number("page_size").is_none_or(|size| size == Some(after.size));
        // A link that forgets a filter or the order leads into another listing.
        let keeps_filters = Url::parse(&self.request(after).url).is_ok_and(|own| {
            own.query_pairs()
                .filter(|(key, _)| !matches!(key.as_ref(), "page" | "page_size"))
                .all(|pair| next.query_pairs().any(|other| other == pair))
        });
        if !grows && after.note("paging/counts-disagree") {
            page.findings.push(finding("paging/counts-disagree", Severity::Warning, answer, "`next_page` does not lead to the page behind this one; pages are counted instead").value(next_page));
        }
        (grows && same_size && keeps_filters).then(|| next.into())
    }
}

/// How many datasets are newer than a time, by the first page of a listing that has the newest first: all where it has no such order,
/// and where the page has none that is older.
pub(crate) fn newer(dates: &Dates, since: DateTime<Utc>, total: Option<u64>) -> Option<u64> {
    let known: Vec<DateTime<Utc>> = dates.iter().copied().flatten().collect();
    let descends = known.is_sorted_by(|earlier, later| earlier >= later);
    let limit = since.checked_sub_signed(MARGIN).unwrap_or(since);
    let newer = known.iter().filter(|date| **date >= limit).count();
    if !descends || known.len() < dates.len() || newer == dates.len() {
        return total;
    }
    Some(newer as u64)
}

/// The cursor as this answer leaves it, still at its page.
fn after(cursor: &Cursor, parsed: &Answer<'_>, page: &Page) -> Cursor {
    let count = parsed.items.len() as u64;
    let total = parsed.total.or(cursor.total);
    let lowered = parsed.page_size.filter(|size| *size < cursor.size);
    // A first page that is short of its total tells a limit that the portal does not name.
    let short =
        (cursor.page == 1 && count > 0 && count < cursor.size && parsed.page_size.is_none())
            .then_some(count)
            .filter(|count| total.is_some_and(|total| *count < total));
    let size = lowered.or(short).unwrap_or(cursor.size);
    let mark = mark(page);
    Cursor {
        size,
        full_size: if size < cursor.size {
            size
        } else {
            cursor.full_size
        },
        first_total: cursor.first_total.or(total),
        total,
        most: page.announced,
        proven: true,
        streak: 0,
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
