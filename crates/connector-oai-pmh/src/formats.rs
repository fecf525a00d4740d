//! Which of the listed formats to ask for.

/// An entry of ListMetadataFormats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Format {
    pub prefix: String,
    pub namespace: String,
}

/// The one that the protocol requires of every repository.
pub const REQUIRED: &str = "oai_dc";

/// The prefixes of formats that there is a mapping for, the one that says most first. Where none is listed, the required one.
pub fn prefixes(listed: &[Format]) -> Vec<String> {
    let mut known: Vec<(u8, &str)> = listed
        .iter()
        .filter_map(|format| Some((rank(format)?, format.prefix.as_str())))
        .collect();
    known.sort_by_key(|(rank, _)| *rank);
    let mut prefixes: Vec<String> = Vec::new();
    for (_, prefix) in known {
        if !prefixes.iter().any(|other| other == prefix) {
            prefixes.push(prefix.to_owned());
        }
    }
    if prefixes.is_empty() {
        prefixes.push(REQUIRED.to_owned());
    }
    prefixes
}

/// By namespace; by prefix where servers give the namespace of the schema's container.
fn rank(format: &Format) -> Option<u8> {
    let prefix = format.prefix.to_ascii_lowercase();
    let namespace = format.namespace.to_ascii_lowercase();
    let says = |words: &[&str]| {
        words
            .iter()
            .any(|word| prefix.contains(word) || namespace.contains(word))
    };
    let dcat_namespace = ["data.europa.eu/930", "data.europa.eu/r5r"]
        .iter()
        .any(|profile| namespace.contains(profile));
    Some(if prefix.contains("dcat") && prefix.contains("geo") {
        0
    } else if prefix.contains("dcat") && prefix.contains("ap") || dcat_namespace {
        1
    } else if says(&["dcat"]) {
        2
    } else if says(&["19115-3", "19115/-3", "iso19115_3"]) || prefix == "mdb" {
        4
    } else if says(&["iso19139", "isotc211.org"]) || prefix == "gmd" {
        3
    } else if namespace.contains("/oai_dc") || prefix == REQUIRED {
        5
    } else if namespace.contains("/cat/csw/2.0.2") || prefix == "qdc" || prefix == "oai_qdc" {
        6
    } else if namespace.contains("22-rdf-syntax-ns") {
        // RDF of any kind: of articles more often than of datasets.
        7
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(listed: &[(&str, &str)]) -> Vec<String> {
        let listed: Vec<Format> = listed
            .iter()
            .map(|(prefix, namespace)| Format {
                prefix: (*prefix).to_owned(),
                namespace: (*namespace).to_owned(),
            })
            .collect();
        prefixes(&listed)
    }

    #[test]
    fn the_format_that_says_most_comes_first() {
        assert_eq!(
            chosen(&[
                ("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc/"),
                ("marcxml", "http://www.loc.gov/MARC21/slim"),
                ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
                (
                    "iso19115-3.2018",
                    "http://standards.iso.org/iso/19115/-3/mdb/2.0"
                ),
                ("iso19139", "http://www.isotc211.org/2005/gmd"),
                ("dcat", "http://www.w3.org/ns/dcat#"),
                ("dcat_ap", "http://data.europa.eu/r5r/"),
            ]),
            [
                "dcat_ap",
                "dcat",
                "iso19139",
                "iso19115-3.2018",
                "oai_dc",
                "rdf"
            ]
        );
        assert_eq!(
            chosen(&[("gmd", "urn:x"), ("gmd", "urn:x"), ("datacite", "")]),
            ["gmd"]
        );
        assert_eq!(chosen(&[]), ["oai_dc"]);
        assert_eq!(chosen(&[("cmdi", "http://www.clarin.eu/cmd/")]), ["oai_dc"]);
    }
}
