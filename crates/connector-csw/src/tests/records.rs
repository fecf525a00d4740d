//! Records as documents of their own, their formats and identifiers.

use model::{RecordFormat, Severity};

use super::*;

#[test]
fn records_stand_alone() {
    let page = read(
        results(
            "numberOfRecordsMatched=\"2\"",
            &(record(1) + "\n <!-- - -->" + &record(2)),
        )
        .as_bytes(),
    )
    .expect("a page");
    assert_eq!(page.records.len(), 2);
    let text = body(&page, 1);
    assert!(
        text.starts_with(
            "<gmd:MD_Metadata xmlns:gco=\"http://www.isotc211.org/2005/gco\" xmlns:gmd="
        ),
        "{text}"
    );
    assert!(
        text.ends_with("</gmd:MD_Metadata>")
            && text.contains("Étude")
            && !text.contains("xmlns:csw")
    );
}

#[test]
fn a_default_namespace_is_inherited_and_prefixes_are_free() {
    let page = r#"<GetRecordsResponse xmlns="http://www.opengis.net/cat/csw/2.0.2" xmlns:g='http://www.isotc211.org/2005/gmd' xmlns:c="http://www.isotc211.org/2005/gco"><SearchResults numberOfRecordsMatched="2">
        <g:MD_Metadata><g:fileIdentifier><c:CharacterString> a&#233;&amp;<![CDATA[b]]>
        </c:CharacterString></g:fileIdentifier></g:MD_Metadata>
        <MD_Metadata xmlns="http://www.isotc211.org/2005/gmd"><fileIdentifier><c:CharacterString>b</c:CharacterString></fileIdentifier></MD_Metadata></SearchResults></GetRecordsResponse>"#;
    let page = read(page.as_bytes()).expect("a page");
    assert_eq!(page.records[0].id.as_str(), "aé&b");
    assert!(body(&page, 0).starts_with("<g:MD_Metadata xmlns=\"http://www.opengis.net/cat/csw/2.0.2\" xmlns:c=\"http://www.isotc211.org/2005/gco\" xmlns:g=\"http://www.isotc211.org/2005/gmd\">"));
    assert!(body(&page, 1).starts_with("<MD_Metadata xmlns:c=\"http://www.isotc211.org/2005/gco\" xmlns=\"http://www.isotc211.org/2005/gmd\">"));
}

#[test]
fn undeclared_prefixes_get_their_namespaces() {
    let page = "<csw:GetRecordsResponse><csw:SearchResults numberOfRecordsMatched=\"2\"><gmd:MD_Metadata><gmd:fileIdentifier xlink:href=\"x\"><gco:CharacterString>a</gco:CharacterString></gmd:fileIdentifier></gmd:MD_Metadata>
        <gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\" xmlns:gco=\"http://www.isotc211.org/2005/gco\"><zzz:x/><gmd:fileIdentifier><gco:CharacterString>b</gco:CharacterString></gmd:fileIdentifier></gmd:MD_Metadata></csw:SearchResults></csw:GetRecordsResponse>";
    let page = read(page.as_bytes()).expect("a page");
    assert!(body(&page, 0).starts_with("<gmd:MD_Metadata xmlns:gco=\"http://www.isotc211.org/2005/gco\" xmlns:gmd=\"http://www.isotc211.org/2005/gmd\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">"));
    assert!(body(&page, 1).starts_with("<gmd:MD_Metadata xmlns:zzz=\"urn:x-undeclared:zzz\""));
    let severities: Vec<_> = page
        .findings
        .iter()
        .filter(|finding| finding.rule == "record/undeclared-prefix")
        .map(|finding| finding.severity)
        .collect();
    assert_eq!(severities, [Severity::Info, Severity::Warning]);
}

#[test]
fn formats_are_told_by_namespace() {
    let root = |root: &str, attributes: &str| {
        results(
            "numberOfRecordsMatched=\"1\"",
            &format!(
                "<{root} {attributes}><x:fileIdentifier xmlns:x=\"urn:x\"><x:CharacterString>a</x:CharacterString></x:fileIdentifier></{root}>"
            ),
        )
    };
    let format = |page: String| {
        read(page.as_bytes())
            .expect("a page")
            .records
            .first()
            .map(|record| record.format)
    };
    assert_eq!(
        format(root(
            "gmi:MI_Metadata",
            "xmlns:gmi='http://www.isotc211.org/2005/gmi'"
        )),
        Some(RecordFormat::Iso19139)
    );
    assert_eq!(
        format(root(
            "che:CHE_MD_Metadata",
            "xmlns:che='http://www.geocat.ch/2008/che'"
        )),
        Some(RecordFormat::Iso19139)
    );
    assert_eq!(
        format(root(
            "p:Fiche",
            "xmlns:p='urn:p' xmlns:gco='http://www.isotc211.org/2005/gco' gco:isoType='gmd:MD_Metadata'"
        )),
        Some(RecordFormat::Iso19139)
    );
    assert_eq!(
        format(root(
            "m:MD_Metadata",
            "xmlns:m='http://standards.iso.org/iso/19115/-3/mdb/1.0'"
        )),
        Some(RecordFormat::Iso19115_3)
    );
    assert_eq!(
        format(root(
            "gmd:MD_Metadata",
            "xmlns:gmd='http://schemas.opengis.net/iso19139'"
        )),
        Some(RecordFormat::Iso19139)
    );
    let page = read(
        root(
            "gfc:FC_FeatureCatalogue",
            "xmlns:gfc='http://www.isotc211.org/2005/gfc'",
        )
        .as_bytes(),
    )
    .expect("a page");
    assert_eq!((page.records.len(), page.refused), (0, 1));
    assert_eq!(page.findings[0].rule, "record/unsupported-format");
    assert_eq!(
        page.findings[0].value.as_deref(),
        Some("gfc:FC_FeatureCatalogue")
    );
}

#[test]
fn identifiers_are_found_or_missed_aloud() {
    let mdb = "<mdb:MD_Metadata xmlns:mdb=\"http://standards.iso.org/iso/19115/-3/mdb/2.0\" xmlns:mcc=\"urn:mcc\"><mdb:metadataIdentifier><mcc:MD_Identifier><mcc:code><gco:CharacterString>m-1</gco:CharacterString></mcc:code></mcc:MD_Identifier></mdb:metadataIdentifier></mdb:MD_Metadata>";
    let resource = "<gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\"><gmd:fileIdentifier><gco:CharacterString>  </gco:CharacterString></gmd:fileIdentifier><gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation><gmd:identifier><gmd:RS_Identifier><gmd:code><gmx:Anchor>r-1</gmx:Anchor></gmd:code></gmd:RS_Identifier></gmd:identifier></gmd:CI_Citation></gmd:citation></gmd:MD_DataIdentification></gmd:identificationInfo></gmd:MD_Metadata>";
    let none = "<gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\"/>";
    let page = read(
        results(
            "numberOfRecordsMatched=\"4\"",
            &[mdb, resource, none, mdb].concat(),
        )
        .as_bytes(),
    )
    .expect("a page");
    let ids: Vec<&str> = page
        .records
        .iter()
        .map(|record| record.id.as_str())
        .collect();
    assert_eq!(
        ids,
        ["m-1", "r-1", "m-1"],
        "duplicates are the engine's to judge"
    );
    assert_eq!(page.refused, 1);
    let told: Vec<_> = page
        .findings
        .iter()
        .filter(|finding| finding.rule == "record/no-identifier")
        .map(|finding| {
            let (page, place) = finding
                .place
                .as_deref()
                .and_then(|place| place.rsplit_once(' '))
                .expect("a page and a place");
            assert!(
                page.starts_with("http") && page.ends_with("(start 1)"),
                "{page}"
            );
            (finding.severity, place)
        })
        .collect();
    assert_eq!(
        told,
        [(Severity::Warning, "/*/*[2]"), (Severity::Error, "/*/*[3]")]
    );
}

/// The format and identifier of the only record of a page.
fn only(record: &str) -> (RecordFormat, String) {
    let page = read(results("numberOfRecordsMatched=\"1\"", record).as_bytes()).expect("a page");
    assert_eq!((page.records.len(), page.refused), (1, 0), "{record}");
    assert!(page.findings.is_empty(), "{:?}", page.findings);
    let record = &page.records[0];
    (record.format, record.id.to_string())
}

#[test]
fn dublin_core_is_named_by_its_identifier() {
    let dc = "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"";
    let plain = format!(
        "<csw:Record {dc}><dc:title>Haies</dc:title><dc:identifier>haies-1</dc:identifier><dc:identifier>https://doi.example/1</dc:identifier></csw:Record>"
    );
    assert_eq!(
        only(&plain),
        (RecordFormat::DublinCore, "haies-1".to_owned())
    );
    // Esri's geoportal: the file first, then the document that GetRecordById knows.
    let esri = format!(
        "<csw:Record {dc}><dc:identifier scheme=\"urn:x-esri:specification:ServiceType:ArcIMS:Metadata:FileID\">https://carte.example/x</dc:identifier><dc:identifier scheme=\"urn:x-esri:specification:ServiceType:ArcIMS:Metadata:DocID\">{{A-1}}</dc:identifier></csw:Record>"
    );
    assert_eq!(only(&esri), (RecordFormat::DublinCore, "{A-1}".to_owned()));
    let summary =
        format!("<csw:SummaryRecord {dc}><dc:identifier>s</dc:identifier></csw:SummaryRecord>");
    assert_eq!(only(&summary).1, "s");
}

#[test]
fn dcat_is_named_by_its_record_then_by_its_resource() {
    let rdf = "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:dcat=\"http://www.w3.org/ns/dcat#\" xmlns:dct=\"http://purl.org/dc/terms/\" xmlns:foaf=\"http://xmlns.com/foaf/0.1/\"";
    for (inside, id) in [
        (
            "<dcat:CatalogRecord rdf:about=\"https://carto.example/geonetwork/records/uuid-1\"/><dcat:Dataset rdf:about=\"https://carto.example/d/1\"><dct:identifier>haies</dct:identifier><dcat:distribution><dcat:Distribution><dct:identifier>fichier</dct:identifier></dcat:Distribution></dcat:distribution></dcat:Dataset>",
            "uuid-1",
        ),
        (
            "<rdf:Description rdf:about=\"https://carto.example/d/1\"><foaf:isPrimaryTopicOf><rdf:Description rdf:about=\"uuid-2\"/></foaf:isPrimaryTopicOf><dct:identifier>haies</dct:identifier></rdf:Description>",
            "uuid-2",
        ),
        (
            "<dcat:CatalogRecord><dct:identifier>uuid-3</dct:identifier><foaf:primaryTopic><dcat:Dataset><dct:identifier>haies</dct:identifier></dcat:Dataset></foaf:primaryTopic></dcat:CatalogRecord>",
            "uuid-3",
        ),
        (
            "<dcat:Dataset rdf:about=\"https://carto.example/d/1\"><dct:identifier>haies</dct:identifier></dcat:Dataset>",
            "haies",
        ),
        (
            "<dcat:DataService rdf:about=\"https://carto.example/s/1\"/>",
            "https://carto.example/s/1",
        ),
    ] {
        let whole = format!("<rdf:RDF {rdf}>{inside}</rdf:RDF>");
        assert_eq!(only(&whole), (RecordFormat::DcatRdfXml, id.to_owned()));
    }
    let alone = format!("<dcat:Dataset {rdf} rdf:about=\"https://carto.example/d/2\"/>");
    assert_eq!(
        only(&alone),
        (
            RecordFormat::DcatRdfXml,
            "https://carto.example/d/2".to_owned()
        )
    );
}

#[test]
fn prefixes_and_spellings_of_namespaces_do_not_matter() {
    let gco = "http://www.isotc211.org/2005/gco";
    for (root, open) in [
        (
            "ns0:MD_Metadata",
            "<ns0:MD_Metadata xmlns:ns0=\"http://www.isotc211.org/2005/gmd\"",
        ),
        (
            "MD_Metadata",
            "<MD_Metadata xmlns=\"http://www.isotc211.org/2005/gmd\"",
        ),
        (
            "gmd:MD_Metadata",
            "<gmd:MD_Metadata xmlns:gmd=\"https://www.isotc211.org/2005/gmd\"",
        ),
        (
            "gmd:MD_Metadata",
            "<gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd/\"",
        ),
        (
            "gmd:MD_Metadata",
            "<gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/schemas/2005/gmd/\"",
        ),
        (
            "gmd:MD_Metadata",
            "<gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"http://www.isotc211.org/2005/gmd\n ../schemas/gmd.xsd impair\"",
        ),
    ] {
        let prefix = root
            .split_once(':')
            .map_or(String::new(), |(prefix, _)| format!("{prefix}:"));
        let record = format!(
            "{open} xmlns:c=\"{gco}\"><{prefix}fileIdentifier><c:CharacterString>f-1</c:CharacterString></{prefix}fileIdentifier></{root}>"
        );
        assert_eq!(only(&record), (RecordFormat::Iso19139, "f-1".to_owned()));
    }
}
