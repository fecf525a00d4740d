//! What a statement is about that holds an error.

use std::collections::HashMap;

use oxiri::Iri;
use oxrdf::{BlankNode, Term};

use crate::graph::meant;

/// Where the statement begins that the end of a text is in. Before its end the text has no error.
pub fn begin(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut begun) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        at += match byte {
            b'#' => until(rest, b'\n'),
            b'<' if rest.starts_with(b"<<") => 2,
            b'<' => until(rest, b'>'),
            b'"' | b'\'' => literal(rest),
            b'\\' => 2,
            _ => 1,
        };
        let before = at.checked_sub(2).and_then(|before| bytes.get(before));
        let ends = match byte {
            b'.' => is_end(before.copied(), bytes.get(at).copied()),
            // Graphs have no dot.
            b'{' | b'}' => true,
            _ => false,
        };
        if ends {
            begun = at;
        }
    }
    begun.min(text.len())
}

/// Whether a dot between these two bytes ends a statement: it may stand in numbers and names.
fn is_end(before: Option<u8>, after: Option<u8>) -> bool {
    let Some(after) = after else {
        return true;
    };
    if before.is_some_and(|before| b"\"'>])".contains(&before)) {
        return true;
    }
    if before.is_some_and(|before| before.is_ascii_whitespace()) {
        return !after.is_ascii_digit();
    }
    !(after.is_ascii_alphanumeric() || b"_-:%\\.".contains(&after) || !after.is_ascii())
}

fn until(rest: &[u8], end: u8) -> usize {
    rest.iter()
        .position(|byte| *byte == end)
        .map_or(rest.len(), |at| at + 1)
}

/// How long a literal is, with its quotes.
fn literal(rest: &[u8]) -> usize {
    let quote = rest.first().copied().unwrap_or(b'"');
    let long = [quote; 3];
    let is_long = rest.starts_with(&long);
    let marks = if is_long { 3 } else { 1 };
    let mut at = marks;
    while let Some(byte) = rest.get(at) {
        if *byte == b'\\' {
            at += 2;
        } else if *byte == quote
            && (!is_long || rest.get(at..).is_some_and(|rest| rest.starts_with(&long)))
        {
            return at + marks;
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// The subject that a statement begins with, as the graph has it.
pub fn subject_of(
    statement: &str,
    base: Option<&str>,
    prefixes: &HashMap<String, String>,
) -> Option<Term> {
    let statement = behind_directives(statement);
    let iri = if let Some(rest) = statement.strip_prefix('<') {
        let written = unescaped(rest.split_once('>')?.0);
        match base.and_then(|base| Iri::parse(base).ok()) {
            Some(base) => base.resolve_unchecked(&written).into_inner(),
            None => written,
        }
    } else {
        let word = statement
            .split(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '<' | '"'))
            .next()?;
        if let Some(label) = word.strip_prefix("_:") {
            return Some(BlankNode::new_unchecked(label).into());
        }
        let (prefix, local) = word.split_once(':')?;
        format!("{}{}", prefixes.get(prefix)?, local.replace('\\', ""))
    };
    Some(meant(&iri)?.0.into())
}

/// A text without the comments, the `PREFIX` and the `BASE` that it begins with: these end without a dot.
fn behind_directives(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let word = rest.split_whitespace().next().unwrap_or_default();
        let end = if rest.starts_with('#') {
            rest.find('\n')
        } else if word.eq_ignore_ascii_case("prefix") || word.eq_ignore_ascii_case("base") {
            rest.find('>')
        } else {
            return rest;
        };
        let Some(behind) = end.and_then(|end| rest.get(end + 1..)) else {
            return rest;
        };
        rest = behind.trim_start();
    }
}

/// `\u00e9` and `\U000000e9` are é.
fn unescaped(iri: &str) -> String {
    let mut parts = iri.split('\\');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let length = match part.as_bytes().first() {
            Some(b'u') => 5,
            Some(b'U') => 9,
            _ => 0,
        };
        let code = part
            .get(1..length)
            .and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match (code.and_then(char::from_u32), part.get(length..)) {
            (Some(c), Some(behind)) => {
                text.push(c);
                text.push_str(behind);
            }
            _ => {
                text.push('\\');
                text.push_str(part);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_begins_behind_the_dot_of_the_one_before() {
        for (whole, open) in [
            ("", "@prefix : <https://a.example/v1.0/> "),
            ("@prefix : <https://a.example/> .", "\n:a :b \"x. <p>\n\n"),
            (":a :b 1.5, 2 .", " # v. 2\n :c :b '''l'eau. \n<d> "),
            (":a :b \"\\\" .\".", ":c.d :e .5, \\. "),
            (":a :b 1 . :g {", " :c.d :e <<:a :b :c>> "),
            (":g { :c :d :e }", "\n:é.à "),
        ] {
            assert_eq!(begin(&format!("{whole}{open}")), whole.len(), "{open}");
        }
    }

    #[test]
    fn a_subject_is_named_as_the_graph_names_it() {
        let prefixes = HashMap::from([("ex".to_owned(), "https://a.example/".to_owned())]);
        for (statement, subject) in [
            ("<d/1> a", "https://b.example/d/1"),
            ("<https://a.example/\\u00e9> a", "https://a.example/é"),
            ("<https://a.example/a b> a", "https://a.example/a%20b"),
            (
                "# x: y\nPREFIX x: <y>\n ex:a\\-b a",
                "https://a.example/a-b",
            ),
        ] {
            let found = subject_of(statement, Some("https://b.example/c"), &prefixes);
            assert_eq!(
                found.map(|term| term.to_string()),
                Some(format!("<{subject}>"))
            );
        }
        assert_eq!(subject_of("y:a a", None, &prefixes), None);
    }
}
