//! The queries.

use crate::config::Config;

const PREFIXES: &str =
    "PREFIX dcat: <http://www.w3.org/ns/dcat#>\nPREFIX foaf: <http://xmlns.com/foaf/0.1/>\n";

/// What is a record: services too, but those that only give access to a distribution belong to that.
const ENTITY: &str = "{ ?d a dcat:Dataset } UNION { ?d a dcat:DatasetSeries } UNION { ?d a dcat:DataService . FILTER NOT EXISTS { ?anyDistribution dcat:accessService ?d } } UNION { ?anyCatalogue dcat:service ?d . ?d a dcat:DataService }";

/// Nodes that descriptions do not go into, beside records: other catalogues, and whole vocabularies.
const OUTSIDE: [&str; 4] = [
    "dcat:Dataset",
    "dcat:DatasetSeries",
    "dcat:Catalog",
    "<http://www.w3.org/2004/02/skos/core#ConceptScheme>",
];

/// How many entities there are, with an IRI and without.
pub fn count(config: &Config) -> String {
    format!(
        "{PREFIXES}SELECT ?blank (COUNT(DISTINCT ?d) AS ?n)\n{}WHERE {{\n  {ENTITY}\n  BIND (isBlank(?d) AS ?blank)\n}} GROUP BY ?blank",
        from(config)
    )
}

/// The next entities behind one, in the order of their IRIs.
pub fn list(config: &Config, after: &str, limit: u64) -> String {
    let behind = if after.is_empty() {
        String::new()
    } else {
        format!("\n  FILTER (STR(?d) > {})", literal(after))
    };
    format!(
        "{PREFIXES}SELECT DISTINCT (STR(?d) AS ?id)\n{}WHERE {{\n  {ENTITY}\n  FILTER (isIRI(?d)){behind}\n}} ORDER BY ?id LIMIT {limit}",
        from(config)
    )
}

/// The same by number, for endpoints that do not compare as they sort.
pub fn list_by_number(config: &Config, offset: u64, limit: u64) -> String {
    format!(
        "{PREFIXES}SELECT DISTINCT (STR(?d) AS ?id)\n{}WHERE {{\n  {ENTITY}\n  FILTER (isIRI(?d))\n}} ORDER BY ?id LIMIT {limit} OFFSET {offset}",
        from(config)
    )
}

/// What is said of entities, so many steps far. The IRIs must be ones that [`can_be_asked`].
pub fn describe(config: &Config, ids: &[String], depth: u64) -> String {
    let values: String = ids.iter().map(|id| format!(" <{id}>")).collect();
    let mut parts = vec![
        "{ ?d ?p ?o . BIND (?d AS ?s) }".to_owned(),
        "{ ?s foaf:primaryTopic ?d . ?s ?p ?o }".to_owned(),
    ];
    for steps in 1..=depth {
        parts.push(format!("{{ {}}}", chain("?d", steps)));
    }
    // Of the catalogue's record, its own nodes.
    parts.push(format!(
        "{{ ?r foaf:primaryTopic ?d . {}FILTER (?s != ?d) }}",
        chain("?r", 1)
    ));
    parts.push(
        "{ ?c dcat:service ?d . BIND (?c AS ?s) BIND (dcat:service AS ?p) BIND (?d AS ?o) }"
            .to_owned(),
    );
    parts.push("{ ?d dcat:distribution ?e . ?e dcat:accessService ?o . ?s dcat:service ?o . BIND (dcat:service AS ?p) }".to_owned());
    format!(
        "{PREFIXES}CONSTRUCT {{ ?s ?p ?o }}\n{}WHERE {{\n  VALUES ?d {{{values} }}\n  {}\n}}",
        from(config),
        parts.join("\n  UNION ")
    )
}

/// The nodes that lie so many steps from one, each on a way that goes into no other record.
fn chain(start: &str, steps: u64) -> String {
    let mut pattern = String::new();
    let mut node = start.to_owned();
    for step in 1..=steps {
        let next = if step == steps {
            "?s".to_owned()
        } else {
            format!("?n{step}")
        };
        pattern.push_str(&format!("{node} ?p{step} {next} . FILTER (!isLiteral({next})) FILTER (?p{step} != <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>) "));
        for class in OUTSIDE {
            pattern.push_str(&format!("FILTER NOT EXISTS {{ {next} a {class} }} "));
        }
        node = next;
    }
    format!("{pattern}?s ?p ?o . ")
}

fn from(config: &Config) -> String {
    config
        .graph
        .as_ref()
        .map_or_else(String::new, |graph| format!("FROM <{graph}>\n"))
}

/// A text as a literal of SPARQL.
fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// Whether an IRI can stand in a query: endpoints hold some that cannot.
pub fn can_be_asked(iri: &str) -> bool {
    iri.len() <= 8 * 1024
        && iri.contains(':')
        && !iri
            .chars()
            .any(|c| c <= ' ' || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`' | '\\'))
}
