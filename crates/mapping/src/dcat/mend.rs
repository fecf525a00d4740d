//! Documents of RDF/XML as portals write them: their charset, and faults that keep a parser from reading them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use model::{Finding, Severity, Stage};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::terms;
use crate::MapError;

/// A document whose entities would make it longer than this is a trap.
const MOST_EXPANDED: usize = 64 * 1024 * 1024;

/// By BOM, then as UTF-8 if the bytes are that, then by the XML declaration, then as Windows-1252.
pub(super) fn decode(body: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(body) {
        return encoding
            .decode_without_bom_handling(body.get(mark..).unwrap_or_default())
            .0;
    }
    if let Ok(text) = std::str::from_utf8(body) {
        return Cow::Borrowed(text);
    }
    let head = String::from_utf8_lossy(body.get(..200).unwrap_or(body));
    let declared = head
        .split_once("encoding")
        .and_then(|(_, rest)| rest.split(['"', '\'']).nth(1))
        .and_then(|label| encoding_rs::Encoding::for_label(label.trim().as_bytes()))
        .filter(|encoding| *encoding != encoding_rs::UTF_8)
        .unwrap_or(encoding_rs::WINDOWS_1252);
    declared.decode_without_bom_handling(body).0
}

/// Refuses documents whose entities swell: the parser writes every entity out wherever it is named.
pub(super) fn guard_entities(text: &str) -> Result<(), MapError> {
    let longest = text
        .split("<!ENTITY")
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap_or(rest))
        .try_fold(0_usize, |longest, declaration| {
            (!declaration.contains('&')).then(|| longest.max(declaration.len()))
        });
    let references = text.matches('&').count();
    match longest {
        Some(longest) if longest.saturating_mul(references) <= MOST_EXPANDED => Ok(()),
        _ => Err(super::source::unreadable(
            "its entities refer to each other, or stand for too much".to_owned(),
            None,
        )),
    }
}

/// Declares on the root the well-known prefixes that the document uses and never declares.
pub(super) fn declare_prefixes<'t>(text: &'t str, findings: &mut Vec<Finding>) -> Cow<'t, str> {
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for rest in text.split('<').skip(1) {
        let tag = rest.split('>').next().unwrap_or(rest);
        for name in tag.trim_start_matches('/').split_whitespace() {
            if let Some((prefix, _)) = name.split_once(':')
                && terms::namespace(prefix).is_some()
            {
                used.insert(prefix);
            }
        }
    }
    let missing: Vec<&str> = used
        .into_iter()
        .filter(|prefix| {
            !text.contains(&format!("xmlns:{prefix}="))
                && !text.contains(&format!("xmlns:{prefix} "))
        })
        .collect();
    let Some(root) = root_name_end(text).filter(|_| !missing.is_empty()) else {
        return Cow::Borrowed(text);
    };
    let (head, tail) = text.split_at(root);
    let mut declared = head.to_owned();
    for prefix in &missing {
        let namespace = terms::namespace(prefix).unwrap_or_default();
        declared.push_str(&format!(" xmlns:{prefix}=\"{namespace}\""));
    }
    declared.push_str(tail);
    findings.push(
        Finding::new(
            "record/undeclared-prefix",
            Severity::Info,
            Stage::Map,
            "prefixes are used that no element declares; they were given their well-known namespaces",
        )
        .value(&missing.join(", "))
        .hint("Declare every prefix by xmlns:prefix=\"...\"."),
    );
    Cow::Owned(declared)
}

/// Where the name of the root element ends.
fn root_name_end(text: &str) -> Option<usize> {
    let at = text.match_indices('<').find_map(|(at, _)| {
        text.get(at + 1..)?
            .starts_with(|c: char| c.is_alphabetic() || c == '_')
            .then_some(at + 1)
    })?;
    let rest = text.get(at..)?;
    let end = rest.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
    Some(at + end)
}

/// `<dcat:theme rdf:resource="…">text</dcat:theme>`, as GeoNetwork writes it: the text becomes the label of the
/// resource. `None` where there is no such property, or the document is not well-formed.
pub(super) fn mend(text: &str) -> Option<(String, usize)> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut mended = String::with_capacity(text.len() + text.len() / 4);
    let (mut written, mut number) = (0_usize, 0_usize);
    // Where the tag begins that is open and has an address, where it ends, and the address.
    let mut open: Option<(usize, usize, String)> = None;
    let mut has_text = false;
    loop {
        let start = usize::try_from(reader.buffer_position()).ok()?;
        let event = reader.read_event().ok()?;
        let end = usize::try_from(reader.buffer_position()).ok()?;
        match event {
            Event::Eof => break,
            Event::Start(tag) => {
                has_text = false;
                open = tag
                    .attributes()
                    .flatten()
                    .find(|attribute| attribute.key.as_ref() == "rdf:resource")
                    .map(|attribute| attribute.value.into_owned())
                    .map(|address| (start, end, address));
            }
            Event::Text(content) => has_text |= !content.trim_ascii().is_empty(),
            Event::GeneralRef(_) | Event::CData(_) => has_text = true,
            Event::End(_) => {
                if let Some((begin, content, address)) = open.take().filter(|_| has_text) {
                    let tag = text.get(begin..content)?;
                    let name = tag
                        .trim_start_matches('<')
                        .split(|c: char| c.is_whitespace())
                        .next()?;
                    mended.push_str(text.get(written..begin)?);
                    mended.push_str(&without_address(tag)?);
                    mended.push_str(&format!(
                        "<rdf:Description rdf:about=\"{address}\"><rdfs:label xmlns:rdfs=\"{}\">{}</rdfs:label></rdf:Description></{name}>",
                        "http://www.w3.org/2000/01/rdf-schema#",
                        text.get(content..start)?
                    ));
                    written = end;
                    number += 1;
                }
            }
            _ => {}
        }
    }
    mended.push_str(text.get(written..)?);
    (number > 0).then_some((mended, number))
}

/// A start tag without its `rdf:resource`.
fn without_address(tag: &str) -> Option<String> {
    let (before, rest) = tag.split_once("rdf:resource")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (_, after) = rest.get(1..)?.split_once(quote)?;
    Some(format!("{before}{after}"))
}
