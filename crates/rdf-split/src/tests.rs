//! Documents taken apart.

mod hostile;
mod whole;

use model::{ReadError, Severity};
use proptest::prelude::*;

use crate::{Document, Kind, Source, Split, Syntax};

const URL: &str = "https://portail.example/catalogue.ttl";
const PREFIXES: &str = "@prefix dcat: <http://www.w3.org/ns/dcat#> .\n@prefix dct: <http://purl.org/dc/terms/> .\n@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .\n@prefix : <https://portail.example/> .\n";

fn document(body: &str) -> Result<Document, ReadError> {
    Document::read(Source {
        body: body.as_bytes(),
        content_type: None,
        url: URL,
        syntax: None,
    })
}

fn split(body: &str) -> Split {
    document(body)
        .unwrap_or_else(|error| panic!("{error}\n{body}"))
        .split(URL)
}

fn turtle(body: &str) -> Split {
    split(&format!("{PREFIXES}{body}"))
}

fn ids(split: &Split) -> Vec<&str> {
    split.pieces.iter().map(|piece| piece.id.as_str()).collect()
}

fn body<'s>(split: &'s Split, id: &str) -> &'s str {
    let piece = split
        .pieces
        .iter()
        .find(|piece| piece.id.as_str() == id)
        .unwrap_or_else(|| panic!("{id} in {:?}", ids(split)));
    std::str::from_utf8(&piece.body).expect("UTF-8")
}

fn rules(document: &Document) -> Vec<(&str, Severity)> {
    document
        .findings()
        .iter()
        .map(|finding| (finding.rule.as_ref(), finding.severity))
        .collect()
}

#[test]
fn an_entity_has_what_belongs_to_it_and_no_more() {
    let split = turtle(
        ":c a dcat:Catalog ; dcat:dataset :d, :e ; dcat:service :s ; dct:publisher :p .
         :d a dcat:Dataset ; dct:title \"Forêts\"@fr ; dcat:distribution :x ; dct:publisher :p ; dcat:contactPoint [ vcard:fn \"SIG\" ] ; dct:relation :e ; dct:isPartOf :c .
         :x a dcat:Distribution ; dcat:accessURL <https://portail.example/x.csv> ; dcat:accessService :own, :s .
         :own a dcat:DataService ; dct:title \"flux\" ; dcat:servesDataset :d, :e .
         :s a dcat:DataService ; dct:title \"WFS\" .
         :p a foaf:Organization ; foaf:name \"Région\" .
         :e a dcat:Dataset ; dct:title \"Mares\" .
         :r a dcat:CatalogRecord ; foaf:primaryTopic :d ; dct:modified \"2026-01-01\" .
         :q a foaf:Organization ; foaf:name \"Syndicat\" .",
    );
    assert_eq!(
        ids(&split),
        [":d", ":e", ":q", ":s"].map(|id| id.replace(':', "https://portail.example/"))
    );
    let d = body(&split, "https://portail.example/d");
    for part in ["Forêts", "x.csv", "flux", "Région", "SIG", "2026-01-01"] {
        assert!(d.contains(part), "{part} in\n{d}");
    }
    for part in ["Mares", "WFS", "Syndicat", "Catalog>"] {
        assert!(!d.contains(part), "{part} in\n{d}");
    }
    assert!(
        d.lines()
            .all(|line| line.ends_with("<https://portail.example/d> ."))
    );
    assert!(d.contains("<http://purl.org/dc/terms/relation> <https://portail.example/e>"));
}

#[test]
fn a_catalogue_says_what_its_entries_are() {
    let split = turtle(
        ":c a dcat:Catalog ; dcat:dataset :d, :gone ; dcat:service :s . :d dct:title \"sans classe\" . :s dct:title \"WMS\" .",
    );
    assert_eq!(split.missing, ["https://portail.example/gone"]);
    assert!(
        body(&split, "https://portail.example/d")
            .contains("ns#type> <http://www.w3.org/ns/dcat#Dataset>")
    );
    assert!(
        body(&split, "https://portail.example/s")
            .contains("ns#type> <http://www.w3.org/ns/dcat#DataService>")
    );
    assert!(
        split
            .findings
            .iter()
            .all(|finding| finding.rule == "record/no-class")
    );
}

#[test]
fn a_blank_node_is_known_by_what_changes_least() {
    let split = turtle(
        "[] a dcat:Dataset ; dct:identifier \"mares-2\" . [] a dcat:Dataset ; dct:title \"Forêts\" ; dcat:landingPage :forets . [] a dcat:Dataset .",
    );
    let again =
        turtle("[] a dcat:Dataset ; dct:title \"Autre titre\" ; dcat:landingPage :forets .");
    assert_eq!(split.refused, 1);
    assert_eq!(split.pieces.len(), 2);
    assert!(ids(&split).contains(&"mares-2") && ids(&split).contains(&ids(&again)[0]));
    let severities: Vec<_> = split
        .findings
        .iter()
        .map(|finding| (finding.rule.as_ref(), finding.severity))
        .collect();
    assert_eq!(
        severities
            .iter()
            .filter(|found| **found == ("record/no-identifier", Severity::Error))
            .count(),
        1
    );
    assert!(severities.contains(&("record/no-identifier", Severity::Warning)));
}

#[test]
fn a_record_finds_its_dataset_in_another_spelling() {
    let split = turtle(
        "<https://portail.example/jeu%20n%C2%B01> a dcat:Dataset . [] a dcat:CatalogRecord ; foaf:primaryTopic <https://portail.example/jeu%20n°1> ; dct:modified \"2026\" .",
    );
    let body = body(&split, "https://portail.example/jeu%20n%C2%B01");
    assert!(
        body.contains("primaryTopic> <https://portail.example/jeu%20n%C2%B01>")
            && body.contains("2026"),
        "{body}"
    );
}

#[test]
fn cycles_of_blank_nodes_end() {
    let split = turtle(
        ":d a dcat:Dataset ; dct:relation _:a . _:a dct:relation _:b ; dct:title \"a\" . _:b dct:relation _:a , _:b .",
    );
    let other = turtle(
        "_:y dct:relation _:x , _:y . :d dct:relation _:x ; a dcat:Dataset . _:x dct:title \"a\" ; dct:relation _:y .",
    );
    assert_eq!(split.pieces[0].body, other.pieces[0].body);
    assert_eq!(split.pieces[0].body.split(|byte| *byte == b'\n').count(), 7);
}

#[test]
fn too_much_is_refused_and_the_others_are_read() {
    let keywords: String = (0..60_000)
        .map(|index| format!("dcat:keyword \"{index}\" ;"))
        .collect();
    let split = turtle(&format!(
        ":d a dcat:Dataset ; {keywords} dct:title \"trop\" . :e a dcat:Dataset ; dct:title \"peu\" ."
    ));
    assert_eq!(
        (split.refused, ids(&split)),
        (1, vec!["https://portail.example/e"])
    );
    assert_eq!(split.findings[0].rule, "record/too-large");
    // What many share is written with each of them, but not without end.
    let shared = format!(
        ":p a foaf:Agent ; foaf:name \"{}\" .",
        "x".repeat(2_000_000)
    );
    let many: String = (0..2000)
        .map(|index| format!(":d{index} a dcat:Dataset ; dct:publisher :p ."))
        .collect();
    let split = turtle(&format!("{shared}{many}"));
    assert!(
        split.refused > 1000 && split.refused + split.pieces.len() as u64 == 2000,
        "{}",
        split.refused
    );
}

#[test]
fn an_error_costs_the_statement_that_it_is_in() {
    let text = format!(
        "{PREFIXES}\n:a a dcat:Dataset ;\n  dct:title \"A\" .\n\n:b a dcat:Dataset ;\n  dct:title \"B\" ;\n  dct:description \"coupé\n  sur deux lignes\"^^ ;\n  dct:issued \"2020\" .\n\n:c a dcat:Dataset ;\n  dct:title \"C\" ; dcat:distribution :x .\n\n:x dct:title \"X\" .\n"
    );
    let document = document(&text).expect("most of it");
    assert_eq!(rules(&document), [("page/unreadable", Severity::Error)]);
    let place = document.findings()[0].place.as_deref().expect("a place");
    assert!(place.contains("line 13 column"), "{place}");
    let split = document.split(URL);
    assert_eq!(
        ids(&split),
        ["https://portail.example/a", "https://portail.example/c"]
    );
    assert_eq!(split.refused, 1);
    assert_eq!(
        split.findings[0].record.as_ref().map(|id| id.as_str()),
        Some("https://portail.example/b")
    );
}

#[test]
fn what_is_cut_off_is_not_taken_for_whole() {
    let text = format!(
        "{PREFIXES}:a a dcat:Dataset ; dcat:distribution :x, :y .\n:x dct:title \"X\" .\n:b a dcat:Dataset ; dct:title \"B\" .\n:y dct:ti"
    );
    let document = document(&text).expect("some of it");
    assert!(!document.is_whole());
    let split = document.split(URL);
    assert_eq!(
        (ids(&split), split.refused),
        (vec!["https://portail.example/b"], 1),
        "a has a distribution that is not there"
    );
}

#[test]
fn a_forgotten_dot_or_prefix_costs_nothing() {
    let document = document("@prefix : <https://portail.example/>\n:a a dcat:Dataset ; dct:title \"A\"\n\n:b a dcat:Dataset ; inconnu:x \"1\" .\n:c a dcat:Dataset .").expect("a document");
    let rules = rules(&document);
    assert!(
        rules.contains(&("record/undeclared-prefix", Severity::Info))
            && rules.contains(&("page/repaired", Severity::Warning)),
        "{rules:?}"
    );
    let split = document.split(URL);
    assert_eq!(
        ids(&split),
        ["https://portail.example/a", "https://portail.example/c"]
    );
    assert_eq!(split.refused, 1, "the unknown prefix");
}

#[test]
fn a_bad_line_costs_its_subject() {
    let text = "<https://a.example/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .\n<https://a.example/2> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .\n<https://a.example/2> <http://purl.org/dc/terms/title> \"mauvais \\q échappement\" .\n<https://a.example/3> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .\n";
    let source = Source {
        body: text.as_bytes(),
        content_type: Some("application/n-triples"),
        url: URL,
        syntax: None,
    };
    let document = Document::read(source).expect("most lines");
    assert_eq!(document.syntax, Syntax::NTriples);
    assert!(
        document.findings()[0]
            .place
            .as_deref()
            .is_some_and(|place| place.contains("line 3"))
    );
    let split = document.split(URL);
    assert_eq!(
        (ids(&split), split.refused),
        (vec!["https://a.example/1", "https://a.example/3"], 1)
    );
}

/// Lines about one node may stand anywhere: what was not read may be about any of them.
#[test]
fn lines_that_end_too_early_leave_nothing_whole() {
    let type_of = |id: u32| {
        format!(
            "<https://a.example/{id}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .\n"
        )
    };
    let whole = format!("{}{}", type_of(1), type_of(2));
    let bad =
        |id: u32| format!("<https://a.example/{id}> <http://purl.org/dc/terms/title> \"\\q\" .\n");
    for (text, read, refused) in [
        (whole.clone(), 2, 0),
        (format!("{whole}{}", bad(2)), 1, 1),
        (
            format!("{whole}{}{}", bad(2), type_of(3).trim_end_matches(" .\n")),
            0,
            3,
        ),
        (
            format!("{whole}<https://a.example/1> <http://purl.or"),
            0,
            2,
        ),
        (
            format!("{whole}<https://a.example/1> <http://purl.org/dc/terms/title> \"x\" \n"),
            1,
            1,
        ),
        (format!("{whole}{}{}", bad(2).repeat(101), bad(1)), 0, 2),
    ] {
        let source = Source {
            body: text.as_bytes(),
            content_type: Some("application/n-triples"),
            url: URL,
            syntax: None,
        };
        let split = Document::read(source).expect("some lines").split(URL);
        assert_eq!(
            (ids(&split).len(), split.refused),
            (read, refused),
            "{text}"
        );
    }
}

#[test]
fn a_tag_with_an_underscore_is_a_tag() {
    let split = turtle(":d a dcat:Dataset ; dct:title \"Écoles\"@fr_FR , \"x_y\" .");
    let body = body(&split, "https://portail.example/d");
    assert!(
        body.contains("\"Écoles\"@fr-fr") && body.contains("\"x_y\""),
        "{body}"
    );
    assert!(split.refused == 0);
}

#[test]
fn iris_that_are_none_are_repaired_or_become_text() {
    let document = document(&format!("{PREFIXES}:d a dcat:Dataset ; dcat:landingPage <https://portail.example/un jeu> ; dct:type <dctype:Dataset> ; foaf:page <http://> .")).expect("a document");
    let split = document.split(URL);
    let body = body(&split, "https://portail.example/d");
    assert!(
        body.contains("<https://portail.example/un%20jeu>")
            && body.contains("<http://purl.org/dc/dcmitype/Dataset>"),
        "{body}"
    );
    assert_eq!(
        rules(&document)
            .iter()
            .filter(|(rule, _)| *rule == "iri/repaired")
            .count(),
        2
    );
}

const RDF: &str = "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"";

#[test]
fn rdf_xml_as_it_comes() {
    let bare = format!(
        "\n<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<dcat:Catalog {RDF} xml:base=\"/relatif\" rdf:about=\"c\"><dcat:dataset><dcat:Dataset rdf:about=\"jeu?a=1&b=2\"><dct:title>L&eacute;&nbsp;titre</dct:title><dct:type rdf:resource=\"dctype:Dataset\"/></dcat:Dataset></dcat:dataset></dcat:Catalog>"
    );
    let document = document(&bare).expect("a document");
    let rules = rules(&document);
    assert!(
        rules.contains(&("record/undeclared-prefix", Severity::Info))
            && rules.contains(&("page/repaired", Severity::Warning)),
        "{rules:?}"
    );
    let split = document.split(URL);
    assert!(body(&split, "https://portail.example/jeu?a=1&b=2").contains("Lé\u{a0}titre"));
}

#[test]
fn broken_rdf_xml_names_the_place_and_keeps_what_was_whole() {
    let text = format!(
        "<rdf:RDF {RDF} xmlns:dcat=\"http://www.w3.org/ns/dcat#\" xmlns:dct=\"http://purl.org/dc/terms/\">\n<dcat:Dataset rdf:about=\"a\"><dct:title>A</dct:title></dcat:Dataset>\n<dcat:Dataset rdf:about=\"b\"><dct:title>B</dct:title>\n<dct:issued><<</dct:issued></dcat:Dataset></rdf:RDF>"
    );
    let cut = text.split("\n<dct:issued>").next().expect("a part");
    for (text, line) in [(text.as_str(), "line 4 column"), (cut, "line 3 column")] {
        let document = document(text).expect("a part");
        assert_eq!(
            rules(&document),
            [("page/unreadable", Severity::Error)],
            "{:?}",
            document.findings()
        );
        let place = document.findings()[0].place.clone().expect("a place");
        assert!(place.contains(line), "{place}");
        let split = document.split(URL);
        assert_eq!(
            (ids(&split), split.refused),
            (vec!["https://portail.example/a"], 1),
            "{text}"
        );
    }
}

#[test]
fn other_kinds_of_document_are_named() {
    for (text, part) in [
        ("<!DOCTYPE html><html>", "HTML"),
        (
            "<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'><html xmlns='http://www.w3.org/1999/xhtml'/>",
            "HTML",
        ),
        ("<csw:GetRecordsResponse xmlns:csw='x'/>", "csw"),
        ("<erreur>non</erreur>", "without namespaces"),
        ("Erreur interne du serveur", "no syntax"),
    ] {
        assert!(
            matches!(document(text), Err(ReadError::Unexpected(message)) if message.contains(part)),
            "{text}: {:?}",
            document(text)
        );
    }
    for text in ["", "{\"@id\": ", "@prefix dcat <x> .", "<rdf:RDF"] {
        assert!(
            matches!(document(text), Err(ReadError::Malformed { .. })),
            "{text}: {:?}",
            document(text)
        );
    }
}

#[test]
fn contexts_are_known_or_named_and_never_fetched() {
    let known = document(r#"{"@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld", "@type": "dcat:Catalog", "dataset": [{"@type": "dcat:Dataset", "@id": "https://a.example/1", "title": "Un"}]}"#).expect("a document");
    assert!(known.findings().is_empty(), "{:?}", known.findings());
    assert!(body(&known.split(URL), "https://a.example/1").contains("terms/title> \"Un\""));
    let unknown = document(r#"{"@context": "https://ailleurs.example/c.jsonld", "@type": "dcat:Dataset", "@id": "https://a.example/1", "dct:title": "Un", "titre": "Deux"}"#).expect("a document");
    assert_eq!(
        rules(&unknown),
        [("page/unknown-context", Severity::Warning)]
    );
    let split = unknown.split(URL);
    assert!(
        body(&split, "https://a.example/1").contains("\"Un\"")
            && !body(&split, "https://a.example/1").contains("Deux")
    );
    let none = split_of_json_without_context();
    assert_eq!(ids(&none), ["https://a.example/1"]);
}

#[test]
fn json_that_the_parser_cannot_read_to_its_end_is_not_whole() {
    let dataset = |id: &str, title: &str| {
        format!(
            r#"{{"@type": "dcat:Dataset", "@id": "https://a.example/{id}", "dct:title": "{title}"}}"#
        )
    };
    let texts = |title: &str| format!("[{},{}]", dataset("1", title), dataset("2", "Deux"));
    // Half of a character: what stands behind it would be lost without a word.
    let half = document(&texts("Un \\ud83d"));
    assert!(
        matches!(&half, Err(ReadError::Malformed { at: Some(at), .. }) if at.starts_with("line 1")),
        "{half:?}"
    );
    let good = split(&texts("Un \\ud83d\\ude00 \\\\ud83d \\\" \\u00e9"));
    assert_eq!((ids(&good).len(), good.refused), (2, 0));
    assert!(body(&good, "https://a.example/1").contains("😀"));
    // Errors without end, and a dataset behind them.
    let wrong = format!(
        "[{}{},{}]",
        dataset("1", "Un"),
        r#",{"@id": 1}"#.repeat(100_002),
        dataset("2", "Deux")
    );
    let document = document(&wrong).expect("a part");
    assert!(!document.is_whole());
    let split = document.split(URL);
    assert_eq!((ids(&split).len(), split.refused), (0, 1));
}

fn split_of_json_without_context() -> Split {
    split(
        r#"[{"@type": "dcat:Dataset", "@id": "https://a.example/1", "dct:title": {"@value": "Un", "@language": "fr_FR"}}]"#,
    )
}

#[test]
fn nesting_without_end_is_refused_in_no_time() {
    for (text, syntax) in [
        (format!("{{\"a\":{}", "[".repeat(200_000)), Syntax::JsonLd),
        (
            format!("<rdf:RDF {RDF}>{}", "<rdf:Description>".repeat(100_000)),
            Syntax::RdfXml,
        ),
        (format!(":a :b {}", "[ :c ".repeat(100_000)), Syntax::Turtle),
        (
            format!(
                "<a {}/>",
                (0..5000)
                    .map(|index| format!("x{index}='' "))
                    .collect::<String>()
            ),
            Syntax::RdfXml,
        ),
    ] {
        let source = Source {
            body: text.as_bytes(),
            content_type: None,
            url: URL,
            syntax: Some(syntax),
        };
        let read = Document::read(source).map(|document| document.is_whole());
        assert!(!matches!(read, Ok(true)), "{syntax:?}");
    }
}

/// Statements with blank nodes by number, to be put in any order under any labels.
const STATEMENTS: [(&str, &str); 14] = [
    ("<https://a.example/d>", "a dcat:Dataset"),
    ("<https://a.example/d>", "dcat:distribution _:0, _:1"),
    ("_:0", "dct:title \"csv\""),
    ("_:0", "dct:license _:2"),
    ("_:1", "dct:title \"wms\""),
    ("_:1", "dct:license _:3"),
    ("_:2", "dct:title \"LO\""),
    ("_:3", "dct:title \"ODbL\""),
    ("_:4", "a dcat:Dataset"),
    ("_:4", "dct:identifier \"x\""),
    ("_:4", "dct:relation _:5"),
    ("_:5", "dct:relation _:6"),
    ("_:6", "dct:relation _:5, _:4"),
    ("<https://a.example/d>", "dct:relation _:4"),
];

proptest! {
    #[test]
    fn order_and_labels_change_nothing(order in Just((0..STATEMENTS.len()).collect::<Vec<_>>()).prop_shuffle(), names in Just((10..17).collect::<Vec<_>>()).prop_shuffle()) {
        let text: String = order.iter().map(|at| {
            let (subject, rest) = STATEMENTS[*at];
            let mut line = format!("{subject} {rest} .\n");
            for (number, name) in names.iter().enumerate() {
                line = line.replace(&format!("_:{number}"), &format!("_:n{name}"));
            }
            line
        }).collect();
        let plain: String = STATEMENTS.iter().map(|(subject, rest)| format!("{subject} {rest} .\n")).collect();
        let (one, other) = (turtle(&plain), turtle(&text));
        prop_assert_eq!(ids(&one), ["https://a.example/d", "x"]);
        for (one, other) in one.pieces.iter().zip(&other.pieces) {
            prop_assert_eq!(&one.body, &other.body);
        }
    }

    #[test]
    fn literals_survive(value in "\\PC{0,40}|[\\x00-\\x20\"\\\\]{0,10}") {
        let escaped: String = value.chars().map(|c| format!("\\U{:08X}", u32::from(c))).collect();
        let split = turtle(&format!(":d a dcat:Dataset ; dct:title \"{escaped}\" ."));
        let quads: Vec<_> = oxttl::NQuadsParser::new().for_slice(&split.pieces[0].body).collect::<Result<_, _>>().expect("N-Quads");
        prop_assert!(quads.iter().any(|quad| matches!(&quad.object, oxrdf::Term::Literal(literal) if literal.value() == value)));
    }

    #[test]
    fn no_bytes_make_it_panic(sample in 0_usize..5, at in 0_usize..600, with in prop::collection::vec(any::<u8>(), 0..6), cut in 0_usize..900) {
        let samples = [
            format!("{PREFIXES}:d a dcat:Dataset ; dct:title \"é\"@fr ; dcat:contactPoint [ vcard:fn \"x\" ] ; dct:relation ( 1 2 ) ."),
            format!("<?xml version='1.0'?><rdf:RDF {RDF} xmlns:d='http://www.w3.org/ns/dcat#' xml:base='https://a.example/'><d:Dataset rdf:about='x' xml:lang='fr'><d:keyword>é</d:keyword><d:x rdf:parseType='Literal'><b>y</b></d:x><d:y rdf:parseType='Collection'><d:z/></d:y></d:Dataset></rdf:RDF>"),
            r#"{"@context": {"dcat": "http://www.w3.org/ns/dcat#", "k": {"@id": "dcat:keyword", "@container": "@language"}, "@base": "https://a.example/"}, "@graph": [{"@id": "x", "@type": "dcat:Dataset", "k": {"fr": ["é"]}, "dcat:theme": {"@list": [1, 2.5, true, null]}, "@reverse": {"dcat:dataset": {"@id": "y"}}}]}"#.to_owned(),
            "<https://a.example/1> <http://purl.org/dc/terms/title> \"x\\u00e9\"@fr <urn:g> .\n_:a <urn:p> _:b .\n".to_owned(),
            "PREFIX dcat: <http://www.w3.org/ns/dcat#> GRAPH <urn:g> { <urn:d> a dcat:Dataset } { <urn:e> a dcat:Dataset }".to_owned(),
        ];
        let mut bytes = samples[sample].clone().into_bytes();
        let at = at.min(bytes.len());
        bytes.splice(at..(at + with.len() / 2).min(bytes.len()), with);
        bytes.truncate(cut);
        for syntax in [None, Some(Syntax::Turtle), Some(Syntax::RdfXml), Some(Syntax::JsonLd), Some(Syntax::NQuads)] {
            if let Ok(document) = Document::read(Source { body: &bytes, content_type: None, url: URL, syntax }) {
                for piece in document.split(URL).pieces {
                    prop_assert!(piece.kind == Kind::Agent || !piece.id.as_str().is_empty());
                    prop_assert!(oxttl::NQuadsParser::new().for_slice(&piece.body).all(|quad| quad.is_ok()), "{}", String::from_utf8_lossy(&piece.body));
                }
            }
        }
    }
}
