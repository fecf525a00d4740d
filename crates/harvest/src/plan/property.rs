//! What differs between two states of an entity, property by property.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::ns::{
    adms, dcat, dcatap, dcterms, dqv, eli, foaf, geodcatap, gsp, hydra, locn, org, owl, prov, rdfs,
    schema, skos, spdx, vcard,
};

use super::entry::Property;

/// How IRIs are shortened: as DCAT-AP and its pages do.
const PREFIXES: &[(&str, &str)] = &[
    ("dcat", dcat::NAMESPACE),
    ("dct", dcterms::NAMESPACE),
    ("adms", adms::NAMESPACE),
    ("foaf", foaf::NAMESPACE),
    ("vcard", vcard::NAMESPACE),
    ("skos", skos::NAMESPACE),
    ("rdfs", rdfs::NAMESPACE),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
    ("prov", prov::NAMESPACE),
    ("dqv", dqv::NAMESPACE),
    ("locn", locn::NAMESPACE),
    ("gsp", gsp::NAMESPACE),
    ("spdx", spdx::NAMESPACE),
    ("hydra", hydra::NAMESPACE),
    ("org", org::NAMESPACE),
    ("owl", owl::NAMESPACE),
    ("schema", schema::NAMESPACE),
    // After those that begin like it.
    ("eli", eli::NAMESPACE),
    ("geodcatap", geodcatap::NAMESPACE),
    ("dcatap", dcatap::NAMESPACE),
];

/// Nodes under nodes are followed this far.
const DEPTH: usize = 8;

/// What names a node, the best first.
const NAMES: [&str; 4] = [
    "<http://purl.org/dc/terms/title>",
    "<http://xmlns.com/foaf/0.1/name>",
    "<http://www.w3.org/2006/vcard/ns#fn>",
    "<http://www.w3.org/2004/02/skos/core#notation>",
];

struct Line<'a> {
    subject: &'a str,
    predicate: &'a str,
    object: &'a str,
}

/// The properties that differ between two sorted texts of N-Triples about the entity with this IRI.
pub(super) fn properties(before: &str, after: &str, iri: &str) -> Vec<Property> {
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) =
        (before.lines().collect(), after.lines().collect());
    let all: Vec<Line<'_>> = old.union(&new).filter_map(|line| split(line)).collect();
    let nodes = Nodes::of(&all, iri);
    let mut found: BTreeMap<(String, String), Property> = BTreeMap::new();
    let changed = old
        .difference(&new)
        .map(|line| (false, line))
        .chain(new.difference(&old).map(|line| (true, line)));
    for (is_new, line) in changed {
        let Some(line) = split(line) else { continue };
        let path = nodes.path(line.subject, line.predicate);
        let property = found
            .entry((path, line.subject.to_owned()))
            .or_insert_with_key(|(path, subject)| nodes.property(path, subject));
        let side = if is_new {
            &mut property.added
        } else {
            &mut property.removed
        };
        side.push(line.object.to_owned());
    }
    found.into_values().collect()
}

/// The first value of a property of the entity itself, as text; the one in French, if there is one.
pub(super) fn title(text: &str, iri: &str) -> Option<String> {
    let root = format!("<{iri}>");
    let lines: Vec<Line<'_>> = (text.lines())
        .filter_map(split)
        .filter(|line| line.subject == root)
        .collect();
    NAMES.iter().find_map(|name| {
        let named = || lines.iter().filter(|line| line.predicate == *name);
        let french = named().find(|line| line.object.ends_with("@fr"));
        french
            .or_else(|| named().next())
            .map(|line| literal(line.object))
    })
}

/// How many lines two sorted texts do not share: those that go, and those that come.
pub(super) fn count(properties: &[Property]) -> (u64, u64) {
    properties.iter().fold((0, 0), |(gone, come), property| {
        (
            gone + property.removed.len() as u64,
            come + property.added.len() as u64,
        )
    })
}

/// A prefixed name for an IRI of a vocabulary that is known, else the IRI between angle brackets.
pub fn shortened(term: &str) -> String {
    let inner = term
        .strip_prefix('<')
        .and_then(|term| term.strip_suffix('>'));
    inner
        .and_then(|iri| {
            PREFIXES.iter().find_map(|(prefix, namespace)| {
                let local = iri.strip_prefix(namespace)?;
                let is_name = !local.is_empty()
                    && local
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
                is_name.then(|| format!("{prefix}:{local}"))
            })
        })
        .unwrap_or_else(|| term.to_owned())
}

/// Lines of the archive are canonical: one space between terms, and none in IRIs.
fn split(line: &str) -> Option<Line<'_>> {
    let (subject, rest) = line.split_once(' ')?;
    let (predicate, rest) = rest.split_once(' ')?;
    Some(Line {
        subject,
        predicate,
        object: rest.strip_suffix(" .")?,
    })
}

/// What a literal says, without its language or type.
fn literal(object: &str) -> String {
    let Some(inner) = object
        .strip_prefix('"')
        .and_then(|rest| rest.rsplit_once('"'))
        .map(|(inner, _)| inner)
    else {
        return object.to_owned();
    };
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'r' | 't') => text.push(' '),
                Some(other) => text.push(other),
                None => {}
            },
            c => text.push(c),
        }
    }
    text
}

/// The nodes under an entity: how each is reached, and its name.
struct Nodes<'a> {
    iri: String,
    paths: HashMap<&'a str, String>,
    labels: HashMap<&'a str, String>,
}

impl<'a> Nodes<'a> {
    fn of(lines: &[Line<'a>], iri: &str) -> Self {
        let (root, under) = (format!("<{iri}>"), format!("<{iri}#"));
        let mut below: HashMap<&str, Vec<&Line<'_>>> = HashMap::new();
        let mut labels: HashMap<&str, (usize, String)> = HashMap::new();
        for line in lines {
            if line.object.starts_with(&under) {
                below.entry(line.subject).or_default().push(line);
            }
            let rank = NAMES.iter().position(|name| *name == line.predicate);
            if let Some(rank) = rank.filter(|_| line.subject.starts_with(&under)) {
                let known = labels.get(line.subject).map(|(known, _)| *known);
                if known.is_none_or(|known| rank < known) {
                    labels.insert(line.subject, (rank, literal(line.object)));
                }
            }
        }
        let mut paths: HashMap<&str, String> = HashMap::new();
        let mut level: Vec<(&str, String)> = vec![(root.as_str(), String::new())];
        for _ in 0..DEPTH {
            let mut next = Vec::new();
            for (node, path) in level {
                for line in below.get(node).into_iter().flatten() {
                    if !paths.contains_key(line.object) {
                        let step = shortened(line.predicate);
                        let path = match path.as_str() {
                            "" => step,
                            path => format!("{path} / {step}"),
                        };
                        paths.insert(line.object, path.clone());
                        next.push((line.object, path));
                    }
                }
            }
            level = next;
        }
        Self {
            iri: iri.to_owned(),
            paths,
            labels: (labels.into_iter())
                .map(|(node, (_, label))| (node, label))
                .collect(),
        }
    }

    fn path(&self, subject: &str, predicate: &str) -> String {
        let predicate = shortened(predicate);
        if subject == format!("<{}>", self.iri) {
            return predicate;
        }
        match self.paths.get(subject) {
            Some(path) => format!("{path} / {predicate}"),
            None => predicate,
        }
    }

    fn property(&self, path: &str, subject: &str) -> Property {
        let inner = subject.trim_start_matches('<').trim_end_matches('>');
        let node = match inner.strip_prefix(&self.iri) {
            Some("") => None,
            Some(fragment) => Some(fragment.to_owned()),
            None => Some(inner.to_owned()),
        };
        Property {
            path: path.to_owned(),
            label: node.as_ref().and(self.labels.get(subject)).cloned(),
            node,
            removed: Vec::new(),
            added: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IRI: &str = "https://donnees.example.org/dataset/1";

    fn text(lines: &[&str]) -> String {
        let mut lines: Vec<String> = lines
            .iter()
            .map(|line| line.replace("ROOT", IRI) + " .\n")
            .collect();
        lines.sort_unstable();
        lines.concat()
    }

    #[test]
    fn what_differs_is_told_by_property_and_by_the_way_to_its_node() {
        let same = [
            "<ROOT> <http://www.w3.org/ns/dcat#distribution> <ROOT#d1>",
            "<ROOT#d1> <http://purl.org/dc/terms/title> \"Données \\\"2024\\\"\"@fr",
        ];
        let before = text(&[
            same[0],
            same[1],
            "<ROOT> <http://purl.org/dc/terms/title> \"Mares\"@fr",
            "<ROOT> <http://www.w3.org/ns/dcat#keyword> \"eau\"@fr",
            "<ROOT#d1> <http://www.w3.org/ns/dcat#accessURL> <https://a.example/>",
        ]);
        let after = text(&[
            same[0],
            same[1],
            "<ROOT> <http://purl.org/dc/terms/title> \"Mares du Valmer\"@fr",
            "<ROOT> <http://www.w3.org/ns/dcat#keyword> \"eau\"@fr",
            "<ROOT> <http://www.w3.org/ns/dcat#keyword> \"mare\"@fr",
            "<ROOT#d1> <http://www.w3.org/ns/dcat#accessURL> <https://b.example/>",
        ]);
        let found = properties(&before, &after, IRI);
        let told: Vec<(&str, Vec<String>, Vec<String>)> = found
            .iter()
            .map(|one| (one.path.as_str(), one.removed.clone(), one.added.clone()))
            .collect();
        let list = |value: &str| vec![value.to_owned()];
        assert_eq!(
            told,
            [
                (
                    "dcat:distribution / dcat:accessURL",
                    list("<https://a.example/>"),
                    list("<https://b.example/>")
                ),
                ("dcat:keyword", vec![], list("\"mare\"@fr")),
                (
                    "dct:title",
                    list("\"Mares\"@fr"),
                    list("\"Mares du Valmer\"@fr")
                ),
            ]
        );
        assert_eq!(found[0].label.as_deref(), Some("Données \"2024\""));
        assert_eq!(found[0].node.as_deref(), Some("#d1"));
        assert_eq!(title(&after, IRI).as_deref(), Some("Mares du Valmer"));
        assert!(properties(&after, &after, IRI).is_empty());
    }

    #[test]
    fn nodes_that_point_at_one_another_end() {
        let one = text(&["<ROOT> <p:x> <ROOT#a>", "<ROOT#a> <p:x> <ROOT#b>"]);
        let two = text(&[
            "<ROOT> <p:x> <ROOT#a>",
            "<ROOT#a> <p:x> <ROOT#b>",
            "<ROOT#b> <p:x> <ROOT#a>",
        ]);
        let found = properties(&one, &two, IRI);
        assert_eq!(found[0].path, "<p:x> / <p:x> / <p:x>");
    }

    #[test]
    fn terms_of_known_vocabularies_are_shortened() {
        assert_eq!(
            shortened("<http://data.europa.eu/r5r/availability>"),
            "dcatap:availability"
        );
        assert_eq!(
            shortened("<http://data.europa.eu/930/purpose>"),
            "geodcatap:purpose"
        );
        assert_eq!(shortened("<https://a.example/x>"), "<https://a.example/x>");
        assert_eq!(shortened("\"dcat\""), "\"dcat\"");
    }
}
