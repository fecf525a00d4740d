//! A look at the tokens of a query, before the parser sees it.
//!
//! The parser is recursive, and tries alternatives: a query of a few kilobytes of brackets would exhaust its stack.
//! What is refused outright is found here as well, since tokens have positions and the parsed query has none.

use super::{Limits, QueryError};

/// What the tokens tell of a query that may be parsed.
pub(crate) struct Scan {
    /// Whether it has functions that give another value each time.
    pub volatile: bool,
}

pub(crate) fn check_length(query: &str, limits: &Limits) -> Result<(), QueryError> {
    let (bytes, limit) = (query.len(), limits.max_query_bytes);
    if bytes > limit {
        return Err(QueryError::TooLong { bytes, limit });
    }
    Ok(())
}

pub(crate) fn scan(query: &str, limits: &Limits) -> Result<Scan, QueryError> {
    let mut tokens = Tokens { text: query, at: 0 };
    let mut volatile = false;
    let mut depth = 0_usize;
    let mut chain = 0_usize;
    while let Some((at, token)) = tokens.next() {
        match token {
            Token::Open => {
                depth += 1;
                if depth > limits.max_nesting {
                    return Err(refused(
                        query,
                        at,
                        format!("brackets are nested more than {} deep", limits.max_nesting),
                    ));
                }
            }
            Token::Close => depth = depth.saturating_sub(1),
            Token::Word(word) if is(word, &["SERVICE"]) => {
                return Err(refused(query, at, NO_SERVICE.to_owned()));
            }
            Token::Word(word) if is(word, &["UNION", "MINUS", "OPTIONAL"]) => chain += 1,
            Token::Word(word) => volatile |= is(word, VOLATILE),
            Token::Operator => chain += 1,
            Token::Other => {}
        }
        if chain > MAX_CHAIN {
            return Err(refused(
                query,
                at,
                format!("the query has more than {MAX_CHAIN} operators"),
            ));
        }
    }
    Ok(Scan { volatile })
}

/// The pieces of a query that blanks can stand between, with their places; blanks are left out.
pub(super) fn pieces(query: &str) -> Vec<(usize, &str)> {
    let mut tokens = Tokens { text: query, at: 0 };
    let mut pieces: Vec<(usize, &str)> = Vec::new();
    let mut apart = true;
    while let Some((at, token)) = tokens.next() {
        let text = query.get(at..tokens.at).unwrap_or_default();
        let alone = matches!(token, Token::Open | Token::Close) || matches!(text, ";" | ",");
        match pieces.last_mut() {
            // Operators, literals and names may belong together where nothing stands between them.
            Some((start, piece)) if !apart && !alone && *start + piece.len() == at => {
                *piece = query.get(*start..tokens.at).unwrap_or_default();
            }
            _ => pieces.push((at, text)),
        }
        apart = alone || text.starts_with('#');
    }
    pieces
}

/// The variables of a query where they are tokens: where each stands, and its name without the sign before it.
pub(super) fn variables(query: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut tokens = Tokens { text: query, at: 0 };
    std::iter::from_fn(move || tokens.next().map(|(at, _)| at)).filter_map(move |at| {
        let rest = query.get(at..)?.strip_prefix(['?', '$'])?;
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || !c.is_ascii();
        let end = rest
            .find(|c: char| !is_name(c) || c.is_whitespace())
            .unwrap_or(rest.len());
        Some((at, rest.get(..end).filter(|name| !name.is_empty())?))
    })
}

/// Line and column, from 1, of a byte of the query.
pub(crate) fn position(query: &str, at: usize) -> (usize, usize) {
    let before = query.get(..at).unwrap_or(query);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .map_or(0, |last| last.chars().count())
        + 1;
    (line, column)
}

fn refused(query: &str, at: usize, message: String) -> QueryError {
    let (line, column) = position(query, at);
    QueryError::Refused {
        message,
        line,
        column,
    }
}

fn is(word: &str, keywords: &[&str]) -> bool {
    keywords
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
}

enum Token<'a> {
    Open,
    Close,
    /// A keyword or a function: no variable, no prefixed name, no language tag.
    Word(&'a str),
    Operator,
    Other,
}

/// The tokens of SPARQL 1.1, as far as they are told apart here: <https://www.w3.org/TR/sparql11-query/#grammar>
struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<(usize, Token<'a>)> {
        let rest = self.text.get(self.at..)?;
        let blank = rest.len() - rest.trim_start().len();
        let (at, rest) = (self.at + blank, &rest[blank..]);
        let first = rest.chars().next()?;
        let (token, length) = match first {
            '(' | '{' | '[' => (Token::Open, 1),
            ')' | '}' | ']' => (Token::Close, 1),
            '#' => (Token::Other, rest.find(['\n', '\r']).unwrap_or(rest.len())),
            '"' | '\'' => (Token::Other, string(rest, first)),
            '<' => match iri(rest) {
                Some(length) => (Token::Other, length),
                None => (Token::Operator, 1),
            },
            '?' | '$' | '@' => (Token::Other, 1 + name(&rest[1..])),
            '+' | '-' | '*' | '/' | '|' | '&' | '=' | '!' | '>' | '^' => (Token::Operator, 1),
            _ => match name(rest) {
                0 => (Token::Other, first.len_utf8()),
                length if rest[..length].contains(':') => (Token::Other, length),
                length => (Token::Word(&rest[..length]), length),
            },
        };
        self.at = at + length;
        Some((at, token))
    }
}

/// The length of a string literal, short or long; of all that follows when it does not end.
fn string(text: &str, quote: char) -> usize {
    let long: String = [quote; 3].iter().collect();
    let (open, close) = if text.starts_with(&long) {
        (3, long.as_str())
    } else {
        (1, &long[..1])
    };
    let mut at = open;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(close) {
            return at + close.len();
        }
        let mut chars = rest.chars();
        at += match chars.next() {
            Some('\\') => 1 + chars.next().map_or(0, char::len_utf8),
            Some('\n' | '\r') if open == 1 => return at,
            Some(other) => other.len_utf8(),
            None => 1,
        };
    }
    text.len()
}

/// The length of an IRI reference; none where `<` is an operator.
fn iri(text: &str) -> Option<usize> {
    let end = text[1..].find(|c: char| c <= ' ' || "<>\"{}|^`\\".contains(c))? + 1;
    text[end..].starts_with('>').then_some(end + 1)
}

/// The length of a run of characters of names, with the colon and the escapes of prefixed names.
fn name(text: &str) -> usize {
    let mut at = 0;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        at += match c {
            '\\' => 1 + chars.next().map_or(0, char::len_utf8),
            _ if c.is_alphanumeric() || "_-.:%".contains(c) => c.len_utf8(),
            _ if !c.is_ascii() && !c.is_whitespace() => c.len_utf8(),
            _ => break,
        };
    }
    at
}

const VOLATILE: &[&str] = &["NOW", "RAND", "UUID", "STRUUID", "BNODE"];

const NO_SERVICE: &str = "SERVICE is not offered: this endpoint would send requests to other servers in the name of whoever asks, and wait for them. \
    Leave SERVICE out and query this catalogue alone; to join it with another endpoint, run the federated query in your own program \
    (Comunica, Apache Jena, RDF4J) with this endpoint as one of its sources";

/// Chains of operators become nested expressions, which are as deep as brackets.
const MAX_CHAIN: usize = 4_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str) -> Result<Scan, QueryError> {
        scan(query, &Limits::default())
    }

    #[test]
    fn service_is_refused_where_it_stands() {
        for (query, at) in [
            ("SELECT * { SERVICE <http://a.example/> {} }", (1, 12)),
            ("# été\nASK {\n  service silent ?s {} }", (3, 3)),
            ("ASK { FILTER(?a<?b) SERVICE ?x {} }", (1, 21)),
            ("ASK { ?s ?p 'it\\'s' . SERVICE ?x {} }", (1, 23)),
            ("ASK { ?s ?p '''a'b''' . SERVICE ?x {} }", (1, 25)),
        ] {
            match check(query) {
                Err(QueryError::Refused { line, column, .. }) => {
                    assert_eq!((line, column), at, "{query}");
                }
                _ => panic!("{query} is not refused"),
            }
        }
    }

    #[test]
    fn the_word_is_allowed_where_it_is_no_keyword() {
        for query in [
            "# SERVICE\nASK {}",
            "ASK { ?service ?p 'SERVICE', \"\"\"SERVICE \"x\" \"\"\" }",
            "PREFIX service: <http://a.example/SERVICE> ASK { service:x ?p ex:a\\-service, ex:service.service }",
            "ASK { ?s <http://a.example/SERVICE> 'x'@service }",
            "ASK { ?s dcat:DataService $SERVICE }",
        ] {
            assert!(check(query).is_ok(), "{query}");
        }
    }

    #[test]
    fn nesting_and_chains_are_bounded() {
        let nested = |n: usize| format!("ASK {{ FILTER({}1{}) }}", "(".repeat(n), ")".repeat(n));
        assert!(check(&nested(40)).is_ok());
        assert!(check(&nested(10_000)).is_err());
        assert!(check(&format!("ASK {{ FILTER(1{}) }}", "+1".repeat(10_000))).is_err());
        assert!(check(&format!("ASK {{ {{}} {} }}", "UNION {} ".repeat(5_000))).is_err());
        assert!(check(&"ASK { ?s ?p '('} ".repeat(1000)).is_ok());
    }

    #[test]
    fn volatile_functions_are_seen() {
        assert!(check("SELECT (now() AS ?now) {}").is_ok_and(|scan| scan.volatile));
        assert!(check("SELECT ?now { ?now ex:rand 'NOW()' }").is_ok_and(|scan| !scan.volatile));
    }

    #[test]
    fn no_text_makes_it_panic() {
        for query in [
            "", "'", "\"\"\"", "\\", "<", "?", "é", "'\\", "<é", "@", "\u{a0}x", "'''\\é", "a\\",
        ] {
            let _ = check(query);
        }
    }
}
