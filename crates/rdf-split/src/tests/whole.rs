//! Half a description never replaces a whole one.

use super::*;

/// However the subject of an unread statement is spelt, it is the one of those that were read.
#[test]
fn what_an_error_is_about_is_found_in_any_spelling() {
    let other = |id: &str| format!("<{id}> a dcat:Dataset ; dct:title \"E\" .\n");
    for (first, second) in [
        ("<d>", "<https://portail.example/d>"),
        ("<https://portail.example/\\u00e9t\\u00e9>", "<été>"),
        (
            "<https://portail.example/a b>",
            "<https://portail.example/a%20b>",
        ),
        (":d\\-e", "<https://portail.example/d-e>"),
        ("PREFIX x: <https://portail.example/>\nx:d", "<d>"),
        ("# fin. \n:d", ":e :f :g .\n<d>"),
    ] {
        let text = format!(
            "{PREFIXES}{}{first} a dcat:Dataset ; dct:title \"A\" .\n@prefix x: <https://portail.example/> .\n{second} dct:description \"\"\"<p>\n\n<p>b.\n<p>\\q\"\"\" .\n{}",
            other("e"),
            other("f")
        );
        let split = split(&text);
        assert_eq!(
            ids(&split),
            ["https://portail.example/e", "https://portail.example/f"],
            "{text}"
        );
    }
}

#[test]
fn what_an_error_is_about_is_found_on_the_same_line_and_behind_other_errors() {
    let text = format!(
        "{PREFIXES}:a a dcat:Dataset . :b a dcat:Dataset . :b dct:title \"\\q\" .\n:c a dcat:Dataset .\n:d a dcat:Dataset . :d dct:title \"D\" ; dct:title \"\\q\" .\n:e a dcat:Dataset ."
    );
    let split = split(&text);
    assert_eq!(
        (ids(&split), split.refused),
        (
            ["a", "c", "e"]
                .map(|id| format!("https://portail.example/{id}"))
                .iter()
                .map(String::as_str)
                .collect(),
            2
        )
    );
}

#[test]
fn a_node_of_xml_that_is_cut_off_is_found_under_its_base() {
    let namespaces = "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:dcat=\"http://www.w3.org/ns/dcat#\" xmlns:dct=\"http://purl.org/dc/terms/\"";
    for (base, about) in [
        ("https://autre.example/x/", "d"),
        ("https://autre.example/", "x/a b"),
        ("https://autre.example/x/", "../x/%C3%A9"),
    ] {
        let text = format!(
            "<rdf:RDF {namespaces}><dcat:Dataset rdf:about=\"a\"><dct:title>A</dct:title></dcat:Dataset>\n<dcat:Dataset xml:base=\"{base}\" rdf:about=\"{about}\"><dct:title>D</dct:title></dcat:Dataset>\n<dcat:Dataset rdf:about=\"e\"><dct:title>E</dct:title></dcat:Dataset><rdf:Description xml:base=\"{base}\" rdf:about=\"{about}\"><dct:description>"
        );
        let split = split(&text);
        assert!(
            !ids(&split).iter().any(|id| id.contains("autre")),
            "{:?}",
            ids(&split)
        );
        assert!(ids(&split).contains(&"https://portail.example/a"));
    }
}
