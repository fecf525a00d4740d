//! The vocabularies as RDF.

use oxrdf::{Term, Triple};
use vocab::{Scheme, Vocab};

const RDF_TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";

fn has(triples: &[Triple], subject: &str, predicate: &str, object: &str) -> bool {
    triples.iter().any(|triple| {
        triple.subject.to_string() == format!("<{subject}>")
            && triple.predicate.as_str() == predicate
            && triple.object.to_string() == object
    })
}

#[test]
fn the_classes_are_those_of_dcat_ap() {
    let triples = Vocab::bundled().triples();
    let class = |iri: &str, class: &str| {
        assert!(
            has(&triples, iri, RDF_TYPE, &format!("<{class}>")),
            "{iri} {class}"
        );
    };
    let eu = |path: &str| format!("http://publications.europa.eu/resource/authority/{path}");
    let dct = |name: &str| format!("http://purl.org/dc/terms/{name}");
    class(&eu("file-type/CSV"), &dct("MediaTypeOrExtent"));
    class(&eu("frequency/ANNUAL"), &dct("Frequency"));
    class(&eu("language/FRA"), &dct("LinguisticSystem"));
    class(&eu("licence/ETALAB_2_0"), &dct("LicenseDocument"));
    class(&eu("access-right/PUBLIC"), &dct("RightsStatement"));
    class(
        "https://www.iana.org/assignments/media-types/text/csv",
        &dct("MediaType"),
    );
    class(
        "http://www.opengis.net/def/crs/EPSG/0/2154",
        &dct("Standard"),
    );
    class(
        &eu("data-theme/ENVI"),
        "http://www.w3.org/2004/02/skos/core#Concept",
    );
    class(
        &eu("data-theme"),
        "http://www.w3.org/2004/02/skos/core#ConceptScheme",
    );
    assert!(has(
        &triples,
        &eu("data-theme"),
        &dct("title"),
        "\"Thème de données\"@fr"
    ));
    assert!(has(
        &triples,
        &eu("data-theme/ENVI"),
        "http://www.w3.org/2004/02/skos/core#prefLabel",
        "\"Environnement\"@fr"
    ));
}

#[test]
fn the_triples_are_sorted_and_each_stands_once() {
    let lines: Vec<String> = Vocab::bundled()
        .triples()
        .iter()
        .map(Triple::to_string)
        .collect();
    let mut sorted = lines.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(lines, sorted);
}

#[test]
fn every_concept_has_a_label_and_one_description() {
    let vocab = Vocab::bundled();
    for concept in Scheme::ALL
        .iter()
        .flat_map(|scheme| vocab.scheme(*scheme).concepts())
    {
        let described = vocab.describe(concept.iri.as_str());
        assert!(
            described
                .iter()
                .any(|triple| triple.predicate.as_str().ends_with("#prefLabel")),
            "{}",
            concept.iri
        );
        assert!(
            described
                .iter()
                .all(|triple| !matches!(triple.object, Term::BlankNode(_)))
        );
    }
    assert!(vocab.describe("https://a.example/x").is_empty());
}

#[test]
fn licences_say_their_spdx_equivalent() {
    let triples = Vocab::bundled().triples();
    let licence =
        |code: &str| format!("http://publications.europa.eu/resource/authority/licence/{code}");
    for (code, spdx) in [
        ("ETALAB_2_0", "https://spdx.org/licenses/etalab-2.0"),
        ("ODC_BL", "http://spdx.org/licenses/ODbL-1.0"),
        ("CC_BY_4_0", "http://spdx.org/licenses/CC-BY-4.0"),
        ("CC_BYNCSA_3_0", "http://spdx.org/licenses/CC-BY-NC-SA-3.0"),
        ("CC0", "http://spdx.org/licenses/CC0-1.0"),
        ("GPL_3_0", "http://spdx.org/licenses/GPL-3.0"),
    ] {
        assert!(
            has(
                &triples,
                &licence(code),
                "http://www.w3.org/2004/02/skos/core#exactMatch",
                &format!("<{spdx}>")
            ),
            "{code}"
        );
    }
}
