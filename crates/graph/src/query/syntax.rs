//! Where a syntax error is.
//!
//! The parser names the furthest place where something failed, but it takes as many characters as a keyword has before
//! it compares them: `SELECT * { ! }` fails behind the end, where OPTIONAL could have ended. So a query with an error is
//! parsed once more with its tokens spread apart, further than any keyword is long: the place that the parser names
//! then lies between the beginning of the token where it stopped and the beginning of the next.

use super::QueryError;
use super::scan::{pieces, position};

/// `parse` gives the parser's message on a query: `error at LINE:COLUMN: expected ...`.
pub(super) fn syntax_error(
    query: &str,
    parse: impl Fn(&str) -> Option<String>,
    message: String,
) -> QueryError {
    let spread = Spread::of(query);
    let message = parse(&spread.text).unwrap_or(message);
    let (offset, expected) = spread
        .located(&message)
        .unwrap_or((0, Some(message.as_str())));
    let (offset, found) = token(query, offset);
    let (line, column) = position(query, offset);
    let mut message = match found {
        "" => "the query ends too early".to_owned(),
        found => format!("`{found}` is unexpected here"),
    };
    if let Some(expected) = expected {
        message = format!("{message}: {expected}");
    }
    QueryError::Syntax {
        message,
        line,
        column,
    }
}

/// A query with its tokens spread apart.
struct Spread {
    text: String,
    /// Where each piece begins, in this text and in the query.
    pieces: Vec<(usize, usize)>,
}

impl Spread {
    fn of(query: &str) -> Self {
        let mut text = String::with_capacity(query.len() * 4);
        let mut places = Vec::new();
        for (offset, piece) in pieces(query) {
            places.push((text.len(), offset));
            text.push_str(piece);
            // A comment ends with its line.
            text.push_str(if piece.starts_with('#') { "\n" } else { GAP });
        }
        places.push((text.len(), query.len()));
        Self {
            text,
            pieces: places,
        }
    }

    /// The byte of the query where the parser stopped, and what it says of it when that is of use.
    fn located<'a>(&self, message: &'a str) -> Option<(usize, Option<&'a str>)> {
        let (place, expected) = message.strip_prefix("error at ")?.split_once(": ")?;
        let (line, column) = place.split_once(':')?;
        let (line, column): (usize, usize) = (line.parse().ok()?, column.parse().ok()?);
        let start: usize = self
            .text
            .split_inclusive('\n')
            .take(line.saturating_sub(1))
            .map(str::len)
            .sum();
        let rest = self.text.get(start..)?;
        let at = start
            + rest
                .char_indices()
                .nth(column.saturating_sub(1))
                .map_or(rest.len(), |(byte, _)| byte);
        let next = self.pieces.partition_point(|(spread, _)| *spread <= at);
        let (spread, offset) = *self.pieces.get(next.checked_sub(1)?)?;
        if at == spread || !is_keywords(expected) {
            return Some((offset, Some(expected)));
        }
        // Of the keywords that would fit, the parser names the longest only.
        Some((offset, None))
    }
}

/// Whether nothing but keywords is expected.
fn is_keywords(expected: &str) -> bool {
    let list = expected.strip_prefix("expected ").unwrap_or(expected);
    let list = list.strip_prefix("one of ").unwrap_or(list);
    list.split(", ")
        .all(|item| item.chars().all(|c| c.is_ascii_alphabetic() || c == '_'))
}

/// The text at or after this place, up to a blank.
fn token(query: &str, offset: usize) -> (usize, &str) {
    let rest = query.get(offset..).unwrap_or_default();
    let blank = rest.len() - rest.trim_start().len();
    let found = rest.split_whitespace().next().unwrap_or_default();
    if found.is_empty() {
        return (query.trim_end().len(), "");
    }
    let end = found
        .char_indices()
        .nth(MAX_TOKEN)
        .map_or(found.len(), |(byte, _)| byte);
    (offset + blank, found.get(..end).unwrap_or(found))
}

/// Longer than all keywords.
const GAP: &str = "                        ";
const MAX_TOKEN: usize = 40;

#[cfg(test)]
mod tests {
    use oxigraph::sparql::SparqlEvaluator;

    use super::*;

    fn error(query: &str) -> (usize, usize, String) {
        let parse = |query: &str| {
            let error = SparqlEvaluator::new().parse_query(query).err()?;
            Some(error.to_string())
        };
        let first = parse(query).unwrap_or_else(|| panic!("{query} is parsed"));
        match syntax_error(query, parse, first) {
            QueryError::Syntax {
                line,
                column,
                message,
            } => (line, column, message),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn the_place_is_where_a_reader_would_look() {
        for (query, line, column, found) in [
            ("SELECT *\nWHERE { ?s ?p }", 2, 15, "`}` is"),
            ("SELECT *\nWHERE { ! }", 2, 9, "`!` is"),
            (
                "SELECT * WHERE { ?s ?p ?o . ! ?x ?y } LIMIT 10",
                1,
                29,
                "`!` is",
            ),
            ("SELEC ?s { ?s ?p ?o }", 1, 1, "`SELEC` is"),
            ("ASK { ?s ?p ?o ", 1, 15, "ends too early"),
            ("ASK { # à\n ?s ?p 'é', ?o ; }}", 2, 19, "`}` is"),
            (
                "SELECT ?s { ?s ?p ?o } ORDER BY\n\nLIMIT 10",
                3,
                1,
                "`LIMIT` is",
            ),
            ("", 1, 1, "ends too early"),
        ] {
            let (at_line, at_column, message) = error(query);
            assert_eq!((at_line, at_column), (line, column), "{query}: {message}");
            assert!(message.contains(found), "{query}: {message}");
        }
    }

    #[test]
    fn what_the_parser_knows_is_passed_on() {
        let (_, _, message) = error("ASK { ?s ex:p ?o }");
        assert!(message.to_lowercase().contains("prefix"), "{message}");
    }

    #[test]
    fn other_messages_are_kept_as_they_are() {
        assert!(matches!(
            syntax_error("ASK {}", |_| None, "something else".to_owned()),
            QueryError::Syntax { line: 1, column: 1, message } if message.contains("something else")
        ));
    }
}
