//! What follows a page of records.

use model::{Checksum, Finding, Page, Severity, Stage};

use crate::page::Results;
use crate::position::{Position, Trust};

/// Empty pages in a row before the end of a catalogue that end it.
const MAX_EMPTY: u8 = 3;
/// Equal pages in a row, after the first, that end it.
const MAX_REPEATS: u8 = 2;
/// Positions of a catalogue that does not say how many records it has.
const MAX_RECORDS: u64 = 1_000_000;

/// The position behind a page, unless the catalogue ends there.
pub fn next(
    position: &Position,
    results: &Results,
    url: &str,
    page: &mut Page,
) -> Option<Position> {
    let mut after = after(position, results, page);
    let mut warn = |rule: &'static str, severity: Severity, message: String| {
        page.findings
            .push(Finding::new(rule, severity, Stage::Read, message).place(url));
    };
    let unsorted = after.plan.sort_by.is_some() && !after.manner.sorted;
    if unsorted && after.note("paging/unsorted") {
        warn("paging/unsorted", Severity::Warning, "the server refused the order asked for: records may be missed or seen twice where the catalogue changes meanwhile".to_owned());
    }
    let start = position.start;
    after.start = start.saturating_add(match results.carried {
        0 => position.size,
        carried => carried,
    });
    let remains = after.total.map(|total| after.start <= total);
    if let Some(message) = disagreement(position, &after, results)
        && after.note("paging/counts-disagree")
    {
        warn("paging/counts-disagree", Severity::Warning, message);
    }
    if results.carried == 0 && after.total.is_some_and(|total| start <= total) {
        if after.empty >= MAX_EMPTY {
            warn(
                "paging/empty-pages",
                Severity::Error,
                format!(
                    "{MAX_EMPTY} pages in a row are empty although the server counts more records; the crawl ends here"
                ),
            );
            return None;
        }
    } else if results.carried == 0 || remains == Some(false) {
        // A full page that leads on behind the server's own count: one look tells which of the two is wrong.
        after.beyond = results.carried >= position.size && results.next_record == Some(after.start);
        return after.beyond.then_some(after);
    }
    if after.repeats >= MAX_REPEATS {
        warn(
            "paging/repeated-page",
            Severity::Error,
            "the server answers every position with the same records; the crawl ends here"
                .to_owned(),
        );
        return None;
    }
    let limit = after.first_total.map_or(MAX_RECORDS, |total| {
        total.saturating_mul(2).saturating_add(10_000)
    });
    if after.start > limit {
        warn(
            "paging/endless",
            Severity::Error,
            format!("the catalogue does not end behind {limit} records; the crawl ends here"),
        );
        return None;
    }
    remains.unwrap_or(true).then_some(after)
}

/// The state that this page leaves, still at its position.
fn after(position: &Position, results: &Results, page: &Page) -> Position {
    let mark = mark(page);
    let total = results.matched.or(position.total);
    let reached = position
        .start
        .saturating_add(results.carried)
        .saturating_sub(1);
    // A count below what was received counts nothing.
    let total = total.filter(|total| results.carried == 0 || *total >= reached);
    let size = position
        .size
        .saturating_mul(2)
        .min(position.full_size)
        .max(1);
    Position {
        size,
        trust: Trust::Proven,
        first_total: position.first_total.or(total),
        total,
        most: page.announced,
        empty: if results.carried == 0 {
            position.empty.saturating_add(1)
        } else {
            0
        },
        streak: 0,
        repeats: if mark.is_some() && position.mark == mark {
            position.repeats.saturating_add(1)
        } else {
            0
        },
        mark,
        capabilities: None,
        beyond: false,
        ..position.clone()
    }
}

/// Where the page contradicts itself. None of it steers the crawl.
fn disagreement(before: &Position, after: &Position, results: &Results) -> Option<String> {
    let Results {
        matched,
        returned,
        next_record,
        carried,
        ..
    } = *results;
    let counts = returned.is_some_and(|returned| returned != carried);
    let remains = after.total.is_some_and(|total| after.start <= total);
    let points = match next_record {
        Some(next) if remains => next != after.start,
        Some(next) => next != 0 && next <= before.start,
        None => false,
    };
    let too_few = matched.is_some() && after.total.is_none();
    let say = |number: Option<u64>| {
        number.map_or_else(|| "nothing".to_owned(), |number| number.to_string())
    };
    (counts || points || too_few).then(|| {
        format!(
            "the page from {} carries {carried} records and says numberOfRecordsMatched={}, numberOfRecordsReturned={}, nextRecord={}; the records received are counted instead",
            before.start,
            say(matched),
            say(returned),
            say(next_record),
        )
    })
}

/// A checksum of the identifiers of a page.
fn mark(page: &Page) -> Option<String> {
    let ids: Vec<&str> = page
        .records
        .iter()
        .map(|record| record.id.as_str())
        .collect();
    (!ids.is_empty()).then(|| Checksum::of(ids.join("\n").as_bytes()).to_string())
}
