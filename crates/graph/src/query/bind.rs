//! Queries with parameters: variables that values take the place of, before the query is evaluated.
//!
//! Values are put in as tokens of the query, so that a pattern is narrowed where it stands: `VALUES` at the end would be
//! joined after grouping, and count what it was to leave out.

use std::fmt::Write;

use oxigraph::model::Term;
use spargebra::SparqlParser;

use super::local::STACK;
use super::scan::{check_length, scan, variables};
use super::syntax::syntax_error;
use super::{Limits, QueryError, Results};

/// Puts values in the place of the variables that are named: where these are tokens of the query, never in its strings,
/// IRIs or comments. What is put in is the display of a term, so that no value can be more than a value.
pub fn bind(query: &str, values: &[(&str, Term)], limits: &Limits) -> Result<String, QueryError> {
    let mut bound = String::with_capacity(query.len());
    let mut from = 0;
    for (at, name) in variables(query) {
        let Some((_, term)) = values.iter().find(|(known, _)| *known == name) else {
            continue;
        };
        bound.push_str(query.get(from..at).unwrap_or_default());
        // Blanks keep it apart from the tokens beside it.
        write!(bound, " {term} ").map_err(|error| QueryError::Internal(error.to_string()))?;
        from = at + 1 + name.len();
        check_length(&bound, limits)?;
    }
    bound.push_str(query.get(from..).unwrap_or_default());
    check_length(&bound, limits)?;
    Ok(bound)
}

/// Whether a variable is a token of the query.
pub fn has_variable(query: &str, name: &str) -> bool {
    variables(query).any(|(_, known)| known == name)
}

/// Whether a query may be asked: what it would give, or what is wrong and where. Nothing is evaluated.
pub fn check(query: &str, base: &str, limits: &Limits) -> Result<Results, QueryError> {
    check_length(query, limits)?;
    scan(query, limits)?;
    // The parser is recursive: see `STACK`.
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || parse(query, base))
            .map_err(|error| QueryError::Internal(error.to_string()))?
            .join()
            .unwrap_or(Err(QueryError::TooIntricate))
    })
}

fn parse(query: &str, base: &str) -> Result<Results, QueryError> {
    let parser = SparqlParser::new()
        .with_base_iri(base)
        .map_err(|error| QueryError::BadIri(format!("{base}: {error}")))?;
    let parsed = parser.clone().parse_query(query).map_err(|error| {
        let again = |text: &str| {
            let error = parser.clone().parse_query(text).err()?;
            Some(error.to_string())
        };
        syntax_error(query, again, error.to_string())
    })?;
    Ok(match parsed {
        spargebra::Query::Select { .. } => Results::Solutions,
        spargebra::Query::Ask { .. } => Results::Boolean,
        spargebra::Query::Construct { .. } | spargebra::Query::Describe { .. } => Results::Graph,
    })
}

#[cfg(test)]
mod tests {
    use oxigraph::model::{Literal, NamedNode};
    use oxigraph::sparql::{QueryResults, SparqlEvaluator};
    use oxigraph::store::Store;

    use super::*;

    fn bound(query: &str, value: impl Into<Term>) -> String {
        bind(query, &[("x", value.into())], &Limits::default()).expect("a query")
    }

    #[test]
    fn tokens_are_replaced_and_nothing_else() {
        let iri = NamedNode::new("http://a.example/1").expect("an IRI");
        for (query, expected) in [
            (
                "ASK { ?x ?y $x. }",
                "ASK {  <http://a.example/1>  ?y  <http://a.example/1> . }",
            ),
            ("# ?x\nASK { ?xy ?x_1 '?x' }", "# ?x\nASK { ?xy ?x_1 '?x' }"),
            (
                "ASK { ?s <http://b.example/?x> \"\"\"\"?x \"\"\" }",
                "ASK { ?s <http://b.example/?x> \"\"\"\"?x \"\"\" }",
            ),
            (
                "ASK { FILTER(?a<?x) }",
                "ASK { FILTER(?a< <http://a.example/1> ) }",
            ),
            (
                "ASK { ?s foaf:name? 'x'@x ; a:b?c ?xé }",
                "ASK { ?s foaf:name? 'x'@x ; a:b?c ?xé }",
            ),
            (
                "ASK { FILTER(?x-?a = 1) }",
                "ASK { FILTER( <http://a.example/1> -?a = 1) }",
            ),
        ] {
            assert_eq!(bound(query, iri.clone()), expected);
        }
    }

    /// Whatever a value holds, it comes out of the query as it went in, and alone.
    #[test]
    fn no_value_is_more_than_a_value() {
        let store = Store::new().expect("a store");
        for value in [
            "a",
            "\" } #",
            "\\",
            "\\\"",
            "\\u0022 } UNION {",
            "\\\\u0022",
            "\n\r\t\u{8}",
            "'''\"\"\"",
            "\u{7f}\u{fffe}",
            "?x",
            "é🙂",
        ] {
            let query = bound("SELECT (?x AS ?y) {}", Literal::from(value));
            let parsed = SparqlEvaluator::new().parse_query(&query).expect(&query);
            let results = parsed.on_store(&store).execute().expect(&query);
            let QueryResults::Solutions(mut rows) = results else {
                panic!("{query}")
            };
            let row = rows.next().expect("a row").expect("a row");
            assert_eq!(row.get("y"), Some(&Literal::from(value).into()), "{query}");
            assert!(rows.next().is_none());
        }
    }

    #[test]
    fn what_becomes_too_long_is_refused() {
        let query = format!("ASK {{ {} }}", "?x ?x ?x . ".repeat(1_000));
        let values = [("x", Literal::from("y".repeat(1_000)).into())];
        let bound = bind(&query, &values, &Limits::default());
        assert!(matches!(bound, Err(QueryError::TooLong { .. })));
    }

    #[test]
    fn a_query_is_checked_without_being_asked() {
        let of = |query: &str| check(query, "http://a.example/sparql", &Limits::default());
        assert_eq!(
            of("SELECT * { GRAPH <provenance> { ?s ?p ?o } }"),
            Ok(Results::Solutions)
        );
        assert_eq!(of("ASK {}"), Ok(Results::Boolean));
        assert_eq!(of("DESCRIBE <a>"), Ok(Results::Graph));
        assert!(matches!(
            of("# a\nSELECT ?s {\n ?s ?p }"),
            Err(QueryError::Syntax {
                line: 3,
                column: 8,
                ..
            })
        ));
        assert!(matches!(
            of("ASK { SERVICE ?x {} }"),
            Err(QueryError::Refused {
                line: 1,
                column: 7,
                ..
            })
        ));
        assert!(of("CLEAR ALL").is_err());
    }
}
