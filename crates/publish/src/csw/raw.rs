//! A record of ISO 19139 as its owner wrote it.

use std::ops::Range;

use quick_xml::NsReader;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;

const GMD: &str = represent::iso19139::NAMESPACE;
const GMI: [&str; 2] = [
    "http://www.isotc211.org/2005/gmi",
    "http://sdi.eurac.edu/metadata/iso19139-2/schema/gmi",
];
const MAX_DEPTH: usize = 200;
/// Elements, texts and comments of a record.
const MAX_NODES: u32 = 1_000_000;

/// The metadata element of a record, byte for byte; only its identifier is replaced where the catalogue knows it by another one.
/// `None` for what cannot stand in an answer: another encoding than UTF-8, another root element, what is not well-formed.
pub(crate) fn record(body: &[u8], identifier: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (whole, named) = scan(text)?;
    if !is_well_formed(text) {
        return None;
    }
    let metadata = text.get(whole.clone())?;
    match named {
        Some(named)
            if text
                .get(named.clone())
                .is_some_and(|stated| stated.trim() != identifier) =>
        {
            let (before, after) = (
                text.get(whole.start..named.start)?,
                text.get(named.end..whole.end)?,
            );
            Some(format!("{before}{}{after}", represent::escape(identifier)))
        }
        Some(_) => Some(metadata.to_owned()),
        // Without one, nobody could ask for it again.
        None => None,
    }
}

/// Strictly: one broken record would make the whole answer unreadable.
fn is_well_formed(text: &str) -> bool {
    let options = roxmltree::ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..roxmltree::ParsingOptions::default()
    };
    roxmltree::Document::parse_with_options(text, options).is_ok()
}

/// Where the root element stands, and in it the text of its identifier.
fn scan(text: &str) -> Option<(Range<usize>, Option<Range<usize>>)> {
    let mut reader = NsReader::from_str(text);
    let (mut path, mut begin, mut named): (Vec<String>, Option<usize>, Option<Range<usize>>) =
        (Vec::new(), None, None);
    loop {
        let at = usize::try_from(reader.buffer_position()).ok()?;
        let (namespace, event) = reader.read_resolved_event().ok()?;
        let bound = match namespace {
            ResolveResult::Bound(namespace) => Some(namespace.as_ref().to_owned()),
            ResolveResult::Unbound => None,
            ResolveResult::Unknown(_) if matches!(event, Event::Start(_) | Event::Empty(_)) => {
                return None;
            }
            ResolveResult::Unknown(_) => None,
        };
        let empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(_) | Event::Empty(_) if is_identifier(&path) => return None,
            Event::Start(start) | Event::Empty(start) => {
                if start.attributes().any(|attribute| attribute.is_err()) || path.len() >= MAX_DEPTH
                {
                    return None;
                }
                let name: &str = start.local_name().into_inner();
                if path.is_empty() {
                    let namespace = bound.as_deref().unwrap_or_default();
                    let is_metadata = (name == "MD_Metadata" && namespace == GMD)
                        || (name == "MI_Metadata" && GMI.contains(&namespace));
                    if !is_metadata || begin.is_some() || empty {
                        return None;
                    }
                    begin = Some(at);
                }
                if !empty {
                    path.push(name.to_owned());
                }
            }
            Event::End(_) => {
                path.pop();
                if path.is_empty() {
                    let end = usize::try_from(reader.buffer_position()).ok()?;
                    return Some((begin?..end, named));
                }
            }
            Event::Text(_) if named.is_none() && is_identifier(&path) => {
                named = Some(at..usize::try_from(reader.buffer_position()).ok()?);
            }
            // An identifier in several pieces is not compared.
            Event::Text(_)
            | Event::GeneralRef(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::PI(_)
                if is_identifier(&path) =>
            {
                return None;
            }
            Event::DocType(_) | Event::Eof => return None,
            Event::Text(_)
            | Event::GeneralRef(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::PI(_)
            | Event::Decl(_) => {}
        }
    }
}

fn is_identifier(path: &[String]) -> bool {
    matches!(path, [_, property, _] if property == "fileIdentifier")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = "<?xml version=\"1.0\"?><!-- x -->\n<gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\" xmlns:gco=\"http://www.isotc211.org/2005/gco\">\
        <gmd:fileIdentifier><gco:CharacterString> haies-1 </gco:CharacterString></gmd:fileIdentifier><gmd:x>é &amp; &#233;</gmd:x></gmd:MD_Metadata>\n";

    #[test]
    fn the_owner_s_words_are_kept() {
        let kept = record(RECORD.as_bytes(), "haies-1").unwrap();
        assert!(
            RECORD.contains(&kept)
                && kept.starts_with("<gmd:MD_Metadata")
                && kept.ends_with("</gmd:MD_Metadata>")
        );
        let renamed = record(RECORD.as_bytes(), "a&b").unwrap();
        assert_eq!(renamed, kept.replace(" haies-1 ", "a&amp;b"));
    }

    #[test]
    fn what_cannot_stand_in_an_answer_is_not_taken() {
        for bad in [
            RECORD.replace("gmd:MD_Metadata", "gmd:Other"),
            RECORD.replace("</gmd:x>", ""),
            RECORD.replace("&amp;", "&eacute;"),
            RECORD.replace("<gmd:x>", "<p:y/><gmd:x>"),
            RECORD.replace("<?xml version=\"1.0\"?>", "<!DOCTYPE a>"),
            RECORD.replace("fileIdentifier", "other"),
            RECORD.replace("2005/gmd", "2005/other"),
            RECORD.replace("&#233;", "&#1;"),
            RECORD.replace("&#233;", "&#xFFFE;"),
            RECORD.replace("&#233;", "\u{fffe}"),
            RECORD.replace("&#233;", "\u{1}"),
            RECORD.replace("&amp;", "&"),
            RECORD.replace("&#233;", "]]>"),
            RECORD.replace("&#233;", "<!-- a -- b -->"),
            RECORD.replace("&#233;", "<?xml version=\"1.0\"?>"),
            RECORD.replace("<gmd:x>", "<gmd:x a=\"b & c\">"),
            RECORD.replace("<gmd:x>", "<gmd:x a=\"b &eacute; c\">"),
            RECORD.replace("<gmd:x>", "<gmd:x a=\"b < c\">"),
            RECORD.replace("<gmd:x>", "<gmd:x a=\"&#1;\">"),
            RECORD.replace("<gmd:x>", "<gmd:x p:a=\"b\">"),
            RECORD.replace("<gmd:x>", "<gmd:x a=\"1\" a=\"2\">"),
            RECORD.replace("haies-1", "haies<!-- -->-1"),
            RECORD.replace("haies-1", "haies<![CDATA[-1]]>"),
            RECORD.replace("haies-1", "<![CDATA[haies]]>-1"),
            RECORD.replace("haies-1", "haies&#45;1"),
            RECORD.replace("haies-1", "haies<?x?>-1"),
            RECORD.replace("haies-1", "haies<gmd:y/>-1"),
            RECORD.replace(
                "</gmd:fileIdentifier>",
                "<gco:CharacterString>b</gco:CharacterString></gmd:fileIdentifier>",
            ),
            format!("{RECORD}<gmd:x/>"),
            String::new(),
        ] {
            assert_eq!(record(bad.as_bytes(), "haies-1"), None, "{bad}");
        }
        assert_eq!(record(b"\xff", "a"), None);
    }
}
