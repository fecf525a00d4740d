//! The prefixes of the field, for those who forget to declare them.

/// Sorted by prefix. None of them is a registered scheme of IRIs, so that `dct:title` in the place of an IRI is a name that was meant to be short.
const PREFIXES: &[(&str, &str)] = &[
    ("adms", "http://www.w3.org/ns/adms#"),
    ("cnt", "http://www.w3.org/2011/content#"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("dcatap", "http://data.europa.eu/r5r/"),
    ("dcmitype", "http://purl.org/dc/dcmitype/"),
    ("dct", "http://purl.org/dc/terms/"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("dctype", "http://purl.org/dc/dcmitype/"),
    ("dqv", "http://www.w3.org/ns/dqv#"),
    ("eli", "http://data.europa.eu/eli/ontology#"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("geodcat", "http://data.europa.eu/930/"),
    ("geodcatap", "http://data.europa.eu/930/"),
    ("gsp", "http://www.opengis.net/ont/geosparql#"),
    ("hydra", "http://www.w3.org/ns/hydra/core#"),
    ("locn", "http://www.w3.org/ns/locn#"),
    ("odrl", "http://www.w3.org/ns/odrl/2/"),
    ("org", "http://www.w3.org/ns/org#"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("schema", "http://schema.org/"),
    (
        "sdmx-attribute",
        "http://purl.org/linked-data/sdmx/2009/attribute#",
    ),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("spdx", "http://spdx.org/rdf/terms#"),
    ("time", "http://www.w3.org/2006/time#"),
    ("vcard", "http://www.w3.org/2006/vcard/ns#"),
    ("void", "http://rdfs.org/ns/void#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

pub fn well_known(prefix: &str) -> Option<&'static str> {
    let at = PREFIXES
        .binary_search_by(|(name, _)| (*name).cmp(prefix))
        .ok()?;
    PREFIXES.get(at).map(|(_, iri)| *iri)
}

pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    PREFIXES.iter().copied()
}

/// The IRI that was meant by one such as `dctype:Dataset`.
pub fn expand(iri: &str) -> Option<String> {
    let (prefix, local) = iri.split_once(':')?;
    if local.starts_with("//") {
        return None;
    }
    Some(format!("{}{local}", well_known(prefix)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(PREFIXES.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(
            expand("dctype:Dataset").as_deref(),
            Some("http://purl.org/dc/dcmitype/Dataset")
        );
        assert_eq!(expand("https://a.example/"), None);
    }
}
