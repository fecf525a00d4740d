//! Plain text: characters that cannot be shown, markup, language tags, keywords in one string.

use model::Severity;
use model::ns::{dcat, dcterms, foaf, geodcatap, skos, vcard};
use oxrdf::vocab::rdfs;
use oxrdf::{Literal, NamedNodeRef, NamedOrBlankNode, Term};
use vocab::Scheme;

use crate::desk::{Desk, note};

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
        let untidy = prose && (value.contains('<') || value.trim().len() < value.len());
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
        if has_markup(value) && prose {
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

/// Text for people: without control characters and tags, trimmed.
pub fn plain(value: &str) -> String {
    let text = without_noise(value);
    let text = if has_markup(&text) {
        without_tags(&text)
    } else {
        text
    };
    text.trim().to_owned()
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
    text.match_indices('<').any(|(at, _)| {
        let rest = &text[at + 1..];
        rest.find('>')
            .is_some_and(|end| tag_name(&rest[..end]).is_some())
    })
}

/// The name of the element that a tag's inside (`/p`, `a href="..."`) belongs to.
fn tag_name(inside: &str) -> Option<&'static str> {
    let inside = inside.trim_start_matches('/');
    let name = inside
        .split(|c: char| c.is_whitespace() || c == '/')
        .next()?;
    TAGS.iter()
        .find(|known| known.eq_ignore_ascii_case(name))
        .copied()
}

/// Text without tags. What stands before a `>` that stays is never changed afterwards, so doing it twice changes nothing more.
pub fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Vec<usize> = Vec::new();
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
        if matches!(name, "script" | "style") && !inside.as_deref().unwrap_or("").starts_with('/') {
            let closing = format!("</{name}");
            let end = rest.to_ascii_lowercase().find(&closing);
            rest = end.map_or("", |at| &rest[at..]);
        }
        if BLOCKS.contains(&name) && !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}
