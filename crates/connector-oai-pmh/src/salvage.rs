//! A page that one record breaks, read record by record.
//!
//! OAI-PMH has no smaller page to ask for, and the token of the next one stands on the broken one: so the text is cut where
//! records begin, and each is read by itself.

use model::RecordId;
use xml_records::{MAX_COPIED, MAX_IDENTIFIER, MAX_RECORDS, Page};

use crate::answer::Answer;
use crate::record::unreadable;

/// Bytes before the first record, which are read again with each; of a tag with its attributes, and of a prefix.
const MAX_HEAD: usize = 8_192;
const MAX_TAG: usize = 1_000;
const MAX_PREFIX: usize = 40;

/// The answer without the records that break it; `None` where the page is cut off, or broken outside of its records.
pub fn salvage(text: &str) -> Option<Answer> {
    let starts = starts(text)?;
    let first = *starts.first()?;
    let head = text.get(..first).filter(|head| head.len() <= MAX_HEAD)?;
    let root = name_behind(head, "OAI-PMH")?;
    let prefix = root.strip_suffix("OAI-PMH")?;
    let end_tag = format!("</{prefix}record>");
    let end = text.rfind(&end_tag)? + end_tag.len();
    let tail = text.get(end..)?;
    if !tail.contains(&format!("</{root}")) {
        return None;
    }
    let closing = format!("</{prefix}ListRecords></{root}>");
    // The token, and whether the page is sound without its records.
    let mut whole = parse(&format!("{head}{tail}")).ok()?;
    let mut copied = 0_usize;
    let ends = starts.iter().skip(1).copied().chain([end]);
    for (start, end) in starts.iter().copied().zip(ends) {
        let record = text.get(start..end)?;
        whole.carried += 1;
        match parse(&format!("{head}{record}{closing}")) {
            Ok(one) => {
                // Each has its copy of the namespaces.
                let length: usize = one.records.iter().map(|record| record.body.len()).sum();
                copied = copied.saturating_add(length);
                if copied > MAX_COPIED {
                    return None;
                }
                whole.records.extend(one.records);
                whole.gone.extend(one.gone);
                whole.refused += one.refused;
                // Read alone, each is the first.
                let place = format!("/*/*/*[{}]", whole.carried);
                let findings = one.findings.into_iter().map(|finding| match finding.place {
                    Some(_) => finding.place(place.clone()),
                    None => finding,
                });
                whole.findings.extend(findings);
            }
            Err(error) => {
                let finding = unreadable(&format!("the record breaks its page: {error}"))
                    .place(format!("/*/*/*[{}]", whole.carried))
                    .hint("Check the record with an XML parser: an unescaped & or < is the usual cause.");
                whole.refuse(match identifier(record) {
                    Some(id) => finding.record(&id),
                    None => finding,
                });
            }
        }
    }
    Some(whole)
}

fn parse(text: &str) -> Result<Answer, model::ReadError> {
    Answer::parse(Page { text, shared: None })
}

/// Where records begin: a tag `record` right before a tag `header`. Formats have elements `record` of their own.
fn starts(text: &str) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("header") {
        let Some(opens) = tag_before(text, at, MAX_PREFIX) else {
            continue;
        };
        // The prefix alone stands between.
        let prefix = text.get(opens + 1..at)?;
        if prefix.contains(['/', '>', ' ']) {
            continue;
        }
        let before = text.get(..opens)?.trim_end();
        let Some(start) = tag_before(text, before.len(), MAX_TAG).filter(|_| before.ends_with('>'))
        else {
            continue;
        };
        let tag = text.get(start + 1..before.len() - 1)?;
        let name = tag.split_whitespace().next().unwrap_or_default();
        if xml_records::local(name) == "record" && !name.starts_with('/') {
            found.push(start);
        }
        if found.len() as u64 > MAX_RECORDS {
            return None;
        }
    }
    Some(found)
}

/// Where the nearest `<` before a place is, if it is near: looking further back would cost a hostile page its length squared.
fn tag_before(text: &str, at: usize, reach: usize) -> Option<usize> {
    let from = at.saturating_sub(reach);
    let near = text.as_bytes().get(from..at)?;
    Some(from + near.iter().rposition(|byte| *byte == b'<')?)
}

/// The qualified name of the first element of this local name.
fn name_behind<'t>(text: &'t str, local: &str) -> Option<&'t str> {
    text.match_indices(local).find_map(|(at, _)| {
        let opens = tag_before(text, at, MAX_PREFIX)?;
        let name = text.get(opens + 1..at + local.len())?;
        let prefix = name.strip_suffix(local)?;
        let plain = prefix.is_empty()
            || prefix
                .strip_suffix(':')
                .is_some_and(|prefix| prefix.chars().all(char::is_alphanumeric));
        plain.then_some(name)
    })
}

/// The identifier of a record that is no XML, as it is written in its header.
fn identifier(record: &str) -> Option<RecordId> {
    let (_, rest) = record.split_once("identifier>")?;
    let id = rest.split('<').next()?.trim();
    (!id.is_empty() && id.len() <= MAX_IDENTIFIER && !id.contains('&')).then(|| RecordId::new(id))
}
