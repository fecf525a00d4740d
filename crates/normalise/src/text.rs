//! Plain text: characters that cannot be shown, markup, language tags, keywords in one string.

use model::Severity;
use model::ns::{dcat, dcterms, foaf, geodcatap, skos, vcard};
use oxrdf::vocab::rdfs;
use oxrdf::{Literal, NamedNodeRef, NamedOrBlankNode, Term};
use vocab::Scheme;

use crate::desk::{Desk, note};
use crate::entities;

/// The properties whose text is for people.
const PROSE: [NamedNodeRef<'static>; 16] = [
    dcterms::TITLE,
    dcterms::DESCRIPTION,
    dcterms::ALTERNATIVE,
    dcterms::ABSTRACT,
    dcat::KEYWORD,
    dcat::THEME,
    geodcatap::TOPIC_CATEGORY,
    foaf::NAME,
    vcard::FN,
    vcard::ORGANIZATION_NAME,
    rdfs::LABEL,
    rdfs::COMMENT,
    skos::PREF_LABEL,
    skos::ALT_LABEL,
    dcterms::PROVENANCE,
    dcat::VERSION,
];

/// Language tags as BCP 47 wants them: the shortest code, in lower case. No finding: they are codes.
pub fn languages(desk: &mut Desk<'_>) {
    let languages = desk.context.vocab.scheme(Scheme::Language);
    for triple in &mut desk.entity.triples {
        let Term::Literal(literal) = &mut triple.object else {
            continue;
        };
        let Some(tag) = literal.language() else {
            continue;
        };
        let lower = tag.to_ascii_lowercase();
        let (primary, rest) = lower.split_at(lower.find('-').unwrap_or(lower.len()));
        let shortest = match primary {
            "und" | "zxx" | "mul" => None,
            primary if primary.len() == 3 => Some(
                languages
                    .resolve(primary)
                    .and_then(|found| found.concept.codes.iter().find(|code| code.len() == 2))
                    .map_or(primary, String::as_str),
            ),
            primary => Some(primary),
        };
        let wanted = shortest.map(|primary| format!("{primary}{rest}"));
        if wanted.as_deref() != Some(tag) {
            let value = literal.value();
            *literal = wanted
                .and_then(|tag| Literal::new_language_tagged_literal(value, tag).ok())
                .unwrap_or_else(|| Literal::new_simple_literal(value));
        }
    }
}

/// Control characters out, line ends alike, tags out of prose.
pub fn clean(desk: &mut Desk<'_>) {
    let mut stripped = Vec::new();
    for triple in &mut desk.entity.triples {
        let Term::Literal(literal) = &mut triple.object else {
            continue;
        };
        let prose = PROSE.contains(&triple.predicate.as_ref());
        let value = literal.value();
        let untidy = prose && is_untidy(value);
        if !untidy && !value.contains(is_noise) {
            continue;
        }
        let text = if prose {
            plain(value)
        } else {
            without_noise(value)
        };
        if text == value {
            continue;
        }
        let subject = match &triple.subject {
            NamedOrBlankNode::NamedNode(node) => node.as_str(),
            NamedOrBlankNode::BlankNode(node) => node.as_str(),
        };
        if prose && (has_markup(value) || is_template(value)) {
            stripped.push((
                subject.to_owned(),
                triple.predicate.clone(),
                value.to_owned(),
            ));
        }
        *literal = match literal.language() {
            Some(tag) => Literal::new_language_tagged_literal_unchecked(text, tag),
            None => Literal::new_typed_literal(text, literal.datatype()),
        };
    }
    desk.entity.triples.retain(
        |triple| !matches!(&triple.object, Term::Literal(literal) if literal.value().is_empty()),
    );
    for (subject, predicate, value) in stripped {
        desk.find(
            note(
                "text/markup",
                Severity::Info,
                "the text has HTML tags: they were taken out",
                "write plain text, or Markdown where the portal reads it",
            ),
            &subject,
            predicate.as_ref(),
            &value,
        );
    }
}

fn is_untidy(value: &str) -> bool {
    value.contains(['<', '&', '\u{a0}'])
        || value.contains("  ")
        || value.trim().len() < value.len()
        || is_template(value)
}

/// What ArcGIS Hub publishes where a field was left empty: `{{description}}`.
fn is_template(value: &str) -> bool {
    let inside = value
        .trim()
        .strip_prefix("{{")
        .and_then(|rest| rest.strip_suffix("}}"));
    inside.is_some_and(|name| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '_' | ' '))
    })
}

/// Text for people: without control characters, tags and character references, runs of spaces as one, trimmed.
pub fn plain(value: &str) -> String {
    let mut text = without_noise(value);
    if is_template(&text) {
        return String::new();
    }
    // What was escaped may be markup, and markup may hold what is escaped.
    for _ in 0..4 {
        let decoded = entities::decode(&text);
        let stripped = if has_markup(&decoded) {
            without_tags(&decoded)
        } else {
            decoded
        };
        if stripped == text {
            break;
        }
        text = without_noise(&stripped);
    }
    without_runs(&text)
}

/// Spaces of any kind and tabs in a row as one, also about line ends; of empty lines in a row one is left. The spaces that begin a line are
/// kept: lists of Markdown have them.
fn without_runs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.trim().lines() {
        let body = line.trim_matches(is_space);
        empty = if body.is_empty() { empty + 1 } else { 0 };
        if empty > 1 {
            continue;
        }
        if !out.is_empty() || empty > 0 {
            out.push('\n');
        }
        if !body.is_empty() {
            let begins = line.find(|c| !is_space(c)).unwrap_or(0);
            out.extend(line[..begins].chars().map(|_| ' '));
        }
        let mut spaced = false;
        for c in body.chars() {
            let space = is_space(c);
            if !(space && spaced) {
                out.push(
                    if c == '\t' || (space && c != '\u{202f}' && c != '\u{a0}') {
                        ' '
                    } else {
                        c
                    },
                );
            }
            spaced = space;
        }
    }
    out.trim().to_owned()
}

/// Spaces within a line. Of French typography's (before `:` and `;`) one alone stays what it is.
fn is_space(c: char) -> bool {
    c.is_whitespace() && c != '\n'
}

fn without_noise(value: &str) -> String {
    let mut text = value.replace("\r\n", "\n").replace('\r', "\n");
    text.retain(|c| !is_noise(c));
    text
}

fn is_noise(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{feff}' | '\u{200b}' | '\u{fffe}' | '\u{ffff}')
}

/// Elements that portals leave in descriptions. Other `<...>` may be anything: a placeholder, a comparison, an address.
const TAGS: [&str; 40] = [
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "iframe",
    "img",
    "li",
    "o:p",
    "ol",
    "p",
    "pre",
    "script",
    "small",
    "span",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "td",
    "tr",
    "u",
    "ul",
];

const BLOCKS: [&str; 16] = [
    "p",
    "br",
    "div",
    "li",
    "ul",
    "ol",
    "tr",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "blockquote",
];

fn has_markup(text: &str) -> bool {
    // Where the last tag may end: what begins behind it is none.
    let Some(last) = text.rfind('>') else {
        return false;
    };
    text.match_indices('<')
        .take_while(|(at, _)| *at < last)
        .any(|(at, _)| tag_name(&text[at + 1..]).is_some())
}

/// The name of the element that a tag (`/p>`, `a href="...">`) belongs to. Names are short: no more of the text is looked at.
fn tag_name(inside: &str) -> Option<&'static str> {
    const LONGEST: usize = 16;
    let name = inside.trim_start_matches('/');
    let end = name
        .char_indices()
        .take(LONGEST)
        .find(|(_, c)| c.is_whitespace() || matches!(c, '/' | '>'))
        .map_or(name.len(), |(end, _)| end);
    let name = name.get(..end)?;
    TAGS.iter()
        .find(|known| known.eq_ignore_ascii_case(name))
        .copied()
}

/// Text without tags. What stands before a `>` that stays is never changed afterwards, so doing it twice changes nothing more.
pub fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Vec<usize> = Vec::new();
    let mut address = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '<' {
            open.push(out.len());
        }
        if c != '>' {
            out.push(c);
            continue;
        }
        let inside = open.last().map(|at| out[at + 1..].to_owned());
        let Some(name) = inside.as_deref().and_then(tag_name) else {
            out.push(c);
            open.clear();
            continue;
        };
        if let Some(at) = open.pop() {
            out.truncate(at);
        }
        if name == "a" {
            leave_address(
                inside.as_deref().unwrap_or_default(),
                &mut address,
                &mut out,
            );
        }
        if matches!(name, "script" | "style") && !inside.as_deref().unwrap_or("").starts_with('/') {
            rest = rest
                .match_indices("</")
                .map(|(at, _)| &rest[at..])
                .find(|closing| {
                    closing
                        .get(2..2 + name.len())
                        .is_some_and(|found| found.eq_ignore_ascii_case(name))
                })
                .unwrap_or_default();
        }
        if BLOCKS.contains(&name) && !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}

/// A link leaves its address behind its text, in brackets, where the text does not have it.
fn leave_address(inside: &str, address: &mut Option<(usize, String)>, out: &mut String) {
    if !inside.starts_with('/') {
        *address = href(inside).map(|href| (out.len(), href.to_owned()));
        return;
    }
    let Some((from, href)) = address.take() else {
        return;
    };
    let Some(text) = out.get(from..) else { return };
    let bare = |text: &str| text.trim().trim_end_matches('/').to_ascii_lowercase();
    let (text, link) = (bare(text), bare(&href));
    if text.is_empty() {
        out.push_str(&href);
    } else if !link.contains(&text) && !text.contains(&link) {
        out.push_str(" (");
        out.push_str(&href);
        out.push(')');
    }
}

/// The address of `a href="…"`, if it is one of the web.
fn href(inside: &str) -> Option<&str> {
    let lower = inside.to_ascii_lowercase();
    let at = lower.find("href")? + "href".len();
    let value = inside
        .get(at..)?
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quoted = value
        .strip_prefix('"')
        .map(|rest| rest.split('"').next().unwrap_or_default())
        .or_else(|| {
            value
                .strip_prefix('\'')
                .map(|rest| rest.split('\'').next().unwrap_or_default())
        });
    let href = quoted.unwrap_or_else(|| value.split_whitespace().next().unwrap_or_default());
    let fits = (href.starts_with("http://") || href.starts_with("https://"))
        && !href.contains(['<', '>', '(', ')', ' ', '\n']);
    fits.then_some(href)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_long_text_of_brackets_costs_no_more_than_its_length() {
        // Each of these took the square of its length once: minutes, and not milliseconds.
        for text in [
            "<".repeat(1_000_000),
            "<script></script>".repeat(100_000),
            "<a".repeat(500_000) + ">",
            "&".repeat(1_000_000),
        ] {
            let _ = plain(&text);
        }
    }

    #[test]
    fn what_people_read_is_plain() {
        for (given, text) in [
            ("<p>Eau &amp; air</p><p>Deux</p>", "Eau & air\nDeux"),
            ("R&amp;D&nbsp;: l&#39;état", "R&D\u{a0}: l'état"),
            ("a   b \u{a0} c", "a b c"),
            ("un\n\n\n\ndeux  \n  - trois", "un\n\ndeux\n  - trois"),
            (
                "Voir <a href=\"https://a.example/x\" target=_blank>la notice</a>.",
                "Voir la notice (https://a.example/x).",
            ),
            (
                "<a href='https://a.example/x/'>https://a.example/x</a>",
                "https://a.example/x",
            ),
            ("<a href=\"javascript:alert(1)\">clic</a>", "clic"),
            ("&lt;b&gt;gras&lt;/b&gt;", "gras"),
            ("{{description}}", ""),
            ("{{ a == b }}", "{{ a == b }}"),
            ("5 < 6 & 7 > 3", "5 < 6 & 7 > 3"),
            ("<script>alert(1)</script>x", "x"),
            ("a\tb", "a b"),
        ] {
            assert_eq!(plain(given), text, "{given}");
            assert_eq!(plain(&plain(given)), plain(given), "{given}, twice");
        }
    }
}
