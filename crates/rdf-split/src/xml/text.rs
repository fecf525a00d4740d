//! Repairs in the text itself: declarations that the parser need not see, entities, ampersands.

use std::collections::HashMap;

/// A text that was changed, and where each part of it comes from.
#[derive(Debug, Default)]
pub struct Edited {
    pub text: String,
    /// Offsets here and in the text before, from which on both go the same way.
    anchors: Vec<(usize, usize)>,
    /// How often something was set right that ought not to have been wrong, and the first of it.
    pub repairs: usize,
    pub first_repair: String,
}

impl Edited {
    /// Where an offset in this text was in the text before.
    pub fn origin(&self, offset: usize) -> usize {
        let at = self.anchors.partition_point(|(here, _)| *here <= offset);
        match at.checked_sub(1).and_then(|at| self.anchors.get(at)) {
            Some((here, there)) => there + (offset - here),
            None => offset,
        }
    }

    pub fn copy(&mut self, part: &str, from: usize) {
        let here = self.text.len();
        // What was replaced by something of the same length needs no anchor.
        let same = self
            .anchors
            .last()
            .is_some_and(|(before, there)| here.checked_sub(*before) == from.checked_sub(*there));
        if !same {
            self.anchors.push((here, from));
        }
        self.text.push_str(part);
    }

    pub fn insert(&mut self, part: &str) {
        self.text.push_str(part);
    }
}

/// The longest text that entities may make of a document: twice its length, and a megabyte.
fn bound(length: usize) -> usize {
    length.saturating_mul(2).saturating_add(1 << 20)
}

/// The text without the XML declaration and the document type, its entities replaced and its stray ampersands escaped.
pub fn plain(original: &str) -> Result<Edited, String> {
    let start = original.find('<').unwrap_or(original.len());
    let (body, entities) = prolog(original, start);
    let mut edited = Edited::default();
    let mut at = body;
    let mut copied = body;
    while let Some(found) = original
        .get(at..)
        .and_then(|rest| rest.find(['&', '<', '\u{b}', '\u{c}', '\0', '\u{1}', '\u{2}', '\u{1f}']))
    {
        let here = at + found;
        let rest = original.get(here..).unwrap_or_default();
        at = here + 1;
        if rest.starts_with('<') {
            // What stands in a section of characters is no reference.
            if rest.starts_with("<![CDATA[") {
                at = rest
                    .find("]]>")
                    .map_or(original.len(), |end| here + end + 3);
            } else if rest.starts_with("<!--") {
                at = rest
                    .find("-->")
                    .map_or(original.len(), |end| here + end + 3);
            }
            continue;
        }
        let Some((length, instead, fault)) = replacement(rest, &entities) else {
            continue;
        };
        edited.copy(original.get(copied..here).unwrap_or_default(), copied);
        edited.insert(&instead);
        if fault {
            if edited.repairs == 0 {
                edited.first_repair = rest.chars().take(12).collect();
            }
            edited.repairs += 1;
        }
        at = here + length;
        copied = at;
        if edited.text.len() > bound(original.len()) {
            return Err("its entities make the document too long".to_owned());
        }
    }
    edited.copy(original.get(copied..).unwrap_or_default(), copied);
    Ok(edited)
}

/// What to write for `&...` or a character that XML does not allow; how long it is here, and whether it is a fault. `None` where it is right.
fn replacement(rest: &str, entities: &HashMap<String, String>) -> Option<(usize, String, bool)> {
    if !rest.starts_with('&') {
        return Some((1, " ".to_owned(), true));
    }
    let name = rest
        .get(1..)?
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '#' | '_' | '-' | '.')))
        .and_then(|end| rest.get(1..=end).zip(rest.get(end + 1..)))
        .filter(|(name, after)| !name.is_empty() && after.starts_with(';'))
        .map(|(name, _)| name);
    let Some(name) = name else {
        return Some((1, "&amp;".to_owned(), true));
    };
    let length = name.len() + 2;
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => number.parse().ok(),
        };
        return match code.and_then(char::from_u32) {
            Some(c) if c >= ' ' || matches!(c, '\t' | '\n' | '\r') => None,
            _ => Some((length, " ".to_owned(), true)),
        };
    }
    if matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") {
        return None;
    }
    if let Some(value) = entities.get(name) {
        return Some((length, value.clone(), false));
    }
    Some(match html(name) {
        Some(c) => (length, c.to_string(), true),
        None => (1, "&amp;".to_owned(), true),
    })
}

/// Entities of HTML that are written in French.
fn html(name: &str) -> Option<char> {
    Some(match name {
        "nbsp" => '\u{a0}',
        "eacute" => 'é',
        "egrave" => 'è',
        "ecirc" => 'ê',
        "euml" => 'ë',
        "agrave" => 'à',
        "acirc" => 'â',
        "ccedil" => 'ç',
        "icirc" => 'î',
        "iuml" => 'ï',
        "ocirc" => 'ô',
        "ugrave" => 'ù',
        "ucirc" => 'û',
        "oelig" => 'œ',
        "Eacute" => 'É',
        "Agrave" => 'À',
        "laquo" => '«',
        "raquo" => '»',
        "rsquo" => '’',
        "lsquo" => '‘',
        "ldquo" => '“',
        "rdquo" => '”',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "deg" => '°',
        "euro" => '€',
        "middot" => '·',
        "copy" => '©',
        _ => return None,
    })
}

/// Where the root element or what stands before it begins, behind the declarations; and the entities that these name.
fn prolog(original: &str, start: usize) -> (usize, HashMap<String, String>) {
    let mut entities = HashMap::new();
    let mut at = start;
    let mut has_type = false;
    loop {
        let rest = original.get(at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        let end = if rest.starts_with("<?xml") {
            rest.find("?>").map(|end| end + 2)
        } else if rest.starts_with("<!--") {
            rest.find("-->").map(|end| end + 3)
        } else if rest.starts_with("<!DOCTYPE") && !has_type {
            has_type = true;
            doctype(rest, &mut entities)
        } else {
            None
        };
        match end {
            Some(end) => at += blank + end,
            None => return (at + blank, entities),
        }
    }
}

/// Reads the entities of an internal subset; gives where the document type ends.
fn doctype(rest: &str, entities: &mut HashMap<String, String>) -> Option<usize> {
    const MAX_ENTITIES: usize = 200;
    const MAX_VALUE: usize = 1000;
    let close = rest.find('>')?;
    let Some(open) = rest.get(..close)?.find('[') else {
        return Some(close + 1);
    };
    let end = rest.get(open..)?.find(']').map(|end| open + end)?;
    for declaration in rest
        .get(open..end)?
        .split("<!ENTITY")
        .skip(1)
        .take(MAX_ENTITIES)
    {
        let mut words = declaration.splitn(2, |c: char| c.is_whitespace() && c != '\0');
        let _ = words.next();
        let declaration = declaration.trim_start();
        let Some((name, value)) = declaration.split_once(char::is_whitespace) else {
            continue;
        };
        let value = value.trim_start();
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            continue;
        };
        let value = value
            .get(1..)
            .and_then(|value| value.split(quote).next())
            .unwrap_or_default();
        // An entity that names another is not expanded twice: no document of the field does that.
        if value.len() <= MAX_VALUE && !value.contains(['&', '<', '%']) {
            entities.insert(name.to_owned(), value.to_owned());
        }
    }
    let after = rest.get(end..)?.find('>')?;
    Some(end + after + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_does_not_allow_is_set_right() {
        let original = "\u{feff}<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE rdf:RDF [<!ENTITY dcat \"http://www.w3.org/ns/dcat#\">]>\n<a b='x?a=1&b=2' c='&dcat;Dataset'>&eacute; &amp; &#233; &inconnu; <![CDATA[a & b]]>\u{b}</a>";
        let edited = plain(original).expect("a text");
        assert_eq!(
            edited.text,
            "<a b='x?a=1&amp;b=2' c='http://www.w3.org/ns/dcat#Dataset'>é &amp; &#233; &amp;inconnu; <![CDATA[a & b]]> </a>"
        );
        assert_eq!(edited.repairs, 4);
        let here = edited.text.find("&amp; &#233;").expect("there");
        assert_eq!(
            edited.origin(here),
            original.find("&amp; &#233;").expect("there")
        );
    }

    #[test]
    fn entities_cannot_make_a_document_grow_without_bound() {
        let value = "x".repeat(1000);
        let original = format!(
            "<!DOCTYPE a [<!ENTITY e \"{value}\">]><a>{}</a>",
            "&e;".repeat(100_000)
        );
        assert!(plain(&original).is_err());
        let nested = "<!DOCTYPE a [<!ENTITY e \"xxxx\"><!ENTITY f \"&e;&e;&e;\">]><a>&f;</a>";
        assert!(plain(nested).is_ok_and(|edited| edited.text.contains("&amp;f;")));
    }

    #[test]
    fn what_is_set_right_a_million_times_is_counted_and_not_kept() {
        let original = format!("<a>\u{b}{}</a>", "\u{c}".repeat(1_000_000));
        let edited = plain(&original).expect("a text");
        assert_eq!((edited.repairs, edited.anchors.len()), (1_000_001, 1));
        assert_eq!(edited.first_repair.chars().next(), Some('\u{b}'));
        assert_eq!(edited.origin(500_000), 500_000);
    }

    #[test]
    fn a_document_has_one_type() {
        let original = format!(
            "{}<a>&b;</a>",
            "<!DOCTYPE a><!DOCTYPE a [<!ENTITY b \"c\">]>".repeat(100_000)
        );
        let start = std::time::Instant::now();
        let edited = plain(&original).expect("a text");
        assert!(edited.text.ends_with("<a>&amp;b;</a>"));
        assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    }
}
