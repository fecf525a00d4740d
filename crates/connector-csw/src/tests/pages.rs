//! Charsets, broken pages, answers of another kind.

use super::*;

#[test]
fn charsets_and_leading_space_do_not_matter() {
    let page = results("numberOfRecordsMatched=\"1\"", &record(1));
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(&page);
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(page.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let big_endian: Vec<u8> = [0xFE, 0xFF]
        .into_iter()
        .chain(page.encode_utf16().flat_map(u16::to_be_bytes))
        .collect();
    let mislabelled = page.replace("encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"");
    let declared = String::from_utf8_lossy(&latin).contains("UTF-8");
    assert!(declared);
    for (bytes, content_type, repaired) in [
        (
            format!("\n \r\n{page}").into_bytes(),
            "application/xml",
            false,
        ),
        (
            [b"\xEF\xBB\xBF\n".as_slice(), page.as_bytes()].concat(),
            "application/xml",
            false,
        ),
        (
            page.clone().into_bytes(),
            "text/xml; charset=ISO-8859-1",
            false,
        ),
        (latin.to_vec(), "text/xml; charset=\"ISO-8859-1\"", false),
        (latin.to_vec(), "text/xml", true),
        (utf16, "text/xml", false),
        (big_endian, "text/xml; charset=utf-8", false),
        // The declaration says what the bytes are not.
        (mislabelled.into_bytes(), "text/xml", false),
        (
            format!("\u{feff} \r\n\t{page}").into_bytes(),
            "text/xml; charset=ISO-8859-1",
            false,
        ),
    ] {
        let page = read_as(&bytes, content_type).expect("a page");
        assert!(body(&page, 0).contains("Étude des zones humides &amp; mares n° 1"));
        assert_eq!(
            page.findings
                .iter()
                .any(|finding| finding.rule == "page/wrong-charset"),
            repaired
        );
    }
}

#[test]
fn broken_pages_tell_where() {
    let page = results("numberOfRecordsMatched=\"1\"", "\n<gmd:MD_Metadata>");
    assert!(
        matches!(read(page.as_bytes()), Err(ReadError::Malformed { at: Some(at), .. }) if at.contains("line 3")),
        "{:?}",
        read(page.as_bytes())
    );
    for inside in [
        "<a b=\"x & y\"/>",
        "<a b=\"1\" b=\"2\"/>",
        "<a>&nbsp;</a>",
        "<a>x & y</a>",
        "<a b=c/>",
        &"<a>".repeat(600),
    ] {
        let page = results("numberOfRecordsMatched=\"1\"", inside);
        assert!(
            matches!(read(page.as_bytes()), Err(ReadError::Malformed { .. })),
            "{inside}"
        );
    }
}

#[test]
fn entities_are_never_expanded() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]>";
    let page = |inside: &str| {
        results(
            "numberOfRecordsMatched=\"1\"",
            &record(1).replace("Étude", inside),
        )
        .replace("?>\n", &format!("?>\n{bomb}"))
    };
    for entity in ["&b;", "&c;"] {
        assert!(
            matches!(read(page(entity).as_bytes()), Err(ReadError::Malformed { message, .. }) if message.contains(entity))
        );
    }
    assert_eq!(
        read(page("rien").as_bytes()).expect("a page").records.len(),
        1
    );
}

#[test]
fn hostile_elements_are_bounded() {
    let many: String = (0..5000)
        .map(|index| format!(" xmlns:n{index}=\"urn:{index}\""))
        .collect();
    assert!(read(results("", &format!("<a{many}/>")).as_bytes()).is_err());
}

#[test]
fn answers_of_another_kind_are_named() {
    assert!(
        matches!(read(b"<HTML><body>"), Err(ReadError::Unexpected(message)) if message.contains("HTML"))
    );
    assert!(matches!(read(b"{\"a\": 1}"), Err(ReadError::Unexpected(_))));
    assert!(matches!(read(b""), Err(ReadError::Unexpected(_))));
    assert!(matches!(
        read(b"<csw:GetRecordsResponse/>"),
        Err(ReadError::Unexpected(_))
    ));
    assert!(
        matches!(read(b"<rdf:RDF/>"), Err(ReadError::Unexpected(message)) if message.contains("rdf:RDF"))
    );
    let fault = b"<s:Envelope><s:Body><s:Fault><faultstring>panne</faultstring></s:Fault></s:Body></s:Envelope>";
    assert!(matches!(read(fault), Err(ReadError::Refused { message, .. }) if message == "panne"));
}
