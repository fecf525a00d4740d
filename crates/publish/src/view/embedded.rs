//! What a page says to search engines: a block of schema.org in JSON-LD, <https://developers.google.com/search/docs/appearance/structured-data/dataset>.
//!
//! It is data, which no browser runs, so the policy of the site stays as it is. Nothing in it can end it: `<` is written as `\u003c`.

use std::collections::{BTreeMap, HashSet};

use model::ns::schema;
use oxrdf::{NamedNodeRef, Term};
use serde_json::{Map, Value, json};

use super::graph::Described;
use super::text::cut;
use crate::profile::Profile;

/// The block about an entity, of which N-Triples lines of DCAT-AP are told.
pub(super) fn block(lines: String, iri: &str) -> Option<String> {
    let described = Described::read(&Profile::SchemaOrg.of(lines));
    let mut tree = node(&described, iri, &mut HashSet::new(), 0)?;
    tree.insert("@context".to_owned(), json!("https://schema.org/"));
    let escaped = Value::Object(tree)
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026");
    Some(escaped)
}

/// A node with those that it names; each is told once, however many name it, and by its name alone after that.
fn node<'g>(
    graph: &'g Described,
    iri: &'g str,
    told: &mut HashSet<&'g str>,
    depth: usize,
) -> Option<Map<String, Value>> {
    let statements = graph.statements(iri);
    if statements.is_empty() || depth >= DEPTH || told.len() >= NODES || !told.insert(iri) {
        return None;
    }
    let mut types = Vec::new();
    let mut properties: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (predicate, object) in statements {
        let class = match object {
            Term::NamedNode(class) => class.as_str().strip_prefix(schema::NAMESPACE),
            _ => None,
        };
        let Some(name) = predicate.as_str().strip_prefix(schema::NAMESPACE) else {
            types.extend(class);
            continue;
        };
        let values = properties.entry(name).or_default();
        if values.len() >= VALUES || ONE.contains(&name) && !values.is_empty() {
            continue;
        }
        values.push(match object {
            Term::NamedNode(other) => match node(graph, other.as_str(), told, depth + 1) {
                Some(nested) => Value::Object(nested),
                None if told.contains(other.as_str()) && name != "url" => {
                    json!({ "@id": other.as_str() })
                }
                None => json!(other.as_str()),
            },
            Term::Literal(_) if ONE.contains(&name) => json!(text(graph, iri, name)),
            Term::Literal(literal) => json!(cut(literal.value(), LONGEST)),
            Term::BlankNode(_) => continue,
        });
    }
    let mut tree = Map::from_iter([("@id".to_owned(), json!(iri))]);
    types.sort_unstable();
    tree.extend(
        types
            .first()
            .map(|class| ("@type".to_owned(), json!(class))),
    );
    for (name, mut values) in properties {
        let value = match values.len() {
            0 => continue,
            1 => values.remove(0),
            _ => Value::Array(values),
        };
        tree.insert(name.to_owned(), value);
    }
    Some(tree)
}

/// A text in the language of the site: search engines take one.
fn text(graph: &Described, iri: &str, name: &str) -> String {
    let property = format!("{}{name}", schema::NAMESPACE);
    let text = graph.text(iri, NamedNodeRef::new_unchecked(&property));
    cut(&text.unwrap_or_default(), LONGEST)
}

const ONE: [&str; 2] = ["name", "description"];
const DEPTH: usize = 4;
/// Things that a page tells of.
const NODES: usize = 1000;
const VALUES: usize = 200;
/// More of a description is not read by search engines.
const LONGEST: usize = 5000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_block_and_what_is_named_is_nested() {
        let (dcat, dct) = ("http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/");
        let a = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>";
        let lines = format!(
            "<a:1> {a} <{dcat}Dataset> .\n<a:1> <{dct}title> \"Water\"@en .\n<a:1> <{dct}title> \"L’eau </script><!--&amp;\"@fr .\n\
             <a:1> <{dcat}distribution> <a:1#d> .\n<a:1#d> {a} <{dcat}Distribution> .\n<a:1#d> <{dct}title> \"a\" .\n\
             <a:1> <{dct}hasPart> <a:1> .\n"
        );
        let block = block(lines, "a:1").expect("a block");
        assert!(!block.contains(['<', '>', '&']), "{block}");
        let tree: Value = serde_json::from_str(&block).expect("JSON");
        let expected = json!({
            "@context": "https://schema.org/", "@id": "a:1", "@type": "Dataset", "name": "L’eau </script><!--&amp;", "url": "a:1",
            "hasPart": { "@id": "a:1" },
            "distribution": { "@id": "a:1#d", "@type": "DataDownload", "name": "a" },
        });
        assert_eq!(tree, expected);
    }

    #[test]
    fn agents_that_name_each_other_are_told_once() {
        let (dct, org) = ("http://purl.org/dc/terms/", "http://www.w3.org/ns/org#");
        let (a, foaf) = (
            "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>",
            "http://xmlns.com/foaf/0.1/",
        );
        let mut lines = format!("<a:1> {a} <http://www.w3.org/ns/dcat#Dataset> .\n");
        for one in 0..150 {
            lines += &format!(
                "<a:1> <{dct}creator> <a:o{one}> .\n<a:o{one}> {a} <{foaf}Agent> .\n<a:o{one}> <{foaf}name> \"Bureau {one}\" .\n"
            );
            for other in 0..150 {
                lines += &format!("<a:o{one}> <{org}subOrganizationOf> <a:o{other}> .\n");
            }
        }
        let block = block(lines, "a:1").expect("a block");
        assert_eq!(block.matches("Bureau 7\"").count(), 1);
        assert!(block.len() < 5_000_000, "{}", block.len());
    }
}
