//! What follows a page of records.

use model::{Checksum, Finding, Page, Severity, Stage};

use crate::answer::Answer;
use crate::position::{Mark, Position};

/// Empty pages in a row, with a token each, that end a list.
const MAX_EMPTY: u8 = 10;
/// Equal pages in a row, after the first, that end it.
const MAX_REPEATS: u8 = 2;
/// Records of a list that does not say how many it has.
const MAX_LIST: u64 = 2_000_000;

/// The position behind a page, unless the list ends there. `page` gets the count and the findings.
pub fn next(position: &Position, answer: &Answer, url: &str, page: &mut Page) -> Option<Position> {
    let mut after = after(position, answer);
    let mut warn = |rule: &'static str, severity: Severity, message: String| {
        page.findings
            .push(Finding::new(rule, severity, Stage::Read, message).place(url));
    };
    if let Some(message) = disagreement(position, answer)
        && after.note("paging/counts-disagree")
    {
        warn("paging/counts-disagree", Severity::Warning, message);
    }
    page.announced = after.total.filter(|total| *total >= after.received);
    let token = answer.token.as_ref()?;
    // pycsw ends its lists by `0`, with which it would begin them again.
    let ends = token.value.is_empty()
        || (token.value == "0" && after.total.is_some_and(|total| after.received >= total));
    if ends {
        // A count that changes on the way is an estimate, which the protocol allows; the end is said plainly.
        if after.varied {
            page.announced = Some(after.received);
        }
        return None;
    }
    let stop = stop(position, &after);
    if let Some((rule, message)) = stop {
        warn(
            rule,
            Severity::Error,
            format!("{message}; the crawl ends here"),
        );
        return None;
    }
    if after.page.is_power_of_two() {
        after.milestone = after.before.clone();
    }
    after.token = Some(token.value.clone());
    Some(after)
}

/// The state that this page leaves.
fn after(position: &Position, answer: &Answer) -> Position {
    let total = answer.token.as_ref().and_then(|token| token.total);
    let before = Mark {
        token: answer.token.as_ref().map(|token| hash(&token.value)),
        ids: ids(answer),
    };
    Position {
        // The format works: no other is tried any more.
        prefixes: position.prefixes.iter().take(1).cloned().collect(),
        received: position.received.saturating_add(answer.carried),
        varied: position.varied
            || matches!((position.total, total), (Some(old), Some(new)) if old != new),
        total: total.or(position.total),
        page: position.page.saturating_add(1),
        repeats: if before.ids.is_some() && before.ids == position.before.ids {
            position.repeats.saturating_add(1)
        } else {
            0
        },
        empty: if answer.carried == 0 {
            position.empty.saturating_add(1)
        } else {
            0
        },
        before,
        retried: false,
        told: Vec::new(),
        ..position.clone()
    }
}

/// Why the list cannot be followed any further.
fn stop(before: &Position, after: &Position) -> Option<(&'static str, String)> {
    let token = &after.before.token;
    let same_token = token.is_some() && *token == before.before.token;
    let round = token.is_some() && *token == before.milestone.token
        || after.before.ids.is_some() && after.before.ids == before.milestone.ids;
    if same_token || round || after.repeats >= MAX_REPEATS {
        return Some((
            "paging/repeated-page",
            "the tokens lead back to records that came before".to_owned(),
        ));
    }
    if after.empty >= MAX_EMPTY {
        return Some((
            "paging/empty-pages",
            format!("{MAX_EMPTY} pages in a row are empty although the list goes on"),
        ));
    }
    let limit = after.total.map_or(MAX_LIST, |total| {
        total.saturating_mul(2).saturating_add(10_000)
    });
    (after.received > limit).then(|| {
        (
            "paging/endless",
            format!("the list does not end behind {limit} records"),
        )
    })
}

/// Where the page contradicts what was received. None of it steers the crawl.
fn disagreement(position: &Position, answer: &Answer) -> Option<String> {
    let token = answer.token.as_ref()?;
    let received = position.received.saturating_add(answer.carried);
    let few = token.total.is_some_and(|total| total < received);
    let many = token.value.is_empty() && token.total.is_some_and(|total| total > received);
    (few || many).then(|| {
        format!(
            "completeListSize is {}, and {received} records were received{}",
            token.total.unwrap_or_default(),
            if few {
                " before the end of the list"
            } else {
                " when the list ended"
            }
        )
    })
}

/// A checksum of the identifiers of a page; of one with a single record it would prove nothing.
fn ids(answer: &Answer) -> Option<String> {
    let records = answer.records.iter().map(|record| record.id.as_str());
    let gone = answer.gone.iter().map(|id| id.as_str());
    let ids: Vec<&str> = records.chain(gone).collect();
    (ids.len() > 1).then(|| hash(&ids.join("\n")))
}

fn hash(text: &str) -> String {
    let mut hash = Checksum::of(text.as_bytes()).to_string();
    hash.truncate(16);
    hash
}
