//! Records as documents of their own, their formats and identifiers.

use model::RecordFormat;

use super::*;

fn with_metadata(metadata: &str) -> model::Page {
    let record = format!(
        "<record>{}<metadata>{metadata}</metadata></record>",
        header(1)
    );
    read(list(&record).as_bytes()).expect("a page")
}

fn body(page: &model::Page) -> String {
    String::from_utf8(page.records[0].body.to_vec()).expect("UTF-8")
}

#[test]
fn records_stand_alone_under_the_identifier_of_their_header() {
    let page = read(list(&(record(1) + "\n" + &record(2))).as_bytes()).expect("a page");
    assert_eq!(page.records[1].id.as_str(), id(2));
    let text = String::from_utf8(page.records[1].body.to_vec()).expect("UTF-8");
    assert!(
        text.starts_with("<oai_dc:dc xmlns=\"http://www.openarchives.org/OAI/2.0/\" xmlns:oai_dc="),
        "{text}"
    );
    assert!(text.ends_with("</oai_dc:dc>") && text.contains("Étude &amp; mares n° 2"));
    let prefixed = "<o:OAI-PMH xmlns:o=\"http://www.openarchives.org/OAI/2.0/\" xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/oai_dc/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><o:ListRecords><o:record><o:header><o:identifier>a</o:identifier></o:header><o:metadata><oai_dc:dc><dc:title>t</dc:title></oai_dc:dc></o:metadata></o:record></o:ListRecords></o:OAI-PMH>";
    let page = read(prefixed.as_bytes()).expect("a page");
    assert_eq!(
        body(&page),
        "<oai_dc:dc xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/oai_dc/\"><dc:title>t</dc:title></oai_dc:dc>"
    );
}

#[test]
fn formats_are_told_by_the_root_of_the_record() {
    for (metadata, format) in [
        (
            "<x:MD_Metadata xmlns:x=\"http://www.isotc211.org/2005/gmd\"/>",
            RecordFormat::Iso19139,
        ),
        (
            "<MD_Metadata xmlns=\"http://standards.iso.org/iso/19115/-3/mdb/2.0\"/>",
            RecordFormat::Iso19115_3,
        ),
        (
            "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/>",
            RecordFormat::DcatRdfXml,
        ),
        (
            "<dcat:Dataset xmlns:dcat=\"http://www.w3.org/ns/dcat#\"/>",
            RecordFormat::DcatRdfXml,
        ),
        (
            "<csw:Record xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\"/>",
            RecordFormat::DublinCore,
        ),
        (
            "<dc xmlns=\"http://www.openarchives.org/OAI/2.0/oai_dc/\"/>",
            RecordFormat::DublinCore,
        ),
    ] {
        let page = with_metadata(metadata);
        assert_eq!(page.records[0].format, format, "{metadata}");
        assert!(page.findings.is_empty());
    }
    for metadata in [
        "<resource xmlns=\"http://datacite.org/schema/kernel-4\"/>",
        "<CMD xmlns=\"http://www.clarin.eu/cmd/\"/>",
        "<record xmlns=\"http://www.loc.gov/MARC21/slim\"/>",
    ] {
        let page = with_metadata(metadata);
        assert_eq!((page.records.len(), page.refused), (0, 1), "{metadata}");
        assert_eq!(page.findings[0].rule, "record/unsupported-format");
        assert_eq!(
            page.findings[0].record.as_ref().map(ToString::to_string),
            Some(id(1))
        );
    }
}

#[test]
fn escaped_documents_are_read_and_told() {
    let inside = "<oai_dc:dc><dc:title>A &amp; B</dc:title></oai_dc:dc>";
    let escaped = inside.replace('&', "&amp;").replace('<', "&lt;");
    for metadata in [escaped, format!("\n<![CDATA[{inside}]]>\n")] {
        let page = with_metadata(&metadata);
        assert_eq!(page.records[0].format, RecordFormat::DublinCore);
        assert!(body(&page).contains("<dc:title>A &amp; B</dc:title>"));
        let rules: Vec<&str> = page
            .findings
            .iter()
            .map(|finding| finding.rule.as_ref())
            .collect();
        assert_eq!(
            rules,
            ["record/escaped-metadata", "record/undeclared-prefix"]
        );
    }
    let page = with_metadata("&lt;a&gt;");
    assert_eq!(
        (page.refused, page.findings[0].rule.as_ref()),
        (1, "record/unreadable")
    );
}

#[test]
fn what_is_no_record_is_refused_aloud() {
    let nameless = record(1).replace(&id(1), " ");
    let bare = format!("<record>{}</record>", header(2));
    let empty = format!("<record>{}<metadata/></record>", header(3));
    let page = read(list(&[nameless, bare, empty, record(4)].concat()).as_bytes()).expect("a page");
    assert_eq!(
        (page.records.len(), page.refused, page.gone.len()),
        (1, 3, 0)
    );
    let rules: Vec<&str> = page
        .findings
        .iter()
        .map(|finding| finding.rule.as_ref())
        .collect();
    assert_eq!(
        rules,
        [
            "record/no-identifier",
            "record/unreadable",
            "record/unreadable"
        ]
    );
    let two = with_metadata("<dc xmlns=\"urn:dc\"/><dc xmlns=\"urn:dc\"/>");
    assert_eq!(
        (two.records.len(), two.refused, two.findings.len()),
        (1, 0, 1)
    );
}

#[test]
fn charsets_and_leading_space_do_not_matter() {
    let page = list(&record(1));
    let utf16: Vec<u8> = page.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16 = [vec![0xFF, 0xFE], utf16].concat();
    let marked = format!("\u{feff}\n {page}").into_bytes();
    let latin: Vec<u8> = page
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect();
    for (bytes, repaired) in [(utf16, false), (marked, false), (latin, true)] {
        let page = read(&bytes).expect("a page");
        assert!(body(&page).contains("Étude &amp; mares n° 1"));
        let told = page
            .findings
            .iter()
            .any(|finding| finding.rule == "page/wrong-charset");
        assert_eq!(told, repaired);
    }
}

#[test]
fn entities_are_never_expanded() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]>";
    for entity in ["&b;", "&c;"] {
        let spoilt = list(&[record(1).replace("Étude", entity), record(2)].concat());
        let page = read(spoilt.replace("?>\n", &format!("?>\n{bomb}")).as_bytes()).expect("a page");
        assert_eq!((page.records.len(), page.refused), (1, 1));
        assert!(page.findings[0].message.contains(entity));
    }
    let deep = list(&record(1).replace("Étude", &"<a>".repeat(600)));
    assert_eq!(read(deep.as_bytes()).expect("the others").refused, 1);
}

#[test]
fn answers_of_another_kind_are_named() {
    for (body, word) in [
        ("<HTML><body>", "HTML"),
        ("{\"a\": 1}", "XML"),
        ("", "empty"),
        ("<rdf:RDF/>", "rdf:RDF"),
        ("<OAI-PMH/>", "ListRecords"),
    ] {
        assert!(
            matches!(read(body.as_bytes()), Err(ReadError::Unexpected(message)) if message.contains(word)),
            "{body}"
        );
    }
    assert!(matches!(
        read(error("badArgument").as_bytes()),
        Err(ReadError::Refused { code, message }) if code == "badArgument" && message == "voici pourquoi"
    ));
}
